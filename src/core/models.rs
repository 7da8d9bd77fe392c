//! Models of purchases and of spend: fitted once, then asked about every customer.
//!
//! A purchase model is one file that reads beside its paper: the formulas as [`PurchaseModel`], and a
//! `fit` that hands a likelihood with its exact gradient to [`fit`](mod@fit). [`ModelName`] is the door to all
//! of them: it fits by name, and gives a fitted model back from its [`FitReport`]. The loop over customers
//! is [`Histories`], which works out each distinct history once.

use std::fmt;

use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

use crate::base::TimeUnit;
use crate::summary::Summary;
use purchase::{bg_bb, bg_nbd, cnbd_k, ggompertz_nbd, mbg_nbd, nbd, pareto_nbd};

pub mod contract;
pub mod fit;
pub mod purchase;
pub mod spend;

pub use fit::histories::{Histories, History};
pub use fit::report::{FitError, FitReport, Uncertainty};
pub use fit::settings::{ModelChoice, ModelSettings, NotConverged};
pub use fit::{FitSettings, Prior};
pub use spend::{SpendModel, SpendName};

/// A model that can be fitted to a customer base.
///
/// ```no_run
/// use clivia_core::models::{Fit, FitPurchases, ModelName};
/// # fn example(summary: &clivia_core::summary::Summary) -> Result<(), clivia_core::models::FitError> {
/// let fitted = FitPurchases::by(ModelName::BgNbd).fit(summary)?;
/// println!("r = {}, converged: {}", fitted.report.parameters["r"], fitted.report.converged);
/// # Ok(())
/// # }
/// ```
pub trait Fit {
    /// What a fit gives: only a fitted model predicts.
    type Fitted;

    /// Fits by maximum likelihood.
    ///
    /// # Errors
    /// A [`FitError`] where the base cannot carry the model or the search did not converge.
    fn fit(&self, summary: &Summary) -> Result<Self::Fitted, FitError>;
}

/// A model with the record of how it was fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted<M> {
    /// The model, ready to predict.
    pub model: M,
    /// Parameters, errors and verdict, for `run.json`.
    pub report: FitReport,
}

impl<M: PurchaseModel + 'static> Fitted<M> {
    /// The same, whichever model it is.
    pub fn boxed(self) -> Fitted<Box<dyn PurchaseModel>> {
        Fitted { model: Box::new(self.model), report: self.report }
    }
}

/// A fitted model of when customers buy and when they stop. All times are in the unit it was fitted in.
///
/// A new customer is [`History::NEW`]: its first purchase, which is not counted, was just now.
pub trait PurchaseModel: fmt::Debug + Send + Sync {
    /// Which model it is.
    fn name(&self) -> ModelName;

    /// The log-likelihood of one customer's history.
    fn log_likelihood(&self, history: History) -> f64;

    /// The probability that the customer is still a customer at age `T`.
    fn p_alive(&self, history: History) -> f64;

    /// Expected purchases in the `horizon` after `T`, given that the customer is alive at `T`.
    fn purchases_if_alive(&self, history: History, horizon: f64) -> f64;

    /// The probability of exactly `n` purchases in the `horizon` after `T`, given that the customer is
    /// alive at `T`.
    fn probability_if_alive(&self, history: History, horizon: f64, n: u32) -> f64;

    /// The probabilities of 0, 1, 2, ... purchases in the `horizon` after `T`, given that the customer is
    /// alive at `T`, as many as it takes for the rest to be at most `tail`, at most [`MOST_COUNTS`].
    fn probabilities_if_alive(&self, history: History, horizon: f64, tail: f64) -> Vec<f64> {
        until_tail(tail, |n| self.probability_if_alive(history, horizon, n))
    }

    /// A customer drawn at random, as seen at age `t`; purchases at any moment, not only on days.
    fn draw(&self, t: f64, rng: &mut Xoshiro256PlusPlus) -> History;

    /// Expected purchases of a new customer in its first `t` time units: `E[X(t)]`.
    fn expectation(&self, t: f64) -> f64 {
        self.expected_purchases(History::NEW, t)
    }

    /// The probability of exactly `n` purchases of a new customer in its first `t` time units: `P(X(t) = n)`.
    fn probability(&self, t: f64, n: u32) -> f64 {
        let alive = self.p_alive(History::NEW);
        let none = if n == 0 { 1.0 - alive } else { 0.0 };
        none + alive * self.probability_if_alive(History::NEW, t, n)
    }

