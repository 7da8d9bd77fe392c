//! `plan` and `compare` as commands: what they write, and what they refuse.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{Clivia, ORDERS, SCORED, says};

/// A finished run of 400 customers in a folder of its own, so that plans can be written beside it.
fn finished() -> Clivia {
    let clivia = Clivia::simulated(400, 7);
    clivia.scored("orders.csv", &["--contacts", "contacts.csv"]);
    clivia
}

fn plan(clivia: &Clivia, more: &[&str]) -> crate::support::Ran {
    clivia.run(&[&["plan", "--from", "out", "--format", "csv", "--overwrite"], more].concat())
}

#[test]
fn corrections_name_action_channel_cost_and_stake_for_everybody_misplaced() {
    let (corrections, customers) = (SCORED.table("out/corrections.csv"), SCORED.customers());
    let misplaced = |diagnosis: &&str| ["under_served", "over_served"].contains(diagnosis);
    let ids: BTreeSet<&str> = corrections.column("customer_id").into_iter().collect();
    assert_eq!(ids.len(), customers.column("diagnosis").iter().filter(|d| misplaced(d)).count());
    for (row, id) in corrections.column("customer_id").into_iter().enumerate() {
        assert_eq!(corrections.column("diagnosis")[row], customers.of(id, "diagnosis"));
    }
    let actions = corrections.column("action");
    assert!(actions.iter().any(|action| action.contains("never contacted: ")), "{:?}", &actions[..3]);
    assert!(actions.iter().any(|action| action.contains(", saves ")));
    // Value at stake = CLV x distance / 100.
    let first = corrections.column("customer_id")[0];
    let number = |text: &str| text.parse::<f64>().unwrap();
    let clv = number(customers.of(first, "clv"));
    let stake = number(corrections.of(first, "value_at_stake"));
    if customers.of(first, "diagnosis") == "under_served" {
        let distance = -number(customers.of(first, "map_distance"));
        assert!((stake - clv * distance / 100.0).abs() <= 1e-9 * stake, "{stake}"); // rounding
    }
}

#[test]
fn a_plan_keeps_to_budget_capacity_and_one_option_a_customer() {
    let clivia = finished();
    let said = plan(&clivia, &["--budget", "500", "--capacity", "phone=10", "--capacity", "Visit=2"]).ok().stdout;
    says(&said, &["plan ", "of 500.00 allowed", "results"]);
    let table = clivia.table("out/plan.csv");
    let under = |row: &usize| table.column("diagnosis")[*row] == "under_served";
    let rows: Vec<usize> = (0..table.rows.len()).filter(under).collect();
    let by: BTreeMap<&str, usize> = rows.iter().fold(BTreeMap::new(), |mut by, row| {
        *by.entry(table.column("channel")[*row]).or_default() += 1;
        by
    });
    assert!(
        by.get("phone").is_none_or(|calls| *calls <= 10) && by.get("visit").is_none_or(|visits| *visits <= 2),
        "{by:?}"
    );
    let cost: f64 = rows.iter().map(|row| table.column("cost")[*row].parse::<f64>().unwrap()).sum();
    assert!(cost > 0.0 && cost <= 500.0, "{cost}");
    let ids = table.column("customer_id");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    // Who, what, when, by whom, why.
    assert!(rows.iter().all(|row| !table.column("what")[*row].is_empty() && !table.column("reason")[*row].is_empty()));
    assert!(rows.iter().all(|row| table.column("when")[*row] > "2024-12-29"));
    let json: serde_json::Value = serde_json::from_slice(&clivia.read("out/plan.json")).unwrap();
    assert_eq!(json["contacts"], rows.len());
    assert!(json["value"].as_f64().unwrap() <= json["bound"].as_f64().unwrap());
}

#[test]
fn money_moves_from_the_over_served_to_the_under_served() {
    let clivia = finished();
    let said = plan(&clivia, &["--budget", "same", "--json"]).ok().json();
    assert_eq!(said["budget"], said["saving"]);
    assert!(said["cost"].as_f64().unwrap() <= said["saving"].as_f64().unwrap());
    let table = clivia.table("out/plan.csv");
    let saved: f64 = table.numbers("saving").iter().sum();
    assert!((saved - said["saving"].as_f64().unwrap()).abs() < 1e-6); // sums of cents
    let unlimited = plan(&clivia, &["--budget", "unlimited", "--json"]).ok().json();
    assert!(unlimited["value"].as_f64() >= said["value"].as_f64());
    let nothing = plan(&clivia, &["--budget", "0", "--json"]).ok().json();
    assert_eq!(nothing["cost"], 0.0);
}

