"""Maximum-likelihood optima in 30-digit arithmetic, for tests/it/references.rs, from the public data sets' own rows.

Newton's method on the logarithms of the parameters, with exact gradients by differences at 30 digits: from the papers'
printed estimates until no coordinate moves by 1e-12. Histories are distinct rows with weights. Time is in weeks. Not of
GGompertz/NBD, whose top is flat. Prints CSV: model, name, value.

    python3 tests/reference/optima.py FOLDER > tests/reference/optima.csv

FOLDER holds cdnow_sample.csv and donations_bgbb_rf.csv. It takes mpmath and gmpy2.
"""

import csv
import sys
from collections import Counter
from datetime import date
from functools import lru_cache

import gmpy2
from gmpy2 import exp, lgamma, log, log1p, mpfr

import common
from common import nodes

END = date(1997, 9, 30)
CENT = mpfr(1) / 100


@lru_cache(maxsize=2000)
def ln_gamma(x):
    return lgamma(x)[0]


def rising(a, n):
    return ln_gamma(a + n) - ln_gamma(a)


def cdnow(folder):
    """What every customer spent on each day up to the end, in cents."""
    days = {}
    for row in csv.DictReader(open(folder + "/cdnow_sample.csv")):
        day = date.fromisoformat(row["date"])
        if day <= END:
            spent = days.setdefault(row["customer_id"], Counter())
            spent[day] += round(float(row["amount"]) * 100)
    return list(days.values())


def histories(customers):
    """(x, days to the last purchase, days in all) with their weights."""
    def of(spent):
        first, last = min(spent), max(spent)
        return len(spent) - 1, (last - first).days, (END - first).days
    return Counter(map(of, customers))


def weighted(rows, f):
    return sum(weight * f(*row) for row, weight in rows.items())


def softplus(u):
    return u + log1p(exp(-u)) if u > 0 else log1p(exp(u))


def nbd(rows):
    def value(r, alpha):
        of = lambda x, _, t: rising(r, x) + r * log(alpha) - (r + x) * log(alpha + mpfr(t) / 7)
        return weighted(rows, of)
    return value


def beta_geometric(rows, k, early):
    """The likelihood of (M)BG/CNBD-k as clivia defines it: without the products of the times between purchases."""
    def value(r, alpha, a, b):
        ln_beta = lambda a, b: ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
        def of(x, t_x, t):
            t_x, t, shape = mpfr(t_x) / 7, mpfr(t) / 7, r + k * x
            front = rising(r, k * x) + r * log(alpha) - x * ln_gamma(mpfr(k)) - ln_beta(a, b)
            passed = sum(exp(rising(shape, j)) / gmpy2.fac(j) * ((t - t_x) / (alpha + t)) ** j for j in range(k))
            alive = ln_beta(a, b + x + early) - shape * log(alpha + t) + log(passed)
            if not (x or early):
                return front + alive
            gone = ln_beta(a + 1, b + x - 1 + early) - shape * log(alpha + t_x)
            return front + alive + softplus(gone - alive)
        return weighted(rows, of)
    return value


@lru_cache(maxsize=None)
def instants(t_x, t):
    """Nodes and weights for what is smooth in ln(u + 11): 24 of them hold 30 digits over less than a year."""
    left, right = log(t_x + 11), log(t + 11)
    half, middle = (right - left) / 2, (right + left) / 2
    points = [(exp(middle + half * node), half * weight) for node, weight in nodes(24)]
    return [(scaled - 11, weight * scaled) for scaled, weight in points]


def whole(f, left, right):
    return sum(weight * f(u) for u, weight in instants(left, right))


def pareto_nbd(rows):
    def value(r, alpha, s, beta):
        def of(x, t_x, t):
            t_x, t, shape = mpfr(t_x) / 7, mpfr(t) / 7, r + x
            front = rising(r, x) + r * log(alpha) + s * log(beta)
            alive = -shape * log(alpha + t) - s * log(beta + t)
            density = lambda u: exp(-shape * log(alpha + u) - (s + 1) * log(beta + u) - alive)
            return front + alive + log1p(s * whole(density, t_x, t))
        return weighted(rows, of)
    return value


def gamma_gamma(customers):
    """Mean spend of the days after the first."""
    def spent(days):
        return len(days) - 1, sum(days.values()) - days[min(days)]
    rows = Counter(spent(days) for days in customers if len(days) > 1)
    def value(p, q, v):
        def of(x, cents):
            mean, shape = cents * CENT / x, p * x
            front = ln_gamma(shape + q) - ln_gamma(shape) - ln_gamma(q) + q * log(v)
            return front + (shape - 1) * log(mean) + shape * log(mpfr(x)) - (shape + q) * log(v + x * mean)
        return weighted(rows, of)
    return value


