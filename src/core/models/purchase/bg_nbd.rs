//! BG/NBD: customers buy at random while they are alive, and may leave after any purchase.
//!
//! While alive, a customer buys as a Poisson process of rate `λ`; after each purchase it leaves with
//! probability `p`. Over customers `λ ~ Gamma(r, α)` and `p ~ Beta(a, b)`, independently.
//!
//! Fader, P. S., B. G. S. Hardie and K. L. Lee (2005), "Counting Your Customers" the Easy Way: An
//! Alternative to the Pareto/NBD Model, Marketing Science 24(2), 275-284. Equation numbers are the
//! paper's. P(alive): the same authors (2008), Computing P(alive) Using the BG/NBD Model.

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
pub const NAME: &str = "bg-nbd";

/// Purchases come at random, and the first one is nobody's last.
const PROCESS: Process = Process { k: 1, leaves_at_once: false };

/// A BG/NBD model with its four parameters.
///
/// ```
/// use clivia_core::models::{History, PurchaseModel};
/// use clivia_core::models::purchase::bg_nbd::BgNbd;
/// let model = BgNbd::new(0.243, 4.414, 0.793, 2.426)?; // the paper's CDNOW estimates, in weeks
/// let customer = History::new(2, 30.43, 38.86);
/// assert!((model.expected_purchases(customer, 39.0) - 1.226).abs() < 5e-4);
/// # Ok::<(), clivia_core::models::FitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BgNbd {
    /// Shape of the purchase rates: the smaller, the more customers differ.
    pub r: f64,
    /// Scale of the purchase rates, in time units: the mean rate is `r / alpha`.
    pub alpha: f64,
    /// First shape of the dropout probability: the mean is `a / (a + b)`.
    pub a: f64,
    /// Second shape of the dropout probability.
    pub b: f64,
}

impl BgNbd {
    /// A model with given parameters.
    ///
    /// # Errors
    /// [`FitError::Parameter`] where one is not a positive finite number.
    pub fn new(r: f64, alpha: f64, a: f64, b: f64) -> Result<Self, FitError> {
        let [r, alpha, a, b] = [r, alpha, a, b].map(Some);
        Ok(BgNbd {
            r: positive(NAME, "r", r)?,
            alpha: positive(NAME, "alpha", alpha)?,
            a: positive(NAME, "a", a)?,
            b: positive(NAME, "b", b)?,
        })
    }

    /// The model of an earlier fit, for a run that counts time in `unit`.
    ///
    /// # Errors
    /// [`FitError::OtherModel`], [`FitError::OtherUnit`] or [`FitError::Parameter`] where the report does
    /// not hold this model in this unit.
    pub fn from_report(report: &FitReport, unit: TimeUnit) -> Result<Self, FitError> {
        let [r, alpha, a, b] = report.parameters_in(unit, NAME, PARAMETERS)?;
        BgNbd::new(r, alpha, a, b)
    }

    /// Fits by maximum likelihood, to histories with times in `unit`.
    ///
    /// Time is rescaled inside by the base's own rhythm, so days, weeks and months give the same fit.
    ///
    /// # Errors
    /// A [`FitError`] where the base cannot carry the model or the search did not converge.
    pub fn fit(histories: &Histories, unit: TimeUnit, settings: &FitSettings) -> Result<Fitted<Self>, FitError> {
        let ([r, alpha, a, b], report) = PROCESS.fit(NAME, Vec::new(), histories, unit, settings, 0.0)?;
        Ok(Fitted { model: BgNbd::new(r, alpha, a, b)?, report })
    }

    /// What is known of the dropout of a customer with `x` repeat purchases that is alive.
    fn chances(&self, x: u32) -> Chances {
        Chances { a: self.a, b: self.b + f64::from(x) }
    }

    /// Purchases of a customer that is alive, could it not leave.
    fn counts(&self, History { x, t, .. }: History, horizon: f64) -> NegativeBinomial {
        NegativeBinomial { shape: self.r + f64::from(x), w: horizon / (self.alpha + t) }
    }

