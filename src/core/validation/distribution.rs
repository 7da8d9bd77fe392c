//! How well a model's whole distribution of purchases fits what came, not only its mean.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::models::{Histories, History, PurchaseModel};
use crate::validation::split::Observed;

/// How well a model foresaw the number of purchases of each customer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DistributionFit {
    /// The logarithm of the probability that the model gave to what the customer did, on average over customers. The
    /// nearer to 0, the better. `None` where the model has no number.
    pub mean_log_probability: Option<f64>,
    /// The share of customers whose purchases lie in their interval. Counts come in steps, so that intervals have to
    /// hold more than their level, most of all where many customers buy nothing.
    pub coverage: f64,
    /// The same without the steps: a customer at an end of its interval counts with the part of its probability that
    /// is needed to reach the level. A model that is right comes out at the level itself.
    pub randomised_coverage: f64,
}

/// Customers with the same history who did the same in the holdout.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Outcome {
    /// Which of the distinct histories.
    row: u32,
    purchases: u32,
    customers: f64,
}

/// The outcomes of a base, sorted by history.
pub(super) fn outcomes(observed: &Observed) -> Vec<Outcome> {
    let mut keys: Vec<(u32, u32)> =
        observed.histories.row_of().iter().copied().zip(observed.holdout.iter().copied()).collect();
    keys.par_sort_unstable();
    keys.chunk_by(|one, other| one == other)
        .map(|same| Outcome { row: same[0].0, purchases: same[0].1, customers: same.len() as f64 })
        .collect()
}

/// A probability this large is exact among those of a whole distribution; a smaller one is asked for by itself.
const SURE: f64 = 1e-6;

/// Judges a model by outcomes; `alive` holds P(alive) of each distinct history, and intervals are of this `level`.
///
/// The logarithm is that of
///
/// ```text
/// P(n | x, t_x, T) = P(alive) P(n | alive) + [n = 0] (1 - P(alive))
/// ```
///
/// Intervals are central: the counts left out below and above have at most `(1 - level) / 2` each. The randomised
/// coverage is the mean over the random part, so that no random number is drawn: Czado, C., T. Gneiting and L. Held
/// (2009), Predictive Model Assessment for Count Data, Biometrics 65(4), 1254-1261.
pub(super) fn distribution_fit(
    model: &dyn PurchaseModel,
    histories: &Histories,
    alive: &[f64],
    horizon: f64,
    outcomes: &[Outcome],
    level: f64,
) -> DistributionFit {
    let state = |outcome: &Outcome| model.while_alive(histories.distinct()[outcome.row as usize]);
    // Histories are sorted so that those which are alike while alive are neighbours.
    let alike: Vec<&[Outcome]> = outcomes.chunk_by(|one, other| state(one) == state(other)).collect();
    let tail = 0.5 * (1.0 - level);
    let judged: Vec<Sums> = alike
        .par_iter()
        .map(|alike| {
            let ahead = Ahead::of(model, state(&alike[0]), horizon, tail);
            let judge = |outcome: &Outcome| ahead.judge(outcome, alive[outcome.row as usize], tail);
            alike.iter().map(judge).fold(Sums::default(), Sums::plus)
        })
        .collect();
    let Sums { customers, log, inside, randomised } = judged.into_iter().fold(Sums::default(), Sums::plus);
    DistributionFit {
        mean_log_probability: Some(log / customers).filter(|mean| mean.is_finite()),
        coverage: inside / customers,
        randomised_coverage: randomised / customers,
    }
}

/// Sums over customers.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    customers: f64,
    log: f64,
    inside: f64,
    randomised: f64,
}

impl Sums {
    fn plus(self, other: Sums) -> Sums {
        Sums {
            customers: self.customers + other.customers,
            log: self.log + other.log,
            inside: self.inside + other.inside,
            randomised: self.randomised + other.randomised,
        }
    }
}

/// What may come of a customer that is alive.
struct Ahead<'a> {
    model: &'a dyn PurchaseModel,
    state: History,
    horizon: f64,
    probabilities: Vec<f64>,
    /// The probability of fewer than 0, 1, 2, ... purchases.
    fewer: Vec<f64>,
}

impl<'a> Ahead<'a> {
    fn of(model: &'a dyn PurchaseModel, state: History, horizon: f64, tail: f64) -> Self {
        // Well beyond the upper end of the interval, whatever the rounding.
        let probabilities = model.probabilities_if_alive(state, horizon, 0.5 * tail);
        let mut sum = 0.0;
        let up_to = probabilities.iter().map(|probability| {
            sum += probability;
            sum
        });
        let fewer = std::iter::once(0.0).chain(up_to).collect();
        Ahead { model, state, horizon, probabilities, fewer }
    }

    fn probability(&self, n: u32) -> f64 {
        match self.probabilities.get(n as usize) {
            Some(probability) if *probability > SURE => *probability,
            _ => self.model.probability_if_alive(self.state, self.horizon, n),
        }
    }

