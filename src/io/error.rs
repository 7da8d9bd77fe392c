//! Why a table could not be read.

use std::fmt;

use clivia_core::base::Money;
use clivia_core::control::Cancelled;
use clivia_core::ledger::SpillError;

use crate::rejects::Reject;

/// Why a table could not be read at all. A row that cannot be used is no error but a [`Reject`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The file system said no.
    #[error("{file}: {cause}")]
    Io {
        /// The file.
        file: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// No file is meant by what was typed.
    #[error("{0}: no such file; name a file, a folder, a pattern such as 'orders/*.csv', or - for standard input")]
    NoFile(String),
    /// One table is meant, and there are several files.
    #[error("{argument} is {files} files; give the table as one")]
    SeveralFiles {
        /// What was typed.
        argument: String,
        /// How many files it means.
        files: usize,
    },
    /// A file without a single row.
    #[error("{file}: {what}; nothing can be scored from it")]
    Empty {
        /// The file.
        file: String,
        /// What it is: empty, or a header only.
        what: &'static str,
    },
    /// The same rows twice.
    #[error(
        "{file} holds the same rows as {of}, which would count twice; leave one of them out, or count both with orders.duplicates = \"keep\""
    )]
    Copy {
        /// The file.
        file: String,
        /// The one before it.
        of: String,
    },
    /// The bytes are not what the format promises.
    #[error("{file}: not readable as {format}: {cause}")]
    Broken {
        /// The file.
        file: String,
        /// The format that was expected.
        format: &'static str,
        /// What was wrong, and what to try.
        cause: String,
    },
    /// A needed column is missing.
    #[error("{file}: no {wanted}; the file holds: {held}{nearest}. {by}")]
    Column {
        /// The file.
        file: String,
        /// What the column would be used for, and the name that was asked for.
        wanted: String,
        /// The columns there are.
        held: String,
        /// The nearest candidates, in words, or nothing.
        nearest: String,
        /// What names it.
        by: NamedBy,
    },
    /// A table of one kind in the place of another.
    #[error("{file} looks like {found}, not {wanted} (it holds: {held}); {remedy}")]
    Mistaken {
        /// The file.
        file: String,
        /// What it is.
        found: &'static str,
        /// What is needed.
        wanted: &'static str,
        /// The columns there are.
        held: String,
        /// Where it belongs, and what to do where it is right after all.
        remedy: &'static str,
    },
    /// Needed columns are missing: all of them at once.
    #[error("{file}: {}; the file holds: {held}. {}", lacking(missing), naming(missing))]
    Columns {
        /// The file.
        file: String,
        /// The columns there are.
        held: String,
        /// Those that are not.
        missing: Vec<MissingColumn>,
    },
    /// A contact log of other customers.
    #[error("{file}: {told}. To go on without contacts, set contact_columns.unmatched = \"no_map\"")]
    Unmatched {
        /// The file.
        file: String,
        /// What was seen, and what to do.
        told: String,
    },
    /// Two columns could be meant.
    #[error("{file}: both '{first}' and '{second}' could be the {role} column. {}", choosing(*setting))]
    TwoColumns {
        /// The file.
        file: String,
        /// One of them.
        first: String,
        /// The other.
        second: String,
        /// What the column would be used for.
        role: &'static str,
        /// The setting that names it, where there is one.
        setting: Option<&'static str>,
    },
    /// Which part of a date is the day?
    #[error("{file}, row {row}, column '{column}': '{value}' {doubt}")]
    AmbiguousDates {
        /// The file.
        file: String,
        /// The first such row.
        row: u64,
        /// The date column.
        column: String,
        /// The date as it stands there.
        value: String,
        /// What it may be, why that is open, and the settings that answer.
        doubt: String,
    },
    /// A table of customers in place of one of orders.
    #[error(
        "{file}: it has one row a customer already ({columns}) and no orders; give a table with a row an order or an order \
         line, such as the order export of the shop"
    )]
    OneRowACustomer {
        /// The file.
        file: String,
        /// The columns that say so.
        columns: String,
    },
    /// An export that is known and cannot be read as it is.
    #[error("{file}: it seems to be {title}, and {cause}; with read.profile = \"none\" it is read as any other table")]
    Profile {
        /// The file.
        file: String,
        /// What it seems to be.
        title: String,
        /// What is missing, and what to do.
        cause: String,
    },
    /// An export that a setting names, without its columns.
    #[error(
        "{file}: it was to be read as {title}, but {cause}. Name the columns with orders.customer, orders.date, \
         orders.amount and orders.status, or leave read.profile out"
    )]
    ProfileColumns {
        /// The file.
        file: String,
        /// What it should be.
        title: String,
        /// What is missing.
        cause: String,
    },
    /// Two readings give different numbers, and nothing in the source tells which is meant.
    #[error("{0}")]
    Question(Box<Question>),
    /// Too many rows could not be read.
    #[error("{lost}; more than read.unreadable_error allows{}", then(remedy))]
    Unreadable {
        /// The table.
        table: String,
        /// Which rows, and why.
        lost: String,
        /// What may read them.
        remedy: String,
    },
    /// Most of a table would not be used.
    #[error(
        "{rows} of {of} rows of {table}, or most of its money, would be lost ({rules}). Most likely \
         another column or setting is meant; read.unreadable_error = 1.0 goes on all the same"
    )]
    MostLost {
        /// The table.
        table: String,
        /// How many rows.
        rows: u64,
        /// How many there are.
        of: u64,
        /// How many each rule refused.
        rules: String,
    },
    /// The amount expression does not work.
    #[error("orders.amount = \"{expression}\": {cause}")]
    Expression {
        /// The expression.
        expression: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The condition for rows does not work.
    #[error("{file}: {setting} = \"{expression}\": {cause}")]
    Where {
        /// The setting.
        setting: &'static str,
        /// The file.
        file: String,
        /// The condition.
        expression: String,
        /// What is wrong with it.
        cause: String,
    },
    /// More than one currency.
    #[error(
        "{file}, row {row}, column '{column}': currency '{found}' after '{first}'; amounts of two currencies do not add \
         up. Keep one with currency.into = \"{first}\", or convert the others by currency.rates = {{ {found} = 1.0 }} \
         beside it"
    )]
    Currencies {
        /// The file.
        file: String,
        /// The row.
        row: u64,
        /// The currency column.
        column: String,
        /// The currency met first.
        first: String,
        /// The other one.
        found: String,
    },
    /// More money than can be counted.
    #[error(
        "{file}: all amounts together are more than 922 trillion currency units, which cannot be summed exactly; \
         give them in a larger unit, for example orders.amount = \"amount / 1000\""
    )]
    SumTooLarge {
        /// The file in which the sum went over.
        file: String,
    },
    /// A row was refused in strict mode.
    #[error("{0} (strict reading stops at the first refused row)")]
    Strict(Reject),
    /// The list of refused rows could not be written.
    #[error("rejects.csv: {0}")]
    Rejects(std::io::Error),
    /// What was read did not fit into memory, nor on disk.
    #[error(transparent)]
    Spill(#[from] SpillError),
    /// A setting for reading makes no sense.
    #[error("{setting}: {cause}")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// What is wrong and what would be right.
        cause: String,
    },
    /// A reading plan cannot be used.
    #[error("{file}: {cause}")]
    Plan {
        /// The plan's file, or the table that it is for.
        file: String,
        /// What is wrong and what would be right.
        cause: String,
    },
    /// The run was stopped.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// What cannot be told from a source, and what answers it.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The source.
    pub file: String,
    /// The column; empty where it is not about one.
    pub column: String,
    /// What was seen.
    pub seen: String,
    /// What it can mean.
    pub readings: Vec<Reading>,
}