    /// `ln [ a / (b+x-1) ((α+T) / (α+t_x))^(r+x) ]`: the log odds that a repeat buyer has left.
    fn log_odds_gone(&self, History { x, t_x, t, .. }: History) -> f64 {
        let x = f64::from(x);
        (self.a / (self.b + x - 1.0)).ln() + (self.r + x) * ((t - t_x) / (self.alpha + t_x)).ln_1p()
    }
}

impl PurchaseModel for BgNbd {
    fn name(&self) -> ModelName {
        ModelName::BgNbd
    }

    /// Equation (6):
    ///
    /// ```text
    /// L = B(a, b+x)/B(a, b) Γ(r+x) α^r / (Γ(r) (α+T)^(r+x))
    ///   + [x > 0] B(a+1, b+x-1)/B(a, b) Γ(r+x) α^r / (Γ(r) (α+t_x)^(r+x))
    /// ```
    ///
    /// The second term is the first times the odds that the customer has left.
    fn log_likelihood(&self, history: History) -> f64 {
        let BgNbd { r, alpha, a, b } = *self;
        let x = f64::from(history.x);
        let rate = ln_rising(r, x).0 - r * (history.t / alpha).ln_1p() - x * (alpha + history.t).ln();
        let stayed = ln_rising(b, x).0 - ln_rising(a + b, x).0;
        let gone = if history.x > 0 { softplus(self.log_odds_gone(history)) } else { 0.0 };
        rate + stayed + gone
    }

    /// The note of 2008, for a customer drawn at random:
    ///
    /// ```text
    /// P(alive | x, t_x, T) = 1 / (1 + [x > 0] a / (b+x-1) ((α+T) / (α+t_x))^(r+x))
    /// ```
    ///
    /// It is 1 for a customer without a repeat purchase: the model lets customers leave only after one.
    fn p_alive(&self, history: History) -> f64 {
        if history.x == 0 { 1.0 } else { 1.0 / (1.0 + self.log_odds_gone(history).exp()) }
    }

    /// The numerator of equation (10); its denominator is `1 / P(alive)`:
    ///
    /// ```text
    /// (a+b+x-1)/(a-1) [1 - ((α+T)/(α+T+t))^(r+x) ₂F₁(r+x, b+x; a+b+x-1; t/(α+T+t))]
    /// ```
    ///
    /// By Pfaff's transformation the product in the bracket is `₂F₁(r+x, a-1; a+b+x-1; -t/(α+T))`, so
    /// that the whole is a difference quotient without a singularity at `a = 1`.
    fn purchases_if_alive(&self, History { x, t, .. }: History, horizon: f64) -> f64 {
        let x = f64::from(x);
        gauss_quotient(self.r + x, self.a, self.b + x, horizon / (self.alpha + t))
    }

    /// With `N` negative binomial, the purchases if the customer could not leave, and `b' = b + x`:
    ///
    /// ```text
    /// P(n) = B(a, b'+n)/B(a, b') P(N = n) + [n > 0] B(a+1, b'+n-1)/B(a, b') P(N >= n)
    /// ```
    ///
    /// Equation (8) is the same for a new customer.
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
    use crate::models::purchase::bg_nbd::*;
    use crate::models::purchase::dropout::Rows;

    fn some_histories() -> Histories {
        let history = |i: u32| {
            let (x, t) = (i % 7, 20.0 + f64::from(i % 11));
            History::new(x, if x == 0 { 0.0 } else { t * f64::from(1 + i % 5) / 6.0 }, t)
        };
        Histories::new(&(0..500).map(history).collect::<Vec<_>>())
    }

    fn fit(histories: &Histories) -> Result<Fitted<BgNbd>, FitError> {
        BgNbd::fit(histories, TimeUnit::Weeks, &FitSettings::default())
    }

