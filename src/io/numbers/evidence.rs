//! Which decimal sign a column is written with: what its values tell.

use clivia_core::base::Money;

use crate::blocks::RowNumbers;
use crate::cells::{Cells, NO_AMOUNT, trimmed};
use crate::error::{Question, Reading};
use crate::numbers::currencies::Currency;
use crate::numbers::figure::Sense;
use crate::numbers::written::Written;
use crate::numbers::{fixed_point, read};
use crate::plan::Decimal;
use crate::rejects::Rule;

/// What the amounts of a column tell of their decimal sign, and in which currencies they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct NumberEvidence {
    /// By what the signs of a value tell.
    seen: [Seen; 5],
    /// Filled cells that are no amount with either sign.
    pub(super) unreadable: u64,
    /// In alphabetical order.
    currencies: Vec<(Currency, u64)>,
}

/// Values that tell the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Seen {
    values: u64,
    /// With the decimal sign that they show.
    total: i128,
    first: Option<Example>,
}

/// A value of the column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Example {
    pub(crate) row: u64,
    pub(crate) text: String,
}

/// What a column tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DecimalVerdict {
    Settled(Decimal),
    /// The same values are numbers with either sign, and no other tells.
    Question(Readings),
    /// Some values are numbers with the one sign only, some with the other only.
    Mixed(Readings),
}

/// A column read in both ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Readings {
    /// Sums in units of [`Money`].
    pub(crate) point_total: i128,
    pub(crate) comma_total: i128,
    /// Values that are amounts with this sign only.
    pub(crate) only_point: u64,
    pub(crate) only_comma: u64,
    /// Values that are other amounts with either sign.
    pub(crate) open: u64,
    /// The first value that is open, and the first of each sign.
    pub(crate) open_example: Option<Example>,
    pub(crate) point_example: Option<Example>,
    pub(crate) comma_example: Option<Example>,
}

/// Of how many values one may be at odds with the sign of its column.
const ONE_IN: u64 = 1_000;
/// What a group of three digits behind a decimal sign is short of, where the sign separates thousands.
const THOUSAND: i128 = 1_000;
/// Characters of a value that is shown.
const EXAMPLE_CHARS: usize = 40;

impl NumberEvidence {
    /// What a column of a block tells; one of numbers has nothing to tell.
    pub(crate) fn of(cells: &Cells, rows: &RowNumbers) -> Self {
        let mut evidence = NumberEvidence::default();
        if let Cells::Text(texts) = cells {
            texts.each(|row, text| evidence.add(row as u64, text));
        }
        evidence.at(rows)
    }

    /// Takes a value.
    pub(crate) fn add(&mut self, row: u64, text: &str) {
        // Why it cannot be used is for the reader to say.
        let _ = self.read(row, text, Decimal::Point);
    }

    /// Takes a value, and reads it as [`money`](crate::numbers::money) does.
    #[inline(never)]
    pub(crate) fn read(&mut self, row: u64, text: &str, decimal: Decimal) -> Result<Money, Rule> {
        let text = trimmed(text);
        match fixed_point(text.as_bytes(), decimal) {
            Some((amount, sense)) => {
                self.note(row, text, sense, amount);
                Ok(amount)
            }
            None if text.is_empty() => Err(Rule::MissingAmount),
            None => self.read_written(row, text, decimal),
        }
    }

    /// The same; [`NO_AMOUNT`] where it is none. Nearly all values of a long file end before a reason is worked out.
    #[inline(always)]
    pub(crate) fn amount(&mut self, row: u64, text: &str, decimal: Decimal) -> Money {
        match fixed_point(text.as_bytes(), decimal) {
            Some((amount, sense)) => {
                self.note(row, text, sense, amount);
                amount
            }
            None => self.read(row, text, decimal).unwrap_or(NO_AMOUNT),
        }
    }

    #[inline(never)]
    fn read_written(&mut self, row: u64, text: &str, decimal: Decimal) -> Result<Money, Rule> {
        let written = read(text).inspect_err(|_| self.unreadable += 1)?;
        let shown = written.figure.sense.shown().unwrap_or(decimal);
        let amount = written.money(shown);
        match amount {
            Ok(amount) => self.note_written(row, text, &written, amount),
            Err(_) => self.unreadable += 1,
        }
        if shown == decimal { amount } else { written.money(decimal) }
    }

    fn note_written(&mut self, row: u64, text: &str, written: &Written, amount: Money) {
        self.note(row, text, written.figure.sense, amount);
        if let Some(currency) = written.currency {
            self.note_currency(currency, 1);
        }
    }

    fn note_currency(&mut self, currency: Currency, values: u64) {
        match self.currencies.iter_mut().find(|(known, _)| *known == currency) {
            Some((_, known)) => *known += values,
            None => {
                self.currencies.push((currency, values));
                self.currencies.sort_unstable();
            }
        }
    }

    #[inline(always)]
    fn note(&mut self, row: u64, text: &str, sense: Sense, amount: Money) {
        let seen = &mut self.seen[sense.number()];
        seen.values += 1;
        seen.total += i128::from(amount.0);
        if seen.values == 1 {
            seen.first = Some(Example::new(row, text));
        }
    }

    /// The same, where rows were counted within their block.
    pub(crate) fn at(mut self, rows: &RowNumbers) -> Self {
        let examples = self.seen.iter_mut().filter_map(|seen| seen.first.as_mut());
        examples.for_each(|example| example.row = rows.get(example.row as usize));
        self
    }

    /// Adds what other values of the column tell, in whatever order.
    pub(crate) fn merge(&mut self, other: &NumberEvidence) {
        self.seen.iter_mut().zip(&other.seen).for_each(|(seen, other)| seen.merge(other));
        self.unreadable += other.unreadable;
        other.currencies.iter().for_each(|(currency, values)| self.note_currency(*currency, *values));
    }

