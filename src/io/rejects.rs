//! Every row that was not used: which file, which row, which column, what stood there, which rule.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{Read, Write};

use serde::{Deserialize, Serialize};

use crate::error::TableError;

/// Why a row was not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rule {
    /// The row does not have as many cells as the header.
    WrongNumberOfCells,
    /// A record of more than a mebibyte, mostly a quote that is never closed.
    RowTooLong,
    /// A line that is not a JSON object.
    NotJson,
    /// Bytes that are not text in the stated encoding.
    NotText,
    /// A row that sums up others, such as the last one of a report: no order, and its money is counted elsewhere.
    TotalsRow,
    /// A quote that opens a cell and is not closed where the cell ends. The row is used; strict reading stops there.
    StrayQuote,
    /// No customer id.
    MissingCustomer,
    /// No date.
    MissingDate,
    /// Not a date in any form that is known, or not in the form of `read.date_format`.
    UnreadableDate,
    /// Before the earliest or after the latest day allowed.
    DateOutOfRange,
    /// After the as-of date.
    AfterAsOf,
    /// No amount.
    MissingAmount,
    /// Not a number.
    UnreadableAmount,
    /// NaN or infinite.
    NonFiniteAmount,
    /// Beyond a hundred billion.
    AmountTooLarge,
    /// A zero amount, with `zero_amounts = "reject"`.
    ZeroAmount,
    /// A negative amount, with `returns = "reject"`.
    Return,
    /// The same line again, with `duplicates = "drop"`.
    Duplicate,
    /// No currency, where the file has a currency column.
    MissingCurrency,
    /// A currency other than the chosen one, or one without a rate.
    OtherCurrency,
    /// A contact without a channel.
    MissingChannel,
    /// A direction that is neither in nor out.
    UnknownDirection,
    /// A contact whose cost is not a number.
    UnreadableCost,
    /// A contact that would have cost less than nothing.
    NegativeCost,
    /// A rating that is not a number.
    UnreadableSatisfaction,
    /// A rating off the declared scale.
    SatisfactionOffScale,
    /// A response time that is not a number.
    UnreadableResponseTime,
    /// An answer before its question.
    NegativeResponseTime,
    /// A control flag that is neither yes nor no.
    UnreadableControl,
    /// A customer held out of no campaign.
    ControlWithoutCampaign,
    /// A contact of a customer who never ordered.
    UnknownCustomer,
    /// A contact of a customer all of whose orders were returned.
    CustomerWithoutPurchase,
    /// A subscription that ended before it began.
    EndBeforeStart,
    /// A subscription that lies within another of the same customer.
    WithinAnother,
    /// A subscription that would cost less than nothing.
    NegativePrice,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Rule::WrongNumberOfCells => "wrong_number_of_cells",
            Rule::RowTooLong => "row_too_long",
            Rule::NotJson => "not_json",
            Rule::NotText => "not_text",
            Rule::TotalsRow => "totals_row",
            Rule::StrayQuote => "stray_quote",
            Rule::MissingCustomer => "missing_customer",
            Rule::MissingDate => "missing_date",
            Rule::UnreadableDate => "unreadable_date",
            Rule::DateOutOfRange => "date_out_of_range",
            Rule::AfterAsOf => "after_as_of",
            Rule::MissingAmount => "missing_amount",
            Rule::UnreadableAmount => "unreadable_amount",
            Rule::NonFiniteAmount => "non_finite_amount",
            Rule::AmountTooLarge => "amount_too_large",
            Rule::ZeroAmount => "zero_amount",
            Rule::Return => "return",
            Rule::Duplicate => "duplicate",
            Rule::MissingCurrency => "missing_currency",
            Rule::OtherCurrency => "other_currency",
            Rule::MissingChannel => "missing_channel",
            Rule::UnknownDirection => "unknown_direction",
            Rule::UnreadableCost => "unreadable_cost",
            Rule::NegativeCost => "negative_cost",
            Rule::UnreadableSatisfaction => "unreadable_satisfaction",
            Rule::SatisfactionOffScale => "satisfaction_off_scale",
            Rule::UnreadableResponseTime => "unreadable_response_time",
            Rule::NegativeResponseTime => "negative_response_time",
            Rule::UnreadableControl => "unreadable_control",
            Rule::ControlWithoutCampaign => "control_without_campaign",
            Rule::UnknownCustomer => "unknown_customer",
            Rule::CustomerWithoutPurchase => "customer_without_purchase",
            Rule::EndBeforeStart => "end_before_start",
            Rule::WithinAnother => "within_another",
            Rule::NegativePrice => "negative_price",
        })
    }
}

/// A row that was not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The file.
    pub file: String,
    /// The row: a text file's line (the header is line 1), else the record counted from 1.
    pub row: u64,
    /// The column that broke the rule; empty where the whole row did.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// The rule.
    pub rule: Rule,
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, row {}", self.file, self.row)?;
        if !self.column.is_empty() {
            write!(f, ", column '{}'", self.column)?;
        }
        write!(f, ": {} (value: '{}')", self.rule, self.value)
    }
}

