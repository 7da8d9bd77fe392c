//! Amounts by names and values: what settles them, what must be asked, and what stays as it is.

use super::*;
use crate::orders::look::tests::{header, look};

fn decided_with(
    csv: &str,
    stated: AmountStated,
    per: AmountPer,
) -> Result<Option<(AmountChoice, Vec<Note>)>, Box<Question>> {
    let names = AmountNames::of(&header(csv), stated);
    let seen = look(csv, |look| AmountEvidence::of(look, &names));
    AmountChoice::decide("f.csv", &names, &seen, per)
}

fn decided(csv: &str) -> Result<Option<(AmountChoice, Vec<Note>)>, Box<Question>> {
    decided_with(csv, AmountStated::default(), AmountPer::Auto)
}

/// Where amounts come from, and the codes of what is said.
fn found(csv: &str) -> (AmountSource, Vec<String>) {
    let (choice, notes) = decided(csv).expect("no question").expect("an amount");
    (choice.from, notes.into_iter().map(|note| note.code).collect())
}

fn column(name: &str) -> AmountSource {
    AmountSource::Column(name.into())
}

fn expression(text: &str) -> AmountSource {
    AmountSource::Expression(text.into())
}

fn asked(csv: &str) -> Box<Question> {
    decided(csv).expect_err("a question")
}

#[test]
fn a_price_beside_a_quantity_is_multiplied_and_said() {
    for (csv, text) in [
        ("Invoice,StockCode,Quantity,Price\n1,A,6,0.55\n2,A,12,0.55\n3,B,1,3\n", "\"Quantity\" * \"Price\""),
        ("id,Quantity,UnitPrice\n1,6,0.55\n2,-1,2\n", "\"Quantity\" * \"UnitPrice\""),
        ("id,qty,item_price\n1,1,9\n2,1,8\n", "\"qty\" * \"item_price\""),
        ("Auftragsnr,Menge,Einzelpreis\n1,2,9\n2,1,8\n", "\"Menge\" * \"Einzelpreis\""),
        ("nr,Ilość,Cena jednostkowa\n1,2,9\n2,1,8\n", "\"Ilość\" * \"Cena jednostkowa\""),
    ] {
        assert_eq!(found(csv), (expression(text), vec!["unit_price".to_string()]), "{csv}");
    }
}

#[test]
fn quantities_are_known_by_many_names() {
    for name in ["qty_ordered", "quantity-purchased", "quantity_purchased", "No. of items", "Items", "Anzahl", "Stück"]
    {
        let csv = format!("id,{name},unit price\n1,2,9\n2,1,8\n");
        assert_eq!(found(&csv).0, expression(&format!("\"{name}\" * \"unit price\"")), "{name}");
    }
}

#[test]
fn a_discount_that_a_product_leaves_in_is_said() {
    let remedy = |csv: &str| {
        let (_, notes) = decided(csv).expect("no question").expect("an amount");
        notes.into_iter().find(|note| note.code == "discount_not_used").map(|note| note.remedy)
    };
    let money = remedy("id,quantity,unit_price,discount\n1,2,9,1.50\n2,1,8,0\n");
    let set = "to take it off, set orders.amount = '\"quantity\" * \"unit_price\" - \"discount\"'";
    assert_eq!(money.as_deref(), Some(set));
    let share = remedy("id,quantity,unit_price,discount\n1,2,9,0.2\n2,1,8,0\n");
    assert!(share.is_some_and(|remedy| remedy.contains("* (1 - \"discount\")")));
    assert_eq!(remedy("id,quantity,unit_price,discount\n1,2,9,0\n2,1,8,0\n"), None);
    assert_eq!(remedy("id,quantity,unit_price,total,discount\n1,2,9,17,1\n2,1,8,8,0\n"), None);
}

