"""Readers of foreign files: bytes of JATS XML, HTML or PDF -> a Reading. Each imports what only it needs."""
