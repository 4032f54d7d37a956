"""Everything that can go wrong with an index on disk, tried one by one and counted: `make faults`, or python tests/faults.py.

    kill, error     at every write, fsync, rename, openat, unlink, ... of a build, activation, rollback, prune, by strace
    random kill     a builder killed at a random moment
    disk            a disk that is full at every size, and a read-only one
    together        several builders at once
    swap            a server that answers while the pointer moves
    edit            a corpus edited, cut or lost after indexing
    corruption      flipped bits, cut, lost and swapped files; manifests made anew around wrong vectors, spans and corpora

After each the pointer must name a generation that loads, old or new, its bytes as they were built; whatever has a generation's
name must be whole; the record of activations must be readable; and the same command run again must end well and leave nothing
behind. An error must be one of ours, with a next step. Exit code 1 when anything did not survive.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent)]

from injections import ERRORS, KILLED, Place, Tally, Warm, count_calls, exit_of, hit_of  # noqa: E402

from chatbot.errors import IndexUnusable  # noqa: E402

OPERATIONS = ("build", "activate", "rollback", "prune", "mend")


class Faults:
    """Runs kinds of fault in a place. `share` of them are tried, chosen by `seed`."""

    def __init__(self, base: Path, share: float, seed: int) -> None:
        self.base, self.share, self.rng = base, share, random.Random(seed)
        self.place = Place(base / "place")

    def some(self, count: int) -> int:
        """How many of `count` are tried: one at least."""
        return max(1, round(count * self.share))

    def injections(self) -> Iterator[Tally]:
        """A kill, then each error, at every call of every operation."""
        calls = sorted({*KILLED, *(call for named in ERRORS.values() for call in named)})
        warm = Warm(self.place)
        counts = count_calls(warm, self.place, calls, OPERATIONS)
        yield self._inject(warm, "kill", KILLED, counts)
        for name, named in ERRORS.items():
            yield self._inject(warm, name, named, counts)
        if said := warm.end():
            print(said, file=sys.stderr)

    def _inject(self, warm: Warm, kind: str, calls: tuple[str, ...], counts: dict[tuple[str, str], int]) -> Tally:
        """A kill (or that error) at the calls of all operations."""
        tally = Tally(
            f"{kind} at a call", note=", ".join(f"{sum(counts[o, c] for o in OPERATIONS)} {c}" for c in calls)
        )
        jobs = [(call, o, n) for call in calls for o in OPERATIONS for n in range(1, counts[o, call] + 1)]
        jobs = sorted(self.rng.sample(jobs, self.some(len(jobs))), key=lambda job: job[0])
        effect = "signal=KILL" if kind == "kill" else f"error={kind}"
        for call in dict.fromkeys(job[0] for job in jobs):
            hit = hit_of(call)
            with warm.traced(f"trace={call}", f"inject={call}:{effect}:when={hit}"):
                for _, operation, n in (job for job in jobs if job[0] == call):
                    self.place.restore(operation)
                    code = warm.ask(operation, call, hit - n)
                    fine = code == -signal.SIGKILL if kind == "kill" else code in (0, 1)
                    problems = [] if fine else exit_of(code, errors_allowed=True) or [f"the child ended with {code}"]
                    problems += self.place.problems(operation, ended_well=code == 0)
                    tally.take(f"{operation}, {call} {n}", problems)
        return tally

    def random_kills(self, count: int = 1000) -> Tally:
        """A child that builds, killed after a random part of the time that a build takes."""
        tally = Tally("kill at a random moment")
        self.place.restore("build")
        began = time.perf_counter()
        self.place.act("build")
        whole = time.perf_counter() - began
        landed = 0
        for number in range(self.some(count)):
            self.place.restore("build")
            pid = os.fork()
            if pid == 0:
                self.place.act("build")
                os._exit(0)
            time.sleep(self.rng.uniform(0, 1.3 * whole))
            os.kill(pid, signal.SIGKILL)
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            landed += code != 0
            tally.take(f"kill {number}", self.place.problems("build", ended_well=code == 0))
        tally.note = f"{landed} landed before the end"
        return tally

    def full_disk(self) -> Tally:
        """A disk of every size from one page to what both generations take, in pages."""
        tally = Tally("disk full")
        need = sum(p.stat().st_size // 4096 + 1 for p in self.place.kept.rglob("*"))
        sizes = [need + page for page in range(0, 64)]
        for size in sorted(self.rng.sample(sizes, self.some(len(sizes)))):
            with self.mounted(size * 4096) as place:
                code = self.attempt(place)
                problems = exit_of(code, errors_allowed=True) + place.problems_now("build", ended_well=code == 0)
                subprocess.run(["mount", "-o", "remount,size=20m", str(place.index)], check=True)
                tally.take(f"{size} pages", problems + place.problems("build", ended_well=code == 0))
        return tally

    def read_only(self) -> Tally:
        """A disk that may only be read: building, activating, rolling back and pruning say so, answering goes on."""
        tally = Tally("disk read-only")
        for operation in OPERATIONS[:4]:
            with self.mounted(20 << 20, operation) as place:
                subprocess.run(["mount", "-o", "remount,ro", str(place.index)], check=True)
                code = self.attempt(place, operation)
                problems = exit_of(code, errors_allowed=True) + (["nothing was said"] if code == 0 else [])
                problems += place.problems_now(operation, ended_well=False)
                subprocess.run(["mount", "-o", "remount,rw", str(place.index)], check=True)
                tally.take(operation, problems + place.problems(operation, ended_well=False))
        return tally

    @contextmanager
    def mounted(self, size: int, operation: str = "build") -> Iterator[Place]:
        """The place, its index on a disk of its own of that size."""
        place = self.place
        shutil.rmtree(place.index)
        place.index.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "faults", str(place.index)], check=True)
        try:
            place.restore(operation)
            yield place
        finally:
            subprocess.run(["umount", str(place.index)], check=True)

    def attempt(self, place: Place, operation: str = "build") -> int:
        """The exit code of an operation, as `injections.child` counts them."""
        try:
            place.act(operation)
        except IndexUnusable as error:
            return 1 if "; " in str(error) else 3
        except OSError:
            return 2
        return 0

    def together(self, rounds: int = 40) -> Tally:
        """Four builders at once: one builds or finds it built, the others do too or are told who is at work."""
        tally = Tally("several builders at once")
        told = 0
        for number in range(self.some(rounds)):
            self.place.restore("build")
            pids = []
            for _ in range(4):
                pid = os.fork()
                if pid == 0:
                    os._exit(self.attempt(self.place))
                pids.append(pid)
            codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
            told += codes.count(1)
            problems = [p for code in codes for p in exit_of(code, errors_allowed=True)]
            problems += [] if 0 in codes else ["none of them built"]
            tally.take(f"round {number}", problems + self.place.problems("build", ended_well=True))
        tally.note = f"4 at a time; {told} were told to wait"
        return tally


def kinds(faults: Faults) -> Iterator[Tally]:
    """Every kind, in order."""
    from injected_files import corruptions, edits
    from swapping_load import swaps

    if shutil.which("strace"):
        yield from faults.injections()
    yield faults.random_kills()
    if can_mount(faults.base):
        yield faults.full_disk()
        yield faults.read_only()
    yield faults.together()
    yield swaps(faults.base / "swap", faults.some(50))
    yield edits(faults.base / "edit")
    yield from corruptions(faults.base / "corrupt", faults.some(10_000), faults.rng)


def can_mount(base: Path) -> bool:
    """Whether this machine lets us mount a disk of our own."""
    probe = base / "probe"
    probe.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "faults", str(probe)], capture_output=True, check=False).returncode:
        return False
    subprocess.run(["umount", str(probe)], check=True)
    return True


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=1.0, help="the share of each kind that is tried")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", type=Path, help="also write the counts to this file")
    options = parser.parse_args()
    fast = Path("/dev/shm")
    found: list[Tally] = []
    with tempfile.TemporaryDirectory(prefix="faults-", dir=fast if os.access(fast, os.W_OK) else None) as name:
        faults = Faults(Path(name), options.share, options.seed)
        print(f"{'kind':<28}{'tried':>7}{'survived':>10}", flush=True)
        for tally in kinds(faults):
            found.append(tally)
            print(tally.line(), flush=True)
            for lost in tally.lost[:10]:
                print(f"    {lost}", file=sys.stderr)
    tried, lost = sum(t.tried for t in found), sum(len(t.lost) for t in found)
    print(f"{'all':<28}{tried:>7}{tried - lost:>10}")
    if options.json:
        rows = {t.kind: {"tried": t.tried, "survived": t.tried - len(t.lost), "lost": t.lost[:50]} for t in found}
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
