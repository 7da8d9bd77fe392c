//! Customers in the order of a value, and how well that order finds those who buy.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The places of values in rising order, where equal values form a block: none of them comes before another.
#[derive(Debug, Clone)]
pub(super) struct Ranking {
    order: Vec<u32>,
    /// Where each block of equal values ends in the order.
    ends: Vec<usize>,
}

impl Ranking {
    pub(super) fn of(values: &[f64]) -> Self {
        let mut sorted: Vec<(f64, u32)> = values.iter().copied().zip(0..).collect();
        sorted.par_sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        let mut end = 0;
        let ends = sorted.chunk_by(|one, other| one.0 == other.0).map(|block| {
            end += block.len();
            end
        });
        Ranking { ends: ends.collect(), order: sorted.iter().map(|(_, place)| *place).collect() }
    }

    /// The blocks, each with the number of customers below it.
    fn blocks(&self) -> impl DoubleEndedIterator<Item = (usize, &[u32])> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let bounds: Vec<(usize, usize)> = starts.zip(self.ends.iter().copied()).collect();
        bounds.into_iter().map(|(start, end)| (start, &self.order[start..end]))
    }

    /// Ranks from 1, equal values sharing the mean of theirs; in the order of the values.
    fn mid_ranks(&self) -> Vec<f64> {
        let mut ranks = vec![0.0; self.order.len()];
        for (below, block) in self.blocks() {
            let shared = below as f64 + 0.5 * (block.len() + 1) as f64;
            block.iter().for_each(|&place| ranks[place as usize] = shared);
        }
        ranks
    }

    /// How much of `actual` is with those who rank high: the area between the concentration curve and the diagonal,
    /// twice,
    ///
    /// ```text
    /// G = 2 Σ rank_i a_i / (n Σ a_i) - (n+1)/n
    /// ```
    ///
    /// Shared ranks give the mean over all orders of equal values. 0 where there is nothing to share.
    pub(super) fn concentration(&self, actual: &[f64]) -> f64 {
        let (n, total) = (actual.len() as f64, actual.iter().sum::<f64>());
        let weighted: f64 = self.mid_ranks().iter().zip(actual).map(|(rank, actual)| rank * actual).sum();
        if total > 0.0 { 2.0 * weighted / (n * total) - (n + 1.0) / n } else { 0.0 }
    }

    /// Spearman's correlation: that of the ranks; `None` where all values of one side are equal.
    pub(super) fn correlation(&self, other: &Ranking) -> Option<f64> {
        let middle = 0.5 * (self.order.len() + 1) as f64;
        let (mut together, mut own, mut others) = (0.0, 0.0, 0.0);
        for (one, other) in self.mid_ranks().iter().zip(other.mid_ranks()) {
            let (one, other) = (one - middle, other - middle);
            together += one * other;
            own += one * one;
            others += other * other;
        }
        (own > 0.0 && others > 0.0).then(|| together / (own * others).sqrt())
    }

    /// Customers in ten groups of equal size, those with the highest values first.
    ///
    /// Where a group ends inside a block of equal predictions, the block's purchases are shared out by the number of
    /// customers on either side: what an order drawn at random would give on average.
    pub(super) fn deciles(&self, predicted: &[f64], actual: &[f64]) -> Vec<Decile> {
        let customers = self.order.len();
        let bounds: [usize; 11] = std::array::from_fn(|decile| decile * customers / 10);
        let mut sums = [(0.0, 0.0); 10];
        for (below, block) in self.blocks().rev() {
            let mean = |values: &[f64]| block.iter().map(|&i| values[i as usize]).sum::<f64>() / block.len() as f64;
            let (predicted, actual) = (mean(predicted), mean(actual));
            let mut from = customers - below - block.len();
            let end = customers - below;
            while from < end {
                let decile = bounds.partition_point(|bound| *bound <= from);
                let to = end.min(bounds[decile]);
                let (predicted_sum, actual_sum) = &mut sums[decile - 1];
                *predicted_sum += predicted * (to - from) as f64;
                *actual_sum += actual * (to - from) as f64;
                from = to;
            }
        }
        let decile = |(i, (predicted, actual)): (usize, (f64, f64))| {
            let customers = bounds[i + 1] - bounds[i];
            let mean = |sum: f64| sum / customers as f64;
            (customers > 0).then(|| Decile {
                decile: i + 1,
                customers,
                expected: mean(predicted),
                actual: mean(actual),
            })
        };
        sums.into_iter().enumerate().filter_map(decile).collect()
    }
}

/// A tenth of the customers, ranked by prediction.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Decile {
    /// From 1, the highest predictions, to 10.
    pub decile: usize,
    /// How many customers it has.
    pub customers: usize,
    /// Purchases expected of each, on average.
    pub expected: f64,
    /// Purchases made by each, on average.
    pub actual: f64,
}

#[cfg(test)]
mod tests {
    use crate::validation::ranking::*;
    use proptest::prelude::*;