    /// Expected purchases in the `horizon` after `T`, given the history: `E[X(T, T+h) | x, t_x, T]`.
    fn expected_purchases(&self, history: History, horizon: f64) -> f64 {
        self.p_alive(history) * self.purchases_if_alive(history, horizon)
    }

    /// What still matters of a history once the customer is known to be alive; by default all of it.
    ///
    /// Where purchases come at random, `t_x` does not: a model that says so by `t_x = T` answers
    /// [`purchases_if_alive`](Self::purchases_if_alive) once for many histories.
    fn while_alive(&self, history: History) -> History {
        history
    }

    /// Expected purchases as [`purchases_if_alive`](Self::purchases_if_alive), each discounted at the continuous rate
    /// `delta` to `T`; `None` where the integral over time is the way.
    fn discounted_if_alive(&self, _history: History, _horizon: f64, _delta: f64) -> Option<f64> {
        None
    }

    /// The time over which expected purchases bend; it places the nodes of the discount integral.
    fn time_scale(&self, history: History) -> f64;
}

/// Counts after which a distribution is cut off, whatever is left.
pub const MOST_COUNTS: u32 = 100_000;

/// The probabilities of 0, 1, 2, ... until the rest is at most `tail`.
pub(crate) fn until_tail(tail: f64, probability: impl FnMut(u32) -> f64) -> Vec<f64> {
    let mut rest = 1.0;
    let enough = |value: &f64| {
        let before = rest;
        rest -= value;
        before > tail
    };
    (0..MOST_COUNTS).map(probability).take_while(enough).collect()
}

/// The purchase models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModelName {
    /// Customers buy at random and may leave after any purchase but the first.
    #[default]
    BgNbd,
    /// As BG/NBD, but they may leave after the first purchase too.
    MbgNbd,
    /// Customers buy at random and may leave at any time.
    ParetoNbd,
    /// In each period customers buy or not, and may leave at its beginning.
    BgBb,
    /// As BG/NBD, with purchases more regular than random.
    BgCnbdK,
    /// As MBG/NBD, with purchases more regular than random.
    MbgCnbdK,
    /// As Pareto/NBD, with a risk of leaving that grows with age.
    GgompertzNbd,
    /// Customers buy at random and never leave.
    Nbd,
}

impl ModelName {
    /// All of them.
    pub const ALL: [ModelName; 8] = [
        ModelName::BgNbd,
        ModelName::MbgNbd,
        ModelName::ParetoNbd,
        ModelName::BgBb,
        ModelName::BgCnbdK,
        ModelName::MbgCnbdK,
        ModelName::GgompertzNbd,
        ModelName::Nbd,
    ];

