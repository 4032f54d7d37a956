"""The pieces of a JSON Schema (2020-12) out of which `schemas` is written: closed objects, texts, numbers, lists, references."""

from __future__ import annotations

from collections.abc import Mapping

from chatbot.datatypes import Json

PREFIX = "#/components/schemas/"


def ref(name: str) -> Json:
    """A reference to one of `SCHEMAS`."""
    return {"$ref": PREFIX + name}


def closed(properties: Mapping[str, Json], *, optional: tuple[str, ...] = (), said: str = "") -> Json:
    """An object with these properties and no other; all required but `optional`."""
    whole: Json = {"description": said} if said else {}
    required = [name for name in properties if name not in optional]
    return {
        **whole,
        "type": "object",
        "properties": dict(properties),
        "required": required,
        "additionalProperties": False,
    }


def text(said: str = "", **more: object) -> Json:
    """A string."""
    return {"type": "string", **({"description": said} if said else {}), **more}


def texts(said: str) -> Json:
    """A list of strings."""
    return {"type": "array", "items": {"type": "string"}, "description": said}


def number(said: str, **more: object) -> Json:
    """A whole number that is not negative."""
    return {"type": "integer", "minimum": 0, "description": said, **more}


def many(name: str, said: str) -> Json:
    """A list of one of `SCHEMAS`."""
    return {"type": "array", "items": ref(name), "description": said}
