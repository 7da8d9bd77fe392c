//! What can go wrong with a state: kills, full disks, damage, two at once, settings that come too late.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clivia_core::control::Control;
use clivia_io::rejects::Rejects;
use clivia_io::settings::Settings;
use clivia_run::pipeline::{Inputs, score};
use clivia_run::state::State;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_json::Value;

use crate::support::{Clivia, ORDERS, Ran, says};
use crate::update::{Results, deal, same};

/// A state of one file, a second file to be taken in, and what scoring gives before and after.
fn halfway(customers: u32) -> (Clivia, Results, Results) {
    let clivia = Clivia::simulated(customers, 9);
    let dealt = deal(&clivia.text("orders.csv"), 2, 8);
    clivia.write("1.csv", &dealt[0]);
    clivia.write("2.csv", &dealt[1]);
    clivia.updated("state", &["1.csv"]);
    let (before, after) = (clivia.at_once(&["1.csv"], &[]), clivia.at_once(&["1.csv", "2.csv"], &[]));
    (clivia, before, after)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &target) } else { fs::copy(&path, &target).map(drop).unwrap() }
    }
}

#[cfg(unix)]
#[test]
fn a_killed_update_leaves_the_state_before_or_after_it() {
    let (clivia, before, after) = halfway(20_000);
    copy(&clivia.path("state"), &clivia.path("timed"));
    let begun = Instant::now();
    clivia.updated("timed", &["2.csv"]);
    let takes = begun.elapsed();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(3);
    for round in 0..10 {
        let state = format!("state-{round}");
        copy(&clivia.path("state"), &clivia.path(&state));
        let mut child = clivia.command(&["update", &state, "2.csv"]).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(takes.mul_f64(random.gen_range(0.0..1.1)));
        child.kill().unwrap();
        child.wait().unwrap();
        let done = clivia.segments(&state) == 2;
        same(&clivia.of_state(&state, &[]), if done { &after } else { &before });
        // Run again, it is done once.
        let again = clivia.update(&state, &["2.csv"]);
        assert_eq!(again.code, Some(i32::from(done)), "{again:?}");
        clivia.nothing_but_the_state(&state);
        same(&clivia.of_state(&state, &[]), &after);
        fs::remove_dir_all(clivia.path(&state)).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_killed_first_update_or_compaction_leaves_nothing_half_written() {
    let (clivia, _, after) = halfway(10_000);
    clivia.updated("state", &["2.csv"]);
    let mut random = Xoshiro256PlusPlus::seed_from_u64(4);
    for _ in 0..5 {
        let wait = Duration::from_micros(random.gen_range(0..400_000));
        let stop = |line: &[&str]| {
            let mut child = clivia.command(line).stdout(Stdio::null()).spawn().unwrap();
            std::thread::sleep(wait);
            child.kill().unwrap();
            child.wait().unwrap();
        };
        stop(&["update", "first", "1.csv", "2.csv"]);
        clivia.update("first", &["1.csv", "2.csv"]);
        clivia.nothing_but_the_state("first");
        same(&clivia.of_state("first", &[]), &after);
        fs::remove_dir_all(clivia.path("first")).unwrap();
        stop(&["update", "state", "--compact"]);
        same(&clivia.of_state("state", &[]), &after);
        clivia.updated("state", &["--compact"]);
        clivia.nothing_but_the_state("state");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_update_leaves_the_state_and_nothing_beside_it() {
    let (clivia, before, after) = halfway(10_000);
    copy(&clivia.path("state"), &clivia.path("timed"));
    let begun = Instant::now();
    clivia.updated("timed", &["2.csv"]);
    let takes = begun.elapsed();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(5);
    for signal in ["INT", "TERM", "HUP", "INT", "TERM", "HUP"] {
        let wait = takes.mul_f64(random.gen_range(0.1..1.0));
        copy(&clivia.path("state"), &clivia.path("stopped"));
        clivia.stopped(&["update", "stopped", "2.csv"], wait, signal);
        clivia.nothing_but_the_state("stopped");
        let done = clivia.segments("stopped") == 2;
        same(&clivia.of_state("stopped", &[]), if done { &after } else { &before });
        fs::remove_dir_all(clivia.path("stopped")).unwrap();
        // A first one leaves no folder, or a whole state.
        clivia.stopped(&["update", "first", "1.csv"], wait, signal);
        if clivia.path("first").exists() {
            clivia.nothing_but_the_state("first");
            fs::remove_dir_all(clivia.path("first")).unwrap();
        }
    }
}

#[test]
fn what_an_interrupted_update_left_is_removed_and_nothing_else() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write("more.csv", "customer_id,order_date,amount\na,2024-03-01,1\n");
    // A first update that was stopped just before its manifest got its name.
    clivia.write("state/.clivia-partial/manifest.json", "{");
    clivia.write("state/segment-000001/part-00.parquet", "half");
    clivia.updated("state", &["orders.csv"]);
    clivia.nothing_but_the_state("state");
    clivia.write("state/.clivia-partial/segment-000002/part-00.parquet", "half");
    clivia.write("state/segment-000002/part-00.parquet", "whole, but never named");
    clivia.updated("state", &["more.csv"]);
    clivia.nothing_but_the_state("state");
    // Segments without a manifest are somebody's only copy.
    fs::remove_file(clivia.path("state/manifest.json")).unwrap();
    says(&clivia.update_refused("state", &["more.csv"]), &["segment-00000", "no manifest.json"]);
    clivia.write("other/precious.txt", "mine");
    says(&clivia.update_refused("other", &["more.csv"]), &["precious.txt", "another folder"]);
    says(&clivia.update_refused("orders.csv", &["more.csv"]), &["orders.csv: it is a file"]);
    let ran = clivia.run(&["score", "--state", "other", "--out", "out"]);
    assert_eq!(ran.code, Some(1));
    says(&ran.stderr, &["other: there is no state", "clivia update"]);
    clivia.nothing_in("out");
}

#[cfg(unix)]
#[test]
fn of_two_updates_at_once_one_fails_clearly() {
    let (clivia, _, after) = halfway(300);
    let folder = fs::File::open(clivia.path("state")).unwrap();
    folder.lock().unwrap();
    says(&clivia.update_refused("state", &["2.csv"]), &["state: another update is at work"]);
    drop(folder);
    let mut both = [1, 2].map(|_| {
        clivia.command(&["update", "state", "2.csv"]).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap()
    });
    let codes = both.each_mut().map(|child| child.wait().unwrap().code());
    assert!(codes.contains(&Some(0)) && codes.contains(&Some(1)), "{codes:?}");
    same(&clivia.of_state("state", &[]), &after);
    clivia.nothing_but_the_state("state");
}

#[test]
fn a_state_can_be_read_while_its_segments_are_merged() {
    let (clivia, _, after) = halfway(300);
    clivia.updated("state", &["2.csv"]);
    let inputs = Inputs { state: Some(State::open(&clivia.path("state")).unwrap()), ..Inputs::default() };
    clivia.updated("state", &["--compact"]);
    let scored = score(&inputs, &Settings::default(), None, Rejects::counting(false), &Control::default()).unwrap();
    assert_eq!(clivia.files_in("state").len(), 5, "the two old segments stay while they may be read");
    drop(inputs);
    let customers = scored.summary.len() + scored.without_purchase.ids.len();
    assert_eq!(customers, clivia.table("at-once/customers.csv").rows.len());
    clivia.updated("state", &["--compact"]);
    clivia.nothing_but_the_state("state");
    same(&clivia.of_state("state", &[]), &after);
}

#[test]
fn a_state_that_is_damaged_is_named() {
    let (clivia, ..) = halfway(300);
    clivia.updated("state", &["2.csv"]);
    let manifest = clivia.text("state/manifest.json");
    let part = clivia.read("state/segment-000001/part-00.parquet");
    let fails = |parts: &[&str]| {
        let ran = clivia.run(&["score", "--state", "state", "--out", "out"]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        says(&ran.stderr, parts);
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        clivia.nothing_in("out");
        ran.stderr
    };
    let changed = |from: &str, to: &str| {
        assert!(manifest.contains(from));
        clivia.write("state/manifest.json", manifest.replacen(from, to, 1));
    };
    changed("\"format\": 1", "\"format\": 2");
    let said = fails(&["state: this state has format 2", "reads format 1"]);
    assert_eq!(clivia.update_refused("state", &["1.csv", "--again"]), said);
    changed("\"rows_used\": ", "\"rows_used\": 1");
    fails(&["state: the state is damaged", "totals"]);
    clivia.write("state/manifest.json", &manifest[..manifest.len() / 2]);
    fails(&["state: the state is damaged", "manifest.json"]);
    clivia.write("state/manifest.json", b"\xff\xfe\x00");
    fails(&["state: the state is damaged", "manifest.json"]);
    clivia.write("state/manifest.json", &manifest);
    for bytes in
        [&part[..part.len() / 2], b"", b"nothing of the kind", &clivia.read("state/segment-000002/part-00.parquet")]
    {
        clivia.write("state/segment-000001/part-00.parquet", bytes);
        fails(&["state: the state is damaged", "segment-000001", "from the orders"]);
        says(&clivia.update_refused("state", &["--compact"]), &["segment-000001"]);
    }
    fs::remove_file(clivia.path("state/segment-000001/part-00.parquet")).unwrap();
    fails(&["segment-000001/part-00.parquet", "from a backup"]);
    clivia.write("state/segment-000001/part-00.parquet", &part);
    clivia.of_state("state", &[]);
}

#[test]
fn settings_that_would_change_what_rows_mean_are_refused() {
    let clivia = Clivia::with("1.csv", "order_id,id,date,net,gross\nA,a,2024-01-01,5,6\n");
    clivia.write("2.csv", "order_id,id,date,net,gross\nB,a,2024-01-09,5,6\n");
    clivia.write("2b.csv", "order_id;id;date;net;gross\nB;a;09.01.2024;5,5;6\n");
    clivia.updated("state", &["1.csv", "--amount", "net"]);
    for (flag, value, held) in [
        ("--amount", "gross", "orders.amount is \"net\" in the state, not \"gross\""),
        ("--returns", "ignore", "orders.returns is \"net\""),
        ("--zero-amounts", "reject", "orders.zero_amounts"),
        ("--timezone", "Europe/Warsaw", "read.timezone is \"\""),
        ("--order", "id", "orders.order is \"\""),
    ] {
        says(&clivia.update_refused("state", &["2.csv", flag, value]), &["state: ", held]);
    }
    clivia.write("clivia.toml", "[read]\nlatest = 2024-01-31\n");
    clivia.write("clivia.toml", "[read]\nlatest = '2024-01-31'\n");
    says(
        &clivia.update_refused("state", &["2.csv", "--config", "clivia.toml"]),
        &["read.latest", "2099-12-31", "2024-01-31"],
    );
    says(&clivia.update_refused("state", &["2.csv", "--duplicates", "drop"]), &["duplicates", "--replace"]);
    says(&clivia.update_refused("new", &["2.csv", "--duplicates", "drop"]), &["duplicates", "--replace"]);
    clivia.nothing_in("new");
    let ran = clivia.run(&["score", "--state", "state", "--out", "out", "--config", "clivia.toml"]);
    assert_eq!(ran.code, Some(1));
    says(&ran.stderr, &["read.latest"]);
    // How a file is written is its own affair; settings of scoring are no matter of the state.
    clivia.write("clivia.toml", "[value]\nhorizon = '26w'\n[orders]\namount = 'net'\n");
    clivia.updated("state", &["2b.csv", "--decimal", "comma", "--delimiter", ";", "--config", "clivia.toml"]);
    clivia.of_state("state", &["--config", "clivia.toml"]);
    assert_eq!(clivia.table("of-state/customers.csv").column("revenue"), ["10.5"]);
    let run: Value = serde_json::from_slice(&clivia.read("of-state/run.json")).unwrap();
    assert_eq!(
        (run["settings"]["value"]["horizon"].as_str(), run["settings"]["orders"]["amount"].as_str()),
        (Some("26w"), Some("net"))
    );
}

#[test]
fn flags_that_come_too_late_are_exit_code_2() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.updated("state", &["orders.csv"]);
    let usage = |line: &[&str], parts: &[&str]| {
        let ran = clivia.run(line);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        says(&ran.stderr, parts);
    };
    for flag in [
        "--customer=a",
        "--date=a",
        "--amount=a",
        "--order=a",
        "--currency=EUR",
        "--currency-column=a",
        "--date-format=%Y",
        "--timezone=UTC",
        "--delimiter=;",
        "--encoding=latin1",
        "--decimal=comma",
        "--returns=net",
        "--duplicates=keep",
        "--zero-amounts=keep",
        "--strict",
    ] {
        usage(
            &["score", "--state", "state", "--out", "out", flag],
            &[flag.split('=').next().unwrap(), "--state", "clivia update"],
        );
    }
    usage(&["score", "orders.csv", "--state", "state", "--out", "out"], &["--state"]);
    usage(&["score", "--out", "out"], &["ORDERS"]);
    usage(&["update", "state", "orders.csv", "--as-of", "2024-01-01"], &["--as-of", "score --state"]);
    usage(&["update", "state"], &["ORDERS"]);
    usage(&["update", "state", "--replace", "--compact"], &["ORDERS"]);
    let ran = clivia.run(&["score", "--state", "state", "--out", "out", "--as-of", "2024-02-05"]);
    assert_eq!(ran.code, Some(1));
    says(&ran.stderr, &["--as-of 2024-02-05", "2024-02-06", "--cancel"]);
    clivia.nothing_in("out");
}

#[test]
fn a_file_counts_twice_only_where_that_is_asked_for() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.updated("state", &["orders.csv"]);
    says(&clivia.update_refused("state", &["./orders.csv"]), &["orders.csv", "earlier update", "--again"]);
    clivia.updated("state", &["orders.csv", "--again"]);
    clivia.updated("state", &["--compact"]);
    says(&clivia.update_refused("state", &["orders.csv"]), &["--again"]);
    // Other orders under the old name are new.
    clivia.write("orders.csv", "customer_id,order_date,amount\nz,2024-03-01,1\n");
    clivia.updated("state", &["orders.csv"]);
    clivia.of_state("state", &[]);
    let table = clivia.table("of-state/customers.csv");
    assert_eq!([table.of("a", "revenue"), table.of("z", "revenue")], ["60.0", "1.0"]);
}

#[test]
fn a_file_that_cannot_be_read_changes_nothing() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write("bad.csv", "customer_id,order_date,amount\na,2024-03-01,1\n,2024-03-01,1\n");
    clivia.write("other.csv", "what,why\n1,2\n");
    clivia.updated("state", &["orders.csv"]);
    says(&clivia.update_refused("state", &["gone.csv"]), &["gone.csv: no such file"]);
    says(&clivia.update_refused("state", &["other.csv"]), &["other.csv", "no customer column"]);
    says(
        &clivia.update_refused("state", &["bad.csv", "--strict"]),
        &["bad.csv, row 3", "missing_customer", "--strict"],
    );
    clivia.write("cut.parquet", b"PAR1 and no more");
    says(&clivia.update_refused("state", &["cut.parquet"]), &["cut.parquet"]);
    clivia.write("none.csv", "customer_id,order_date,amount\n,2024-03-01,1\n");
    says(&clivia.update_refused("new", &["none.csv"]), &["1 missing_customer"]);
    clivia.write("empty.csv", "customer_id,order_date,amount\n");
    says(&clivia.update_refused("new", &["empty.csv"]), &["empty.csv", "no row"]);
    clivia.nothing_in("new");
    // A day without orders is a day.
    clivia.updated("state", &["empty.csv"]);
    clivia.updated("state", &["none.csv"]);
    same(&clivia.of_state("state", &[]), &clivia.at_once(&["orders.csv", "empty.csv", "none.csv"], &[]));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_state_as_it_was() {
    let (clivia, before, after) = halfway(5_000);
    let contents = clivia.contents("state");
    for kib in [1, 8, 40] {
        let script = format!("trap '' XFSZ; ulimit -f {kib}; exec {} update state 2.csv", env!("CARGO_BIN_EXE_clivia"));
        let ran = Ran::from(Command::new("bash").args(["-c", &script]).current_dir(clivia.path(".")).output().unwrap());
        assert_eq!(ran.code, Some(1), "{ran:?}");
        says(&ran.stderr, &["File too large"]);
        assert!(clivia.contents("state") == contents, "{kib} KiB");
    }
    same(&clivia.of_state("state", &[]), &before);
    clivia.updated("state", &["2.csv"]);
    same(&clivia.of_state("state", &[]), &after);
}
