//! k-means: Lloyd's algorithm without the distances that cannot matter, and k-means++ starts.
//!
//! A round assigns each point to its nearest centroid and moves each centroid to the mean of its points. Most points
//! stay where they are from one round to the next. As in G. Hamerly (2010), "Making k-means even faster", each point
//! keeps its slack: how much nearer its own centroid is than any other. While the centroids have travelled less than
//! that since, no other can be nearer, and the point is not looked at. Blocks of points keep the least slack in
//! them, so that most rounds look at few points even of a large base.
//!
//! What is skipped is certain in spite of rounding, so the result is that of the plain algorithm, bit for bit; sums
//! are exact ([`super::exact_sum`]), so it depends neither on the order of the points nor on the number of threads.

use rand::Rng;
use rand_xoshiro::Xoshiro256Plus;
use rayon::prelude::*;

use super::exact_sum::{self, Grid};

/// Centroids whose distances are taken together.
const LANES: usize = 4;
/// Points that share one least slack.
const BLOCK: usize = 256;
/// Points of one task.
const TASK: usize = 64 * BLOCK;
/// Coordinates beyond it have squares that overflow.
const LARGEST: f64 = 1e150;
/// Far more than the relative error of a computed distance, which is below 1e-14.
const ROUNDING: f64 = 1e-12;

/// Why k-means cannot run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KMeansError {
    /// There is no point.
    #[error("there is no point to cluster: give at least one")]
    NoPoints,
    /// No centroid to start from, or too many.
    #[error("k-means cannot start from {0} centroids: give 1 to 65536")]
    Start(usize),
    /// A coordinate that is no number, or too large.
    #[error("a coordinate of point {point} is no number within 1e150 of 0: leave the point out or rescale")]
    Coordinate {
        /// The point's place, from 0; of starting centroids, theirs.
        point: usize,
    },
}

/// What k-means found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<const D: usize> {
    /// The centroids, in the order of the start. One that lost all its points stays where it was.
    pub centroids: Vec<[f64; D]>,
    /// The nearest centroid of each point, counted from 0; of equally near ones the first.
    pub cluster: Vec<u16>,
    /// How many points are nearest to each centroid.
    pub sizes: Vec<usize>,
    /// The mean squared distance of a point to its nearest centroid.
    pub inertia: f64,
    /// How often the centroids were moved.
    pub rounds: usize,
    /// Whether another round would change nothing.
    pub settled: bool,
}

/// Moves centroids until every point is nearest to its own and every centroid is the mean of its points: each
/// round lowers `sum |x - c(x)|²`, `c(x)` being the nearest centroid of the point `x`.
///
/// `points` and `start` have `D` coordinates each, all on one scale. After `most_rounds` it stops in any case; points
/// are then assigned to the last centroids, and [`Found::settled`] is false.
///
/// The same points give the same bits in any order and on any number of threads. Takes 6 bytes a point.
///
/// # Errors
/// [`KMeansError`] for no points, no start, and coordinates that are not finite or beyond 1e150.
///
/// ```
/// use clivia::clusters::k_means::lloyd;
/// let points = [[0.0, 0.0], [0.0, 2.0], [10.0, 0.0], [10.0, 4.0]];
/// let found = lloyd(&points, &[[1.0, 1.0], [2.0, 1.0]], 100)?;
/// assert_eq!(found.centroids, [[0.0, 1.0], [10.0, 2.0]]);
/// assert_eq!(found.cluster, [0, 0, 1, 1]);
/// assert_eq!(found.inertia, (1.0 + 1.0 + 4.0 + 4.0) / 4.0);
/// assert!(found.settled);
/// # Ok::<(), clivia::clusters::k_means::KMeansError>(())
/// ```
///
/// References: S. P. Lloyd (1982), "Least squares quantization in PCM"; G. Hamerly (2010), "Making k-means even
/// faster".
pub fn lloyd<const D: usize>(
    points: &[[f64; D]],
    start: &[[f64; D]],
    most_rounds: usize,
) -> Result<Found<D>, KMeansError> {
    let mut groups = Groups::new(points, start)?;
    let mut drift = Drift::new(start.len());
    let mut centroids = start.to_vec();
    let mut moved = groups.assign(&centroids, &drift);
    let mut rounds = 0;
    while moved > 0 && rounds < most_rounds {
        let next = groups.means(&centroids);
        drift.add(&centroids, &next);
        centroids = next;
        moved = groups.assign(&centroids, &drift);
        rounds += 1;
    }
    let cluster = groups.cluster;
    let to_own = |i: usize| squared_distance(&points[i], &centroids[usize::from(cluster[i])]);
    let inertia = exact_sum::mean(points.len(), to_own);
    Ok(Found { inertia, sizes: groups.totals.counts(), centroids, cluster, rounds, settled: moved == 0 })
}

