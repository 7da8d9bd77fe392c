//! The intervals of single customers: quantiles of what they may buy and spend.

use rayon::prelude::*;

use crate::intervals::ahead::{Ahead, States};
use crate::intervals::points::Points;
use crate::intervals::spend_sums::{Quantile, SpendSums, onto_nodes};
use crate::models::{Histories, History, PurchaseModel};

/// What is cut off from a distribution of counts, relative to the probability outside an interval.
const CUT: f64 = 1e-4;

/// The interval of customers with the same history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RowSpan {
    /// Purchases.
    pub(super) purchases: [u32; 2],
    /// The value of all purchases, as a multiple of the expected spend of a day.
    pub(super) multiple: [f64; 2],
}

/// What is known of the spend of customers with the same number of purchases.
#[derive(Debug, Clone, Copy)]
pub(super) enum Spread {
    /// It is not asked for.
    Unknown,
    /// A day's spend is the same for all.
    Same,
    /// Sums over days are beta prime, and `error` is the standard error of the logarithm of their mean.
    BetaPrime { p: f64, q: f64, error: f64 },
}

/// Everything that rows need.
pub(super) struct Rows<'a> {
    pub(super) histories: &'a Histories,
    pub(super) states: &'a States,
    pub(super) ahead: &'a [Ahead],
    pub(super) points: &'a Points<Box<dyn PurchaseModel>>,
    pub(super) horizon: f64,
    /// The probability on either side of the interval.
    pub(super) tail: f64,
}

impl Rows<'_> {
    /// The interval of each distinct history, where `spread` is known of customers with `x` repeat purchases.
    pub(super) fn spans(&self, spread: impl Fn(u32) -> Spread + Sync) -> Vec<RowSpan> {
        let numbers: Vec<usize> = (0..self.states.states.len()).collect();
        let x = |state: usize| self.states.states[state].x;
        let alike: Vec<&[usize]> = numbers.chunk_by(|one, other| x(*one) == x(*other)).collect();
        let spans: Vec<Vec<RowSpan>> = alike
            .par_iter()
            .map(|alike| {
                let money = Money::new(spread(x(alike[0])), alike.iter().map(|state| self.ahead[*state].most).max());
                let states: Vec<Vec<RowSpan>> = alike.par_iter().map(|state| self.of_state(*state, &money)).collect();
                states.concat()
            })
            .collect();
        spans.concat()
    }

    fn of_state(&self, state: usize, money: &Money) -> Vec<RowSpan> {
        let alive = self.states.states[state];
        let models = &self.points.models;
        let counts: Vec<Vec<f64>> =
            models.iter().map(|model| model.probabilities_if_alive(alive, self.horizon, CUT * self.tail)).collect();
        let histories = &self.histories.distinct()[self.states.rows(state)];
        let span = |history: &History| self.span(&self.mixed(*history, &counts), money, self.ahead[state].discount);
        histories.iter().map(span).collect()
    }

    /// The probabilities of 1, 2, 3, ... purchases of a customer of whom it is not known whether it is alive.
    fn mixed(&self, history: History, counts: &[Vec<f64>]) -> Vec<f64> {
        let most = counts.iter().map(Vec::len).max().unwrap_or(0).max(1);
        let mut mixed = vec![0.0; most - 1];
        for (model, counts) in self.points.models.iter().zip(counts) {
            let weight = self.points.weight() * model.p_alive(history);
            mixed.iter_mut().zip(&counts[1.min(counts.len())..]).for_each(|(sum, value)| *sum += weight * value);
        }
        mixed
    }

    fn span(&self, counts: &[f64], money: &Money, discount: f64) -> RowSpan {
        let any: f64 = counts.iter().sum();
        let ends = [1.0 - self.tail, self.tail];
        RowSpan {
            purchases: ends.map(|above| count(counts, any, above)),
            multiple: money.multiples(counts, any, ends).map(|multiple| discount * multiple),
        }
    }
}

/// The smallest number of purchases that is exceeded with probability `above` at most.
fn count(counts: &[f64], any: f64, above: f64) -> u32 {
    let mut rest = any;
    let mut counts = counts.iter();
    let mut n = 0;
    while rest > above {
        let Some(probability) = counts.next() else { break };
        rest -= probability;
        n += 1;
    }
    n
}

/// Sums of spend, ready to be asked.
enum Money {
    Unknown,
    Same,
    Sums { sums: SpendSums, mean: f64, error: f64 },
}

impl Money {
    fn new(spread: Spread, most: Option<usize>) -> Self {
        match spread {
            Spread::Unknown => Money::Unknown,
            Spread::Same => Money::Same,
            Spread::BetaPrime { p, q, error } => {
                Money::Sums { sums: SpendSums::new(p, q, most.unwrap_or(1)), mean: p / (q - 1.0), error }
            }
        }
    }

    /// What the spend of all purchases exceeds with these probabilities, as a multiple of the expected spend of a day.
    fn multiples(&self, counts: &[f64], any: f64, above: [f64; 2]) -> [f64; 2] {
        match self {
            Money::Unknown => [0.0; 2],
            Money::Same => above.map(|above| f64::from(count(counts, any, above))),
            Money::Sums { sums, mean, error } => {
                let nodes = onto_nodes(counts);
                above.map(
                    |above| {
                        if any <= above { 0.0 } else { widened(sums.quantile(&nodes, above), *error).exp() / mean }
                    },
                )
            }
        }
    }
}

/// The quantile of a sum whose scale is known up to this standard error of its logarithm: a quantile moves by
/// `-σ²/2 (ln f)'` where a small error of variance `σ²` is added to what has the density `f`.
fn widened(Quantile { log, bend }: Quantile, error: f64) -> f64 {
    log - (0.5 * error * error * bend).clamp(-error, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_exceeded_with_their_probability() {
        let counts = [0.25, 0.15, 0.1]; // and none with 0.5
        let of = |above| count(&counts, counts.iter().sum(), above);
        assert_eq!([0.9, 0.5, 0.45, 0.25, 0.2, 0.05].map(of), [0, 0, 1, 1, 2, 3]);
    }

    #[test]
    fn an_error_of_the_scale_widens_a_normal_distribution() {
        let (deviation, error, z) = (0.6_f64, 0.1_f64, 1.2816);
        let upper = widened(Quantile { log: z * deviation, bend: -z / deviation }, error);
        assert!((upper - z * deviation.hypot(error)).abs() < 1e-3); // of the second order
    }
}
