//! Which column tells customers apart, and ids that stand for nobody.

use std::fmt::Write;

use super::{asks, reads, summed};
use crate::support::Clivia;

#[test]
fn the_customer_is_the_column_of_people_and_not_of_orders_or_groups() {
    for (header, rows, right) in [
        (
            "Id,Email,Created,Total",
            "1,a@m.test,2024-01-04,5\n2,b@m.test,2024-01-05,6\n3,a@m.test,2024-01-06,7\n",
            ["a@m.test 2 12.0", "b@m.test 1 6.0"],
        ),
        (
            "order_id,customer_id,customer_unique_id,order_date,amount",
            "1,x1,a,2024-01-04,5\n2,x2,b,2024-01-05,6\n3,x3,a,2024-01-06,7\n",
            ["a 2 12.0", "b 1 6.0"],
        ),
        (
            "Customer Name,Customer ID,Order,Date,Total",
            "Al,a,1,2024-01-04,5\nAl,b,2,2024-01-05,6\nAl,a,3,2024-01-06,7\n",
            ["a 2 12.0", "b 1 6.0"],
        ),
        (
            "Customer Group,Customer Number,Date,Amount",
            "shop,a,2024-01-04,5\nshop,b,2024-01-05,6\nweb,a,2024-01-06,7\n",
            ["a 2 12.0", "b 1 6.0"],
        ),
        (
            "Customer Order No,Customer Code,Date,Amount",
            "1,a,2024-01-04,5\n2,b,2024-01-05,6\n3,a,2024-01-06,7\n",
            ["a 2 12.0", "b 1 6.0"],
        ),
        (
            "customer_id,order_date,amount",
            "15001.0,2024-01-04,5\n15002.0,2024-01-05,6\n15001.0,2024-01-06,7\n",
            ["15001 2 12.0", "15002 1 6.0"],
        ),
        // Ids that only look alike are two customers.
        (
            "customer_id,order_date,amount",
            "007,2024-01-04,5\n7,2024-01-05,6\n007,2024-01-06,7\n",
            ["7 1 6.0", "007 2 12.0"],
        ),
        (
            "customer_id,order_date,amount",
            "A1,2024-01-04,5\na1,2024-01-05,6\nA1,2024-01-06,7\n",
            ["A1 2 12.0", "a1 1 6.0"],
        ),
        (
            "email,order_date,amount",
            "j.doe@m.test,2024-01-04,5\njdoe@m.test,2024-01-05,6\nj.doe@m.test,2024-01-06,7\n",
            ["j.doe@m.test 2 12.0", "jdoe@m.test 1 6.0"],
        ),
        (
            "email,order_date,amount",
            "doe+a@m.test,2024-01-04,5\ndoe@m.test,2024-01-05,6\ndoe+a@m.test,2024-01-06,7\n",
            ["doe+a@m.test 2 12.0", "doe@m.test 1 6.0"],
        ),
    ] {
        reads("orders.csv", format!("{header}\n{rows}"), &[], &right, &[]);
    }
}

#[test]
fn ids_that_stand_for_nobody_are_asked_for() {
    for nobody in ["0", "guest", "-1", "n/a", "Gast", "Walk-in Customer", "99999"] {
        let mut orders = "customer_id,order_id,order_date,amount\n".to_string();
        for i in 0..30 {
            let customer = if i % 3 == 0 { nobody.to_string() } else { format!("C{}", 10 + i / 3) };
            writeln!(orders, "{customer},{i},2024-01-{:02},{}", i + 1, i + 1).unwrap();
        }
        // C10 has orders of 2 and 3, C11 of 5 and 6, and so on.
        let others: Vec<String> = (0..10).map(|i| format!("C{} 2 {}.0", 10 + i, 6 * i + 5)).collect();
        let others: Vec<&str> = others.iter().map(String::as_str).collect();
        let said = [format!("'{nobody}' stands for nobody, it seems, with 10 rows (33.3 %)")];
        asks("orders.csv", &orders, &said.each_ref().map(String::as_str), &[(&["--placeholders", "refuse"], &others)]);
        let clivia = Clivia::with("orders.csv", &orders);
        summed(&clivia, &["orders.csv"], &["--placeholders", "keep"]);
        assert_eq!(clivia.table("out/summary.csv").of(nobody, "revenue"), "145.0");
    }
    // Beside addresses these are the first answer.
    let orders = "customer_id,email,order_id,order_date,amount\n0,a@m.test,1,2024-01-04,5\n0,b@m.test,2,2024-01-05,6\n\
                  7,c@m.test,3,2024-01-06,7\n0,a@m.test,4,2024-01-07,8\n8,d@m.test,5,2024-01-09,9\n";
    let right: &[&str] = &["a@m.test 2 13.0", "b@m.test 1 6.0", "c@m.test 1 7.0", "d@m.test 1 9.0"];
    asks(
        "orders.csv",
        orders,
        &["'0' stands for nobody", "addresses in 'email'"],
        &[(&["--customer", "email"], right)],
    );
}

#[test]
fn a_great_customer_is_no_placeholder_and_a_table_of_customers_no_orders() {
    let mut orders = "customer_id,order_id,order_date,amount\n".to_string();
    for i in 0..24 {
        writeln!(orders, "{},{i},2024-01-{:02},5", if i % 3 == 0 { "C1" } else { "BIGCO" }, i + 1).unwrap();
    }
    reads("orders.csv", orders, &[], &["BIGCO 16 80.0", "C1 8 40.0"], &["24 used, 0 refused"]);
    let mut base = "customer_id,last_order_date,number_of_orders,total_spent\n".to_string();
    for i in 0..24 {
        writeln!(base, "C{i},2024-01-{:02},{},{}", i + 1, 1 + i % 5, 10 * i).unwrap();
    }
    asks("orders.csv", &base, &["one row a customer already", "'number_of_orders'"], &[]);
}
