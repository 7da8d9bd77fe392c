//! Real files and bad ones: what is read, what is refused, what is said.

use std::fs::File;
use std::io::Write;
use std::process::{Command, Stdio};

use clivia::units::Day;
use polars::prelude::*;

use crate::support::{Clivia, ORDERS, Ran, says};

const ROW: [&str; 3] = ["orders", "frequency", "revenue"];

/// `ORDERS` with another delimiter.
fn delimited(by: &str) -> String {
    ORDERS.replace(',', by)
}

/// What scoring this text gives; the run must work.
fn scored(text: impl AsRef<[u8]>, more: &[&str]) -> Clivia {
    let clivia = Clivia::with("orders.csv", text);
    clivia.scored("orders.csv", more);
    clivia
}

/// customers.csv of `ORDERS`.
fn expected() -> Vec<u8> {
    scored(ORDERS, &[]).read("out/customers.csv")
}

/// What is said of this text, which no run can use.
fn refused(text: impl AsRef<[u8]>, more: &[&str]) -> String {
    Clivia::with("orders.csv", text).refused("orders.csv", more)
}

fn rejects(text: impl AsRef<[u8]>, more: &[&str]) -> Vec<String> {
    scored(text, more).rejects().iter().map(|reject| reject[1..].join("|")).collect()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn write_parquet(clivia: &Clivia, name: &str, columns: Vec<Column>) {
    clivia.write(name, "");
    let mut frame = DataFrame::new(columns[0].len(), columns).unwrap();
    ParquetWriter::new(File::create(clivia.path(name)).unwrap()).finish(&mut frame).unwrap();
}

fn parquet(columns: Vec<Column>) -> Clivia {
    let clivia = Clivia::new();
    write_parquet(&clivia, "orders.parquet", columns);
    clivia
}

/// The columns of `ORDERS`, typed.
fn typed() -> Vec<Column> {
    let rows: Vec<Vec<&str>> = ORDERS.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let days: Vec<i32> = rows.iter().map(|row| row[1].parse::<Day>().unwrap().0).collect();
    vec![
        Column::new("customer_id".into(), rows.iter().map(|row| row[0]).collect::<Vec<_>>()),
        Column::new("order_date".into(), days).cast(&DataType::Date).unwrap(),
        Column::new("amount".into(), rows.iter().map(|row| row[2].parse::<f64>().unwrap()).collect::<Vec<_>>()),
    ]
}

// ---- files that cannot be used

#[test]
fn an_empty_file_is_named() {
    says(&refused("", &[]), &["orders.csv: the file is empty"]);
    says(&refused("\n \n", &[]), &["orders.csv: the file is empty"]);
}

#[test]
fn a_header_without_rows_is_named() {
    says(&refused("customer_id,date,amount\n", &[]), &["orders.csv: there is a header but no row"]);
}

#[test]
fn a_parquet_file_without_rows_is_named() {
    let clivia = parquet(typed().iter().map(|column| column.head(Some(0))).collect());
    says(&clivia.refused("orders.parquet", &[]), &["orders.parquet: there is a header but no row"]);
}

#[test]
fn a_part_without_rows_is_passed_over() {
    let clivia = Clivia::with("parts/a.csv", ORDERS);
    clivia.write("parts/b.csv", "customer_id,order_date,amount\n");
    clivia.scored("parts", &[]);
    assert_eq!(clivia.read("out/customers.csv"), expected());
}

#[test]
fn a_file_that_is_not_there_is_named() {
    says(&Clivia::new().refused("nowhere.csv", &[]), &["nowhere.csv: no such file", "pattern"]);
    says(&Clivia::new().refused("*.parquet", &[]), &["*.parquet: no such file"]);
}

#[test]
fn a_missing_column_is_named_with_its_nearest() {
    let said = refused("kunde,costumer,date,amount\n1,1,2024-01-01,1\n", &[]);
    says(
        &said,
        &["orders.csv: no customer column", "kunde, costumer, date, amount", "nearest: 'costumer'", "--customer"],
    );
    let said = refused(ORDERS, &["--date", "orderdat"]);
    says(&said, &["no date column 'orderdat'", "customer_id, order_date, amount", "nearest: 'order_date'", "--date"]);
}

#[test]
fn an_unknown_column_in_an_expression_is_named_with_its_nearest() {
    let said = refused("id,date,Quantity,UnitPrice\n1,2024-01-01,2,3\n", &["--amount", "Quantity * UnitPrize"]);
    says(&said, &["'UnitPrize'", "nearest: 'UnitPrice'", "--amount"]);
    let said = refused("id,date,Quantity\n1,2024-01-01,2\n", &["--amount", "Quantity * * 2"]);
    says(&said, &["--amount \"Quantity * * 2\""]);
}

#[test]
fn a_header_with_two_candidates_asks_which() {
    let said = refused("customer_id,Customer ID,date\n1,2,2024-01-01\n", &[]);
    says(&said, &["'customer_id'", "'Customer ID'", "--customer"]);
    let clivia = scored("customer_id,Customer ID,date\n1,2,2024-01-01\n", &["--customer", "Customer ID"]);
    assert_eq!(clivia.customers().column("customer_id"), ["2"]);
}

#[test]
fn one_corrupt_parquet_in_a_folder_is_named() {
    for damage in [
        |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() / 2),
        |bytes: &mut Vec<u8>| {
            let middle = bytes.len() / 4;
            bytes[4..middle].fill(0xff);
        },
    ] {
        let clivia = Clivia::new();
        write_parquet(&clivia, "parts/a.parquet", typed());
        write_parquet(&clivia, "parts/b.parquet", typed());
        clivia.scored("parts", &["--out", "good"]);
        let mut bytes = clivia.read("parts/b.parquet");
        damage(&mut bytes);
        clivia.write("parts/b.parquet", bytes);
        says(&clivia.refused("parts", &[]), &["parts/b.parquet: not readable as Parquet", "damaged"]);
    }
}

