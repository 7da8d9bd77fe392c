//! Models of purchases and of spend: fitted once, then asked about every customer.
//!
//! [`Fit`] turns a [`Summary`] into a [`Fitted`] model with its [`FitReport`]; a purchase model answers
//! through [`PurchaseModel`]. The formulas of a model are scalar and stand in its own file beside the
//! paper; the loop over customers is here, once: [`Histories`] works out each distinct history once, in
//! parallel, and hands the result to every customer that has it.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::numeric::newton::{Minimum, minimise};
use crate::summary::Summary;
use crate::units::TimeUnit;

pub mod bg_nbd;
pub mod gamma_gamma;

/// A model that can be fitted to a customer base.
///
/// ```no_run
/// use clivia::models::{Fit, bg_nbd::FitBgNbd};
/// # fn example(summary: &clivia::summary::Summary) -> Result<(), clivia::models::FitError> {
/// let fitted = FitBgNbd.fit(summary)?;
/// println!("r = {}, converged: {}", fitted.model.r, fitted.report.converged);
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

/// Why a model could not be fitted, and what to try.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FitError {
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
         use a longer window or more customers, or apply the parameters of a similar base frozen"
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FitReport {
    /// The model's name, such as `bg-nbd`.
    pub model: String,
    /// Estimates by name.
    pub parameters: BTreeMap<String, f64>,
    /// Standard errors by name, by the delta method from the Hessian in log parameters; `None` where a
    /// parameter is at the edge of its range or not identified.
    pub standard_errors: BTreeMap<String, Option<f64>>,
    /// The log-likelihood at the estimates, constants included.
    pub log_likelihood: f64,
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
    /// What an analyst should know before using the model.
    pub warnings: Vec<String>,
    /// Newton steps of the final search.
    pub iterations: usize,
}

impl FitReport {
    /// The named parameters of a model, each positive and finite.
    ///
    /// # Errors
    /// [`FitError::OtherModel`] or [`FitError::Parameter`].
    fn parameters_of<const N: usize>(
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
}

/// The value, where it is a positive finite number.
fn positive(model: &'static str, name: &'static str, value: Option<f64>) -> Result<f64, FitError> {
    match value {
        Some(number) if number > 0.0 && number.is_finite() => Ok(number),
        _ => Err(FitError::Parameter { model, name, value }),
    }
}

/// What a purchase model knows of a customer, in the run's time unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct History {
    /// `x`: purchase days after the first.
    pub x: u32,
    /// `t_x`: age at the last purchase day.
    pub t_x: f64,
    /// `T`: age at the as-of date.
    pub t: f64,
}

/// A fitted model of when customers buy and when they stop. All times are in the unit it was fitted in.
pub trait PurchaseModel: Sync {
    /// The log-likelihood of one customer's history.
    fn log_likelihood(&self, history: History) -> f64;

    /// The probability that the customer is still a customer at age `T`.
    fn p_alive(&self, history: History) -> f64;

    /// Expected purchases in the `horizon` after `T`, given that the customer is alive at `T`.
    fn purchases_if_alive(&self, history: History, horizon: f64) -> f64;

    /// Expected purchases of a new customer in its first `t` time units, the first purchase not counted.
    fn expectation(&self, t: f64) -> f64;

    /// Expected purchases in the `horizon` after `T`, given the history.
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

    /// The time over which expected purchases bend; it places the nodes of the discount integral.
    fn time_scale(&self, history: History) -> f64;
}

/// The distinct histories of a base, and which customer has which.
///
/// ```
/// use clivia::models::{History, Histories};
/// let seen = [History { x: 1, t_x: 2.0, t: 9.0 }, History { x: 0, t_x: 0.0, t: 5.0 }, History { x: 1, t_x: 2.0, t: 9.0 }];
/// let histories = Histories::new(&seen);
/// assert_eq!(histories.distinct().len(), 2);
/// assert_eq!(histories.map(|history| history.t), [9.0, 5.0, 9.0]);
/// ```
#[derive(Debug, Clone)]
pub struct Histories {
    distinct: Vec<History>,
    weights: Vec<f64>,
    row_of: Vec<u32>,
}

impl Histories {
    /// The distinct ones among these, sorted by `x`, then `T`, then `t_x`.
    pub fn new(histories: &[History]) -> Self {
        Self::from_keys(histories.iter().map(|history| key(*history)).collect())
    }

    /// Those of a base.
    pub fn of(summary: &Summary) -> Self {
        let history = |i| History { x: summary.frequency[i], t_x: summary.last_purchase_age[i], t: summary.age[i] };
        Self::from_keys((0..summary.len()).into_par_iter().map(|i| key(history(i))).collect())
    }

