//! What customers spend on a purchase day: the models by name.

pub mod conditional_gamma_gamma;
pub mod dependence;
pub mod gamma_gamma;

use std::fmt;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::models::fit::report::positive;
use crate::models::spend::conditional_gamma_gamma::ConditionalGammaGamma;
use crate::models::spend::gamma_gamma::{FitGammaGamma, GammaGamma};
use crate::models::{Fit, FitError, FitReport, FitSettings, Fitted};
use crate::summary::Summary;

/// What a spend model knows of a customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spender {
    /// Purchase days after the first.
    pub frequency: u32,
    /// Purchase days behind the mean.
    pub days: u32,
    /// Mean spend of these days; `None` where there is no such day.
    pub mean: Option<f64>,
}

impl Spender {
    /// A customer of a base; `None` where the base has no amounts.
    pub fn of(summary: &Summary, customer: usize) -> Option<Spender> {
        let spend = summary.spend.as_ref()?;
        let (frequency, days) = (summary.frequency[customer], summary.spend_days(customer));
        Some(Spender { frequency, days, mean: spend.mean.get(customer) })
    }
}

/// What the spend of a customer on its next days is drawn from: that of `n` days together is `v` times a beta prime
/// variable with shapes `p n` and `q`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpendSpread {
    /// Shape of a day's spend.
    pub p: f64,
    /// Shape of what is not known of the customer; grows with each day seen.
    pub q: f64,
    /// Scale, in currency units.
    pub v: f64,
}

impl SpendSpread {
    /// Mean spend of a day.
    pub fn mean(self) -> f64 {
        self.p * self.v / (self.q - 1.0)
    }

    /// The variance of the customer's own mean spend of a day; infinite where `q` is 2 or less.
    pub fn variance_between(self) -> f64 {
        if self.q <= 2.0 { f64::INFINITY } else { self.mean().powi(2) / (self.q - 2.0) }
    }

    /// The variance of a day's spend around the customer's own mean; infinite where `q` is 2 or less.
    pub fn variance_within(self) -> f64 {
        let scale = self.v / (self.q - 1.0);
        if self.q <= 2.0 { f64::INFINITY } else { self.p * scale * scale * (self.q - 1.0) / (self.q - 2.0) }
    }
}

/// A fitted model of what customers spend.
pub trait SpendModel: fmt::Debug + Send + Sync {
    /// Which model it is.
    fn name(&self) -> SpendName;

    /// What a customer is expected to spend on a purchase day, in currency units; never negative.
    fn expected_spend(&self, spender: Spender) -> f64;

    /// What its spend is drawn from; `None` where the model knows no difference.
    fn spread(&self, spender: Spender) -> Option<SpendSpread>;

    /// How the expectation comes about, with the model's parameters: for people.
    fn formula(&self) -> String;
}

/// [`SpendModel::expected_spend`] of every customer; `None` where the base has no amounts.
pub fn expected_spends(model: &dyn SpendModel, summary: &Summary) -> Option<Vec<f64>> {
    let spend = |customer| Spender::of(summary, customer).map(|spender| model.expected_spend(spender));
    (0..summary.len()).into_par_iter().map(spend).collect()
}

/// The spend models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpendName {
    /// What customers spend does not depend on how often they buy.
    #[default]
    GammaGamma,
    /// It does.
    GammaGammaConditional,
    /// Everybody spends the same.
    Constant,
}

impl SpendName {
    /// All of them.
    pub const ALL: [SpendName; 3] = [SpendName::GammaGamma, SpendName::GammaGammaConditional, SpendName::Constant];

