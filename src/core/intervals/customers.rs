//! The intervals of single customers: quantiles of what they may buy and spend.

use rayon::prelude::*;

use crate::intervals::ahead::{Ahead, States};
use crate::intervals::points::Points;
use crate::intervals::spend_sums::{Quantile, SpendSums, What, onto_nodes};
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
        let discount = self.ahead[state].discount;
        // What a point has in common pays only where more customers than points ask for it.
        if histories.len() <= counts.len() {
            let alone = |history: &History| {
                let mixed = mixed(&self.weights(*history), &counts);
                self.span(&mut Alike::new(&[mixed], money), &[1.0], discount)
            };
            return histories.iter().map(alone).collect();
        }
        let mut alike = Alike::new(&counts, money);
        histories.iter().map(|history| self.span(&mut alike, &self.weights(*history), discount)).collect()
    }

    /// How much each point counts: its weight, times the probability that the customer is alive.
    fn weights(&self, history: History) -> Vec<f64> {
        let weight = self.points.weight();
        self.points.models.iter().map(|model| weight * model.p_alive(history)).collect()
    }

    fn span(&self, ahead: &mut Alike<'_>, weights: &[f64], discount: f64) -> RowSpan {
        let ends = [1.0 - self.tail, self.tail];
        RowSpan {
            purchases: ends.map(|above| ahead.count(weights, above)),
            multiple: ends.map(|above| discount * ahead.multiple(weights, above)),
        }
    }
}

/// The probabilities of 0, 1, 2, ... purchases over all points; that of none is not asked for.
fn mixed(weights: &[f64], counts: &[Vec<f64>]) -> Vec<f64> {
    let mut mixed = vec![0.0; counts.iter().map(Vec::len).max().unwrap_or(0)];
    for (weight, counts) in weights.iter().zip(counts) {
        mixed.iter_mut().zip(counts).for_each(|(sum, probability)| *sum += weight * probability);
    }
    mixed
}

/// What customers in the same state have in common at each point of the parameters. They differ in how likely they are
/// alive only, and everything that is asked of them is linear in that.
struct Alike<'a> {
    money: &'a Money,
    /// By point: the probability of more than 0, 1, 2, ... purchases.
    more: Vec<Vec<f64>>,
    /// By point: the probabilities of 1, 2, ... purchases on the nodes of sums of spend.
    nodes: Vec<Vec<f64>>,
    /// By column of the sums of spend: what each point has above it and there, once it has been asked for.
    columns: Vec<[Option<Vec<f64>>; 2]>,
}

impl<'a> Alike<'a> {
    fn new(counts: &[Vec<f64>], money: &'a Money) -> Self {
        let (nodes, columns) = match money {
            Money::Sums { sums, .. } => {
                let nodes = counts.iter().map(|counts| onto_nodes(&counts[1.min(counts.len())..])).collect();
                (nodes, vec![[None, None]; sums.columns()])
            }
            _ => (Vec::new(), Vec::new()),
        };
        Alike { money, more: counts.iter().map(|counts| more(counts)).collect(), nodes, columns }
    }

    /// The probability of more than `n` purchases.
    fn above(&self, weights: &[f64], n: usize) -> f64 {
        weights.iter().zip(&self.more).map(|(weight, more)| weight * more.get(n).unwrap_or(&0.0)).sum()
    }

    /// The smallest number of purchases that is exceeded with probability `above` at most.
    fn count(&self, weights: &[f64], above: f64) -> u32 {
        let (mut low, mut high) = (0, self.more.iter().map(Vec::len).max().unwrap_or(0));
        while low < high {
            let middle = (low + high) / 2;
            if self.above(weights, middle) > above { low = middle + 1 } else { high = middle }
        }
        low as u32
    }

    /// What the spend of all purchases exceeds with probability `above`, as a multiple of the expected spend of a day.
    fn multiple(&mut self, weights: &[f64], above: f64) -> f64 {
        match self.money {
            Money::Unknown => 0.0,
            Money::Same => f64::from(self.count(weights, above)),
            Money::Sums { sums, mean, error } => {
                let any = self.above(weights, 0);
                if any <= above {
                    return 0.0;
                }
                let quantile = sums.quantile(any, above, |column, what| self.at(sums, weights, column, what));
                widened(quantile, *error).exp() / mean
            }
        }
    }

    /// The probability that a sum of spend is larger than a column's, or its density there.
    fn at(&mut self, sums: &SpendSums, weights: &[f64], column: usize, what: What) -> f64 {
        let nodes = &self.nodes;
        let points = self.columns[column][what as usize]
            .get_or_insert_with(|| nodes.iter().map(|nodes| sums.at(column, nodes, what)).collect());
        weights.iter().zip(&*points).map(|(weight, value)| weight * value).sum()
    }
}

/// The probability of more than 0, 1, 2, ... of these counts, which begin with 0.
fn more(counts: &[f64]) -> Vec<f64> {
    let mut rest = 0.0;
    let mut more: Vec<f64> = counts
        .iter()
        .skip(1)
        .rev()
        .map(|probability| {
            rest += probability;
            rest
        })
        .collect();
    more.reverse();
    more
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
}

/// The quantile of a sum whose scale is known up to this standard error of its logarithm: a quantile moves by
/// `-σ²/2 (ln f)'` where a small error of variance `σ²` is added to what has the density `f`.
fn widened(Quantile { log, bend }: Quantile, error: f64) -> f64 {
    log - (0.5 * error * error * bend).clamp(-error, error)
}

#[cfg(test)]
mod tests {
    use crate::intervals::customers::*;

    #[test]
    fn counts_are_exceeded_with_their_probability() {
        let alike = Alike::new(&[vec![0.5, 0.25, 0.15, 0.1]], &Money::Unknown);
        let of = |above| alike.count(&[1.0], above);
        assert_eq!([0.9, 0.5, 0.45, 0.25, 0.2, 0.05].map(of), [0, 0, 1, 1, 2, 3]);
    }

    #[test]
    fn a_mixture_of_points_is_what_its_parts_say() {
        let counts = [vec![0.3, 0.3, 0.2, 0.1, 0.1], vec![0.6, 0.3, 0.1]];
        let money = Money::new(Spread::BetaPrime { p: 4.0, q: 9.0, error: 0.02 }, Some(4));
        let weights = [0.4, 0.35];
        let mixed: Vec<f64> = (0..5).map(|n| 0.4 * counts[0][n] + 0.35 * counts[1].get(n).unwrap_or(&0.0)).collect();
        let (mut parts, mut whole) = (Alike::new(&counts, &money), Alike::new(std::slice::from_ref(&mixed), &money));
        for above in [0.9, 0.5, 0.3, 0.1, 0.02] {
            assert_eq!(parts.count(&weights, above), whole.count(&[1.0], above));
            let [parts, whole] = [parts.multiple(&weights, above), whole.multiple(&[1.0], above)];
            assert!((parts - whole).abs() <= 1e-12 * whole, "{parts} {whole}"); // the same sums in another order
        }
    }

    #[test]
    fn an_error_of_the_scale_widens_a_normal_distribution() {
        let (deviation, error, z) = (0.6_f64, 0.1_f64, 1.2816);
        let upper = widened(Quantile { log: z * deviation, bend: -z / deviation }, error);
        assert!((upper - z * deviation.hypot(error)).abs() < 1e-3); // of the second order
    }
}
