//! Amounts in every usual form, and what a column of them tells.

mod writer;

use proptest::prelude::*;

use crate::blocks::RowNumbers;
use crate::cells::{Cells, NO_AMOUNT, Texts};
use crate::numbers::evidence::{Example, Readings};
use crate::numbers::*;
use crate::plan::Decimal::{Comma, Point};
use crate::rejects::Rule::{AmountTooLarge, NonFiniteAmount, Percent, UnreadableAmount};

use writer::{form, written};

#[test]
fn text_is_exact_to_the_last_digit() {
    assert_eq!(money("11.77", Point), Ok(Money(117_700)));
    assert_eq!(money(" -0.0001 ", Point), Ok(Money(-1)));
    assert_eq!(money("12,5", Comma), Ok(Money(125_000)));
    assert_eq!(money("1e3", Point), Ok(Money(10_000_000)));
    assert_eq!(money("0.00005", Point), Ok(Money(1)));
    assert_eq!(money("12.", Point), Ok(Money(120_000)));
    assert_eq!(money("-99999999999.9999", Point), Ok(Money(-999_999_999_999_999)));
    assert_eq!(money("00000000000000000001", Point), Ok(Money(10_000)));
}

#[test]
fn what_is_no_amount_says_why() {
    assert_eq!(money("1e308", Point), Err(AmountTooLarge));
    assert_eq!(money("NaN", Point), Err(NonFiniteAmount));
    assert_eq!(money("1e999", Point), Err(NonFiniteAmount));
    assert_eq!(money("12,50", Point), Err(UnreadableAmount));
    assert_eq!(money("", Point), Err(UnreadableAmount));
    assert_eq!(money(".", Point), Err(UnreadableAmount));
    assert_eq!(money("1.2.3", Point), Err(UnreadableAmount));
    assert_eq!(money("100000000000.5", Point), Err(AmountTooLarge));
}

