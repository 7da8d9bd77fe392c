//! What came against what was expected, for plots.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::base::Day;
use crate::models::{History, PurchaseModel};
use crate::validation::split::{Cohort, Observed};

/// Repeat purchases of the whole base in a stretch of calendar time.
///
/// The base is the customers of the calibration; expected is `Σ E[X(t)]` over them, `t` the time since each one's
/// first purchase, by a model that has not seen anybody's purchases but through its fit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TrackedPeriod {
    /// From 1, the period of the first purchase of all.
    pub period: usize,
    /// Its last day.
    pub end: Day,
    /// Whether it is in the holdout.
    pub is_holdout: bool,
    /// Repeat purchases in it.
    pub actual: u64,
    /// Repeat purchases expected in it.
    pub expected: f64,
    /// Repeat purchases up to its end.
    pub cumulative_actual: u64,
    /// Repeat purchases expected up to its end.
    pub cumulative_expected: f64,
}

/// Customers with so many repeat purchases in the calibration.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RepeatCount {
    /// Repeat purchases; the last row stands for so many or more.
    pub repeats: u32,
    /// Customers who made so many.
    pub actual: u64,
    /// Customers expected to: `Σ P(X(T) = n)` over all, `T` the age of each.
    pub expected: f64,
}

/// Purchases in the holdout of customers with so many repeat purchases in the calibration.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ByFrequency {
    /// Repeat purchases in the calibration; the last row stands for so many or more.
    pub repeats: u32,
    /// How many customers.
    pub customers: u64,
    /// Purchases made by each in the holdout, on average.
    pub actual: f64,
    /// Purchases expected of each, on average.
    pub expected: f64,
}

/// Purchases in the holdout of customers who bought last at about the same age.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ByRecency {
    /// From this `t_x` in time units, exclusive; the first row holds those who never came back.
    pub from: f64,
    /// To this `t_x`, inclusive.
    pub to: f64,
    /// How many customers.
    pub customers: u64,
    /// Purchases made by each in the holdout, on average.
    pub actual: f64,
    /// Purchases expected of each, on average.
    pub expected: f64,
}

/// Counts from here on are one row.
const MOST_REPEATS: u32 = 7;
/// Rows of recency beside that of customers who never came back.
const RECENCY_BINS: usize = 12;
/// Cohorts that one task sums up. The blocks, and so the bits of a sum, do not depend on the threads.
const BLOCK: usize = 1024;

/// The tracking plot of a model.
pub(super) fn tracking(model: &dyn PurchaseModel, observed: &Observed) -> Vec<TrackedPeriod> {
    let calibration_end = observed.timeline.calibration_end;
    let (mut actual_so_far, mut expected_so_far) = (0, 0.0);
    let periods = observed.tracked.iter().zip(expected_by_period(model, observed)).enumerate();
    periods
        .map(|(i, (period, cumulative_expected))| {
            actual_so_far += period.repeats;
            let expected = cumulative_expected - expected_so_far;
            expected_so_far = cumulative_expected;
            TrackedPeriod {
                period: i + 1,
                end: Day(period.end),
                is_holdout: period.end > calibration_end,
                actual: period.repeats,
                expected,
                cumulative_actual: actual_so_far,
                cumulative_expected,
            }
        })
        .collect()
}

/// Repeat purchases expected of all cohorts up to the end of each period.
fn expected_by_period(model: &dyn PurchaseModel, observed: &Observed) -> Vec<f64> {
    let blocks: Vec<Vec<f64>> = observed
        .cohorts
        .par_chunks(BLOCK)
        .map(|block| {
            let mut sums = vec![0.0; observed.tracked.len()];
            for same_group in block.chunk_by(|one, other| one.group == other.group) {
                add_expected(model, observed, same_group, &mut sums);
            }
            sums
        })
        .collect();
    blocks.iter().fold(vec![0.0; observed.tracked.len()], |sums, block| {
        sums.iter().zip(block).map(|(sum, part)| sum + part).collect()
    })
}

