//! P-values by circular shift, and their adjustment for being many.
//!
//! Where contacts have nothing to do with purchases and the rate is even, a customer's events moved
//! around the circle of its own time by any amount are as likely as they are. The statistic of a cell
//! is how far its events are from their expectation, all customers shifted at once, each by an amount
//! of its own; the p-value is the rank of the true one among so many draws.
//!
//! Of many customers the sum is as good as normal, with a mean that is known and a variance that is the sum of
//! theirs, since each is shifted by itself. A few draws a customer settle that sum, so from [`MANY_EVENTS`] events
//! on the p-value of a cell with [`MANY_EXPECTED`] events to be expected is read off the normal distribution. The
//! other cells are ranked still, over the customers that were ever in one of them.

use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};
use rayon::prelude::*;
use statrs::function::erf::erfc;

use super::axis::Resolution;
use super::track::Track;

/// Draws that are made at a time.
const DRAWS: u32 = 32;

/// Events from which on sums are taken to be normal.
const MANY_EVENTS: u64 = 5_000;

/// Expected events of a cell from which on.
const MANY_EXPECTED: f64 = 50.0;

/// Draws a customer that settle the variance of such sums.
const VARIANCE_DRAWS: u32 = 32;

/// Customers whose variances are summed in one go.
const BLOCK: usize = 1_024;

/// What there is in each cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Counts {
    /// Days in the cell.
    pub(super) days: Vec<f64>,
    /// Events in it.
    pub(super) events: Vec<u64>,
    /// Events to be expected if they were spread evenly over each customer's time.
    pub(super) expected: Vec<f64>,
}

impl Counts {
    /// Adds the tracks up.
    pub(super) fn of(tracks: &[Track], cells: usize) -> Self {
        let mut counts = Counts { days: vec![0.0; cells], events: vec![0; cells], expected: vec![0.0; cells] };
        for track in tracks {
            let rate = track.events.len() as f64 / track.length;
            for (days, cells) in track.stretches() {
                for &cell in cells {
                    counts.days[usize::from(cell)] += days;
                    counts.expected[usize::from(cell)] += rate * days;
                }
            }
            track.tally(0.0, |cell| counts.events[usize::from(cell)] += 1);
        }
        counts
    }

    /// The two-sided p-value of each cell: `(1 + draws as far from expectation) / (1 + draws)`, or that of the normal
    /// distribution.
    pub(super) fn p_values(&self, tracks: &[Track], resolution: Resolution, draws: u32, seed: u64) -> Vec<f64> {
        let tracks: Vec<&Track> = tracks.iter().filter(|track| track.informs()).collect();
        let events: usize = tracks.iter().map(|track| track.events.len()).sum();
        if (events as u64) < MANY_EVENTS {
            return self.ranked(&tracks, resolution, draws, seed);
        }
        let is_many = |cell: usize| self.expected[cell] >= MANY_EXPECTED;
        let rare: Vec<&Track> =
            tracks.iter().copied().filter(|track| track.cells().any(|cell| !is_many(usize::from(cell)))).collect();
        let ranked = self.ranked(&rare, resolution, draws, seed);
        let normal = self.normal(&tracks, resolution, seed);
        (0..self.events.len()).map(|cell| if is_many(cell) { normal[cell] } else { ranked[cell] }).collect()
    }

    /// By rank. Customers that were never in a cell neither add to it nor to its expectation.
    fn ranked(&self, tracks: &[&Track], resolution: Resolution, draws: u32, seed: u64) -> Vec<f64> {
        let chunks: Vec<u32> = (0..draws.div_ceil(DRAWS)).collect();
        let far =
            |&chunk: &u32| self.as_far(tracks, resolution, DRAWS.min(draws - chunk * DRAWS), [seed, chunk.into()]);
        let all = chunks.par_iter().map(far).reduce(|| vec![0; self.events.len()], add);
        all.into_iter().map(|as_far| f64::from(1 + as_far) / f64::from(1 + draws)).collect()
    }

    /// By the normal distribution. A cell without variance says nothing: 1.
    fn normal(&self, tracks: &[&Track], resolution: Resolution, seed: u64) -> Vec<f64> {
        let cells = self.events.len();
        let blocks: Vec<Vec<f64>> =
            tracks.par_chunks(BLOCK).map(|tracks| variances(tracks, cells, resolution, seed)).collect();
        // In the order of the blocks, so that the sum is the same on any number of threads.
        let sum = |cell: usize| blocks.iter().map(|block| block[cell]).sum::<f64>();
        let p_value = |cell: usize| match sum(cell) {
            variance if variance > 0.0 => erfc(self.seen(cell) / (2.0 * variance).sqrt()),
            _ => 1.0,
        };
        (0..cells).map(p_value).collect()
    }

    /// How many of some draws are as far from expectation as what was seen, by cell.
    fn as_far(&self, tracks: &[&Track], resolution: Resolution, draws: u32, seed: [u64; 2]) -> Vec<u32> {
        let cells = self.events.len();
        let mut drawn = vec![0_u32; draws as usize * cells];
        for track in tracks {
            let mut chance = SplitMix64::seed_from_u64(mix(mix(seed[0], seed[1]), track.key));
            for row in drawn.chunks_exact_mut(cells) {
                let shift = resolution.shift(unit(chance.next_u64()) * track.length);
                track.tally(shift, |cell| row[usize::from(cell)] += 1);
            }
        }
        let is_far = |row: &[u32], cell: usize| self.distance(f64::from(row[cell]), cell) >= self.seen(cell) - 1e-9;
        let count = |cell| drawn.chunks_exact(cells).filter(|row| is_far(row, cell)).count() as u32;
        (0..cells).map(count).collect()
    }

