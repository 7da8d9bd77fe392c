"""A hundredth of new orders: `clivia update` beside scoring everything again."""

import shutil
import subprocess
import sys
from pathlib import Path

from bench import HERE, Bench, orders_of
from measure import Work
from table import Row


def rows(bench: Bench) -> list[Row]:
    if not bench.knows("update"):
        return []
    orders = bench.orders(bench.customers)
    before, new = split(orders)
    kept, state, whole = bench.out("state-before"), bench.out("state"), bench.out("score")
    shutil.rmtree(kept, ignore_errors=True)
    bench.in_turn(Work([str(bench.clivia), "update", str(kept), str(before)]), rounds=1)

    def as_before() -> None:
        shutil.rmtree(state, ignore_errors=True)
        shutil.copytree(kept, state)

    update = Work([str(bench.clivia), "update", str(state), str(new)], as_before)
    again = bench.in_clivia("score", orders, "--quiet", out=whole)
    clivia, everything = bench.in_turn(update, again)
    from_state = bench.out("score-of-state")
    bench.in_turn(bench.in_clivia("score", "--state", str(state), "--quiet", out=from_state), rounds=1)
    same = bench.check_customers(from_state / "customers.parquet", whole / "customers.parquet")
    work = f"update with the last hundredth of {orders_of(bench.customers)}"
    return [Row(work, clivia, everything, "scoring everything again", same)]


def split(orders: Path) -> tuple[Path, Path]:
    """All but the last hundredth of the orders, and the last hundredth: orders are by time."""
    before, new = (orders.with_name(f"{name}.parquet") for name in ("before", "new"))
    if not (before.exists() and new.exists()):
        subprocess.run([sys.executable, HERE / "split_orders.py", orders, before, new], check=True)
    return before, new
