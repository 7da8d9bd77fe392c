//! Counts of a Poisson process whose rate is gamma distributed.

use crate::numeric::incomplete_beta::incomplete_beta;
use crate::numeric::special::ln_rising;

/// The number of events within a time `h` at a rate `λ ~ Gamma(shape, scale)`, as a function of `w = h / scale`:
///
/// ```text
/// P(N = n) = Γ(ρ+n) / (Γ(ρ) n!) z^n (1 - z)^ρ,   z = w / (1 + w),   E[N] = ρ w
/// ```
///
/// ```
/// use clivia_core::numeric::negative_binomial::NegativeBinomial;
/// let counts = NegativeBinomial { shape: 1.0, w: 1.0 }; // geometric: a half, a quarter, ...
/// assert!((counts.probability(2) - 0.125).abs() < 1e-16);
/// assert!((counts.at_least(3) - 0.125).abs() < 1e-15);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NegativeBinomial {
    /// `ρ`: the shape of the rate's distribution, positive.
    pub shape: f64,
    /// The time, in units of the scale of the rate's distribution; not negative.
    pub w: f64,
}

impl NegativeBinomial {
    /// `P(N = n)`, to 1e-11 relative for counts up to 20,000.
    pub fn probability(self, n: u32) -> f64 {
        self.ln_probability(n).exp()
    }

    fn ln_probability(self, n: u32) -> f64 {
        if n == 0 {
            return -self.shape * self.w.ln_1p();
        }
        let n = f64::from(n);
        ln_rising(self.shape, n).0 - ln_rising(1.0, n).0 - n * (1.0 / self.w).ln_1p() - self.shape * self.w.ln_1p()
    }

    /// `P(N >= n)`, the incomplete beta function `I_z(n, ρ)`.
    pub fn at_least(self, n: u32) -> f64 {
        if n == 0 { 1.0 } else { incomplete_beta(f64::from(n), self.shape, self.w).0 }
    }

    /// `P(N = n)` for n = 0, 1, 2, ..., by recurrence; exact to about 1e-12 of the largest.
    pub fn probabilities(self) -> impl Iterator<Item = f64> {
        let z = self.w / (1.0 + self.w);
        let mut log = -self.shape * self.w.ln_1p();
        let mut value = log.exp();
        // A first probability below what a double holds is carried on by its logarithm until it can be seen.
        let mut unseen = value < 1e-290;
        let mut n = 0.0;
        std::iter::from_fn(move || {
            let now = value;
            let ratio = (self.shape + n) * z / (n + 1.0);
            n += 1.0;
            if unseen {
                log += ratio.ln();
                value = log.exp();
                unseen = value < 1e-290;
            } else {
                value *= ratio;
            }
            Some(now)
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::numeric::negative_binomial::*;

    #[test]
    fn tails_are_sums_of_probabilities() {
        for (shape, w) in [(0.25, 3.0), (1e-4, 50.0), (40.0, 0.3), (2_000.0, 1.5), (3.0, 1e-4)] {
            let counts = NegativeBinomial { shape, w };
            for n in [1, 2, 7, 40, 900] {
                let sum: f64 = (n..n + 60_000).map(|n| counts.probability(n)).sum();
                let tail = counts.at_least(n);
                // A sum of 60,000 terms, each to 1e-12; what is beyond is below 1e-300 of it.
                assert!((tail / sum - 1.0).abs() < 1e-9 || sum < 1e-290, "{shape} {w} {n}: {tail} {sum}");
            }
        }
    }

    #[test]
    fn the_recurrence_gives_the_probabilities() {
        for (shape, w) in [(0.25, 3.0), (40.0, 0.3), (2_000.0, 1.5)] {
            let counts = NegativeBinomial { shape, w };
            for (n, value) in counts.probabilities().take(4_000).enumerate().step_by(97) {
                let exact = counts.probability(n as u32);
                // Thousands of products; below 1e-290 a double has fewer digits.
                assert!((value - exact).abs() <= 1e-10 * exact.max(1e-290), "{shape} {w} {n}");
            }
        }
    }

    #[test]
    fn nothing_happens_in_no_time() {
        let counts = NegativeBinomial { shape: 0.25, w: 0.0 };
        assert_eq!((counts.probability(0), counts.probability(3), counts.at_least(1)), (1.0, 0.0, 0.0));
    }
}