#[test]
fn a_truncated_gzip_is_named() {
    let whole = gzip(ORDERS.repeat(500).as_bytes());
    for cut in [whole.len() / 2, whole.len() - 4] {
        let clivia = Clivia::with("orders.csv.gz", &whole[..cut]);
        says(&clivia.refused("orders.csv.gz", &[]), &["orders.csv.gz", "ends too early"]);
    }
}

#[test]
fn a_truncated_zstd_is_named() {
    let whole = zstd::encode_all(ORDERS.repeat(500).as_bytes(), 3).unwrap();
    let clivia = Clivia::with("orders.csv.zst", &whole[..whole.len() / 2]);
    says(&clivia.refused("orders.csv.zst", &[]), &["orders.csv.zst"]);
}

#[test]
fn the_wrong_delimiter_shows_what_is_held() {
    let said = refused(ORDERS, &["--delimiter", ";"]);
    says(&said, &["orders.csv: no customer column", "holds: customer_id,order_date,amount"]);
    says(&refused(ORDERS, &["--delimiter", "ab"]), &["read.delimiter", "'ab'"]);
}

#[test]
fn binary_junk_is_named() {
    let junk: Vec<u8> = (0..50_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    says(&refused(&junk, &[]), &["orders.csv", "binary data", "give CSV, Parquet"]);
    let clivia = Clivia::with("orders.parquet", &junk);
    says(&clivia.refused("orders.parquet", &[]), &["orders.parquet: not readable as Parquet"]);
    let without_zeros: Vec<u8> = junk.iter().map(|byte| byte | 0x80).collect();
    says(&refused(&without_zeros, &[]), &["orders.csv"]);
}

#[test]
fn ambiguous_dates_ask_for_their_form() {
    let text = "id,date,amount\n1,2024-05-01,1\n1,3/4/2024,2\n2,5/6/2024,3\n";
    says(&refused(text, &[]), &["orders.csv, row 3, column 'date': '3/4/2024'", "--date-format"]);
    let days = |format| scored(text, &["--date-format", format]).customers().of("2", "first_order").to_string();
    assert_eq!((days("%d/%m/%Y").as_str(), days("%m/%d/%Y").as_str()), ("2024-06-05", "2024-05-06"));
}

#[test]
fn as_of_before_all_orders_is_named() {
    says(&refused(ORDERS, &["--as-of", "2023-12-31"]), &["no order line could be used", "6 after_as_of", "--as-of"]);
}

#[test]
fn orders_that_are_all_refused_say_why() {
    // The list of refused rows goes with the run that is not there, so the reasons must be in the message.
    says(&refused("id,date,amount\n,2024-01-01,1\n,2024-01-02,2\n", &[]), &["missing_customer"]);
}

#[test]
fn orders_that_are_all_returned_are_named() {
    let said = refused("id,date,amount\n1,2024-01-01,5\n1,2024-01-02,-5\n", &[]);
    says(&said, &["every order was returned", "--returns ignore"]);
}

#[test]
fn money_beyond_all_bounds_is_no_fault_of_the_program() {
    // 20,000 rows of almost a hundred billion are more than 64 bits of 1/10,000 hold.
    let mut text = String::from("id,date,amount\n");
    (0..20_000).for_each(|row| text += &format!("{},2024-01-01,99999999999\n", row % 3));
    let ran = Clivia::with("orders.csv", text).score("orders.csv", &[]);
    assert!(!ran.stderr.contains("fault of clivia") && !ran.stderr.contains("panicked"), "{ran:?}");
}

#[test]
fn unknown_encodings_and_zones_are_named() {
    says(&refused(ORDERS, &["--encoding", "utf-9"]), &["read.encoding", "'utf-9'", "windows-1252"]);
    let ran = Clivia::with("orders.csv", ORDERS).score("orders.csv", &["--timezone", "Mars"]);
    assert_eq!(ran.code, Some(2));
}

#[test]
fn parts_with_and_without_amounts_do_not_mix() {
    let clivia = Clivia::with("parts/a.csv", ORDERS);
    clivia.write("parts/b.csv", "customer_id,order_date\na,2024-01-01\n");
    says(&clivia.refused("parts", &[]), &["parts/b.csv", "name the columns"]);
}

// ---- rows that cannot be used

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
    clivia.scored("orders.ndjson", &[]);
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
    let list = scored(text, &[]).rejects();
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
    clivia.scored("orders.parquet", &[]);
    assert_eq!(clivia.refusals()[0], "1 date_out_of_range");
    assert!(clivia.rejects()[0][3].starts_with("1900-01-01"), "{:?}", clivia.rejects()[0]);
}

