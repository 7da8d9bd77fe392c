//! How many clusters: the number whose clusters stand apart best.

use std::ops::{Range, RangeInclusive};

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256Plus;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clusters::features::{Point, compare};
use crate::clusters::k_means::{best_start, nearest};
use crate::clusters::{ClusterCount, ClusterError, ClusterSettings, MOST_ROUNDS};
use crate::control::Control;

/// How often k-means starts for each number while choosing; the silhouette needs no perfect fit.
const STARTS_TO_CHOOSE: usize = 3;

/// How well customers fit their own cluster where there are `k`.
///
/// A customer's silhouette is `(b - a) / max(a, b)`: `a` the mean distance to the others of its
/// cluster, `b` that to the nearest other cluster; 0 where it is alone in its cluster. The mean lies
/// from -1 to 1; above 0.5 clusters are usually called clear, below 0.25 there is hardly any structure.
///
/// It is taken over `m` of the `n` customers of the base, drawn at random; distances are those among the `m`. So a
/// customer adds to the mean by its own silhouette, and by its distances to those of the others. The standard
/// error is `sqrt((1 - m / n) sum u² / (m (m - 1)))`, `u` being what a customer adds, to first order, less the
/// mean: it is 0 where everybody was drawn. It is about whom the sample holds, the clusters being as they are.
///
/// References: P. J. Rousseeuw (1987), "Silhouettes: a graphical aid to the interpretation and
/// validation of cluster analysis"; B. Efron (1982), "The jackknife, the bootstrap and other resampling plans",
/// chapter 6; W. G. Cochran (1977), "Sampling techniques", section 2.5.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silhouette {
    /// The number of clusters.
    pub k: usize,
    /// The mean silhouette over the customers sampled.
    pub silhouette: f64,
    /// Its standard error as an estimate of the mean over the whole base.
    pub error: f64,
}

/// Where k-means starts from.
#[derive(Debug)]
pub(super) struct Start {
    /// The number of clusters looked for.
    pub(super) k: usize,
    pub(super) centroids: Vec<Point>,
    pub(super) silhouettes: Vec<Silhouette>,
    pub(super) warnings: Vec<String>,
    /// For what else is drawn at random.
    pub(super) rng: Xoshiro256Plus,
}

/// Takes the number of clusters with the highest mean silhouette, of equal ones the lowest number, and starts it
/// afresh, more often. Numbers closer to one another than their errors are not held to be equal.
///
/// `sample` holds customers of a base of `everybody` in random order, so that its beginning is a sample, too.
pub(super) fn choose(
    sample: &[Point],
    everybody: usize,
    settings: &ClusterSettings,
    control: &Control,
) -> Result<Start, ClusterError> {
    let mut rng = Xoshiro256Plus::seed_from_u64(settings.seed);
    let few = &sample[..sample.len().min(settings.silhouette_rows)];
    let (numbers, warnings) = numbers(settings, sample);
    let mut tried = Vec::new();
    if numbers.start() < numbers.end() {
        let starts = settings.starts.min(STARTS_TO_CHOOSE);
        let rngs: Vec<(usize, Xoshiro256Plus)> = numbers.clone().map(|k| (k, jumped(&mut rng))).collect();
        let start = |(k, mut rng)| {
            control.check()?;
            Ok(best_start(sample, k, starts, &mut rng, MOST_ROUNDS)?)
        };
        tried = rngs.into_par_iter().map(start).collect::<Result<_, ClusterError>>()?;
    }
    control.check()?;
    let mut silhouettes = silhouettes(few, everybody, &tried);
    let k = best(&silhouettes).unwrap_or(*numbers.start());
    let centroids = best_start(sample, k, settings.starts, &mut jumped(&mut rng), MOST_ROUNDS)?;
    if silhouettes.is_empty() {
        silhouettes = self::silhouettes(few, everybody, std::slice::from_ref(&centroids));
    }
    Ok(Start { k, centroids, silhouettes, warnings, rng: jumped(&mut rng) })
}

/// The number with the highest silhouette, of equal ones the lowest.
fn best(silhouettes: &[Silhouette]) -> Option<usize> {
    let higher = |best: Silhouette, tried: Silhouette| if tried.silhouette > best.silhouette { tried } else { best };
    silhouettes.iter().copied().reduce(higher).map(|best| best.k)
}

/// The numbers of clusters to try, no higher than there are distinct points.
fn numbers(settings: &ClusterSettings, sample: &[Point]) -> (RangeInclusive<usize>, Vec<String>) {
    let distinct = distinct(sample);
    match settings.k {
        ClusterCount::Auto if distinct == 1 => (1..=1, vec!["all customers are alike: there is one cluster".into()]),
        ClusterCount::Auto => (2..=settings.k_max.min(distinct), Vec::new()),
        ClusterCount::Fixed(k) if k > distinct => {
            let why = format!("customers have only {distinct} distinct features: k is {distinct} in place of {k}");
            (distinct..=distinct, vec![why])
        }
        ClusterCount::Fixed(k) => (k..=k, Vec::new()),
    }
}

