//! `clivia validate`: models judged by a holdout that they have not seen.

use serde_json::Value;

use crate::support::{Clivia, Ran, says, shared_data};

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

impl Clivia {
    fn validated(&self, more: &[&str]) -> Ran {
        self.run(&[&["validate", "orders.csv", "--holdout", "13w", "--out", "out", "--format", "csv"], more].concat())
            .ok()
    }

    fn record(&self) -> Value {
        serde_json::from_slice(&self.read("out/validate.json")).unwrap()
    }
}

#[test]
fn every_model_and_baseline_is_judged() {
    let clivia = Clivia::simulated(700, 21);
    let said = clivia.validated(&[]).stdout;
    let names = [
        "bg-nbd",
        "mbg-nbd",
        "pareto-nbd",
        "ggompertz-nbd",
        "bg-cnbd-k",
        "mbg-cnbd-k",
        "nbd",
        "bg-bb",
        "own-rate",
        "last-period",
        "base-mean",
        "best",
    ];
    says(&said, &names);
    let table = clivia.table("out/models.csv");
    assert_eq!(table.rows.len(), 8 + 3);
    let record = clivia.record();
    assert_eq!(table.column("best").iter().filter(|best| **best == "true").count(), 1);
    let place = table.column("best").iter().position(|best| *best == "true").unwrap();
    assert_eq!(record["validation"]["choice"]["best"], table.column("model")[place]);
    // Every model is judged by the same purchases, but for the one that counts weeks with a purchase.
    let actual = table.numbers("actual");
    let weeks = table.column("model").iter().position(|name| *name == "bg-bb").unwrap();
    assert!((0..actual.len()).all(|row| row == weeks || actual[row] == actual[0]));
    assert!(actual[weeks] <= actual[0]);
}

#[test]
fn the_tables_behind_the_plots_hold_every_customer_and_purchase() {
    let clivia = Clivia::simulated(500, 22);
    clivia.validated(&["--model", "bg-nbd", "--model", "mbg-nbd"]);
    let record = clivia.record();
    let customers = number(&record["validation"]["customers"]);
    let of_model = |table: &str, column: &str| -> Vec<f64> {
        let table = clivia.table(&format!("out/{table}.csv"));
        let mine = table.column("model").into_iter().zip(table.column(column));
        mine.filter(|(model, _)| *model == "mbg-nbd").map(|(_, cell)| cell.parse().unwrap()).collect()
    };
    let sum = |table: &str, column: &str| of_model(table, column).iter().sum::<f64>();
    assert_eq!(sum("by_frequency", "customers"), customers);
    assert_eq!(sum("by_recency", "customers"), customers);
    assert_eq!(sum("repeat_counts", "actual"), customers);
    assert!((sum("repeat_counts", "expected") / customers - 1.0).abs() < 1e-9); // probabilities sum to 1
    assert_eq!(of_model("deciles", "decile"), (1..=10).map(f64::from).collect::<Vec<_>>());
    let times = |table: &str, column: &str| {
        of_model(table, "customers").iter().zip(of_model(table, column)).map(|(n, mean)| n * mean).sum::<f64>()
    };
    let models = clivia.table("out/models.csv");
    let place = models.column("model").iter().position(|name| *name == "mbg-nbd").unwrap();
    let [expected, actual] = ["expected", "actual"].map(|column| models.numbers(column)[place]);
    for table in ["by_frequency", "by_recency", "deciles"] {
        assert!((times(table, "actual") - actual).abs() < 1e-6, "{table}"); // sums of means
        assert!((times(table, "expected") - expected).abs() < 1e-6 * expected, "{table}"); // as above
    }
    let holdout: f64 = {
        let (is_holdout, repeats) = (clivia.table("out/tracking.csv"), of_model("tracking", "actual"));
        let mine: Vec<bool> = is_holdout
            .column("model")
            .into_iter()
            .zip(is_holdout.column("is_holdout"))
            .filter(|(model, _)| *model == "mbg-nbd")
            .map(|(_, flag)| flag == "true")
            .collect();
        repeats.iter().zip(mine).filter(|(_, holdout)| *holdout).map(|(repeats, _)| repeats).sum()
    };
    assert_eq!(holdout, actual);
}

