//! Models on the command line: each by name, the choice among them, covariates, priors, conventions.

use std::fmt::Write;

use clivia_core::base::Day;
use clivia_core::models::ModelName;
use clivia_core::simulate::{Population, PopulationSettings, PurchaseTruth};
use serde_json::Value;

use crate::support::{Clivia, ORDERS, says};

/// A base of simulated customers without contacts.
fn base(customers: u32, seed: u32) -> Clivia {
    Clivia::simulated(customers, seed)
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn warnings(clivia: &Clivia) -> String {
    clivia.run_json()["notes"].to_string()
}

// ---- each model

#[test]
fn every_model_values_every_customer() {
    let clivia = base(600, 3);
    for model in ModelName::ALL {
        let said = clivia.scored("orders.csv", &["--model", model.name(), "--overwrite"]).stdout;
        says(&said, &[model.name(), "log-likelihood", "converged"]);
        let run = clivia.run_json();
        assert_eq!(run["purchases"]["model"], model.name());
        assert_eq!(run["purchases"]["converged"], true);
        let table = clivia.customers();
        let customers = table.numbers("frequency").len();
        for (column, most) in [("p_alive", 1.0), ("expected_purchases", 366.0), ("clv", 1e7)] {
            let values = table.numbers(column);
            // Spend is that of a day; BG/BB counts weeks with a purchase.
            let known = if column == "clv" && model == ModelName::BgBb { 0 } else { customers };
            assert_eq!(values.len(), known, "{model} {column}");
            assert!(values.iter().all(|value| (0.0..=most).contains(value)), "{model} {column}");
        }
        let rates = table.numbers("expected_purchases");
        assert!(rates.iter().any(|rate| *rate > 2.0 * rates[0]) || rates.iter().any(|rate| 2.0 * *rate < rates[0]));
    }
}

#[test]
fn explain_works_out_every_model_again() {
    let clivia = base(400, 5);
    for model in ModelName::ALL.into_iter().filter(|model| *model != ModelName::BgBb) {
        clivia.scored("orders.csv", &["--model", model.name(), "--overwrite"]);
        let table = clivia.customers();
        let often = table.column("frequency").iter().position(|x| x.parse::<u32>().is_ok_and(|x| x > 2)).unwrap();
        let said = clivia.run(&["explain", &table.rows[often][0], "--from", "out"]).ok().stdout;
        for column in ["p_alive", "expected_purchases", "expected_spend", "clv"] {
            let line = said.lines().find(|line| line.starts_with(&format!("{column} "))).unwrap();
            assert!(said.contains(model.name()) && !said.contains("NOT the same"), "{model}: {line}");
        }
        assert!(said.matches("computed again: the same").count() >= 4, "{model}: {said}");
    }
}

#[test]
fn a_frozen_run_of_any_model_scores_the_same_file_alike() {
    let clivia = base(300, 4);
    for model in ["mbg-nbd", "pareto-nbd", "mbg-cnbd-k", "ggompertz-nbd", "bg-bb", "nbd"] {
        clivia.scored("orders.csv", &["--model", model, "--overwrite"]);
        let fitted = clivia.read("out/customers.csv");
        clivia.scored("orders.csv", &["--frozen", "out/run.json", "--out", "again", "--overwrite"]);
        assert_eq!(clivia.read("again/customers.csv"), fitted, "{model}");
    }
}

#[test]
fn one_thread_and_two_give_the_same_bytes_for_every_model() {
    let clivia = base(300, 6);
    for model in ModelName::ALL {
        let line = ["--model", model.name(), "--overwrite"];
        clivia.scored("orders.csv", &[&line[..], &["--out", "one", "--threads", "1"]].concat());
        clivia.scored("orders.csv", &[&line[..], &["--out", "two", "--threads", "2"]].concat());
        assert_eq!(clivia.results("one"), clivia.results("two"), "{model}");
    }
}

#[test]
fn bg_bb_counts_periods_in_the_runs_own_unit() {
    let clivia = base(500, 2);
    clivia.scored("orders.csv", &["--model", "bg-bb", "--time-unit", "months", "--horizon", "12m"]);
    let expected = clivia.customers().numbers("expected_purchases");
    // A month has a purchase or has none.
    assert!(expected.iter().all(|months| *months <= 12.0));
    assert!(expected.iter().any(|months| *months > 1.0));
}

#[test]
fn an_unknown_model_is_named_with_those_there_are() {
    let ran = Clivia::with("orders.csv", ORDERS).run(&["score", "orders.csv", "--out", "out", "--model", "bgnbd"]);
    assert_eq!(ran.code, Some(2));
    says(&ran.stderr, &["bgnbd", "bg-nbd", "auto"]);
}

// ---- the choice

#[test]
fn auto_takes_the_model_that_foretells_the_holdout_best_and_says_so() {
    let clivia = base(800, 9);
    let said = clivia.scored("orders.csv", &["--model", "auto", "--holdout", "13w"]).stdout;
    let run = clivia.run_json();
    let choice = &run["choice"];
    let best = choice["best"].as_str().expect("a best model");
    assert_eq!(run["purchases"]["model"], best);
    says(&said, &["auto", best, "predicts", "own-rate", "base-mean", "last-period"]);
    let standings = choice["standings"].as_array().expect("a row a model");
    let score = |row: &Value| row["mean_log_probability"].as_f64();
    let days = || standings.iter().filter(|row| row["counts"] == "purchase-days");
    let highest = days().filter_map(score).fold(f64::NEG_INFINITY, f64::max);
    let own = days().find(|row| row["name"] == best).and_then(score).expect("a score");
    assert!(own >= highest - 1e-5); // equal scores are settled by the number of parameters
    assert_eq!(choice["left_out"][0]["name"], "bg-bb");
    // The fit is that of the whole base, not of the calibration.
    clivia.scored("orders.csv", &["--model", best, "--out", "alone"]);
    assert_eq!(clivia.read("alone/customers.csv"), clivia.read("out/customers.csv"));
}

#[test]
fn auto_without_a_holdout_falls_back_and_says_so() {
    let clivia = Clivia::with("orders.csv", "id,date,amount\n1,2024-01-01,5\n2,2024-01-01,6\n1,2024-01-02,7\n");
    clivia.scored("orders.csv", &["--model", "auto"]);
    says(&warnings(&clivia), &["no model could be compared", "bg-nbd"]);
}

// ---- covariates

/// Customers of two channels, those of the second buying three times as often, and their table.
fn two_channels(customers: u64) -> Clivia {
    let (mut orders, mut table) = (String::from("id,date,amount\n"), String::from("id,channel,age,spam\n"));
    for (channel, alpha) in [("shop", 12.0), ("web", 4.0)] {
        let purchases = PurchaseTruth { r: 0.8, alpha, a: 0.8, b: 2.4 };
        let settings = PopulationSettings { customers, seed: 5, purchases, ..PopulationSettings::default() };
        let population = Population::new(settings).unwrap();
        for customer in population.block(0..customers) {
            writeln!(table, "{channel}{0},{channel},{1},1", customer.number, 20 + customer.number * 7 % 50).unwrap();
            for order in &customer.orders {
                let day = Day((order.at / 86_400) as i32);
                writeln!(orders, "{channel}{},{day},{}", customer.number, order.amount.to_f64()).unwrap();
            }
        }
    }
    let clivia = Clivia::with("orders.csv", orders);
    clivia.write("customers.csv", table);
    clivia
}

const WITH_CHANNEL: [&str; 4] = ["--customers", "customers.csv", "--covariate", "channel"];

#[test]
fn covariates_move_the_rates_the_way_the_base_does() {
    let clivia = two_channels(700);
    for model in ["bg-nbd", "pareto-nbd"] {
        clivia.scored("orders.csv", &["--model", model, "--overwrite"]);
        let plain = number(&clivia.run_json()["purchases"]["log_likelihood"]);
        clivia.scored("orders.csv", &[&WITH_CHANNEL[..], &["--model", model, "--overwrite"]].concat());
        let purchases = clivia.run_json()["purchases"].clone();
        // "shop" is the first in order, so "web" is the one that has a coefficient.
        let effect = number(&purchases["parameters"]["alpha:channel=web"]);
        let error = number(&purchases["standard_errors"]["alpha:channel=web"]);
        assert!((effect - 3.0_f64.ln()).abs() < 3.5 * error && error < 0.15, "{model}: {effect} ± {error}");
        let gain = number(&purchases["log_likelihood"]) - plain;
        assert!(gain > 20.0, "{model}: {gain}"); // a factor of e^20
        let table = clivia.customers();
        let web = &table.rows[table.rows.len() - 1][0];
        let said = clivia.run(&["explain", web, "--from", "out"]).ok().stdout;
        assert!(said.contains("computed again") && !said.contains("NOT the same"), "{said}");
        clivia.scored(
            "orders.csv",
            &["--frozen", "out/run.json", "--customers", "customers.csv", "--out", "again", "--overwrite"],
        );
        assert_eq!(clivia.read("again/customers.csv"), clivia.read("out/customers.csv"));
    }
}

#[test]
fn numbers_are_covariates_as_they_are() {
    let clivia = two_channels(400);
    clivia.scored("orders.csv", &["--customers", "customers.csv", "--covariate", "age", "--model", "bg-nbd"]);
    let parameters = clivia.run_json()["purchases"]["parameters"].clone();
    let effect = number(&parameters["alpha:age"]);
    assert!(effect.abs() < 0.02, "{effect}"); // age does nothing here; a coefficient is per year
}

#[test]
fn covariates_that_cannot_be_used_are_named() {
    let clivia = two_channels(60);
    let table = ["--customers", "customers.csv"];
    says(&clivia.refused("orders.csv", &["--covariate", "channel"]), &["channel", "--customers"]);
    let unknown = [&table[..], &["--covariate", "chanel"]].concat();
    says(&clivia.refused("orders.csv", &unknown), &["'chanel'", "channel, customers.age, spam"]);
    says(&clivia.refused("orders.csv", &[&table[..], &["--covariate", "spam"]].concat()), &["'spam'", "the same"]);
    let other = [&WITH_CHANNEL[..], &["--model", "nbd"]].concat();
    says(&clivia.refused("orders.csv", &other), &["nbd", "covariate", "pareto-nbd"]);
}

// ---- thin and degenerate bases

#[test]
fn a_prior_pulls_a_thin_base_towards_the_middle() {
    let clivia = base(40, 8);
    clivia.scored("orders.csv", &[]);
    let plain = clivia.run_json()["purchases"].clone();
    assert_eq!(plain["log_prior"], Value::Null);
    for more in [["--prior", "weak"], ["--penalty", "1"]] {
        clivia.scored("orders.csv", &[&more[..], &["--overwrite"]].concat());
        let pulled = clivia.run_json()["purchases"].clone();
        assert!(number(&pulled["log_prior"]) < 0.0);
        assert!(number(&pulled["log_likelihood"]) < number(&plain["log_likelihood"]));
        let distance = |of: &Value| number(&of["parameters"]["b"]).ln().abs();
        assert!(distance(&pulled) < distance(&plain), "{more:?}");
    }
}

#[test]
fn who_never_leaves_is_counted_by_nbd() {
    let mut orders = String::from("id,date,amount\n");
    for id in 0..200_i32 {
        // Everybody buys every so many days up to the end.
        for at in (0..360).rev().step_by(5 + (id % 40) as usize) {
            writeln!(orders, "{id},{},{}.5", Day(19_000 + at), 3 + (id * at) % 20).unwrap();
        }
    }
    let clivia = Clivia::with("orders.csv", orders);
    clivia.scored("orders.csv", &[]);
    assert_eq!(clivia.run_json()["purchases"]["model"], "nbd");
    says(&warnings(&clivia), &["bg-nbd finds that nobody leaves"]);
    assert!(clivia.customers().numbers("p_alive").iter().all(|alive| *alive == 1.0));
}

#[test]
fn one_price_for_all_is_its_own_model() {
    let clivia = two_channels(150);
    let orders = clivia.table("orders.csv");
    let (mut one_price, mut seen) = (String::from("id,date,amount\n"), std::collections::BTreeSet::new());
    for (customer, date) in orders.column("id").iter().zip(orders.column("date")) {
        // One order a day, since the model sees what a day brings.
        if seen.insert((*customer, date)) {
            writeln!(one_price, "{customer},{date},20").unwrap();
        }
    }
    clivia.write("one_price.csv", one_price);
    clivia.scored("one_price.csv", &[]);
    let run = clivia.run_json();
    assert_eq!(run["spend"]["model"], "constant");
    says(&warnings(&clivia), &["constant", "gamma-gamma", "20"]);
    let table = clivia.customers();
    assert_eq!(table.numbers("clv").len(), table.numbers("p_alive").len());
}

// ---- spend

#[test]
fn spend_that_depends_on_frequency_is_warned_of_with_its_consequence() {
    let mut orders = String::from("id,date,amount\n");
    for id in 0..400_i32 {
        let times = 1 + id % 9;
        for n in 0..times {
            let amount = (times * times) as f64 * (1.0 + 0.3 * f64::from((id + 3 * n) % 5));
            writeln!(orders, "{id},{},{amount:.2}", Day(19_000 + 37 * n + id % 30)).unwrap();
        }
    }
    let clivia = Clivia::with("orders.csv", orders);
    clivia.scored("orders.csv", &["--model", "mbg-nbd", "--not-converged", "empty"]);
    let run = clivia.run_json();
    assert_eq!(run["spend_dependence"]["is_violated"], true);
    assert!(number(&run["spend_dependence"]["spearman"]["low"]) > 0.3);
    says(&warnings(&clivia), &["spend more", "too low for frequent", "gamma-gamma-conditional"]);
    clivia.scored(
        "orders.csv",
        &["--model", "mbg-nbd", "--spend-model", "gamma-gamma-conditional", "--not-converged", "empty", "--overwrite"],
    );
    let conditional = clivia.run_json();
    assert!(number(&conditional["spend"]["parameters"]["delta"]) > 0.0);
    assert!(number(&conditional["spend"]["log_likelihood"]) > number(&run["spend"]["log_likelihood"]) + 10.0);
}

#[test]
fn spend_that_does_not_depend_on_frequency_is_not_warned_of() {
    for seed in [3, 5] {
        let clivia = base(2_000, seed);
        clivia.scored("orders.csv", &["--interval", "off"]);
        let run = clivia.run_json();
        assert_eq!(run["spend_dependence"]["is_violated"], false, "{}", run["spend_dependence"]);
        assert!(number(&run["spend_dependence"]["p_value"]) > 0.01);
        assert!(!warnings(&clivia).contains("buys often"));
    }
}

// ---- conventions

#[test]
fn the_monthly_convention_counts_whole_months() {
    let clivia = base(300, 8);
    let error = clivia.refused("orders.csv", &["--clv-convention", "monthly", "--horizon", "39w"]);
    says(&error, &["value.horizon", "39w", "whole months"]);
    let total = |more: &[&str]| {
        clivia.scored("orders.csv", &[more, &["--horizon", "12m", "--overwrite"]].concat());
        clivia.customers().numbers("clv").iter().sum::<f64>()
    };
    let (continuous, monthly) = (total(&[]), total(&["--clv-convention", "monthly"]));
    // Twelve months of 4.345 weeks are 52.14, as a year is; money waits half a month longer, at 10 % a year.
    assert!((monthly / continuous - (1.0 - 0.1 / 24.0)).abs() < 2e-3, "{monthly} {continuous}");
}

// ---- intervals

#[test]
fn intervals_surround_what_is_expected() {
    let clivia = base(500, 11);
    let said = clivia.scored("orders.csv", &[]).stdout;
    says(&said, &["80 % prediction intervals"]);
    let table = clivia.customers();
    let [low, high, expected] = ["purchases_low", "purchases_high", "expected_purchases"].map(|c| table.numbers(c));
    let [clv_low, clv_high, clv] = ["clv_low", "clv_high", "clv"].map(|column| table.numbers(column));
    assert_eq!(low.len(), expected.len());
    for customer in 0..low.len() {
        assert!(low[customer] <= high[customer] && clv_low[customer] <= clv_high[customer]);
        // No upper end is far below the mean: a tenth of outcomes lies above it.
        assert!(high[customer] + 1.0 > 0.5 * expected[customer] && clv_low[customer] <= clv[customer] * 1.01);
    }
    assert!(high.iter().any(|high| *high > 3.0) && low.iter().any(|low| *low > 0.0));
    let run = clivia.run_json();
    let total = &run["forecast"]["total"];
    assert!((number(&total["purchases"]["expected"]) / expected.iter().sum::<f64>() - 1.0).abs() < 1e-9); // two sums
    assert!(number(&total["purchases"]["low"]) < number(&total["purchases"]["expected"]));
    assert!(number(&total["clv"]["high"]) > clv.iter().sum::<f64>());
}

#[test]
fn segments_and_clusters_have_intervals_that_add_up() {
    let clivia = base(400, 12);
    clivia.scored("orders.csv", &[]);
    let total = number(&clivia.run_json()["forecast"]["total"]["purchases"]["expected"]);
    for name in ["segments", "clusters"] {
        let table = clivia.table(&format!("out/{name}.csv"));
        let [low, expected, high] =
            ["purchases_low", "expected_purchases", "purchases_high"].map(|column| table.numbers(column));
        assert!((expected.iter().sum::<f64>() / total - 1.0).abs() < 1e-9, "{name}"); // the same sum in parts
        // Ends of counts are whole: a group of which 0.1 purchases are expected has none at both.
        assert!((0..low.len()).all(|row| low[row] <= expected[row] && expected[row] <= high[row] + 1.0), "{name}");
    }
}

#[test]
fn a_higher_level_is_a_wider_interval_and_off_is_none() {
    let clivia = base(300, 13);
    let ends = |level: &str| {
        clivia.scored("orders.csv", &["--interval", level, "--overwrite"]);
        let table = clivia.customers();
        ["purchases_low", "purchases_high", "clv_low", "clv_high"].map(|column| table.numbers(column))
    };
    let ([low, high, clv_low, clv_high], [lower, higher, clv_lower, clv_higher]) = (ends("0.5"), ends("0.95"));
    for customer in 0..low.len() {
        assert!(lower[customer] <= low[customer] && high[customer] <= higher[customer]);
        assert!(clv_lower[customer] <= clv_low[customer] && clv_high[customer] <= clv_higher[customer]);
    }
    assert!(higher.iter().sum::<f64>() > 1.5 * high.iter().sum::<f64>());
    clivia.scored("orders.csv", &["--interval", "off", "--overwrite"]);
    assert!(!clivia.customers().header.iter().any(|column| column.ends_with("_high")));
    assert_eq!(clivia.run_json()["forecast"], Value::Null);
}

#[test]
fn a_bootstrap_takes_the_place_of_the_hessian() {
    let clivia = base(300, 14);
    let width = |more: &[&str]| {
        clivia.scored("orders.csv", &[more, &["--overwrite"]].concat());
        let forecast = clivia.run_json()["forecast"].clone();
        let of = &forecast["total"]["purchases"];
        (forecast["parameter_errors"].clone(), number(&of["high"]) - number(&of["low"]))
    };
    let (by_hessian, by_bootstrap) = (width(&[]), width(&["--bootstrap", "40"]));
    assert_eq!((by_hessian.0, by_bootstrap.0), ("hessian".into(), "bootstrap".into()));
    // Forty draws give a standard deviation to a tenth; small bases are not quite normal.
    assert!((by_bootstrap.1 / by_hessian.1 - 1.0).abs() < 0.5, "{} {}", by_bootstrap.1, by_hessian.1);
}
