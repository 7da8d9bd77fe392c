//! Models against what customers did next: fitted on the first part of the data, judged by the rest.
//!
//! A [`Window`] cuts purchases in two at a day. Models are fitted to [`Observed::histories`] alone; [`validate`] then
//! compares what they expect of each customer with the holdout, and with [`Baseline`] predictions that need no model.
//! [`best`] names the model whose probabilities fit the holdout best.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::models::{Histories, History, PurchaseModel};

mod baselines;
mod choice;
mod contest;
mod curves;
mod distribution;
mod ranking;
mod split;

pub use baselines::Baseline;
pub use choice::{Choice, LeftOut, best};
pub use contest::{Contest, Contested, Standing};
pub use curves::{ByFrequency, ByRecency, RepeatCount, TrackedPeriod};
pub use distribution::DistributionFit;
pub use ranking::Decile;
pub use split::{Counts, Observed, PurchaseDays, Split, Window};

use distribution::{Outcome, distribution_fit, outcomes};
use ranking::Ranking;

/// A model fitted to the calibration.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The model.
    pub model: &'a dyn PurchaseModel,
    /// How many parameters were estimated.
    pub parameters: usize,
    /// What it counts, where that is not purchase days: it is judged by this then.
    pub opportunities: Option<&'a Observed>,
}

/// A comparison on a holdout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// Customers of the calibration.
    pub customers: usize,
    /// The length of the holdout, in time units.
    pub horizon: f64,
    /// The level of the intervals whose coverage is measured.
    pub level: f64,
    /// The models in the order given, then the baselines.
    pub assessments: Vec<Assessment>,
    /// The best model.
    pub choice: Choice,
}

/// Whether there are parameters behind a prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Kind {
    /// A fitted model.
    Model {
        /// How many parameters were estimated.
        parameters: usize,
    },
    /// No model.
    Baseline,
}

/// How a model or a baseline did on the holdout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// Its name.
    pub name: String,
    /// What it is.
    #[serde(flatten)]
    pub kind: Kind,
    /// What it counts; every number here is of that.
    pub counts: Counts,
    /// How near the expected numbers of purchases are.
    pub accuracy: Accuracy,
    /// How well its probabilities fit; `None` for a baseline, which states none.
    pub distribution: Option<DistributionFit>,
    /// Customers in ten groups by prediction.
    pub deciles: Vec<Decile>,
    /// Holdout purchases by frequency in the calibration.
    pub by_frequency: Vec<ByFrequency>,
    /// Holdout purchases by age at the last purchase of the calibration.
    pub by_recency: Vec<ByRecency>,
    /// Repeat purchases of the whole base over time; empty for a baseline and for a model that counts opportunities.
    pub tracking: Vec<TrackedPeriod>,
    /// Customers by repeat purchases in the calibration; empty for a baseline.
    pub repeat_counts: Vec<RepeatCount>,
}

/// How near expected numbers of purchases came.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Accuracy {
    /// Purchases expected in the holdout, of all customers.
    pub expected: f64,
    /// Purchases made.
    pub actual: f64,
    /// By how much too many are expected, in percent of those made; `None` where none were made.
    pub bias_percent: Option<f64>,
    /// The mean absolute error of a customer, in purchases. The median of a distribution minimises it, so where most
    /// customers buy nothing it favours predictions that are too low.
    pub mae: f64,
    /// The root of the mean squared error of a customer, in purchases. The mean minimises it; a few heavy buyers rule
    /// it.
    pub rmse: f64,
    /// Whether those who buy rank high: 1 for their true order, 0 for none, negative for a reversed one. The Gini
    /// coefficient of what customers bought in the order of prediction, over that in their true order; equal
    /// predictions share their places. `None` where all bought the same.
    pub gini: Option<f64>,
    /// Spearman's rank correlation of expected and actual purchases; `None` where either does not vary.
    pub spearman: Option<f64>,
}

/// Compares models on a holdout, and baselines beside them; intervals are of this `level`, such as 0.9.
///
/// ```
/// use clivia_core::models::purchase::nbd::Nbd;
/// use clivia_core::base::{Day, TimeUnit};
/// use clivia_core::validation::{Candidate, PurchaseDays, Window, validate};
/// let window = Window { calibration_end: Day(70), holdout_days: 35, unit: TimeUnit::Weeks };
/// let days = [0, 35, 90, 0, 0, 7, 14, 21, 28, 35, 42, 49, 56, 63, 77, 84];
/// let split = window.split(PurchaseDays { days: &days, starts: &[0, 3, 4, 16], groups: &[] });
/// let model = Nbd::new(1.0, 3.0)?;
/// let candidate = Candidate { model: &model, parameters: 2, opportunities: None };
/// let validation = validate(&split.observed, &[candidate], 0.9);
/// assert_eq!(validation.choice.best.as_deref(), Some("nbd"));
/// // The customers who bought are ranked in their true order.
/// assert_eq!(validation.assessments[0].accuracy.gini, Some(1.0));
/// # Ok::<(), clivia_core::models::FitError>(())
/// ```
pub fn validate(observed: &Observed, candidates: &[Candidate<'_>], level: f64) -> Validation {
    let days = Holdout::of(observed);
    let mut assessments: Vec<Assessment> = candidates
        .iter()
        .map(|candidate| match candidate.opportunities {
            None => days.assess_model(candidate, level),
            Some(opportunities) => Holdout::of(opportunities).assess_model(candidate, level),
        })
        .collect();
    assessments.extend(Baseline::ALL.map(|baseline| days.assess_baseline(baseline)));
    let choice = best(&assessments);
    Validation { customers: observed.holdout.len(), horizon: observed.horizon, level, assessments, choice }
}

/// What all comparisons on a holdout share.
struct Holdout<'a> {
    observed: &'a Observed,
    histories: Vec<History>,
    actual: Vec<f64>,
    actual_ranking: Ranking,
    outcomes: Vec<Outcome>,
}

