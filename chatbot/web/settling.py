"""Keeps Python's garbage collector from looking, while questions come, through what stays in memory.

A full collection walks over every object that may be part of a cycle. An open generation with its models and page has some 750,000 of
them, and walking over them held up whatever question was under way by 330 ms on two cores. They are collected once, before anybody asks,
and then left out (`gc.freeze`).
"""

from __future__ import annotations

import gc


def settle() -> None:
    """Frees what nothing refers to any more and leaves out all the rest from now on. Called when a generation has been opened."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