/// Adds the purchases expected of cohorts with the same covariates. Cohorts reach the same age one after another, so
/// that each age is worked out once.
fn add_expected(model: &dyn PurchaseModel, observed: &Observed, cohorts: &[Cohort], sums: &mut [f64]) {
    let (Some(oldest), Some(last)) = (cohorts.first(), observed.tracked.last()) else { return };
    let new = History { group: oldest.group, ..History::NEW };
    let mut at_age: Vec<Option<f64>> = vec![None; (last.end - oldest.first).max(0) as usize + 1];
    for (period, sum) in observed.tracked.iter().zip(sums) {
        for cohort in cohorts.iter().take_while(|cohort| cohort.first < period.end) {
            let days = period.end - cohort.first;
            let expected = at_age[days as usize]
                .get_or_insert_with(|| model.expected_purchases(new, observed.timeline.in_units(days)));
            *sum += cohort.customers * *expected;
        }
    }
}

/// How many customers came back how often in the calibration.
pub(super) fn repeat_counts(model: &dyn PurchaseModel, observed: &Observed) -> Vec<RepeatCount> {
    let mut actual = [0.0; MOST_REPEATS as usize + 1];
    for (history, weight) in observed.histories.distinct().iter().zip(observed.histories.weights()) {
        actual[history.x.min(MOST_REPEATS) as usize] += weight;
    }
    let calibration_end = observed.timeline.calibration_end;
    let expected = |n: u32| -> f64 {
        let of = |cohort: &Cohort| {
            let new = History { group: cohort.group, ..History::NEW };
            let alive = model.p_alive(new);
            let none = if n == 0 { 1.0 - alive } else { 0.0 };
            let age = observed.timeline.in_units(calibration_end - cohort.first);
            cohort.customers * (none + alive * model.probability_if_alive(new, age, n))
        };
        // Collected, so that the order of the sum does not depend on the threads.
        observed.cohorts.par_iter().map(of).collect::<Vec<f64>>().iter().sum()
    };
    let mut rest = actual.iter().sum::<f64>();
    (0..=MOST_REPEATS)
        .zip(actual)
        .map(|(repeats, actual)| {
            let expected = if repeats < MOST_REPEATS { expected(repeats) } else { rest.max(0.0) };
            rest -= expected;
            RepeatCount { repeats, actual: actual as u64, expected }
        })
        .collect()
}

/// Sums over the customers of a row.
#[derive(Debug, Clone, Copy, Default)]
struct Row {
    customers: u64,
    actual: f64,
    expected: f64,
}

impl Row {
    fn mean(&self, sum: f64) -> f64 {
        sum / self.customers as f64
    }
}

/// Sums over rows of customers, `row` saying in which each one is.
fn rows(
    histories: &[History],
    predicted: &[f64],
    actual: &[f64],
    count: usize,
    row: impl Fn(&History) -> usize,
) -> Vec<Row> {
    let mut rows = vec![Row::default(); count];
    for ((history, predicted), actual) in histories.iter().zip(predicted).zip(actual) {
        let row = &mut rows[row(history).min(count - 1)];
        row.customers += 1;
        row.actual += actual;
        row.expected += predicted;
    }
    rows
}

/// Means by the frequency of the calibration; frequencies that nobody has are left out.
pub(super) fn by_frequency(histories: &[History], predicted: &[f64], actual: &[f64]) -> Vec<ByFrequency> {
    rows(histories, predicted, actual, MOST_REPEATS as usize + 1, |history| history.x as usize)
        .iter()
        .zip(0..)
        .filter(|(row, _)| row.customers > 0)
        .map(|(row, repeats)| ByFrequency {
            repeats,
            customers: row.customers,
            actual: row.mean(row.actual),
            expected: row.mean(row.expected),
        })
        .collect()
}

