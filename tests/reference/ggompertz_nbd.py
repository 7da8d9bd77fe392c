"""High-precision values of the GGompertz/NBD quantities, for tests/it/references.rs: every one is an integral over the
time of leaving, taken from the model's definition. Prints CSV.

    python3 tests/reference/ggompertz_nbd.py > tests/reference/ggompertz_nbd.csv
"""

import gmpy2
from mpmath import log, loggamma, mpf

from common import HOUR, KNOWN, Model, counts_by, exact, fast, in_log_time, near, slow, table
from pareto_nbd import ParetoNbd


class GgompertzNbd(Model):
    names = ["r", "alpha", "b", "s", "beta"]
    sets = [
        ("0.553", "10.578", "0.0002", "0.603", "0.0026"),
        ("0.553", "10.578", "1e-9", "0.606", "1.1669e-8"),
        ("0.553", "10.578", "0.05", "0.606", "1"),
        ("0.553", "10.578", "0.05", "0.606", "1.000000001"),
        ("0.553", "10.578", "0.3", "1", "50"),
        ("0.02", "0.5", "2", "0.3", "1e4"),
        ("3.5", "12", "0.01", "2.5", "0.5"),
        ("60", "40", "1e-4", "5", "300"),
        ("0.5", "1e-3", "0.02", "0.2", "0.3"),
        ("0.5", "74", "0.007", "0.6", "1.7"),  # in days
        ("1e-3", "5", "0.5", "0.05", "1e-3"),
        ("2.5", "100", "0.1", "30", "1e6"),
    ]
    discount_sets = sets[:2] + sets[4:11]
    conditional_times = [HOUR, "2600", "38.86"]
    known = KNOWN[:2] + [(1, "2590", "2600")] + KNOWN[3:]

    def life(self, parameters, t):
        """P(alive at t + u | alive at t), and the density of leaving at t + u, both as functions of u."""
        _, _, b, s, beta = map(fast, parameters)
        t = fast(t)
        now = gmpy2.log(beta + gmpy2.expm1(b * t))
        def stays(u):
            return gmpy2.exp(s * (now - gmpy2.log(beta + gmpy2.expm1(b * (t + u)))))
        def leaves(u):
            log = gmpy2.log(beta + gmpy2.expm1(b * (t + u)))
            return s * b * gmpy2.exp(s * (now - log) + b * (t + u) - log)
        return stays, leaves

    def likelihood(self, parameters, x, t_x, t):
        r, alpha, b, s, beta = parameters
        front = loggamma(r + x) - loggamma(r) + r * log(alpha) - (r + x) * log(alpha + t_x)
        front += log(slow(self.life(parameters, mpf(0))[0](fast(t_x))))
        stays, leaves = self.life(parameters, t_x)
        shape, scale = fast(r + x), fast(alpha + t_x)
        bought = lambda u: gmpy2.exp(-shape * gmpy2.log1p(u / scale))
        since = fast(t - t_x)
        alive = slow(bought(since) * stays(since))
        gone = in_log_time(lambda u: bought(u) * leaves(u), t - t_x) if t > t_x else mpf(0)
        return front + log(alive + gone), alive / (alive + gone)

    def ahead(self, parameters, x, t_x, t, horizon):
        r, alpha, *_ = parameters
        stays, _ = self.life(parameters, t)
        return (r + x) / (alpha + t) * in_log_time(stays, horizon)

    def count(self, parameters, x, t_x, t, horizon, n):
        r, alpha, *_ = parameters
        stays, leaves = self.life(parameters, t)
        bought = counts_by(r + x, n, alpha + t)
        gone = in_log_time(lambda u: bought(u) * leaves(u), horizon)
        return slow(bought(fast(horizon)) * stays(fast(horizon))) + gone

    def discounted(self, parameters, x, t_x, t, terms):
        r, alpha, *_ = parameters
        stays, _ = self.life(parameters, t)
        def value(horizon, delta):
            end, rate = 60 / delta if horizon is None else min(horizon, 60 / delta), fast(delta)
            return (r + x) / (alpha + t) * in_log_time(lambda u: gmpy2.exp(-rate * u) * stays(u), end)
        return [value(*term) for term in terms]


def check(model):
    # Where b and beta go to 0 together it is Pareto/NBD.
    typed = ("0.553", "10.578", "1e-16", "0.606", "1.1669e-15")
    parameters = tuple(map(exact, typed))
    limit = (*parameters[:2], parameters[3], parameters[4] / parameters[2])
    point = (2, exact("30.43"), exact("38.86"))
    near(model.likelihood(parameters, *point)[1], ParetoNbd().likelihood(limit, *point)[1], mpf(10) ** -13)
    near(model.ahead(parameters, *point, mpf(39)), ParetoNbd().ahead(limit, *point, mpf(39)), mpf(10) ** -13)
    # The mean of the counts.
    parameters = tuple(map(exact, model.sets[6]))
    mean = sum(n * model.count(parameters, *point, mpf(1), n) for n in range(1, 60))
    near(mean, model.ahead(parameters, *point, mpf(1)), mpf(10) ** -12)


if __name__ == "__main__":
    check(GgompertzNbd())
    table(GgompertzNbd())