/// Squared Euclidean distance.
pub(super) fn squared_distance<const D: usize>(a: &[f64; D], b: &[f64; D]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).fold(0.0, |sum, square| sum + square)
}

/// Centroids side by side, so that the distances to several are taken at once.
#[derive(Debug)]
pub(super) struct Centroids<const D: usize> {
    /// The last group is filled up with centroids that are infinitely far away.
    groups: Vec<[[f64; LANES]; D]>,
}

/// The nearest centroid of a point, and its squared distances to that and to the next.
#[derive(Debug, Clone, Copy)]
struct Nearest {
    index: usize,
    squared: f64,
    next_squared: f64,
}

impl<const D: usize> Centroids<D> {
    pub(super) fn new(centroids: &[[f64; D]]) -> Self {
        let mut groups = vec![[[f64::INFINITY; LANES]; D]; centroids.len().div_ceil(LANES)];
        for (index, centroid) in centroids.iter().enumerate() {
            for (lanes, &value) in groups[index / LANES].iter_mut().zip(centroid) {
                lanes[index % LANES] = value;
            }
        }
        Centroids { groups }
    }

    /// The nearest to a point, the first of equally near ones.
    pub(super) fn nearest(&self, point: &[f64; D]) -> usize {
        self.nearest_two(point).index
    }

    #[inline]
    fn nearest_two(&self, point: &[f64; D]) -> Nearest {
        let mut found = Nearest { index: 0, squared: f64::INFINITY, next_squared: f64::INFINITY };
        for (group, lanes) in self.groups.iter().enumerate() {
            for (lane, &squared) in squared_distances(lanes, point).iter().enumerate() {
                // Comparisons without a jump: which centroid is the nearest cannot be foreseen.
                let nearer = squared < found.squared;
                let further = if nearer { found.squared } else { squared };
                found.next_squared = if further < found.next_squared { further } else { found.next_squared };
                found.squared = if nearer { squared } else { found.squared };
                found.index = if nearer { group * LANES + lane } else { found.index };
            }
        }
        found
    }
}

#[inline]
fn squared_distances<const D: usize>(lanes: &[[f64; LANES]; D], point: &[f64; D]) -> [f64; LANES] {
    let mut squared = [0.0; LANES];
    for (centroids, value) in lanes.iter().zip(point) {
        for (squared, centroid) in squared.iter_mut().zip(centroids) {
            *squared += (value - centroid) * (value - centroid);
        }
    }
    squared
}

impl Nearest {
    /// How much nearer the nearest is than the next, at least.
    fn slack(&self) -> f64 {
        self.next_squared.sqrt() * (1.0 - ROUNDING) - self.squared.sqrt() * (1.0 + ROUNDING)
    }
}

/// How far centroids have travelled since the start, at least.
#[derive(Debug)]
struct Drift {
    /// Of each centroid: its own way and, in each round, the longest way of another. A point's slack shrinks by
    /// this much at most.
    travelled: Vec<f64>,
    /// The longest of these ways in each round, summed.
    longest: f64,
}

