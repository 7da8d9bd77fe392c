//! Sources of orders read one after the other, and what is carried from one to the next.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use clivia_core::control::Control;
use clivia_core::ledger::SpillError;
use clivia_core::orders::Lines;

use crate::blocks::{Block, Origin, for_each_block};
use crate::dates;
use crate::dates::{DateReader, Looked};
use crate::error::TableError;
use crate::orders::columns::{AmountFrom, Columns};
use crate::orders::turn::{Plan, Turned};
use crate::orders::{Carried, Duplicates, Mapping, OrdersRead, OrdersReader};
use crate::plan::{ReadSettings, ReadingPlan};
use crate::rejects::Rejects;
use crate::source::{Source, Wanted};

/// How a source would be read.
pub(super) fn plan(reader: &OrdersReader, source: &dyn Source, control: &Control) -> Result<ReadingPlan, TableError> {
    if let Some(plan) = reader.plan {
        return Ok(plan.clone());
    }
    let columns = Columns::of(reader, source)?;
    let mut dates = DateReader::new(reader.read);
    let wanted = [columns.mapping.date.clone()];
    let wanted = Wanted { columns: &wanted, fingerprints: false };
    let (origin, mut first) = (Origin::of(source), None);
    source.read(&wanted, reader.read, &Control::default(), &mut |part| {
        first = part.into_block(&origin, false).transpose();
        first.is_none() && !control.is_cancelled()
    })?;
    control.check()?;
    if let Some(first) = first.transpose()? {
        let looked = Looked { source, settings: reader.read, control };
        dates::settle(looked, &columns.mapping.date, &first, &mut dates)?;
    }
    planned(reader, source, &columns, &dates)
}

/// The plan of a source of which everything has been found out.
fn planned(
    reader: &OrdersReader,
    source: &dyn Source,
    columns: &Columns,
    dates: &DateReader,
) -> Result<ReadingPlan, TableError> {
    let settled = source.settled(reader.read)?;
    let ReadSettings { delimiter, encoding, sheet, decimal, date_format, timezone, .. } = settled;
    Ok(ReadingPlan {
        version: ReadingPlan::VERSION,
        delimiter,
        encoding,
        sheet,
        decimal,
        date_format,
        day_or_month_first: dates.order,
        timezone,
        currency: Some(reader.currency.into.clone()).filter(|into| !into.is_empty()),
        amount_expression: columns.amount.as_ref().and_then(AmountFrom::expression).map(String::from),
        columns: columns.mapping.clone(),
        frame: source.frame(reader.read)?,
    })
}

/// What is carried from block to block and source to source.
pub(super) struct State {
    read: OrdersRead,
    seen: HashSet<u128>,
    dates: DateReader,
    first_currency: Option<String>,
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
        let dates = DateReader { order: carried.dates, ..DateReader::new(reader.read) };
        let no_other = || reader.currency.into.is_empty();
        let planned = reader.plan.and_then(|plan| plan.currency.clone()).filter(|_| no_other());
        State {
            read: OrdersRead {
                mapping: carried.mapping.clone(),
                turnover: carried.turnover.into(),
                ..OrdersRead::default()
            },
            seen: HashSet::new(),
            dates: reader.plan.map_or(dates, ReadingPlan::dates),
            first_currency: carried.first_currency.clone().or(planned),
            batches: Batches::default(),
        }
    }

    pub(super) fn carried(&self) -> Carried {
        Carried {
            mapping: self.read.mapping.clone(),
            first_currency: self.first_currency.clone(),
            dates: self.dates.order,
            // It has been checked to fit.
            turnover: i64::try_from(self.read.turnover).unwrap_or(i64::MAX),
        }
    }

    /// What reading came to.
    pub(super) fn into_read(mut self) -> OrdersRead {
        if let Some(plan) = &mut self.read.plan {
            plan.currency = plan.currency.take().or(self.first_currency);
        }
        self.read
    }

    pub(super) fn read_one(
        &mut self,
        reader: &OrdersReader,
        source: &dyn Source,
        control: &Control,
        rejects: &mut Rejects,
        take: &mut impl FnMut(&Lines) -> Result<(), SpillError>,
    ) -> Result<(), TableError> {
        let columns = Columns::of(reader, source)?;
        self.note_mapping(source, &columns.mapping)?;
        let (names, settings) = (columns.names(), reader.settings());
        let wanted = Wanted { columns: &names, fingerprints: reader.orders.duplicates == Duplicates::Drop };
        let State { read, seen, dates, first_currency, batches } = self;
        let mut plan = None;
        for_each_block(
            source,
            &settings,
            &wanted,
            control,
            |block| {
                if plan.is_none() {
                    if reader.plan.is_none() {
                        let looked = Looked { source, settings: &settings, control };
                        dates::settle(looked, &columns.mapping.date, block, dates)?;
                    }
                    plan = Some(Arc::new(Plan::new(reader, source, &columns, dates)));
                }
                Ok((plan.clone(), repeated(block, seen)))
            },
            |block, (plan, repeated)| {
                let batch = batches.take(reader.clocks);
                plan.map_or_else(|| Ok(Turned::default()), |plan| plan.turn(&block, &repeated, batch))
            },
            |turned| {
                check_currencies(first_currency, &turned, source, &columns.mapping)?;
                if read.turnover + turned.turnover > i128::from(i64::MAX) {
                    return Err(TableError::SumTooLarge { file: source.name().into() });
                }
                read.add(&turned);
                control.add_rows(turned.rows);
                turned.rejects.into_iter().try_for_each(|reject| rejects.add(reject))?;
                take(&turned.lines)?;
                batches.give_back(turned.lines);
                Ok(())
            },
        )?;
        if read.plan.is_none() {
            read.plan = Some(match reader.plan {
                Some(plan) => plan.clone(),
                None => planned(reader, source, &columns, dates)?,
            });
        }
        Ok(())
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
