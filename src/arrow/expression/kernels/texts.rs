//! Functions of texts. Arrow has no kernels for most of them, so these go from row to row; each asks how long a result
//! will be before it makes one.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{BooleanArray, Int64Array, StringBuilder};
use arrow::compute::kernels::comparison;
use arrow::error::ArrowError;

use super::Call;
use crate::expression::column::{Column, MOST_TEXT_BYTES};
use crate::expression::error::ExpressionError;
use crate::expression::limits::MOST_CELL_CHARACTERS;

/// The text of a row, null, or why it cannot be made.
type Cell<'a> = Result<Option<Cow<'a, str>>, ExpressionError>;

/// Makes a column of texts, row by row; rows that are not needed are null.
fn texts<'a>(call: &Call<'_>, cell: impl Fn(usize) -> Cell<'a>) -> Result<Column, ExpressionError> {
    let mut builder = StringBuilder::new();
    let mut bytes = 0_usize;
    for row in 0..call.rows {
        let text = if call.needs(row) { cell(row)? } else { None };
        bytes += text.as_ref().map_or(0, |text| text.len());
        if bytes > MOST_TEXT_BYTES {
            return Err(ExpressionError::BlockTooLarge { position: call.position, rows: call.rows });
        }
        builder.append_option(text);
    }
    Ok(call.result(Arc::new(builder.finish())))
}

/// A function of one text that makes it no longer than by letters that have a longer twin.
fn each(call: &Call<'_>, work: fn(&str) -> String) -> Result<Column, ExpressionError> {
    texts(call, |row| Ok(call.arguments[0].text(row).map(|text| Cow::Owned(work(text)))))
}

/// A function that gives a part of the text.
fn part<'a>(call: &'a Call<'_>, work: impl Fn(&'a str, usize) -> Option<&'a str>) -> Result<Column, ExpressionError> {
    texts(call, |row| Ok(call.arguments[0].text(row).and_then(|text| work(text, row)).map(Cow::Borrowed)))
}

/// Refuses a text of so many bytes before it is made. A text in a file may be longer; one made here may not.
fn check(call: &Call<'_>, characters: usize) -> Result<(), ExpressionError> {
    if characters > MOST_CELL_CHARACTERS {
        return Err(ExpressionError::CellTooLong { position: call.position });
    }
    Ok(())
}

fn count(text: &str) -> usize {
    text.chars().count()
}

/// The number of an argument as a count: rounded, and null below `least`.
fn counted(call: &Call<'_>, argument: usize, row: usize, least: f64) -> Option<usize> {
    let number = call.arguments.get(argument)?.number(row)?.round();
    // A cast of a number that is too large gives the largest count.
    (number >= least).then_some(number as usize)
}

pub(in crate::expression) fn lower(call: &Call<'_>) -> Result<Column, ExpressionError> {
    each(call, str::to_lowercase)
}

pub(in crate::expression) fn upper(call: &Call<'_>) -> Result<Column, ExpressionError> {
    each(call, str::to_uppercase)
}

/// What a trim takes off: white space, or the characters of the second argument.
fn trimmed<'a>(call: &'a Call<'_>, start: bool, end: bool) -> Result<Column, ExpressionError> {
    part(call, |text: &'a str, row| {
        let characters = match call.arguments.get(1) {
            Some(characters) => Some(characters.text(row)?),
            None => None,
        };
        let goes = |character: char| characters.map_or(character.is_whitespace(), |these| these.contains(character));
        let text = if start { text.trim_start_matches(goes) } else { text };
        Some(if end { text.trim_end_matches(goes) } else { text })
    })
}

pub(in crate::expression) fn trim(call: &Call<'_>) -> Result<Column, ExpressionError> {
    trimmed(call, true, true)
}

pub(in crate::expression) fn trim_start(call: &Call<'_>) -> Result<Column, ExpressionError> {
    trimmed(call, true, false)
}

pub(in crate::expression) fn trim_end(call: &Call<'_>) -> Result<Column, ExpressionError> {
    trimmed(call, false, true)
}

pub(in crate::expression) fn length(call: &Call<'_>) -> Result<Column, ExpressionError> {
    let lengths =
        (0..call.rows).map(|row| call.arguments[0].text(row).and_then(|text| i64::try_from(count(text)).ok()));
    Ok(call.result(Arc::new(lengths.collect::<Int64Array>())))
}

pub(in crate::expression) fn replace(call: &Call<'_>) -> Result<Column, ExpressionError> {
    let [text, part, other] = call.arguments else { return Err(missing(call)) };
    texts(call, |row| {
        let (Some(text), Some(part), Some(other)) = (text.text(row), part.text(row), other.text(row)) else {
            return Ok(None);
        };
        if part.is_empty() || !text.contains(part) {
            return Ok(Some(Cow::Borrowed(text)));
        }
        if other.len() > part.len() {
            let places = text.matches(part).count();
            check(call, count(text) - places * count(part) + places * count(other))?;
        }
        Ok(Some(Cow::Owned(text.replace(part, other))))
    })
}