    /// The decimal sign of the column: the one that is stated, else the one with which 999 of 1,000 values are amounts.
    /// Where that is true of both, since few values tell, the same is asked of those that have a sign at all: a thousand of
    /// `3.000` beside one of `1.50` remain a question.
    pub(crate) fn decide(&self, stated: Option<Decimal>) -> DecimalVerdict {
        if let Some(decimal) = stated {
            return DecimalVerdict::Settled(decimal);
        }
        let readable: u64 = self.seen.iter().map(|seen| seen.values).sum();
        let (open, likelier) = (self.open(), self.likelier());
        match [Decimal::Point, Decimal::Comma].map(|decimal| self.holds(decimal, readable)) {
            [true, false] => DecimalVerdict::Settled(Decimal::Point),
            [false, true] => DecimalVerdict::Settled(Decimal::Comma),
            [false, false] => DecimalVerdict::Mixed(self.readings()),
            [true, true] if open == 0 => DecimalVerdict::Settled(likelier),
            [true, true] => {
                let telling = open + self.only(Decimal::Point) + self.only(Decimal::Comma);
                let settled = self.holds(likelier, telling) && !self.holds(likelier.other(), telling);
                if settled { DecimalVerdict::Settled(likelier) } else { DecimalVerdict::Question(self.readings()) }
            }
        }
    }

    /// Whether all but a few of so many values are amounts with this sign.
    fn holds(&self, decimal: Decimal, values: u64) -> bool {
        u128::from(self.only(decimal.other())) * u128::from(ONE_IN) <= u128::from(values)
    }

    fn likelier(&self) -> Decimal {
        if self.only(Decimal::Comma) > self.only(Decimal::Point) { Decimal::Comma } else { Decimal::Point }
    }

    fn only(&self, decimal: Decimal) -> u64 {
        self.of_sense(Sense::Only(decimal)).values
    }

    /// Values that are other amounts with either sign.
    fn open(&self) -> u64 {
        [Decimal::Point, Decimal::Comma].map(|decimal| self.of_sense(Sense::Either(decimal)).values).iter().sum()
    }

    fn of_sense(&self, sense: Sense) -> &Seen {
        &self.seen[sense.number()]
    }

    /// The column read in both ways.
    pub(crate) fn readings(&self) -> Readings {
        let example = |sense| self.of_sense(sense).first.clone();
        let open = [Decimal::Point, Decimal::Comma].map(|decimal| example(Sense::Either(decimal)));
        Readings {
            point_total: self.total(Decimal::Point),
            comma_total: self.total(Decimal::Comma),
            only_point: self.only(Decimal::Point),
            only_comma: self.only(Decimal::Comma),
            open: self.open(),
            open_example: open.into_iter().flatten().min(),
            point_example: example(Sense::Only(Decimal::Point)),
            comma_example: example(Sense::Only(Decimal::Comma)),
        }
    }

    /// The sum of all that are amounts with this sign, in units of [`Money`].
    pub(crate) fn total(&self, decimal: Decimal) -> i128 {
        let of = |sense| self.of_sense(sense).total;
        let plain = of(Sense::Alike) + of(Sense::Only(decimal)) + of(Sense::Either(decimal));
        plain + THOUSAND * of(Sense::Either(decimal.other()))
    }

    /// The currencies that stand beside amounts, and how often.
    pub(crate) fn currencies(&self) -> impl Iterator<Item = (Currency, u64)> + '_ {
        self.currencies.iter().copied()
    }
}

impl Readings {
    /// A point or a comma: what is meant.
    pub(crate) fn question(&self, file: &str, column: &str) -> Question {
        let shown = |example: &Option<Example>| {
            example.as_ref().map(|example| format!("'{}' in row {}", example.text, example.row)).unwrap_or_default()
        };
        let seen = match self.open_example {
            Some(_) => format!(
                "{} may have thousands or decimals behind its sign, and no value of the column tells",
                shown(&self.open_example)
            ),
            None => format!(
                "some values have a decimal point, such as {}, others a decimal comma, such as {}",
                shown(&self.point_example),
                shown(&self.comma_example)
            ),
        };
        let reading = |meaning: &str, sum: i128, decimal: &str| Reading {
            meaning: meaning.into(),
            total: i64::try_from(sum).ok().map(Money),
            setting: format!("read.decimal = \"{decimal}\""),
        };
        let readings = vec![
            reading("with a decimal point, as in 1,234.50", self.point_total, "point"),
            reading("with a decimal comma, as in 1.234,50", self.comma_total, "comma"),
        ];
        Question { file: file.into(), column: column.into(), seen, readings }
    }
}

impl Example {
    #[cold]
    fn new(row: u64, text: &str) -> Self {
        Example { row, text: text.chars().take(EXAMPLE_CHARS).collect() }
    }
}

impl Seen {
    fn merge(&mut self, other: &Seen) {
        self.values += other.values;
        self.total += other.total;
        self.first = self.first.take().into_iter().chain(other.first.clone()).min();
    }
}

impl Sense {
    /// Its place among what may be told.
    fn number(self) -> usize {
        match self {
            Sense::Alike => 0,
            Sense::Only(Decimal::Point) => 1,
            Sense::Only(Decimal::Comma) => 2,
            Sense::Either(Decimal::Point) => 3,
            Sense::Either(Decimal::Comma) => 4,
        }
    }

    /// The decimal sign that a value shows, be it one or not.
    fn shown(self) -> Option<Decimal> {
        match self {
            Sense::Alike => None,
            Sense::Only(decimal) | Sense::Either(decimal) => Some(decimal),
        }
    }
}
