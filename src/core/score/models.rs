//! The stages between summary and value: the purchase model, the spend model.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::covariates::{covariates_as_before, covariates_of};
use super::holdout::{Cut, ModelsCompared, Purchases, contest};
use super::{Base, FittedBase, Kept, ScoreError, ScoreSettings, enter};
use crate::base::TimeUnit;
use crate::clusters::Clusters;
use crate::control::Control;
use crate::figures::{HoldoutFigure, ValueFigure};
use crate::intervals::{Grouping, IntervalInput, Intervals, intervals_by};
use crate::ledger::Ledger;
use crate::models::fit::covariates::{self, Covariates};
use crate::models::spend::Constant;
use crate::models::spend::dependence::SpendDependence;
use crate::models::{
    FitError, FitReport, FitSettings, Fitted, Histories, ModelChoice, ModelName, NotConverged, PurchaseModel,
    SpendModel, SpendName,
};
use crate::notes::Note;
use crate::rfm::Rfm;
use crate::summary::Summary;
use crate::validation::{Contested, Window};
use crate::value::Worth;

/// What NBD may lose in log-likelihood against a model at its edge and still be the same.
const SAME_LIKELIHOOD: f64 = 0.1;

/// What purchase models are fitted to.
struct Fitting<'a> {
    /// There where the model asks for more than the summary.
    ledger: Option<&'a Ledger>,
    summary: &'a Summary,
    covariates: &'a Covariates,
}

impl Fitting<'_> {
    /// The histories that a model counts: BG/BB whole time units, CNBD-k purchase days with the times between them.
    fn histories(&self, model: ModelName) -> Histories {
        let window = Window { calibration_end: self.summary.as_of, holdout_days: 0, unit: self.summary.unit };
        let purchases = |ledger| Purchases::of(ledger, self.covariates);
        match (model.counts_days(), self.ledger) {
            (true, Some(ledger)) if !model.purchases_are_days() => {
                window.split_opportunities(purchases(ledger).days()).observed.histories().clone()
            }
            (true, Some(ledger)) => window.split(purchases(ledger).days()).observed.histories().clone(),
            _ if self.covariates.columns.is_empty() => Histories::of(self.summary),
            _ => Histories::grouped(self.summary, |customer| self.covariates.group(customer)),
        }
    }

    /// The model of an earlier fit, with the histories of this base.
    fn refitted(&self, report: &FitReport) -> Result<Purchase, FitError> {
        let model = covariates::from_report(report, self.summary.unit, self.covariates)?;
        let histories = self.histories(model.name());
        Ok(Purchase { model, report: report.clone(), histories })
    }

    /// Fits a model; plain NBD takes the place of one that ends where nobody leaves.
    fn fit(&self, model: ModelName, settings: &FitSettings) -> Result<Purchase, FitError> {
        let histories = self.histories(model);
        let mut fitted = covariates::fit(model, &histories, self.covariates, self.summary.unit, settings)?;
        if let Some(plain) = self.without_dropout(&fitted.report, &histories, settings) {
            fitted = plain;
        }
        Ok(Purchase { model: fitted.model, report: fitted.report, histories })
    }

    fn without_dropout(
        &self,
        report: &FitReport,
        histories: &Histories,
        settings: &FitSettings,
    ) -> Option<Fitted<Box<dyn PurchaseModel>>> {
        let stages = report.parameters.get("k").is_some_and(|k| *k > 1.0);
        let may_be_nbd = ModelName::of(&report.model).is_some_and(ModelName::contains_nbd);
        if report.at_boundary.is_empty() || !report.covariates.is_empty() || !may_be_nbd || stages {
            return None;
        }
        let mut plain = ModelName::Nbd.fit(histories, self.summary.unit, settings).ok()?;
        let same = plain.report.log_likelihood >= report.log_likelihood - SAME_LIKELIHOOD;
        plain.report.warnings.insert(
            0,
            format!(
                "{} finds that nobody leaves, so NBD is used: everybody counts as a customer for good; \
                 over a long horizon this forecasts too much",
                report.model
            ),
        );
        same.then_some(plain)
    }
}

