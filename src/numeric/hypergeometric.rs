//! The difference quotient of Gauss's hypergeometric function behind expected purchase counts.

use crate::numeric::quadrature::beta_mean;

/// What the series may lose to cancellation before quadrature takes over: three of sixteen digits.
const LARGEST_CANCELLATION: f64 = 1e3;

/// Terms after which quadrature is the shorter way.
const MOST_TERMS: usize = 400;

/// `(c / ε) [1 - ₂F₁(ρ, ε; c; -w)]` with `ε = a - 1` and `c = a + b - 1`, finite for every `a, b, ρ > 0`
/// and `w ≥ 0`.
///
/// It is the mean of `[1 - (1 + p w)^-ρ] / p` over `p ~ Beta(a, b)`, so neither `a = 1` nor `a + b = 1`
/// is special, although both divide by zero in the quotient as written. By Euler's transformation, with
/// `L = ln(1 + w)`, `z = w / (1 + w)` and `m = a + b - 1 - ρ`, it equals
///
/// ```text
/// c L (1 - e^(-εL)) / (εL) - e^(-εL) Σ_{k≥1} (a)_{k-1} (m)_k / ((c+1)_{k-1} k!) z^k
/// ```
///
/// where the first factor has the limit `L` at `ε = 0` and no gamma function is left. Should the series
/// be long (z near 1) or cancel (m large), the mean is taken by quadrature. Relative error below 1e-10.
///
/// Source: DLMF 15.8.1 for the transformation, 15.6.1 for the integral.
///
/// ```
/// use clivia::numeric::hypergeometric::gauss_quotient;
/// // Beta(1, 1) is uniform: the integral of [1 - 1/(1 + p w)] / p over p is ln(1 + w).
/// assert!((gauss_quotient(1.0, 1.0, 1.0, 3.0) - 4.0_f64.ln()).abs() < 1e-15);
/// ```
pub fn gauss_quotient(rho: f64, a: f64, b: f64, w: f64) -> f64 {
    by_series(rho, a, b, w).unwrap_or_else(|| by_quadrature(rho, a, b, w))
}

/// The transformed series; `None` where it is too long or loses too many digits.
fn by_series(rho: f64, a: f64, b: f64, w: f64) -> Option<f64> {
    let (epsilon, c) = (a - 1.0, a + b - 1.0);
    let log = w.ln_1p();
    let first = c * log * exp_quotient(-epsilon * log);
    let (sum, size) = series(a, c - rho, c, w / (1.0 + w))?;
    let scale = (-epsilon * log).exp();
    let value = first - scale * sum;
    let lost = first.abs() + scale * size > LARGEST_CANCELLATION * value.abs();
    (value.is_finite() && !lost).then_some(value)
}

/// `Σ_{k≥1} (a)_{k-1} (m)_k / ((c+1)_{k-1} k!) z^k` and the sum of its terms' absolute values.
fn series(a: f64, m: f64, c: f64, z: f64) -> Option<(f64, f64)> {
    let mut term = m * z;
    let (mut sum, mut size) = (term, term.abs());
    for k in 1..MOST_TERMS {
        let k = k as f64;
        let ratio = (a + k - 1.0) * (m + k) * z / ((c + k) * (k + 1.0));
        term *= ratio;
        sum += term;
        size += term.abs();
        // What is left is below a geometric series of the larger of this ratio and its limit, z.
        let rest = ratio.abs().max(z);
        if m + k > 0.0 && term.abs() * rest <= 1e-16 * size * (1.0 - rest) {
            return Some((sum, size));
        }
    }
    None
}

/// The mean of `[1 - (1 + p w)^-ρ] / p` over `p ~ Beta(a, b)`, by quadrature.
fn by_quadrature(rho: f64, a: f64, b: f64, w: f64) -> f64 {
    beta_mean(a, b, |p| if p * w < 1e-300 { rho * w } else { -(-rho * (p * w).ln_1p()).exp_m1() / p })
}

/// `(e^y - 1) / y`, which is 1 at `y = 0`.
fn exp_quotient(y: f64) -> f64 {
    if y == 0.0 { 1.0 } else { y.exp_m1() / y }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_and_quadrature_agree() {
        for rho in [0.01, 0.25, 3.25, 1_000.25] {
            for a in [0.05, 0.8, 1.0, 1.0 + 1e-9, 1.0 - 1e-9, 3.0, 60.0] {
                for (b, w) in [(0.02, 0.5), (0.2, 1.0), (2.4, 1e-6), (5.4, 0.7), (2.4, 12.0), (900.0, 2.0)] {
                    if let Some(series) = by_series(rho, a, b, w) {
                        let error = series / by_quadrature(rho, a, b, w) - 1.0;
                        assert!(error.abs() < 1e-11, "{rho} {a} {b} {w}: {error:e}"); // two ways, each near 1e-12
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_happens_in_no_time() {
        assert_eq!(gauss_quotient(0.25, 0.8, 2.4, 0.0), 0.0);
    }

    #[test]
    fn without_dropout_it_is_the_mean_of_the_negative_binomial() {
        // Beta(1e-12, 1) puts nearly all mass at p = 0, where the function is ρ w.
        let value = gauss_quotient(2.5, 1e-12, 1.0, 3.0);
        assert!((value / 7.5 - 1.0).abs() < 1e-10); // the mass elsewhere is about 1e-12 times a logarithm
    }
}
