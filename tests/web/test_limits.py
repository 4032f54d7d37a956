"""Buckets and sessions by a clock of our own."""

from __future__ import annotations

import pytest

from chatbot.web.limits import Buckets, Sessions, client_of


def test_a_bucket_empties_refills_and_tells_the_wait() -> None:
    """Two tokens, one more each half second: 2 pass, the third waits 0.5 s; after 0.25 s it waits 0.25 s, then passes."""
    buckets = Buckets(rate=2.0, burst=2)
    assert [buckets.take("a", 10.0) for _ in range(3)] == [0.0, 0.0, 0.5]
    assert buckets.take("a", 10.25) == 0.25
    assert buckets.take("a", 10.5) == 0.0
    assert buckets.take("a", 10.5) == 0.5
    assert [buckets.take("a", 1000.0) for _ in range(3)] == [0.0, 0.0, 0.5]


def test_clients_do_not_share_and_the_table_is_bounded() -> None:
    buckets = Buckets(rate=1.0, burst=1, max_clients=2)
    assert [buckets.take(c, 0.0) for c in "abab"] == [0.0, 0.0, 1.0, 1.0]
    assert buckets.take("c", 0.0) == 0.0
    assert buckets.take("b", 0.0) == 1.0
    assert buckets.take("a", 0.0) == 0.0  # forgotten for c


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
        ("::1", "::/64"),
    ],
)
def test_addresses_are_counted_by_what_one_client_owns(address: str, client: str) -> None:
    assert client_of(address) == client


def test_unheard_sessions_are_capped_for_each_client_and_forgotten() -> None:
    forgotten: list[str] = []
    sessions = Sessions(forgotten.append, max_unheard=2, idle=60.0)
    assert [sessions.admit("a", s, 0.0) for s in ("s1", "s2", "s3")] == [True, True, False]
    assert sessions.admit("b", "t1", 0.0)
    assert sessions.listen("s1", 1.0)
    assert sessions.admit("a", "s3", 1.0)
    assert not sessions.listen("unknown", 1.0)
    sessions.leave("s1", 2.0)
    assert sessions.sweep(60.5) == ["s2", "t1"]
    assert sessions.sweep(62.5) == ["s1", "s3"]
    assert forgotten == ["s2", "t1", "s1", "s3"]


def test_a_session_that_is_listened_to_is_never_forgotten() -> None:
    sessions = Sessions(lambda _: None, idle=1.0)
    sessions.admit("a", "s", 0.0)
    sessions.listen("s", 0.0)
    assert sessions.sweep(1e6) == []
    sessions.leave("s", 1e6)
    assert sessions.sweep(1e6 + 2) == ["s"]
