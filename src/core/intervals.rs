//! How far off a forecast may be: intervals of purchases and value, of each customer and of sums over customers.
//!
//! Two things are not known. What a customer will do, even if all parameters were known: its purchases come from the
//! model's conditional distribution given the history, its spend from the spend model. And the parameters themselves:
//! they are estimates. The first is worked out exactly, without drawing anything. The second is brought in by a few
//! points of the parameters, from the normal approximation by the Hessian or from a parametric bootstrap.

use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::models::fit::covariates;
use crate::models::fit::covariates::Covariates;
use crate::models::fit::histories::ByRow;
use crate::models::spend::{SpendModel, SpendName, Spender, expected_spends};
use crate::models::{FitError, FitReport, FitSettings, Histories, History, ModelName, PurchaseModel};
use crate::summary::{SpendDays, Summary};
use crate::value::ValueTerms;

mod ahead;
mod bootstrap;
mod customers;
mod points;
mod spend_sums;
mod totals;

pub use totals::{Range, TotalInterval};

use ahead::{Ahead, States};
use bootstrap::Bootstrap;
use customers::{RowSpan, Rows, Spread};
use points::Points;
use totals::{Expected, Forecasts, Members, POINTS, SPEND_POINTS, at_points};

/// How intervals are made.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IntervalSettings {
    /// The probability that the truth is inside, such as 0.8; what is left is shared between both sides. 0 leaves
    /// intervals out.
    #[serde(deserialize_with = "crate::base::share::deserialize")]
    pub level: f64,
    /// How many times the base is drawn anew and fitted again to see how far off the parameters are; 0 takes the
    /// normal approximation instead.
    pub bootstrap: u32,
    /// Where the random numbers of the bootstrap begin.
    pub seed: u64,
}

impl Default for IntervalSettings {
    fn default() -> Self {
        IntervalSettings { level: 0.8, bootstrap: 0, seed: 1 }
    }
}

impl IntervalSettings {
    /// Whether an interval can be of this level.
    ///
    /// # Errors
    /// [`IntervalError::Level`] where it is below 0.01 or above 0.999, and not 0.
    pub fn check(&self) -> Result<(), IntervalError> {
        if self.is_off() || (0.01..=0.999).contains(&self.level) {
            Ok(())
        } else {
            Err(IntervalError::Level(self.level))
        }
    }

    /// Whether no intervals are asked for.
    pub fn is_off(&self) -> bool {
        self.level == 0.0
    }

    /// The probability on either side.
    fn tail(&self) -> f64 {
        0.5 * (1.0 - self.level)
    }
}

/// Why there are no intervals.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IntervalError {
    /// Not a level.
    #[error("an interval cannot have the level {0}; write a share from 0.01 to 0.999, such as 0.8")]
    Level(f64),
    /// The models are not those of their reports.
    #[error(transparent)]
    Fit(#[from] FitError),
}

/// What intervals are made from: the base, its fitted models and how value is counted.
#[derive(Debug, Clone, Copy)]
pub struct IntervalInput<'a> {
    /// The base.
    pub summary: &'a Summary,
    /// Its histories, those that the purchase model was fitted to.
    pub histories: &'a Histories,
    /// The fitted purchase model.
    pub purchases: &'a dyn PurchaseModel,
    /// How it was fitted.
    pub purchase_fit: &'a FitReport,
    /// The fitted spend model and how it was fitted; without it there are no intervals of value.
    pub spend: Option<(&'a dyn SpendModel, &'a FitReport)>,
    /// The covariates of the purchase model, where it has some.
    pub covariates: Option<&'a Covariates>,
    /// How value is counted.
    pub terms: &'a ValueTerms,
    /// How the models were fitted, for the bootstrap.
    pub fit: &'a FitSettings,
}

/// Customers put into groups, such as segments.
#[derive(Debug, Clone, Copy)]
pub struct Grouping<'a> {
    /// The group of each customer; a number that is not below `groups` is no group.
    pub of: &'a [u16],
    /// How many groups there are.
    pub groups: usize,
}

