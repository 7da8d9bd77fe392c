//! The intervals of sums over customers: a whole base, its segments.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use statrs::function::erf::erfc_inv;
use statrs::function::gamma::gamma_lr;

use crate::intervals::Grouping;

/// A forecast with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// What is expected.
    pub expected: f64,
    /// Lower end; `None` where the distribution has no variance.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

/// What a group of customers is going to do together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TotalInterval {
    /// How many they are.
    pub customers: usize,
    /// Purchases in the horizon.
    pub purchases: Range,
    /// Value over the horizon, in currency units of today; `None` without a spend model.
    pub clv: Option<Range>,
}

/// Customers summed up in one task. The blocks, and so the bits of a sum, do not depend on the threads.
const BLOCK: usize = 4096;

/// Who is in which group.
#[derive(Debug)]
pub(super) struct Members<'a> {
    /// The group of each customer; `None` where all are in one.
    of: Option<&'a [u16]>,
    /// How many customers each group has.
    sizes: Vec<usize>,
    customers: usize,
}

impl<'a> Members<'a> {
    /// Everybody in one group.
    pub(super) fn all(customers: usize) -> Self {
        Members { of: None, sizes: vec![customers], customers }
    }

    pub(super) fn of(customers: usize, grouping: &Grouping<'a>) -> Self {
        let mut sizes = vec![0; grouping.groups];
        for group in grouping.of.iter().take(customers) {
            if let Some(size) = sizes.get_mut(usize::from(*group)) {
                *size += 1;
            }
        }
        Members { of: Some(grouping.of), sizes, customers }
    }

    fn group(&self, customer: usize) -> Option<usize> {
        self.of.map_or(Some(0), |of| of.get(customer).map(|group| usize::from(*group)))
    }

    fn customers(&self, group: usize) -> usize {
        self.sizes[group]
    }
}

/// Customers of whom what lies far apart is fetched together, before it is used, so that one does not wait for the other.
const FETCHED: usize = 256;

/// Sums over each group of all groupings, in one pass, of what follows from what is fetched of a customer.
fn sums<T, const N: usize>(
    groupings: &[Members<'_>],
    fetch: impl Fn(usize) -> T + Sync,
    of: impl Fn(usize, T) -> [f64; N] + Sync,
) -> Vec<Vec<[f64; N]>> {
    let customers = groupings.first().map_or(0, |members| members.customers);
    let nothing = || groupings.iter().map(|members| vec![[0.0; N]; members.sizes.len()]).collect::<Vec<_>>();
    let block = |block: usize| {
        let mut sums = nothing();
        let mut fetched = Vec::with_capacity(FETCHED);
        let end = ((block + 1) * BLOCK).min(customers);
        for first in (block * BLOCK..end).step_by(FETCHED) {
            fetched.extend((first..(first + FETCHED).min(end)).map(&fetch));
            for (customer, fetched) in (first..).zip(fetched.drain(..)) {
                let more = of(customer, fetched);
                for (members, sums) in groupings.iter().zip(&mut sums) {
                    if let Some(sum) = members.group(customer).and_then(|group| sums.get_mut(group)) {
                        add(sum, &more);
                    }
                }
            }
        }
        sums
    };
    let blocks: Vec<_> = (0..customers.div_ceil(BLOCK)).into_par_iter().map(block).collect();
    blocks.iter().fold(nothing(), |mut all, block| {
        all.iter_mut().flatten().zip(block.iter().flatten()).for_each(|(sum, more)| add(sum, more));
        all
    })
}

fn add<const N: usize>(sums: &mut [f64; N], more: &[f64; N]) {
    sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

/// Points of the parameters that are seen in one pass over customers: more take less time, and memory for every distinct
/// history.
pub(super) const POINTS: usize = 4;

/// As [`POINTS`], of the spend model: they take no memory.
pub(super) const SPEND_POINTS: usize = 8;

/// What each of up to `N` models says; 0 where there is none.
pub(super) fn at_points<M, const N: usize>(models: &[M], of: impl Fn(&M) -> f64) -> [f64; N] {
    let mut at = [0.0; N];
    at.iter_mut().zip(models).for_each(|(at, model)| *at = of(model));
    at
}

/// What is expected of a customer where the parameters are known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected {
    /// Purchases and value.
    pub(super) mean: [f64; 2],
    pub(super) variance: [f64; 2],
    /// Value at the first points of the spend model, which purchases do not depend on.
    pub(super) values: [f64; SPEND_POINTS],
}

/// Forecasts of every group of some groupings, and their variances so far.
#[derive(Debug)]
pub(super) struct Forecasts<'a> {
    groupings: Vec<Members<'a>>,
    /// By grouping and group.
    groups: Vec<Vec<GroupForecast>>,
}

