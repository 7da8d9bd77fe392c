//! Writes amounts as people and programs do.

use proptest::prelude::*;
use proptest::sample::select;

use clivia_core::base::Money;

use crate::plan::Decimal;

/// How an amount is written.
#[derive(Debug, Clone)]
pub(super) struct Form {
    pub(super) decimal: Decimal,
    thousands: Thousands,
    fraction: Fraction,
    sign: Sign,
    currency: Beside,
    /// Around all of it.
    blanks: [&'static str; 2],
    apostrophe: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Thousands {
    None,
    By(&'static str),
    /// By the sign that is not the decimal one.
    Other,
    /// Commas as in `12,34,567.00`.
    Lakhs,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fraction {
    /// Four digits.
    Whole,
    /// No zeros at the end, and no sign without a digit behind it.
    Short,
    /// As short, with a dash in place of no decimals.
    Dash(&'static str),
    /// As short, with no zero in front.
    Bare,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Sign {
    Front(&'static str),
    /// Between the currency in front and the number.
    Inside(&'static str),
    Behind(&'static str),
    Brackets,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Beside {
    Nothing,
    Before(&'static str),
    Behind(&'static str),
    Around(&'static str, &'static str),
}

impl Form {
    pub(super) fn has_currency(&self) -> bool {
        self.currency != Beside::Nothing
    }
}

const BLANKS: [&str; 8] = ["", "", "", " ", "\u{a0}", "\u{202f}", "\t", "\u{feff}"];
const GROUPS: [&str; 7] = [" ", "\u{a0}", "\u{202f}", "\u{2009}", "'", "\u{2019}", "\u{2007}"];
const DASHES: [&str; 6] = ["-", "\u{2212}", "\u{2013}", "\u{2014}", "\u{2010}", "\u{ff0d}"];
const NAMES: [&str; 26] = [
    "$",
    "€",
    "£",
    "¥",
    "zł",
    "Kč",
    "kr",
    "kr.",
    "Fr.",
    "lei",
    "лв. ",
    "₹",
    "Rs.",
    "₽",
    "R$",
    "US$",
    "A$",
    "HK$",
    "R",
    "EUR",
    "usd",
    "CHF",
    "\u{a0}€",
    "EUR ",
    " kr ",
    "$\u{202f}",
];

pub(super) fn form() -> impl Strategy<Value = Form> {
    let thousands = prop_oneof![
        Just(Thousands::None),
        select(&GROUPS[..]).prop_map(Thousands::By),
        Just(Thousands::Other),
        Just(Thousands::Lakhs),
    ];
    let fraction = prop_oneof![
        Just(Fraction::Whole),
        Just(Fraction::Short),
        select(&["-", "--", "\u{2013}", "\u{2014}"][..]).prop_map(Fraction::Dash),
        Just(Fraction::Bare),
    ];
    let sign = prop_oneof![
        select(&DASHES[..]).prop_map(Sign::Front),
        select(&DASHES[..]).prop_map(Sign::Inside),
        select(&DASHES[..]).prop_map(Sign::Behind),
        Just(Sign::Brackets),
    ];
    let currency = prop_oneof![
        Just(Beside::Nothing),
        select(&NAMES[..]).prop_map(Beside::Before),
        select(&NAMES[..]).prop_map(Beside::Behind),
        select(&[("$", " USD"), ("kr ", " DKK"), ("€", "EUR")][..]).prop_map(|(one, two)| Beside::Around(one, two)),
    ];
    let blanks = [select(&BLANKS[..]), select(&BLANKS[..])];
    let decimal = select(&[Decimal::Point, Decimal::Comma][..]);
    (decimal, thousands, fraction, sign, currency, blanks, any::<bool>()).prop_map(
        |(decimal, thousands, fraction, sign, currency, blanks, apostrophe)| Form {
            decimal,
            // `kr.5` is five.
            fraction: if fraction == Fraction::Bare && currency == Beside::Before("kr") {
                Fraction::Short
            } else {
                fraction
            },
            // Commas separate nothing else where they are the decimal sign.
            thousands: if decimal == Decimal::Comma && thousands == Thousands::Lakhs {
                Thousands::Other
            } else {
                thousands
            },
            sign,
            currency,
            blanks,
            apostrophe,
        },
    )
}

/// The amount in this form, to the last digit.
pub(super) fn written(amount: Money, form: &Form) -> String {
    let [before, behind] = form.blanks;
    let apostrophe = if form.apostrophe { "'" } else { "" };
    format!("{before}{apostrophe}{}{behind}", signed(amount, form))
}

fn signed(amount: Money, form: &Form) -> String {
    let digits = unsigned(amount, form);
    let with = |inside: &str| match form.currency {
        Beside::Nothing => format!("{inside}{digits}"),
        Beside::Before(name) => format!("{name}{inside}{digits}"),
        Beside::Behind(name) => format!("{inside}{digits}{name}"),
        Beside::Around(one, two) => format!("{one}{inside}{digits}{two}"),
    };
    match form.sign {
        _ if amount >= Money(0) => with(""),
        Sign::Front(dash) => format!("{dash}{}", with("")),
        Sign::Inside(dash) => with(dash),
        // A dash that stands for no decimals can have no other behind it.
        Sign::Behind(dash) if matches!(form.fraction, Fraction::Dash(_)) => format!("{dash}{}", with("")),
        Sign::Behind(dash) => format!("{}{dash}", with("")),
        Sign::Brackets => format!("({})", with("")),
    }
}

fn unsigned(amount: Money, form: &Form) -> String {
    let units = amount.0.unsigned_abs();
    let (whole, part) = (units / Money::SCALE as u64, units % Money::SCALE as u64);
    let point = if form.decimal == Decimal::Point { '.' } else { ',' };
    let mut digits = grouped(&whole.to_string(), form);
    let part = format!("{part:04}");
    let short = part.trim_end_matches('0');
    match form.fraction {
        Fraction::Whole => format!("{digits}{point}{part}"),
        Fraction::Dash(dash) if short.is_empty() => format!("{digits}{point}{dash}"),
        _ if short.is_empty() => digits,
        fraction => {
            if fraction == Fraction::Bare && digits == "0" {
                digits.clear();
            }
            format!("{digits}{point}{short}")
        }
    }
}

fn grouped(digits: &str, form: &Form) -> String {
    let separator = match (form.thousands, form.decimal) {
        (Thousands::None, _) => "",
        (Thousands::By(separator), _) => separator,
        (Thousands::Other, Decimal::Comma) => ".",
        (Thousands::Other | Thousands::Lakhs, _) => ",",
    };
    let lakhs = form.thousands == Thousands::Lakhs;
    let ends_group =
        |ahead: usize| ahead > 0 && if lakhs { ahead % 2 == 1 && ahead >= 3 } else { ahead.is_multiple_of(3) };
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        grouped.push(digit);
        if ends_group(digits.len() - at - 1) {
            grouped.push_str(separator);
        }
    }
    grouped
}
