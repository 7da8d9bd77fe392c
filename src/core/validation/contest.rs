//! Models fitted to the calibration and compared on the holdout.

use serde::{Deserialize, Serialize};

use crate::base::{Day, TimeUnit};
use crate::models::fit::covariates;
use crate::models::fit::covariates::Covariates;
use crate::models::{FitError, FitReport, FitSettings, Fitted, Histories, ModelName, PurchaseModel};
use crate::validation::{
    Assessment, Candidate, Counts, Kind, LeftOut, Observed, PurchaseDays, Split, Validation, Window, validate,
};

/// Which models are compared on which purchases.
#[derive(Debug, Clone, Copy)]
pub struct Contest<'a> {
    /// When customers bought.
    pub purchases: PurchaseDays<'a>,
    /// What else is known of them; the groups of `purchases` are its combinations.
    pub covariates: &'a Covariates,
    /// Where purchases are cut.
    pub window: Window,
    /// The models.
    pub models: &'a [ModelName],
    /// How they are fitted.
    pub fit: &'a FitSettings,
    /// The level of the intervals whose coverage is measured, such as 0.8.
    pub level: f64,
}

/// How a contest ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contested {
    /// The last day of the calibration.
    pub calibration_end: Day,
    /// The last day of the holdout.
    pub holdout_end: Day,
    /// The unit of times.
    pub time_unit: TimeUnit,
    /// Customers who bought first in the holdout: no model knows them.
    pub newcomers: usize,
    /// The models that could be fitted, as they were fitted to the calibration.
    pub fits: Vec<FitReport>,
    /// What came of them.
    pub validation: Validation,
}

/// A model or baseline in one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// Its name.
    pub name: String,
    /// How many parameters were estimated; `None` for a baseline.
    pub parameters: Option<usize>,
    /// What it counts.
    pub counts: Counts,
    /// The mean log probability that it gave to what customers did; `None` for a baseline.
    pub mean_log_probability: Option<f64>,
    /// Purchases expected of all customers.
    pub expected: f64,
    /// Purchases made.
    pub actual: f64,
    /// By how much too many are expected, in percent of those made.
    pub bias_percent: Option<f64>,
    /// Mean absolute error of a customer.
    pub mae: f64,
    /// Root mean squared error of a customer.
    pub rmse: f64,
    /// Normalised Gini coefficient.
    pub gini: Option<f64>,
    /// Spearman's rank correlation.
    pub spearman: Option<f64>,
    /// The share of customers inside their intervals.
    pub coverage: Option<f64>,
    /// The same without the steps of counts.
    pub randomised_coverage: Option<f64>,
}

impl Contest<'_> {
    /// Fits every model to the calibration, which is all that it sees, and compares them on the holdout. A model that
    /// cannot be fitted is left out with its reason.
    pub fn run(&self) -> Contested {
        let Split { observed, newcomers, .. } = self.window.split(self.purchases);
        let opportunities = self.models.contains(&ModelName::BgBb);
        let opportunities = opportunities.then(|| self.window.split_opportunities(self.purchases).observed);
        let (mut fits, mut failed) = (Vec::new(), Vec::new());
        for &name in self.models {
            let own = opportunities.as_ref().filter(|_| name == ModelName::BgBb);
            match self.fit(name, own.unwrap_or(&observed).histories()) {
                Ok(fitted) => fits.push((fitted, own)),
                Err(error) => failed.push(LeftOut { name: name.name().into(), reason: error.to_string() }),
            }
        }
        let candidates: Vec<Candidate<'_>> = fits.iter().map(|(fitted, own)| candidate(fitted, *own)).collect();
        let mut validation = validate(&observed, &candidates, self.level);
        validation.choice.left_out.extend(failed);
        Contested {
            calibration_end: self.window.calibration_end,
            holdout_end: self.window.holdout_end(),
            time_unit: self.window.unit,
            newcomers,
            fits: fits.into_iter().map(|(fitted, _)| fitted.report).collect(),
            validation,
        }
    }

    fn fit(&self, name: ModelName, histories: &Histories) -> Result<Fitted<Box<dyn PurchaseModel>>, FitError> {
        covariates::fit(name, histories, self.covariates, self.window.unit, self.fit)
    }
}

