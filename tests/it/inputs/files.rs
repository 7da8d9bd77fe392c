//! Files that cannot be used.

use super::*;

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
    let said = refused("wer,costumer,date,amount\n1,1,2024-01-01,1\n", &[]);
    says(
        &said,
        &["orders.csv: no customer column", "wer, costumer, date, amount", "nearest: 'costumer'", "--customer"],
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
        clivia.scored("parts", &["--out", "good", "--duplicates", "keep"]);
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
    says(&refused(&junk, &[]), &["orders.csv", "binary data", "give CSV, Excel, Parquet"]);
    let clivia = Clivia::with("orders.parquet", &junk);
    says(&clivia.refused("orders.parquet", &[]), &["orders.parquet: not readable as Parquet"]);
    let without_zeros: Vec<u8> = junk.iter().map(|byte| byte | 0x80).collect();
    says(&refused(&without_zeros, &[]), &["orders.csv"]);
}

#[test]
fn ambiguous_dates_ask_for_their_form() {
    let text = "id,date,amount\n1,2024-05-01,1\n1,3/4/2024,2\n2,5/6/2024,3\n";
    says(&refused(text, &[]), &["orders.csv, row 3, column 'date': '3/4/2024'", "--date-format"]);
    let days = |format| {
        scored(text, &["--date-format", format, "--unreadable-error", "1"])
            .customers()
            .of("2", "first_order")
            .to_string()
    };
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
    says(&said, &["all orders were returned", "--returns ignore"]);
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