#[test]
fn the_other_reading_of_a_repeated_total_is_named() {
    let remedy = |csv: &str| decided(csv).expect("no question").expect("an amount").1[0].remedy.clone();
    let shipped = "order_id,total,item_total\n1,15,4\n1,15,6\n2,12,7\n3,14,1\n3,14,8\n";
    assert_eq!(remedy(shipped), "else set orders.amount = \"item_total\"");
    let sums = "order_id,order_total,item_total\n1,10,4\n1,10,6\n2,7,7\n3,9,1\n3,9,8\n";
    assert_eq!(remedy(sums), "else set orders.amount = \"order_total\" and orders.amount_per = \"order\"");
    let named = "order_id,order_total,product\n1,10,a\n1,10,b\n2,7,a\n";
    assert_eq!(remedy(named), "else set orders.amount_per = \"line\"");
}

#[test]
fn a_price_without_a_quantity_stays() {
    assert_eq!(found("customer,date,price\na,2024-01-01,9\n"), (column("price"), vec![]));
    assert_eq!(found("customer,date,price,units\na,2024-01-01,9,box\n"), (column("price"), vec![]));
    assert_eq!(found("customer,unit_price\na,9\n"), (column("unit_price"), vec!["price_without_quantity".to_string()]));
    assert_eq!(decided("customer,date,quantity\na,2024-01-01,9\n"), Ok(None));
}

#[test]
fn a_price_that_grows_with_the_quantity_is_of_the_row() {
    let csv = "sku,quantity,price\nA,1,2.50\nA,2,5.00\nA,4,10.00\nB,1,3\nB,3,9\nB,2,6\n";
    assert_eq!(found(csv), (column("price"), vec!["price_of_line".to_string()]));
    let returns = "quantity,price\n1,2.50\n-1,-2.50\n-2,-5\n-1,-3\n4,9\n";
    assert_eq!(found(returns).0, column("price"));
}

#[test]
fn prices_of_both_kinds_are_asked_about_with_both_totals() {
    let question = asked("sku,quantity,price\nA,1,2.50\nA,2,5.00\nA,4,10.00\nB,1,3\nB,3,3\nB,2,3\n");
    assert_eq!((question.column.as_str(), question.readings.len()), ("price", 2));
    let totals: Vec<_> = question.readings.iter().map(|reading| reading.total.map(|total| total.to_string())).collect();
    assert_eq!(totals, [Some("70.50".to_string()), Some("26.50".to_string())]);
    assert_eq!(question.readings[0].setting, "orders.amount = '\"quantity\" * \"price\"'");
}

#[test]
fn a_total_beside_price_and_quantity_is_taken() {
    assert_eq!(found("id,quantity,price,total\n1,2,3,6\n2,1,4,4\n"), (column("total"), vec![]));
    assert_eq!(found("id,quantity,price,sales,discount\n1,2,3,5.40,0.1\n2,1,4,4,0\n"), (column("sales"), vec![]));
    assert_eq!(found("Sales,Quantity,Discount,Profit\n36.77,1,0.2,7\n"), (column("Sales"), vec![]));
}

#[test]
fn an_amount_of_pieces_is_asked_about() {
    let question = asked("customer,amount,price\na,3,2.50\nb,1,9.99\n");
    let totals: Vec<_> = question.readings.iter().map(|reading| reading.total.map(|total| total.to_string())).collect();
    assert_eq!(totals, [Some("17.49".to_string()), Some("4.00".to_string())]);
    assert_eq!(found("customer,amount,price\na,7.50,2.50\nb,9.99,9.99\n").0, column("amount"));
    let stated = AmountStated { column: Some("amount"), ..AmountStated::default() };
    assert!(decided_with("customer,amount,price\na,3,2.50\nb,1,9.99\n", stated, AmountPer::Auto).is_ok());
}

