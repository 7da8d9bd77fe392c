"""Whether two runs say the same of the same customers: same_customers.py UPDATED AGAIN.

What is counted or added up in fixed point must be equal; what models say may be off by a millionth.
"""

import sys

import polars as pl

KEY = "customer_id"


def main(updated: str, again: str) -> None:
    one, two = (pl.read_parquet(path).sort(KEY) for path in (updated, again))
    if one.schema != two.schema or not one[KEY].equals(two[KEY]):
        raise SystemExit(f"other columns or customers: {one.shape} and {two.shape}")
    wrong = [name for name in one.columns if differs(one[name], two[name])]
    if wrong:
        raise SystemExit(f"other values in {', '.join(wrong)}")
    print(f"{one.height:,} customers, {one.width} columns")


def differs(one: pl.Series, two: pl.Series) -> bool:
    if not one.dtype.is_float():
        return not one.equals(two)
    off = (one - two).abs() > 1e-6 * two.abs() + 1e-9
    return bool(off.any()) or not one.is_null().equals(two.is_null())


if __name__ == "__main__":
    main(*sys.argv[1:])