#[test]
fn a_customer_that_refused_a_channel_is_never_planned_on_it() {
    let clivia = finished();
    plan(&clivia, &["--budget", "unlimited"]).ok();
    let log = clivia.table("contacts.csv");
    let rows = log.column("customer_id").into_iter().zip(log.column("channel")).zip(log.column("outcome"));
    let refused: BTreeSet<(&str, &str)> =
        rows.filter(|(_, outcome)| *outcome == "refused").map(|(row, _)| row).collect();
    assert!(!refused.is_empty());
    for (table, name) in [(clivia.table("out/plan.csv"), "plan"), (clivia.table("out/corrections.csv"), "corrections")]
    {
        let rows = table.column("customer_id").into_iter().zip(table.column("channel")).zip(table.column("diagnosis"));
        for ((customer, channel), diagnosis) in rows {
            let asked = diagnosis == "under_served" && refused.contains(&(customer, channel));
            assert!(!asked, "{name}: {customer} refused {channel}");
        }
    }
}

#[test]
fn the_most_valuable_customers_get_managers() {
    let clivia = finished();
    clivia.write("managers.csv", "manager,capacity\nAda,20\nBo,10\n");
    plan(&clivia, &["--managers", "managers.csv"]).ok();
    let (managed, customers) = (clivia.table("out/managers.csv"), clivia.customers());
    assert_eq!(managed.rows.len(), 30);
    let count = |name: &str| managed.column("manager").iter().filter(|manager| **manager == name).count();
    assert_eq!((count("Ada"), count("Bo")), (20, 10));
    let mut values = customers.numbers("clv");
    values.sort_by(|a, b| b.total_cmp(a));
    let least = managed.numbers("value").into_iter().fold(f64::INFINITY, f64::min);
    assert_eq!(least, values[29]);
    // Who has whom stays, where the customers table says.
    let before = clivia.table("out/managers.csv");
    let mut table = String::from("customer_id,manager\n");
    for (id, manager) in before.column("customer_id").into_iter().zip(before.column("manager")) {
        table += &format!("{id},{manager}\n");
    }
    clivia.write("customers.csv", table);
    clivia.scored("orders.csv", &["--contacts", "contacts.csv", "--customers", "customers.csv", "--overwrite"]);
    assert!(!clivia.files_in("out").contains(&"plan.csv".to_string()), "a plan of another run is stale");
    let said = plan(&clivia, &["--managers", "managers.csv", "--json"]).ok().json();
    assert_eq!(said["managers"]["moves"], 0);
    let kept = clivia.table("out/managers.csv");
    assert_eq!(kept.column("manager"), kept.column("before"));
}

#[test]
fn plans_without_meaning_are_refused() {
    let clivia = finished();
    clivia.write("empty.csv", "manager,capacity\n");
    clivia.write("odd.csv", "manager,capacity\nAda,many\n");
    for (line, parts) in [
        (&["--capacity", "pigeon=3"][..], &["'pigeon'", "phone"][..]),
        (&["--managers", "empty.csv"], &["empty.csv", "no manager"]),
        (&["--managers", "odd.csv"], &["odd.csv", "row 2", "'many'", "whole number"]),
        (&["--days", "2"], &["plan.period_days = 2"]),
    ] {
        let ran = plan(&clivia, line);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        says(&ran.stderr, parts);
    }
    for line in [&["--budget", "lots"][..], &["--capacity", "phone"], &["--capacity", "phone=-1"]] {
        assert_eq!(plan(&clivia, line).code, Some(2), "{line:?}");
    }
    assert!(!clivia.files_in("out").iter().any(|file| file.starts_with("plan")));
    let bare = Clivia::with("orders.csv", ORDERS);
    bare.scored("orders.csv", &[]);
    let ran = plan(&bare, &[]);
    assert_eq!(ran.code, Some(1));
    says(&ran.stderr, &["no map"]);
}

#[test]
fn a_plan_is_not_overwritten_unasked() {
    let clivia = finished();
    clivia.run(&["plan", "--from", "out", "--format", "csv"]).ok();
    let before = clivia.results("out");
    let ran = clivia.run(&["plan", "--from", "out", "--format", "csv", "--budget", "0"]);
    assert_eq!(ran.code, Some(1));
    says(&ran.stderr, &["--overwrite"]);
    assert_eq!(clivia.results("out"), before);
}

#[test]
fn a_run_compared_with_itself_has_no_movers() {
    let clivia = finished();
    let said = clivia.run(&["compare", "out", "out", "--json"]).ok().json();
    assert_eq!((&said["moved"], &said["new"], &said["gone"]), (&0.into(), &0.into(), &0.into()));
    for what in ["cells", "diagnoses", "segments"] {
        let flows = said[what].as_array().unwrap();
        assert!(!flows.is_empty() && flows.iter().all(|flow| flow["from"] == flow["to"]), "{what}");
        let customers: u64 = flows.iter().map(|flow| flow["customers"].as_u64().unwrap()).sum();
        assert_eq!(customers as usize, clivia.customers().rows.len());
    }
}

