//! Ids and dates.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use parquet::arrow::ArrowWriter;

use super::*;

#[test]
fn ids_stay_what_they_are() {
    let clivia = scored("id,date,amount\n007,2024-01-01,1\n7,2024-01-01,2\n 7 ,2024-01-02,4\nA b,2024-01-01,8\n", &[]);
    let table = clivia.customers();
    assert_eq!(table.column("customer_id"), ["7", "007", "A b"]);
    assert_eq!(table.numbers("revenue"), [6.0, 1.0, 8.0]);
}

#[test]
fn whole_floats_are_whole_ids() {
    let mut columns = typed();
    columns[0] =
        Column::new("customer_id".into(), [Some(12345.0), None, Some(12345.0), Some(2.5), Some(7.0), Some(f64::NAN)]);
    let clivia = parquet(columns);
    clivia.scored("orders.parquet", &[]);
    assert_eq!(clivia.customers().column("customer_id"), ["7", "12345", "2.5"]);
    assert_eq!(clivia.refusals(), ["2 missing_customer", "6 missing_customer"]);
    let clivia = scored("id,date,amount\n12345.0,2024-01-01,1\n12345,2024-01-02,1\n", &[]);
    assert_eq!(clivia.customers().column("customer_id"), ["12345"]);
}

#[test]
fn every_usual_form_of_a_date_is_the_same_day() {
    let forms = [
        "2024-01-31",
        "2024/01/31",
        "20240131",
        "31.01.2024",
        "31/01/2024",
        "2024-01-31T23:59:59",
        "2024-01-31 8:05",
        "2024-01-31T22:00:00Z",
        "2024-01-31 23:00:00+00:00",
        "1706700000",
        "1706700000000",
        "31-Jan-24",
        "1/31/24",
        "31.1.24",
        "Jan 31, 2024 10:11:12 PM",
        "31 stycznia 2024",
        "Wed, 31 Jan 2024 15:04:05 GMT",
        "2024-01-31T23:30:00.000Z",
        "2024-01-31 23:30:00 -0500",
        "2024-01-31T00:30:00+01:00",
        "202401312359",
        "20240131T235959Z",
        "45322",
        "45322.9993",
    ];
    for form in forms {
        let clivia = scored(format!("id,date,amount\n1,\"{form}\",5\n"), &[]);
        assert_eq!(clivia.customers().of("1", "first_order"), "2024-01-31", "{form}");
    }
}

#[test]
fn one_telling_date_settles_day_and_month() {
    let text = "id,date,amount\n1,3/4/2024,5\n2,13/4/2024,5\n";
    assert_eq!(scored(text, &[]).customers().of("1", "first_order"), "2024-04-03");
    let text = "id,date,amount\n1,3/4/2024,5\n2,4/13/2024,5\n3,13/13/2024,5\n";
    says(&refused(text, &["--strict"]), &["row 4", "'13/13/2024'", "unreadable_date"]);
}

#[test]
fn instants_fall_on_the_day_of_the_time_zone() {
    let text = "id,date,amount\nzoned,2024-01-31T23:30:00Z,5\nepoch,1706743800,5\nclock,2024-01-31T23:30:00,5\n";
    let day = |more: &[&str], id: &str| scored(text, more).customers().of(id, "first_order").to_string();
    let warsaw = ["--timezone", "Europe/Warsaw"];
    assert_eq!([day(&[], "zoned"), day(&[], "epoch"), day(&[], "clock")], ["2024-01-31"; 3]);
    assert_eq!([day(&warsaw, "zoned"), day(&warsaw, "epoch")], ["2024-02-01"; 2]);
    assert_eq!(day(&warsaw, "clock"), "2024-01-31");
    let text = "id,date,amount\nfraction,2024-01-31T23:30:00.000Z,5\noffset,2024-01-31 18:30:00 -0500,5\n";
    let day = |more: &[&str], id: &str| scored(text, more).customers().of(id, "first_order").to_string();
    assert_eq!([day(&[], "fraction"), day(&[], "offset")], ["2024-01-31"; 2]);
    assert_eq!([day(&warsaw, "fraction"), day(&warsaw, "offset")], ["2024-02-01"; 2]);
}

#[test]
fn dates_with_two_readings_show_both_and_what_answers() {
    let text = "id,date,amount\n1,3/4/2020 8:26,5\n1,5/4/2020 8:26,5\n";
    let said = refused(text, &[]);
    says(&said, &["3/4/2020 8:26", "3 April 2020 or March 4, 2020", "--date-format dmy or --date-format mdy"]);
    let day = |order| scored(text, &["--date-format", order]).customers().of("1", "first_order").to_string();
    assert_eq!((day("dmy"), day("mdy")), ("2020-04-03".into(), "2020-03-04".into()));
}

#[test]
fn numbers_that_are_no_dates_are_refused_and_never_of_1970() {
    let good = "a,2024-01-31,5\n".repeat(30);
    let clivia = scored(format!("id,date,amount\nb,240131,5\nc,99999,5\nd,12,5\n{good}"), &[]);
    assert_eq!(clivia.refusals(), ["2 unreadable_date", "3 unreadable_date", "4 unreadable_date"]);
}

#[test]
fn timestamps_of_parquet_fall_on_the_day_of_the_time_zone() {
    let ticks = || TimestampMicrosecondArray::from(vec![1_706_743_800_000_000_i64; 3]);
    // Half past eleven at night in Greenwich; an offset is a zone as any other.
    let zones = [
        (Some("UTC"), "2024-01-31", "2024-02-01"),
        (Some("+05:30"), "2024-02-01", "2024-02-01"),
        (Some("America/New_York"), "2024-01-31", "2024-02-01"),
        (None, "2024-01-31", "2024-01-31"),
    ];
    for (zone, own, in_warsaw) in zones {
        let dates = ticks().with_timezone_opt(zone);
        let columns: [(&str, ArrayRef); 3] = [
            ("customer_id", Arc::new(StringArray::from(vec!["a", "b", "a"]))),
            ("order_date", Arc::new(dates)),
            ("amount", Arc::new(Float64Array::from(vec![1.0, 2.0, 3.0]))),
        ];
        let rows = RecordBatch::try_from_iter(columns).unwrap();
        let clivia = Clivia::new();
        let file = std::fs::File::create(clivia.path("orders.parquet")).unwrap();
        let mut writer = ArrowWriter::try_new(file, rows.schema(), None).unwrap();
        writer.write(&rows).unwrap();
        writer.close().unwrap();
        for (more, expected) in [(&["--timezone", "Europe/Warsaw"][..], in_warsaw), (&[], own)] {
            clivia.scored("orders.parquet", &[more, &["--overwrite"]].concat());
            assert_eq!(clivia.customers().of("a", "first_order"), expected, "{zone:?}");
        }
    }
}

#[test]
fn orders_after_as_of_are_refused() {
    let clivia = scored(ORDERS, &["--as-of", "2024-01-08"]);
    assert_eq!(clivia.refusals(), ["5 after_as_of", "6 after_as_of"]);
    assert_eq!(clivia.run_json()["as_of"], "2024-01-08");
    assert_eq!(clivia.customers().row("a", &["age", "last_purchase_age", "days_since_last"]), "1.0 1.0 0");
}
