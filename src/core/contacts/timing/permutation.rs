//! P-values by circular shift, and their adjustment for being many.
//!
//! Where contacts have nothing to do with purchases and the rate is even, a customer's events moved
//! around the circle of its own time by any amount are as likely as they are. The statistic of a cell
//! is how far its events are from their expectation, all customers shifted at once, each by an amount
//! of its own; the p-value is the rank of the true one among so many draws.
//!
//! Of many customers the sum is as good as normal, with a mean that is known and a variance `v` that is the sum of
//! theirs, since each is shifted by itself. A few draws a customer settle that sum, so from [`MANY_EVENTS`] events on
//! the p-value of a cell is read off the normal distribution where that holds: where it has [`MANY_EXPECTED`] events
//! to be expected, a variance of [`MUCH_VARIANCE`] and [`MANY_CUSTOMERS`] effective customers to carry it,
//!
//! ```text
//! (sum of v)^2 / sum of v^2,      over customers: their number where all vary alike, 1 where one makes all of it
//! ```
//!
//! One customer with thousands of contacts in a single burst makes a sum of two values, not a normal one. The other
//! cells are ranked still, over the customers that were ever in one of them.
//!
//! Source of the effective number: Kish (1965), "Survey Sampling", Wiley.

use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};
use rayon::prelude::*;
use statrs::function::erf::erfc;

use crate::contacts::timing::axis::Resolution;
use crate::contacts::timing::track::Track;
use crate::control::Control;

/// Draws that are made at a time.
const DRAWS: u32 = 32;

/// Events from which on sums are taken to be normal.
const MANY_EVENTS: u64 = 5_000;

/// Expected events of a cell from which on.
const MANY_EXPECTED: f64 = 50.0;

/// Their variance from which on.
const MUCH_VARIANCE: f64 = 10.0;

/// Effective customers that carry it, from which on.
const MANY_CUSTOMERS: f64 = 100.0;

/// Draws a customer, beside what was seen, that settle the variance of such sums.
const VARIANCE_DRAWS: u32 = 32;

/// Customers whose variances are summed in one go.
const BLOCK: usize = 1_024;

