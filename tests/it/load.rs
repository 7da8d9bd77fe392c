//! `clivia simulate` for load: files with as many order lines, and such, as a test of speed asks for.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;
use serde_json::Value;

use crate::support::{Clivia, says};

fn simulate(clivia: &Clivia, out: &str, more: &[&str]) {
    // Of this seed a few lines have lost their customer.
    let line = ["simulate", "--seed", "9", "--out", out];
    let size: &[&str] = if more.contains(&"--customers") { &[] } else { &["--customers", "300"] };
    clivia.run(&[&line[..], size, more].concat()).ok();
}

fn orders(clivia: &Clivia, out: &str) -> DataFrame {
    let path = clivia.path(&format!("{out}/orders.parquet"));
    ParquetReader::new(std::fs::File::open(path).unwrap()).finish().unwrap()
}

fn truth(clivia: &Clivia, out: &str) -> Value {
    serde_json::from_slice(&clivia.read(&format!("{out}/truth.json"))).unwrap()
}

#[test]
fn orders_alone_are_those_of_the_whole() {
    let clivia = Clivia::new();
    for (place, effect) in ["1", "1.5"].into_iter().enumerate() {
        let more = ["--effect", effect, "--confirmations", "0.5", "--trial", "100"];
        let (whole, alone) = (format!("whole-{place}"), format!("alone-{place}"));
        simulate(&clivia, &whole, &more);
        simulate(&clivia, &alone, &[&more[..], &["--orders-only"]].concat());
        assert_eq!(clivia.files_in(&alone), ["orders.csv", "truth.json"]);
        assert_eq!(clivia.read(&format!("{whole}/orders.csv")), clivia.read(&format!("{alone}/orders.csv")));
        let (mut of_whole, of_alone) = (truth(&clivia, &whole), truth(&clivia, &alone));
        let totals = &mut of_whole["totals"];
        assert!(totals["contacts"].as_u64().unwrap() > 100 && totals["held_out"].as_u64().unwrap() > 10);
        // The files hold none of these.
        for contacts in ["contacts", "held_out"] {
            totals[contacts] = 0.into();
        }
        totals["contact_cost"] = of_alone["totals"]["contact_cost"].clone();
        assert_eq!(of_whole, of_alone);
    }
    assert_ne!(clivia.read("alone-0/orders.csv"), clivia.read("alone-1/orders.csv"));
}

#[test]
fn number_ids_are_one_to_one_in_all_files_and_in_no_order() {
    let clivia = Clivia::new();
    simulate(&clivia, "text", &[]);
    simulate(&clivia, "numbers", &["--number-ids"]);
    let mut number_of: BTreeMap<String, String> = BTreeMap::new();
    for file in ["orders.csv", "contacts.csv"] {
        let [text, numbers] = ["text", "numbers"].map(|out| clivia.table(&format!("{out}/{file}")));
        for (text, number) in text.column("customer_id").iter().zip(numbers.column("customer_id")) {
            let known = number_of.entry(text.to_string()).or_insert(number.to_string());
            assert_eq!(known, &number.to_string(), "{text} in {file}");
        }
        let column = if file == "orders.csv" { "order_id" } else { "contact_id" };
        assert_eq!(text.column(column), numbers.column(column));
    }
    assert_eq!(number_of.remove(""), Some(String::new())); // lines that have lost their id
    let numbers: Vec<u64> = number_of.values().map(|number| number.parse().unwrap()).collect();
    assert_eq!(numbers.iter().copied().collect::<BTreeSet<u64>>(), (1..=300).collect());
    let rising = numbers.windows(2).filter(|pair| pair[0] < pair[1]).count();
    assert!((100..200).contains(&rising), "{rising} of 299 neighbours rise"); // half of them, 9 standard deviations
}

#[test]
fn number_ids_are_whole_numbers_in_parquet() {
    let clivia = Clivia::new();
    simulate(&clivia, "sim", &["--number-ids", "--no-order-ids", "--orders-only", "--format", "parquet"]);
    let orders = orders(&clivia, "sim");
    assert_eq!(
        orders.get_column_names().iter().map(|name| name.as_str()).collect::<Vec<_>>(),
        ["customer_id", "order_date", "amount"]
    );
    assert_eq!(orders.column("customer_id").unwrap().dtype(), &DataType::Int64);
    assert!(orders.column("customer_id").unwrap().null_count() > 0);
}