/// What a text is with a decimal point, and with a decimal comma, in units of money.
type Case = (&'static str, Result<i64, Rule>, Result<i64, Rule>);

const NONE: Result<i64, Rule> = Err(UnreadableAmount);

fn check(cases: &[Case]) {
    for (text, point, comma) in cases {
        assert_eq!(money(text, Point), point.map(Money), "{text:?} with a decimal point");
        assert_eq!(money(text, Comma), comma.map(Money), "{text:?} with a decimal comma");
    }
}

fn refuse(texts: &[&'static str]) {
    check(&texts.iter().map(|text| (*text, NONE, NONE)).collect::<Vec<_>>());
}

#[test]
fn thousands_are_separated_in_every_usual_way() {
    check(&[
        ("1,234.50", Ok(12_345_000), NONE),
        ("1.234,50", NONE, Ok(12_345_000)),
        // With a decimal comma, a point separates thousands: refused until now, so that the largest amounts were lost.
        ("1.250,00", NONE, Ok(12_500_000)),
        ("1 234,50", NONE, Ok(12_345_000)),
        ("1\u{a0}234,50", NONE, Ok(12_345_000)),
        ("1\u{202f}234\u{202f}567,5", NONE, Ok(12_345_675_000)),
        ("1\u{2009}234.5", Ok(12_345_000), NONE),
        ("1'234.50", Ok(12_345_000), NONE),
        ("1\u{2019}234\u{2019}567", Ok(12_345_670_000), Ok(12_345_670_000)),
        ("12,34,567.00", Ok(12_345_670_000), NONE),
        ("1,23,45,678", Ok(123_456_780_000), NONE),
        ("1,234,567", Ok(12_345_670_000), NONE),
        ("1.234.567", NONE, Ok(12_345_670_000)),
        ("12 345", Ok(123_450_000), Ok(123_450_000)),
        ("-1,234.5678", Ok(-12_345_678), NONE),
        ("100,000,000,000", Ok(1_000_000_000_000_000), NONE),
    ]);
}

#[test]
fn one_sign_before_three_digits_is_read_as_decided() {
    check(&[
        ("3.000", Ok(30_000), Ok(30_000_000)),
        ("2,590", Ok(25_900_000), Ok(25_900)),
        ("-12.345", Ok(-123_450), Ok(-123_450_000)),
        ("$999,999", Ok(9_999_990_000), Ok(9_999_990)),
        ("0.250", Ok(2_500), NONE),
        ("0,250", NONE, Ok(2_500)),
        ("1234.567", Ok(12_345_670), NONE),
        (".500", Ok(5_000), NONE),
        ("1.50", Ok(15_000), NONE),
        ("3.0000", Ok(30_000), NONE),
    ]);
}

#[test]
fn groups_that_nobody_writes_are_refused() {
    let refused = [
        "1,23,4",
        "1.2.3",
        "12,34.5",
        "1.234.56",
        "5 5",
        "1234,567.00",
        "1 23",
        "1'23",
        "0,123.00",
        "1,,234.00",
        "1  234",
        "1,234'567.00",
        "1 234,567.00",
        "1,234.567.890",
        ",123.45",
        "12 34 567",
        "1.234e3.5",
        "1_234",
        "1;234",
    ];
    refuse(&refused);
    check(&[
        ("12,34", NONE, Ok(123_400)),
        ("1,2345", NONE, Ok(12_345)),
        ("1,234.", Ok(12_340_000), NONE),
        ("1,234e3", NONE, Ok(12_340_000)),
        ("1,234,567e1", NONE, NONE),
    ]);
}

#[test]
fn a_sign_stands_in_front_behind_or_around() {
    check(&[
        ("40,00-", NONE, Ok(-400_000)),
        ("1.250,00 -", NONE, Ok(-12_500_000)),
        ("40.00-", Ok(-400_000), NONE),
        ("40-", Ok(-400_000), Ok(-400_000)),
        ("40+", Ok(400_000), Ok(400_000)),
        ("- 40", Ok(-400_000), Ok(-400_000)),
        ("(182.77)", Ok(-1_827_700), NONE),
        ("($182.77)", Ok(-1_827_700), NONE),
        ("$(1,182.77)", Ok(-11_827_700), NONE),
        ("( 182,77 € )", NONE, Ok(-1_827_700)),
        ("(182,77) EUR", NONE, Ok(-1_827_700)),
        ("-$5", Ok(-50_000), Ok(-50_000)),
        ("$-5", Ok(-50_000), Ok(-50_000)),
        ("$ 5-", Ok(-50_000), Ok(-50_000)),
        ("5 €-", Ok(-50_000), Ok(-50_000)),
        ("\u{2212}5.5", Ok(-55_000), NONE),
        ("\u{2013}5", Ok(-50_000), Ok(-50_000)),
        ("\u{ff0d}5", Ok(-50_000), Ok(-50_000)),
        ("5\u{2212}", Ok(-50_000), Ok(-50_000)),
        ("'12.50", Ok(125_000), NONE),
        ("'-12.50", Ok(-125_000), NONE),
        ("\u{2019}1'234", Ok(12_340_000), Ok(12_340_000)),
        ("\u{feff}\u{a0}\t12.50\u{200e}\u{3000}", Ok(125_000), NONE),
    ]);
}

#[test]
fn more_than_one_sign_is_refused() {
    let refused = [
        "--5", "+-5", "-5-", "(-5)", "-(5)", "(5)-", "((5))", "(5", "5)", ")5(", "()5", "5()", "''5", "'5'", "-", "()",
        "40, -", "40,---", "5 - 3", "-.", "4-0", "40:", "40:---",
    ];
    refuse(&refused);
}

#[test]
fn a_dash_stands_for_no_decimals() {
    check(&[
        ("40,-", NONE, Ok(400_000)),
        ("40,--", NONE, Ok(400_000)),
        ("1.250,- €", NONE, Ok(12_500_000)),
        ("-40,-", NONE, Ok(-400_000)),
        ("kr 199,\u{2013}", NONE, Ok(1_990_000)),
        ("40.-", Ok(400_000), NONE),
        ("CHF 1'250.--", Ok(12_500_000), NONE),
        ("40:-", Ok(400_000), Ok(400_000)),
        ("49,50:-", NONE, Ok(495_000)),
    ]);
}

#[test]
fn exponents_are_exact() {
    check(&[
        ("1.5E+02", Ok(1_500_000), NONE),
        ("1,5E+02", NONE, Ok(1_500_000)),
        ("1e3", Ok(10_000_000), Ok(10_000_000)),
        ("12345e-4", Ok(12_345), Ok(12_345)),
        ("5e-5", Ok(1), Ok(1)),
        ("4.9999999999999999999999999999999999999999999e-5", Ok(0), NONE),
        ("-5e-5", Ok(-1), Ok(-1)),
        ("1e-999", Ok(0), Ok(0)),
        ("0e99999999999999999999", Ok(0), Ok(0)),
        ("1e11", Ok(Money::MAX_ROW.0), Ok(Money::MAX_ROW.0)),
        ("-1e11", Ok(-Money::MAX_ROW.0), Ok(-Money::MAX_ROW.0)),
        ("1.000000000000001e11", Err(AmountTooLarge), NONE),
        ("1e", NONE, NONE),
        ("1e+", NONE, NONE),
        ("1e1e1", NONE, NONE),
        ("e5", NONE, NONE),
        ("1e\u{2212}5", NONE, NONE),
    ]);
}

#[test]
fn decimals_beyond_the_fourth_are_rounded_half_away_from_zero() {
    check(&[
        ("0.00005", Ok(1), NONE),
        ("-0.00005", Ok(-1), NONE),
        ("0.000049999999999999999999999999999999999999999999999999", Ok(0), NONE),
        ("1.00014999999999999999999", Ok(10_001), NONE),
        ("1.00015", Ok(10_002), NONE),
        ("0.1000000000000000055511151231257827021181583404541015625", Ok(1_000), NONE),
        ("99999999999.99995", Ok(Money::MAX_ROW.0), NONE),
        ("100000000000.00005", Err(AmountTooLarge), NONE),
        ("123456789012345678901234567890123456789012345678901234567890", Err(AmountTooLarge), Err(AmountTooLarge)),
    ]);
}

#[test]
fn percent_is_refused_by_name() {
    for text in ["12%", "12 %", "%12", "-12.5%", "12,5\u{a0}%", "1.234,5 %"] {
        assert_eq!((money(text, Point), money(text, Comma)), (Err(Percent), Err(Percent)), "{text}");
        assert_eq!(float(text, Point).or(float(text, Comma)), None, "{text}");
    }
    assert_eq!(money("x%", Point), Err(UnreadableAmount));
    assert_eq!(money("5% off", Point), Err(UnreadableAmount));
}

#[test]
fn a_currency_stands_before_or_behind() {
    let cases = [
        ("12.50 €", "EUR"),
        ("€12.50", "EUR"),
        ("EUR 12.50", "EUR"),
        ("12.50eur", "EUR"),
        ("12.50 USD", "USD"),
        ("US$12.50", "USD"),
        ("$12.50 USD", "USD"),
        ("$ 12.50 CAD", "CAD"),
        ("A$12.50", "AUD"),
        ("HK$ 12.50", "HKD"),
        ("$12.50", "$"),
        ("12.50 kr", "kr"),
        ("12.50 kr.", "kr"),
        ("kr.12.50", "kr"),
        ("Kr 12.50", "kr"),
        ("¥12.50", "¥"),
        ("12.50 zł", "PLN"),
        ("12.50 ZŁ", "PLN"),
        ("12.50 Kč", "CZK"),
        ("12.50\u{a0}Fr.", "Fr"),
        ("12.50 lei", "lei"),
        ("12.50 лв.", "BGN"),
        ("₹12.50", "INR"),
        ("Rs.12.50", "Rs"),
        ("12.50 ₽", "RUB"),
        ("R$ 12.50", "BRL"),
        ("CHF12.50", "CHF"),
        ("£12.50", "GBP"),
        ("R 12.50", "ZAR"),
    ];
    for (text, currency) in cases {
        let read = money_and_currency(text, Point).map(|(amount, found)| (amount, found.map(Currency::name)));
        assert_eq!(read, Ok((Money(125_000), Some(currency))), "{text}");
    }
    assert_eq!(money_and_currency("12.50", Point), Ok((Money(125_000), None)));
    // The point is the number's, unless a name is cut short before an amount.
    assert_eq!(money("$.50", Point), Ok(Money(5_000)));
    assert_eq!(money("zł.50", Point), Ok(Money(5_000)));
    assert_eq!(money("Rs.500", Point), Ok(Money(5_000_000)));
}

#[test]
fn what_is_no_currency_is_refused() {
    let refused = [
        "12.50 €€",
        "€12.50 USD",
        "$12.50 EUR",
        "12.50 XYZ",
        "abc 12.50",
        "12.50 pieces",
        "5 km",
        "12.50 E",
        "K1024",
        "12 m2",
        "2024-01-05",
        "10:30",
        "1/2",
        "€ 12.50 (2)",
        "12.50.€",
    ];
    refuse(&refused);
}

#[test]
fn floats_are_read_by_the_same_grammar() {
    assert_eq!(float("1,234.5", Point), Some(1_234.5));
    assert_eq!(float("1.234,5 €", Comma), Some(1_234.5));
    assert_eq!(float("3.000", Comma), Some(3_000.0));
    assert_eq!(float(" 2.5e-3 ", Point), Some(0.0025));
    assert_eq!(float("(0.1)", Point), Some(-0.1));
    assert_eq!(float("1e999", Point), Some(f64::INFINITY));
    assert_eq!(float("-inf", Comma), Some(f64::NEG_INFINITY));
    assert!(float("NaN", Point).is_some_and(f64::is_nan));
    assert_eq!(float("12,50", Point), None);
    assert_eq!(float("3.5", Comma), None);
    assert_eq!(float("1e400 %", Point), None);
    assert_eq!(float("five", Point), None);
}

fn seen<'a>(texts: impl IntoIterator<Item = &'a str>) -> NumberEvidence {
    let mut evidence = NumberEvidence::default();
    texts.into_iter().zip(2..).for_each(|(text, row)| evidence.add(row, text));
    evidence
}

fn decided<'a>(texts: impl IntoIterator<Item = &'a str>) -> DecimalVerdict {
    seen(texts).decide(None)
}

