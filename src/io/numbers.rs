//! Numbers as people and programs write them.

use crate::cells::trimmed;
use crate::plan::Decimal;
use crate::rejects::Rule;
use clivia_core::base::Money;

/// An amount from text, exact to 1/10,000.
#[inline]
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
#[inline]
fn fixed_point(text: &[u8], decimal: Decimal) -> Option<Money> {
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
    let amount = number * [10_000, 1_000, 100, 10, 1][part];
    Some(Money(if negative { -amount } else { amount }))
}

#[cfg(test)]
mod tests {
    use crate::numbers::*;

    #[test]
    fn text_is_exact_to_the_last_digit() {
        assert_eq!(money("11.77", Decimal::Point), Ok(Money(117_700)));
        assert_eq!(money(" -0.0001 ", Decimal::Point), Ok(Money(-1)));
        assert_eq!(money("12,5", Decimal::Comma), Ok(Money(125_000)));
        assert_eq!(money("1e3", Decimal::Point), Ok(Money(10_000_000)));
        assert_eq!(money("0.00005", Decimal::Point), Ok(Money(1)));
        assert_eq!(money("12.", Decimal::Point), Ok(Money(120_000)));
        assert_eq!(money("-99999999999.9999", Decimal::Point), Ok(Money(-999_999_999_999_999)));
        assert_eq!(money("00000000000000000001", Decimal::Point), Ok(Money(10_000)));
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
        assert_eq!(money("1.2.3", Decimal::Point), Err(Rule::UnreadableAmount));
        assert_eq!(money("100000000000.5", Decimal::Point), Err(Rule::AmountTooLarge));
    }
}