impl Drift {
    fn new(centroids: usize) -> Self {
        Drift { travelled: vec![0.0; centroids], longest: 0.0 }
    }

    /// Adds a round. Sums are rounded up, so that a slack is never thought larger than it is.
    fn add<const D: usize>(&mut self, from: &[[f64; D]], to: &[[f64; D]]) {
        let ways: Vec<f64> = from.iter().zip(to).map(|(from, to)| squared_distance(from, to).sqrt()).collect();
        let first = (0..ways.len()).fold(0, |best, index| if ways[index] > ways[best] { index } else { best });
        let longest_but = |left_out: usize| {
            let others = ways.iter().enumerate().filter(|&(index, _)| index != left_out);
            others.map(|(_, &way)| way).fold(0.0, f64::max)
        };
        let (longest, second) = (ways[first], longest_but(first));
        let mut round = 0.0_f64;
        for (index, travelled) in self.travelled.iter_mut().enumerate() {
            let other = if index == first { second } else { longest };
            let step = (ways[index] + other) * (1.0 + 1e3 * ROUNDING);
            *travelled = (*travelled + step).next_up();
            round = round.max(step);
        }
        self.longest = (self.longest + round).next_up();
    }
}

/// Which points belong to each centroid, and what they add up to.
struct Groups<'a, const D: usize> {
    points: &'a [[f64; D]],
    cluster: Vec<u16>,
    /// Each point's slack and what its centroid had travelled when it was last looked at, rounded down.
    reach: Vec<f32>,
    /// Each block's least slack and the longest ways at that time, rounded down.
    block_reach: Vec<f64>,
    totals: Totals<D>,
    grids: [Grid; D],
    fresh: bool,
}

impl<'a, const D: usize> Groups<'a, D> {
    fn new(points: &'a [[f64; D]], start: &[[f64; D]]) -> Result<Self, KMeansError> {
        if points.is_empty() {
            return Err(KMeansError::NoPoints);
        }
        if start.is_empty() || start.len() > usize::from(u16::MAX) + 1 {
            return Err(KMeansError::Start(start.len()));
        }
        largest(start)?;
        Ok(Groups {
            points,
            cluster: vec![0; points.len()],
            reach: vec![f32::NEG_INFINITY; points.len()],
            block_reach: vec![f64::NEG_INFINITY; points.len().div_ceil(BLOCK)],
            totals: Totals::new(start.len()),
            grids: largest(points)?.map(Grid::up_to),
            fresh: true,
        })
    }

    /// Assigns points to their nearest centroid; tells how many were not assigned to it before.
    fn assign(&mut self, centroids: &[[f64; D]], drift: &Drift) -> usize {
        let round = Round {
            centroids: Centroids::new(centroids),
            drift,
            grids: self.grids,
            fresh: std::mem::replace(&mut self.fresh, false),
        };
        let points = self.points.par_chunks(TASK).zip(self.cluster.par_chunks_mut(TASK));
        let reaches = self.reach.par_chunks_mut(TASK).zip(self.block_reach.par_chunks_mut(TASK / BLOCK));
        let nobody = || Totals::new(centroids.len());
        let task = |((points, cluster), (reach, blocks))| round.task(points, cluster, reach, blocks);
        // The order in which whole numbers are added makes no difference.
        let moves = points.zip(reaches).map(task).reduce(nobody, Totals::add);
        let moved = moves.moved;
        self.totals = std::mem::replace(&mut self.totals, nobody()).add(moves);
        moved
    }

    /// The mean of the points nearest to each centroid; a centroid without points stays.
    fn means(&self, centroids: &[[f64; D]]) -> Vec<[f64; D]> {
        let of = |(total, old): (&Total<D>, &[f64; D])| if total.count == 0 { *old } else { total.mean(&self.grids) };
        self.totals.of_each.iter().zip(centroids).map(of).collect()
    }
}

