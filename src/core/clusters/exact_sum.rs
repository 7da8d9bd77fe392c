//! Sums of floating-point numbers that depend neither on their order nor on the number of threads.
//!
//! Each term is taken as a whole number of steps of a grid, and whole numbers add up exactly. A step is at most
//! 2^-61 of the largest term, so the grid is finer than the rounding of one floating-point addition. No step is below
//! 2^-1000: terms that are all below 1e-282 keep fewer digits.

use rayon::prelude::*;

/// Bits of a term on the grid, its sign left out.
const BITS: i32 = 62;
/// Terms that one task takes at least.
const TASK: usize = 16_384;

/// A grid for terms up to a size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Grid {
    /// A power of two.
    steps_per_unit: f64,
}

impl Grid {
    /// The grid for terms that are at most `largest` in size.
    pub(super) fn up_to(largest: f64) -> Self {
        // `largest` is below 2 to this power.
        let power = ((largest.to_bits() >> 52) & 0x7FF) as i32 - 1_022;
        Grid { steps_per_unit: 2.0_f64.powi((BITS - power).min(1_000)) }
    }

    /// A term as steps.
    pub(super) fn steps(self, term: f64) -> i64 {
        (term * self.steps_per_unit) as i64
    }

    /// The mean of `count` terms from the sum of their steps; the mean of equal terms is the term itself.
    pub(super) fn mean(self, steps: i128, count: usize) -> f64 {
        let spare = steps.unsigned_abs().leading_zeros().saturating_sub(1).min(60);
        let finer = (steps << spare) / (count.max(1) as i128);
        finer as f64 / 2.0_f64.powi(spare as i32) / self.steps_per_unit
    }
}

/// The mean of `term(0)`, …, `term(count - 1)`.
pub(super) fn mean(count: usize, term: impl Fn(usize) -> f64 + Sync) -> f64 {
    let places = || (0..count).into_par_iter().with_min_len(TASK);
    let grid = Grid::up_to(places().map(|place| term(place).abs()).reduce(|| 0.0, f64::max));
    grid.mean(places().map(|place| i128::from(grid.steps(term(place)))).sum(), count)
}

#[cfg(test)]
mod tests {
    use crate::clusters::exact_sum::*;
    use rand::seq::SliceRandom;
    use rand::{Rng, SeedableRng};
    use rand_xoshiro::Xoshiro256Plus;

    #[test]
    fn any_order_gives_the_same_bits() {
        let mut rng = Xoshiro256Plus::seed_from_u64(1);
        let mut terms: Vec<f64> = (0..50_000).map(|_| rng.gen_range(-1.0_f64..1.0).powi(9) * 1e7).collect();
        let before = mean(terms.len(), |i| terms[i]);
        let plain = terms.iter().sum::<f64>() / terms.len() as f64;
        // 50,000 plain additions of up to 1e7 round by 1e-9 each at most, and mostly cancel.
        assert!((before - plain).abs() < 1e-8, "{before} {plain}");
        for _ in 0..5 {
            terms.shuffle(&mut rng);
            assert_eq!(mean(terms.len(), |i| terms[i]).to_bits(), before.to_bits());
        }
    }

    #[test]
    fn the_mean_of_equal_terms_is_the_term() {
        for term in [0.0, 0.1, -1.0 / 3.0, 1e-281, 7e150, -1e-20] {
            for count in [1, 3, 7, 49, 1_000] {
                assert_eq!(mean(count, |_| term), term, "{term} {count}");
            }
        }
    }

    #[test]
    fn the_mean_of_nothing_is_0() {
        assert_eq!(mean(0, |_| 1.0), 0.0);
    }
}
