//! A base scored: what is learned from it ([`fit`]), and what that says of everybody ([`FittedBase::apply`]).
//!
//! A [`Base`] is orders summed up, with what else is known of its customers. [`fit`] learns cut points, parameters,
//! centroids and the scales of the map: the [`FittedBase`], a plain value that is saved, loaded, and applied to the next
//! base, so that both are measured alike. [`FittedBase::apply`] gives a verdict of each stage for every customer
//! ([`Scored`]). [`score`] is both for one base, and works nothing out twice.

pub mod columns;
mod covariates;
mod figures;
mod holdout;
mod map;
mod models;
mod settings;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::Money;
use crate::base::ids::{Id, Ids};
use crate::clusters::{ClusterError, ClusterModel, Clusters};
use crate::contacts::ContactLog;
use crate::contacts::quality::QualityError;
use crate::contacts::timing::TimingError;
use crate::control::{Cancelled, Control};
use crate::decide::corrections::CorrectionError;
use crate::figures::Figures;
use crate::intervals::{IntervalError, Intervals};
use crate::ledger::{Ledger, SumError};
use crate::map::MapError;
use crate::models::spend::dependence::SpendDependence;
use crate::models::{FitError, ModelName};
use crate::notes;
use crate::notes::Note;
use crate::orders::Profit;
use crate::rfm::{Rfm, RfmError, RfmScale};
use crate::summary::Summary;
use crate::value::Worth;
pub use holdout::{Cut, ModelsCompared, contest};
use map::Drawn;
pub use map::{Agents, CONTRIBUTION, Criteria, FittedContact, Mapped, Oddities, ProfitSoFar};
use models::Valuing;
pub use models::{MissingModel, Model};
pub use settings::{Check, Checked, ScoreSettings, SettingError};

/// A customer base: orders summed up, and what else is known of its customers.
#[derive(Debug, Clone, Copy)]
pub struct Base<'a> {
    /// Everybody with a purchase.
    pub summary: &'a Summary,
    /// Their purchase days, where a model, the contacts or a holdout ask for them: see [`ScoreSettings::needs_days`].
    pub ledger: Option<&'a Ledger>,
    /// What order lines tell of each customer's profit.
    pub order_profit: Option<&'a [Profit]>,
    /// What else is known of customers.
    pub attributes: Option<&'a dyn Attributes>,
    /// The contact log; the map is drawn where there is one.
    pub contacts: Option<&'a Contacted>,
    /// The same orders cut in two: models are compared on what came after the cut. Used by [`fit`] alone.
    pub cut: Option<&'a Cut>,
}

impl Base<'_> {
    fn check(&self) -> Result<(), ScoreError> {
        if self.contacts.is_some() && self.ledger.is_none() { Err(ScoreError::NoDays) } else { Ok(()) }
    }
}

/// A contact log with what reading it told.
#[derive(Debug, Clone)]
pub struct Contacted {
    /// The contacts.
    pub log: ContactLog,
    /// Who of the company made them.
    pub agents: Vec<String>,
    /// What a reader of the results should know.
    pub notes: Vec<Note>,
}

/// A table with a row a customer, of whatever is known of customers beside their orders.
pub trait Attributes: fmt::Debug + Sync {
    /// Whether a column holds words that are neither numbers nor yes and no.
    fn is_text(&self, name: &str) -> bool;

    /// A column as words, a row a row of the table.
    ///
    /// # Errors
    /// Why it is none, with the columns that there are.
    fn words(&self, name: &str) -> Result<Vec<Option<String>>, String>;

    /// A column as numbers, a row a row of the table; NaN = absent.
    ///
    /// # Errors
    /// Why it is none, with the columns that there are.
    fn numbers(&self, name: &str) -> Result<Vec<f64>, String>;

    /// The row of a customer.
    fn row(&self, customer: &Id) -> Option<u32>;
}

/// Customers all of whose orders were returned.
#[derive(Debug, Clone, Default)]
pub struct WithoutPurchase {
    /// Their ids, in order.
    pub ids: Ids,
    /// What is left of their money.
    pub revenue: Vec<Money>,
}

/// What was learned from a base: parameters, cut points, centroids, scales and thresholds. Another base is measured
/// alike by [`FittedBase::apply`].
///
/// It is a plain value, saved and loaded as JSON ([`FittedBase::to_json`], [`FittedBase::from_json`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FittedBase {
    /// The version of its form.
    pub version: u32,
    /// The settings that it was fitted with, which decide how it is applied, too.
    pub settings: ScoreSettings,
    /// The purchase model, or why there is none.
    pub purchases: Model,
    /// The spend model, or why there is none.
    pub spend: Model,
    /// How the purchase model was chosen, where that was left to the data.
    pub choice: Option<ModelsCompared>,
    /// Whether spend depends on frequency, where the spend model takes for granted that it does not.
    pub spend_dependence: Option<SpendDependence>,
    /// RFM cut points and rules.
    pub rfm: RfmScale,
    /// Cluster centroids.
    pub clusters: ClusterModel,
    /// How contacts count, and the scales of the map; `None` of a base without contacts.
    pub map: Option<FittedContact>,
}