/// How many rows each rule refused, by table: `orders`, `contacts`, `customers`.
pub type RefusedCounts = BTreeMap<&'static str, BTreeMap<Rule, u64>>;

/// Takes rows that were not used: writes them down, counts them, and in strict mode stops.
pub struct Rejects {
    out: csv::Writer<Box<dyn Write + Send>>,
    table: &'static str,
    counts: RefusedCounts,
    strict: bool,
}

/// Characters of a refused value that are kept.
const VALUE_CHARS: usize = 200;

impl Rejects {
    /// Writes to `out` as CSV with the columns `file, row, column, value, rule`.
    ///
    /// # Errors
    /// [`TableError::Rejects`] where `out` cannot be written.
    pub fn new(out: Box<dyn Write + Send>, strict: bool) -> Result<Self, TableError> {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(["file", "row", "column", "value", "rule"]).map_err(failed)?;
        Ok(Rejects { out, table: "orders", counts: BTreeMap::new(), strict })
    }

    /// Counts only.
    pub fn counting(strict: bool) -> Self {
        let nowhere: Box<dyn Write + Send> = Box::new(std::io::sink());
        Rejects { out: csv::Writer::from_writer(nowhere), table: "orders", counts: BTreeMap::new(), strict }
    }

    /// Says which table the next rows are of.
    pub fn begin(&mut self, table: &'static str) {
        self.table = table;
    }

    /// Takes one row.
    ///
    /// # Errors
    /// [`TableError::Strict`] in strict mode, [`TableError::Rejects`] where it cannot be written.
    pub fn add(&mut self, reject: Reject) -> Result<(), TableError> {
        if self.strict {
            return Err(TableError::Strict(reject));
        }
        *self.counts.entry(self.table).or_default().entry(reject.rule).or_default() += 1;
        let value: String = reject.value.chars().take(VALUE_CHARS).collect();
        let cells = [spreadsheet_safe(&reject.file), reject.row.to_string(), spreadsheet_safe(&reject.column)];
        let last = [spreadsheet_safe(&value), reject.rule.to_string()];
        self.out.write_record(cells.iter().chain(&last)).map_err(failed)
    }

    /// Takes rows that an earlier run wrote down and counted, as they stand there; how many were written down.
    ///
    /// # Errors
    /// [`TableError::Rejects`] where they cannot be read or written.
    pub fn append(&mut self, written: impl Read, counts: &BTreeMap<Rule, u64>) -> Result<u64, TableError> {
        let of_table = self.counts.entry(self.table).or_default();
        counts.iter().for_each(|(rule, rows)| *of_table.entry(*rule).or_default() += rows);
        let (mut reader, mut record, mut rows) = (csv::Reader::from_reader(written), csv::ByteRecord::new(), 0);
        while reader.read_byte_record(&mut record).map_err(failed)? {
            self.out.write_byte_record(&record).map_err(failed)?;
            rows += 1;
        }
        Ok(rows)
    }

    /// How many rows each rule refused.
    pub fn counts(&self) -> &RefusedCounts {
        &self.counts
    }

    /// Writes out what is still held back.
    ///
    /// # Errors
    /// [`TableError::Rejects`] where that fails.
    pub fn finish(mut self) -> Result<RefusedCounts, TableError> {
        self.out.flush().map_err(TableError::Rejects)?;
        Ok(self.counts)
    }
}

fn failed(error: csv::Error) -> TableError {
    TableError::Rejects(std::io::Error::other(error))
}

/// A cell that a spreadsheet would take for a formula gets an apostrophe in front, and so does one that looks as if
/// it had got one; numbers stay numbers.
///
/// ```
/// use clivia_io::rejects::spreadsheet_safe;
/// assert_eq!(spreadsheet_safe("=1+1"), "'=1+1");
/// assert_eq!(spreadsheet_safe("'=1+1"), "''=1+1");
/// assert_eq!(spreadsheet_safe("-12.50"), "-12.50");
/// assert_eq!(spreadsheet_safe("'tis"), "'tis");
/// ```
pub fn spreadsheet_safe(cell: &str) -> String {
    if needs_apostrophe(cell) { format!("'{cell}") } else { cell.into() }
}

/// The cell that [`spreadsheet_safe`] was given.
pub fn spreadsheet_plain(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| needs_apostrophe(rest)).unwrap_or(cell)
}

fn needs_apostrophe(cell: &str) -> bool {
    let behind = cell.trim_start_matches('\'');
    let suspicious = behind.starts_with(['=', '+', '-', '@', '\t', '\r']);
    suspicious && !behind.parse::<f64>().is_ok_and(f64::is_finite)
}
