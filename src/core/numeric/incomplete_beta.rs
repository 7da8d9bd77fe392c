//! The incomplete beta function: tails of beta, beta prime and negative binomial distributions.

use crate::numeric::special::ln_inverse_beta;

/// Where a factor no longer shows in a product.
const LAST_BIT: f64 = 1e-16;
/// Steps of a continued fraction; the square root of the largest shape is enough.
const MOST_STEPS: usize = 200_000;

/// `I_z(a, b)` at `z = w / (1 + w)`, and its slope in `ln w`, for positive `a`, `b` and `w ≥ 0`.
///
/// It is the probability that a beta prime variable with shapes `a` and `b` is at most `w`; the slope is the density of
/// its logarithm. The smaller of the two tails is what is worked out.
///
/// Source: DLMF 8.17.22, the continued fraction.
///
/// ```
/// use clivia_core::numeric::incomplete_beta::incomplete_beta;
/// let (half, density) = incomplete_beta(1.0, 1.0, 1.0); // w / (1 + w)
/// assert!((half - 0.5).abs() < 1e-15 && (density - 0.25).abs() < 1e-15);
/// ```
pub fn incomplete_beta(a: f64, b: f64, w: f64) -> (f64, f64) {
    if w <= 0.0 {
        return (0.0, 0.0);
    }
    if w == f64::INFINITY {
        return (1.0, 0.0);
    }
    let (z, rest) = (w / (1.0 + w), 1.0 / (1.0 + w));
    let front = (ln_inverse_beta(a, b).0 - a * (1.0 / w).ln_1p() - b * w.ln_1p()).exp();
    let value = if z < (a + 1.0) / (a + b + 2.0) {
        front * continued_fraction(a, b, z) / a
    } else {
        1.0 - front * continued_fraction(b, a, rest) / b
    };
    (value, front)
}

/// The continued fraction of the incomplete beta function without its front, by the modified Lentz method.
fn continued_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for step in 1..MOST_STEPS {
        let m = step as f64;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away(1.0 + even * d);
        c = away(1.0 + even / c);
        value *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away(1.0 + odd * d);
        c = away(1.0 + odd / c);
        let factor = d * c;
        value *= factor;
        if (factor - 1.0).abs() <= LAST_BIT {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use crate::numeric::incomplete_beta::*;
    use statrs::function::beta::beta_reg;

    #[test]
    fn it_is_the_regularised_beta_function() {
        for (a, b, w) in [(0.3, 2.0, 0.1), (6.25, 3.74, 1.7), (40.0, 300.0, 0.12), (2.0, 0.4, 50.0)] {
            let (value, _) = incomplete_beta(a, b, w);
            let other = beta_reg(a, b, w / (1.0 + w));
            assert!((value / other - 1.0).abs() < 1e-11, "{a} {b} {w}: {value} {other}"); // of statrs
        }
    }

    #[test]
    fn the_slope_is_that_in_the_logarithm() {
        for (a, b, w) in [(0.3_f64, 2.0, 0.1_f64), (6.25, 3.74, 1.7), (400.0, 300.0, 1.3)] {
            let at = |by: f64| incomplete_beta(a, b, w * f64::exp(by)).0;
            let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
            assert!((incomplete_beta(a, b, w).1 / slope - 1.0).abs() < 1e-6); // of central differences
        }
    }

    #[test]
    fn both_ends() {
        assert_eq!((incomplete_beta(2.0, 3.0, 0.0).0, incomplete_beta(2.0, 3.0, f64::INFINITY).0), (0.0, 1.0));
    }
}