#[test]
fn movement_is_measured_with_the_thresholds_of_the_first_run() {
    let clivia = Clivia::simulated(400, 7);
    let contacts = ["--contacts", "contacts.csv"];
    clivia.scored("orders.csv", &[&contacts[..], &["--as-of", "2024-06-30", "--out", "june"]].concat());
    clivia.scored("orders.csv", &[&contacts[..], &["--out", "december"]].concat());
    clivia.scored("orders.csv", &[&contacts[..], &["--frozen", "june/run.json", "--out", "frozen"]].concat());
    let compare = |to: &str| clivia.run(&["compare", "june", to, "--out", to, "--format", "csv", "--json"]).ok().json();
    let said = compare("december");
    // Whether the second run has thresholds of its own does not matter: those of the first count. Values ahead are
    // each run's own, and the frozen one has the models of the first; segments rest on orders alone.
    assert_eq!(said["segments"].to_string().matches("\"customers\"").count(), {
        let frozen = compare("frozen");
        frozen["segments"].to_string().matches("\"customers\"").count()
    });
    let (movers, before, after) =
        (clivia.table("december/movers.csv"), clivia.table("june/customers.csv"), clivia.table("frozen/customers.csv"));
    assert!(movers.rows.len() > 20);
    for id in movers.column("customer_id") {
        if movers.of(id, "rfm_segment_before") != "(absent)" {
            assert_eq!(movers.of(id, "rfm_segment_before"), before.of(id, "rfm_segment"));
            assert_eq!(movers.of(id, "map_cell_before"), before.of(id, "map_cell"));
        }
        assert_eq!(movers.of(id, "rfm_segment_after"), after.of(id, "rfm_segment"));
    }
    let changes = movers.numbers("clv_change");
    assert!(changes.windows(2).all(|pair| pair[0] <= pair[1]), "worst losses first");
    // The frozen run stands on the scales of the first: there the cells after are its own.
    let movers = clivia.table("frozen/movers.csv");
    for id in movers.column("customer_id") {
        assert_eq!(movers.of(id, "map_cell_after"), after.of(id, "map_cell"));
        assert_eq!(movers.of(id, "diagnosis_after"), after.of(id, "diagnosis"));
    }
    let flows = clivia.table("december/transitions.csv");
    assert_eq!(flows.header, ["what", "from", "to", "customers", "clv_before", "clv_after"]);
}

#[test]
fn runs_without_a_map_compare_by_segment() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.scored("orders.csv", &["--as-of", "2024-01-31", "--out", "a"]);
    clivia.scored("orders.csv", &["--out", "b"]);
    let said = clivia.run(&["compare", "a", "b", "--json"]).ok().json();
    assert!(said["cells"].as_array().unwrap().is_empty() && !said["segments"].as_array().unwrap().is_empty());
    let ran = clivia.run(&["compare", "a", "nowhere"]);
    assert_eq!(ran.code, Some(1));
    says(&ran.stderr, &["nowhere"]);
}

#[test]
fn a_run_without_misplaced_customers_has_an_empty_plan_in_every_format() {
    let clivia = Clivia::with(
        "orders.csv",
        "customer_id,order_date,amount\na,2024-01-01,10\nb,2024-01-01,10\na,2024-02-01,10\nb,2024-02-01,10\n",
    );
    clivia.write("contacts.csv", "customer,timestamp,channel\na,2024-01-20,phone\nb,2024-01-20,phone\n");
    for format in ["csv", "parquet", "ndjson", "ipc"] {
        let line = ["score", "orders.csv", "--contacts", "contacts.csv", "--out", "out", "--overwrite", "--format"];
        clivia.run(&[&line[..], &[format]].concat()).ok();
        let said = clivia.run(&["plan", "--from", "out", "--overwrite", "--json"]).ok().json();
        assert_eq!((&said["contacts"], &said["options"]), (&0.into(), &0.into()), "{format}");
    }
}

#[test]
fn a_capacity_may_be_for_a_channel_without_an_option() {
    let clivia = Clivia::simulated(300, 7);
    // Customers write letters of their own, which the company never does.
    let mut log = clivia.text("contacts.csv");
    log += "K9,C000001,2024-06-01 10:00:00,fax,in,,,,,,,\n";
    clivia.write("contacts.csv", log);
    clivia.scored("orders.csv", &["--contacts", "contacts.csv"]);
    plan(&clivia, &["--capacity", "Fax=3", "--capacity", "phone=5"]).ok();
    clivia.write("clivia.toml", "[plan]\ncapacity = { phone = 100 }\n");
    let said = plan(&clivia, &["--config", "clivia.toml", "--capacity", "Phone=3", "--json"]).ok().json();
    assert_eq!(said["settings"]["capacity"], serde_json::json!({ "Phone": 3 }));
}

