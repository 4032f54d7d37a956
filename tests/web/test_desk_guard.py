"""Who gets into the desk and what keeps others out: sign-in, sessions, tokens, origins, roles, addresses, sizes."""

from __future__ import annotations

import asyncio
import re
import threading
from typing import Any

import desk_memory
import pytest
from desk_client import Browser

from chatbot.errors import LogError
from chatbot.review.values import Account
from chatbot.web.desk import listed
from chatbot.web.desk.serving import SHOWN, TAKEN
from chatbot.web.desk.sessions import MAX_OWN, MAX_SESSIONS, Sessions
from chatbot.web.guard import MAX_BODY, Guard
from chatbot.web.limits import Buckets
from chatbot.web.limits import Sessions as PageSessions

FORM = "application/x-www-form-urlencoded"
GETS = [
    "/review/",
    "/review/page/2",
    "/review/record/r01",
    "/review/cases",
    "/review/pins",
    "/review/gaps",
    "/review/dashboard",
    "/review/accounts",
    "/review/help",
]
POSTS = [
    "/review/filter",
    "/review/next",
    "/review/keys",
    "/review/sign-out",
    "/review/record/r01/verdict",
    "/review/record/r01/claim",
    "/review/record/r01/release",
    "/review/record/r01/case",
    "/review/record/r01/proposal",
    "/review/record/r01/gap",
    "/review/pins",
    "/review/gaps",
    "/review/dashboard",
    "/review/export.csv",
    "/review/export.jsonl",
]
OPEN = {"/review", "/review/sign-in", "/desk.css", "/desk.js"}


@pytest.fixture
def desk(bot: Any) -> desk_memory.Memory:
    return desk_memory.Memory(bot)


@pytest.fixture
def browser(desk: desk_memory.Memory, bot: Any) -> Any:
    return Browser(desk, bot)


@pytest.fixture
def lead(browser: Any) -> Any:
    assert browser.sign_in().status_code == 303
    return browser


@pytest.fixture
def moderator(browser: Any) -> Any:
    assert browser.sign_in("mo").status_code == 303
    return browser


# --- addresses -----------------------------------------------------------------------------------------------------


def test_what_is_tested_here_is_all_that_there_is(browser: Any) -> None:
    made = {re.sub(r"\{number:int\}", "2", re.sub(r"\{record_id\}", "r01", path)) for path, _ in SHOWN}
    assert made == set(GETS)
    assert {re.sub(r"\{record_id\}", "r01", path) for path, _ in TAKEN} | {"/review/sign-out"} == set(POSTS)
    routes = {route.path for route in browser.serving.routes()}
    assert len(routes) == len({path for path, _ in (*SHOWN, *TAKEN)} | {"/review/sign-out"} | OPEN)


def test_each_address_takes_its_methods_and_no_other() -> None:
    for path in {*GETS, *POSTS, *OPEN}:
        wanted = ({"GET", "HEAD"} if path in GETS or path in ("/review", "/review/sign-in") else set()) | (
            {"POST"} if path in POSTS or path == "/review/sign-in" else set()
        )
        assert listed.methods_of(path) == (wanted or {"GET"}), path


@pytest.mark.parametrize(
    "path",
    [
        "/review//",
        "/review/records",
        "/review/record/",
        "/review/record/a/b",
        "/review/record/../x",
        "/review/record/r01/delete",
        "/review/record/" + "a" * 65,
        "/review/page/1234567",
        "/review/page/\u0664",
        "/review/export.xml",
        "/reviewer",
        "/review/cases/",
        "/Review/",
        "/review/\n",
        "/desk.map",
    ],
)
def test_no_other_address_exists(path: str) -> None:
    assert listed.methods_of(path) == frozenset()


def test_without_the_desk_none_of_it_exists(bot: Any) -> None:
    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    guard = Guard(Starlette(), {}, PageSessions(lambda _: None))
    with TestClient(guard, follow_redirects=False) as client:
        assert {client.get(path).status_code for path in (*GETS, *OPEN)} == {404}


