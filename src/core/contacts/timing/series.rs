//! The self-controlled case series: a conditional Poisson model of events in stretches of exposure.
//!
//! With `w_s = length x exp(sum of theta over the cells of stretch s)`, the `n` events of a track fall on
//! its stretches as a multinomial with probabilities `w_s / W`, `W = sum of w_s`. So
//!
//! ```text
//! log L = sum over events of theta(cells of its stretch) - sum over tracks of n log W
//!         - sum over cells of theta^2 / (2 PRIOR^2)
//! ```
//!
//! Source: Farrington (1995), "Relative incidence estimation from case series for vaccine safety
//! evaluation", Biometrics 51(1), equations 2 and 3.

use rayon::prelude::*;

use crate::contacts::timing::track::{Cell, Track};
use crate::control::Control;

/// Standard deviation of the log ratio before anything is seen. It weighs as much as a quarter of an
/// event, and keeps the ratio of a cell without events, or without time outside of it, finite.
const PRIOR: f64 = 2.0;
/// Tracks that are added up at a time, in order, so that threads do not decide the last bit.
const BLOCK: usize = 512;
/// Newton steps, and halvings of one.
const MOST_STEPS: usize = 60;
/// The search ends where the next step promises less gain of likelihood than this.
const DECREMENT: f64 = 1e-10;
/// Where no step climbs, so little gain is rounding.
const ROUNDING: f64 = 1e-6;

/// Log rate ratios with their standard errors, by parameter. Where the search found no end, nothing is known:
/// they are those of the prior.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Estimate {
    pub(super) log_ratio: Vec<f64>,
    pub(super) error: Vec<f64>,
}

/// Which cells a model has, and as which parameter. Time in other cells is time without exposure.
pub(super) struct Model {
    parameters: Vec<Option<usize>>,
    count: usize,
}

impl Model {
    /// A model of those of the `cells` that are `kept`, in their order.
    pub(super) fn of(cells: usize, kept: impl Fn(usize) -> bool) -> Self {
        let mut count = 0;
        let number = |cell| {
            kept(cell).then(|| {
                count += 1;
                count - 1
            })
        };
        Model { parameters: (0..cells).map(number).collect(), count }
    }

    /// The parameter of a cell.
    pub(super) fn parameter(&self, cell: usize) -> Option<usize> {
        self.parameters[cell]
    }

    fn of_stretch<'a>(&'a self, cells: &'a [Cell]) -> impl Iterator<Item = usize> + 'a {
        cells.iter().filter_map(|&cell| self.parameters[usize::from(cell)])
    }

    /// The most likely log ratios, by Newton's method: the objective is strictly concave.
    pub(super) fn fit(&self, tracks: &[Track], control: &Control) -> Estimate {
        let mut point = vec![0.0; self.count];
        let mut slope = self.slope(tracks, &point);
        for _ in 0..MOST_STEPS {
            let step = slope.newton_step();
            let decrement: f64 = step.iter().zip(&slope.gradient).map(|(step, slope)| step * slope).sum();
            if decrement < DECREMENT {
                return slope.estimate(point);
            }
            if control.is_cancelled() {
                break;
            }
            match self.climb(tracks, &point, &slope, &step) {
                Some(better) => (point, slope) = better,
                None if decrement < ROUNDING => return slope.estimate(point),
                None => break,
            }
        }
        Estimate { log_ratio: vec![0.0; self.count], error: vec![PRIOR; self.count] }
    }

    /// The first of the step, its half, its quarter ... that climbs.
    fn climb(&self, tracks: &[Track], point: &[f64], slope: &Slope, step: &[f64]) -> Option<(Vec<f64>, Slope)> {
        let longest = step.iter().fold(0.0, |top: f64, step| top.max(step.abs()));
        let mut scale = (3.0 / longest).min(1.0);
        for _ in 0..MOST_STEPS {
            let trial: Vec<f64> = point.iter().zip(step).map(|(at, step)| at + scale * step).collect();
            let there = self.slope(tracks, &trial);
            if there.value > slope.value {
                return Some((trial, there));
            }
            scale *= 0.5;
        }
        None
    }

    /// The value, gradient and information at a point.
    fn slope(&self, tracks: &[Track], point: &[f64]) -> Slope {
        let ratios: Vec<f64> = point.iter().map(|theta| theta.exp()).collect();
        let sums = |block: &[Track]| {
            let mut slope = Slope::zero(self.count);
            let mut scratch = Scratch::new(self.count);
            block
                .iter()
                .filter(|track| track.informs())
                .for_each(|track| self.add(track, point, &ratios, &mut slope, &mut scratch));
            slope
        };
        let blocks: Vec<Slope> = tracks.par_chunks(BLOCK).map(sums).collect();
        let mut slope = Slope::prior(point);
        blocks.iter().for_each(|block| slope.add(block));
        slope.mirror();
        slope
    }

