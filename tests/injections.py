"""What tests/faults.py stands on: an index whose every state is known, and faults put into system calls by strace.

Operations run in children of one warm process under strace. strace counts the calls of each child by itself, so a child makes
as many idle calls as put its n-th real one at the number that is hit: an injection costs a fork, not a start of Python.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from fakes import HashEmbedder, write_corpus  # noqa: E402

from chatbot import building  # noqa: E402
from chatbot.errors import ChapterError, IndexUnusable  # noqa: E402
from chatbot.index import activations, files, generations  # noqa: E402
from chatbot.index.tokens import token_counter  # noqa: E402

ARTICLE = ["Kettles boil water quickly. Tea follows after that.", "Ninety people tried the tea. It was warm."]
TEXTS = ("It was cold first.", "It was cold then.", "It was cold at last.")
HIT = {
    "read": 900
}  # the number of the call that strace hits: more than the warm process itself makes while it is traced
OTHERS = 300
IDLE: dict[str, Callable[[int], object]] = {
    "write": lambda null: os.write(null, b"x"),
    "read": lambda null: os.read(null, 0),
    "fsync": os.fsync,
    "openat": lambda _: os.close(os.open("/dev/null", os.O_RDONLY)),
    "rename": lambda _: Path("/nowhere/a").rename("/nowhere/b"),
    "unlink": lambda _: Path("/nowhere/a").unlink(),
    "unlinkat": lambda null: os.unlink("a", dir_fd=null),
    "mkdir": lambda _: Path("/nowhere/a").mkdir(),
    "flock": lambda null: __import__("fcntl").flock(null, 8),
    "ftruncate": lambda null: os.ftruncate(null, 0),
}
KILLED = ("write", "fsync", "rename", "openat", "unlink", "unlinkat", "mkdir")
ERRORS = {
    "ENOSPC": ("write", "fsync", "rename", "openat", "mkdir"),
    "EIO": ("write", "read", "fsync", "rename", "openat", "unlink", "unlinkat", "mkdir", "flock", "ftruncate"),
    "EROFS": ("openat", "rename", "mkdir", "unlink", "unlinkat"),
}


@dataclass
class Tally:
    """What was tried of one kind, and what did not survive."""

    kind: str
    tried: int = 0
    lost: list[str] = field(default_factory=list)
    note: str = ""

    def take(self, what: str, problems: Sequence[str]) -> None:
        self.tried += 1
        self.lost += [f"{what}: {'; '.join(problems)}"] if problems else []

    def line(self) -> str:
        return f"{self.kind:<28}{self.tried:>7}{self.tried - len(self.lost):>10}   {self.note}"


# --- the place ----------------------------------------------------------------------------------------------------------


def digest_of(folder: Path) -> str:
    """A hash over every file of a generation."""
    parts = [(str(p.relative_to(folder)), p.read_bytes()) for p in sorted(folder.rglob("*")) if p.is_file()]
    return generations.sha256(repr(parts).encode())


class Place:
    """A corpus in two states and an index of which `old` is in use, `older` was before, `new` is what a build will make."""

    def __init__(self, base: Path, ids: Sequence[str] = ()) -> None:
        self.base = base
        self.corpus, self.index, self.kept = base / "corpus", base / "index", base / "kept"
        self.ids = list(ids)
        self.bytes: dict[str, str] = {}
        if not ids:
            self._make()
        self.older, self.old, self.new = self.ids

    def _make(self) -> None:
        """Builds what the folder holds."""
        for text in TEXTS:
            self.write(text)
            if len(self.ids) == 2:
                shutil.copytree(self.index, self.kept)
            self.ids.append(building.build(self.corpus, self.index, HashEmbedder()))
            self.bytes[self.ids[-1]] = digest_of(self.index / self.ids[-1])
        shutil.copytree(self.index / self.ids[-1], self.base / "spare")

    def write(self, text: str) -> None:
        """The corpus with that sentence."""
        write_corpus(self.corpus, {"article": [*ARTICLE, text], "note": [text]}, [("Was it cold?", [text])])

    def restore(self, operation: str) -> None:
        """Everything as it was before the operation. To mend: a file of the generation in use is broken, and things of a
        builder that died lie about."""
        for path in self.index.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(self.kept, self.index, dirs_exist_ok=True)
        self.write(TEXTS[1 if operation == "mend" else 2])
        if operation == "prune":
            shutil.copytree(self.base / "spare", self.index / self.new)
        if operation == "mend":
            path = self.index / self.old / "sentences.jsonl"
            path.write_bytes(path.read_bytes()[:-7])
            dead = self.index / ".new-dead-1" / "vectors"
            dead.mkdir(parents=True)
            files.write(dead / "x.npy", b"half")
            files.write(self.index / ".beside-current-dead", b"half")

    def act(self, operation: str) -> None:
        """What a maintainer runs."""
        if operation in ("build", "mend"):
            building.build(self.corpus, self.index, HashEmbedder())
        elif operation == "activate":
            generations.activate(self.index, self.older, "a test", by="activate", overridden=True)
        elif operation == "rollback":
            generations.rollback(self.index, "a test")
        elif operation == "prune":
            generations.prune(self.index, 0)  # the newest goes: it was never in use

    def target(self, operation: str) -> str:
        """What is in use when it went well."""
        return {"build": self.new, "mend": self.old, "prune": self.old}.get(operation, self.older)

    def problems(self, operation: str, ended_well: bool) -> list[str]:
        """What is wrong after a fault, and then after the same command once more."""
        out = self.problems_now(operation, ended_well)
        try:
            if operation != "rollback" or generations.current(self.index) == self.old:
                self.act(operation)
        except ChapterError as error:
            return [*out, f"not mended by running it again: {error}"]
        files.sweep(self.index) if operation in ("activate", "rollback") else None
        left = [p.name for p in files.leftovers(self.index)]
        return out + self.problems_now(operation, True) + ([f"left behind: {left}"] if left else [])

    def problems_now(self, operation: str, ended_well: bool) -> list[str]:
        """What is wrong at this moment."""
        out = []
        try:
            used = generations.current(self.index)
            if used not in ({self.target(operation)} if ended_well else {self.old, self.target(operation)}):
                out.append(f"{used} is in use")
            for found in generations.list_ids(self.index):
                if operation == "mend" and found == self.old and not ended_well:
                    continue
                loaded = building.load(self.index, found, HashEmbedder())
                if loaded.generation != found or digest_of(self.index / found) != self.bytes[found]:
                    out.append(f"{found} is not what was built")
            if used not in generations.list_ids(self.index) and not (operation == "mend" and not ended_well):
                out.append(f"{used} is in use and is not on disk")
            raw = (self.index / activations.FILE).read_bytes()
            if activations.damaged_lines(raw):
                out.append("the record is damaged")
            if generations.history(self.index)[-1].generation != used:
                out.append("the record ends with another generation than the one in use")
        except ChapterError as error:
            out.append(f"{type(error).__name__}: {error}")
        return out


# --- injections by strace ---------------------------------------------------------------------------------------------


def child(place: Place, operation: str, call: str, idle: int) -> tuple[int, int]:
    """Forks; the child makes `idle` idle calls and then acts. Its exit code and pid: 0 well, 1 an error of ours, 2 any other, 3 one
    of ours that does not say what to do; below 0 a signal."""
    pid = os.fork()
    if pid == 0:
        code = 2
        try:
            null = os.open("/dev/null", os.O_RDWR)
            for _ in range(idle):
                with suppress(OSError):
                    IDLE[call](null)
            place.act(operation)
            code = 0
        except IndexUnusable as error:
            code = 1 if "; " in str(error) else 3
        except ChapterError:
            code = 1
        except BaseException as error:
            with suppress(OSError):
                os.write(2, f"{type(error).__name__}: {error}\n".encode())
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), pid


def zygote(base: Path) -> None:
    """The warm process: a line {operation, call, idle} in, an exit code out."""
    place = Place(base, json.loads((base / "place.json").read_text()))
    token_counter()
    building.prepare(place.corpus, HashEmbedder())
    print("warm", flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        print(*child(place, job["operation"], job["call"], job["idle"]), flush=True)


def exit_of(code: int, errors_allowed: bool) -> list[str]:
    """What is wrong with how a child ended."""
    names = {2: "an error that is none of ours", 3: "an error without a next step"}
    return [names[code]] if code in names else ["an error"] if code == 1 and not errors_allowed else []


class Warm:
    """A warm process whose children act. `traced` puts it under strace for a while."""

    def __init__(self, place: Place) -> None:
        (place.base / "place.json").write_text(json.dumps(place.ids))
        self.said = (place.base / "said").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-B", str(HERE / "injections.py"), str(place.base)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said, text=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        assert self.process.stdout
        self.process.stdout.readline()  # it is warm
        self.pid = 0

    @contextmanager
    def traced(self, *options: str, out: str = "/dev/null") -> Iterator[None]:
        """strace is attached within."""
        strace = subprocess.Popen(
            ["strace", "-f", "-qq", "-o", out, "-p", str(self.process.pid), *(o for e in options for o in ("-e", e))],
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        status = Path(f"/proc/{self.process.pid}/status")
        while "TracerPid:\t0\n" in status.read_text():
            if strace.poll() is not None:
                raise RuntimeError(f"strace cannot attach: {strace.communicate()[1]}")
            time.sleep(0.005)
        try:
            yield
        finally:
            strace.send_signal(signal.SIGINT)
            strace.communicate(timeout=60)

    def ask(self, operation: str, call: str = "write", idle: int = 0) -> int:
        """The exit code of an operation after so many idle calls."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps({"operation": operation, "call": call, "idle": idle}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the warm process ended: {self.end()}")
        code, self.pid = map(int, line.split())
        return code

    def end(self) -> str:
        """Ends it; what was written to standard error."""
        self.process.communicate(timeout=60)
        self.said.seek(0)
        return self.said.read()


def hit_of(call: str) -> int:
    """The number of the call that strace hits."""
    return HIT.get(call, OTHERS)


def count_calls(
    warm: Warm, place: Place, calls: Sequence[str], operations: Sequence[str]
) -> dict[tuple[str, str], int]:
    """How many calls of each kind a whole run of each operation makes."""
    out: dict[tuple[str, str], int] = {}
    trace = place.base / "trace"
    for operation in operations:
        place.restore(operation)
        with warm.traced(f"trace={','.join(calls)}", out=str(trace)):
            code = warm.ask(operation)
        assert code == 0, (operation, code)
        mine = [x.split(None, 1)[1] for x in trace.read_text().splitlines() if x.startswith(f"{warm.pid} ")]
        names = Counter(line.split("(")[0] for line in mine if not line.startswith(("<", "+", "-")))
        out |= {(operation, call): names[call] for call in calls}
    return out


if __name__ == "__main__":
    zygote(Path(sys.argv[1]))