#[test]
fn amounts_without_measure_are_refused() {
    let text =
        "id,date,amount\n1,2024-01-01,5\n1,2024-01-02,1e308\n1,2024-01-03,NaN\n1,2024-01-04,inf\n1,2024-01-05,-1e308\n";
    let expected = ["3 amount_too_large", "4 non_finite_amount", "5 non_finite_amount", "6 amount_too_large"];
    let clivia = scored(text, &[]);
    assert_eq!(clivia.refusals(), expected);
    assert_eq!(clivia.customers().row("1", &ROW), "1 0 5.0");
    let amounts = Column::new("amount".into(), [5.0, 1e308, f64::NAN, f64::INFINITY, -1e308, 2.0]);
    let mut columns = typed();
    columns[2] = amounts;
    let clivia = parquet(columns);
    clivia.scored("orders.parquet", &[]);
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
    let values: Vec<String> = scored(text, &[]).rejects().into_iter().map(|[_, _, _, value, _]| value).collect();
    assert_eq!(values, ["'=cmd|'/c calc'!A1", "'@SUM(1)", "'-12x"]);
}

#[test]
fn strict_stops_at_the_first_refused_row() {
    let text = format!("{ORDERS},2024-01-01,1\nd,2024-13-01,1\n");
    says(&refused(&text, &["--strict"]), &["orders.csv, row 8, column 'customer_id': missing_customer", "--strict"]);
    scored(ORDERS, &["--strict"]);
}

// ---- small bases

#[test]
fn one_customer_is_scored() {
    let clivia = scored("id,date,amount\n1,2024-01-01,5\n1,2024-02-01,6\n1,2024-03-01,7\n", &[]);
    let table = clivia.customers();
    assert_eq!(table.row("1", &["orders", "frequency", "revenue", "mean_spend", "cluster"]), "3 2 18.0 6.5 1");
    assert!(!table.of("1", "rfm_segment").is_empty());
}

#[test]
fn one_order_is_scored() {
    let clivia = scored("id,date,amount\n1,2024-01-01,5\n", &[]);
    let columns = ["orders", "frequency", "last_purchase_age", "age", "days_since_last", "mean_spend", "clv"];
    assert_eq!(clivia.customers().row("1", &columns), "1 0 0.0 0.0 0  ");
    let run = clivia.run_json();
    assert_eq!(run["purchases"]["converged"], false);
    assert_eq!(run["purchases"]["log_likelihood"], serde_json::Value::Null);
    assert!(run["spend"]["reason"].as_str().is_some_and(|reason| !reason.is_empty()));
}

#[test]
fn all_orders_on_one_day_are_scored() {
    let mut text = String::from("id,date,amount\n");
    (0..50).for_each(|id| text += &format!("{id},2024-01-01,{id}.5\n"));
    let clivia = scored(text, &[]);
    let table = clivia.customers();
    assert_eq!(table.rows.len(), 50);
    assert!(table.numbers("age").iter().all(|age| *age == 0.0));
    assert!(table.numbers("r_score").windows(2).all(|scores| scores[0] == scores[1]));
    assert!(table.numbers("p_alive").iter().all(|value| value.is_finite()));
}

#[test]
fn a_base_without_repeat_purchases_is_scored_without_models() {
    let mut text = String::from("id,date,amount\n");
    (0..60).for_each(|id| text += &format!("{id},2024-01-{:02},{id}.5\n", 1 + id % 28));
    let clivia = Clivia::with("orders.csv", text);
    let said = clivia.scored("orders.csv", &[]).stdout;
    says(&said, &["no bg-nbd", "no gamma-gamma"]);
    let table = clivia.customers();
    assert!(
        ["p_alive", "expected_purchases", "expected_spend", "clv", "mean_spend"]
            .iter()
            .all(|c| table.numbers(c).is_empty())
    );
    assert_eq!(table.numbers("r_score").len(), 60);
    assert_eq!(table.numbers("cluster").len(), 60);
}

#[test]
fn small_bases_are_warned_of() {
    let warnings = scored(ORDERS, &[]).run_json()["warnings"].to_string();
    says(&warnings, &["bg-nbd", "gamma-gamma"]);
}

// ---- forms of text

#[test]
fn delimiters_are_sniffed() {
    let expected = expected();
    for by in [",", ";", "\t", "|"] {
        assert_eq!(scored(delimited(by), &[]).read("out/customers.csv"), expected, "{by:?}");
        let stated = if by == "\t" { "tab" } else { by };
        assert_eq!(scored(delimited(by), &["--delimiter", stated]).read("out/customers.csv"), expected, "{by:?}");
    }
}

#[test]
fn compressed_files_are_read_whatever_they_are_called() {
    let expected = expected();
    let (gzip, zstd) = (gzip(ORDERS.as_bytes()), zstd::encode_all(ORDERS.as_bytes(), 3).unwrap());
    // Two gzip members in one file are one text.
    let (head, tail) = ORDERS.split_at(60);
    let members = [self::gzip(head.as_bytes()), self::gzip(tail.as_bytes())].concat();
    for (name, bytes) in
        [("a.csv.gz", &gzip), ("b.csv.zst", &zstd), ("c.csv", &gzip), ("d.dat", &zstd), ("e.gz", &members)]
    {
        let clivia = Clivia::with(name, bytes);
        clivia.scored(name, &[]);
        assert_eq!(clivia.read("out/customers.csv"), expected, "{name}");
    }
}

/// Lines 2, 5 and 6 hold what cannot be used; the row of line 3 has a line break in a cell.
const QUOTED: &str = "id,date,note,amount\n1,2024-01-01,a,x\n1,2024-01-01,\"two\nlines\",5\n,2024-01-01,x,1\n2,2024-01-01,\"a\"\"b\",x\n";

#[test]
fn row_numbers_are_line_numbers() {
    let expected = ["2 unreadable_amount", "5 missing_customer", "6 unreadable_amount"];
    assert_eq!(scored(QUOTED, &[]).refusals(), expected);
    assert_eq!(scored(QUOTED.trim_end(), &[]).refusals(), expected);
}

