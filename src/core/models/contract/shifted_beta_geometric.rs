//! Shifted beta-geometric (sBG): at each renewal a customer leaves with a probability of its own, which stays.
//!
//! At the end of every period a customer ends the contract with probability `θ`, and `θ ~ Beta(α, β)` over customers.
//! Retention rises with tenure although nobody becomes more loyal: those who leave easily leave first.
//!
//! Fader, P. S. and B. G. S. Hardie (2007), How to Project Customer Retention, Journal of Interactive Marketing 21(1),
//! 76-90; for what is still to come, (2010), Customer-Base Valuation in a Contractual Setting: The Perils of Ignoring
//! Heterogeneity, Marketing Science 29(1), 85-93.

use crate::models::contract;
use crate::models::contract::{Hazard, RetentionModel, RetentionName, Tenures};
use crate::models::fit::report::positive;
use crate::models::{FitError, FitReport, FitSettings, Fitted};
use crate::numeric::beta_decay::decay;
use crate::numeric::quadrature::beta_mean;

/// The model's name in settings and reports.
pub const NAME: &str = "sbg";

const PARAMETERS: [&str; 2] = ["alpha", "beta"];

/// A shifted beta-geometric model with its two parameters.
///
/// ```
/// use clivia_core::models::contract::RetentionModel;
/// use clivia_core::models::contract::shifted_beta_geometric::ShiftedBetaGeometric;
/// let model = ShiftedBetaGeometric::new(0.704, 1.182)?; // the paper's estimates for regular customers, in years
/// assert!((model.survival(12) - 0.170).abs() < 0.001); // of whom 17.3 % were left after 12 years
/// assert!(model.retention(7) > model.retention(1));
/// # Ok::<(), clivia_core::models::FitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShiftedBetaGeometric {
    /// First shape of the probability of leaving: the mean is `alpha / (alpha + beta)`.
    pub alpha: f64,
    /// Second shape of it.
    pub beta: f64,
}

impl ShiftedBetaGeometric {
    /// A model with given parameters.
    ///
    /// # Errors
    /// [`FitError::Parameter`] where one is not a positive finite number.
    pub fn new(alpha: f64, beta: f64) -> Result<Self, FitError> {
        Ok(ShiftedBetaGeometric {
            alpha: positive(NAME, "alpha", Some(alpha))?,
            beta: positive(NAME, "beta", Some(beta))?,
        })
    }

    /// The model of an earlier fit, for contracts with periods of the same length.
    ///
    /// # Errors
    /// [`FitError::OtherModel`] or [`FitError::Parameter`].
    pub fn from_report(report: &FitReport) -> Result<Self, FitError> {
        let [alpha, beta] = report.parameters_of(NAME, PARAMETERS)?;
        ShiftedBetaGeometric::new(alpha, beta)
    }

    /// Fits by maximum likelihood, equation (B3) of the paper, over all cohorts together.
    ///
    /// # Errors
    /// A [`FitError`] where the base cannot carry the model or the search did not converge.
    pub fn fit(tenures: &Tenures, settings: &FitSettings) -> Result<Fitted<Self>, FitError> {
        let model = |p: &[f64]| ShiftedBetaGeometric { alpha: p[0], beta: p[1] };
        let (values, report) = contract::fit(NAME, &PARAMETERS, model, [&[], &[], &[]], tenures, settings)?;
        Ok(Fitted { model: ShiftedBetaGeometric::new(values[0], values[1])?, report })
    }
}

impl RetentionModel for ShiftedBetaGeometric {
    fn name(&self) -> RetentionName {
        RetentionName::Sbg
    }

    /// From the survivor function, equation (6), given that the customer was renewed `n` times:
    ///
    /// ```text
    /// S(n+h) / S(n) = B(α, β+n+h) / B(α, β+n)
    /// ```
    fn hazard(&self, n: f64, ahead: f64) -> Hazard {
        let decay = decay(self.beta + n, self.alpha, ahead);
        Hazard { value: decay.value, gradient: [decay.in_gamma, decay.in_a, 0.0], rate: decay.in_u }
    }

