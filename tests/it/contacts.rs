//! The contact log read from files: every column, what is refused, and what odd logs come to.

use crate::support::{Clivia, ORDERS, says};

const CONTACTS: [&str; 2] = ["--contacts", "contacts.csv"];

/// Scores the three customers of `ORDERS` with this log.
fn scored(log: &str) -> Clivia {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write("contacts.csv", log);
    clivia.scored("orders.csv", &CONTACTS);
    clivia
}

/// A log of which most rows cannot be used, scored all the same.
fn listed(log: &str) -> Clivia {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write("contacts.csv", log);
    clivia.scored("orders.csv", &[&CONTACTS[..], &["--unreadable-error", "1"]].concat());
    clivia
}

#[test]
fn every_column_of_the_log_is_used() {
    let clivia = scored(
        "customer,timestamp,channel,direction,outcome,cost,satisfaction,response_time,campaign,agent\n\
         a,2024-01-09 10:00:00,phone,out,answered,6.50,5,,spring,Ada\n\
         a,2024-01-20 09:30:00,email,in,,0.10,4,24,,Ada\n\
         b,2024-01-24 12:00:00,email,out,bounced,0.10,,,spring,Bo\n",
    );
    let run = clivia.run_json();
    assert_eq!(run["contacts"]["rows"]["used"], 3);
    for (part, column) in [("response_time", "response_time"), ("agent", "agent"), ("cost", "cost")] {
        assert_eq!(run["contacts"]["mapping"][part], column);
    }
    let table = clivia.table("out/criteria.csv");
    assert_eq!(table.row("a", &["contacts", "contact_cost", "agent"]), "2 6.6 Ada");
    assert_eq!(table.row("a", &["contact_dialogue", "contact_promptness"]), "1.0 0.5"); // 2^(-24/24)
    assert_eq!(table.row("b", &["contact_dialogue", "contact_satisfaction", "agent"]), "0.0  Bo");
    assert_eq!(table.row("c", &["contacts", "contact_quality", "contact_position"]), "0 0.0 0.0");
}

#[test]
fn what_cannot_be_meant_is_refused_by_rule() {
    let clivia = listed(
        "customer,timestamp,channel,direction,cost,satisfaction,response_time,campaign,control\n\
         a,2024-01-09,phone,out,-1,,,,\n\
         a,2024-01-09,phone,out,dear,,,,\n\
         a,2024-01-09,phone,sideways,1,,,,\n\
         a,2024-01-09,phone,out,1,7,,,\n\
         a,2024-01-09,phone,out,1,good,,,\n\
         a,2024-01-09,phone,in,1,,-2,,\n\
         a,2024-01-09,phone,in,1,,soon,,\n\
         a,2024-01-09,phone,out,1,,,spring,maybe\n\
         a,2024-01-09,phone,out,1,,,,yes\n\
         a,2025-01-09,phone,out,1,,,,\n\
         a,2024-01-09,,out,1,,,,\n\
         z,2024-01-09,phone,out,1,,,,\n\
         a,2024-01-09,phone,out,1,3,,spring,no\n",
    );
    let rules = [
        "2 negative_cost",
        "3 unreadable_cost",
        "4 unknown_direction",
        "5 satisfaction_off_scale",
        "6 unreadable_satisfaction",
        "7 negative_response_time",
        "8 unreadable_response_time",
        "9 unreadable_control",
        "10 control_without_campaign",
        "11 after_as_of",
        "12 missing_channel",
        "13 unknown_customer",
    ];
    assert_eq!(clivia.refusals(), rules);
    assert_eq!(clivia.rejects()[0], ["contacts.csv", "2", "cost", "-1", "negative_cost"]);
    assert_eq!(clivia.table("out/criteria.csv").of("a", "contacts"), "1");
}

#[test]
fn a_contact_written_twice_counts_once_where_its_time_is_known() {
    let timed = "customer,timestamp,channel\na,2024-01-09 10:00:00,phone\na,2024-01-09 10:00:00,phone\n";
    let clivia = scored(timed);
    assert_eq!(clivia.table("out/criteria.csv").of("a", "contacts"), "1");
    assert_eq!(clivia.run_json()["map"]["oddities"]["duplicates"], 1);
    let dated = timed.replace(" 10:00:00", "");
    let clivia = scored(&dated);
    assert_eq!(clivia.table("out/criteria.csv").of("a", "contacts"), "2");
    // Midnight throughout is how programs write days.
    let clivia = scored(&timed.replace("10:00:00", "00:00:00"));
    assert_eq!(clivia.table("out/criteria.csv").of("a", "contacts"), "2");
}