/// A fitted purchase model and the histories that it counts.
pub(super) struct Purchase {
    pub(super) model: Box<dyn PurchaseModel>,
    pub(super) report: FitReport,
    pub(super) histories: Histories,
}

/// A fitted spend model.
pub(super) struct Spending {
    pub(super) model: Box<dyn SpendModel>,
    pub(super) report: FitReport,
}

/// Everything that fitting models comes to.
pub(super) struct Fits {
    pub(super) purchases: Model,
    pub(super) spend: Model,
    pub(super) choice: Option<ModelsCompared>,
    pub(super) dependence: Option<SpendDependence>,
}

/// The models themselves, with what they need of a base.
pub(super) struct Valuing {
    purchases: Option<Purchase>,
    spending: Option<Spending>,
    covariates: Covariates,
}

/// Chooses and fits the models of a base.
pub(super) fn fit(
    base: &Base<'_>,
    settings: &ScoreSettings,
    control: &Control,
    kept: &mut Kept,
) -> Result<Fits, ScoreError> {
    enter(control, "fitting models")?;
    let summary = base.summary;
    let covariates = covariates_of(base.attributes, &summary.ids, &settings.models.covariates)?;
    let fitting = Fitting { ledger: base.ledger, summary, covariates: &covariates };
    let both = base.cut.zip(base.ledger);
    let (contested, name) = choose(base, both, settings, control, &mut kept.notes)?;
    let choice = contested.as_ref().map(ModelsCompared::from);
    enter(control, "fitting models")?;
    let fit_settings = settings.models.fit.under(control);
    let purchases = kept_unless_fatal(fitting.fit(name, &fit_settings), name.name(), summary, settings)?;
    kept.holdout = hold_out(base, contested, both, name, settings, control);
    enter(control, "fitting models")?;
    let spending = fit_spend(settings.models.spend, summary, &fit_settings);
    let spending = kept_unless_fatal(spending, settings.models.spend.name(), summary, settings)?;
    let dependence = dependence(summary, spending.as_ref().ok(), &fit_settings);
    let record =
        |report: Result<&FitReport, &Model>| report.map_or_else(Model::clone, |fit| Model::Fitted(fit.clone()));
    let fits = Fits {
        purchases: record(purchases.as_ref().map(|purchases| &purchases.report)),
        spend: record(spending.as_ref().map(|spending| &spending.report)),
        choice,
        dependence,
    };
    kept.valuing = Some(Valuing { purchases: purchases.ok(), spending: spending.ok(), covariates });
    Ok(fits)
}

/// The fit, or the record of why there is none; an error where a run must not go on without it.
fn kept_unless_fatal<T>(
    fit: Result<T, FitError>,
    model: &'static str,
    summary: &Summary,
    settings: &ScoreSettings,
) -> Result<Result<T, Model>, ScoreError> {
    let is_fatal = |error: &FitError| match error {
        FitError::DidNotConverge { .. } => settings.models.not_converged == NotConverged::Error,
        FitError::NoCovariates { .. } | FitError::Cancelled(_) => true,
        _ => false,
    };
    match fit {
        Ok(fitted) => Ok(Ok(fitted)),
        Err(error) if is_fatal(&error) => Err(error.into()),
        Err(error) => Ok(Err(Model::missing(model, summary.len(), error.to_string()))),
    }
}

/// Which purchase model is fitted, and by which contest.
fn choose(
    base: &Base<'_>,
    both: Option<(&Cut, &Ledger)>,
    settings: &ScoreSettings,
    control: &Control,
    notes: &mut Vec<Note>,
) -> Result<(Option<Contested>, ModelName), ScoreError> {
    let (cut, ledger) = match (settings.models.purchases, both) {
        (ModelChoice::One(name), _) => return Ok((None, name)),
        (ModelChoice::Auto, None) => return Ok((None, ModelName::default())),
        (ModelChoice::Auto, Some(both)) => both,
    };
    let contested = contest(base, cut, ledger, &ModelName::ALL, settings, control)?;
    let best = contested.best().unwrap_or_else(|| {
        let sentence = format!(
            "no model could be compared on a holdout from {}, so {} was taken; another length (models.holdout) may do",
            contested.calibration_end,
            ModelName::default()
        );
        notes.push(Note::warning("no_model_compared", sentence));
        ModelName::default()
    });
    Ok((Some(contested), best))
}