#[derive(Debug)]
struct GroupForecast {
    expected: [f64; 2],
    variance: [f64; 2],
    /// How far off the group is at each of the present points.
    off: Vec<[f64; 2]>,
}

impl<'a> Forecasts<'a> {
    /// What is `expected` of each customer, at so many points of the spend model too.
    pub(super) fn new<T>(
        groupings: Vec<Members<'a>>,
        points: usize,
        fetch: impl Fn(usize) -> T + Sync,
        expected: impl Fn(usize, T) -> Expected + Sync,
    ) -> Self {
        let all = |customer: usize, fetched: T| {
            let Expected { mean, variance, values } = expected(customer, fetched);
            let mut all = [0.0; 4 + SPEND_POINTS];
            all[..2].copy_from_slice(&mean);
            all[2..4].copy_from_slice(&variance);
            all[4..].copy_from_slice(&values);
            all
        };
        let group = |[purchases, value, of_purchases, of_value, values @ ..]: [f64; 4 + SPEND_POINTS]| GroupForecast {
            expected: [purchases, value],
            variance: [of_purchases, of_value],
            off: values.iter().take(points).map(|at| [0.0, at - value]).collect(),
        };
        let sums = sums(&groupings, fetch, all).into_iter();
        Forecasts { groups: sums.map(|sums| sums.into_iter().map(group).collect()).collect(), groupings }
    }

    /// Takes in the purchases that are expected of a customer at so many other points of the parameters, the first ones
    /// given, and the value.
    pub(super) fn see<T>(
        &mut self,
        points: usize,
        fetch: impl Fn(usize) -> T + Sync,
        expected: impl Fn(usize, T) -> [[f64; POINTS]; 2] + Sync,
    ) {
        let both = |customer: usize, fetched: T| {
            let [purchases, values] = expected(customer, fetched);
            let mut both = [0.0; 2 * POINTS];
            both[..POINTS].copy_from_slice(&purchases);
            both[POINTS..].copy_from_slice(&values);
            both
        };
        let sums = sums(&self.groupings, fetch, both);
        for (group, sums) in self.groups.iter_mut().flatten().zip(sums.iter().flatten()) {
            let ([purchases, value], (at_purchases, at_value)) = (group.expected, sums.split_at(POINTS));
            let off = at_purchases.iter().zip(at_value).map(|(at, worth)| [at - purchases, worth - value]);
            group.off.extend(off.take(points));
        }
    }

    /// Takes in the value at so many further points of the spend model.
    pub(super) fn see_values<T>(
        &mut self,
        points: usize,
        fetch: impl Fn(usize) -> T + Sync,
        expected: impl Fn(usize, T) -> [f64; SPEND_POINTS] + Sync,
    ) {
        let sums = sums(&self.groupings, fetch, expected);
        for (group, sums) in self.groups.iter_mut().flatten().zip(sums.iter().flatten()) {
            let value = group.expected[1];
            group.off.extend(sums.iter().take(points).map(|at| [0.0, at - value]));
        }
    }

