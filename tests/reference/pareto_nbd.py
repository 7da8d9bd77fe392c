"""High-precision values of the Pareto/NBD quantities, for tests/it/references.rs.

The likelihood is its defining integral over the time of leaving; some points are checked against the published form
with Gauss's hypergeometric functions at 80 digits, and against the double integral over both rates. Discounted
purchases are integrated too, and checked against the published form with Tricomi's function. Prints CSV.

    python3 tests/reference/pareto_nbd.py > tests/reference/pareto_nbd.csv
"""

import gmpy2
from mpmath import exp, hyp2f1, hyperu, log, log1p, loggamma, mp, mpf

from common import HOUR, Model, counts_by, exact, fast, in_log_time, integral, near, slow, table


class ParetoNbd(Model):
    names = ["r", "alpha", "s", "beta"]
    sets = [
        ("0.553", "10.578", "0.606", "11.669"),
        ("0.553", "10.578", "1", "11.669"),
        ("0.553", "10.578", "1.000000001", "11.669"),
        ("0.553", "10.578", "0.606", "10.578"),
        ("0.553", "10.578", "0.606", "10.578000001"),
        ("0.553", "1e-3", "0.606", "1e4"),
        ("0.553", "1e4", "0.606", "1e-3"),
        ("1e-3", "5", "2.5", "12"),
        ("60", "40", "5", "300"),
        ("0.553", "74.046", "0.606", "81.683"),  # in days
        ("4.5e-5", "0.01", "22026", "2e6"),
        ("22026", "2e5", "4.5e-5", "0.02"),
    ]
    discount_sets = sets[:2] + sets[4:11]
    conditional_times = [HOUR, "2600", "38.86"]

    def likelihood(self, parameters, x, t_x, t):
        r, alpha, s, beta = parameters
        front = loggamma(r + x) - loggamma(r) + r * log(alpha) + s * log(beta)
        alive = exp(-(r + x) * log(alpha + t) - s * log(beta + t))
        gone = mpf(0)
        if t > t_x:
            shape, steep, near_alpha, near_beta = map(fast, (r + x, s + 1, alpha + t_x, beta + t_x))
            density = lambda u: gmpy2.exp(-shape * gmpy2.log(near_alpha + u) - steep * gmpy2.log(near_beta + u))
            gone = s * in_log_time(density, t - t_x)
        return front + log(alive + gone), alive / (alive + gone)

    def ahead(self, parameters, x, t_x, t, horizon):
        r, alpha, s, beta = parameters
        logs = log1p(horizon / (beta + t))
        stay = logs if s == 1 else -mp.expm1((1 - s) * logs) / (s - 1)
        return (r + x) * (beta + t) / (alpha + t) * stay

    def count(self, parameters, x, t_x, t, horizon, n):
        r, alpha, s, beta = parameters
        bought, s, life = counts_by(r + x, n, alpha + t), fast(s), fast(beta + t)
        lives = lambda u: gmpy2.exp(-s * gmpy2.log1p(u / life))
        leaves = in_log_time(lambda u: bought(u) * lives(u) * s / (life + u), horizon)
        return slow(bought(fast(horizon)) * lives(fast(horizon))) + leaves

    def discounted(self, parameters, x, t_x, t, terms):
        r, alpha, s, beta = parameters
        def value(horizon, delta):
            end = 60 / delta if horizon is None else min(horizon, 60 / delta)
            rate, steep, life = fast(delta), fast(s), fast(beta + t)
            stays = lambda u: gmpy2.exp(-rate * u - steep * gmpy2.log1p(u / life))
            return (r + x) / (alpha + t) * in_log_time(stays, end)
        return [value(*term) for term in terms]


def published_likelihood(parameters, x, t_x, t):
    """Equation (22) of the note of 2005, with the larger scale first."""
    r, alpha, s, beta = parameters
    both = r + s + x
    if alpha >= beta:
        part = lambda u: hyp2f1(both, s + 1, both + 1, (alpha - beta) / (alpha + u)) / (alpha + u) ** both
    else:
        part = lambda u: hyp2f1(both, r + x, both + 1, (beta - alpha) / (beta + u)) / (beta + u) ** both
    alive = (alpha + t) ** -(r + x) * (beta + t) ** -s
    front = loggamma(r + x) - loggamma(r) + r * log(alpha) + s * log(beta)
    return front + log(alive + s / both * (part(t_x) - part(t)))


def by_rates(parameters, x, t_x, t):
    """The likelihood of known rates, averaged over both: 12 digits."""
    r, alpha, s, beta = parameters
    front_buys, front_leaves = fast(r * log(alpha) - loggamma(r)), fast(s * log(beta) - loggamma(s))
    r, alpha, s, beta, t_x, t = map(fast, (*parameters, t_x, t))
    def given(buys, leaves):
        both = buys + leaves
        return buys ** x * (leaves * gmpy2.exp(-both * t_x) + buys * gmpy2.exp(-both * t)) / both
    def at_rate(v):
        buys = gmpy2.exp(v)
        density = lambda u: gmpy2.exp(front_leaves + s * u - beta * gmpy2.exp(u)) * given(buys, gmpy2.exp(u))
        return gmpy2.exp(front_buys + r * v - alpha * buys) * fast(integral(density, -55, 6, 8, 1e-11))
    return log(integral(at_rate, -55, 6, 8, 1e-11))


def check(model):
    for parameters in model.sets[:5] + model.sets[7:10]:
        parameters = tuple(map(exact, parameters))
        for x, t_x, t in [(0, "0", HOUR), (0, "0", "2600"), (2, "30.43", "38.86"), (40, "1", "104"), (1000, "9", "10")]:
            point = (parameters, x, exact(t_x), exact(t))
            mp.dps = 80
            published = published_likelihood(*point)
            mp.dps = 30
            near(exp(model.likelihood(*point)[0]), exp(published), mpf(10) ** -15)
    point = (tuple(map(exact, model.sets[0])), 2, exact("30.43"), exact("38.86"))
    near(exp(model.likelihood(*point)[0]), exp(by_rates(*point)), mpf(10) ** -9)
    for delta in [exact("0.0018"), exact("0.3")]:
        (r, alpha, s, beta), x, _, t = point
        age = beta + t
        dert = (r + x) / (alpha + t) * age ** s * delta ** (s - 1) * hyperu(s, s, delta * age)
        near(model.discounted(*point, [(None, delta)])[0], dert, mpf(10) ** -15)


if __name__ == "__main__":
    check(ParetoNbd())
    table(ParetoNbd())
