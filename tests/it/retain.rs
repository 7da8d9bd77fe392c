//! `retain` as a command: what it writes, what it refuses, what it says.

use serde_json::Value;

use crate::support::{Clivia, Ran, Table, says};

/// Days of a month that never change, so that renewals are easy to count.
const HEADER: &str = "customer_id,start,end,price\n";

fn retain(clivia: &Clivia, more: &[&str]) -> Ran {
    let line = ["retain", "subscriptions.csv", "--out", "out", "--overwrite", "--format", "csv"];
    clivia.run(&[&line[..], more].concat())
}

fn record(clivia: &Clivia) -> Value {
    serde_json::from_slice(&clivia.read("out/retain.json")).unwrap()
}

fn refused(clivia: &Clivia, more: &[&str]) -> String {
    let ran = retain(clivia, more);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
    assert!(ran.stderr.starts_with("error: ") && !ran.stderr.contains("panicked"), "{ran:?}");
    clivia.nothing_in("out");
    ran.stderr
}

/// The yearly contracts of Fader and Hardie's High End customers, all begun on a day of 2010: who leaves does so on
/// the last day of a year. Seen in 2017, after seven renewals.
fn high_end() -> Vec<String> {
    let left = [1000, 869, 743, 653, 593, 551, 517, 491];
    let row = |number: u32| {
        let ended = left.iter().position(|left| number >= *left);
        let end = ended.map_or(String::new(), |renewal| format!("{}-03-31", 2010 + renewal));
        format!("H{number:04},2010-04-01,{end},120.50\n")
    };
    (0..1000).map(row).collect()
}

fn base(rows: &[String]) -> Clivia {
    Clivia::with("subscriptions.csv", HEADER.to_string() + &rows.concat())
}

const YEARLY: [&str; 4] = ["--period", "year", "--as-of", "2017-06-30"];

fn yearly(clivia: &Clivia, more: &[&str]) -> Ran {
    retain(clivia, &[&YEARLY[..], more].concat())
}

fn numbers(table: &Table, column: &str) -> Vec<f64> {
    table.numbers(column)
}

#[test]
fn the_paper_s_customers_from_a_table() {
    let clivia = base(&high_end());
    let said = yearly(&clivia, &["--model", "sbg", "--horizon", "5"]).ok().stdout;
    says(
        &said,
        &[
            "1,000 rows read: 1,000 used, 0 refused",
            "customer = customer_id, start = start, end = end, price = price",
            "prices     120,500.00 a period read",
            "1,000: 491 active, 509 churned; as of 2017-06-30, renewed every year",
            "model      sbg  alpha 0.668 (±0.104)  beta 3.806 (±0.786)",
            "log-likelihood -1611.2, converged; 1,000 subscriptions, 8 distinct tenures",
            "results    out",
        ],
    );
    let curve = clivia.table("out/retention.csv");
    assert_eq!(curve.column("at_risk")[..9], ["", "1000", "869", "743", "653", "593", "551", "517", ""]);
    assert_eq!(curve.column("lost")[1..8], ["131", "126", "90", "60", "42", "34", "26"]);
    assert_eq!(curve.rows.len(), 13);
    let expected = numbers(&curve, "expected_survival");
    assert!((expected[12] - 0.378).abs() < 5e-4); // as the paper projects it
    assert!((numbers(&curve, "survival")[7] - 0.491).abs() < 1e-12); // seven divisions
    let record = record(&clivia);
    assert_eq!((&record["totals"]["active"], &record["totals"]["churned"]), (&491.into(), &509.into()));
    assert_eq!((&record["model"]["converged"], &record["rows"]["refused"]), (&true.into(), &0.into()));
    assert_eq!(clivia.files_in("out"), ["rejects.csv", "retain.json", "retention.csv", "subscribers.csv"]);
}

#[test]
fn the_model_is_chosen_by_aic() {
    let clivia = base(&high_end());
    let said = yearly(&clivia, &[]).ok().stdout;
    says(&said, &["model      bdw  c 1.724", "by AIC, less is better: sbg 3226.3, bdw 3216.6"]);
    let candidates = record(&clivia)["candidates"].as_array().unwrap().len();
    assert_eq!(candidates, 2);
}