    /// Adds a track; `ratios` are the exponentials of `point`. Of the information the lower triangle is kept.
    fn add(&self, track: &Track, point: &[f64], ratios: &[f64], slope: &mut Slope, scratch: &mut Scratch) {
        scratch.clear();
        let n = track.events.len() as f64;
        let mut total = 0.0;
        for (days, cells) in track.stretches() {
            let weight = days * self.of_stretch(cells).map(|p| ratios[p]).product::<f64>();
            total += weight;
            scratch.stretches.push(weight);
            self.of_stretch(cells).for_each(|p| scratch.add(p, weight));
        }
        slope.value -= n * total.ln();
        for ((_, cells), weight) in track.stretches().zip(&scratch.stretches) {
            let share = n * weight / total;
            for p in self.of_stretch(cells) {
                let row = &mut slope.information[p * self.count..][..=p];
                self.of_stretch(cells).filter(|&q| q <= p).for_each(|q| row[q] += share);
            }
        }
        for &p in &scratch.touched {
            let mean = scratch.weights[p] / total;
            slope.gradient[p] -= n * mean;
            let row = &mut slope.information[p * self.count..][..=p];
            let lower = scratch.touched.iter().filter(|&&q| q <= p);
            lower.for_each(|&q| row[q] -= n * mean * scratch.weights[q] / total);
        }
        track.tally(0.0, |cell| {
            if let Some(p) = self.parameter(usize::from(cell)) {
                slope.value += point[p];
                slope.gradient[p] += 1.0;
            }
        });
    }
}

/// Sums of one track by parameter.
struct Scratch {
    weights: Vec<f64>,
    touched: Vec<usize>,
    /// By stretch.
    stretches: Vec<f64>,
}

impl Scratch {
    fn new(count: usize) -> Self {
        Scratch { weights: vec![0.0; count], touched: Vec::with_capacity(count), stretches: Vec::new() }
    }

    fn clear(&mut self) {
        self.touched.iter().for_each(|&p| self.weights[p] = 0.0);
        self.touched.clear();
        self.stretches.clear();
    }

    fn add(&mut self, p: usize, weight: f64) {
        if self.weights[p] == 0.0 {
            self.touched.push(p);
        }
        self.weights[p] += weight;
    }
}

/// The log-likelihood, its gradient, and minus its Hessian, row by row.
#[derive(Debug, Clone)]
struct Slope {
    value: f64,
    gradient: Vec<f64>,
    information: Vec<f64>,
}

impl Slope {
    fn zero(count: usize) -> Self {
        Slope { value: 0.0, gradient: vec![0.0; count], information: vec![0.0; count * count] }
    }

    fn prior(point: &[f64]) -> Self {
        let (precision, count) = (1.0 / (PRIOR * PRIOR), point.len());
        let mut slope = Slope::zero(count);
        slope.value = -0.5 * precision * point.iter().map(|theta| theta * theta).sum::<f64>();
        slope.gradient = point.iter().map(|theta| -precision * theta).collect();
        (0..count).for_each(|p| slope.information[p * count + p] = precision);
        slope
    }

    fn add(&mut self, other: &Slope) {
        self.value += other.value;
        self.gradient.iter_mut().zip(&other.gradient).for_each(|(sum, part)| *sum += part);
        self.information.iter_mut().zip(&other.information).for_each(|(sum, part)| *sum += part);
    }

    /// Fills the upper triangle of the information from the lower.
    fn mirror(&mut self) {
        let count = self.gradient.len();
        for p in 0..count {
            (0..p).for_each(|q| self.information[q * count + p] = self.information[p * count + q]);
        }
    }

    fn newton_step(&self) -> Vec<f64> {
        solve(&self.factor(), &self.gradient)
    }

    /// The Cholesky factor of the information, which the prior keeps positive definite.
    fn factor(&self) -> Vec<f64> {
        let count = self.gradient.len();
        let mut factor = self.information.clone();
        for i in 0..count {
            for j in 0..=i {
                let (row_i, row_j) = (i * count, j * count);
                let rest = factor[row_i + j] - (0..j).map(|k| factor[row_i + k] * factor[row_j + k]).sum::<f64>();
                factor[row_i + j] = if i == j { rest.max(1e-12).sqrt() } else { rest / factor[row_j + j] };
            }
        }
        factor
    }

    fn estimate(&self, log_ratio: Vec<f64>) -> Estimate {
        let (factor, count) = (self.factor(), log_ratio.len());
        let variance = |p: usize| {
            let unit: Vec<f64> = (0..count).map(|q| f64::from(u8::from(p == q))).collect();
            solve(&factor, &unit)[p]
        };
        Estimate { error: (0..count).map(|p| variance(p).sqrt()).collect(), log_ratio }
    }
}

