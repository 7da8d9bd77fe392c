//! The stages behind the map: contacts to criteria, criteria to places, places to corrections.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Base, Contacted, FittedBase, Kept, ScoreError, enter};
use crate::base::ids::Id;
use crate::base::{Day, Moment, Money};
use crate::contacts::quality::{ContactQuality, Criterion, FittedQuality};
use crate::contacts::timing::{self, Purchases, Timing, TimingInput};
use crate::contacts::{Contact, ContactLog};
use crate::control::Control;
use crate::decide::corrections::{self, CorrectionInput, Corrections};
use crate::ledger::Ledger;
use crate::map::{
    AttractivenessSettings, Column, CustomerMap, FittedMap, Idea, IndexSettings, MapError, MapInput, Source, WhaleCurve,
};
use crate::notes;
use crate::notes::Note;
use crate::orders::Profit;
use crate::summary::Summary;
use crate::value::{Value, Worth};

/// The end of the names of a criterion's contribution to its index, which no criterion may have.
pub const CONTRIBUTION: &str = "_contribution";
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
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Serialize, Deserialize)]
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

impl ProfitSoFar {
    /// The same without its customers: what a record of the run holds.
    pub fn without_customers(&self) -> Self {
        ProfitSoFar { by_customer: Vec::new(), costs_known: self.costs_known, whale: self.whale.clone() }
    }
}

/// How contacts count, and the scales of the map: what is learned from a base with contacts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedContact {
    /// How contacts count.
    pub contacts: FittedQuality,
    /// Scales and thresholds.
    pub scale: FittedMap,
}

/// What the map is drawn from, worked out once for fitting and applying.
pub(super) struct Drawn {
    contact: ContactQuality,
    rhythm_days: Vec<f64>,
    profit: Option<ProfitSoFar>,
    worth: Vec<Criteria>,
    source: Source,
    map: CustomerMap,
}

/// Columns of the customers table that attractiveness asks for are there, and are no one else's.
pub(super) fn check_columns(base: &Base<'_>, settings: &AttractivenessSettings) -> Result<(), ScoreError> {
    for name in settings.columns.keys() {
        if name.ends_with(CONTRIBUTION) {
            let cause = format!("names that end in {CONTRIBUTION} are those of the criteria table; rename it");
            return Err(ScoreError::Attribute { column: name.clone(), cause });
        }
        if base.contacts.is_some() {
            attribute(base, name)?;
        }
    }
    Ok(())
}

/// Learns how contacts count and where the levels of the map begin.
pub(super) fn fit(
    base: &Base<'_>,
    contacts: &Contacted,
    fitted: &FittedBase,
    control: &Control,
    kept: &mut Kept,
) -> Result<FittedContact, ScoreError> {
    enter(control, "drawing the map")?;
    let settings = &fitted.settings;
    let rhythm_days = rhythms(base.summary);
    let quality = settings.contacts.fit(&contacts.log, &rhythm_days)?;
    let axes = Axes::of(base, contacts, fitted, &quality, kept.worth.as_ref(), rhythm_days, None)?;
    let weights = IndexSettings { weights: quality.weights().clone(), targets: quality.targets().clone() };
    let index = settings.attractiveness.index(axes.source)?;
    let (scale, map) = axes.on(base, contacts, |input| settings.map.draw(&index, &weights, input))?;
    kept.drawn = Some(axes.drawn(map));
    Ok(FittedContact { contacts: quality, scale })
}

/// The criteria of both axes.
struct Axes {
    contact: ContactQuality,
    rhythm_days: Vec<f64>,
    profit: Option<ProfitSoFar>,
    source: Source,
    value: Value,
    worth: Vec<Criteria>,
}

impl Axes {
    /// Works them out; `source` is what a fitted map takes as value, the best there is where it is none.
    fn of(
        base: &Base<'_>,
        contacts: &Contacted,
        fitted: &FittedBase,
        quality: &FittedQuality,
        worth: Option<&Worth>,
        rhythm_days: Vec<f64>,
        source: Option<Source>,
    ) -> Result<Self, ScoreError> {
        let contact = quality.criteria(&contacts.log, &rhythm_days);
        let profit = profit(base, fitted, &contact.cost)?;
        let by_customer = profit.as_ref().map(|profit| profit.by_customer.as_slice());
        let source = source.unwrap_or_else(|| best_source(base, worth));
        let value = worth.map(Worth::columns).unwrap_or_default();
        let worth = criteria(source, base, fitted, &value, by_customer)?;
        Ok(Axes { contact, rhythm_days, profit, source, value, worth })
    }