/// Both ends of the intervals of all customers, in the order of the base.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Spans<T> {
    /// Lower ends.
    pub low: Vec<T>,
    /// Upper ends.
    pub high: Vec<T>,
}

/// How the errors of the parameters are in the intervals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParameterErrors {
    /// By the normal approximation from the Hessian.
    Hessian,
    /// By a parametric bootstrap.
    Bootstrap,
    /// They are not: the information matrix is singular.
    Missing,
}

/// Intervals of everybody and of every group.
#[derive(Debug, Clone, PartialEq)]
pub struct Intervals {
    /// Those of customers: equal histories share one, as a multiple of the expected spend of a day.
    spans: ByRow<RowSpan>,
    /// The expected spend of a day, margin left out; `None` without a spend model.
    spend: Option<Arc<Vec<f64>>>,
    margin: f64,
    /// Sums over the groups of each grouping.
    pub groups: Vec<Vec<TotalInterval>>,
    /// Sums over everybody.
    pub forecast: Forecast,
}

/// The intervals of one customer: lower and upper ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CustomerSpan {
    /// Purchases in the horizon.
    pub purchases: [u32; 2],
    /// Value, in currency units of today; `None` without a spend model.
    pub clv: Option<[f64; 2]>,
}

impl Intervals {
    /// Both intervals of a customer.
    pub fn of_customer(&self, customer: usize) -> CustomerSpan {
        let RowSpan { purchases, multiple } = self.spans.get(customer);
        let value = |spend: &Arc<Vec<f64>>| multiple.map(|multiple| self.margin * spend[customer] * multiple);
        CustomerSpan { purchases, clv: self.spend.as_ref().map(value) }
    }

    /// Lower and upper end of a customer's purchases in the horizon.
    pub fn purchases(&self, customer: usize) -> [u32; 2] {
        self.of_customer(customer).purchases
    }

    /// Lower and upper end of a customer's value, in currency units of today; `None` without a spend model.
    pub fn clv(&self, customer: usize) -> Option<[f64; 2]> {
        self.of_customer(customer).clv
    }

    /// The purchases of everybody.
    pub fn purchase_spans(&self) -> Spans<u32> {
        let end = |end: usize| (0..self.spans.len()).map(|customer| self.purchases(customer)[end]).collect();
        Spans { low: end(0), high: end(1) }
    }

    /// The value of everybody; `None` without a spend model.
    pub fn clv_spans(&self) -> Option<Spans<f64>> {
        let customers = 0..self.spans.len();
        let end = |end: usize| customers.clone().map(|customer| Some(self.clv(customer)?[end])).collect::<Option<_>>();
        Some(Spans { low: end(0)?, high: end(1)? })
    }
}

/// The forecast of a whole base, for `run.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// The probability that the truth is inside.
    pub level: f64,
    /// How the errors of the parameters are in the intervals.
    pub parameter_errors: ParameterErrors,
    /// Bases that were drawn and fitted again; 0 without bootstrap.
    pub bootstrap: u32,
    /// Purchases and value of everybody together.
    pub total: TotalInterval,
    /// What an analyst should know before using the intervals.
    pub warnings: Vec<String>,
}

