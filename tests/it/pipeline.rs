//! The whole way: what comes out, that it is the same whatever should not matter, and published numbers.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_xoshiro::Xoshiro256Plus;
use serde_json::Value;

use crate::support::{Clivia, ORDERS, SCORED, Table, says, shared_data};

const COLUMNS: [&str; 20] = [
    "customer_id",
    "orders",
    "frequency",
    "last_purchase_age",
    "age",
    "first_order",
    "last_order",
    "days_since_last",
    "revenue",
    "mean_spend",
    "r_score",
    "f_score",
    "m_score",
    "rfm_segment",
    "p_alive",
    "expected_purchases",
    "expected_spend",
    "clv",
    "cluster",
    "cluster_label",
];
const MAP_COLUMNS: [&str; 4] = ["attractiveness", "contact_quality", "map_cell", "diagnosis"];
const CONTACT_COLUMNS: [&str; 4] = ["contacts", "contact_cost", "map_distance", "responsiveness"];
const INTERVAL_COLUMNS: [&str; 4] = ["purchases_low", "purchases_high", "clv_low", "clv_high"];
const CONTACTS: [&str; 2] = ["--contacts", "contacts.csv"];

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// A sum of money in 1/10,000, which is what the engine counts in.
fn exact(amounts: &[f64]) -> i64 {
    amounts.iter().map(|amount| (amount * 1e4).round() as i64).sum()
}

// ---- what comes out

#[test]
fn customers_have_the_columns_of_the_contract_in_order() {
    let clivia = Clivia::simulated(100, 1);
    clivia.scored("orders.csv", &[]);
    assert_eq!(clivia.customers().header, [&COLUMNS[..], &["profit"], &INTERVAL_COLUMNS].concat());
    assert_eq!(
        SCORED.customers().header,
        [&COLUMNS[..], &MAP_COLUMNS, &["profit"], &CONTACT_COLUMNS, &INTERVAL_COLUMNS].concat()
    );
}

#[test]
fn run_json_has_the_keys_of_the_contract() {
    let run = SCORED.run_json();
    let expected = [
        "version",
        "settings",
        "as_of",
        "time_unit",
        "rows",
        "money",
        "purchases",
        "spend",
        "rfm",
        "clusters",
        "map",
        "timing",
        "timings",
    ];
    assert!(keys(&run).is_superset(&expected.into()), "{:?}", keys(&run));
    for key in ["rows", "money"] {
        assert_eq!(keys(&run[key]), ["read", "used", "refused"].into());
    }
    let model = ["model", "parameters", "standard_errors", "log_likelihood", "converged", "customers", "distinct_rows"];
    for (key, name, parameters) in [("purchases", "bg-nbd", "r alpha a b"), ("spend", "gamma-gamma", "p q v")] {
        assert!(keys(&run[key]).is_superset(&model.into()), "{:?}", keys(&run[key]));
        assert_eq!(run[key]["model"], name);
        assert_eq!(keys(&run[key]["parameters"]), parameters.split(' ').collect());
        assert_eq!(keys(&run[key]["standard_errors"]), parameters.split(' ').collect());
        assert_eq!(run[key]["converged"], true);
    }
    let clivia = Clivia::with("orders.csv", "id,date\n1,2024-01-01\n");
    clivia.scored("orders.csv", &[]);
    let run = clivia.run_json();
    assert!(["purchases", "spend"].iter().all(|key| keys(&run[key]).is_superset(&model.into())));
    assert_eq!(run["map"], Value::Null);
}

#[test]
fn run_json_names_no_place_on_this_machine() {
    let text = SCORED.text("out/run.json");
    assert!(!text.contains(SCORED.path("").to_str().unwrap()));
}

