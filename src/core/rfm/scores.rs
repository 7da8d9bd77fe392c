//! Cut points: from a measure to a score of 1 to 5.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::summary::Summary;

/// How many scores there are: quintiles.
pub const SCORES: u8 = 5;

/// What a score is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Days from the last purchase day to the as-of date; fewer are better.
    DaysSinceLast,
    /// Orders; more are better.
    Orders,
    /// Revenue net of returns, in currency units; more is better.
    Revenue,
}

impl Measure {
    /// A customer's value; revenue is 0 where the orders have no amounts.
    pub fn of(self, summary: &Summary, customer: usize) -> f64 {
        match self {
            Measure::DaysSinceLast => f64::from(summary.days_since_last(customer)),
            Measure::Orders => f64::from(summary.orders[customer]),
            Measure::Revenue => summary.spend.as_ref().map_or(0.0, |spend| spend.revenue[customer].to_f64()),
        }
    }

    /// Turns a value so that higher is better; turning twice gives the value back.
    fn turned(self, value: f64) -> f64 {
        if self == Measure::DaysSinceLast { -value } else { value }
    }

    fn in_words(self) -> &'static str {
        match self {
            Measure::DaysSinceLast => "days since the last purchase",
            Measure::Orders => "number of orders",
            Measure::Revenue => "revenue",
        }
    }
}

/// The values at which the score of one measure changes.
///
/// With the n values ordered from worst to best, `v(1) ≤ … ≤ v(n)`, the cut points are the
/// nearest-rank quantiles `v(⌈n i / b⌉)` for `i = 1 … b - 1`: exact order statistics, nothing
/// interpolated or sampled. The number of bins `b` is 5, or n where there are fewer customers.
/// A value's bin is 1 + the number of cut points that it is strictly better than, and its score
/// `1 + round(4 (bin - 1) / (b - 1))`, which is the bin itself where b is 5.
///
/// So equal values always score alike, however many of them there are. A cut point that falls on the
/// best value is moved down to the next one, so that the best score 5 and the worst 1 whatever the
/// ties. Where all values are equal everybody scores 3, and later customers 5 or 1 where they are
/// better or worse.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CutPoints {
    /// How many customers they were taken over.
    pub customers: usize,
    /// From worst to best, in the measure's own unit: for days, from many to few.
    pub points: Vec<f64>,
    /// Whether all customers had the one value that stands in `points`.
    pub all_equal: bool,
}

impl CutPoints {
    /// The cut points of values, of which there is at least one, turned so that higher is better.
    fn of(measure: Measure, mut values: Vec<f64>) -> Self {
        let best = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let second = values.iter().copied().filter(|&value| value < best).fold(f64::NEG_INFINITY, f64::max);
        let all_equal = second == f64::NEG_INFINITY;
        let turned = if all_equal { vec![best] } else { quantiles(&mut values, usize::from(SCORES)) };
        let lowered = |point: f64| if point == best && !all_equal { second } else { point };
        let points = turned.into_iter().map(|point| measure.turned(lowered(point))).collect();
        CutPoints { customers: values.len(), points, all_equal }
    }

    /// The score of a value, from 1 to 5.
    fn score(&self, measure: Measure, value: f64) -> u8 {
        let better = |a: f64, b: f64| measure.turned(a) > measure.turned(b);
        let passed = self.points.iter().filter(|&&point| better(value, point)).count();
        let worse = self.points.iter().any(|&point| better(point, value));
        match (self.all_equal, passed, worse) {
            (true, 0, false) => 3,
            (true, 0, true) => 1,
            _ => 1 + (4.0 * passed as f64 / self.points.len() as f64).round() as u8,
        }
    }
}

/// The nearest-rank quantiles at 1/b … (b-1)/b, b being `bins` or the number of values if lower.
fn quantiles(values: &mut [f64], bins: usize) -> Vec<f64> {
    let (count, bins) = (values.len(), bins.min(values.len()));
    let mut start = 0;
    let mut quantile = |bin: usize| {
        let rank = (count * bin).div_ceil(bins) - 1;
        // What stands before an earlier rank is already known to be lower.
        values[start..].select_nth_unstable_by(rank - start, f64::total_cmp);
        start = rank;
        values[rank]
    };
    (1..bins).map(&mut quantile).collect()
}

/// The cut points of one measure: among all customers, and within cells where bins are nested.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// What is scored.
    pub measure: Measure,
    /// The cut points among all customers. Where bins are nested they serve only a cell that no
    /// fitted customer was in.
    pub overall: CutPoints,
    /// Nested bins: the cut points within each R (5 cells, worst first), or within each R and F (25
    /// cells, `5 (R - 1) + F - 1`); `None` for a cell without customers. Empty for independent bins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub within: Vec<Option<CutPoints>>,
}

impl Scale {
    /// The cut points among all customers.
    pub(super) fn overall(measure: Measure, summary: &Summary) -> Self {
        let turned = |customer| measure.turned(measure.of(summary, customer));
        let values = (0..summary.len()).into_par_iter().map(turned).collect();
        Scale { measure, overall: CutPoints::of(measure, values), within: Vec::new() }
    }

    /// Adds the cut points within each of `cells` cells.
    pub(super) fn nest(&mut self, summary: &Summary, cells: usize, cell: impl Fn(usize) -> usize) {
        let measure = self.measure;
        let mut values = vec![Vec::new(); cells];
        for customer in 0..summary.len() {
            values[cell(customer)].push(measure.turned(measure.of(summary, customer)));
        }
        let cut = |values: Vec<f64>| (!values.is_empty()).then(|| CutPoints::of(measure, values));
        self.within = values.into_iter().map(cut).collect();
    }

    /// All customers' scores; `cell` says which cell a customer is in where bins are nested.
    pub(super) fn scores(&self, summary: &Summary, cell: impl Fn(usize) -> usize + Sync) -> Vec<u8> {
        let score = |customer| {
            let within = self.within.get(cell(customer)).and_then(Option::as_ref);
            within.unwrap_or(&self.overall).score(self.measure, self.measure.of(summary, customer))
        };
        (0..summary.len()).into_par_iter().map(score).collect()
    }

    /// What is unusual about the cut points.
    pub(super) fn warnings(&self) -> Vec<String> {
        let words = self.measure.in_words();
        let mut warnings = Vec::new();
        if self.overall.all_equal {
            warnings.push(format!("all customers have the same {words}, so everybody gets the score 3"));
        }
        let cells = || self.within.iter().flatten();
        let small = cells().filter(|cut| cut.customers < usize::from(SCORES)).count();
        if small > 0 {
            let all = cells().count();
            warnings.push(format!("{words}: {small} of {all} nested cells hold fewer than {SCORES} customers"));
        }
        warnings
    }
}