    fn from_keys(keys: Vec<HistoryKey>) -> Self {
        let (distinct, weights, row_of) = distinct(keys);
        let distinct =
            distinct.into_iter().map(|(x, t, t_x)| History { x, t_x: f64::from_bits(t_x), t: f64::from_bits(t) });
        Histories { distinct: distinct.collect(), weights, row_of }
    }

    /// Each distinct history.
    pub fn distinct(&self) -> &[History] {
        &self.distinct
    }

    /// How many customers have each distinct history.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// How many customers there are.
    pub fn customers(&self) -> usize {
        self.row_of.len()
    }

    /// Works out `f` once a distinct history, in parallel; one result a customer, in the base's order.
    pub fn map<T: Copy + Send + Sync>(&self, f: impl Fn(History) -> T + Sync + Send) -> Vec<T> {
        let values: Vec<T> = self.distinct.par_iter().map(|history| f(*history)).collect();
        self.row_of.par_iter().map(|&row| values[row as usize]).collect()
    }

    /// As [`map`](Self::map), for what depends only on [`PurchaseModel::while_alive`].
    pub fn map_while_alive<T: Copy + Send + Sync>(
        &self,
        model: &dyn PurchaseModel,
        f: impl Fn(History) -> T + Sync + Send,
    ) -> Vec<T> {
        let mut states: Vec<History> = Vec::new();
        let mut state_of = Vec::with_capacity(self.distinct.len());
        // Distinct histories are sorted with t_x last, so equal states are neighbours.
        for history in &self.distinct {
            let state = model.while_alive(*history);
            if states.last() != Some(&state) {
                states.push(state);
            }
            state_of.push(states.len() - 1);
        }
        let values: Vec<T> = states.par_iter().map(|state| f(*state)).collect();
        self.row_of.par_iter().map(|&row| values[state_of[row as usize]]).collect()
    }
}

/// A history as sortable bits: `x`, `T`, `t_x`. The bits of floats that are not negative sort as they do.
type HistoryKey = (u32, u64, u64);

fn key(history: History) -> HistoryKey {
    // Adding zero makes a negative zero positive.
    (history.x, (history.t + 0.0).to_bits(), (history.t_x + 0.0).to_bits())
}

/// The distinct keys in order, how often each occurs, and which of them stands at each place.
fn distinct<K: Ord + Copy + Send>(keys: Vec<K>) -> (Vec<K>, Vec<f64>, Vec<u32>) {
    let mut row_of = vec![0; keys.len()];
    let mut sorted: Vec<(K, u32)> = keys.into_iter().zip(0..).collect();
    sorted.par_sort_unstable();
    let (mut rows, mut weights) = (Vec::new(), Vec::new());
    for (key, place) in sorted {
        if rows.last() != Some(&key) {
            rows.push(key);
            weights.push(0.0);
        }
        let row = rows.len() - 1;
        weights[row] += 1.0;
        row_of[place as usize] = row as u32;
    }
    (rows, weights, row_of)
}

/// Rows summed up in one task. The blocks, and so the bits of a sum, do not depend on the threads.
const BLOCK: usize = 4096;

/// Sums of `f` over rows: fixed blocks in parallel, then the blocks in order.
fn block_sum<R: Sync, const N: usize>(rows: &[R], f: impl Fn(&R, &mut [f64; N]) + Sync) -> [f64; N] {
    let block = |rows: &[R]| {
        let mut sums = [0.0; N];
        rows.iter().for_each(|row| f(row, &mut sums));
        sums
    };
    let blocks: Vec<[f64; N]> = rows.par_chunks(BLOCK).map(block).collect();
    blocks.iter().fold([0.0; N], |sums, block| std::array::from_fn(|i| sums[i] + block[i]))
}

/// Logarithms of scaled parameters are searched in `±LOG_BOUND`: a factor of 22,000 either way.
const LOG_BOUND: f64 = 10.0;

/// Rows on which the starts are compared; each further search sees `LADDER_STEP` times as many.
const FIRST_ROWS: usize = 4096;
const LADDER_STEP: usize = 8;

/// The log-likelihood of some rows and its gradient, in scaled parameters that must be positive.
trait Likelihood<const N: usize>: Sized {
    /// How many rows there are.
    fn len(&self) -> usize;
    /// Every `step`-th row.
    fn thinned(&self, step: usize) -> Self;
    /// The log-likelihood and its gradient.
    fn at(&self, parameters: &[f64; N]) -> (f64, [f64; N]);
}