    #[test]
    fn the_fast_likelihood_is_the_sum_over_customers() {
        let histories = some_histories();
        let model = BgNbd::new(0.7, 5.0, 0.9, 2.2).expect("positive");
        let plain: f64 = histories.map(|history| model.log_likelihood(history)).iter().sum();
        let (fast, _) = Rows::new(PROCESS, &histories, 1.0).at(&[model.r, model.alpha, model.a, model.b]);
        assert!((fast / plain - 1.0).abs() < 1e-12); // the order of 500 sums
    }

    #[test]
    fn degenerate_bases_say_what_they_are() {
        let fit = |seen: &[History]| fit(&Histories::new(seen)).expect_err("degenerate");
        let once = History::new(0, 0.0, 9.0);
        assert_eq!(fit(&[]), FitError::NoCustomers);
        assert_eq!(fit(&[once]), FitError::OneCustomer);
        assert_eq!(fit(&[once; 3]), FitError::NoRepeatPurchases { customers: 3 });
        assert_eq!(fit(&[History { t: 0.0, ..once }; 3]), FitError::NoTime { customers: 3 });
    }

    #[test]
    fn a_base_that_nobody_leaves_is_fitted_with_a_warning() {
        let loyal = |i: u32| History::new(1 + i % 9, 30.0, 30.0);
        let histories = Histories::new(&(0..400).map(loyal).collect::<Vec<_>>());
        let fitted = fit(&histories).expect("a fit at the edge");
        assert!(!fitted.report.warnings.is_empty());
        assert!(fitted.model.p_alive(loyal(3)) > 0.999);
    }

    #[test]
    fn a_report_gives_its_model_back_and_no_other() {
        let fitted = fit(&some_histories()).expect("a fit");
        let text = serde_json::to_string(&fitted.report).expect("JSON");
        let report: FitReport = serde_json::from_str(&text).expect("the same report");
        assert_eq!(BgNbd::from_report(&report, TimeUnit::Weeks), Ok(fitted.model));
        assert!(matches!(BgNbd::from_report(&report, TimeUnit::Days), Err(FitError::OtherUnit { .. })));
        let mut broken = report.clone();
        broken.parameters.insert("a".into(), -1.0);
        assert!(matches!(BgNbd::from_report(&broken, TimeUnit::Weeks), Err(FitError::Parameter { name: "a", .. })));
        broken.model = "gamma-gamma".into();
        assert!(matches!(BgNbd::from_report(&broken, TimeUnit::Weeks), Err(FitError::OtherModel { .. })));
    }

    #[test]
    fn predictions_stay_in_their_range() {
        let model = BgNbd::new(0.243, 4.414, 0.793, 2.426).expect("positive");
        for x in [0, 1, 5, 20_000] {
            for t_x in [0.0, 1e-3, 50.0] {
                let history = History::new(x, t_x, 100.0);
                let (alive, ahead) = (model.p_alive(history), model.expected_purchases(history, 52.0));
                assert!((0.0..=1.0).contains(&alive) && ahead >= 0.0 && ahead.is_finite());
                assert_eq!(model.expected_purchases(history, 0.0), 0.0);
            }
        }
    }

    #[test]
    fn the_counts_have_the_expected_mean() {
        let model = BgNbd::new(0.243, 4.414, 0.793, 2.426).expect("positive");
        for history in [History::NEW, History::new(2, 30.0, 39.0), History::new(40, 38.0, 39.0)] {
            let counts = model.probabilities_if_alive(history, 39.0, 1e-13);
            let mean: f64 = counts.iter().enumerate().map(|(n, p)| n as f64 * p).sum();
            assert!((mean / model.purchases_if_alive(history, 39.0) - 1.0).abs() < 1e-9); // the tail cut off
            for (n, value) in counts.iter().enumerate().step_by(9) {
                let exact = model.probability_if_alive(history, 39.0, n as u32);
                assert!((value - exact).abs() < 1e-13); // rounding of the sums so far
            }
        }
    }
}