fn distinct(points: &[Point]) -> usize {
    let mut sorted = points.to_vec();
    sorted.sort_unstable_by(compare);
    sorted.dedup();
    sorted.len()
}

/// A generator that overlaps with none of the others: [`best_start`] jumps from it, this jumps further.
fn jumped(rng: &mut Xoshiro256Plus) -> Xoshiro256Plus {
    rng.long_jump();
    rng.clone()
}

/// Which cluster each point belongs to, and how many belong to each.
struct Labelling {
    cluster: Vec<u16>,
    sizes: Vec<usize>,
}

impl Labelling {
    fn new(points: &[Point], centroids: &[Point]) -> Self {
        let cluster: Vec<u16> = points.iter().map(|point| nearest(centroids, point) as u16).collect();
        let mut sizes = vec![0; centroids.len()];
        cluster.iter().for_each(|&cluster| sizes[usize::from(cluster)] += 1);
        Labelling { cluster, sizes }
    }

    /// A point's silhouette from the sums of its distances to each cluster.
    fn width(&self, point: usize, sums: &[f64]) -> Width {
        let own = usize::from(self.cluster[point]);
        let others = (0..sums.len()).filter(|&other| other != own && self.sizes[other] > 0);
        let means = others.map(|other| (other, sums[other] / self.sizes[other] as f64));
        let nearest = means.reduce(|best, next| if next.1 < best.1 { next } else { best });
        let friends = (self.sizes[own] - 1) as f64;
        match nearest {
            Some((other, b)) if friends > 0.0 => {
                Width::new([own, other], [sums[own] / friends, b], [friends, self.sizes[other] as f64])
            }
            _ => Width::default(),
        }
    }
}

/// A point's silhouette, and what it owes to the distances to others.
#[derive(Debug, Clone, Copy, Default)]
struct Width {
    silhouette: f64,
    /// Its cluster, and the nearest other one.
    clusters: [usize; 2],
    /// The mean distances to them.
    means: [f64; 2],
    /// By how much the silhouette grows with the distance to one point of them.
    slopes: [f64; 2],
}

impl Width {
    fn new(clusters: [usize; 2], [a, b]: [f64; 2], [friends, strangers]: [f64; 2]) -> Self {
        let (silhouette, by_a, by_b) = match a.max(b) {
            0.0 => return Width::default(),
            larger if a <= b => (1.0 - a / larger, -1.0 / larger, a / larger / larger),
            larger => (b / larger - 1.0, -b / larger / larger, 1.0 / larger),
        };
        Width { silhouette, clusters, means: [a, b], slopes: [by_a / friends, by_b / strangers] }
    }
}

/// The points in an order in which those that no labelling tells apart stand together: a distance is then added once,
/// and not once for each labelling.
struct Alike {
    /// Which points, one after the other.
    order: Vec<usize>,
    /// The places of points alike.
    runs: Vec<Range<usize>>,
    /// The coordinates in this order.
    coordinates: [Vec<f64>; 3],
}

impl Alike {
    fn new(points: &[Point], labellings: &[Labelling]) -> Self {
        let labels = |point: usize| labellings.iter().map(move |labelling| labelling.cluster[point]);
        let mut order: Vec<usize> = (0..points.len()).collect();
        order.sort_by(|&a, &b| labels(a).cmp(labels(b)));
        let mut runs: Vec<Range<usize>> = Vec::new();
        for run in order.chunk_by(|&a, &b| labels(a).eq(labels(b))) {
            let start = runs.last().map_or(0, |run| run.end);
            runs.push(start..start + run.len());
        }
        let coordinates = std::array::from_fn(|place| order.iter().map(|&point| points[point][place]).collect());
        Alike { order, runs, coordinates }
    }

    /// A point's distances to all, in this order.
    fn distances(&self, point: &Point, distances: &mut Vec<f64>) {
        let [x, y, z] = &self.coordinates;
        let distance = |((x, y), z): ((&f64, &f64), &f64)| {
            let off = [x - point[0], y - point[1], z - point[2]];
            (off[0] * off[0] + off[1] * off[1] + off[2] * off[2]).sqrt()
        };
        distances.clear();
        distances.extend(x.iter().zip(y).zip(z).map(distance));
    }

