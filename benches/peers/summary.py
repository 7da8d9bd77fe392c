"""Orders to a row a customer, by `clivia summary` and by DuckDB; and the limit, which is reading the columns."""

from pathlib import Path

from bench import Bench, orders_of
from table import Row

KINDS = [("Parquet, number ids", "parquet", False), ("CSV, number ids", "csv", False), ("Parquet, text ids", "parquet", True)]


def rows(bench: Bench) -> list[Row]:
    if not bench.knows("summary"):
        return []
    found = []
    for name, ending, text_ids in KINDS:
        orders = bench.orders(bench.customers, ending, text_ids)
        work = f"summary of {orders_of(bench.customers)}, {name}"
        found.append(pair(bench, work, orders))
        found.extend(limit(bench, name, orders))
    return found


def pair(bench: Bench, work: str, orders: Path) -> Row:
    ours, theirs = bench.out("summary"), bench.out("duckdb.parquet")
    clivia, duckdb = bench.in_turn(bench.in_clivia("summary", orders, out=ours), bench.in_duckdb(orders, theirs))
    return Row(work, clivia, duckdb, "DuckDB", bench.check_summary(ours / "summary.parquet", theirs))


def limit(bench: Bench, name: str, orders: Path) -> list[Row]:
    if not bench.knows("bench-read"):
        return []
    [clivia] = bench.in_turn(bench.in_clivia("bench-read", orders))
    said = clivia.runs[0].stdout.strip().replace("\n", ", ").replace("|", " ")
    return [Row(f"only reading and decoding the columns of that: {name}", clivia, None, "none, a limit", said)]
