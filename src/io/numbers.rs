//! Numbers as people and programs write them.

mod currencies;
mod evidence;
mod figure;
mod survey;
mod written;

use clivia_core::base::Money;

use crate::cells::trimmed;
use crate::plan::Decimal;
use crate::rejects::Rule;

pub(crate) use currencies::Currency;
pub(crate) use evidence::{DecimalVerdict, NumberEvidence};
pub(crate) use survey::settle;

use figure::Sense;
use written::Written;

/// An amount from text, exact to 1/10,000: `1,234.50`, `(182.77)`, `40,00- €`.
#[inline]
pub(crate) fn money(text: &str, decimal: Decimal) -> Result<Money, Rule> {
    let text = trimmed(text);
    match fixed_point(text.as_bytes(), decimal) {
        Some((amount, _)) => Ok(amount),
        None => read(text)?.money(decimal),
    }
}

/// As [`money`], with the currency that stands beside the number.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn money_and_currency(text: &str, decimal: Decimal) -> Result<(Money, Option<Currency>), Rule> {
    let written = read(text)?;
    Ok((written.money(decimal)?, written.currency))
}

/// An amount from a floating-point number.
pub(crate) fn money_from_f64(amount: f64) -> Result<Money, Rule> {
    if !amount.is_finite() {
        return Err(Rule::NonFiniteAmount);
    }
    Money::from_f64(amount).ok_or(Rule::AmountTooLarge)
}

/// Any number from text, written like an amount; NaN and infinity included where they are spelled out.
pub(crate) fn float(text: &str, decimal: Decimal) -> Option<f64> {
    let plain = || text.trim().parse().ok();
    let point = (decimal == Decimal::Point).then(plain).flatten();
    point.or_else(|| match Written::read(text) {
        Some(written) => written.float(decimal),
        // Without a digit there are only the words.
        None => plain().filter(|number: &f64| !number.is_finite()),
    })
}

/// What is written, or why it is no number.
fn read(text: &str) -> Result<Written, Rule> {
    let word = || text.trim().parse::<f64>().is_ok_and(|number| !number.is_finite());
    Written::read(text).ok_or_else(|| if word() { Rule::NonFiniteAmount } else { Rule::UnreadableAmount })
}

/// The common case at once: up to 11 digits, a decimal sign, up to 4 more.
#[inline]
fn fixed_point(text: &[u8], decimal: Decimal) -> Option<(Money, Sense)> {
    let separator = if decimal == Decimal::Point { b'.' } else { b',' };
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let (mut number, mut point) = (0, None);
    for (at, byte) in digits.iter().enumerate().take(17) {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            number = number * 10 + i64::from(digit);
        } else if *byte == separator && point.is_none() {
            point = Some(at);
        } else {
            return None;
        }
    }
    let whole = point.unwrap_or(digits.len());
    let part = digits.len() - point.map_or(whole, |point| point + 1);
    if !(1..=11).contains(&whole) || part > 4 {
        return None;
    }
    let sense = match point {
        None => Sense::Alike,
        Some(1..=3) if part == 3 && digits[0] != b'0' => Sense::Either(decimal),
        Some(_) => Sense::Only(decimal),
    };
    let amount = number * [10_000, 1_000, 100, 10, 1][part];
    Some((Money(if negative { -amount } else { amount }), sense))
}

#[cfg(test)]
mod tests;