#[test]
fn savings_are_those_of_the_plan_s_period() {
    let clivia = finished();
    let saving = |days: &str| plan(&clivia, &["--days", days, "--json"]).ok().json()["saving"].as_f64().unwrap();
    assert!((saving("180") - 2.0 * saving("90")).abs() < 0.1); // each rounded to 1/10,000
}

#[test]
fn ids_that_look_like_formulas_stay_what_they_are() {
    let (ids, names) = (["=1+1", "'=1+1", "+a"], ["plain", "q", "r", "s", "t", "u"]);
    let (mut orders, mut contacts) = (String::from("customer_id,order_date,amount\n"), String::new());
    for (place, id) in ids.iter().chain(&names).enumerate() {
        for order in 0..=place {
            orders += &format!("{id},2024-0{}-{:02},{}\n", 1 + order % 8, 1 + order, 10 * (place + 1));
        }
        contacts += &format!("{id},2024-03-{:02},+sms,=Cy\n", 9 - place);
    }
    let clivia = Clivia::with("orders.csv", orders);
    clivia.write("contacts.csv", format!("customer,timestamp,channel,agent\n{contacts}"));
    clivia.write("managers.csv", "manager,capacity\n=Cy,9\n");
    let mut plans = Vec::new();
    for format in ["csv", "ndjson"] {
        let line = ["score", "orders.csv", "--contacts", "contacts.csv", "--out", format, "--format", format];
        clivia.run(&line).ok();
        let line = ["plan", "--from", format, "--budget", "unlimited", "--managers", "managers.csv"];
        let said = clivia.run(&[&line[..], &["--capacity", "+sms=2", "--format", "ndjson", "--json"]].concat());
        assert_eq!(said.ok().json()["managers"]["taken_over"], 0, "who has whom is known");
        plans.push(clivia.text(&format!("{format}/managers.ndjson")));
    }
    assert_eq!(plans[0], plans[1]);
    assert!(plans[0].contains("\"=1+1\"") && plans[0].contains("\"'=1+1\""), "{}", plans[0]);
    let said = clivia.run(&["compare", "csv", "ndjson", "--json"]).ok().json();
    assert_eq!((&said["moved"], &said["new"]), (&0.into(), &0.into()));
}

#[test]
fn runs_that_measure_otherwise_are_compared_with_a_warning() {
    let clivia = Clivia::simulated(300, 7);
    let contacts = ["--contacts", "contacts.csv"];
    clivia.scored("orders.csv", &[&contacts[..], &["--out", "a"]].concat());
    clivia.scored("orders.csv", &[&contacts[..], &["--horizon", "4w", "--out", "b"]].concat());
    clivia.scored("orders.csv", &["--out", "bare"]);
    let warnings = |to: &str| clivia.run(&["compare", "a", to, "--json"]).ok().json()["notes"].clone();
    assert_eq!(warnings("a"), serde_json::json!([]));
    says(&warnings("b").to_string(), &["the terms of value", "run.json of the first"]);
    // Without a map there, nobody has moved on it.
    let said = clivia.run(&["compare", "a", "bare", "--json"]).ok().json();
    assert_eq!((&said["moved"], &said["cells"]), (&0.into(), &serde_json::json!([])));
    let ran = clivia.run(&["compare", "a", "bare"]).ok();
    says(&ran.stdout, &["0 changed their cell or segment"]);
}

#[test]
fn contacts_that_do_not_pay_can_be_left_out() {
    let clivia = finished();
    let all = plan(&clivia, &["--budget", "unlimited", "--json"]).ok().json();
    assert!(all["worth_less_than_cost"].as_u64().unwrap() > 0, "{all}");
    let paying = plan(&clivia, &["--budget", "unlimited", "--least-return", "1", "--json"]).ok().json();
    assert_eq!(paying["worth_less_than_cost"], 0);
    assert!(paying["contacts"].as_u64().unwrap() > 0 && paying["value"].as_f64() < all["value"].as_f64());
    let table = clivia.table("out/plan.csv");
    let cells = |column: &str| table.column(column).into_iter().map(|cell| cell.parse::<f64>().unwrap());
    assert!(cells("value").zip(cells("cost")).all(|(value, cost)| value >= cost));
    let ran = plan(&clivia, &["--least-return=-1"]);
    assert_eq!(ran.code, Some(1));
    says(&ran.stderr, &["plan.least_return = -1"]);
}