    /// The name in settings and reports.
    pub fn name(self) -> &'static str {
        match self {
            ModelName::BgNbd => bg_nbd::NAME,
            ModelName::MbgNbd => mbg_nbd::NAME,
            ModelName::ParetoNbd => pareto_nbd::NAME,
            ModelName::BgBb => bg_bb::NAME,
            ModelName::BgCnbdK => cnbd_k::BG_NAME,
            ModelName::MbgCnbdK => cnbd_k::MBG_NAME,
            ModelName::GgompertzNbd => ggompertz_nbd::NAME,
            ModelName::Nbd => nbd::NAME,
        }
    }

    /// Whether it is fitted to purchase days themselves, and not to their number, the first and the last.
    pub fn counts_days(self) -> bool {
        matches!(self, ModelName::BgBb | ModelName::BgCnbdK | ModelName::MbgCnbdK)
    }

    /// Whether a purchase is a day with an order, as spend models take it; else it is a whole time unit with one.
    pub fn purchases_are_days(self) -> bool {
        self != ModelName::BgBb
    }

    /// Whether it becomes plain NBD where nobody leaves.
    pub fn contains_nbd(self) -> bool {
        !matches!(self, ModelName::Nbd | ModelName::BgBb)
    }

    /// The model of a name.
    pub fn of(name: &str) -> Option<ModelName> {
        Self::ALL.into_iter().find(|model| model.name() == name)
    }

    /// Fits this model to histories with times in `unit`.
    ///
    /// # Errors
    /// A [`FitError`] where the base cannot carry the model or the search did not converge.
    pub fn fit(
        self,
        histories: &Histories,
        unit: TimeUnit,
        settings: &FitSettings,
    ) -> Result<Fitted<Box<dyn PurchaseModel>>, FitError> {
        Ok(match self {
            ModelName::BgNbd => bg_nbd::BgNbd::fit(histories, unit, settings)?.boxed(),
            ModelName::MbgNbd => mbg_nbd::MbgNbd::fit(histories, unit, settings)?.boxed(),
            ModelName::ParetoNbd => pareto_nbd::ParetoNbd::fit(histories, unit, settings)?.boxed(),
            ModelName::BgBb => bg_bb::BgBb::fit(histories, unit, settings)?.boxed(),
            ModelName::BgCnbdK => cnbd_k::CnbdK::fit(cnbd_k::Kind::Bg, histories, unit, settings)?.boxed(),
            ModelName::MbgCnbdK => cnbd_k::CnbdK::fit(cnbd_k::Kind::Mbg, histories, unit, settings)?.boxed(),
            ModelName::GgompertzNbd => ggompertz_nbd::GgompertzNbd::fit(histories, unit, settings)?.boxed(),
            ModelName::Nbd => nbd::Nbd::fit(histories, unit, settings)?.boxed(),
        })
    }

    /// The model of an earlier fit, for a run that counts time in `unit`.
    ///
    /// # Errors
    /// [`FitError::OtherModel`], [`FitError::OtherUnit`] or [`FitError::Parameter`] where the report does
    /// not hold a purchase model in this unit.
    pub fn from_report(report: &FitReport, unit: TimeUnit) -> Result<Box<dyn PurchaseModel>, FitError> {
        let unknown = || FitError::OtherModel { expected: "a purchase model", found: report.model.clone() };
        Ok(match Self::of(&report.model).ok_or_else(unknown)? {
            ModelName::BgNbd => Box::new(bg_nbd::BgNbd::from_report(report, unit)?),
            ModelName::MbgNbd => Box::new(mbg_nbd::MbgNbd::from_report(report, unit)?),
            ModelName::ParetoNbd => Box::new(pareto_nbd::ParetoNbd::from_report(report, unit)?),
            ModelName::BgBb => Box::new(bg_bb::BgBb::from_report(report, unit)?),
            ModelName::BgCnbdK | ModelName::MbgCnbdK => Box::new(cnbd_k::CnbdK::from_report(report, unit)?),
            ModelName::GgompertzNbd => Box::new(ggompertz_nbd::GgompertzNbd::from_report(report, unit)?),
            ModelName::Nbd => Box::new(nbd::Nbd::from_report(report, unit)?),
        })
    }
}

impl fmt::Display for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Fits a purchase model, in the summary's time unit.
///
/// ```
/// use clivia_core::base::ids::Ids;
/// use clivia_core::models::{Fit, FitError, FitPurchases, ModelName};
/// use clivia_core::summary::Summary;
/// use clivia_core::base::{Day, TimeUnit};
/// let day = Day(0);
/// let base = Summary {
///     as_of: Day(70), unit: TimeUnit::Weeks, ids: Ids::from_iter(["ann", "bob"]), orders: vec![1, 1],
///     frequency: vec![0, 0], ages: None,
///     first_order: vec![day, day], last_order: vec![day, day], spend: None,
/// };
/// let error = FitPurchases::by(ModelName::BgNbd).fit(&base).unwrap_err();
/// assert_eq!(error, FitError::NoRepeatPurchases { customers: 2 });
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FitPurchases {
    /// Which model.
    pub model: ModelName,
    /// How it is fitted.
    pub settings: FitSettings,
}

impl FitPurchases {
    /// A model by maximum likelihood.
    pub fn by(model: ModelName) -> Self {
        FitPurchases { model, settings: FitSettings::default() }
    }
}

impl Fit for FitPurchases {
    type Fitted = Fitted<Box<dyn PurchaseModel>>;

    fn fit(&self, summary: &Summary) -> Result<Self::Fitted, FitError> {
        self.model.fit(&Histories::of(summary), summary.unit, &self.settings)
    }
}

#[cfg(test)]
mod tests {
    use crate::models::*;

    #[test]
    fn names_are_those_of_the_settings() {
        for model in ModelName::ALL {
            assert_eq!(ModelName::of(model.name()), Some(model));
            assert_eq!(serde_json::to_string(&model).expect("JSON"), format!("{:?}", model.name()));
        }
    }

    #[test]
    fn a_distribution_ends_where_the_rest_is_small() {
        let halves = until_tail(0.1, |n| 0.5_f64.powi(n as i32 + 1));
        assert_eq!(halves, [0.5, 0.25, 0.125, 0.0625]);
    }
}
