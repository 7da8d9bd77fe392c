"""What all comparisons share: the binary, the data, the folders, how often and on how many threads."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from measure import Rounds, Work, in_turn

HERE = Path(__file__).resolve().parent
ORDERS_PER_CUSTOMER = 10
SEED = 1


@cache
def help_of(binary: Path, command: str) -> str:
    """What a command says of itself; nothing where the binary does not know it."""
    said = subprocess.run([binary, command, "--help"], capture_output=True, text=True)
    return said.stdout if said.returncode == 0 else ""


@dataclass(frozen=True)
class Bench:
    clivia: Path
    work: Path
    customers: int
    rounds: int
    threads: int
    large: bool

    def knows(self, command: str, *options: str) -> bool:
        """Whether the binary has a command with these options; says so where it has not."""
        said = help_of(self.clivia, command)
        missing = [option for option in options if option not in said]
        if not said or missing:
            print(f"skipped: this clivia has no `{' '.join([command, *missing])}`", file=sys.stderr)
            return False
        return True

    def orders(self, customers: int, ending: str = "parquet", text_ids: bool = False) -> Path:
        """Orders by time, ten a customer, without returns and order ids; drawn once and kept.

        ids are plain numbers or texts such as `C000123`.
        """
        folder = self.work / "data" / f"{customers}-{'text' if text_ids else 'number'}-{ending}"
        file = folder / f"orders.{ending}"
        # truth.json is the last to appear: it says that the other file is whole.
        if not (folder / "truth.json").exists():
            print(f"drawing {ORDERS_PER_CUSTOMER * customers:,} orders into {folder}", file=sys.stderr)
            line = [self.clivia, "simulate", "--customers", customers, "--seed", SEED, "--format", ending, "--clean"]
            line += ["--orders-only", "--no-order-ids", "--by-time", "--orders-per-customer", ORDERS_PER_CUSTOMER]
            line += [] if text_ids else ["--number-ids"]
            subprocess.run([*map(str, line), "--out", str(folder)], check=True, stdout=subprocess.DEVNULL)
        return file

    def out(self, name: str) -> Path:
        return self.work / "out" / name

    def in_clivia(self, *arguments: str | Path, out: Path | None = None) -> Work:
        """A command, and its folder removed before each run."""
        line = [str(self.clivia), *map(str, arguments)]
        if out is None:
            return Work(line)
        return Work([*line, "--out", str(out)], lambda: shutil.rmtree(out, ignore_errors=True))

    def in_python(self, script: str, *arguments: str | Path) -> Work:
        """A script beside this one, in a process of its own."""
        return Work([sys.executable, str(HERE / script), *map(str, arguments)])

    def in_duckdb(self, orders: Path, out: Path) -> Work:
        """The summary by SQL."""
        self.out("").mkdir(parents=True, exist_ok=True)
        return self.in_python("duckdb_summary.py", orders, out, str(self.threads))

    def in_turn(self, *works: Work, rounds: int | None = None) -> list[Rounds]:
        scratch = self.out("")
        scratch.mkdir(parents=True, exist_ok=True)
        found = in_turn(works, rounds or self.rounds, self.threads, scratch)
        for work, measured in zip(works, found):
            # What was measured is told at once: a later part that fails does not take it away.
            name = " ".join(Path(word).name for word in map(str, work.command[:5]))
            print(f"{measured.seconds:9.2f} s {measured.peak_bytes / 2**20:9.0f} MiB  {name}", file=sys.stderr)
        return found

    def check_summary(self, ours: Path, theirs: Path) -> str:
        """What both files say of the same customers; the whole run fails where they differ."""
        return self.checked("same_summary.py", ours, theirs)

    def check_customers(self, ours: Path, theirs: Path) -> str:
        """As above, of two files of scored customers, all columns of them."""
        return self.checked("same_customers.py", ours, theirs)

    def checked(self, script: str, ours: Path, theirs: Path) -> str:
        done = subprocess.run([sys.executable, HERE / script, ours, theirs], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{ours} and {theirs}: {(done.stdout + done.stderr).strip()}")
        return done.stdout.strip()


def orders_of(customers: int) -> str:
    """How many orders so many customers have, as a person says it."""
    orders = ORDERS_PER_CUSTOMER * customers
    for unit, name in ((1_000_000, "M"), (1_000, "k")):
        if orders >= unit:
            return f"{orders / unit:g}{name} orders"
    return f"{orders} orders"
