"""A foreign file is read in a child that is stopped at its limits, whatever the file or the parser does."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import printing
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.corpus.readings import as_json
from chatbot.corpus.values import Part, Reading, Record
from chatbot.errors import UnreadableSource
from chatbot.sourcing import isolating
from chatbot.sourcing.isolating import ParsingLimits, kind_of, read_apart

linux = pytest.mark.skipif(sys.platform != "linux", reason="the limits are those of Linux")
WORDS = "Forty people walked in a park once a week, or sat indoors."
JATS = f"<article><front><article-meta><title-group><article-title>Parks</article-title></title-group></article-meta></front><body><p>{WORDS}</p></body></article>"
HTML = f"<!DOCTYPE html><html><head><title>Parks</title></head><body><article><h1>Parks</h1>{f'<p>{WORDS} {WORDS} {WORDS}</p>' * 6}</article></body></html>"
PDF = printing.pdf([[(50, 60, 18, "B", "Walking in Parks for Forty Weeks"), (50, 100, 10, "F", WORDS)]])


def stopped(raw: bytes, media_type: str = "application/pdf", **limits: float) -> str:
    """The error's own words."""
    with pytest.raises(UnreadableSource) as caught:
        read_apart(raw, media_type, where="file", limits=ParsingLimits(**limits))  # type: ignore[arg-type]
    return str(caught.value)


