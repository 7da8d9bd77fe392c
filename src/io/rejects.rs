//! Every row that was not used: which file, which row, which column, what stood there, which rule.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io;
use std::io::{Read, Seek, SeekFrom, Write};

use clivia_core::base::Money;
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
    /// A share of something, such as `12 %`.
    Percent,
    /// NaN or infinite.
    NonFiniteAmount,
    /// Beyond a hundred billion.
    AmountTooLarge,
    /// A zero amount, with `zero_amounts = "reject"`.
    ZeroAmount,
    /// A negative amount, with `returns = "reject"`.
    Return,
    /// The same line again, with `duplicates = "drop"`, or in a second file.
    Duplicate,
    /// A row for which the condition of `where` is not true.
    Where,
    /// No purchase, by its status or type: cancelled, failed, a fee.
    NoPurchase,
    /// A further row of an order whose own fields stand on the first one.
    Continued,
    /// The customer's id stands for nobody, such as `guest`.
    Placeholder,
    /// No currency, where the file has a currency column.
    MissingCurrency,
    /// A currency other than the chosen one, or one without a rate.
    OtherCurrency,
    /// A contact that was never made: its sending failed.
    NotSent,
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
    /// A subscription that has ended by its status, without a day on which it did.
    MissingEnd,
    /// A subscription that lies within another of the same customer.
    WithinAnother,
    /// A subscription that would cost less than nothing.
    NegativePrice,
}

impl Rule {
    /// Whether nothing is wrong with the rows: they are nothing that counts, or a condition asks for it.
    pub fn leaves_out(self) -> bool {
        matches!(self, Rule::Where | Rule::NoPurchase | Rule::Continued | Rule::NotSent | Rule::TotalsRow)
    }
}

impl Rule {
    /// Whether each of its rows is written down.
    pub fn is_listed(self) -> bool {
        self != Rule::Continued
    }
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
            Rule::Percent => "percent",
            Rule::NonFiniteAmount => "non_finite_amount",
            Rule::AmountTooLarge => "amount_too_large",
            Rule::ZeroAmount => "zero_amount",
            Rule::Return => "return",
            Rule::Duplicate => "duplicate",
            Rule::Where => "where",
            Rule::NoPurchase => "no_purchase",
            Rule::Continued => "continued",
            Rule::Placeholder => "placeholder",
            Rule::MissingCurrency => "missing_currency",
            Rule::OtherCurrency => "other_currency",
            Rule::NotSent => "not_sent",
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
            Rule::MissingEnd => "missing_end",
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

/// Where refused rows are written down. What was written can be taken back, since a source may have to be read anew.
pub trait Sheet: Write + Send {
    /// Forgets all but the first bytes.
    ///
    /// # Errors
    /// What the system says where it cannot.
    fn keep(&mut self, bytes: u64) -> io::Result<()>;
}

impl Sheet for File {
    fn keep(&mut self, bytes: u64) -> io::Result<()> {
        self.set_len(bytes)?;
        self.seek(SeekFrom::Start(bytes)).map(|_| ())
    }
}

impl Sheet for Vec<u8> {
    fn keep(&mut self, bytes: u64) -> io::Result<()> {
        self.truncate(usize::try_from(bytes).unwrap_or(usize::MAX));
        Ok(())
    }
}

impl Sheet for io::Sink {
    fn keep(&mut self, _: u64) -> io::Result<()> {
        Ok(())
    }
}

/// A sheet, and how much has been written on it.
struct Counted {
    sheet: Box<dyn Sheet>,
    bytes: u64,
}

impl Counted {
    fn new(sheet: Box<dyn Sheet>) -> Self {
        Counted { sheet, bytes: 0 }
    }
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.sheet.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sheet.flush()
    }
}

/// Takes rows that were not used: writes them down, counts them, and in strict mode stops.
pub struct Rejects {
    out: csv::Writer<Counted>,
    table: &'static str,
    /// How much stood on the sheet when the table began.
    before: u64,
    counts: RefusedCounts,
    samples: Samples,
    money: BTreeMap<(&'static str, Rule), Lost>,
    strict: bool,
}

/// Money of refused rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lost {
    /// The sum of what could be read, in 1/10,000 of the currency unit.
    pub known: i128,
    /// The same without signs.
    pub turnover: i128,
    /// Rows whose amount could not be read.
    pub unknown: u64,
}

