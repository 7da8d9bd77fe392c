"""Time and memory from a thousandth of the orders to all of them, as a picture."""

import json
import subprocess
import sys
from pathlib import Path

from bench import HERE, ORDERS_PER_CUSTOMER, Bench, orders_of
from score import score
from table import markdown, memory, seconds

STEPS = (1_000, 100, 10, 1)
PICTURE = HERE.parent / "cost-curve.svg"


def section(bench: Bench, write: bool) -> str:
    points = [point(bench, bench.customers // step) for step in STEPS if bench.customers >= step]
    target = PICTURE if write else bench.out(PICTURE.name)
    draw(points, bench.out("points.json"), target)
    header = ["orders", "clivia score", "peak", "DuckDB's summary", "peak"]
    lines = [
        [one["name"], *(cell for who in ("clivia", "duckdb") for cell in (seconds(one[who][0]), memory(one[who][1])))]
        for one in points
    ]
    return f"### What more orders cost\n\n{markdown(header, lines)}\n\n![Time and memory by orders]({PICTURE.name})"


def point(bench: Bench, customers: int) -> dict:
    orders = bench.orders(customers)
    clivia, duckdb = bench.in_turn(score(bench, orders), bench.in_duckdb(orders, bench.out("duckdb.parquet")))
    found = {name: (rounds.seconds, rounds.peak_bytes) for name, rounds in (("clivia", clivia), ("duckdb", duckdb))}
    return {"orders": customers * ORDERS_PER_CUSTOMER, "name": orders_of(customers).removesuffix(" orders"), **found}


def draw(points: list[dict], notes: Path, target: Path) -> None:
    """In a process of its own, so that what is measured later does not begin with the memory of the picture."""
    notes.write_text(json.dumps(points))
    subprocess.run([sys.executable, HERE / "picture.py", notes, target], check=True)
    print(f"picture: {target}", file=sys.stderr)
