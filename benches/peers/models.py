"""Times lifetimes and pymc-marketing on the base that clivia is timed on, and checks that all give the same answer.

Called by `run` beside it: models.py CLIVIA WORK CUSTOMERS ROUNDS. Prints a table in Markdown.
"""

import json
import os
import statistics
import subprocess
import sys
import time
import warnings

os.environ.setdefault("OMP_NUM_THREADS", "2")
warnings.filterwarnings("ignore")

import numpy as np
import pandas as pd

CLIVIA, WORK, CUSTOMERS, ROUNDS = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
BASE = f"{WORK}/base.csv"
# lifetimes needs minutes for Pareto/NBD on a tenth of the base, and does not end on all of it.
PARETO_SHARE = 10
MONTHLY_RATE = 0.01


def clivia(*arguments, threads=2):
    environment = {**os.environ, "RAYON_NUM_THREADS": str(threads)}
    done = subprocess.run([CLIVIA, *map(str, arguments)], check=True, capture_output=True, text=True, env=environment)
    return done.stdout


def timed(work, rounds):
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), result


def lifetimes_predictions():
    """What lifetimes predicts on its own CDNOW data, a row a prediction, for clivia to work out again."""
    from lifetimes import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter, ParetoNBDFitter
    from lifetimes.datasets import load_cdnow_summary_data_with_monetary_value

    data = load_cdnow_summary_data_with_monetary_value()
    x, t_x, age, mean = (data[name].to_numpy(float) for name in ("frequency", "recency", "T", "monetary_value"))
    rows = []

    def note(model, quantity, parameters, values, horizon=0.0, frequency=x, recency=t_x, ages=age):
        for i, value in enumerate(np.broadcast_to(values, frequency.shape)):
            rows.append((model, quantity, *parameters, frequency[i], recency[i], ages[i], horizon, value))

    zero = np.zeros(1)
    for name, fitter in (
        ("bg-nbd", BetaGeoFitter()),
        ("mbg-nbd", ModifiedBetaGeoFitter()),
        ("pareto-nbd", ParetoNBDFitter()),
    ):
        np.random.seed(1)
        fitter.fit(x, t_x, age)
        parameters = [float(value) for value in fitter.params_]
        note(name, "p_alive", parameters, np.asarray(fitter.conditional_probability_alive(x, t_x, age)))
        for horizon in (1.0, 39.0):
            values = fitter.conditional_expected_number_of_purchases_up_to_time(horizon, x, t_x, age)
            note(name, "conditional", parameters, np.asarray(values), horizon)
            value = fitter.expected_number_of_purchases_up_to_time(horizon)
            note(name, "unconditional", parameters, value, horizon, zero, zero, zero)
        if name == "bg-nbd":
            ones = pd.Series(np.ones_like(x))
            series = [pd.Series(column) for column in (x, t_x, age)]
            from lifetimes.utils import _customer_lifetime_value

            values = _customer_lifetime_value(fitter, *series, ones, 12, MONTHLY_RATE, freq="W")
            note(name, "discounted", parameters, values.to_numpy(), 0.0)
    bought = x > 0
    spend = GammaGammaFitter()
    spend.fit(x[bought], mean[bought])
    values = spend.conditional_expected_average_profit(x[bought], mean[bought])
    parameters = [float(value) for value in spend.params_] + [0.0]
    rows.extend(
        ("gamma-gamma", "expected_spend", *parameters, a, b, 0.0, 0.0, value)
        for a, b, value in zip(x[bought], mean[bought], values)
    )
    columns = ["model", "quantity", "p0", "p1", "p2", "p3", "x", "t_x", "t", "horizon", "value"]
    pd.DataFrame(rows, columns=columns).to_csv(f"{WORK}/lifetimes.csv", index=False, float_format="%.17g")


