"""What comes over one connection: every way to frame and to pack a body, no more of it than is allowed, from nobody else."""

from __future__ import annotations

import gzip
import hashlib
import socket
import ssl
import zlib
from datetime import UTC, datetime, timedelta

import pytest
import servers
import trustme

from chatbot import __version__
from chatbot.corpus.network.connection import connect_to, default_tls, resolve_host
from chatbot.corpus.network.fetcher import Fetched, Limits
from chatbot.errors import FetchError

tls, world, World = servers.tls, servers.world, servers.World
cut, reply = servers.cut, servers.reply
AUTHORITY, OURS, PAGE, PUBLIC = servers.AUTHORITY, servers.OURS, servers.PAGE, servers.PUBLIC


# What comes


def test_a_file_comes_whole_with_where_from_and_when(world: World) -> None:
    world.server.replies["/page"] = reply(b"It fell.", content_type='Text/HTML; Charset="UTF-8"')
    assert world.get(f"{PAGE}#part") == Fetched(
        asked=f"{PAGE}#part",
        url=PAGE,
        status=200,
        content_type="text/html",
        charset="utf-8",
        content=b"It fell.",
        sha256=hashlib.sha256(b"It fell.").hexdigest(),
        fetched_at="2026-11-24T15:00:00Z",
    )


def test_what_is_said_to_the_host(world: World) -> None:
    world.server.replies["/page?a=b"] = reply(b"x")
    world.fetcher().get("https://PAPERS.test./page?a=b", accept="application/xml", robots=False)
    assert [(r.name, r.target) for r in world.server.requests] == [("papers.test", "/page?a=b")]
    assert world.server.requests[0].headers == {
        "host": "papers.test",
        "accept-encoding": "gzip, deflate",
        "connection": "close",
        "user-agent": f"ChapterAndVerse/{__version__} (mailto:maintainer@papers.test)",
        "accept": "application/xml",
    }


def test_a_host_of_another_alphabet_is_asked_by_its_ascii_name(world: World) -> None:
    world.server.replies["/%C3%BC"] = reply(b"x")
    assert world.get("https://Bücher.test/ü").url == "https://xn--bcher-kva.test/%C3%BC"
    assert world.server.requests[0].name == "xn--bcher-kva.test" == world.server.requests[0].headers["host"]


def test_no_content_type_is_said_to_be_none(world: World) -> None:
    world.server.replies["/page"] = reply(b"x")
    fetched = world.get()
    assert (fetched.content_type, fetched.charset) == ("", "")


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nIt \r\n5;x=y\r\nfell.\r\n0\r\nx-trailer: y\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nIt fell.",
        b"HTTP/1.0 200 OK\r\n\r\nIt fell.",
        b"HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nIt fell.",
        b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nIt fell. And this is past the length.",
    ],
    ids=["chunked", "until the end", "HTTP/1.0", "after a hint", "past the length"],
)
def test_every_way_to_frame_a_body(world: World, answer: bytes) -> None:
    world.server.replies["/page"] = answer
    assert world.get().content == b"It fell."


def test_an_empty_file_is_a_file(world: World) -> None:
    world.server.replies["/page"] = reply(b"", content_encoding="gzip")
    assert world.get().content == b""


TEXT = b"It fell by half. " * 400
GZIP = gzip.compress(TEXT, mtime=0)
RAW = zlib.compressobj(wbits=-15)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", GZIP),
        ("x-gzip", GZIP),
        ("GZIP", GZIP),
        ("gzip", gzip.compress(TEXT[:100], mtime=0) + gzip.compress(TEXT[100:], mtime=0)),
        ("gzip", GZIP + b"\0" * 20),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", RAW.compress(TEXT) + RAW.flush()),
        ("identity", TEXT),
        ("gzip, identity", GZIP),
        ("gzip, gzip", gzip.compress(GZIP, mtime=0)),
        ("deflate, gzip", gzip.compress(zlib.compress(TEXT), mtime=0)),
    ],
)
def test_every_content_coding_that_is_asked_for(world: World, coding: str, body: bytes) -> None:
    world.server.replies["/page"] = reply(body, content_encoding=coding)
    assert world.get().content == TEXT


