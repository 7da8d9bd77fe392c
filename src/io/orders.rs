//! The order file: from the file's columns to customer, day, amount and order, cleaned.

pub mod amount_column;
pub mod customer_column;
pub mod ids;
pub mod look;
pub mod meaning;
pub mod status;
mod columns;
mod overlap;
mod reading;
mod survey;
mod turn;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use clivia_core::base::{Day, Money};
use clivia_core::control::Control;
use clivia_core::ledger::SpillError;
use clivia_core::notes::Note;
use clivia_core::orders::{Lines, Profit, ReturnsPolicy};

use crate::blocks::each_block;
use crate::content::Content;
use crate::dates::PartOrder;
use crate::error::TableError;
use crate::plan::{Decimal, ReadSettings, ReadingPlan};
use crate::rejects::Rejects;
use crate::source::Source;
use amount_column::AmountPer;
use columns::Columns;
use ids::{FoldIds, Placeholders};
use overlap::Overlap;
use reading::{GivenSources, State, Stop};
use survey::{Before, Survey, Surveyed};

/// What happens to lines that are equal in every column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Duplicates {
    /// Two equal lines of a file can be two lines of one order; an order that a second file has again counts once.
    #[default]
    Auto,
    /// Every line counts.
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
    /// Rows for which this condition over their columns is not true are left out; all stay where it is empty.
    #[serde(rename = "where")]
    pub condition: String,
    /// Negative amounts.
    pub returns: ReturnsPolicy,
    /// Equal lines.
    pub duplicates: Duplicates,
    /// Amounts of zero.
    pub zero_amounts: ZeroAmounts,
    /// The column of status or type that says which rows are purchases; `none` where all are; found by its name and values
    /// where empty.
    pub status: String,
    /// The column of what was given back of an amount; `none` where there is none; found by its name where empty.
    pub refunded: String,
    /// Whose amount a row holds.
    pub amount_per: AmountPer,
    /// Whether ids that differ only in case and blanks are one.
    pub fold_ids: FoldIds,
    /// What happens to ids that stand for nobody.
    pub placeholders: Placeholders,
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
#[serde(deny_unknown_fields)]
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
    /// Rows that were left out: they are nothing that counts, such as cancelled orders, or a condition asks for it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u64,
}

/// Sums of the readable amounts, in currency units.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct MoneyCounts {
    /// In the files.
    pub read: Money,
    /// Of rows that count.
    pub used: Money,
    /// Of rows that were refused, as far as it could be read.
    pub refused: Money,
    /// Of rows that were left out.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub left_out: Money,
    /// Refused rows whose money could not be read.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unknown: u64,
}

fn is_nothing(money: &Money) -> bool {
    *money == Money(0)
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What reading the order files came to.
#[derive(Debug, Clone, Default)]
pub struct OrdersRead {
    /// The mapping of the first file.
    pub mapping: Option<Mapping>,
    /// That of each file.
    pub mappings: Vec<Mapping>,
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
    /// How the first file was read.
    pub plan: Option<ReadingPlan>,
    /// Sum of all amounts without their signs, in 1/10,000 of the currency unit.
    pub turnover: i128,
    /// What each source held, where [`OrdersReader::known`] asks for it.
    pub contents: Vec<Content>,
    /// What a reader of the results should know.
    pub notes: Vec<Note>,
}

/// Rows that counted until their orders were replaced or cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
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
    pub dates: Option<PartOrder>,
    /// The decimal sign, where a file told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimal: Option<Decimal>,
    /// Sum of all amounts without their signs, in 1/10,000 of the currency unit.
    pub turnover: i64,
}

impl OrdersRead {
    /// That most amounts are negative, as books write sales that stand on the right side.
    fn mostly_negative(&self) -> Option<Note> {
        let amount = self.mapping.as_ref().and_then(|mapping| mapping.amount.as_deref())?;
        let sentence = format!(
            "{} of {} amounts are negative, and count as returns: if sales are written so",
            self.returns, self.rows.used
        );
        let sign = format!("0 - {amount}");
        let remedy = format!("turn their sign with orders.amount = '{sign}'");
        let is_so = self.returns * 2 > self.rows.used && self.rows.used > 2;
        is_so.then(|| Note::severe("mostly_negative", sentence).remedy(remedy).rows(self.returns, self.rows.used))
    }

    /// Whether the files have amounts.
    pub fn has_amounts(&self) -> bool {
        self.mapping.as_ref().is_some_and(|mapping| mapping.amount.is_some())
    }

    /// Whether the files have order ids.
    pub fn has_order_ids(&self) -> bool {
        self.mapping.as_ref().is_some_and(|mapping| mapping.order.is_some())
    }
}