#[test]
fn a_total_on_every_line_counts_once() {
    let sums = "order_id,order_total,item_total\n1,10,4\n1,10,6\n2,7,7\n3,9,1\n3,9,8\n";
    assert_eq!(found(sums), (column("item_total"), vec!["order_total_repeated".to_string()]));
    let products = "order_id,total,quantity,price\n1,10,2,2\n1,10,1,6\n2,7,1,7\n3,9,1,1\n3,9,2,4\n";
    assert_eq!(found(products).0, expression("\"quantity\" * \"price\""));
    let shipped = "order_id,total,item_total\n1,15,4\n1,15,6\n2,12,7\n3,14,1\n3,14,8\n";
    assert_eq!(found(shipped).0, AmountSource::OncePerOrder("total".into()));
    let named = "order_id,order_total,product\n1,10,a\n1,10,b\n2,7,a\n";
    assert_eq!(found(named).0, AmountSource::OncePerOrder("order_total".into()));
    let refunded = "order_id,order_total,item_total,refunded_amount\n1,10,4,3\n1,10,6,3\n2,7,7,0\n";
    let (choice, _) = decided(refunded).expect("no question").expect("an amount");
    assert_eq!(choice.from, AmountSource::OncePerOrder("order_total".into()));
    assert_eq!(choice.refunded.as_deref(), Some("refunded_amount"));
}

#[test]
fn a_stated_total_counts_once_too() {
    let csv = "order_id,order_total,item_total\n1,10,4\n1,10,6\n2,7,7\n";
    let stated = AmountStated { column: Some("order_total"), ..AmountStated::default() };
    let choice = |per| decided_with(csv, stated, per).expect("no question").expect("an amount").0.from;
    assert_eq!(choice(AmountPer::Auto), AmountSource::OncePerOrder("order_total".into()));
    assert_eq!(choice(AmountPer::Line), column("order_total"));
    assert_eq!(choice(AmountPer::Order), AmountSource::OncePerOrder("order_total".into()));
}

#[test]
fn amounts_that_are_the_same_on_all_lines_may_be_of_each() {
    let tickets = "order_id,amount\n1,20\n1,20\n2,35\n2,35\n2,35\n3,15\n3,15\n4,9\n";
    let question = asked(tickets);
    let totals: Vec<_> = question.readings.iter().map(|reading| reading.total.map(|total| total.to_string())).collect();
    assert_eq!(totals, [Some("184.00".to_string()), Some("79.00".to_string())]);
    assert_eq!(question.readings[1].setting, "orders.amount_per = \"order\"");
    assert_eq!(found("order_id,price\n1,20\n1,20\n2,35\n2,35\n3,15\n3,15\n4,1\n").0, column("price"));
    assert_eq!(found("order_id,line_total\n1,20\n1,20\n2,35\n2,35\n3,15\n3,15\n4,1\n").0, column("line_total"));
}

#[test]
fn lines_with_amounts_of_their_own_stay() {
    for csv in [
        "order_id,amount\n1,4\n1,6\n2,7\n3,1\n3,8\n",
        "order_id,total\n1,4\n2,4\n3,4\n4,4\n",
        "order_id,amount\n1,4\n1,4\n2,7\n",
        "order_id,total,quantity,price\n1,4,2,2\n1,4,1,4\n2,9,3,3\n2,9,1,9\n3,5,1,5\n3,5,5,1\n",
        "order_id,amount\n1,4\n1,4\n2,7\n2,8\n3,5\n3,6\n4,7\n4,7\n",
    ] {
        let (from, said) = found(csv);
        assert!(matches!(from, AmountSource::Column(_)) && said.is_empty(), "{csv}: {from:?} {said:?}");
    }
}

#[test]
fn further_rows_of_an_order_are_no_missing_money() {
    let csv = "Order ID,Total,Item\n1,10,a\n1,,b\n2,7,a\n3,9,a\n3,,b\n3,,c\n";
    let (choice, notes) = decided(csv).expect("no question").expect("an amount");
    let continuation = Continuation { order: "Order ID".into(), empty: vec!["Total".into()] };
    assert_eq!((choice.from, choice.continuation), (column("Total"), Some(continuation)));
    assert_eq!((notes[0].code.as_str(), notes[0].rows), ("order_continued", Some(3)));
    for csv in
        ["Order ID,Total\n1,10\n2,\n3,9\n", "Order ID,Total\n1,10\n1,4\n1,\n2,5\n2,6\n3,9\n", "Total,Item\n10,a\n,b\n"]
    {
        assert_eq!(decided(csv).expect("no question").expect("an amount").0.continuation, None, "{csv}");
    }
}

