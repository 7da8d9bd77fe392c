//! Empirical Bayes: what little is known of one customer, drawn towards what is known of all.
//!
//! One answered call is no proof that a customer always answers. So a customer's own figure counts with as
//! many observations as there are, and the base's with as many as its *strength*:
//!
//! ```text
//! shrunk = (own sum + strength x base mean) / (own observations + strength)
//! ```
//!
//! The strength is learnt. Where customers differ much, the base says little about one of them and the
//! strength is small; where they are alike, it is large. It always lies within [`STRENGTHS`], and is
//! [`FALLBACK_STRENGTH`] where fewer than [`ENOUGH_CUSTOMERS`] customers have two observations or more.
//!
//! Sources: Robbins (1956), "An empirical Bayes approach to statistics", Third Berkeley Symposium; Kleinman
//! (1973), "Proportions with extraneous variance: single and independent samples", JASA 68(341), for shares;
//! Searle, Casella and McCulloch (1992), "Variance components", Wiley, chapter 3, for means.

use std::ops::{AddAssign, RangeInclusive};

use serde::{Deserialize, Serialize};

/// Bounds of the strength: the base counts as one observation at least and as a thousand at most.
pub const STRENGTHS: RangeInclusive<f64> = 1.0..=1000.0;

/// The strength where too few customers tell: four observations, as in Agresti and Coull (1998),
/// "Approximate is better than exact for interval estimation of binomial proportions", The American
/// Statistician 52(2).
pub const FALLBACK_STRENGTH: f64 = 4.0;

/// With fewer customers that have two observations or more, the strength is not learnt.
pub const ENOUGH_CUSTOMERS: u64 = 20;

/// The share of contacts that succeed: a Beta distribution over customers, by its mean and strength.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proportion {
    /// Share of all, above 0 and below 1.
    pub mean: f64,
    /// As many contacts as the mean counts against a customer's own: `a + b` of Beta(a, b).
    pub strength: f64,
}

impl Proportion {
    /// A customer's share, `(successes + strength x mean) / (tried + strength)`: above 0 and below 1.
    ///
    /// ```
    /// use clivia_core::contacts::quality::Proportion;
    /// let calls = Proportion { mean: 0.5, strength: 4.0 };
    /// assert_eq!(calls.shrunk(1.0, 1.0), 0.6); // one answered call is not 100 %
    /// assert_eq!(calls.shrunk(0.0, 0.0), 0.5);
    /// ```
    pub fn shrunk(&self, successes: f64, tried: f64) -> f64 {
        (successes + self.strength * self.mean) / (tried + self.strength)
    }

    /// Whether a fit could have come to it.
    pub(super) fn is_sound(&self) -> bool {
        self.mean > 0.0 && self.mean < 1.0 && STRENGTHS.contains(&self.strength)
    }
}

/// What shares are learnt from: sums over customers.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct ShareSums {
    /// Customers with a known outcome.
    customers: u64,
    /// Those with two or more.
    repeated: u64,
    /// Contacts with a known outcome.
    tried: u64,
    /// Sum of their squares a customer.
    tried_squared: u128,
    /// Contacts that succeeded.
    successes: u64,
    /// Sum of successes^2 / tried a customer.
    successes_squared: f64,
}

impl ShareSums {
    /// Adds a customer.
    pub(super) fn add(&mut self, successes: u32, tried: u32) {
        self.customers += 1;
        self.repeated += u64::from(tried > 1);
        self.tried += u64::from(tried);
        self.tried_squared += u128::from(tried) * u128::from(tried);
        self.successes += u64::from(successes);
        self.successes_squared += f64::from(successes) * f64::from(successes) / f64::from(tried);
    }

    /// Contacts with a known outcome.
    pub(super) fn tried(&self) -> u64 {
        self.tried
    }

    /// Contacts that succeeded.
    pub(super) fn successes(&self) -> u64 {
        self.successes
    }

    /// The strength by Kleinman's moments. With `p` the share of all, `n` contacts of a customer, `N` of all `I`
    /// customers, and `1 / (1 + strength)` the correlation of two contacts of one customer:
    ///
    /// ```text
    /// correlation = (sum n (own share - p)^2 / (p (1 - p)) - (I - 1)) / (N - sum n^2 / N - (I - 1))
    /// ```
    pub(super) fn strength(&self) -> f64 {
        if self.repeated < ENOUGH_CUSTOMERS {
            return FALLBACK_STRENGTH;
        }
        let (all, others) = (self.tried as f64, self.customers as f64 - 1.0);
        let p = self.successes as f64 / all;
        let spread = (self.successes_squared - all * p * p) / (p * (1.0 - p));
        let correlation = (spread - others) / (all - self.tried_squared as f64 / all - others);
        strength_of(1.0 / correlation - 1.0, correlation)
    }
}

