//! The stages behind the map: contacts to criteria, criteria to places, places to corrections.

use rayon::prelude::*;

use super::Run;
use crate::contacts::quality::{ContactQuality, Criterion, FittedQuality};
use crate::contacts::timing::{self, Purchases, Timing, TimingInput};
use crate::contacts::{Contact, ContactLog};
use crate::decide::corrections::{self, CorrectionInput, Corrections};
use crate::error::Error;
use crate::export::map_tables::CONTRIBUTION;
use crate::frozen::{Frozen, FrozenMap};
use crate::ids::{Id, IdIndex};
use crate::ledger::Ledger;
use crate::map::{Column, CustomerMap, FittedMap, Idea, IndexSettings, MapError, MapInput, Source, WhaleCurve};
use crate::summary::Summary;
use crate::tables::contacts::{ContactsRead, ContactsReader};
use crate::tables::customers::Attributes;
use crate::tables::orders::Profit;
use crate::units::{Day, Moment, Money};
use crate::value::{Value, Worth};

use super::WithoutPurchase;

/// Starts the draws behind the interval of the rank correlation, so that equal runs are equal.
const IDEA_SEED: u64 = 1;

/// The map and what it was drawn with.
#[derive(Debug)]
pub struct Mapped {
    /// How contacts count.
    pub quality: FittedQuality,
    /// The criteria of contact quality.
    pub contact: ContactQuality,
    /// The criteria of attractiveness.
    pub worth: Vec<Criteria>,
    /// Scales and thresholds.
    pub fitted: FittedMap,
    /// Where everybody is.
    pub map: CustomerMap,
    /// Whether contact follows value.
    pub idea: Idea,
    /// What to change, for whom, at what cost.
    pub corrections: Corrections,
    /// Whether contacts precede purchases.
    pub timing: Timing,
    /// Who has contacted whom most.
    pub agents: Agents,
    /// What is odd about the log, though allowed.
    pub oddities: Oddities,
}

/// A criterion's column: NaN = absent.
#[derive(Debug)]
pub struct Criteria {
    /// Its name.
    pub name: String,
    /// A row a customer.
    pub values: Vec<f64>,
    /// Whether a smaller value is the better one.
    pub less_is_better: bool,
}

/// Who of the company has contacted each customer most.
#[derive(Debug)]
pub struct Agents {
    /// A place among the names a customer, or [`Contact::NONE`].
    pub main: Vec<u16>,
    /// Who there is.
    pub names: Vec<String>,
}

/// What is odd about a contact log, though allowed.
#[derive(Debug, Clone, Copy, Default, serde::Serialize)]
pub struct Oddities {
    /// Contacts that were written twice, to the second, and count once.
    pub duplicates: u64,
    /// Contacts before their customer's first order; they count like any other.
    pub before_first_order: u64,
    /// Rows of customers that were held out of a campaign at random; they are no contacts.
    pub controls: u64,
}

impl Mapped {
    /// Who of the company has contacted a customer most.
    pub fn agent(&self, customer: usize) -> Option<&str> {
        self.agents.names.get(usize::from(self.agents.main[customer])).map(String::as_str)
    }

    /// The columns of either axis: attractiveness, contact quality.
    pub fn columns(&self) -> [Vec<Column<'_>>; 2] {
        [columns_of(&self.worth), contact_columns(&self.contact)]
    }
}

/// Profit of each customer so far, and how it is spread.
#[derive(Debug, serde::Serialize)]
pub struct ProfitSoFar {
    /// A row a customer.
    #[serde(skip)]
    pub by_customer: Vec<Money>,
    /// Whether any cost is known: of goods, of serving or of contacts. Where not, profit is revenue.
    pub costs_known: bool,
    /// Customers ranked by it.
    #[serde(flatten)]
    pub whale: WhaleCurve,
}

/// What comes of the contact log, where there is one.
#[derive(Default)]
pub(super) struct Drawn {
    pub(super) contacts: Option<ContactsRead>,
    pub(super) profit: Option<ProfitSoFar>,
    pub(super) map: Option<Mapped>,
}

/// What the map is drawn from, beside the contacts.
pub(super) struct Bases<'a> {
    /// Purchase days; there where there are contacts.
    pub(super) ledger: Option<&'a Ledger>,
    /// What order lines tell of profit.
    pub(super) order_profit: Option<&'a [Profit]>,
    pub(super) summary: &'a Summary,
    pub(super) without_purchase: &'a WithoutPurchase,
    pub(super) value: Option<&'a Worth>,
    pub(super) attributes: Option<&'a Attributes>,
}