def bg_bb(folder):
    rows = Counter()
    for row in csv.DictReader(open(folder + "/donations_bgbb_rf.csv")):
        rows[int(row["frequency"]), int(row["recency"]), int(row["periods"])] += int(row["customers"])
    def value(alpha, beta, gamma, delta):
        ln_beta = lambda a, b: ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
        buys, leaves = ln_beta(alpha, beta), ln_beta(gamma, delta)
        def of(x, t_x, n):
            term = lambda misses, at, gone: exp(
                ln_beta(alpha + x, beta + misses) - buys + ln_beta(gamma + gone, delta + at) - leaves)
            return log(term(n - x, n, 0) + sum(term(t_x - x + i, t_x + i, 1) for i in range(n - t_x)))
        return weighted(rows, of)
    return value


def solve(matrix, right):
    """Gauss with the largest pivot first."""
    rows = [list(row) + [value] for row, value in zip(matrix, right)]
    for i in range(len(rows)):
        pivot = max(range(i, len(rows)), key=lambda j: abs(rows[j][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for j in range(len(rows)):
            if j != i:
                factor = rows[j][i] / rows[i][i]
                rows[j] = [other - factor * own for other, own in zip(rows[j], rows[i])]
    return [row[-1] / row[i] for i, row in enumerate(rows)]


def maximise(value, start, most=20):
    """Newton's method: gradients by differences of 1e-9, whose error is 1e-18 of the third derivative; the second
    derivatives by differences of 1e-4, once and again only where the steps do not shrink fast."""
    at = lambda point: value(*map(exp, point))
    point, step, wide, hessian = [log(mpfr(text)) for text in start], mpfr("1e-9"), mpfr("1e-4"), None
    n, before = len(point), mpfr(10)
    moved = lambda point, *moves: at([x + sum(by for j, by in moves if i == j) for i, x in enumerate(point)])
    for _ in range(most):
        gradient = [(moved(point, (i, step)) - moved(point, (i, -step))) / (2 * step) for i in range(n)]
        if hessian is None:
            middle, hessian = at(point), [[mpfr(0)] * n for _ in range(n)]
            for i in range(n):
                hessian[i][i] = (moved(point, (i, wide)) + moved(point, (i, -wide)) - 2 * middle) / wide**2
                for j in range(i):
                    up = moved(point, (i, wide), (j, wide)) + moved(point, (i, -wide), (j, -wide))
                    down = moved(point, (i, wide), (j, -wide)) + moved(point, (i, -wide), (j, wide))
                    hessian[i][j] = hessian[j][i] = (up - down) / (4 * wide**2)
        # Where it is flat the whole step may go down; ever shorter ones, ever more uphill, do not.
        for damping in [0, *(mpfr(10) ** power for power in range(-6, 6))]:
            damped = [[value - (damping if i == j else 0) for j, value in enumerate(row)] for i, row in enumerate(hessian)]
            move = solve(damped, [-slope for slope in gradient])
            size = max(map(abs, move))
            there = [x + by for x, by in zip(point, move)]
            if size < 1e-6 or size < 1 and at(there) > at(point):
                break
        print(f"  {float(size):.1e}", file=sys.stderr)
        point = there
        if size < 1e-12:
            break
        if size > before / 30:
            hessian = None
        before = size
    return list(map(exp, point)), at(point)


def table(folder):
    common.mp.dps = 32
    customers = cdnow(folder)
    rows = histories(customers)
    assert len(customers) == 2357
    dropout = ["r", "alpha", "a", "b"]
    yield "nbd", ["r", "alpha"], nbd(rows), ["0.385", "12.07"]
    yield "bg-nbd", dropout, beta_geometric(rows, 1, 0), ["0.243", "4.414", "0.793", "2.426"]
    yield "mbg-nbd", dropout, beta_geometric(rows, 1, 1), ["0.525", "6.183", "0.891", "1.614"]
    for k, r, alpha in [(2, "0.4", "2.7"), (3, "0.5", "2")]:
        yield f"bg-cnbd-k {k}", dropout, beta_geometric(rows, k, 0), [r, alpha, "0.8", "2.4"]
        yield f"mbg-cnbd-k {k}", dropout, beta_geometric(rows, k, 1), [r, alpha, "0.9", "1.6"]
    yield "pareto-nbd", ["r", "alpha", "s", "beta"], pareto_nbd(rows), ["0.553", "10.578", "0.606", "11.669"]
    yield "gamma-gamma", ["p", "q", "v"], gamma_gamma(customers), ["6.25", "3.74", "15.44"]
    yield "bg-bb", ["alpha", "beta", "gamma", "delta"], bg_bb(folder), ["1.204", "0.75", "0.657", "2.783"]


if __name__ == "__main__":
    print("model,name,value")
    for model, names, value, start in table(sys.argv[1]):
        print(model, file=sys.stderr)
        values, highest = maximise(value, start)
        for name, number in [*zip(names, values), ("log_likelihood", highest)]:
            print(f"{model},{name},{float(number)!r}", flush=True)
