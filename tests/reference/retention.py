"""High-precision values of the retention models, for tests/it/published_retention.rs.

Computes survival, P(T = t), the retention rate and discounted expected residual lifetimes of the beta-discrete-Weibull
model (of which c = 1 is the shifted beta-geometric) with mpmath at 40 digits, from the formulas as published. Sums
without end are taken term by term, by the hypergeometric function where c = 1, and without discounting by Euler's and
Maclaurin's formula. Prints CSV.

    python3 tests/reference/retention.py > tests/reference/retention.csv
"""

from mpmath import diff, exp, expm1, hyp2f1, log, loggamma, mp, mpf, nstr, quad

mp.dps = 40

SBG = [
    ("0.668", "3.806", "1"),
    ("0.704", "1.182", "1"),
    ("0.05", "0.02", "1"),
    ("1", "1", "1"),
    ("2.5", "30", "1"),
    ("12", "400", "1"),
    ("0.3", "2500", "1"),
    ("4.5e-5", "0.5", "1"),
    ("4.5e-5", "22026", "1"),
    ("22026", "4.5e-5", "1"),
    ("22026", "22026", "1"),
    ("1.0001", "6", "1"),
]
BDW = [
    ("0.259", "1.722", "1.584"),
    ("0.5", "1.5", "0.8"),
    ("1.2", "20", "2.1"),
    ("0.05", "0.02", "0.6"),
    ("8", "100", "0.5"),
    ("2.5", "30", "0.05"),
    ("4.5e-5", "0.5", "1.3"),
    ("22026", "9000000", "1.05"),
    ("0.7", "3", "4.5e-5"),
    ("2", "1e5", "3.2"),
    ("30", "4.5e-5", "0.02"),
]
TIMES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 24, 30, 36, 48, 60, 90, 120, 180, 250, 365, 730, 1500, 5000]
TENURES = [0, 1, 2, 5, 12, 40, 120]
DISCOUNTS = ["0.3", "0.9", "0.99", "0.999"]
HORIZONS = [1, 3, 12, 60]


def log_survival(gamma, delta, u):
    """ln [B(gamma, delta + u) / B(gamma, delta)]."""
    up = loggamma(delta + u) + loggamma(gamma + delta)
    return up - loggamma(delta) - loggamma(gamma + delta + u)


class Model:
    def __init__(self, parameters):
        self.gamma, self.delta, self.c = map(mpf, parameters)
        self.known = {}

    def log_s(self, t):
        if t not in self.known:
            self.known[t] = log_survival(self.gamma, self.delta, mpf(t) ** self.c) if t > 0 else mpf(0)
        return self.known[t]

    def step(self, t):
        return self.log_s(t) - self.log_s(t - 1)

    def finite(self, n, horizon, v):
        return sum(exp(self.log_s(n + k) - self.log_s(n)) * v ** (k - 1) for k in range(1, horizon + 1))

    def term_by_term(self, n, v):
        total, k = mpf(0), 1
        while True:
            term = exp(self.log_s(n + k) - self.log_s(n)) * v ** (k - 1)
            total += term
            if term < total * (1 - v) * mpf(10) ** -22:
                return total
            k += 1

    def hypergeometric(self, n, v):
        stayed = self.delta + n
        return stayed / (self.gamma + stayed) * hyp2f1(1, stayed + 1, self.gamma + stayed + 1, v)

    def undiscounted(self, n, terms=300):
        """By Euler and Maclaurin; only for a tail exponent above 1."""
        f = lambda x: exp(self.log_s_at(n + x) - self.log_s(n))
        total = sum(f(mpf(k)) for k in range(1, terms + 1))
        start, power = log(mpf(terms)), self.gamma * self.c
        end = start + 25 * log(mpf(10)) / (power - 1)
        pieces = [start + (end - start) * k / 24 for k in range(25)]
        integral = quad(lambda y: f(exp(y)) * exp(y), pieces)
        k = mpf(terms)
        ends = -f(k) / 2 - diff(f, k) / 12 + diff(f, k, 3) / 720 - diff(f, k, 5) / 30240
        return total + integral + ends

    def log_s_at(self, t):
        """The same at any time, with as many digits more as the gamma functions of so large a number cancel."""
        with mp.workdps(mp.dps + 2 * int(self.c * log(t, 10) + 2)):
            return log_survival(self.gamma, self.delta, mpf(t) ** self.c)


def row(quantity, parameters, n, t, v, value):
    # What a double cannot hold is no reference.
    if mpf(10) ** -290 < value < mpf(10) ** 290:
        print(quantity, *parameters, n, t, v, nstr(value, 17), sep=",")


def curve_rows(parameters):
    model = Model(parameters)
    for t in TIMES:
        row("survival", parameters, 0, t, 1, exp(model.log_s(t)))
        row("probability", parameters, 0, t, 1, -exp(model.log_s(t - 1)) * expm1(model.step(t)))
        row("retention", parameters, 0, t, 1, exp(model.step(t)))


def residual_rows(parameters, discounts):
    model = Model(parameters)
    for v in discounts:
        for n in TENURES:
            for horizon in HORIZONS:
                row("residual", parameters, n, horizon, v, model.finite(n, horizon, mpf(v)))
        latest = TENURES[-1]
        if parameters[2] == "1":
            values = {n: model.hypergeometric(n, mpf(v)) for n in TENURES}
        else:
            # DERL(n) = r(n+1) (1 + v DERL(n+1)), which forgets any error of its start.
            value = model.term_by_term(latest, mpf(v))
            values = {latest: value}
            for n in range(latest - 1, -1, -1):
                value = exp(model.step(n + 1)) * (1 + mpf(v) * value)
                values[n] = value
        for n in TENURES:
            row("residual", parameters, n, "inf", v, values[n])


def undiscounted_rows():
    for parameters in [p for p in SBG + BDW if 1.2 < float(p[0]) * float(p[2]) < 20]:
        model = Model(parameters)
        value = model.undiscounted(TENURES[-1])
        values = {TENURES[-1]: value}
        for n in range(TENURES[-1] - 1, -1, -1):
            value = exp(model.step(n + 1)) * (1 + value)
            values[n] = value
        for n in TENURES:
            if parameters[2] == "1":
                assert abs(values[n] * (model.gamma - 1) / (model.delta + n) - 1) < mpf(10) ** -15
            row("residual", parameters, n, "inf", 1, values[n])


def check():
    model = Model(("1.2", "3.1", "1"))
    assert abs(model.hypergeometric(3, mpf("0.9")) / model.term_by_term(3, mpf("0.9")) - 1) < mpf(10) ** -20


if __name__ == "__main__":
    check()
    print("quantity,gamma,delta,c,n,t,v,value")
    for parameters in SBG + BDW:
        curve_rows(parameters)
        residual_rows(parameters, DISCOUNTS)
    undiscounted_rows()
