//! k-means: points to centroids (through linfa), and a point to its nearest centroid.

use linfa::DatasetBase;
use linfa::prelude::Fit;
use linfa_clustering::{KMeans, KMeansError, KMeansInit};
use ndarray::{Array2, Axis};
use rand_xoshiro::Xoshiro256Plus;
use rayon::prelude::*;

use super::features::Point;

/// k-means has converged when all centroids together move by less than this, in standard deviations.
const TOLERANCE: f64 = 1e-3;
/// The same for the starts, which are refined later.
const START_TOLERANCE: f64 = 1e-2;
/// Rounds after which it stops in any case.
const MOST_ROUNDS: u64 = 100;
/// A centroid that moves further than this in one more step had been stopped, and had not converged.
const SETTLED: f64 = 1e-2;

/// The centroids of the best of some k-means++ starts (D. Arthur and S. Vassilvitskii (2007),
/// "k-means++: the advantages of careful seeding").
pub(super) fn start(
    points: &Array2<f64>,
    k: usize,
    starts: usize,
    rng: Xoshiro256Plus,
) -> Result<Vec<Point>, KMeansError> {
    let params = KMeans::params_with_rng(k, rng).n_runs(starts).tolerance(START_TOLERANCE);
    let model = params.max_n_iterations(MOST_ROUNDS).fit(&DatasetBase::from(points.view()))?;
    Ok(rows(model.centroids()))
}

/// What k-means found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) centroids: Vec<Point>,
    /// How many points are nearest to each.
    pub(super) sizes: Vec<usize>,
    /// The mean squared distance of a point to its nearest centroid.
    pub(super) inertia: f64,
    /// Whether one more step would leave the centroids where they are.
    pub(super) settled: bool,
}

/// Runs k-means on from given centroids over all points; a centroid that ends up nearest to no point
/// is dropped.
pub(super) fn refine(points: &[Point], start: &[Point]) -> Result<Found, KMeansError> {
    let from_start = KMeans::params(start.len()).n_runs(1).init_method(KMeansInit::Precomputed(matrix(start)));
    let params = from_start.tolerance(TOLERANCE).max_n_iterations(MOST_ROUNDS);
    let near = rows(params.fit(&DatasetBase::from(matrix(points)))?.centroids());
    // linfa counts the previous centroid as one more member; one exact step makes each a plain mean.
    let exact = means(points, &near);
    let settled = near.iter().zip(&exact).all(|(a, b)| squared_distance(a, b) < SETTLED * SETTLED);
    let mut found = measure(points, exact, settled);
    let mut sizes = found.sizes.iter();
    found.centroids.retain(|_| sizes.next() != Some(&0));
    found.sizes.retain(|&size| size > 0);
    Ok(found)
}

/// The centroid nearest to a point, the first of equally near ones, and the squared distance.
pub(super) fn nearest(centroids: &[Point], point: &Point) -> (usize, f64) {
    let mut best = (0, f64::INFINITY);
    for (index, centroid) in centroids.iter().enumerate() {
        let distance = squared_distance(centroid, point);
        if distance < best.1 {
            best = (index, distance);
        }
    }
    best
}

/// Squared Euclidean distance.
pub(super) fn squared_distance(a: &Point, b: &Point) -> f64 {
    let [x, y, z] = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    x * x + y * y + z * z
}

/// Points as rows.
pub(super) fn matrix(points: &[Point]) -> Array2<f64> {
    Array2::from(points.to_vec())
}

fn rows(matrix: &Array2<f64>) -> Vec<Point> {
    matrix.axis_iter(Axis(0)).map(|row| [row[0], row[1], row[2]]).collect()
}

/// The mean of the points nearest to each centroid; a centroid without points stays.
fn means(points: &[Point], centroids: &[Point]) -> Vec<Point> {
    let mut sums = vec![(Point::default(), 0_usize); centroids.len()];
    for (point, (index, _)) in points.iter().zip(assign(points, centroids)) {
        let (sum, count) = &mut sums[index];
        *count += 1;
        sum.iter_mut().zip(point).for_each(|(sum, value)| *sum += value);
    }
    let mean = |((sum, count), old): ((Point, usize), &Point)| {
        if count == 0 { *old } else { sum.map(|value| value / count as f64) }
    };
    sums.into_iter().zip(centroids).map(mean).collect()
}

fn measure(points: &[Point], centroids: Vec<Point>, settled: bool) -> Found {
    let mut sizes = vec![0; centroids.len()];
    let mut total = 0.0;
    for (index, distance) in assign(points, &centroids) {
        sizes[index] += 1;
        total += distance;
    }
    Found { centroids, sizes, inertia: total / points.len() as f64, settled }
}

fn assign(points: &[Point], centroids: &[Point]) -> Vec<(usize, f64)> {
    points.par_iter().map(|point| nearest(centroids, point)).collect()
}
