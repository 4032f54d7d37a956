"""Records as JSONL (everything, exact) and as CSV (a table for people, safe to open in a spreadsheet).

The last thumb on a record stands beside it. CSV: every cell is in quotation marks, and a text that a spreadsheet could take for a formula gets an apostrophe
before it; so does what follows a semicolon, a tab or a line end, where a spreadsheet that separates cells by semicolons (as Excel in many
countries does) or tabs lets another cell begin. So a quote in CSV may differ by these characters; JSONL is the exact form. Lines end with
CR LF, as RFC 4180 says.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any, Literal, get_args

from chatbot.log.records import Record
from chatbot.log.thumbs import Thumb

Format = Literal["csv", "jsonl"]
FORMATS: tuple[str, ...] = get_args(Format)
FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # first characters that Excel, LibreOffice or Sheets act on
WITHIN = re.compile(r"([;\t\r\n])(?=(?:[^\S\t\r\n]|\")*[=+\-@＝＋－＠])")  # where a formula could begin within a text
COLUMNS = (
    "record_id",
    "asked_at",
    "kind",
    "question",
    "quotes",
    "labels",
    "generation",
    "settings_digest",
    "confidence",
    "seconds",
    "thumb",
    "reason",
    "comment",
)


def safe_cell(value: object) -> object:
    """A text that starts like a formula, also after spaces, with an apostrophe before it; numbers as they are.

    >>> safe_cell("=1+1"), safe_cell("  @SUM(A1)"), safe_cell("a=b"), safe_cell(-0.5)
    ("'=1+1", "'  @SUM(A1)", 'a=b', -0.5)
    >>> safe_cell("Is it; =1+1;so"), safe_cell("one; two")
    ("Is it;' =1+1;so", 'one; two')
    """
    if not isinstance(value, str):
        return value
    safe = WITHIN.sub(r"\1'", value)
    return f"'{safe}" if value.startswith(FORMULA) or value.lstrip().startswith(FORMULA) else safe


def csv_line(cells: Iterable[object]) -> str:
    """One line with its end.

    >>> csv_line(["a", 'b"c', 1]).rstrip()
    '"a","b""c","1"'
    """
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow([safe_cell(cell) for cell in cells])
    return buffer.getvalue()


def row_of(record: Record, thumb: Thumb | None = None) -> tuple[object, ...]:
    """The record as the cells of COLUMNS. Quotes stand one below the other."""
    quotes: list[dict[str, Any]] = record.reply.get("quotes") or []
    return (
        record.record_id,
        record.asked_at,
        record.kind,
        record.question,
        "\n".join(str(q.get("text", "")) for q in quotes),
        "\n".join(str(q.get("label", "")) for q in quotes),
        record.generation,
        record.settings_digest,
        record.confidence,
        record.seconds,
        *((thumb.thumb, thumb.reason, thumb.comment) if thumb else ("", "", "")),
    )


def export(
    records: Iterable[Record], form: Format, thumbs: Mapping[str, Thumb] = MappingProxyType({})
) -> Iterator[str]:
    """The records in a form, line by line, each with its end. `thumbs` are the last ones, by record id."""
    if form == "csv":
        yield csv_line(COLUMNS)
        yield from (csv_line(row_of(record, thumbs.get(record.record_id))) for record in records)
        return
    for record in records:
        thumb = thumbs.get(record.record_id)
        whole = asdict(record) | {"thumb": thumb.as_json() if thumb else None}
        yield json.dumps(whole, ensure_ascii=False, allow_nan=False) + "\n"
