"""The letters of the PDF: which files they are, and which signs they have.

IBM Plex Sans, and Source Sans for what it lacks; both are under the SIL Open Font License and lie in the installed gradio as WOFF2,
which takes a third of a second to unpack. That is done once a process, in memory. Left out: setting text (`typesetting`).
"""

from __future__ import annotations

import io
import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from chatbot.errors import ChapterError

FOLDER = Path("templates") / "frontend" / "static" / "fonts"
FIRST, SECOND = "IBMPlexSans", "SourceSansPro"
STYLES = {"": "Regular", "B": "Bold"}  # by fpdf2's names for them


def font_file(family: str, style: str) -> Path:
    """A font that gradio brings along. Raises ChapterError where this gradio has none."""
    found = find_spec("gradio")
    path = Path(found.origin or "").parent / FOLDER / family / f"{family}-{style}.woff2" if found else Path(family)
    if not path.is_file():
        raise ChapterError(f"{path}: no such font; install the gradio version that pyproject.toml names")
    return path


@cache
def font_bytes(family: str, style: str) -> bytes:
    """The font as TrueType."""
    from fontTools.ttLib import TTFont

    with TTFont(font_file(family, STYLES[style])) as font, io.BytesIO() as out:
        font.flavor = None
        font.save(out)
        return out.getvalue()


@cache
def signs_of(family: str) -> frozenset[int]:
    """The code points that both styles of a family have."""
    from fontTools.ttLib import TTFont

    maps = []
    for name in STYLES.values():
        with TTFont(font_file(family, name), lazy=True) as font:
            maps.append(frozenset(font.getBestCmap()))
    return frozenset.intersection(*maps)


def lacking(text: str) -> list[str]:
    """The signs of `text` that no font has, each once, in order; marks without a shape of their own do not count."""
    known = signs_of(FIRST) | signs_of(SECOND)
    return list(dict.fromkeys(c for c in text if ord(c) not in known and c not in "\n\t" and not shapeless(c)))


def in_first(text: str) -> bool:
    """Whether the first font has every sign."""
    return all(ord(c) in signs_of(FIRST) or c in "\n\t" for c in text)


def shapeless(sign: str) -> bool:
    """Whether a sign only steers others: zero-width, direction, soft hyphen, variation."""
    return unicodedata.category(sign) == "Cf" or "\ufe00" <= sign <= "\ufe0f"
