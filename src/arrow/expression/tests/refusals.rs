//! What is refused by name, with its position, before any row.

use super::*;
use crate::expression::functions;

#[test]
fn aggregates_are_refused_by_name() {
    assert_eq!(
        error("x * SUM(x)"),
        "column 5: SUM looks at other rows than its own; an amount or a condition is worked out from its own row alone: the sum of several values of a row is a + b"
    );
    for name in
        ["AVG", "COUNT", "MIN", "MAX", "STDDEV", "MEDIAN", "FIRST", "LAST", "STRING_AGG", "LAG", "ROW_NUMBER", "RANK"]
    {
        let refused = error(&format!("1 + {}(x)", name.to_lowercase()));
        assert!(refused.starts_with(&format!("column 5: {name} looks at other rows")), "{refused}");
    }
    assert!(error("MAX(x, 1)").contains("GREATEST(a, b)"));
    assert!(error("COUNT(*)").contains("COUNT looks at other rows"));
}

#[test]
fn what_looks_at_other_rows_is_refused() {
    for (text, expected) in [
        ("ABS(x) OVER (PARTITION BY status)", "column 8: a window (OVER)"),
        ("ABS(x) FILTER (WHERE x > 1)", "column 8: FILTER looks"),
        ("ABS(DISTINCT x)", "column 5: DISTINCT looks"),
        ("(SELECT 1)", "column 2: a subquery (SELECT)"),
        ("x IN (SELECT x FROM t)", "column 7: a subquery (SELECT)"),
        ("EXISTS (SELECT 1)", "column 1: EXISTS looks"),
        ("(WITH a AS (SELECT 1) SELECT 1)", "column 2: a subquery (WITH)"),
    ] {
        let refused = error(text);
        assert!(refused.starts_with(expected), "{text}: {refused}");
    }
}

#[test]
fn the_clock_and_chance_are_refused() {
    for text in ["NOW()", "RANDOM()", "CURRENT_DATE", "current_timestamp", "LOCALTIME", "TODAY()", "UUID()"] {
        let refused = error(text);
        assert!(refused.contains("gives another result on every run"), "{text}: {refused}");
        assert!(refused.starts_with("column 1: "), "{refused}");
    }
}

#[test]
fn what_is_not_in_the_language_is_refused_with_a_remedy() {
    for (text, remedy) in [
        ("x; x", "without a semicolon"),
        ("x -- y", "leave a blank between the signs"),
        ("----1", "leave a blank between the signs"),
        ("x /* y */", "leave a blank between the signs"),
        ("x == 4", "write = for equal"),
        ("x ^ 2", "POWER(x, y)"),
        ("t.x", "in double quotes"),
        ("[x]", "in double quotes"),
        ("x = ?", "no parameters"),
        ("x = $1", "no parameters"),
        ("x = :a", "no parameters"),
        ("x && x", "write AND"),
        ("!x", "write NOT"),
        ("LOG(x)", "write LN(x) or LOG10(x)"),
        ("IF(x > 1, 1, 2)", "CASE WHEN condition"),
        ("IFNULL(x, 1)", "COALESCE(value, other)"),
        ("INTERVAL '1 day'", "INTERVAL"),
        ("status LIKE 'a' ESCAPE 'x'", "is \\"),
        ("status SIMILAR TO 'a'", "LIKE"),
        ("x IS DISTINCT FROM 1", "a <> b OR a IS NULL"),
        ("(x, x)", "x IN (a, b)"),
        ("status COLLATE c", "LOWER(text)"),
        ("CEIL(x, 2)", "FLOOR(x * 100) / 100"),
        ("ABS(x => 1)", "cannot be used here"),
        ("EXTRACT(EPOCH FROM d)", "YEAR, QUARTER, MONTH, DAY and HOUR"),
        ("E'a'", "an operator or a comma is missing"),
        ("N'a'", "cannot be used here"),
        ("X'ff'", "cannot be used here"),
    ] {
        let refused = error(text);
        assert!(refused.contains(remedy), "{text}: {refused}");
    }
}

#[test]
fn mistakes_of_grammar_have_plain_words_and_a_place() {
    for (text, expected) in [
        ("", "column 1: the expression is empty: write one, such as Quantity * UnitPrice"),
        ("x +", "column 4: the expression ends where a column, a value or a function is missing"),
        ("x + * 2", "column 5: '*' stands where a column, a value or a function is missing"),
        ("*", "column 1: '*' stands where a column, a value or a function is missing"),
        ("(x", "column 3: the expression ends where ) is missing"),
        ("x)", "column 2: the expression ends before ')': an operator or a comma is missing"),
        ("x x", "column 3: the expression ends before 'x': an operator or a comma is missing"),
        ("x\n +\n )", "column 7: ')' stands where a column, a value or a function is missing"),
        ("'abc", "column 1: a text begins here and does not end: close it with '"),
        ("x * \"abc", "column 5: a quoted name begins here and does not end: close it with the quote it began with"),
        ("1abc", "column 2: the expression ends before 'abc': an operator or a comma is missing"),
        ("CASE WHEN x THEN 1", "column 19: the expression ends where END is missing"),
    ] {
        assert_eq!(error(text), expected, "{text}");
    }
}

#[test]
fn unknown_functions_are_answered_with_the_nearest() {
    assert_eq!(error("1 + ROUNT(x)"), "column 5: there is no function ROUNT; did you mean ROUND?");
    assert!(error("foo(x)").contains("there is no function FOO"));
    assert_eq!(error("ABS(x, 1)"), "column 1: ABS was given 2 values; it is written ABS(x)");
    assert_eq!(error("ABS()"), "column 1: ABS was given no value; it is written ABS(x)");
    assert_eq!(
        error("REPLACE(status, 'a')"),
        "column 1: REPLACE was given 2 values; it is written REPLACE(text, part, other)"
    );
}

#[test]
fn every_function_is_listed_with_its_meaning() {
    let listed: Vec<_> = functions().collect();
    assert_eq!(listed.len(), 39);
    assert!(listed.iter().all(|(signature, meaning)| signature.contains('(') && !meaning.is_empty()));
    let documentation = include_str!("../../expression.rs");
    for (signature, meaning) in listed {
        let row = format!("//! | `{signature}` | {meaning} |");
        assert!(documentation.contains(&row), "the module's documentation lacks {row}");
    }
}

#[test]
fn words_of_the_grammar_can_be_columns_where_sql_lets_them() {
    for name in [
        "date",
        "Date",
        "year",
        "count",
        "first",
        "status",
        "value",
        "type",
        "order_date",
        "filter",
        "position",
        "Straße",
        "left",
        "key",
        "rank",
    ] {
        let columns = [numbers("x", &[Some(1.0)])];
        let fields = vec![(name.to_owned(), DataType::Float64)];
        let expression = Expression::parse(&format!("{name} * 2")).unwrap_or_else(|error| panic!("{name}: {error}"));
        let evaluated = expression.bind(&fields).unwrap().evaluate(&[Arc::clone(&columns[0].1)], &read_number).unwrap();
        assert_eq!(shown(&evaluated.values), ["2"]);
    }
}