/// Differences between customers below this are rounding: shares and rated values run from 0 to 1.
const ROUNDING: f64 = 1e-12;

/// Bounds a strength. Where nothing lies between customers, they are as alike as can be.
fn strength_of(strength: f64, between: f64) -> f64 {
    match (between.is_nan(), between > ROUNDING) {
        (true, _) => FALLBACK_STRENGTH,
        (_, true) => strength.clamp(*STRENGTHS.start(), *STRENGTHS.end()),
        _ => *STRENGTHS.end(),
    }
}

impl AddAssign for ShareSums {
    fn add_assign(&mut self, other: Self) {
        self.customers += other.customers;
        self.repeated += other.repeated;
        self.tried += other.tried;
        self.tried_squared += other.tried_squared;
        self.successes += other.successes;
        self.successes_squared += other.successes_squared;
    }
}

/// A figure that spreads normally within and between customers, such as a rating.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Average {
    /// Mean of all.
    pub mean: f64,
    /// As many observations as the mean counts: variance within customers / variance between them.
    pub strength: f64,
}

impl Average {
    /// A customer's mean, `(sum + strength x mean) / (observations + strength)`.
    pub fn shrunk(&self, sum: f64, observations: f64) -> f64 {
        (sum + self.strength * self.mean) / (observations + self.strength)
    }
}

/// What means are learnt from: sums over customers, of values from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct MeanSums {
    customers: u64,
    repeated: u64,
    observations: u64,
    /// Sum of n^2 a customer.
    squared: u128,
    sum: f64,
    sum_of_squares: f64,
    /// Sum of (own sum)^2 / n.
    own: f64,
}

impl MeanSums {
    /// Adds a customer with its observations, if there are any.
    pub(super) fn add(&mut self, values: impl Iterator<Item = f64>) {
        let (mut n, mut sum) = (0_u64, 0.0);
        for value in values {
            n += 1;
            sum += value;
            self.sum_of_squares += value * value;
        }
        if n > 0 {
            self.customers += 1;
            self.repeated += u64::from(n > 1);
            self.observations += n;
            self.squared += u128::from(n) * u128::from(n);
            self.sum += sum;
            self.own += sum * sum / n as f64;
        }
    }

    /// The mean of all, where there is one.
    pub(super) fn mean(&self) -> Option<f64> {
        (self.observations > 0).then(|| self.sum / self.observations as f64)
    }

    /// Variance within over variance between, by the moments of a one-way analysis of variance over `I`
    /// customers with `n` observations each, `N` in all:
    ///
    /// ```text
    /// within  = sum of squares within customers / (N - I)
    /// between = (sum n (own mean - mean)^2 - (I - 1) within) / (N - sum n^2 / N)
    /// ```
    pub(super) fn strength(&self) -> f64 {
        if self.repeated < ENOUGH_CUSTOMERS {
            return FALLBACK_STRENGTH;
        }
        let (all, customers) = (self.observations as f64, self.customers as f64);
        let within = (self.sum_of_squares - self.own).max(0.0) / (all - customers);
        let spread = self.own - self.sum * self.sum / all - (customers - 1.0) * within;
        let between = spread / (all - self.squared as f64 / all);
        strength_of(within / between, between)
    }
}

impl AddAssign for MeanSums {
    fn add_assign(&mut self, other: Self) {
        self.customers += other.customers;
        self.repeated += other.repeated;
        self.observations += other.observations;
        self.squared += other.squared;
        self.sum += other.sum;
        self.sum_of_squares += other.sum_of_squares;
        self.own += other.own;
    }
}

#[cfg(test)]
mod tests {
    use crate::contacts::quality::shrinkage::*;

    fn share_sums(customers: &[(u32, u32)]) -> ShareSums {
        let mut sums = ShareSums::default();
        customers.iter().for_each(|&(successes, tried)| sums.add(successes, tried));
        sums
    }

    fn mean_sums(customers: &[&[f64]]) -> MeanSums {
        let mut sums = MeanSums::default();
        customers.iter().for_each(|values| sums.add(values.iter().copied()));
        sums
    }

    #[test]
    fn the_strength_of_shares_by_hand() {
        // p = 1/2, sum n (own - p)^2 / (p q) = 20, I - 1 = 19, N - sum n^2 / N - 19 = 40 - 2 - 19: correlation 1/19.
        let customers = [[(2, 2); 5], [(0, 2); 5], [(1, 2); 5], [(1, 2); 5]].concat();
        assert!((share_sums(&customers).strength() - 18.0).abs() < 1e-9); // of rounding
    }