    /// `S(t)` falls like `t^-α`.
    fn tail_exponent(&self) -> f64 {
        self.alpha
    }

    /// Equation (8): `r(t) = (β+t-1) / (α+β+t-1)`.
    fn retention(&self, t: u32) -> f64 {
        let stayed = self.beta + f64::from(t) - 1.0;
        stayed / (self.alpha + stayed)
    }

    /// Equation (5): `P(T = t) = B(α+1, β+t-1) / B(α, β) = S(t-1) α / (α+β+t-1)`.
    fn probability(&self, t: u32) -> f64 {
        let before = t.saturating_sub(1);
        self.survival(before) * self.alpha / (self.alpha + self.beta + f64::from(before))
    }

    /// Equation (6) of the paper of 2010, seen right before the next renewal of a customer who made `n`:
    ///
    /// ```text
    /// DERL = (β+n)/(α+β+n) ₂F₁(1, β+n+1; α+β+n+1; v) = E[(1-θ) / (1 - v (1-θ))],   θ ~ Beta(α, β+n)
    /// ```
    ///
    /// The mean is taken, as its quadrature converges for every `v` up to 1, where the series crawls.
    fn sum_of_all_renewals(&self, n: u32, v: f64) -> f64 {
        let stayed = self.beta + f64::from(n);
        if v >= 1.0 {
            return stayed / (self.alpha - 1.0);
        }
        beta_mean(stayed, self.alpha, |stays| stays / ((1.0 - v) + v * (1.0 - stays)))
    }
}

