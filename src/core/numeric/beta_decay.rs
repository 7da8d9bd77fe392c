//! How fast the mean of `(1 - θ)^u` falls with `u`, for `θ` with a beta distribution: nothing cancels.

/// From here on the Stirling series in [`decay`] reach the last bit, whatever the other two arguments are.
const STIRLING: f64 = 40.0;

/// `Λ = -ln E[(1-θ)^u]` over `θ ~ Beta(γ, a)`, and its slopes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Decay {
    /// `Λ`, never negative.
    pub value: f64,
    /// `∂Λ/∂a`, never positive.
    pub in_a: f64,
    /// `∂Λ/∂γ`, never negative.
    pub in_gamma: f64,
    /// `∂Λ/∂u`, never negative.
    pub in_u: f64,
}

/// The decay of the mean of `(1-θ)^u` over `θ ~ Beta(γ, a)`, for `γ > 0`, `a > 0` and `u ≥ 0`:
///
/// ```text
/// Λ(a, γ, u) = ln [Γ(a) Γ(a+γ+u) / (Γ(a+u) Γ(a+γ))]
/// ```
///
/// The four gamma functions cancel where `γ` or `u` is small, so none is taken. One step from `a` to `a+1` is the
/// logarithm of `1 + γu / (a (a+γ+u))`, and from `a = 40` on the Stirling series are subtracted term by term.
/// Relative error below 1e-10, also of a `Λ` far below the rounding unit.
///
/// Source: DLMF 5.5.1 for the steps, 5.11.1 and 5.11.2 for the series.
///
/// ```
/// use clivia_core::numeric::beta_decay::decay;
/// // One period: E[1-θ] = a / (a+γ).
/// assert!((decay(3.0, 1.0, 1.0).value - (4.0_f64 / 3.0).ln()).abs() < 1e-15);
/// ```
pub fn decay(mut a: f64, gamma: f64, u: f64) -> Decay {
    let mut sum = Decay::default();
    while a < STIRLING {
        sum.add(step(a, gamma, u));
        a += 1.0;
    }
    sum.add(beyond(a, gamma, u));
    sum
}

impl Decay {
    fn add(&mut self, more: Decay) {
        self.value += more.value;
        self.in_a += more.in_a;
        self.in_gamma += more.in_gamma;
        self.in_u += more.in_u;
    }
}

/// `Λ(a, γ, u) - Λ(a+1, γ, u)`.
fn step(a: f64, gamma: f64, u: f64) -> Decay {
    let (with_gamma, with_u, with_both) = (a + gamma, a + u, a + gamma + u);
    Decay {
        value: (gamma / a * (u / with_both)).ln_1p(),
        in_a: -(gamma / a) * (u / with_u) * ((a + with_both) / with_gamma / with_both),
        in_gamma: u / with_both / with_gamma,
        in_u: gamma / with_both / with_u,
    }
}

/// The mixed difference of Stirling's series, for large `a`. Of `(x - 1/2) ln x` it is
///
/// ```text
/// (a - 1/2) ln(1 - q) + γ ln(1 + u/(a+γ)) + u ln(1 + γ/(a+u)),   q = γu / ((a+γ) (a+u))
/// ```
///
/// and of `1/(12 x)` it is `m / 12` with the mixed difference `m` of `1/x`.
fn beyond(a: f64, gamma: f64, u: f64) -> Decay {
    let (with_gamma, with_u, with_both) = (a + gamma, a + u, a + gamma + u);
    let log = (-(gamma / with_gamma) * (u / with_u)).ln_1p();
    let (log_u, log_gamma) = ((u / with_gamma).ln_1p(), (gamma / with_u).ln_1p());
    let inverse = (gamma / a) * (u / with_u) * ((a + with_both) / with_gamma / with_both);
    let mixed = |f: fn(f64) -> f64| (f(with_both) - f(with_u)) - (f(with_gamma) - f(a));
    Decay {
        value: (a - 0.5) * log + gamma * log_u + u * log_gamma + inverse / 12.0 + mixed(stirling),
        in_a: log - 0.5 * inverse + mixed(digamma),
        in_gamma: log_u + 0.5 * (u / with_gamma / with_both) + (digamma(with_both) - digamma(with_gamma)),
        in_u: log_gamma + 0.5 * (gamma / with_u / with_both) + (digamma(with_both) - digamma(with_u)),
    }
}

/// `ln Γ(x) - (x - 1/2) ln x + x - ln(2π)/2 - 1/(12x)`.
fn stirling(x: f64) -> f64 {
    let square = x * x;
    (-1.0 / 360.0 + (1.0 / 1260.0 - 1.0 / (1680.0 * square)) / square) / (square * x)
}

/// `ψ(x) - ln x + 1/(2x)`.
fn digamma(x: f64) -> f64 {
    let square = x * x;
    (-1.0 / 12.0 + (1.0 / 120.0 - 1.0 / (252.0 * square)) / square) / square
}

#[cfg(test)]
mod tests {
    use crate::numeric::beta_decay::*;
    use crate::numeric::quadrature::beta_mean;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_minus_the_log_of_a_mean(a in -3.0..6.0, gamma in -3.0..6.0, u in -3.0..6.0) {
            let [a, gamma, u] = [a, gamma, u].map(f64::exp);
            let mean = beta_mean(gamma, a, |theta| (u * (-theta).ln_1p()).exp());
            let value = decay(a, gamma, u).value;
            // Quadrature is good to 1e-12 of a mean that is not far below its cut at 1e-25, and takes 1 - θ, which
            // loses what is left of it near θ = 1: below a = 1 the mean hangs on that.
            prop_assert!(a < 1.0 || value > 25.0 || (value + mean.ln()).abs() < 1e-10 * (1.0 + value), "{value}");
        }

        #[test]
        fn the_slopes_are_those_of_the_value(a in -8.0..8.0, gamma in -8.0..8.0, u in -8.0..8.0) {
            let at = [a, gamma, u].map(f64::exp);
            let Decay { in_a, in_gamma, in_u, .. } = decay(at[0], at[1], at[2]);
            for (i, slope) in [in_a, in_gamma, in_u].into_iter().enumerate() {
                let moved = |by: f64| -> f64 {
                    let to: [f64; 3] = std::array::from_fn(|j| if i == j { at[j] * (1.0 + by) } else { at[j] });
                    decay(to[0], to[1], to[2]).value
                };
                let difference = (moved(1e-5) - moved(-1e-5)) / (2e-5 * at[i]);
                // Of central differences, in shares of the value.
                let tolerance = 1e-8 * (slope.abs() + decay(at[0], at[1], at[2]).value / at[i]);
                prop_assert!((slope - difference).abs() <= tolerance, "{i}: {slope} {difference}");
            }
        }
    }

    #[test]
    fn the_smallest_decay_keeps_its_digits() {
        // To first order in γ and u it is γ u (ψ'(a) - ...), for large a γ u / a.
        let value = decay(1e4, 1e-9, 1e-9).value;
        assert!((value / (1e-18 / 1e4 * (1.0 + 0.5e-4)) - 1.0).abs() < 1e-8); // the next term is 1/(6 a²)
        assert_eq!(decay(2.0, 0.5, 0.0), Decay { in_u: decay(2.0, 0.5, 0.0).in_u, ..Decay::default() });
    }
}
