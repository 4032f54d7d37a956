"""What people see: the reader's page (Gradio under FastAPI), the JSON routes, the tools for assistants and what guards them.

`application` puts it together, `server` runs it. gradio is imported in `reader`, `theme` and `application` only, mcp in
`assistants`, and both late. Nothing here answers: it hands a question to `asking.Desk` and shows the Reply that comes back.
"""