/// Intervals of purchases and value, for each customer, the whole base and each group.
///
/// ```text
/// P(n) = mean over parameter points of  P(alive) P(n | alive) + [n = 0] (1 - P(alive))
/// P(value > y) = Σ_n P(n) P(spend of n days > y / (margin d))
/// ```
///
/// with `d` what a purchase in the horizon is worth today, on average. Intervals are central: at most half of what is
/// not in them lies on either side. Ends of purchases are whole numbers, so that they hold at least their level. A
/// customer who buys nothing with a probability of `(1 + level) / 2` or more has `[0, 0]`.
///
/// Sums have their mean, the variance of all customers and that of the mean over the parameter points, and are taken as
/// gamma distributed.
///
/// Memory is a few numbers a customer, whatever the number of points or bootstrap replicates.
///
/// # Errors
/// [`IntervalError::Level`], or [`IntervalError::Fit`] where the models are not those of their reports.
///
/// ```
/// use clivia_core::base::ids::Ids;
/// use clivia_core::intervals::{IntervalInput, IntervalSettings, intervals};
/// use clivia_core::models::{Fit, FitPurchases, FitSettings, Histories};
/// use clivia_core::summary::{Ages, Summary};
/// use clivia_core::base::{Day, TimeUnit};
/// use clivia_core::value::ValueTerms;
/// // Sixty customers of forty weeks who bought again 0 to 5 times.
/// let frequency: Vec<u32> = (0..60).map(|i| i % 6).collect();
/// let base = Summary {
///     as_of: Day(280), unit: TimeUnit::Weeks, ids: ["someone"; 60].into_iter().collect(),
///     orders: frequency.iter().map(|x| x + 1).collect(),
///     ages: Some(Ages {
///         last_purchase: frequency.iter().zip(0..).map(|(x, i)| if *x > 0 { 8.0 + f64::from(i) / 2.0 } else { 0.0 }).collect(),
///         now: vec![40.0; 60],
///     }),
///     frequency, first_order: vec![Day(0); 60], last_order: vec![Day(100); 60], spend: None,
/// };
/// let fitted = FitPurchases::default().fit(&base)?;
/// let input = IntervalInput {
///     summary: &base, histories: &Histories::of(&base), purchases: fitted.model.as_ref(),
///     purchase_fit: &fitted.report, spend: None, covariates: None, terms: &ValueTerms::default(),
///     fit: &FitSettings::default(),
/// };
/// let made = intervals(&input, &[], &IntervalSettings::default())?;
/// let total = made.forecast.total.purchases;
/// assert!(total.low.unwrap() < total.expected && total.expected < total.high.unwrap());
/// assert!((0..60).map(|customer| made.purchases(customer)).all(|[low, high]| low <= high));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn intervals(
    input: &IntervalInput<'_>,
    groupings: &[Grouping<'_>],
    settings: &IntervalSettings,
) -> Result<Intervals, IntervalError> {
    intervals_by(input, groupings, settings, None)
}

