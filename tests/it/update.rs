//! A state that is kept from day to day against all orders at once: the same bytes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clivia_core::control::Control;
use clivia_core::models::NotConverged;
use clivia_io::files;
use clivia_io::memory::{Bytes, Memory};
use clivia_io::rejects::Rejects;
use clivia_io::settings::Settings;
use clivia_run::pipeline::{Inputs, score};
use clivia_run::state::{NewOrders, State, Updating};
use polars::prelude::{Column, DataFrame, IpcWriter, SerWriter};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_json::Value;

use crate::support::{Clivia, ORDERS, Ran, Table, says};

pub(crate) type Results = BTreeMap<String, Vec<u8>>;

fn sample(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name)).unwrap()
}

/// Deals the rows of a file to so many files at random, each with the header.
pub(crate) fn deal(text: &str, files: usize, seed: u64) -> Vec<String> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let (header, rows) = text.split_once('\n').unwrap();
    let mut dealt = vec![format!("{header}\n"); files];
    rows.lines().for_each(|row| dealt[random.gen_range(0..files)] += &format!("{row}\n"));
    dealt
}

impl Clivia {
    pub(crate) fn update(&self, state: &str, more: &[&str]) -> Ran {
        self.run(&[&["update", state], more].concat())
    }

    pub(crate) fn updated(&self, state: &str, more: &[&str]) -> Ran {
        self.update(state, more).ok()
    }

    /// The message of an update that must change nothing.
    pub(crate) fn update_refused(&self, state: &str, more: &[&str]) -> String {
        let before = self.contents(state);
        let ran = self.update(state, more);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
        assert!(ran.stderr.starts_with("error: ") && !ran.stderr.contains("panicked"), "{ran:?}");
        assert!(self.contents(state) == before, "{:?} after {}", self.contents(state).keys(), ran.stderr);
        ran.stderr
    }

    /// The results of scoring a state.
    pub(crate) fn of_state(&self, state: &str, more: &[&str]) -> Results {
        self.scored_to("of-state", &["--state", state], more)
    }

    /// The results of scoring files at once.
    pub(crate) fn at_once(&self, orders: &[&str], more: &[&str]) -> Results {
        self.scored_to("at-once", orders, more)
    }

    /// Small bases carry no model, and a frozen run fits none.
    fn scored_to(&self, out: &str, from: &[&str], more: &[&str]) -> Results {
        let fit: &[&str] = if more.contains(&"--frozen") { &[] } else { &["--not-converged", "empty"] };
        let line = ["--out", out, "--overwrite", "--format", "csv"];
        self.run(&[&["score"], from, &line[..], fit, more].concat()).ok();
        self.results(out)
    }

    /// Every file below a folder.
    pub(crate) fn contents(&self, folder: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.path(folder)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path)
                } else {
                    found.insert(path.clone(), fs::read(path).unwrap());
                }
            }
        }
        found
    }

    fn manifest(&self, state: &str) -> Value {
        serde_json::from_slice(&self.read(&format!("{state}/manifest.json"))).unwrap()
    }

    pub(crate) fn segments(&self, state: &str) -> usize {
        self.manifest(state)["segments"].as_array().unwrap().len()
    }

    /// The state's folder holds what its manifest names, and nothing else.
    pub(crate) fn nothing_but_the_state(&self, state: &str) {
        let manifest = self.manifest(state);
        let numbers =
            manifest["segments"].as_array().unwrap().iter().map(|segment| segment["number"].as_u64().unwrap());
        let mut expected: Vec<String> = numbers.map(|number| format!("segment-{number:06}")).collect();
        expected.extend([".clivia-reading".into(), "manifest.json".into()]);
        expected.sort();
        assert_eq!(self.files_in(state), expected);
    }
}

/// A result without what was said of reading: a state says that when it reads.
fn without_notes(name: &str, bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    match name {
        // They come last but for timings, which are gone already.
        name if name.ends_with("run.json") => text.split("\"notes\": [").next().unwrap().into(),
        name if name.ends_with("report.html") => {
            let (before, rest) = text.split_once("<details><summary>Columns used").unwrap();
            format!("{}{rest}", before.split("<h3>Warnings</h3>").next().unwrap())
        }
        _ => text.into_owned(),
    }
}

