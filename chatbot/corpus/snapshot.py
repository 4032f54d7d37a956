"""What was answered of each source, kept for a machine without a network: corpus/fetched/status.json (format 1).

Of a work only that is kept which a judgement needs: DOI, title, notices, the DOIs of its reference list. The file is never committed;
without it a check asks everything anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from chatbot import files
from chatbot.corpus.registries.works import Answer, Listed, Update, Work
from chatbot.corpus.values import Record
from chatbot.datatypes import Json
from chatbot.errors import CorpusError

FILE = "fetched/status.json"
FORMAT = 1


def read_snapshot(folder: Path) -> dict[str, Answer]:
    """The answers by source id; none when nothing was checked yet. Raises CorpusError for a file that is not of this form."""
    path = folder / FILE
    again = "remove it and run `chatbot corpus status` again"
    try:
        content = json.loads(path.read_bytes())
        if content["format"] != FORMAT:
            raise CorpusError(f"{path}: format is {content['format']!r}; this version reads {FORMAT}: {again}")
        return {doc_id: _answer(row) for doc_id, row in content["sources"].items()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror}); mend its rights or the disk") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CorpusError(f"{path}: is no snapshot ({error}); {again}") from error


def write_snapshot(folder: Path, answers: Mapping[str, Answer], today: str) -> None:
    """Puts the file in place whole. Raises CorpusError when the disk refuses."""
    path = folder / FILE
    rows = {doc_id: _row(answer) for doc_id, answer in answers.items()}
    content = json.dumps({"format": FORMAT, "checked_at": today, "sources": rows}, ensure_ascii=False, indent=1)
    try:
        path.parent.mkdir(exist_ok=True)
        files.replace(path, content.encode() + b"\n")
    except OSError as error:
        raise CorpusError(f"{path}: cannot be written ({error.strerror}); mend its rights or the disk") from error


def _row(answer: Answer) -> Json:
    work = reduced(answer.work) if answer.work else None
    plain = {
        key: getattr(answer, key) for key in ("checked", "unasked", "notes", "page", "since", "base", "base_since")
    }
    return {**plain, "work": work, "cited": [reduced(w) for w in answer.cited]}


def _answer(row: Json) -> Answer:
    date.fromisoformat(row["checked"])
    return Answer(
        checked=row["checked"],
        work=restored(row["work"]) if row["work"] else None,
        cited=tuple(restored(w) for w in row["cited"]),
        unasked=_texts(row["unasked"]),
        notes=_texts(row["notes"]),
        page=_string(row["page"]),
        since=_string(row["since"]),
        base=_string(row.get("base", row["page"])),  # snapshots of earlier versions have none
        base_since=_string(row.get("base_since", row["since"])),
    )


def reduced(work: Work) -> Json:
    """What a judgement needs of a work, as JSON values."""
    return {
        "doi": work.record.doi,
        "title": work.record.title,
        "updates": [asdict(u) for u in work.updates],
        "updated_by": [asdict(u) for u in work.updated_by],
        "references": [r.doi for r in work.references if r.doi],
    }


def restored(row: Json) -> Work:
    """The work of such values. Raises KeyError or TypeError for others."""
    return Work(
        Record(doi=_string(row["doi"]), title=_string(row["title"])),
        updates=_updates(row["updates"]),
        updated_by=_updates(row["updated_by"]),
        references=tuple(Listed(doi=doi) for doi in _texts(row["references"])),
    )


def _updates(rows: Iterable[Json]) -> tuple[Update, ...]:
    return tuple(Update(**{key: _string(value) for key, value in row.items()}) for row in rows)


def _texts(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise TypeError(f"{values!r} is no list")
    return tuple(_string(value) for value in values)


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
