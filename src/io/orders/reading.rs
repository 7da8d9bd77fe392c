//! Sources of orders read one after the other, and what is carried from one to the next.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use clivia_core::control::Control;
use clivia_core::ledger::SpillError;
use clivia_core::notes::Note;
use clivia_core::orders::Lines;

use crate::blocks::{Block, StrayQuote, for_each_block_until};
use crate::content;
use crate::error::TableError;
use crate::orders::columns::{AmountFrom, Columns};
use crate::orders::overlap::Overlap;
use crate::orders::survey::{Before, Survey, Surveyed, Written};
use crate::orders::turn::{Plan, Turned};
use crate::orders::{Carried, Duplicates, Given, Mapping, OrdersRead, OrdersReader};
use crate::plan::{ReadSettings, ReadingPlan};
use crate::rejects::{Reject, Rejects, Rule};
use crate::source::{Source, Wanted};

/// How a source would be read.
pub(super) fn plan(reader: &OrdersReader, source: &dyn Source, control: &Control) -> Result<ReadingPlan, TableError> {
    if let Some(plan) = reader.plan {
        return Ok(plan.clone());
    }
    let surveyed = Survey::new(reader, source, Before::default(), control)?.decide_by_all()?;
    planned(reader, source, &surveyed)
}

/// The plan of a source of which everything has been found out.
fn planned(reader: &OrdersReader, source: &dyn Source, surveyed: &Surveyed) -> Result<ReadingPlan, TableError> {
    let settled = source.settled(reader.read)?;
    let ReadSettings { delimiter, encoding, sheet, date_format, timezone, .. } = settled;
    let Surveyed { columns, forms, .. } = surveyed;
    Ok(ReadingPlan {
        version: ReadingPlan::VERSION,
        delimiter,
        encoding,
        sheet,
        decimal: forms.decimal,
        date_format,
        day_or_month_first: forms.order,
        timezone,
        currency: Some(reader.currency.into.clone()).filter(|into| !into.is_empty()),
        amount_expression: columns.amount.as_ref().and_then(AmountFrom::expression).map(String::from),
        columns: columns.mapping.clone(),
        meaning: Some(columns.meaning.clone()).filter(|meaning| !meaning.is_plain()),
        frame: source.frame(reader.read)?,
    })
}

/// Why reading a source ends before its end.
pub(super) enum Stop {
    /// Something is wrong.
    Wrong(TableError),
    /// Later rows say that values are written otherwise than the first ones did: all is read anew.
    Anew,
}

impl From<TableError> for Stop {
    fn from(error: TableError) -> Self {
        Stop::Wrong(error)
    }
}

/// Sources to be read, one after the other.
#[derive(Clone, Copy)]
pub(super) struct GivenSources<'a> {
    pub(super) reader: &'a OrdersReader<'a>,
    pub(super) sources: &'a [Arc<dyn Source>],
    pub(super) control: &'a Control,
}

/// What is carried from block to block and source to source.
pub(super) struct State {
    read: OrdersRead,
    /// Sum of the amounts of earlier reads without their signs.
    turnover_before: i128,
    seen: HashSet<u128>,
    /// Orders whose totals stand on each of their lines and have been counted.
    totalled: HashSet<u64>,
    before: Before,
    first_currency: Option<String>,
    /// The first column of customers, and whether it holds addresses.
    customers: Option<(String, bool)>,
    batches: Batches,
}

/// Batches that have been used up and may be filled again: memory that is there already is the fastest.
#[derive(Default)]
struct Batches(Mutex<Vec<Lines>>);

impl Batches {
    fn take(&self, clocks: bool) -> Lines {
        let used = self.0.lock().ok().and_then(|mut batches| batches.pop());
        used.unwrap_or_else(|| Lines::new(clocks))
    }

    fn give_back(&self, mut batch: Lines) {
        batch.clear();
        if let Ok(mut batches) = self.0.lock() {
            batches.push(batch);
        }
    }
}

impl State {
    pub(super) fn new(reader: &OrdersReader, carried: &Carried) -> Self {
        let no_other = || reader.currency.into.is_empty();
        let planned = reader.plan.and_then(|plan| plan.currency.clone()).filter(|_| no_other());
        State {
            read: OrdersRead { mapping: carried.mapping.clone(), ..OrdersRead::default() },
            turnover_before: carried.turnover.into(),
            seen: HashSet::new(),
            totalled: HashSet::new(),
            before: Before { decimal: carried.decimal, order: carried.dates },
            first_currency: carried.first_currency.clone().or(planned),
            customers: None,
            batches: Batches::default(),
        }
    }

    pub(super) fn carried(&self) -> Carried {
        Carried {
            mapping: self.read.mapping.clone(),
            first_currency: self.first_currency.clone(),
            dates: self.before.order,
            decimal: self.before.decimal,
            // It has been checked to fit.
            turnover: i64::try_from(self.turnover_before + self.read.turnover).unwrap_or(i64::MAX),
        }
    }

