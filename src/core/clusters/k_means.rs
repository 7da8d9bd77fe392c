//! k-means: Lloyd's algorithm without the distances that cannot matter, and k-means++ starts.
//!
//! A round assigns each point to its nearest centroid and moves each centroid to the mean of its points. Most points
//! stay where they are from one round to the next. As in G. Hamerly (2010), "Making k-means even faster", each point
//! keeps its slack: how much nearer its own centroid is than any other. While the centroids have travelled less than
//! that since, no other can be nearer, and the point is not looked at. Blocks of points keep the least slack in
//! them, and the points with little slack are copied together for some rounds, so that most rounds touch few points
//! even of a large base.
//!
//! What is skipped is certain in spite of rounding, so the result is that of the plain algorithm, bit for bit; sums
//! are exact (see `exact_sum.rs`), so it depends neither on the order of the points nor on the number of threads.

use rand::Rng;
use rand_xoshiro::Xoshiro256Plus;
use rayon::prelude::*;

mod nearest;

use crate::clusters::exact_sum;
use crate::clusters::exact_sum::Grid;
use nearest::ROUNDING;
pub(super) use nearest::{BLOCK, Batch, nearest, squared_distance};

/// Points of one task.
const TASK: usize = 64 * BLOCK;
/// Points with little slack are not copied together where more than one in so many was looked at in the last round.
const FEW: usize = 16;
/// So many times those looked at are copied, but no fewer than one in [`LEAST_COPIED`] of all.
const COPIED: usize = 4;
/// See [`COPIED`].
const LEAST_COPIED: usize = 64;
/// Of all points, one in so many tells how slack is spread.
const SAMPLED: usize = 61;
/// Coordinates beyond it have squares that overflow.
const LARGEST: f64 = 1e150;

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
/// The same points give the same bits in any order and on any number of threads. Takes 6 bytes a point, and a copy of
/// some of them.
///
/// # Errors
/// [`KMeansError`] for no points, no start, and coordinates that are not finite or beyond 1e150.
///
/// ```
/// use clivia_core::clusters::k_means::lloyd;
/// let points = [[0.0, 0.0], [0.0, 2.0], [10.0, 0.0], [10.0, 4.0]];
/// let found = lloyd(&points, &[[1.0, 1.0], [2.0, 1.0]], 100)?;
/// assert_eq!(found.centroids, [[0.0, 1.0], [10.0, 2.0]]);
/// assert_eq!(found.cluster, [0, 0, 1, 1]);
/// assert_eq!(found.inertia, (1.0 + 1.0 + 4.0 + 4.0) / 4.0);
/// assert!(found.settled);
/// # Ok::<(), clivia_core::clusters::k_means::KMeansError>(())
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
    groups.scatter();
    let cluster = groups.rows.cluster;
    let to_own = |i: usize| squared_distance(&points[i], &centroids[usize::from(cluster[i])]);
    let inertia = exact_sum::mean(points.len(), to_own);
    Ok(Found { inertia, sizes: groups.totals.counts(), centroids, cluster, rounds, settled: moved == 0 })
}

/// How far centroids have travelled since the start, at least. Sums are rounded up, so that a slack is never thought
/// larger than it is.
#[derive(Debug)]
struct Drift {
    /// Of each centroid: its own way and, in each round, the longest way of another. A point's slack shrinks by
    /// this much at most.
    travelled: Vec<f64>,
    /// The same in fewer bits, rounded up.
    rounded: Vec<f32>,
    /// The longest of these ways in each round, summed.
    longest: f64,
}

impl Drift {
    fn new(centroids: usize) -> Self {
        Drift { travelled: vec![0.0; centroids], rounded: vec![0.0; centroids], longest: 0.0 }
    }

    /// Adds a round.
    fn add<const D: usize>(&mut self, from: &[[f64; D]], to: &[[f64; D]]) {
        let ways: Vec<f64> = from.iter().zip(to).map(|(from, to)| squared_distance(from, to).sqrt()).collect();
        let first = (0..ways.len()).fold(0, |best, index| if ways[index] > ways[best] { index } else { best });
        let others = ways.iter().enumerate().filter(|&(index, _)| index != first);
        let second = others.map(|(_, &way)| way).fold(0.0, f64::max);
        let mut round = 0.0_f64;
        for (index, travelled) in self.travelled.iter_mut().enumerate() {
            let other = if index == first { second } else { ways[first] };
            let step = (ways[index] + other) * (1.0 + 1e3 * ROUNDING);
            *travelled = (*travelled + step).next_up();
            round = round.max(step);
        }
        self.longest = (self.longest + round).next_up();
        self.rounded = self.travelled.iter().map(|&travelled| -rounded_down(-travelled)).collect();
    }

    /// What is left of a point's slack, at least.
    fn slack(&self, cluster: u16, reach: f32) -> f32 {
        reach - self.rounded[usize::from(cluster)]
    }

    /// The longest ways up to which a slack lasts.
    fn lasts(&self, slack: f32) -> f64 {
        (f64::from(slack.next_down()) + self.longest).next_down()
    }
}

