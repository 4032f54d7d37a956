"""What the documents say holds: commands, settings, folders and files that they name exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main

from chatbot import settings
from chatbot.settings import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    """Every command, as `chatbot corpus check`."""
    from chatbot.__main__ import app

    group = typer.main.get_command(app)
    found = []
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        found += [f"chatbot {name} {part}" for part in inner] if inner else [f"chatbot {name}"]
    return found


def test_every_command_has_a_line_in_the_readme() -> None:
    missing = [c for c in commands() if c not in README and c != "chatbot version"]
    assert missing == []


def test_every_command_has_help() -> None:
    from chatbot.__main__ import app

    group = typer.main.get_command(app)
    for command in group.commands.values():  # type: ignore[attr-defined]
        for part in [command, *getattr(command, "commands", {}).values()]:
            assert part.help, part.name


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:chatbot|corpus|index|tests)/[\w./-]+)`", README))))
def test_every_path_in_the_readme_exists(path: str) -> None:
    assert (ROOT / path).exists()


def test_every_setting_says_why() -> None:
    lines = Path(settings.__file__).read_text(encoding="utf-8").splitlines()
    tuned = [line for line in lines if re.match(r"[A-Z_]+ = [\d.]+", line)]
    assert len(tuned) >= 15
    assert [line for line in tuned if "#" not in line] == []


def test_the_tree_is_what_the_design_says() -> None:
    rooms = {p.name for p in (ROOT / "chatbot").iterdir() if p.is_dir() and not p.name.startswith("_")}
    assert {"corpus", "index", "answer", "log", "review", "evaluate", "web"} <= rooms


def test_no_module_is_longer_than_three_hundred_lines() -> None:
    long = {p.name: n for p in (ROOT / "chatbot").rglob("*.py") if (n := len(p.read_text().splitlines())) > 300}
    assert long == {}
