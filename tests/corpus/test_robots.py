"""robots.txt is obeyed, whatever stands in it; and no host is asked too often."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest
import servers
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from chatbot.corpus.network.fetcher import ROBOTS_CHARACTERS, Limits, robots_rules
from chatbot.errors import FetchError, Refused

tls, world, World = servers.tls, servers.world, servers.World
hang, reply = servers.hang, servers.reply
PAGE = servers.PAGE


# robots.txt


def test_robots_txt_is_read_once_and_obeyed(world: World) -> None:
    rules = b"User-agent: *\nDisallow: /\n\nUser-agent: chapterandverse\nDisallow: /private/\nAllow: /private/open\n"
    world.server.replies |= {"/robots.txt": reply(rules), "/page": reply(b"x"), "/private/open": reply(b"y")}
    fetcher = world.fetcher()
    assert fetcher.get(PAGE).content == b"x"
    assert fetcher.get("https://papers.test/private/open").content == b"y"
    with pytest.raises(
        Refused, match=r"robots.txt of papers.test does not allow https://papers.test/private/x; get it"
    ):
        fetcher.get("https://papers.test/private/x")
    assert world.targets() == ["/robots.txt", "/page", "/private/open"]


def test_an_api_is_asked_without_robots_txt(world: World) -> None:
    world.server.replies |= {"/robots.txt": reply(b"User-agent: *\nDisallow: /\n"), "/page": reply(b"x")}
    assert world.get(robots=False).content == b"x"
    assert world.targets() == ["/page"]
    world.fails(Refused, "does not allow", robots=True)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_robots_txt_that_is_not_there_forbids_nothing(world: World, status: int) -> None:
    world.server.replies |= {"/robots.txt": reply(status=status), "/page": reply(b"x")}
    assert world.get(robots=True).content == b"x"


@pytest.mark.parametrize("status", [429, 500, 503, 204])
def test_a_robots_txt_that_cannot_be_read_forbids_everything(world: World, status: int) -> None:
    world.server.replies |= {"/robots.txt": reply(status=status), "/page": reply(b"x")}
    world.fails(Refused, f"robots.txt of papers.test answers {status}", robots=True)
    assert "/page" not in world.targets()


def test_a_robots_txt_that_hangs_is_within_the_time(world: World) -> None:
    world.server.replies |= {"/robots.txt": hang, "/page": reply(b"x")}
    assert world.fails(FetchError, "not whole after 0.3 s", robots=True) < 3


def test_a_robots_txt_may_be_elsewhere_but_not_off_the_list(world: World) -> None:
    world.server.replies |= {
        "/robots.txt": reply(status=301, location="https://other.test/rules"),
        "/rules": reply(b"User-agent: *\nDisallow: /page\n"),
        "/free": reply(b"x"),
    }
    world.fails(Refused, "robots.txt of papers.test does not allow", robots=True)
    assert world.get("https://papers.test/free", robots=True).content == b"x"
    world.server.replies["/robots.txt"] = reply(status=301, location="https://evil.test/robots.txt")
    world.fails(Refused, "robots.txt of papers.test: redirects to https://evil.test/robots.txt", robots=True)


def test_the_robots_txt_of_every_hop_counts(world: World) -> None:
    def robots(server: Any, stream: Any) -> None:
        ours = server.requests[-1].headers["host"] == "papers.test"
        stream.sendall(reply(b"" if ours else b"User-agent: *\nDisallow: /\n"))

    world.server.replies |= {"/robots.txt": robots, "/page": reply(status=302, location="https://other.test/x")}
    world.fails(Refused, "robots.txt of other.test does not allow https://other.test/x", robots=True)
    assert world.targets() == ["/robots.txt", "/page", "/robots.txt"]


def test_of_a_huge_robots_txt_the_first_half_megabyte_counts(world: World) -> None:
    filler = "# word\n" * (ROBOTS_CHARACTERS // 7 + 1)
    text = f"User-agent: *\nDisallow: /first\n{filler}Disallow: /page\n"
    world.server.replies |= {"/robots.txt": reply(text.encode()), "/page": reply(b"x")}
    assert world.get(limits=Limits(seconds=3), robots=True).content == b"x"
    world.fails(Refused, "does not allow", "https://papers.test/first", Limits(seconds=3), robots=True)


def test_a_rule_at_the_cut_is_left_out_whole() -> None:
    head = "User-agent: *\nDisallow: /never\n"
    text = head + "#" * (ROBOTS_CHARACTERS - len(head) - len("\nDisallow: /")) + "\nDisallow: /private\n"
    rules = robots_rules("papers.test", 200, text.encode())
    assert isinstance(rules, Protego)
    assert rules.can_fetch("https://papers.test/page", "ChapterAndVerse")
    assert not rules.can_fetch("https://papers.test/never", "ChapterAndVerse")


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"User-agent: a{n}\n" for n in range(15_000)) + "".join(f"Disallow: /{n}\n" for n in range(15_000)),
        "".join(f"User-agent a{n}\u2028" for n in range(15_000)) + "".join(f"Disallow: /{n}\n" for n in range(15_000)),
        "User-agent: *\nDisallow: /" + "*a" * 200_000 + "*b\n",
    ],
    ids=["many names", "many names without colons or lines", "many stars"],
)
def test_a_robots_txt_made_to_cost_time_costs_little(text: str) -> None:
    began = time.process_time()
    rules = robots_rules("papers.test", 200, text.encode())
    assert isinstance(rules, Protego)
    assert rules.can_fetch("https://papers.test/" + "a" * 4000, "ChapterAndVerse")
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("", True),
        ("\ufeffUser-agent: *\nDisallow: /page", False),
        ("user agent: *\rdisallow:/page\r", False),
        ("User-agent: Chapter*\nDisallow: /page", False),
        ("User-agent: ChapterAndVerse # us\nDisallow: /page", False),
        ("User-agent: Other\nUser-agent: ChapterAndVerse\nDisallow: /page", False),
        ("User-agent: Other\nDisallow: /page", True),
        ("User-agent: ChapterAndVerseBot\nDisallow: /page", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: CHAPTERANDVERSE\nDisallow:\n", True),
        ("User-agent: *\nDisallow: /p*e$\n", False),
        ("<!doctype html><title>Not found</title>", True),
        ("\x00\xff\n:::\nDisallow: /page", True),
    ],
)
def test_whom_a_robots_txt_speaks_of(text: str, allowed: bool) -> None:
    rules = robots_rules("papers.test", 200, text.encode())
    assert isinstance(rules, Protego)
    assert rules.can_fetch(PAGE, "ChapterAndVerse") is allowed


@given(st.lists(st.sampled_from(["User-agent: *", "Disallow: /", "Allow:", "Crawl-delay: -1"]) | st.text(), max_size=9))
def test_any_robots_txt_is_read(lines: list[str]) -> None:
    body = "\n".join(lines).encode("utf-8", "surrogatepass")
    rules = robots_rules("papers.test", 200, body)
    assert isinstance(rules, Protego)
    assert rules.can_fetch(PAGE, "ChapterAndVerse") in (True, False)


# How often


def test_at_most_three_requests_a_second_over_all_hosts(world: World) -> None:
    world.clock = servers.Clock(still=True)
    world.server.replies["/page"] = reply(b"x")
    fetcher = world.fetcher()
    for n in range(10):
        fetcher.get(PAGE if n % 2 else "https://other.test/page", robots=False)
    assert [at for _, at in world.reached] == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3]


def test_a_slow_request_does_not_make_the_next_ones_too_many(world: World) -> None:
    world.server.replies["/page"] = [reply(status=503, retry_after="0"), reply(b"x")]
    world.clock = servers.Clock(still=True)
    times = iter([0.9, 0.0, 0.0, 0.0, 0.0])
    connect = world.connect

    def slow(address: str, seconds: float) -> socket.socket:
        world.clock.sleep(next(times))
        return connect(address, seconds)

    fetcher = world.fetcher(Limits(seconds=5), connect=slow)
    for _ in range(4):
        fetcher.get(PAGE, robots=False)
    assert [at for _, at in world.reached] == [0.9, 0.9, 0.9, 1.9, 1.9]


def test_a_crawl_delay_is_kept_between_the_pages_of_its_host(world: World) -> None:
    world.clock = servers.Clock(still=True)
    world.server.replies |= {"/robots.txt": reply(b"User-agent: *\nCrawl-delay: 10\n"), "/page": reply(b"x")}
    fetcher = world.fetcher()
    for _ in range(3):
        fetcher.get(PAGE)
    assert [at for _, at in world.reached] == [0, 0, 10, 20]


def test_a_crawl_delay_of_an_hour_is_told_instead_of_waited(world: World) -> None:
    world.server.replies |= {"/robots.txt": reply(b"User-agent: *\nCrawl-delay: 3600\n"), "/page": reply(b"x")}
    fetcher = world.fetcher()
    fetcher.get(PAGE)
    with pytest.raises(
        FetchError, match=r"papers.test asks for a Crawl-delay: 3,600 s to wait are too many; run it again"
    ):
        fetcher.get(PAGE)
