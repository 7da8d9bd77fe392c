"""High-precision values of the BG/NBD and MBG/NBD quantities, for tests/it/references.rs.

Likelihoods are the papers' closed forms. Expectations are the mean of [1 - (1 + p w)^-rho] / p over p ~ Beta(a, b),
that is of what a customer with a known p buys; some are checked against the published form with Gauss's
hypergeometric function. Counts are equation (8) with tails that are sums of positive terms. Discounted purchases are
integrals over time, of which endless ones are checked against integrals over the purchase rate. Prints CSV. `bg` gives what bg_nbd.csv lacks.

    python3 tests/reference/beta_geometric.py mbg > tests/reference/mbg_nbd.csv
    python3 tests/reference/beta_geometric.py bg > tests/reference/bg_nbd_more.csv
"""

import sys
from functools import lru_cache

import gmpy2
from mpmath import exp, hyp2f1, log, loggamma, mpf

import common
from common import Model, exact, fast, in_log_time, integral_between, near, negative_binomial, nodes, outwards, slow, table


def at_least(shape, w, n):
    """P(N >= n) of a negative binomial count, by terms that are all positive or far from cancelling."""
    if n == 0:
        return mpf(1)
    term, rho, z = fast(negative_binomial(shape, w, n)), fast(shape), fast(w / (1 + w))
    total, k = gmpy2.mpfr(0), n
    if n > shape * w and n > 10 * w:
        while True:
            total += term
            ratio = (rho + k) * z / (k + 1)
            term *= ratio
            k += 1
            rest = 1 - max(ratio, z)
            if rest > 0 and term < 1e-25 * total * rest:
                return slow(total)
    # Elsewhere the tail is a good part of everything.
    while k > 0:
        term *= k / ((rho + k - 1) * z)
        k -= 1
        total += term
    return slow(1 - total)


def beta_mean(a, b, f):
    """The mean of f(p, 1 - p) over p ~ Beta(a, b), in ln(p / (1 - p)); `f` takes gmpy2's floats."""
    reach = 45 + 2 * abs(log(a / b))
    front, of_p, of_q = fast(loggamma(a + b) - loggamma(a) - loggamma(b)), fast(a), fast(b)
    def density(u):
        odds = gmpy2.exp(u)
        q = 1 / (1 + odds)
        p = odds * q
        return gmpy2.exp(front + of_p * gmpy2.log(p) + of_q * gmpy2.log(q)) * f(p, q)
    left, right = -reach / min(a, 1) - 10, reach / min(b, 1) + 10
    return integral_between(density, outwards(log(a / b), left, right, 3))


def quotient(rho, a, b, w):
    rho, w = fast(rho), fast(w)
    return beta_mean(a, b, lambda p, q: -gmpy2.expm1(-rho * gmpy2.log1p(p * w)) / p)


def by_rate(shape, scale):
    """Panels for the logarithm of a gamma distributed rate."""
    left, right = -60 / min(shape, 1) - log(scale), log((shape + 20) * 8) - log(scale)
    return outwards(log(shape / scale), left, right, 1 / (1 + shape) ** 0.5)


