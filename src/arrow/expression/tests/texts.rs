//! Texts: functions, LIKE, what is written as a text.

use super::*;

#[test]
fn each_function_of_texts() {
    for (text, expected) in [
        ("LOWER('ÄbC')", "äbc"),
        ("UPPER('äbc')", "ÄBC"),
        ("TRIM('  a b ')", "a b"),
        ("TRIM('xxaxx', 'x')", "a"),
        ("TRIM(BOTH 'x' FROM 'xax')", "a"),
        ("TRIM(LEADING 'x' FROM 'xax')", "ax"),
        ("LTRIM(' a ') || '|'", "a |"),
        ("RTRIM(' a ') || '|'", " a|"),
        ("RTRIM('axx', 'x')", "a"),
        ("LENGTH('äöü')", "3"),
        ("REPLACE('1,2,3', ',', '')", "123"),
        ("REPLACE('abc', '', 'x')", "abc"),
        ("SUBSTR('hällo', 2, 3)", "äll"),
        ("SUBSTRING('hello', 2)", "ello"),
        ("SUBSTRING('hello' FROM 2 FOR 2)", "el"),
        ("SUBSTRING('hello' FOR 2)", "he"),
        ("SUBSTR('hello', 9)", ""),
        ("SUBSTR('hello', 0)", "null"),
        ("LEFT('hello', 2)", "he"),
        ("LEFT('hello', 99)", "hello"),
        ("LEFT('hello', -1)", "null"),
        ("RIGHT('hällo', 4)", "ällo"),
        ("RIGHT('hello', 99)", "hello"),
        ("CONCAT('a', NULL, 1, 'b')", "a1b"),
        ("'a' || 1.50 || TRUE", "a1.5true"),
        ("'a' || NULL", "null"),
        ("STARTS_WITH('hello', 'he')", "true"),
        ("ENDS_WITH('hello', 'he')", "false"),
        ("CONTAINS('hello', 'ell')", "true"),
        ("SPLIT_PART('a-b-c', '-', 2)", "b"),
        ("SPLIT_PART('a-b-c', '-', 9)", ""),
        ("SPLIT_PART('a-b-c', '-', 0)", "null"),
        ("LPAD('7', 3, '0')", "007"),
        ("LPAD('12345', 3, '0')", "123"),
        ("RPAD('7', 3)", "7  "),
        ("RPAD('7', 4, 'ab')", "7aba"),
        ("LPAD('7', 3, '')", "7"),
        ("COALESCE(NULL, 'a')", "a"),
        ("NULLIF('a', 'a')", "null"),
        ("GREATEST('a', 'c', 'b')", "c"),
        ("'it''s'", "it's"),
    ] {
        assert_eq!(result(text), expected, "{text}");
    }
}

#[test]
fn like_and_ilike() {
    for (text, expected) in [
        ("'paid' LIKE 'p%'", "true"),
        ("'paid' LIKE 'P%'", "false"),
        ("'paid' ILIKE 'P_ID'", "true"),
        ("'paid' NOT LIKE 'p%'", "false"),
        ("'paid' NOT ILIKE 'x%'", "true"),
        ("'50%' LIKE '50\\%'", "true"),
        ("'500' LIKE '50\\%'", "false"),
        ("NULL LIKE 'a'", "null"),
        ("12 LIKE '1%'", "true"),
    ] {
        assert_eq!(result(text), expected, "{text}");
    }
}

#[test]
fn a_pattern_that_is_too_long_is_no_panic() {
    let long = "%_".repeat(30_000);
    let columns = [texts("t", &[Some("a")]), texts("pattern", &[Some(&long)])];
    assert_eq!(
        error_with("t LIKE pattern", &columns),
        "column 1: this part cannot be worked out: the pattern of LIKE is too long"
    );
}

#[test]
fn numbers_are_written_plainly_as_texts() {
    for (text, expected) in [
        ("CAST(12.0 AS text)", "12"),
        ("CAST(0.1 AS varchar)", "0.1"),
        ("CAST(1e21 AS text)", "1000000000000000000000"),
        ("CAST(7 AS text)", "7"),
        ("CAST(TRUE AS text)", "true"),
    ] {
        assert_eq!(result(text), expected, "{text}");
    }
}

#[test]
fn a_text_is_compared_as_text_with_a_text_and_as_number_with_a_number() {
    let columns = [texts("code", &[Some("007"), Some("10")])];
    assert_eq!(results("code = '7'", &columns), ["false", "false"]);
    assert_eq!(results("code = 7", &columns), ["true", "false"]);
    assert_eq!(results("code > '1'", &columns), ["false", "true"]);
    assert_eq!(results("code BETWEEN 7 AND 9", &columns), ["true", "false"]);
    assert_eq!(results("code NOT IN (7, 8)", &columns), ["false", "true"]);
}

#[test]
fn quoted_names_have_blanks() {
    let columns = [numbers("Unit Price", &[Some(2.0)]), numbers("x", &[Some(3.0)])];
    assert_eq!(results("\"Unit Price\" * x", &columns), ["6"]);
    assert_eq!(results("`Unit Price` * x", &columns), ["6"]);
}

#[test]
fn a_text_that_is_too_long_is_refused_before_it_is_made() {
    for text in [
        "LPAD('7', 1000000000, 'x')",
        "RPAD(status, 65537)",
        "REPLACE(LPAD('', 60000, 'a'), 'a', 'bb')",
        "LPAD('', 60000) || LPAD('', 60000)",
        "CONCAT(LPAD('', 60000), LPAD('', 60000))",
    ] {
        assert!(error(text).contains("a text of more than 65536 characters"), "{text}");
    }
    assert_eq!(result("LENGTH(RPAD('', 65536))"), "65536");
}

#[test]
fn texts_beyond_a_block_are_refused() {
    let many = texts("t", &vec![Some("a"); 40_000]);
    let refused = error_with("LPAD(t, 65536)", &[many]);
    assert!(refused.contains("1 GiB for one block of 40000 rows"), "{refused}");
    let many = texts("t", &vec![Some("a"); 40_000]);
    let refused = error_with("LPAD('', 65536)", std::slice::from_ref(&many));
    assert!(refused.contains("for one block"), "{refused}");
    assert!(error_with("COALESCE(NULLIF(t, 'a'), LPAD('', 65536))", &[many]).contains("for one block"));
}
