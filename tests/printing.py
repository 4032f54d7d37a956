"""Small PDFs for tests, written by hand: pages of text at given places, in the fonts that every reader has."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

FONTS = {"F": "Helvetica", "B": "Helvetica-Bold", "I": "Helvetica-Oblique"}
ENCODING = b"<< /Type /Encoding /BaseEncoding /WinAnsiEncoding /Differences [1 /fi /fl /endash] >>"
HEIGHT = 842

Text = tuple[float, float, float, str, str]  # from the left, from the top, size, font (F, B, I), words


def pdf(pages: Iterable[Sequence[Text]], *, trailer: bytes = b"", title: str = "") -> bytes:
    """A PDF of these pages. In words, \\x01 is the glyph fi, \\x02 fl, \\x03 an en dash."""
    streams = [
        b"\n".join(
            b"BT /%s %g Tf 1 0 0 1 %g %g Tm (%s) Tj ET" % (font.encode(), size, x, HEIGHT - y, escaped(words))
            for x, y, size, font, words in page
        )
        for page in pages
    ]
    return from_streams(streams, trailer=trailer, title=title)


def escaped(words: str) -> bytes:
    return words.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def from_streams(streams: Sequence[bytes], *, filters: bytes = b"", trailer: bytes = b"", title: str = "") -> bytes:
    """A PDF whose pages have these content streams, as they are."""
    first = 4 + len(FONTS)
    fonts = b" ".join(b"/%s %d 0 R" % (name.encode(), 4 + i) for i, name in enumerate(FONTS))
    kids = b" ".join(b"%d 0 R" % (first + 2 * i) for i in range(len(streams)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(streams), kids),
        b"<< /Title (%s) >>" % escaped(title),
    ]
    objects += [
        b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding %s >>" % (name.encode(), ENCODING)
        for name in FONTS.values()
    ]
    for i, stream in enumerate(streams):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 %d] /Resources << /Font << %s >> >> /Contents %d 0 R >>"
            % (HEIGHT, fonts, first + 2 * i + 1)
        )
        objects.append(b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(stream), filters, stream))
    return written(objects, trailer)


def written(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """Objects as a file with its table of places."""
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 3 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, trailer, start
    )  # fmt: skip
    return bytes(out)


def locked() -> bytes:
    """A PDF that opens with a password only: its key fits no password that is empty."""
    key = b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >> /ID [<00> <00>]" % (b"41" * 32, b"42" * 32)
    return pdf([[(50, 100, 12, "F", "Secret words")]], trailer=key)


def bomb(size: int) -> bytes:
    """A PDF of some kilobytes whose one page expands to `size` bytes: white space, packed twice."""
    packer = zlib.compressobj(1)
    inner = b"".join(packer.compress(b" " * 2**20) for _ in range(size // 2**20)) + packer.flush()
    return from_streams([zlib.compress(inner)], filters=b"/Filter [/FlateDecode /FlateDecode]")


def nested(depth: int) -> bytes:
    """A PDF whose tree of pages is `depth` nodes deep."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    objects += [b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % (number + 1) for number in range(2, depth + 2)]
    objects.append(b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] >>" % (depth + 1))
    return written(objects)
