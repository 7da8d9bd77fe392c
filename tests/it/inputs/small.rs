//! Small bases.

use super::*;

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
    let warnings = scored(ORDERS, &[]).run_json()["notes"].to_string();
    says(&warnings, &["bg-nbd", "gamma-gamma"]);
}
