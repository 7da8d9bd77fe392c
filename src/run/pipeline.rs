//! The only module that knows the order: files in, scored customers out.

mod covariates;
mod figures;
mod map;
mod models;
mod summary;
mod validation;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;

use clivia_core::clusters::{ClusterModel, Clusters};
use clivia_io::settings::Settings;
use crate::error::Error;
use clivia_core::figures::Figures;
use crate::runs::frozen::Frozen;
use clivia_core::base::ids::Ids;
use clivia_core::intervals::Intervals;
use clivia_core::ledger::{Ledger, LedgerBuilder, ReturnsSettled, Summed};
use clivia_io::memory::Memory;
use clivia_core::models::spend::dependence::SpendDependence;
use clivia_core::models::{FitReport, ModelChoice, ModelName};
use clivia_core::rfm::{Rfm, RfmScale};
use crate::state::State;
use clivia_core::summary::{Summary, SummaryError, SummarySettings};
use clivia_io::blocks::Progress;
use clivia_io::contacts::ContactsRead;
use clivia_io::customers;
use clivia_io::customers::Attributes;
use clivia_core::orders::{Lines, Profit};
use clivia_io::orders::{OrdersRead, OrdersReader};
use clivia_io::rejects::{RefusedCounts, Rejects, Rule};
use clivia_io::files::Source;
use clivia_core::base::{Day, Money};
use clivia_core::value::Worth;

use map::Bases;
pub use map::{Agents, Criteria, Mapped, Oddities, ProfitSoFar};
pub use models::ModelsCompared;
use models::{Cut, Valued};
pub use summary::{Summarised, summarise};
pub use validation::{Validated, validate};

/// The files of a run.
#[derive(Debug, Default)]
pub struct Inputs {
    /// Order files.
    pub orders: Vec<Source>,
    /// All orders up to now, in place of order files; [`Reading::lay_over`](crate::state::Reading::lay_over) puts its
    /// settings of reading into those of the run.
    pub state: Option<State>,
    /// Contact logs; the map is drawn where there are any.
    pub contacts: Vec<Source>,
    /// What else is known of customers.
    pub customers: Option<Source>,
    /// The memory that a run may take; without a bound, whatever it needs.
    pub memory: Option<Memory>,
}

/// Everything that a run found out.
#[derive(Debug)]
pub struct Scored {
    /// The settings as they came to be used.
    pub settings: Settings,
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
    /// How the purchase model was chosen, where that was left to the data.
    pub choice: Option<ModelsCompared>,
    /// Whether spend depends on frequency, where the spend model takes for granted that it does not.
    pub dependence: Option<SpendDependence>,
    /// What customers are worth; `None` where there is no purchase model.
    pub value: Option<Worth>,
    /// How far off the forecasts may be; groups are RFM segments and clusters.
    pub intervals: Option<Intervals>,
    /// Cluster centroids.
    pub cluster_model: ClusterModel,
    /// Who is in which cluster.
    pub clusters: Clusters,
    /// Profit so far, where there are amounts.
    pub profit: Option<ProfitSoFar>,
    /// The map, where there are contacts.
    pub map: Option<Mapped>,
    /// Rows that were not used, by table and rule.
    pub refused: RefusedCounts,
    /// What a reader of the results should know.
    pub warnings: Vec<String>,
    /// What charts are drawn from.
    pub figures: Figures,
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
    rejects: Rejects,
    progress: &Arc<Progress>,
) -> Result<Scored, Error> {
    settings.check()?;
    let settings = settings.clone();
    Run { inputs, settings, frozen, rejects, progress, warnings: Vec::new(), clock: Clock::new(progress) }.score()
}

/// A run on its way.
struct Run<'a> {
    inputs: &'a Inputs,
    settings: Settings,
    frozen: Option<&'a Frozen>,
    rejects: Rejects,
    progress: &'a Arc<Progress>,
    warnings: Vec<String>,
    clock: Clock<'a>,
}