#[test]
fn contacts_before_the_first_order_count_and_are_told() {
    let clivia = scored("customer,timestamp,channel\na,2023-12-01,phone\nb,2024-01-24,phone\n");
    assert_eq!(clivia.run_json()["map"]["oddities"]["before_first_order"], 1);
    assert_eq!(clivia.table("out/criteria.csv").of("a", "contacts"), "1");
}

#[test]
fn unknown_channels_and_outcomes_are_named() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write(
        "contacts.csv",
        "customer,timestamp,channel,outcome\na,2024-01-09,pigeon,landed\nb,2024-01-24,phone,answered\n",
    );
    let said = clivia.scored("orders.csv", &CONTACTS).stdout;
    says(&said, &["'pigeon' (1 contacts)", "'landed' (1 contacts)", "contacts.outcomes"]);
    // Listed, they mean something.
    clivia.write("clivia.toml", "[contacts.channels]\npigeon = 0.9\n[contacts.outcomes]\nsuccess = ['landed']\n");
    let said = clivia.scored("orders.csv", &[&CONTACTS[..], &["--config", "clivia.toml", "--overwrite"]].concat());
    assert!(!said.stdout.contains("pigeon"), "{}", said.stdout);
}

#[test]
fn spellings_of_a_channel_are_one() {
    let clivia = scored(
        "customer,timestamp,channel\na,2024-01-09,e-mail\na,2024-01-10,Phone\nb,2024-01-24,E-Mail\nb,2024-01-25,email\n",
    );
    let timing = clivia.table("out/timing.csv");
    let kinds: std::collections::BTreeSet<&str> = timing.column("kind").into_iter().collect();
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["E-Mail", "Phone", "any"]);
}

#[test]
fn costs_come_from_the_channel_where_the_row_has_none() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write("contacts.csv", "customer,timestamp,channel,cost\na,2024-01-09,phone,\na,2024-01-10,phone,2\n");
    clivia.write("clivia.toml", "[contacts.costs]\nPhone = 6.5\n");
    clivia.scored("orders.csv", &[&CONTACTS[..], &["--config", "clivia.toml"]].concat());
    assert_eq!(clivia.customers().of("a", "contact_cost"), "8.5");
    assert_eq!(clivia.customers().of("a", "profit"), "21.5"); // 30 less 8.50
}

#[test]
fn a_customer_with_very_many_contacts_is_no_trouble() {
    let mut log = String::from("customer,timestamp,channel,direction\n");
    for contact in 0..100_000 {
        let (hour, minute, second) = (contact / 3_600 % 24, contact / 60 % 60, contact % 60);
        log += &format!("a,2024-01-{:02} {hour:02}:{minute:02}:{second:02},email,out\n", 1 + contact / 86_400);
    }
    let clivia = scored(&log);
    let table = clivia.table("out/criteria.csv");
    assert_eq!(table.of("a", "contacts"), "100000");
    let pressure: f64 = table.of("a", "contact_pressure").parse().unwrap();
    assert_eq!(pressure, 100_000.0 / 8.0 - 1.0); // all within 30 days, cap 8
}

#[test]
fn equal_customers_stand_at_the_middle_and_are_aligned() {
    let clivia = Clivia::with(
        "orders.csv",
        "customer_id,order_date,amount\na,2024-01-01,10\nb,2024-01-01,10\na,2024-02-01,10\nb,2024-02-01,10\n",
    );
    clivia.write("contacts.csv", "customer,timestamp,channel\na,2024-01-20,phone\nb,2024-01-20,phone\n");
    clivia.scored("orders.csv", &CONTACTS);
    for customer in ["a", "b"] {
        let row = clivia.customers().row(customer, &["attractiveness", "contact_quality", "map_distance", "diagnosis"]);
        assert_eq!(row, "50.0 50.0 0.0 aligned");
    }
}

