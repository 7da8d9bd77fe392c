//! Random numbers of the distributions that the models mix.

use rand::Rng;
use rand_distr::{Beta, Distribution, Exp1, Gamma};

/// A draw from `Gamma(shape, rate)`; both are positive.
pub fn gamma(shape: f64, rate: f64, rng: &mut impl Rng) -> f64 {
    Gamma::new(shape, 1.0).map_or(f64::NAN, |gamma| gamma.sample(rng)) / rate
}

/// A draw from `Beta(a, b)`; both are positive.
pub fn beta(a: f64, b: f64, rng: &mut impl Rng) -> f64 {
    Beta::new(a, b).map_or(f64::NAN, |beta| beta.sample(rng))
}

/// A draw of the waiting time of a process with this rate; infinite where the rate is 0.
pub fn waiting_time(rate: f64, rng: &mut impl Rng) -> f64 {
    let unit: f64 = Exp1.sample(rng);
    unit / rate
}

#[cfg(test)]
mod tests {
    use crate::numeric::random::*;
    use rand::SeedableRng;
    use rand_xoshiro::Xoshiro256PlusPlus;

    #[test]
    fn means_are_those_of_the_distributions() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let mut mean =
            |draw: fn(&mut Xoshiro256PlusPlus) -> f64| (0..40_000).map(|_| draw(&mut rng)).sum::<f64>() / 4e4;
        // Four standard errors of each.
        assert!((mean(|rng| gamma(0.25, 4.5, rng)) - 0.25 / 4.5).abs() < 4.0 * 0.5 / 4.5 / 200.0);
        assert!((mean(|rng| beta(0.8, 2.4, rng)) - 0.25).abs() < 4.0 * 0.22 / 200.0);
        assert!((mean(|rng| waiting_time(2.0, rng)) - 0.5).abs() < 4.0 * 0.5 / 200.0);
    }
}
