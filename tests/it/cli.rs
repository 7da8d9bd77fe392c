//! The command line: exit codes, what is said where, what is left when a run ends early.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use crate::support::{Clivia, ORDERS, Ran, SCORED, says};

fn usage(args: &[&str]) -> String {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write("run.json", "{}");
    let ran = clivia.run(args);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert_eq!(ran.stdout, "");
    clivia.nothing_in("out");
    ran.stderr
}

// ---- usage

#[test]
fn a_wrong_command_line_is_exit_code_2() {
    says(&usage(&["score", "orders.csv"]), &["--out"]);
    says(&usage(&["score", "--out", "out"]), &["ORDERS"]);
    says(&usage(&["scor"]), &["score"]);
    says(&usage(&["score", "orders.csv", "--out", "out", "--as-off", "2024-01-01"]), &["--as-of"]);
    for (flag, value) in [
        ("--horizon", "soon"),
        ("--discount-rate", "-1"),
        ("--as-of", "03/04/2024"),
        ("--clusters", "0"),
        ("--threads", "0"),
        ("--returns", "undo"),
        ("--format", "xlsx"),
        ("--model", "bgnbd"),
        ("--spend-model", "gamma"),
        ("--prior", "strong"),
        ("--interval", "80"),
        ("--clv-convention", "yearly"),
    ] {
        says(&usage(&["score", "orders.csv", "--out", "out", &format!("{flag}={value}")]), &[flag, value]);
    }
}

#[test]
fn flags_that_contradict_are_exit_code_2() {
    let frozen = ["score", "orders.csv", "--out", "out", "--frozen", "run.json"];
    for flag in [
        "--config=a.toml",
        "--returns=ignore",
        "--duplicates=drop",
        "--horizon=39w",
        "--clusters=4",
        "--bins=nested",
        "--model=nbd",
        "--prior=weak",
        "--interval=0.9",
    ] {
        let name = flag.split('=').next().unwrap();
        says(&usage(&[&frozen[..], &[flag]].concat()), &["--frozen", name]);
    }
    says(&usage(&["score", "-", "--contacts", "-", "--out", "out"]), &["standard input"]);
}

#[test]
fn help_and_version_are_exit_code_0() {
    let clivia = Clivia::new();
    says(&clivia.run(&["--version"]).ok().stdout, &["clivia", env!("CARGO_PKG_VERSION")]);
    for command in ["score", "check", "validate", "simulate", "explain", "init", "completions"] {
        says(&clivia.run(&["--help"]).ok().stdout, &[command]);
        says(&clivia.run(&[command, "--help"]).ok().stdout, &["Usage: clivia", command]);
    }
}

#[test]
fn completions_are_printed_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        says(&Clivia::new().run(&["completions", shell]).ok().stdout, &["clivia", "overwrite"]);
    }
}

// ---- settings

#[test]
fn an_unknown_setting_is_named_with_the_nearest() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    for (text, parts) in [
        ("[value]\nhorizonn = '39w'\n", ["'value.horizonn'", "'value.horizon'"]),
        ("[vallue]\nhorizon = '39w'\n", ["'vallue'", "'value'"]),
        ("[rfm]\nbins = 'nestd'\n", ["nestd", "nested"]),
        ("[value]\nmargin = 7.0\n", ["value.margin", "at most 1"]),
        ("[value\n", ["clivia.toml", "line 1"]),
    ] {
        clivia.write("clivia.toml", text);
        let said = clivia.refused("orders.csv", &["--config", "clivia.toml"]);
        says(&said, &parts);
    }
    says(&clivia.refused("orders.csv", &["--config", "none.toml"]), &["none.toml"]);
}

#[test]
fn segments_with_a_hole_are_refused() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write("clivia.toml", "[rfm]\nsegments = [{ segment = \"Some\", r = [1, 4] }]\n");
    says(&clivia.refused("orders.csv", &["--config", "clivia.toml"]), &["segments"]);
}

