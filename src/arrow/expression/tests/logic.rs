//! Conditions, nulls, CASE, and which cells are needed.

use super::*;

#[test]
fn and_or_not_have_three_values() {
    for (text, expected) in [
        ("TRUE AND NULL", "null"),
        ("FALSE AND NULL", "false"),
        ("NULL AND FALSE", "false"),
        ("TRUE OR NULL", "true"),
        ("NULL OR TRUE", "true"),
        ("FALSE OR NULL", "null"),
        ("NOT NULL", "null"),
        ("NOT x = 4", "false"),
        ("x = NULL", "null"),
        ("NULL = NULL", "null"),
        ("x IS NULL", "false"),
        ("NULL IS NULL", "true"),
        ("x IS NOT NULL", "true"),
        ("(x = 4) IS TRUE", "true"),
        ("(x = NULL) IS TRUE", "false"),
        ("(x = NULL) IS NOT TRUE", "true"),
        ("(x = 5) IS FALSE", "true"),
        ("(x = NULL) IS NOT FALSE", "true"),
        ("x IN (1, 4)", "true"),
        ("x IN (1, NULL)", "null"),
        ("x IN (4, NULL)", "true"),
        ("x NOT IN (1, NULL)", "null"),
        ("x NOT IN (1, 2)", "true"),
        ("x BETWEEN 4 AND 5", "true"),
        ("x NOT BETWEEN 4 AND 5", "false"),
        ("x BETWEEN NULL AND 3", "false"),
        ("x BETWEEN NULL AND 5", "null"),
        ("TRUE = TRUE", "true"),
        ("x <> 4", "false"),
        ("x != 4", "false"),
        ("x < 5 AND x <= 4 AND x > 3 AND x >= 4", "true"),
        ("TRUE OR FALSE AND FALSE", "true"),
        ("NULL + 1", "null"),
        ("NULL", "null"),
    ] {
        assert_eq!(result(text), expected, "{text}");
    }
}

#[test]
fn both_forms_of_case() {
    for (text, expected) in [
        ("CASE WHEN x > 3 THEN 'big' ELSE 'small' END", "big"),
        ("CASE WHEN x > 5 THEN 'big' END", "null"),
        ("CASE x WHEN 1 THEN 'one' WHEN 4 THEN 'four' ELSE 'other' END", "four"),
        ("CASE x WHEN NULL THEN 'null' ELSE 'other' END", "other"),
        ("CASE WHEN NULL THEN 1 ELSE 2 END", "2"),
        ("CASE WHEN x > 1 THEN 1 WHEN x > 2 THEN 2 END", "1"),
        ("CASE WHEN TRUE THEN NULL ELSE 1.5 END", "null"),
        ("CASE WHEN x = 4 THEN 1 ELSE 1.5 END", "1"),
    ] {
        assert_eq!(result(text), expected, "{text}");
    }
}

fn orders() -> [Named; 2] {
    [
        texts("status", &[Some("paid"), Some("void"), None, Some("paid")]),
        texts("amount", &[Some("5"), Some("n/a"), Some("n/a"), Some("n/a")]),
    ]
}

#[test]
fn a_cell_in_a_branch_not_taken_is_not_needed() {
    let evaluated = evaluate("CASE WHEN status = 'paid' THEN amount + 0 ELSE 0 END", &orders()).unwrap();
    assert_eq!(shown(&evaluated.values), ["5", "0", "0", "null"]);
    assert_eq!(evaluated.unreadable, [unreadable(3, "amount", "n/a")]);
    let evaluated = evaluate("CASE WHEN status = 'void' THEN 0 ELSE amount * 1 END", &orders()).unwrap();
    assert_eq!(evaluated.unreadable, [unreadable(2, "amount", "n/a"), unreadable(3, "amount", "n/a")]);
}

#[test]
fn a_cell_that_does_not_decide_is_not_needed() {
    let evaluated = evaluate("status = 'paid' AND amount > 3", &orders()).unwrap();
    assert_eq!(shown(&evaluated.values), ["true", "false", "null", "null"]);
    assert_eq!(evaluated.unreadable, [unreadable(2, "amount", "n/a"), unreadable(3, "amount", "n/a")]);
    let evaluated = evaluate("status = 'paid' OR amount > 3", &orders()).unwrap();
    assert_eq!(evaluated.unreadable, [unreadable(1, "amount", "n/a"), unreadable(2, "amount", "n/a")]);
    let evaluated = evaluate("COALESCE(NULLIF(status, 'paid'), amount || '') = 'x'", &orders()).unwrap();
    assert!(evaluated.unreadable.is_empty());
    let columns = [numbers("a", &[Some(1.0), None]), texts("b", &[Some("x"), Some("y")])];
    let evaluated = evaluate("COALESCE(a, b)", &columns).unwrap();
    assert_eq!(evaluated.unreadable, [unreadable(1, "b", "y")]);
}

#[test]
fn a_long_text_in_a_branch_not_taken_is_not_made() {
    let columns = [numbers("n", &[Some(3.0), Some(1e9)])];
    assert_eq!(results("CASE WHEN n < 100 THEN LPAD('7', n, '0') ELSE '' END", &columns), ["007", ""]);
}

#[test]
fn values_of_two_kinds_do_not_stand_side_by_side() {
    assert_eq!(
        error("status = TRUE"),
        "column 10: a comparison needs values of one kind, and true or false stands beside a text"
    );
    assert!(
        error("CASE WHEN x > 1 THEN 'a' ELSE 0 END").contains("column 22: 'a' is a text and stands beside a number")
    );
    assert!(error("x = '4'").contains("write a number without quotes"));
    assert!(error("x AND TRUE").contains("column 1: AND needs a condition"));
    assert!(error("status + 'a'").contains("column 10: + needs a number, and the text 'a' stands here"));
    assert!(error("d + 1").contains("+ needs a number, and a date stands here"));
    assert!(error("d = 1").contains("stands beside a date"));
    assert!(error("1 < x < 3").contains("needs values of one kind"));
    assert!(error("(x > 1) + 1").contains("CASE WHEN condition THEN 1 ELSE 0 END"));
}
