"""Records the README's walk through one change: python tests/pictures/walk.py [NTH]

A note is edited, the gate keeps the new generation back, the difference is looked at, the new one is activated, then rolled
back: the real commands, the real models, on a copy of the corpus in a temporary folder. The test cases are every NTH one of
tests/cases (25 by default, so that it takes minutes; 1 for all) and those of the edited sentence. What the commands print goes
into README.md between the two `walk` marks, but for how long a build took, which says more about the machine. Piped, they print
no progress.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
BEGIN, END = "<!-- walk -->", "<!-- end of walk -->"
NOTE = "corpus/digests/mitchell-2021.md"
OLD = "The Multidisciplinary Association for Psychedelic Studies (MAPS) sponsored the Mitchell trial."
NEW = "The sponsor of the Mitchell trial was the Multidisciplinary Association for Psychedelic Studies (MAPS)."
WIDTH = 128
PLACES = """
set -o pipefail
chatbot() {
  case "$1 $2" in
    "index build" | "index diff" | "ask "*) set -- "$@" --corpus corpus --index index ;;
    "index "*) set -- "$@" --index index ;;
    "corpus "*) set -- "$@" --corpus corpus ;;
  esac
  %s -m chatbot "$@"
}
"""


class Walk:
    """Runs commands in a folder and notes what they print."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lines: list[str] = []
        self.environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": str(WIDTH), "NO_COLOR": "1"}

    def run(self, command: str, *, code: int = 0, shown: bool = True) -> str:
        """One command line, as a person types it; its exit code must be `code`."""
        script = PLACES % sys.executable + command
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        print(f"$ {command}\n{done.stdout}{done.stderr}", flush=True)
        if done.returncode != code:
            sys.exit(f"{command}: exit code {done.returncode}, expected {code}")
        if shown:
            self.lines += [f"$ {command}", *done.stdout.rstrip().splitlines(), ""]
        return done.stdout

    def say(self, words: str) -> None:
        """A remark between the commands."""
        self.lines += [f"# {words}"]


def set_up(folder: Path, nth: int) -> int:
    """A copy of the corpus and of some of its cases; how many there are."""
    shutil.copytree(ROOT / "corpus", folder / "corpus", ignore=shutil.ignore_patterns("fetched"))
    cases = folder / "tests" / "cases"
    cases.mkdir(parents=True)
    count = 0
    for path in sorted((ROOT / "tests" / "cases").glob("*.jsonl")):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for n, line in enumerate(lines) if n % nth == 0 or OLD in line]
        (cases / path.name).write_text("".join(kept), encoding="utf-8")
        count += len(kept)
    return count


def record(folder: Path) -> list[str]:
    """The walk."""
    walk = Walk(folder)
    walk.run("chatbot index build", shown=False)
    first = (folder / "index" / "current").read_text(encoding="utf-8").strip()
    before = hashlib.sha256((folder / NOTE).read_bytes()).hexdigest()
    walk.say("a sentence of a note is reworded, and with it the questions in the bank that it answers")
    walk.run(f"sed -i 's/{OLD}/{NEW}/' {NOTE} corpus/*.jsonl")
    walk.run("chatbot corpus check | grep -A1 error", code=1)
    manifest = folder / "corpus" / "sources.toml"
    after = hashlib.sha256((folder / NOTE).read_bytes()).hexdigest()
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    walk.say("the sha256 that it names goes into corpus/sources.toml; then a new generation is built")
    walk.run("chatbot index build", code=3)
    second = next(
        p.name for p in (folder / "index").iterdir() if re.fullmatch("[0-9a-f]{16}", p.name) and p.name != first
    )
    walk.say(
        "exit code 3: readers still get the old one. Both texts of every question that changed, and a page to sign:"
    )
    walk.run("chatbot index diff --no-log --page sign-off.html")
    walk.say("the answers are right, only reworded: the cases must follow, and this generation may be used meanwhile")
    walk.run(f'chatbot index activate {second} --because "the sponsor sentence reads better; cases follow"')
    walk.run('chatbot ask "Who sponsored the trial?" | head -4')
    walk.say("a running server has taken it within seconds; so it does when somebody thinks better of it")
    walk.run('chatbot index rollback --because "the cases first"')
    walk.run("chatbot index list")
    walk.run("chatbot index verify")
    return walk.lines


def main() -> None:
    nth = int(sys.argv[1]) if len(sys.argv) > 1 else 25
    with tempfile.TemporaryDirectory(prefix="walk-") as name:
        folder = Path(name)
        count = set_up(folder, nth)
        lines = record(folder)
    text = "\n".join(re.sub(r"; \d+ s$", "", line).rstrip() for line in lines).rstrip()
    if name in text:
        sys.exit(f"{name} stands in what was recorded; give the commands relative paths")
    readme = README.read_text(encoding="utf-8")
    head, found, rest = readme.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (found and end):
        sys.exit(f"{README}: no {BEGIN} and {END} to put the walk between")
    walk = f"{BEGIN}\nRecorded by `tests/pictures/walk.py` with {count} of the test cases:\n\n```console\n{text}\n```\n{END}"
    README.write_text(head + walk + tail, encoding="utf-8")
    print(f"README.md: {len(lines)} lines recorded with {count} cases")


if __name__ == "__main__":
    main()
