//! A run: sources in, a scored base out. The only module that knows the order of the stages.

mod doubts;
mod retention;
mod summary;
mod validation;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::{FieldRef, Schema};
use arrow::error::ArrowError;
use clivia_arrow::tables::{BATCH_ROWS, customer_batch};
use clivia_core::base::ids::{Id, IdIndex};
use clivia_core::base::{Day, Money};
use clivia_core::contacts::{Consent, Contact, ContactLog};
use clivia_core::control::Control;
use clivia_core::ledger::{Ledger, LedgerBuilder, ReturnsSettled, SpillError, Summed};
use clivia_core::models::ModelChoice;
use clivia_core::notes;
use clivia_core::notes::Note;
use clivia_core::orders::Profit;
use clivia_core::score::columns::{CustomerTable, Customers, Row};
use clivia_core::score::{
    self, Attributes as _, Base, Checked, Contacted, Cut, FittedBase, ScoreSettings, Scored, WithoutPurchase,
};
use clivia_core::summary::{Summary, SummaryError, SummarySettings};
use clivia_io::consent::ConsentPolicy;
use clivia_io::contacts::{ContactsRead, ContactsReader, Known, UNMATCHED, Unmatched};
use clivia_io::customers::{self, Attributes};
use clivia_io::error::TableError;
use clivia_io::memory::Memory;
use clivia_io::orders::{Given, OrdersRead, OrdersReader};
use clivia_io::plan::Plans;
use clivia_io::rejects::{RefusedCounts, Rejects, Rule};
use clivia_io::settings::Settings;
use clivia_io::source::Source;
use clivia_io::unreadable::{Table, unreadable};

use crate::error::Error;
use crate::record::record;
use crate::runs::frozen::Frozen;
use crate::state::State;
pub use retention::{Retained, SUBSCRIPTIONS, Subscriber, retain};
pub use summary::{Summarised, summarise};
pub use validation::{Validated, validate};

/// What a run reads.
#[derive(Debug, Default)]
pub struct Inputs {
    /// Orders.
    pub orders: Vec<Arc<dyn Source>>,
    /// All orders up to now, in place of the sources; [`Reading::lay_over`](crate::state::Reading::lay_over) puts its
    /// settings of reading into those of the run.
    pub state: Option<State>,
    /// Contact logs; the map is drawn where there are any.
    pub contacts: Vec<Arc<dyn Source>>,
    /// What else is known of customers.
    pub customers: Option<Arc<dyn Source>>,
    /// Subscriptions, in place of orders, of customers under contract.
    pub subscriptions: Vec<Arc<dyn Source>>,
    /// What is known of the inputs before they are read.
    pub notes: Vec<Note>,
    /// How orders and contacts are read; found out where there is no plan.
    pub plans: Plans,
    /// The memory that a run may take; without a bound, whatever it needs.
    pub memory: Option<Memory>,
}

/// A run and everything that it found out.
#[derive(Debug)]
pub struct Run {
    /// The settings as they were given.
    pub settings: Settings,
    /// What reading the orders came to.
    pub orders: OrdersRead,
    /// What reading the contacts came to.
    pub contacts: Option<ContactsRead>,
    /// What else is known of customers.
    pub attributes: Option<Attributes>,
    /// What returns did.
    pub returns: ReturnsSettled,
    /// Customers all of whose orders were returned.
    pub without_purchase: WithoutPurchase,
    /// All other customers.
    pub summary: Summary,
    /// What was learned, here or in the run that this one was measured by.
    pub fitted: FittedBase,
    /// What that says of everybody.
    pub scored: Scored,
    /// Rows that were not used, by table and rule.
    pub refused: RefusedCounts,
    /// What a reader of the results should know, the most important first.
    pub notes: Vec<Note>,
    /// Seconds by stage.
    pub timings: Vec<(&'static str, f64)>,
}

impl Run {
    /// The customer table: what the run says of each customer.
    pub fn customers(&self) -> CustomerTable<'_> {
        let customers = Customers { summary: &self.summary, without_purchase: &self.without_purchase };
        CustomerTable::of(customers, &self.fitted, &self.scored)
    }