    #[test]
    fn equal_values_share_their_rank() {
        assert_eq!(Ranking::of(&[3.0, 1.0, 3.0, 2.0]).mid_ranks(), [3.5, 1.0, 3.5, 2.0]);
    }

    #[test]
    fn concentration_by_hand() {
        let actual = [0.0, 4.0, 0.0, 0.0];
        // All is with one of four: 1 - 1/4 where it is ranked first, the negative where last.
        assert_eq!(Ranking::of(&[1.0, 9.0, 2.0, 3.0]).concentration(&actual), 0.75);
        assert_eq!(Ranking::of(&[1.0, 0.0, 2.0, 3.0]).concentration(&actual), -0.75);
        // One of two who share the first places: halfway between the first and the second place.
        assert_eq!(Ranking::of(&[1.0, 9.0, 2.0, 9.0]).concentration(&actual), 0.5);
        assert_eq!(Ranking::of(&[1.0, 2.0]).concentration(&[0.0, 0.0]), 0.0);
    }

    #[test]
    fn spearman_by_hand() {
        let ranking = Ranking::of(&[1.0, 2.0, 3.0, 4.0, 5.0]);
        // Differences of ranks 1, 1, 1, 1, 0: 1 - 6 · 4 / (5 · 24).
        let other = ranking.correlation(&Ranking::of(&[2.0, 1.0, 4.0, 3.0, 5.0])).expect("all differ");
        assert!((other - 0.8).abs() < 1e-15); // rounding
        assert_eq!(ranking.correlation(&Ranking::of(&[7.0; 5])), None);
    }

    #[test]
    fn a_tie_across_deciles_is_shared_out() {
        // Twenty customers, the first ten with equal predictions: of their five purchases each gets a half.
        let predicted: Vec<f64> = (0..20).map(|i| if i < 10 { 3.0 } else { 1.0 }).collect();
        let actual: Vec<f64> = (0..20).map(|i| if i < 5 { 1.0 } else { 0.0 }).collect();
        let deciles = Ranking::of(&predicted).deciles(&predicted, &actual);
        let means: Vec<(usize, f64, f64)> = deciles.iter().map(|d| (d.customers, d.expected, d.actual)).collect();
        assert_eq!(means[..5], [(2, 3.0, 0.5); 5]);
        assert_eq!(means[5..], [(2, 1.0, 0.0); 5]);
    }

    #[test]
    fn fewer_than_ten_customers_leave_deciles_out() {
        let deciles = Ranking::of(&[1.0, 2.0, 3.0]).deciles(&[1.0, 2.0, 3.0], &[0.0, 0.0, 6.0]);
        assert_eq!(deciles.iter().map(|decile| decile.customers).sum::<usize>(), 3);
        assert_eq!((deciles[0].expected, deciles[0].actual), (3.0, 6.0));
    }

    proptest! {
        #[test]
        fn deciles_hold_every_customer_and_purchase(
            pairs in prop::collection::vec((0_u32..6, 0_u32..4), 1..200)
        ) {
            let predicted: Vec<f64> = pairs.iter().map(|(value, _)| f64::from(*value)).collect();
            let actual: Vec<f64> = pairs.iter().map(|(_, value)| f64::from(*value)).collect();
            let deciles = Ranking::of(&predicted).deciles(&predicted, &actual);
            let sum = |of: fn(&Decile) -> f64| deciles.iter().map(|d| d.customers as f64 * of(d)).sum::<f64>();
            prop_assert_eq!(deciles.iter().map(|decile| decile.customers).sum::<usize>(), pairs.len());
            // Sums of at most 200 numbers up to 6, divided and multiplied again.
            prop_assert!((sum(|decile| decile.expected) - predicted.iter().sum::<f64>()).abs() < 1e-9);
            prop_assert!((sum(|decile| decile.actual) - actual.iter().sum::<f64>()).abs() < 1e-9);
            prop_assert!(deciles.windows(2).all(|pair| pair[0].expected >= pair[1].expected - 1e-12)); // rounding
        }

        #[test]
        fn constant_predictions_concentrate_nothing(actual in prop::collection::vec(0_u32..9, 1..200)) {
            let actual: Vec<f64> = actual.into_iter().map(f64::from).collect();
            let constant = Ranking::of(&vec![0.7; actual.len()]);
            prop_assert!(constant.concentration(&actual).abs() < 1e-12); // differences of numbers near 1
        }

        #[test]
        fn no_order_concentrates_more_than_the_actual_one(
            pairs in prop::collection::vec((0_u32..50, 0_u32..9), 1..200)
        ) {
            let predicted: Vec<f64> = pairs.iter().map(|(value, _)| f64::from(*value)).collect();
            let actual: Vec<f64> = pairs.iter().map(|(_, value)| f64::from(*value)).collect();
            let best = Ranking::of(&actual).concentration(&actual);
            let gini = Ranking::of(&predicted).concentration(&actual);
            prop_assert!(gini.abs() <= best + 1e-12); // differences of numbers near 1
        }
    }
}
