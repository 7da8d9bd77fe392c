//! Rows that a condition keeps, and expressions that see their own row alone.

use crate::support::{Clivia, says};

const ORDERS: &str = "\
customer_id,order_date,amount,stage,currency
a,2024-01-01,10.00,done,EUR
a,2024-01-08,20.00,open,EUR
b,2024-01-02,5.50,done,EUR
b,2024-01-23,4.50,,EUR
b,2024-02-06,6.50,done,USD
c,2024-01-05,x,other,EUR
";

fn summed(clivia: &Clivia, more: &[&str]) -> String {
    clivia
        .run(&[&["summary", "orders.csv", "--out", "out", "--overwrite", "--format", "csv"], more].concat())
        .ok()
        .stdout
}

#[test]
fn order_rows_for_which_the_condition_is_not_true_are_left_out_and_counted() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    let said = summed(&clivia, &["--where", "stage = 'done' AND currency = 'EUR'"]);
    says(&said, &["6 rows read: 2 used, 0 refused, 4 left out", "4 where"]);
    assert_eq!(clivia.refusals(), ["3 where", "5 where", "6 where", "7 where"]);
    assert_eq!(clivia.table("out/summary.csv").column("revenue"), ["10.0", "5.5"]);
    // What the condition leaves out is no fault of the file.
    summed(&clivia, &["--where", "stage = 'done' AND currency = 'EUR'", "--strict"]);
    let said = summed(&clivia, &["--where", "amount > 6 AND currency = 'EUR'"]);
    says(&said, &["2 used, 0 refused, 4 left out"]);
    clivia.write("c.toml", "[orders]\nwhere = \"stage <> 'open' OR stage IS NULL\"\n[currency]\ninto = 'EUR'\n");
    let said = summed(&clivia, &["--config", "c.toml"]);
    says(&said, &["1 where", "1 other_currency", "1 unreadable_amount"]);
}

#[test]
fn a_condition_that_is_none_is_said_with_its_place() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    for (condition, said) in [
        ("stag = 'done'", "column 1: there is no column 'stag'"),
        ("amount", "a condition, such as status = 'paid'"),
        ("amount > SUM(amount)", "column 10: SUM looks at other rows"),
        ("stage = ", "column 9: the expression ends"),
        ("-1 > 2", "names no column"),
    ] {
        let ran = clivia.run(&["summary", "orders.csv", "--out", "out", "--where", condition]);
        assert_eq!(ran.code, Some(1), "{condition}: {ran:?}");
        says(&ran.stderr, &["orders.csv: --where", said]);
        clivia.nothing_in("out");
    }
}

#[test]
fn contacts_and_customers_have_conditions_of_their_own() {
    let clivia = Clivia::simulated(200, 3);
    let contacts = clivia.table("contacts.csv");
    let emails = contacts.column("channel").into_iter().filter(|channel| *channel == "email").count();
    let others = contacts.rows.len() - emails;
    clivia.write("customers.csv", "customer_id,region\n1,north\n2,south\n3,\n");
    let flags = ["--contacts", "contacts.csv", "--contacts-where", "channel = 'email'", "--customers", "customers.csv"];
    let more = ["--customers-where", "region = 'north'", "--not-converged", "empty"];
    clivia.scored("orders.csv", &[&flags[..], &more[..]].concat());
    let refused = &clivia.run_json()["refused"];
    assert_eq!(refused["contacts"]["where"], others);
    assert_eq!(refused["customers"]["where"], 2);
}

