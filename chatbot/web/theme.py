"""The page's look: Gradio's plainest theme with local fonts, and the two static files that do the rest.

Colours, measures and both colour schemes are in page.css, the little the page needs of scripting in page.js; both are served
from this process under names that carry their hash. The interface is set in IBM Plex Sans, which Gradio brings along
whole; quotes in a serif of the reader's system, since of Gradio's own serif only a few letters are there. Nothing is fetched from elsewhere.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import gradio

FOLDER = Path(__file__).resolve().parent
SANS = ("IBM Plex Sans", "system-ui", "Segoe UI", "Helvetica Neue", "Arial", "sans-serif")
FONTS = (
    "static/fonts/IBMPlexSans/IBMPlexSans-Regular.woff2",
    "static/fonts/IBMPlexSans/IBMPlexSans-Bold.woff2",
)
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
    "%3Crect width='32' height='32' rx='6' fill='%231c5a4c'/%3E"
    "%3Cpath d='M8 8h3v16H8zM14 9h11M14 16h11M14 23h7' stroke='%23faf8f4' stroke-width='2.4' fill='%23faf8f4'/%3E%3C/svg%3E"
)


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file of the page's own, with the first 12 digits of its sha256 for its address."""

    name: str
    media_type: str
    content: bytes
    digest: str

    @property
    def address(self) -> str:
        """Relative, changing with the content, so that a browser may keep it for ever."""
        return f"{self.name}?v={self.digest}"


def read_static(name: str, media_type: str) -> StaticFile:
    """One of this folder's files."""
    content = (FOLDER / name).read_bytes()
    return StaticFile(name, media_type, content, hashlib.sha256(content).hexdigest()[:12])


def static_files() -> tuple[StaticFile, StaticFile]:
    """The style sheet and the script."""
    return read_static("page.css", "text/css; charset=utf-8"), read_static("page.js", "text/javascript; charset=utf-8")


def theme() -> gradio.themes.Base:
    """Gradio's plainest theme, with fonts that no style sheet has to be fetched for."""
    import gradio

    return gradio.themes.Base(font=list(SANS), font_mono=["ui-monospace", "monospace"])