    /// Draws a map of them.
    fn on<T>(
        &self,
        base: &Base<'_>,
        contacts: &Contacted,
        draw: impl FnOnce(&MapInput<'_>) -> Result<T, MapError>,
    ) -> Result<T, MapError> {
        let contacted: Vec<bool> = self.contact.contacts.iter().map(|count| *count > 0).collect();
        draw(&MapInput {
            attractiveness: &columns_of(&self.worth),
            contact: &contact_columns(&self.contact),
            contacted: &contacted,
            revenue: base.summary.spend.as_ref().map(|spend| spend.revenue.as_slice()),
            clv: self.value.clv.as_deref(),
            contact_cost: contacts.log.held.cost.then_some(self.contact.cost.as_slice()),
            profit: self.profit.as_ref().map(|profit| profit.by_customer.as_slice()),
        })
    }

    fn drawn(self, map: CustomerMap) -> Drawn {
        let Axes { contact, rhythm_days, profit, source, worth, .. } = self;
        Drawn { contact, rhythm_days, profit, worth, source, map }
    }
}

impl FittedBase {
    /// Places everybody on the map; without contacts there is only the profit.
    pub(super) fn draw_map(
        &self,
        base: &Base<'_>,
        worth: Option<&Worth>,
        drawn: Option<Drawn>,
        control: &Control,
        notes: &mut Vec<Note>,
    ) -> Result<(Option<ProfitSoFar>, Option<Mapped>), ScoreError> {
        let (Some(contacts), Some(ledger)) = (base.contacts, base.ledger) else {
            enter(control, "counting profit")?;
            let no_cost = vec![Money(0); base.summary.len()];
            return Ok((profit(base, self, &no_cost)?, None));
        };
        let FittedContact { contacts: quality, scale } = self.map.as_ref().ok_or(ScoreError::NoMap)?;
        enter(control, "drawing the map")?;
        let drawn = match drawn {
            Some(drawn) => drawn,
            None => {
                let axes = Axes::of(base, contacts, self, quality, worth, rhythms(base.summary), scale.source())?;
                let map = axes.on(base, contacts, |input| scale.apply(input))?;
                axes.drawn(map)
            }
        };
        let Drawn { contact, rhythm_days, profit, worth: criteria, source, map } = drawn;
        notes.extend(contacts.notes.iter().cloned());
        notes.extend(notes::warnings("contacts", contact.warning().into_iter().chain(few_contacts(&contact))));
        let idea = Idea::of(&map, contacts.log.held.cost.then_some(contact.cost.as_slice()), IDEA_SEED);
        enter(control, "finding corrections")?;
        let input = CorrectionInput {
            map: &map,
            fitted_map: scale,
            log: &contacts.log,
            quality: &contact,
            fitted_quality: quality,
            rhythm_days: &rhythm_days,
            clv: &criteria[0].values,
        };
        let corrections = corrections::corrections(&input, &self.settings.corrections)?;
        notes.extend(corrections.note());
        if source != Source::Clv {
            let sentence = format!("there is no CLV, so the value at stake in corrections is in {source}");
            notes.push(Note::warning("no_clv", sentence));
        }
        enter(control, "relating contacts to purchases")?;
        let timing = self.timing(base, worth, ledger, &contacts.log, control)?;
        let oddities = Oddities {
            duplicates: contacts.log.duplicates,
            before_first_order: before_first_order(&contacts.log, &base.summary.first_order),
            controls: contacts.log.controls().len() as u64,
        };
        let agents = Agents { main: main_agents(&contacts.log), names: contacts.agents.clone() };
        let mapped = Mapped {
            quality: quality.clone(),
            contact,
            worth: criteria,
            fitted: scale.clone(),
            map,
            idea,
            corrections,
            timing,
            agents,
            oddities,
        };
        Ok((profit, Some(mapped)))
    }