/// The model against a holdout: as it was chosen, or in a contest of its own. Where there can be none, the report
/// goes without.
fn hold_out(
    base: &Base<'_>,
    contested: Option<Contested>,
    both: Option<(&Cut, &Ledger)>,
    name: ModelName,
    settings: &ScoreSettings,
    control: &Control,
) -> Option<HoldoutFigure> {
    let contested = match (contested, both) {
        (Some(contested), _) => contested,
        (None, Some((cut, ledger))) => contest(base, cut, ledger, &[name], settings, control).ok()?,
        (None, None) => return None,
    };
    HoldoutFigure::of(&contested, name.name())
}

/// Tests what Gamma-Gamma takes for granted.
fn dependence(summary: &Summary, spending: Option<&Spending>, settings: &FitSettings) -> Option<SpendDependence> {
    let fitted = spending.filter(|spending| spending.model.name() == SpendName::GammaGamma)?;
    SpendDependence::of(summary, &fitted.report, settings)
}

impl Valuing {
    /// The models that were fitted, ready for a base.
    fn of(fitted: &FittedBase, base: &Base<'_>) -> Result<Self, ScoreError> {
        let columns = fitted.purchases.fitted().map(|report| report.covariates.as_slice()).unwrap_or_default();
        let covariates = covariates_as_before(base.attributes, &base.summary.ids, columns)?;
        let fitting = Fitting { ledger: base.ledger, summary: base.summary, covariates: &covariates };
        let purchases = fitted.purchases.fitted().map(|report| fitting.refitted(report)).transpose()?;
        let spending = fitted.spend.fitted().map(|report| -> Result<_, FitError> {
            Ok(Spending { model: SpendName::from_report(report)?, report: report.clone() })
        });
        let spending = spending.transpose()?;
        Ok(Valuing { purchases, spending, covariates })
    }

    fn worth(&self, summary: &Summary, settings: &ScoreSettings) -> Option<Worth> {
        let Purchase { model, histories, .. } = self.purchases.as_ref()?;
        // The spend model counts purchase days.
        let spend = self.spending.as_ref().filter(|_| model.name().purchases_are_days());
        let spend = spend.map(|spending| spending.model.as_ref());
        Some(Worth::of(summary, histories, model.as_ref(), spend, &settings.value))
    }
}

impl FittedBase {
    /// Makes sure that what everybody is worth has been worked out.
    pub(super) fn value(&self, base: &Base<'_>, kept: &mut Kept, control: &Control) -> Result<(), ScoreError> {
        if kept.worth.is_some() {
            return Ok(());
        }
        enter(control, "valuing customers")?;
        let valuing = match kept.valuing.take() {
            Some(valuing) => valuing,
            None => Valuing::of(self, base)?,
        };
        kept.worth = valuing.worth(base.summary, &self.settings);
        kept.valuing = Some(valuing);
        Ok(())
    }

    /// How value is spread, and what the purchase model says of it.
    pub(super) fn value_figure(
        &self,
        summary: &Summary,
        valuing: Option<&Valuing>,
        worth: Option<&Worth>,
    ) -> Option<ValueFigure> {
        let Purchase { model, report, histories } = valuing?.purchases.as_ref()?;
        let oldest = histories.distinct().iter().map(|history| history.t).fold(0.0, f64::max);
        let horizon = self.settings.value.horizon.in_units(summary.unit);
        Some(ValueFigure::of(summary, worth?, (model.as_ref(), report), oldest, horizon))
    }