#[test]
fn lines_without_ids_of_their_own_are_otherwise_the_same() {
    let clivia = Clivia::new();
    simulate(&clivia, "with", &[]);
    simulate(&clivia, "without", &["--no-order-ids"]);
    let cut = |line: &str| line.split_once(',').unwrap().1.to_string();
    let expected: Vec<String> = clivia.text("with/orders.csv").lines().map(cut).collect();
    assert!(clivia.text("without/orders.csv").lines().eq(expected));
    assert_eq!(clivia.read("with/contacts.csv"), clivia.read("without/contacts.csv"));
}

#[test]
fn customers_have_as_many_lines_as_asked_for_and_few_have_many() {
    let clivia = Clivia::new();
    for (lines, out) in [(1.5, "seldom"), (10.0, "often")] {
        let more =
            ["--orders-only", "--customers", "40000", "--orders-per-customer", &lines.to_string(), "--overwrite"];
        simulate(&clivia, out, &more);
        let truth = truth(&clivia, out);
        let count = |name: &str| truth["totals"][name].as_f64().unwrap();
        let mean = (count("orders") + count("returns")) / count("customers");
        // Three standard errors: a deviation of 2.5 times the mean over 200, the root of the number of customers.
        assert!((mean / lines - 1.0).abs() < 0.04, "{mean} for {lines}");
        assert_eq!(truth["settings"]["purchases"]["r"], 0.243);
    }
    let table = clivia.table("often/orders.csv");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    table.column("customer_id").into_iter().for_each(|id| *counts.entry(id).or_default() += 1);
    let mut counts: Vec<usize> = counts.into_values().collect();
    counts.sort_unstable();
    let of_most: usize = counts.iter().rev().take(4_000).sum();
    let share = of_most as f64 / counts.iter().sum::<usize>() as f64;
    assert!(share > 0.5, "a tenth of the customers has {share} of the lines");
}

#[test]
fn impossible_means_are_refused() {
    let clivia = Clivia::new();
    for lines in ["0.5", "1000000", "NaN"] {
        let line = ["simulate", "--customers", "9", "--seed", "1", "--out", "sim", "--orders-per-customer", lines];
        let ran = clivia.run(&line);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        says(&ran.stderr, &["orders_per_customer", lines]);
        clivia.nothing_in("sim");
    }
}

#[test]
fn lines_by_time_are_the_same_lines() {
    let clivia = Clivia::new();
    simulate(&clivia, "by-customer", &[]);
    simulate(&clivia, "by-time", &["--by-time"]);
    let [by_customer, by_time] = ["by-customer", "by-time"].map(|out| clivia.text(&format!("{out}/orders.csv")));
    let date = |line: &&str| line.split(',').nth(2).unwrap().to_string();
    let lines: Vec<&str> = by_time.lines().skip(1).collect();
    assert!(lines.is_sorted_by_key(date));
    assert!(!by_customer.lines().skip(1).collect::<Vec<_>>().is_sorted_by_key(date));
    let sorted = |text: &str| text.lines().map(str::to_string).collect::<BTreeSet<String>>();
    assert_eq!(sorted(&by_time), sorted(&by_customer));
    assert_eq!(by_time.lines().count(), by_customer.lines().count());
    assert_eq!(clivia.files_in("by-time"), ["contacts.csv", "orders.csv", "truth.json", "truth.parquet"]);
    for other in ["contacts.csv", "truth.json", "truth.parquet"] {
        assert_eq!(clivia.read(&format!("by-time/{other}")), clivia.read(&format!("by-customer/{other}")));
    }
}

#[test]
fn load_is_the_same_on_any_number_of_threads() {
    let clivia = Clivia::new();
    let load = ["--orders-only", "--number-ids", "--no-order-ids", "--orders-per-customer", "6", "--overwrite"];
    for (format, by_time) in [("csv", false), ("parquet", false), ("csv", true), ("parquet", true)] {
        let files = ["1", "2", "5"].map(|threads| {
            let mut line =
                vec!["simulate", "--customers", "50000", "--seed", "3", "--format", format, "--out", threads];
            line.extend(load);
            line.extend(by_time.then_some("--by-time"));
            let mut command = clivia.command(&line);
            command.env("RAYON_NUM_THREADS", threads).env("POLARS_MAX_THREADS", threads);
            assert!(command.output().unwrap().status.success());
            clivia.read(&format!("{threads}/orders.{format}"))
        });
        assert!(files[0] == files[1] && files[0] == files[2], "{format}, by time: {by_time}");
    }
}