    /// Adds the variance of the mean over the points seen since the last time, which lie `reaches` standard deviations
    /// from the estimate.
    ///
    /// Of points in pairs it is that of the delta method, by the slope from one to the other: the bend of the mean, which
    /// grows with the fourth power of how badly a parameter is known, is no part of it. Of points drawn at random it is
    /// their own variance.
    pub(super) fn settle(&mut self, reaches: &[f64]) {
        for group in self.groups.iter_mut().flatten() {
            let off = std::mem::take(&mut group.off);
            for (kind, variance) in group.variance.iter_mut().enumerate() {
                let off: Vec<f64> = off.iter().map(|point| point[kind]).collect();
                *variance += if reaches.is_empty() { variance_of(&off) } else { by_slopes(&off, reaches) };
            }
        }
    }

    /// The interval of each group of each grouping with `tail` on either side.
    pub(super) fn intervals(&self, tail: f64, valued: bool) -> Vec<Vec<TotalInterval>> {
        let interval = |members: &Members<'_>, number: usize, group: &GroupForecast| {
            let range = |kind: usize| Range::of(group.expected[kind], group.variance[kind], tail);
            let counted = range(0);
            let whole = |end: Option<f64>| end.map(f64::round);
            TotalInterval {
                customers: members.customers(number),
                purchases: Range { low: whole(counted.low), high: whole(counted.high), ..counted },
                clv: valued.then(|| range(1)),
            }
        };
        let grouping = |(members, groups): (&Members<'_>, &Vec<GroupForecast>)| {
            groups.iter().enumerate().map(|(number, group)| interval(members, number, group)).collect()
        };
        self.groupings.iter().zip(&self.groups).map(grouping).collect()
    }
}

fn variance_of(off: &[f64]) -> f64 {
    let points = off.len().max(1) as f64;
    let mean = off.iter().sum::<f64>() / points;
    (off.iter().map(|off| off * off).sum::<f64>() / points - mean * mean).max(0.0)
}

fn by_slopes(off: &[f64], reaches: &[f64]) -> f64 {
    let slope = |(off, reaches): (&[f64], &[f64])| {
        let apart: f64 = reaches.iter().sum();
        let between = off.first().zip(off.get(1)).map_or(0.0, |(there, back)| there - back);
        if apart > 0.0 { (between / apart).powi(2) } else { 0.0 }
    };
    off.chunks(2).zip(reaches.chunks(2)).map(slope).sum()
}

impl Range {
    /// Central interval of the gamma distribution with this mean and variance.
    fn of(mean: f64, variance: f64, tail: f64) -> Self {
        let ends = |p: f64| (variance.is_finite() && mean.is_finite()).then(|| gamma_quantile(mean, variance, p));
        Range { expected: mean, low: ends(tail), high: ends(1.0 - tail) }
    }
}

/// From this shape on a cube of a normal variable is as good: Wilson, E. B. and M. M. Hilferty (1931), The Distribution
/// of Chi-Square, PNAS 17(12), 684-688.
const WILSON_HILFERTY: f64 = 500.0;

/// Below this shape all but one in a million is 0 for every purpose.
const SMALLEST_SHAPE: f64 = 1e-6;

/// The quantile of a gamma distribution given by its mean and variance.
fn gamma_quantile(mean: f64, variance: f64, p: f64) -> f64 {
    if mean <= 0.0 || variance <= 0.0 {
        return mean.max(0.0);
    }
    // Of a group that hardly does anything any more, the mean squared is no number.
    let (shape, scale) = (mean * (mean / variance), variance / mean);
    if !(shape > SMALLEST_SHAPE && scale.is_finite()) {
        return 0.0;
    }
    if shape > WILSON_HILFERTY {
        let z = -std::f64::consts::SQRT_2 * erfc_inv(2.0 * p);
        return mean * (1.0 - 1.0 / (9.0 * shape) + z / (3.0 * shape.sqrt())).powi(3);
    }
    let (mut low, mut high) = (-700.0_f64, (shape + 40.0 * shape.sqrt() + 40.0).ln());
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if gamma_lr(shape, middle.exp()) < p { low = middle } else { high = middle }
    }
    scale * (0.5 * (low + high)).exp()
}

