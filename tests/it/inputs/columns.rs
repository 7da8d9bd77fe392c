//! Columns and amounts.

use super::*;

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
    // As in SQL, what is divided by zero is null.
    assert_eq!(clivia.refusals(), ["3 missing_amount"]);
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