    fn seen(&self, cell: usize) -> f64 {
        self.distance(self.events[cell] as f64, cell)
    }

    fn distance(&self, events: f64, cell: usize) -> f64 {
        (events - self.expected[cell]).abs()
    }
}

/// The variance of the events in each cell under shifts, summed over customers.
fn variances(tracks: &[&Track], cells: usize, resolution: Resolution, seed: u64) -> Vec<f64> {
    let (mut now, mut sums, mut squares) = (vec![0_u64; cells], vec![0_u64; cells], vec![0_u64; cells]);
    let mut variances = vec![0.0; cells];
    for track in tracks {
        let mut chance = SplitMix64::seed_from_u64(mix(mix(seed, u64::MAX), track.key));
        for _ in 0..VARIANCE_DRAWS {
            let shift = resolution.shift(unit(chance.next_u64()) * track.length);
            track.tally(shift, |cell| now[usize::from(cell)] += 1);
            for cell in 0..cells {
                sums[cell] += now[cell];
                squares[cell] += now[cell] * now[cell];
                now[cell] = 0;
            }
        }
        let draws = f64::from(VARIANCE_DRAWS);
        for cell in 0..cells {
            let (sum, square) = (std::mem::take(&mut sums[cell]) as f64, std::mem::take(&mut squares[cell]) as f64);
            variances[cell] += (square - sum * sum / draws) / (draws - 1.0);
        }
    }
    variances
}

fn add(mut left: Vec<u32>, right: Vec<u32>) -> Vec<u32> {
    left.iter_mut().zip(right).for_each(|(left, right)| *left += right);
    left
}

/// One number of two, near pairs far apart.
pub(super) fn mix(seed: u64, key: u64) -> u64 {
    SplitMix64::seed_from_u64(SplitMix64::seed_from_u64(seed).next_u64() ^ key).next_u64()
}

/// A number from 0 to 1, 1 left out.
fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// Adjusted p-values of a family: the smallest false discovery rate at which each is a discovery.
///
/// Source: Benjamini and Hochberg (1995), "Controlling the false discovery rate", Journal of the Royal
/// Statistical Society B 57(1).
pub(super) fn adjust(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[b].total_cmp(&p_values[a]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut least: f64 = 1.0;
    for (larger, place) in order.into_iter().enumerate() {
        let rank = p_values.len() - larger;
        least = least.min(p_values[place] * p_values.len() as f64 / rank as f64);
        adjusted[place] = least;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::super::track::Windows;
    use super::*;

    fn tracks(events: &[f64], customers: u64) -> Vec<Track> {
        let windows = Windows::new(&[0.0, 1.0], Resolution::Clocks);
        (0..customers).map(|key| Track::new(key, 4.0, events.to_vec(), vec![(0, 1.0)], 1, &windows)).collect()
    }

    #[test]
    fn normal_and_ranked_agree() {
        // Customers with two windows each, events anywhere: the true counts are far out in the first cell.
        let windows = Windows::new(&[0.0, 1.0, 7.0], Resolution::Clocks);
        let track = |key: u64| {
            let at = |part: u64| unit(mix(key, part)) * 100.0;
            Track::new(key, 100.0, vec![at(1), at(2), at(3)], vec![(0, at(4)), (0, at(5))], 1, &windows)
        };
        let tracks: Vec<Track> = (0..3_000).map(track).collect();
        let counts = Counts::of(&tracks, 2);
        let tracks: Vec<&Track> = tracks.iter().collect();
        let (ranked, normal) =
            (counts.ranked(&tracks, Resolution::Clocks, 4_000, 9), counts.normal(&tracks, Resolution::Clocks, 9));
        for (ranked, normal) in ranked.into_iter().zip(normal) {
            let chance = 4.0 * (normal * (1.0 - normal) / 4_000.0).sqrt();
            // Four standard errors of the rank, and what whole numbers are off a smooth curve.
            assert!((ranked - normal).abs() < chance + 0.02, "{ranked} {normal}");
        }
    }

    #[test]
    fn adjusted_by_hand() {
        // 0.01 x 4 / 1, 0.02 x 4 / 2, 0.03 x 4 / 3 and 0.5 x 4 / 4.
        let adjusted = adjust(&[0.02, 0.5, 0.01, 0.03]);
        let expected = [0.04, 0.5, 0.04, 0.04];
        assert!(adjusted.iter().zip(expected).all(|(found, by_hand)| (found - by_hand).abs() < 1e-12)); // rounding
        assert_eq!(adjust(&[]), Vec::<f64>::new());
    }

    #[test]
    fn one_event_of_one_customer_is_in_the_window_a_quarter_of_the_time() {
        let tracks = tracks(&[1.5], 1);
        let counts = Counts::of(&tracks, 1);
        assert_eq!((counts.days[0], counts.events[0], counts.expected[0]), (1.0, 1, 0.25));
        let p = counts.p_values(&tracks, Resolution::Clocks, 9_999, 1)[0];
        assert!((p - 0.25).abs() < 0.02, "{p}"); // binomial sd 0.0043
    }

    #[test]
    fn events_that_are_all_in_the_window_are_rare_by_chance() {
        let tracks = tracks(&[1.5], 20);
        let p = Counts::of(&tracks, 1).p_values(&tracks, Resolution::Clocks, 999, 1)[0];
        assert_eq!(p, 0.001); // 0.25^20
    }

    #[test]
    fn the_number_of_threads_does_not_matter() {
        let tracks = tracks(&[0.2, 1.5, 3.0], 50);
        let p = || Counts::of(&tracks, 1).p_values(&tracks, Resolution::Clocks, 500, 7);
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread").install(p);
        assert_eq!(alone, p());
    }
}