#[test]
fn row_numbers_are_line_numbers_where_lines_end_as_on_windows() {
    let text = QUOTED.replace('\n', "\r\n");
    let expected = ["2 unreadable_amount", "5 missing_customer", "6 unreadable_amount"];
    assert_eq!(scored(&text, &[]).refusals(), expected);
    assert_eq!(scored(text.trim_end(), &[]).refusals(), expected);
    assert_eq!(scored(&text, &[]).read("out/customers.csv"), scored(QUOTED, &[]).read("out/customers.csv"));
}

#[test]
fn row_numbers_are_line_numbers_after_blank_lines() {
    let text = QUOTED.replace("5\n,", "5\n\n\n,");
    assert_eq!(scored(text, &[]).refusals(), ["2 unreadable_amount", "7 missing_customer", "8 unreadable_amount"]);
}

#[test]
fn row_numbers_go_on_after_a_block() {
    // Blocks hold 65,536 rows.
    let mut text = String::from("id,date,amount\n");
    (2..=140_000).for_each(|line| text += if line % 65_537 == 0 { ",2024-01-01,1\n" } else { "1,2024-01-01,1\n" });
    let clivia = scored(text, &[]);
    assert_eq!(clivia.refusals(), ["65537 missing_customer", "131074 missing_customer"]);
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_column() {
    let expected = expected();
    assert_eq!(scored(format!("\u{feff}{ORDERS}"), &[]).read("out/customers.csv"), expected);
    let wide: Vec<u8> = format!("\u{feff}{ORDERS}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(scored(wide, &[]).read("out/customers.csv"), expected);
}

#[test]
fn windows_1252_is_read_where_it_is_stated() {
    let text = b"id,date,amount\nJos\xe9 \x80,2024-01-01,1\nb,2024-01-01,1\n";
    let clivia = scored(text, &["--encoding", "windows-1252"]);
    assert_eq!(clivia.customers().column("customer_id"), ["José €", "b"]);
    assert_eq!(scored(text, &[]).refusals(), ["2 not_text"]);
}

#[test]
fn json_that_is_not_utf8_is_refused_like_csv() {
    let text = b"{\"id\":\"a\",\"date\":\"2024-01-01\"}\n{\"id\":\"Jos\xe9\",\"date\":\"2024-01-01\"}\n";
    let clivia = Clivia::with("orders.ndjson", text);
    clivia.scored("orders.ndjson", &[]);
    assert_eq!(clivia.refusals(), ["2 not_text"]);
}

#[test]
fn a_decimal_comma_is_read_where_it_is_stated() {
    let text = "id;date;amount\n1;2024-01-01;12,50\n1;2024-01-02;1,5\n2;2024-01-02;3.5\n";
    let clivia = scored(text, &["--decimal", "comma"]);
    assert_eq!(clivia.refusals(), ["4 unreadable_amount"]);
    assert_eq!(clivia.customers().of("1", "revenue"), "14.0");
    assert_eq!(scored(text, &[]).refusals(), ["2 unreadable_amount", "3 unreadable_amount"]);
}

#[test]
fn decimal_commas_in_an_expression_are_numbers() {
    let text = "id;date;quantity;price\n1;2024-01-01;2;12,50\n";
    let clivia = scored(text, &["--decimal", "comma", "--amount", "quantity * price"]);
    assert_eq!(clivia.customers().of("1", "revenue"), "25.0");
}

// ---- other formats

#[test]
fn json_lines_are_read() {
    let lines = ORDERS.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        format!(
            "{{\"amount\": {}, \"customer_id\": \"{}\", \"order_date\": \"{}T10:00:00\"}}\n",
            cells[2], cells[0], cells[1]
        )
    });
    let clivia = Clivia::with("orders.ndjson", lines.collect::<String>());
    clivia.scored("orders.ndjson", &[]);
    assert_eq!(clivia.read("out/customers.csv"), expected());
}

#[test]
fn lines_that_are_not_json_are_refused() {
    let good = "{\"id\": 7, \"date\": \"2024-01-01\", \"amount\": 5}\n";
    let text = format!(
        "{good}not json\n\n{{\"id\": null, \"date\": \"2024-01-01\", \"amount\": 1}}\n{{\"id\": 12345.0, \"date\": 1704067200, \"amount\": \"x\"}}\n"
    );
    let clivia = Clivia::with("orders.jsonl", text);
    clivia.scored("orders.jsonl", &[]);
    assert_eq!(clivia.refusals(), ["2 not_json", "4 missing_customer", "5 unreadable_amount"]);
    assert_eq!(clivia.rejects()[0][3], "not json");
    says(&Clivia::with("orders.json", "[1, 2]\n").refused("orders.json", &[]), &["orders.json", "JSON object"]);
}

#[test]
fn parquet_and_arrow_are_read() {
    let expected = expected();
    let clivia = parquet(typed());
    clivia.scored("orders.parquet", &[]);
    assert_eq!(clivia.read("out/customers.csv"), expected);
    let mut frame = DataFrame::new(6, typed()).unwrap();
    IpcWriter::new(File::create(clivia.path("orders.arrow")).unwrap()).finish(&mut frame).unwrap();
    clivia.scored("orders.arrow", &["--overwrite"]);
    assert_eq!(clivia.read("out/customers.csv"), expected);
}

