//! Settings that cannot be meant: each is told what was most likely meant.

use crate::support::{Clivia, ORDERS, SCORED, says};

/// What a command line that is wrong is told.
fn usage(clivia: &Clivia, args: &[&str]) -> String {
    let ran = clivia.run(args);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    ran.stderr
}

#[test]
fn rates_and_shares_are_read_in_percent_and_refused_where_they_cannot_be_meant() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    let line = ["score", "orders.csv", "--out", "out"];
    let wrong = |flags: &[&str]| usage(&clivia, &[&line[..], flags].concat());
    says(&wrong(&["--discount-rate", "10"]), &["1000% a year", "10% or 0.1"]);
    says(&wrong(&["--discount-rate", "-0.1"]), &["--discount-rate", "is not a discount rate"]);
    says(&wrong(&["--margin", "-0.2"]), &["--margin", "-0.2", "it is a share such as 0.3 or 30%, or column"]);
    says(&wrong(&["--margin", "-20%"]), &["--margin", "nothing, or less, would be profit"]);
    says(&wrong(&["--horizon", "-5w"]), &["--horizon", "'-5w' is not a horizon"]);
    says(&wrong(&["--margin", "30"]), &["for 30 percent write 30% or 0.3"]);
    says(&wrong(&["--interval", "80"]), &["0.8 or 80%"]);
    let flags = ["--discount-rate", "8%", "--margin", "25%", "--interval", "90%", "--not-converged", "empty"];
    clivia.scored("orders.csv", &flags);
    let settings = &clivia.run_json()["settings"];
    assert_eq!([&settings["value"]["discount_rate"], &settings["value"]["margin"]], [0.08, 0.25]);
    assert_eq!(settings["intervals"]["level"], 0.9);
    let retain = |flags: &[&str]| usage(&clivia, &[&["retain", "s.csv", "--out", "out"], flags].concat());
    says(&retain(&["--margin", "-0.2"]), &["--margin", "it is a share such as 0.3 or 30%"]);
    says(&retain(&["--discount-rate", "10"]), &["1000% a year"]);
}

#[test]
fn an_as_of_date_is_read_where_it_means_one_day() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    let summary = |as_of: &str| clivia.run(&["summary", "orders.csv", "--out", "out", "--overwrite", "--as-of", as_of]);
    for as_of in ["2024-02-10", "10.02.2024", "2024/02/10", "20240210"] {
        says(&summary(as_of).ok().stdout, &["6 rows read"]);
        let record: serde_json::Value = serde_json::from_str(&clivia.text("out/summary.json")).unwrap();
        assert_eq!(record["as_of"], "2024-02-10", "{as_of}");
    }
    says(&summary("03/04/2024").stderr, &["may be 2024-04-03 or 2024-03-04"]);
    says(&summary("31.02.2024").stderr, &["is not a date; write it as"]);
}

#[test]
fn days_far_from_the_orders_are_said() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    let said = |flags: &[&str]| {
        let more = ["--not-converged", "empty", "--overwrite"];
        clivia.scored("orders.csv", &[flags, &more].concat()).stdout
    };
    says(&said(&["--as-of", "2026-01-01"]), &["--as-of 2024-02-06", "695 days after the last order"]);
    says(&said(&["--as-of", "2024-01-04"]), &["4 of 6 order rows lie after the as-of date 2024-01-04"]);
    says(&said(&["--horizon", "3y"]), &["times the 37 days that were observed", "--horizon 5w"]);
    let quiet = said(&["--horizon", "8w"]);
    assert!(!quiet.contains("times the") && !quiet.contains("after the last order"), "{quiet}");
}

#[test]
fn a_table_of_one_kind_in_the_place_of_another_is_told_by_its_columns() {
    let clivia = Clivia::with("orders.csv", "customer_id,order_id,order_date,amount,channel\na,1,2024-01-01,5,web\n");
    clivia.write("contacts.csv", "customer_id,contacted_at,channel,direction\na,2024-01-01,email,out\n");
    let swapped = ["score", "contacts.csv", "--contacts", "orders.csv", "--out", "out"];
    let ran = clivia.run(&swapped);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    says(&ran.stderr, &["contacts.csv looks like a contact log, not an order file", "--contacts"]);
    let ran = clivia.run(&["check", "orders.csv", "--contacts", "orders.csv"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    says(&ran.stderr, &["orders.csv looks like an order file, not a contact log"]);
    let named = ["summary", "contacts.csv", "--customer", "customer_id", "--date", "contacted_at", "--out", "out"];
    clivia.run(&named).ok();
}

#[test]
fn a_folder_that_is_no_run_says_what_is_missing_and_names_the_nearest() {
    let clivia = &*SCORED;
    for (command, flags) in [
        (&["plan", "--from", "."][..], &[][..]),
        (&["report", "--from", "."], &[]),
        (&["explain", "c1", "--from", "."], &[]),
        (&["score", "orders.csv", "--out", "none", "--frozen", "."], &[]),
    ] {
        let ran = clivia.run(&[command, flags].concat());
        assert_eq!(ran.code, Some(1), "{command:?}: {ran:?}");
        says(&ran.stderr, &["holds no run.json but", "the nearest run is in ./"]);
    }
    says(&clivia.run(&["plan", "--from", "gone"]).stderr, &["there is no folder gone"]);
}

#[test]
fn flags_that_differ_by_one_letter_are_told_apart() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write("vip.csv", "customer_id,tier\na,1\n");
    let line = ["score", "orders.csv", "--out", "out"];
    let apart = ["--customers FILE is a table of attributes", "--customer COLUMN names the column"];
    says(&usage(&clivia, &[&line[..], &["--customer", "vip.csv"]].concat()), &apart);
    says(&usage(&clivia, &[&line[..], &["--customers", "customer_id"]].concat()), &apart);
}

#[test]
fn a_batch_job_can_end_with_an_exit_code_of_its_own() {
    let clivia = Clivia::with("orders.csv", "customer_id,order_date\na,2024-01-01\na,2024-02-01\nb,2024-01-09\n");
    let line = ["summary", "orders.csv", "--out", "out", "--overwrite"];
    let code = |flags: &[&str]| clivia.run(&[&line[..], flags].concat()).code;
    assert_eq!(code(&[]), Some(0));
    assert_eq!(code(&["--fail-on", "severe"]), Some(0));
    // There are no amounts.
    let ran = clivia.run(&[&line[..], &["--fail-on", "warning"]].concat());
    assert_eq!(ran.code, Some(3), "{ran:?}");
    says(&ran.stderr, &["all was done", "no amount column"]);
    assert!(clivia.path("out/summary.parquet").is_file());
    clivia.write("c.toml", "[report]\nfail_on = 'warning'\n");
    assert_eq!(code(&["--config", "c.toml"]), Some(3));
    assert_eq!(code(&["--config", "c.toml", "--fail-on", "never"]), Some(0));
}