fn question(verdict: DecimalVerdict) -> Readings {
    match verdict {
        DecimalVerdict::Question(readings) => readings,
        other => panic!("{other:?} is no question"),
    }
}

const UNITS: i128 = Money::SCALE as i128;

#[test]
fn values_that_tell_settle_a_column() {
    let settled = [
        (Point, vec![]),
        (Point, vec!["5", "766", "1 234", "", "x"]),
        (Point, vec!["12.5", "7", "3.000"]),
        (Point, vec!["0.250", "1.250"]),
        (Point, vec!["1234.567", "1.250"]),
        (Point, vec!["$1,298.85", "2,590", "766"]),
        (Point, vec!["1,234,567", "2,590"]),
        (Comma, vec!["729,78 €", "1.298,85 €", "3.000"]),
        (Comma, vec!["2,40-", "12"]),
        (Comma, vec!["1.234.567", "1.250"]),
        (Comma, vec!["40,-", "1.250"]),
    ];
    for (decimal, texts) in settled {
        assert_eq!(decided(texts.iter().copied()), DecimalVerdict::Settled(decimal), "{texts:?}");
    }
}

#[test]
fn three_digits_behind_every_sign_are_a_question_with_both_totals() {
    let readings = question(decided(["990", "3.000", "-1.500", "x", ""]));
    assert_eq!((readings.point_total, readings.comma_total), (9_915 * UNITS / 10, 2_490 * UNITS));
    assert_eq!(readings.open_example, Some(Example { row: 3, text: "3.000".into() }));
    assert_eq!((readings.only_point, readings.only_comma, readings.open), (0, 0, 2));

    let readings = question(decided(["766", "2,590", "5,103"]));
    assert_eq!((readings.point_total, readings.comma_total), (8_459 * UNITS, 773_693 * UNITS / 1_000));
    assert_eq!(readings.point_example, None);
}

