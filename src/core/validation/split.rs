//! Purchases cut in two at a day: what models learn from, and what they are judged by.

use rayon::prelude::*;

use crate::base::{Day, TimeUnit};
use crate::models::{Histories, History};

/// The purchase days of customers, one after another.
#[derive(Debug, Clone, Copy)]
pub struct PurchaseDays<'a> {
    /// Days since 1970-01-01, rising within a customer.
    pub days: &'a [i32],
    /// Where each customer begins in `days`; one more than there are customers.
    pub starts: &'a [usize],
    /// Which combination of covariates each customer has; empty where there are no covariates.
    pub groups: &'a [u32],
}

impl PurchaseDays<'_> {
    fn of(&self, customer: usize) -> &[i32] {
        let end = self.starts.get(customer + 1).copied().unwrap_or(self.days.len());
        self.starts.get(customer).and_then(|start| self.days.get(*start..end)).unwrap_or_default()
    }

    fn customers(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }
}

/// Where purchases are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The last day of the calibration.
    pub calibration_end: Day,
    /// Days of the holdout, which begins the day after.
    pub holdout_days: u32,
    /// The unit of times.
    pub unit: TimeUnit,
}

/// Both sides of the cut.
#[derive(Debug, Clone)]
pub struct Split {
    /// The customers of the calibration.
    pub observed: Observed,
    /// Which of the customers these are, in the same order.
    pub kept: Vec<u32>,
    /// Customers without a purchase up to the end of the calibration: no model knows them.
    pub newcomers: usize,
}

/// What a model counts of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counts {
    /// Days with a purchase.
    PurchaseDays,
    /// Whole time units with a purchase.
    Opportunities,
}

/// Customers of a calibration, and what they did afterwards. It comes from a [`Window`] only, so that nothing of the
/// holdout is in the histories.
#[derive(Debug, Clone)]
pub struct Observed {
    pub(super) counts: Counts,
    pub(super) histories: Histories,
    pub(super) holdout: Vec<u32>,
    /// Repeat purchases in the last stretch of the calibration that is as long as the holdout.
    pub(super) recent: Vec<u32>,
    pub(super) horizon: f64,
    pub(super) timeline: Timeline,
    pub(super) cohorts: Vec<Cohort>,
    pub(super) tracked: Vec<Period>,
}

impl Observed {
    /// Histories of the calibration, to fit models to; one a customer.
    pub fn histories(&self) -> &Histories {
        &self.histories
    }

    /// Purchases of each customer in the holdout, in the order of the histories.
    pub fn holdout(&self) -> &[u32] {
        &self.holdout
    }

    /// The length of the holdout, in time units.
    pub fn horizon(&self) -> f64 {
        self.horizon
    }

    /// What was counted.
    pub fn counts(&self) -> Counts {
        self.counts
    }
}

/// Customers who bought first on the same day and have the same covariates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cohort {
    pub(super) group: u32,
    pub(super) first: i32,
    pub(super) customers: f64,
}

/// A stretch of calendar time, and what the whole base bought again in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) end: i32,
    pub(super) repeats: u64,
}

/// Cohorts beyond this are thinned, each that is left standing for several.
const MOST_COHORTS: usize = 20_000;

impl Window {
    /// The last day of the holdout.
    pub fn holdout_end(&self) -> Day {
        Day(self.calibration_end.0.saturating_add(i32::try_from(self.holdout_days).unwrap_or(i32::MAX)))
    }

    /// Cuts purchase days.
    ///
    /// Of each customer who had bought by the end of the calibration, the history up to that day and the number of
    /// purchase days in the holdout. What comes after the holdout is not looked at.
    ///
    /// ```
    /// use clivia_core::models::History;
    /// use clivia_core::base::{Day, TimeUnit};
    /// use clivia_core::validation::{PurchaseDays, Window};
    /// let window = Window { calibration_end: Day(70), holdout_days: 35, unit: TimeUnit::Weeks };
    /// // The first customer comes back on day 35 and on day 90, the second is new on day 80.
    /// let split = window.split(PurchaseDays { days: &[0, 35, 90, 80], starts: &[0, 3, 4], groups: &[] });
    /// assert_eq!(split.observed.histories().distinct(), [History::new(1, 5.0, 10.0)]);
    /// assert_eq!((split.observed.holdout(), split.newcomers), (&[1][..], 1));
    /// ```
    pub fn split(&self, purchases: PurchaseDays<'_>) -> Split {
        let days = self.unit.days();
        let timeline = Timeline {
            calibration_end: self.calibration_end.0,
            holdout: i32::try_from(self.holdout_days).unwrap_or(i32::MAX),
            unit: days,
            period: days.max(TimeUnit::Weeks.days()),
        };
        timeline.split(Counts::PurchaseDays, purchases)
    }