#[test]
fn no_model_sees_the_holdout() {
    let clivia = Clivia::simulated(400, 23);
    clivia.validated(&[]);
    let (fits, end) = (clivia.record()["fits"].clone(), clivia.record()["calibration_end"].clone());
    // What comes after the cut is thrown away but for the last order, which says where the data end.
    let text = clivia.text("orders.csv");
    let header = text.lines().next().unwrap();
    let place = header.split(',').position(|name| name == "order_date").unwrap();
    let day = |line: &str| line.split(',').nth(place).unwrap()[..10].to_string();
    let last = text.lines().skip(1).map(day).max().unwrap();
    let mut after = 0;
    let kept = text.lines().enumerate().filter(|(row, line)| {
        let early = *row == 0 || day(line).as_str() <= end.as_str().unwrap();
        let is_last = *row > 0 && day(line) == last && after == 0;
        after += usize::from(is_last);
        early || is_last
    });
    let kept: Vec<&str> = kept.map(|(_, line)| line).collect();
    clivia.write("orders.csv", kept.join("\n") + "\n");
    clivia.validated(&["--overwrite"]);
    assert_eq!(clivia.record()["calibration_end"], end);
    assert_eq!(clivia.record()["fits"], fits);
}

#[test]
fn validation_is_the_same_on_one_thread_and_two() {
    let clivia = Clivia::simulated(300, 24);
    let untimed = |threads: &str| {
        clivia.validated(&["--threads", threads, "--overwrite"]);
        let mut record = clivia.record();
        record.as_object_mut().unwrap().remove("timings");
        (record, clivia.read("out/models.csv"), clivia.read("out/tracking.csv"), clivia.read("out/deciles.csv"))
    };
    assert_eq!(untimed("1"), untimed("2"));
}

#[test]
fn a_holdout_that_leaves_nothing_is_refused() {
    let clivia = Clivia::with("orders.csv", crate::support::ORDERS);
    let ran = clivia.run(&["validate", "orders.csv", "--holdout", "2y", "--out", "out"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    says(&ran.stderr, &["731", "2024-01-01", "2024-02-06", "--holdout"]);
    clivia.nothing_in("out");
}

#[test]
fn validation_without_a_folder_only_tells() {
    let clivia = Clivia::simulated(200, 25);
    let before = clivia.files_in(".");
    let ran = clivia.run(&["validate", "orders.csv", "--model", "nbd", "--json"]).ok();
    assert_eq!(ran.json()["validation"]["choice"]["best"], "nbd");
    assert_eq!(clivia.files_in("."), before);
}

#[test]
fn what_is_there_is_not_overwritten_unasked() {
    let clivia = Clivia::simulated(100, 26);
    clivia.validated(&["--model", "nbd"]);
    let again = clivia.run(&["validate", "orders.csv", "--model", "nbd", "--out", "out"]);
    assert_eq!(again.code, Some(1));
    says(&again.stderr, &["--overwrite"]);
}

/// Fader, Hardie and Lee (2005): calibration of 39 weeks, holdout of 39 weeks.
#[test]
#[cfg_attr(no_shared_data, ignore = "needs the data sets; set CLIVIA_DATA")]
fn cdnow_is_split_as_in_the_papers() {
    let clivia = Clivia::new();
    let orders = shared_data("cdnow_sample.csv");
    let line = ["validate", orders.to_str().unwrap(), "--holdout", "39w", "--out", "out", "--format", "csv"];
    clivia.run(&line).ok();
    let record = clivia.record();
    assert_eq!(record["calibration_end"], "1997-09-30");
    assert_eq!(record["validation"]["customers"], 2357);
    assert_eq!(record["newcomers"], 0);
    let fits = record["fits"].as_array().unwrap();
    let fit = |name: &str| fits.iter().find(|fit| fit["model"] == name).unwrap();
    let three = |name: &str, parameter: &str| format!("{:.3}", number(&fit(name)["parameters"][parameter]));
    assert_eq!(["r", "alpha", "a", "b"].map(|name| three("bg-nbd", name)), ["0.243", "4.414", "0.793", "2.426"]);
    assert_eq!(
        ["r", "alpha", "s", "beta"].map(|name| three("pareto-nbd", name)),
        ["0.553", "10.578", "0.606", "11.669"]
    );
    let table = clivia.table("out/models.csv");
    let row = |name: &str| table.column("model").iter().position(|model| *model == name).unwrap();
    assert_eq!(table.numbers("actual")[row("bg-nbd")], purchase_days_after(&orders, "1997-09-30") as f64);
    // The models miss the second half by an eighth, the base's own past by half and more.
    let bias: Vec<f64> =
        ["bg-nbd", "pareto-nbd", "own-rate"].map(|name| table.numbers("bias_percent")[row(name)]).into();
    assert!(bias[0].abs() < 15.0 && bias[1].abs() < 15.0 && bias[2] > 40.0, "{bias:?}");
}

/// Days on which a customer bought, counted plainly.
fn purchase_days_after(orders: &std::path::Path, day: &str) -> usize {
    let mut reader = csv::Reader::from_path(orders).unwrap();
    let rows = reader.records().map(|record| record.unwrap()).filter(|record| &record[2] > day);
    rows.map(|record| (record[1].to_string(), record[2].to_string())).collect::<std::collections::BTreeSet<_>>().len()
}