#[test]
fn small_tables_add_up_to_the_customers() {
    let (customers, run) = (SCORED.customers(), SCORED.run_json());
    let scored = run["customers"]["scored"].as_u64().unwrap() as f64;
    for name in ["segments", "clusters", "map"] {
        let table = SCORED.table(&format!("out/{name}.csv"));
        assert_eq!(table.numbers("customers").iter().sum::<f64>(), scored, "{name}");
        let clv: f64 = table.numbers("clv").iter().sum();
        // Four hundred terms in another order, each rounded to 1/10,000 on the map.
        let tolerance = if name == "map" { 400.0 * 0.5e-4 } else { 1e-9 };
        assert!((clv - customers.numbers("clv").iter().sum::<f64>()).abs() < tolerance, "{name}: {clv}");
        let purchases = customers.column("orders").into_iter().zip(customers.numbers("revenue"));
        let revenue: Vec<f64> = purchases.filter(|(orders, _)| *orders != "0").map(|(_, revenue)| revenue).collect();
        assert_eq!(exact(&table.numbers("revenue")), exact(&revenue), "{name}");
    }
    assert_eq!(SCORED.table("out/map.csv").rows.len(), 9);
    let mut counted = BTreeMap::<&str, usize>::new();
    customers.column("rfm_segment").into_iter().for_each(|segment| *counted.entry(segment).or_default() += 1);
    let segments = SCORED.table("out/segments.csv");
    for (segment, customers) in segments.column("segment").into_iter().zip(segments.numbers("customers")) {
        assert_eq!(counted.get(segment).copied().unwrap_or(0) as f64, customers, "{segment}");
    }
}

#[test]
fn rows_and_money_are_conserved() {
    let (run, table) = (SCORED.run_json(), SCORED.customers());
    let orders = SCORED.table("orders.csv");
    let [read, used, refused] = ["read", "used", "refused"].map(|kind| run["rows"][kind].as_u64().unwrap());
    assert_eq!((read, read), (orders.rows.len() as u64, used + refused));
    let [read, used, refused] = ["read", "used", "refused"].map(|kind| exact(&[number(&run["money"][kind])]));
    assert_eq!((read, read), (exact(&orders.numbers("amount")), used + refused));
    assert_eq!(exact(&table.numbers("revenue")), used);
    let listed = SCORED.rejects();
    let tables = run["refused"].as_object().unwrap().values();
    let counted: u64 = tables.flat_map(|rules| rules.as_object().unwrap().values()).map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(listed.len() as u64, counted);
    let lines: Vec<&str> = listed.iter().filter(|r| r[0] == "orders.csv").map(|r| r[1].as_str()).collect();
    assert_eq!(lines.len() as u64, run["rows"]["refused"].as_u64().unwrap());
    let at = |line: &str| &orders.rows[line.parse::<usize>().unwrap() - 2];
    assert!(lines.iter().all(|line| at(line)[1].is_empty()), "the lines named are those without a customer");
}

#[test]
fn scores_are_in_their_ranges() {
    let table = SCORED.customers();
    let within =
        |column: &str, low: f64, high: f64| table.numbers(column).iter().all(|value| (low..=high).contains(value));
    assert!(["r_score", "f_score", "m_score"].iter().all(|column| within(column, 1.0, 5.0)));
    assert!(within("p_alive", 0.0, 1.0));
    assert!(["expected_purchases", "expected_spend", "clv", "age"].iter().all(|column| within(column, 0.0, 1e9)));
    assert!(["attractiveness", "contact_quality"].iter().all(|column| within(column, 0.0, 100.0)));
    let ages = table.numbers("last_purchase_age").into_iter().zip(table.numbers("age"));
    assert!(ages.into_iter().all(|(last, age)| last <= age));
    let diagnoses: BTreeSet<&str> = table.column("diagnosis").into_iter().collect();
    assert!(diagnoses.is_subset(&["", "under_served", "aligned", "over_served"].into()), "{diagnoses:?}");
}

fn frame(clivia: &Clivia, format: &str) -> DataFrame {
    let path = clivia.path(&format!("out/customers.{format}"));
    let file = std::fs::File::open(path).unwrap();
    match format {
        "parquet" => ParquetReader::new(file).finish().unwrap(),
        _ => IpcReader::new(file).finish().unwrap(),
    }
}