def test_the_whole_application_serves_it_beside_the_readers_page(bot: Any, desk: desk_memory.Memory) -> None:
    from starlette.testclient import TestClient

    from chatbot.answer.rendering import render_json
    from chatbot.web.application import create

    application = create(bot, render_json, moderating=desk, embed=("https://blog.example",))
    with TestClient(application.asgi, follow_redirects=False) as client:
        assert client.get("/review").headers["location"] == "/review/"
        assert client.get("/review/").headers["location"] == "/review/sign-in"
        shown = client.get("/review/sign-in")
        assert shown.status_code == 200
        assert shown.headers["x-frame-options"] == "DENY"  # also where the readers' page may be framed
        assert "frame-ancestors 'none'" in shown.headers["content-security-policy"]
        assert "x-frame-options" not in client.get("/").headers
        for file in ("css", "js"):
            found = client.get(f"/desk.{file}")
            assert found.status_code == 200
            assert found.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert "review" not in client.get("/api/openapi.json").text


# --- without a session ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", GETS)
def test_whoever_is_not_signed_in_sees_nothing(browser: Any, desk: desk_memory.Memory, path: str) -> None:
    for response in (browser.get(path), browser.http.head(path)):
        assert (response.status_code, response.headers["location"]) == (303, "/review/sign-in")
        assert response.headers["cache-control"] == "no-store"
        assert response.content == b""
    assert desk.called == []


@pytest.mark.parametrize("path", POSTS)
def test_whoever_is_not_signed_in_does_nothing(browser: Any, desk: desk_memory.Memory, path: str) -> None:
    assert browser.post(path, {"label": "good"}, csrf="x").status_code == 403
    assert desk.called == []


def test_head_and_the_address_without_its_slash(lead: Any) -> None:
    assert lead.get("/review").headers["location"] == "/review/"
    for path in GETS:
        response = lead.http.head(path)
        assert (response.status_code, response.content) == (200, b""), path


# --- sign-in ---------------------------------------------------------------------------------------------------------


def test_the_session_is_a_cookie_that_no_script_and_no_other_site_gets(browser: Any) -> None:
    response = browser.sign_in()
    assert (response.status_code, response.headers["location"]) == (303, "/review/")
    kept, gone = response.headers.get_list("set-cookie")
    assert re.fullmatch(r"desk=[\w-]{43}; Path=/review; HttpOnly; SameSite=Strict", kept)
    assert gone == "desk_form=; Path=/review/sign-in; HttpOnly; SameSite=Strict; Max-Age=0"


def test_over_https_the_cookie_is_for_https_alone(desk: desk_memory.Memory, bot: Any) -> None:
    browser = Browser(desk, bot, "https://desk.example")
    assert all("; Secure" in cookie for cookie in browser.sign_in().headers.get_list("set-cookie"))
    assert browser.get("/review/").status_code == 200


def test_only_the_hash_of_the_token_is_kept(browser: Any) -> None:
    browser.sign_in()
    token = browser.http.cookies["desk"]
    assert token not in repr(browser.serving.sessions._kept)
    assert browser.serving.sessions.find(token).who.name == "lena"


def test_a_session_that_was_there_before_the_sign_in_is_not_the_one_after_it(browser: Any) -> None:
    browser.http.cookies.set("desk", "chosen-by-somebody-else", domain="desk.example", path="/review")
    browser.sign_in()
    tokens = {cookie.value for cookie in browser.http.cookies.jar if cookie.name == "desk"}
    assert browser.serving.sessions.find("chosen-by-somebody-else") is None
    assert len(tokens) == 1
    browser.post("/review/sign-out")
    browser.sign_in("mo")
    assert {cookie.value for cookie in browser.http.cookies.jar if cookie.name == "desk"} & tokens == set()
    assert len(browser.serving.sessions) == 1


