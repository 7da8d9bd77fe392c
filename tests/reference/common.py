"""What the scripts with reference values share: exact inputs, an adaptive integral, the grid, and the CSV.

A model is a class with the methods of `Model`; `table` asks it for every quantity on one grid and prints CSV. The
formulas are mpmath's, at 30 digits; what is summed up in integrals are gmpy2's floats of 115 bits, which are many times
as fast. Inputs are the doubles that the test reads, not the decimals that were typed. It takes

    pip install mpmath gmpy2
"""

from functools import lru_cache

import gmpy2
from gmpy2 import mpfr
from mpmath import mp, mpf

mp.dps = 30
gmpy2.get_context().precision = 115

HOUR = repr(1 / 168)  # in weeks
FREQUENCIES = [0, 1, 2, 7, 40, 1000, 20000]
TIMES = [HOUR, "38.86", "2600", "18250"]
SHARES = [("0.001", "0.999"), ("0.5", "1"), ("0.9", "0.01"), ("0.999", "0.3")]
HORIZONS = [HOUR, "39", "2600"]
COUNTS = [0, 1, 2, 7, 40, 300, 20000]
# x, t_x, T of those whose discounted purchases are tabled.
KNOWN = [
    (0, "0", "0"),
    (0, "0", "38.86"),
    (1, "1300", "2600"),
    (2, "30.43", "38.86"),
    (7, "0.005", HOUR),
    (40, "100", "104"),
    (1000, "100", "104"),
]
RATES = ["1e-4", "0.0018", "0.05"]
ENDLESS_RATES = ["1e-4", "3e-4", "0.0018", "0.01", "0.05", "0.3", "2", "10"]


def exact(text):
    """The double that a program reads, without rounding it any further."""
    return mpf(float(text))


def fast(value):
    """The same number as a float of gmpy2."""
    sign, mantissa, exponent, _ = mpf(value)._mpf_
    return gmpy2.mul_2exp(mpfr(-mantissa if sign else mantissa), exponent) if exponent >= 0 else gmpy2.div_2exp(
        mpfr(-mantissa if sign else mantissa), -exponent)


def slow(value):
    """The same number as a float of mpmath."""
    return mpf(tuple(map(int, value.as_mantissa_exp())))


@lru_cache(maxsize=None)
def nodes(count):
    """Gauss-Legendre nodes and weights on [-1, 1]."""
    rule = []
    for i in range(count):
        node = mp.cos(mp.pi * (i + mpf(3) / 4) / (count + mpf(1) / 2))
        for _ in range(8):
            before, value = mpf(1), node
            for k in range(2, count + 1):
                before, value = value, ((2 * k - 1) * node * value - (k - 1) * before) / k
            slope = count * (node * value - before) / (node * node - 1)
            node -= value / slope
        rule.append((fast(node), fast(2 / ((1 - node * node) * slope * slope))))
    return rule


def panel(f, left, right):
    """The integral by 24 nodes, and its distance to that by 16."""
    half, middle = (right - left) / 2, (right + left) / 2
    fine, coarse = (half * sum(weight * f(middle + half * node) for node, weight in nodes(n)) for n in (24, 16))
    return fine, abs(fine - coarse)


def integral(f, left, right, pieces=12, tolerance=1e-17):
    """The integral of a positive function of gmpy2's floats, by halving panels until two rules agree on each."""
    left, right = fast(left), fast(right)
    return integral_between(f, [left + (right - left) * k / pieces for k in range(pieces + 1)], tolerance)


def outwards(middle, left, right, first):
    """Ends of panels that double from the middle, so that no long one hides what is steep at its end."""
    ends, step = [middle], first
    while ends[-1] < right:
        ends.append(min(ends[-1] + step, right))
        step *= 2
    step = first
    while ends[0] > left:
        ends.insert(0, max(ends[0] - step, left))
        step *= 2
    return list(map(fast, ends))


def integral_between(f, ends, tolerance=1e-17):
    todo = [(a, b, *panel(f, a, b)) for a, b in zip(ends, ends[1:])]
    done = mpfr(0)
    while todo:
        total = done + sum(value for _, _, value, _ in todo)
        next_todo = []
        for a, b, value, error in todo:
            if error <= tolerance * total:
                done += value
            else:
                middle = (a + b) / 2
                next_todo += [(a, middle, *panel(f, a, middle)), (middle, b, *panel(f, middle, b))]
        todo = next_todo
    return slow(done)


def in_log_time(f, end, reach=45, pieces=8, tolerance=1e-17):
    """The integral of `f(u) du` from 0 to `end` in ln u; what lies `reach` further down no longer shows."""
    return integral(lambda v: f(gmpy2.exp(v)) * gmpy2.exp(v), mp.log(end) - reach, mp.log(end), pieces, tolerance)


def row(quantity, parameters, cells, value):
    # What no double can hold is written all the same: the test then asks for as good as nothing.
    print(",".join([quantity, *parameters, *map(str, cells), mp.nstr(value, 17, min_fixed=-4, max_fixed=6)]))


def histories(model):
    for at, t in enumerate(model.times):
        for x in model.frequencies(t):
            for share in SHARES[at % len(SHARES)] if x else ["0"]:
                yield x, model.last(x, float(share) * float(t)), t


