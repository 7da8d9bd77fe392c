//! Columns of every type, casts, and names of columns.

use arrow::array::{
    BinaryArray, Date64Array, Decimal128Array, DictionaryArray, Float32Array, Int8Array, LargeStringArray, NullArray,
    StringViewArray, TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray, UInt64Array,
};
use arrow::datatypes::Int32Type;

use super::*;
use crate::expression::Kind;

#[test]
fn every_type_of_column() {
    let dictionary: DictionaryArray<Int32Type> = vec![Some("a"), None].into_iter().collect();
    let decimals = Decimal128Array::from(vec![Some(1_235), None]).with_precision_and_scale(10, 2).unwrap();
    let zoned = TimestampSecondArray::from(vec![Some(86_399), None]).with_timezone("Europe/Berlin");
    let cases: [(ArrayRef, Kind, &str); 14] = [
        (Arc::new(LargeStringArray::from(vec![Some("a"), None])), Kind::Text, "a"),
        (Arc::new(StringViewArray::from(vec![Some("a"), None])), Kind::Text, "a"),
        (Arc::new(dictionary), Kind::Text, "a"),
        (Arc::new(Int8Array::from(vec![Some(7), None])), Kind::Integer, "7"),
        (Arc::new(UInt64Array::from(vec![Some(7), None])), Kind::Integer, "7"),
        (Arc::new(Float32Array::from(vec![Some(1.5), None])), Kind::Number, "1.5"),
        (Arc::new(decimals), Kind::Number, "12.35"),
        (Arc::new(BooleanArray::from(vec![Some(true), None])), Kind::Boolean, "true"),
        (Arc::new(Date32Array::from(vec![Some(0), None])), Kind::Date, "1970-01-01"),
        (Arc::new(Date64Array::from(vec![Some(-1), None])), Kind::Date, "1969-12-31"),
        (Arc::new(zoned), Kind::Timestamp, "1970-01-01T23:59:59"),
        (Arc::new(TimestampMillisecondArray::from(vec![Some(1_000), None])), Kind::Timestamp, "1970-01-01T00:00:01"),
        (
            Arc::new(TimestampNanosecondArray::from(vec![Some(1_000), None])),
            Kind::Timestamp,
            "1970-01-01T00:00:00.000001",
        ),
        (Arc::new(NullArray::new(2)), Kind::Unknown, "null"),
    ];
    for (array, kind, expected) in cases {
        let columns = [("c", array)];
        assert_eq!(bind("c", &columns).unwrap().kind(), kind);
        assert_eq!(results("c", &columns), [expected, "null"]);
        assert_eq!(results("c IS NULL", &columns)[1], "true");
        assert_eq!(results("COALESCE(c || '', 'none')", &columns)[1], "none");
    }
}

#[test]
fn a_type_without_a_kind_is_named() {
    let columns = [("blob", Arc::new(BinaryArray::from(vec![Some(&b"x"[..])])) as ArrayRef)];
    assert_eq!(
        error_with("1 + blob", &columns),
        "column 5: 'blob' holds Binary; an expression reads numbers, texts, dates and booleans"
    );
    assert_eq!(results("1 + 1", &columns), ["2"]);
}

#[test]
fn a_whole_number_above_64_bits_is_refused() {
    let columns = [("id", Arc::new(UInt64Array::from(vec![u64::MAX])) as ArrayRef)];
    assert!(error_with("id + 1", &columns).starts_with("column 'id' holds a value that cannot be used"));
}

