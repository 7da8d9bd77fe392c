//! Beta-discrete-Weibull (BdW): as sBG, but a customer's own probability of leaving may change with tenure.
//!
//! A customer with `θ` is left after `t` renewals with probability `(1-θ)^(t^c)`, and `θ ~ Beta(γ, δ)` over customers.
//! With `c > 1` everybody becomes likelier to leave at each renewal, with `c < 1` less likely; `c = 1` is
//! [sBG](crate::models::contract::shifted_beta_geometric). It tells apart what sBG cannot: loyalty that grows, and a base of
//! which the loyal are left.
//!
//! Fader, P. S., B. G. S. Hardie, Y. Liu, J. Davin and T. Steenburgh (2018), "How to Project Customer Retention"
//! Revisited: The Role of Duration Dependence, Journal of Interactive Marketing 43, 1-16.

use crate::models::contract;
use crate::models::contract::{Hazard, RetentionModel, RetentionName, Tenures};
use crate::models::fit::report::positive;
use crate::models::{FitError, FitReport, FitSettings, Fitted};
use crate::numeric::beta_decay::decay;

/// The model's name in settings and reports.
pub const NAME: &str = "bdw";

const PARAMETERS: [&str; 3] = ["gamma", "delta", "c"];

/// `t^c` is cut off here, so that no product of two overflows: a logarithm.
const LARGEST_POWER: f64 = 230.0;

/// A beta-discrete-Weibull model with its three parameters.
///
/// ```
/// use clivia_core::models::contract::beta_discrete_weibull::BetaDiscreteWeibull;
/// use clivia_core::models::contract::RetentionModel;
/// let model = BetaDiscreteWeibull::new(0.26, 1.72, 1.58)?;
/// // Retention falls at first, as everybody tires, and then rises, as the loyal are left.
/// assert!(model.retention(2) < model.retention(1) && model.retention(9) > model.retention(2));
/// # Ok::<(), clivia_core::models::FitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BetaDiscreteWeibull {
    /// First shape of the probability of leaving at the first renewal: the mean is `gamma / (gamma + delta)`.
    pub gamma: f64,
    /// Second shape of it.
    pub delta: f64,
    /// How it changes with tenure: above 1 it rises, below 1 it falls.
    pub c: f64,
}

impl BetaDiscreteWeibull {
    /// A model with given parameters.
    ///
    /// # Errors
    /// [`FitError::Parameter`] where one is not a positive finite number.
    pub fn new(gamma: f64, delta: f64, c: f64) -> Result<Self, FitError> {
        Ok(BetaDiscreteWeibull {
            gamma: positive(NAME, "gamma", Some(gamma))?,
            delta: positive(NAME, "delta", Some(delta))?,
            c: positive(NAME, "c", Some(c))?,
        })
    }

    /// The model of an earlier fit, for contracts with periods of the same length.
    ///
    /// # Errors
    /// [`FitError::OtherModel`] or [`FitError::Parameter`].
    pub fn from_report(report: &FitReport) -> Result<Self, FitError> {
        let [gamma, delta, c] = report.parameters_of(NAME, PARAMETERS)?;
        BetaDiscreteWeibull::new(gamma, delta, c)
    }

    /// Fits by maximum likelihood, over all cohorts together.
    ///
    /// # Errors
    /// A [`FitError`] where the base cannot carry the model or the search did not converge.
    pub fn fit(tenures: &Tenures, settings: &FitSettings) -> Result<Fitted<Self>, FitError> {
        let model = |p: &[f64]| BetaDiscreteWeibull { gamma: p[0], delta: p[1], c: p[2] };
        let more: [&[f64]; 3] = [&[1.5], &[1.0], &[0.7]];
        let (values, report) = contract::fit(NAME, &PARAMETERS, model, more, tenures, settings)?;
        Ok(Fitted { model: BetaDiscreteWeibull::new(values[0], values[1], values[2])?, report })
    }

    /// `n^c`, `(n+h)^c - n^c` and the slope of each in `c`; the difference does not cancel.
    fn powers(&self, n: f64, ahead: f64) -> (Slope, Slope) {
        let power = |t: f64| if t > 0.0 { (self.c * t.ln()).min(LARGEST_POWER).exp() } else { 0.0 };
        let (before, end) = (power(n), n + ahead);
        if n <= 0.0 {
            let log = if end > 0.0 { end.ln() } else { 0.0 };
            return ((0.0, 0.0), (power(end), power(end) * log));
        }
        let (log, growth) = (n.ln(), (ahead / n).ln_1p());
        let more = if self.c * end.ln() < LARGEST_POWER {
            before * (self.c * growth).exp_m1()
        } else {
            (power(end) - before).max(0.0)
        };
        ((before, before * log), (more, log * more + growth * (before + more)))
    }
}

/// A value and its slope.
type Slope = (f64, f64);

impl RetentionModel for BetaDiscreteWeibull {
    fn name(&self) -> RetentionName {
        RetentionName::Bdw
    }

    /// From the survivor function of the paper, given that the customer was renewed `n` times:
    ///
    /// ```text
    /// S(t) = B(γ, δ + t^c) / B(γ, δ),   S(n+h) / S(n) = B(γ, δ + (n+h)^c) / B(γ, δ + n^c)
    /// ```
    fn hazard(&self, n: f64, ahead: f64) -> Hazard {
        let ((before, before_in_c), (more, more_in_c)) = self.powers(n, ahead);
        let decay = decay(self.delta + before, self.gamma, more);
        let in_c = decay.in_a * before_in_c + decay.in_u * more_in_c;
        let end = n + ahead;
        let rate = if end > 0.0 { decay.in_u * self.c * (before + more) / end } else { 0.0 };
        Hazard { value: decay.value, gradient: [decay.in_gamma, decay.in_a, in_c], rate }
    }

