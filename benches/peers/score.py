"""The whole of `clivia score`: beside DuckDB's summary alone, at five times the size, and on a small file."""

from pathlib import Path

from bench import HERE, Bench, orders_of
from measure import Rounds, Work
from table import Row

SAMPLE = HERE.parents[1] / "data" / "orders.csv"
# At ten times the orders: a tenth more than in proportion, for what no longer fits into the processor's caches.
ALLOWED = 11
MEMORY = "6GiB"


def rows(bench: Bench) -> list[Row]:
    return [beside_summary(bench), *(at_large(bench) if bench.large else []), small(bench)]


def score(bench: Bench, orders: Path, *options: str) -> Work:
    return bench.in_clivia("score", orders, *options, "--quiet", out=bench.out("score"))


def beside_summary(bench: Bench) -> Row:
    orders, theirs = bench.orders(bench.customers), bench.out("duckdb.parquet")
    clivia, duckdb = bench.in_turn(score(bench, orders), bench.in_duckdb(orders, theirs))
    same = bench.check_summary(bench.out("score") / "customers.parquet", theirs)
    work = f"whole score of {orders_of(bench.customers)}, Parquet, number ids"
    return Row(work, clivia, duckdb, "DuckDB's summary alone", same)


def at_large(bench: Bench) -> list[Row]:
    """Five times the customers, once each: as they come, and within a bound on memory."""
    small, large = bench.customers // 2, 5 * bench.customers
    [tenth] = bench.in_turn(score(bench, bench.orders(small)))
    limit = Rounds([type(run)(run.seconds * ALLOWED, run.peak_bytes, "") for run in tenth.runs])
    found = []
    for name, options in (("", []), (f", within {MEMORY}", ["--memory", MEMORY])):
        if options and not bench.knows("score", "--memory"):
            continue
        [whole] = bench.in_turn(score(bench, bench.orders(large), *options), rounds=1)
        itself = f"itself on {orders_of(small)}, the time {ALLOWED} times"
        found.append(Row(f"whole score of {orders_of(large)}{name}", whole, limit, itself))
    return found


def small(bench: Bench) -> Row:
    [cold] = bench.in_turn(score(bench, SAMPLE), rounds=max(bench.rounds, 5))
    verdict = "kept" if cold.seconds < 0.5 else "missed"
    return Row("whole score of the sample, 2,000 customers", cold, None, "none, the bar is 0.5 s", verdict)