impl Run<'_> {
    /// Reads the contacts and draws the map; without contacts there is only the profit.
    pub(super) fn draw_map(&mut self, bases: &Bases<'_>) -> Result<Drawn, Error> {
        self.settings.attractiveness.check()?;
        self.settings.map.check()?;
        self.check_attributes(bases)?;
        let Some(ledger) = bases.ledger.filter(|_| !self.inputs.contacts.is_empty()) else {
            self.clock.enter("counting profit");
            let no_cost = vec![Money(0); bases.summary.len()];
            return Ok(Drawn { profit: self.profit(bases, &no_cost)?, ..Drawn::default() });
        };
        let frozen = self.frozen.map(Frozen::map).transpose()?;
        self.clock.enter("reading contacts");
        let (read, log) = self.read_contacts(bases, frozen)?;
        self.clock.enter("drawing the map");
        let rhythm_days = rhythms(bases.summary);
        let quality = match frozen {
            Some(frozen) => frozen.contacts.clone(),
            None => self.settings.contacts.fit(&log, &rhythm_days)?,
        };
        let contact = quality.criteria(&log, &rhythm_days);
        self.warnings.extend(read.warnings());
        self.warnings.extend(contact.warning());
        self.warnings.extend(few_contacts(&contact));
        let profit = self.profit(bases, &contact.cost)?;
        let by_customer = profit.as_ref().map(|profit| profit.by_customer.as_slice());
        let source = frozen.and_then(|frozen| frozen.scale.source()).unwrap_or_else(|| best_source(bases));
        let value = bases.value.map(Worth::columns).unwrap_or_default();
        let worth = self.worth(source, bases, &value, ledger, by_customer)?;
        let contacted: Vec<bool> = contact.contacts.iter().map(|count| *count > 0).collect();
        let input = MapInput {
            attractiveness: &columns_of(&worth),
            contact: &contact_columns(&contact),
            contacted: &contacted,
            revenue: bases.summary.spend.as_ref().map(|spend| spend.revenue.as_slice()),
            clv: value.clv.as_deref(),
            contact_cost: log.held.cost.then_some(contact.cost.as_slice()),
            profit: by_customer,
        };
        let (fitted, map) = match frozen {
            Some(frozen) => (frozen.scale.clone(), frozen.scale.apply(&input)?),
            None => {
                let weights = IndexSettings { weights: quality.weights().clone(), targets: quality.targets().clone() };
                self.settings.map.draw(&self.settings.attractiveness.index(source)?, &weights, &input)?
            }
        };
        let idea = Idea::of(&map, input.contact_cost, IDEA_SEED);
        self.clock.enter("finding corrections");
        let corrections = CorrectionInput {
            map: &map,
            fitted_map: &fitted,
            log: &log,
            quality: &contact,
            fitted_quality: &quality,
            rhythm_days: &rhythm_days,
            clv: &worth[0].values,
        };
        let corrections = corrections::corrections(&corrections, &self.settings.corrections)?;
        if source != Source::Clv {
            self.warnings.push(format!("there is no CLV, so the value at stake in corrections is in {source}"));
        }
        self.clock.enter("relating contacts to purchases");
        let timing = self.timing(bases, &value, ledger, &log)?;
        let oddities = Oddities {
            duplicates: log.duplicates,
            before_first_order: before_first_order(&log, &bases.summary.first_order),
            controls: log.controls().len() as u64,
        };
        let agents = Agents { main: main_agents(&log), names: read.agents.clone() };
        let mapped = Mapped { quality, contact, worth, fitted, map, idea, corrections, timing, agents, oddities };
        Ok(Drawn { contacts: Some(read), profit, map: Some(mapped) })
    }

    /// Columns of the customers table that attractiveness asks for are there, and are no one else's.
    fn check_attributes(&self, bases: &Bases<'_>) -> Result<(), Error> {
        for name in self.settings.attractiveness.columns.keys() {
            if name.ends_with(CONTRIBUTION) {
                let cause = format!("names that end in {CONTRIBUTION} are those of the criteria table; rename it");
                return Err(Error::Attribute { column: name.clone(), cause });
            }
            if !self.inputs.contacts.is_empty() {
                attribute(bases, name)?;
            }
        }
        Ok(())
    }

    fn read_contacts(
        &mut self,
        bases: &Bases<'_>,
        frozen: Option<&FrozenMap>,
    ) -> Result<(ContactsRead, ContactLog), Error> {
        let summary = bases.summary;
        let reader = ContactsReader {
            read: &self.settings.read,
            columns: &self.settings.contact_columns,
            quality: frozen.map_or(&self.settings.contacts, |frozen| frozen.contacts.settings()),
            as_of: summary.as_of,
            customers: &IdIndex::new(&summary.ids),
            without_purchase: &IdIndex::new(&bases.without_purchase.ids),
        };
        self.rejects.begin("contacts");
        let mut contacts = Vec::new();
        let take = |block: Vec<Contact>| contacts.extend(block);
        let mut read = reader.read(&self.inputs.contacts, self.progress, &mut self.rejects, take)?;
        read.finish(&mut contacts);
        let (channels, campaigns) = (std::mem::take(&mut read.channels), std::mem::take(&mut read.campaigns));
        let log = ContactLog::new(summary.as_of, summary.len(), channels, campaigns, read.held, contacts);
        Ok((read, log))
    }

    /// Profit of every customer, where there are amounts.
    fn profit(&self, bases: &Bases<'_>, contact_cost: &[Money]) -> Result<Option<ProfitSoFar>, Error> {
        let (summary, settings) = (bases.summary, &self.settings.attractiveness);
        let Some(spend) = &summary.spend else { return Ok(None) };
        let to_serve = match settings.cost_to_serve.as_str() {
            "" => None,
            column => Some(attribute(bases, column)?),
        };
        let margins = margins(bases.order_profit, &spend.revenue, self.settings.value.margin);
        let profit = |customer: usize| {
            let to_serve = to_serve.as_ref().map_or(Money(0), |column| as_money(column[customer]));
            settings.profit(margins[customer], summary.orders[customer], to_serve, contact_cost[customer])
        };
        let by_customer = (0..summary.len()).into_par_iter().map(profit).collect::<Result<Vec<Money>, MapError>>()?;
        let whale = WhaleCurve::of(&by_customer);
        let costs_known = by_customer != spend.revenue;
        Ok(Some(ProfitSoFar { by_customer, costs_known, whale }))
    }

    /// The criteria of attractiveness.
    fn worth(
        &self,
        source: Source,
        bases: &Bases<'_>,
        value: &Value,
        ledger: &Ledger,
        profit: Option<&[Money]>,
    ) -> Result<Vec<Criteria>, Error> {
        let settings = &self.settings.attractiveness;
        let or_absent = |column: Option<Vec<f64>>| column.unwrap_or_default();
        let mut worth = vec![
            (source.name(), value_column(source, bases, value)),
            ("profit", or_absent(profit.map(in_units))),
            ("growth", self.growth(ledger, bases.summary)),
            ("p_alive", or_absent(value.p_alive.clone())),
        ];
        for name in settings.columns.keys() {
            worth.push((name, attribute(bases, name)?));
        }
        let criteria = worth.into_iter().map(|(name, values)| Criteria {
            name: name.into(),
            values,
            less_is_better: settings.less_is_better(name),
        });
        Ok(criteria.collect())
    }

    fn growth(&self, ledger: &Ledger, summary: &Summary) -> Vec<f64> {
        let windows = self.settings.attractiveness.windows(summary.as_of);
        let starts = ledger.starts_of_buyers();
        let growth = |days: &mut Vec<Day>, customer: usize| {
            let rows = starts[customer]..starts[customer + 1];
            days.clear();
            days.extend(ledger.at[rows.clone()].iter().map(|at| at.day));
            let spend = summary.spend.as_ref().map(|_| &ledger.spend[rows]);
            windows.growth(summary.first_order[customer], days, spend)
        };
        (0..summary.len()).into_par_iter().map_init(Vec::new, growth).collect()
    }

    fn timing(&self, bases: &Bases<'_>, value: &Value, ledger: &Ledger, log: &ContactLog) -> Result<Timing, Error> {
        let input = TimingInput {
            purchases: Purchases {
                starts: &ledger.starts_of_buyers(),
                at: &ledger.at,
                spend: bases.summary.spend.as_ref().map(|_| ledger.spend.as_slice()),
            },
            log,
            p_alive: value.p_alive.as_deref(),
            margin: self.settings.value.margin,
        };
        Ok(timing::timing(&input, &self.settings.timing)?)
    }
}