#[test]
fn a_stated_sign_is_no_question() {
    for texts in [vec!["2,590"], vec!["1.50", "2,50"], vec![]] {
        for decimal in [Point, Comma] {
            assert_eq!(seen(texts.iter().copied()).decide(Some(decimal)), DecimalVerdict::Settled(decimal));
        }
    }
}

#[test]
fn both_signs_in_more_than_one_of_a_thousand_are_a_question() {
    let column = |points: usize, commas: usize, whole: usize| {
        let texts = [vec!["1.50"; points], vec!["2,50"; commas], vec!["7"; whole]];
        decided(texts.concat())
    };
    assert_eq!(column(999, 1, 0), DecimalVerdict::Settled(Point));
    assert_eq!(column(1, 999, 0), DecimalVerdict::Settled(Comma));
    assert_eq!(column(2, 1, 9_997), DecimalVerdict::Settled(Point));
    let DecimalVerdict::Mixed(readings) = column(998, 2, 0) else { panic!("two of a thousand are too many") };
    assert_eq!((readings.point_total, readings.comma_total), (1_497 * UNITS, 5 * UNITS));
    assert_eq!((readings.only_point, readings.only_comma), (998, 2));
    assert_eq!(readings.point_example, Some(Example { row: 2, text: "1.50".into() }));
    assert_eq!(readings.comma_example, Some(Example { row: 1_000, text: "2,50".into() }));
}