#[test]
fn rows_of_parquet_are_counted_from_one() {
    let mut columns = typed();
    columns[0] = Column::new("customer_id".into(), [Some("a"), None, Some("b"), Some(""), Some("c"), Some("d")]);
    let clivia = parquet(columns);
    clivia.scored("orders.parquet", &[]);
    assert_eq!(clivia.refusals(), ["2 missing_customer", "4 missing_customer"]);
}

#[test]
fn several_files_a_pattern_and_a_folder_are_one_file() {
    let expected = expected();
    let header = ORDERS.lines().next().unwrap();
    let clivia = Clivia::new();
    for (number, line) in ORDERS.lines().skip(1).enumerate() {
        clivia.write(&format!("parts/year=2024/part-{number}.csv"), format!("{header}\n{line}\n"));
    }
    clivia.write("parts/_SUCCESS", "");
    clivia.write("parts/.hidden.csv", "junk");
    clivia.scored("parts", &[]);
    assert_eq!(clivia.read("out/customers.csv"), expected);
    clivia.scored("parts/*/part-*.csv", &["--overwrite"]);
    assert_eq!(clivia.read("out/customers.csv"), expected);
    let files: Vec<String> = (0..6).map(|number| format!("parts/year=2024/part-{number}.csv")).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    clivia.run(&[&["score", "--out", "many", "--format", "csv"][..], &files].concat()).ok();
    assert_eq!(clivia.read("many/customers.csv"), expected);
}

#[test]
fn standard_input_is_read() {
    let clivia = Clivia::new();
    let mut command = clivia.command(&["score", "-", "--out", "out", "--format", "csv", "--threads", "1"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&gzip(format!("{ORDERS},2024-01-01,1\n").as_bytes())).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(clivia.read("out/customers.csv"), expected());
    assert_eq!(clivia.rejects(), [["standard input", "8", "customer_id", "", "missing_customer"].map(String::from)]);
}

// ---- ids and dates

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
    ];
    for form in forms {
        let clivia = scored(format!("id,date,amount\n1,{form},5\n"), &[]);
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
}

#[test]
fn timestamps_of_parquet_fall_on_the_day_of_the_time_zone() {
    let zone = polars::prelude::TimeZone::UTC;
    let ticks = Column::new("order_date".into(), vec![1_706_743_800_000_000i64; 6]);
    for (zone, expected) in [(Some(zone), "2024-02-01"), (None, "2024-01-31")] {
        let mut columns = typed();
        columns[1] = ticks.cast(&DataType::Datetime(TimeUnit::Microseconds, zone)).unwrap();
        let clivia = parquet(columns);
        clivia.scored("orders.parquet", &["--timezone", "Europe/Warsaw"]);
        assert_eq!(clivia.customers().of("a", "first_order"), expected);
    }
}

#[test]
fn orders_after_as_of_are_refused() {
    let clivia = scored(ORDERS, &["--as-of", "2024-01-08"]);
    assert_eq!(clivia.refusals(), ["5 after_as_of", "6 after_as_of"]);
    assert_eq!(clivia.run_json()["as_of"], "2024-01-08");
    assert_eq!(clivia.customers().row("a", &["age", "last_purchase_age", "days_since_last"]), "1.0 1.0 0");
}

// ---- columns and amounts

#[test]
fn columns_are_found_by_their_usual_names() {
    for header in [
        "CustomerID,InvoiceDate,revenue",
        "client,order_ts,total",
        "household_id,Date,sales_value",
        "CUSTOMER ID,order-date,Amount",
    ] {
        let clivia = scored(ORDERS.replace("customer_id,order_date,amount", header), &[]);
        assert_eq!(clivia.read("out/customers.csv"), expected(), "{header}");
    }
}

#[test]
fn an_expression_is_the_amount_in_csv_and_parquet_alike() {
    let text =
        "CustomerID,InvoiceDate,Quantity,UnitPrice\n1,2024-01-01,3,2.55\n1,2024-01-08,7,0.29\n2,2024-01-02,12,3.39\n";
    let amount = ["--amount", "Quantity * UnitPrice"];
    let csv = scored(text, &amount);
    assert_eq!(csv.customers().numbers("revenue"), [9.68, 40.68]);
    let days = Column::new("InvoiceDate".into(), [19_723, 19_730, 19_724]); // 2024-01-01 is day 19,723
    let parquet = parquet(vec![
        Column::new("CustomerID".into(), [1.0, 1.0, 2.0]),
        days.cast(&DataType::Date).unwrap(),
        Column::new("Quantity".into(), [3i64, 7, 12]),
        Column::new("UnitPrice".into(), [2.55, 0.29, 3.39]),
    ]);
    parquet.scored("orders.parquet", &amount);
    assert_eq!(parquet.read("out/customers.csv"), csv.read("out/customers.csv"));
}

#[test]
fn what_is_unreadable_in_an_expression_is_listed_with_its_own_column() {
    let text = "id,date,quantity,price\n1,2024-01-01,2,3\n1,2024-01-02,two,3\n1,2024-01-03,2,n/a\n1,2024-01-04,,3\n";
    let amount = ["--amount", "quantity * price"];
    let list = rejects(text, &amount);
    assert_eq!(list[..2], ["3|quantity|two|unreadable_amount", "4|price|n/a|unreadable_amount"]);
    assert!(list[2].starts_with("5|") && list[2].ends_with("|missing_amount") && list.len() == 3, "{list:?}");
}

#[test]
fn dividing_by_zero_is_a_refusal() {
    let text = "id,date,total,parts\n1,2024-01-01,6,3\n1,2024-01-02,6,0\n";
    let clivia = scored(text, &["--amount", "total / parts"]);
    assert_eq!(clivia.refusals(), ["3 non_finite_amount"]);
    assert_eq!(clivia.customers().of("1", "revenue"), "2.0");
}