#[test]
fn the_settings_that_init_writes_change_nothing() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.scored("orders.csv", &[]);
    let plain = clivia.results("out");
    says(&clivia.run(&["init"]).ok().stdout, &["clivia.toml", "--config"]);
    assert_eq!(clivia.run(&["init", "-"]).ok().stdout, clivia.text("clivia.toml"));
    clivia.scored("orders.csv", &["--config", "clivia.toml", "--overwrite"]);
    assert_eq!(clivia.results("out"), plain);
    let again = clivia.run(&["init"]);
    assert_eq!(again.code, Some(1));
    says(&again.stderr, &["clivia.toml", "there already"]);
}

#[test]
fn flags_win_over_the_config() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write(
        "clivia.toml",
        "[value]\nhorizon = '12m'\nmargin = 0.5\n[summary]\ntime_unit = 'days'\nas_of = '2024-03-01'\n",
    );
    clivia.scored("orders.csv", &["--config", "clivia.toml", "--horizon", "39w", "--time-unit", "months"]);
    let run = clivia.run_json();
    assert_eq!(
        (run["settings"]["value"]["horizon"].as_str(), run["settings"]["value"]["margin"].as_f64()),
        (Some("39w"), Some(0.5))
    );
    assert_eq!((run["time_unit"].as_str(), run["as_of"].as_str()), (Some("months"), Some("2024-03-01")));
}

// ---- what is printed

#[test]
fn the_summary_says_what_was_used_refused_and_found() {
    let clivia = Clivia::simulated(400, 7);
    let said = clivia.scored("orders.csv", &["--contacts", "contacts.csv"]).stdout;
    let run = clivia.run_json();
    let thousands = |number: u64| {
        if number < 1000 { number.to_string() } else { format!("{},{:03}", number / 1000, number % 1000) }
    };
    let rows = ["read", "used", "refused"].map(|kind| thousands(run["rows"][kind].as_u64().unwrap()));
    says(&said, &[&format!("{} rows read: {} used, {} refused", rows[0], rows[1], rows[2])]);
    says(&said, &["customer = customer_id, date = order_date, amount = amount, order = order_id", "missing_customer"]);
    says(&said, &["bg-nbd", "gamma-gamma", "Champions", "under-served", "results    out"]);
}

#[test]
fn json_is_the_summary_for_programs() {
    let clivia = Clivia::simulated(400, 7);
    let summary = clivia.scored("orders.csv", &["--contacts", "contacts.csv", "--json"]).json();
    let run = clivia.run_json();
    for key in ["version", "as_of", "rows", "money", "refused", "purchases", "spend", "notes"] {
        assert_eq!(summary[key], run[key], "{key}");
    }
    let customers: u64 =
        summary["segments"].as_array().unwrap().iter().map(|row| row["customers"].as_u64().unwrap()).sum();
    assert_eq!(customers, run["customers"]["scored"].as_u64().unwrap());
}

#[test]
fn quiet_says_nothing() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    assert_eq!(clivia.scored("orders.csv", &["--quiet"]).stdout, "");
    let failed = clivia.score("none.csv", &["-q", "--out", "other"]);
    assert_eq!((failed.code, failed.stderr.lines().count()), (Some(1), 1));
}

#[test]
fn a_broken_pipe_is_quiet() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    for args in [
        &["score", "orders.csv", "--out", "out"][..],
        &["check", "orders.csv"],
        &["completions", "bash"],
        &["init", "-"],
        &["--help"],
    ] {
        let mut command = clivia.command(args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{args:?}");
    }
    assert!(clivia.path("out/run.json").exists());
}

#[test]
fn standard_output_that_is_full_is_exit_code_1() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    let Ok(full) = File::options().write(true).open("/dev/full") else { return };
    let output = clivia.command(&["check", "orders.csv"]).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    says(&String::from_utf8_lossy(&output.stderr), &["standard output"]);
}