    /// Cuts purchases counted as BG/BB does: time is a row of opportunities, each one unit long, and in each a
    /// customer buys or does not.
    ///
    /// Opportunities are laid out from the end of the calibration to both sides, so that none lies across the cut. The
    /// one of the first purchase is not counted; a part of one at the end of the holdout is left out.
    pub fn split_opportunities(&self, purchases: PurchaseDays<'_>) -> Split {
        let unit = self.unit.days();
        let opportunity = |day: &i32| (f64::from(*day - self.calibration_end.0) / unit).ceil() as i32;
        let (mut numbers, mut starts) = (Vec::with_capacity(purchases.days.len()), vec![0]);
        for customer in 0..purchases.customers() {
            let from = numbers.len();
            numbers.extend(purchases.of(customer).iter().map(opportunity));
            dedup_from(&mut numbers, from);
            starts.push(numbers.len());
        }
        let holdout = (f64::from(self.holdout_days) / unit).floor() as i32;
        let timeline = Timeline { calibration_end: 0, holdout, unit: 1.0, period: 1.0 };
        timeline.split(Counts::Opportunities, PurchaseDays { days: &numbers, starts: &starts, ..purchases })
    }
}

/// Takes out what repeats its predecessor, from a place on.
fn dedup_from(numbers: &mut Vec<i32>, from: usize) {
    let mut tail = numbers.split_off(from);
    tail.dedup();
    numbers.append(&mut tail);
}

/// The days of a [`Window`], or its opportunities.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Timeline {
    pub(super) calibration_end: i32,
    /// Days of the holdout.
    holdout: i32,
    /// Days in a time unit.
    unit: f64,
    /// Days in a period of the tracking plot: a time unit, but no less than a week.
    period: f64,
}

/// What is seen of a customer.
#[derive(Debug, Clone, Copy)]
struct Seen {
    customer: u32,
    first: i32,
    history: History,
    holdout: u32,
    recent: u32,
    log_gaps: f64,
}

impl Timeline {
    fn split(self, counts: Counts, purchases: PurchaseDays<'_>) -> Split {
        let customers = 0..purchases.customers();
        let seen: Vec<Seen> = customers.clone().into_par_iter().filter_map(|i| self.seen(&purchases, i)).collect();
        let histories: Vec<History> = seen.iter().map(|seen| seen.history).collect();
        let log_gaps = seen.iter().map(|seen| seen.log_gaps).sum();
        let observed = Observed {
            counts,
            histories: Histories::new(&histories).with_log_gaps(log_gaps),
            holdout: seen.iter().map(|seen| seen.holdout).collect(),
            recent: seen.iter().map(|seen| seen.recent).collect(),
            horizon: self.in_units(self.holdout),
            timeline: self,
            cohorts: cohorts(&seen),
            tracked: self.tracked(&seen, &purchases),
        };
        let kept: Vec<u32> = seen.iter().map(|seen| seen.customer).collect();
        Split { newcomers: customers.len() - kept.len(), observed, kept }
    }

    pub(super) fn in_units(&self, days: i32) -> f64 {
        f64::from(days) / self.unit
    }

    fn holdout_end(&self) -> i32 {
        self.calibration_end.saturating_add(self.holdout)
    }

    /// `None` of a customer without a purchase up to the end of the calibration.
    fn seen(&self, purchases: &PurchaseDays<'_>, customer: usize) -> Option<Seen> {
        let days = purchases.of(customer);
        let up_to = |end: i32| days.partition_point(|day| *day <= end);
        let calibration = &days[..up_to(self.calibration_end)];
        let [first, repeats @ ..] = calibration else { return None };
        let last = repeats.last().unwrap_or(first);
        let age = |day: i32| self.in_units(day - first);
        let stretch = self.calibration_end.saturating_sub(self.holdout);
        Some(Seen {
            customer: count(customer),
            first: *first,
            history: History {
                group: purchases.groups.get(customer).copied().unwrap_or(0),
                ..History::new(count(repeats.len()), age(*last), age(self.calibration_end))
            },
            holdout: count(up_to(self.holdout_end()) - calibration.len()),
            recent: count(repeats.iter().filter(|day| **day > stretch).count()),
            log_gaps: calibration.windows(2).map(|pair| self.in_units(pair[1] - pair[0]).ln()).sum(),
        })
    }

    /// Repeat purchases of the customers seen, period by period from the first purchase to the end of the holdout.
    fn tracked(&self, seen: &[Seen], purchases: &PurchaseDays<'_>) -> Vec<Period> {
        let Some(start) = seen.iter().map(|seen| seen.first).min() else { return Vec::new() };
        let ends = self.period_ends(start);
        let mut repeats = vec![0; ends.len()];
        for seen in seen {
            let days = purchases.of(seen.customer as usize);
            for day in days.iter().skip(1).take(seen.history.x as usize + seen.holdout as usize) {
                repeats[ends.partition_point(|end| end < day)] += 1;
            }
        }
        ends.into_iter().zip(repeats).map(|(end, repeats)| Period { end, repeats }).collect()
    }