impl Run<'_> {
    fn score(mut self) -> Result<Scored, Error> {
        let (orders, builder) = self.read_orders()?;
        let attributes = self.read_attributes()?;
        self.clock.enter("summing up");
        let cut = if self.holds_out(&orders) { Cut::of(&builder, &self.settings)? } else { None };
        let Folded { summary, without_purchase, profit, returns, ledger } =
            self.sum_up(&orders, builder, cut.is_some() || self.needs_days())?;
        let (rfm_scale, rfm) = self.score_rfm(&summary)?;
        let Valued { purchases, spend, choice, holdout, dependence, value, fitted } =
            self.value_customers(ledger.as_ref(), &summary, attributes.as_ref(), cut.as_ref())?;
        drop(cut);
        let (cluster_model, clusters) = self.find_clusters(&summary)?;
        let intervals = self.intervals(&summary, &fitted, value.as_ref(), &rfm, &clusters)?;
        self.clock.enter("drawing figures");
        let of_value = self.value_figure(&summary, &fitted, value.as_ref());
        drop(fitted);
        let bases = Bases {
            ledger: ledger.as_ref(),
            order_profit: profit.as_deref(),
            summary: &summary,
            without_purchase: &without_purchase,
            value: value.as_ref(),
            attributes: attributes.as_ref(),
        };
        let drawn = self.draw_map(&bases)?;
        drop((ledger, profit));
        self.clock.enter("drawing figures");
        let bases = figures::Bases {
            summary: &summary,
            rfm: &rfm,
            clusters: (&cluster_model, &clusters),
            value: value.as_ref(),
            intervals: intervals.as_ref(),
            map: drawn.map.as_ref(),
        };
        let figures = self.figures(&bases, of_value, holdout);
        self.doubt_scale();
        let refused = self.rejects.finish()?;
        check_rows(&orders, drawn.contacts.as_ref(), attributes.as_ref(), &refused)?;
        Ok(Scored {
            settings: self.settings,
            orders,
            contacts: drawn.contacts,
            attributes,
            returns,
            without_purchase,
            summary,
            rfm_scale,
            rfm,
            purchases,
            spend,
            choice,
            dependence,
            value,
            intervals,
            cluster_model,
            clusters,
            profit: drawn.profit,
            map: drawn.map,
            refused,
            warnings: self.warnings,
            figures,
            timings: self.clock.stop(),
        })
    }

    /// Whether the purchase model is held against a holdout: to choose it, or to show how far it can be trusted.
    fn holds_out(&self, orders: &OrdersRead) -> bool {
        let is_open = self.settings.models.purchases == ModelChoice::Auto;
        self.frozen.is_none() && (is_open || orders.rows.used <= self.settings.report.holdout_rows)
    }

    fn read_orders(&mut self) -> Result<(OrdersRead, LedgerBuilder), Error> {
        self.settings.contacts.check()?;
        self.clock.enter("reading orders");
        self.rejects.begin("orders");
        let Settings { read, orders, currency, summary, .. } = &self.settings;
        let clocks = self.needs_clocks();
        let reader = OrdersReader { read, orders, currency, as_of: summary.as_of, clocks };
        let mut builder = LedgerBuilder::new(orders.returns, true);
        if let Some(memory) = &self.inputs.memory {
            builder = builder.within(memory.clone());
        }
        let read = match &self.inputs.state {
            Some(state) => {
                state.check(&self.settings, self.frozen.is_some())?;
                let read = state.read(clocks, &mut builder, &mut self.rejects, self.progress)?;
                state.check_as_of(summary.as_of, builder.days())?;
                read
            }
            None => {
                let take = |lines: &Lines| builder.absorb(lines);
                reader.read(&self.inputs.orders, self.progress, &mut self.rejects, take)?
            }
        };
        builder.set_order_ids(read.has_order_ids());
        if read.rows.used == 0 {
            let counts = self.rejects.counts().values().flatten();
            let rules = counts.map(|(rule, rows)| format!("{rows} {rule}"));
            return Err(Error::NothingUsed { rows: read.rows.read, rules: rules.collect::<Vec<_>>().join(", ") });
        }
        Ok((read, builder))
    }

    /// Ratings off the scale mostly mean that another scale was used.
    fn doubt_scale(&mut self) {
        let contacts = self.rejects.counts().get("contacts");
        if let Some(rows) = contacts.and_then(|rules| rules.get(&Rule::SatisfactionOffScale)) {
            let text = format!(
                "{rows} contacts were refused for a rating off the scale {:?}; if the log has another scale, set \
                 contacts.satisfaction_scale",
                self.settings.contacts.satisfaction_scale
            );
            self.warnings.push(text);
        }
    }

    fn read_attributes(&mut self) -> Result<Option<Attributes>, Error> {
        let Some(source) = &self.inputs.customers else { return Ok(None) };
        self.rejects.begin("customers");
        let taken = crate::tables::customers::COLUMNS;
        Ok(Some(customers::read(source, &self.settings.read, &taken, self.progress, &mut self.rejects)?))
    }

    /// Times of day are asked for by what relates contacts to purchases.
    fn needs_clocks(&self) -> bool {
        !self.inputs.contacts.is_empty()
    }

    /// Whether more than the summary is asked of purchase days: when each was.
    fn needs_days(&self) -> bool {
        let by_days = |name: ModelName| matches!(name, ModelName::BgBb | ModelName::BgCnbdK | ModelName::MbgCnbdK);
        let model = match (self.frozen, self.settings.models.purchases) {
            (Some(frozen), _) => {
                frozen.purchases.as_ref().is_some_and(|report| ModelName::of(&report.model).is_some_and(by_days))
            }
            (None, ModelChoice::Auto) => true,
            (None, ModelChoice::One(name)) => by_days(name),
        };
        model || !self.inputs.contacts.is_empty()
    }

    fn sum_up(&mut self, orders: &OrdersRead, builder: LedgerBuilder, days: bool) -> Result<Folded, Error> {
        let (amounts, settings) = (orders.has_amounts(), &self.settings.summary);
        let folded = match days {
            true => Folded::of_days(builder.finish()?, amounts, settings)?,
            false => builder.summarise(amounts, settings)?.into(),
        };
        check_money(orders, &folded)?;
        if let Some(memory) = &self.inputs.memory {
            memory.check(folded.summary.len())?;
        }
        self.warnings.extend(doubts(orders, &folded.summary));
        self.settle_margin(orders);
        Ok(folded)
    }

    /// Puts the observed share of profit in the place of the margin setting, where that was asked for.
    fn settle_margin(&mut self, orders: &OrdersRead) {
        // A frozen run reads these columns again, but takes the share from this one.
        if let Some(mapping) = &orders.mapping {
            self.settings.orders.margin_column = mapping.margin.clone().unwrap_or_default();
            self.settings.orders.cost_column = mapping.cost.clone().unwrap_or_default();
        }
        if !std::mem::take(&mut self.settings.orders.observed_margin) {
            return;
        }
        match orders.profit.and_then(|profit| Some((profit, profit.share()?))) {
            Some((profit, share)) => {
                self.settings.value.margin = share;
                if profit.rows < orders.rows.used {
                    let text = format!("the margin {share:.4} is that of {} of {} rows", profit.rows, orders.rows.used);
                    self.warnings.push(text);
                }
            }
            None => self.warnings.push(format!(
                "no usable profit: there is no margin or cost column, or its total is not between 0 and the revenue; \
                 value counts a margin of {}",
                self.settings.value.margin
            )),
        }
    }

    fn score_rfm(&mut self, summary: &Summary) -> Result<(RfmScale, Rfm), Error> {
        self.clock.enter("scoring RFM");
        let scale = match self.frozen {
            Some(frozen) => frozen.rfm.clone(),
            None => RfmScale::fit(summary, &self.settings.rfm)?,
        };
        self.warnings.extend(scale.warnings.iter().cloned());
        let rfm = scale.apply(summary)?;
        Ok((scale, rfm))
    }

    fn find_clusters(&mut self, summary: &Summary) -> Result<(ClusterModel, Clusters), Error> {
        self.clock.enter("finding clusters");
        let model = match self.frozen {
            Some(frozen) => frozen.clusters.clone(),
            None => ClusterModel::fit(summary, &self.settings.clusters)?,
        };
        self.warnings.extend(model.warnings.iter().cloned());
        let clusters = model.apply(summary)?;
        Ok((model, clusters))
    }
}

