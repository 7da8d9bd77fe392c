//! What can be wrong with an expression, in the words of the analyst who wrote it.

use super::Kind;
use super::limits::{MOST_CELL_CHARACTERS, MOST_CHARACTERS, MOST_LEVELS, MOST_PARTS};

/// Why an expression cannot be read, does not fit its columns, or cannot be worked out.
///
/// `position` counts the characters of the expression from 1; [`ExpressionError::position`] gives it for every variant
/// that has one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExpressionError {
    /// The text is longer than an expression may be.
    #[error("the expression has {characters} characters, and {MOST_CHARACTERS} are allowed: shorten it")]
    TooLong {
        /// How many characters were given.
        characters: usize,
    },
    /// Brackets, CASE and signs are nested deeper than is allowed.
    #[error("column {position}: nested more than {MOST_LEVELS} levels deep: split the expression")]
    TooDeep {
        /// Where the level too many begins.
        position: usize,
    },
    /// The expression has more parts than is allowed.
    #[error("column {position}: more than {MOST_PARTS} parts in one expression: shorten it")]
    TooManyParts {
        /// Where the part too many stands.
        position: usize,
    },
    /// The text is not an expression.
    #[error("column {position}: {message}")]
    Syntax {
        /// Where reading stopped.
        position: usize,
        /// What is wrong there.
        message: String,
    },
    /// A part needs other rows than its own: an aggregate, a window function, a subquery.
    #[error(
        "column {position}: {name} looks at other rows than its own; an amount or a condition is worked out from its own row alone{remedy}"
    )]
    OtherRows {
        /// Where the part stands.
        position: usize,
        /// Its name, in capitals.
        name: String,
        /// What to write in its place, with the sign that parts it from the sentence; empty where there is nothing.
        remedy: String,
    },
    /// A part gives another value each time it is asked: the clock, or chance.
    #[error(
        "column {position}: {name} gives another result on every run; the same input must give the same result: write the value itself, such as DATE '2024-12-31'"
    )]
    NotRepeatable {
        /// Where the part stands.
        position: usize,
        /// Its name, in capitals.
        name: String,
    },
    /// SQL has it, this language does not.
    #[error("column {position}: {what} cannot be used here; {remedy}")]
    NotSupported {
        /// Where the part stands.
        position: usize,
        /// What was written.
        what: String,
        /// What to write in its place.
        remedy: String,
    },
    /// No function has this name.
    #[error("column {position}: there is no function {name}{hint}")]
    UnknownFunction {
        /// Where the name stands.
        position: usize,
        /// The name, as written.
        name: String,
        /// The nearest name, as a question; empty where none is near.
        hint: String,
    },
    /// No column has this name.
    #[error("column {position}: there is no column '{name}'{hint}")]
    UnknownColumn {
        /// Where the name stands.
        position: usize,
        /// The name, as written.
        name: String,
        /// The nearest name, or the list of names.
        hint: String,
    },
    /// Several columns could be meant.
    #[error("column {position}: '{name}' may mean {candidates}: {remedy}")]
    AmbiguousColumn {
        /// Where the name stands.
        position: usize,
        /// The name, as written.
        name: String,
        /// The columns that it may mean.
        candidates: String,
        /// How to say which.
        remedy: String,
    },
    /// A function has too few or too many arguments.
    #[error("column {position}: {name} was given {given}; it is written {signature}")]
    Arguments {
        /// Where the function stands.
        position: usize,
        /// Its name.
        name: &'static str,
        /// How many arguments it was given, in words.
        given: String,
        /// How it is written.
        signature: &'static str,
    },
    /// A value is of a kind that does not fit its place.
    #[error("column {position}: {message}")]
    WrongKind {
        /// Where the value stands.
        position: usize,
        /// What is needed there, what is there, and what to write.
        message: String,
    },
    /// A column holds what the language has no kind for: lists, structs, bytes.
    #[error("column {position}: '{column}' holds {data_type}; an expression reads numbers, texts, dates and booleans")]
    ColumnType {
        /// Where the column is named.
        position: usize,
        /// The column.
        column: String,
        /// Its type, as Arrow writes it.
        data_type: String,
    },
    /// A text that the expression makes would be too long.
    #[error(
        "column {position}: this would make a text of more than {MOST_CELL_CHARACTERS} characters: make it shorter"
    )]
    CellTooLong {
        /// Where the function stands.
        position: usize,
    },
    /// The texts that the expression makes do not fit into one block of rows.
    #[error(
        "column {position}: the texts made here need more than 1 GiB for one block of {rows} rows: give fewer rows at once"
    )]
    BlockTooLarge {
        /// Where the function stands.
        position: usize,
        /// The rows of the block.
        rows: usize,
    },
    /// A value without a column, such as `REPLACE('x', 'a', 'b') + 1`, cannot be read as what is needed.
    #[error("column {position}: '{value}' cannot be read as {wanted}")]
    UnreadableConstant {
        /// Where the value stands.
        position: usize,
        /// The text.
        value: String,
        /// What it was needed as.
        wanted: Kind,
    },
    /// A column cannot be taken into the language's own numbers or dates.
    #[error("column '{column}' holds a value that cannot be used: {reason}")]
    ColumnValue {
        /// The column.
        column: String,
        /// Why.
        reason: String,
    },
    /// The columns given are not those that the expression was bound to.
    #[error("the columns given do not fit the expression: {reason}")]
    ColumnsGiven {
        /// How they differ.
        reason: String,
    },
    /// A step could not be worked out, for a reason that has no better words.
    #[error("column {position}: this part cannot be worked out: {reason}")]
    Calculation {
        /// Where the part stands.
        position: usize,
        /// What stopped it.
        reason: String,
    },
}

impl ExpressionError {
    /// Where in the expression the error is, in characters from 1; `None` where it is in no one place.
    pub fn position(&self) -> Option<usize> {
        match self {
            Self::TooLong { .. } | Self::ColumnValue { .. } | Self::ColumnsGiven { .. } => None,
            Self::TooDeep { position }
            | Self::TooManyParts { position }
            | Self::Syntax { position, .. }
            | Self::OtherRows { position, .. }
            | Self::NotRepeatable { position, .. }
            | Self::NotSupported { position, .. }
            | Self::UnknownFunction { position, .. }
            | Self::UnknownColumn { position, .. }
            | Self::AmbiguousColumn { position, .. }
            | Self::Arguments { position, .. }
            | Self::WrongKind { position, .. }
            | Self::ColumnType { position, .. }
            | Self::CellTooLong { position }
            | Self::BlockTooLarge { position, .. }
            | Self::UnreadableConstant { position, .. }
            | Self::Calculation { position, .. } => Some(*position),
        }
    }

    pub(super) fn syntax(position: usize, message: impl Into<String>) -> Self {
        Self::Syntax { position, message: message.into() }
    }

    pub(super) fn wrong_kind(position: usize, message: impl Into<String>) -> Self {
        Self::WrongKind { position, message: message.into() }
    }

    pub(super) fn not_supported(position: usize, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::NotSupported { position, what: what.into(), remedy: remedy.into() }
    }

    pub(super) fn other_rows(position: usize, name: impl Into<String>) -> Self {
        Self::OtherRows { position, name: name.into(), remedy: String::new() }
    }

    /// An error of a kernel, without the words of the machine: only that the values do not fit.
    pub(super) fn kernel(position: usize, _error: arrow::error::ArrowError) -> Self {
        Self::Calculation { position, reason: "a value lies outside what can be held".to_owned() }
    }
}
