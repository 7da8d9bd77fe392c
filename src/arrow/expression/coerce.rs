//! Which kinds stand for which, and what is written where one does not.

use super::dates;
use super::error::ExpressionError;
use super::functions::Need;
use super::names::cut;
use super::syntax::Value;
use super::typed::{Step, Typed};
use super::types::Kind;

/// Up to here a 64-bit floating point number holds every whole number: 2^53.
const EXACT: u64 = 1 << 53;

/// A part as a number.
///
/// # Errors
/// It is a date, a boolean, or a text in quotes.
pub(super) fn number(part: Typed, place: &str) -> Result<Typed, ExpressionError> {
    match part.kind {
        Kind::Number => Ok(part),
        Kind::Integer | Kind::Unknown => Ok(convert(part, Kind::Number)),
        Kind::Text if part.quoted_text().is_none() => Ok(convert(part, Kind::Number)),
        _ => Err(wrong(&part, place, "a number")),
    }
}

/// A part as true or false.
///
/// # Errors
/// It is neither a boolean nor null.
pub(super) fn condition(part: Typed, place: &str) -> Result<Typed, ExpressionError> {
    match part.kind {
        Kind::Boolean => Ok(part),
        Kind::Unknown => Ok(convert(part, Kind::Boolean)),
        _ => Err(wrong(&part, place, "a condition, such as status = 'paid'")),
    }
}

/// An argument as what a function needs.
///
/// # Errors
/// It cannot stand for that.
pub(super) fn needs(part: Typed, need: Need, name: &str) -> Result<Typed, ExpressionError> {
    match need {
        Need::Number => number(part, name),
        Need::Text => Ok(convert(part, Kind::Text)),
        Need::Day => temporal(part, Kind::Date, name),
        Need::Moment => temporal(part, Kind::Timestamp, name),
        Need::Alike => Ok(part),
    }
}

fn temporal(part: Typed, wanted: Kind, place: &str) -> Result<Typed, ExpressionError> {
    match part.kind {
        Kind::Text => text_as(part, wanted),
        kind if kind.is_temporal() || kind == Kind::Unknown => Ok(convert(part, wanted)),
        _ => Err(wrong(&part, place, "a date, such as DATE '2024-12-31'")),
    }
}

/// Brings values that stand side by side to one kind.
///
/// # Errors
/// Their kinds do not go together.
pub(super) fn common(parts: Vec<Typed>, place: &str) -> Result<Vec<Typed>, ExpressionError> {
    let kind = common_kind(&parts, place)?;
    if kind == Kind::Number {
        check_exact(&parts)?;
    }
    parts
        .into_iter()
        .map(|part| if part.kind == Kind::Text { text_as(part, kind) } else { Ok(convert(part, kind)) })
        .collect()
}

/// The kind that all of the parts can be brought to. Nothing but nulls are numbers.
fn common_kind(parts: &[Typed], place: &str) -> Result<Kind, ExpressionError> {
    let mut common = Kind::Unknown;
    for part in parts {
        common = joined(common, part.kind).ok_or_else(|| {
            let message = format!("{place} needs values of one kind, and {} stands beside {common}", described(part));
            ExpressionError::wrong_kind(part.position, message)
        })?;
    }
    Ok(if common == Kind::Unknown { Kind::Number } else { common })
}

/// The kind that stands for both.
fn joined(one: Kind, other: Kind) -> Option<Kind> {
    match (one, other) {
        (one, other) if one == other => Some(one),
        (Kind::Unknown, kind) | (kind, Kind::Unknown) => Some(kind),
        (Kind::Date | Kind::Timestamp, Kind::Date | Kind::Timestamp) => Some(Kind::Timestamp),
        (Kind::Text, kind) | (kind, Kind::Text) if kind.is_temporal() => Some(kind),
        (Kind::Text | Kind::Number | Kind::Integer, Kind::Text | Kind::Number | Kind::Integer) => Some(Kind::Number),
        _ => None,
    }
}

