"""The summary of an order file by DuckDB: duckdb_summary.py ORDERS OUT THREADS.

The SQL that an analyst would write: what each customer spent on each day, then a row a customer. It is put into a table
in memory and written as Parquet, since clivia writes its summary too.
"""

import sys

import duckdb

SUMMARY = """
create table summary as
with d as (
    select customer_id, cast(order_date as date) as day, sum(amount) as amt from orders group by 1, 2
)
select customer_id, count(*) - 1 as frequency, min(day) as first_order, max(day) as last_order,
       sum(amt) as revenue, arg_min(amt, day) as first_amount
from d group by 1
"""


def main(orders: str, out: str, threads: str) -> None:
    reader = "read_csv" if orders.endswith(".csv") else "read_parquet"
    connection = duckdb.connect()
    connection.execute(f"set threads = {int(threads)}")
    connection.execute(f"create view orders as select * from {reader}('{orders}')")
    connection.execute(SUMMARY)
    connection.execute(f"copy summary to '{out}' (format parquet)")


if __name__ == "__main__":
    main(*sys.argv[1:])