    #[test]
    fn the_strength_of_means_by_hand() {
        // within = 2.5 / 20, between = (2.5 - 19 x 0.125) / 38: their quotient is 38.
        let customers = [[&[0.5, 1.0][..]; 10], [&[0.0, 0.5][..]; 10]].concat();
        let sums = mean_sums(&customers);
        assert_eq!(sums.mean(), Some(0.5));
        assert!((sums.strength() - 38.0).abs() < 1e-9); // of rounding
    }

    #[test]
    fn strengths_are_bounded() {
        let apart = [[(2, 2); 10], [(0, 2); 10]].concat();
        assert_eq!(share_sums(&apart).strength(), 1.0);
        assert_eq!(share_sums(&[(1, 2); 20]).strength(), 1000.0);
        assert_eq!(mean_sums(&[&[0.2, 0.2][..]; 20]).strength(), 1000.0);
        assert_eq!(mean_sums(&[[&[0.2, 0.2][..]; 10], [&[0.9, 0.9][..]; 10]].concat()).strength(), 1.0);
    }

    #[test]
    fn too_few_customers_teach_no_strength() {
        assert_eq!(share_sums(&[]).strength(), FALLBACK_STRENGTH);
        assert_eq!(share_sums(&[(1, 2); 19]).strength(), FALLBACK_STRENGTH);
        assert_eq!(share_sums(&[(1, 1); 1_000]).strength(), FALLBACK_STRENGTH);
        assert_eq!(share_sums(&[(3, 3); 1_000]).strength(), FALLBACK_STRENGTH); // all alike, and nothing to tell by
        assert_eq!(mean_sums(&[]).strength(), FALLBACK_STRENGTH);
        assert_eq!(mean_sums(&[&[0.5][..]; 1_000]).strength(), FALLBACK_STRENGTH);
        assert_eq!(mean_sums(&[]).mean(), None);
    }

    /// What shrinkage is for: the rate of a customer is known better than from its own contacts or from the base alone.
    #[test]
    fn a_shrunk_share_is_nearer_to_the_truth() {
        use rand::{Rng, SeedableRng};
        use rand_distr::{Beta, Distribution};
        let mut rng = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(8);
        let rates = Beta::new(2.0, 4.0).expect("sound parameters");
        let customers: Vec<(f64, u32, u32)> = (0..5_000_u32)
            .map(|customer| {
                let (tried, rate) = (2 + customer % 6, rates.sample(&mut rng));
                (rate, (0..tried).map(|_| u32::from(rng.gen_bool(rate))).sum(), tried)
            })
            .collect();
        let sums = share_sums(&customers.iter().map(|&(_, successes, tried)| (successes, tried)).collect::<Vec<_>>());
        let mean = f64::from(sums.successes() as u32) / f64::from(sums.tried() as u32);
        let error = |strength: f64| {
            let of = |&(rate, successes, tried): &(f64, u32, u32)| {
                (Proportion { mean, strength }.shrunk(f64::from(successes), f64::from(tried)) - rate).powi(2)
            };
            customers.iter().map(of).sum::<f64>() / customers.len() as f64
        };
        // Own share alone 0.051, mean alone 0.031, shrunk 0.018.
        assert!(error(sums.strength()) < 0.65 * error(1e9) && error(sums.strength()) < 0.5 * error(0.0));
        assert!(error(sums.strength()) < 1.01 * [4.0, 5.0, 6.0, 7.0, 8.0].map(error).into_iter().fold(1.0, f64::min));
    }

    #[test]
    fn strengths_are_recovered_from_simulated_customers() {
        use rand::{Rng, SeedableRng};
        use rand_distr::{Beta, Distribution, Normal};
        let mut rng = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(7);
        let rates = Beta::new(3.0, 7.0).expect("sound parameters");
        let (mut shares, mut means) = (ShareSums::default(), MeanSums::default());
        let own_mean = Normal::new(0.5, 0.1).expect("sound parameters");
        let noise = Normal::new(0.0, 0.2).expect("sound parameters");
        for customer in 0..20_000_u32 {
            let (tried, rate, middle) = (1 + customer % 8, rates.sample(&mut rng), own_mean.sample(&mut rng));
            shares.add((0..tried).map(|_| u32::from(rng.gen_bool(rate))).sum(), tried);
            let ratings: Vec<f64> = (0..tried).map(|_| middle + noise.sample(&mut rng)).collect();
            means.add(ratings.into_iter());
        }
        // Beta(3, 7) counts as 10 contacts; the estimate's standard error here is about 0.3.
        assert!((shares.strength() - 10.0).abs() < 1.0, "{}", shares.strength());
        // 0.2^2 / 0.1^2 = 4; standard error about 0.1.
        assert!((means.strength() - 4.0).abs() < 0.3, "{}", means.strength());
    }
}
