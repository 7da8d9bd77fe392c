//! What a customer spends on all its purchase days together, however many these turn out to be.
//!
//! The spend of `n` days is `v` times a beta prime variable with shapes `p n` and `q`, so that
//!
//! ```text
//! P(sum > v y) = Σ_n P(n) I(q, p n),   I the incomplete beta function at 1 / (1 + y)
//! ```
//!
//! The incomplete beta functions depend on `q`, thus on how many days of a customer were seen, and on nothing else of
//! it. They are tabulated on a grid of `ln y`, a column only when somebody asks for it, together with their exact
//! slopes: a cubic between two columns is then exact to about 1e-5 of probability.

use std::sync::{LazyLock, OnceLock};

use crate::models::MOST_COUNTS;
use crate::numeric::incomplete_beta::incomplete_beta;

/// Up to here every count is worked out by itself.
const EACH: usize = 64;
/// Products that are summed side by side.
const LANES: usize = 8;
/// Nodes worked out together.
const CHUNK: usize = 32;
/// Columns lie this part of a standard deviation of `ln y` apart.
const STEP: f64 = 0.25;
/// Below the first column lies this part of the sums of a single day.
const BELOW: f64 = 1e-4;
/// Columns below the middle, at most: so small a `p` that more were needed has sums that are practically zero.
const MOST_BELOW: usize = 4_000;

/// The counts that are worked out: each up to [`EACH`], then ever further apart; what lies between is shared out.
static NODES: LazyLock<Vec<u32>> = LazyLock::new(|| {
    let mut nodes: Vec<u32> = (1..=EACH as u32).collect();
    let mut last = EACH as u32;
    while last < MOST_COUNTS {
        last += last.div_ceil(EACH as u32);
        nodes.push(last);
    }
    nodes
});

/// A column's probabilities that the sum is larger, and the densities of the sum's logarithm.
#[derive(Debug)]
struct Chunk {
    above: [f64; CHUNK],
    density: [f64; CHUNK],
}

type Column = Vec<OnceLock<Box<Chunk>>>;

/// Sums of spend in units of `v`, for customers of whom equally many days were seen.
#[derive(Debug)]
pub(super) struct SpendSums {
    p: f64,
    q: f64,
    /// `ln y`, rising.
    grid: Vec<f64>,
    columns: Vec<OnceLock<Column>>,
}

/// A quantile of the logarithm of a sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Quantile {
    /// `ln y`.
    pub(super) log: f64,
    /// The slope of the logarithm of its density.
    pub(super) bend: f64,
}

/// What may be asked of a column.
#[derive(Debug, Clone, Copy)]
pub(super) enum What {
    /// The probability that the sum is larger.
    Above,
    /// The density of the sum's logarithm.
    Density,
}

impl SpendSums {
    /// For sums of at most so many days.
    pub(super) fn new(p: f64, q: f64, most: usize) -> Self {
        let grid = grid(p, q, most.max(1) as f64);
        let columns = grid.iter().map(|_| OnceLock::new()).collect();
        SpendSums { p, q, grid, columns }
    }

    /// How many columns there are.
    pub(super) fn columns(&self) -> usize {
        self.grid.len()
    }

    /// The value that the sum exceeds with probability `target`, where `any` is the probability of any purchase, which is
    /// larger, and `at` says what is asked of a column.
    pub(super) fn quantile(&self, any: f64, target: f64, mut at: impl FnMut(usize, What) -> f64) -> Quantile {
        let first = at(0, What::Above);
        if first < target {
            // Near zero the sum of a day is distributed as its p-th power, and others hardly matter.
            let below = ((any - target) / (any - first)).clamp(0.0, 1.0);
            return Quantile { log: self.grid[0] + below.ln() / self.p, bend: self.p };
        }
        let (mut low, mut high) = (0, self.grid.len() - 1);
        if at(high, What::Above) >= target {
            return Quantile { log: self.grid[high], bend: 0.0 };
        }
        while high - low > 1 {
            let middle = (low + high) / 2;
            if at(middle, What::Above) >= target { low = middle } else { high = middle }
        }
        self.between(low, target, [low, low + 1].map(|column| [at(column, What::Above), at(column, What::Density)]))
    }

