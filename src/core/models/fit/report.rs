//! What a fit says about itself: estimates, errors, verdict; or why there is none.

use std::collections::BTreeMap;

use crate::control::Cancelled;
use serde::{Deserialize, Serialize};

use crate::base::TimeUnit;
use crate::models::fit::covariates::Covariate;

/// Why a model could not be fitted, and what to try.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FitError {
    /// The run was stopped.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// An empty base.
    #[error("there is no customer to fit; check the calibration window and the rejected rows")]
    NoCustomers,
    /// A base of one.
    #[error("a single customer says nothing about how customers differ; fit a larger base and apply it frozen")]
    OneCustomer,
    /// Nobody has been a customer for longer than no time.
    #[error("all {customers} customers bought for the first time on the as-of date; choose a later as-of date")]
    NoTime {
        /// Customers in the base.
        customers: usize,
    },
    /// Nobody came back.
    #[error(
        "none of the {customers} customers bought on a second day, so there is no purchase rate to learn; \
         use a longer window, or check that the customer column identifies people rather than orders"
    )]
    NoRepeatPurchases {
        /// Customers in the base.
        customers: usize,
    },
    /// The search for the best parameters failed.
    #[error(
        "the {model} fit did not converge: after {iterations} steps the log-likelihood still has slope {gradient_norm:.2e}; \
         try models.fit.prior = \"weak\" or models.fit.penalty = 1, another models.purchases, or more data"
    )]
    DidNotConverge {
        /// Which model.
        model: &'static str,
        /// Steps taken.
        iterations: usize,
        /// The largest slope that was left.
        gradient_norm: f64,
    },
    /// The orders have no amounts.
    #[error("the orders have no amounts, so there is no spend to fit; map the amount column")]
    NoAmounts,
    /// Hardly anyone has a mean spend.
    #[error(
        "only {found} customers have a positive mean spend and {needed} are needed; use a longer window, \
         or take the mean spend over all purchase days, the first included"
    )]
    TooFewSpenders {
        /// Customers with a positive mean spend.
        found: usize,
        /// Customers that it takes.
        needed: usize,
    },
    /// Everyone spends the same.
    #[error("all {customers} customers spend {spend} on average, so there is nothing to fit; use that amount itself")]
    ConstantSpend {
        /// Customers with a mean spend.
        customers: usize,
        /// What they all spend.
        spend: f64,
    },
    /// The spend distribution has no mean.
    #[error(
        "the fitted spend distribution has so heavy a tail (q = {q:.4}, at most 1) that expected spend is undefined; \
         look for a few extreme amounts, cap them, or use a longer window"
    )]
    ExpectedSpendUndefined {
        /// The fitted shape.
        q: f64,
    },
    /// Covariates for a model that has no place for them.
    #[error(
        "the {model} model takes no covariates; use models.purchases = \"bg-nbd\" or pareto-nbd, or leave out models.covariates"
    )]
    NoCovariates {
        /// Which model.
        model: &'static str,
    },
    /// No subscription has come to a renewal.
    #[error(
        "none of the {subscriptions} subscriptions has been observed for a whole period, so nothing is known of renewals; \
         use a shorter retention.period, or a later summary.as_of"
    )]
    NoRenewals {
        /// Subscriptions in the base.
        subscriptions: usize,
    },
    /// All renewals were made.
    #[error(
        "none of the {subscriptions} subscriptions has ended in {renewals} renewals, so there is no churn to learn from; \
         check the end column, use more data, or try retention.fit.prior = \"weak\""
    )]
    NobodyLeft {
        /// Subscriptions in the base.
        subscriptions: usize,
        /// Renewals that they came to.
        renewals: u64,
    },
    /// No renewal was made.
    #[error(
        "all {subscriptions} subscriptions ended at their first renewal, so nothing is known of those who stay; \
         check the end column, use a shorter retention.period, or try retention.fit.prior = \"weak\""
    )]
    EverybodyLeft {
        /// Subscriptions in the base.
        subscriptions: usize,
    },
    /// The curve is too short.
    #[error(
        "no subscription has come to more than {found} renewals and the {model} model needs {needed} of them in a row \
         to tell how customers differ; use a shorter retention.period, older data, or try retention.fit.prior = \"weak\""
    )]
    TooFewRenewals {
        /// Which model.
        model: &'static str,
        /// Renewals in a row that were observed.
        found: u32,
        /// Renewals in a row that it takes.
        needed: u32,
    },
    /// A report of another model.
    #[error("the parameters are those of {found}, not of {expected}")]
    OtherModel {
        /// The model asked for.
        expected: &'static str,
        /// The model in the report.
        found: String,
    },
    /// A report in another time unit.
    #[error("the {model} parameters were fitted in {fitted}, this run counts in {run}; run it in {fitted}", fitted = .fitted.map_or("an unknown unit", TimeUnit::name), run = .run.name())]
    OtherUnit {
        /// Which model.
        model: &'static str,
        /// The unit in the report.
        fitted: Option<TimeUnit>,
        /// The unit of the run.
        run: TimeUnit,
    },
    /// A parameter that no model can have.
    #[error("{model} parameter {name} is {}; it must be a positive number", .value.map_or("missing".to_string(), |value| value.to_string()))]
    Parameter {
        /// Which model.
        model: &'static str,
        /// Which parameter.
        name: &'static str,
        /// What it is; `None` where it is missing.
        value: Option<f64>,
    },
}