/// [`intervals`], where the spend expected of everybody has been worked out already.
pub(crate) fn intervals_by(
    input: &IntervalInput<'_>,
    groupings: &[Grouping<'_>],
    settings: &IntervalSettings,
    spends: Option<Arc<Vec<f64>>>,
) -> Result<Intervals, IntervalError> {
    settings.check()?;
    let mut warnings = Vec::new();
    let points = purchase_points(input, settings, &mut warnings)?;
    let stop = || input.fit.control.check().map_err(FitError::from);
    stop()?;
    let money = Money::of(input, settings, spends, &mut warnings)?;
    stop()?;
    let states = States::of(input.purchases, input.histories);
    let ahead: Vec<Ahead> = states
        .states
        .par_iter()
        .map(|state| Ahead::of(input.purchases, *state, input.terms, input.summary.unit))
        .collect();
    stop()?;
    let work = Work { input, states: &states, ahead: &ahead, points: &points, money: money.as_ref() };
    let spans = match settings.bootstrap == 0 && well_known(input.purchase_fit) {
        true => work.customers(&Points::estimate(purchase_model(input, input.purchase_fit)?), settings.tail()),
        false => work.customers(&points, settings.tail()),
    };
    stop()?;
    let (total, groups) = work.totals(groupings, settings.tail());
    warnings.extend(work.total_warning(&total));
    let parameter_errors = match (points.uncertain, settings.bootstrap) {
        (false, _) => ParameterErrors::Missing,
        (true, 0) => ParameterErrors::Hessian,
        (true, _) => ParameterErrors::Bootstrap,
    };
    let bootstrap = if parameter_errors == ParameterErrors::Bootstrap { points.models.len() as u32 } else { 0 };
    let forecast = Forecast { level: settings.level, parameter_errors, bootstrap, total, warnings };
    let spend = work.money.map(|money| money.expected.clone());
    Ok(Intervals { spans, spend, margin: input.terms.margin, groups, forecast })
}

/// The purchase model of a report.
fn purchase_model(input: &IntervalInput<'_>, report: &FitReport) -> Result<Box<dyn PurchaseModel>, FitError> {
    match input.covariates {
        Some(covariates) => covariates::from_report(report, input.summary.unit, covariates),
        None => ModelName::from_report(report, input.summary.unit),
    }
}

/// Standard errors below this part of every parameter leave the intervals of customers as they are: an end moves by some
/// twenty times their square at most, in parts. Sums are another matter, since all customers err together.
const WELL_KNOWN: f64 = 0.005;

/// Whether a fit knows each of its parameters that well.
fn well_known(fit: &FitReport) -> bool {
    let error = |name: &String| fit.standard_errors.get(name).copied().flatten();
    let known = |(name, value): (&String, &f64)| error(name).is_some_and(|error| error <= WELL_KNOWN * value.abs());
    fit.covariates.is_empty() && fit.parameters.iter().all(known)
}

/// The purchase model at its parameter points.
fn purchase_points(
    input: &IntervalInput<'_>,
    settings: &IntervalSettings,
    warnings: &mut Vec<String>,
) -> Result<Points<Box<dyn PurchaseModel>>, FitError> {
    let unit = input.summary.unit;
    let model = |report: &FitReport| purchase_model(input, report);
    if settings.bootstrap > 0 {
        let base = bootstrap::Purchases {
            histories: input.histories,
            model: input.purchases,
            report: input.purchase_fit,
            covariates: input.covariates,
            unit,
            settings: input.fit,
        };
        let models = base.fits(settings.into());
        return drawn(models, "purchase", settings, warnings)
            .map_or_else(|| Ok(Points::estimate(model(input.purchase_fit)?)), Ok);
    }
    // Where the parameters are well known, the approximation needs no proof.
    let doubtful = input.purchase_fit.weakly_identified;
    let best = doubtful.then(|| likelihood(input.histories, input.purchases)).flatten();
    let points = points::points(input.purchase_fit, model, |moved, furthest| {
        let falls = |best: f64| likelihood(input.histories, moved.as_ref()).map(|value| best - value);
        best.is_none_or(|best| falls(best).is_some_and(|fall| fall <= furthest))
    })?;
    if !points.uncertain {
        warnings.push(missing("purchase"));
    }
    Ok(points)
}

/// Rows summed up in one task, so that a sum does not depend on the threads.
const BLOCK: usize = 4096;

/// The log-likelihood of a base, where it is a number.
fn likelihood(histories: &Histories, model: &dyn PurchaseModel) -> Option<f64> {
    let block = |(rows, weights): (&[History], &[f64])| {
        rows.iter().zip(weights).map(|(history, weight)| weight * model.log_likelihood(*history)).sum()
    };
    let blocks = histories.distinct().par_chunks(BLOCK).zip(histories.weights().par_chunks(BLOCK));
    let sums: Vec<f64> = blocks.map(block).collect();
    Some(sums.iter().sum()).filter(|sum: &f64| sum.is_finite())
}

impl From<&IntervalSettings> for Bootstrap {
    fn from(settings: &IntervalSettings) -> Self {
        Bootstrap { replicates: settings.bootstrap, seed: settings.seed }
    }
}

/// A share of failed fits that is worth a warning.
const NOTABLE_FAILURES: f64 = 0.1;

/// The points of a bootstrap; `None` where not a single fit succeeded.
fn drawn<M>(models: Vec<M>, what: &str, settings: &IntervalSettings, warnings: &mut Vec<String>) -> Option<Points<M>> {
    let (asked, failed) = (settings.bootstrap as usize, settings.bootstrap as usize - models.len());
    if failed as f64 > NOTABLE_FAILURES * asked as f64 {
        warnings.push(format!(
            "{failed} of {asked} bootstrap fits of the {what} model failed and are left out, so intervals are too narrow; use a larger base, models.fit.prior = \"weak\" or a simpler model"
        ));
    }
    (!models.is_empty()).then_some(Points { models, reaches: Vec::new(), uncertain: true })
}

fn missing(what: &str) -> String {
    format!(
        "the parameters of the {what} model cannot be separated, so the intervals do not include their errors; use intervals.bootstrap = 200, or models.fit.prior = \"weak\""
    )
}

/// The spend model, at its parameter points, and what it expects of each customer.
struct Money<'a> {
    model: &'a dyn SpendModel,
    points: Points<Box<dyn SpendModel>>,
    expected: Arc<Vec<f64>>,
    days: SpendDays,
}

