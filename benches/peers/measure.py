"""Whole processes, one at a time: how long each took and the most memory it held."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """One run of one process."""

    seconds: float
    peak_bytes: int
    stdout: str


@dataclass(frozen=True)
class Work:
    """What a process does, and what has to go before it can do it again."""

    command: Sequence[str]
    prepare: Callable[[], None] = lambda: None


class Failed(Exception):
    """A process that ended with another code than 0."""


def measured(work: Work, threads: int, scratch: Path) -> Measured:
    """Runs a process to its end, on so many threads.

    The peak is what the system noted of the process and of those that it waited for. A process begins with the peak of
    the one that started it, so this one must stay small: whatever needs a large package runs in a process of its own.
    """
    work.prepare()
    limits = {name: str(threads) for name in ("RAYON_NUM_THREADS", "POLARS_MAX_THREADS", "OMP_NUM_THREADS")}
    with open(scratch / "stdout", "w+") as out, open(scratch / "stderr", "w+") as err:
        start = time.perf_counter()
        process = subprocess.Popen(work.command, stdout=out, stderr=err, env={**os.environ, **limits})
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)  # it has been waited for
        out.seek(0)
        err.seek(0)
        if process.returncode != 0:
            raise Failed(f"{' '.join(map(str, work.command))}: exit code {process.returncode}: {err.read().strip()[-2000:]}")
        return Measured(seconds, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024), out.read())


@dataclass(frozen=True)
class Rounds:
    """The same work several times."""

    runs: Sequence[Measured]

    @property
    def seconds(self) -> float:
        """The median."""
        return statistics.median(run.seconds for run in self.runs)

    @property
    def peak_bytes(self) -> int:
        """The highest of all peaks."""
        return max(run.peak_bytes for run in self.runs)


def in_turn(works: Sequence[Work], rounds: int, threads: int, scratch: Path) -> list[Rounds]:
    """Each work once, then each once more, and so on: what slows the machine down for a while slows down all."""
    turns = [[measured(work, threads, scratch) for work in works] for _ in range(rounds)]
    return [Rounds(runs) for runs in zip(*turns)]