#[track_caller]
pub(crate) fn same(one: &Results, other: &Results) {
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (name, bytes) in one {
        let (one, other) = (without_notes(name, bytes), without_notes(name, &other[name]));
        let line = one.lines().zip(other.lines()).find(|(one, other)| one != other);
        assert!(one == other, "{name}: {line:?}");
    }
}

// ---- the same as all at once

#[test]
fn any_split_of_the_sample_gives_the_bytes_of_all_at_once() {
    for (seed, files) in [(1, 2), (2, 5), (3, 11)] {
        let clivia = Clivia::with("contacts.csv", sample("contacts.csv"));
        let names: Vec<String> = (0..files).map(|file| format!("orders-{file:02}.csv")).collect();
        for (name, text) in names.iter().zip(deal(&sample("orders.csv"), files, seed)) {
            clivia.write(name, text);
            clivia.updated("state", &[name]);
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let more: &[&str] = if seed == 1 { &["--contacts", "contacts.csv"] } else { &["--as-of", "2026-01-01"] };
        same(&clivia.of_state("state", more), &clivia.at_once(&names, more));
        clivia.nothing_but_the_state("state");
    }
}

#[test]
fn files_of_every_format_and_of_different_columns_are_one_base() {
    let clivia = Clivia::new();
    for (format, seed) in [("csv", "1"), ("parquet", "2"), ("csv", "3"), ("csv", "4")] {
        let out = format!("{format}-{seed}");
        clivia.run(&["simulate", "--customers", "400", "--seed", seed, "--format", format, "--out", &out]).ok();
    }
    // Another name for each column, and rows that are refused.
    let text = clivia.text("csv-1/orders.csv").replacen("order_id,customer_id", "invoice_no,client", 1);
    clivia.write("orders.csv", text + "x,,2024-01-01,5\ny,c,never,5\nz,c,2024-01-01,much\n");
    let Table { header, rows } = clivia.table("csv-3/orders.csv");
    let object =
        |row: &Vec<String>| header.iter().cloned().zip(row.iter().map(|cell| Value::from(cell.as_str()))).collect();
    let lines = rows.iter().map(|row| format!("{}\n", Value::Object(object(row))));
    clivia.write("orders.ndjson", lines.collect::<String>());
    let table = clivia.table("csv-4/orders.csv");
    let column = |name: &String| Column::new(name.as_str().into(), table.column(name));
    let mut frame = DataFrame::new(table.rows.len(), table.header.iter().map(column).collect()).unwrap();
    IpcWriter::new(fs::File::create(clivia.path("orders.arrow")).unwrap()).finish(&mut frame).unwrap();
    let files = ["orders.csv", "parquet-2/orders.parquet", "orders.ndjson", "orders.arrow"];
    clivia.updated("state", &files[..1]);
    clivia.updated("state", &files[1..3]);
    clivia.updated("state", &files[3..]);
    let contacts = ["--contacts", "csv-1/contacts.csv"];
    same(&clivia.of_state("state", &contacts), &clivia.at_once(&files, &contacts));
    same(&clivia.of_state("state", &[]), &clivia.at_once(&files, &[]));
    assert!(clivia.table("of-state/rejects.csv").rows.len() >= 3);
}

/// A row of an order file, good or bad.
fn row() -> impl Strategy<Value = String> {
    let order = prop::sample::select(vec!["o1", "o2", "o3", "o4", "o5", "o6", ""]);
    let customer = prop::sample::select(vec!["1", "7", "007", "a", "a", "b", "=b", ""]);
    let date = prop::sample::select(vec![
        "2024-01-01 10:00:00",
        "2024-01-01",
        "2024-01-05 23:59:59",
        "2024-02-07",
        "2024-01-20",
        "never",
    ]);
    let amount = prop::sample::select(vec!["5", "-5", "10", "-10", "2.5", "0", "7.1234", "-3", "x", "20"]);
    let margin = prop::sample::select(vec!["1", "0.5", "-1", ""]);
    (order, customer, date, amount, margin)
        .prop_map(|(order, customer, date, amount, margin)| format!("{order},{customer},{date},{amount},{margin}\n"))
}

const HEADER: &str = "order_id,customer_id,date,amount,margin\n";

fn thin(config: &str) -> Settings {
    let mut settings = Settings::parse(config, "config").unwrap();
    settings.models.not_converged = NotConverged::Empty;
    settings.read.unreadable_error = 1.0;
    settings
}

/// What a run found out, its timings left out, and the rows that it refused.
fn found(inputs: &Inputs, settings: &Settings, rejects: PathBuf) -> Result<(String, Vec<u8>), String> {
    let file = fs::File::create(&rejects).unwrap();
    let rejected = Rejects::new(Box::new(file), false).unwrap();
    let scored = score(inputs, settings, None, rejected, &Control::default()).map_err(|error| error.to_string())?;
    let run = serde_json::to_value(clivia_run::record::record(&scored)).unwrap();
    let Value::Object(mut run) = run else { panic!("an object") };
    run.remove("timings");
    run.remove("notes");
    let rows = format!("{run:?} {:?} {:?} {:?}", scored.summary, scored.scored.value, scored.without_purchase);
    Ok((rows, fs::read(rejects).unwrap()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_files_hold_a_state_is_what_they_come_to(
        files in prop::collection::vec(prop::collection::vec(row(), 0..40), 1..10),
        config in prop::sample::select(vec![
            "",
            "[orders]\nreturns = 'ignore'\nzero_amounts = 'reject'\n",
            "[orders]\nobserved_margin = true\n",
            "[orders]\nmargin_column = 'margin'\nreturns = 'reject'\n",
        ]),
        spill: bool,
    ) {
        let (clivia, settings) = (Clivia::new(), thin(config));
        let memory = spill.then(|| Memory { bytes: Bytes(1), folder: clivia.path(".") });
        let mut taken = Vec::new();
        for (number, rows) in files.iter().enumerate() {
            let name = format!("orders-{number:02}.csv");
            // The first makes the state, so it holds an order.
            let first = if number == 0 { "o1,a,2024-01-03,5,1\n" } else { "" };
            clivia.write(&name, HEADER.to_string() + first + &rows.concat());
            let orders = files::find(&[clivia.path(&name)]).unwrap();
            taken.extend(orders.clone());
            let new = NewOrders { orders, ..NewOrders::default() };
            let mut updating = Updating::open(&clivia.path("state")).unwrap();
            updating.update(&new, &settings, memory.as_ref(), &Control::default()).unwrap();
        }
        let at_once = Inputs { orders: taken, ..Inputs::default() };
        let state = Inputs { state: Some(State::open(&clivia.path("state")).unwrap()), ..Inputs::default() };
        let at_once = found(&at_once, &settings, clivia.path("1.csv"));
        prop_assert_eq!(found(&state, &settings, clivia.path("2.csv")), at_once.clone());
        Updating::open(&clivia.path("state")).unwrap().compact(None, &Control::default()).unwrap();
        let state = Inputs { state: Some(State::open(&clivia.path("state")).unwrap()), ..Inputs::default() };
        prop_assert_eq!(found(&state, &settings, clivia.path("3.csv")), at_once);
    }
}

#[test]
fn what_a_file_tells_of_the_next_is_kept_for_another_day() {
    let clivia = Clivia::with("1.csv", "id,date,amount,currency\na,13/02/2024,5,EUR\n");
    clivia.write("2.csv", "id,date,amount,currency\nb,03/04/2024,5,EUR\n");
    clivia.write("3.csv", "id,date,amount,currency\nb,03/05/2024,5,USD\n");
    clivia.write("4.csv", "id,date\nb,2024-01-01\n");
    clivia.updated("state", &["1.csv"]);
    clivia.updated("state", &["2.csv"]);
    same(&clivia.of_state("state", &[]), &clivia.at_once(&["1.csv", "2.csv"], &[]));
    assert_eq!(clivia.table("of-state/customers.csv").column("last_order"), ["2024-02-13", "2024-04-03"]);
    says(&clivia.update_refused("state", &["3.csv"]), &["3.csv", "'USD' after 'EUR'"]);
    says(&clivia.update_refused("state", &["4.csv"]), &["4.csv", "amount = amount"]);
    says(&clivia.update_refused("other", &["2.csv"]), &["may be 3 April 2024 or March 4, 2024"]);
    clivia.nothing_in("other");
}

#[test]
fn the_share_of_profit_can_be_asked_of_a_state_that_holds_it() {
    let clivia =
        Clivia::with("1.csv", "id,date,amount,margin\na,2024-01-01,10,4\na,2024-01-09,10,\nb,2024-01-02,7,1\n");
    clivia.write("2.csv", "id,date,amount,margin\na,2024-01-20,20,5\nb,2024-01-21,-7,-1\nc,2024-02-02,3,3\n");
    for file in ["1.csv", "2.csv"] {
        clivia.updated("with", &[file, "--margin", "column"]);
        clivia.updated("without", &[file]);
    }
    let more = ["--margin", "column"];
    same(&clivia.of_state("with", &more), &clivia.at_once(&["1.csv", "2.csv"], &more));
    same(&clivia.of_state("with", &[]), &clivia.at_once(&["1.csv", "2.csv"], &more));
    let ran = clivia.run(&["score", "--state", "without", "--out", "out", "--margin", "column"]);
    assert_eq!(ran.code, Some(1));
    says(&ran.stderr, &["no profit", "--margin column when the state is made"]);
}

#[test]
fn a_frozen_run_scores_a_state_as_it_scores_files() {
    let clivia = Clivia::simulated(600, 3);
    let dealt = deal(&clivia.text("orders.csv"), 2, 5);
    clivia.write("1.csv", &dealt[0]);
    clivia.write("2.csv", &dealt[1]);
    clivia.scored("1.csv", &[]);
    clivia.updated("state", &["1.csv"]);
    clivia.updated("state", &["2.csv"]);
    let frozen = ["--frozen", "out/run.json"];
    same(&clivia.of_state("state", &frozen), &clivia.at_once(&["1.csv", "2.csv"], &frozen));
    clivia.updated("other", &["1.csv", "--returns", "ignore"]);
    let ran = clivia.run(&["score", "--state", "other", "--out", "none", "--frozen", "out/run.json"]);
    assert_eq!(ran.code, Some(1));
    says(&ran.stderr, &["orders.returns", "ignore", "net"]);
}

#[test]
fn a_state_is_the_same_on_one_thread_and_in_little_memory() {
    let clivia = Clivia::simulated(2_000, 4);
    clivia.updated("one", &["orders.csv", "--threads", "1", "--memory", "256MiB"]);
    clivia.updated("many", &["orders.csv", "--threads", "4", "--temp-dir", "."]);
    let parts = |state: &str| clivia.read(&format!("{state}/segment-000001/part-00.parquet"));
    assert!(parts("one") == parts("many"));
    same(&clivia.of_state("one", &["--threads", "1", "--memory", "256MiB"]), &clivia.at_once(&["orders.csv"], &[]));
}

// ---- corrections

/// A base, a file that replaces some of its orders, and all of it corrected.
fn corrected() -> Clivia {
    let clivia = Clivia::simulated(1_000, 6);
    let text = clivia.text("orders.csv");
    let (header, rows) = text.split_once('\n').unwrap();
    let rows: Vec<Vec<&str>> = rows.lines().map(|row| row.split(',').collect()).collect();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    let (mut new, mut kept) = (format!("{header}\n"), format!("{header}\n"));
    let mut replaced = std::collections::BTreeSet::new();
    let whole: Vec<_> = rows.iter().filter(|row| !row[1].is_empty()).collect();
    for row in &whole {
        if !random.gen_bool(0.05) || !replaced.insert(row[0]) {
            continue;
        }
        // Another customer, another day, another amount; sometimes in two lines.
        let other = whole[random.gen_range(0..whole.len())][1];
        for _ in 0..random.gen_range(1..3) {
            let (day, amount) = (random.gen_range(1..29), random.gen_range(-900..9_000));
            new += &format!("{},{other},2023-05-{day:02} 12:00:00,{}\n", row[0], f64::from(amount) / 100.0);
        }
    }
    new += "N1,brand-new,2024-02-02 10:00:00,12.5\n";
    rows.iter().filter(|row| !replaced.contains(row[0])).for_each(|row| kept += &format!("{}\n", row.join(",")));
    clivia.write("new.csv", &new);
    clivia.write("kept.csv", kept);
    clivia
}

/// The results without what tells that there were corrections.
fn without_replaced(mut results: Results) -> (Results, String) {
    let run = String::from_utf8(results["run.json"].clone()).unwrap();
    let (before, rest) = run.split_once("\n  \"replaced\": {").expect("replaced in run.json");
    let (replaced, after) = rest.split_once("\n  },").unwrap();
    results.insert("run.json".into(), format!("{before}{after}").into_bytes());
    // Refused rows are those of other files.
    results.remove("rejects.csv");
    (results, replaced.into())
}

#[test]
fn an_order_that_is_replaced_counts_as_if_it_had_never_been() {
    let clivia = corrected();
    clivia.updated("state", &["orders.csv"]);
    says(
        &clivia.updated("state", &["new.csv", "--replace"]).stdout,
        &["replaced   140 orders, as far as they were in the state"],
    );
    let (results, replaced) = without_replaced(clivia.of_state("state", &[]));
    let mut at_once = clivia.at_once(&["kept.csv", "new.csv"], &[]);
    at_once.remove("rejects.csv");
    same(&results, &at_once);
    let rows = |name: &str| clivia.text(name).lines().count() - 1;
    says(&replaced, &[&format!("\"rows\": {},", rows("orders.csv") - rows("kept.csv"))]);
    let segments = clivia.of_state("state", &[]);
    says(&clivia.updated("state", &["--compact"]).stdout, &["merged     2 segments", "in 1 segment\n"]);
    same(&clivia.of_state("state", &[]), &segments);
    clivia.nothing_but_the_state("state");
    let said = clivia.run(&["score", "--state", "state", "--out", "said"]).ok().stdout;
    says(&said, &["rows of orders that were corrected later"]);
}

#[test]
fn an_order_can_be_replaced_again_and_cancelled_and_ordered_again() {
    let orders = |rows: &str| format!("order_id,id,date,amount\n{rows}");
    let clivia = Clivia::with(
        "1.csv",
        orders("A,a,2024-01-01,10\nA,a,2024-01-01,5\nB,b,2024-01-02,7\nC,c,2024-01-03,8\n,d,2024-01-04,9\n"),
    );
    clivia.write("2.csv", orders("A,a,2024-01-05,20\nB,a,2024-01-06,1\n"));
    clivia.write("3.csv", orders("A,z,2024-01-07,30\n"));
    clivia.write("gone.txt", "C\nB\n");
    clivia.write("5.csv", orders("C,c,2024-01-09,4\n"));
    let spent = |expected: &str| {
        clivia.of_state("state", &[]);
        let table = clivia.table("of-state/customers.csv");
        let rows = table.column("customer_id").into_iter().zip(table.column("revenue"));
        assert_eq!(rows.map(|(id, revenue)| format!("{id} {revenue}")).collect::<Vec<_>>().join(", "), expected);
    };
    clivia.updated("state", &["1.csv"]);
    clivia.updated("state", &["2.csv", "--replace"]);
    spent("a 21.0, c 8.0, d 9.0");
    clivia.updated("state", &["3.csv", "--replace"]);
    spent("a 1.0, c 8.0, d 9.0, z 30.0");
    says(
        &clivia.updated("state", &["--cancel", "gone.txt"]).stdout,
        &["cancelled  2 orders, as far as they were in the state"],
    );
    spent("d 9.0, z 30.0");
    clivia.updated("state", &["5.csv"]);
    spent("c 4.0, d 9.0, z 30.0");
    clivia.updated("state", &["--compact"]);
    spent("c 4.0, d 9.0, z 30.0");
    clivia.write("gone.csv", "reason,order_id,note\nmistake,A,\n\"twice, once\",C,x\n");
    clivia.write("6.csv", orders("C,c,2024-01-10,4\nD,d,2024-01-10,1\n"));
    // What is cancelled together with new orders is gone from these, too.
    clivia.updated("state", &["6.csv", "--cancel", "gone.csv"]);
    spent("d 10.0");
    let more = ["--json", "--not-converged", "empty"];
    let json = clivia.run(&[&["score", "--state", "state", "--out", "o"], &more[..]].concat()).ok().json();
    assert_eq!(json["replaced"]["rows"], 9);
}

#[test]
fn corrections_need_order_ids() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write("more.csv", "customer_id,order_date,amount\na,2024-03-01,1\n");
    clivia.write("gone.csv", "order_id\nA\n");
    clivia.updated("state", &["orders.csv"]);
    says(&clivia.update_refused("state", &["more.csv", "--replace"]), &["--replace", "no order-id column", "--order"]);
    says(&clivia.update_refused("state", &["--cancel", "gone.csv"]), &["--cancel", "no order-id column"]);
    says(&clivia.update_refused("new", &["more.csv", "--replace"]), &["--replace", "no order-id column"]);
    says(&clivia.update_refused("new", &["--cancel", "gone.csv"]), &["there is no state"]);
    clivia.nothing_in("new");
    clivia.write("ids.csv", "order_id,id,date,amount\nA,a,2024-01-01,5\n");
    clivia.write("gaps.csv", "order_id,why\nA,x\n,y\n");
    clivia.write("none.csv", "what,why\nA,x\n");
    clivia.updated("ids", &["ids.csv"]);
    says(&clivia.update_refused("ids", &["--cancel", "gaps.csv"]), &["gaps.csv", "row 3", "no order id"]);
    says(&clivia.update_refused("ids", &["--cancel", "none.csv"]), &["none.csv", "order"]);
}

// ---- segments

#[test]
fn daily_updates_do_not_pile_up() {
    let clivia = Clivia::simulated(300, 2);
    let names: Vec<String> = (0..20).map(|day| format!("day-{day:02}.csv")).collect();
    for (name, text) in names.iter().zip(deal(&clivia.text("orders.csv"), 20, 1)) {
        clivia.write(name, text + ",,,\n");
        let json = clivia.updated("state", &[name, "--json"]).json();
        assert!(json["state"]["segments"].as_u64().unwrap() < 8, "{json}");
        assert!(json["rows"]["refused"].as_u64().unwrap() >= 1, "{json}");
        clivia.nothing_but_the_state("state");
    }
    assert_eq!(clivia.manifest("state")["next"], 23, "two times eight segments became one");
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    same(&clivia.of_state("state", &[]), &clivia.at_once(&names, &[]));
}

#[test]
fn an_update_says_what_it_did() {
    let clivia = Clivia::with("orders.csv", ORDERS.to_string() + ",2024-01-01,5\n");
    let said = clivia.updated("state", &["orders.csv"]).stdout;
    assert_eq!(
        said,
        "orders     7 rows read: 6 used, 1 refused\n           \
         customer = customer_id, date = order_date, amount = amount\n\
         money      58.50 read: 53.50 used, 5.00 refused\n  \
         refused  1 missing_customer\n\
         days       2024-01-01 to 2024-02-06\n\
         state      state: 6 order rows as 6 lines in 1 segment\n           \
         from 2024-01-01 to 2024-02-06\n\n\
         mind\n  \
         - 1 of 7 rows of orders were refused (14.3 %): they name no customer, the first in orders.csv, row 8, column \
         'customer_id'; 5.00 of money is lost with them: if another column names the customer, set --customer\n"
    );
    assert_eq!(clivia.updated("state", &["orders.csv", "--again", "--quiet"]).stdout, "");
}