/// A text, where its cells are to be read as another kind; one in quotes is read now, as a date, or refused.
fn text_as(part: Typed, kind: Kind) -> Result<Typed, ExpressionError> {
    match part.quoted_text() {
        Some(text) if kind.is_temporal() => {
            Ok(Typed::constant(part.position, dates::literal(part.position, text, kind)?))
        }
        Some(text) if kind == Kind::Number => {
            let text = cut(text);
            let message = format!(
                "'{text}' is a text and stands beside a number: write a number without quotes, or CAST the other side AS text"
            );
            Err(ExpressionError::wrong_kind(part.position, message))
        }
        _ => Ok(convert(part, kind)),
    }
}

/// Refuses to compare texts with a whole number of more digits than a number holds: ids that differ would be equal.
fn check_exact(parts: &[Typed]) -> Result<(), ExpressionError> {
    if parts.iter().all(|part| part.kind == Kind::Integer || part.kind == Kind::Unknown) {
        return Ok(());
    }
    for part in parts {
        if let Step::Constant(Value::Integer(whole)) = part.step
            && whole.unsigned_abs() > EXACT
        {
            let message = format!("{whole} has more digits than a number holds: write it as a text, '{whole}'");
            return Err(ExpressionError::wrong_kind(part.position, message));
        }
    }
    Ok(())
}

/// What CAST makes of a part.
///
/// # Errors
/// There is no such change of kind.
pub(super) fn cast(part: Typed, target: Kind) -> Result<Typed, ExpressionError> {
    let allowed = match (part.kind, target) {
        (Kind::Text | Kind::Unknown, _) | (_, Kind::Text) => true,
        (from, to) if from == to => true,
        (Kind::Number | Kind::Integer | Kind::Boolean, Kind::Number | Kind::Integer) => true,
        (Kind::Date | Kind::Timestamp, Kind::Date | Kind::Timestamp) => true,
        _ => false,
    };
    if !allowed {
        let message = format!("{} cannot be cast to {target}{}", described(&part), cast_remedy(part.kind, target));
        return Err(ExpressionError::wrong_kind(part.position, message));
    }
    match part.quoted_text() {
        Some(_) if target.is_temporal() => text_as(part, target),
        _ => Ok(convert(part, target)),
    }
}

fn cast_remedy(from: Kind, target: Kind) -> &'static str {
    match (from, target) {
        (from, Kind::Boolean) if from.is_numeric() => ": write x <> 0",
        (from, _) if from.is_temporal() => ": write date1 - date2 for days, or YEAR(date)",
        _ => "",
    }
}

/// The same value as another kind. A null or whole number that is written out is changed now.
pub(super) fn convert(part: Typed, kind: Kind) -> Typed {
    let position = part.position;
    match (&part.step, kind) {
        _ if part.kind == kind => part,
        (Step::Constant(Value::Null), _) => Typed { kind, ..part },
        (Step::Constant(Value::Integer(whole)), Kind::Number) => {
            Typed::constant(position, Value::Number(*whole as f64))
        }
        _ => Typed::new(position, kind, Step::Convert(Box::new(part))),
    }
}

fn wrong(part: &Typed, place: &str, wanted: &str) -> ExpressionError {
    let remedy = match (part.quoted_text(), part.kind) {
        (Some(_), _) if wanted == "a number" => ": write a number without quotes",
        (_, Kind::Boolean) if wanted == "a number" => ": write CASE WHEN condition THEN 1 ELSE 0 END",
        (_, kind) if kind.is_temporal() && wanted == "a number" => ": two dates have a difference, date1 - date2",
        _ => "",
    };
    ExpressionError::wrong_kind(
        part.position,
        format!("{place} needs {wanted}, and {} stands here{remedy}", described(part)),
    )
}

/// A part in words.
fn described(part: &Typed) -> String {
    match part.quoted_text() {
        Some(text) => format!("the text '{}'", cut(text)),
        None => part.kind.to_string(),
    }
}