/// How customers' events are shifted.
pub(super) struct Shifts<'a> {
    pub(super) resolution: Resolution,
    pub(super) draws: u32,
    pub(super) seed: u64,
    /// Where the run is stopped, what is left is not drawn.
    pub(super) control: &'a Control,
}

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
    pub(super) fn p_values(&self, tracks: &[Track], shifts: &Shifts) -> Vec<f64> {
        let tracks: Vec<&Track> = tracks.iter().filter(|track| track.informs()).collect();
        let events: usize = tracks.iter().map(|track| track.events.len()).sum();
        if (events as u64) < MANY_EVENTS {
            return self.ranked(&tracks, shifts);
        }
        let variances = Variances::of(&tracks, self.events.len(), shifts);
        let is_normal = |cell: usize| self.expected[cell] >= MANY_EXPECTED && variances.are_normal(cell);
        let others: Vec<&Track> =
            tracks.iter().copied().filter(|track| track.cells().any(|cell| !is_normal(usize::from(cell)))).collect();
        let ranked = self.ranked(&others, shifts);
        let p_value = |cell| if is_normal(cell) { self.normal(cell, variances.sums[cell]) } else { ranked[cell] };
        (0..self.events.len()).map(p_value).collect()
    }

    /// By rank. Customers that were never in a cell neither add to it nor to its expectation.
    fn ranked(&self, tracks: &[&Track], shifts: &Shifts) -> Vec<f64> {
        let draws = shifts.draws;
        let chunks: Vec<u32> = (0..draws.div_ceil(DRAWS)).collect();
        let far = |&chunk: &u32| self.as_far(tracks, shifts, DRAWS.min(draws - chunk * DRAWS), chunk);
        let all = chunks.par_iter().map(far).reduce(|| vec![0; self.events.len()], add);
        all.into_iter().map(|as_far| f64::from(1 + as_far) / f64::from(1 + draws)).collect()
    }

    /// By the normal distribution.
    fn normal(&self, cell: usize, variance: f64) -> f64 {
        erfc(self.seen(cell) / (2.0 * variance).sqrt())
    }

    /// How many of some draws are as far from expectation as what was seen, by cell.
    fn as_far(&self, tracks: &[&Track], shifts: &Shifts, draws: u32, chunk: u32) -> Vec<u32> {
        let cells = self.events.len();
        let mut drawn = vec![0_u32; draws as usize * cells];
        for track in tracks.iter().take_while(|_| !shifts.control.is_cancelled()) {
            let mut chance = SplitMix64::seed_from_u64(mix(mix(shifts.seed, chunk.into()), track.key));
            for row in drawn.chunks_exact_mut(cells) {
                let shift = shifts.resolution.shift(unit(chance.next_u64()) * track.length);
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

/// The variances of the events in each cell under shifts, one a customer: their sums, and those of their squares.
struct Variances {
    sums: Vec<f64>,
    squares: Vec<f64>,
}

impl Variances {
    fn none(cells: usize) -> Self {
        Variances { sums: vec![0.0; cells], squares: vec![0.0; cells] }
    }

    fn of(tracks: &[&Track], cells: usize, shifts: &Shifts) -> Self {
        let block = |tracks: &[&Track]| {
            let tracks = tracks.iter().take_while(|_| !shifts.control.is_cancelled());
            tracks.fold(Variances::none(cells), |block, track| {
                let variances = variances(track, cells, shifts);
                block.plus(Variances { squares: variances.iter().map(|v| v * v).collect(), sums: variances })
            })
        };
        let blocks: Vec<Variances> = tracks.par_chunks(BLOCK).map(block).collect();
        // In the order of the blocks, so that the sums are the same on any number of threads.
        blocks.into_iter().fold(Variances::none(cells), Variances::plus)
    }

    fn plus(mut self, other: Self) -> Self {
        self.sums.iter_mut().zip(other.sums).for_each(|(sum, more)| *sum += more);
        self.squares.iter_mut().zip(other.squares).for_each(|(sum, more)| *sum += more);
        self
    }

    /// Whether a cell varies enough, by enough customers, for a sum to be as good as normal.
    fn are_normal(&self, cell: usize) -> bool {
        let (sum, squares) = (self.sums[cell], self.squares[cell]);
        sum >= MUCH_VARIANCE && sum * sum >= MANY_CUSTOMERS * squares
    }
}

/// The variance of a customer's events in each cell under shifts.
fn variances(track: &Track, cells: usize, shifts: &Shifts) -> Vec<f64> {
    let mut chance = SplitMix64::seed_from_u64(mix(mix(shifts.seed, u64::MAX), track.key));
    let drawn = (0..VARIANCE_DRAWS).map(|_| shifts.resolution.shift(unit(chance.next_u64()) * track.length));
    let means = means(track, cells);
    let (mut events, mut variances) = (vec![0_u32; cells], vec![0.0; cells]);
    // What was seen is one of the draws: a burst in a window so narrow that the others miss it is not missed.
    for shift in std::iter::once(0.0).chain(drawn) {
        track.tally(shift, |cell| events[usize::from(cell)] += 1);
        for ((variance, events), mean) in variances.iter_mut().zip(&mut events).zip(&means) {
            *variance += (f64::from(std::mem::take(events)) - mean).powi(2) / f64::from(1 + VARIANCE_DRAWS);
        }
    }
    variances
}

/// The mean of a customer's events in each cell under shifts: known, not drawn.
fn means(track: &Track, cells: usize) -> Vec<f64> {
    let rate = track.events.len() as f64 / track.length;
    let mut means = vec![0.0; cells];
    for (days, cells) in track.stretches() {
        cells.iter().for_each(|&cell| means[usize::from(cell)] += rate * days);
    }
    means
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
    use std::sync::LazyLock;

    use crate::contacts::timing::permutation::*;
    use crate::contacts::timing::track::Windows;

    /// By the clock.
    fn shifts(draws: u32, seed: u64) -> Shifts<'static> {
        static CONTROL: LazyLock<Control> = LazyLock::new(Control::default);
        Shifts { resolution: Resolution::Clocks, draws, seed, control: &CONTROL }
    }

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
        let ranked = counts.ranked(&tracks, &shifts(4_000, 9));
        let variances = Variances::of(&tracks, 2, &shifts(0, 9));
        for (cell, ranked) in ranked.into_iter().enumerate() {
            assert!(variances.are_normal(cell));
            let normal = counts.normal(cell, variances.sums[cell]);
            let chance = 4.0 * (normal * (1.0 - normal) / 4_000.0).sqrt();
            // Four standard errors of the rank, and what whole numbers are off a smooth curve.
            assert!((ranked - normal).abs() < chance + 0.02, "{ranked} {normal}");
        }
    }

    /// 3,000 customers with three events each and a contact of either kind, anywhere, and one whose 8,000 events
    /// all lie in the one day after its contact of the second kind.
    fn with_a_burst(length: f64) -> Vec<Track> {
        let windows = Windows::new(&[0.0, 1.0], Resolution::Clocks);
        let plain = |key: u64| {
            let at = |part: u64| unit(mix(key, part)) * 100.0;
            Track::new(key, 100.0, vec![at(1), at(2), at(3)], vec![(0, at(4)), (1, at(5))], 2, &windows)
        };
        let burst = (0..8_000).map(|event| 50.0 + f64::from(event) / 16_000.0).collect();
        let burst = Track::new(3_000, length, burst, vec![(1, 50.0)], 2, &windows);
        (0..3_000).map(plain).chain([burst]).collect()
    }

    #[test]
    fn a_cell_whose_variance_is_one_customers_is_ranked() {
        let tracks = with_a_burst(100.0);
        let counts = Counts::of(&tracks, 2);
        assert!(counts.expected.iter().all(|&expected| expected >= MANY_EXPECTED));
        let p_values = counts.p_values(&tracks, &shifts(1_999, 9));
        let tracks: Vec<&Track> = tracks.iter().collect();
        let variances = Variances::of(&tracks, 2, &shifts(0, 9));
        assert_eq!(p_values[0], counts.normal(0, variances.sums[0]));
        assert_eq!(p_values[1], counts.ranked(&tracks, &shifts(1_999, 9))[1]);
        // All of the burst is in the window after 1 shift in 200, some of it after 1 in 67.
        assert!(p_values[1] > 0.002 && p_values[1] < 0.015, "{p_values:?}");
        assert!(counts.normal(1, variances.sums[1]) < 1e-6); // what was claimed of one customer's burst
    }

    #[test]
    fn a_burst_is_seen_in_a_window_that_hardly_any_shift_meets() {
        let tracks = with_a_burst(1e6);
        let variances = Variances::of(&tracks.iter().collect::<Vec<_>>(), 2, &shifts(0, 9));
        assert!(variances.are_normal(0) && !variances.are_normal(1));
    }

    #[test]
    fn variances_by_hand() {
        // In the window a quarter of the time: 1/4 x 3/4 a customer.
        let tracks = tracks(&[1.5], 2_000);
        let variances = Variances::of(&tracks.iter().collect::<Vec<_>>(), 1, &shifts(0, 1));
        // The shift that was seen, 1 of 33, has the event in the window.
        let by_hand = 2_000.0 * (32.0 * 0.1875 + 0.5625) / 33.0;
        assert!((variances.sums[0] / by_hand - 1.0).abs() < 0.02, "{}", variances.sums[0]); // its sd is 0.0038
        let even = Variances { sums: vec![10.0; 2], squares: vec![1.0, 1.01] }; // 100 and 99 customers
        assert!(even.are_normal(0) && !even.are_normal(1));
        let still = Variances { sums: vec![0.0, 9.9], squares: vec![0.0, 0.01] };
        assert!(!still.are_normal(0) && !still.are_normal(1));
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
        let p = counts.p_values(&tracks, &shifts(9_999, 1))[0];
        assert!((p - 0.25).abs() < 0.02, "{p}"); // binomial sd 0.0043
    }

    #[test]
    fn events_that_are_all_in_the_window_are_rare_by_chance() {
        let tracks = tracks(&[1.5], 20);
        let p = Counts::of(&tracks, 1).p_values(&tracks, &shifts(999, 1))[0];
        assert_eq!(p, 0.001); // 0.25^20
    }

    #[test]
    fn the_number_of_threads_does_not_matter() {
        for customers in [50, 5_000] {
            let tracks = tracks(&[0.2, 1.5, 3.0], customers); // ranked, normal
            let p = || Counts::of(&tracks, 1).p_values(&tracks, &shifts(500, 7));
            let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread").install(p);
            assert_eq!(alone, p());
        }
    }
}