/// What order lines come to.
struct Folded {
    summary: Summary,
    without_purchase: WithoutPurchase,
    /// What order lines tell of the profit of those with a purchase.
    profit: Option<Vec<Profit>>,
    returns: ReturnsSettled,
    /// Purchase days, where they are asked for.
    ledger: Option<Ledger>,
}

impl From<Summed> for Folded {
    fn from(Summed { summary, profit, ids_without, revenue_without, returns }: Summed) -> Self {
        let without_purchase = WithoutPurchase { ids: ids_without, revenue: revenue_without };
        Folded { summary, without_purchase, profit, returns, ledger: None }
    }
}

impl Folded {
    fn of_days(ledger: Ledger, amounts: bool, settings: &SummarySettings) -> Result<Self, SummaryError> {
        let summary = Summary::new(&ledger, amounts, settings)?;
        let buyers = |profit: &Vec<Profit>| {
            (0..ledger.len()).filter(|customer| !ledger.rows(*customer).is_empty()).map(|buyer| profit[buyer]).collect()
        };
        let profit = ledger.profit.as_ref().map(buyers);
        let without_purchase = without_purchase(&ledger);
        Ok(Folded { summary, without_purchase, profit, returns: ledger.returns, ledger: Some(ledger) })
    }

    /// The revenue of everybody.
    fn revenue(&self) -> Money {
        let of_buyers = self.summary.spend.iter().flat_map(|spend| &spend.revenue);
        of_buyers.chain(&self.without_purchase.revenue).copied().sum()
    }
}

fn without_purchase(ledger: &Ledger) -> WithoutPurchase {
    let mut found = WithoutPurchase::default();
    for customer in ledger.without_purchase() {
        found.ids.push(ledger.ids.get(customer));
        found.revenue.push(ledger.revenue[customer]);
    }
    found
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
fn check_money(orders: &OrdersRead, folded: &Folded) -> Result<(), Error> {
    let revenue = folded.revenue();
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
    refused: &RefusedCounts,
) -> Result<(), Error> {
    let tables = [Some(orders.rows), contacts.map(|read| read.rows), attributes.map(|read| read.rows)];
    let (mut read, mut used) = (0, 0);
    for rows in tables.into_iter().flatten() {
        read += rows.read;
        used += rows.used;
    }
    let refused: u64 = refused.values().flat_map(BTreeMap::values).sum();
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
