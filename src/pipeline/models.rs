//! The stages between summary and value: the purchase model, the spend model.

use serde::{Deserialize, Serialize};

use super::covariates::Table;
use super::{Model, Run};
use crate::clusters::Clusters;
use crate::config::Settings;
use crate::error::Error;
use crate::figures::{HoldoutFigure, ValueFigure};
use crate::frozen::Frozen;
use crate::ids::Ids;
use crate::intervals::{Grouping, IntervalInput, Intervals, intervals_by};
use crate::ledger::{Ledger, LedgerBuilder};
use crate::models::covariates::{self, Covariate, Covariates};
use crate::models::dependence::SpendDependence;
use crate::models::spend::Constant;
use crate::models::{
    FitError, FitReport, FitSettings, Fitted, Histories, ModelChoice, ModelName, NotConverged, PurchaseModel,
    SpendModel, SpendName,
};
use crate::rfm::Rfm;
use crate::summary::Summary;
use crate::tables::customers::Attributes;
use crate::units::{Day, Horizon};
use crate::validation::{Contest, Contested, LeftOut, PurchaseDays, Standing, Window};
use crate::value::Worth;

/// The level of the intervals whose coverage a contest measures, where a run has none.
const COVERAGE_LEVEL: f64 = 0.8;
/// What NBD may lose in log-likelihood against a model at its edge and still be the same.
const SAME_LIKELIHOOD: f64 = 0.1;

/// What customers are worth, and by which models.
pub(super) struct Valued {
    pub(super) purchases: Model,
    pub(super) spend: Model,
    pub(super) choice: Option<ModelsCompared>,
    pub(super) holdout: Option<HoldoutFigure>,
    pub(super) dependence: Option<SpendDependence>,
    pub(super) value: Option<Worth>,
    pub(super) fitted: FittedModels,
}

/// The models themselves, for what comes after value.
pub(super) struct FittedModels {
    purchases: Option<Purchase>,
    spending: Option<Spending>,
    covariates: Covariates,
}