class BetaGeometric(Model):
    names = ["r", "alpha", "a", "b"]
    sets = [
        ("0.525", "6.183", "0.891", "1.614"),
        ("0.243", "4.414", "0.793", "2.426"),
        ("0.243", "4.414", "1", "2.426"),
        ("0.243", "4.414", "1.000000001", "2.426"),
        ("0.243", "4.414", "0.999999999", "2.426"),
        ("1e-3", "0.5", "0.05", "0.3"),
        ("3.5", "12", "0.4", "0.6"),
        ("60", "40", "0.5", "0.25"),
        ("1.2", "9", "25", "140"),
        ("0.5", "1e-3", "3.3", "1.7"),
        ("0.243", "30.9", "0.793", "2.426"),  # in days
        ("0.83", "10.04", "4.5e-5", "22026"),
        ("22026", "2.2e5", "22026", "0.5"),
    ]
    discount_sets = sets[:3] + sets[5:11]

    def __init__(self, early):
        self.early = early

    def likelihood(self, parameters, x, t_x, t):
        r, alpha, a, b = parameters
        ln_beta = lambda a, b: loggamma(a) + loggamma(b) - loggamma(a + b)
        front = loggamma(r + x) - loggamma(r) + r * log(alpha) - ln_beta(a, b)
        alive = exp(ln_beta(a, b + x + self.early) - (r + x) * log(alpha + t))
        gone = mpf(0)
        if x or self.early:
            gone = exp(ln_beta(a + 1, b + x - 1 + self.early) - (r + x) * log(alpha + t_x))
        return front + log(alive + gone), alive / (alive + gone)

    def ahead(self, parameters, x, t_x, t, horizon):
        r, alpha, a, b = parameters
        return quotient(r + x, a, b + x + self.early, horizon / (alpha + t))

    def count(self, parameters, x, t_x, t, horizon, n):
        r, alpha, a, b = parameters
        b, w = b + x + self.early, horizon / (alpha + t)
        ln_beta = lambda a, b: loggamma(a) + loggamma(b) - loggamma(a + b)
        value = exp(ln_beta(a, b + n) - ln_beta(a, b)) * negative_binomial(r + x, w, n)
        if n:
            value += exp(ln_beta(a + 1, b + n - 1) - ln_beta(a, b)) * at_least(r + x, w, n)
        return value

    def rate(self, parameters, x, t):
        """Purchases expected per time, s from now, of a customer that is alive now."""
        r, alpha, a, b = parameters
        rho, b, age = r + x, b + x + self.early, alpha + t
        @lru_cache(maxsize=None)
        def at(s):
            w = slow(s) / age
            value = rho / age * (1 + w) ** -a * hyp2f1(a, a + b - rho - 1, a + b, w / (1 + w), maxterms=10**6)
            return fast(value)
        return at

    def endless(self, parameters, x, t, delta):
        """Over the purchase rate: a known rate and p give rate / (rate p + delta)."""
        r, alpha, a, b = parameters
        b = b + x + self.early
        def given(v):
            v = slow(v)
            y = delta / exp(v)
            ahead = hyp2f1(1, b, a + b, 1 / (1 + y), maxterms=10**6) / (1 + y)
            shape, scaled = r + x, (alpha + t) * exp(v)
            return fast(exp(shape * log(scaled) - scaled - loggamma(shape)) * ahead)
        return integral_between(given, by_rate(r + x, alpha + t))

    def discounted(self, parameters, x, t_x, t, terms):
        rate = self.rate(parameters, x, t)
        horizons = sorted({horizon for horizon, _ in terms if horizon is not None})
        last = log(60 / min(delta for _, delta in terms))
        # Panels that all terms share, so that the rate is worked out once at their nodes: in ln s, long ones before
        # anything bends, short ones after, with an end at every horizon.
        first = log(min([mpf(1), alpha_and(parameters, t), *(1 / delta for _, delta in terms), *horizons])) - 6
        ends = sorted({first - 4 * k for k in range(10)} | {first + mpf(k) * 3 / 4 for k in range(200)} | set(map(log, horizons)))
        ends = [end for end in ends if end <= max([last, *map(log, horizons)])] + [last]
        pieces = []
        for left, right in zip(sorted(set(ends)), sorted(set(ends))[1:]):
            half, middle = fast((right - left) / 2), fast((right + left) / 2)
            points = [(gmpy2.exp(middle + half * node), half * weight) for node, weight in nodes(20)]
            pieces.append((right, [(s, weight * s * rate(s)) for s, weight in points]))
        def value(horizon, delta):
            falls, end = fast(-delta), last if horizon is None else log(horizon)
            return slow(sum(value * gmpy2.exp(falls * s) for right, piece in pieces if right <= end for s, value in piece))
        return [value(*term) for term in terms]


def alpha_and(parameters, t):
    return parameters[1] + t


def published(rho, a, b, w):
    """Equation (10) after Pfaff's transformation."""
    c = a + b - 1
    return c / (a - 1) * (1 - (1 + w) ** (1 - a) * hyp2f1(a - 1, c - rho, c, w / (1 + w), maxterms=10**6))


def check():
    for rho, a, b, w in [("0.25", "0.8", "2.4", "0.7"), ("3.2", "1.5", "4.4", "30"), ("1000.2", "2.5", "1002.4", "3")]:
        point = [mpf(rho), mpf(a), mpf(b), mpf(w)]
        near(quotient(*point), published(*point), mpf(10) ** -15)
    model, point = BetaGeometric(1), (tuple(map(exact, BetaGeometric.sets[0])), 2, exact("30.43"), exact("38.86"))
    mean = sum(n * model.count(*point, exact("5"), n) for n in range(1, 200))
    near(mean, model.ahead(*point, exact("5")), mpf(10) ** -12)
    # The rate of purchases against its definition, and endless discounting against a long horizon.
    (r, alpha, a, b), x, _, t = point
    for s in [exact("0.3"), exact("400")]:
        rho, w = fast(r + x), fast(s / (alpha + t))
        by_definition = beta_mean(a, b + x + 1, lambda p, q: gmpy2.exp(-(rho + 1) * gmpy2.log1p(p * w)))
        near(slow(model.rate(point[0], x, t)(fast(s))), (r + x) / (alpha + t) * by_definition, mpf(10) ** -14)
    for early, typed, x, t in [(1, 0, 2, "38.86"), (0, 6, 0, "0"), (1, 7, 40, "104"), (0, 9, 1000, "104")]:
        model, parameters = BetaGeometric(early), tuple(map(exact, BetaGeometric.sets[typed]))
        for delta in [exact("0.0018"), exact("10")]:
            by_time, = model.discounted(parameters, x, None, exact(t), [(None, delta)])
            near(by_time, model.endless(parameters, x, exact(t), delta), mpf(10) ** -14)


if __name__ == "__main__":
    check()
    if sys.argv[1] == "mbg":
        table(BetaGeometric(1))
    else:
        model = BetaGeometric(0)
        model.rates = []
        common.expectation_rows = lambda model, typed: None
        table(model)
