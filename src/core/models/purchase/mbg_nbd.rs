//! MBG/NBD: as BG/NBD, but customers may leave after their first purchase too.
//!
//! While alive, a customer buys as a Poisson process of rate `λ`; after each purchase, the first one included, it
//! leaves with probability `p`. Over customers `λ ~ Gamma(r, α)` and `p ~ Beta(a, b)`, independently. So a customer
//! who never came back may be gone, which BG/NBD rules out.
//!
//! Batislam, E. P., M. Denizel and A. Filiztekin (2007), Empirical Validation and Comparison of Models for Customer
//! Base Analysis, International Journal of Research in Marketing 24(3), 201-209. Hoppe, D. and U. Wagner (2007),
//! Customer Base Analysis: The Case for a Central Variant of the Betageometric/NBD Model, Marketing - Journal of
//! Research and Management 3(2), 75-90.

use rand_xoshiro::Xoshiro256PlusPlus;

use crate::base::TimeUnit;
use crate::models::fit::report::positive;
use crate::models::purchase::dropout::{Chances, PARAMETERS, Process};
use crate::models::{
    FitError, FitReport, FitSettings, Fitted, Histories, History, MOST_COUNTS, ModelName, PurchaseModel,
};
use crate::numeric::hypergeometric::gauss_quotient;
use crate::numeric::negative_binomial::NegativeBinomial;
use crate::numeric::special::{ln_rising, softplus};

/// The model's name in settings and reports.
pub const NAME: &str = "mbg-nbd";

/// Purchases come at random, and any of them may be the last.
const PROCESS: Process = Process { k: 1, leaves_at_once: true };

/// An MBG/NBD model with its four parameters.
///
/// ```
/// use clivia_core::models::{History, PurchaseModel};
/// use clivia_core::models::purchase::mbg_nbd::MbgNbd;
/// let model = MbgNbd::new(0.525, 6.183, 0.891, 1.614)?; // CDNOW, in weeks
/// // Who never came back is less and less likely to do so.
/// assert!(model.p_alive(History::new(0, 0.0, 39.0)) < model.p_alive(History::new(0, 0.0, 4.0)));
/// # Ok::<(), clivia_core::models::FitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MbgNbd {
    /// Shape of the purchase rates: the smaller, the more customers differ.
    pub r: f64,
    /// Scale of the purchase rates, in time units: the mean rate is `r / alpha`.
    pub alpha: f64,
    /// First shape of the dropout probability: the mean is `a / (a + b)`.
    pub a: f64,
    /// Second shape of the dropout probability.
    pub b: f64,
}

impl MbgNbd {
    /// A model with given parameters.
    ///
    /// # Errors
    /// [`FitError::Parameter`] where one is not a positive finite number.
    pub fn new(r: f64, alpha: f64, a: f64, b: f64) -> Result<Self, FitError> {
        let [r, alpha, a, b] = [r, alpha, a, b].map(Some);
        Ok(MbgNbd {
            r: positive(NAME, "r", r)?,
            alpha: positive(NAME, "alpha", alpha)?,
            a: positive(NAME, "a", a)?,
            b: positive(NAME, "b", b)?,
        })
    }

    /// The model of an earlier fit, for a run that counts time in `unit`.
    ///
    /// # Errors
    /// [`FitError::OtherModel`], [`FitError::OtherUnit`] or [`FitError::Parameter`].
    pub fn from_report(report: &FitReport, unit: TimeUnit) -> Result<Self, FitError> {
        let [r, alpha, a, b] = report.parameters_in(unit, NAME, PARAMETERS)?;
        MbgNbd::new(r, alpha, a, b)
    }

    /// Fits by maximum likelihood, to histories with times in `unit`.
    ///
    /// # Errors
    /// A [`FitError`] where the base cannot carry the model or the search did not converge.
    pub fn fit(histories: &Histories, unit: TimeUnit, settings: &FitSettings) -> Result<Fitted<Self>, FitError> {
        let ([r, alpha, a, b], report) = PROCESS.fit(NAME, Vec::new(), histories, unit, settings, 0.0)?;
        Ok(Fitted { model: MbgNbd::new(r, alpha, a, b)?, report })
    }

    /// `ln [ a / (b+x) ((α+T) / (α+t_x))^(r+x) ]`: the log odds that a customer has left.
    fn log_odds_gone(&self, History { x, t_x, t, .. }: History) -> f64 {
        let x = f64::from(x);
        (self.a / (self.b + x)).ln() + (self.r + x) * ((t - t_x) / (self.alpha + t_x)).ln_1p()
    }

    /// What is known of the dropout of a customer with `x` repeat purchases that is alive: it stayed `x + 1` times.
    fn chances(&self, x: u32) -> Chances {
        Chances { a: self.a, b: self.b + f64::from(x) + 1.0 }
    }

    /// Purchases of a customer that is alive, could it not leave.
    fn counts(&self, History { x, t, .. }: History, horizon: f64) -> NegativeBinomial {
        NegativeBinomial { shape: self.r + f64::from(x), w: horizon / (self.alpha + t) }
    }
}

