//! The order file: from the file's columns to customer, day, amount and order, cleaned.

mod turn;

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex};

use polars::prelude::*;
use serde::{Deserialize, Serialize};

use crate::cells::Cells;
use crate::columns;
use crate::columns::{AMOUNT, COST, CURRENCY, CUSTOMER, DATE, MARGIN, ORDER};
use crate::dates::{DateReader, OrderSeen, PartOrder, order_seen};
use crate::rejects::Rejects;
use crate::files::Source;
use crate::blocks::{Block, Progress, Wanted, column_names, for_each_block};
use crate::plan::ReadSettings;
use crate::error::TableError;
use clivia_core::base::ids::Id;
use clivia_core::ledger::SpillError;
use clivia_core::base::{Day, Moment, Money};
#[cfg(test)]
pub(crate) use lines::partition;
pub(crate) use lines::{IdBytes, PARTITION_BITS, Packed, unpack};
pub use lines::{LineRef, Lines, PARTITIONS};
use plan::{Plan, Turned};

/// What happens to lines that are equal in every column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Duplicates {
    /// Two equal lines can be two lines of one order.
    #[default]
    Keep,
    /// All but the first are refused.
    Drop,
}

/// What happens to orders of amount zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ZeroAmounts {
    /// They are purchases of value zero.
    #[default]
    Keep,
    /// They are refused.
    Reject,
}

/// How the order file is mapped and cleaned.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OrderSettings {
    /// The customer column; found by its name where empty.
    pub customer: String,
    /// The date column; found by its name where empty.
    pub date: String,
    /// The amount column or an expression over columns; found by its name where empty.
    pub amount: String,
    /// The order-id column; found by its name where empty.
    pub order: String,
    /// The column of each line's profit; found by its name where empty.
    pub margin_column: String,
    /// The column of each line's cost; found by its name where empty.
    pub cost_column: String,
    /// Whether value counts the share of spend that the margin or cost column shows to be profit, over
    /// the whole base, in place of `value.margin`.
    pub observed_margin: bool,
    /// Negative amounts.
    pub returns: ReturnsPolicy,
    /// Equal lines.
    pub duplicates: Duplicates,
    /// Amounts of zero.
    pub zero_amounts: ZeroAmounts,
}

/// How amounts in several currencies become one.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CurrencySettings {
    /// The currency column; found by its name where empty.
    pub column: String,
    /// The currency of all results. Rows in a currency without a rate are refused.
    pub into: String,
    /// What one unit of a currency is worth in `into`.
    pub rates: BTreeMap<String, f64>,
}

/// Which column plays which part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mapping {
    /// Who.
    pub customer: String,
    /// When.
    pub date: String,
    /// For how much: a column or an expression.
    pub amount: Option<String>,
    /// In which order.
    pub order: Option<String>,
    /// In which currency.
    pub currency: Option<String>,
    /// Of which how much is profit.
    pub margin: Option<String>,
    /// What it cost.
    pub cost: Option<String>,
}

impl fmt::Display for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "customer = {}, date = {}", self.customer, self.date)?;
        let rest = [
            ("amount", &self.amount),
            ("order", &self.order),
            ("currency", &self.currency),
            ("margin", &self.margin),
            ("cost", &self.cost),
        ];
        rest.iter()
            .filter_map(|(role, column)| Some((role, column.as_ref()?)))
            .try_for_each(|(role, column)| write!(f, ", {role} = {column}"))
    }
}

/// Counts of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RowCounts {
    /// Rows in the files.
    pub read: u64,
    /// Rows that count.
    pub used: u64,
    /// Rows that were refused.
    pub refused: u64,
}

/// Sums of the readable amounts, in currency units.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct MoneyCounts {
    /// In the files.
    pub read: Money,
    /// Of rows that count.
    pub used: Money,
    /// Of rows that were refused.
    pub refused: Money,
}

/// What reading the order files came to.
#[derive(Debug, Clone, Default)]
pub struct OrdersRead {
    /// The mapping of the first file.
    pub mapping: Option<Mapping>,
    /// Rows.
    pub rows: RowCounts,
    /// Money.
    pub money: MoneyCounts,
    /// Rows used with a negative amount.
    pub returns: u64,
    /// Rows used with an amount of zero.
    pub zero_amounts: u64,
    /// Money of the used rows whose profit is known, and that profit.
    pub profit: Option<Profit>,
    /// Rows of orders that were replaced or cancelled later; none of the counts above has them.
    pub replaced: Replaced,
    pub(crate) turnover: i128,
}

