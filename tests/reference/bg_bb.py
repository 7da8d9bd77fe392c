"""High-precision values of the BG/BB quantities, for tests/it/references.rs: the published sums as they stand, in whole
opportunities. Part of an opportunity counts in proportion. Prints CSV.

    python3 tests/reference/bg_bb.py > tests/reference/bg_bb.csv

Fader, P. S., B. G. S. Hardie and J. Shang (2010), Customer-Base Analysis in a Discrete-Time Noncontractual Setting,
Marketing Science 29(6), 1086-1108.
"""

from mpmath import exp, floor, hyp2f1, log, loggamma, mp, mpf

from common import Model, exact, near, table


def ln_beta(a, b):
    return loggamma(a) + loggamma(b) - loggamma(a + b)


class BgBb(Model):
    names = ["alpha", "beta", "gamma", "delta"]
    sets = [
        ("1.204", "0.75", "0.657", "2.783"),
        ("1.204", "0.75", "1", "2.783"),
        ("1.204", "0.75", "1.000000001", "2.783"),
        ("0.02", "0.3", "0.05", "0.3"),
        ("3.5", "12", "0.4", "0.6"),
        ("60", "40", "0.5", "0.25"),
        ("1.2", "9", "25", "140"),
        ("0.5", "1e-3", "3.3", "1.7"),
        ("22026", "22026", "0.8", "2.4"),
        ("0.8", "2.4", "22026", "22026"),
        ("4.5e-5", "22026", "4.5e-5", "22026"),
        ("2.5", "0.4", "1e-3", "1e-3"),
    ]
    times = ["6", "52", "2600", "18250"]
    horizons = ["1", "5.5", "260"]
    conditional_times = ["6", "2600"]
    counts = [0, 1, 2, 3, 7, 20, 40, 300, 2000]
    count_times = ["1", "2.25", "7", "39", "104", "260", "520", "2600"]
    expectation_times = [repr(round(10 ** (k / 10), 1)) for k in range(0, 42)]
    known = [
        (0, "0", "0"),
        (0, "0", "39"),
        (1, "2590", "2600"),
        (2, "30", "39"),
        (7, "7", "7"),
        (40, "100", "104"),
        (100, "101", "104"),
    ]
    known_counts = [0, 1, 2, 40]
    discount_sets = sets[:9]

    def frequencies(self, t):
        """No more purchases than opportunities."""
        return [0, 1, 2, 3, 4, 5, 6] if float(t) < 7 else [0, 1, 2, 7, 40, round(0.7 * float(t)), int(t)]

    def last(self, x, t_x):
        return str(max(x, round(t_x)))

    def likelihood(self, parameters, x, t_x, t):
        """And the probability of being there at the next opportunity."""
        alpha, beta, gamma, delta = parameters
        x, t_x, n = mpf(x), floor(t_x), floor(t)
        buys = lambda misses: ln_beta(alpha + x, beta + misses) - ln_beta(alpha, beta)
        stayed = exp(buys(n - x) + ln_beta(gamma, delta + n) - ln_beta(gamma, delta))
        left = mpf(0)
        if n > t_x:
            term = exp(buys(t_x - x) + ln_beta(gamma + 1, delta + t_x) - ln_beta(gamma, delta))
            for i in range(int(n - t_x)):
                left += term
                at = t_x + i
                term *= (beta + at - x) / (alpha + beta + at) * (delta + at) / (gamma + 1 + delta + at)
        there = stayed * (delta + n) / (gamma + delta + n)
        return log(stayed + left), there / (stayed + left)

    def stays(self, parameters, n):
        """The probabilities of being there at the next opportunities, given to be there at the first."""
        _, _, gamma, delta = parameters
        stay, at = mpf(1), n + 1
        while True:
            yield stay
            stay *= (delta + at) / (gamma + delta + at)
            at += 1

    def by_whole(self, horizon, value):
        below = floor(horizon)
        if below == horizon:
            return value(int(below))
        part = horizon - below
        return (1 - part) * value(int(below)) + part * value(int(below) + 1)

    def ahead(self, parameters, x, t_x, t, horizon):
        alpha, beta, *_ = parameters
        n = floor(t)
        def whole(m):
            return sum(stay for stay, _ in zip(self.stays(parameters, n), range(m)))
        return (alpha + x) / (alpha + beta + n) * self.by_whole(horizon, whole)

    def count(self, parameters, x, t_x, t, horizon, k):
        alpha, beta, gamma, delta = parameters
        n = floor(t)
        a, b = alpha + x, beta + n - x
        def of(i):
            """P(k purchases at i opportunities), beta-binomial."""
            ways = loggamma(i + 1) - loggamma(k + 1) - loggamma(i - k + 1)
            return exp(ways + ln_beta(a + k, b + i - k) - ln_beta(a, b)) if i >= k else mpf(0)
        def whole(m):
            if k > m:
                return mpf(0)
            total, term = mpf(0), of(max(k, 1))
            for i, stay in zip(range(1, m + 1), self.stays(parameters, n)):
                if i < k:
                    continue
                leaves = 1 if i == m else gamma / (gamma + delta + n + i)
                total += stay * leaves * term
                term *= mpf(i + 1) / (i + 1 - k) * (b + i - k) / (a + b + i)
            return total if m else mpf(k == 0)
        return self.by_whole(horizon, whole)

    def discounted(self, parameters, x, t_x, t, terms):
        alpha, beta, gamma, delta = parameters
        n = floor(t)
        rate = (alpha + x) / (alpha + beta + n)
        def value(horizon, discount):
            factor = exp(-discount)
            if horizon is None:
                first = delta + n + 1
                return rate * factor * hyp2f1(1, first, gamma + first, factor, maxterms=10**6)
            total, each = mpf(0), factor
            for stay, _ in zip(self.stays(parameters, n), range(int(horizon))):
                total += stay * each
                each *= factor
            return rate * total
        return [value(*term) for term in terms]


def closed_sum(gamma, first, m):
    """The sum of the first m of `stays`, in closed form."""
    c = gamma + first - 1
    return c / (gamma - 1) * (1 - exp(loggamma(first + m) - loggamma(first) - loggamma(c + m) + loggamma(c)))


def check(model):
    parameters = tuple(map(exact, model.sets[0]))
    alpha, beta, gamma, delta = parameters
    for n, m in [(6, 5), (39, 260)]:
        rate = (alpha + 2) / (alpha + beta + n)
        near(model.ahead(parameters, 2, None, mpf(n), mpf(m)), rate * closed_sum(gamma, delta + n + 1, m), mpf(10) ** -22)
        mean = sum(k * model.count(parameters, 2, None, mpf(n), mpf(m), k) for k in range(1, m + 1))
        near(mean, model.ahead(parameters, 2, None, mpf(n), mpf(m)), mpf(10) ** -22)
    for typed in model.discount_sets:
        point = (tuple(map(exact, typed)), 2, None, mpf(39))
        near(*model.discounted(*point, [(None, exact("0.05")), (mpf(1200), exact("0.05"))]), mpf(10) ** -16)


if __name__ == "__main__":
    check(BgBb())
    table(BgBb())