#[test]
fn one_stray_value_does_not_settle_thousands() {
    let column = |telling: usize, open: usize, whole: usize| {
        let texts = [vec!["1.50"; telling], vec!["3.000"; open], vec!["7"; whole]];
        decided(texts.concat())
    };
    let readings = question(column(1, 1_000, 0));
    assert_eq!((readings.only_point, readings.open), (1, 1_000));
    assert_eq!(column(2, 1_000, 0), DecimalVerdict::Settled(Point));
    // Whole numbers are no reason to doubt.
    assert_eq!(column(1, 1, 100_000), DecimalVerdict::Settled(Point));
}

#[test]
fn currencies_are_counted() {
    let evidence = seen(["$5", "5 USD", "7", "€ 1,50", "1.50 €", "x €", "5%"]);
    let found: Vec<_> = evidence.currencies().map(|(currency, values)| (currency.name(), values)).collect();
    assert_eq!(found, [("$", 1), ("EUR", 2), ("USD", 1)]);
    assert_eq!(evidence.unreadable, 2);
}

#[test]
fn a_block_is_read_and_seen_at_once() {
    let texts = [Some("1.298,85 €"), None, Some("3.000"), Some(" 7 "), Some(""), Some("n/a"), Some("(2,5)")];
    let cells = Cells::Text(Texts::Plain(texts.to_vec().into()));
    let rows = RowNumbers::Each(vec![2, 3, 5, 8, 9, 10, 12]);
    for decimal in [Point, Comma] {
        let mut evidence = seen(["12"]);
        let amounts = cells.amounts_seen(decimal, &rows, &mut evidence);
        assert_eq!(amounts, cells.amounts(decimal));
        let mut expected = NumberEvidence::of(&cells, &rows);
        assert_eq!(expected.decide(None), DecimalVerdict::Settled(Comma));
        assert_eq!(expected.total(Comma), 430_335 * UNITS / 100);
        expected.merge(&seen(["12"]));
        assert_eq!(evidence.readings().open_example, Some(Example { row: 5, text: "3.000".into() }));
        assert_eq!(evidence, expected);
    }
    let numbers = Cells::Int(vec![1, 2].into());
    let mut evidence = NumberEvidence::default();
    assert_eq!(numbers.amounts_seen(Point, &RowNumbers::From(1), &mut evidence), [Money(10_000), Money(20_000)]);
    assert_eq!(evidence, NumberEvidence::default());
    assert!(cells.amounts(Point).contains(&NO_AMOUNT));
}