#[test]
fn customers_get_their_prospects_and_the_base_is_their_sum() {
    let clivia = base(&high_end());
    yearly(&clivia, &["--model", "sbg", "--horizon", "5y", "--margin", "0.4"]).ok();
    let customers = clivia.table("out/subscribers.csv");
    let shown = ["is_active", "renewals", "next_renewal", "end", "value", "lifetime_renewals_high"];
    assert_eq!(customers.row("H0999", &shown), "false 0  2011-03-31 0.0 0");
    let active = customers.row("H0000", &["is_active", "renewals", "next_renewal", "end", "price", "subscriptions"]);
    assert_eq!(active, "true 7 2018-04-01  120.5 1");
    let of = |column: &str| customers.of("H0000", column).parse::<f64>().unwrap();
    let (alpha, beta) = (0.668_088_351, 3.806_094_965);
    // r(8) to r(12), and their products.
    let stays: Vec<f64> = (8..=12)
        .scan(1.0, |left, t| {
            *left *= (beta + f64::from(t) - 1.0) / (alpha + beta + f64::from(t) - 1.0);
            Some(*left)
        })
        .collect();
    assert!((of("p_active") - stays[4]).abs() < 1e-8); // of the parameters as written here
    assert!((of("expected_renewals") - stays.iter().sum::<f64>()).abs() < 1e-7); // as above
    let wait = 275.0 / 365.25; // from the end of June to the first of April
    let discounted: f64 = stays.iter().zip(0..).map(|(stay, k)| stay * 1.1_f64.powf(-wait - f64::from(k))).sum();
    assert!((of("discounted_renewals") / discounted - 1.0).abs() < 1e-7); // as above
    assert!((of("value") / (0.4 * 120.5 * discounted) - 1.0).abs() < 1e-7); // as above
    assert!(of("value_low") < of("value") && of("value") < of("value_high") && of("value") < of("lifetime_value"));
    let totals = &record(&clivia)["totals"];
    for (column, total) in [
        ("value", &totals["value"]["mean"]),
        ("p_active", &totals["active_ahead"]["mean"]),
        ("expected_renewals", &totals["expected_renewals"]),
        ("lifetime_value", &totals["lifetime_value"]),
    ] {
        let sum: f64 = numbers(&customers, column).iter().sum();
        assert!((sum / total.as_f64().unwrap() - 1.0).abs() < 1e-9, "{column}: {sum} {total}"); // rounding of 491 terms
    }
    assert_eq!(totals["price_per_period"], 120.5 * 491.0);
}

#[test]
fn equal_runs_are_equal_to_the_last_byte_whatever_the_order_of_rows() {
    let mut rows = high_end();
    rows.extend(["a,2011-01-01,2012-01-01,9\n", "a,2012-01-02,,10\n", "7,2012-05-01,2013-08-15,3\n"].map(String::from));
    let clivia = base(&rows);
    yearly(&clivia, &[]).ok();
    let first = clivia.results("out");
    for seed in [7, 13] {
        // A fixed shuffle: steps that no length of ours divides.
        let shuffled: Vec<String> = (0..rows.len()).map(|i| rows[(i * seed + 5) % rows.len()].clone()).collect();
        clivia.write("subscriptions.csv", HEADER.to_string() + &shuffled.concat());
        yearly(&clivia, &["--threads", "1"]).ok();
        assert!(first == clivia.results("out"), "rows in another order");
    }
}

#[test]
fn rows_that_cannot_count_are_refused_by_rule() {
    let bad = "\
,2012-01-01,,5
b,,,5
c,2012-13-01,,5
d,2012-01-01,soon,5
e,2012-01-01,2011-12-31,5
f,2018-01-01,,5
g,1960-01-01,,5
h,2012-01-01,,x
i,2012-01-01,,-5
j,2012-01-01,,
k,2012-01-01,2015-01-01,5
k,2013-01-01,2014-01-01,5
k,2012-01-01,2015-01-01,5
l,2012-01-01
m,2012-01-01,,5
";
    let clivia = Clivia::with("subscriptions.csv", format!("{HEADER}{}{bad}", high_end().concat()));
    let said = yearly(&clivia, &[]).ok().stdout;
    let mut refusals = clivia.refusals();
    refusals.sort();
    let mut wanted = [
        "1002 missing_customer",
        "1003 missing_date",
        "1004 unreadable_date",
        "1005 unreadable_date",
        "1006 end_before_start",
        "1007 after_as_of",
        "1008 date_out_of_range",
        "1009 unreadable_amount",
        "1010 negative_price",
        "1011 missing_amount",
        "1013 within_another",
        "1014 within_another",
        "1015 wrong_number_of_cells",
    ];
    wanted.sort_unstable();
    assert_eq!(refusals, wanted);
    says(&said, &["1,015 rows read: 1,002 used, 13 refused", "  refused  2 within_another"]);
    let record = record(&clivia);
    let money = |part: &str| record["money"][part].as_f64().unwrap();
    assert_eq!(money("read"), money("used") + money("refused"));
    assert_eq!(money("used"), 120_500.0 + 10.0);
    assert_eq!(money("refused"), 7.0 * 5.0 - 5.0 + 2.0 * 5.0);
    let strict = yearly(&clivia, &["--strict"]);
    assert_eq!(strict.code, Some(1));
    says(&strict.stderr, &["row 1015", "wrong_number_of_cells", "--strict"]);
}