    /// The customer table as Arrow record batches of at most [`BATCH_ROWS`] rows, in the
    /// order of ids; the columns of the customers table come last.
    pub fn record_batches(&self) -> impl Iterator<Item = Result<RecordBatch, Error>> {
        let table = self.customers();
        let rows = table.len();
        let blocks = (0..rows.max(1)).step_by(BATCH_ROWS);
        blocks.map(move |first| {
            let rows = first..(first + BATCH_ROWS).min(rows);
            let batch = customer_batch(&table, rows.clone())?;
            let Some(attributes) = &self.attributes else { return Ok(batch) };
            let row = |row: Row| attributes.row(&Id::new(table.id(row)));
            let places: UInt32Array = table.rows(rows).into_iter().map(row).collect();
            Ok(beside(batch, &attributes.batch, &places)?)
        })
    }

    /// What was learned, to measure another base by.
    pub fn frozen(&self) -> Frozen {
        Frozen::of(&record(self), "this run".into())
    }
}

/// A batch with the rows of a table at some places beside it.
fn beside(batch: RecordBatch, table: &RecordBatch, places: &UInt32Array) -> Result<RecordBatch, ArrowError> {
    let (schema, mut columns, rows) = batch.into_parts();
    let mut fields: Vec<FieldRef> = schema.fields().iter().cloned().collect();
    for (field, column) in table.schema().fields().iter().zip(table.columns()) {
        fields.push(Arc::new(field.as_ref().clone().with_nullable(true)));
        columns.push(take(column, places, None)?);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)
}

/// Scores a customer base: reads, sums up, fits (or takes what `frozen` fitted), predicts, maps.
///
/// Refused rows go to `rejects`; a model that cannot be fitted leaves its columns empty and the rest goes on.
///
/// # Errors
/// [`Error`] where a source or setting cannot be used, no purchase stands, or `control` was cancelled.
pub fn score(
    inputs: &Inputs,
    settings: &Settings,
    frozen: Option<&Frozen>,
    rejects: Rejects,
    control: &Control,
) -> Result<Run, Error> {
    Running::new(inputs, settings, rejects, control)?.score(frozen)
}

/// A run on its way.
struct Running<'a> {
    inputs: &'a Inputs,
    settings: Settings,
    rejects: Rejects,
    control: &'a Control,
    notes: Vec<Note>,
}

impl<'a> Running<'a> {
    fn new(inputs: &'a Inputs, settings: &Settings, rejects: Rejects, control: &'a Control) -> Result<Self, Error> {
        settings.check()?;
        if let Some(state) = &inputs.state {
            control.set_total_bytes(state.bytes());
        }
        let sources = inputs.orders.iter().chain(&inputs.contacts).chain(&inputs.customers);
        let bytes: u64 = sources.filter_map(|source| source.bytes()).sum();
        control.set_total_bytes(control.total_bytes() + bytes);
        Ok(Running { inputs, settings: settings.clone(), rejects, control, notes: inputs.notes.clone() })
    }

