"""High-precision values of the NBD quantities, for tests/it/references.rs: closed forms throughout. Prints CSV.

    python3 tests/reference/nbd.py > tests/reference/nbd.csv
"""

from mpmath import expm1, log, loggamma, mpf

from common import HOUR, Model, negative_binomial, table


class Nbd(Model):
    names = ["r", "alpha"]
    sets = [
        ("0.385", "12.072"),
        ("1", "1"),
        ("1e-3", "5"),
        ("0.02", "0.5"),
        ("3.5", "12"),
        ("60", "40"),
        ("0.5", "1e-3"),
        ("0.5", "1e4"),
        ("0.385", "84.5"),  # in days
        ("22026", "2e5"),
        ("4.5e-5", "0.01"),
        ("7.25", "0.3"),
    ]
    discount_sets = sets[:9]

    def likelihood(self, parameters, x, t_x, t):
        r, alpha = parameters
        return loggamma(r + x) - loggamma(r) + r * log(alpha) - (r + x) * log(alpha + t), mpf(1)

    def ahead(self, parameters, x, t_x, t, horizon):
        r, alpha = parameters
        return (r + x) * horizon / (alpha + t)

    def count(self, parameters, x, t_x, t, horizon, n):
        r, alpha = parameters
        return negative_binomial(r + x, horizon / (alpha + t), n)

    def discounted(self, parameters, x, t_x, t, terms):
        r, alpha = parameters
        share = lambda horizon, delta: (1 if horizon is None else -expm1(-delta * horizon)) / delta
        return [(r + x) / (alpha + t) * share(*term) for term in terms]


if __name__ == "__main__":
    table(Nbd())