def test_signing_in_over_a_session_ends_it(desk: desk_memory.Memory) -> None:
    from chatbot.web.desk.forms import Form
    from chatbot.web.desk.signing import SignIn

    sessions = Sessions()
    signing, before = SignIn(desk, sessions), sessions.begin(desk_memory.MODERATOR, "")
    value = signing._seals.new()
    form = Form({"name": ["lena"], "password": [desk_memory.PASSWORD], "seal": [signing._seals.of(value)]})
    asyncio.run(signing.take(form, {"desk_form": value, "desk": before}, secure=False))
    assert (sessions.find(before), len(sessions)) == (None, 1)


def test_a_wrong_name_and_a_wrong_password_get_the_same_words(browser: Any) -> None:
    def words(name: str, password: str) -> tuple[int, str]:
        response = browser.sign_in(name, password)
        return response.status_code, re.sub(r'name="seal" value="\w+"', "", response.text)

    assert words("nobody", desk_memory.PASSWORD) == words("lena", "wrong")
    status, page = words("lena", "wrong")
    assert status == 403
    assert "Wrong name or password." in page
    assert "desk" not in browser.http.cookies


def test_neither_name_nor_password_comes_back(browser: Any) -> None:
    response = browser.sign_in("lena-canary", "password-canary")
    assert "canary" not in response.text + str(response.headers)


def test_five_tries_are_enough(browser: Any, desk: desk_memory.Memory) -> None:
    pages = [browser.sign_in("lena", f"guess {n}") for n in range(6)]
    assert ["5 tries in 15 minutes" in page.text for page in pages] == [False] * 5 + [True]
    assert browser.sign_in().status_code == 403  # also with the right password


def test_tries_of_one_client_are_limited_before_any_password_is_looked_at(desk: desk_memory.Memory, bot: Any) -> None:
    browser = Browser(desk, bot)
    browser.http.app.tries = Buckets(listed.TRY_RATE, 3)
    found = [browser.sign_in(f"name{n}", "x").status_code for n in range(5)]
    assert found == [403, 403, 403, 429, 429]
    assert len(desk.tries) == 3


def test_only_so_many_passwords_are_looked_at_at_once(desk: desk_memory.Memory) -> None:
    from chatbot.web.desk.forms import Form
    from chatbot.web.desk.signing import AT_ONCE, MAX_WAITING, SignIn

    inside, most, gate = 0, 0, threading.Event()
    lock = threading.Lock()

    def slow(name: str, password: str) -> Account:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        gate.wait(5)
        with lock:
            inside -= 1
        return desk_memory.LEAD

    desk.sign_in = slow  # type: ignore[method-assign]
    signing = SignIn(desk, Sessions())
    value = signing._seals.new()
    form = Form({"name": ["lena"], "password": ["x"], "seal": [signing._seals.of(value)]})

    async def crowd() -> list[int]:
        tries = [asyncio.create_task(signing.take(form, {"desk_form": value}, secure=False)) for _ in range(14)]
        await asyncio.sleep(0.1)
        gate.set()
        return [response.status_code for response in await asyncio.gather(*tries)]

    found = asyncio.run(crowd())
    assert sorted(found) == [303] * (AT_ONCE + MAX_WAITING) + [503] * 4
    assert most == AT_ONCE


@pytest.mark.parametrize("seal", ["", "0" * 64])
def test_a_sign_in_form_that_is_not_ours_is_refused(browser: Any, desk: desk_memory.Memory, seal: str) -> None:
    assert browser.sign_in(seal=seal).status_code == 403
    assert desk.tries == {}


def test_a_sign_in_form_without_its_cookie_is_refused(browser: Any, desk: desk_memory.Memory) -> None:
    seal = re.search(r'name="seal" value="(\w+)"', browser.get("/review/sign-in").text)
    assert seal
    browser.http.cookies.clear()
    form = {"name": "lena", "password": desk_memory.PASSWORD, "seal": seal[1]}
    assert browser.http.post("/review/sign-in", data=form, headers={"origin": browser.base}).status_code == 403
    assert desk.tries == {}


