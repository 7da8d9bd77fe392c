//! Integrals of smooth functions over an interval, and of anything over a beta distribution.

use std::f64::consts::PI;
use std::sync::LazyLock;

/// Gauss-Legendre nodes and weights on `[-1, 1]`, exact for polynomials up to degree `2N - 1`.
///
/// The nodes are the zeros of the Legendre polynomial `P_N`, found by Newton's method.
///
/// ```
/// use clivia_core::numeric::quadrature::gauss_legendre;
/// let cube: f64 = gauss_legendre::<4>().iter().map(|(node, weight)| weight * (node + 1.0).powi(3)).sum();
/// assert!((cube - 4.0).abs() < 1e-14); // the integral of (x + 1)^3 from -1 to 1
/// ```
pub fn gauss_legendre<const N: usize>() -> [(f64, f64); N] {
    std::array::from_fn(|index| {
        let mut node = -(PI * (index as f64 + 0.75) / (N as f64 + 0.5)).cos();
        // From this start four steps reach the last bit; the others change nothing.
        for _ in 0..8 {
            let (value, slope) = legendre(N, node);
            node -= value / slope;
        }
        let (_, slope) = legendre(N, node);
        (node, 2.0 / ((1.0 - node * node) * slope * slope))
    })
}

/// `P_n(x)` and its derivative, by the three-term recurrence.
fn legendre(n: usize, x: f64) -> (f64, f64) {
    let (mut before, mut value) = (1.0, x);
    for k in 2..=n {
        let k = k as f64;
        (before, value) = (value, ((2.0 * k - 1.0) * x * value - (k - 1.0) * before) / k);
    }
    (value, n as f64 * (x * value - before) / (x * x - 1.0))
}

/// The nodes of a panel on `[-1, 1]`, found once.
static NODES: LazyLock<[(f64, f64); 12]> = LazyLock::new(gauss_legendre);

/// Beyond this exponent a discount factor no longer shows in a sum of doubles.
const LARGEST_DISCOUNT: f64 = 45.0;
/// How often a panel may let the discount factor fall by e: twelve nodes hold that to 1e-14.
const MOST_FALL: f64 = 8.0;

/// How far [`discounted`] may step where `E` bends like a power of a scale plus `t`, in multiples of that sum: twelve
/// nodes hold that to 1e-13.
pub const LONGEST_STEP: f64 = 1.7;

/// `∫₀ᴴ e^(-δt) dE(t)`: what is expected by `H`, each part discounted from when it comes. `E` grows from `E(0) = 0`;
/// the horizon may be infinite where `δ` is positive. By parts,
///
/// ```text
/// ∫₀ᴴ e^(-δt) dE(t) = e^(-δH) E(H) + δ ∫₀ᴴ e^(-δt) E(t) dt
/// ```
///
/// in panels of twelve nodes, from `t` at most `step(t)` long: there `E` must be close to a polynomial.
///
/// ```
/// use clivia_core::numeric::quadrature::discounted;
/// // One a day forever, at 10 % a day, is worth ten.
/// assert!((discounted(|t| t, f64::INFINITY, 0.1, |t| 1.0 + t) - 10.0).abs() < 1e-12);
/// ```
pub fn discounted(expected: impl Fn(f64) -> f64, horizon: f64, delta: f64, step: impl Fn(f64) -> f64) -> f64 {
    if delta == 0.0 || horizon == 0.0 {
        return expected(horizon);
    }
    let end = horizon.min(LARGEST_DISCOUNT / delta);
    let (mut integral, mut from) = (0.0, 0.0);
    while from < end {
        let to = (from + step(from).min(MOST_FALL / delta)).min(end);
        let (half, middle) = (0.5 * (to - from), 0.5 * (to + from));
        let value = |node: f64| (-delta * (middle + half * node)).exp() * expected(middle + half * node);
        integral += half * NODES.iter().map(|(node, weight)| weight * value(*node)).sum::<f64>();
        if to <= from {
            break;
        }
        from = to;
    }
    // Beyond the end nothing shows any more, however far it goes.
    let rest = if end < horizon { 0.0 } else { (-delta * horizon).exp() * expected(horizon) };
    rest + delta * integral
}