    /// The name in settings and reports.
    pub fn name(self) -> &'static str {
        match self {
            SpendName::GammaGamma => gamma_gamma::NAME,
            SpendName::GammaGammaConditional => conditional_gamma_gamma::NAME,
            SpendName::Constant => Constant::NAME,
        }
    }

    /// Fits this model to the customers with a positive mean spend.
    ///
    /// # Errors
    /// A [`FitError`] where the base cannot carry the model or the search did not converge.
    pub fn fit(self, summary: &Summary, settings: &FitSettings) -> Result<Fitted<Box<dyn SpendModel>>, FitError> {
        Ok(match self {
            SpendName::GammaGamma => {
                let Fitted { model, report } = FitGammaGamma { settings: settings.clone() }.fit(summary)?;
                Fitted { model: Box::new(model), report }
            }
            SpendName::GammaGammaConditional => {
                let Fitted { model, report } = ConditionalGammaGamma::fit(summary, settings)?;
                Fitted { model: Box::new(model), report }
            }
            SpendName::Constant => {
                let Fitted { model, report } = Constant::fit(summary)?;
                Fitted { model: Box::new(model), report }
            }
        })
    }

    /// The model of an earlier fit.
    ///
    /// # Errors
    /// [`FitError::OtherModel`], [`FitError::Parameter`] or [`FitError::ExpectedSpendUndefined`].
    pub fn from_report(report: &FitReport) -> Result<Box<dyn SpendModel>, FitError> {
        let named = Self::ALL.into_iter().find(|model| model.name() == report.model);
        Ok(match named {
            Some(SpendName::GammaGamma) => Box::new(GammaGamma::from_report(report)?),
            Some(SpendName::GammaGammaConditional) => Box::new(ConditionalGammaGamma::from_report(report)?),
            Some(SpendName::Constant) => Box::new(Constant::from_report(report)?),
            None => return Err(FitError::OtherModel { expected: "a spend model", found: report.model.clone() }),
        })
    }
}

impl SpendModel for GammaGamma {
    fn name(&self) -> SpendName {
        SpendName::GammaGamma
    }

    fn expected_spend(&self, Spender { days, mean, .. }: Spender) -> f64 {
        GammaGamma::expected_spend(self, days, mean)
    }

    fn spread(&self, Spender { days, mean, .. }: Spender) -> Option<SpendSpread> {
        let (x, total) = match mean {
            Some(mean) if days > 0 => (f64::from(days), f64::from(days) * mean.max(0.0)),
            _ => (0.0, 0.0),
        };
        Some(SpendSpread { p: self.p, q: self.p * x + self.q, v: self.v + total })
    }

    fn formula(&self) -> String {
        format!("(p v + p x z) / (p x + q - 1) with p = {}, q = {}, v = {}", self.p, self.q, self.v)
    }
}

/// Everybody spends the same on a purchase day: what is left where mean spends do not differ, or are too few.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Constant {
    /// That amount, in currency units.
    pub mean: f64,
}

impl Constant {
    const NAME: &str = "constant";

    /// The mean of the positive mean spends.
    ///
    /// # Errors
    /// [`FitError::NoAmounts`], or [`FitError::TooFewSpenders`] where nobody has spent anything on the days that count.
    pub fn fit(summary: &Summary) -> Result<Fitted<Self>, FitError> {
        let spend = summary.spend.as_ref().ok_or(FitError::NoAmounts)?;
        let means: Vec<f64> = spend.mean.iter().flatten().filter(|mean| *mean > 0.0).collect();
        if means.is_empty() {
            return Err(FitError::TooFewSpenders { found: 0, needed: 1 });
        }
        let mean = means.iter().sum::<f64>() / means.len() as f64;
        let report = FitReport {
            model: Self::NAME.into(),
            parameters: [("mean".to_string(), mean)].into(),
            converged: true,
            customers: means.len(),
            distinct_rows: means.len(),
            ..FitReport::default()
        };
        Ok(Fitted { model: Constant { mean }, report })
    }

    fn from_report(report: &FitReport) -> Result<Self, FitError> {
        Ok(Constant { mean: positive(Self::NAME, "mean", report.parameters.get("mean").copied())? })
    }
}

impl SpendModel for Constant {
    fn name(&self) -> SpendName {
        SpendName::Constant
    }

    fn expected_spend(&self, _: Spender) -> f64 {
        self.mean
    }

    fn spread(&self, _: Spender) -> Option<SpendSpread> {
        None
    }

    fn formula(&self) -> String {
        format!("the mean of all mean spends, {}, for everybody", self.mean)
    }
}

#[cfg(test)]
mod tests {
    use crate::models::spend::*;

    #[test]
    fn the_spread_has_the_expected_mean() {
        let model = GammaGamma::new(6.25, 3.74, 15.44).expect("valid");
        for (days, mean) in [(0, None), (3, Some(40.0)), (2, Some(-5.0))] {
            let spender = Spender { frequency: days, days, mean };
            let spread = model.spread(spender).expect("differs");
            assert!((spread.mean() / SpendModel::expected_spend(&model, spender) - 1.0).abs() < 1e-14); // rounding
        }
    }

    #[test]
    fn names_are_those_of_the_settings() {
        for model in SpendName::ALL {
            assert_eq!(serde_json::to_string(&model).expect("JSON"), format!("{:?}", model.name()));
        }
    }
}