#[test]
fn all_formats_hold_the_same() {
    let clivia = Clivia::simulated(150, 2);
    for format in ["csv", "parquet", "ndjson", "ipc"] {
        clivia
            .run(&[&["score", "orders.csv", "--out", "out", "--overwrite", "--format", format], &CONTACTS[..]].concat())
            .ok();
        let ending = if format == "ipc" { "arrow" } else { format };
        assert_eq!(clivia.files_in("out").len(), 12);
        std::fs::copy(clivia.path(&format!("out/customers.{ending}")), clivia.path(&format!("customers.{ending}")))
            .unwrap();
    }
    std::fs::rename(clivia.path("customers.parquet"), clivia.path("out/customers.parquet")).unwrap();
    let (parquet, arrow) = (frame(&clivia, "parquet"), frame(&clivia, "arrow"));
    assert_eq!(parquet.schema(), arrow.schema());
    assert!(parquet.equals_missing(&arrow));
    let csv = Table::parse(&clivia.read("customers.csv"));
    let names: Vec<&str> = parquet.get_column_names().into_iter().map(|name| name.as_str()).collect();
    assert_eq!(csv.header, names);
    assert_eq!(parquet.column("first_order").unwrap().dtype(), &DataType::Date);
    for column in ["revenue", "clv", "age", "contact_quality"] {
        let values: Vec<f64> = parquet.column(column).unwrap().f64().unwrap().iter().flatten().collect();
        assert_eq!(csv.numbers(column), values, "{column}");
    }
    let lines: Vec<Value> =
        clivia.text("customers.ndjson").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), csv.rows.len());
    for (line, row) in lines.iter().zip(&csv.rows) {
        for (name, cell) in csv.header.iter().zip(row) {
            match &line[name] {
                Value::Null => assert_eq!(cell, ""),
                Value::String(text) => assert_eq!(cell, text),
                value => assert_eq!(cell.parse::<f64>().unwrap(), number(value), "{name}"),
            }
        }
    }
}

// ---- what must not matter

#[test]
fn one_thread_and_two_give_the_same_bytes() {
    let clivia = Clivia::simulated(3_000, 3);
    for format in ["parquet", "csv"] {
        let run = |threads: &str| {
            let line = ["score", "orders.csv", "--format", format, "--threads", threads, "--overwrite", "--out", "out"];
            clivia.run(&[&line[..], &CONTACTS].concat()).ok();
            clivia.results("out")
        };
        assert!(run("1") == run("2"), "{format}");
    }
}

#[test]
fn rows_in_any_order_give_the_same_customers() {
    let clivia = Clivia::simulated(1_000, 4);
    clivia.scored("orders.csv", &CONTACTS);
    let shuffled = |name: &str| {
        let text = clivia.text(name);
        let (header, rows) = text.split_once('\n').unwrap();
        let mut rows: Vec<&str> = rows.lines().collect();
        rows.shuffle(&mut Xoshiro256Plus::seed_from_u64(1));
        format!("{header}\n{}\n", rows.join("\n"))
    };
    clivia.write("orders2.csv", shuffled("orders.csv"));
    clivia.write("contacts2.csv", shuffled("contacts.csv"));
    clivia.scored("orders2.csv", &["--contacts", "contacts2.csv", "--out", "out2"]);
    for file in ["customers.csv", "segments.csv", "clusters.csv", "map.csv"] {
        assert!(clivia.read(&format!("out/{file}")) == clivia.read(&format!("out2/{file}")), "{file}");
    }
}

#[test]
fn a_file_in_parts_gives_the_same_customers() {
    let clivia = Clivia::simulated(1_000, 5);
    clivia.scored("orders.csv", &CONTACTS);
    for name in ["orders", "contacts"] {
        let text = clivia.text(&format!("{name}.csv"));
        let (header, rows) = text.split_once('\n').unwrap();
        let rows: Vec<&str> = rows.lines().collect();
        for (place, part) in rows.chunks(700).enumerate() {
            clivia.write(&format!("{name}/{place:03}.csv"), format!("{header}\n{}\n", part.join("\n")));
        }
    }
    clivia.scored("orders", &["--contacts", "contacts", "--out", "out2"]);
    assert!(clivia.read("out/customers.csv") == clivia.read("out2/customers.csv"));
    assert_eq!(clivia.read("out/map.csv"), clivia.read("out2/map.csv"));
}

