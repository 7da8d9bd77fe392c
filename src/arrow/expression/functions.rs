//! Every function of the language, one row each: how it is written, what it takes and gives, and what works it out.
//! To add a function, add a row and its kernel.

use std::fmt;

use super::column::Column;
use super::error::ExpressionError;
use super::kernels::{Call, dates, numbers, texts};
use super::types::Kind;

/// A function over the values of one row.
pub(super) struct Function {
    /// Its name, in capitals.
    pub(super) name: &'static str,
    /// Other names for it.
    also: &'static [&'static str],
    /// How it is written.
    pub(super) signature: &'static str,
    /// What it means, in one line.
    meaning: &'static str,
    /// What its arguments must be.
    required: &'static [Need],
    /// What further arguments must be.
    optional: &'static [Need],
    /// What any number of arguments after those must be.
    rest: Option<Need>,
    /// The kind of its result; that of its first argument for `None`.
    pub(super) gives: Option<Kind>,
    /// What works it out.
    pub(super) work: Work,
}

/// What an argument must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Number,
    Text,
    Day,
    Moment,
    /// All arguments are brought to one kind.
    Alike,
}

/// What works a function out.
pub(super) enum Work {
    /// From the values of all its arguments.
    Values(fn(&Call<'_>) -> Result<Column, ExpressionError>),
    /// COALESCE: an argument is needed only where those before it are null.
    FirstValue,
}

impl fmt::Debug for Function {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

impl Function {
    /// Whether it can have this many arguments.
    pub(super) fn takes(&self, arguments: usize) -> bool {
        let most = if self.rest.is_some() { usize::MAX } else { self.required.len() + self.optional.len() };
        (self.required.len()..=most).contains(&arguments)
    }

    /// What the argument of this number must be.
    pub(super) fn need(&self, argument: usize) -> Option<Need> {
        self.required.iter().chain(self.optional).nth(argument).copied().or(self.rest)
    }
}

/// The function of this name, which is in capitals.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name || function.also.contains(&name))
}

/// The names of all functions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().flat_map(|function| std::iter::once(function.name).chain(function.also.iter().copied()))
}

/// Every function: how it is written, and what it means.
pub fn functions() -> impl Iterator<Item = (&'static str, &'static str)> {
    FUNCTIONS.iter().map(|function| (function.signature, function.meaning))
}

use Kind::{Boolean, Date, Integer, Number, Text};
use Need::{Alike, Day, Moment};
const N: Need = Need::Number;
const T: Need = Need::Text;

type Kernel = fn(&Call<'_>) -> Result<Column, ExpressionError>;

/// A row of the table.
const fn row(
    signature: &'static str,
    required: &'static [Need],
    gives: Kind,
    kernel: Kernel,
    meaning: &'static str,
) -> Function {
    let name = name_of(signature);
    let work = Work::Values(kernel);
    Function { name, also: &[], signature, meaning, required, optional: &[], rest: None, gives: Some(gives), work }
}

/// The name before the bracket of a signature.
const fn name_of(signature: &'static str) -> &'static str {
    let mut length = 0;
    while signature.as_bytes()[length] != b'(' {
        length += 1;
    }
    signature.split_at(length).0
}

impl Function {
    const fn or(self, also: &'static [&'static str]) -> Self {
        Self { also, ..self }
    }

    const fn then(self, optional: &'static [Need]) -> Self {
        Self { optional, ..self }
    }

    const fn many(self, rest: Need) -> Self {
        Self { rest: Some(rest), ..self }
    }

    /// The result has the kind of the arguments.
    const fn alike(self) -> Self {
        Self { gives: None, ..self }
    }

    const fn worked_by(self, work: Work) -> Self {
        Self { work, ..self }
    }
}

#[rustfmt::skip]
static FUNCTIONS: &[Function] = &[
    // Numbers.
    row("ABS(x)", &[N], Number, |call| numbers::one(call, f64::abs), "x without its sign"),
    row("ROUND(x [, digits])", &[N], Number, numbers::round, "x to so many decimals (0 if not given); halves away from zero").then(&[N]),
    row("FLOOR(x)", &[N], Number, |call| numbers::one(call, f64::floor), "the largest whole number not above x"),
    row("CEIL(x)", &[N], Number, |call| numbers::one(call, f64::ceil), "the smallest whole number not below x").or(&["CEILING"]),
    row("SIGN(x)", &[N], Number, |call| numbers::one(call, numbers::sign), "-1, 0 or 1"),
    row("SQRT(x)", &[N], Number, |call| numbers::one(call, f64::sqrt), "the square root; null below 0"),
    row("POWER(x, y)", &[N, N], Number, |call| numbers::two(call, f64::powf), "x to the power y").or(&["POW"]),
    row("EXP(x)", &[N], Number, |call| numbers::one(call, f64::exp), "e to the power x"),
    row("LN(x)", &[N], Number, |call| numbers::one(call, f64::ln), "the natural logarithm; null at 0 and below"),
    row("LOG10(x)", &[N], Number, |call| numbers::one(call, f64::log10), "the logarithm to base 10; null at 0 and below"),
    row("MOD(x, y)", &[N, N], Number, |call| numbers::two(call, |x, y| x % y), "the remainder of x / y, with the sign of x; null if y is 0"),
    // Values of any one kind.
    row("GREATEST(a, b, ...)", &[Alike], Number, numbers::greatest, "the largest of the values; nulls are left out").many(Alike).alike(),
    row("LEAST(a, b, ...)", &[Alike], Number, numbers::least, "the smallest of the values; nulls are left out").many(Alike).alike(),
    row("COALESCE(a, b, ...)", &[Alike], Number, numbers::greatest, "the first of the values that is not null").many(Alike).alike().worked_by(Work::FirstValue),
    row("NULLIF(a, b)", &[Alike, Alike], Number, numbers::null_if, "null where a = b, else a").alike(),
    // Texts.
    row("LOWER(text)", &[T], Text, texts::lower, "the text in small letters"),
    row("UPPER(text)", &[T], Text, texts::upper, "the text in capitals"),
    row("TRIM(text [, characters])", &[T], Text, texts::trim, "the text without white space, or the characters given, at both ends").then(&[T]),
    row("LTRIM(text [, characters])", &[T], Text, texts::trim_start, "the same at the beginning").then(&[T]),
    row("RTRIM(text [, characters])", &[T], Text, texts::trim_end, "the same at the end").then(&[T]),
    row("LENGTH(text)", &[T], Integer, texts::length, "the number of characters"),
    row("REPLACE(text, part, other)", &[T, T, T], Text, texts::replace, "the text with every part replaced by the other"),
    row("SUBSTR(text, start [, length])", &[T, N], Text, texts::substr, "the characters from start, which counts from 1; null if start is below 1 or length below 0").or(&["SUBSTRING"]).then(&[N]),
    row("LEFT(text, n)", &[T, N], Text, texts::left, "the first n characters; null if n is below 0"),
    row("RIGHT(text, n)", &[T, N], Text, texts::right, "the last n characters; null if n is below 0"),
    row("CONCAT(a, b, ...)", &[T], Text, texts::concat, "the texts one after another; nulls are left out").many(T),
    row("STARTS_WITH(text, part)", &[T, T], Boolean, texts::starts_with, "whether the text begins with the part"),
    row("ENDS_WITH(text, part)", &[T, T], Boolean, texts::ends_with, "whether the text ends with the part"),
    row("CONTAINS(text, part)", &[T, T], Boolean, texts::contains, "whether the part is in the text"),
    row("SPLIT_PART(text, separator, n)", &[T, T, N], Text, texts::split_part, "the n-th piece between separators, from 1; empty past the last, null if n is below 1"),
    row("LPAD(text, n [, fill])", &[T, N], Text, texts::pad_start, "the text filled up at the beginning, or cut, to n characters").then(&[T]),
    row("RPAD(text, n [, fill])", &[T, N], Text, texts::pad_end, "the text filled up at the end, or cut, to n characters").then(&[T]),
    // Dates.
    row("DATE(x)", &[Day], Date, dates::date, "the day of a date, a timestamp, or a text such as 2024-12-31"),
    row("YEAR(date)", &[Day], Integer, dates::year, "the year; also EXTRACT(YEAR FROM date)"),
    row("QUARTER(date)", &[Day], Integer, dates::quarter, "the quarter, 1 to 4"),
    row("MONTH(date)", &[Day], Integer, dates::month, "the month, 1 to 12"),
    row("DAY(date)", &[Day], Integer, dates::day, "the day of the month, 1 to 31"),
    row("HOUR(timestamp)", &[Moment], Integer, dates::hour, "the hour, 0 to 23"),
    row("DATE_DIFF(later, earlier)", &[Day, Day], Number, dates::days_between, "whole days from the second date to the first"),
];