def test_without_an_account_the_page_says_how_to_add_one(browser: Any, desk: desk_memory.Memory) -> None:
    assert "chatbot review add-user" not in browser.get("/review/sign-in").text
    desk.open_accounts.clear()
    assert "chatbot review add-user NAME --role lead" in browser.get("/review/sign-in").text


# --- the end of a session ---------------------------------------------------------------------------------------------


def test_signing_out_ends_it(lead: Any) -> None:
    token, csrf = lead.http.cookies["desk"], lead.token()
    response = lead.post("/review/sign-out")
    assert response.headers["location"] == "/review/sign-in"
    assert "Max-Age=0" in response.headers["set-cookie"]
    lead.http.cookies.set("desk", token, domain="desk.example", path="/review")
    assert lead.get("/review/").status_code == 303
    assert lead.post("/review/next", csrf=csrf).status_code == 403


def test_half_an_hour_of_nothing_ends_it(lead: Any) -> None:
    lead.seconds = 30 * 60.0
    assert lead.get("/review/").status_code == 200
    lead.seconds += 30 * 60.0 + 1
    assert lead.get("/review/").status_code == 303
    assert len(lead.serving.sessions) == 0


def test_twelve_hours_end_it_however_busy(lead: Any) -> None:
    for minutes in range(0, 12 * 60, 20):
        lead.seconds = minutes * 60.0
        assert lead.get("/review/help").status_code == 200
    lead.seconds = 12 * 3600.0 + 1
    assert lead.get("/review/help").status_code == 303


@pytest.mark.parametrize("change", ["closed", "other role"])
def test_an_account_that_was_closed_or_changed_loses_its_sessions(lead: Any, desk: Any, change: str) -> None:
    csrf = lead.token()
    if change == "closed":
        del desk.open_accounts["lena"]
    else:
        desk.open_accounts["lena"] = Account("lena", "moderator")
    desk.called.clear()
    assert lead.post("/review/pins", {"state": "approved", "proposal": "p1"}, csrf=csrf).status_code == 403
    assert lead.get("/review/").status_code == 303
    assert desk.called == []
    assert len(lead.serving.sessions) == 0


def test_a_changed_password_loses_its_sessions(browser: Any, desk: Any) -> None:
    asked = []

    def account(name: str, since: str = "") -> Any:
        asked.append((name, since))
        return desk_memory.LEAD if len(asked) < 2 else None

    desk.account = account
    browser.sign_in()
    assert browser.get("/review/help").status_code == 200
    assert browser.get("/review/help").status_code == 303
    assert asked == [("lena", desk_memory.AT)] * 2


def test_the_table_of_sessions_is_bounded() -> None:
    sessions = Sessions(lambda: 0.0, max_sessions=3)
    tokens = [sessions.begin(desk_memory.LEAD, "") for _ in range(3)]
    assert sessions.find(tokens[0])
    tokens.append(sessions.begin(desk_memory.LEAD, ""))
    assert [bool(sessions.find(token)) for token in tokens] == [True, False, True, True]


def test_one_account_cannot_push_out_the_sessions_of_others() -> None:
    sessions = Sessions(lambda: 0.0)
    hers = sessions.begin(desk_memory.LEAD, "")
    his = [sessions.begin(desk_memory.MODERATOR, "") for _ in range(MAX_SESSIONS)]
    assert sessions.find(hers)
    assert [bool(sessions.find(token)) for token in his] == [False] * (MAX_SESSIONS - MAX_OWN) + [True] * MAX_OWN