#[test]
fn what_follows_without_a_gap_is_one_subscription() {
    let more = "\
same_day,2012-01-01,2013-01-01,5
same_day,2013-01-01,,6
day_after,2012-01-01,2012-12-31,5
day_after,2013-01-01,,7
early,2012-01-01,2013-01-01,5
early,2012-12-20,2017-01-01,8
gap,2012-01-01,2013-01-01,5
gap,2013-01-03,,9
open,2012-01-01,9999-12-31,5
ahead,2012-01-01,2018-01-01,5
";
    let clivia = Clivia::with("subscriptions.csv", format!("{HEADER}{}{more}", high_end().concat()));
    yearly(&clivia, &[]).ok();
    let customers = clivia.table("out/subscribers.csv");
    let of = |id: &str| customers.row(id, &["subscriptions", "start", "is_active", "renewals", "price"]);
    assert_eq!(of("same_day"), "1 2012-01-01 true 5 6.0");
    assert_eq!(of("day_after"), "1 2012-01-01 true 5 7.0");
    assert_eq!(of("early"), "1 2012-01-01 false 4 8.0");
    assert_eq!(of("gap"), "2 2013-01-03 true 4 9.0");
    assert_eq!(of("open"), "1 2012-01-01 true 5 5.0");
    assert_eq!(of("ahead"), "1 2012-01-01 true 5 5.0");
    let record = record(&clivia);
    assert_eq!(
        (&record["joined"], &record["subscriptions"], &record["totals"]["customers"]),
        (&3.into(), &1007.into(), &1006.into())
    );
}

#[test]
fn thin_bases_are_told_why_and_get_the_same_for_everybody() {
    for (rows, word) in [
        ("a,2010-04-01,,5\n", "a single customer"),
        ("a,2010-04-01,,5\nb,2011-04-01,,5\n", "has ended in 13 renewals"),
        ("a,2010-04-01,2011-03-31,5\nb,2011-04-01,2011-09-30,5\n", "ended at their first renewal"),
        ("a,2015-07-01,2016-06-30,5\nb,2015-07-01,,5\nc,2015-08-01,,5\n", "more than 1 renewals"),
    ] {
        let clivia = base(&[rows.to_string()]);
        let said = yearly(&clivia, &[]).ok().stdout;
        says(&said, &["model      constant  theta", word, "--prior weak", "the same probability for everybody"]);
        let totals = &record(&clivia)["totals"];
        assert!(totals["value"]["mean"].as_f64().is_some_and(|value| value >= 0.0), "{totals}");
        let said = yearly(&clivia, &["--prior", "weak", "--model", "sbg"]).ok().stdout;
        says(&said, &["model      sbg  alpha"]);
    }
}

#[test]
fn what_cannot_be_valued_is_refused_as_a_whole() {
    let young = base(&["a,2017-06-01,,5\n".into(), "b,2017-06-30,,5\n".into()]);
    says(&refused(&young, &YEARLY), &["whole period", "shorter --period"]);
    let none = base(&["a,,,5\n".into()]);
    says(&refused(&none, &[]), &["all 1 rows were refused (1 missing_date)", "--start"]);
    let empty = base(&[]);
    says(&refused(&empty, &[]), &["there is a header but no row"]);
    let columns = Clivia::with("subscriptions.csv", "customer_id,start\na,2012-01-01\n");
    says(&refused(&columns, &[]), &["no end column", "--end"]);
    let clivia = base(&high_end());
    for (flag, value, said) in [("--margin", "2", "2%"), ("--interval", "1", "between 0 and 1")] {
        let ran = retain(&clivia, &[flag, value]);
        assert_eq!(ran.code, Some(2));
        says(&ran.stderr, &[flag, said]);
    }
    says(
        &refused(&clivia, &["--period", "year", "--horizon", "3m"]),
        &["retention.horizon = 3m", "at least one period"],
    );
    let ran = retain(&clivia, &["--period", "fortnight"]);
    assert_eq!(ran.code, Some(2));
    says(&ran.stderr, &["is not a period"]);
    let ran = clivia.run(&["retain", "missing.csv", "--out", "out"]);
    assert_eq!(ran.code, Some(1));
    says(&ran.stderr, &["missing.csv", "no such file"]);
}