#[test]
fn a_file_without_amounts_leaves_money_empty() {
    let text = "id,date\n1,2024-01-01\n1,2024-02-01\n1,2024-02-07\n2,2024-01-05\n2,2024-03-01\n3,2024-01-09\n";
    let clivia = Clivia::with("orders.csv", text);
    let said = clivia.scored("orders.csv", &[]).stdout;
    says(&said, &["no amount column", "--amount"]);
    let table = clivia.customers();
    assert!(
        ["revenue", "mean_spend", "m_score", "expected_spend", "clv"].iter().all(|name| table.numbers(name).is_empty())
    );
    assert_eq!(table.column("rfm_segment").iter().filter(|segment| segment.is_empty()).count(), 0);
    assert_eq!(table.of("1", "frequency"), "2");
}

#[test]
fn orders_are_distinct_ids_else_purchase_days() {
    let text = "id,date,amount\n1,2024-01-01,1\n1,2024-01-01,1\n1,2024-01-02,1\n";
    assert_eq!(scored(text, &[]).customers().row("1", &ROW), "2 1 3.0");
    let text = "order_id,id,date,amount\nA,1,2024-01-01,1\nB,1,2024-01-01,1\nC,1,2024-01-02,1\nC,1,2024-01-02,1\n";
    assert_eq!(scored(text, &[]).customers().row("1", &ROW), "3 1 4.0");
}

// ---- cleaning

#[test]
fn equal_lines_are_kept_unless_dropped() {
    let text = "id,date,amount,note\n1,2024-01-01,5,x\n1,2024-01-01,5,x\n1,2024-01-01,5,y\n1,2024-01-01,5,x\n";
    assert_eq!(scored(text, &[]).customers().of("1", "revenue"), "20.0");
    let clivia = scored(text, &["--duplicates", "drop"]);
    assert_eq!(clivia.refusals(), ["3 duplicate", "5 duplicate"]);
    assert_eq!(clivia.customers().of("1", "revenue"), "10.0");
}

#[test]
fn equal_lines_of_parquet_and_of_two_files_are_dropped() {
    let clivia = Clivia::new();
    write_parquet(&clivia, "parts/a.parquet", typed());
    write_parquet(&clivia, "parts/b.parquet", typed());
    clivia.scored("parts", &["--duplicates", "drop"]);
    assert_eq!(clivia.read("out/customers.csv"), expected());
    assert_eq!(clivia.run_json()["refused"]["orders"]["duplicate"], 6);
}

const RETURNED: &str =
    "order_id,id,date,amount\nA,1,2024-01-01,10\nB,1,2024-01-09,20\nC,1,2024-01-15,-20\nD,2,2024-01-03,7\n";

#[test]
fn returns_undo_the_order_that_they_return() {
    let table = scored(RETURNED, &[]).customers();
    assert_eq!(table.row("1", &["orders", "frequency", "revenue", "last_order"]), "1 0 10.0 2024-01-01");
}

#[test]
fn ignored_returns_lower_revenue_only() {
    let table = scored(RETURNED, &["--returns", "ignore"]).customers();
    assert_eq!(table.row("1", &["orders", "frequency", "revenue", "last_order"]), "2 1 10.0 2024-01-09");
}

#[test]
fn rejected_returns_are_listed() {
    let clivia = scored(RETURNED, &["--returns", "reject"]);
    assert_eq!(clivia.refusals(), ["4 return"]);
    assert_eq!(clivia.customers().row("1", &ROW), "2 1 30.0");
}

#[test]
fn a_cancelled_customer_stays_with_nulls() {
    let text = format!("{RETURNED}E,3,2024-01-05,9\nF,3,2024-01-06,-9\n");
    let clivia = scored(text, &[]);
    let table = clivia.customers();
    assert_eq!(table.row("3", &["orders", "revenue"]), "0 0.0");
    assert!(table.rows[2][10..].iter().all(String::is_empty), "{:?}", table.rows[2]);
    assert_eq!(clivia.run_json()["customers"]["without_purchase"], 1);
}

#[test]
fn zero_amounts_are_orders_unless_rejected() {
    let text = "id,date,amount\n1,2024-01-01,5\n1,2024-01-09,0\n2,2024-01-03,0\n";
    let table = scored(text, &[]).customers();
    assert_eq!((table.row("1", &ROW), table.row("2", &ROW)), ("2 1 5.0".into(), "1 0 0.0".into()));
    assert_eq!(scored(text, &["--zero-amounts", "reject"]).refusals(), ["3 zero_amount", "4 zero_amount"]);
}

const CURRENCIES: &str =
    "id,date,amount,currency\n1,2024-01-01,10,EUR\n1,2024-01-08,10,USD\n2,2024-01-02,5,EUR\n3,2024-01-02,5,CHF\n";

#[test]
fn two_currencies_are_an_error_that_says_how_to_choose() {
    let said = refused(CURRENCIES, &[]);
    says(
        &said,
        &["orders.csv, row 3, column 'currency': currency 'USD' after 'EUR'", "--currency EUR", "rates = { USD"],
    );
    scored(CURRENCIES.replace("USD", "EUR").replace("CHF", "EUR"), &[]);
}

#[test]
fn a_row_without_a_currency_is_no_currency_of_its_own() {
    let clivia = scored("id,date,amount,currency\n1,2024-01-01,10,\n1,2024-01-08,10,USD\n", &[]);
    assert_eq!(clivia.refusals(), ["2 missing_currency"]);
}