/// How a model was fitted: everything needed to judge it, and to use it again without fitting.
///
/// Parameters and log-likelihood are in `time_unit` (purchases) or in currency units (spend).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FitReport {
    /// The model's name, such as `bg-nbd`.
    pub model: String,
    /// Estimates by name.
    pub parameters: BTreeMap<String, f64>,
    /// Standard errors by name, by the delta method from the Hessian in log parameters; `None` where a
    /// parameter is at the edge of its range or not identified.
    pub standard_errors: BTreeMap<String, Option<f64>>,
    /// 95 % confidence intervals by name, symmetric in log parameters; `None` as above.
    #[serde(default)]
    pub confidence_intervals: BTreeMap<String, Option<[f64; 2]>>,
    /// The log-likelihood at the estimates, constants included; without prior or penalty.
    pub log_likelihood: f64,
    /// The log density of the prior, or minus the penalty, up to a constant; `None` by maximum likelihood.
    #[serde(default)]
    pub log_prior: Option<f64>,
    /// Whether the estimates are a maximum; never because an iteration limit was reached.
    pub converged: bool,
    /// Customers that the fit used.
    pub customers: usize,
    /// Distinct rows among them: equal rows are fitted once, with a weight.
    pub distinct_rows: usize,
    /// The unit of time; `None` for spend models.
    pub time_unit: Option<TimeUnit>,
    /// The largest slope of the log-likelihood in a log parameter.
    pub gradient_norm: f64,
    /// The condition number of the information matrix in log parameters; large means weakly identified.
    pub condition: Option<f64>,
    /// Parameters at the edge of their range.
    pub at_boundary: Vec<String>,
    /// Whether quite different parameters fit as well, so that they are not to be read one by one.
    #[serde(default)]
    pub weakly_identified: bool,
    /// What an analyst should know before using the model.
    pub warnings: Vec<String>,
    /// Newton steps of the final search.
    pub iterations: usize,
    /// Searches from different starts.
    #[serde(default)]
    pub starts: usize,
    /// How many of them came to the same maximum.
    #[serde(default)]
    pub starts_agreed: usize,
    /// The covariates of a purchase model that has some; their coefficients are among the parameters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covariates: Vec<Covariate>,
    /// How far the estimates can be off together; `None` where the information matrix is singular.
    #[serde(default)]
    pub uncertainty: Option<Uncertainty>,
}

/// The normal approximation to the estimates' distribution, in the coordinates of the search: logarithms
/// of positive parameters, coefficients as they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Uncertainty {
    /// Parameters, in the order of the matrix.
    pub names: Vec<String>,
    /// Which of them are taken by their logarithm.
    pub logarithmic: Vec<bool>,
    /// The inverse of the information matrix; zero in rows of parameters at the edge of their range.
    pub covariance: Vec<Vec<f64>>,
}

impl FitReport {
    /// The named parameters of a model, each positive and finite.
    ///
    /// # Errors
    /// [`FitError::OtherModel`] or [`FitError::Parameter`].
    pub(crate) fn parameters_of<const N: usize>(
        &self,
        model: &'static str,
        names: [&'static str; N],
    ) -> Result<[f64; N], FitError> {
        if self.model != model {
            return Err(FitError::OtherModel { expected: model, found: self.model.clone() });
        }
        let mut values = [0.0; N];
        for (slot, name) in values.iter_mut().zip(names) {
            *slot = positive(model, name, self.parameters.get(name).copied())?;
        }
        Ok(values)
    }

    /// As [`parameters_of`](Self::parameters_of), of a purchase model in a run that counts time in `unit`.
    ///
    /// # Errors
    /// [`FitError::OtherUnit`] too.
    pub(crate) fn parameters_in<const N: usize>(
        &self,
        unit: TimeUnit,
        model: &'static str,
        names: [&'static str; N],
    ) -> Result<[f64; N], FitError> {
        let values = self.parameters_of(model, names)?;
        if self.time_unit == Some(unit) {
            Ok(values)
        } else {
            Err(FitError::OtherUnit { model, fitted: self.time_unit, run: unit })
        }
    }

    /// The same model with estimates moved by `steps` in the coordinates of the search; fixed ones stay.
    pub fn moved(&self, steps: &[f64]) -> FitReport {
        let mut moved = self.clone();
        let Some(Uncertainty { names, logarithmic, .. }) = &self.uncertainty else { return moved };
        for ((name, logarithmic), step) in names.iter().zip(logarithmic).zip(steps) {
            if let Some(value) = moved.parameters.get_mut(name) {
                if *logarithmic { *value *= step.exp() } else { *value += step }
            }
        }
        moved
    }
}

/// The value, where it is a positive finite number.
pub(crate) fn positive(model: &'static str, name: &'static str, value: Option<f64>) -> Result<f64, FitError> {
    match value {
        Some(number) if number > 0.0 && number.is_finite() => Ok(number),
        _ => Err(FitError::Parameter { model, name, value }),
    }
}
