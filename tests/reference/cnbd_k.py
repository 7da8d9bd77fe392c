"""High-precision values of the BG/CNBD-k and MBG/CNBD-k quantities, for tests/it/references.rs.

Everything follows from the definition: the stages since the last purchase, their counts, and who is still there for
each of the next purchases. Expectations are sums over counts with gmpy2's floats where the counts are few, else the
mean over p of what a customer with a known p buys, whose sum over every k-th count is one over the k-th roots of
unity; where both are short they are checked against each other. Endless discounted purchases are integrals over the
rate of the stages. Prints CSV.

    python3 tests/reference/cnbd_k.py bg > tests/reference/bg_cnbd_k.csv
    python3 tests/reference/cnbd_k.py mbg > tests/reference/mbg_cnbd_k.csv
"""

import sys
from functools import lru_cache

import gmpy2
from gmpy2 import mpfr
from mpmath import exp, hyp2f1, log, loggamma, mp, mpf

from beta_geometric import BetaGeometric, at_least, beta_mean, by_rate
from common import ENDLESS_RATES, HOUR, Model, exact, fast, in_log_time, integral_between, near, negative_binomial, slow, table

FEW = 40_000


@lru_cache(maxsize=64)
def reached(a, b):
    """How many of its next n purchases the customer is expected to be there for: a list that grows."""
    return [[mpfr(0)], mpfr(1), fast(a), fast(b)]


def reached_by(a, b, n):
    known = reached(a, b)
    sums, stay, a, b = known
    while len(sums) <= n:
        i = len(sums) - 1
        sums.append(sums[-1] + stay)
        stay *= (b + i) / (a + b + i)
    known[1] = stay
    return sums[n]


def counts_end(shape, w):
    mean = float(shape * w)
    return mean + 14 * (mean * (1 + float(w))) ** 0.5 + 60 * (1 + float(w))