#[test]
fn a_chosen_currency_refuses_the_others() {
    let clivia = scored(CURRENCIES, &["--currency", "EUR"]);
    assert_eq!(
        clivia.rejects().iter().map(|r| r[1..].join("|")).collect::<Vec<_>>(),
        ["3|currency|USD|other_currency", "5|currency|CHF|other_currency"]
    );
}

#[test]
fn currencies_are_converted_by_their_rates() {
    let clivia = Clivia::with("orders.csv", CURRENCIES);
    clivia.write("clivia.toml", "[currency]\ninto = \"EUR\"\nrates = { USD = 0.9, CHF = 1.1 }\n");
    clivia.scored("orders.csv", &["--config", "clivia.toml"]);
    assert_eq!(clivia.customers().numbers("revenue"), [19.0, 5.0, 5.5]);
}

// ---- the customers table

#[test]
fn a_customers_table_is_carried_through() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write(
        "customers.csv",
        "customer_id,region,size,zip\na,North,3,01234\nc,\"=HYPERLINK(1)\",-2.5,02345\nx,South,1,1\n",
    );
    clivia.scored("orders.csv", &["--customers", "customers.csv"]);
    let table = clivia.customers();
    assert_eq!(table.header[20..], ["profit", "region", "size", "zip"]);
    assert_eq!(table.row("a", &["region", "size", "zip"]), "North 3.0 01234");
    assert_eq!(table.row("b", &["region", "size", "zip"]), "  ");
    assert_eq!(table.row("c", &["region", "size", "zip"]), "'=HYPERLINK(1) -2.5 02345");
    assert_eq!(clivia.run_json()["attributes"]["used"], 3);
}

#[test]
fn a_customer_twice_in_the_customers_table_is_refused_once() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write("customers.csv", "customer_id,region\na,North\na,South\n,West\n");
    clivia.scored("orders.csv", &["--customers", "customers.csv"]);
    assert_eq!(clivia.refusals(), ["3 duplicate", "4 missing_customer"]);
    assert_eq!(clivia.customers().of("a", "region"), "North");
}

#[test]
fn a_customers_column_that_clashes_is_prefixed() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write("customers.csv", "customer_id,clv\na,1\n");
    clivia.scored("orders.csv", &["--customers", "customers.csv"]);
    assert_eq!(clivia.customers().of("a", "customers.clv"), "1");
    std::fs::remove_dir_all(clivia.path("out")).unwrap();
    clivia.write("twice.csv", "customer_id,region,region\na,North,South\n");
    says(&clivia.refused("orders.csv", &["--customers", "twice.csv"]), &["twice.csv", "'region'"]);
}

#[test]
fn no_file_of_several_customers_tables_is_passed_over() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write("c/1.csv", "customer_id,region\na,North\n");
    clivia.write("c/2.csv", "customer_id,region\nb,South\n");
    let ran = clivia.score("orders.csv", &["--customers", "c"]);
    assert!(ran.code != Some(0) || clivia.customers().of("b", "region") == "South", "{ran:?}");
}

// ---- contacts

#[test]
fn contacts_that_cannot_be_placed_are_listed() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    let log = "customer,timestamp,channel\na,2024-01-05,visit\nx,2024-01-05,visit\n,2024-01-05,visit\nb,never,visit\nb,2024-01-05,\nb,2025-01-05,visit\n";
    clivia.write("contacts.csv", log);
    clivia.scored("orders.csv", &["--contacts", "contacts.csv"]);
    let expected = [
        "3|customer|x|unknown_customer",
        "4|customer||missing_customer",
        "5|timestamp|never|unreadable_date",
        "6|channel||missing_channel",
        "7|timestamp|2025-01-05|after_as_of",
    ];
    assert_eq!(clivia.rejects().iter().map(|r| r[1..].join("|")).collect::<Vec<_>>(), expected);
    let run = clivia.run_json();
    assert_eq!(run["map"]["totals"]["without_contact"], 2);
    assert_eq!(clivia.customers().numbers("contact_quality").iter().filter(|quality| **quality == 0.0).count(), 2);
}

#[test]
fn a_contact_log_without_a_channel_is_named() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write("contacts.csv", "customer,timestamp,chanel\na,2024-01-05,visit\n");
    let said = clivia.refused("orders.csv", &["--contacts", "contacts.csv"]);
    says(&said, &["contacts.csv: no channel column", "nearest: 'chanel'", "[contact_columns]"]);
}

// ---- output

#[test]
fn no_cell_of_a_csv_becomes_a_formula() {
    let ids = ["=cmd|' /C calc'!A0", "@x", "+x", "-x", "\tx", "-5", "+5"];
    let mut text = String::from("id,date,amount\n");
    ids.iter().for_each(|id| text += &format!("\"{id}\",2024-01-01,5\n\"{id}\",2024-01-05,-2\n"));
    let table = scored(text, &[]).customers();
    let dangerous = |cell: &&str| cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    assert_eq!(table.rows.iter().flatten().map(String::as_str).filter(dangerous).count(), 0);
    assert_eq!(table.of("'=cmd|' /C calc'!A0", "revenue"), "3.0");
    assert_eq!(table.of("-5", "revenue"), "3.0");
    let negative = scored("id,date,amount\n1,2024-01-01,5\n2,2024-01-05,-2.5\n", &[]).customers();
    assert_eq!(negative.of("2", "revenue"), "-2.5");
}

// ---- disks