    fn score(mut self, frozen: Option<&Frozen>) -> Result<Run, Error> {
        if let Some(frozen) = frozen {
            // Ages are counted as those were that the models were fitted to.
            let as_of = self.settings.summary.as_of;
            self.settings.summary = SummarySettings { as_of, ..frozen.fitted.settings.summary.clone() };
        }
        let mut scoring = frozen.map_or_else(|| self.settings.score(), |frozen| frozen.fitted.settings.clone());
        let (orders, builder) = self.read_orders(frozen.is_some(), !self.inputs.contacts.is_empty())?;
        let attributes = self.read_attributes()?;
        self.control.enter("summing up");
        let cut = if frozen.is_none() && self.holds_out(&orders) { Cut::of(&builder, &scoring)? } else { None };
        let days = cut.is_some() || self.needs_days(frozen, &scoring);
        let folded = self.sum_up(&orders, builder, days)?;
        self.notes.extend(doubts::of_horizon(&folded.summary, scoring.value.horizon));
        if frozen.is_none() {
            scoring.value.margin = self.margin(&orders);
        }
        let (read, contacted) = self.read_contacts(&folded, attributes.as_ref(), frozen, &scoring)?;
        let base = Base {
            summary: &folded.summary,
            ledger: folded.ledger.as_ref(),
            order_profit: folded.profit.as_deref(),
            attributes: attributes.as_ref().map(|attributes| attributes as _),
            contacts: contacted.as_ref(),
            cut: cut.as_ref(),
        };
        let (fitted, scored) = match frozen {
            Some(frozen) => (frozen.fitted.clone(), frozen.fitted.apply(&base, self.control)?),
            None => score::score(&base, &Checked::new(scoring)?, self.control)?,
        };
        self.notes.extend(scored.notes.iter().cloned());
        self.doubt_scale();
        let refused = self.rejects.finish()?;
        check_rows(&orders, read.as_ref(), attributes.as_ref(), &refused)?;
        let Folded { summary, without_purchase, returns, .. } = folded;
        Ok(Run {
            settings: self.settings,
            orders,
            contacts: read,
            attributes,
            returns,
            without_purchase,
            summary,
            fitted,
            scored,
            refused,
            notes: sorted(self.notes),
            timings: self.control.timings(),
        })
    }

    /// Whether the purchase model is held against a holdout: to choose it, or to show how far it can be trusted.
    fn holds_out(&self, orders: &OrdersRead) -> bool {
        let is_open = self.settings.models.purchases == ModelChoice::Auto;
        is_open || orders.rows.used <= self.settings.report.holdout_rows
    }

    /// Whether more than the summary is asked of purchase days.
    fn needs_days(&self, frozen: Option<&Frozen>, scoring: &ScoreSettings) -> bool {
        let contacts = !self.inputs.contacts.is_empty();
        match frozen {
            Some(frozen) => frozen.fitted.needs_days(contacts),
            None => scoring.needs_days(contacts),
        }
    }

    /// Reads orders; `clocks` says whether times of day are kept.
    fn read_orders(&mut self, frozen: bool, clocks: bool) -> Result<(OrdersRead, LedgerBuilder), Error> {
        self.control.check()?;
        self.control.enter("reading orders");
        self.rejects.begin("orders")?;
        let Settings { read, orders, currency, summary, .. } = &self.settings;
        let plan = self.inputs.plans.orders.as_ref();
        let reader = OrdersReader { as_of: summary.as_of, clocks, plan, ..OrdersReader::new(read, orders, currency) };
        let mut builder = LedgerBuilder::new(orders.returns, true).under(self.control);
        if let Some(memory) = &self.inputs.memory {
            builder = builder.within(Arc::new(memory.clone()));
        }
        let read = match &self.inputs.state {
            Some(state) => {
                state.check(&self.settings, frozen)?;
                let read = state.read(clocks, &mut builder, &mut self.rejects, self.control)?;
                state.check_as_of(summary.as_of, builder.days())?;
                read
            }
            None => {
                let take = |given: Given| give(&mut builder, given);
                reader.read(&self.inputs.orders, self.control, &mut self.rejects, take)?
            }
        };
        builder.set_order_ids(read.has_order_ids());
        if read.rows.used == 0 {
            if self.inputs.state.is_none() {
                self.note_unreadable(Table::orders(&read))?;
            }
            let counts = self.rejects.counts().values().flatten();
            let rules = counts.map(|(rule, rows)| format!("{rows} {rule}"));
            return Err(Error::NothingUsed { rows: read.rows.read, rules: rules.collect::<Vec<_>>().join(", ") });
        }
        if self.inputs.state.is_none() {
            self.note_unreadable(Table::orders(&read))?;
        }
        Ok((read, builder))
    }

    /// What rows that could not be read may do to the numbers.
    fn note_unreadable(&mut self, table: Table<'_>) -> Result<(), Error> {
        self.notes.extend(unreadable(table, &self.rejects, &self.settings.read)?);
        Ok(())
    }