class Model:
    """What a script gives. Parameters are a tuple of numbers, times numbers."""

    names = []
    sets = []
    times = TIMES
    horizons = HORIZONS
    conditional_times = [HOUR, "2600"]
    counts = COUNTS
    count_times = [HOUR, "1", "10", "39", "104", "260", "2600", "18250"]
    expectation_times = [repr(10 ** (k / 6)) for k in range(-14, 28)]
    known = KNOWN
    known_counts = [0, 2, 40]
    rates = RATES
    endless_rates = ENDLESS_RATES
    discount_horizons = ["1", "52", "2600"]
    discount_sets = None

    def frequencies(self, t):
        return FREQUENCIES

    def last(self, x, t_x):
        """The age at the last purchase, as it is typed."""
        return repr(t_x) if x else "0"

    def likelihood(self, parameters, x, t_x, t):
        """The log-likelihood and P(alive)."""
        raise NotImplementedError

    def ahead(self, parameters, x, t_x, t, horizon):
        """Purchases expected of a customer that is alive."""
        raise NotImplementedError

    def count(self, parameters, x, t_x, t, horizon, n):
        """The probability of n purchases of a customer that is alive."""
        raise NotImplementedError

    def discounted(self, parameters, x, t_x, t, terms):
        """Discounted purchases of a customer that is alive, for each (horizon or None, delta)."""
        raise NotImplementedError


def likelihood_rows(model, typed):
    parameters = tuple(map(exact, typed))
    for x, t_x, t in histories(model):
        value, alive = model.likelihood(parameters, x, exact(t_x), exact(t))
        row("log_likelihood", typed, [x, t_x, t, "", ""], value)
        row("p_alive", typed, [x, t_x, t, "", ""], alive)


def expectation_rows(model, typed):
    parameters = tuple(map(exact, typed))
    for t in model.expectation_times:
        _, alive = model.likelihood(parameters, 0, mpf(0), mpf(0))
        row("unconditional", typed, [0, "", "", t, ""], alive * model.ahead(parameters, 0, mpf(0), mpf(0), exact(t)))
    for t in model.conditional_times:
        for x in model.frequencies(t):
            t_x = model.last(x, 0.9 * float(t))
            _, alive = model.likelihood(parameters, x, exact(t_x), exact(t))
            for horizon in model.horizons:
                value = alive * model.ahead(parameters, x, exact(t_x), exact(t), exact(horizon))
                row("conditional", typed, [x, t_x, t, horizon, ""], value)


def count_rows(model, typed):
    parameters = tuple(map(exact, typed))
    _, alive = model.likelihood(parameters, 0, mpf(0), mpf(0))
    for t in model.count_times:
        for n in model.counts:
            value = alive * model.count(parameters, 0, mpf(0), mpf(0), exact(t), n) + (0 if n else 1 - alive)
            row("count", typed, [0, "", "", t, n], value)
    for at, (x, t_x, t) in enumerate(model.known):
        _, alive = model.likelihood(parameters, x, exact(t_x), exact(t))
        for horizon in ["1", "39", "520"][at % 2 :]:
            for n in model.known_counts:
                value = alive * model.count(parameters, x, exact(t_x), exact(t), exact(horizon), n)
                row("conditional_count", typed, [x, t_x, t, horizon, n], value + (0 if n else 1 - alive))


def discounted_rows(model, typed):
    parameters = tuple(map(exact, typed))
    typed_terms = [(h, d) for h in model.discount_horizons for d in model.rates]
    typed_terms += [("inf", d) for d in model.endless_rates]
    terms = [(None if h == "inf" else exact(h), exact(d)) for h, d in typed_terms]
    for x, t_x, t in model.known:
        _, alive = model.likelihood(parameters, x, exact(t_x), exact(t))
        values = model.discounted(parameters, x, exact(t_x), exact(t), terms)
        for (h, d), value in zip(typed_terms, values):
            quantity = ("discounted " if h != "inf" else "endless ") + d
            row(quantity, typed, [x, t_x, t, h, ""], alive * value)


def table(model):
    print(",".join(["quantity", *model.names, "x,t_x,t,horizon,n,value"]))
    for typed in model.sets:
        likelihood_rows(model, typed)
    for typed in model.sets:
        expectation_rows(model, typed)
    for typed in model.sets:
        count_rows(model, typed)
    for typed in model.discount_sets or model.sets:
        discounted_rows(model, typed)


def negative_binomial(shape, w, n):
    """P(N = n) for a gamma rate of this shape, in a time of w scales."""
    rising = mp.loggamma(shape + n) - mp.loggamma(shape) - mp.loggamma(n + 1)
    return mp.exp(rising - n * mp.log1p(1 / w) - shape * mp.log1p(w))


def counts_by(shape, n, scale):
    """P(N = n) as a function of the time, of gmpy2's floats."""
    rising = fast(mp.loggamma(shape + n) - mp.loggamma(shape) - mp.loggamma(n + 1))
    shape, scale = fast(shape), fast(scale)
    return lambda u: gmpy2.exp(rising - n * gmpy2.log1p(scale / u) - shape * gmpy2.log1p(u / scale))


def near(value, other, tolerance):
    assert abs(value / other - 1) < tolerance, (value, other)