    /// What reading came to.
    pub(super) fn into_read(mut self) -> OrdersRead {
        if let Some(plan) = &mut self.read.plan {
            plan.currency = plan.currency.take().or(self.first_currency);
        }
        self.read
    }

    /// Reads all sources, one after the other; `surveyed` keeps what is found out of each.
    pub(super) fn read_all(
        &mut self,
        given: &GivenSources,
        surveyed: &mut [Option<Surveyed>],
        overlap: &mut Overlap,
        rejects: &mut Rejects,
        take: &mut impl FnMut(Given) -> Result<(), SpillError>,
    ) -> Result<(), Stop> {
        let GivenSources { reader, sources, control } = *given;
        for (source, held) in sources.iter().zip(surveyed) {
            let survey = Survey::new(reader, source.as_ref(), self.before, control)?;
            let found = match held.take() {
                Some(found) => held.insert(found),
                None => held.insert(survey.decide()?),
            };
            let done = self.read_one(&survey, found, overlap, rejects, take);
            if let Err(Stop::Anew) = done {
                *held = Some(survey.decide_by_all()?);
            }
            done?;
        }
        Ok(())
    }

    fn read_one(
        &mut self,
        survey: &Survey,
        surveyed: &Surveyed,
        overlap: &mut Overlap,
        rejects: &mut Rejects,
        take: &mut impl FnMut(Given) -> Result<(), SpillError>,
    ) -> Result<(), Stop> {
        let Survey { reader, source, control, .. } = *survey;
        let Surveyed { columns, forms, .. } = surveyed;
        self.note_mapping(source, &columns.mapping)?;
        overlap.begin(columns, forms);
        let (names, settings) = (columns.names(), reader.settings());
        let wanted = Wanted { columns: &names, fingerprints: reader.orders.duplicates == Duplicates::Drop };
        let mut forms = forms.clone();
        let mut plan = Arc::new(Plan::new(reader, source, columns, &forms));
        // A source that can be read only once is taken at its first rows' word.
        let mut untold = !source.can_be_read_again() && !surveyed.whole;
        let State { read, turnover_before, seen, totalled, first_currency, batches, .. } = self;
        let (mut written, mut stray) = (Written::default(), Vec::new());
        for_each_block_until(
            source,
            &settings,
            &wanted,
            control,
            |block| {
                let again = overlap.repeated(block)?;
                let repeated = if again.is_empty() { repeated(block, seen) } else { again };
                if std::mem::replace(&mut untold, false) {
                    forms = survey.forms_of(columns, block)?;
                    plan = Arc::new(Plan::new(reader, source, columns, &forms));
                }
                Ok((plan.clone(), repeated, further(block, columns, totalled)?))
            },
            |block, (plan, repeated, further)| plan.turn(&block, &repeated, &further, batches.take(reader.clocks)),
            |turned| {
                check_currencies(first_currency, &turned, source, &columns.mapping)?;
                if *turnover_before + read.turnover + turned.turnover > i128::from(i64::MAX) {
                    return Err(TableError::SumTooLarge { file: source.name().into() }.into());
                }
                if !surveyed.whole {
                    written.merge(&turned.written);
                    if !survey.still_hold(columns, &turned.forms, &written) {
                        survey.must_be_told(columns, &written)?;
                        return Err(Stop::Anew);
                    }
                }
                if let Some(quote) = turned.stray_quotes.first().filter(|_| rejects.is_strict()) {
                    return Err(TableError::Strict(stray_quote(source, quote)).into());
                }
                stray.extend_from_slice(&turned.stray_quotes);
                read.add(&turned);
                control.add_rows(turned.rows);
                rejects.leave_out(Rule::Continued, turned.continued);
                for (reject, money) in turned.rejects {
                    rejects.add_with_money(reject, money)?;
                }
                take(Given::Lines(&turned.lines)).map_err(TableError::from)?;
                batches.give_back(turned.lines);
                Ok(())
            },
        )?;
        overlap.end()?;
        self.read.notes.extend(stray_note(source, &stray));
        self.conclude(reader, source, surveyed)?;
        Ok(())
    }

    /// What a source that has been read leaves for those after it.
    fn conclude(&mut self, reader: &OrdersReader, source: &dyn Source, surveyed: &Surveyed) -> Result<(), TableError> {
        self.read.mappings.push(surveyed.columns.mapping.clone());
        let other_customers = self.other_customers(source, surveyed);
        self.read.notes.extend(other_customers);
        self.before.decimal = surveyed.told.or(self.before.decimal);
        self.before.order = surveyed.forms.order.or(self.before.order);
        let new = surveyed.notes.iter().filter(|note| !self.read.notes.contains(note)).cloned().collect::<Vec<_>>();
        self.read.notes.extend(new);
        if self.read.plan.is_none() {
            let planned = || planned(reader, source, surveyed);
            self.read.plan = Some(reader.plan.cloned().map_or_else(planned, Ok)?);
        }
        Ok(())
    }

