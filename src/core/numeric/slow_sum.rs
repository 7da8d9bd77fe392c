//! Sums over all whole numbers of a smooth falling function, however slowly it falls.

use crate::numeric::quadrature::gauss_legendre;

/// Terms that are taken one by one, at least and at most.
const LEAST_TERMS: u32 = 64;
const MOST_TERMS: u32 = 1_000_000;
/// What the sum may lose to the first term of Euler and Maclaurin that is left out.
const TRUNCATION: f64 = 1e-13;
/// A panel of the integral in log x that is not halved any more, and how often it is halved at most.
const PANEL: f64 = 0.5;
const DEEPEST: u32 = 14;
/// An exponent that has changed this little over a panel stays.
const STEADY: f64 = 1e-13;
/// How far the integral goes in log x: there, `e^600` terms are beyond any use.
const FARTHEST: f64 = 600.0;

/// A positive function at a point: its logarithm, and minus the slope of that.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fall {
    /// `ln f(x)`.
    pub log: f64,
    /// `-f'(x) / f(x)`, not negative.
    pub rate: f64,
}

/// A sum and what may be wrong with it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sum {
    /// The sum.
    pub value: f64,
    /// An estimate of the error that cutting it off left in it.
    pub error: f64,
}

/// `Σ_{k≥1} f(k)` for a smooth falling `f` that in the end falls like `x^-m`, `m > 1`, or faster.
///
/// The first terms are added up; the rest is Euler's and Maclaurin's
///
/// ```text
/// Σ_{k>K} f(k) = ∫_K^∞ f(x) dx - f(K)/2 - f'(K)/12 + f'''(K)/720 - ...
/// ```
///
/// from a `K` on where the last term does not matter. The integral is taken in `log x`, by panels that are halved
/// until they stand still; where `f` has become a power, `K f(K) / (m - 1)` is what is left of it.
///
/// Source: DLMF 2.10.1.
///
/// ```
/// use clivia_core::numeric::slow_sum::{Fall, slow_sum};
/// let squares = slow_sum(|x| Fall { log: -2.0 * x.ln(), rate: 2.0 / x });
/// assert!((squares.value - std::f64::consts::PI.powi(2) / 6.0).abs() < 1e-12); // Basel
/// ```
pub fn slow_sum(f: impl Fn(f64) -> Fall) -> Sum {
    let mut sum = 0.0;
    for k in 1..=MOST_TERMS {
        let at = f(f64::from(k));
        let term = at.log.exp();
        sum += term;
        let left_out = term * at.rate.powi(3) / 720.0;
        if k >= LEAST_TERMS && left_out <= TRUNCATION * sum || k == MOST_TERMS {
            let tail = integral(&f, f64::from(k), sum);
            return Sum { value: sum + tail.value - term * (0.5 - at.rate / 12.0), error: tail.error + left_out };
        }
    }
    Sum { value: sum, error: 0.0 }
}

/// `∫ f(x) dx` from `start` on, to the last bits of `scale`.
fn integral(f: &impl Fn(f64) -> Fall, start: f64, scale: f64) -> Sum {
    let nodes = gauss_legendre::<12>();
    let density = |y: f64| (f(y.exp()).log + y).exp();
    let panel = |from: f64, to: f64| -> f64 {
        let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
        half * nodes.iter().map(|(node, weight)| weight * density(middle + half * node)).sum::<f64>()
    };
    let exponent = |y: f64| f(y.exp()).rate * y.exp();
    let (mut y, mut total) = (start.ln(), 0.0);
    let mut before = exponent(y);
    loop {
        let end = y + PANEL;
        let part = refined(&panel, y, end, panel(y, end), 1e-15 * (scale + total), DEEPEST);
        total += part;
        y = end;
        let now = exponent(y);
        let steady = (now - before).abs() <= STEADY * now;
        if part <= 1e-18 * (scale + total) && now > 1.0 || steady || y >= FARTHEST {
            let beyond = if now > 1.0 { density(y) / (now - 1.0) } else { 0.0 };
            return Sum { value: total + beyond, error: beyond * (now - before).abs() / (now - 1.0).abs() };
        }
        before = now;
    }
}

/// The integral over a panel, halved until both halves together are what the whole was.
fn refined(panel: &impl Fn(f64, f64) -> f64, from: f64, to: f64, whole: f64, tolerance: f64, depth: u32) -> f64 {
    let middle = 0.5 * (from + to);
    let (left, right) = (panel(from, middle), panel(middle, to));
    let both = left + right;
    if depth == 0 || (both - whole).abs() <= tolerance.max(1e-15 * both) {
        return both;
    }
    refined(panel, from, middle, left, tolerance, depth - 1) + refined(panel, middle, to, right, tolerance, depth - 1)
}

#[cfg(test)]
mod tests {
    use crate::numeric::slow_sum::*;

    #[test]
    fn powers_sum_to_the_zeta_function() {
        // ζ(1.5), ζ(1.1), ζ(3), ζ(1.001), from DLMF 25.2 by high-precision arithmetic.
        for (m, zeta) in [
            (1.5, 2.612_375_348_685_488),
            (1.1, 10.584_448_464_950_81),
            (3.0, 1.202_056_903_159_594_3),
            (1.001, 1_000.577_288_475_901_5),
        ] {
            let sum = slow_sum(|x| Fall { log: -m * x.ln(), rate: m / x });
            assert!((sum.value / zeta - 1.0).abs() < 1e-12, "{m}: {}", sum.value); // the power is exact, so only rounding
        }
    }

    #[test]
    fn geometric_sums_of_any_length() {
        for rate in [2.0_f64, 0.3, 1e-2, 1e-4, 1e-7] {
            let sum = slow_sum(|x| Fall { log: -rate * x, rate });
            let exact = 1.0 / rate.exp_m1();
            assert!((sum.value / exact - 1.0).abs() < 1e-11, "{rate}: {}", sum.value); // rounding of the exponents
        }
    }

    #[test]
    fn a_shoulder_is_followed() {
        // Nobody leaves for long, then everybody: exp(-(x/1000)^20).
        let sum = slow_sum(|x| {
            let power = (x / 1e3_f64).powi(20);
            Fall { log: -power, rate: 20.0 * power / x }
        });
        let plain: f64 = (1..3000).map(|k| (-(f64::from(k) / 1e3).powi(20)).exp()).sum();
        assert!((sum.value / plain - 1.0).abs() < 1e-12, "{} {plain}", sum.value); // rounding of 3,000 terms
    }
}