    /// `S(t)` falls like `t^-γc`.
    fn tail_exponent(&self) -> f64 {
        self.gamma * self.c
    }
}

#[cfg(test)]
mod tests {
    use crate::models::contract::Tenure;
    use crate::models::contract::beta_discrete_weibull::*;
    use crate::models::contract::shifted_beta_geometric::ShiftedBetaGeometric;
    use crate::numeric::random::beta;
    use proptest::prelude::*;
    use rand::{Rng, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    proptest! {
        #[test]
        fn the_gradient_is_that_of_the_likelihood(
            gamma in -4.0..4.0, delta in -4.0..4.0, c in -2.0..1.5, renewals in 0_u32..200, ended in any::<bool>()
        ) {
            let (point, tenure) = ([gamma, delta, c].map(f64::exp), Tenure { renewals, ended });
            let at = |p: [f64; 3]| BetaDiscreteWeibull { gamma: p[0], delta: p[1], c: p[2] }.log_likelihood(tenure);
            let (value, gradient) = at(point);
            for i in 0..3 {
                let moved = |by: f64| -> [f64; 3] {
                    std::array::from_fn(|j| if i == j { point[j] * (1.0 + by) } else { point[j] })
                };
                let slope = (at(moved(1e-5)).0 - at(moved(-1e-5)).0) / (2e-5 * point[i]);
                // Central differences of a value with fifteen digits, steps of 1e-5; the third derivative in c.
                let tolerance = 1e-8 * (value.abs() + 1.0) / point[i] + 1e-7 * gradient[i].abs();
                prop_assert!((gradient[i] - slope).abs() <= tolerance, "{i}: {} {slope}", gradient[i]);
            }
        }

        #[test]
        fn what_is_to_come_is_a_sum(
            gamma in -2.0..3.0, delta in -2.0..4.0, c in -1.0..1.0, n in 0_u32..40, v in 0.0..0.999
        ) {
            let [gamma, delta, c] = [gamma, delta, c].map(f64::exp);
            let model = BetaDiscreteWeibull { gamma, delta, c };
            let endless = model.discounted_residual_lifetime(n, None, v).expect("discounted");
            let plain = model.sum_of_renewals(n, 100_000, v);
            prop_assert!((endless / plain - 1.0).abs() < 1e-9, "{endless} {plain}"); // rounding of 40,000 terms
        }
    }

    #[test]
    fn with_c_of_one_it_is_sbg() {
        let sbg = ShiftedBetaGeometric::new(1.7, 3.8).expect("positive");
        let bdw = BetaDiscreteWeibull::new(1.7, 3.8, 1.0).expect("positive");
        for t in [1, 2, 7, 300] {
            let near = |one: f64, other: f64| (one / other - 1.0).abs() < 1e-12; // rounding of 300 steps
            assert!(near(bdw.survival(t), sbg.survival(t)) && near(bdw.probability(t), sbg.probability(t)));
            for v in [0.9, 0.999, 1.0] {
                let of = |model: &dyn RetentionModel| model.discounted_residual_lifetime(t, None, v).expect("a limit");
                assert!((of(&bdw) / of(&sbg) - 1.0).abs() < 1e-11, "{t} {v}"); // a sum against a quadrature
            }
        }
    }

    #[test]
    fn a_customer_that_tires_leaves_sooner() {
        let of = |c: f64| BetaDiscreteWeibull::new(1.0, 9.0, c).expect("positive");
        assert!(of(1.5).survival_from(5, 5) < of(1.0).survival_from(5, 5));
        assert!(of(0.6).survival_from(5, 5) > of(1.0).survival_from(5, 5));
        // γc of 0.9 has no mean, of 1.1 it has a large one.
        assert_eq!(of(0.9).residual_lifetime(0, None), None);
        assert!(of(1.1).residual_lifetime(0, None).is_some_and(|mean| mean > 50.0));
    }

    #[test]
    fn the_truth_behind_a_simulated_base_is_found() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(6);
        let mut draw = |periods: u32| {
            let theta = beta(1.0, 4.0, &mut rng);
            let stays = |t: f64| (1.0 - theta).powf((t + 1.0).powf(1.4) - t.powf(1.4));
            let renewals = (0..periods).take_while(|t| rng.gen_bool(stays(f64::from(*t)))).count() as u32;
            Tenure { renewals, ended: renewals < periods }
        };
        let tenures: Tenures = (0..60_000).map(|i| draw(1 + i % 24)).collect();
        let Fitted { model, report } = BetaDiscreteWeibull::fit(&tenures, &FitSettings::default()).expect("a fit");
        for (name, found, truth) in [("gamma", model.gamma, 1.0), ("delta", model.delta, 4.0), ("c", model.c, 1.4)] {
            let error = report.standard_errors[name].expect("identified");
            assert!((found - truth).abs() < 3.0 * error && error < 0.2 * truth, "{name}: {found} ± {error}");
        }
        assert_eq!(report.starts_agreed, report.starts);
    }

    #[test]
    fn nothing_breaks_at_the_edges_of_a_fit() {
        let edges = [4.5e-5, 1.0, 22_026.0];
        for (gamma, delta, c) in edges.iter().flat_map(|g| edges.iter().flat_map(move |d| edges.map(|c| (*g, *d, c)))) {
            let model = BetaDiscreteWeibull::new(gamma, delta, c).expect("positive");
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