#[test]
fn time_units_are_the_same_time() {
    let clivia = Clivia::simulated(300, 6);
    for unit in ["days", "weeks", "months"] {
        clivia.scored("orders.csv", &["--time-unit", unit, "--out", unit]);
    }
    let [days, weeks, months] = ["days", "weeks", "months"].map(|unit| clivia.table(&format!("{unit}/customers.csv")));
    let alike = |a: &[f64], b: &[f64], factor: f64, tolerance: f64| {
        a.iter().zip(b).all(|(a, b)| (a - b * factor).abs() <= tolerance * a.abs())
    };
    // Ages are whole days over the unit: one rounding each.
    assert!(alike(&days.numbers("age"), &weeks.numbers("age"), 7.0, 1e-15));
    assert!(alike(&days.numbers("age"), &months.numbers("age"), 30.4375, 1e-15));
    // Three fits, each stopped within about 1e-8 of its optimum in the parameters.
    assert!(alike(&days.numbers("clv"), &weeks.numbers("clv"), 1.0, 1e-5));
    assert!(alike(&days.numbers("clv"), &months.numbers("clv"), 1.0, 1e-5));
}

#[test]
fn margin_and_horizon_do_what_they_say() {
    let clivia = Clivia::simulated(300, 6);
    let clv = |out: &str, more: &[&str]| {
        clivia.scored("orders.csv", &[&["--out", out], more].concat());
        clivia.table(&format!("{out}/customers.csv")).numbers("clv")
    };
    let whole = clv("whole", &[]);
    let half = clv("half", &["--margin", "0.5"]);
    // A product in another order: two roundings.
    assert!(whole.iter().zip(&half).all(|(whole, half)| (whole * 0.5 - half).abs() <= 1e-15 * whole));
    let (short, undiscounted) = (clv("short", &["--horizon", "39w"]), clv("undiscounted", &["--discount-rate", "0"]));
    assert!(whole.iter().zip(&short).all(|(whole, short)| short < whole));
    assert!(whole.iter().zip(&undiscounted).all(|(whole, undiscounted)| undiscounted > whole));
}

#[test]
fn spend_days_all_counts_the_first_purchase_too() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.scored("orders.csv", &[]);
    assert_eq!(clivia.customers().column("mean_spend"), ["20.0", "5.5", ""]);
    clivia.scored("orders.csv", &["--spend-days", "all", "--overwrite"]);
    assert_eq!(clivia.customers().column("mean_spend"), ["15.0", "5.5", "7.0"]);
}

// ---- frozen

#[test]
fn a_frozen_run_scores_the_same_file_alike() {
    for more in [&[][..], &["--bins", "nested", "--clusters", "4", "--horizon", "39w", "--time-unit", "days"]] {
        let clivia = Clivia::simulated(600, 8);
        clivia.scored("orders.csv", &[&CONTACTS[..], more].concat());
        let frozen = ["--frozen", "out/run.json", "--out", "again"];
        clivia.scored("orders.csv", &[&CONTACTS[..], &frozen].concat());
        assert!(unjudged(&clivia, "out") == unjudged(&clivia, "again"));
    }
}

/// All files of a run but the report and the holdout that it shows: a frozen run fits nothing, so it holds nothing out.
fn unjudged(clivia: &Clivia, folder: &str) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut files = clivia.results(folder);
    let mut figures: Value = serde_json::from_slice(&files.remove("figures.json").unwrap()).unwrap();
    figures["holdout"].take();
    files.insert("figures.json".into(), figures.to_string().into());
    files.remove("report.html").unwrap();
    files
}

#[test]
fn a_frozen_run_takes_its_as_of_date_from_its_own_file_or_flag() {
    let clivia = Clivia::simulated(300, 8);
    clivia.scored("orders.csv", &["--as-of", "2024-06-30"]);
    clivia.scored("orders.csv", &["--frozen", "out/run.json", "--as-of", "2024-06-30", "--out", "again"]);
    assert!(unjudged(&clivia, "out") == unjudged(&clivia, "again"));
    clivia.scored("orders.csv", &["--frozen", "out/run.json", "--out", "later"]);
    let later: Value = serde_json::from_slice(&clivia.read("later/run.json")).unwrap();
    let orders = clivia.table("orders.csv");
    let last = orders.rows.iter().filter(|row| !row[1].is_empty()).map(|row| &row[2][..10]).max();
    assert_eq!(later["as_of"].as_str(), last);
    assert_eq!(later["rfm"], clivia.run_json()["rfm"]);
}