    /// A point's silhouette in each labelling.
    fn widths(&self, labellings: &[Labelling], point: usize, distances: &[f64]) -> Vec<Width> {
        let sums: Vec<f64> = self.runs.iter().map(|run| distances[run.clone()].iter().sum()).collect();
        let width = |labelling: &Labelling| {
            let mut of_clusters = vec![0.0; labelling.sizes.len()];
            for (run, sum) in self.runs.iter().zip(&sums) {
                of_clusters[usize::from(labelling.cluster[self.order[run.start]])] += sum;
            }
            labelling.width(point, &of_clusters)
        };
        labellings.iter().map(width).collect()
    }

    /// For each point, what `work` makes of its distances.
    fn for_each<T: Send>(&self, points: &[Point], work: impl Fn(usize, &[f64]) -> T + Sync) -> Vec<T> {
        let of_point = |distances: &mut Vec<f64>, point: usize| {
            self.distances(&points[point], distances);
            work(point, distances)
        };
        (0..points.len()).into_par_iter().map_init(Vec::new, of_point).collect()
    }
}

/// The mean silhouette for each set of two or more centroids.
fn silhouettes(points: &[Point], everybody: usize, starts: &[Vec<Point>]) -> Vec<Silhouette> {
    let starts: Vec<&Vec<Point>> = starts.iter().filter(|centroids| centroids.len() > 1).collect();
    if starts.is_empty() {
        return Vec::new();
    }
    let labellings: Vec<Labelling> = starts.iter().map(|centroids| Labelling::new(points, centroids)).collect();
    let alike = Alike::new(points, &labellings);
    let widths = alike.for_each(points, |point, distances| alike.widths(&labellings, point, distances));
    let of = |tried: usize| widths.iter().map(|of_point| of_point[tried]).collect::<Vec<Width>>();
    let widths: Vec<Vec<Width>> = (0..starts.len()).map(of).collect();
    let errors = match points.len() < everybody {
        true => errors(points, everybody, &alike, &labellings, &widths),
        false => vec![0.0; starts.len()],
    };
    let of = |((start, widths), error): ((&&Vec<Point>, &Vec<Width>), f64)| Silhouette {
        k: start.len(),
        silhouette: mean(widths.iter().map(|width| width.silhouette)),
        error,
    };
    starts.iter().zip(&widths).zip(errors).map(of).collect()
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

/// The standard errors of the mean silhouettes.
fn errors(
    points: &[Point],
    everybody: usize,
    alike: &Alike,
    labellings: &[Labelling],
    widths: &[Vec<Width>],
) -> Vec<f64> {
    let slopes: Vec<Slopes> =
        widths.iter().zip(labellings).map(|(widths, of)| Slopes::new(widths, of, alike)).collect();
    let added = alike.for_each(points, |point, distances| {
        let each = slopes.iter().zip(widths).zip(labellings);
        let added = |((slopes, widths), labelling): ((&Slopes, &Vec<Width>), &Labelling)| {
            slopes.added(&widths[point], usize::from(labelling.cluster[point]), distances)
        };
        each.map(added).collect::<Vec<f64>>()
    });
    let count = points.len() as f64;
    let error = |tried: usize| {
        let mean = mean(added.iter().map(|added| added[tried]));
        let squares: f64 = added.iter().map(|added| (added[tried] - mean) * (added[tried] - mean)).sum();
        ((1.0 - count / everybody as f64) * squares / (count * (count - 1.0).max(1.0))).sqrt()
    };
    (0..labellings.len()).map(error).collect()
}

/// By how much the silhouettes of all grow with their distances to a point of each cluster.
struct Slopes {
    /// A row a cluster, a column a point in the order of [`Alike`].
    of_clusters: Vec<Vec<f64>>,
    /// The same times the mean distances, summed over the points.
    at_means: Vec<f64>,
}

impl Slopes {
    fn new(widths: &[Width], labelling: &Labelling, alike: &Alike) -> Self {
        let clusters = labelling.sizes.len();
        let mut slopes = Slopes { of_clusters: vec![vec![0.0; widths.len()]; clusters], at_means: vec![0.0; clusters] };
        for (place, width) in alike.order.iter().map(|&point| &widths[point]).enumerate() {
            for ((&cluster, slope), mean) in width.clusters.iter().zip(width.slopes).zip(width.means) {
                slopes.of_clusters[cluster][place] += slope;
                slopes.at_means[cluster] += slope * mean;
            }
        }
        slopes
    }

    /// What a point of a cluster adds to the silhouettes of all: its own, and its distances less the mean ones.
    fn added(&self, width: &Width, cluster: usize, distances: &[f64]) -> f64 {
        let own = width.slopes[0] * width.means[0];
        width.silhouette + product(&self.of_clusters[cluster], distances) - self.at_means[cluster] + own
    }
}

/// The scalar product, in four sums that do not wait for one another.
fn product(a: &[f64], b: &[f64]) -> f64 {
    let ((fours, rest), (other_fours, other_rest)) = (a.as_chunks::<4>(), b.as_chunks::<4>());
    let mut sums = [0.0; 4];
    for (a, b) in fours.iter().zip(other_fours) {
        sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum += a * b);
    }
    let left: f64 = rest.iter().zip(other_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + left
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test that cannot go on says so by panicking
mod tests {
    use crate::clusters::choose_k::*;
    use crate::clusters::k_means::squared_distance;
    use rand::Rng;

    /// Points of a cloud with a denser middle, in random order.
    fn cloud(count: usize, seed: u64) -> Vec<Point> {
        let mut rng = Xoshiro256Plus::seed_from_u64(seed);
        let mut coordinate = || rng.gen_range(-1.0_f64..1.0).powi(3);
        (0..count).map(|_| std::array::from_fn(|_| coordinate())).collect()
    }

    fn starts(points: &[Point], numbers: &[usize]) -> Vec<Vec<Point>> {
        let start = |&k| best_start(points, k, 1, &mut Xoshiro256Plus::seed_from_u64(3), 100);
        numbers.iter().map(start).collect::<Result<_, _>>().unwrap()
    }

    /// Rousseeuw's definition, one pair of points at a time.
    fn by_definition(points: &[Point], centroids: &[Point]) -> f64 {
        let nearest = |point: &Point| {
            let distance = |at: &usize| squared_distance(point, &centroids[*at]);
            (0..centroids.len()).min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap()
        };
        let cluster: Vec<usize> = points.iter().map(nearest).collect();
        let mean = |i: usize, of: usize| {
            let others: Vec<usize> = (0..points.len()).filter(|&j| j != i && cluster[j] == of).collect();
            let sum: f64 = others.iter().map(|&j| squared_distance(&points[i], &points[j]).sqrt()).sum();
            (!others.is_empty()).then(|| sum / others.len() as f64)
        };
        let of = |i: usize| {
            let others = (0..centroids.len()).filter(|&of| of != cluster[i]).filter_map(|of| mean(i, of));
            let b = others.fold(f64::INFINITY, f64::min);
            mean(i, cluster[i]).map_or(0.0, |a| (b - a) / a.max(b))
        };
        (0..points.len()).map(of).sum::<f64>() / points.len() as f64
    }

    #[test]
    fn silhouettes_are_those_of_the_definition() {
        let points = cloud(300, 1);
        let starts = starts(&points, &[2, 3, 5, 8, 40]);
        let fast = silhouettes(&points, 300, &starts);
        for (fast, start) in fast.iter().zip(&starts) {
            // Some hundred distances, summed in another order.
            assert!((fast.silhouette - by_definition(&points, start)).abs() < 1e-13, "{fast:?}");
            assert_eq!((fast.k, fast.error), (start.len(), 0.0));
        }
    }

    #[test]
    fn the_error_is_that_of_repeated_samples() {
        let points = cloud(3_000, 2);
        let starts = starts(&points, &[2, 4]);
        let all = silhouettes(&points, 3_000, &starts);
        let samples: Vec<Vec<Silhouette>> = points.chunks(300).map(|few| silhouettes(few, 3_000, &starts)).collect();
        for tried in 0..starts.len() {
            let offs = samples.iter().map(|s| (s[tried].silhouette - all[tried].silhouette) / s[tried].error);
            let squares: f64 = offs.map(|off| off * off).sum();
            // Chi-squared of ten samples: 99.9 % are between 1.3 and 32.
            assert!((1.3..32.0).contains(&squares), "{squares}");
        }
    }

    #[test]
    fn the_error_is_that_of_leaving_one_out() {
        let points = cloud(240, 4);
        for start in starts(&points, &[2, 3, 6]) {
            let mean = |points: &[Point]| by_definition(points, &start);
            let without = |i: usize| mean(&[&points[..i], &points[i + 1..]].concat());
            let means: Vec<f64> = (0..points.len()).map(without).collect();
            let middle = means.iter().sum::<f64>() / 240.0;
            let squares: f64 = means.iter().map(|mean| (mean - middle) * (mean - middle)).sum();
            // The jackknife, and half the base drawn.
            let jackknife = (0.5 * squares * 239.0 / 240.0).sqrt();
            let error = silhouettes(&points, 480, std::slice::from_ref(&start))[0].error;
            // First order against differences: they part by a few in 240.
            assert!((error / jackknife - 1.0).abs() < 0.03, "{error} {jackknife}");
        }
    }

    #[test]
    fn of_equal_silhouettes_the_lowest_number_is_taken() {
        let of = |k, silhouette| Silhouette { k, silhouette, error: 0.1 };
        assert_eq!(best(&[of(2, 0.3), of(3, 0.5), of(4, 0.5)]), Some(3));
        assert_eq!(best(&[]), None);
    }
}