/// Means by the age at the last purchase, in equal bins up to the greatest age; empty ones are left out.
pub(super) fn by_recency(histories: &[History], predicted: &[f64], actual: &[f64]) -> Vec<ByRecency> {
    let longest = histories.iter().map(|history| history.t).fold(0.0, f64::max);
    let width = longest / RECENCY_BINS as f64;
    let bin = |history: &History| if history.t_x > 0.0 { (history.t_x / width).ceil() as usize } else { 0 };
    let end = |bin: usize| longest * bin as f64 / RECENCY_BINS as f64;
    rows(histories, predicted, actual, RECENCY_BINS + 1, bin)
        .iter()
        .enumerate()
        .filter(|(_, row)| row.customers > 0)
        .map(|(bin, row)| ByRecency {
            from: end(bin.saturating_sub(1)),
            to: end(bin),
            customers: row.customers,
            actual: row.mean(row.actual),
            expected: row.mean(row.expected),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::base::TimeUnit;
    use crate::models::purchase::nbd::Nbd;
    use crate::validation::curves::*;
    use crate::validation::split::{PurchaseDays, Window};

    /// Two customers from day 0 and one from day 20; calibration to day 42, holdout of two weeks.
    fn observed() -> Observed {
        let window = Window { calibration_end: Day(42), holdout_days: 14, unit: TimeUnit::Weeks };
        let purchases = PurchaseDays { days: &[0, 14, 15, 50, 0, 20, 49, 56], starts: &[0, 4, 5, 8], groups: &[] };
        window.split(purchases).observed
    }

    #[test]
    fn tracking_adds_up_what_each_age_expects() {
        // An NBD model expects r / α = a half a week of everybody.
        let tracked = tracking(&Nbd::new(2.0, 4.0).expect("positive"), &observed());
        let ends: Vec<i32> = tracked.iter().map(|period| period.end.0).collect();
        assert_eq!(ends, [7, 14, 21, 28, 35, 42, 49, 56]);
        let actual: Vec<u64> = tracked.iter().map(|period| period.actual).collect();
        assert_eq!(actual, [0, 1, 1, 0, 0, 0, 1, 2]);
        // Two customers all the time; the third from the day before the end of the third week.
        let expected = [1.0, 1.0, 1.0 + 0.5 / 7.0, 1.5, 1.5, 1.5, 1.5, 1.5];
        for (period, expected) in tracked.iter().zip(expected) {
            assert!((period.expected - expected).abs() < 1e-12); // differences of sums up to 11
        }
        assert_eq!(tracked.iter().filter(|period| period.is_holdout).count(), 2);
        let last = tracked.last().expect("periods");
        assert_eq!(last.cumulative_actual, 5);
        assert!((last.cumulative_expected - expected.iter().sum::<f64>()).abs() < 1e-12); // as above
    }

    #[test]
    fn repeat_counts_hold_every_customer() {
        let model = Nbd::new(2.0, 4.0).expect("positive");
        let counts = repeat_counts(&model, &observed());
        let actual: Vec<u64> = counts.iter().map(|count| count.actual).collect();
        assert_eq!(actual, [2, 0, 1, 0, 0, 0, 0, 0]);
        // P(X(t) = 0) = (α / (α + t))^r.
        let none = |weeks: f64| (4.0 / (4.0 + weeks)).powi(2);
        assert!((counts[0].expected - 2.0 * none(6.0) - none(22.0 / 7.0)).abs() < 1e-12); // rounding
        let all: f64 = counts.iter().map(|count| count.expected).sum();
        assert!((all - 3.0).abs() < 1e-12); // rounding
    }

    #[test]
    fn means_by_frequency_and_recency_by_hand() {
        let histories = [
            History::new(0, 0.0, 24.0),
            History::new(0, 0.0, 10.0),
            History::new(3, 2.0, 24.0),
            History::new(9, 2.1, 24.0),
            History::new(7, 24.0, 24.0),
        ];
        let (predicted, actual) = ([0.5, 0.3, 1.0, 4.0, 2.0], [0.0, 2.0, 1.0, 3.0, 4.0]);
        let by_frequency: Vec<_> = by_frequency(&histories, &predicted, &actual)
            .iter()
            .map(|row| (row.repeats, row.customers, row.actual, row.expected))
            .collect();
        assert_eq!(by_frequency, [(0, 2, 1.0, 0.4), (3, 1, 1.0, 1.0), (7, 2, 3.5, 3.0)]);
        let by_recency: Vec<_> = by_recency(&histories, &predicted, &actual)
            .iter()
            .map(|row| (row.from, row.to, row.customers, row.actual))
            .collect();
        assert_eq!(by_recency, [(0.0, 0.0, 2, 1.0), (0.0, 2.0, 1, 1.0), (2.0, 4.0, 1, 3.0), (22.0, 24.0, 1, 4.0)]);
    }
}
