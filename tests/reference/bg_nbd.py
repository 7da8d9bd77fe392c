"""High-precision values of the BG/NBD quantities, for tests/it/published.rs.

Computes P(alive), purchases expected of a customer that is alive, the conditional and the unconditional
expectation and discounted expected purchases with mpmath at 60 digits, where the formulas as published do not
lose what they lose in doubles, and checks some of them against the integrals that define them. Prints CSV.

    python3 tests/reference/bg_nbd.py > tests/reference/bg_nbd.csv
"""

from mpmath import beta, exp, hyp2f1, log, mp, mpf, quad

mp.dps = 60

CDNOW = ("0.243", "4.414", "0.793", "2.426")
PARAMETERS = [
    CDNOW,
    ("0.243", "4.414", "1", "2.426"),
    ("0.243", "4.414", "1.000000001", "2.426"),
    ("0.243", "4.414", "0.999999999", "2.426"),
    ("0.02", "0.5", "0.05", "0.3"),
    ("3.5", "12", "0.4", "0.6"),
    ("60", "40", "0.5", "0.25"),
    ("1.2", "9", "25", "140"),
    ("0.5", "1e-3", "3.3", "1.7"),
]
# Where fits end that find no, or nothing but, or equal dropout, or customers all alike or nothing alike.
EDGES = [
    ("0.83", "10.04", "4.5e-5", "22026"),
    ("0.83", "10.04", "0.8", "22026"),
    ("0.83", "10.04", "3", "1000"),
    ("0.83", "10.04", "1100", "22026"),
    ("0.83", "10.04", "22026", "22026"),
    ("0.83", "10.04", "22026", "4.5e-5"),
    ("0.83", "10.04", "4.5e-5", "4.5e-5"),
    ("22026", "2.2e5", "0.8", "2.4"),
    ("4.5e-5", "0.01", "0.8", "2.4"),
]
TIMES = ["0", "1e-3", "1", "38.86", "104", "2600"]
HORIZONS = ["1e-4", "1", "39", "520", "10400"]
FREQUENCIES = [0, 1, 2, 7, 40, 1000, 20000]


def quotient(rho, a, b, w):
    """The mean of (1 - (1 + p w)^-rho) / p over Beta(a, b), by 2F1 with the parameters moved off their poles."""
    a, c = mpf(a), a + b - 1
    if a == 1 or c == 0:
        step = mpf(10) ** -20  # an even function of the step up to its square
        return (quotient(rho, a + step, b, w) + quotient(rho, a - step, b, w)) / 2
    if abs(c - rho) > 500:  # mpmath 1.3 fails here, and not always aloud
        inner = (1 + w) ** -rho * positive_2f1(rho, b, c, w / (1 + w))
        return c / (a - 1) * (1 - inner)
    try:
        inner = hyp2f1(rho, a - 1, c, -w)
    except mp.NoConvergence:  # many purchases; Pfaff's transformation makes the parameters small
        inner = (1 + w) ** (1 - a) * hyp2f1(a - 1, c - rho, c, w / (1 + w), maxterms=10**6)
    return c / (a - 1) * (1 - inner)


def positive_2f1(a, b, c, z):
    """2F1 by its series, whose terms are all positive for positive parameters and z below 1."""
    total, term, k = mpf(1), mpf(1), 0
    while k < a * z / (1 - z) or term > total * (1 - z) * mpf(10) ** -mp.dps:
        term *= (a + k) * (b + k) / (c + k) * z / (k + 1)
        total, k = total + term, k + 1
    return total


def by_definition(rho, a, b, w):
    """The same mean as an integral: a check of `quotient` on a few points."""
    mean = lambda p: p ** (a - 2) * (1 - p) ** (b - 1) * (1 - (1 + p * w) ** -rho)
    cuts = [mpf(10) ** -k for k in range(8, 0, -1)]
    return quad(mean, [0, *cuts, mpf(1) / 2, mpf(9) / 10, 1]) / beta(a, b)