// ---- the other commands

#[test]
fn check_shows_what_would_be_used_and_writes_nothing() {
    let clivia = Clivia::with("orders.csv", format!("{ORDERS},2024-01-01,1\nx,1900-01-01,1\n"));
    let said = clivia.run(&["check", "orders.csv"]).ok().stdout;
    says(
        &said,
        &["orders.csv", "customer = customer_id, date = order_date, amount = amount", "8 rows read: 6 used, 2 refused"],
    );
    says(&said, &["missing_customer", "date_out_of_range", "2024-01-01 to 2024-02-06"]);
    let found = clivia.run(&["check", "orders.csv", "--json"]).ok().json();
    assert_eq!(found["rows"], serde_json::json!({ "read": 8, "used": 6, "refused": 2 }));
    assert_eq!(found["files"][0]["mapping"]["date"], "order_date");
    assert_eq!(clivia.files_in("."), ["orders.csv"]);
    let strict = clivia.run(&["check", "orders.csv", "--strict"]);
    assert_eq!(strict.code, Some(1));
    says(&strict.stderr, &["row 8"]);
}

#[test]
fn explain_traces_every_number() {
    let table = SCORED.customers();
    let once = table.column("frequency").iter().position(|x| *x == "0").unwrap();
    let often = table.column("frequency").iter().position(|x| x.parse::<u32>().is_ok_and(|x| x > 2)).unwrap();
    for place in [once, often] {
        let row = &table.rows[place];
        let said = SCORED.run(&["explain", &row[0], "--from", "out"]).ok().stdout;
        let mut parts: Vec<&str> = table.header.iter().map(String::as_str).collect();
        parts.retain(|name| !["first_order", "last_order"].contains(name));
        parts.extend(row.iter().map(String::as_str).filter(|cell| cell.parse::<f64>().is_err()));
        says(&said, &parts);
    }
}

