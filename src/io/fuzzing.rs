//! Doors for the fuzz targets in `fuzz/` to what is private here; no part of what clivia promises.

use clivia_core::base::Money;

use crate::numbers::{self, DecimalVerdict, NumberEvidence};
use crate::plan::Decimal;
use crate::rejects::Rule;

/// An amount from text.
///
/// # Errors
/// The [`Rule`] by which it is refused.
pub fn money(text: &str, decimal: Decimal) -> Result<Money, Rule> {
    let amount = numbers::money(text, decimal);
    // The same number by way of the currency.
    assert_eq!(amount, numbers::money_and_currency(text, decimal).map(|(amount, _)| amount));
    amount
}

/// A number from text.
pub fn float(text: &str, decimal: Decimal) -> Option<f64> {
    numbers::float(text, decimal)
}

/// What a column of amounts comes to with a decimal point and with a comma, and its sign where that is settled.
pub fn amounts<'a>(texts: impl Iterator<Item = &'a str>) -> ([i128; 2], Option<Decimal>) {
    let mut evidence = NumberEvidence::default();
    texts.zip(2..).for_each(|(text, row)| evidence.add(row, text));
    let settled = match evidence.decide(None) {
        DecimalVerdict::Settled(decimal) => Some(decimal),
        DecimalVerdict::Question(_) | DecimalVerdict::Mixed(_) => None,
    };
    ([Decimal::Point, Decimal::Comma].map(|decimal| evidence.total(decimal)), settled)
}