impl<'a> Money<'a> {
    fn of(
        input: &IntervalInput<'a>,
        settings: &IntervalSettings,
        spends: Option<Arc<Vec<f64>>>,
        warnings: &mut Vec<String>,
    ) -> Result<Option<Self>, FitError> {
        let Some((model, report)) = input.spend else { return Ok(None) };
        let expected = spends.or_else(|| expected_spends(model, input.summary).map(Arc::new));
        let (Some(expected), Some(spend)) = (expected, &input.summary.spend) else { return Ok(None) };
        let own = || SpendName::from_report(report);
        let points = if model.name() == SpendName::Constant {
            warnings.push("the constant spend model has no differences in spend, so intervals of value include those of purchases only".into());
            Points::estimate(own()?)
        } else if settings.bootstrap > 0 {
            let models = bootstrap::spend_fits(input.summary, model, input.fit, settings.into());
            drawn(models, "spend", settings, warnings)
                .map_or_else(|| Ok::<_, FitError>(Points::estimate(own()?)), Ok)?
        } else {
            let points = points::points(report, SpendName::from_report, |_, _| true)?;
            warnings.extend((!points.uncertain).then(|| missing("spend")));
            points
        };
        Ok(Some(Money { model, points, expected, days: spend.days }))
    }

    /// What the spend of customers with `x` repeat purchases is drawn from.
    fn spread(&self, x: u32) -> Spread {
        let days = x + u32::from(self.days == SpendDays::All);
        let unseen = Spender { frequency: x, days: 0, mean: None };
        let mean = (days > 0).then(|| self.model.expected_spend(unseen));
        let spender = Spender { days, mean, ..unseen };
        match self.model.spread(spender) {
            Some(spread) => Spread::BetaPrime { p: spread.p, q: spread.q, error: self.error(spender) },
            None => Spread::Same,
        }
    }

    /// The standard error of the logarithm of a customer's expected spend.
    fn error(&self, spender: Spender) -> f64 {
        let logs: Vec<f64> = self.points.models.iter().map(|model| model.expected_spend(spender).ln()).collect();
        let mean = logs.iter().sum::<f64>() * self.points.weight();
        let variance = logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() * self.points.weight();
        if variance.is_finite() { variance.sqrt() } else { 0.0 }
    }
}

/// What is expected of customers with the same history, where the parameters are known.
#[derive(Debug, Clone, Copy, Default)]
struct ExpectedRow {
    purchases: f64,
    /// The expected square of the number of purchases.
    square: f64,
    /// What a purchase is worth today, margin included.
    worth: f64,
}

/// Everything that intervals are worked out from.
struct Work<'a> {
    input: &'a IntervalInput<'a>,
    states: &'a States,
    ahead: &'a [Ahead],
    points: &'a Points<Box<dyn PurchaseModel>>,
    money: Option<&'a Money<'a>>,
}