/// Who made most contacts with each customer; of several the one whose last is latest.
fn main_agents(log: &ContactLog) -> Vec<u16> {
    let main = |made: &mut Vec<(u16, Moment)>, customer: usize| {
        let known = log.of(customer).iter().filter(|contact| contact.agent != Contact::NONE);
        made.clear();
        made.extend(known.map(|contact| (contact.agent, contact.at)));
        made.sort_unstable();
        let agents = made.chunk_by(|a, b| a.0 == b.0);
        agents.max_by_key(|made| (made.len(), made[made.len() - 1].1)).map_or(Contact::NONE, |made| made[0].0)
    };
    (0..log.customers()).into_par_iter().map_init(Vec::new, main).collect()
}

/// A customer's mean days between two purchase days; NaN of one purchase.
fn rhythms(summary: &Summary) -> Vec<f64> {
    let rhythm = |customer: usize| {
        let days = summary.last_order[customer].days_since(summary.first_order[customer]);
        let gaps = summary.frequency[customer];
        if gaps > 0 { f64::from(days) / f64::from(gaps) } else { f64::NAN }
    };
    (0..summary.len()).map(rhythm).collect()
}

/// The best measure of worth that there is.
fn best_source(bases: &Bases<'_>) -> Source {
    if bases.value.is_some_and(Worth::has_spend) {
        Source::Clv
    } else if bases.value.is_some() {
        Source::ExpectedPurchases
    } else if bases.summary.spend.is_some() {
        Source::Revenue
    } else {
        Source::Orders
    }
}