#[cfg(test)]
mod tests {
    use crate::models::contract::Tenure;
    use crate::models::contract::shifted_beta_geometric::*;
    use crate::numeric::random::beta;
    use crate::numeric::slow_sum::{Fall, slow_sum};
    use proptest::prelude::*;
    use rand::{Rng, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    fn model() -> ShiftedBetaGeometric {
        ShiftedBetaGeometric::new(0.668, 3.806).expect("positive")
    }

    proptest! {
        #[test]
        fn the_gradient_is_that_of_the_likelihood(
            alpha in -4.0..4.0, beta in -4.0..4.0, renewals in 0_u32..200, ended in any::<bool>()
        ) {
            let (point, tenure) = ([alpha, beta].map(f64::exp), Tenure { renewals, ended });
            let at = |p: [f64; 2]| ShiftedBetaGeometric { alpha: p[0], beta: p[1] }.log_likelihood(tenure);
            let (value, gradient) = at(point);
            for i in 0..2 {
                let moved = |by: f64| -> [f64; 2] {
                    std::array::from_fn(|j| if i == j { point[j] * (1.0 + by) } else { point[j] })
                };
                let slope = (at(moved(1e-5)).0 - at(moved(-1e-5)).0) / (2e-5 * point[i]);
                // Central differences of a value with fifteen digits, steps of 1e-5.
                let tolerance = 1e-9 * (value.abs() + 1.0) / point[i] + 1e-8 * gradient[i].abs();
                prop_assert!((gradient[i] - slope).abs() <= tolerance, "{i}: {} {slope}", gradient[i]);
            }
        }

        #[test]
        fn what_is_to_come_is_a_sum(alpha in -3.0..3.0, beta in -3.0..4.0, n in 0_u32..40, v in 0.0..0.999) {
            let model = ShiftedBetaGeometric { alpha: f64::exp(alpha), beta: f64::exp(beta) };
            let closed = model.discounted_residual_lifetime(n, None, v).expect("discounted");
            let plain = model.sum_of_renewals(n, 100_000, v);
            prop_assert!((closed / plain - 1.0).abs() < 1e-9, "{closed} {plain}"); // rounding of 40,000 terms
            let fall = |k: f64| {
                let hazard = model.hazard(f64::from(n), k);
                Fall { log: -hazard.value + (k - 1.0) * v.ln(), rate: hazard.rate - v.ln() }
            };
            let other = slow_sum(fall).value;
            prop_assert!((closed / other - 1.0).abs() < 1e-10, "{closed} {other}"); // quadrature, and 1e-13
        }
    }

    #[test]
    fn probabilities_and_survival_add_up_to_one() {
        let lost: f64 = (1..=40).map(|t| model().probability(t)).sum();
        assert!((lost + model().survival(40) - 1.0).abs() < 1e-14); // 40 roundings
        let product: f64 = (1..=40).map(|t| model().retention(t)).product();
        assert!((product / model().survival(40) - 1.0).abs() < 1e-13); // as above
    }

    #[test]
    fn without_discounting_the_mean_is_known() {
        let steady = ShiftedBetaGeometric::new(2.5, 3.0).expect("positive");
        assert_eq!(steady.residual_lifetime(4, None), Some(7.0 / 1.5));
        assert_eq!(model().residual_lifetime(4, None), None);
        assert_eq!(steady.discounted_residual_lifetime(4, Some(0), 0.9), Some(0.0));
        // Nearly undiscounted is nearly that.
        let nearly = steady.discounted_residual_lifetime(4, None, 1.0 - 1e-9).expect("discounted");
        assert!((nearly / (7.0 / 1.5) - 1.0).abs() < 1e-4); // 1e-9 each period, over a heavy tail
    }

    #[test]
    fn quantiles_hold_the_share_they_promise() {
        for n in [0, 3, 20] {
            for share in [0.1, 0.5, 0.9] {
                let k = model().quantile(n, share).expect("within reach");
                assert!(1.0 - model().survival_from(n, k + 1) >= share);
                assert!(k == 0 || 1.0 - model().survival_from(n, k) < share);
            }
        }
        assert_eq!(ShiftedBetaGeometric::new(1e-4, 1.0).expect("positive").quantile(0, 0.9), None);
    }

    #[test]
    fn the_truth_behind_a_simulated_base_is_found() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
        let mut draw = |periods: u32| {
            let theta = beta(1.2, 5.0, &mut rng);
            let renewals = (0..periods).take_while(|_| !rng.gen_bool(theta)).count() as u32;
            Tenure { renewals, ended: renewals < periods }
        };
        let tenures: Tenures = (0..30_000).map(|i| draw(1 + i % 24)).collect();
        let Fitted { model, report } = ShiftedBetaGeometric::fit(&tenures, &FitSettings::default()).expect("a fit");
        for (name, found, truth) in [("alpha", model.alpha, 1.2), ("beta", model.beta, 5.0)] {
            let error = report.standard_errors[name].expect("identified");
            assert!((found - truth).abs() < 3.0 * error && error < 0.2 * truth, "{name}: {found} ± {error}");
        }
        assert_eq!((report.starts, report.starts_agreed, report.weakly_identified), (3, 3, false));
    }

    #[test]
    fn nothing_breaks_at_the_edges_of_a_fit() {
        for alpha in [4.5e-5, 1.0, 22_026.0] {
            for beta in [4.5e-5, 1.0, 22_026.0] {
                let model = ShiftedBetaGeometric::new(alpha, beta).expect("positive");
                for n in [0, 7, 5_000] {
                    let values = [
                        model.survival(n),
                        model.retention(n + 1),
                        model.probability(n + 1),
                        model.survival_from(n, 1_000),
                        model.discounted_residual_lifetime(n, Some(60), 0.99).expect("a sum"),
                        model.discounted_residual_lifetime(n, None, 0.999).expect("discounted"),
                    ];
                    assert!(values.iter().all(|value| value.is_finite() && *value >= 0.0), "{model:?} {n} {values:?}");
                    assert!(values[..4].iter().all(|value| *value <= 1.0), "{model:?} {n} {values:?}");
                }
            }
        }
    }
}