/// The largest size of each coordinate.
fn largest<const D: usize>(points: &[[f64; D]]) -> Result<[f64; D], KMeansError> {
    let of_task = |points: &[[f64; D]]| points.iter().fold([0.0; D], |largest, point| larger(largest, point));
    let largest = points.par_chunks(TASK).map(of_task).reduce(|| [0.0; D], |a, b| larger(a, &b));
    let beyond = |point: &[f64; D]| point.iter().any(|value| value.is_nan() || value.abs() > LARGEST);
    if !beyond(&largest) {
        return Ok(largest);
    }
    Err(KMeansError::Coordinate { point: points.iter().position(beyond).unwrap_or(0) })
}

/// The larger size in each coordinate; what is no number counts as infinite.
fn larger<const D: usize>(mut largest: [f64; D], point: &[f64; D]) -> [f64; D] {
    for (largest, value) in largest.iter_mut().zip(point) {
        let size = value.abs();
        let within = size <= *largest;
        *largest = if within { *largest } else { size };
        if size.is_nan() {
            *largest = f64::INFINITY;
        }
    }
    largest
}

/// What assigning points in one round takes.
struct Round<'a, const D: usize> {
    centroids: Centroids<D>,
    drift: &'a Drift,
    grids: [Grid; D],
    /// Whether no point belongs anywhere yet.
    fresh: bool,
}

impl<const D: usize> Round<'_, D> {
    fn task(&self, points: &[[f64; D]], cluster: &mut [u16], reach: &mut [f32], blocks: &mut [f64]) -> Totals<D> {
        let mut moves = Totals::new(self.drift.travelled.len());
        let rows = points.chunks(BLOCK).zip(cluster.chunks_mut(BLOCK)).zip(reach.chunks_mut(BLOCK));
        for (((points, cluster), reach), block) in rows.zip(blocks) {
            if *block < self.drift.longest || self.fresh {
                let least = self.block(points, cluster, reach, &mut moves);
                *block = (least.next_down() + self.drift.longest).next_down();
            }
        }
        moves
    }

    /// Assigns the points of a block; gives the least slack in it.
    fn block(&self, points: &[[f64; D]], cluster: &mut [u16], reach: &mut [f32], moves: &mut Totals<D>) -> f64 {
        let (due, mut least) = self.due(cluster, reach);
        for place in due {
            let (point, cluster, reach) = (&points[place], &mut cluster[place], &mut reach[place]);
            let nearest = self.centroids.nearest_two(point);
            let travelled = self.drift.travelled[nearest.index];
            self.note(point, usize::from(*cluster), nearest.index, moves);
            *cluster = nearest.index as u16;
            *reach = rounded_down((nearest.slack() + travelled).next_down());
            least = least.min(f64::from(*reach) - travelled);
        }
        least
    }

    /// The places in a block that have to be looked at, and the least slack of the others. Without a jump, since
    /// which points these are cannot be foreseen.
    fn due(&self, cluster: &[u16], reach: &[f32]) -> (impl Iterator<Item = usize> + use<D>, f64) {
        let (mut due, mut count, mut least) = ([0_u8; BLOCK], 0, f64::INFINITY);
        for (place, (&cluster, &reach)) in cluster.iter().zip(reach).enumerate() {
            let slack = f64::from(reach) - self.drift.travelled[usize::from(cluster)];
            due[count] = place as u8;
            count += usize::from(slack < 0.0);
            let counts = if slack < 0.0 { f64::INFINITY } else { slack };
            least = if counts < least { counts } else { least };
        }
        (due.into_iter().take(count).map(usize::from), least)
    }

    fn note(&self, point: &[f64; D], from: usize, to: usize, moves: &mut Totals<D>) {
        if from == to && !self.fresh {
            return;
        }
        let steps: [i64; D] = std::array::from_fn(|place| self.grids[place].steps(point[place]));
        moves.moved += 1;
        moves.of_each[to].put(&steps, 1);
        if !self.fresh {
            moves.of_each[from].put(&steps, -1);
        }
    }
}