/// Texts that are often nearly amounts.
fn nearly() -> impl Strategy<Value = String> {
    let pieces = [
        "0", "1", "7", "12", "000", "345", ".", ",", ".", ",", " ", "\u{a0}", "'", "-", "+", "(", ")", "%", "e", "E-",
        "€", "$", "kr.", "USD", "\u{2212}", ",-", "\u{200e}", "x",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..9).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_a_form_writes_is_read_as_it_was(units in -Money::MAX_ROW.0..=Money::MAX_ROW.0, cut in 0..15_u32, form in form()) {
        // Small amounts as well as large ones.
        let amount = Money(units / 10_i64.pow(cut));
        let text = written(amount, &form);
        prop_assert_eq!(money(&text, form.decimal), Ok(amount), "{}", text);
        let currency = money_and_currency(&text, form.decimal).map(|(_, currency)| currency.is_some());
        prop_assert_eq!(currency, Ok(form.has_currency()), "{}", text);
        let near = float(&text, form.decimal).is_some_and(|number| Money::from_f64(number) == Some(amount));
        prop_assert!(near, "{}", text);
    }

    #[test]
    fn a_column_of_one_form_is_read_as_it_was_or_is_a_question(form in form(), units in prop::collection::vec(-20_000_000_i64..20_000_000, 1..20)) {
        let texts: Vec<String> = units.iter().map(|units| written(Money(*units), &form)).collect();
        let evidence = seen(texts.iter().map(String::as_str));
        let total: i128 = units.iter().map(|units| i128::from(*units)).sum();
        prop_assert_eq!(evidence.total(form.decimal), total);
        match evidence.decide(None) {
            DecimalVerdict::Settled(decimal) => prop_assert_eq!(evidence.total(decimal), total, "{:?}", texts),
            DecimalVerdict::Question(readings) => {
                prop_assert!([readings.point_total, readings.comma_total].contains(&total));
                prop_assert!(readings.open > 0 && readings.open_example.is_some());
            }
            DecimalVerdict::Mixed(_) => prop_assert!(false, "{:?}", texts),
        }
    }

    #[test]
    fn the_quick_way_is_the_grammar(text in nearly()) {
        for decimal in [Point, Comma] {
            if let Some((amount, sense)) = fixed_point(text.as_bytes(), decimal) {
                let read = Written::read(&text).expect("what is read quickly is a number");
                prop_assert_eq!((read.money(decimal), read.figure.sense), (Ok(amount), sense), "{}", text);
            }
        }
    }

    #[test]
    fn evidence_is_the_same_however_it_is_gathered(texts in prop::collection::vec(nearly(), 0..12), cut in 0..12_usize) {
        let whole = seen(texts.iter().map(String::as_str));
        for decimal in [Point, Comma] {
            let mut evidence = NumberEvidence::default();
            let mut total = 0;
            for (text, row) in texts.iter().zip(2..) {
                let read = evidence.read(row, text, decimal);
                prop_assert_eq!(read.ok(), money(text, decimal).ok(), "{}", text);
                total += read.map_or(0, |amount| i128::from(amount.0));
            }
            prop_assert_eq!(evidence.total(decimal), total);
            prop_assert_eq!(&evidence, &whole);
        }
        let cut = cut.min(texts.len());
        let part = |range: std::ops::Range<usize>| {
            let mut evidence = NumberEvidence::default();
            range.for_each(|at| evidence.add(at as u64 + 2, &texts[at]));
            evidence
        };
        let (mut first, mut last) = (part(0..cut), part(cut..texts.len()));
        let begun = first.clone();
        first.merge(&last);
        last.merge(&begun);
        prop_assert_eq!(&first, &whole);
        prop_assert_eq!(&last, &whole);
    }

    #[test]
    fn no_text_is_too_much(text in any::<String>(), bytes in any::<Vec<u8>>()) {
        for text in [text, String::from_utf8_lossy(&bytes).into_owned()] {
            for decimal in [Point, Comma] {
                let amount = money(&text, decimal);
                prop_assert!(amount.is_err() || float(&text, decimal).is_some(), "{}", text);
            }
            seen([text.as_str()]).decide(None);
        }
    }
}
