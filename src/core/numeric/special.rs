//! Gamma functions in quotients, and the logarithm of one plus odds.

use statrs::function::gamma::{digamma, ln_gamma};

/// Up to here a product is exacter and no slower than two gamma functions.
const LONGEST_PRODUCT: f64 = 20.0;
/// From here on six terms of Stirling's series reach the last bit.
const STIRLING: f64 = 20.0;

/// `ln [Γ(a+n) / Γ(a)]` and its slope in `a`, for `a > 0` and `n ≥ 0`.
///
/// A few whole steps are the product `a (a+1) ... (a+n-1)`; for large `a` the two Stirling series are
/// subtracted term by term, so that nothing is lost however large `a` is.
///
/// Source: DLMF 5.11.1 and 5.11.2.
pub fn ln_rising(a: f64, n: f64) -> (f64, f64) {
    if n <= LONGEST_PRODUCT && n == n.trunc() {
        let factors = (0..n as u32).map(|k| a + f64::from(k));
        let (product, slope) =
            factors.fold((1.0, 0.0), |(product, slope), factor| (product * factor, slope + 1.0 / factor));
        (product.ln(), slope)
    } else if a >= STIRLING {
        let (log, sum) = ((n / a).ln_1p(), a + n);
        let value = (a - 0.5) * log + n * (sum.ln() - 1.0) + stirling(sum) - stirling(a);
        (value, log + 0.5 * n / (a * sum) + stirling_slope(sum) - stirling_slope(a))
    } else {
        (ln_gamma(a + n) - ln_gamma(a), digamma(a + n) - digamma(a))
    }
}

/// `-ln B(a, b) = ln [Γ(a+b) / (Γ(a) Γ(b))]` and its slopes in `a` and in `b`.
pub fn ln_inverse_beta(a: f64, b: f64) -> (f64, f64, f64) {
    if a < b {
        let (value, in_b, in_a) = ln_inverse_beta(b, a);
        return (value, in_a, in_b);
    }
    let (rising, slope) = ln_rising(a, b);
    (rising - ln_gamma(b), slope, ln_rising(b, a).1)
}

/// `B_2k / (2k (2k-1))`, the coefficients of Stirling's series.
const COEFFICIENTS: [f64; 6] =
    [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0, -691.0 / 360_360.0];

/// `ln Γ(z) - (z - 1/2) ln z + z - ln(2π)/2`.
fn stirling(z: f64) -> f64 {
    COEFFICIENTS.iter().rev().fold(0.0, |sum, coefficient| sum / (z * z) + coefficient) / z
}

/// The slope of [`stirling`].
fn stirling_slope(z: f64) -> f64 {
    let odd = (0..6).map(|k| -(2.0 * f64::from(k) + 1.0));
    let terms = COEFFICIENTS.iter().zip(odd).map(|(coefficient, power)| coefficient * power);
    terms.rev().fold(0.0, |sum, term| sum / (z * z) + term) / (z * z)
}

/// `ln(1 + e^u)` without overflow.
pub fn softplus(u: f64) -> f64 {
    u.max(0.0) + quick_ln_1p((-u.abs()).exp())
}

/// [`softplus`] and its slope `1 / (1 + e^-u)`, from one exponential.
#[inline]
pub fn softplus_with_slope(u: f64) -> (f64, f64) {
    let small = (-u.abs()).exp();
    let larger = if u > 0.0 { 1.0 } else { small };
    (u.max(0.0) + quick_ln_1p(small), larger / (1.0 + small))
}

/// `ln(1 + u)` for finite `u` from 0 on, faster than `ln_1p`: the logarithm of the rounded sum, and to the first order what
/// rounding took from it.
#[inline]
fn quick_ln_1p(u: f64) -> f64 {
    let sum = 1.0 + u;
    sum.ln() + (u - (sum - 1.0)) / sum
}

#[cfg(test)]
mod tests {
    use crate::numeric::special::*;

    #[test]
    fn product_and_gamma_functions_agree() {
        for a in [0.01, 0.25, 4.0, 300.0] {
            let (product, slope) = ln_rising(a, 20.0);
            assert!((product - (ln_gamma(a + 20.0) - ln_gamma(a))).abs() < 1e-11); // of ln_gamma near 1,500
            assert!((slope / (digamma(a + 20.0) - digamma(a)) - 1.0).abs() < 1e-11); // of digamma
        }
        assert_eq!(ln_rising(0.3, 0.0), (0.0, 0.0));
    }

    #[test]
    fn stirling_and_product_agree() {
        for a in [20.0, 77.7, 1e4, 1e8] {
            let product = ln_rising(a, 20.0);
            let stirling = ln_rising(a, 20.0 + 1e-13); // not whole, so not the product
            assert!((stirling.0 / product.0 - 1.0).abs() < 1e-13); // rounding
            assert!((stirling.1 / product.1 - 1.0).abs() < 1e-12); // rounding, and the 1e-13
        }
    }

    #[test]
    fn the_quick_logarithm_is_that_of_the_library() {
        for u in (-300..=4_000).map(|step| (-0.1 * f64::from(step)).exp()) {
            assert!((quick_ln_1p(u) / u.ln_1p() - 1.0).abs() < 5e-16, "{u}"); // two roundings
        }
        assert_eq!(quick_ln_1p(0.0), 0.0);
    }

    #[test]
    fn softplus_holds_at_both_ends() {
        assert_eq!((softplus(-800.0), softplus(800.0)), (0.0, 800.0));
        assert_eq!(softplus_with_slope(0.0), (2.0_f64.ln(), 0.5));
        assert_eq!(softplus_with_slope(800.0), (800.0, 1.0));
    }
}
