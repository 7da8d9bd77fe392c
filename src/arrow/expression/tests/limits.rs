//! Expressions that are too long or too deep end at once, and nothing panics.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use sqlparser::keywords::ALL_KEYWORDS;

use super::*;

/// Long enough for a busy machine, and far from what a search that doubles on each of 60 levels would take.
const AT_ONCE: Duration = Duration::from_secs(2);

fn at_once<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    assert!(start.elapsed() < AT_ONCE, "{} took {:?}", &what[..what.len().min(80)], start.elapsed());
    result
}

fn refused(text: &str) -> ExpressionError {
    at_once(text, || Expression::parse(text)).unwrap_err()
}

#[test]
fn bombs_are_refused_at_once() {
    for text in [
        "(".repeat(100_000),
        "x".repeat(1 << 20),
        "NOT ".repeat(100_000) + "TRUE",
        vec!["a"; 5_000].join("+"),
        "CASE WHEN ".repeat(100_000),
    ] {
        assert!(matches!(refused(&text), ExpressionError::TooLong { .. }));
    }
    for text in [
        "(".repeat(4_000),
        "(".repeat(65) + "x" + &")".repeat(65),
        "NOT ".repeat(500) + "TRUE",
        "- ".repeat(500) + "1",
        "ABS(".repeat(65) + "1" + &")".repeat(65),
        "CASE WHEN ".repeat(200),
        "-(".repeat(65) + "1",
    ] {
        let error = refused(&text);
        assert!(matches!(error, ExpressionError::TooDeep { .. } | ExpressionError::TooManyParts { .. }), "{error}");
    }
    for text in [
        vec!["a"; 2_000].join("+"),
        vec!["a"; 251].join("+"),
        "x IS NULL".to_owned() + &" IS NULL".repeat(250),
        "x".to_owned() + &"::text".repeat(499),
    ] {
        let error = refused(&text);
        assert!(matches!(error, ExpressionError::TooManyParts { .. }), "{error}");
    }
}

#[test]
fn what_is_within_the_limits_is_read_on_a_small_stack() {
    let texts = [
        vec!["x"; 250].join("+"),
        vec!["x > 1"; 120].join(" OR "),
        "(".repeat(64) + "x" + &")".repeat(64),
        "ABS(".repeat(64) + "x" + &")".repeat(64),
        "x || (".repeat(60) + "x" + &")".repeat(60),
        "CASE WHEN x > 1 THEN ".repeat(60) + "1" + &" END".repeat(60),
        "x IS NULL".to_owned() + &" IS NOT NULL".repeat(248),
        "- ".repeat(63) + "x",
        "x".to_owned() + &"::text".repeat(240),
        format!("x IN ({})", vec!["1"; 400].join(", ")),
    ];
    let work = move || {
        for text in texts {
            at_once(&text, || results(&text, &[numbers("x", &[Some(1.0)])]));
        }
    };
    // Half of what a thread of Rust has, and twice what this takes.
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(work).unwrap();
    thread.join().unwrap();
}

#[test]
fn a_mistake_within_nested_forms_is_found_at_once() {
    for word in ALL_KEYWORDS {
        for (open, inner) in [("(", "x +"), ("(x, ", ")"), (" x IN (", "+")] {
            let text = format!("{word}{open}").repeat(60) + inner;
            at_once(&text, || drop(Expression::parse(&text)));
            let text = text + &")".repeat(60);
            at_once(&text, || drop(Expression::parse(&text)));
        }
    }
    for form in [
        "x IN (",
        "CASE x WHEN ",
        "CASE WHEN x THEN ",
        "x BETWEEN (",
        "SUBSTRING(x FROM (",
        "EXTRACT(YEAR FROM (",
        "(x, ",
        "x LIKE (",
    ] {
        let text = form.repeat(32) + "+";
        at_once(&text, || drop(Expression::parse(&text)));
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,60}") {
        let _ = Expression::parse(&text);
    }

    #[test]
    fn no_row_of_words_panics(words in prop::collection::vec(prop::sample::select(WORDS), 0..14)) {
        let text = words.join(" ");
        let columns = [
            numbers("x", &[Some(1.5), None]), texts("t", &[Some("2"), Some("ab")]), days("d", &[Some(7), None]),
            booleans("b", &[Some(true), None]), whole("n", &[Some(3), None]),
        ];
        match evaluate(&text, &columns) {
            Ok(evaluated) => prop_assert_eq!(evaluated.values.len(), 2),
            Err(error) => prop_assert!(!error.to_string().contains("Error")),
        }
    }
}

const WORDS: &[&str] = &[
    "x",
    "t",
    "d",
    "b",
    "n",
    "1",
    "2.5",
    "'a'",
    "'2024-01-01'",
    "NULL",
    "TRUE",
    "+",
    "-",
    "*",
    "/",
    "%",
    "||",
    "=",
    "<>",
    "<",
    "(",
    ")",
    "(",
    ")",
    ",",
    "AND",
    "OR",
    "NOT",
    "IS",
    "IN",
    "LIKE",
    "BETWEEN",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "CAST(",
    "AS number)",
    "::text",
    "::date",
    "DATE",
    "YEAR(",
    "COALESCE(",
    "LPAD(",
    "SUBSTR(",
    "TRIM(",
    "FROM",
    "GREATEST(",
    "EXTRACT(",
    "NULLIF(",
    "ROUND(",
    "REPLACE(",
];
