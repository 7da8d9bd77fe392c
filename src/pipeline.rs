//! The only module that knows the order: files in, scored customers out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;

use crate::clusters::{ClusterModel, Clusters};
use crate::config::Settings;
use crate::contacts::FittedQuality;
use crate::error::Error;
use crate::frozen::Frozen;
use crate::ids::{IdIndex, Ids};
use crate::ledger::{Ledger, LedgerBuilder, ReturnsSettled};
use crate::map::{CustomerMap, FittedMap, MapInput, Source as MapSource};
use crate::models::bg_nbd::{self, BgNbd, FitBgNbd};
use crate::models::gamma_gamma::{self, FitGammaGamma, GammaGamma};
use crate::models::{Fit, FitError, FitReport, Histories, PurchaseModel};
use crate::rfm::{Rfm, RfmScale};
use crate::summary::Summary;
use crate::tables::Progress;
use crate::tables::contacts::{ContactsRead, ContactsReader};
use crate::tables::customers::{self, Attributes};
use crate::tables::orders::{OrdersRead, OrdersReader};
use crate::tables::rejects::{Rejects, Rule};
use crate::tables::sources::Source;
use crate::units::{Day, Money};
use crate::value::{Value, value_of};

/// The files of a run.
#[derive(Debug, Default)]
pub struct Inputs {
    /// Order files.
    pub orders: Vec<Source>,
    /// Contact logs; the map is drawn where there are any.
    pub contacts: Vec<Source>,
    /// What else is known of customers.
    pub customers: Option<Source>,
}

/// Everything that a run found out.
#[derive(Debug)]
pub struct Scored {
    /// What reading the orders came to.
    pub orders: OrdersRead,
    /// What reading the contacts came to.
    pub contacts: Option<ContactsRead>,
    /// What else is known of customers.
    pub attributes: Option<Attributes>,
    /// What returns did.
    pub returns: ReturnsSettled,
    /// Customers whose every order was undone.
    pub without_purchase: WithoutPurchase,
    /// All other customers.
    pub summary: Summary,
    /// RFM cut points and rules.
    pub rfm_scale: RfmScale,
    /// RFM scores.
    pub rfm: Rfm,
    /// The purchase model.
    pub purchases: Model,
    /// The spend model.
    pub spend: Model,
    /// What customers are worth.
    pub value: Value,
    /// Cluster centroids.
    pub cluster_model: ClusterModel,
    /// Who is in which cluster.
    pub clusters: Clusters,
    /// The map, where there are contacts.
    pub map: Option<Mapped>,
    /// Rows that were not used, by rule.
    pub refused: BTreeMap<Rule, u64>,
    /// What a reader of the results should know.
    pub warnings: Vec<String>,
    /// Seconds by stage.
    pub timings: Vec<(&'static str, f64)>,
}

/// Customers whose every order was undone.
#[derive(Debug, Default)]
pub struct WithoutPurchase {
    /// Their ids, in order.
    pub ids: Ids,
    /// What is left of their money.
    pub revenue: Vec<Money>,
}

/// The map and what it was drawn with.
#[derive(Debug)]
pub struct Mapped {
    /// How contacts count.
    pub quality: FittedQuality,
    /// Scales and thresholds.
    pub fitted: FittedMap,
    /// Where everybody is.
    pub map: CustomerMap,
    /// Contacts of each customer.
    pub contacts: Vec<u32>,
}

/// A model that was fitted, or why there is none.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Model {
    /// Fitted here or taken from a frozen run.
    Fitted(FitReport),
    /// No model: its columns are null.
    Missing(MissingModel),
}

