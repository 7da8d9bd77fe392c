"""High-precision values of the Gamma-Gamma quantities, for tests/it/references.rs: closed forms, of which some are
checked against the integral over the customer's own rate. Prints CSV; `horizon` holds the mean spend.

    python3 tests/reference/gamma_gamma.py > tests/reference/gamma_gamma.csv
"""

from mpmath import exp, log, loggamma, mpf

from common import exact, fast, integral, near, row, slow

# delta is 0 for Gamma-Gamma, else of the conditional model, whose scale is v (1 + x)^delta.
SETS = [
    ("6.25", "3.74", "15.44", "0"),
    ("6.25", "1.000000001", "15.44", "0"),
    ("0.01", "1.5", "1e-3", "0"),
    ("5000", "12", "0.3", "0"),
    ("2", "22026", "1e6", "0"),
    ("22026", "2", "1e-2", "0"),
    ("1", "2", "1", "0"),
    ("6.25", "3.74", "15.44", "0.2"),
    ("6.25", "1.5", "15.44", "-0.7"),
    ("0.4", "3", "1e4", "1.3"),
    ("5000", "12", "0.3", "-0.05"),
    ("1", "40", "200", "2"),
]
FREQUENCIES = [1, 2, 3, 7, 40, 200, 1000, 20000]
MEANS = ["0.01", "1", "9.99", "35.5", "36.123456", "1e3", "1e6"]


def log_likelihood(p, q, v, x, mean):
    """Equation (1a)."""
    shape = p * x
    beta = loggamma(shape + q) - loggamma(shape) - loggamma(q)
    return beta + q * log(v) + (shape - 1) * log(mean) + shape * log(x) - (shape + q) * log(v + x * mean)


def by_rate(p, q, v, x, mean):
    """The density of the mean at a known rate, over gamma distributed rates."""
    gamma = lambda value, shape, scale: exp(shape * log(scale) + (shape - 1) * log(value) - scale * value - loggamma(shape))
    given = lambda rate: gamma(mean, p * x, rate * x) * gamma(rate, q, v)
    return log(integral(lambda u: fast(given(exp(slow(u))) * exp(slow(u))), -60, 12, 40))


def check():
    for x, mean in [(1, "9.99"), (7, "35.5"), (40, "1")]:
        point = (*map(exact, SETS[0][:3]), x, exact(mean))
        near(exp(log_likelihood(*point)), exp(by_rate(*point)), mpf(10) ** -15)


if __name__ == "__main__":
    check()
    print("quantity,p,q,v,delta,x,t_x,t,horizon,n,value")
    for typed in SETS:
        p, q, v, delta = map(exact, typed)
        for x in FREQUENCIES:
            scale = v * (1 + mpf(x)) ** delta
            for mean in MEANS:
                row("log_likelihood", typed, [x, "", "", mean, ""], log_likelihood(p, q, scale, x, exact(mean)))
            for mean in ["0", *MEANS]:
                spend = p * (scale + x * exact(mean)) / (p * x + q - 1)
                row("expected_spend", typed, [x, "", "", mean, ""], spend)
        row("expected_spend", typed, [0, "", "", "", ""], p * v / (q - 1))
