//! Numbers as people and programs write them.

use super::Decimal;
use super::cells::trimmed;
use super::rejects::Rule;
use crate::units::Money;

/// An amount from text, exact to 1/10,000.
pub(crate) fn money(text: &str, decimal: Decimal) -> Result<Money, Rule> {
    let text = trimmed(text);
    match fixed_point(text.as_bytes(), decimal) {
        Some(amount) => Ok(amount),
        None => float(text, decimal).ok_or(Rule::UnreadableAmount).and_then(money_from_f64),
    }
}

/// An amount from a floating-point number.
pub(crate) fn money_from_f64(amount: f64) -> Result<Money, Rule> {
    if !amount.is_finite() {
        return Err(Rule::NonFiniteAmount);
    }
    Money::from_f64(amount).ok_or(Rule::AmountTooLarge)
}

/// Any number from text, NaN and infinity included where they are spelled out.
pub(crate) fn float(text: &str, decimal: Decimal) -> Option<f64> {
    let text = text.trim();
    match decimal {
        Decimal::Point => text.parse().ok(),
        Decimal::Comma if text.contains('.') => None,
        Decimal::Comma => text.replace(',', ".").parse().ok(),
    }
}

/// The common case without rounding: up to 11 digits, a separator, up to 4 more.
fn fixed_point(text: &[u8], decimal: Decimal) -> Option<Money> {
    let separator = if decimal == Decimal::Point { b'.' } else { b',' };
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let split = digits.iter().position(|&byte| byte == separator).unwrap_or(digits.len());
    let (whole, part) = (&digits[..split], digits.get(split + 1..).unwrap_or(&[]));
    if !(1..=11).contains(&whole.len()) || part.len() > 4 {
        return None;
    }
    let amount = number(whole)? * Money::SCALE + number(part)? * [10_000, 1_000, 100, 10, 1][part.len()];
    Some(Money(if negative { -amount } else { amount }))
}

/// A number of at most 18 digits; 0 where there is none.
fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit < 10).then(|| sum * 10 + i64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_exact_to_the_last_digit() {
        assert_eq!(money("11.77", Decimal::Point), Ok(Money(117_700)));
        assert_eq!(money(" -0.0001 ", Decimal::Point), Ok(Money(-1)));
        assert_eq!(money("12,5", Decimal::Comma), Ok(Money(125_000)));
        assert_eq!(money("1e3", Decimal::Point), Ok(Money(10_000_000)));
        assert_eq!(money("0.00005", Decimal::Point), Ok(Money(1)));
    }

    #[test]
    fn what_is_no_amount_says_why() {
        assert_eq!(money("1e308", Decimal::Point), Err(Rule::AmountTooLarge));
        assert_eq!(money("NaN", Decimal::Point), Err(Rule::NonFiniteAmount));
        assert_eq!(money("1e999", Decimal::Point), Err(Rule::NonFiniteAmount));
        assert_eq!(money("12,50", Decimal::Point), Err(Rule::UnreadableAmount));
        assert_eq!(money("1.250,00", Decimal::Comma), Err(Rule::UnreadableAmount));
        assert_eq!(money("", Decimal::Point), Err(Rule::UnreadableAmount));
        assert_eq!(money(".", Decimal::Point), Err(Rule::UnreadableAmount));
    }
}