/// What a reading hands over.
#[derive(Debug, Clone, Copy)]
pub enum Given<'a> {
    /// Lines that count.
    Lines(&'a Lines),
    /// Later rows have shown that values are written otherwise than the first ones said, and all is read anew: what was
    /// handed over does not count.
    Anew,
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
    /// How every source is read; found out of each where there is none.
    pub plan: Option<&'a ReadingPlan>,
    /// Where what each source holds is asked for: counts of rows, sorted, at which its beginning is kept.
    pub known: Option<&'a [u64]>,
}

impl<'a> OrdersReader<'a> {
    /// A reader by these settings, of all days and without times of day, that finds out the rest.
    pub fn new(read: &'a ReadSettings, orders: &'a OrderSettings, currency: &'a CurrencySettings) -> Self {
        OrdersReader { read, orders, currency, as_of: None, clocks: false, plan: None, known: None }
    }

    /// The same, reading every source by a plan: nothing is found out again.
    pub fn with_plan(self, plan: &'a ReadingPlan) -> Self {
        OrdersReader { plan: Some(plan), ..self }
    }

    /// Which columns of a source would be used.
    ///
    /// # Errors
    /// [`TableError`] where a needed column is not found or the amount expression does not work.
    pub fn mapping(&self, source: &dyn Source) -> Result<Mapping, TableError> {
        Ok(self.columns(source, &Control::default())?.mapping)
    }

    /// The columns of a source, by the plan or as its first rows tell.
    fn columns(&self, source: &dyn Source, control: &Control) -> Result<Columns, TableError> {
        Ok(Survey::new(self, source, Before::default(), control)?.decide()?.columns)
    }

    /// How a source would be read: what the settings leave open is found out, of its first rows, and where these do not
    /// tell, of all.
    ///
    /// # Errors
    /// [`TableError`] where that cannot be told.
    pub fn plan_of(&self, source: &dyn Source, control: &Control) -> Result<ReadingPlan, TableError> {
        reading::plan(self, source, control)
    }

    /// Reads the sources in order, gives usable lines to `take` and refused rows to `rejects`.
    ///
    /// # Errors
    /// [`TableError`] where a source cannot be read as a whole, or at the first refused row in strict mode.
    pub fn read(
        &self,
        sources: &[Arc<dyn Source>],
        control: &Control,
        rejects: &mut Rejects,
        take: impl FnMut(Given) -> Result<(), SpillError>,
    ) -> Result<OrdersRead, TableError> {
        let read = self.read_on(sources, &mut Carried::default(), control, rejects, take)?;
        if read.rows.read == 0 {
            let file = sources.iter().map(|source| source.name()).collect::<Vec<_>>().join(", ");
            return Err(TableError::Empty { file, what: "there is a header but no row" });
        }
        Ok(read)
    }

    /// Reads sources that come after others: as [`OrdersReader::read`] of all of them, of which these are the last. The
    /// counts are of these alone.
    ///
    /// # Errors
    /// As [`OrdersReader::read`]; sources without a row are none.
    pub fn read_on(
        &self,
        sources: &[Arc<dyn Source>],
        carried: &mut Carried,
        control: &Control,
        rejects: &mut Rejects,
        mut take: impl FnMut(Given) -> Result<(), SpillError>,
    ) -> Result<OrdersRead, TableError> {
        let given = GivenSources { reader: self, sources, control };
        let mut surveyed: Vec<Option<Surveyed>> = sources.iter().map(|_| None).collect();
        loop {
            let mut state = State::new(self, carried);
            let mut overlap = Overlap::new(self, sources, control);
            match state.read_all(&given, &mut surveyed, &mut overlap, rejects, &mut take) {
                Err(Stop::Wrong(error)) => return Err(error),
                Err(Stop::Anew) => {
                    rejects.again()?;
                    take(Given::Anew)?;
                }
                Ok(()) => {
                    *carried = state.carried();
                    let read = state.into_read();
                    let negative = Vec::from_iter(read.mostly_negative());
                    let notes = [read.notes, overlap.notes, negative].concat();
                    return Ok(OrdersRead { contents: overlap.contents, notes, ..read });
                }
            }
        }
    }

    /// Reads and decodes the sources' columns and does nothing with them; how many rows there are.
    ///
    /// # Errors
    /// [`TableError`] where a source cannot be read as a whole.
    pub fn decode(&self, sources: &[Arc<dyn Source>], control: &Control) -> Result<u64, TableError> {
        let mut rows = 0;
        for source in sources {
            let names = self.columns(source.as_ref(), control)?.names();
            each_block(source.as_ref(), &self.settings(), &names, control, |block| {
                rows += block.height() as u64;
                Ok(())
            })?;
        }
        Ok(rows)
    }

    /// How files are read: by the plan where there is one.
    fn settings(&self) -> ReadSettings {
        self.plan.map_or_else(|| self.read.clone(), |plan| plan.settings(self.read))
    }
}