/// The clusters of a block's points, and how far each reaches.
type BlockRows<'a> = (&'a [u16], &'a [f32]);

/// What is known of points, a row a point.
struct Rows {
    /// The nearest centroid.
    cluster: Vec<u16>,
    /// Each point's slack and what its centroid had travelled when it was last looked at, rounded down.
    reach: Vec<f32>,
    /// Each block's least slack and the longest ways at that time, rounded down.
    block_reach: Vec<f64>,
}

impl Rows {
    fn new(cluster: Vec<u16>, reach: Vec<f32>) -> Self {
        let block_reach = vec![f64::NEG_INFINITY; cluster.len().div_ceil(BLOCK)];
        Rows { cluster, reach, block_reach }
    }
}

/// The points with little slack, copied together.
struct Near<const D: usize> {
    places: Vec<usize>,
    points: Vec<[f64; D]>,
    rows: Rows,
    /// All others have slack until the longest ways are more than this.
    limit: f64,
}

/// Which points belong to each centroid, and what they add up to.
struct Groups<'a, const D: usize> {
    points: &'a [[f64; D]],
    rows: Rows,
    near: Option<Near<D>>,
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
            rows: Rows::new(vec![0; points.len()], vec![f32::NEG_INFINITY; points.len()]),
            near: None,
            totals: Totals::new(start.len()),
            grids: largest(points)?.map(Grid::up_to),
            fresh: true,
        })
    }

    /// Assigns points to their nearest centroid; tells how many were not assigned to it before.
    fn assign(&mut self, centroids: &[[f64; D]], drift: &Drift) -> usize {
        let round = Round { centroids, drift, grids: self.grids, fresh: std::mem::replace(&mut self.fresh, false) };
        if self.near.as_ref().is_some_and(|near| near.limit < drift.longest) {
            self.scatter();
        }
        let moves = match &mut self.near {
            Some(near) => round.over(&near.points, &mut near.rows),
            None => round.over(self.points, &mut self.rows),
        };
        let copied = self.near.as_ref().map_or(self.points.len(), |near| near.points.len());
        if moves.looked < copied / FEW && copied > self.points.len() / LEAST_COPIED * 2
            || self.near.is_none() && moves.looked < self.points.len() / FEW
        {
            self.scatter();
            self.near = Some(self.gather(moves.looked, drift));
        }
        let moved = moves.moved;
        self.totals = moves.add(std::mem::replace(&mut self.totals, Totals::new(0)));
        moved
    }

    /// The longest ways that leave some slack to all points but about `few`.
    fn limit(&self, few: usize, drift: &Drift) -> f64 {
        let rows = self.rows.cluster.iter().zip(&self.rows.reach).step_by(SAMPLED);
        let mut lasts: Vec<f64> = rows.map(|(&cluster, &reach)| drift.lasts(drift.slack(cluster, reach))).collect();
        let place = (few / SAMPLED).min(lasts.len() - 1);
        *lasts.select_nth_unstable_by(place, f64::total_cmp).1
    }

    /// Copies the points together that have the least slack.
    fn gather(&self, looked: usize, drift: &Drift) -> Near<D> {
        let limit = self.limit((COPIED * looked).max(self.points.len() / LEAST_COPIED), drift);
        let rows = self.rows.cluster.par_chunks(BLOCK).zip(self.rows.reach.par_chunks(BLOCK));
        let blocks = rows.zip(&self.rows.block_reach).enumerate().filter(|(_, (_, reach))| **reach < limit);
        let near = |(block, (rows, _)): (usize, (BlockRows<'_>, &f64))| {
            let (cluster, reach) = rows;
            let slacks = cluster.iter().zip(reach).map(|(&cluster, &reach)| drift.slack(cluster, reach));
            let near = slacks.enumerate().filter(|(_, slack)| drift.lasts(*slack) < limit);
            near.map(|(place, _)| block * BLOCK + place).collect::<Vec<usize>>()
        };
        let places = blocks.map(near).collect::<Vec<_>>().concat();
        let all = places.par_iter().with_min_len(BLOCK);
        let points = all.clone().map(|&place| self.points[place]).collect();
        let cluster = all.clone().map(|&place| self.rows.cluster[place]).collect();
        let reach = all.map(|&place| self.rows.reach[place]).collect();
        Near { places, points, rows: Rows::new(cluster, reach), limit }
    }

    /// Puts back what became of the points that were copied. What their blocks hold stays true: a block whose least
    /// slack lasts has none that moved.
    fn scatter(&mut self) {
        let Some(near) = self.near.take() else { return };
        for ((place, cluster), reach) in near.places.into_iter().zip(near.rows.cluster).zip(near.rows.reach) {
            self.rows.cluster[place] = cluster;
            self.rows.reach[place] = reach;
        }
    }

    /// The mean of the points nearest to each centroid; a centroid without points stays.
    fn means(&self, centroids: &[[f64; D]]) -> Vec<[f64; D]> {
        let of = |(total, old): (&Total<D>, &[f64; D])| if total.count == 0 { *old } else { total.mean(&self.grids) };
        self.totals.of_each.iter().zip(centroids).map(of).collect()
    }
}