    /// The quantile between a column and the next one, given both.
    fn between(&self, column: usize, target: f64, ends: [[f64; 2]; 2]) -> Quantile {
        let step = self.grid[column + 1] - self.grid[column];
        let cubic = Cubic::through(ends.map(|end| end[0] - target), ends.map(|end| -step * end[1]));
        let at = cubic.root();
        let (slope, curve) = cubic.slopes(at);
        let bend = if slope < 0.0 { curve / slope / step } else { 0.0 };
        Quantile { log: self.grid[column] + at * step, bend }
    }

    /// What is asked of a column, where the number of days has these probabilities on the nodes.
    pub(super) fn at(&self, column: usize, nodes: &[f64], what: What) -> f64 {
        match what {
            What::Above => self.weighted(column, nodes, |chunk| &chunk.above),
            What::Density => self.weighted(column, nodes, |chunk| &chunk.density),
        }
    }

    fn weighted(&self, column: usize, nodes: &[f64], of: impl Fn(&Chunk) -> &[f64; CHUNK]) -> f64 {
        let chunks = self.columns[column].get_or_init(|| NODES.chunks(CHUNK).map(|_| OnceLock::new()).collect());
        let chunk = |(place, weights): (usize, &[f64])| {
            let chunk = chunks[place].get_or_init(|| Box::new(self.chunk(column, place)));
            dot(weights, of(chunk))
        };
        nodes.chunks(CHUNK).enumerate().map(chunk).sum()
    }

    fn chunk(&self, column: usize, place: usize) -> Chunk {
        let mut chunk = Chunk { above: [0.0; CHUNK], density: [0.0; CHUNK] };
        let w = (-self.grid[column]).exp();
        for (i, node) in NODES[place * CHUNK..].iter().take(CHUNK).enumerate() {
            (chunk.above[i], chunk.density[i]) = incomplete_beta(self.q, self.p * f64::from(*node), w);
        }
        chunk
    }
}

/// A sum of products in four parts, which a processor works on at a time.
fn dot(weights: &[f64], values: &[f64]) -> f64 {
    let (weights, values) = (weights.chunks(LANES), values.chunks(LANES));
    let mut sums = [0.0; LANES];
    for (weights, values) in weights.zip(values) {
        for ((sum, weight), value) in sums.iter_mut().zip(weights).zip(values) {
            *sum += weight * value;
        }
    }
    sums.iter().sum()
}

/// Places of `ln y` as far apart as the distribution of the sum around them allows.
fn grid(p: f64, q: f64, most: f64) -> Vec<f64> {
    let deviation = |log: f64| (1.0 / (p * (log.exp() * q / p).max(1.0)) + 1.0 / q).sqrt();
    let middle = (p / q).ln();
    let below = STEP * deviation(middle);
    let mut steps = 1;
    while steps < MOST_BELOW && 1.0 - incomplete_beta(q, p, (below * f64::from(steps as u32) - middle).exp()).0 > BELOW
    {
        steps += 1;
    }
    let mut grid: Vec<f64> = (0..=steps).rev().map(|step| middle - below * step as f64).collect();
    let mut last = middle;
    // Beyond the largest sum as far as a tail of 1e-6 reaches, fat as it may be.
    while incomplete_beta(q, p * most, (-last).exp()).0 > 1e-6 {
        last += STEP * deviation(last);
        grid.push(last);
    }
    grid
}

/// Adds the probabilities of 1, 2, 3, ... days to the nodes, so that the mean stays.
pub(super) fn onto_nodes(probabilities: &[f64]) -> Vec<f64> {
    let mut nodes: Vec<f64> = probabilities.iter().take(EACH).copied().collect();
    let mut left = EACH - 1;
    for (count, probability) in (EACH as u32 + 1..).zip(probabilities.iter().skip(EACH)) {
        while NODES.get(left + 1).is_some_and(|right| *right < count) {
            left += 1;
        }
        nodes.resize(left + 2, 0.0);
        let (from, to) = (f64::from(NODES[left]), f64::from(NODES.get(left + 1).copied().unwrap_or(MOST_COUNTS)));
        let share = ((f64::from(count) - from) / (to - from)).clamp(0.0, 1.0);
        nodes[left] += (1.0 - share) * probability;
        nodes[left + 1] += share * probability;
    }
    nodes
}

/// A cubic on the unit interval.
struct Cubic([f64; 4]);