/// Rows that counted until their orders were replaced or cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Replaced {
    /// How many.
    pub rows: u64,
    /// Their money.
    pub money: Money,
}

/// What files tell of those that are read after them, be it on another day.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carried {
    /// The mapping of the first file.
    pub mapping: Option<Mapping>,
    /// The currency met first, where no other is converted into it.
    pub first_currency: Option<String>,
    /// Whether day or month comes first, where a file told.
    pub(crate) dates: Option<PartOrder>,
    /// Sum of all amounts without their signs, in 1/10,000 of the currency unit.
    pub(crate) turnover: i64,
}

impl OrdersRead {
    /// Whether the files have amounts.
    pub fn has_amounts(&self) -> bool {
        self.mapping.as_ref().is_some_and(|mapping| mapping.amount.is_some())
    }

    /// Whether the files have order ids.
    pub fn has_order_ids(&self) -> bool {
        self.mapping.as_ref().is_some_and(|mapping| mapping.order.is_some())
    }
}

/// Settings for a whole reading.
#[derive(Debug, Clone, Copy)]
pub struct OrdersReader<'a> {
    /// How files are read.
    pub read: &'a ReadSettings,
    /// How orders are mapped and cleaned.
    pub orders: &'a OrderSettings,
    /// How currencies are treated.
    pub currency: &'a CurrencySettings,
    /// Rows after this day are refused.
    pub as_of: Option<Day>,
    /// Whether times of day are kept.
    pub clocks: bool,
}

impl OrdersReader<'_> {
    /// Which columns of a file would be used.
    ///
    /// # Errors
    /// [`TableError`] where a needed column is not found or the amount expression does not work.
    pub fn mapping(&self, source: &Source) -> Result<Mapping, TableError> {
        Ok(Columns::of(self, source)?.mapping)
    }

    /// Reads the files in order, gives usable lines to `take` and refused rows to `rejects`.
    ///
    /// # Errors
    /// [`TableError`] where a file cannot be read as a whole, or at the first refused row in strict mode.
    pub fn read(
        &self,
        sources: &[Source],
        progress: &Arc<Progress>,
        rejects: &mut Rejects,
        take: impl FnMut(&Lines) -> Result<(), SpillError>,
    ) -> Result<OrdersRead, TableError> {
        let read = self.read_on(sources, &mut Carried::default(), progress, rejects, take)?;
        if read.rows.read == 0 {
            let file = sources.iter().map(|source| source.name.clone()).collect::<Vec<_>>().join(", ");
            return Err(TableError::Empty { file, what: "there is a header but no row" });
        }
        Ok(read)
    }

    /// Reads files that come after others: as [`OrdersReader::read`] of all of them, of which these are the last. The
    /// counts are of these alone.
    ///
    /// # Errors
    /// As [`OrdersReader::read`]; files without a row are none.
    pub fn read_on(
        &self,
        sources: &[Source],
        carried: &mut Carried,
        progress: &Arc<Progress>,
        rejects: &mut Rejects,
        mut take: impl FnMut(&Lines) -> Result<(), SpillError>,
    ) -> Result<OrdersRead, TableError> {
        let mut state = State::new(self, carried);
        for source in sources {
            self.read_one(source, progress, rejects, &mut state, &mut take)?;
        }
        *carried = state.carried();
        Ok(state.read)
    }

    /// Reads and decodes the files' columns and does nothing with them; how many rows there are.
    ///
    /// # Errors
    /// [`TableError`] where a file cannot be read as a whole.
    pub fn decode(&self, sources: &[Source], progress: &Arc<Progress>) -> Result<u64, TableError> {
        let mut rows = 0;
        for source in sources {
            let names = Columns::of(self, source)?.names();
            let wanted = Wanted { columns: &names, fingerprints: false };
            let count = |block: Block, ()| Ok(block.height() as u64);
            let add = |height| {
                rows += height;
                Ok(())
            };
            for_each_block(source, self.read, &wanted, progress, |_| Ok(()), count, add)?;
        }
        Ok(rows)
    }

    fn read_one(
        &self,
        source: &Source,
        progress: &Arc<Progress>,
        rejects: &mut Rejects,
        state: &mut State,
        take: &mut impl FnMut(&Lines) -> Result<(), SpillError>,
    ) -> Result<(), TableError> {
        let columns = Columns::of(self, source)?;
        state.note_mapping(source, &columns.mapping)?;
        let drop = self.orders.duplicates == Duplicates::Drop;
        let names = columns.names();
        let wanted = Wanted { columns: &names, fingerprints: drop };
        let State { read, seen, dates, first_currency, batches } = state;
        let mut plan = None;
        for_each_block(
            source,
            self.read,
            &wanted,
            progress,
            |block| {
                if plan.is_none() {
                    plan = Some(Arc::new(Plan::new(self, source, &columns, block, dates)?));
                }
                Ok((plan.clone(), repeated(block, seen)))
            },
            |block, (plan, repeated)| {
                let batch = batches.take(self.clocks);
                plan.map_or_else(|| Ok(Turned::default()), |plan| plan.turn(&block, &repeated, batch))
            },
            |turned| {
                if let Some((row, found)) = turned.currencies.iter().find(|(_, found)| match first_currency {
                    Some(first) => found != first,
                    None => {
                        *first_currency = Some(found.clone());
                        false
                    }
                }) {
                    return Err(self.two_currencies(source, &columns, *row, first_currency.as_deref(), found));
                }
                if read.turnover + turned.turnover > i128::from(i64::MAX) {
                    return Err(TableError::SumTooLarge { file: source.name.clone() });
                }
                read.add(&turned);
                progress.add_rows(turned.rows);
                turned.rejects.into_iter().try_for_each(|reject| rejects.add(reject))?;
                take(&turned.lines)?;
                batches.give_back(turned.lines);
                Ok(())
            },
        )
    }

    fn two_currencies(
        &self,
        source: &Source,
        columns: &Columns,
        row: u64,
        first: Option<&str>,
        found: &str,
    ) -> TableError {
        TableError::Currencies {
            file: source.name.clone(),
            row,
            column: columns.mapping.currency.clone().unwrap_or_default(),
            first: first.unwrap_or_default().into(),
            found: found.into(),
        }
    }
}