def lifetimes_times(base):
    from lifetimes import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter, ParetoNBDFitter

    x, t_x, age, mean = (base[name] for name in base.columns)
    times = {}
    times["fit bg-nbd"], bg = timed(lambda: BetaGeoFitter().fit(x, t_x, age), ROUNDS)
    times["fit mbg-nbd"], _ = timed(lambda: ModifiedBetaGeoFitter().fit(x, t_x, age), 1)
    bought = x > 0
    times["fit gamma-gamma"], spend = timed(lambda: GammaGammaFitter().fit(x[bought], mean[bought]), ROUNDS)
    value = lambda: spend.customer_lifetime_value(
        bg, x, t_x, age, mean, time=12, discount_rate=MONTHLY_RATE, freq="W"
    )
    times["clv bg-nbd"], clv = timed(value, ROUNDS)
    some = base.iloc[: max(1, len(base) // PARETO_SHARE)]
    columns = [some[name] for name in some.columns[:3]]
    times["fit pareto-nbd"], _ = timed(lambda: ParetoNBDFitter().fit(*columns), 1)
    return times, {"bg-nbd": bg.params_.to_dict(), "clv": float(clv.sum())}


def pymc_times(base):
    from pymc_marketing import clv

    data = base.rename(columns={"last_purchase_age": "recency", "age": "T", "mean_spend": "monetary_value"})
    data.insert(0, "customer_id", np.arange(len(data)))
    times = {}

    def fit():
        model = clv.BetaGeoModel(data=data[["customer_id", "frequency", "recency", "T"]])
        model.fit(method="map", progressbar=False)
        return model

    times["fit bg-nbd"], bg = timed(fit, ROUNDS)
    bought = data[data.frequency > 0]

    def fit_spend():
        model = clv.GammaGammaModel(data=bought[["customer_id", "frequency", "monetary_value"]])
        model.fit(method="map", progressbar=False)
        return model

    times["fit gamma-gamma"], spend = timed(fit_spend, 1)
    value = lambda: spend.expected_customer_lifetime_value(
        transaction_model=bg, data=data, future_t=12, discount_rate=MONTHLY_RATE, time_unit="W"
    )
    times["clv bg-nbd"], found = timed(value, ROUNDS)
    summary = bg.fit_result if hasattr(bg, "fit_result") else bg.idata.posterior
    names = ["r", "alpha", "a", "b"]
    return times, {"bg-nbd": {name: float(summary[name].mean()) for name in names}, "clv": float(found.sum())}


def attempt(name, work):
    """A peer that fails is named in the table, not left out."""
    try:
        return work()
    except Exception as error:  # whatever another package raises
        print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
        return {}, {}


def row(work, ours, theirs):
    cells = [work, f"{ours[1]:.2f} s", f"{ours[2]:.2f} s"]
    for times in theirs:
        seconds = times.get(work)
        share = CUSTOMERS / PARETO_SHARE if work == "fit pareto-nbd" else CUSTOMERS
        note = "" if share == CUSTOMERS else f" on {share:,.0f}"
        cells.append("" if seconds is None else f"{seconds:.1f} s{note}, {seconds / ours[1]:.0f} x, {seconds / ours[2]:.0f} x")
    return "| " + " | ".join(cells) + " |"


def main():
    lifetimes_predictions()
    print("### Predictions of lifetimes on its CDNOW data, worked out again\n")
    print("| what | predictions | largest relative difference |\n|---|---|---|")
    differences = json.loads(clivia("compare", f"{WORK}/lifetimes.csv"))
    for what, found in differences.items():
        print(f"| {what} | {found['rows']} | {found['largest_difference']:.1e} |")
    clivia("draw", BASE, CUSTOMERS)
    base = pd.read_csv(BASE)
    records = {threads: json.loads(clivia("time", BASE, max(ROUNDS, 5), threads=threads))["work"] for threads in (1, 2)}
    peers = {
        "lifetimes": attempt("lifetimes", lambda: lifetimes_times(base)),
        "pymc-marketing": attempt("pymc-marketing", lambda: pymc_times(base)),
    }
    print(f"\n### Fits and CLV of {CUSTOMERS:,} customers\n")
    print("| work | one thread | two threads | " + " | ".join(f"{name}, times as long" for name in peers) + " |")
    print("|---" * (3 + len(peers)) + "|")
    for work in records[1]:
        ours = {threads: statistics.median(record[work]["seconds"]) for threads, record in records.items()}
        print(row(work, ours, [times for times, _ in peers.values()]))
    print("\n| BG/NBD | r | alpha | a | b | CLV of all |\n|---|---|---|---|---|---|")
    own = records[2]["fit bg-nbd"]["parameters"]
    found = {"clivia": {"bg-nbd": own, "clv": records[2]["clv bg-nbd"]["total"]}}
    found.update({name: results for name, (_, results) in peers.items() if results})
    for name, results in found.items():
        parameters = " | ".join(f"{results['bg-nbd'][key]:.6f}" for key in ("r", "alpha", "a", "b"))
        print(f"| {name} | {parameters} | {results['clv']:,.0f} |")
    off = max(found["largest_difference"] for found in differences.values())
    if off > 1e-6:
        sys.exit(f"predictions differ by {off:.1e}")


if __name__ == "__main__":
    main()