#[test]
fn a_total_with_tax_and_shipping_is_taken_before_one_without() {
    let said = vec!["total_with_parts".to_string()];
    let csv = "amount,tax,shipping,total\n10,1.90,5,16.90\n20,3.80,0,23.80\n";
    assert_eq!(found(csv), (column("total"), said.clone()));
    assert_eq!(found("amount,discount,total\n10,-1,9\n20,0,20\n8,2,6\n"), (column("total"), said));
    let said = vec!["total_with_parts".to_string()];
    assert_eq!(found("Subtotal,Shipping,Taxes,Total\n10,5,1,16\n"), (column("Total"), said.clone()));
    assert_eq!(found("total,tax,net_amount\n11.90,1.90,10\n23.80,3.80,20\n"), (column("total"), said));
    assert_eq!(found("revenue,sales\n10,10\n20,20\n"), (column("revenue"), vec![]));
    assert_eq!(found("amount,total\n10,\n20,\n"), (column("amount"), vec![]));
}

#[test]
fn totals_that_differ_for_no_known_reason_are_asked_about() {
    let question = asked("amount,total\n10,16.90\n20,23.80\n");
    let readings: Vec<_> = question.readings.iter().map(|reading| reading.setting.as_str()).collect();
    assert_eq!(readings, ["orders.amount = \"amount\"", "orders.amount = \"total\""]);
    assert_eq!(question.readings[1].total, Some(Money(407_000)));
}

#[test]
fn refunded_amounts_lower_the_amount() {
    let refunded = |csv: &str| decided(csv).expect("no question").expect("an amount").0.refunded;
    assert_eq!(refunded("Amount,Amount Refunded\n10,0.00\n20,5\n").as_deref(), Some("Amount Refunded"));
    assert_eq!(refunded("Total,Refunded Amount\n10,0.00\n20,0.00\n").as_deref(), Some("Refunded Amount"));
    assert_eq!(refunded("total,refunded\n10,true\n20,false\n"), None);
    assert_eq!(refunded("total,refunded\n10,1\n20,0\n"), None);
    assert_eq!(refunded("net_sales,refunds\n10,2\n20,0\n"), None);
    assert_eq!(refunded("order_id,amount,refund_amount\n1,10,4\n1,-4,0\n2,8,0\n"), None);
    assert_eq!(refunded("order_id,amount\n1,10\n"), None);
    let none = AmountStated { refunded: "none", ..AmountStated::default() };
    let choice = decided_with("Total,Refunded Amount\n10,0.00\n20,5\n", none, AmountPer::Auto);
    assert_eq!(choice.expect("no question").expect("an amount").0.refunded, None);
}

#[test]
fn of_a_refunded_amount_the_rest_is_left() {
    let left = |amount, refunded| left(Money(amount), Money(refunded));
    assert_eq!((left(100, 0), left(100, 30), left(100, -30)), (Some(Money(100)), Some(Money(70)), Some(Money(70))));
    assert_eq!(
        (left(100, 100), left(100, 120), left(0, 0), left(-5, 0)),
        (None, None, Some(Money(0)), Some(Money(-5)))
    );
}

#[test]
fn evidence_of_parts_is_that_of_the_whole() {
    let csv = "order_id,order_total,item_total,refunded_amount\n1,10,4,3\n1,10,6,3\n2,7,7,0\n3,8,8,1\n";
    let names = AmountNames::of(&header(csv), AmountStated::default());
    let of = |csv: &str| look(csv, |look| AmountEvidence::of(look, &names));
    let head = "order_id,order_total,item_total,refunded_amount\n";
    let (first, second) = (of(&format!("{head}1,10,4,3\n1,10,6,3\n")), of(&format!("{head}2,7,7,0\n3,8,8,1\n")));
    let (mut one, mut other) = (first.clone(), second.clone());
    one.merge(&second);
    other.merge(&first);
    assert_eq!((&one, &other), (&of(csv), &one));
}
