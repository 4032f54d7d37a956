"""What may befall a log: busy, full, not to be written, killed. The answer never waits, and nothing acknowledged is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from holding import held

import chatbot
from chatbot.errors import LogError
from chatbot.log import open_log
from chatbot.log.database import Database
from chatbot.log.proof import verify
from chatbot.log.records import Asked, Record
from chatbot.log.writer import Recorder
from chatbot.replies import Outcome

Logged = Callable[..., Record]
VISIT = "visit-of-a-reader-1"


def plain(asked: Asked) -> Record:
    return Record(
        asked.record_id, asked.owner, asked.asked_at, "answer", "q" * 200, {"quotes": []}, (), "s", "g", 0.5, 0.1
    )


def recorder_on(path: Path) -> Recorder[Database]:
    return Recorder(lambda: Database.open(path, create=True, busy_seconds=0.05), plain, redact=str, retry_seconds=0.05)


def wait_for(state: Callable[[], bool]) -> bool:
    end = time.monotonic() + 60
    while not state() and time.monotonic() < end:
        time.sleep(0.01)
    return state()


def test_a_busy_database_delays_no_answer_and_loses_no_row(log_path: Path, outcome: Callable[..., Outcome]) -> None:
    open_log(log_path, create=True).close()
    with held(log_path):
        recorder = recorder_on(log_path)
        started = time.perf_counter()
        for _ in range(50):
            recorder.record(outcome(), VISIT)
        assert time.perf_counter() - started < 1.0, "twenty times the busy timeout would be needed to wait for each"
        assert wait_for(lambda: recorder.status()["state"] == "degraded")
        status = recorder.status()
        assert (status["written"], status["waiting"], status["lost"]) == (0, 50, 0)
        assert "database is locked" in status["error"]
    assert recorder.flush(60)
    assert recorder.status() == {"state": "ok", "written": 50, "waiting": 0, "lost": 0, "error": ""}
    assert recorder.close() == 0
    with closing(open_log(log_path)) as log:
        assert verify(log).n_records == 50


def test_a_busy_database_at_the_end_is_counted(log_path: Path, outcome: Callable[..., Outcome]) -> None:
    open_log(log_path, create=True).close()
    with held(log_path):
        recorder = recorder_on(log_path)
        for _ in range(7):
            recorder.record(outcome(), VISIT)
        assert recorder.close() == 7
        assert recorder.status()["lost"] == 7


def test_a_busy_database_is_an_error_to_the_command(log_path: Path, logged: Logged) -> None:
    with closing(Database.open(log_path, create=True, busy_seconds=0.05)) as log, held(log_path):
        with pytest.raises(
            LogError, match=r"answers\.sqlite: database is locked; see that the answer log can be written"
        ):
            log.append([logged(1)])
        assert list(log.records()) == [], "reading goes on"


FILL = """
import resource, signal, sys
from pathlib import Path
from chatbot.errors import LogError
from chatbot.log.database import Database
from chatbot.log.proof import verify
from chatbot.log.records import Record

def row(n):
    return Record(f"r{n}", "o", "2026-11-24T08:00Z", "answer", "q" * 20000, {"quotes": []}, (), "s", "g", 0.5, 0.1)

log, path = sys.argv[1], sys.argv[2]
database = Database.open(log, create=True)
if path == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
written, error = 0, ""
for number in range(200):
    try:
        written += database.append([row(number)])
    except LogError as caught:
        error = str(caught).removeprefix(log)
        break
print(written, error)
if path == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
else:
    Path(path).unlink()
database.append([row(1000)])
result = verify(database)
print(result.n_records, [*result.broken, *result.strays])
"""


def fill(log: Path, how: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", FILL, str(log), how], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_a_file_that_may_not_grow_any_more(log_path: Path) -> None:
    """The rows before the failure are there, the one that failed is not, and the log goes on once there is room."""
    first, last = fill(log_path, "limit")
    written = int(first.split()[0])
    assert 0 < written < 200
    assert first.endswith("; see that the answer log can be written, then try again")
    assert last == f"{written + 1} []"


def test_a_full_disk(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "none", str(disk)], capture_output=True).returncode:
        pytest.skip("no small file system can be mounted here: that takes root")
    try:
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * 200_000)
        first, last = fill(disk / "answers.sqlite", str(ballast))
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
    written = int(first.split()[0])
    assert 0 < written < 200
    assert (
        first[len(str(written)) + 1 :]
        == ": database or disk is full; see that the answer log can be written, then try again"
    )
    assert last == f"{written + 1} []"


def test_a_folder_that_cannot_be_written_costs_no_answer(tmp_path: Path, outcome: Callable[..., Outcome]) -> None:
    folder = tmp_path / "later"
    recorder = recorder_on(folder / "answers.sqlite")
    receipt = recorder.record(outcome(), VISIT)
    assert len(receipt) == 29
    assert wait_for(lambda: recorder.status()["state"] == "degraded")
    assert "No such file or directory; the answer log needs a folder that can be written" in recorder.status()["error"]
    folder.mkdir()
    assert recorder.flush(60)
    assert recorder.status()["state"] == "ok"
    assert recorder.close() == 0


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(LogError, match="Permission denied; the answer log needs a folder that can be written"):
        open_log(tmp_path / "answers.sqlite", create=True)


def test_thirty_kills_lose_no_acknowledged_row(log_path: Path) -> None:
    script = Path(__file__).parent / "kill_loop.py"
    environment = {**os.environ, "PYTHONPATH": str(Path(chatbot.__file__).parent.parent)}
    command = [sys.executable, str(script), str(log_path), "30", "11"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    told = done.stdout.split()
    assert {name.split("-")[0] for name in told} == {f"round{n}" for n in range(30)}
    with closing(open_log(log_path)) as log:
        there = {record.record_id for record in log.records()}
        thumbs = log.events("thumb")
        result = verify(log)
    assert set(told) <= there
    assert len(thumbs) >= 30
    assert {event.subject for event in thumbs} <= there
    assert [event.note for event in thumbs] == [f"on {event.subject}" for event in thumbs]
    assert result.broken == ()
    assert result.n_records == len(there)
    assert result.strays == ()


def test_a_command_beside_a_running_server_takes_nothing_from_it(log_path: Path, logged: Logged) -> None:
    """A server opens its log more than once, and again for every receipt; a command comes and goes meanwhile."""
    command = "import sys; from chatbot.log import open_log; d = open_log(sys.argv[1]); print(len(list(d.records()))); d.close()"
    with closing(open_log(log_path, create=True)) as writes, closing(open_log(log_path, create=True)) as desk:
        open_log(log_path).close()
        for number in (1, 2):
            writes.append([logged(number)])
            beside = subprocess.run(
                [sys.executable, "-c", command, str(log_path)], capture_output=True, text=True, timeout=60, check=True
            )
            assert beside.stdout == f"{number}\n"
            assert log_path.with_name(f"{log_path.name}-wal").exists()
            assert len(list(desk.records())) == number
    with closing(open_log(log_path)) as later:
        assert [r.record_id for r in later.records()] == ["record-1", "record-2"]
