//! The subscriptions table: who was under contract from when to when, and at what price.

mod columns;
mod ends;
mod plan;

use std::collections::BTreeMap;
use std::sync::Arc;

use clivia_core::base::ids::{Id, IdMap, Ids};
use clivia_core::base::{Day, Money};
use clivia_core::control::Control;
use clivia_core::notes::Note;
use clivia_core::retention::Spell;

use crate::blocks::{Block, for_each_block};
use crate::cells::Cells;
use crate::dates;
use crate::dates::{DateReader, Looked};
use crate::error::TableError;
use crate::numbers;
use crate::orders::{MoneyCounts, RowCounts};
use crate::plan::{Decimal, ReadSettings, SubscriptionsPlan};
use crate::rejects::{Reject, Rejects, Rule};
use crate::source::{Source, Wanted};
use ends::{Ahead, End, EndCells};

pub use columns::{SubscriptionColumns, SubscriptionMapping};

/// What reading subscriptions came to.
#[derive(Debug, Clone)]
pub struct Subscriptions {
    /// Customers, in the order of their ids.
    pub ids: Ids,
    /// Their subscriptions, those of a customer together and in the order of time; none touches the next.
    pub spells: Vec<Spell>,
    /// The last day that counts.
    pub as_of: Day,
    /// The mapping of the first file.
    pub mapping: Option<SubscriptionMapping>,
    /// How the first file was read.
    pub plan: Option<SubscriptionsPlan>,
    /// Rows.
    pub rows: RowCounts,
    /// Prices of a period.
    pub money: MoneyCounts,
    /// Rows that go on where another ended, or renew it before it ends: they are one subscription with it.
    pub joined: u64,
    /// The last day on which a subscription began, and on which one ended.
    last_days: (Option<Day>, Option<Day>),
    /// Subscriptions that are to end and have not yet: a cancel request without an end.
    requested: u64,
    /// Running ones whose end lies ahead: it is when they are renewed.
    renewing: u64,
    /// Running ones by their status, whose end is past.
    stale: u64,
}

impl Subscriptions {
    /// What a reader of the results should know of the table.
    pub fn notes(&self, as_of_given: bool) -> Vec<Note> {
        let found = [
            self.end_note(),
            self.requested_note(),
            self.renewing_note(),
            self.stale_note(),
            self.as_of_note().filter(|_| !as_of_given),
        ];
        found.into_iter().flatten().collect()
    }

    fn as_of_note(&self) -> Option<Note> {
        let (Some(start), Some(end)) = self.last_days else { return None };
        let sentence = format!(
            "the last subscription began on {start}, and the last end in the table, {end}, is used as the as-of date"
        );
        let note = || Note::warning("as_of_from_ends", sentence).remedy("if ends lie in the future, set summary.as_of");
        (end.days_since(start) > 31).then(note)
    }

    fn end_note(&self) -> Option<Note> {
        let mapping = self.mapping.as_ref()?;
        let (end, cancelled) = (mapping.end.as_ref()?, mapping.cancelled.as_ref()?);
        let sentence = format!("a subscription ends on the day in {end}; {cancelled} is when that was asked for");
        let remedy = format!("to end it there, set subscription_columns.end = \"{cancelled}\"");
        Some(Note::info("end_of_subscriptions", sentence).remedy(remedy))
    }

    fn requested_note(&self) -> Option<Note> {
        let sentence =
            format!("{} subscriptions were asked to end and have no end yet: they count as running", self.requested);
        let note = Note::warning("cancel_requested", sentence).rows(self.requested, self.rows.read);
        (self.requested > 0).then_some(note)
    }

    fn renewing_note(&self) -> Option<Note> {
        let sentence = format!(
            "{} subscriptions run by their status and have an end after {}: it is taken as their renewal, not as their end",
            self.renewing, self.as_of
        );
        let note =
            Note::info("end_is_renewal", sentence).remedy("subscription_columns.status = \"none\" takes it as the end");
        (self.renewing > 0).then(|| note.rows(self.renewing, self.rows.read))
    }

