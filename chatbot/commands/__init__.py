"""The parts of the `chatbot` command, one module a word."""