#[test]
fn each_cast() {
    for (text, expected) in [
        ("CAST('12.5' AS number)", "12.5"),
        ("'12.5'::double", "12.5"),
        ("'12.5'::float", "12.5"),
        ("'12.5'::real", "12.5"),
        ("'12.5'::double precision", "12.5"),
        ("'12.5'::integer", "13"),
        ("'12.4'::bigint", "12"),
        ("CAST(-2.5 AS int)", "-3"),
        ("CAST(1e300 AS integer)", "null"),
        ("12::varchar || 'a'", "12a"),
        ("'2024-12-31'::date", "2024-12-31"),
        ("'2024-12-31 10:00:00'::timestamp", "2024-12-31T10:00:00"),
        ("'yes'::boolean", "true"),
        ("CAST(x > 1 AS integer)", "1"),
        ("CAST(NULL AS date)", "null"),
    ] {
        assert_eq!(result(text), expected, "{text}");
    }
    assert!(error("CAST(x AS decimal(10, 2))").contains("DECIMAL(10,2) cannot be used here; numbers are 64-bit"));
    assert!(error("x::numeric").contains("NUMERIC"));
    assert!(error("x::varchar(10)").contains("LEFT(x, 10)"));
    assert!(error("x::blob").contains("the types are number, integer, text, date, timestamp and boolean"));
    assert!(error("x::boolean").contains("write x <> 0"));
    assert!(error("x::date").contains("a number cannot be cast to a date"));
    assert_eq!(error("'abc'::number"), "column 1: 'abc' cannot be read as a number");
    assert!(error("TRY_CAST(x AS text)").contains("CAST(value AS type)"));
}

#[test]
fn names_are_matched_exactly_first() {
    let columns = [numbers("qty", &[Some(1.0)]), numbers("Qty", &[Some(2.0)]), numbers("Price", &[Some(3.0)])];
    assert_eq!(results("Qty", &columns), ["2"]);
    assert_eq!(results("price", &columns), ["3"]);
    assert!(error_with("QTY", &columns).contains("'QTY' may mean 'qty', 'Qty'"));
    assert!(error_with("\"price\"", &columns).contains("did you mean 'Price'?"));
    let twice = [numbers("a", &[Some(1.0)]), numbers("a", &[Some(2.0)])];
    assert!(error_with("a", &twice).contains("rename one of them"));
}

#[test]
fn an_unknown_column_is_answered_with_the_nearest() {
    let columns = [numbers("Quantity", &[Some(1.0)]), numbers("UnitPrice", &[Some(2.0)])];
    assert_eq!(
        error_with("UnitPrice * Quantty", &columns),
        "column 13: there is no column 'Quantty'; did you mean 'Quantity'? The columns are 'Quantity', 'UnitPrice'"
    );
    assert!(error_with("\"paid\" = 1", &columns).contains("A text stands in single quotes, such as 'paid'"));
    let names: Vec<String> = (0..30).map(|index| format!("c{index}")).collect();
    let fields: Vec<_> = names.iter().map(|name| (name.clone(), DataType::Float64)).collect();
    let refused = Expression::parse("zzz").unwrap().bind(&fields).unwrap_err().to_string();
    assert!(refused.ends_with("'c19' and 10 more"), "{refused}");
}

#[test]
fn columns_are_named_once_in_order() {
    let expression = Expression::parse("CASE WHEN b > a THEN \"c d\" ELSE COALESCE(a, e) END").unwrap();
    assert_eq!(expression.columns(), ["b", "a", "c d", "e"]);
    assert!(Expression::parse("1 + 1").unwrap().columns().is_empty());
}

#[test]
fn the_columns_given_must_be_those_bound() {
    let columns = [numbers("a", &[Some(1.0)]), numbers("b", &[Some(1.0)])];
    let bound = bind("a + b", &columns).unwrap();
    let a = Arc::clone(&columns[0].1);
    assert!(bound.evaluate(std::slice::from_ref(&a), &read_number).is_err());
    let short: ArrayRef = Arc::new(Float64Array::from(Vec::<f64>::new()));
    assert!(bound.evaluate(&[Arc::clone(&a), short], &read_number).is_err());
    let text: ArrayRef = Arc::new(StringArray::from(vec!["1"]));
    assert!(bound.evaluate(&[a, text], &read_number).unwrap_err().to_string().contains("'b' is of another type"));
}