    fn stale_note(&self) -> Option<Note> {
        let sentence = format!(
            "{} subscriptions run by their status and ended by {}: they count as ended",
            self.stale, self.as_of
        );
        let note = Note::warning("running_and_ended", sentence).remedy("check the table, or summary.as_of");
        (self.stale > 0).then(|| note.rows(self.stale, self.rows.read))
    }
}

/// Settings for a whole reading.
#[derive(Debug, Clone, Copy)]
pub struct SubscriptionsReader<'a> {
    /// How files are read.
    pub read: &'a ReadSettings,
    /// Which columns are used.
    pub columns: &'a SubscriptionColumns,
    /// The last day that counts; the last day in the table where it is not given.
    pub as_of: Option<Day>,
    /// How every source is read; found out of each where there is none.
    pub plan: Option<&'a SubscriptionsPlan>,
}

/// A row of the table that may count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    customer: u32,
    start: Day,
    /// The longest first.
    end: std::cmp::Reverse<Day>,
    price: Option<Money>,
    file: u32,
    row: u64,
    ahead: Ahead,
}

/// The end of what has no end.
const NEVER: Day = Day(i32::MAX);

impl SubscriptionsReader<'_> {
    /// Which columns of a source would be used.
    ///
    /// # Errors
    /// [`TableError::Columns`] where needed columns are not found.
    pub fn mapping(&self, source: &dyn Source) -> Result<SubscriptionMapping, TableError> {
        let held = source.columns(&self.settings())?;
        match self.plan {
            Some(plan) => plan.columns.check_held(source.name(), &held).map(|()| plan.columns.clone()),
            None => SubscriptionMapping::of(self.columns, source.name(), &held),
        }
    }

    /// How a source would be read: what the settings leave open is found out, over all of it where its first rows do not
    /// tell.
    ///
    /// # Errors
    /// [`TableError`] where that cannot be told.
    pub fn plan_of(&self, source: &dyn Source, control: &Control) -> Result<SubscriptionsPlan, TableError> {
        plan::plan(self, source, control)
    }

    /// How files are read: by the plan where there is one.
    fn settings(&self) -> ReadSettings {
        self.plan.map_or_else(|| self.read.clone(), |plan| plan.settings(self.read))
    }

    /// Reads the files in order, and joins what belongs together.
    ///
    /// A subscription that begins on the day on which the customer's former one ends, or the day after, goes on with
    /// it; one that begins earlier and ends later renews it ahead of time; both are one subscription with it, at the
    /// later price. One that lies within another is refused. After a gap, a customer begins anew.
    ///
    /// # Errors
    /// [`TableError`] where a file cannot be read as a whole, or at the first refused row in strict mode.
    pub fn read(
        &self,
        sources: &[Arc<dyn Source>],
        control: &Control,
        rejects: &mut Rejects,
    ) -> Result<Subscriptions, TableError> {
        let mut dates = self.plan.map_or_else(|| DateReader::new(self.read), SubscriptionsPlan::dates);
        let mut held = Held::default();
        for (file, source) in (0..).zip(sources) {
            self.read_one(source.as_ref(), file, control, rejects, &mut dates, &mut held)?;
        }
        if held.rows.read == 0 {
            let file = sources.iter().map(|source| source.name()).collect::<Vec<_>>().join(", ");
            return Err(TableError::Empty { file, what: "there is a header but no row" });
        }
        held.finish(sources, self, rejects)
    }

    /// The decimal sign of prices, as their column shows.
    fn decimal(
        &self,
        mapping: &SubscriptionMapping,
        source: &dyn Source,
        control: &Control,
    ) -> Result<Decimal, TableError> {
        let settings = self.settings();
        numbers::settle(Looked { source, settings: &settings, control }, mapping.price.as_deref())
    }

    fn read_one(
        &self,
        source: &dyn Source,
        file: u32,
        control: &Control,
        rejects: &mut Rejects,
        dates: &mut DateReader,
        held: &mut Held,
    ) -> Result<(), TableError> {
        let (mapping, settings) = (self.mapping(source)?, self.settings());
        let names = mapping.names();
        let decimal = self.decimal(&mapping, source, control)?;
        let plan = Plan { reader: self, source, mapping: &mapping, decimal };
        held.mapping.get_or_insert_with(|| mapping.clone());
        let mut settled = self.plan.is_some();
        for_each_block(
            source,
            &settings,
            &Wanted { columns: &names, fingerprints: false },
            control,
            |block| {
                if !std::mem::replace(&mut settled, true) {
                    settle_all(Looked { source, settings: &settings, control }, &mapping, block, dates)?;
                }
                Ok(dates.clone())
            },
            |block, dates| plan.turn(&block, &dates),
            |turned| {
                control.add_rows(turned.rows);
                turned.rejects.into_iter().try_for_each(|reject| rejects.add(reject))?;
                held.rows.read += turned.rows;
                held.money_read += turned.money;
                held.requested += turned.requested;
                turned.lines.into_iter().for_each(|line| held.add(line, file));
                if held.money_read > i128::from(i64::MAX) {
                    return Err(TableError::SumTooLarge { file: source.name().into() });
                }
                Ok(())
            },
        )?;
        if held.plan.is_none() {
            let found = || SubscriptionsPlan::of(source, self.read, mapping.clone(), decimal, dates.order);
            held.plan = Some(self.plan.cloned().map_or_else(found, Ok)?);
        }
        Ok(())
    }
}