/// The maximum in log parameters: the best of several starts on a thinned base, then that one refined
/// on ever more rows, so that the whole base sees only the last steps.
fn maximise<L: Likelihood<N>, const N: usize>(likelihood: &L, starts: &[[f64; N]]) -> Minimum<N> {
    let mut step = 1;
    while likelihood.len() / step > FIRST_ROWS {
        step *= LADDER_STEP;
    }
    let sparse = likelihood.thinned(step);
    let searches = starts.iter().map(|start| search(&sparse, start.map(f64::ln)));
    let mut best = searches.reduce(better).unwrap_or_else(|| search(&sparse, [0.0; N]));
    while step > LADDER_STEP {
        step /= LADDER_STEP;
        best = search(&likelihood.thinned(step), best.point);
    }
    if step > 1 { search(likelihood, best.point) } else { best }
}

/// The maximum near a start, by the negative log-likelihood as a function of log parameters.
fn search<L: Likelihood<N>, const N: usize>(likelihood: &L, start: [f64; N]) -> Minimum<N> {
    let negative = |point: &[f64; N]| {
        let parameters = point.map(f64::exp);
        let (value, gradient) = likelihood.at(&parameters);
        (-value, std::array::from_fn(|i| -gradient[i] * parameters[i]))
    };
    minimise(negative, start, LOG_BOUND)
}

/// A converged search before one that is not, then the lower value, then the first.
fn better<const N: usize>(left: Minimum<N>, right: Minimum<N>) -> Minimum<N> {
    let lower = right.value < left.value || left.value.is_nan();
    let take_right = if left.converged == right.converged { lower } else { right.converged };
    if take_right { right } else { left }
}

/// What a report needs beside the search: names, scales back from the scaled problem, and counts.
struct Outcome<const N: usize> {
    model: &'static str,
    names: [&'static str; N],
    /// What each scaled parameter is multiplied by.
    scales: [f64; N],
    /// What is added to the log-likelihood of the scaled data.
    log_scale: f64,
    customers: usize,
    distinct_rows: usize,
    time_unit: Option<TimeUnit>,
    warnings: Vec<String>,
}

/// A condition number beyond which estimates are not to be read one by one.
const WEAK_CONDITION: f64 = 1e6;

impl<const N: usize> Outcome<N> {
    /// The estimates and the report.
    ///
    /// # Errors
    /// [`FitError::DidNotConverge`].
    fn report(self, minimum: &Minimum<N>) -> Result<([f64; N], FitReport), FitError> {
        let Minimum { iterations, gradient_norm, condition, converged, .. } = *minimum;
        if !converged {
            return Err(FitError::DidNotConverge { model: self.model, iterations, gradient_norm });
        }
        let values: [f64; N] = std::array::from_fn(|i| minimum.point[i].exp() * self.scales[i]);
        let error =
            |i: usize| minimum.covariance.filter(|_| !minimum.at_bound[i]).map(|of| values[i] * of[i][i].sqrt());
        let named = |i: usize| self.names[i].to_string();
        let at_boundary: Vec<String> = (0..N).filter(|&i| minimum.at_bound[i]).map(named).collect();
        let report = FitReport {
            model: self.model.into(),
            parameters: (0..N).map(|i| (named(i), values[i])).collect(),
            standard_errors: (0..N).map(|i| (named(i), error(i))).collect(),
            log_likelihood: self.log_scale - minimum.value,
            converged,
            customers: self.customers,
            distinct_rows: self.distinct_rows,
            time_unit: self.time_unit,
            gradient_norm,
            condition,
            warnings: self.warnings.into_iter().chain(identification_warnings(condition, &at_boundary)).collect(),
            at_boundary,
            iterations,
        };
        Ok((values, report))
    }
}

/// What the shape of the likelihood at its maximum says about the estimates.
fn identification_warnings(condition: Option<f64>, at_boundary: &[String]) -> Vec<String> {
    let mut warnings = Vec::new();
    if !at_boundary.is_empty() {
        let names = at_boundary.join(", ");
        warnings.push(format!(
            "at the edge of the range: {names}; the data ask for a simpler model, predictions still hold"
        ));
    }
    if condition.is_none_or(|condition| condition > WEAK_CONDITION) {
        warnings.push(
            "the parameters are weakly identified: different values fit as well; use the predictions, not the parameters".into(),
        );
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distinct_rows_keep_every_customer() {
        let (rows, weights, row_of) = distinct(vec![5, 3, 5, 9, 3, 5]);
        assert_eq!((rows, weights), (vec![3, 5, 9], vec![2.0, 3.0, 1.0]));
        assert_eq!(row_of, [1, 0, 1, 2, 0, 1]);
    }

    #[test]
    fn block_sums_take_every_row_once() {
        let rows: Vec<f64> = (0..10_000).map(f64::from).collect();
        let [sum] = block_sum(&rows, |row, sums: &mut [f64; 1]| sums[0] += row);
        assert_eq!(sum, 49_995_000.0);
    }
}