/// The largest size of each coordinate.
fn largest<const D: usize>(points: &[[f64; D]]) -> Result<[f64; D], KMeansError> {
    let of_task = |points: &[[f64; D]]| points.iter().fold([0.0; D], larger);
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
    centroids: &'a [[f64; D]],
    drift: &'a Drift,
    grids: [Grid; D],
    /// Whether no point belongs anywhere yet.
    fresh: bool,
}

impl<const D: usize> Round<'_, D> {
    /// Assigns points; gives what that changes.
    fn over(&self, points: &[[f64; D]], rows: &mut Rows) -> Totals<D> {
        let points = points.par_chunks(TASK).zip(rows.cluster.par_chunks_mut(TASK));
        let reaches = rows.reach.par_chunks_mut(TASK).zip(rows.block_reach.par_chunks_mut(TASK / BLOCK));
        let task = |((points, cluster), (reach, blocks))| self.task(points, cluster, reach, blocks);
        // The order in which whole numbers are added makes no difference.
        points.zip(reaches).map(task).reduce(|| Totals::new(self.centroids.len()), Totals::add)
    }

    fn task(&self, points: &[[f64; D]], cluster: &mut [u16], reach: &mut [f32], blocks: &mut [f64]) -> Totals<D> {
        let mut moves = Totals::new(self.centroids.len());
        let mut batch = Batch::new();
        let rows = points.chunks(BLOCK).zip(cluster.chunks_mut(BLOCK)).zip(reach.chunks_mut(BLOCK));
        for (((points, cluster), reach), block) in rows.zip(blocks) {
            if *block < self.drift.longest || self.fresh {
                let least = self.block(points, cluster, reach, &mut batch, &mut moves);
                *block = self.drift.lasts(least);
            }
        }
        moves
    }

    /// Assigns the points of a block; gives the least slack in it.
    fn block(
        &self,
        points: &[[f64; D]],
        cluster: &mut [u16],
        reach: &mut [f32],
        batch: &mut Batch<D>,
        moves: &mut Totals<D>,
    ) -> f32 {
        let mut due = [0_u8; BLOCK];
        let (count, mut least) = self.due(cluster, reach, &mut due);
        let due = || due[..count].iter().map(|&place| usize::from(place));
        batch.find(due().map(|place| points[place]), self.centroids);
        for ((place, index), slack) in due().zip(batch.indices()).zip(batch.slacks()) {
            let from = std::mem::replace(&mut cluster[place], index);
            self.note(&points[place], usize::from(from), usize::from(index), moves);
            // Rounding down makes good for the rounding of the sum, too.
            reach[place] = rounded_down(slack + self.drift.travelled[usize::from(index)]);
            least = least.min(self.drift.slack(index, reach[place]));
        }
        moves.looked += count;
        least
    }

    /// Lists the places in a block that have to be looked at; gives how many they are, and the least slack of the
    /// others. Without a jump, since it cannot be foreseen which they are.
    fn due(&self, cluster: &[u16], reach: &[f32], due: &mut [u8; BLOCK]) -> (usize, f32) {
        let (mut count, mut least) = (0, f32::INFINITY.to_bits());
        for (place, (&cluster, &reach)) in cluster.iter().zip(reach).enumerate() {
            // The first bit is the sign: as whole numbers, slacks below 0 are larger than all others.
            let slack = self.drift.slack(cluster, reach).to_bits();
            due[count % BLOCK] = place as u8;
            count += (slack >> 31) as usize;
            least = least.min(slack);
        }
        (count, f32::from_bits(least))
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

/// A number in fewer bits that is below it by no more than a millionth. Without a jump, and never infinite.
fn rounded_down(value: f64) -> f32 {
    // The nearest number in 24 bits is off by 2^-24 of the value, or by less than the least normal one.
    let below = value - value.abs() * 2.0_f64.powi(-21) - f64::from(f32::MIN_POSITIVE);
    (if below < 1e38 { below } else { 1e38 }) as f32
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

/// The totals of all centroids, how many points changed theirs, and how many were looked at.
#[derive(Debug)]
struct Totals<const D: usize> {
    of_each: Vec<Total<D>>,
    moved: usize,
    looked: usize,
}

impl<const D: usize> Totals<D> {
    fn new(centroids: usize) -> Self {
        Totals { of_each: vec![Total { steps: [0; D], count: 0 }; centroids], moved: 0, looked: 0 }
    }

    fn add(mut self, other: Self) -> Self {
        for (total, other) in self.of_each.iter_mut().zip(&other.of_each) {
            total.steps.iter_mut().zip(&other.steps).for_each(|(sum, more)| *sum += more);
            total.count += other.count;
        }
        self.moved += other.moved;
        self.looked += other.looked;
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
#[allow(clippy::unwrap_used)] // a test that cannot go on says so by panicking
mod tests;