/// Day or month first, where any column of days tells.
fn settle_all(
    looked: Looked,
    mapping: &SubscriptionMapping,
    block: &Block,
    dates: &mut DateReader,
) -> Result<(), TableError> {
    let by_others: Vec<Result<(), TableError>> =
        mapping.days().map(|column| dates::settle(looked, column, block, dates)).collect();
    dates::settle(looked, &mapping.start, block, dates)?;
    if dates.order.is_some() { Ok(()) } else { by_others.into_iter().collect() }
}

/// A row as read.
struct Line {
    customer: Id,
    start: Day,
    end: End,
    price: Option<Money>,
    row: u64,
}

/// What a block came to.
#[derive(Default)]
struct Turned {
    lines: Vec<Line>,
    rejects: Vec<Reject>,
    rows: u64,
    money: i128,
    requested: u64,
}

/// How the blocks of one file are turned.
struct Plan<'a> {
    reader: &'a SubscriptionsReader<'a>,
    source: &'a dyn Source,
    mapping: &'a SubscriptionMapping,
    decimal: Decimal,
}

/// The columns of a block.
struct Views {
    customer: Cells,
    start: Cells,
    end: EndCells,
    price: Option<Cells>,
}

impl Plan<'_> {
    fn turn(&self, block: &Block, dates: &DateReader) -> Result<Turned, TableError> {
        let column = |name: &str| block.cells(name);
        let views = Views {
            customer: column(&self.mapping.customer)?,
            start: column(&self.mapping.start)?,
            end: EndCells::of(self.mapping, column)?,
            price: self.mapping.price.as_deref().map(column).transpose()?,
        };
        let mut turned = Turned { rows: (block.height() + block.broken.len()) as u64, ..Turned::default() };
        let file = || self.source.name().to_string();
        for broken in &block.broken {
            let (row, value, rule) = (broken.row, broken.value.clone(), broken.rule);
            turned.rejects.push(Reject { file: file(), row, column: String::new(), value, rule });
        }
        for place in 0..block.height() {
            let row = block.rows.get(place);
            let price = self.price(&views, place);
            turned.money += price.as_ref().ok().copied().flatten().map_or(0, |price| i128::from(price.0));
            match self.line(&views, place, row, price, dates) {
                Ok(line) => {
                    turned.requested += u64::from(line.end.is_requested);
                    turned.lines.push(line);
                }
                Err((rule, column, value)) => {
                    turned.rejects.push(Reject { file: file(), row, column: column.into(), value, rule });
                }
            }
        }
        Ok(turned)
    }

    fn price(&self, views: &Views, place: usize) -> Result<Option<Money>, Rule> {
        views.price.as_ref().map(|price| price.money(place, self.decimal)).transpose()
    }

    fn line(
        &self,
        views: &Views,
        place: usize,
        row: u64,
        price: Result<Option<Money>, Rule>,
        dates: &DateReader,
    ) -> Result<Line, (Rule, &str, String)> {
        let SubscriptionMapping { customer, start, price: price_name, .. } = self.mapping;
        let id = views.customer.id(place).ok_or_else(|| (Rule::MissingCustomer, customer.as_str(), String::new()))?;
        let from = self.start(&views.start, place, dates);
        let from = from.map_err(|rule| (rule, start.as_str(), views.start.show(place)))?;
        let to = views.end.end(place, dates);
        let to = to.and_then(|to| if to.day < from { Err(Rule::EndBeforeStart) } else { Ok(to) });
        let to = to.map_err(|rule| {
            let (column, shown) = views.end.shown(self.mapping, rule, place);
            (rule, column, shown)
        })?;
        let negative = |price: Option<Money>| {
            if price < Some(Money(0)) && price.is_some() { Err(Rule::NegativePrice) } else { Ok(price) }
        };
        let price = price.and_then(negative).map_err(|rule| {
            let shown = views.price.as_ref().map(|price| price.show(place)).unwrap_or_default();
            (rule, price_name.as_deref().unwrap_or_default(), shown)
        })?;
        Ok(Line { customer: id, start: from, end: to, price, row })
    }

    fn start(&self, cells: &Cells, place: usize, dates: &DateReader) -> Result<Day, Rule> {
        let day = cells.moment(place, dates)?.day;
        let read = self.reader.read;
        match self.reader.as_of {
            _ if day < read.earliest || day > read.latest => Err(Rule::DateOutOfRange),
            Some(as_of) if day > as_of => Err(Rule::AfterAsOf),
            _ => Ok(day),
        }
    }
}

