//! Numbers: operators, functions, texts read as numbers.

use super::*;

#[test]
fn operators_keep_their_order() {
    assert_eq!(result("2 + 3 * x"), "14");
    assert_eq!(result("(2 + 3) * x"), "20");
    assert_eq!(result("10 - 4 - 3"), "3");
    assert_eq!(result("-x + 1"), "-3");
    assert_eq!(result("+x"), "4");
    assert_eq!(result("- -x"), "4");
    assert_eq!(result("7 / 2"), "3.5");
    assert_eq!(result("7 % 4"), "3");
    assert_eq!(result("-7 % 4"), "-3");
    assert_eq!(result("1e2 + .5"), "100.5");
}

#[test]
fn what_is_no_number_is_null() {
    for text in
        ["1 / 0", "0 / 0", "x % 0", "SQRT(-1)", "LN(0)", "LOG10(-1)", "EXP(1000)", "POWER(10, 400)", "1e308 * 10"]
    {
        assert_eq!(result(text), "null", "{text}");
    }
    let columns = [numbers("y", &[Some(f64::NAN), Some(f64::INFINITY), Some(1.0)])];
    assert_eq!(results("y", &columns), ["null", "null", "1"]);
    assert_eq!(results("y IS NULL", &columns), ["true", "true", "false"]);
}

#[test]
fn each_function_of_numbers() {
    for (text, expected) in [
        ("ABS(-2.5)", "2.5"),
        ("ROUND(2.5)", "3"),
        ("ROUND(-2.5)", "-3"),
        ("ROUND(2.675, 2)", "2.68"),
        ("ROUND(1.005, 2)", "1.01"),
        ("ROUND(1234.5, -2)", "1200"),
        ("FLOOR(-1.5)", "-2"),
        ("CEIL(1.2)", "2"),
        ("CEILING(1.2)", "2"),
        ("SIGN(-3)", "-1"),
        ("SIGN(0)", "0"),
        ("SQRT(x)", "2"),
        ("POWER(x, 2)", "16"),
        ("POW(2, 0.5) * POW(2, 0.5) > 1.99", "true"),
        ("EXP(0)", "1"),
        ("LN(1)", "0"),
        ("LOG10(1000) > 2.999", "true"),
        ("MOD(x, 3)", "1"),
        ("GREATEST(1, x, 2)", "4"),
        ("LEAST(3, x, NULL, 2)", "2"),
        ("GREATEST(NULL, NULL)", "null"),
        ("COALESCE(NULL, x)", "4"),
        ("NULLIF(x, 4)", "null"),
        ("NULLIF(x, 5)", "4"),
        ("abs(x)", "4"),
    ] {
        assert_eq!(result(text), expected, "{text}");
    }
}

#[test]
fn texts_and_numbers_give_the_same() {
    let as_numbers =
        [whole("Quantity", &[Some(2), None, Some(-3)]), numbers("UnitPrice", &[Some(1.5), Some(2.0), Some(0.1)])];
    let as_texts = [
        texts("Quantity", &[Some("2"), Some(" "), Some("-3")]),
        texts("UnitPrice", &[Some("1.5"), Some("2"), Some("0.1")]),
    ];
    for text in
        ["Quantity * UnitPrice", "Quantity + 1 > UnitPrice", "ROUND(quantity, 0)", "REPLACE(UnitPrice, '.', '') + 0"]
    {
        let (one, other) = (results(text, &as_numbers), results(text, &as_texts));
        assert_eq!(one, other, "{text}");
    }
}

#[test]
fn a_cell_that_is_no_number_is_reported_with_its_row() {
    let columns = [texts("amount", &[Some("1,200"), Some("7"), Some(""), None, Some("abc")])];
    let evaluated = evaluate("amount * amount", &columns).unwrap();
    assert_eq!(shown(&evaluated.values), ["null", "49", "null", "null", "null"]);
    assert_eq!(evaluated.unreadable, [unreadable(0, "amount", "1,200"), unreadable(4, "amount", "abc")]);
    let evaluated = evaluate("REPLACE(amount, ',', '') + 0", &columns).unwrap();
    assert_eq!(shown(&evaluated.values)[0], "1200");
    assert_eq!(evaluated.unreadable, [unreadable(4, "amount", "abc")]);
}

#[test]
fn a_number_of_the_reader_must_be_finite() {
    let columns = [texts("amount", &[Some("NaN"), Some("inf")])];
    assert_eq!(evaluate("amount + 1", &columns).unwrap().unreadable.len(), 2);
}

#[test]
fn a_text_result_can_be_asked_for_as_a_number() {
    let columns = [texts("amount", &[Some("1,200"), Some("x")])];
    let bound = bind("REPLACE(amount, ',', '')", &columns).unwrap();
    assert_eq!(bound.kind(), crate::expression::Kind::Text);
    let evaluated = bound.into_number().unwrap().evaluate(&[Arc::clone(&columns[0].1)], &read_number).unwrap();
    assert_eq!(shown(&evaluated.values), ["1200", "null"]);
    assert_eq!(evaluated.unreadable, [unreadable(1, "amount", "x")]);
}

#[test]
fn ids_are_compared_exactly() {
    let columns = [whole("id", &[Some(9_007_199_254_740_993)]), whole("other", &[Some(9_007_199_254_740_992)])];
    assert_eq!(results("id = 9007199254740993", &columns), ["true"]);
    assert_eq!(results("id = 9007199254740992", &columns), ["false"]);
    assert_eq!(results("id = other", &columns), ["false"]);
    assert_eq!(results("id IN (1, 9007199254740993)", &columns), ["true"]);
    assert_eq!(results("CAST(id AS text)", &columns), ["9007199254740993"]);
    let columns = [texts("id", &[Some("9007199254740993")])];
    assert_eq!(results("id = '9007199254740993'", &columns), ["true"]);
    let refused = error_with("id = 9007199254740993", &columns);
    assert_eq!(
        refused,
        "column 6: 9007199254740993 has more digits than a number holds: write it as a text, '9007199254740993'"
    );
}

#[test]
fn minus_zero_is_zero() {
    let columns = [numbers("z", &[Some(-0.0), Some(0.0)])];
    assert_eq!(results("z = 0", &columns), ["true", "true"]);
    assert_eq!(results("z < 0", &columns), ["false", "false"]);
    assert_eq!(results("0 * -1 = 0", &columns), ["true", "true"]);
    assert_eq!(results("CAST(z AS text)", &columns), ["0", "0"]);
}