    /// The probability of fewer than `n` purchases.
    fn fewer(&self, n: u64) -> f64 {
        self.fewer[(self.fewer.len() - 1).min(n as usize)]
    }

    fn judge(&self, outcome: &Outcome, alive: f64, tail: f64) -> Sums {
        let Outcome { purchases, customers, .. } = *outcome;
        let gone = 1.0 - alive;
        let none = purchases == 0;
        let probability = alive * self.probability(purchases) + if none { gone } else { 0.0 };
        let below = if none { 0.0 } else { gone + alive * self.fewer(u64::from(purchases)) };
        let up_to = gone + alive * self.fewer(u64::from(purchases) + 1);
        let inside = up_to >= tail && below < 1.0 - tail;
        let step = up_to - below;
        let part = (up_to.min(1.0 - tail) - below.max(tail)) / step;
        Sums {
            customers,
            // Below the smallest number a probability is zero by rounding, not by the model.
            log: customers * probability.clamp(f64::MIN_POSITIVE, 1.0).ln(),
            inside: if inside { customers } else { 0.0 },
            randomised: if inside && step > 0.0 { customers * part.clamp(0.0, 1.0) } else { 0.0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::models::purchase::bg_nbd::BgNbd;
    use crate::models::purchase::nbd::Nbd;
    use crate::validation::distribution::*;

    fn histories() -> Histories {
        Histories::new(&[History::new(2, 10.0, 30.0), History::new(2, 20.0, 30.0), History::new(0, 0.0, 5.0)])
    }

    fn fit(model: &dyn PurchaseModel, outcomes: &[Outcome], level: f64) -> DistributionFit {
        let histories = histories();
        let alive: Vec<f64> = histories.distinct().iter().map(|history| model.p_alive(*history)).collect();
        distribution_fit(model, &histories, &alive, 20.0, outcomes, level)
    }

    fn outcome(row: u32, purchases: u32) -> Outcome {
        Outcome { row, purchases, customers: 1.0 }
    }

    #[test]
    fn the_score_is_the_mean_log_probability() {
        let model = BgNbd::new(0.243, 4.414, 0.793, 2.426).expect("positive");
        let seen = [outcome(0, 0), outcome(1, 1), outcome(2, 0), outcome(2, 40)];
        let plain = seen.map(|Outcome { row, purchases, .. }| {
            let history = histories().distinct()[row as usize];
            let none = if purchases == 0 { 1.0 - model.p_alive(history) } else { 0.0 };
            none + model.p_alive(history) * model.probability_if_alive(history, 20.0, purchases)
        });
        let mean = plain.iter().map(|probability| probability.ln()).sum::<f64>() / 4.0;
        let score = fit(&model, &seen, 0.9).mean_log_probability.expect("a score");
        assert!((score - mean).abs() < 1e-9); // probabilities of a whole distribution are exact to 1e-13
    }

    #[test]
    fn coverage_by_hand() {
        // One customer of the geometric distribution with P(n) = 1/2^(n+1): r + x = 1 and h / (α + T) = 1.
        let model = Nbd::new(1.0, 10.0).expect("positive");
        let histories = Histories::new(&[History::new(0, 0.0, 10.0)]);
        let of = |purchases| distribution_fit(&model, &histories, &[1.0], 20.0, &[outcome(0, purchases)], 0.8);
        // P(up to 0, 1, 2, 3) = 0.5, 0.75, 0.875, 0.9375: the interval of 80 % is from 0 to 3.
        let coverage = [0, 1, 2, 3, 4].map(|n| of(n).coverage);
        assert_eq!(coverage, [1.0, 1.0, 1.0, 1.0, 0.0]);
        // Of the customers at its ends, the parts from 0.1 to 0.5 and from 0.875 to 0.9.
        for (n, part) in [(0, 0.8), (1, 1.0), (2, 1.0), (3, 0.4), (4, 0.0), (90, 0.0)] {
            assert!((of(n).randomised_coverage - part).abs() < 1e-9, "{n}"); // differences of numbers near 1
        }
    }

    #[test]
    fn outcomes_are_counted_once() {
        use crate::base::{Day, TimeUnit};
        use crate::validation::split::{PurchaseDays, Window};
        let window = Window { calibration_end: Day(10), holdout_days: 10, unit: TimeUnit::Days };
        let purchases = PurchaseDays { days: &[0, 12, 0, 0, 13, 0, 5], starts: &[0, 2, 3, 5, 7], groups: &[] };
        let counted = outcomes(&window.split(purchases).observed);
        let customers: Vec<(u32, u32, f64)> = counted.iter().map(|o| (o.row, o.purchases, o.customers)).collect();
        assert_eq!(customers, [(0, 0, 1.0), (0, 1, 2.0), (1, 0, 1.0)]);
    }
}