/// Rows of all files so far.
#[derive(Default)]
struct Held {
    customers: IdMap<Id, u32>,
    ids: Vec<Id>,
    lines: Vec<Row>,
    mapping: Option<SubscriptionMapping>,
    plan: Option<SubscriptionsPlan>,
    rows: RowCounts,
    money_read: i128,
    requested: u64,
}

impl Held {
    fn add(&mut self, line: Line, file: u32) {
        let Line { customer, start, end, price, row } = line;
        let next = self.ids.len() as u32;
        let ids = &mut self.ids;
        let customer = *self.customers.entry(customer).or_insert_with_key(|id| {
            ids.push(id.clone());
            next
        });
        let End { day, ahead, .. } = end;
        self.lines.push(Row { customer, start, end: std::cmp::Reverse(day), price, file, row, ahead });
    }

    /// Numbers customers in the order of their ids, so that nothing depends on which came first in the file.
    fn in_order_of_ids(&mut self) -> Ids {
        let mut order: Vec<u32> = (0..self.ids.len() as u32).collect();
        order.sort_unstable_by(|a, b| self.ids[*a as usize].cmp(&self.ids[*b as usize]));
        let mut places = vec![0_u32; order.len()];
        (0..).zip(&order).for_each(|(place, old)| places[*old as usize] = place);
        self.lines.iter_mut().for_each(|line| line.customer = places[line.customer as usize]);
        self.lines.sort_unstable();
        let names: Vec<String> = order.iter().map(|old| self.ids[*old as usize].to_string()).collect();
        names.iter().map(String::as_str).collect()
    }

    /// The last day on which a subscription began, and on which one ended. A day far ahead is how tables write that there
    /// is no end, and the end of one that runs lies ahead.
    fn last_days(&self, latest: Day) -> (Option<Day>, Option<Day>) {
        let ended = self.lines.iter().filter(|line| line.ahead == Ahead::No).map(|line| line.end.0);
        (self.lines.iter().map(|line| line.start).max(), ended.filter(|end| *end <= latest).max())
    }