fn rounded_down(value: f64) -> f32 {
    let near = value as f32;
    if f64::from(near) > value { near.next_down() } else { near }
}

/// What points add up to, or by how much that changes.
#[derive(Debug, Clone, Copy)]
struct Total<const D: usize> {
    steps: [i128; D],
    count: i64,
}

impl<const D: usize> Total<D> {
    fn put(&mut self, steps: &[i64; D], times: i64) {
        for (sum, &step) in self.steps.iter_mut().zip(steps) {
            *sum += i128::from(times * step);
        }
        self.count += times;
    }

    fn mean(&self, grids: &[Grid; D]) -> [f64; D] {
        std::array::from_fn(|place| grids[place].mean(self.steps[place], self.count as usize))
    }
}

/// The totals of all centroids, and how many points changed theirs.
#[derive(Debug)]
struct Totals<const D: usize> {
    of_each: Vec<Total<D>>,
    moved: usize,
}

impl<const D: usize> Totals<D> {
    fn new(centroids: usize) -> Self {
        Totals { of_each: vec![Total { steps: [0; D], count: 0 }; centroids], moved: 0 }
    }

    fn add(mut self, other: Self) -> Self {
        for (total, other) in self.of_each.iter_mut().zip(&other.of_each) {
            total.steps.iter_mut().zip(&other.steps).for_each(|(sum, more)| *sum += more);
            total.count += other.count;
        }
        self.moved += other.moved;
        self
    }

    fn counts(&self) -> Vec<usize> {
        self.of_each.iter().map(|total| total.count as usize).collect()
    }
}

/// The best of some k-means++ starts, each run on until it settles; of equally good ones the first. Fewer centroids
/// where there are fewer distinct points.
///
/// Reference: D. Arthur and S. Vassilvitskii (2007), "k-means++: the advantages of careful seeding".
pub(super) fn best_start<const D: usize>(
    points: &[[f64; D]],
    k: usize,
    starts: usize,
    rng: &mut Xoshiro256Plus,
    most_rounds: usize,
) -> Result<Vec<[f64; D]>, KMeansError> {
    let own_rng = |_| {
        rng.jump();
        rng.clone()
    };
    let rngs: Vec<Xoshiro256Plus> = (0..starts).map(own_rng).collect();
    let run = |mut rng| lloyd(points, &plus_plus(points, k, &mut rng), most_rounds);
    let found: Vec<Found<D>> = rngs.into_par_iter().map(run).collect::<Result<_, _>>()?;
    let best = found.into_iter().reduce(|best, next| if next.inertia < best.inertia { next } else { best });
    Ok(best.map(|best| best.centroids).unwrap_or_default())
}

/// Points drawn one after the other, each with a probability in proportion to its squared distance from the
/// nearest of those before it.
fn plus_plus<const D: usize>(points: &[[f64; D]], k: usize, rng: &mut Xoshiro256Plus) -> Vec<[f64; D]> {
    let mut chosen = Vec::with_capacity(k);
    let mut last = points.get(rng.gen_range(0..points.len().max(1))).copied();
    let mut squared = vec![f64::INFINITY; points.len()];
    while let Some(point) = last {
        chosen.push(point);
        if chosen.len() == k {
            break;
        }
        for (squared, other) in squared.iter_mut().zip(points) {
            *squared = squared.min(squared_distance(&point, other));
        }
        last = drawn(&squared, rng).map(|place| points[place]);
    }
    chosen
}

/// A place drawn in proportion to the weights; `None` where all of them are 0.
fn drawn(weights: &[f64], rng: &mut Xoshiro256Plus) -> Option<usize> {
    let mut left = rng.r#gen::<f64>() * weights.iter().sum::<f64>();
    let mut last = None;
    for (place, &weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        last = Some(place);
        left -= weight;
        if left < 0.0 {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests;