fn candidate<'a>(fitted: &'a Fitted<Box<dyn PurchaseModel>>, opportunities: Option<&'a Observed>) -> Candidate<'a> {
    Candidate { model: fitted.model.as_ref(), parameters: fitted.report.parameters.len(), opportunities }
}

impl Contested {
    /// The best model; `None` where no model has a score.
    pub fn best(&self) -> Option<ModelName> {
        self.validation.choice.best.as_deref().and_then(ModelName::of)
    }

    /// Models and baselines in one line each, in the order of the validation.
    pub fn standings(&self) -> Vec<Standing> {
        self.validation.assessments.iter().map(Standing::of).collect()
    }
}

impl Standing {
    fn of(Assessment { name, kind, counts, accuracy, distribution, .. }: &Assessment) -> Self {
        Standing {
            name: name.clone(),
            parameters: match kind {
                Kind::Model { parameters } => Some(*parameters),
                Kind::Baseline => None,
            },
            counts: *counts,
            mean_log_probability: distribution.and_then(|fit| fit.mean_log_probability),
            expected: accuracy.expected,
            actual: accuracy.actual,
            bias_percent: accuracy.bias_percent,
            mae: accuracy.mae,
            rmse: accuracy.rmse,
            gini: accuracy.gini,
            spearman: accuracy.spearman,
            coverage: distribution.map(|fit| fit.coverage),
            randomised_coverage: distribution.map(|fit| fit.randomised_coverage),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::models::purchase::bg_nbd::BgNbd;
    use crate::validation::contest::*;
    use rand::{Rng, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    /// Days of customers who buy as BG/NBD, a purchase day each.
    fn drawn(customers: usize) -> (Vec<i32>, Vec<usize>) {
        let model = BgNbd::new(0.9, 30.0, 0.6, 2.4).expect("positive");
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(9);
        let (mut days, mut starts) = (Vec::new(), vec![0]);
        for _ in 0..customers {
            let first = rng.gen_range(0..200);
            let history = model.draw(f64::from(600 - first), &mut rng);
            let mut own: Vec<i32> = (0..history.x).map(|_| rng.gen_range(0..=history.t_x as i32) + first).collect();
            own.push(first);
            own.sort_unstable();
            own.dedup();
            days.extend(own);
            starts.push(days.len());
        }
        (days, starts)
    }

    use crate::models::PurchaseModel;

    #[test]
    fn every_model_is_compared_or_left_out_with_its_reason() {
        let (days, starts) = drawn(1_500);
        let covariates = Covariates::default();
        let contest = Contest {
            purchases: PurchaseDays { days: &days, starts: &starts, groups: &[] },
            covariates: &covariates,
            window: Window { calibration_end: Day(400), holdout_days: 200, unit: TimeUnit::Weeks },
            models: &ModelName::ALL,
            fit: &FitSettings::default(),
            level: 0.8,
        };
        let contested = contest.run();
        let standings = contested.standings();
        let failed = &contested.validation.choice.left_out;
        // BG/BB is both compared, by its own counts, and left out of the choice.
        let both = standings.iter().filter(|standing| standing.counts == Counts::Opportunities).count();
        assert_eq!(standings.len() + failed.len(), ModelName::ALL.len() + 3 + both, "{failed:?}");
        let best = contested.best().expect("a best model");
        let score = |name: &str| {
            let of = standings.iter().find(|standing| standing.name == name);
            of.and_then(|standing| standing.mean_log_probability)
        };
        let days = standings.iter().filter(|standing| standing.counts == Counts::PurchaseDays);
        let highest = days.filter_map(|standing| standing.mean_log_probability).fold(f64::NEG_INFINITY, f64::max);
        assert!(score(best.name()).is_some_and(|score| score >= highest - 1e-5)); // equal ones are settled by parameters
    }
}