#[test]
fn explain_knows_customers_without_a_purchase_and_unknown_ones() {
    let table = SCORED.customers();
    let undone = table.column("orders").iter().position(|orders| *orders == "0").unwrap();
    let said = SCORED.run(&["explain", &table.rows[undone][0], "--from", "out"]).ok().stdout;
    says(&said, &["all orders of this customer were returned"]);
    for (customer, folder, part) in [("nobody", "out", "'nobody'"), ("C000001", "nowhere", "nowhere")] {
        let ran = SCORED.run(&["explain", customer, "--from", folder]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        says(&ran.stderr, &[part]);
    }
}

#[test]
fn explain_finds_ids_as_they_were_typed() {
    let clivia = Clivia::with(
        "orders.csv",
        "id,date,amount\n007,2024-01-01,1\n7,2024-01-01,2\n=x,2024-01-01,3\n-5,2024-01-02,4\n",
    );
    for format in ["csv", "parquet", "ndjson", "ipc"] {
        clivia.run(&["score", "orders.csv", "--out", "out", "--format", format, "--overwrite"]).ok();
        for (id, revenue) in [("007", "1"), ("7", "2"), ("=x", "3"), ("-5", "4")] {
            let said = clivia.run(&["explain", id, "--from", "out"]).ok().stdout;
            let line = said.lines().find(|line| line.starts_with("revenue ")).unwrap();
            let value: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
            assert_eq!(value, revenue.parse::<f64>().unwrap(), "{format}: {line}");
        }
    }
}

#[test]
fn simulate_is_the_same_for_the_same_seed() {
    let files = |seed: &str, threads: &str| {
        let clivia = Clivia::new();
        let mut command = clivia.command(&["simulate", "--customers", "200", "--seed", seed, "--out", "sim"]);
        assert!(command.env("RAYON_NUM_THREADS", threads).stdout(Stdio::null()).status().unwrap().success());
        assert_eq!(clivia.files_in("sim"), ["contacts.csv", "orders.csv", "truth.json", "truth.parquet"]);
        ["contacts.csv", "orders.csv", "truth.json", "truth.parquet"].map(|name| clivia.read(&format!("sim/{name}")))
    };
    assert_eq!(files("3", "1"), files("3", "2"));
    assert_ne!(files("3", "2")[1], files("4", "2")[1]);
}

#[test]
fn simulate_is_the_same_in_both_formats() {
    let clivia = Clivia::new();
    for format in ["csv", "parquet"] {
        clivia
            .run(&[
                "simulate",
                "--customers",
                "300",
                "--seed",
                "5",
                "--format",
                format,
                "--effect",
                "1.5",
                "--out",
                format,
            ])
            .ok();
        let (orders, contacts) = (format!("{format}/orders.{format}"), format!("{format}/contacts.{format}"));
        clivia.scored(&orders, &["--contacts", &contacts, "--overwrite", "--out", &format!("out-{format}")]);
    }
    assert_eq!(clivia.read("csv/truth.json"), clivia.read("parquet/truth.json"));
    assert_eq!(clivia.read("out-csv/customers.csv"), clivia.read("out-parquet/customers.csv"));
}

#[test]
fn what_simulate_says_of_itself_is_what_score_reads() {
    let clivia = Clivia::simulated(500, 11);
    clivia.scored("orders.csv", &["--contacts", "contacts.csv"]);
    let truth: serde_json::Value = serde_json::from_slice(&clivia.read("truth.json")).unwrap();
    let (run, totals) = (clivia.run_json(), &truth["totals"]);
    let count = |value: &serde_json::Value| value.as_u64().unwrap();
    assert_eq!(count(&run["rows"]["read"]), count(&totals["orders"]) + count(&totals["returns"]));
    assert_eq!(run["contacts"]["rows"]["read"], totals["contacts"]);
}

#[test]
fn a_simulation_is_not_overwritten_unasked() {
    let clivia = Clivia::simulated(50, 1);
    let before = clivia.read("orders.csv");
    let line = ["simulate", "--customers", "60", "--seed", "2", "--out", "."];
    let ran = clivia.run(&line);
    assert_eq!(ran.code, Some(1));
    says(&ran.stderr, &["--overwrite"]);
    assert_eq!(clivia.read("orders.csv"), before);
    // What a killed `--overwrite` leaves beside a whole simulation does not make that fair game.
    clivia.write(".clivia-partial/orders.csv", "half");
    assert_eq!(clivia.run(&line).code, Some(1));
    assert_eq!(clivia.read("orders.csv"), before);
    clivia.run(&[&line[..], &["--overwrite"]].concat()).ok();
    assert_ne!(clivia.read("orders.csv"), before);
    assert_eq!(clivia.files_in("."), ["contacts.csv", "orders.csv", "truth.json", "truth.parquet"]);
}

#[test]
fn simulate_plants_confirms_and_tries() {
    let clivia = Clivia::new();
    let simulate = |more: &[&str]| {
        let line = ["simulate", "--customers", "300", "--seed", "4", "--overwrite", "--out", "."];
        clivia.run(&[&line[..], more].concat())
    };
    simulate(&["--clean", "--confirmations", "0.9", "--trial", "300"]).ok();
    let table = clivia.table("contacts.csv");
    let controls = table.column("control").iter().filter(|control| **control == "yes").count();
    assert!(controls > 100, "{controls} of 300 are held out");
    clivia.scored("orders.csv", &["--contacts", "contacts.csv"]);
    let run = clivia.run_json();
    assert_eq!(run["map"]["oddities"]["controls"], controls);
    assert_eq!(run["timing"]["trials"].as_array().unwrap().len(), 1);
    let refused = simulate(&["--customers", "0"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
}

// ---- results of an earlier run

#[test]
fn results_are_not_overwritten_unasked() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.scored("orders.csv", &[]);
    let before = clivia.results("out");
    let ran = clivia.score("orders.csv", &["--as-of", "2024-03-01"]);
    assert_eq!(ran.code, Some(1));
    says(&ran.stderr, &["out", "run.json", "earlier run", "--overwrite"]);
    assert_eq!(clivia.results("out"), before);
    clivia.scored("orders.csv", &["--as-of", "2024-03-01", "--overwrite"]);
    assert_ne!(clivia.results("out"), before);
    // The tables of the earlier run go, whatever their format was; other files stay.
    clivia.write("out/notes.txt", "mine");
    clivia.run(&["score", "orders.csv", "--out", "out", "--overwrite"]).ok();
    let expected = [
        "clusters.parquet",
        "customers.parquet",
        "figures.json",
        "notes.txt",
        "profit_curve.parquet",
        "rejects.csv",
        "report.html",
        "run.json",
        "segments.parquet",
    ];
    assert_eq!(clivia.files_in("out"), expected);
}

#[test]
fn a_failed_overwrite_leaves_the_earlier_results() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.scored("orders.csv", &[]);
    let before = clivia.results("out");
    clivia.write("bad.csv", "customer_id,date,amount\n");
    assert_eq!(clivia.score("bad.csv", &["--overwrite"]).code, Some(1));
    assert_eq!(clivia.results("out"), before);
}

#[test]
fn a_run_in_a_folder_where_another_works_is_refused() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    std::fs::create_dir(clivia.path("out")).unwrap();
    let lock = File::open(clivia.path("out")).unwrap();
    lock.lock().unwrap();
    let ran = clivia.score("orders.csv", &[]);
    assert_eq!(ran.code, Some(1));
    says(&ran.stderr, &["out: another run is writing there"]);
    clivia.nothing_in("out");
    drop(lock);
    clivia.scored("orders.csv", &[]);
}