/// One of the answers to a [`Question`].
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// What the source then means.
    pub meaning: String,
    /// What all amounts then come to, where that is what differs.
    pub total: Option<Money>,
    /// The setting that says so: `read.decimal = "comma"`.
    pub setting: String,
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if !self.column.is_empty() {
            write!(f, ", column '{}'", self.column)?;
        }
        write!(f, ": {}", self.seen)?;
        for (place, reading) in self.readings.iter().enumerate() {
            write!(f, "{} {}", if place == 0 { ":" } else { ";" }, reading.meaning)?;
            if let Some(total) = reading.total {
                write!(f, ", {total} in all")?;
            }
            write!(f, " with {}", reading.setting)?;
        }
        Ok(())
    }
}

impl TableError {
    /// The setting that would help, where there is one: a door adds the word by which it is set there.
    pub fn setting(&self) -> Option<&'static str> {
        match self {
            TableError::Column { by: NamedBy::Setting(setting), .. } => Some(setting),
            TableError::Columns { missing, .. } => match missing.first()?.by {
                NamedBy::Setting(setting) => Some(setting),
                NamedBy::Header(_) => None,
            },
            TableError::TwoColumns { setting, .. } => *setting,
            TableError::AmbiguousDates { .. } => Some("read.date_format"),
            TableError::Expression { .. } | TableError::SumTooLarge { .. } => Some("orders.amount"),
            TableError::Currencies { .. } => Some("currency.into"),
            TableError::Setting { setting, .. } | TableError::Where { setting, .. } => Some(setting),
            TableError::Copy { .. } => Some("orders.duplicates"),
            TableError::Profile { .. } | TableError::ProfileColumns { .. } => Some("read.profile"),
            TableError::Strict(_) => Some("strict"),
            TableError::Spill(_) => Some("temp_dir"),
            _ => None,
        }
    }
}

/// What names a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedBy {
    /// This setting.
    Setting(&'static str),
    /// Its header alone, mostly this one.
    Header(&'static str),
}

impl fmt::Display for NamedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NamedBy::Setting(setting) => write!(f, "Name it with {setting}"),
            NamedBy::Header(usual) => write!(f, "Call it '{usual}' in the header"),
        }
    }
}

fn then(remedy: &str) -> String {
    if remedy.is_empty() { String::new() } else { format!(": {remedy}") }
}

/// A needed column that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingColumn {
    /// What it would be used for.
    pub role: &'static str,
    /// The same, with the name that was asked for.
    pub wanted: String,
    /// The nearest candidates, in words, or nothing.
    pub nearest: String,
    /// What names it.
    pub by: NamedBy,
    /// What would do in its place, or nothing.
    pub instead: String,
}

/// `no timestamp column, no channel column`.
fn lacking(missing: &[MissingColumn]) -> String {
    let wanted = missing.iter().map(|column| format!("no {}", column.wanted));
    wanted.collect::<Vec<_>>().join(", ")
}

/// What to set for each.
fn naming(missing: &[MissingColumn]) -> String {
    let several = missing.len() > 1;
    let each = missing.iter().map(|MissingColumn { role, nearest, by, instead, .. }| match (several, by) {
        (true, NamedBy::Setting(setting)) => format!("Name the {role} column with {setting}{nearest}{instead}"),
        _ => format!("{by}{nearest}{instead}"),
    });
    each.collect::<Vec<_>>().join(". ")
}

/// How one of two columns is chosen.
fn choosing(setting: Option<&str>) -> String {
    match setting {
        Some(setting) => format!("Choose one with {setting}"),
        None => "Rename one in the header".into(),
    }
}