/// Which rows of a block have been seen before, as wholes.
fn repeated(block: &Block, seen: &mut HashSet<u128>) -> Vec<bool> {
    let prints = block.fingerprints.as_deref().unwrap_or_default();
    prints.iter().map(|print| !seen.insert(*print)).collect()
}

/// What is carried from block to block and file to file.
struct State {
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
    fn new(reader: &OrdersReader, carried: &Carried) -> Self {
        let format = Some(reader.read.date_format.clone()).filter(|format| !format.is_empty());
        State {
            read: OrdersRead {
                mapping: carried.mapping.clone(),
                turnover: carried.turnover.into(),
                ..OrdersRead::default()
            },
            seen: HashSet::new(),
            dates: DateReader { format, timezone: reader.read.timezone, order: carried.dates },
            first_currency: carried.first_currency.clone(),
            batches: Batches::default(),
        }
    }

    fn carried(&self) -> Carried {
        Carried {
            mapping: self.read.mapping.clone(),
            first_currency: self.first_currency.clone(),
            dates: self.dates.order,
            // It has been checked to fit.
            turnover: i64::try_from(self.read.turnover).unwrap_or(i64::MAX),
        }
    }

    /// All files must agree on whether there are amounts and order ids.
    fn note_mapping(&mut self, source: &Source, mapping: &Mapping) -> Result<(), TableError> {
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

/// The columns of one file.
struct Columns {
    mapping: Mapping,
    amount: Option<AmountFrom>,
}

#[derive(Clone)]
enum AmountFrom {
    Column(String),
    Expression { text: String, expression: Expr, columns: Vec<String> },
}

impl Columns {
    fn of(reader: &OrdersReader, source: &Source) -> Result<Self, TableError> {
        let held = column_names(source, reader.read)?;
        let named = |setting: &str| Some(setting.to_string()).filter(|name| !name.is_empty());
        let find = |role, setting: &str| columns::find(&source.name, &held, role, named(setting).as_deref());
        let need = |role, setting: &str| columns::need(&source.name, &held, role, named(setting).as_deref());
        let amount = amount_from(&source.name, &held, &reader.orders.amount)?;
        let OrderSettings { observed_margin, margin_column, cost_column, .. } = reader.orders;
        let asked_for = *observed_margin || !margin_column.is_empty() || !cost_column.is_empty();
        let of_profit = |role, setting: &str| match amount.is_some() && asked_for {
            // Named alone, one of the two columns is meant and not both.
            true if !*observed_margin && setting.is_empty() => Ok(None),
            true => find(role, setting),
            false => Ok(None),
        };
        let mapping = Mapping {
            customer: need(CUSTOMER, &reader.orders.customer)?,
            date: need(DATE, &reader.orders.date)?,
            amount: amount.as_ref().map(|amount| match amount {
                AmountFrom::Column(name) => name.clone(),
                AmountFrom::Expression { text, .. } => text.clone(),
            }),
            order: find(ORDER, &reader.orders.order)?,
            currency: match reader.currency.into.is_empty() {
                true => find(CURRENCY, &reader.currency.column)?,
                false => Some(need(CURRENCY, &reader.currency.column)?),
            },
            margin: of_profit(MARGIN, margin_column)?,
            cost: of_profit(COST, cost_column)?,
        };
        Ok(Columns { mapping, amount })
    }

    /// All columns that must be read, each once.
    fn names(&self) -> Vec<String> {
        let mut names = vec![self.mapping.customer.clone(), self.mapping.date.clone()];
        names.extend(self.mapping.order.clone());
        names.extend(self.mapping.currency.clone());
        names.extend(self.mapping.margin.clone());
        names.extend(self.mapping.cost.clone());
        match &self.amount {
            Some(AmountFrom::Column(name)) => names.push(name.clone()),
            Some(AmountFrom::Expression { columns, .. }) => names.extend(columns.iter().cloned()),
            None => {}
        }
        names.sort();
        names.dedup();
        names
    }
}

fn amount_from(file: &str, held: &[String], setting: &str) -> Result<Option<AmountFrom>, TableError> {
    if setting.is_empty() {
        return Ok(columns::find(file, held, AMOUNT, None)?.map(AmountFrom::Column));
    }
    let is_name = held.iter().any(|column| column == setting) || !setting.contains(['*', '/', '+', '-', '(', ')']);
    if let (true, Ok(Some(column))) = (is_name, columns::find(file, held, AMOUNT, Some(setting))) {
        return Ok(Some(AmountFrom::Column(column)));
    }
    let wrong = |cause: String| TableError::Expression { expression: setting.into(), cause };
    let expression = polars::sql::sql_expr(setting).map_err(|error| wrong(error.to_string()))?;
    let roots: Vec<String> = expression.clone().meta().root_names().iter().map(|name| name.to_string()).collect();
    if let Some(unknown) = roots.iter().find(|root| !held.contains(root)) {
        return Err(columns::missing(file, held, AMOUNT, Some(unknown)));
    }
    if roots.is_empty() {
        return Err(wrong("it names no column of the file".into()));
    }
    Ok(Some(AmountFrom::Expression { text: setting.into(), expression, columns: roots }))
}

/// A column of a block, as it is.
pub(super) fn cells(source: &Source, block: &Block, name: &str) -> Result<Cells, TableError> {
    block.cells(name).map_err(|error| source.broken(error.to_string()))
}

/// Finds out whether day or month comes first in a file, where the dates need it. Where no date of the
/// file tells, it is as in the file before.
pub(super) fn settle_dates(
    source: &Source,
    column: &str,
    block: &Block,
    dates: &mut DateReader,
) -> Result<(), TableError> {
    if dates.format.is_some() {
        return Ok(());
    }
    let Cells::Text(text) = cells(source, block, column)? else { return Ok(()) };
    match order_seen((0..text.len()).map(|row| text.get(row).unwrap_or_default())) {
        OrderSeen::NotNeeded => {}
        OrderSeen::Known(order) => dates.order = Some(order),
        OrderSeen::Ambiguous(_) if dates.order.is_some() => {}
        OrderSeen::Ambiguous(row) | OrderSeen::Contradicted(row) => {
            return Err(TableError::AmbiguousDates {
                file: source.name.clone(),
                row: block.rows.get(row),
                column: column.into(),
                value: text.get(row).unwrap_or_default().into(),
            });
        }
    }
    Ok(())
}