/// The first values that each rule refused, by table.
pub type Samples = BTreeMap<(&'static str, Rule), Vec<Reject>>;

/// Characters of a refused value that are kept.
const VALUE_CHARS: usize = 200;
/// Refused rows of a rule that are kept to be shown.
const SHOWN: usize = 3;

impl Rejects {
    /// Writes to `out` as CSV with the columns `file, row, column, value, rule`.
    ///
    /// # Errors
    /// [`TableError::Rejects`] where `out` cannot be written.
    pub fn new(out: Box<dyn Sheet>, strict: bool) -> Result<Self, TableError> {
        let mut rejects = Rejects::on(out, strict);
        rejects.out.write_record(["file", "row", "column", "value", "rule"]).map_err(failed)?;
        rejects.begin("orders")?;
        Ok(rejects)
    }

    /// Counts only.
    pub fn counting(strict: bool) -> Self {
        Rejects::on(Box::new(io::sink()), strict)
    }

    fn on(sheet: Box<dyn Sheet>, strict: bool) -> Self {
        let out = csv::Writer::from_writer(Counted::new(sheet));
        let (counts, samples, money) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Rejects { out, table: "orders", before: 0, counts, samples, money, strict }
    }

    /// Says which table the next rows are of.
    ///
    /// # Errors
    /// [`TableError::Rejects`] where rows cannot be written.
    pub fn begin(&mut self, table: &'static str) -> Result<(), TableError> {
        self.out.flush().map_err(TableError::Rejects)?;
        (self.table, self.before) = (table, self.out.get_ref().bytes);
        Ok(())
    }

    /// Forgets the rows of this table: it is read anew.
    ///
    /// # Errors
    /// [`TableError::Rejects`] where they cannot be taken back.
    pub(crate) fn again(&mut self) -> Result<(), TableError> {
        self.out.flush().map_err(TableError::Rejects)?;
        let (table, before) = (self.table, self.before);
        self.counts.remove(table);
        self.samples.retain(|(of, _), _| *of != table);
        self.money.retain(|(of, _), _| *of != table);
        // The writer in front of the sheet gives it away only whole.
        let mut sheet = std::mem::replace(&mut self.out, csv::Writer::from_writer(Counted::new(Box::new(io::sink()))))
            .into_inner()
            .map_err(|error| TableError::Rejects(error.into_error()))?;
        sheet.sheet.keep(before).map_err(TableError::Rejects)?;
        sheet.bytes = before;
        self.out = csv::Writer::from_writer(sheet);
        Ok(())
    }

    /// Takes one row.
    ///
    /// # Errors
    /// [`TableError::Strict`] in strict mode, [`TableError::Rejects`] where it cannot be written.
    pub fn add(&mut self, reject: Reject) -> Result<(), TableError> {
        // Rows that the user leaves out are no fault of the table.
        if self.strict && !reject.rule.leaves_out() {
            return Err(TableError::Strict(reject));
        }
        *self.counts.entry(self.table).or_default().entry(reject.rule).or_default() += 1;
        let value: String = reject.value.chars().take(VALUE_CHARS).collect();
        let cells = [spreadsheet_safe(&reject.file), reject.row.to_string(), spreadsheet_safe(&reject.column)];
        let last = [spreadsheet_safe(&value), reject.rule.to_string()];
        self.out.write_record(cells.iter().chain(&last)).map_err(failed)?;
        self.show(reject);
        Ok(())
    }

    /// Counts rows that are left out and are not worth a line each.
    pub(crate) fn leave_out(&mut self, rule: Rule, rows: u64) {
        if rows > 0 {
            *self.counts.entry(self.table).or_default().entry(rule).or_default() += rows;
        }
    }

    /// Takes one row and its money; `None` where nobody can tell how much that is.
    ///
    /// # Errors
    /// As [`Rejects::add`].
    pub(crate) fn add_with_money(&mut self, reject: Reject, money: Option<Money>) -> Result<(), TableError> {
        let lost = self.money.entry((self.table, reject.rule)).or_default();
        match money {
            Some(money) => {
                lost.known += i128::from(money.0);
                lost.turnover += i128::from(money.0.unsigned_abs());
            }
            None => lost.unknown += 1,
        }
        self.add(reject)
    }

    /// The money that a rule refused.
    pub fn money(&self, rule: Rule) -> Lost {
        self.money.get(&(self.table, rule)).copied().unwrap_or_default()
    }

    /// Keeps the first few rows of a rule whose values differ.
    fn show(&mut self, reject: Reject) {
        let shown = self.samples.entry((self.table, reject.rule)).or_default();
        if shown.len() < SHOWN && shown.iter().all(|other| other.value != reject.value) {
            shown.push(reject);
        }
    }

    /// The first rows that a rule refused, at most three, with different values.
    pub fn samples(&self, rule: Rule) -> &[Reject] {
        self.samples.get(&(self.table, rule)).map(Vec::as_slice).unwrap_or_default()
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

    /// Whether a row that is refused ends the run.
    pub(crate) fn is_strict(&self) -> bool {
        self.strict
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
