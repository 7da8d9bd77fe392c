//! Constant retention: all customers leave with the same probability at every renewal.
//!
//! It is what is left where the data cannot tell how customers differ: where nobody has left, everybody has at once,
//! or a single renewal was seen. Its probability is the mean that Jeffreys' prior gives, which is neither 0 nor 1.

use crate::models::contract::{Hazard, Renewal, RetentionModel, RetentionName, Tenures};
use crate::models::fit::report::positive;
use crate::models::{FitError, FitReport, Fitted, Uncertainty};

/// The model's name in settings and reports.
pub const NAME: &str = "constant";

/// What of a 95 % interval is on one side of it, in standard deviations.
const NORMAL_95: f64 = 1.959_963_984_540_054;

/// A model with one probability of leaving.
///
/// ```
/// use clivia_core::models::contract::constant_retention::ConstantRetention;
/// use clivia_core::models::contract::RetentionModel;
/// let model = ConstantRetention::new(0.1)?;
/// assert!((model.survival(2) - 0.81).abs() < 1e-15);
/// # Ok::<(), clivia_core::models::FitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConstantRetention {
    /// The probability of leaving at a renewal; below 1.
    pub theta: f64,
}

impl ConstantRetention {
    /// A model with a given probability.
    ///
    /// # Errors
    /// [`FitError::Parameter`] where it is not between 0 and 1.
    pub fn new(theta: f64) -> Result<Self, FitError> {
        let theta = positive(NAME, "theta", Some(theta))?;
        if theta < 1.0 {
            Ok(ConstantRetention { theta })
        } else {
            Err(FitError::Parameter { model: NAME, name: "theta", value: Some(theta) })
        }
    }

    /// The model of an earlier fit.
    ///
    /// # Errors
    /// [`FitError::OtherModel`] or [`FitError::Parameter`].
    pub fn from_report(report: &FitReport) -> Result<Self, FitError> {
        let [theta] = report.parameters_of(NAME, ["theta"])?;
        ConstantRetention::new(theta)
    }

    /// The mean of `θ` after the renewals of a base, with Jeffreys' prior: `(lost + 1/2) / (at risk + 1)`.
    ///
    /// # Errors
    /// [`FitError::NoCustomers`] or [`FitError::NoRenewals`].
    pub fn fit(tenures: &Tenures) -> Result<Fitted<Self>, FitError> {
        let (Renewal { at_risk, lost }, subscriptions) = (tenures.total(), tenures.subscriptions() as usize);
        match (subscriptions, at_risk) {
            (0, _) => return Err(FitError::NoCustomers),
            (_, 0) => return Err(FitError::NoRenewals { subscriptions }),
            _ => {}
        }
        let (seen, lost) = (at_risk as f64, lost as f64);
        let theta = (lost + 0.5) / (seen + 1.0);
        // Of the posterior Beta(lost + 1/2, seen - lost + 1/2), in the logarithm.
        let deviation = ((1.0 - theta) / (theta * (seen + 2.0))).sqrt();
        let named = |value: f64| [("theta".to_string(), value)].into();
        let reach = |sides: f64| (theta * (sides * NORMAL_95 * deviation).exp()).min(1.0);
        let report = FitReport {
            model: NAME.into(),
            parameters: named(theta),
            standard_errors: [("theta".to_string(), Some(theta * deviation))].into(),
            confidence_intervals: [("theta".to_string(), Some([reach(-1.0), reach(1.0)]))].into(),
            log_likelihood: lost * theta.ln() + (seen - lost) * (-theta).ln_1p(),
            converged: true,
            customers: subscriptions,
            distinct_rows: tenures.distinct().len(),
            uncertainty: Some(Uncertainty {
                names: vec!["theta".into()],
                logarithmic: vec![true],
                covariance: vec![vec![deviation * deviation]],
            }),
            ..FitReport::default()
        };
        Ok(Fitted { model: ConstantRetention::new(theta)?, report })
    }
}

impl RetentionModel for ConstantRetention {
    fn name(&self) -> RetentionName {
        RetentionName::Constant
    }

    /// `S(n+h) / S(n) = (1-θ)^h`, whatever `n` is.
    fn hazard(&self, _: f64, ahead: f64) -> Hazard {
        let rate = -(-self.theta).ln_1p();
        Hazard { value: ahead * rate, gradient: [ahead / (1.0 - self.theta), 0.0, 0.0], rate }
    }

    fn tail_exponent(&self) -> f64 {
        f64::INFINITY
    }

    /// `(1-θ) / (1 - v (1-θ))`.
    fn sum_of_all_renewals(&self, _: u32, v: f64) -> f64 {
        (1.0 - self.theta) / ((1.0 - v) + v * self.theta)
    }
}

#[cfg(test)]
mod tests {
    use crate::models::contract::Tenure;
    use crate::models::contract::constant_retention::*;

    #[test]
    fn nobody_and_everybody_give_neither_nothing_nor_all() {
        let fit = |renewals: u32, ended: bool| {
            let tenures = Tenures::weighted([(Tenure { renewals, ended }, 10)]);
            ConstantRetention::fit(&tenures).expect("a fit").model.theta
        };
        assert_eq!(fit(4, false), 0.5 / 41.0);
        assert_eq!(fit(0, true), 10.5 / 11.0);
        assert_eq!(
            ConstantRetention::fit(&Tenures::weighted([(Tenure { renewals: 0, ended: false }, 3)])).map(|_| ()),
            Err(FitError::NoRenewals { subscriptions: 3 })
        );
    }

    #[test]
    fn what_is_to_come_is_a_geometric_sum() {
        let model = ConstantRetention::new(0.2).expect("a probability");
        let plain = model.sum_of_renewals(3, 10_000, 0.9);
        let endless = model.discounted_residual_lifetime(3, None, 0.9).expect("discounted");
        assert!((endless / plain - 1.0).abs() < 1e-13); // rounding
        assert_eq!(model.residual_lifetime(0, None), Some(4.0));
        assert!(ConstantRetention::new(1.0).is_err());
    }
}