#[test]
fn earlier_results_stay_unless_overwritten() {
    let clivia = base(&high_end());
    yearly(&clivia, &[]).ok();
    let line = ["retain", "subscriptions.csv", "--out", "out"];
    let ran = clivia.run(&[&line[..], &YEARLY].concat());
    assert_eq!(ran.code, Some(1));
    says(&ran.stderr, &["of an earlier run", "--overwrite"]);
    clivia.run(&[&line[..], &YEARLY, &["--overwrite"]].concat()).ok();
    assert_eq!(clivia.files_in("out"), ["rejects.csv", "retain.json", "retention.parquet", "subscribers.parquet"]);
}

#[test]
fn the_record_is_printed_as_json_or_nothing_is() {
    let clivia = base(&high_end());
    let printed = yearly(&clivia, &["--json"]).ok().json();
    assert_eq!(printed, record(&clivia));
    assert_eq!(yearly(&clivia, &["--quiet"]).ok().stdout, "");
}

#[test]
fn columns_and_dates_may_be_called_and_written_otherwise() {
    let plain = base(&high_end());
    yearly(&plain, &[]).ok();
    let swapped = |row: &String| {
        let cells: Vec<&str> = row.trim_end().split(',').collect();
        let day = |date: &str| date.split('-').rev().collect::<Vec<_>>().join("/");
        format!("{};{};{};{}\n", cells[3].replace('.', ","), day(cells[2]), day(cells[1]), cells[0])
    };
    let rows: String = high_end().iter().map(swapped).collect();
    let clivia = Clivia::with("subscriptions.csv", format!("Fee;Churn date;Began;Who\n{rows}"));
    let columns = ["--start", "began", "--customer", "Who", "--decimal", "comma"];
    yearly(&clivia, &columns).ok();
    assert_eq!(plain.table("out/subscribers.csv"), clivia.table("out/subscribers.csv"));
    says(&yearly(&clivia, &columns[..2]).stderr, &["no customer column", "--customer"]);
}

#[test]
fn without_prices_there_are_prospects_but_no_values() {
    let clivia = base(&high_end());
    let bare: String = clivia
        .text("subscriptions.csv")
        .lines()
        .map(|line| format!("{}\n", line.rsplit_once(',').unwrap().0))
        .collect();
    clivia.write("subscriptions.csv", bare);
    let said = yearly(&clivia, &[]).ok().stdout;
    assert!(!said.contains("\nvalue ") && !said.contains("\nprices ") && said.contains("\nahead "), "{said}");
    let customers = clivia.table("out/subscribers.csv");
    assert!(numbers(&customers, "value").is_empty() && numbers(&customers, "p_active").len() == 1000);
}

#[test]
fn without_discounting_a_lifetime_may_have_no_mean() {
    let clivia = base(&high_end());
    let said = yearly(&clivia, &["--discount-rate", "0", "--model", "sbg"]).ok().stdout;
    says(&said, &["no mean with this model", "--discount-rate above 0"]);
    let customers = clivia.table("out/subscribers.csv");
    // Nothing to come from those who have left is known even so.
    assert!(numbers(&customers, "lifetime_value").iter().all(|value| *value == 0.0));
    assert!(record(&clivia)["totals"]["lifetime_value"].is_null());
}

#[test]
fn ends_ahead_of_time_are_pointed_out() {
    let clivia = base(&high_end().into_iter().chain(["z,2012-01-01,2026-12-31,5\n".into()]).collect::<Vec<_>>());
    let said = retain(&clivia, &["--period", "year"]).ok().stdout;
    says(&said, &["as of 2026-12-31", "if ends lie in the future, set --as-of"]);
    says(&yearly(&clivia, &[]).ok().stdout, &["as of 2017-06-30"]);
}