impl Cubic {
    /// With these values and slopes at the ends.
    fn through([start, end]: [f64; 2], [start_slope, end_slope]: [f64; 2]) -> Self {
        let rise = end - start;
        Cubic([start, start_slope, 3.0 * rise - 2.0 * start_slope - end_slope, start_slope + end_slope - 2.0 * rise])
    }

    fn at(&self, s: f64) -> f64 {
        let Cubic([c0, c1, c2, c3]) = self;
        c0 + s * (c1 + s * (c2 + s * c3))
    }

    /// The first and the second derivative.
    fn slopes(&self, s: f64) -> (f64, f64) {
        let Cubic([_, c1, c2, c3]) = self;
        (c1 + s * (2.0 * c2 + 3.0 * s * c3), 2.0 * c2 + 6.0 * s * c3)
    }

    /// Where it falls through zero: it starts above and ends below.
    fn root(&self) -> f64 {
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..30 {
            let middle = 0.5 * (low + high);
            if self.at(middle) >= 0.0 { low = middle } else { high = middle }
        }
        0.5 * (low + high)
    }
}

#[cfg(test)]
mod tests {
    use crate::intervals::spend_sums::*;

    /// `P(sum > v e^log)`, term by term.
    fn plain(p: f64, q: f64, probabilities: &[f64], log: f64) -> f64 {
        let term =
            |(n, probability): (usize, &f64)| probability * incomplete_beta(q, p * (n + 1) as f64, (-log).exp()).0;
        probabilities.iter().enumerate().map(term).sum()
    }

    /// Geometric probabilities of 1, 2, 3, ... with the rest at 0.
    fn geometric(any: f64, ratio: f64, most: usize) -> Vec<f64> {
        (0..most).map(|n| any * (1.0 - ratio) * ratio.powi(n as i32)).collect()
    }

    fn quantile(sums: &SpendSums, nodes: &[f64], target: f64) -> Quantile {
        sums.quantile(nodes.iter().sum(), target, |column, what| sums.at(column, nodes, what))
    }

    #[test]
    fn quantiles_are_those_of_the_sum_term_by_term() {
        for (p, q) in [(6.25, 3.74), (0.4, 1.2), (90.0, 500.0), (6.25, 66.0)] {
            for (ratio, most) in [(0.1, 30), (0.7, 80), (0.97, 900)] {
                let probabilities = geometric(0.6, ratio, most);
                let sums = SpendSums::new(p, q, most);
                for target in [0.05, 0.1, 0.4, 0.5, 0.59] {
                    let Quantile { log, .. } = quantile(&sums, &onto_nodes(&probabilities), target);
                    let above = plain(p, q, &probabilities, log);
                    assert!((above - target).abs() < 1e-4, "{p} {q} {ratio} {target}: {above}"); // of the cubic
                }
            }
        }
    }

    #[test]
    fn the_bend_is_the_slope_of_the_log_density() {
        let (p, q) = (6.25, 3.74);
        let probabilities = geometric(0.6, 0.7, 80);
        let Quantile { log, bend } = quantile(&SpendSums::new(p, q, 80), &onto_nodes(&probabilities), 0.1);
        let density =
            |at: f64| (plain(p, q, &probabilities, at - 1e-4) - plain(p, q, &probabilities, at + 1e-4)) / 2e-4;
        let slope = (density(log + 1e-2).ln() - density(log - 1e-2).ln()) / 2e-2;
        assert!((bend / slope - 1.0).abs() < 0.05, "{bend} {slope}"); // second differences of a cubic
    }

    #[test]
    fn nodes_keep_mass_and_mean() {
        let probabilities = geometric(0.9, 0.99, 1_500);
        let nodes = onto_nodes(&probabilities);
        let mean =
            |values: &mut dyn Iterator<Item = (f64, f64)>| values.fold((0.0, 0.0), |(m, s), (n, p)| (m + p, s + n * p));
        let plain = mean(&mut (1..).map(f64::from).zip(probabilities.iter().copied()));
        let shared = mean(&mut NODES.iter().map(|n| f64::from(*n)).zip(nodes.iter().copied()));
        assert!((plain.0 - shared.0).abs() < 1e-12 && (plain.1 - shared.1).abs() < 1e-9); // sums of 1,500
        assert!(nodes.len() < 300);
    }
}