    fn timing(
        &self,
        base: &Base<'_>,
        worth: Option<&Worth>,
        ledger: &Ledger,
        log: &ContactLog,
        control: &Control,
    ) -> Result<Timing, ScoreError> {
        let p_alive = worth.map(|worth| -> Vec<f64> { (0..base.summary.len()).map(|i| worth.p_alive(i)).collect() });
        let input = TimingInput {
            purchases: Purchases {
                starts: &ledger.starts_of_buyers(),
                at: &ledger.at,
                spend: base.summary.spend.as_ref().map(|_| ledger.spend.as_slice()),
            },
            log,
            p_alive: p_alive.as_deref(),
            margin: self.settings.value.margin,
        };
        Ok(timing::timing_under(&input, &self.settings.timing, control)?)
    }
}

/// Profit of every customer, where there are amounts.
fn profit(base: &Base<'_>, fitted: &FittedBase, contact_cost: &[Money]) -> Result<Option<ProfitSoFar>, ScoreError> {
    let (summary, settings) = (base.summary, &fitted.settings.attractiveness);
    let Some(spend) = &summary.spend else { return Ok(None) };
    let to_serve = match settings.cost_to_serve.as_str() {
        "" => None,
        column => Some(attribute(base, column)?),
    };
    let margins = margins(base.order_profit, &spend.revenue, fitted.settings.value.margin);
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
fn criteria(
    source: Source,
    base: &Base<'_>,
    fitted: &FittedBase,
    value: &Value,
    profit: Option<&[Money]>,
) -> Result<Vec<Criteria>, ScoreError> {
    let settings = &fitted.settings.attractiveness;
    let or_absent = |column: Option<Vec<f64>>| column.unwrap_or_default();
    let mut worth = vec![
        (source.name(), value_column(source, base.summary, value)),
        ("profit", or_absent(profit.map(in_units))),
        ("growth", base.ledger.map(|ledger| growth(settings, ledger, base.summary)).unwrap_or_default()),
        ("p_alive", or_absent(value.p_alive.clone())),
    ];
    for name in settings.columns.keys() {
        worth.push((name, attribute(base, name)?));
    }
    let criteria = worth.into_iter().map(|(name, values)| Criteria {
        name: name.into(),
        values,
        less_is_better: settings.less_is_better(name),
    });
    Ok(criteria.collect())
}

fn growth(settings: &AttractivenessSettings, ledger: &Ledger, summary: &Summary) -> Vec<f64> {
    let windows = settings.windows(summary.as_of);
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
fn best_source(base: &Base<'_>, worth: Option<&Worth>) -> Source {
    if worth.is_some_and(Worth::has_spend) {
        Source::Clv
    } else if worth.is_some() {
        Source::ExpectedPurchases
    } else if base.summary.spend.is_some() {
        Source::Revenue
    } else {
        Source::Orders
    }
}

fn value_column(source: Source, summary: &Summary, value: &Value) -> Vec<f64> {
    let column = match source {
        Source::Clv => value.clv.clone(),
        Source::ExpectedPurchases => value.expected_purchases.clone(),
        Source::Revenue => summary.spend.as_ref().map(|spend| in_units(&spend.revenue)),
        Source::Orders => Some(summary.orders.iter().map(|orders| f64::from(*orders)).collect()),
    };
    // What is not finite is absent.
    let finite = |value: f64| if value.is_finite() { value } else { f64::NAN };
    column.unwrap_or_else(|| vec![f64::NAN; summary.len()]).into_iter().map(finite).collect()
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
fn attribute(base: &Base<'_>, name: &str) -> Result<Vec<f64>, ScoreError> {
    let wrong = |cause: String| ScoreError::Attribute { column: name.into(), cause };
    let missing = || wrong("there is no customers table; give one by inputs.customers".into());
    let attributes = base.attributes.ok_or_else(missing)?;
    let column = attributes.numbers(name).map_err(wrong)?;
    let row = |id: &str| attributes.row(&Id::new(id)).map_or(f64::NAN, |row| column[row as usize]);
    Ok(base.summary.ids.iter().map(row).collect())
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
