"""A PDF in four steps, each a module that knows only `values`: words (with PDFium), furniture, columns, paragraphs.

The walk through them is `chatbot.sourcing.isolating.read_pdf`, which runs in a child process.
"""