#[test]
fn a_run_waits_a_moment_for_one_that_is_going_away() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    std::fs::create_dir(clivia.path("out")).unwrap();
    let lock = File::open(clivia.path("out")).unwrap();
    lock.lock().unwrap();
    std::thread::scope(|scope| {
        let ran = scope.spawn(|| clivia.scored("orders.csv", &[]));
        std::thread::sleep(std::time::Duration::from_millis(500));
        drop(lock);
        ran.join().unwrap();
    });
}

#[test]
fn runs_at_once_into_one_folder_leave_one_whole_result() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.scored("orders.csv", &[]);
    let whole = clivia.results("out");
    let line = ["score", "orders.csv", "--out", "out", "--format", "csv", "--overwrite"];
    // Now and then one run begins just as another ends.
    let runs = || (0..60).map(|_| clivia.run(&line)).collect::<Vec<Ran>>();
    let runs: Vec<Ran> = std::thread::scope(|scope| {
        let threads = [(); 4].map(|()| scope.spawn(runs));
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(runs.iter().any(|ran| ran.code == Some(0)));
    for ran in runs.iter().filter(|ran| ran.code != Some(0)) {
        assert_eq!(ran.code, Some(1), "{ran:?}");
        says(&ran.stderr, &["out: another run is writing there"]);
    }
    assert_eq!(clivia.results("out"), whole);
    assert!(!clivia.path("out/.clivia-partial").exists());
}

// ---- runs that are stopped

/// A larger base, its whole results, and how long they take.
struct Long {
    clivia: Clivia,
    results: BTreeMap<String, Vec<u8>>,
    takes: Duration,
}

static LONG: LazyLock<Long> = LazyLock::new(|| {
    let clivia = Clivia::simulated(30_000, 1);
    let begun = Instant::now();
    clivia.scored("orders.csv", &["--contacts", "contacts.csv", "--out", "whole"]);
    let takes = begun.elapsed();
    Long { results: clivia.results("whole"), takes, clivia }
});

#[cfg(unix)]
fn stop_at(moment: f64, signal: &str) {
    let Long { clivia, results, takes } = &*LONG;
    let out = format!("stopped-{signal}-{moment}");
    let line = ["score", "orders.csv", "--contacts", "contacts.csv", "--format", "csv", "--out", &out];
    clivia.stopped(&line, takes.mul_f64(moment), signal);
    // What has its name is whole, and run.json comes last.
    let left: BTreeMap<String, Vec<u8>> = clivia.results(&out);
    left.iter().for_each(|(name, bytes)| assert!(results[name] == *bytes, "{name} at {moment} of {takes:?}"));
    let complete = left.contains_key("run.json");
    assert!(!complete || left.len() == results.len());
    if signal != "KILL" {
        assert!(!clivia.path(&out).join(".clivia-partial").exists(), "{signal} at {moment} of {takes:?}");
        assert!(complete || !clivia.path(&out).exists(), "{:?}", clivia.files_in(&out));
    }
    if !complete {
        clivia.run(&line).ok();
        assert!(!clivia.path(&out).join(".clivia-partial").exists());
    }
    assert!(clivia.results(&out) == *results, "{out}: {:?}", clivia.files_in(&out));
    fs::remove_dir_all(clivia.path(&out)).unwrap();
}

#[cfg(unix)]
#[test]
fn a_killed_run_leaves_nothing_half_written() {
    [0.02, 0.2, 0.4, 0.6, 0.75, 0.85, 0.92, 0.97].into_iter().for_each(|moment| stop_at(moment, "KILL"));
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_nothing_at_all() {
    [0.05, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0].into_iter().for_each(|moment| stop_at(moment, "INT"));
    ["TERM", "HUP"].into_iter().for_each(|signal| stop_at(0.6, signal));
}

#[cfg(unix)]
#[test]
fn a_signal_ends_a_run_as_that_signal_unless_it_is_to_be_ignored() {
    use std::os::unix::process::ExitStatusExt;
    let Long { clivia, results, takes } = &*LONG;
    let line = |out| ["score", "orders.csv", "--contacts", "contacts.csv", "--format", "csv", "--out", out];
    let wait = takes.mul_f64(0.4);
    // Tests themselves may have been started with INT or HUP ignored, but not TERM.
    assert_eq!(clivia.stopped(&line("ended"), wait, "TERM").signal(), Some(15));
    // As nohup starts it.
    let mut nohup = Command::new("sh");
    nohup.args(["-c", "trap '' HUP; exec \"$@\"", "sh"]).arg(clivia.command(&[]).get_program()).args(line("nohup"));
    let mut child = nohup.current_dir(clivia.path(".")).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(wait);
    Command::new("kill").args(["-HUP", &child.id().to_string()]).status().unwrap();
    assert!(child.wait().unwrap().success());
    assert!(clivia.results("nohup") == *results);
    fs::remove_dir_all(clivia.path("nohup")).unwrap();
}

#[test]
fn a_run_stopped_while_files_got_their_names_is_run_again() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write("out/customers.csv", "whole, but of no complete run");
    clivia.write("out/.clivia-partial/run.json", "{");
    clivia.scored("orders.csv", &[]);
    assert_eq!(
        clivia.files_in("out"),
        [
            "clusters.csv",
            "customers.csv",
            "figures.json",
            "profit_curve.csv",
            "rejects.csv",
            "report.html",
            "run.json",
            "segments.csv"
        ]
    );
    assert_eq!(clivia.customers().rows.len(), 3);
}

#[test]
fn a_complete_run_stays_protected_after_a_killed_overwrite() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.scored("orders.csv", &[]);
    let before = clivia.results("out");
    clivia.write("out/.clivia-partial/customers.csv", "half");
    let ran = clivia.score("orders.csv", &[]);
    assert_eq!(ran.code, Some(1));
    says(&ran.stderr, &["--overwrite"]);
    assert_eq!(clivia.results("out"), before);
}