/// The mean of `g(p)` over `p ~ Beta(a, b)`, to about 1e-13 relative for positive `g`.
///
/// With `p = 1 / (1 + e^-u)` the density is smooth on the whole line, and with `u = u0 + w sinh(s)` it
/// falls off doubly exponentially, where the trapezoid rule converges exponentially. The same sum
/// over the density alone divides out its norm, so that no gamma function limits the accuracy. The
/// step is halved until the mean stands still.
pub fn beta_mean(a: f64, b: f64, g: impl Fn(f64) -> f64) -> f64 {
    let rule = BetaRule::new(a, b);
    let (mut step, mut sums) = (0.25, rule.sums(&g, 0.25, 0.0));
    let mut mean = sums.0 / sums.1;
    for _ in 0..10 {
        let between = rule.sums(&g, step, 0.5 * step);
        sums = (sums.0 + between.0, sums.1 + between.1);
        step *= 0.5;
        let refined = sums.0 / sums.1;
        // Half the step about squares what is left of the error.
        let settled = (refined - mean).abs() <= 1e-10 * refined.abs();
        mean = refined;
        if settled && step < 0.1 {
            break;
        }
    }
    mean
}

/// Where the beta density sits on the logit scale, and how wide it is.
struct BetaRule {
    a: f64,
    b: f64,
    centre: f64,
    width: f64,
    peak: f64,
}

impl BetaRule {
    fn new(a: f64, b: f64) -> Self {
        let centre = (a / b).ln();
        let width = (1.0 / a + 1.0 / b).sqrt().min(1.0);
        BetaRule { a, b, centre, width, peak: log_density(a, b, centre).1 }
    }

    /// Sums of `density · g` and of `density` over the nodes `start + k · step` on both sides.
    fn sums(&self, g: &impl Fn(f64) -> f64, step: f64, start: f64) -> (f64, f64) {
        let right = self.side(g, start, step);
        let left = self.side(g, start - step, -step);
        (right.0 + left.0, right.1 + left.1)
    }

    /// The sums on one side, outwards until the density is below the last bit.
    fn side(&self, g: &impl Fn(f64) -> f64, start: f64, step: f64) -> (f64, f64) {
        let (mut weighted, mut norm, mut s) = (0.0, 0.0, start);
        loop {
            let (rising, falling) = (0.5 * s.exp(), 0.5 * (-s).exp());
            let (p, log) = log_density(self.a, self.b, self.centre + self.width * (rising - falling));
            let weight = (rising + falling) * (log - self.peak).exp();
            if weight < 1e-25 {
                return (weighted, norm);
            }
            weighted += weight * g(p);
            norm += weight;
            s += step;
        }
    }
}

/// `p = 1 / (1 + e^-u)` and `a ln p + b ln(1 - p)`, the log of the beta density of `u` without its norm.
fn log_density(a: f64, b: f64, u: f64) -> (f64, f64) {
    let small = (-u.abs()).exp();
    let larger = if u > 0.0 { 1.0 } else { small };
    (larger / (1.0 + small), -a * (-u).max(0.0) - b * u.max(0.0) - (a + b) * small.ln_1p())
}

#[cfg(test)]
mod tests {
    use crate::numeric::quadrature::*;

    #[test]
    fn legendre_weights_sum_to_the_length_of_the_interval() {
        let sum: f64 = gauss_legendre::<12>().iter().map(|(_, weight)| weight).sum();
        assert!((sum - 2.0).abs() < 1e-14); // a dozen roundings
    }

    #[test]
    fn moments_of_the_beta_distribution() {
        for (a, b) in [(0.001, 2.4), (0.8, 2.4), (0.8, 20_000.0), (30.0, 0.05), (5e3, 9e3), (1e5, 1e5), (3.0, 1e-3)] {
            let mean = beta_mean(a, b, |p| p);
            let square = beta_mean(a, b, |p| p * p);
            let exact = a / (a + b);
            assert!((mean / exact - 1.0).abs() < 1e-11, "mean of Beta({a}, {b}): {mean}"); // rounding of the exponent
            let exact = exact * (a + 1.0) / (a + b + 1.0);
            assert!((square / exact - 1.0).abs() < 1e-11, "E[p^2] of Beta({a}, {b}): {square}"); // as above
        }
    }
}