/// A verdict of each stage, a row a customer of the summary.
#[derive(Debug)]
pub struct Scored {
    /// RFM scores and segments.
    pub rfm: Rfm,
    /// What customers are worth; `None` where there is no purchase model.
    pub value: Option<Worth>,
    /// Prediction intervals; groups are RFM segments and clusters.
    pub intervals: Option<Intervals>,
    /// Who is in which cluster.
    pub clusters: Clusters,
    /// Profit so far, where there are amounts.
    pub profit: Option<ProfitSoFar>,
    /// The map, where there are contacts.
    pub map: Option<Mapped>,
    /// What charts are drawn from.
    pub figures: Figures,
    /// What a reader of the results should know.
    pub notes: Vec<Note>,
}

/// Why a base cannot be fitted or scored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScoreError {
    /// The run was stopped.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A setting is wrong.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// RFM.
    #[error(transparent)]
    Rfm(#[from] RfmError),
    /// A model.
    #[error(transparent)]
    Fit(#[from] FitError),
    /// Intervals.
    #[error(transparent)]
    Interval(#[from] IntervalError),
    /// Clusters.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// Contact quality.
    #[error(transparent)]
    Quality(#[from] QualityError),
    /// The map.
    #[error(transparent)]
    Map(#[from] MapError),
    /// Corrections.
    #[error(transparent)]
    Correction(#[from] CorrectionError),
    /// Relating contacts to purchases.
    #[error(transparent)]
    Timing(#[from] TimingError),
    /// Order lines cannot be summed up.
    #[error(transparent)]
    Sum(#[from] SumError),
    /// A column of the customers table that cannot be used.
    #[error("column '{column}' of the customers table, asked for under [attractiveness]: {cause}")]
    Attribute {
        /// The column.
        column: String,
        /// Why not.
        cause: String,
    },
    /// A covariate that cannot be used.
    #[error("covariate '{column}': {cause}")]
    Covariate {
        /// The column of the customers table.
        column: String,
        /// Why not.
        cause: String,
    },
    /// A saved fitted base that cannot be used.
    #[error("not a fitted base that can be used: {0}")]
    Saved(String),
    /// There are contacts and no purchase days.
    #[error("the map and the timing of contacts need purchase days: sum the orders up to a ledger, too")]
    NoDays,
    /// The fitted base has no map, and this one has contacts.
    #[error("what was fitted had no contacts, so there is no map to place contacts on; fit it with contacts")]
    NoMap,
}

/// What fitting has worked out that applying needs again.
#[derive(Default)]
struct Kept {
    valuing: Option<Valuing>,
    worth: Option<Worth>,
    drawn: Option<Drawn>,
    holdout: Option<crate::figures::HoldoutFigure>,
    notes: Vec<Note>,
}

/// Learns from a base.
///
/// A model that the base cannot carry is left out, with the reason ([`Model::Missing`]); the rest goes on.
///
/// # Errors
/// [`ScoreError`] where a stage cannot be fitted, or `control` was cancelled.
pub fn fit(base: &Base<'_>, settings: &Checked<ScoreSettings>, control: &Control) -> Result<FittedBase, ScoreError> {
    Ok(fit_keeping(base, settings, control)?.0)
}

/// Learns from a base and says what that means for its customers: [`fit`] and [`FittedBase::apply`] in one.
///
/// # Errors
/// As [`fit`].
pub fn score(
    base: &Base<'_>,
    settings: &Checked<ScoreSettings>,
    control: &Control,
) -> Result<(FittedBase, Scored), ScoreError> {
    let (fitted, kept) = fit_keeping(base, settings, control)?;
    let scored = fitted.apply_keeping(base, kept, control)?;
    Ok((fitted, scored))
}

fn fit_keeping(
    base: &Base<'_>,
    settings: &Checked<ScoreSettings>,
    control: &Control,
) -> Result<(FittedBase, Kept), ScoreError> {
    let settings: &ScoreSettings = settings;
    let summary = base.summary;
    base.check()?;
    map::check_columns(base, &settings.attractiveness)?;
    enter(control, "scoring RFM")?;
    let rfm = RfmScale::fit(summary, &settings.rfm)?;
    let mut kept = Kept::default();
    let fits = models::fit(base, settings, control, &mut kept)?;
    enter(control, "finding clusters")?;
    let clusters = ClusterModel::fit_under(summary, &settings.clusters, control)?;
    control.check()?;
    let mut fitted = FittedBase {
        version: FittedBase::VERSION,
        settings: settings.clone(),
        purchases: fits.purchases,
        spend: fits.spend,
        choice: fits.choice,
        spend_dependence: fits.dependence,
        rfm,
        clusters,
        map: None,
    };
    if let Some(contacts) = base.contacts {
        fitted.value(base, &mut kept, control)?;
        fitted.map = Some(map::fit(base, contacts, &fitted, control, &mut kept)?);
    }
    Ok((fitted, kept))
}

impl FittedBase {
    /// The version of the form in which it is saved.
    pub const VERSION: u32 = 1;

    /// What was learned, to be kept.
    ///
    /// # Errors
    /// [`ScoreError::Saved`] where a number in it has no form in JSON.
    pub fn to_json(&self) -> Result<String, ScoreError> {
        serde_json::to_string(self).map_err(|error| ScoreError::Saved(error.to_string()))
    }

    /// What was learned and kept.
    ///
    /// # Errors
    /// [`ScoreError::Saved`] where the text is none, or one of another version.
    pub fn from_json(text: &str) -> Result<Self, ScoreError> {
        let wrong = |cause: String| ScoreError::Saved(cause);
        let fitted: FittedBase = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
        match fitted.version {
            Self::VERSION => Ok(fitted),
            other => {
                Err(wrong(format!("it has form {other}, and this version reads form {}: fit again", Self::VERSION)))
            }
        }
    }

    /// What was learned says this of everybody in a base, be it another one.
    ///
    /// # Errors
    /// [`ScoreError`] where the base lacks what was learned from: contacts, amounts, columns of the customers table; or
    /// where `control` was cancelled.
    pub fn apply(&self, base: &Base<'_>, control: &Control) -> Result<Scored, ScoreError> {
        base.check()?;
        map::check_columns(base, &self.settings.attractiveness)?;
        self.apply_keeping(base, Kept::default(), control)
    }

    fn apply_keeping(&self, base: &Base<'_>, mut kept: Kept, control: &Control) -> Result<Scored, ScoreError> {
        let summary = base.summary;
        enter(control, "scoring RFM")?;
        let rfm = self.rfm.apply(summary)?;
        self.value(base, &mut kept, control)?;
        enter(control, "finding clusters")?;
        let clusters = self.clusters.apply(summary)?;
        let mut notes = std::mem::take(&mut kept.notes);
        notes.extend(self.notes());
        let valuing = kept.valuing.take();
        let worth = kept.worth.take();
        let intervals = self.intervals(summary, valuing.as_ref(), worth.as_ref(), &rfm, &clusters, control)?;
        let of_forecast = intervals.iter().flat_map(|found| found.forecast.warnings.iter().cloned());
        notes.extend(notes::warnings("forecast", of_forecast));
        enter(control, "drawing figures")?;
        let of_value = self.value_figure(summary, valuing.as_ref(), worth.as_ref());
        // Histories are needed no more.
        drop(valuing);
        let (profit, map) = self.draw_map(base, worth.as_ref(), kept.drawn.take(), control, &mut notes)?;
        enter(control, "drawing figures")?;
        let drawn = figures::Bases {
            summary,
            rfm: &rfm,
            clusters: (&self.clusters, &clusters),
            value: worth.as_ref(),
            intervals: intervals.as_ref(),
            map: map.as_ref(),
        };
        let figures = figures::figures(&drawn, of_value, kept.holdout, self.settings.corrections.period_days);
        control.check()?;
        Ok(Scored { rfm, value: worth, intervals, clusters, profit, map, figures, notes })
    }

    /// Whether applying it asks for more than the summary: when each purchase was.
    pub fn needs_days(&self, contacts: bool) -> bool {
        let by_days = |name: ModelName| name.counts_days();
        contacts || self.purchases.fitted().and_then(|report| ModelName::of(&report.model)).is_some_and(by_days)
    }

    /// What a reader of anything that comes of it should know.
    pub fn notes(&self) -> Vec<Note> {
        let dependence = self.spend_dependence.as_ref().and_then(SpendDependence::warning);
        let by_stage = [
            notes::warnings("rfm", self.rfm.warnings.iter().cloned()),
            notes::warnings("purchase_model", self.purchases.warnings()),
            notes::warnings("spend_model", self.spend.warnings()),
            notes::warnings("spend_dependence", dependence),
            notes::warnings("purchase_model", self.purchases.counts_warning()),
            notes::warnings("clusters", self.clusters.warnings.iter().cloned()),
        ];
        by_stage.concat()
    }
}

/// Begins a stage, unless the run was stopped.
fn enter(control: &Control, stage: &'static str) -> Result<(), Cancelled> {
    control.check()?;
    control.enter(stage);
    Ok(())
}
