//! A base cut in two: what stood at a day, and what came after it, for models to be compared on.

use serde::{Deserialize, Serialize};

use super::covariates::covariates_of;
use super::{Base, ScoreError, ScoreSettings, enter};
use crate::base::ids::Ids;
use crate::base::{Day, Horizon};
use crate::control::Control;
use crate::ledger::{Ledger, LedgerBuilder, SumError};
use crate::models::ModelName;
use crate::models::fit::covariates::Covariates;
use crate::validation::{Contest, Contested, LeftOut, PurchaseDays, Standing, Window};

/// The level of the intervals whose coverage a contest measures, where a run has none.
const COVERAGE_LEVEL: f64 = 0.8;

/// The contest by which a purchase model was chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelsCompared {
    /// The last day of the calibration.
    pub calibration_end: Day,
    /// The last day of the holdout.
    pub holdout_end: Day,
    /// Customers who bought first in the holdout.
    pub newcomers: usize,
    /// The level of the intervals whose coverage was measured.
    pub level: f64,
    /// The model with the best score; `None` where no model has one.
    pub best: Option<String>,
    /// Models that could not be it, and why.
    pub left_out: Vec<LeftOut>,
    /// How each did.
    pub standings: Vec<Standing>,
}

impl From<&Contested> for ModelsCompared {
    fn from(contested: &Contested) -> Self {
        ModelsCompared {
            calibration_end: contested.calibration_end,
            holdout_end: contested.holdout_end,
            newcomers: contested.newcomers,
            level: contested.validation.level,
            best: contested.validation.choice.best.clone(),
            left_out: contested.validation.choice.left_out.clone(),
            standings: contested.standings(),
        }
    }
}

/// When customers bought, as models take it.
pub(super) struct Purchases {
    days: Vec<i32>,
    starts: Vec<usize>,
    groups: Vec<u32>,
}

impl Purchases {
    /// Those of the customers who have any, in the order of a summary.
    pub(super) fn of(ledger: &Ledger, covariates: &Covariates) -> Self {
        let starts = ledger.starts_of_buyers();
        let groups = groups(covariates, starts.len() - 1);
        Purchases { days: ledger.at.iter().map(|at| at.day.0).collect(), starts, groups }
    }

    pub(super) fn days(&self) -> PurchaseDays<'_> {
        PurchaseDays { days: &self.days, starts: &self.starts, groups: &self.groups }
    }
}

fn groups(covariates: &Covariates, customers: usize) -> Vec<u32> {
    let any = !covariates.columns.is_empty();
    (0..customers).filter(|_| any).map(|customer| covariates.group(customer)).collect()
}

/// Orders cut in two: what stood on the last day of the calibration, and what came after it.
///
/// A return in the holdout may undo an order of the calibration. Who stood at the cut did not know that, so the
/// calibration is summed up by itself.
#[derive(Debug)]
pub struct Cut {
    /// The day of the cut, and how much comes after it.
    pub window: Window,
    then: Ledger,
}

impl Cut {
    /// Cuts the lines that a ledger is going to be made of; `None` where there are none.
    ///
    /// # Errors
    /// [`SumError`] where lines cannot be read back.
    pub fn of(builder: &LedgerBuilder, settings: &ScoreSettings) -> Result<Option<Self>, SumError> {
        let Some((first, last)) = builder.days() else { return Ok(None) };
        let window = window(settings.models.holdout, first, settings.summary.as_of.unwrap_or(last), settings);
        Ok(Some(Cut { window, then: builder.up_to(window.calibration_end)? }))
    }

    /// Purchases on both sides of the cut of those who had bought by then, and how many others there are; `whole` is the
    /// ledger of all lines.
    fn purchases(&self, whole: &Ledger) -> (Known, usize) {
        let mut known = Known { ids: Ids::default(), days: Vec::new(), starts: vec![0] };
        let (mut at_cut, mut newcomers) = (0, 0);
        for customer in 0..whole.len() {
            let id = whole.ids.get(customer);
            let after = whole.at[whole.rows(customer)].iter().map(|at| at.day);
            let after = after.filter(|day| *day > self.window.calibration_end).map(|day| day.0);
            // Both are in the order of their ids, and who bought by the cut is in the whole, too.
            let then = if at_cut < self.then.len() && self.then.ids.get(at_cut) == id {
                at_cut += 1;
                &self.then.at[self.then.rows(at_cut - 1)]
            } else {
                &[]
            };
            if then.is_empty() {
                newcomers += usize::from(after.count() > 0);
                continue;
            }
            known.ids.push(id);
            known.days.extend(then.iter().map(|at| at.day.0).chain(after));
            known.starts.push(known.days.len());
        }
        (known, newcomers)
    }
}

/// Customers who had bought by a cut, and all their purchase days.
struct Known {
    ids: Ids,
    days: Vec<i32>,
    starts: Vec<usize>,
}

/// The cut that holds out so much, or a third of the time observed.
fn window(holdout: Option<Horizon>, first: Day, last: Day, settings: &ScoreSettings) -> Window {
    let observed = f64::from(last.days_since(first));
    let days = holdout.map_or(observed / 3.0, Horizon::days).round().clamp(1.0, 1e6) as u32;
    let calibration_end = Day(last.0.saturating_sub_unsigned(days));
    Window { calibration_end, holdout_days: days, unit: settings.summary.time_unit }
}

/// Fits models to what stood at a cut and compares them on what came after.
///
/// # Errors
/// [`ScoreError`] where a covariate cannot be used, or `control` was cancelled.
pub fn contest(
    base: &Base<'_>,
    cut: &Cut,
    ledger: &Ledger,
    models: &[ModelName],
    settings: &ScoreSettings,
    control: &Control,
) -> Result<Contested, ScoreError> {
    enter(control, "comparing models")?;
    // Covariates are those of the customers known at the cut: who came later has no say in them.
    let (Known { ids, days, starts }, newcomers) = cut.purchases(ledger);
    let covariates = covariates_of(base.attributes, &ids, &settings.models.covariates)?;
    let purchases = Purchases { days, starts, groups: groups(&covariates, ids.len()) };
    let level = settings.intervals.level;
    let contest = Contest {
        purchases: purchases.days(),
        covariates: &covariates,
        window: cut.window,
        models,
        fit: &settings.models.fit.under(control),
        level: if level > 0.0 { level } else { COVERAGE_LEVEL },
    };
    let contested = Contested { newcomers, ..contest.run() };
    control.check()?;
    Ok(contested)
}