/// A table of monthly subscriptions, seen at the end of June 2024.
fn table(header: &str, rows: &[&str]) -> Clivia {
    let mut text = format!("{header}\n");
    // Enough that come and go for a model.
    for number in 0..60 {
        let cells = header.split(',').map(|column| match column {
            "customer_id" => format!("f{number}"),
            "start" => format!("2023-{:02}-01", 1 + number % 12),
            "ended_at" | "end" if number % 2 == 0 => format!("2024-{:02}-01", 1 + number % 5),
            "canceled_at" if number % 2 == 0 => format!("2024-{:02}-01", 1 + number % 5),
            "status" => ["canceled", "active"][number % 2].to_string(),
            "current_period_end" => "2024-07-01".to_string(),
            "cancel_at_period_end" => "false".to_string(),
            _ => String::new(),
        });
        text += &(cells.collect::<Vec<_>>().join(",") + "\n");
    }
    rows.iter().for_each(|row| text += &format!("{row}\n"));
    Clivia::with("subscriptions.csv", text)
}

const JUNE: [&str; 2] = ["--as-of", "2024-06-30"];

fn end_of<'t>(table: &'t Table, customer: &str) -> (&'t str, &'t str) {
    (table.of(customer, "end"), table.of(customer, "is_active"))
}

#[test]
fn an_end_is_taken_before_a_cancel_request_and_said() {
    let header = "customer_id,start,canceled_at,ended_at";
    let clivia = table(header, &["x,2023-01-01,2024-02-10,2024-05-01", "y,2023-01-01,2024-02-10,"]);
    let said = retain(&clivia, &JUNE).ok().stdout;
    says(&said, &["ends on the day in ended_at; canceled_at is when that was asked for", "--end canceled_at"]);
    says(&said, &["subscriptions were asked to end and have no end yet"]);
    let customers = clivia.table("out/subscribers.csv");
    assert_eq!(end_of(&customers, "x"), ("2024-05-01", "false"));
    assert_eq!(end_of(&customers, "y"), ("", "true"));
    let said = retain(&clivia, &[&JUNE[..], &["--end", "canceled_at"]].concat()).ok().stdout;
    assert!(!said.contains("asked for"), "{said}");
    assert_eq!(end_of(&clivia.table("out/subscribers.csv"), "x"), ("2024-02-10", "false"));
}

#[test]
fn a_payment_service_s_table_says_when_periods_end() {
    let header = "customer_id,start,status,canceled_at,cancel_at_period_end,current_period_end";
    let rows = [
        "a,2023-01-01,active,,false,2024-07-01",
        "b,2023-01-01,active,2024-06-10,true,2024-07-01",
        "c,2023-01-01,canceled,2024-03-15,false,2024-04-01",
        "d,2023-01-01,canceled,2024-03-15,true,2024-04-01",
        "e,2023-01-01,canceled,,false,",
    ];
    let clivia = table(header, &rows);
    retain(&clivia, &JUNE).ok();
    let customers = clivia.table("out/subscribers.csv");
    assert_eq!(end_of(&customers, "a"), ("", "true"));
    assert_eq!(end_of(&customers, "b"), ("", "true")); // it will end
    assert_eq!(end_of(&customers, "c"), ("2024-03-15", "false"));
    assert_eq!(end_of(&customers, "d"), ("2024-04-01", "false"));
    assert!(clivia.text("out/rejects.csv").contains("canceled,missing_end"));
}

#[test]
fn the_end_of_what_runs_is_its_renewal_if_it_lies_ahead() {
    let clivia =
        table("customer_id,start,end,status", &["x,2023-01-01,2024-12-31,active", "y,2023-01-01,2024-03-01,active"]);
    let said = retain(&clivia, &JUNE).ok().stdout;
    says(&said, &["1 subscriptions run by their status and have an end after 2024-06-30", "--status none"]);
    says(&said, &["1 subscriptions run by their status and ended by 2024-06-30: they count as ended"]);
    let customers = clivia.table("out/subscribers.csv");
    assert_eq!(end_of(&customers, "x"), ("", "true"));
    assert_eq!(end_of(&customers, "y"), ("2024-03-01", "false"));
}

#[test]
fn a_status_of_something_else_ends_nothing() {
    let clivia = table("customer_id,start,end,state", &["x,2023-01-01,,Ohio", "y,2023-01-01,2024-12-31,Utah"]);
    retain(&clivia, &JUNE).ok();
    let customers = clivia.table("out/subscribers.csv");
    assert_eq!(end_of(&customers, "x"), ("", "true"));
    assert_eq!(end_of(&customers, "y"), ("", "true"));
}

#[test]
fn all_columns_that_are_missing_are_told_at_once() {
    let clivia = Clivia::with("subscriptions.csv", "who,since,gone\na,2024-01-01,\n");
    let said = refused(&clivia, &[]);
    says(&said, &["no customer column, no start column, no end column; the file holds: who, since, gone"]);
    says(&said, &["--customer", "--start", "--end"]);
}