    /// Reads the contact log, where there is one; contacts count as they did in a frozen run. A log that hardly speaks of
    /// the base's customers is read, and no map is drawn of it.
    fn read_contacts(
        &mut self,
        folded: &Folded,
        attributes: Option<&Attributes>,
        frozen: Option<&Frozen>,
        scoring: &ScoreSettings,
    ) -> Result<(Option<ContactsRead>, Option<Contacted>), Error> {
        if self.inputs.contacts.is_empty() {
            return Ok((None, None));
        }
        let quality = match frozen {
            Some(frozen) => frozen.contact()?.contacts.settings(),
            None => &scoring.contacts,
        };
        self.control.check()?;
        self.control.enter("reading contacts");
        let summary = &folded.summary;
        let reader = ContactsReader {
            read: &self.settings.read,
            columns: &self.settings.contact_columns,
            quality,
            as_of: summary.as_of,
            customers: Known {
                ids: &summary.ids,
                index: &IdIndex::new(&summary.ids),
                fold: self.settings.orders.fold_ids,
            },
            without_purchase: &IdIndex::new(&folded.without_purchase.ids),
            plan: self.inputs.plans.contacts.as_ref(),
        };
        self.rejects.begin("contacts")?;
        let mut contacts = Vec::new();
        let take = |block: Vec<Contact>| contacts.extend(block);
        let mut read = reader.read(&self.inputs.contacts, self.control, &mut self.rejects, take)?;
        read.finish(&mut contacts);
        self.note_unreadable(Table { name: "contacts", rows: read.rows, turnover: None })?;
        let mut notes = read.notes();
        let policy = self.settings.contact_columns.unmatched;
        if read.matching.is_chance() && policy != Unmatched::Map {
            self.check_unmatched(&read, &notes)?;
            self.notes.extend(notes);
            return Ok((Some(read), None));
        }
        let obeys = self.settings.contact_columns.consent == ConsentPolicy::Obey;
        let table = attributes.filter(|_| obeys).map(|table| table.refused(&summary.ids, &self.settings.read));
        let table = table.unwrap_or_default();
        let consent = Consent::new(&[read.refusals(), table.refusals].concat(), &read.channels);
        notes.extend(read.consent_note(&consent, &table.columns));
        let (channels, campaigns) = (std::mem::take(&mut read.channels), std::mem::take(&mut read.campaigns));
        let log = ContactLog::new(summary.as_of, summary.len(), channels, campaigns, read.held, contacts);
        let log = log.with_consent(consent);
        let contacted = Contacted { log, agents: read.agents.clone(), notes };
        Ok((Some(read), Some(contacted)))
    }