    /// A source that names its customers otherwise than those before it: by addresses, these by numbers.
    fn other_customers(&mut self, source: &dyn Source, surveyed: &Surveyed) -> Option<Note> {
        let columns = &surveyed.columns;
        let (column, by_address) = (&columns.mapping.customer, columns.meaning.customer.ids.fold);
        let (first, first_by_address) = self.customers.get_or_insert_with(|| (column.clone(), by_address));
        let kind = |by_address: bool| if by_address { "addresses" } else { "other ids" };
        let sentence = format!(
            "{}: its customers are {} ('{column}'), those of the files before it {} ('{first}'): one who is in both is \
             two customers",
            source.name(),
            kind(by_address),
            kind(*first_by_address),
        );
        let remedy = "name a column that all files have with orders.customer";
        (*first_by_address != by_address).then(|| Note::severe("two_kinds_of_customers", sentence).remedy(remedy))
    }

    /// All sources must agree on whether there are amounts and order ids.
    fn note_mapping(&mut self, source: &dyn Source, mapping: &Mapping) -> Result<(), TableError> {
        let Some(first) = &self.read.mapping else {
            self.read.mapping = Some(mapping.clone());
            return Ok(());
        };
        let same =
            first.amount.is_some() == mapping.amount.is_some() && first.order.is_some() == mapping.order.is_some();
        if same {
            return Ok(());
        }
        Err(source.broken(format!(
            "its columns map to ({mapping}), those of the files before to ({first}); name the columns"
        )))
    }
}

/// A quote that should not be there, as strict reading stops at it.
fn stray_quote(source: &dyn Source, quote: &StrayQuote) -> Reject {
    let (file, value) = (source.name().into(), quote.value.clone());
    Reject { file, row: quote.row, column: String::new(), value, rule: Rule::StrayQuote }
}

/// What is said of quotes that should not be there.
fn stray_note(source: &dyn Source, quotes: &[StrayQuote]) -> Option<Note> {
    let lines = |quotes: &[&StrayQuote]| {
        let shown: Vec<String> = quotes.iter().take(3).map(|quote| quote.row.to_string()).collect();
        format!("{}{}", shown.join(", "), if quotes.len() > 3 { ", …" } else { "" })
    };
    let (mended, left): (Vec<_>, Vec<_>) = quotes.iter().partition(|quote| quote.lines <= 1);
    let mut said = Vec::new();
    if !mended.is_empty() {
        said.push(format!(
            "a quote opens a cell and does not close it (line {}): it was dropped, and the lines behind it are rows",
            lines(&mended)
        ));
    }
    if !left.is_empty() {
        let inside: u64 = left.iter().map(|quote| quote.lines).sum();
        said.push(format!("cells over {inside} lines (from line {}) may have swallowed rows", lines(&left)));
    }
    let sentence = format!("{}: {}", source.name(), said.join("; "));
    let code = "stray_quotes";
    let note = if left.is_empty() { Note::warning(code, sentence) } else { Note::severe(code, sentence) };
    (!quotes.is_empty()).then(|| note.remedy("look at these lines, and export the file anew where they are wrong"))
}

/// Amounts of two currencies do not add up.
fn check_currencies(
    first: &mut Option<String>,
    turned: &Turned,
    source: &dyn Source,
    mapping: &Mapping,
) -> Result<(), TableError> {
    for (row, found) in &turned.currencies {
        let first = first.get_or_insert_with(|| found.clone());
        if found != first {
            return Err(TableError::Currencies {
                file: source.name().into(),
                row: *row,
                column: mapping.currency.clone().unwrap_or_default(),
                first: first.clone(),
                found: found.clone(),
            });
        }
    }
    Ok(())
}

/// Which rows of a block have been seen before, as wholes.
fn repeated(block: &Block, seen: &mut HashSet<u128>) -> Vec<bool> {
    let prints = block.fingerprints.as_deref().unwrap_or_default();
    prints.iter().map(|print| !seen.insert(*print)).collect()
}

/// Which rows of a block are further lines of an order whose total has been counted; empty where each row has an amount of
/// its own.
fn further(block: &Block, columns: &Columns, totalled: &mut HashSet<u64>) -> Result<Vec<bool>, TableError> {
    match &columns.mapping.order {
        Some(order) if columns.meaning.counts_once_per_order() => {
            let orders = content::names(block, order)?;
            Ok(orders.into_iter().map(|order| order != 0 && !totalled.insert(order)).collect())
        }
        _ => Ok(Vec::new()),
    }
}
