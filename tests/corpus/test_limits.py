"""No answer takes more time or room than is allowed, however it comes."""

from __future__ import annotations

import gzip
import ssl
import threading
import tracemalloc
import zlib
from contextlib import suppress
from typing import Any

import pytest
import servers
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus.network.connection import decoded, expanded
from chatbot.corpus.network.fetcher import Limits
from chatbot.errors import FetchError

tls, world, World = servers.tls, servers.world, servers.World
drip, flood, hang, reply = servers.drip, servers.flood, servers.hang, servers.reply
OURS, PUBLIC, SECOND = servers.OURS, servers.PUBLIC, servers.SECOND
GZIP = gzip.compress(b"It fell by half. " * 400, mtime=0)

# How long


def test_a_server_that_never_answers(world: World) -> None:
    world.server.replies["/page"] = hang
    assert world.fails(FetchError, "not whole after 0.3 s") < 3


def test_a_server_that_hangs_in_tls(tls: ssl.SSLContext) -> None:
    server = servers.Server(OURS, before_tls=hang)
    assert World(server, tls).fails(FetchError, "not whole after 0.3 s") < 3
    server.close()


def test_a_resolver_that_hangs(world: World) -> None:
    release = threading.Event()

    def resolve(host: str) -> list[str]:
        release.wait(5)
        return [PUBLIC]

    assert world.fails(FetchError, "not whole after 0.3 s", resolve=resolve) < 3
    release.set()


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 200 OK\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\n", b"x: y\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["body", "body without length", "chunks", "a header", "headers", "hints"],
)
def test_whatever_drips_is_stopped_by_the_wall_clock(world: World, head: bytes, piece: bytes) -> None:
    world.server.replies["/page"] = drip(head, 0.02, piece)
    assert world.fails(FetchError, "not whole after 0.3 s") < 3
    assert len(world.server.requests) == 1


def test_the_time_is_for_all_hops_together(world: World) -> None:
    def slowly(path: str) -> object:
        def run(server: Any, stream: Any) -> None:
            server.stopped.wait(0.12)
            stream.sendall(reply(status=302, location=path))

        return run

    world.server.replies |= {f"/{n}": slowly(f"/{n + 1}") for n in range(9)}
    limits = Limits(seconds=0.3, max_redirects=9)
    assert world.fails(FetchError, "not whole after 0.3 s", "https://papers.test/0", limits) < 3
    assert len(world.server.requests) <= 3


def test_a_dead_address_leaves_time_for_the_next(world: World) -> None:
    world.names["papers.test"] = [PUBLIC, SECOND]
    world.dead.add(PUBLIC)
    world.server.replies["/page"] = reply(b"x")
    assert world.get().content == b"x"
    assert [address for address, _ in world.reached] == [PUBLIC, SECOND]


# How much


def test_a_body_that_says_it_is_too_large_is_not_read(world: World) -> None:
    world.server.replies["/page"] = drip(b"HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n", 5.0)
    world.fails(FetchError, "is larger than 1,000 bytes", limits=Limits(seconds=5, max_bytes=1000))


@pytest.mark.parametrize("head", [b"\r\n", b"transfer-encoding: chunked\r\n\r\n", b"content-length: 999\r\n\r\n"])
def test_a_body_without_an_end_is_stopped_at_the_limit(world: World, head: bytes) -> None:
    piece = b"3e8\r\n" + b"x" * 1000 + b"\r\n"
    world.server.replies["/page"] = flood(b"HTTP/1.1 200 OK\r\n" + head, piece)
    limits = Limits(seconds=10, max_bytes=200_000)
    if b"length" in head:
        assert len(world.get(limits=limits).content) == 999
    else:
        world.fails(FetchError, "is larger than 200,000 bytes", limits=limits)


def test_a_bomb_is_stopped_while_it_expands(world: World) -> None:
    bomb = gzip.compress(bytes(10_000_000), mtime=0)
    assert len(bomb) < 11_000
    world.server.replies["/page"] = reply(bomb, content_encoding="gzip")
    limits = Limits(seconds=10, max_expanded=100_000)
    world.fails(FetchError, "expands to more than 100,000 bytes", limits=limits)
    tracemalloc.start()
    with pytest.raises(FetchError):
        expanded(bomb, "gzip", 100_000, lambda: 1.0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_a_bomb_within_a_bomb_is_stopped_at_either(world: World) -> None:
    inner = gzip.compress(bytes(10_000_000))
    world.server.replies["/page"] = reply(gzip.compress(inner, mtime=0), content_encoding="gzip, gzip")
    world.fails(FetchError, "expands to more than 100,000", limits=Limits(seconds=10, max_expanded=100_000))
    world.fails(FetchError, "expands to more than 1,000", limits=Limits(seconds=10, max_expanded=1000))


def test_a_body_just_at_the_limit_comes(world: World) -> None:
    world.server.replies["/page"] = reply(gzip.compress(bytes(100_000)), content_encoding="gzip")
    assert world.get(limits=Limits(seconds=10, max_expanded=100_000)).content == bytes(100_000)
    world.fails(FetchError, "expands to more", limits=Limits(seconds=10, max_expanded=99_999))


@pytest.mark.parametrize(
    ("coding", "body", "reason"),
    [
        ("br", b"x", "comes as br, which was not asked for"),
        ("gzip, gzip, gzip", GZIP, "not asked for"),
        ("gzip\x1b[2J", GZIP, r"comes as gzip\x1b[2J, which"),
        ("gzip", b"no gzip", "has a damaged gzip body"),
        ("gzip", GZIP[:-20], "has a gzip body that is cut short"),
        ("gzip", GZIP[:-6] + b"\0\0\0\0\0\0", "has a damaged gzip body"),
        ("deflate", b"\x78\x9c no deflate", "has a damaged deflate body"),
    ],
)
def test_a_body_that_cannot_be_expanded_is_an_error(world: World, coding: str, body: bytes, reason: str) -> None:
    world.server.replies["/page"] = reply(body, content_encoding=coding)
    world.fails(FetchError, reason)


@given(st.binary(max_size=3000), st.integers(0, 3000), st.sampled_from(["gzip", "deflate", "gzip, deflate"]))
def test_what_was_compressed_comes_back(data: bytes, at: int, codings: str) -> None:
    body = data
    for coding in codings.split(", "):
        in_two = gzip.compress(body[:at], mtime=0) + gzip.compress(body[at:], mtime=0)
        body = in_two if coding == "gzip" else zlib.compress(body)
    assert decoded(body, codings, 10_000, lambda: 1.0) == data


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate"]))
def test_any_bytes_expand_or_are_our_own_error(data: bytes, coding: str) -> None:
    with suppress(FetchError):
        assert len(expanded(data, coding, 500, lambda: 1.0)) <= 500


@pytest.mark.parametrize("line", [b"x-a: " + b"y" * 300 + b"\r\n", b"y" * 2000], ids=["many", "one without end"])
def test_a_flood_of_headers_is_stopped(world: World, line: bytes) -> None:
    world.server.replies["/page"] = flood(b"HTTP/1.1 200 OK\r\n", line)
    world.fails(FetchError, "does not speak HTTP", limits=Limits(seconds=10))


def test_headers_that_come_at_once_are_counted_too(world: World) -> None:
    world.server.replies["/page"] = reply(b"x", x_long="y" * 5000)
    world.fails(FetchError, "bytes of headers", max_header_bytes=4096)
