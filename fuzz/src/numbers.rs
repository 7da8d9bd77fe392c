//! Amounts: what is read is read again where it is printed, and a column adds up to its values.

use clivia_core::base::Money;
use clivia_io::fuzzing::{amounts, float, money};
use clivia_io::plan::Decimal;

const SIGNS: [Decimal; 2] = [Decimal::Point, Decimal::Comma];

/// Amounts, and columns of them.
pub const SEEDS: &[&str] = &[
    "12.50",
    "-0,0001",
    "1,234.50",
    "1.234,50 €",
    "1 234\u{a0}567,5",
    "1'234.50",
    "12,34,567.00",
    "40,00-",
    "($1,182.77)",
    "\u{2212}5 USD",
    "'12.50",
    "kr 199,-",
    "1.5E+02",
    "99999999999.99995",
    "12 %",
    "NaN",
    "990\n3.000\n0.250",
    "1.298,85 €\n99,00 €\n-2,40 €\n",
    "2,590\n766\n5,103\n",
];

/// Checks an amount, and each line as a value of a column.
pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    SIGNS.into_iter().for_each(|decimal| check_amount(&text, decimal));
    check_column(&text);
}

fn check_amount(text: &str, decimal: Decimal) {
    let Ok(amount) = money(text, decimal) else { return };
    assert!(-Money::MAX_ROW <= amount && amount <= Money::MAX_ROW, "{text:?}");
    let printed = amount.to_string();
    assert_eq!(money(&printed, Decimal::Point), Ok(amount), "{text:?} as {printed}");
    assert_eq!(money(&printed.replace('.', ","), Decimal::Comma), Ok(amount), "{text:?} as {printed}");
    assert_eq!(money(&format!("\u{a0}{text}\t"), decimal), Ok(amount), "{text:?} between blanks");
    let near = float(text, decimal).map(|number| (number * Money::SCALE as f64 - amount.0 as f64).abs());
    assert!(near.is_some_and(|off| off <= 1.0), "{text:?} is {amount}, and {near:?} away from it");
}

fn check_column(text: &str) {
    let (totals, settled) = amounts(text.lines());
    let read = SIGNS.map(|decimal| text.lines().map(|line| money(line, decimal).ok()).collect::<Vec<_>>());
    for (total, read) in totals.iter().zip(&read) {
        let sum: i128 = read.iter().flatten().map(|amount| i128::from(amount.0)).sum();
        assert_eq!(*total, sum, "{text:?}");
    }
    let [point, comma] = &read;
    let lost = |kept: &[Option<Money>], other: &[Option<Money>]| {
        kept.iter().zip(other).filter(|(kept, other)| kept.is_none() && other.is_some()).count()
    };
    let readable = point.iter().zip(comma).filter(|(point, comma)| point.is_some() || comma.is_some()).count();
    let lost = match settled {
        Some(Decimal::Point) => lost(point, comma),
        Some(Decimal::Comma) => lost(comma, point),
        None => return,
    };
    assert!(lost * 1_000 <= readable, "{text:?} is settled and loses {lost} of {readable}");
}