/// A command with a limit on the size of each file it writes, in KiB.
fn limited(clivia: &Clivia, kib: u32, line: &str) -> Ran {
    let script = format!("trap '' XFSZ; ulimit -f {kib}; exec {} {line}", env!("CARGO_BIN_EXE_clivia"));
    Ran::from(Command::new("bash").args(["-c", &script]).current_dir(clivia.path(".")).output().unwrap())
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    // A file where a folder should be: not even root can write there.
    let ran = clivia.run(&["score", "orders.csv", "--out", "orders.csv/out"]);
    assert_eq!(ran.code, Some(1));
    says(&ran.stderr, &["orders.csv/out"]);
    let ran = clivia.run(&["score", "orders.csv", "--out", "orders.csv"]);
    assert_eq!(ran.code, Some(1));
    says(&ran.stderr, &["orders.csv"]);
    assert_eq!(clivia.text("orders.csv"), ORDERS);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_nothing_behind() {
    let clivia = Clivia::simulated(3_000, 1);
    std::fs::create_dir(clivia.path("full")).unwrap();
    let disk = clivia.path("full");
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"]).arg(&disk).status();
    if !mounted.is_ok_and(|status| status.success()) {
        eprintln!("a_full_disk_leaves_nothing_behind: skipped, mounting a tmpfs is not permitted here");
        return;
    }
    let runs = ["csv", "parquet", "ndjson", "ipc"].map(|format| {
        let ran = clivia.run(&["score", "orders.csv", "--out", "full/out", "--format", format]);
        (format, ran, clivia.files_in("full/out"))
    });
    let simulated = (
        clivia.run(&["simulate", "--customers", "3000", "--seed", "1", "--out", "full/sim"]),
        clivia.files_in("full/sim"),
    );
    assert!(Command::new("umount").arg(&disk).status().unwrap().success());
    for (format, ran, left) in &runs {
        assert_eq!(ran.code, Some(1), "{format}: {ran:?}");
        says(&ran.stderr, &["No space left"]);
        assert!(left.is_empty(), "{format}: {left:?}");
    }
    assert_eq!(simulated.0.code, Some(1), "{simulated:?}");
    assert!(simulated.1.is_empty(), "{simulated:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_table_that_cannot_be_written_to_its_end_is_no_result() {
    let clivia = Clivia::simulated(3_000, 1);
    for format in ["csv", "parquet", "ndjson", "ipc"] {
        let ran = limited(&clivia, 100, &format!("score orders.csv --format {format} --out out"));
        assert_eq!(ran.code, Some(1), "{format}: {ran:?}");
        says(&ran.stderr, &["customers.", "File too large"]);
        clivia.nothing_in("out");
    }
    let ran = limited(&clivia, 100, "simulate --customers 3000 --seed 1 --out sim");
    assert_eq!(ran.code, Some(1), "{ran:?}");
    clivia.nothing_in("sim");
}

#[test]
fn words_for_nothing_are_no_customer() {
    let clivia = scored("id,date,amount\na,2024-01-01,5\nNULL,2024-01-01,5\nnan,2024-01-02,5\nb,N/A,5\n", &[]);
    assert_eq!(clivia.refusals(), ["3 missing_customer", "4 missing_customer", "5 missing_date"]);
}

#[test]
fn dates_that_contradict_each_other_are_an_error() {
    let said = refused("id,date,amount\na,02/13/2024,1\nb,13/02/2024,2\nc,01/02/2024,1\n", &[]);
    says(&said, &["orders.csv", "row 3", "13/02/2024", "--date-format"]);
}

#[test]
fn day_or_month_first_is_found_for_each_file() {
    let clivia = Clivia::with("p/1.csv", "id,date,amount\na,13/02/2024,1\n");
    clivia.write("p/2.csv", "id,date,amount\nb,02/13/2024,1\nc,03/04/2024,1\n");
    clivia.scored("p", &[]);
    assert_eq!(clivia.customers().column("last_order"), ["2024-02-13", "2024-02-13", "2024-03-04"]);
}

#[test]
fn an_out_that_is_a_file_is_named() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    let ran = clivia.run(&["score", "orders.csv", "--out", "orders.csv"]);
    assert_eq!(ran.code, Some(1));
    says(&ran.stderr, &["orders.csv: it is a file; name a folder"]);
}

#[test]
fn a_file_named_twice_is_an_error() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    let ran = clivia.run(&["score", "orders.csv", "./orders.csv", "--out", "out"]);
    assert_eq!(ran.code, Some(1));
    says(&ran.stderr, &["orders.csv", "twice"]);
}

#[test]
fn large_float_ids_keep_their_digits() {
    let mut columns = typed();
    let ids = [9_007_199_254_740_994.0, 1e17 + 16.0, 1.0, 2.0, 3.0, 4.0];
    columns[0] = Series::new("customer_id".into(), ids).into();
    let clivia = parquet(columns);
    clivia.scored("orders.parquet", &[]);
    assert_eq!(clivia.customers().column("customer_id")[4..], ["9007199254740994", "100000000000000016"]);
}

#[test]
fn a_currency_asked_for_needs_a_column() {
    says(&refused(ORDERS, &["--currency", "EUR"]), &["no currency column", "--currency-column"]);
    says(&refused(ORDERS, &["--date-format", "dd/mm/yyyy"]), &["read.date_format", "%d/%m/%Y"]);
}

#[test]
fn a_contact_log_without_contacts_is_an_error() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write("contacts.csv", "customer,timestamp,channel\n");
    says(&clivia.refused("orders.csv", &["--contacts", "contacts.csv"]), &["contacts.csv", "no contact"]);
}
