"""Accounts: what is taken, how they are checked, and how often one may try."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import time
from typing import Any

import pytest
from argon2 import PasswordHasher

import chatbot.review
from chatbot.errors import ReviewError
from chatbot.review.access import MAX_TRIES, Access
from chatbot.review.values import Account

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse battery"
WRONG = r"^wrong name or password$"
ENOUGH = r"^5 tries in 15 minutes are enough; wait 15 minutes$"


@pytest.fixture
def access(book: Any, clock: Any) -> Access:
    made = Access(book, hasher=QUICK, clock=clock)
    made.add("ann", "moderator", PASSWORD, by="root")
    return made


def fail(access: Access, name: str, times: int) -> None:
    for _ in range(times):
        with pytest.raises(ReviewError, match=WRONG):
            access.sign_in(name, "not the password")


def test_signing_in(access: Access, book: Any) -> None:
    assert access.sign_in("ann", PASSWORD) == Account("ann", "moderator")
    assert book.read("account")[0].note.startswith("$argon2id$")
    assert PASSWORD not in repr(book.lines)


@pytest.mark.parametrize(
    ("name", "password"), [("ann", "other horse battery"), ("bob", PASSWORD), ("ann", ""), ("", ""), ("ANN", PASSWORD)]
)
def test_wrong_name_and_wrong_password_read_the_same(access: Access, name: str, password: str) -> None:
    with pytest.raises(ReviewError, match=WRONG):
        access.sign_in(name, password)


def test_what_is_typed_as_a_name_is_not_kept(access: Access, book: Any) -> None:
    with pytest.raises(ReviewError, match=WRONG):
        access.sign_in("my secret password \ud800", "x")
    assert "secret" not in repr(book.lines)


def test_five_tries_in_a_quarter_of_an_hour(access: Access, clock: Any) -> None:
    fail(access, "ann", 4)
    clock.move(minutes=10)
    fail(access, "ann", 1)
    with pytest.raises(ReviewError, match=ENOUGH):
        access.sign_in("ann", PASSWORD)
    clock.move(minutes=5)
    assert access.sign_in("ann", PASSWORD) == Account("ann", "moderator")


def test_the_tries_of_an_unknown_name_are_counted_alike(access: Access) -> None:
    fail(access, "nobody", 5)
    with pytest.raises(ReviewError, match=ENOUGH):
        access.sign_in("nobody", "x")
    assert access.sign_in("ann", PASSWORD).name == "ann"


def test_a_right_try_starts_the_count_anew(access: Access, clock: Any) -> None:
    for _ in range(3):
        fail(access, "ann", 4)
        clock.move(seconds=1)
        access.sign_in("ann", PASSWORD)
        clock.move(seconds=1)


def test_a_clock_that_was_ahead_frees_no_tries_and_takes_none_away(access: Access, clock: Any) -> None:
    clock.move(hours=24)
    for _ in range(MAX_TRIES + 1):
        access.sign_in("ann", PASSWORD)
        clock.move(seconds=1)
    clock.move(hours=-25)
    fail(access, "ann", MAX_TRIES)
    for password in ("not the password", PASSWORD):
        with pytest.raises(ReviewError, match=ENOUGH):
            access.sign_in("ann", password)


def test_an_unknown_name_costs_as_much_as_a_wrong_password(book: Any, clock: Any) -> None:
    access = Access(book, hasher=PasswordHasher(time_cost=4, memory_cost=32768, parallelism=1), clock=clock)
    access.add("ann", "moderator", PASSWORD)
    fail(access, "warm-up", 1)

    def seconds(name: str) -> float:
        started = time.process_time()
        fail(access, name, 1)
        return time.process_time() - started

    known, unknown = min(seconds("ann") for _ in range(4)), min(seconds("nobody") for _ in range(4))
    assert 0.4 < known / unknown < 2.5


def test_a_new_line_replaces_role_and_password(access: Access) -> None:
    access.add("ann", "lead", "another long password")
    assert access.sign_in("ann", "another long password") == Account("ann", "lead")
    with pytest.raises(ReviewError, match=WRONG):
        access.sign_in("ann", PASSWORD)


def test_a_closed_account(access: Access) -> None:
    access.add("bob", "lead", PASSWORD)
    assert access.accounts() == (Account("ann", "moderator"), Account("bob", "lead"))
    access.close("ann", by="bob")
    assert access.accounts() == (Account("bob", "lead"),)
    with pytest.raises(ReviewError, match=WRONG):
        access.sign_in("ann", PASSWORD)
    with pytest.raises(ReviewError, match=r"^there is no account 'ann'; `chatbot review add-user` adds one$"):
        access.close("ann")


@pytest.mark.parametrize(
    ("name", "role", "password", "message"),
    [
        ("a", "lead", PASSWORD, "'a' is no account name; use 2 to 32 of a-z, 0-9, dot, hyphen and underscore"),
        ("../x", "lead", PASSWORD, "'../x' is no account name; use 2 to 32 of a-z, 0-9, dot, hyphen and underscore"),
        ("bob", "off", PASSWORD, "'off' is no role; choose moderator or lead"),
        ("bob", "lead", "short", "the password has 5 characters; take 12 to 1000"),
        ("bob", "lead", "x" * 1001, "the password has 1001 characters; take 12 to 1000"),
    ],
)
def test_what_is_no_account(access: Access, book: Any, name: str, role: str, password: str, message: str) -> None:
    before = len(book.lines)
    with pytest.raises(ReviewError) as caught:
        access.add(name, role, password)
    assert str(caught.value) == message
    assert len(book.lines) == before


def test_a_long_password_is_not_cut_to_a_right_one(book: Any, clock: Any) -> None:
    access = Access(book, hasher=QUICK, clock=clock)
    access.add("ann", "lead", "x" * 1000)
    with pytest.raises(ReviewError, match=WRONG):
        access.sign_in("ann", "x" * 1001)
    assert access.sign_in("ann", "x" * 1000).role == "lead"


def test_a_hash_that_is_none_matches_nothing(access: Access, book: Any) -> None:
    book.write("account", "bob", at="9", label="lead", note="not a hash")
    with pytest.raises(ReviewError, match=WRONG):
        access.sign_in("bob", "not a hash")


def test_examples_in_docstrings() -> None:
    for module in pkgutil.walk_packages(chatbot.review.__path__, "chatbot.review."):
        assert doctest.testmod(importlib.import_module(module.name)).failed == 0, module.name
