//! Rows that cannot be used.

use super::*;

#[test]
fn a_line_of_ten_megabytes_is_refused_and_the_rest_used() {
    let text = format!("{ORDERS}{},2024-01-01,1\nd,2024-01-01,1\n", "x".repeat(10 << 20));
    let clivia = scored(text, &[]);
    assert_eq!(clivia.refusals(), ["8 row_too_long"]);
    assert!(clivia.rejects()[0][3].starts_with("xxxx") && clivia.rejects()[0][3].len() <= 200);
    assert_eq!(clivia.customers().column("customer_id"), ["a", "b", "c", "d"]);
}

#[test]
fn a_json_line_of_ten_megabytes_is_refused_and_the_rest_used() {
    let line = |id: &str| format!("{{\"id\":\"{id}\",\"date\":\"2024-01-01\"}}\n");
    let clivia = Clivia::with("orders.ndjson", [line("a"), line(&"x".repeat(10 << 20)), line("b")].concat());
    clivia.scored("orders.ndjson", &GO_ON);
    assert_eq!(clivia.refusals(), ["2 row_too_long"]);
    assert_eq!(clivia.customers().column("customer_id"), ["a", "b"]);
}

#[test]
fn rows_with_other_numbers_of_cells_are_refused() {
    let text = format!("{ORDERS}d,2024-01-01\nd,2024-01-01,1,1\nd,2024-01-01,1\n");
    let list = rejects(text, &[]);
    assert_eq!(list[0], "8||2 cells for 3 columns: d | 2024-01-01|wrong_number_of_cells");
    assert!(list[1].starts_with("9||4 cells for 3 columns") && list.len() == 2, "{list:?}");
}

#[test]
fn mixed_types_in_a_column_refuse_what_does_not_fit() {
    let text =
        "id,date,amount\n1,2024-01-01,5\nx,yesterday,5\n2,2024-01-01,five\n3,20240103,7.5\n3,,1\n3,2024-01-01,\n";
    let expected = [
        "3|date|yesterday|unreadable_date",
        "4|amount|five|unreadable_amount",
        "6|date||missing_date",
        "7|amount||missing_amount",
    ];
    assert_eq!(rejects(text, &[]), expected);
}

#[test]
fn dates_of_1900_and_9999_are_refused() {
    let text = "id,date,amount\n1,2024-01-01,5\n1,1900-01-01,5\n1,9999-12-31,5\n1,1970-01-01,5\n";
    let expected = ["1900-01-01", "9999-12-31", "1970-01-01"];
    let list = listed(text).rejects();
    assert!(list.iter().all(|reject| reject[4] == "date_out_of_range"));
    assert_eq!(list.iter().map(|reject| reject[3].as_str()).collect::<Vec<_>>(), expected);
}

#[test]
fn a_date_out_of_range_in_parquet_is_shown_as_a_date() {
    let mut columns = typed();
    let ticks: Vec<i64> = vec![-2_208_988_800_000, 0, 1, 2, 3, 1_704_067_200_000];
    let moments = Column::new("order_date".into(), ticks);
    columns[1] = moments.cast(&DataType::Datetime(TimeUnit::Milliseconds, None)).unwrap();
    let clivia = parquet(columns);
    clivia.scored("orders.parquet", &GO_ON);
    assert_eq!(clivia.refusals()[0], "1 date_out_of_range");
    assert!(clivia.rejects()[0][3].starts_with("1900-01-01"), "{:?}", clivia.rejects()[0]);
}

#[test]
fn amounts_without_measure_are_refused() {
    let text =
        "id,date,amount\n1,2024-01-01,5\n1,2024-01-02,1e308\n1,2024-01-03,NaN\n1,2024-01-04,inf\n1,2024-01-05,-1e308\n";
    let expected = ["3 amount_too_large", "4 non_finite_amount", "5 non_finite_amount", "6 amount_too_large"];
    let clivia = listed(text);
    assert_eq!(clivia.refusals(), expected);
    assert_eq!(clivia.customers().row("1", &ROW), "1 0 5.0");
    let amounts = Column::new("amount".into(), [5.0, 1e308, f64::NAN, f64::INFINITY, -1e308, 2.0]);
    let mut columns = typed();
    columns[2] = amounts;
    let clivia = parquet(columns);
    clivia.scored("orders.parquet", &GO_ON);
    assert_eq!(clivia.refusals().len(), 4);
}

#[test]
fn every_refusal_names_file_row_column_and_value() {
    let clivia = Clivia::with("parts/b.csv", "customer_id,order_date,amount\n,2024-01-01,1\n");
    clivia.write("parts/a.csv", ORDERS);
    clivia.scored("parts", &[]);
    assert_eq!(clivia.rejects(), [["parts/b.csv", "2", "customer_id", "", "missing_customer"].map(String::from)]);
}

#[test]
fn refused_values_stand_as_in_the_file() {
    let text = "id,date,amount\n1,2024-01-01,5\n1,2024-01-02,-2\n1,2024-01-03,0\n1,2024-02-30,1\n";
    let expected = ["3|amount|-2|return", "4|amount|0|zero_amount", "5|date|2024-02-30|unreadable_date"];
    assert_eq!(rejects(text, &["--returns", "reject", "--zero-amounts", "reject"]), expected);
}

#[test]
fn refused_values_cannot_become_formulas() {
    let text = "id,date,amount\n1,2024-01-01,5\n2,=cmd|'/c calc'!A1,5\n3,@SUM(1),5\n4,2024-01-01,-12x\n";
    let values: Vec<String> = listed(text).rejects().into_iter().map(|[_, _, _, value, _]| value).collect();
    assert_eq!(values, ["'=cmd|'/c calc'!A1", "'@SUM(1)", "'-12x"]);
}

#[test]
fn strict_stops_at_the_first_refused_row() {
    let text = format!("{ORDERS},2024-01-01,1\nd,2024-13-01,1\n");
    says(&refused(&text, &["--strict"]), &["orders.csv, row 8, column 'customer_id': missing_customer", "--strict"]);
    scored(ORDERS, &["--strict"]);
}