#[test]
fn profit_and_attractiveness_take_columns_of_the_customers_table() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write("contacts.csv", "customer,timestamp,channel,cost\na,2024-01-09,phone,2\n");
    clivia.write("customers.csv", "customer_id,balance,served\na,10,1\nb,20,2\nc,30,3\n");
    clivia.write(
        "clivia.toml",
        "[attractiveness]\ncost_per_order = 1.5\ncost_to_serve = 'served'\ncolumns = { balance = 1.0 }\n\
         weights = { clv = 0.0 }\n",
    );
    let more = [&CONTACTS[..], &["--customers", "customers.csv", "--config", "clivia.toml"]].concat();
    clivia.scored("orders.csv", &more);
    let table = clivia.customers();
    assert_eq!(table.of("a", "profit"), "24.0"); // 30 - 2 x 1.50 - 1 - 2
    assert_eq!(table.of("c", "profit"), "2.5"); // 7 - 1.50 - 3
    // Balance alone counts: mid-rank percentiles of three.
    let scores: Vec<f64> = table.numbers("attractiveness");
    let expected = [100.0 / 6.0, 50.0, 500.0 / 6.0];
    assert!(scores.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-8), "{scores:?}"); // of the grid of points
    let missing = clivia.score("orders.csv", &[&CONTACTS[..], &["--config", "clivia.toml", "--out", "two"]].concat());
    assert_eq!(missing.code, Some(1));
    says(&missing.stderr, &["'balance'", "--customers"]);
    clivia.nothing_in("two");
}

#[test]
fn the_margin_of_order_lines_makes_each_customer_s_profit() {
    let clivia = Clivia::with(
        "orders.csv",
        "customer_id,order_date,amount,cost\na,2024-01-01,10,4\na,2024-01-08,20,5\nb,2024-01-02,10,12\nc,2024-01-05,8,\n",
    );
    clivia.scored("orders.csv", &["--margin", "column"]);
    let table = clivia.customers();
    assert_eq!(table.row("a", &["profit"]), "21.0");
    assert_eq!(table.row("b", &["profit"]), "-2.0");
    // No cost is known of c, so the share of all others counts: 19 of 40.
    assert_eq!(table.row("c", &["profit"]), "3.8");
    let profit = &clivia.run_json()["profit"];
    assert_eq!(profit["peak"]["profit"], 24.8);
    assert_eq!(profit["lost"], 2.0);
}

#[test]
fn a_rows_order_and_its_block_do_not_matter() {
    let base = Clivia::simulated(300, 5);
    base.scored("orders.csv", &CONTACTS);
    let log = base.text("contacts.csv");
    let (header, rows) = log.split_once('\n').unwrap();
    let mut backward: Vec<&str> = rows.lines().collect();
    backward.reverse();
    base.write("contacts.csv", format!("{header}\n{}\n", backward.join("\n")));
    base.scored("orders.csv", &[&CONTACTS[..], &["--out", "again"]].concat());
    for table in ["customers", "criteria", "map", "corrections", "timing", "profit_curve"] {
        let file = |folder: &str| base.text(&format!("{folder}/{table}.csv"));
        assert_eq!(file("out"), file("again"), "{table}");
    }
}

#[test]
fn check_shows_how_contacts_are_read() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia
        .write("contacts.csv", "customer,timestamp,channel,outcome\na,2024-01-09,phone,landed\nz,2024-01-09,phone,\n");
    let said = clivia.run(&["check", "orders.csv", "--contacts", "contacts.csv"]).ok().stdout;
    says(&said, &["channel = channel, outcome = outcome", "2 rows read: 1 used, 1 refused", "1 unknown_customer"]);
    says(&said, &["channels   phone", "'landed' (1 contacts)"]);
    let said = clivia.run(&["check", "orders.csv", "--contacts", "contacts.csv", "--json"]).ok().json();
    assert_eq!(said["contacts"]["rows"]["used"], 1);
    assert_eq!(said["refused"]["contacts"]["unknown_customer"], 1);
}

#[test]
fn a_frozen_run_counts_profit_from_the_same_columns() {
    let clivia = Clivia::with(
        "orders.csv",
        "customer_id,order_date,amount,cost\na,2024-01-01,10,4\na,2024-01-08,20,5\nb,2024-01-02,10,12\nb,2024-02-02,9,1\n",
    );
    clivia.scored("orders.csv", &["--margin", "column"]);
    clivia.scored("orders.csv", &["--frozen", "out/run.json", "--out", "again"]);
    assert_eq!(clivia.text("out/customers.csv"), clivia.text("again/customers.csv"));
    // A column that is named is used, and one that is not there is an error.
    clivia.write("clivia.toml", "[orders]\ncost_column = 'cost'\n");
    clivia.scored("orders.csv", &["--config", "clivia.toml", "--out", "named"]);
    assert_eq!(clivia.table("named/customers.csv").of("b", "profit"), "6.0"); // 19 - 13
    clivia.write("clivia.toml", "[orders]\ncost_column = 'price'\n");
    let ran = clivia.score("orders.csv", &["--config", "clivia.toml", "--out", "wrong"]);
    assert_eq!(ran.code, Some(1));
    says(&ran.stderr, &["'price'", "cost"]);
}