def run_instead(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Makes the child run this program; it still takes the limits on itself first."""
    start = (
        f"import sys, json; sys.path.append({str(Path(isolating.__file__).parents[2])!r})\n"
        "from chatbot.sourcing import parsing\n"
        "parsing.limit(*json.loads(sys.argv[1])[4:])\n"
    )
    monkeypatch.setattr(isolating, "command", lambda: [sys.executable, "-I", "-c", start + program])


@pytest.mark.parametrize(
    ("raw", "media_type"),
    [
        (PDF, "application/pdf"),
        (JATS.encode(), "application/jats+xml"),
        (HTML.encode(), "text/html; charset=utf-8"),
        (PDF, "text/html"),
    ],
)
def test_each_kind_is_read_in_a_child(raw: bytes, media_type: str) -> None:
    reading = read_apart(raw, media_type, url="https://example.org/parks", where="file")
    assert any(WORDS in part.text and part.role == "body" for part in reading.parts)


def test_the_child_s_reading_is_the_reader_s_own() -> None:
    from chatbot.sourcing.parsing import read_pdf

    assert read_apart(PDF, "application/pdf", where="file") == read_pdf(PDF, "file")


@pytest.mark.parametrize(
    ("raw", "said", "kind"),
    [
        (b"\n\n%PDF-1.7", "text/html", "application/pdf"),
        (
            b"<?xml version='1.0'?><!-- a --><!DOCTYPE article PUBLIC 'x' 'y' [<!ENTITY a 'b'>]><article>",
            "text/html",
            "application/xml",
        ),
        (b"<?xml version='1.0'?><!DOCTYPE html><html xmlns='x'>", "application/xml", "text/html"),
        (b"\xef\xbb\xbf<!doctype HTML>", "application/octet-stream", "text/html"),
        ("<html><body>".encode("utf-16"), "", "text/html"),
        (b"<p>no more than a piece</p>", "text/html", "text/html"),
        (b"<pmc-articleset><article>", "text/plain", "application/xml"),
    ],
)
def test_the_bytes_say_what_a_file_is(raw: bytes, said: str, kind: str) -> None:
    assert kind_of(raw, said, "file") == kind


def test_what_is_neither_is_named_with_both() -> None:
    assert stopped(b"GIF89a and more", "application/pdf") == (
        "file: was sent as application/pdf and begins with b'GIF89a and more'; only PDF, JATS XML and HTML are read,"
        " so look at the address it came from"
    )


def test_a_file_that_cannot_be_read_gives_the_reader_s_sentence() -> None:
    assert (
        stopped(printing.locked())
        == "file: the PDF is encrypted and opens with a password only; use a copy without one"
    )


@linux
def test_a_small_file_that_grows_to_a_gigabyte_is_stopped() -> None:
    said = stopped(printing.bomb(400 * 2**20), memory=150 * 2**20)
    assert "takes more than 150 MiB of memory; use another copy of it, or read it with larger ParsingLimits" in said


def test_a_tree_of_pages_without_end_is_no_danger() -> None:
    assert stopped(printing.nested(5000)).startswith("file: the PDF ")


def test_thousands_of_pages_are_refused() -> None:
    assert stopped(printing.pdf([[(50, 100, 10, "F", "x")]] * 5000)) == (
        "file: the PDF has 5000 pages, at most 600 are read; fetch the one article or chapter"
    )


def test_an_entity_bomb_is_no_danger() -> None:
    grown = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 100}">' for i in range(1, 9))
    raw = f'<?xml version="1.0"?><!DOCTYPE article [<!ENTITY e0 "{"x" * 100}">{grown}]>{JATS.replace(WORDS, "&e8;")}'
    assert stopped(raw.encode(), "application/xml").startswith("file: ")


@settings(max_examples=6, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(PDF) - 1), st.integers(0, 255)), min_size=1, max_size=40))
def test_damaged_files_give_a_reading_or_our_own_error(changes: list[tuple[int, int]]) -> None:
    raw = bytearray(PDF)
    for at, value in changes:
        raw[at] = value
    try:
        read_apart(bytes(raw), "application/pdf", where="file")
    except UnreadableSource as error:
        assert str(error).startswith("file: ")


def test_a_reader_that_never_ends_is_stopped_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    run_instead(monkeypatch, "import time; time.sleep(60)")
    start = time.monotonic()
    said = stopped(PDF, seconds=1.0)
    assert (
        said == "file: reading it was stopped after 1 s; use another copy of it, or read it with larger ParsingLimits"
    )
    assert time.monotonic() - start < 5


@linux
def test_a_reader_that_works_for_ever_is_stopped_by_its_processor_time(monkeypatch: pytest.MonkeyPatch) -> None:
    run_instead(monkeypatch, "while True: pass")
    assert "takes more than 1 s of processor time" in stopped(PDF, cpu_seconds=1)


@linux
def test_a_reader_that_eats_memory_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "parsing.reader = lambda *_: lambda raw: [b'x' * 2**20 for _ in range(10**6)]\n"
        "parsing.limit = lambda *_: None\n"
        "parsing.main()"
    )
    run_instead(monkeypatch, program)
    assert "takes more than 100 MiB of memory" in stopped(PDF, memory=100 * 2**20)


def test_a_reader_that_never_stops_talking_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    run_instead(monkeypatch, "while True: sys.stdout.write('x' * 65536)")
    assert stopped(PDF, output=2**20).startswith("file: reading it was stopped after 1 MiB of output; ")


@pytest.mark.parametrize(
    "printed",
    [
        "", "nonsense", "null", "[]", '{"parts": 1}', "[" * 5000,
        json.dumps({**as_json(Reading(Record(), (Part("body", (), "a"),))), "notes": [1]}),
        json.dumps(as_json(Reading(Record(title=5), (Part("body", (), "a"),)))),  # type: ignore[arg-type]
        json.dumps(as_json(Reading(Record(), (Part("body", (), "half \ud800 a letter"),)))),
        json.dumps(as_json(Reading(Record(), (Part("reference", (), "A work without its entry"),)))),
        json.dumps(as_json(Reading(Record(), (Part("body", (), "two\nlines"),)))),
    ],
)  # fmt: skip
def test_garbage_is_no_reading(monkeypatch: pytest.MonkeyPatch, printed: str) -> None:
    run_instead(monkeypatch, f"sys.stdout.write({printed!r})")
    assert stopped(PDF).startswith("file: the reader of application/pdf gave back no reading (")


def test_a_crash_and_a_strange_end_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    run_instead(monkeypatch, "import os; sys.stderr.write('secret path ' * 1000); sys.stderr.flush(); os._exit(7)")
    with pytest.raises(UnreadableSource) as caught:
        read_apart(PDF, "application/pdf", where="file")
    assert str(caught.value) == (
        "file: the reader of application/pdf broke off with code 7; use another copy of it, or read it with larger ParsingLimits"
    )
    assert caught.value.__notes__ == [("secret path " * 1000)[: isolating.MAX_STDERR]]


@linux
def test_a_crash_names_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    run_instead(monkeypatch, "import os; os.abort()")
    assert "crashed: the file is damaged or takes more than 512 MiB of memory" in stopped(PDF)


@pytest.mark.parametrize("told", ['"other: words"', '"file: two\\nlines"', f'"file: {"long " * 400}"', "7"])
def test_a_sentence_that_is_none_of_ours_is_not_shown(monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    run_instead(monkeypatch, f"import os; sys.stdout.write({told!r}); sys.stdout.flush(); os._exit(parsing.UNREADABLE)")
    assert stopped(PDF) == "file: cannot be read; use another copy of it, or read it with larger ParsingLimits"


@linux
def test_what_the_child_started_dies_with_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The grandchild is started before the limits, as a child that runs as root could; it holds the pipes open."""
    told = tmp_path / "pid"
    start = (
        f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
        f"open({str(told)!r}, 'w').write(str(p.pid))"
    )
    monkeypatch.setattr(isolating, "command", lambda: [sys.executable, "-I", "-c", start])
    begun = time.monotonic()
    assert "gave back no reading" in stopped(PDF)
    assert time.monotonic() - begun < 5
    state = Path(f"/proc/{told.read_text()}/stat")
    for _ in range(100):
        if not state.exists() or state.read_text().split()[2] == "Z":
            break
        time.sleep(0.02)
    assert not state.exists() or state.read_text().split()[2] == "Z"


@linux
def test_the_child_cannot_write_open_or_start_and_knows_nothing_of_us(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CANARY", "a secret")
    program = f"""
import os, resource
found = {{"environment": sorted(os.environ), "folder": os.getcwd()}}
try:
    with open({str(tmp_path / "written")!r}, "w") as file:
        file.write("x")
    found["written"] = True
except OSError:
    found["written"] = False
opened = []
try:
    while True:
        opened.append(os.open("/dev/null", os.O_RDONLY))
except OSError:
    found["opened"] = len(opened) < 16
found["limits"] = [resource.getrlimit(r)[1] for r in (resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_NPROC)]
sys.stderr.write(json.dumps(found))
"""
    run_instead(monkeypatch, program)
    with pytest.raises(UnreadableSource) as caught:
        read_apart(PDF, "application/pdf", where="file", limits=ParsingLimits(open_files=16))
    found = json.loads(caught.value.__notes__[0])
    assert "CANARY" not in found.pop("environment")
    assert found == {"folder": "/", "written": False, "opened": True, "limits": [60, 0, 0, 0]}


def test_it_runs_from_any_folder_and_imports_nothing_heavy(tmp_path: Path) -> None:
    """As an editable install, as a wheel's, and from a plain copy: the child is found where this module lies."""
    program = (
        f"import sys; sys.path.insert(0, {str(Path(isolating.__file__).parents[2])!r})\n"
        "import chatbot.sourcing.isolating as i\n"
        "heavy = {'torch', 'lxml', 'trafilatura', 'pypdfium2', 'faiss', 'gradio'} & set(sys.modules)\n"
        "raw = sys.stdin.buffer.read()\n"
        'sys.stdout.write(f\'{sorted(heavy)} {len(i.read_apart(raw, "application/pdf", where="file").parts)}\')'
    )
    import subprocess

    done = subprocess.run(
        [sys.executable, "-I", "-c", program],
        input=PDF,
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": "/nowhere"},
        check=True,
    )
    assert done.stdout.decode() == "[] 2"
