"""What people see: the reader's page (Gradio under FastAPI), the JSON routes and what guards both.

`application` puts it together, `server` runs it. gradio is imported in `reader`, `theme` and `application` only, and there
late. Nothing here answers: it hands a question to `asking.Desk` and shows the Reply that comes back.
"""