#[test]
fn margins_in_another_currency_are_converted() {
    let clivia = Clivia::with(
        "orders.csv",
        "customer_id,order_date,amount,cost,currency\na,2024-01-01,10,4,EUR\nb,2024-01-02,10,4,USD\n",
    );
    clivia.write("clivia.toml", "[currency]\ninto = 'EUR'\nrates = { USD = 0.5 }\n[orders]\ncost_column = 'cost'\n");
    clivia.scored("orders.csv", &["--config", "clivia.toml"]);
    assert_eq!(clivia.customers().numbers("profit"), [6.0, 3.0]);
}

#[test]
fn a_cost_that_nobody_tells_is_the_mean_of_its_channel_and_said() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write(
        "contacts.csv",
        "customer,timestamp,channel,cost\na,2024-01-09,visit,80\nb,2024-01-24,visit,\nb,2024-01-25,visit,90\nc,2024-01-26,fax,\n",
    );
    let said = clivia.scored("orders.csv", &CONTACTS).stdout;
    says(&said, &["'visit' (1 contacts, taken as the mean of the others)", "'fax' (1 contacts, taken as free)"]);
    assert_eq!(clivia.customers().numbers("contact_cost"), [80.0, 175.0, 0.0]);
    clivia.write("contacts.csv", "customer,timestamp,channel\na,2024-01-09,visit\n");
    let said = clivia.scored("orders.csv", &[&CONTACTS[..], &["--overwrite"]].concat()).stdout;
    says(&said, &["the log has no costs"]);
}

#[test]
fn controls_are_told_by_flag_or_by_the_campaign_s_name() {
    let clivia = scored(
        "customer,timestamp,channel,campaign,control\n\
         a,2024-01-09,email,spring,0.0\n\
         b,2024-01-24,email,spring,1.0\n\
         c,2024-01-25,email,Spring control,\n\
         c,2024-01-26,email,spring-control,no\n",
    );
    let run = clivia.run_json();
    assert_eq!(run["map"]["oddities"]["controls"], 2);
    assert_eq!(run["contacts"]["rows"]["refused"], 0);
    assert_eq!(clivia.table("out/criteria.csv").column("contacts"), ["1", "0", "1"]);
}

#[test]
fn yes_and_no_of_the_customers_table_count() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write("contacts.csv", "customer,timestamp,channel\na,2024-01-09,visit\n");
    clivia.write("customers.csv", "customer_id,key_account,note\na,no,x\nb,yes,y\nc,no,z\n");
    clivia.write("clivia.toml", "[attractiveness]\ncolumns = { key_account = 1.0 }\nweights = { clv = 0.0 }\n");
    let more = [&CONTACTS[..], &["--customers", "customers.csv", "--config", "clivia.toml"]].concat();
    clivia.scored("orders.csv", &more);
    let scores = clivia.customers().numbers("attractiveness");
    assert!(scores[1] > scores[0] && scores[0] == scores[2], "{scores:?}");
    for (columns, part) in [("{ note = 1.0 }", "text"), ("{ x_contribution = 1.0 }", "_contribution")] {
        clivia.write("clivia.toml", format!("[attractiveness]\ncolumns = {columns}\n"));
        let ran = clivia.score("orders.csv", &[&more[..], &["--out", "two"]].concat());
        assert_eq!(ran.code, Some(1));
        says(&ran.stderr, &[part]);
    }
}

#[test]
fn a_frozen_run_of_money_refuses_a_file_without_amounts() {
    let clivia = Clivia::simulated(200, 3);
    clivia.scored("orders.csv", &CONTACTS);
    let orders = clivia.table("orders.csv");
    let mut bare = String::from("order_id,customer_id,order_date\n");
    for row in &orders.rows {
        bare += &format!("{},{},{}\n", row[0], row[1], row[2]);
    }
    clivia.write("bare.csv", bare);
    let ran = clivia.score("bare.csv", &[&CONTACTS[..], &["--frozen", "out/run.json", "--out", "again"]].concat());
    assert_eq!(ran.code, Some(1), "{ran:?}");
    says(&ran.stderr, &["no amounts", "fit again"]);
    clivia.nothing_in("again");
}