def by_counts(a, b, k, j, shape, w):
    """The sum over counts, outwards from about their mean; what is left out is below 1e-22."""
    start = int(shape * w)
    first = fast(negative_binomial(shape, w, start))
    z, rho = fast(w / (1 + w)), fast(shape)
    total, weight, m = mpfr(0), first, start
    while True:
        more = weight * reached_by(a, b, (j + m) // k)
        total += more
        if m > start + k and more < total * 1e-22 * (1 - z) ** 2 and m > counts_end(shape, w) - 50 * float(w):
            break
        weight *= (rho + m) * z / (m + 1)
        m += 1
    weight, m = first, start
    while m > 0:
        weight *= m / ((rho + m - 1) * z)
        m -= 1
        more = weight * reached_by(a, b, (j + m) // k)
        total += more
        if more < total * 1e-24 and weight * m < total * 1e-24:
            break
    return slow(total)


def by_roots(a, b, k, stages, w):
    """The mean over p of [1 - E q^N] / p, by the k-th roots of unity; `stages` are (j, probability, shape)."""
    with mp.workdps(60), gmpy2.context(gmpy2.get_context(), precision=210):
        return beta_mean(a, b, given_dropout(k, stages, w))


def given_dropout(k, stages, w):
    turns = [mp.expjpi(mpf(2) * l / k) for l in range(k // 2 + 1)]
    turns = [gmpy2.mpc(fast(turn.real), fast(turn.imag)) for turn in turns]
    whole = sum(probability for _, probability, _ in stages)  # 1, to all digits
    stages = [(j, fast(probability / whole), fast(shape)) for j, probability, shape in stages]
    w, least = fast(w), mpfr(10) ** -25
    def given(p, q):
        if p < 0.5:
            p = max(p, least)  # as good as none; less would cancel
            q = 1 - p
        root = gmpy2.exp(gmpy2.log1p(-p) / k) if p < 0.5 else gmpy2.exp(gmpy2.log(q) / k)
        near_one = -gmpy2.expm1(gmpy2.log1p(-p) / k) if p < 0.5 else 1 - root
        stays = mpfr(0)
        for l, turn in enumerate(turns):
            z, gap = (root, near_one) if l == 0 else (root * turn, 1 - root * turn)
            twice = 1 if l == 0 or 2 * l == k else 2
            logs = gmpy2.log1p(w * gap) if l == 0 else gmpy2.log(1 + w * gap)
            for j, probability, shape in stages:
                value = z ** (j + 1) / gap * gmpy2.exp(-shape * logs)
                stays += probability * twice * (p / (k * q)) * (value if l == 0 else value.real)
        return (1 - stays) / p
    return given


class CnbdK(Model):
    names = ["k", "r", "alpha", "a", "b"]
    sets = [
        ("2", "0.363", "2.7", "0.75", "1.7"),
        ("3", "0.5", "2", "0.9", "1.6"),
        ("2", "0.363", "2.7", "1", "1.7"),
        ("3", "0.5", "2", "1.000000001", "1.6"),
        ("2", "1e-3", "0.5", "0.3", "0.5"),
        ("2", "3.5", "12", "0.4", "0.6"),
        ("12", "6", "3", "0.5", "2.5"),
        ("2", "1.2", "9", "25", "140"),
        ("3", "0.5", "1e-3", "3.3", "1.7"),
        ("2", "0.363", "19", "0.75", "1.7"),  # in days
        ("1", "0.525", "6.183", "0.891", "1.614"),
        ("4", "60", "40", "0.5", "0.25"),
    ]
    discount_sets = sets[:8] + sets[9:10]
    conditional_times = [HOUR, "2600", "38.86"]
    discount_horizons = ["52"]
    rates = ENDLESS_RATES
    counts = [0, 1, 2, 3, 7, 40, 300]
    count_times = [HOUR, "1", "10", "39", "104", "260", "2600", "18250"]

    def __init__(self, early):
        self.early = early

    def stages(self, parameters, x, t_x, t):
        """(j, probability, shape) of each stage reached since the last purchase, by a customer that is alive."""
        k, r, alpha, a, b = parameters
        shape = r + k * x
        share = (t - t_x) / (alpha + t)
        weights = [exp(loggamma(shape + j) - loggamma(shape) - loggamma(mpf(j + 1))) * share ** j for j in range(int(k))]
        return [(j, weight / sum(weights), shape + j) for j, weight in enumerate(weights) if weight]

    def likelihood(self, parameters, x, t_x, t):
        k, r, alpha, a, b = parameters
        ln_beta = lambda a, b: loggamma(a) + loggamma(b) - loggamma(a + b)
        shape = r + k * x
        front = r * log(alpha) - loggamma(r) - x * loggamma(k) - ln_beta(a, b)
        passed = lambda j: exp(loggamma(shape + j) - loggamma(mpf(j + 1)) - (shape + j) * log(alpha + t)) * (t - t_x) ** j
        alive = exp(ln_beta(a, b + x + self.early)) * sum(passed(j) for j in range(int(k)))
        gone = mpf(0)
        if x or self.early:
            gone = exp(ln_beta(a + 1, b + x - 1 + self.early) + loggamma(shape) - shape * log(alpha + t_x))
        return front + log(alive + gone), alive / (alive + gone)

    def ahead(self, parameters, x, t_x, t, horizon):
        k, r, alpha, a, b = parameters
        b, w = b + x + self.early, horizon / (alpha + t)
        stages = self.stages(parameters, x, t_x, t)
        if counts_end(stages[-1][2], w) < FEW:
            return sum(p * by_counts(a, b, int(k), j, shape, w) for j, p, shape in stages)
        return by_roots(a, b, int(k), stages, w)

    def count(self, parameters, x, t_x, t, horizon, n):
        k, r, alpha, a, b = parameters
        k, b, w = int(k), b + x + self.early, horizon / (alpha + t)
        ln_beta = lambda a, b: loggamma(a) + loggamma(b) - loggamma(a + b)
        stay = exp(ln_beta(a, b + n) - ln_beta(a, b))
        leave = exp(ln_beta(a + 1, b + n - 1) - ln_beta(a, b)) if n else 0
        total = mpf(0)
        for j, p, shape in self.stages(parameters, x, t_x, t):
            first = max(k * n - j, 0)
            exactly = sum(negative_binomial(shape, w, m) for m in range(first, k * n + k - j))
            total += p * (stay * exactly + leave * at_least(shape, w, first))
        return total

    def discounted(self, parameters, x, t_x, t, terms):
        k, r, alpha, a, b = parameters
        late = b + x + self.early
        stages = self.stages(parameters, x, t_x, t)
        @lru_cache(maxsize=None)
        def expected(s):
            return fast(self.ahead(parameters, x, t_x, t, slow(s)))
        def endless(delta):
            # A stage takes E e^(-delta s) = rate / (rate + delta); then every k-th of them.
            def given(v):
                v = slow(v)
                scaled, factor = (alpha + t) * exp(v), 1 / (1 + delta * exp(-v))
                ahead = hyp2f1(1, late, a + late, factor ** k, maxterms=10**6)
                density = lambda shape: exp(shape * log(scaled) - scaled - loggamma(shape))
                return fast(ahead * sum(p * density(shape) * factor ** (k - j) for j, p, shape in stages))
            return integral_between(given, by_rate(stages[0][2], alpha + t))
        def value(horizon, delta):
            if horizon is None:
                return endless(delta)
            falls = fast(-delta)
            by_parts = in_log_time(lambda s: gmpy2.exp(falls * s) * expected(s), horizon, 25, 4, 1e-14)
            return exp(-delta * horizon) * slow(expected(fast(horizon))) + delta * by_parts
        return [value(*term) for term in terms]


def check():
    for early in (0, 1):
        model = CnbdK(early)
        for typed, x, t_x, t, horizon in [(0, 0, "0", "5", "30"), (1, 2, "30.43", "38.86", "39"), (6, 7, "20", "21", "9")]:
            parameters = tuple(map(exact, model.sets[typed]))
            k, _, alpha, a, b = parameters
            stages = model.stages(parameters, x, exact(t_x), exact(t))
            point = (parameters, x, exact(t_x), exact(t), exact(horizon))
            roots = by_roots(a, b + x + early, int(k), stages, exact(horizon) / (alpha + exact(t)))
            near(model.ahead(*point), roots, mpf(10) ** -15)
        point = (tuple(map(exact, model.sets[0])), 2, exact("30.43"), exact("38.86"), exact("2"))
        mean = sum(n * model.count(*point, n) for n in range(1, 40))
        near(mean, model.ahead(*point), mpf(10) ** -12)
        parameters = tuple(map(exact, model.sets[0]))
        # A discount of which little is left after the horizon: endless against by parts.
        both = model.discounted(parameters, 2, exact("30.43"), exact("38.86"), [(None, mpf(1)), (mpf(36), mpf(1))])
        near(*both, mpf(10) ** -12)
        # With one stage there is nothing but the model without stages.
        single, plain = tuple(map(exact, model.sets[10])), BetaGeometric(early)
        point = (2, exact("30.43"), exact("38.86"), exact("39"))
        near(model.ahead(single, *point), plain.ahead(single[1:], *point), mpf(10) ** -15)


if __name__ == "__main__":
    check()
    table(CnbdK(1 if sys.argv[1] == "mbg" else 0))
