//! The kinds of values, and the names that types have in SQL and in Arrow.

use std::fmt;

use arrow::datatypes::{DataType, TimeUnit};
use sqlparser::ast::{DataType as SqlType, ExactNumberInfo, TimezoneInfo};

use super::error::ExpressionError;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A number: 64-bit floating point.
    Number,
    /// A whole number: 64 bits, compared exactly with another whole number; arithmetic makes it a [`Kind::Number`].
    Integer,
    /// A text.
    Text,
    /// A day.
    Date,
    /// A moment, to the microsecond, without a zone.
    Timestamp,
    /// True or false.
    Boolean,
    /// Nothing but null.
    Unknown,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Number => "a number",
            Self::Integer => "a whole number",
            Self::Text => "a text",
            Self::Date => "a date",
            Self::Timestamp => "a timestamp",
            Self::Boolean => "true or false",
            Self::Unknown => "null",
        })
    }
}

impl Kind {
    /// Whether arithmetic takes it as it is.
    pub(super) fn is_numeric(self) -> bool {
        matches!(self, Self::Number | Self::Integer)
    }

    /// Whether it is a day or a moment.
    pub(super) fn is_temporal(self) -> bool {
        matches!(self, Self::Date | Self::Timestamp)
    }

    /// The one type that values of this kind have while they are worked on.
    pub(super) fn data_type(self) -> DataType {
        match self {
            Self::Number => DataType::Float64,
            Self::Integer => DataType::Int64,
            Self::Text => DataType::Utf8,
            Self::Date => DataType::Date32,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::Boolean => DataType::Boolean,
            Self::Unknown => DataType::Null,
        }
    }
}

/// The kind of a column of this type; `None` for lists, structs, bytes and what else has no kind.
pub(super) fn kind_of(data_type: &DataType) -> Option<Kind> {
    Some(match data_type {
        DataType::Null => Kind::Unknown,
        DataType::Boolean => Kind::Boolean,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Kind::Text,
        DataType::Date32 | DataType::Date64 => Kind::Date,
        DataType::Timestamp(..) => Kind::Timestamp,
        DataType::Dictionary(_, values) => kind_of(values)?,
        other if other.is_integer() => Kind::Integer,
        other if other.is_floating() || other.is_decimal() => Kind::Number,
        _ => return None,
    })
}

/// The kind that a type's name in CAST stands for.
///
/// # Errors
/// The type has a precision or length, or is none of those listed.
pub(super) fn target(position: usize, named: &SqlType) -> Result<Kind, ExpressionError> {
    match named {
        SqlType::Float(ExactNumberInfo::None) | SqlType::Double(ExactNumberInfo::None) => Ok(Kind::Number),
        SqlType::DoublePrecision | SqlType::Real | SqlType::Float4 | SqlType::Float8 => Ok(Kind::Number),
        SqlType::Float64 => Ok(Kind::Number),
        SqlType::Custom(name, lengths) if lengths.is_empty() && name.to_string().eq_ignore_ascii_case("number") => {
            Ok(Kind::Number)
        }
        SqlType::Int(None) | SqlType::Integer(None) | SqlType::BigInt(None) | SqlType::Int64 => Ok(Kind::Integer),
        SqlType::Int8(None) => Ok(Kind::Integer),
        SqlType::Text | SqlType::Varchar(None) | SqlType::String(None) => Ok(Kind::Text),
        SqlType::Date => Ok(Kind::Date),
        SqlType::Timestamp(None, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone) => Ok(Kind::Timestamp),
        SqlType::Datetime(None) => Ok(Kind::Timestamp),
        SqlType::Boolean | SqlType::Bool => Ok(Kind::Boolean),
        other => Err(unknown_type(position, other)),
    }
}

fn unknown_type(position: usize, named: &SqlType) -> ExpressionError {
    let remedy = match named {
        SqlType::Decimal(_) | SqlType::Numeric(_) | SqlType::Dec(_) | SqlType::Float(_) | SqlType::Double(_) => {
            "numbers are 64-bit floating point: write CAST(x AS number), and ROUND(x, 2) for two decimals"
        }
        SqlType::Varchar(_) | SqlType::Char(_) | SqlType::Character(_) | SqlType::String(_) => {
            "a text has no fixed length: write CAST(x AS text), and LEFT(x, 10) for ten characters"
        }
        SqlType::SmallInt(_) | SqlType::TinyInt(_) | SqlType::Int(_) | SqlType::Integer(_) | SqlType::BigInt(_) => {
            "whole numbers have 64 bits: write CAST(x AS integer)"
        }
        SqlType::Timestamp(..) => "a timestamp has no zone and no precision: write CAST(x AS timestamp)",
        _ => "the types are number, integer, text, date, timestamp and boolean",
    };
    ExpressionError::not_supported(position, format!("the type {}", super::names::cut(&named.to_string())), remedy)
}
