//! Cleaning.

use super::*;

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