#[cfg(test)]
mod tests {
    use crate::intervals::totals::*;
    use statrs::distribution::{ContinuousCDF, Gamma};

    #[test]
    fn quantiles_are_those_of_the_gamma_distribution() {
        for shape in [0.2, 1.0, 30.0, 400.0, 600.0, 1e5] {
            for p in [0.05, 0.1, 0.5, 0.9, 0.995] {
                let value = gamma_quantile(2.0 * shape, 4.0 * shape, p);
                let back = Gamma::new(shape, 0.5).expect("valid").cdf(value);
                assert!((back - p).abs() < 1e-5, "{shape} {p}: {back}"); // of the cube at a shape of 500
            }
        }
        assert_eq!((gamma_quantile(0.0, 0.0, 0.9), gamma_quantile(7.0, 0.0, 0.1)), (0.0, 7.0));
        for (mean, variance) in [(1e-200, 1e-200), (1e-9, 1e9), (1e-300, 1e-3), (f64::MIN_POSITIVE, 1.0)] {
            assert_eq!(gamma_quantile(mean, variance, 0.9), 0.0); // a group of customers who have left
        }
    }

    #[test]
    fn members_are_everybody_in_a_group_once() {
        let grouping = Grouping { of: &[1, 0, 1, 2, 0], groups: 4 };
        let members = Members::of(5, &grouping);
        assert_eq!(members.sizes, [2, 2, 1, 0]);
        let sums = sums(&[members, Members::all(5)], |customer| customer as f64, |_, fetched| [fetched, 1.0]);
        assert_eq!(sums[0], [[5.0, 2.0], [2.0, 2.0], [3.0, 1.0], [0.0, 0.0]]);
        assert_eq!(sums[1], [[10.0, 5.0]]);
    }

    #[test]
    fn variance_comes_from_customers_and_from_points() {
        let mut values = [f64::NAN; SPEND_POINTS];
        values[..2].copy_from_slice(&[11.0, 9.0]);
        let expected = Expected { mean: [1.0, 10.0], variance: [0.5, 2.0], values };
        let mut forecasts = Forecasts::new(vec![Members::all(2)], 2, |_| (), |_, ()| expected);
        let of_all = |forecasts: &Forecasts<'_>| (forecasts.groups[0][0].expected, forecasts.groups[0][0].variance);
        forecasts.settle(&[]);
        assert_eq!(of_all(&forecasts), ([2.0, 20.0], [1.0, 8.0])); // value is off by 2 and -2
        forecasts.see_values(1, |_| (), |_, ()| [10.5; SPEND_POINTS]);
        forecasts.see_values(1, |_| (), |_, ()| [9.5; SPEND_POINTS]);
        forecasts.settle(&[]);
        assert_eq!(of_all(&forecasts), ([2.0, 20.0], [1.0, 9.0]));
        let points = |off: &[f64]| {
            let mut points = [[f64::NAN; POINTS], [10.0; POINTS]];
            points[0].iter_mut().zip(off).for_each(|(point, off)| *point = 1.0 + off);
            points
        };
        forecasts.see(2, |_| (), |_, ()| points(&[0.5, -0.5]));
        forecasts.settle(&[]);
        assert_eq!(of_all(&forecasts), ([2.0, 20.0], [2.0, 9.0]));
        // A slope of 2 over three standard deviations, and a bend that is no variance.
        forecasts.see(3, |_| (), |_, ()| points(&[4.0, 1.0, 3.0]));
        forecasts.see(1, |_| (), |_, ()| points(&[3.0]));
        forecasts.settle(&[2.0, 1.0, 2.0, 2.0]);
        assert_eq!(of_all(&forecasts), ([2.0, 20.0], [6.0, 9.0]));
        assert!(Range::of(20.0, f64::INFINITY, 0.1).low.is_none());
    }
}