impl<'a> Holdout<'a> {
    fn of(observed: &'a Observed) -> Self {
        let actual: Vec<f64> = observed.holdout.iter().copied().map(f64::from).collect();
        Holdout {
            observed,
            histories: observed.histories.map(|history| history),
            actual_ranking: Ranking::of(&actual),
            actual,
            outcomes: outcomes(observed),
        }
    }

    fn assess_model(&self, candidate: &Candidate<'_>, level: f64) -> Assessment {
        let Observed { histories, horizon, counts, .. } = self.observed;
        let model = candidate.model;
        let alive = alive(model, histories);
        let predicted = expected(model, histories, &alive, *horizon);
        let distribution = (!self.actual.is_empty())
            .then(|| distribution_fit(model, histories, &alive, *horizon, &self.outcomes, level));
        // Opportunities are numbered, not dated.
        let is_dated = *counts == Counts::PurchaseDays;
        Assessment {
            distribution,
            tracking: if is_dated { curves::tracking(model, self.observed) } else { Vec::new() },
            repeat_counts: curves::repeat_counts(model, self.observed),
            ..self.assess(model.name().name(), Kind::Model { parameters: candidate.parameters }, &predicted)
        }
    }

    fn assess_baseline(&self, baseline: Baseline) -> Assessment {
        self.assess(baseline.name(), Kind::Baseline, &baseline.predictions(self.observed))
    }

    /// What needs no more than a prediction of each customer.
    fn assess(&self, name: &str, kind: Kind, predicted: &[f64]) -> Assessment {
        let ranking = Ranking::of(predicted);
        Assessment {
            name: name.into(),
            kind,
            counts: self.observed.counts,
            accuracy: self.accuracy(predicted, &ranking),
            deciles: ranking.deciles(predicted, &self.actual),
            by_frequency: curves::by_frequency(&self.histories, predicted, &self.actual),
            by_recency: curves::by_recency(&self.histories, predicted, &self.actual),
            ..Assessment::empty()
        }
    }

    fn accuracy(&self, predicted: &[f64], ranking: &Ranking) -> Accuracy {
        let customers = self.actual.len().max(1) as f64;
        let errors = || predicted.iter().zip(&self.actual).map(|(predicted, actual)| predicted - actual);
        let (expected, actual) = (predicted.iter().sum::<f64>(), self.actual.iter().sum::<f64>());
        let perfect = self.actual_ranking.concentration(&self.actual);
        Accuracy {
            expected,
            actual,
            bias_percent: (actual > 0.0).then(|| 100.0 * (expected / actual - 1.0)),
            mae: errors().map(f64::abs).sum::<f64>() / customers,
            rmse: (errors().map(|error| error * error).sum::<f64>() / customers).sqrt(),
            gini: (perfect > 0.0).then(|| ranking.concentration(&self.actual) / perfect),
            spearman: ranking.correlation(&self.actual_ranking),
        }
    }
}

impl Assessment {
    /// Of nobody.
    fn empty() -> Self {
        Assessment {
            name: String::new(),
            kind: Kind::Baseline,
            counts: Counts::PurchaseDays,
            accuracy: Accuracy::default(),
            distribution: None,
            deciles: Vec::new(),
            by_frequency: Vec::new(),
            by_recency: Vec::new(),
            tracking: Vec::new(),
            repeat_counts: Vec::new(),
        }
    }
}

/// P(alive) of each distinct history.
fn alive(model: &dyn PurchaseModel, histories: &Histories) -> Vec<f64> {
    histories.distinct().par_iter().map(|history| model.p_alive(*history)).collect()
}

/// Purchases expected of each customer in the holdout.
fn expected(model: &dyn PurchaseModel, histories: &Histories, alive: &[f64], horizon: f64) -> Vec<f64> {
    let if_alive = histories.map_while_alive(model, |history| model.purchases_if_alive(history, horizon));
    let rows = if_alive.rows().iter().zip(alive).map(|(if_alive, alive)| if_alive * alive);
    histories.of_rows(rows.collect()).column()
}

#[cfg(test)]
mod tests;
