"""The first 99 of 100 rows of a file, and the others: split_orders.py ORDERS BEFORE NEW."""

import os
import sys

import polars as pl


def main(orders: str, before: str, new: str) -> None:
    lines = pl.scan_parquet(orders)
    rows = lines.select(pl.len()).collect().item()
    first = rows - rows // 100
    for part, target in ((lines.slice(0, first), before), (lines.slice(first), new)):
        part.sink_parquet(f"{target}.partial")
        os.replace(f"{target}.partial", target)


if __name__ == "__main__":
    main(*sys.argv[1:])
