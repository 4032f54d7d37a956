"""A seeded share of `make faults`: everything tried is survived, and every kind is tried."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FAULTS = Path(__file__).parent / "faults.py"
ALWAYS = {
    "kill at a random moment",
    "several builders at once",
    "swap under load",
    "corpus edited after indexing",
    "damaged files",
    "wrong content, right hashes",
}
BY_STRACE = {"kill at a call", "ENOSPC at a call", "EIO at a call", "EROFS at a call"}


@pytest.mark.slow
def test_a_share_of_all_faults_is_survived(tmp_path: Path) -> None:
    out = tmp_path / "faults.json"
    command = [sys.executable, "-B", str(FAULTS), "--share", "0.01", "--seed", "3", "--json", str(out)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert run.returncode == 0, run.stdout + run.stderr
    found = json.loads(out.read_text())
    expected = ALWAYS | (BY_STRACE if shutil.which("strace") else set())
    assert expected <= set(found)
    assert all(row["tried"] and not row["lost"] for row in found.values())