fn value_column(source: Source, bases: &Bases<'_>, value: &Value) -> Vec<f64> {
    let column = match source {
        Source::Clv => value.clv.clone(),
        Source::ExpectedPurchases => value.expected_purchases.clone(),
        Source::Revenue => bases.summary.spend.as_ref().map(|spend| in_units(&spend.revenue)),
        Source::Orders => Some(bases.summary.orders.iter().map(|orders| f64::from(*orders)).collect()),
    };
    // What is not finite is absent.
    let finite = |value: f64| if value.is_finite() { value } else { f64::NAN };
    column.unwrap_or_else(|| vec![f64::NAN; bases.summary.len()]).into_iter().map(finite).collect()
}

fn in_units(money: &[Money]) -> Vec<f64> {
    money.iter().map(|money| money.to_f64()).collect()
}

/// An amount of the customers table; nothing where there is none.
fn as_money(amount: f64) -> Money {
    Money::from_f64(amount).unwrap_or_default()
}

/// Margin of every customer: what its order lines tell, and of the rest of its revenue the share that is profit.
fn margins(known: Option<&[Profit]>, revenue: &[Money], share: f64) -> Vec<Money> {
    let of = |money: i64| (money as f64 * share).round() as i64;
    let Some(known) = known else { return revenue.iter().map(|revenue| Money(of(revenue.0))).collect() };
    let margin = |(revenue, known): (&Money, &Profit)| {
        Money(known.profit.0.saturating_add(of(revenue.0.saturating_sub(known.amount.0))))
    };
    revenue.iter().zip(known).map(margin).collect()
}

/// A column of numbers of the customers table, a row a customer of the summary.
fn attribute(bases: &Bases<'_>, name: &str) -> Result<Vec<f64>, Error> {
    let attributes = bases.attributes.ok_or_else(|| Error::Attribute {
        column: name.into(),
        cause: "there is no customers table; give one by --customers".into(),
    })?;
    let column = attributes.numbers(name).map_err(|cause| Error::Attribute { column: name.into(), cause })?;
    let row = |id: &str| attributes.index.find(&Id::new(id)).map_or(f64::NAN, |row| column[row as usize]);
    Ok(bases.summary.ids.iter().map(row).collect())
}

fn columns_of(criteria: &[Criteria]) -> Vec<Column<'_>> {
    criteria
        .iter()
        .map(|Criteria { name, values, less_is_better }| Column { name, values, less_is_better: *less_is_better })
        .collect()
}

fn contact_columns(contact: &ContactQuality) -> Vec<Column<'_>> {
    let column = |criterion: Criterion| Column {
        name: criterion.name(),
        values: contact.column(criterion),
        less_is_better: criterion.less_is_better(),
    };
    Criterion::ALL.map(column).into()
}

fn before_first_order(log: &ContactLog, first_order: &[Day]) -> u64 {
    let before = |contact: &&Contact| contact.at.day < first_order[contact.customer as usize];
    log.contacts().iter().filter(before).count() as u64
}

/// A log that reaches hardly anybody says little about who is under-served.
fn few_contacts(contacts: &ContactQuality) -> Option<String> {
    let (reached, all) = (contacts.contacts.iter().filter(|count| **count > 0).count(), contacts.contacts.len());
    (reached * 20 < all).then(|| {
        format!(
            "only {reached} of {all} customers have a contact, so the map mostly shows who is worth much, \
             not how they are treated; check that both files use the same customer ids"
        )
    })
}