def p_alive(r, alpha, a, b, x, t_x, t):
    return mpf(1) if x == 0 else 1 / (1 + a / (b + x - 1) * ((alpha + t) / (alpha + t_x)) ** (r + x))


def row(quantity, parameters, x, t_x, t, horizon, value):
    print(quantity, *parameters, x, t_x, t, horizon, mp.nstr(value, 17), sep=",")


def alive_rows():
    for parameters in PARAMETERS:
        for x in FREQUENCIES:
            for t in TIMES[1:]:
                for share in ("0.001", "0.5", "0.999", "1"):
                    t_x = mpf(repr(float(share) * float(t))) if x else mpf(0)
                    value = p_alive(*map(mpf, parameters), x, t_x, mpf(t))
                    # What a double cannot hold is no reference; a customer without repeats is always alive.
                    if value > mpf(10) ** -290 and (x or share == "1"):
                        row("p_alive", parameters, x, repr(float(t_x)), t, 0, value)


def expectation_rows(all_parameters, frequencies, times, horizons):
    for parameters in all_parameters:
        r, alpha, a, b = map(mpf, parameters)
        for x in frequencies:
            for t in times:
                for horizon in horizons:
                    t_x = repr(float(t) * 0.9) if x else "0"
                    alive = p_alive(r, alpha, a, b, x, mpf(t_x), mpf(t))
                    if alive > mpf(10) ** -290:
                        ahead = quotient(r + x, a, b + x, mpf(horizon) / (alpha + mpf(t)))
                        row("conditional", parameters, x, t_x, t, horizon, alive * ahead)


def unconditional_rows():
    for parameters in PARAMETERS:
        r, alpha, a, b = map(mpf, parameters)
        for exponent in range(-20, 41):
            horizon = repr(10.0 ** (exponent / 10))
            row("unconditional", parameters, 0, 0, 0, horizon, quotient(r, a, b, mpf(horizon) / alpha))


def discounted_rows():
    """The discounted integral of the purchase rate (rho / beta) 2F1(rho + 1, a; a + b; -t / beta)."""
    mp.dps = 25
    for parameters in PARAMETERS[:2] + PARAMETERS[4:6]:
        r, alpha, a, b = map(mpf, parameters)
        for x, t_x, t in [(0, "0", "0"), (0, "0", "38.86"), (2, "30.43", "38.86"), (40, "100", "104")]:
            for horizon in ["1", "52", "520"]:
                for delta in ["0.0018", "0.05"]:
                    age, rho = alpha + mpf(t), r + x
                    rate = lambda s: rho / age * hyp2f1(rho + 1, a, a + b + x, -s / age) * exp(-mpf(delta) * s)
                    # In log time the rate is smooth from the first moment on.
                    end = log(1 + mpf(horizon) / age)
                    total = quad(lambda u: rate(age * (exp(u) - 1)) * age * exp(u), [end * k / 4 for k in range(5)])
                    value = p_alive(r, alpha, a, b, x, mpf(t_x), mpf(t)) * total
                    row("discounted " + delta, parameters, x, t_x, t, horizon, value)


def check():
    for rho, a, b, w in [("0.25", "0.8", "2.4", "0.7"), ("3.2", "1.5", "4.4", "30"), ("1000.2", "2.5", "1002.4", "3")]:
        point = [mpf(rho), mpf(a), mpf(b), mpf(w)]
        assert abs(quotient(*point) / by_definition(*point) - 1) < mpf(10) ** -15
        rho, a, b, w = point
        series = (1 + w) ** -rho * positive_2f1(rho, b, a + b - 1, w / (1 + w))
        assert abs(series / hyp2f1(rho, a - 1, a + b - 1, -w) - 1) < mpf(10) ** -45


if __name__ == "__main__":
    check()
    print("quantity,r,alpha,a,b,x,t_x,t,horizon,value")
    alive_rows()
    expectation_rows(PARAMETERS, FREQUENCIES, TIMES[::2] + TIMES[3:4], HORIZONS)
    expectation_rows(EDGES, [0, 2, 130, 1000], ["0", "5", "53"], ["52", "520"])
    unconditional_rows()
    discounted_rows()