/// Solves `L Lᵀ x = right` for the lower triangle of `factor`.
fn solve(factor: &[f64], right: &[f64]) -> Vec<f64> {
    let count = right.len();
    let mut x = right.to_vec();
    for i in 0..count {
        let known: f64 = (0..i).map(|k| factor[i * count + k] * x[k]).sum();
        x[i] = (x[i] - known) / factor[i * count + i];
    }
    for i in (0..count).rev() {
        let known: f64 = (i + 1..count).map(|k| factor[k * count + i] * x[k]).sum();
        x[i] = (x[i] - known) / factor[i * count + i];
    }
    x
}

#[cfg(test)]
mod tests {
    use crate::contacts::timing::axis::Resolution;
    use crate::contacts::timing::series::*;
    use crate::contacts::timing::track::Windows;

    fn track(length: f64, events: &[f64], openings: &[(u16, f64)], factors: usize) -> Track {
        let windows = Windows::new(&[0.0, 1.0, 3.0], Resolution::Clocks);
        Track::new(0, length, events.to_vec(), openings.to_vec(), factors, &windows)
    }

    /// Two customers, each exposed on the first of four days: 600 events there over 400 on the other three are
    /// 600 a day over 400/3, a ratio of 4.5.
    #[test]
    fn two_customers_by_hand() {
        let events = |inside: usize, outside: usize| [vec![0.5; inside], vec![3.5; outside]].concat();
        let windows = Windows::new(&[0.0, 1.0], Resolution::Clocks);
        let customer = |inside, outside| Track::new(0, 4.0, events(inside, outside), vec![(0, 0.0)], 1, &windows);
        let estimate = Model::of(1, |_| true).fit(&[customer(400, 300), customer(200, 100)], &Control::default());
        // The binomial's own error: 1/600 + 1/400. The prior of sd 2 pulls by 1.5 x 0.0042 / 4 = 0.0016.
        assert!((estimate.log_ratio[0] - (4.5_f64).ln()).abs() < 0.002, "{estimate:?}");
        assert!((estimate.error[0] - (1.0 / 600.0 + 1.0 / 400.0_f64).sqrt()).abs() < 1e-4, "{estimate:?}"); // the same
    }

    fn mixed() -> Vec<Track> {
        vec![
            track(9.0, &[0.5, 2.0, 6.5], &[(0, 0.0), (1, 1.5), (0, 6.0)], 2),
            track(5.0, &[4.0], &[(1, -0.5), (0, 3.5)], 2),
            track(7.5, &[1.0, 1.25, 7.0], &[(1, 0.75)], 2),
        ]
    }

    #[test]
    fn the_gradient_and_the_information_meet_differences() {
        let (model, tracks) = (Model::of(4, |_| true), mixed());
        let point = [0.3, -0.6, 1.1, 0.2];
        let moved = |p: usize, by: f64| {
            let mut there = point;
            there[p] += by;
            model.slope(&tracks, &there)
        };
        let slope = model.slope(&tracks, &point);
        for p in 0..4 {
            let (ahead, behind) = (moved(p, 1e-5), moved(p, -1e-5));
            let difference = (ahead.value - behind.value) / 2e-5;
            assert!((slope.gradient[p] - difference).abs() < 1e-8, "{p}"); // central differences: error of order 1e-10
            for q in 0..4 {
                let difference = -(ahead.gradient[q] - behind.gradient[q]) / 2e-5;
                assert!((slope.information[p * 4 + q] - difference).abs() < 1e-8, "{p} {q}"); // as above
            }
        }
    }

    #[test]
    fn a_cell_left_out_is_time_without_exposure() {
        let model = Model::of(4, |cell| cell >= 2);
        assert_eq!((model.parameter(1), model.parameter(3)), (None, Some(1)));
        let alone = [track(9.0, &[0.5, 2.0, 6.5], &[(1, 1.5)], 2), track(5.0, &[4.0], &[(1, -0.5)], 2)];
        let (with, without) = (model.fit(&mixed()[..2], &Control::default()), model.fit(&alone, &Control::default()));
        assert!((with.log_ratio[0] - without.log_ratio[0]).abs() < 1e-9); // the same sums in another order
    }

    #[test]
    fn without_events_or_without_other_time_the_prior_stays() {
        let nothing = Model::of(4, |_| true).fit(&[], &Control::default());
        assert_eq!((nothing.log_ratio[0], nothing.error[0]), (0.0, PRIOR));
        let always = track(1.0, &[0.2, 0.4], &[(0, 0.0)], 1);
        let estimate = Model::of(2, |_| true).fit(&[always], &Control::default());
        assert!(estimate.log_ratio[0].abs() < 1e-12 && (estimate.error[0] - PRIOR).abs() < 1e-9); // no information
    }
}
