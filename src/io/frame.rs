//! The frame of a table: what stands around its rows, and how they are set apart.

mod header;
mod totals;

use serde::{Deserialize, Serialize};

pub(crate) use header::{Kind, header};
pub use totals::is_totals_row;

/// What is found out of a file before its first row is read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Frame {
    /// The encoding of a text; two, where rows that are not in the first are in the second. Empty where the file is no text.
    pub encoding: String,
    /// What separates the cells of a text.
    pub delimiter: String,
    /// The line of the header.
    pub header_line: u64,
    /// Whether the first line is one for spreadsheets, such as `sep=;`.
    pub sep_line: bool,
    /// Whether lines end with more delimiters than there are columns.
    pub end_delimiters: bool,
    /// What ends the lines of a text.
    pub line_end: LineEnd,
    /// The sheet of a workbook.
    pub sheet: String,
}

/// What ends a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LineEnd {
    /// A line feed.
    #[default]
    Lf,
    /// A carriage return and a line feed.
    CrLf,
    /// A carriage return alone.
    Cr,
}