impl PurchaseModel for MbgNbd {
    fn name(&self) -> ModelName {
        ModelName::MbgNbd
    }

    /// The likelihood of the paper:
    ///
    /// ```text
    /// L = B(a, b+x+1)/B(a, b) Γ(r+x) α^r / (Γ(r) (α+T)^(r+x))
    ///   + B(a+1, b+x)/B(a, b) Γ(r+x) α^r / (Γ(r) (α+t_x)^(r+x))
    /// ```
    fn log_likelihood(&self, history: History) -> f64 {
        let MbgNbd { r, alpha, a, b } = *self;
        let x = f64::from(history.x);
        let rate = ln_rising(r, x).0 - r * (history.t / alpha).ln_1p() - x * (alpha + history.t).ln();
        let stayed = ln_rising(b, x + 1.0).0 - ln_rising(a + b, x + 1.0).0;
        rate + stayed + softplus(self.log_odds_gone(history))
    }

    /// ```text
    /// P(alive | x, t_x, T) = 1 / (1 + a / (b+x) ((α+T) / (α+t_x))^(r+x))
    /// ```
    fn p_alive(&self, history: History) -> f64 {
        1.0 / (1.0 + self.log_odds_gone(history).exp())
    }

    /// As that of BG/NBD, with one more chance to leave survived:
    ///
    /// ```text
    /// (a+b+x)/(a-1) [1 - ((α+T)/(α+T+t))^(r+x) ₂F₁(r+x, b+x+1; a+b+x; t/(α+T+t))]
    /// ```
    fn purchases_if_alive(&self, History { x, t, .. }: History, horizon: f64) -> f64 {
        let x = f64::from(x);
        gauss_quotient(self.r + x, self.a, self.b + x + 1.0, horizon / (self.alpha + t))
    }

    fn probability_if_alive(&self, history: History, horizon: f64, n: u32) -> f64 {
        self.chances(history.x).of_negative_binomial(self.counts(history, horizon), n)
    }

    fn probabilities_if_alive(&self, history: History, horizon: f64, tail: f64) -> Vec<f64> {
        self.chances(history.x).probabilities(self.counts(history, horizon).probabilities(), tail, MOST_COUNTS)
    }

    fn draw(&self, t: f64, rng: &mut Xoshiro256PlusPlus) -> History {
        PROCESS.draw([self.r, self.alpha, self.a, self.b], t, rng)
    }

    /// Purchases have no memory: of a customer that is alive, `t_x` says nothing more.
    fn while_alive(&self, history: History) -> History {
        History { t_x: history.t, ..history }
    }

    /// Expected purchases bend where time passes as long as has been seen, or where customers who buy and leave so
    /// often are gone, whichever comes first.
    fn time_scale(&self, history: History) -> f64 {
        let Chances { a, b } = self.chances(history.x);
        (self.alpha + history.t) / (1.0 + (self.r + f64::from(history.x)) * a / (a + b))
    }
}

#[cfg(test)]
mod tests {
    use crate::models::fit::Likelihood;
    use crate::models::purchase::dropout::Rows;
    use crate::models::purchase::mbg_nbd::*;
    use rand::SeedableRng;

    fn model() -> MbgNbd {
        MbgNbd::new(0.525, 6.183, 0.891, 1.614).expect("positive")
    }

    fn drawn(customers: usize) -> Histories {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
        Histories::new(&(0..customers).map(|i| model().draw(20.0 + (i % 30) as f64, &mut rng)).collect::<Vec<_>>())
    }

    #[test]
    fn the_fast_likelihood_is_the_sum_over_customers() {
        let (histories, model) = (drawn(500), model());
        let plain: f64 = histories.map(|history| model.log_likelihood(history)).iter().sum();
        let (fast, _) = Rows::new(PROCESS, &histories, 1.0).at(&[model.r, model.alpha, model.a, model.b]);
        assert!((fast / plain - 1.0).abs() < 1e-12); // the order of 500 sums
    }

    #[test]
    fn the_truth_is_found_again() {
        let Fitted { report, .. } =
            MbgNbd::fit(&drawn(20_000), TimeUnit::Weeks, &FitSettings::default()).expect("a fit");
        for (name, truth) in PARAMETERS.iter().zip([0.525, 6.183, 0.891, 1.614]) {
            let error = report.standard_errors[*name].expect("identified");
            assert!((report.parameters[*name] - truth).abs() < 3.5 * error, "{name}");
        }
    }

    #[test]
    fn the_counts_have_the_expected_mean() {
        for history in [History::NEW, History::new(2, 30.0, 39.0)] {
            let counts = model().probabilities_if_alive(history, 39.0, 1e-13);
            let mean: f64 = counts.iter().enumerate().map(|(n, p)| n as f64 * p).sum();
            assert!((mean / model().purchases_if_alive(history, 39.0) - 1.0).abs() < 1e-9); // the tail cut off
        }
    }
}
