"""Whether two files hold the same summary of the same customers: same_summary.py CLIVIA DUCKDB.

All customers are compared, one by one. Dates and counts must be equal. DuckDB adds money up in floating point, so that
its sums may be off by rounding: a millionth of a currency unit, and a billionth of the sum.
"""

import sys

import duckdb

DIFFERENT = """
select count(*) as rows,
    count(*) filter (c.customer_id is null or d.customer_id is null) as missing,
    count(*) filter (c.frequency != d.frequency) as frequency,
    count(*) filter (c.first_order != d.first_order or c.last_order != d.last_order) as days,
    count(*) filter (not near(c.revenue, d.revenue)) as revenue,
    count(*) filter (d.frequency > 0 and not near(c.mean_spend, (d.revenue - d.first_amount) / d.frequency)) as mean_spend,
    sum(d.frequency + 1) as purchase_days, sum(d.revenue) as total
from (select *, cast(customer_id as varchar) as id from read_parquet('{clivia}')) c
full join (select *, cast(customer_id as varchar) as id from read_parquet('{duckdb}')) d on c.id = d.id
"""


def main(clivia: str, peer: str) -> None:
    connection = duckdb.connect()
    connection.execute("set threads = 2")
    connection.execute("create macro near(a, b) as a is not null and b is not null and abs(a - b) <= 1e-6 + 1e-9 * abs(b)")
    found = connection.execute(DIFFERENT.format(clivia=clivia, duckdb=peer))
    names = [column[0] for column in found.description]
    result = dict(zip(names, found.fetchone()))
    wrong = {name: count for name, count in result.items() if name not in ("rows", "purchase_days", "total") and count}
    if wrong or not result["rows"]:
        raise SystemExit(f"the summaries differ: {wrong or 'nobody'} of {result['rows']} customers")
    print(f"{result['rows']:,} customers, {result['purchase_days']:,} purchase days, {result['total']:,.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