/// A model that could not be fitted, with the keys of a fitted one.
#[derive(Debug, Clone, Serialize)]
pub struct MissingModel {
    /// Its name.
    pub model: &'static str,
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
    fn missing(model: &'static str, customers: usize, reason: String) -> Self {
        Model::Missing(MissingModel {
            model,
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
}

/// Scores a customer base: reads, sums up, fits (or takes what `frozen` fitted), predicts, maps.
///
/// Refused rows go to `rejects`; a model that cannot be fitted leaves its columns empty and the rest goes on.
///
/// # Errors
/// [`Error`] where a file or setting cannot be used, or no purchase stands.
pub fn score(
    inputs: &Inputs,
    settings: &Settings,
    frozen: Option<&Frozen>,
    mut rejects: Rejects,
    progress: &Arc<Progress>,
) -> Result<Scored, Error> {
    settings.check()?;
    let mut clock = Clock::new(progress);
    let mut warnings = Vec::new();

    clock.enter("reading orders");
    let (orders, builder) = read_orders(inputs, settings, progress, &mut rejects)?;
    let attributes = read_attributes(inputs, settings, progress, &mut rejects)?;

    clock.enter("summing up");
    let ledger = builder.finish();
    check_money(&orders, &ledger)?;
    let summary = Summary::new(&ledger, orders.has_amounts(), &settings.summary)?;
    let without_purchase = without_purchase(&ledger);
    let returns = ledger.returns;
    drop(ledger);
    warnings.extend(doubts(&orders, &summary));

    clock.enter("scoring RFM");
    let rfm_scale = match frozen {
        Some(frozen) => frozen.rfm.clone(),
        None => RfmScale::fit(&summary, &settings.rfm)?,
    };
    let rfm = rfm_scale.apply(&summary)?;
    warnings.extend(rfm_scale.warnings.iter().cloned());

    clock.enter("fitting models");
    let histories = Histories::of(&summary);
    let (purchase_model, purchases) = purchase_model(&summary, &histories, frozen)?;
    let (spend_model, spend) = spend_model(&summary, frozen)?;
    warnings.extend(model_warnings(&purchases).chain(model_warnings(&spend)));

    clock.enter("valuing customers");
    let model = purchase_model.as_ref().map(|model| model as &dyn PurchaseModel);
    let value = value_of(&summary, &histories, model, spend_model.as_ref(), &settings.value);
    drop(histories);

    clock.enter("finding clusters");
    let cluster_model = match frozen {
        Some(frozen) => frozen.clusters.clone(),
        None => ClusterModel::fit(&summary, &settings.clusters)?,
    };
    let clusters = cluster_model.apply(&summary)?;
    warnings.extend(cluster_model.warnings.iter().cloned());

    let mut contacts = None;
    let mut map = None;
    if !inputs.contacts.is_empty() {
        clock.enter("drawing the map");
        let (read, mapped, warning) =
            draw_map(inputs, settings, frozen, &summary, &without_purchase, &value, &mut rejects, progress)?;
        warnings.extend(warning);
        (contacts, map) = (Some(read), Some(mapped));
    }
    let refused = rejects.finish()?;
    check_rows(&orders, contacts.as_ref(), attributes.as_ref(), &refused)?;
    let timings = clock.stop();
    Ok(Scored {
        orders,
        contacts,
        attributes,
        returns,
        without_purchase,
        summary,
        rfm_scale,
        rfm,
        purchases,
        spend,
        value,
        cluster_model,
        clusters,
        map,
        refused,
        warnings,
        timings,
    })
}

fn read_orders(
    inputs: &Inputs,
    settings: &Settings,
    progress: &Arc<Progress>,
    rejects: &mut Rejects,
) -> Result<(OrdersRead, LedgerBuilder), Error> {
    let reader = OrdersReader {
        read: &settings.read,
        orders: &settings.orders,
        currency: &settings.currency,
        as_of: settings.summary.as_of,
    };
    let mut builder = LedgerBuilder::new(settings.orders.returns, true);
    let read = reader.read(&inputs.orders, progress, rejects, |lines| builder.add(lines))?;
    builder.set_order_ids(read.has_order_ids());
    Ok((read, builder))
}

fn read_attributes(
    inputs: &Inputs,
    settings: &Settings,
    progress: &Arc<Progress>,
    rejects: &mut Rejects,
) -> Result<Option<Attributes>, Error> {
    let Some(source) = &inputs.customers else { return Ok(None) };
    let taken = crate::export::customers::COLUMNS;
    Ok(Some(customers::read(source, &settings.read, &taken, progress, rejects)?))
}

fn without_purchase(ledger: &Ledger) -> WithoutPurchase {
    let mut found = WithoutPurchase::default();
    for customer in ledger.without_purchase() {
        found.ids.push(ledger.ids.get(customer));
        found.revenue.push(ledger.revenue[customer]);
    }
    found
}

fn purchase_model(
    summary: &Summary,
    histories: &Histories,
    frozen: Option<&Frozen>,
) -> Result<(Option<BgNbd>, Model), Error> {
    if let Some(frozen) = frozen {
        return Ok(match &frozen.purchases {
            Some(report) => (Some(BgNbd::from_report(report, summary.unit)?), Model::Fitted(report.clone())),
            None => (None, Model::missing(bg_nbd::NAME, summary.len(), "the frozen run has no purchase model".into())),
        });
    }
    let fitted = FitBgNbd.fit_histories(histories, summary.unit).map(|fitted| (fitted.model, fitted.report));
    Ok(or_missing(fitted, bg_nbd::NAME, summary.len()))
}

fn spend_model(summary: &Summary, frozen: Option<&Frozen>) -> Result<(Option<GammaGamma>, Model), Error> {
    if let Some(frozen) = frozen {
        return Ok(match &frozen.spend {
            Some(report) => (Some(GammaGamma::from_report(report)?), Model::Fitted(report.clone())),
            None => {
                (None, Model::missing(gamma_gamma::NAME, summary.len(), "the frozen run has no spend model".into()))
            }
        });
    }
    let fitted = FitGammaGamma.fit(summary).map(|fitted| (fitted.model, fitted.report));
    Ok(or_missing(fitted, gamma_gamma::NAME, summary.len()))
}

fn or_missing<M>(fitted: Result<(M, FitReport), FitError>, name: &'static str, customers: usize) -> (Option<M>, Model) {
    match fitted {
        Ok((model, report)) => (Some(model), Model::Fitted(report)),
        Err(error) => (None, Model::missing(name, customers, error.to_string())),
    }
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

fn draw_map(
    inputs: &Inputs,
    settings: &Settings,
    frozen: Option<&Frozen>,
    summary: &Summary,
    without_purchase: &WithoutPurchase,
    value: &Value,
    rejects: &mut Rejects,
    progress: &Arc<Progress>,
) -> Result<(ContactsRead, Mapped, Option<String>), Error> {
    let frozen = match frozen {
        Some(frozen) => Some(frozen.map()?),
        None => None,
    };
    let quality = match frozen {
        Some(frozen) => frozen.contacts.clone(),
        None => settings.contacts.fit()?,
    };
    let (index, without_purchase) = (IdIndex::new(&summary.ids), IdIndex::new(&without_purchase.ids));
    let reader = ContactsReader {
        read: &settings.read,
        columns: &settings.contact_columns,
        as_of: summary.as_of,
        customers: &index,
        without_purchase: &without_purchase,
    };
    let mut tally = quality.tally(summary.as_of, summary.len());
    let read = reader.read(&inputs.contacts, progress, rejects, |channels, contacts| tally.add(channels, contacts))?;
    let contacts = tally.finish();
    let clv = value.clv.as_deref().map(some);
    let source = frozen.map_or_else(|| best_source(summary, value), |frozen| frozen.scale.source());
    let input = MapInput {
        source,
        attractiveness: &attractiveness(source, summary, value),
        intensity: &contacts.intensity,
        revenue: summary.spend.as_ref().map(|spend| spend.revenue.as_slice()),
        clv: clv.as_deref(),
    };
    let fitted = match frozen {
        Some(frozen) => frozen.scale.clone(),
        None => settings.map.fit(&input)?,
    };
    let map = fitted.apply(&input)?;
    let warning = contacts.warning();
    Ok((read, Mapped { quality, fitted, map, contacts: contacts.contacts }, warning))
}

/// The best measure of worth that there is.
fn best_source(summary: &Summary, value: &Value) -> MapSource {
    if value.clv.is_some() {
        MapSource::Clv
    } else if value.expected_purchases.is_some() {
        MapSource::ExpectedPurchases
    } else if summary.spend.is_some() {
        MapSource::Revenue
    } else {
        MapSource::Orders
    }
}

fn attractiveness(source: MapSource, summary: &Summary, value: &Value) -> Vec<Option<f64>> {
    let column = match source {
        MapSource::Clv => value.clv.as_deref().map(some),
        MapSource::ExpectedPurchases => value.expected_purchases.as_deref().map(some),
        MapSource::Revenue => {
            summary.spend.as_ref().map(|spend| spend.revenue.iter().map(|money| Some(money.to_f64())).collect())
        }
        MapSource::Orders => Some(summary.orders.iter().map(|orders| Some(f64::from(*orders))).collect()),
    };
    column.unwrap_or_else(|| vec![None; summary.len()])
}

/// A full column as one that may have gaps; what is not finite is a gap.
pub(crate) fn some(values: &[f64]) -> Vec<Option<f64>> {
    values.iter().map(|value| Some(*value).filter(|value| value.is_finite())).collect()
}

/// What is allowed, but looks wrong.
fn doubts(orders: &OrdersRead, summary: &Summary) -> Vec<String> {
    let mut doubts = Vec::new();
    if !orders.has_amounts() {
        doubts.push(
            "no amount column was found, so revenue, M, spend and CLV are empty and segments take M equal to F; \
             name one with --amount, or compute it: --amount \"Quantity * UnitPrice\""
                .into(),
        );
    }
    if let Some(gap) = lonely_end(summary) {
        doubts.push(format!(
            "the last order day {} comes {gap} days after the one before it; if it is a mistyped date, set --as-of",
            summary.as_of
        ));
    }
    doubts
}

/// Days between the last order day and the one before, where that is more than a year.
fn lonely_end(summary: &Summary) -> Option<i32> {
    let before: Option<Day> = summary.last_order.iter().filter(|day| **day < summary.as_of).max().copied();
    let gap = summary.as_of.days_since(before?);
    let reached = summary.last_order.contains(&summary.as_of);
    (reached && gap > 366).then_some(gap)
}

/// Every unit of money that was used is some customer's revenue.
fn check_money(orders: &OrdersRead, ledger: &Ledger) -> Result<(), Error> {
    let revenue: Money = ledger.revenue.iter().copied().sum();
    let money = orders.money;
    if revenue == money.used && money.read == money.used + money.refused {
        return Ok(());
    }
    Err(Error::NotBalanced {
        what: "money",
        read: money.read.to_string(),
        used: revenue.to_string(),
        refused: money.refused.to_string(),
    })
}

/// Every row that was read is used or listed as refused.
fn check_rows(
    orders: &OrdersRead,
    contacts: Option<&ContactsRead>,
    attributes: Option<&Attributes>,
    refused: &BTreeMap<Rule, u64>,
) -> Result<(), Error> {
    let tables = [Some(orders.rows), contacts.map(|read| read.rows), attributes.map(|read| read.rows)];
    let (mut read, mut used) = (0, 0);
    for rows in tables.into_iter().flatten() {
        read += rows.read;
        used += rows.used;
    }
    let refused: u64 = refused.values().sum();
    if read == used + refused {
        return Ok(());
    }
    Err(Error::NotBalanced {
        what: "rows",
        read: read.to_string(),
        used: used.to_string(),
        refused: refused.to_string(),
    })
}

/// Times the stages and tells what is being done.
struct Clock<'a> {
    progress: &'a Progress,
    since: Instant,
    stage: Option<&'static str>,
    timings: Vec<(&'static str, f64)>,
}

impl<'a> Clock<'a> {
    fn new(progress: &'a Progress) -> Self {
        Clock { progress, since: Instant::now(), stage: None, timings: Vec::new() }
    }

    fn enter(&mut self, stage: &'static str) {
        self.note();
        self.progress.enter(stage);
        self.stage = Some(stage);
    }

    fn note(&mut self) {
        if let Some(stage) = self.stage.take() {
            self.timings.push((stage, self.since.elapsed().as_secs_f64()));
        }
        self.since = Instant::now();
    }

    fn stop(mut self) -> Vec<(&'static str, f64)> {
        self.note();
        self.timings
    }
}