#[test]
fn what_looks_at_other_rows_is_refused_by_name_before_the_first_row() {
    // The amount of the only row could not be read; nobody gets so far.
    let clivia = Clivia::with("orders.csv", "customer_id,order_date,q,price\na,2024-01-01,two,x\n");
    for (expression, name) in [
        ("SUM(q)", "SUM"),
        ("q * AVG(price)", "AVG"),
        ("FIRST(q)", "FIRST"),
        ("LAST(q)", "LAST"),
        ("COUNT(*)", "COUNT"),
        ("COUNT(DISTINCT q)", "COUNT"),
        ("STDEV(q)", "STDEV"),
        ("STDDEV(q)", "STDDEV"),
        ("MEDIAN(q)", "MEDIAN"),
        ("MIN(q)", "MIN"),
        ("MAX(q)", "MAX"),
        ("QUANTILE(q, 0.5)", "QUANTILE"),
        ("SUM(q) OVER (PARTITION BY price)", "SUM"),
        ("ABS(q) OVER (ORDER BY price)", "OVER"),
        ("ROW_NUMBER() OVER ()", "ROW_NUMBER"),
        ("LAG(q)", "LAG"),
        ("CUM_SUM(q)", "CUM_SUM"),
        ("SHIFT(q)", "SHIFT"),
        ("RANK(q)", "RANK"),
        ("SUM(q) FILTER (WHERE q > 1)", "SUM"),
        ("ABS(q) FILTER (WHERE q > 1)", "FILTER"),
        ("(SELECT 1)", "SELECT"),
        ("q IN (SELECT price FROM orders)", "SELECT"),
        ("q * RANDOM()", "RANDOM"),
        ("RAND()", "RAND"),
        ("YEAR(NOW())", "NOW"),
        ("CURRENT_DATE - DATE '2024-01-01'", "CURRENT_DATE"),
        ("UUID()", "UUID"),
    ] {
        let ran = clivia.run(&["summary", "orders.csv", "--out", "out", "--amount", expression]);
        assert_eq!(ran.code, Some(1), "{expression}: {ran:?}");
        says(&ran.stderr, &["--amount", "column ", name]);
        assert!(!ran.stderr.contains("there is no column"), "{expression}: {}", ran.stderr);
        clivia.nothing_in("out");
    }
}

#[test]
fn an_expression_gives_the_same_whatever_the_order_and_the_files() {
    let row = |i: usize| format!("c{},2023-{:02}-{:02},{},\"{}.50\"\n", i % 50, 1 + i % 12, 1 + i % 28, i % 9, i % 700);
    let header = "customer_id,order_date,quantity,price\n";
    let rows: Vec<String> = (0..9_000).map(row).collect();
    let whole = format!("{header}{}", rows.concat());
    let clivia = Clivia::with("orders.csv", &whole);
    let amount = [
        "--amount",
        "CASE WHEN quantity > 3 THEN quantity * price ELSE ROUND(price / 3, 2) END",
        "--where",
        "price >= 10 AND quantity <> 5",
    ];
    let summary = |files: &[&str]| {
        let line = ["--out", "out", "--overwrite", "--format", "csv"];
        clivia.run(&[&["summary"], files, &line[..], &amount[..]].concat()).ok();
        clivia.text("out/summary.csv")
    };
    let at_once = summary(&["orders.csv"]);
    let mut shuffled = rows.clone();
    shuffled.sort_by_key(|row| row.bytes().map(u64::from).fold(7, |hash: u64, byte| hash.wrapping_mul(31) ^ byte));
    clivia.write("shuffled.csv", format!("{header}{}", shuffled.concat()));
    assert_eq!(summary(&["shuffled.csv"]), at_once);
    for (name, part) in ["1.csv", "2.csv", "3.csv"].iter().zip(shuffled.chunks(3_000)) {
        clivia.write(name, format!("{header}{}", part.concat()));
    }
    assert_eq!(summary(&["1.csv", "2.csv", "3.csv"]), at_once);
}

#[test]
fn dates_are_compared_as_dates_however_they_are_written() {
    let rows = "customer_id,order_date,amount\na,31.12.2023,5\nb,05.06.2024,6\nc,13.07.2024 10:00,7\n";
    let clivia = Clivia::with("orders.csv", rows);
    for (condition, right) in [
        ("order_date >= '2024-06-01'", "2 used"),
        ("order_date < '2024-07-13'", "2 used"),
        ("YEAR(order_date) = 2023", "1 used"),
        ("order_date LIKE '%2024%'", "2 used"),
        ("order_date >= '2024-06-01' AND customer_id NOT LIKE 'c%'", "1 used"),
    ] {
        let line = ["summary", "orders.csv", "--out", "out", "--overwrite", "--where", condition];
        says(&clivia.run(&line).ok().stdout, &[right]);
    }
}
