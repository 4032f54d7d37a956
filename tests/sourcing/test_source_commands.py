"""The maintainer's commands that look outward, as typed, with the network replaced by a table of answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from chatbot.__main__ import app
from chatbot.commands import fetch as fetch_command
from chatbot.commands import outward
from chatbot.commands import status as status_command
from chatbot.corpus.registries import crossref
from chatbot.errors import CorpusError, FetchError
from chatbot.gathering import read_corpus, read_described

PAGE = "https://self-compassion.org/the-three-elements-of-self-compassion/"
WORDS = "Self-compassion is a warm way of meeting oneself when things go wrong, said the page in its own words. " * 12
HTML = f"<html><head><title>The Three Elements of Self-Compassion</title></head><body><article><h1>The Three Elements of Self-Compassion</h1><p>{WORDS}</p></article></body></html>"
ARTICLE = Path(__file__).parents[1] / "articles" / "finding-words.txt"


@dataclass(frozen=True)
class Got:
    url: str
    content: bytes
    content_type: str
    fetched_at: str = "2026-11-24T12:00:00Z"
    charset: str = ""


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> dict[str, Got]:
    """What the network has; `asked` with which hosts and contact it was opened is under ""."""
    answers: dict[str, Any] = {"": []}

    @contextmanager
    def opened(hosts: frozenset[str], contact: str) -> Iterator[Any]:
        answers[""].append((hosts, contact))

        class Fetcher:
            def get(self, url: str, **_: object) -> Got:
                table = answers.get("stopping", answers)
                if url not in table:
                    raise FetchError(f"{url}: answers 503; try again later")
                return table[url]

        yield Fetcher()

    for module in (fetch_command, status_command, outward):
        monkeypatch.setattr(module, "open_fetcher", opened)
    return answers


def chatbot(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_fetch_prints_a_table_what_was_not_taken_and_what_to_do_next(web: dict[str, Got], corpus_copy: Path) -> None:
    web[PAGE] = Got(PAGE, HTML.encode(), "text/html")
    found = chatbot("corpus", "fetch", "--corpus", str(corpus_copy), "--contact", "maintainer@papers.test")
    assert found.exit_code == 3
    rows = {line.split()[0]: line for line in found.stdout.splitlines()[1:5]}
    neff = " ".join(rows["neff-three-elements"].split())
    assert neff == "neff-three-elements fetched none found (not open) 656 -> 228"
    assert f"    from {PAGE} (text/html)" in found.stdout
    assert " ".join(rows["webmd-mdma-therapy"].split()) == "webmd-mdma-therapy not to be had"
    assert (
        f"    not taken: {crossref.work_url('10.1038/s41591-021-01336-3')}: answers 503; try again later"
        in found.stdout
    )
    assert "Run `chatbot index build`: readers see nothing of this before." in found.stdout
    assert read_described(corpus_copy).sources[3].text_kind == "full"
    ((hosts, contact),) = web[""]  # type: ignore[misc]
    assert contact == "maintainer@papers.test"
    assert {"api.crossref.org", "www.ebi.ac.uk", "self-compassion.org", "www.webmd.com"} <= hosts


def test_a_dry_run_says_so_and_json_is_for_machines(web: dict[str, Got], corpus_copy: Path) -> None:
    web[PAGE] = Got(PAGE, HTML.encode(), "text/html")
    words = (
        "corpus",
        "fetch",
        "neff-three-elements",
        "--corpus",
        str(corpus_copy),
        "--contact",
        "m@papers.test",
        "--dry-run",
    )
    assert "would be fetched" in chatbot(*words).stdout
    shown = json.loads(chatbot(*words, "--json").stdout)
    (row,) = shown["sources"]
    assert (shown["format"], row["doc_id"], row["result"], row["provenance"]["url"]) == (
        1,
        "neff-three-elements",
        "fetched",
        PAGE,
    )
    assert not (corpus_copy / "fetched").exists()


def test_a_fetch_that_is_stopped_says_what_it_kept(web: dict[str, Got], corpus_copy: Path) -> None:
    """The note of one source gives way to its page; at the next one somebody presses Ctrl-C."""
    page = Got(PAGE, HTML.encode(), "text/html")

    class Stopping(dict[str, Got]):
        def __contains__(self, url: object) -> bool:
            if "webmd" in str(url):
                raise KeyboardInterrupt
            return url == PAGE

        def __getitem__(self, url: str) -> Got:
            return page

    words = ("corpus", "fetch", "neff-three-elements", "webmd-mdma-therapy", "--corpus", str(corpus_copy))
    web["stopping"] = Stopping()  # type: ignore[assignment]
    found = chatbot(*words, "--contact", "m@papers.test")
    assert found.exit_code == 130
    assert found.stderr.endswith("Stopped; neff-three-elements kept. The same command goes on with the rest.\n")
    assert [d.doc_id for d in read_corpus(corpus_copy).replaced] == ["neff-three-elements"]


def test_removing_is_told(web: dict[str, Got], corpus_copy: Path) -> None:
    web[PAGE] = Got(PAGE, HTML.encode(), "text/html")
    where = ("--corpus", str(corpus_copy))
    chatbot("corpus", "fetch", "neff-three-elements", *where, "--contact", "m@papers.test")
    assert chatbot("corpus", "fetch", "--remove", "--dry-run", *where).exit_code == 2
    assert len(read_corpus(corpus_copy).replaced) == 1
    assert (
        chatbot("corpus", "fetch", "--remove", *where).stdout
        == "neff-three-elements removed; run `chatbot index build`\n"
    )
    assert read_corpus(corpus_copy).replaced == ()


@pytest.mark.parametrize("command", ["fetch", "status"])
def test_nobody_is_asked_without_a_contact(web: dict[str, Got], corpus_copy: Path, command: str) -> None:
    found = chatbot("corpus", command, "--corpus", str(corpus_copy))
    assert isinstance(found.exception, CorpusError)
    assert 'add contact = "you@your.site", or give --contact' in str(found.exception)
    assert web[""] == []


def test_status_stamps_and_ends_well_so_that_a_build_follows(web: dict[str, Got], corpus_copy: Path) -> None:
    doi = "10.1038/s41591-021-01336-3"
    notice = {
        "DOI": "10.5555/notice",
        "type": "retraction",
        "source": "publisher",
        "updated": {"date-parts": [[2026, 11, 20]]},
    }
    message = {"DOI": doi, "title": ["MDMA-assisted therapy"], "type": "journal-article", "updated-by": [notice]}
    raw = json.dumps({"status": "ok", "message-type": "work", "message": message}).encode()
    web[crossref.work_url(doi, "m@papers.test")] = web[crossref.work_url(doi)] = Got("", raw, "application/json")
    where = ("--corpus", str(corpus_copy), "--contact", "m@papers.test")
    strict = chatbot("corpus", "status", *where, "--strict")
    assert strict.exit_code == 3
    assert "retracted" in strict.stdout
    assert {s.doc_id: s.status.state for s in read_described(corpus_copy).sources}["mitchell-2021"] == "retracted"
    assert chatbot("corpus", "status", *where).exit_code == 0
    assert chatbot("corpus", "status", "--offline", "--corpus", str(corpus_copy)).exit_code == 0


def test_status_fails_when_nothing_could_be_asked(web: dict[str, Got], corpus_copy: Path) -> None:
    before = (corpus_copy / "sources.toml").read_bytes()
    found = chatbot("corpus", "status", "--corpus", str(corpus_copy), "--contact", "m@papers.test")
    assert found.exit_code == 1
    assert "Nothing could be checked." in found.stdout
    assert (corpus_copy / "sources.toml").read_bytes() == before


def test_new_says_what_it_made_and_what_to_fill_in(web: dict[str, Got], tmp_path: Path) -> None:
    found = chatbot("new", str(ARTICLE), "--into", str(tmp_path / "corpus"))
    assert found.exit_code == 0
    assert (
        "“Finding Words: How a Machine Learnt to Look Things Up”, 21 references, 21 of them cited in the text\n"
        in found.stdout
    )
    assert "better filled in: jurisdiction in sources.toml" in found.stdout
    assert f"Then: chatbot corpus check --corpus {tmp_path / 'corpus'}" in found.stdout
    assert web[""] == []