    /// Takes the end of what runs for its renewal, where it lies ahead; how often, and how often it was past.
    fn renew(&mut self, as_of: Day) -> (u64, u64) {
        let (mut renewing, mut stale) = (0, 0);
        let runs = self.lines.iter_mut().filter(|line| line.ahead == Ahead::Renews && line.end.0 != NEVER);
        for line in runs {
            if line.end.0 > as_of {
                line.end = std::cmp::Reverse(NEVER);
                renewing += 1;
            } else {
                stale += 1;
            }
        }
        (renewing, stale)
    }

    fn finish(
        mut self,
        sources: &[Arc<dyn Source>],
        reader: &SubscriptionsReader,
        rejects: &mut Rejects,
    ) -> Result<Subscriptions, TableError> {
        let last_days = self.last_days(reader.read.latest);
        // Without a line there is nothing of which a day could be the last.
        let as_of = reader.as_of.or(last_days.0.max(last_days.1)).unwrap_or(reader.read.earliest);
        let (renewing, stale) = self.renew(as_of);
        let ids = self.in_order_of_ids();
        let mut joined = 0;
        let mut within: Vec<&Row> = Vec::new();
        let mut spells: Vec<Spell> = Vec::new();
        let mut last_end_of = NEVER;
        for line in &self.lines {
            let end = line.end.0;
            match spells.last_mut().filter(|spell| spell.customer == line.customer) {
                Some(_) if line.start < last_end_of && end <= last_end_of => {
                    within.push(line);
                    continue;
                }
                Some(spell) if line.start.0 <= last_end_of.0.saturating_add(1) => {
                    (spell.end, spell.price) = (known(end), line.price);
                    joined += 1;
                }
                _ => {
                    let Row { customer, start, price, .. } = *line;
                    spells.push(Spell { customer, start, end: known(end), price });
                }
            }
            last_end_of = end;
        }
        let refused_money = refuse(within, sources, &self.mapping, rejects)?;
        let used: i128 = self.lines.iter().filter_map(|line| line.price).map(|price| i128::from(price.0)).sum::<i128>()
            - refused_money;
        let rows = RowCounts { used: spells.len() as u64 + joined, ..self.rows };
        // At most what was read, which fits.
        let money = |sum: i128| Money(i64::try_from(sum).unwrap_or(i64::MAX));
        Ok(Subscriptions {
            ids,
            spells,
            as_of,
            mapping: self.mapping,
            plan: self.plan,
            rows: RowCounts { refused: rows.read - rows.used, ..rows },
            money: MoneyCounts {
                read: money(self.money_read),
                used: money(used),
                refused: money(self.money_read - used),
                ..MoneyCounts::default()
            },
            joined,
            last_days,
            requested: self.requested,
            renewing,
            stale,
        })
    }
}

fn known(end: Day) -> Option<Day> {
    Some(end).filter(|end| *end != NEVER)
}

/// Refuses rows that lie within another of the same customer, in the order of the files; gives their prices together.
fn refuse(
    mut rows: Vec<&Row>,
    sources: &[Arc<dyn Source>],
    mapping: &Option<SubscriptionMapping>,
    rejects: &mut Rejects,
) -> Result<i128, TableError> {
    rows.sort_unstable_by_key(|line| (line.file, line.row));
    for line in &rows {
        rejects.add(Reject {
            file: sources.get(line.file as usize).map(|source| source.name().to_string()).unwrap_or_default(),
            row: line.row,
            column: mapping.as_ref().map(|mapping| mapping.start.clone()).unwrap_or_default(),
            value: line.start.to_string(),
            rule: Rule::WithinAnother,
        })?;
    }
    Ok(rows.iter().filter_map(|line| line.price).map(|price| i128::from(price.0)).sum())
}

/// Refused rows of one table, in words.
pub fn rules(counts: Option<&BTreeMap<Rule, u64>>) -> String {
    let counts = counts.into_iter().flatten().map(|(rule, rows)| format!("{rows} {rule}"));
    counts.collect::<Vec<_>>().join(", ")
}