#[test]
fn a_frozen_run_scores_another_file_by_the_same_cut_points() {
    let clivia = Clivia::simulated(600, 8);
    clivia.scored("orders.csv", &CONTACTS);
    let before = clivia.run_json();
    let other = Clivia::simulated(500, 9);
    clivia.write("other.csv", other.read("orders.csv"));
    clivia.write("other-contacts.csv", other.read("contacts.csv"));
    let frozen = ["--contacts", "other-contacts.csv", "--frozen", "out/run.json", "--out", "other"];
    clivia.scored("other.csv", &frozen);
    let after: Value = serde_json::from_slice(&clivia.read("other/run.json")).unwrap();
    for key in ["purchases", "spend", "rfm", "clusters", "settings"] {
        assert_eq!(before[key], after[key], "{key}");
    }
    for key in ["contacts", "scale"] {
        assert_eq!(before["map"][key], after["map"][key], "{key}");
    }
    assert_ne!(before["rows"], after["rows"]);
    // The same history gets the same score, whichever base it is in.
    let scores = |table: &Table| {
        let columns = ["days_since_last", "orders", "revenue"].map(|name| table.column(name));
        let scores = ["r_score", "f_score", "m_score"].map(|name| table.column(name));
        let pairs = (0..3).flat_map(|measure| {
            columns[measure]
                .iter()
                .zip(&scores[measure])
                .map(move |(value, score)| (format!("{measure} {value}"), score.to_string()))
        });
        pairs.filter(|(_, score)| !score.is_empty()).collect::<BTreeMap<String, String>>()
    };
    let (mut first, second) = (scores(&clivia.customers()), scores(&clivia.table("other/customers.csv")));
    let shared = first.extract_if(.., |value, _| second.contains_key(value)).collect::<Vec<_>>();
    assert!(shared.len() > 100, "{}", shared.len());
    assert!(shared.iter().all(|(value, score)| second[value] == *score));
}

#[test]
fn a_frozen_run_needs_no_repeat_purchase() {
    let clivia = Clivia::simulated(600, 8);
    clivia.scored("orders.csv", &[]);
    clivia.write("new.csv", "order_id,customer_id,order_date,amount\n1,n,2024-12-01,50\n");
    clivia.scored("new.csv", &["--frozen", "out/run.json", "--out", "new", "--as-of", "2024-12-29"]);
    let table = clivia.table("new/customers.csv");
    assert_eq!(table.of("n", "age"), "4.0");
    assert!(["p_alive", "expected_purchases", "clv"].iter().all(|name| table.numbers(name).len() == 1));
}

#[test]
fn what_cannot_be_frozen_is_named() {
    let clivia = Clivia::simulated(100, 1);
    clivia.scored("orders.csv", &["--out", "done"]);
    let said = clivia.refused("orders.csv", &[&CONTACTS[..], &["--frozen", "done/run.json"]].concat());
    says(&said, &["done/run.json", "no contacts"]);
    clivia.write("bad.json", "{}");
    says(&clivia.refused("orders.csv", &["--frozen", "bad.json"]), &["bad.json", "not a usable finished run"]);
    says(&clivia.refused("orders.csv", &["--frozen", "none.json"]), &["none.json"]);
}

// ---- public data