def test_what_was_written_when_a_session_ended_can_be_copied(lead: Any, desk: Any) -> None:
    import lxml.html

    csrf, note = lead.token(), "A long thought\n</textarea><script>alert(1)</script>"
    lead.seconds += 30 * 60.0 + 1
    desk.called.clear()
    response = lead.post("/review/record/r01/verdict", {"label": "good", "note": note}, csrf=csrf)
    page = lxml.html.fromstring(response.content)
    assert (response.status_code, desk.called) == (403, [])
    assert page.xpath("//textarea[@id='kept-note']")[0].text_content().removeprefix("\n") == note
    assert page.xpath("//main//script") == []
    elsewhere = lead.post("/review/next", {"note": note}, csrf=csrf, headers={"origin": "https://evil.example"})
    assert "A long thought" not in elsewhere.text


# --- forms of others --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("csrf", ["", "wrong"])
def test_a_form_without_the_sessions_token_does_nothing(lead: Any, desk: Any, path: str, csrf: str) -> None:
    desk.called.clear()
    assert lead.post(path, {"label": "good"}, csrf=csrf).status_code == 403
    assert desk.called == []


def test_the_token_of_another_session_does_nothing(desk: Any, bot: Any, lead: Any) -> None:
    other = Browser(desk, bot)
    other.sign_in("mo")
    assert lead.post("/review/next", csrf=other.token()).status_code == 403


HOSTILE: list[dict[str, str]] = [
    {},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://["},
    {"origin": "http://desk.example.evil.example"},
    {"origin": "http://desk.example:8080"},
    {"origin": "http://desk.example", "sec-fetch-site": "cross-site"},
    {"origin": "http://desk.example", "sec-fetch-site": "same-site"},
    {"origin": "http://desk.example", "sec-fetch-site": "none"},
    {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
    {"referer": "http://desk.example/review/"},
]


@pytest.mark.parametrize("headers", HOSTILE, ids=str)
def test_a_form_from_another_site_does_nothing_even_with_the_token(lead: Any, desk: Any, headers: Any) -> None:
    token = lead.token()
    desk.called.clear()
    for path in POSTS:
        assert lead.post(path, {"label": "good"}, csrf=token, headers=headers).status_code == 403
    sign_in = {"name": "lena", "password": desk_memory.PASSWORD}
    assert lead.http.post("/review/sign-in", data=sign_in, headers=headers).status_code == 403
    assert desk.called == []


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "same-origin", "origin": "null"}], ids=str
)
def test_a_browser_that_says_same_origin_is_believed(lead: Any, headers: Any) -> None:
    assert lead.post("/review/next", headers=headers).status_code == 303


def test_no_other_origin_is_told_anything(lead: Any) -> None:
    response = lead.http.get("/review/", headers={"origin": "https://evil.example"})
    assert not [name for name in response.headers if name.startswith("access-control")]
    assert response.headers["referrer-policy"] == "same-origin"
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""])
def test_only_forms_are_taken_here_and_nowhere_else(lead: Any, kind: str) -> None:
    for path in (*POSTS, "/review/sign-in"):
        headers = {"origin": lead.base} | ({"content-type": kind} if kind else {})
        assert lead.http.post(path, content=b"x", headers=headers).status_code == 415, path


def test_a_form_of_more_than_64_kib_is_refused(lead: Any) -> None:
    headers = {"origin": lead.base, "content-type": FORM}
    start = f"csrf={lead.token()}&label=good&note=".encode()
    at_limit = lead.http.post("/review/record/r01/verdict", content=start.ljust(MAX_BODY, b"n"), headers=headers)
    assert at_limit.status_code == 303
    over = lead.http.post("/review/record/r01/verdict", content=start.ljust(MAX_BODY + 1, b"n"), headers=headers)
    assert over.status_code == 413


def test_a_form_of_too_many_fields_is_refused(lead: Any) -> None:
    fields = [(f"tag{n}", "x") for n in range(300)]
    assert lead.post("/review/record/r01/verdict", fields).status_code == 422
    assert lead.http.post("/review/sign-in", data=dict(fields), headers={"origin": lead.base}).status_code == 422


