"""The page's look: Gradio's plainest theme with local fonts, and the two static files that do the rest.

Colours, measures and both colour schemes are in look/, the little the page needs of scripting in script/, what the moderators' desk
needs of it too in script/both/; each folder is served from this process as one file under a name that carries its hash. The interface is set in IBM Plex Sans, which Gradio brings along
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


def joined(folder: Path, ending: str) -> str:
    """The files of a folder as one, in the order of their names."""
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(folder.glob(f"*{ending}")))


def static_file(name: str, media_type: str, content: str) -> StaticFile:
    """A file to serve."""
    raw = content.encode()
    return StaticFile(name, media_type, raw, hashlib.sha256(raw).hexdigest()[:12])


def style(name: str, folder: Path) -> StaticFile:
    """The style sheets of a folder as one file."""
    return static_file(name, "text/css; charset=utf-8", joined(folder, ".css"))


def script(name: str, folder: Path) -> StaticFile:
    """The scripts of a folder as one file, after those that the pages share, in a function of their own, so that they leave no name behind."""
    whole = joined(FOLDER / "script" / "both", ".js") + "\n" + joined(folder, ".js")
    return static_file(name, "text/javascript; charset=utf-8", f'(() => {{\n"use strict";\n{whole}}})();\n')


def static_files() -> tuple[StaticFile, StaticFile]:
    """The readers' style sheet and script."""
    return style("page.css", FOLDER / "look"), script("page.js", FOLDER / "script")


def theme() -> gradio.themes.Base:
    """Gradio's plainest theme, with fonts that no style sheet has to be fetched for."""
    import gradio

    return gradio.themes.Base(font=list(SANS), font_mono=["ui-monospace", "monospace"])