#[cfg_attr(no_shared_data, ignore = "needs the data sets; set CLIVIA_DATA")]
#[test]
fn cdnow_sample_is_as_published() {
    let clivia = Clivia::new();
    let sample = shared_data("cdnow_sample.csv");
    clivia.scored(sample.to_str().unwrap(), &["--as-of", "1997-09-30", "--horizon", "39w"]);
    let (table, run) = (clivia.customers(), clivia.run_json());
    assert_eq!((table.rows.len(), table.numbers("frequency").iter().sum::<f64>()), (2357, 2457.0));
    // Fader, Hardie and Lee (2005), table 2; Fader and Hardie (2013), section 5: to every digit printed.
    let printed = |model: &str, names: &[&str], digits: usize| {
        let value = |name: &&str| format!("{:.digits$}", number(&run[model]["parameters"][name]));
        names.iter().map(value).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(printed("purchases", &["r", "alpha", "a", "b"], 3), "0.243 4.414 0.793 2.426");
    assert_eq!(format!("{:.1}", number(&run["purchases"]["log_likelihood"])), "-9582.4");
    assert_eq!(printed("spend", &["p", "q", "v"], 2), "6.25 3.74 15.44");
    assert_eq!((&run["spend"]["customers"], &run["purchases"]["customers"]), (&946.into(), &2357.into()));
    // The papers' example: x = 2, t_x = 30.43, T = 38.86.
    let example = (0..2357).filter(|row| {
        let cell = |name: &str| table.column(name)[*row].parse::<f64>().unwrap();
        cell("frequency") == 2.0
            && (cell("last_purchase_age") - 30.43).abs() < 0.005
            && (cell("age") - 38.86).abs() < 0.005
    });
    let example: Vec<String> =
        example.map(|row| format!("{:.3}", table.column("expected_purchases")[row].parse::<f64>().unwrap())).collect();
    assert!(!example.is_empty() && example.iter().all(|value| value == "1.226"), "{example:?}");
}

#[cfg_attr(no_shared_data, ignore = "needs the data sets; set CLIVIA_DATA")]
#[test]
fn cdnow_master_conserves_rows_and_money() {
    let clivia = Clivia::new();
    clivia.scored(shared_data("cdnow_master.csv").to_str().unwrap(), &[]);
    let (table, run) = (clivia.customers(), clivia.run_json());
    assert_eq!(run["rows"], serde_json::json!({ "read": 69_659, "used": 69_659, "refused": 0 }));
    assert_eq!(run["money"], serde_json::json!({ "read": 2_500_315.63, "used": 2_500_315.63, "refused": 0.0 }));
    assert_eq!((table.rows.len(), exact(&table.numbers("revenue"))), (23_570, 25_003_156_300));
    // 2,068 of the orders are further ones of a day.
    assert_eq!(table.numbers("orders").iter().sum::<f64>(), 69_659.0 - 2_068.0);
}

#[cfg_attr(no_shared_data, ignore = "needs the data sets; set CLIVIA_DATA")]
#[test]
fn online_retail_is_the_same_from_csv_and_parquet_with_every_row_accounted_for() {
    let clivia = Clivia::new();
    let run = |file: &str, out: &str| {
        let path = shared_data(file);
        let line = ["score", path.to_str().unwrap(), "--amount", "Quantity * UnitPrice", "--out", out];
        clivia.run(&line).ok();
        serde_json::from_slice::<Value>(&clivia.read(&format!("{out}/run.json"))).unwrap()
    };
    let (csv, parquet) = (run("online_retail.csv.gz", "out"), run("online_retail.parquet", "parquet"));
    assert!(clivia.read("out/customers.parquet") == clivia.read("parquet/customers.parquet"));
    assert_eq!(csv["rows"], serde_json::json!({ "read": 541_909, "used": 406_829, "refused": 135_080 }));
    assert_eq!(csv["refused"], serde_json::json!({ "orders": { "missing_customer": 135_080 } }));
    assert_eq!(
        (&csv["rows"], &csv["money"], &csv["refused"]),
        (&parquet["rows"], &parquet["money"], &parquet["refused"])
    );
    let [read, used, refused] = ["read", "used", "refused"].map(|kind| exact(&[number(&csv["money"][kind])]));
    assert_eq!(read, used + refused);
    assert_eq!(format!("{:.2}", read as f64 / 1e4), "9747747.93");
    let (listed, again) = (clivia.rejects(), clivia.table("parquet/rejects.csv"));
    assert_eq!((listed.len(), again.rows.len()), (135_080, 135_080));
    assert!(listed.iter().all(|reject| reject[2] == "CustomerID" && reject[3].is_empty()));
    // No description holds a line break, so line n of the text is record n - 1 of the Parquet file.
    let shifted = |row: &[String; 5]| row[1].parse::<u64>().unwrap() - 1;
    assert!(listed.iter().map(shifted).eq(again.column("row").iter().map(|row| row.parse::<u64>().unwrap())));
    let customers = csv["customers"].clone();
    assert_eq!(customers["scored"].as_u64().unwrap() + customers["without_purchase"].as_u64().unwrap(), 4_372);
}