impl Work<'_> {
    fn horizon(&self) -> f64 {
        self.input.terms.horizon.in_units(self.input.summary.unit)
    }

    fn customers(&self, points: &Points<Box<dyn PurchaseModel>>, tail: f64) -> ByRow<RowSpan> {
        let rows = Rows {
            histories: self.input.histories,
            states: self.states,
            ahead: self.ahead,
            points,
            horizon: self.horizon(),
            tail,
        };
        let spans = rows.spans(|x| self.money.map_or(Spread::Unknown, |money| money.spread(x)));
        self.input.histories.of_rows(spans)
    }

    fn totals(&self, groupings: &[Grouping<'_>], tail: f64) -> (TotalInterval, Vec<Vec<TotalInterval>>) {
        let customers = self.input.histories.row_of().len();
        let members = std::iter::once(Members::all(customers));
        let members = members.chain(groupings.iter().map(|grouping| Members::of(customers, grouping)));
        let rows = self.expected_rows();
        let mut forecasts = self.forecasts(members.collect(), &rows);
        self.see_purchase_points(&mut forecasts, &rows);
        let mut intervals = forecasts.intervals(tail, self.money.is_some());
        let groups = intervals.split_off(1);
        (intervals[0][0], groups)
    }

    fn expected_rows(&self) -> Vec<ExpectedRow> {
        let (model, horizon) = (self.input.purchases, self.horizon());
        let of_state = |number: usize, state: History| {
            let Ahead { square, discount, .. } = self.ahead[number];
            [model.purchases_if_alive(state, horizon), square, self.input.terms.margin * discount]
        };
        self.states.by_row(self.input.histories, of_state, |[if_alive, square, worth], history| {
            let alive = model.p_alive(history);
            ExpectedRow { purchases: alive * if_alive, square: alive * square, worth }
        })
    }

    fn forecasts<'g>(&self, members: Vec<Members<'g>>, rows: &[ExpectedRow]) -> Forecasts<'g> {
        let row_of = self.input.histories.row_of();
        let spend_models = self.money.map_or(&[][..], |money| &money.points.models);
        let (first, others) = spend_models.split_at(spend_models.len().min(SPEND_POINTS));
        let row = |customer: usize| rows[row_of[customer] as usize];
        let mut forecasts = Forecasts::new(members, first.len(), row, |customer, row| {
            let ExpectedRow { purchases, square, worth } = row;
            let variance = (square - purchases * purchases).max(0.0);
            let spender = Spender::of(self.input.summary, customer);
            let [value, spread] = self.value(customer, spender, purchases, square, variance);
            Expected {
                mean: [purchases, worth * value],
                variance: [variance, worth.powi(2) * spread],
                values: values_at(first, spender, worth * purchases),
            }
        });
        for models in others.chunks(SPEND_POINTS) {
            forecasts.see_values(models.len(), row, |customer, row| {
                values_at(models, Spender::of(self.input.summary, customer), row.worth * row.purchases)
            });
        }
        if let Some(money) = self.money {
            forecasts.settle(&money.points.reaches);
        }
        forecasts
    }

    /// Mean and variance of a customer's spend in the horizon.
    fn value(&self, customer: usize, spender: Option<Spender>, mean: f64, square: f64, variance: f64) -> [f64; 2] {
        let Some(money) = self.money else { return [0.0; 2] };
        let spend = money.expected[customer];
        let of_spend = match spender.and_then(|spender| money.model.spread(spender)) {
            Some(spread) if mean > 0.0 => mean * spread.variance_within() + square * spread.variance_between(),
            _ => 0.0,
        };
        [mean * spend, of_spend + variance * spend * spend]
    }

    fn see_purchase_points(&self, forecasts: &mut Forecasts<'_>, rows: &[ExpectedRow]) {
        let (row_of, horizon) = (self.input.histories.row_of(), self.horizon());
        for models in self.points.models.chunks(POINTS) {
            let of_state = |_, state| at_points(models, |model| model.purchases_if_alive(state, horizon));
            let means: Vec<[f64; POINTS]> = self.states.by_row(self.input.histories, of_state, |mut means, history| {
                means.iter_mut().zip(models).for_each(|(mean, model)| *mean *= model.p_alive(history));
                means
            });
            let at_row = |customer: usize| {
                let row = row_of[customer] as usize;
                (means[row], rows[row].worth)
            };
            forecasts.see(models.len(), at_row, |customer, (means, worth)| {
                let worth = worth * self.money.map_or(0.0, |money| money.expected[customer]);
                [means, means.map(|mean| worth * mean)]
            });
        }
        forecasts.settle(&self.points.reaches);
    }

    fn total_warning(&self, total: &TotalInterval) -> Option<String> {
        let unbounded = total.clv.is_some_and(|clv| clv.high.is_none());
        unbounded.then(|| {
            "mean spends differ so much (q is at most 2) that sums of value have no variance, so they have no interval; intervals of purchases and of single customers are valid".into()
        })
    }
}

/// What purchases of this worth come to with the spend that each model expects.
fn values_at(models: &[Box<dyn SpendModel>], spender: Option<Spender>, worth: f64) -> [f64; SPEND_POINTS] {
    at_points(models, |model| worth * spender.map_or(0.0, |spender| model.expected_spend(spender)))
}