/// The contest by which a purchase model was chosen.
#[derive(Debug, Clone, Serialize, Deserialize)]
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
    fn of(ledger: &Ledger, covariates: &Covariates) -> Self {
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
pub(super) struct Cut {
    pub(super) window: Window,
    then: Ledger,
}

impl Cut {
    /// Cuts the lines that a ledger is going to be made of; `None` where there are none.
    pub(super) fn of(builder: &LedgerBuilder, settings: &Settings) -> Result<Option<Self>, Error> {
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

/// What purchase models are fitted to.
struct Base<'a> {
    /// There where the model asks for more than the summary.
    ledger: Option<&'a Ledger>,
    summary: &'a Summary,
    covariates: &'a Covariates,
}

impl Base<'_> {
    /// The histories that a model counts: BG/BB whole time units, CNBD-k purchase days with the times between them.
    fn histories(&self, model: ModelName) -> Histories {
        let window = Window { calibration_end: self.summary.as_of, holdout_days: 0, unit: self.summary.unit };
        let purchases = |ledger| Purchases::of(ledger, self.covariates);
        match (model, self.ledger) {
            (ModelName::BgBb, Some(ledger)) => {
                window.split_opportunities(purchases(ledger).days()).observed.histories().clone()
            }
            (ModelName::BgCnbdK | ModelName::MbgCnbdK, Some(ledger)) => {
                window.split(purchases(ledger).days()).observed.histories().clone()
            }
            _ if self.covariates.columns.is_empty() => Histories::of(self.summary),
            _ => Histories::grouped(self.summary, |customer| self.covariates.group(customer)),
        }
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
        let other = [ModelName::Nbd.name(), ModelName::BgBb.name()].contains(&report.model.as_str());
        if report.at_boundary.is_empty() || !report.covariates.is_empty() || other || stages {
            return None;
        }
        let mut plain = ModelName::Nbd.fit(histories, self.summary.unit, settings).ok()?;
        let same = plain.report.log_likelihood >= report.log_likelihood - SAME_LIKELIHOOD;
        plain.report.warnings.insert(
            0,
            format!(
                "{} finds nobody leaving, so NBD, which it then is, was taken: everybody counts as a customer for good; \
                 over a long horizon that promises too much",
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

impl Run<'_> {
    /// Fits the models, or takes those of the frozen run, and values every customer.
    pub(super) fn value_customers(
        &mut self,
        ledger: Option<&Ledger>,
        summary: &Summary,
        attributes: Option<&Attributes>,
        cut: Option<&Cut>,
    ) -> Result<Valued, Error> {
        self.clock.enter("fitting models");
        let covariates = self.covariates(&summary.ids, attributes)?;
        let base = Base { ledger, summary, covariates: &covariates };
        let (contested, name) = self.choose(ledger, attributes, cut)?;
        let choice =
            self.frozen.map_or_else(|| contested.as_ref().map(ModelsCompared::from), |frozen| frozen.choice.clone());
        let (purchases, purchase_record) = self.purchase_model(&base, name)?;
        let holdout = self.hold_out(contested, cut.zip(ledger), attributes, name);
        self.clock.enter("fitting models");
        let (spending, spend_record) = self.spend_model(summary)?;
        self.warnings.extend(model_warnings(&purchase_record).chain(model_warnings(&spend_record)));
        let dependence = self.dependence(summary, spending.as_ref());
        if purchases.as_ref().is_some_and(|purchases| purchases.model.name() == ModelName::BgBb) {
            self.warnings.push(format!(
                "bg-bb counts {} with a purchase, and spend is known of days: expected purchases are such {0}, and spend and \
                 CLV are empty; another --model values customers",
                summary.unit.name()
            ));
        }
        self.clock.enter("valuing customers");
        let value = self.values(summary, purchases.as_ref(), spending.as_ref());
        let fitted = FittedModels { purchases, spending, covariates };
        Ok(Valued { purchases: purchase_record, spend: spend_record, choice, holdout, dependence, value, fitted })
    }

    /// The model against a holdout: as it was chosen, or in a contest of its own. Where there can be none, the report
    /// goes without.
    fn hold_out(
        &mut self,
        contested: Option<Contested>,
        both: Option<(&Cut, &Ledger)>,
        attributes: Option<&Attributes>,
        name: ModelName,
    ) -> Option<HoldoutFigure> {
        let contested = match (contested, both) {
            (Some(contested), _) => contested,
            (None, Some((cut, ledger))) => self.contest(cut, ledger, attributes, &[name]).ok()?,
            (None, None) => return None,
        };
        HoldoutFigure::of(&contested, name.name())
    }

    /// How value is spread, and what the purchase model says of it.
    pub(super) fn value_figure(
        &self,
        summary: &Summary,
        fitted: &FittedModels,
        value: Option<&Worth>,
    ) -> Option<ValueFigure> {
        let Purchase { model, report, histories } = fitted.purchases.as_ref()?;
        let oldest = histories.distinct().iter().map(|history| history.t).fold(0.0, f64::max);
        let horizon = self.settings.value.horizon.in_units(summary.unit);
        Some(ValueFigure::of(summary, value?, (model.as_ref(), report), oldest, horizon))
    }

    /// How far off the forecasts may be: of each customer, each RFM segment, each cluster, and of all.
    pub(super) fn intervals(
        &mut self,
        summary: &Summary,
        fitted: &FittedModels,
        value: Option<&Worth>,
        rfm: &Rfm,
        clusters: &Clusters,
    ) -> Result<Option<Intervals>, Error> {
        let settings = self.settings.intervals;
        let Some(purchases) = fitted.purchases.as_ref().filter(|_| !settings.is_off()) else { return Ok(None) };
        self.clock.enter("finding intervals");
        // The spend model counts purchase days, BG/BB time units with a purchase.
        let counts_days = purchases.model.name() != ModelName::BgBb;
        let spending = fitted.spending.as_ref().filter(|_| counts_days);
        let input = IntervalInput {
            summary,
            histories: &purchases.histories,
            purchases: purchases.model.as_ref(),
            purchase_fit: &purchases.report,
            spend: spending.map(|spending| (spending.model.as_ref(), &spending.report)),
            covariates: Some(&fitted.covariates).filter(|covariates| !covariates.columns.is_empty()),
            terms: &self.settings.value,
            fit: &self.settings.models.fit,
        };
        let segments: Vec<u16> = rfm.segment.iter().map(|segment| u16::from(*segment)).collect();
        let of_clusters: Vec<u16> = clusters.cluster.iter().map(|cluster| cluster - 1).collect();
        let groupings = [
            Grouping { of: &segments, groups: rfm.segments.len() },
            Grouping { of: &of_clusters, groups: clusters.labels.len() },
        ];
        let found = intervals_by(&input, &groupings, &settings, value.and_then(Worth::spends))?;
        self.warnings.extend(found.forecast.warnings.iter().cloned());
        Ok(Some(found))
    }

    fn values(&self, summary: &Summary, purchases: Option<&Purchase>, spending: Option<&Spending>) -> Option<Worth> {
        let Purchase { model, histories, .. } = purchases?;
        let counts_days = model.name() != ModelName::BgBb;
        let spend = spending.filter(|_| counts_days).map(|spending| spending.model.as_ref());
        Some(Worth::of(summary, histories, model.as_ref(), spend, &self.settings.value))
    }

    /// The covariates that the settings name, or the frozen run had.
    fn covariates(&self, ids: &Ids, attributes: Option<&Attributes>) -> Result<Covariates, Error> {
        let frozen =
            self.frozen.and_then(|frozen| frozen.purchases.as_ref()).map(|report| report.covariates.as_slice());
        let names = &self.settings.models.covariates;
        if frozen.map_or(names.is_empty(), <[Covariate]>::is_empty) {
            return Ok(Covariates::default());
        }
        let no_table = || Error::Covariate {
            column: frozen.and_then(|columns| columns.first()).map_or_else(|| names.join(", "), |first| first.name()),
            cause: "there is no customers table; give one by --customers".into(),
        };
        let table = Table { attributes: attributes.ok_or_else(no_table)?, ids };
        match frozen {
            Some(columns) => table.as_before(columns),
            None => table.covariates(names),
        }
    }

    /// Which purchase model is fitted, and by which contest.
    fn choose(
        &mut self,
        ledger: Option<&Ledger>,
        attributes: Option<&Attributes>,
        cut: Option<&Cut>,
    ) -> Result<(Option<Contested>, ModelName), Error> {
        let (cut, ledger) = match (self.settings.models.purchases, self.frozen, cut.zip(ledger)) {
            (_, Some(_), _) => return Ok((None, ModelName::default())),
            (ModelChoice::One(name), None, _) => return Ok((None, name)),
            (ModelChoice::Auto, None, None) => return Ok((None, ModelName::default())),
            (ModelChoice::Auto, None, Some(both)) => both,
        };
        let contested = self.contest(cut, ledger, attributes, &ModelName::ALL)?;
        self.clock.enter("fitting models");
        let best = contested.best().unwrap_or_else(|| {
            self.warnings.push(format!(
                "no model could be compared on a holdout from {}, so {} was taken; --holdout sets another length",
                contested.calibration_end,
                ModelName::default()
            ));
            ModelName::default()
        });
        Ok((Some(contested), best))
    }

    /// Fits models to what stood at a cut and compares them on what came after.
    pub(super) fn contest(
        &mut self,
        cut: &Cut,
        ledger: &Ledger,
        attributes: Option<&Attributes>,
        models: &[ModelName],
    ) -> Result<Contested, Error> {
        self.clock.enter("comparing models");
        // Covariates are those of the customers known at the cut: who came later has no say in them.
        let (Known { ids, days, starts }, newcomers) = cut.purchases(ledger);
        let covariates = self.covariates(&ids, attributes)?;
        let purchases = Purchases { days, starts, groups: groups(&covariates, ids.len()) };
        let level = self.settings.intervals.level;
        let contest = Contest {
            purchases: purchases.days(),
            covariates: &covariates,
            window: cut.window,
            models,
            fit: &self.settings.models.fit,
            level: if level > 0.0 { level } else { COVERAGE_LEVEL },
        };
        Ok(Contested { newcomers, ..contest.run() })
    }

    fn purchase_model(&self, base: &Base<'_>, name: ModelName) -> Result<(Option<Purchase>, Model), Error> {
        let customers = base.summary.len();
        if let Some(frozen) = self.frozen {
            return frozen_purchases(frozen, base);
        }
        match base.fit(name, &self.settings.models.fit) {
            Ok(fitted) => {
                let record = Model::Fitted(fitted.report.clone());
                Ok((Some(fitted), record))
            }
            Err(error) if self.is_fatal(&error) => Err(error.into()),
            Err(error) => Ok((None, Model::missing(name.name(), customers, error.to_string()))),
        }
    }

    fn spend_model(&self, summary: &Summary) -> Result<(Option<Spending>, Model), Error> {
        if let Some(frozen) = self.frozen {
            return frozen_spend(frozen, summary);
        }
        let name = self.settings.models.spend;
        match fit_spend(name, summary, &self.settings.models.fit) {
            Ok(Fitted { model, report }) => {
                let record = Model::Fitted(report.clone());
                Ok((Some(Spending { model, report }), record))
            }
            Err(error) if self.is_fatal(&error) => Err(error.into()),
            Err(error) => Ok((None, Model::missing(name.name(), summary.len(), error.to_string()))),
        }
    }

    /// Whether a run ends with this error; a base that cannot carry the model goes on without it.
    fn is_fatal(&self, error: &FitError) -> bool {
        match error {
            FitError::DidNotConverge { .. } => self.settings.models.not_converged == NotConverged::Error,
            FitError::NoCovariates { .. } => true,
            _ => false,
        }
    }

    /// Tests what Gamma-Gamma takes for granted.
    fn dependence(&mut self, summary: &Summary, spending: Option<&Spending>) -> Option<SpendDependence> {
        let fitted = spending.filter(|spending| spending.model.name() == SpendName::GammaGamma)?;
        let dependence = match self.frozen {
            // It goes with the fit.
            Some(frozen) => frozen.spend_dependence.clone(),
            None => SpendDependence::of(summary, &fitted.report, &self.settings.models.fit),
        }?;
        self.warnings.extend(dependence.warning());
        Some(dependence)
    }
}

/// The cut that holds out so much, or a third of the time observed.
fn window(holdout: Option<Horizon>, first: Day, last: Day, settings: &Settings) -> Window {
    let observed = f64::from(last.days_since(first));
    let days = holdout.map_or(observed / 3.0, Horizon::days).round().clamp(1.0, 1e6) as u32;
    let calibration_end = Day(last.0.saturating_sub_unsigned(days));
    Window { calibration_end, holdout_days: days, unit: settings.summary.time_unit }
}

/// The spend model, or that of everybody alike where spend does not differ or hardly anybody has any.
fn fit_spend(
    name: SpendName,
    summary: &Summary,
    settings: &FitSettings,
) -> Result<Fitted<Box<dyn SpendModel>>, FitError> {
    let error = match name.fit(summary, settings) {
        Ok(fitted) => return Ok(fitted),
        Err(error) => error,
    };
    match error {
        FitError::ConstantSpend { .. } | FitError::TooFewSpenders { found: 1.., .. } => {
            let Fitted { model, mut report } = Constant::fit(summary)?;
            report.warnings.push(format!("it stands in for {}: {error}", name.name()));
            Ok(Fitted { model: Box::new(model), report })
        }
        _ => Err(error),
    }
}

fn frozen_purchases(frozen: &Frozen, base: &Base<'_>) -> Result<(Option<Purchase>, Model), Error> {
    let (name, customers) = (ModelName::default().name(), base.summary.len());
    let Some(report) = &frozen.purchases else {
        return Ok((None, Model::missing(name, customers, "the frozen run has no purchase model".into())));
    };
    let model = covariates::from_report(report, base.summary.unit, base.covariates)?;
    let histories = base.histories(model.name());
    Ok((Some(Purchase { model, report: report.clone(), histories }), Model::Fitted(report.clone())))
}

fn frozen_spend(frozen: &Frozen, summary: &Summary) -> Result<(Option<Spending>, Model), Error> {
    let name = SpendName::default().name();
    let Some(report) = &frozen.spend else {
        return Ok((None, Model::missing(name, summary.len(), "the frozen run has no spend model".into())));
    };
    let model = SpendName::from_report(report)?;
    Ok((Some(Spending { model, report: report.clone() }), Model::Fitted(report.clone())))
}

fn model_warnings(model: &Model) -> impl Iterator<Item = String> {
    let warnings = match model {
        Model::Fitted(report) => report.warnings.iter().map(|warning| format!("{}: {warning}", report.model)).collect(),
        Model::Missing(missing) => {
            vec![format!("no {} model, its columns are empty: {}", missing.model, missing.reason)]
        }
    };
    warnings.into_iter()
}
