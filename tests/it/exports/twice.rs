//! The same orders in two files.

use super::{customers, reads, summed};
use crate::support::{Clivia, says};

/// A header and the orders of these days of January.
fn january(days: std::ops::RangeInclusive<u32>) -> String {
    let row = |day: u32| format!("{},{day},2024-01-{day:02},{day}.50\n", ["a", "b"][(day % 2) as usize]);
    format!("customer_id,order_id,order_date,amount\n{}", days.map(row).collect::<String>())
}

#[test]
fn orders_that_two_exports_share_count_once() {
    let right = ["a 10 115.0", "b 10 105.0"];
    let moved: String = january(8..=20)
        .lines()
        .map(|line| line.split(',').rev().collect::<Vec<_>>().join(","))
        .fold(String::new(), |text, line| text + &line + "\n");
    let noted: String = january(8..=20)
        .lines()
        .enumerate()
        .fold(String::new(), |text, (i, line)| text + line + if i == 0 { ",exported_at\n" } else { ",2024-02-01\n" });
    for second in [january(8..=20), moved, noted] {
        let clivia = Clivia::with("one.csv", january(1..=10));
        clivia.write("two.csv", &second);
        let said = summed(&clivia, &["one.csv", "two.csv"], &[]);
        says(&said, &["3 of 13 rows of two.csv are rows of the files before it", "--duplicates keep", "3 duplicate"]);
        assert_eq!(customers(&clivia), right);
        summed(&clivia, &["one.csv", "two.csv"], &["--duplicates", "keep"]);
        assert_eq!(customers(&clivia), ["a 10 134.0", "b 10 114.5"]);
    }
}

#[test]
fn a_file_and_its_copy_stop_the_run() {
    let orders = january(1..=10);
    let turned =
        orders.lines().skip(1).fold("customer_id,order_id,order_date,amount\n".into(), |text: String, line| {
            text.replacen("amount\n", &format!("amount\n{line}\n"), 1)
        });
    for copy in [orders.clone(), orders.replace('\n', "\r\n"), turned] {
        let clivia = Clivia::with("one.csv", &orders);
        clivia.write("one (1).csv", copy);
        let ran = clivia.run(&["summary", "one.csv", "one (1).csv", "--out", "out"]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        says(&ran.stderr, &["one (1).csv holds the same rows as one.csv", "--duplicates keep"]);
    }
}

#[test]
fn equal_order_ids_of_two_shops_and_returns_of_an_order_are_no_duplicates() {
    let clivia = Clivia::with("north.csv", january(1..=4));
    clivia.write("south.csv", january(1..=4).replace("\na,", "\nc,").replace("\nb,", "\nd,"));
    summed(&clivia, &["north.csv", "south.csv"], &[]);
    assert_eq!(customers(&clivia), ["a 2 7.0", "b 2 5.0", "c 2 7.0", "d 2 5.0"]);
    clivia.write("returns.csv", "customer_id,order_id,order_date,amount\na,4,2024-01-09,-1.50\n");
    summed(&clivia, &["north.csv", "returns.csv"], &[]);
    assert_eq!(customers(&clivia), ["a 2 5.5", "b 2 5.0"]);
    // Two coffees on one day are paid for twice; without order ids they are the purchase of that day.
    let coffees = "customer_id,order_date,amount\na,2024-01-04,3.50\na,2024-01-04,3.50\nb,2024-01-05,3.50\n";
    reads("coffees.csv", coffees, &[], &["a 1 7.0", "b 1 3.5"], &["3 used, 0 refused"]);
}