def test_a_compressed_file_within_a_compressed_body_stays_compressed(world: World) -> None:
    world.server.replies["/page"] = reply(gzip.compress(GZIP), content_encoding="gzip")
    assert world.get().content == GZIP


# What breaks


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\ncontent-",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nIt fell",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8\r\nIt fe",
        cut(b"HTTP/1.1 200 OK\r\n\r\nIt fell"),
        cut(b""),
    ],
    ids=["nothing", "head", "length", "chunks", "no end in TLS", "nothing, no end in TLS"],
)
def test_an_answer_that_ends_in_the_middle_is_tried_again(world: World, answer: object) -> None:
    world.server.replies["/page"] = [answer, reply(b"It fell.")]
    assert world.get().content == b"It fell."
    world.server.replies["/page"] = answer
    world.fails(FetchError, ", 4 times; try again later")
    assert len(world.server.requests) == 2 + 4


def test_a_refused_connection_is_tried_again(world: World) -> None:
    world.dead.add(PUBLIC)
    world.fails(FetchError, "none of its addresses answers")
    assert len(world.reached) == 4
    assert world.clock.slept[0::2] != []


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 9 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 7\r\n\r\nxxxxx",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nno chunk\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + b"f" * 30 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nno header\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n",
    ],
)
def test_what_is_no_http_is_told_and_not_tried_again(world: World, answer: bytes) -> None:
    world.server.replies["/page"] = answer
    world.fails(FetchError, "papers.test does not speak HTTP")
    assert len(world.server.requests) == 1


@pytest.mark.parametrize(("code", "calls"), [(socket.EAI_NONAME, 1), (socket.EAI_AGAIN, 4)])
def test_a_name_without_an_address(world: World, code: int, calls: int) -> None:
    asked: list[str] = []

    def resolve(host: str) -> list[str]:
        asked.append(host)
        raise socket.gaierror(code, "no such name")

    world.fails(FetchError, "no such name", resolve=resolve)
    assert asked == ["papers.test"] * calls
    world.fails(FetchError, "no address of papers.test is known", resolve=lambda host: [])


# To whom


YESTERDAY = datetime.now(UTC) - timedelta(days=1)


@pytest.mark.parametrize(
    "certificate",
    [
        trustme.CA().issue_cert("papers.test"),
        AUTHORITY.issue_cert("evil.test", PUBLIC, "127.0.0.1"),
        AUTHORITY.issue_cert("papers.test", not_after=YESTERDAY),
    ],
    ids=["another authority", "another name", "expired"],
)
def test_a_certificate_that_is_not_the_hosts_is_refused(tls: ssl.SSLContext, certificate: trustme.LeafCert) -> None:
    server = servers.Server(certificate)
    world = World(server, tls)
    world.fails(FetchError, "papers.test has no valid certificate", limits=Limits(seconds=10))
    assert len(world.reached) == 1
    assert server.requests == []
    server.close()


def test_a_server_without_tls_is_told(tls: ssl.SSLContext) -> None:
    server = servers.Server(OURS, before_tls=lambda server, raw: raw.sendall(reply(b"x")))
    World(server, tls).fails(FetchError, "the connection to papers.test broke", limits=Limits(seconds=10, max_tries=1))
    server.close()


# What stands there when no test does


def test_the_machines_own_parts_check_names_and_ask_port_443(monkeypatch: pytest.MonkeyPatch) -> None:
    tls = default_tls()
    assert (tls.check_hostname, tls.verify_mode) == (True, ssl.CERT_REQUIRED)
    assert tls.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert tls.cert_store_stats()["x509_ca"] > 50
    assert resolve_host("127.0.0.1") == ["127.0.0.1"]
    asked: list[object] = []
    monkeypatch.setattr(socket, "create_connection", lambda *parts: asked.append(parts))
    connect_to("193.62.193.83", 2.0)
    assert asked == [(("193.62.193.83", 443), 2.0)]
