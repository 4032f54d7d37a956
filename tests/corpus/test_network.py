"""The fetcher against servers that behave well and badly, all on the loopback, all in little time."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import servers
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus.network.addresses import check_url, is_public
from chatbot.corpus.network.connection import Line
from chatbot.corpus.network.fetcher import Fetcher, Limits, media_type, retry_after
from chatbot.errors import FetchError, NotThere, Refused

tls, world, World = servers.tls, servers.world, servers.World
reply = servers.reply
HOSTS, PAGE, PUBLIC = servers.HOSTS, servers.PAGE, servers.PUBLIC


# Where to


def test_the_connection_goes_to_the_address_that_was_resolved_once(world: World) -> None:
    world.server.replies["/page"] = reply(b"x")
    with world.fetcher() as fetcher:
        for _ in range(3):
            fetcher.get(PAGE)
    assert world.asked == ["papers.test"]
    assert {address for address, _ in world.reached} == {PUBLIC}
    assert world.targets() == ["/robots.txt", "/page", "/page", "/page"]


def test_a_name_that_moves_to_a_private_address_later_is_not_followed(world: World) -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])
    world.server.replies["/page"] = [reply(status=302, location="/next")]
    world.server.replies["/next"] = reply(b"x")
    asked: list[str] = []

    def resolve(host: str) -> list[str]:
        asked.append(host)
        return next(answers)

    assert world.get(resolve=resolve).content == b"x"
    assert asked == ["papers.test"]
    assert [address for address, _ in world.reached] == [PUBLIC, PUBLIC]


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.0.0.7"],
        ["169.254.169.254"],
        ["::1"],
        ["64:ff9b::7f00:1"],
        ["::ffff:8.8.8.8"],
        ["fe80::1%eth0"],
        [PUBLIC, "192.168.0.1"],
        ["fd00::1", PUBLIC],
    ],
)
def test_a_host_with_any_private_address_is_refused(world: World, addresses: list[str]) -> None:
    world.names["papers.test"] = addresses
    world.fails(Refused, "no public address; nothing is asked there")
    assert world.reached == []


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://papers.test/", "redirects to http://papers.test/: only https is fetched"),
        ("https://evil.test/", "redirects to https://evil.test/: evil.test is not among the permitted hosts"),
        ("//evil.test/", "evil.test is not among"),
        ("https://me@papers.test/", "a user name or a port"),
        ("https://papers.test:8443/", "a user name or a port"),
        ("https://127.0.0.1/", "127.0.0.1 is an IP address"),
        ("https://[::1]/", "is no host name"),
        ("https://[::1/", "redirects to https://[::1/"),
        ("file:///etc/passwd", "only https"),
        ("data:text/html,x", "only https"),
        ("https://other.test/", "other.test is at 10.0.0.1, no public address"),
    ],
)
def test_every_hop_is_checked_again(world: World, location: str, reason: str) -> None:
    world.names["other.test"] = ["10.0.0.1"]
    world.server.replies["/page"] = reply(status=302, location=location)
    world.fails(Refused, reason)
    assert world.targets() == ["/page"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_to_another_host(world: World, status: int) -> None:
    world.server.replies["/page"] = reply(status=status, location="https://other.test/a b/ü?q=1#part")
    world.server.replies["/a%20b/%C3%BC?q=1"] = reply(b"x")
    fetched = world.get()
    assert (fetched.asked, fetched.url) == (PAGE, "https://other.test/a%20b/%C3%BC?q=1")
    assert [r.name for r in world.server.requests] == ["papers.test", "other.test"]


def test_redirects_in_a_circle_are_told(world: World) -> None:
    world.server.replies["/page"] = reply(status=302, location="/other")
    world.server.replies["/other"] = reply(status=302, location="/page#x")
    world.fails(FetchError, f"redirects in a circle, to {PAGE} again")
    assert world.targets() == ["/page", "/other"]


def test_too_many_redirects_are_told(world: World) -> None:
    world.server.replies |= {f"/{n}": reply(status=302, location=f"/{n + 1}") for n in range(9)}
    world.server.replies["/9"] = reply(b"x")
    limits = Limits(seconds=10, max_redirects=3)
    world.fails(FetchError, "redirects more than 3 times", "https://papers.test/0", limits)
    assert world.targets() == ["/0", "/1", "/2", "/3"]
    assert world.get("https://papers.test/6", limits).content == b"x"


def test_a_redirect_to_nowhere_is_told(world: World) -> None:
    world.server.replies["/page"] = reply(status=302)
    world.fails(FetchError, "answers 302 and not where to")


def test_no_cookie_is_kept(world: World) -> None:
    world.server.replies["/page"] = reply(status=302, location="/next", set_cookie="a=b")
    world.server.replies["/next"] = reply(b"x", set_cookie="c=d")
    fetcher = world.fetcher()
    for _ in range(2):
        fetcher.get(PAGE, robots=False)
    assert len(world.server.requests) == 4
    assert not any("cookie" in r.headers or "authorization" in r.headers for r in world.server.requests)


def test_the_environment_gives_no_proxy_and_no_password(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    (tmp_path / ".netrc").write_text("machine papers.test login me password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    world.server.replies["/page"] = reply(b"x")
    assert world.get().content == b"x"
    assert "authorization" not in world.server.requests[0].headers


# What is said instead


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (404, NotThere, "answers 404, it is not there"),
        (410, NotThere, "answers 410"),
        (401, Refused, "answers 401, it may not be read without leave"),
        (402, Refused, "answers 402"),
        (403, Refused, "answers 403"),
        (451, Refused, "answers 451"),
        (204, FetchError, "answers 204, which is no document"),
        (206, FetchError, "answers 206"),
        (304, FetchError, "answers 304"),
        (400, FetchError, "answers 400"),
        (418, FetchError, "answers 418"),
        (505, FetchError, "answers 505"),
    ],
)
def test_a_status_is_an_error_of_its_kind_at_once(
    world: World, status: int, kind: type[FetchError], reason: str
) -> None:
    world.server.replies["/page"] = reply(b"" if status in (204, 304) else b"x", status=status)
    world.fails(kind, reason)
    assert len(world.server.requests) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_failure_is_tried_again_after_growing_pauses(world: World, status: int) -> None:
    limits = Limits(seconds=10, max_tries=4, backoff=1.0)
    world.server.replies["/page"] = [reply(status=status), reply(status=status), reply(b"x")]
    assert world.get(limits=limits).content == b"x"
    assert world.clock.slept == [1.0, 2.0]
    world.clock.slept.clear()
    world.server.replies["/page"] = reply(status=status)
    world.fails(FetchError, f"answers {status} at every try", limits=limits)
    assert world.clock.slept == [1.0, 2.0, 4.0]
    assert len(world.server.requests) == 3 + 4


@pytest.mark.parametrize(("status", "value"), [(429, "7"), (503, "Tue, 24 Nov 2026 15:00:07 GMT"), (503, "7")])
def test_retry_after_is_honoured(world: World, status: int, value: str) -> None:
    world.server.replies["/page"] = [reply(status=status, retry_after=value), reply(b"x")]
    fetched = world.get()
    assert (fetched.content, fetched.fetched_at) == (b"x", "2026-11-24T15:00:07Z")
    assert world.clock.slept == [7.0]


def test_a_retry_after_of_an_hour_is_told_instead_of_waited(world: World) -> None:
    world.server.replies["/page"] = reply(status=429, retry_after="3600")
    world.fails(FetchError, "papers.test answers 429: 3,600 s to wait are too many; run it again after that")
    assert world.clock.slept == []
    assert len(world.server.requests) == 1


def test_all_waits_together_have_a_limit(world: World) -> None:
    world.server.replies["/page"] = reply(status=503, retry_after="40")
    limits = Limits(seconds=10, max_wait=100, max_tries=9)
    world.fails(FetchError, "40 s to wait are too many", limits=limits)
    assert world.clock.slept == [40.0, 40.0]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("Tue, 24 Nov 2026 15:01:00 GMT", 60.0),
        ("Tuesday, 24-Nov-26 15:01:00 GMT", 60.0),
        ("Tue Nov 24 15:01:00 2026", 60.0),
        ("Tue, 24 Nov 2026 14:00:00 GMT", 0.0),
        ("Tue, 24 Nov 2026 16:01:00 +0100", 60.0),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("²", None),
        ("9" * 5000, None),
        ("Tue, 99 Nov 99999 15:00:00 GMT", None),
    ],
)
def test_retry_after_in_every_form(value: str, expected: float | None) -> None:
    assert retry_after(value, datetime(2026, 11, 24, 15, 0, tzinfo=UTC)) == expected


@given(st.text(max_size=40) | st.text("0123456789 :,GMTNovTue+-", max_size=40))
def test_any_retry_after_is_a_wait_or_nothing(value: str) -> None:
    found = retry_after(value, datetime(2026, 11, 24, tzinfo=UTC))
    assert found is None or found >= 0


def test_an_answer_never_reaches_a_message_with_its_control_characters(world: World) -> None:
    world.server.replies["/page"] = reply(status=302, location="https://evil.test/\u202e\x9b2J")
    with pytest.raises(Refused) as caught:
        world.get()
    assert str(caught.value).isprintable() and str(caught.value).isascii()


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("text/html", ("text/html", "")),
        (" application/pdf ;x=y", ("application/pdf", "")),
        ("text/html;charset=iso-8859-1", ("text/html", "iso-8859-1")),
        ("text/html; charset='Windows-1252'", ("text/html", "windows-1252")),
        ("application/vnd.x+xml; a=b; CHARSET = utf8", ("application/vnd.x+xml", "utf8")),
        ("text/html, text/html", ("text/html", "")),
        ("html", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_content_type_is_type_and_charset(header: str, expected: tuple[str, str]) -> None:
    assert media_type(header) == expected


@pytest.mark.parametrize(
    "contact",
    ["", "me", "me@", "@papers.test", "me@papers", "me@papers.test\r\nx: y", "me@papers.test\n", "a b@c.test"],
)
def test_a_contact_that_is_no_mail_address_is_refused(contact: str) -> None:
    with pytest.raises(FetchError, match="is no mail address; give one"):
        Fetcher(HOSTS, contact=contact, check=check_url, ask=Line(is_public).ask)


def test_a_list_with_an_ip_address_is_refused() -> None:
    with pytest.raises(FetchError, match=r"127\.0\.0\.1 is an IP address"):
        Fetcher(frozenset({"127.0.0.1"}), contact="a@b.test", check=check_url, ask=Line(is_public).ask)