def test_requests_of_one_client_are_limited(lead: Any) -> None:
    lead.http.app.desks = Buckets(rate=0.1, burst=3)
    assert [lead.get("/review/help").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = lead.get("/review/help")
    assert refused.headers["content-type"] == "text/html"
    assert (refused.headers["retry-after"], "Please wait a moment" in refused.text) == ("10", True)


# --- roles ---------------------------------------------------------------------------------------------------------


def test_what_leads_do_a_moderator_is_refused(moderator: Any, desk: desk_memory.Memory) -> None:
    desk.propose(desk_memory.LEAD, "r01", "pin", "Does it last?", _place(desk))
    desk.report_gap(desk_memory.LEAD, "r01", "A trial in Germany")
    before = dict(desk.proposed), dict(desk.known_gaps)
    for path, fields in (
        ("/review/pins", {"proposal": "p1", "state": "approved"}),
        ("/review/pins", {"proposal": "p1", "state": "rejected"}),
        ("/review/pins", {"proposal": "p1", "state": "withdrawn"}),
        ("/review/gaps", {"gap": "g1"}),
        ("/review/gaps", {"gap": "g1", "state": "open"}),
        ("/review/export.csv", {}),
        ("/review/export.jsonl", {}),
    ):
        response = moderator.post(path, fields)
        assert response.status_code == 403, (path, fields)
        assert "Not yours to do" in response.text
    assert moderator.get("/review/accounts").status_code == 403
    assert (dict(desk.proposed), dict(desk.known_gaps)) == before


def _place(desk: desk_memory.Memory) -> Any:
    quote = desk.records["r01"].reply["quotes"][0]
    from chatbot.marked import Place

    return Place(quote["doc_id"], quote["start"], quote["end"])


def test_a_moderator_is_not_even_shown_what_leads_do(moderator: Any, desk: desk_memory.Memory) -> None:
    desk.propose(desk_memory.LEAD, "r01", "pin", "Does it last?", _place(desk))
    page = moderator.page("/review/pins")
    assert page.xpath("//button[@name='state']") == []
    assert page.xpath("//nav//a[contains(@href, 'accounts')]") == []


# --- a log that fails ------------------------------------------------------------------------------------------------


def test_a_log_that_fails_becomes_a_page_that_names_nothing(lead: Any, desk: Any) -> None:
    token = lead.token()
    desk.failing = LogError("/var/lib/answers.db: disk I/O error")
    for response in (
        lead.get("/review/"),
        lead.get("/review/sign-in"),
        lead.post("/review/next", csrf=token),
    ):
        assert response.status_code == 503
        assert "answers.db" not in response.text


def test_a_fault_inside_names_nothing(lead: Any, desk: Any, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: Any) -> Any:
        raise ValueError("canary question")

    desk.view = broken
    assert lead.get("/review/record/r01").status_code == 500
    assert "canary" not in caplog.text


# --- the command ---------------------------------------------------------------------------------------------------


def test_whoever_serves_to_others_is_told_of_the_open_wire(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    from chatbot.commands.serve import OPEN_WIRE, desk_over

    for host, told in (
        ("127.0.0.1", False),
        ("localhost", False),
        ("::1", False),
        ("0.0.0.0", True),
        ("desk.example", True),
    ):
        with desk_over(str(tmp_path / "answers.sqlite"), tmp_path, tmp_path, host) as found:
            assert found is not None
            assert not found.has_accounts()
        assert (OPEN_WIRE in capsys.readouterr().err) == told, host


def test_a_log_that_cannot_be_opened_leaves_the_desk_out(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    from chatbot.commands.serve import desk_over

    with desk_over(str(tmp_path), tmp_path, tmp_path, "127.0.0.1") as found:
        assert found is None
    assert "The moderators' desk is not served." in capsys.readouterr().err