    /// A log of which no contact matches is most likely not the one that was meant.
    fn check_unmatched(&self, read: &ContactsRead, notes: &[Note]) -> Result<(), Error> {
        let goes_on = self.settings.contact_columns.unmatched == Unmatched::NoMap;
        if goes_on || !read.matching.is_empty() {
            return Ok(());
        }
        let told = notes.iter().find(|note| note.code == UNMATCHED).map(Note::to_string).unwrap_or_default();
        let file = self.inputs.contacts.iter().map(|source| source.name()).collect::<Vec<_>>().join(", ");
        Err(TableError::Unmatched { file, told }.into())
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
            self.notes.push(Note::warning("satisfaction_off_scale", text).rows(*rows, *rows));
        }
    }

    fn read_attributes(&mut self) -> Result<Option<Attributes>, Error> {
        let Some(source) = &self.inputs.customers else { return Ok(None) };
        self.rejects.begin("customers")?;
        let taken = score::columns::COLUMNS.map(|column| column.name);
        let Settings { read, orders, customers, .. } = &self.settings;
        let fold = orders.fold_ids;
        let read = customers::read(source.as_ref(), read, customers, fold, &taken, self.control, &mut self.rejects)?;
        self.note_unreadable(Table { name: "customers", rows: read.rows, turnover: None })?;
        Ok(Some(read))
    }

    fn sum_up(&mut self, orders: &OrdersRead, builder: LedgerBuilder, days: bool) -> Result<Folded, Error> {
        self.control.check()?;
        let (amounts, settings) = (orders.has_amounts(), &self.settings.summary);
        let folded = match days {
            true => Folded::of_days(builder.finish()?, amounts, settings)?,
            false => builder.summarise(amounts, settings)?.into(),
        };
        check_money(orders, &folded)?;
        if let Some(memory) = &self.inputs.memory {
            memory.check(folded.summary.len())?;
        }
        self.notes.extend(doubts(orders, &folded.summary));
        let after = self.rejects.counts().get("orders").and_then(|rules| rules.get(&Rule::AfterAsOf));
        let (after, rows) = (after.copied().unwrap_or(0), orders.rows.read);
        self.notes.extend(doubts::of_as_of(&folded.summary, after, rows));
        self.notes.extend(orders.notes.iter().cloned());
        Ok(folded)
    }

    /// The share of spend that is profit: the one that the orders show, where that is asked for.
    fn margin(&mut self, orders: &OrdersRead) -> f64 {
        let given = self.settings.value.margin;
        if !self.settings.orders.observed_margin {
            return given;
        }
        match orders.profit.and_then(|profit| Some((profit, profit.share()?))) {
            Some((profit, share)) => {
                if profit.rows < orders.rows.used {
                    let text = format!("the margin {share:.4} comes from {} of {} rows", profit.rows, orders.rows.used);
                    self.notes.push(Note::info("observed_margin", text).rows(profit.rows, orders.rows.used));
                }
                share
            }
            None => {
                let text = format!(
                    "no usable profit: there is no margin or cost column, or its total is not between 0 and the revenue; \
                     value counts a margin of {given}"
                );
                self.notes.push(Note::warning("no_profit", text));
                given
            }
        }
    }
}

/// Gives what is read to a builder.
pub(crate) fn give(builder: &mut LedgerBuilder, given: Given) -> Result<(), SpillError> {
    match given {
        Given::Lines(lines) => builder.absorb(lines),
        Given::Anew => {
            builder.forget();
            Ok(())
        }
    }
}

/// The most important first.
fn sorted(mut notes: Vec<Note>) -> Vec<Note> {
    notes::sort(&mut notes);
    notes
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
fn doubts(orders: &OrdersRead, summary: &Summary) -> Vec<Note> {
    let mut doubts = Vec::new();
    doubts.extend(no_amounts(orders));
    if let Some(gap) = lonely_end(summary) {
        let text = format!(
            "the last order day {} comes {gap} days after the one before it; if it is a mistyped date, set summary.as_of",
            summary.as_of
        );
        doubts.push(Note::warning("lonely_last_day", text));
    }
    if let Some((first, gap)) = lonely_start(summary) {
        let text = format!(
            "the first order day {first} comes {gap} days before the next one; if it is a mistyped date or stands for no \
             date, set read.earliest to a later day"
        );
        doubts.push(Note::warning("lonely_first_day", text));
    }
    doubts
}

/// That a table of orders has no amounts.
pub fn no_amounts(orders: &OrdersRead) -> Option<Note> {
    let text = "no amount column was found, so revenue, M, spend and CLV are empty and segments take M equal to F; name one \
                with orders.amount, or compute it: orders.amount = \"Quantity * UnitPrice\"";
    (!orders.has_amounts()).then(|| Note::warning("no_amounts", text))
}

/// The first order day and the days to the next one, where these are more than a year.
fn lonely_start(summary: &Summary) -> Option<(Day, i32)> {
    let first = summary.first_order.iter().min().copied()?;
    let days = summary.first_order.iter().chain(&summary.last_order);
    let gap = days.filter(|day| **day > first).min()?.days_since(first);
    (gap > 366).then_some((first, gap))
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
    if revenue == money.used && money.read == money.used + money.refused + money.left_out {
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