    /// The last days of the periods. They are laid out from the end of the calibration to both sides, so that none
    /// lies across the cut; the last may be shorter.
    fn period_ends(&self, start: i32) -> Vec<i32> {
        let periods = |days: i32| (f64::from(days) / self.period).ceil() as i32;
        let end = |period: i32| self.calibration_end.saturating_add((f64::from(period) * self.period).floor() as i32);
        let (before, after) = (periods(self.calibration_end - start), periods(self.holdout));
        (1 - before..=after).map(|period| end(period).min(self.holdout_end())).collect()
    }
}

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}

/// The cohorts, sorted by covariates and then by first day.
fn cohorts(seen: &[Seen]) -> Vec<Cohort> {
    let mut keys: Vec<(u32, i32)> = seen.iter().map(|seen| (seen.history.group, seen.first)).collect();
    keys.par_sort_unstable();
    let all: Vec<Cohort> = keys
        .chunk_by(|one, other| one == other)
        .map(|same| Cohort { group: same[0].0, first: same[0].1, customers: same.len() as f64 })
        .collect();
    let thinned: Vec<Cohort> = all.iter().copied().step_by(all.len() / MOST_COHORTS + 1).collect();
    let stands_for = seen.len() as f64 / thinned.iter().map(|cohort| cohort.customers).sum::<f64>();
    thinned.into_iter().map(|cohort| Cohort { customers: cohort.customers * stands_for, ..cohort }).collect()
}

#[cfg(test)]
mod tests {
    use crate::validation::split::*;

    const WINDOW: Window = Window { calibration_end: Day(100), holdout_days: 20, unit: TimeUnit::Weeks };

    fn split(customers: &[&[i32]]) -> Split {
        let days = customers.concat();
        let starts: Vec<usize> =
            (0..=customers.len()).map(|i| customers[..i].iter().map(|days| days.len()).sum()).collect();
        WINDOW.split(PurchaseDays { days: &days, starts: &starts, groups: &[] })
    }

    #[test]
    fn each_purchase_is_on_its_side_of_the_cut() {
        // The last day of either side belongs to it.
        let split = split(&[&[30, 79, 80, 81, 100, 101, 120, 121], &[100], &[101], &[110, 115], &[2, 140]]);
        let seen: Vec<History> = split.observed.histories.map(|history| history);
        let weeks = |days: i32| f64::from(days) / 7.0;
        assert_eq!(seen, [History::new(4, 10.0, 10.0), History::new(0, 0.0, 0.0), History::new(0, 0.0, weeks(98))]);
        assert_eq!(split.observed.holdout, [2, 0, 0]);
        assert_eq!(split.observed.recent, [2, 0, 0]); // days 81 and 100
        assert_eq!((split.kept, split.newcomers), (vec![0, 1, 4], 2));
        assert_eq!(split.observed.horizon, weeks(20));
    }

    #[test]
    fn every_repeat_purchase_is_in_one_period() {
        let split = split(&[&[30, 37, 38, 100, 101, 107, 108, 120, 121], &[100, 119], &[101, 102]]);
        let tracked: Vec<(i32, u64)> =
            split.observed.tracked.iter().map(|period| (period.end, period.repeats)).collect();
        let ends = [37, 44, 51, 58, 65, 72, 79, 86, 93, 100, 107, 114, 120];
        let repeats = [1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 1, 2];
        assert_eq!(tracked, ends.into_iter().zip(repeats).collect::<Vec<_>>());
    }

    #[test]
    fn gaps_are_those_of_the_calibration() {
        let split = split(&[&[30, 37, 51, 130], &[99, 101]]);
        assert_eq!(split.observed.histories.log_gaps(), Some(2.0_f64.ln()));
    }

    #[test]
    fn nobody_is_no_base() {
        let split = split(&[&[101], &[]]);
        assert_eq!((split.kept.len(), split.newcomers), (0, 2));
        assert!(split.observed.tracked.is_empty() && split.observed.cohorts.is_empty());
    }

    #[test]
    fn opportunities_end_with_the_calibration() {
        // Weeks end on days ..., 86, 93, 100, 107, 114; the holdout has two whole ones.
        let days = [80, 87, 88, 93, 94, 101, 107, 113, 115, 100, 108, 101];
        let purchases = PurchaseDays { days: &days, starts: &[0, 9, 11, 12], groups: &[5, 6, 7] };
        let Split { observed, kept, newcomers } = WINDOW.split_opportunities(purchases);
        let grouped = |x, t_x, t, group| History { group, ..History::new(x, t_x, t) };
        assert_eq!(observed.histories.map(|history| history), [grouped(2, 2.0, 2.0, 5), grouped(0, 0.0, 0.0, 6)]);
        assert_eq!((observed.holdout, observed.horizon), (vec![2, 1], 2.0));
        assert_eq!((kept, newcomers), (vec![0, 1], 1));
    }

    #[test]
    fn cohorts_hold_every_customer() {
        let split = split(&[&[7], &[3, 9], &[7, 99]]);
        let cohort = |first, customers| Cohort { group: 0, first, customers };
        assert_eq!(split.observed.cohorts, [cohort(3, 1.0), cohort(7, 2.0)]);
    }
}
