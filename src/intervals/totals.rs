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

    /// Sums over each group.
    pub(super) fn sums<const N: usize>(&self, of: impl Fn(usize) -> [f64; N] + Sync) -> Vec<[f64; N]> {
        let block = |block: usize| {
            let mut sums = vec![[0.0; N]; self.sizes.len()];
            for customer in block * BLOCK..((block + 1) * BLOCK).min(self.customers) {
                if let Some(sum) = self.group(customer).and_then(|group| sums.get_mut(group)) {
                    *sum = plus(*sum, of(customer));
                }
            }
            sums
        };
        let blocks: Vec<Vec<[f64; N]>> = (0..self.customers.div_ceil(BLOCK)).into_par_iter().map(block).collect();
        let nothing = vec![[0.0; N]; self.sizes.len()];
        blocks
            .into_iter()
            .fold(nothing, |all, block| all.into_iter().zip(block).map(|(all, more)| plus(all, more)).collect())
    }

    fn customers(&self, group: usize) -> usize {
        self.sizes[group]
    }
}

fn plus<const N: usize>(left: [f64; N], right: [f64; N]) -> [f64; N] {
    std::array::from_fn(|i| left[i] + right[i])
}

/// A forecast of each group, and its variance so far.
#[derive(Debug)]
pub(super) struct Forecasts<'a> {
    members: Members<'a>,
    expected: Vec<[f64; 2]>,
    variance: Vec<[f64; 2]>,
    /// How far off each group is at each of the present points.
    off: Vec<Vec<[f64; 2]>>,
}

impl<'a> Forecasts<'a> {
    /// `expected` purchases and value of a customer, with the variance of each where the parameters are known.
    pub(super) fn new(members: Members<'a>, expected: impl Fn(usize) -> [f64; 4] + Sync) -> Self {
        let sums = members.sums(expected);
        Forecasts {
            expected: sums.iter().map(|sum| [sum[0], sum[1]]).collect(),
            variance: sums.iter().map(|sum| [sum[2], sum[3]]).collect(),
            off: Vec::new(),
            members,
        }
    }

    /// Takes in what is expected of a customer at another point of the parameters.
    pub(super) fn see(&mut self, expected: impl Fn(usize) -> [f64; 2] + Sync) {
        let sums = self.members.sums(expected);
        let off = sums.iter().zip(&self.expected).map(|(sum, expected)| [sum[0] - expected[0], sum[1] - expected[1]]);
        self.off.push(off.collect());
    }

    /// Adds the variance of the mean over the points seen since the last time, which lie `reaches` standard deviations
    /// from the estimate.
    ///
    /// Of points in pairs it is that of the delta method, by the slope from one to the other: the bend of the mean, which
    /// grows with the fourth power of how badly a parameter is known, is no part of it. Of points drawn at random it is
    /// their own variance.
    pub(super) fn settle(&mut self, reaches: &[f64]) {
        let off = std::mem::take(&mut self.off);
        for (group, variance) in self.variance.iter_mut().enumerate() {
            for (kind, variance) in variance.iter_mut().enumerate() {
                let off: Vec<f64> = off.iter().map(|point| point[group][kind]).collect();
                *variance += if reaches.is_empty() { variance_of(&off) } else { by_slopes(&off, reaches) };
            }
        }
    }

    /// The interval of each group with `tail` on either side.
    pub(super) fn intervals(&self, tail: f64, valued: bool) -> Vec<TotalInterval> {
        let interval = |group: usize| {
            let range = |kind: usize| Range::of(self.expected[group][kind], self.variance[group][kind], tail);
            let counted = range(0);
            let whole = |end: Option<f64>| end.map(f64::round);
            TotalInterval {
                customers: self.members.customers(group),
                purchases: Range { low: whole(counted.low), high: whole(counted.high), ..counted },
                clv: valued.then(|| range(1)),
            }
        };
        (0..self.expected.len()).map(interval).collect()
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
    use super::*;
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
        assert_eq!(members.sums(|customer| [customer as f64]), [[5.0], [2.0], [3.0], [0.0]]);
    }

    #[test]
    fn variance_comes_from_customers_and_from_points() {
        let mut forecasts = Forecasts::new(Members::all(2), |_| [1.0, 10.0, 0.5, 2.0]);
        forecasts.see(|_| [1.5, 10.0]);
        forecasts.see(|_| [0.5, 10.0]);
        forecasts.settle(&[]);
        assert_eq!((forecasts.expected[0], forecasts.variance[0]), ([2.0, 20.0], [2.0, 4.0]));
        // A slope of 2 over three standard deviations, and a bend that is no variance.
        for off in [4.0, 1.0, 3.0, 3.0] {
            forecasts.see(|_| [1.0 + off, 10.0]);
        }
        forecasts.settle(&[2.0, 1.0, 2.0, 2.0]);
        assert_eq!(forecasts.variance[0], [6.0, 4.0]);
        assert!(Range::of(20.0, f64::INFINITY, 0.1).low.is_none());
    }
}