/// The text from a character to another, counted from 0; `to` may lie past the end.
fn between(text: &str, from: usize, to: usize) -> &str {
    let place = |characters: usize| text.char_indices().nth(characters).map_or(text.len(), |(place, _)| place);
    let start = if from == 0 { 0 } else { place(from) };
    let end = if to >= text.len() { text.len() } else { place(to) };
    text.get(start..end).unwrap_or_default()
}

pub(in crate::expression) fn substr(call: &Call<'_>) -> Result<Column, ExpressionError> {
    part(call, |text, row| {
        let from = counted(call, 1, row, 1.0)? - 1;
        let to = match call.arguments.len() {
            2 => usize::MAX,
            _ => from.saturating_add(counted(call, 2, row, 0.0)?),
        };
        Some(between(text, from, to))
    })
}

pub(in crate::expression) fn left(call: &Call<'_>) -> Result<Column, ExpressionError> {
    part(call, |text, row| Some(between(text, 0, counted(call, 1, row, 0.0)?)))
}

pub(in crate::expression) fn right(call: &Call<'_>) -> Result<Column, ExpressionError> {
    part(call, |text, row| {
        let characters = counted(call, 1, row, 0.0)?;
        Some(between(text, count(text).saturating_sub(characters), usize::MAX))
    })
}

/// CONCAT: nulls are left out.
pub(in crate::expression) fn concat(call: &Call<'_>) -> Result<Column, ExpressionError> {
    texts(call, |row| {
        let parts: Vec<&str> = call.arguments.iter().filter_map(|argument| argument.text(row)).collect();
        check(call, parts.iter().map(|part| count(part)).sum())?;
        Ok(Some(Cow::Owned(parts.concat())))
    })
}

/// `a || b`: null if either is.
pub(in crate::expression) fn join(call: &Call<'_>) -> Result<Column, ExpressionError> {
    let [left, right] = call.arguments else { return Err(missing(call)) };
    texts(call, |row| {
        let (Some(left), Some(right)) = (left.text(row), right.text(row)) else { return Ok(None) };
        check(call, count(left) + count(right))?;
        Ok(Some(Cow::Owned([left, right].concat())))
    })
}

pub(in crate::expression) fn starts_with(call: &Call<'_>) -> Result<Column, ExpressionError> {
    found(call, comparison::starts_with(&call.arguments[0], &call.arguments[1]))
}

pub(in crate::expression) fn ends_with(call: &Call<'_>) -> Result<Column, ExpressionError> {
    found(call, comparison::ends_with(&call.arguments[0], &call.arguments[1]))
}

pub(in crate::expression) fn contains(call: &Call<'_>) -> Result<Column, ExpressionError> {
    found(call, comparison::contains(&call.arguments[0], &call.arguments[1]))
}

fn found(call: &Call<'_>, result: Result<BooleanArray, ArrowError>) -> Result<Column, ExpressionError> {
    result.map(|found| call.result(Arc::new(found))).map_err(|error| ExpressionError::kernel(call.position, error))
}

pub(in crate::expression) fn split_part(call: &Call<'_>) -> Result<Column, ExpressionError> {
    part(call, |text, row| {
        let (separator, place) = (call.arguments.get(1)?.text(row)?, counted(call, 2, row, 1.0)? - 1);
        if separator.is_empty() {
            return Some(if place == 0 { text } else { "" });
        }
        Some(text.split(separator).nth(place).unwrap_or_default())
    })
}

pub(in crate::expression) fn pad_start(call: &Call<'_>) -> Result<Column, ExpressionError> {
    padded(call, |text, fill| format!("{fill}{text}"))
}

pub(in crate::expression) fn pad_end(call: &Call<'_>) -> Result<Column, ExpressionError> {
    padded(call, |text, fill| format!("{text}{fill}"))
}

fn padded(call: &Call<'_>, together: fn(&str, &str) -> String) -> Result<Column, ExpressionError> {
    texts(call, |row| {
        let (Some(text), Some(wanted)) = (call.arguments[0].text(row), counted(call, 1, row, 0.0)) else {
            return Ok(None);
        };
        let fill = match call.arguments.get(2).map(|fill| fill.text(row)) {
            Some(None) => return Ok(None),
            Some(Some(fill)) => fill,
            None => " ",
        };
        check(call, wanted)?;
        let missing = wanted.saturating_sub(count(text));
        if missing == 0 || fill.is_empty() {
            return Ok(Some(Cow::Borrowed(between(text, 0, wanted))));
        }
        let filling: String = fill.chars().cycle().take(missing).collect();
        Ok(Some(Cow::Owned(together(text, &filling))))
    })
}

fn missing(call: &Call<'_>) -> ExpressionError {
    ExpressionError::syntax(call.position, "a value is missing")
}
