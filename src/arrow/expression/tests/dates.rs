//! Dates and timestamps.

use super::*;

/// 2024-02-29 and 1969-12-31.
fn columns() -> [Named; 2] {
    [
        days("d", &[Some(19_782), Some(-1), None]),
        texts("t", &[Some("2024-02-28"), Some("1970-01-02 06:00:00"), Some("soon")]),
    ]
}

#[test]
fn parts_of_dates() {
    assert_eq!(results("YEAR(d)", &columns()), ["2024", "1969", "null"]);
    assert_eq!(results("QUARTER(d)", &columns()), ["1", "4", "null"]);
    assert_eq!(results("MONTH(d)", &columns()), ["2", "12", "null"]);
    assert_eq!(results("DAY(d)", &columns()), ["29", "31", "null"]);
    assert_eq!(results("EXTRACT(YEAR FROM d) * 100 + EXTRACT(MONTH FROM d)", &columns()), ["202402", "196912", "null"]);
    assert_eq!(result("HOUR(TIMESTAMP '2024-01-01 17:30:00')"), "17");
    assert_eq!(result("YEAR('2024-02-29')"), "2024");
}

#[test]
fn texts_are_read_as_dates_where_dates_are_needed() {
    let evaluated = evaluate("DATE(t)", &columns()).unwrap();
    assert_eq!(shown(&evaluated.values), ["2024-02-28", "1970-01-02", "null"]);
    assert_eq!(evaluated.unreadable, [unreadable(2, "t", "soon")]);
    assert_eq!(results("CAST(t AS timestamp)", &columns())[1], "1970-01-02T06:00:00");
    assert_eq!(results("d > t", &columns()), ["true", "false", "null"]);
}

#[test]
fn differences_are_days() {
    assert_eq!(results("d - DATE '2024-01-01'", &columns()), ["59", "-19724", "null"]);
    assert_eq!(results("DATE_DIFF(d, '1970-01-01')", &columns()), ["19782", "-1", "null"]);
    assert_eq!(results("d - t", &columns()), ["1", "-2", "null"]);
    assert_eq!(result("TIMESTAMP '2024-01-02 12:00:00' - DATE '2024-01-01'"), "1.5");
    assert_eq!(result("DATE_DIFF(TIMESTAMP '2024-01-02 12:00:00', TIMESTAMP '2024-01-01 23:00:00')"), "1");
}

#[test]
fn dates_are_compared_with_what_is_written() {
    assert_eq!(results("d >= '2024-01-01'", &columns()), ["true", "false", "null"]);
    assert_eq!(results("d BETWEEN DATE '1960-01-01' AND '1970-01-01'", &columns()), ["false", "true", "null"]);
    assert_eq!(results("d IN ('2024-02-29')", &columns()), ["true", "false", "null"]);
    assert_eq!(results("d < TIMESTAMP '1970-01-01 00:00:00'", &columns()), ["false", "true", "null"]);
    assert_eq!(error("d > '31.12.2024'"), "column 5: '31.12.2024' is no date: write it as '2024-12-31'");
    assert!(error("DATE 'x' = d").contains("'x' is no date"));
}

#[test]
fn casts_between_dates_and_texts() {
    assert_eq!(results("d::text", &columns()), ["2024-02-29", "1969-12-31", "null"]);
    assert_eq!(results("CAST(d AS timestamp)", &columns())[1], "1969-12-31T00:00:00");
    assert_eq!(results("CAST(CAST(d AS timestamp) AS date)", &columns())[1], "1969-12-31");
    assert_eq!(result("TIMESTAMP '2024-01-01 17:30:00' || ''"), "2024-01-01 17:30:00");
    assert_eq!(results("LEFT(d, 7)", &columns())[0], "2024-02");
}

#[test]
fn days_out_of_reach_are_no_panic() {
    let columns = [days("d", &[Some(i32::MAX), Some(i32::MIN)])];
    for text in
        ["d::timestamp", "YEAR(d)", "d - '2024-01-01'", "d > TIMESTAMP '2024-01-01 00:00:00'", "HOUR(d)", "d || ''"]
    {
        let _ = evaluate(text, &columns);
    }
    assert_eq!(results("CAST(d AS timestamp)", &columns), ["null", "null"]);
}