    /// How far off the forecasts may be: of each customer, each RFM segment, each cluster, and of all.
    pub(super) fn intervals(
        &self,
        summary: &Summary,
        valuing: Option<&Valuing>,
        worth: Option<&Worth>,
        rfm: &Rfm,
        clusters: &Clusters,
        control: &Control,
    ) -> Result<Option<Intervals>, ScoreError> {
        let settings = self.settings.intervals;
        let purchases = valuing.and_then(|valuing| valuing.purchases.as_ref()).filter(|_| !settings.is_off());
        let (Some(valuing), Some(purchases)) = (valuing, purchases) else { return Ok(None) };
        enter(control, "finding intervals")?;
        let spending = valuing.spending.as_ref().filter(|_| purchases.model.name().purchases_are_days());
        let input = IntervalInput {
            summary,
            histories: &purchases.histories,
            purchases: purchases.model.as_ref(),
            purchase_fit: &purchases.report,
            spend: spending.map(|spending| (spending.model.as_ref(), &spending.report)),
            covariates: Some(&valuing.covariates).filter(|covariates| !covariates.columns.is_empty()),
            terms: &self.settings.value,
            fit: &self.settings.models.fit.under(control),
        };
        let segments: Vec<u16> = rfm.segment.iter().map(|segment| u16::from(*segment)).collect();
        let of_clusters: Vec<u16> = clusters.cluster.iter().map(|cluster| cluster - 1).collect();
        let groupings = [
            Grouping { of: &segments, groups: rfm.segments.len() },
            Grouping { of: &of_clusters, groups: clusters.labels.len() },
        ];
        Ok(Some(intervals_by(&input, &groupings, &settings, worth.and_then(Worth::spends))?))
    }
}

/// The spend model, or that of everybody alike where spend does not differ or hardly anybody has any.
fn fit_spend(name: SpendName, summary: &Summary, settings: &FitSettings) -> Result<Spending, FitError> {
    let error = match name.fit(summary, settings) {
        Ok(Fitted { model, report }) => return Ok(Spending { model, report }),
        Err(error) => error,
    };
    match error {
        FitError::ConstantSpend { .. } | FitError::TooFewSpenders { found: 1.., .. } => {
            let Fitted { model, mut report } = Constant::fit(summary)?;
            report.warnings.push(format!("it replaces {}: {error}", name.name()));
            Ok(Spending { model: Box::new(model), report })
        }
        _ => Err(error),
    }
}

/// A model that was fitted, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Model {
    /// No model: its columns are null.
    Missing(MissingModel),
    /// Fitted.
    Fitted(FitReport),
}

/// A model that could not be fitted, with the keys of a fitted one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MissingModel {
    /// Its name.
    pub model: String,
    /// None.
    pub parameters: BTreeMap<String, f64>,
    /// None.
    pub standard_errors: BTreeMap<String, f64>,
    /// None.
    pub log_likelihood: Option<f64>,
    /// No.
    pub converged: bool,
    /// Customers it was to be fitted on.
    pub customers: usize,
    /// Not counted.
    pub distinct_rows: Option<usize>,
    /// Why, and what to try.
    pub reason: String,
}

impl Model {
    fn missing(model: &str, customers: usize, reason: String) -> Self {
        Model::Missing(MissingModel {
            model: model.into(),
            parameters: BTreeMap::new(),
            standard_errors: BTreeMap::new(),
            log_likelihood: None,
            converged: false,
            customers,
            distinct_rows: None,
            reason,
        })
    }

    /// The fit, where there is one.
    pub fn fitted(&self) -> Option<&FitReport> {
        match self {
            Model::Fitted(report) => Some(report),
            Model::Missing(_) => None,
        }
    }

    /// What the fit says of itself, or why there is none.
    pub(super) fn warnings(&self) -> impl Iterator<Item = String> {
        let warnings = match self {
            Model::Fitted(report) => {
                report.warnings.iter().map(|warning| format!("{}: {warning}", report.model)).collect()
            }
            Model::Missing(missing) => {
                vec![format!("no {} model, its columns are empty: {}", missing.model, missing.reason)]
            }
        };
        warnings.into_iter()
    }

    /// What a model that does not count purchase days leaves empty.
    pub(super) fn counts_warning(&self) -> Option<String> {
        let report = self.fitted()?;
        let counted = ModelName::of(&report.model).filter(|name| !name.purchases_are_days())?;
        let unit = report.time_unit.map_or("periods", TimeUnit::name);
        Some(format!(
            "{counted} counts {unit} with a purchase, and spend is known of days: expected purchases are such {unit}, and \
             spend and CLV are empty; another purchase model values customers"
        ))
    }
}
