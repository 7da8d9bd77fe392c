//! The same rows twice: in two files of one run, and in a file that comes again into a state.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;

use crate::support::{Clivia, says};

/// `orders` orders of seven customers from one on, each of one to three lines, the third like the second.
fn orders(from: usize, orders: usize) -> String {
    let mut text = String::new();
    for order in from..from + orders {
        let (customer, month, day) = (order % 7, 1 + order / 28 % 12, 1 + order % 28);
        for line in 0..1 + order % 3 {
            let amount = 10 * order + line.min(1);
            writeln!(text, "c{customer},2023-{month:02}-{day:02},{amount}.50,A{order}").unwrap();
        }
    }
    text
}

const HEADER: &str = "customer_id,order_date,amount,order_id\n";

fn file(rows: &str) -> String {
    format!("{HEADER}{rows}")
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

impl Clivia {
    /// Rows read, used and refused of files that are summed up.
    fn summed(&self, files: &[&str], more: &[&str]) -> (String, String) {
        let line = ["--out", "sum", "--overwrite", "--format", "csv"];
        let said = self.run(&[&["summary"], files, &line, more].concat()).ok().stdout;
        (said, self.text("sum/summary.csv"))
    }
}

// ---- in one run

#[test]
fn a_file_and_its_copy_stop_the_run_which_names_both() {
    let text = file(&orders(1, 100));
    let clivia = Clivia::with("may.csv", &text);
    let without_ids: String = text.lines().map(|line| format!("{}\n", line.rsplit_once(',').unwrap().0)).collect();
    clivia.write("copy.csv", &text);
    clivia.write("crlf.csv", text.replace('\n', "\r\n") + "\r\n\r\n");
    clivia.write("semicolons.csv", text.replace(',', ";"));
    clivia.write("packed.csv.gz", gzip(&text));
    let (header, rows) = text.split_once('\n').unwrap();
    let mut sorted: Vec<&str> = rows.lines().rev().collect();
    sorted.sort_unstable();
    clivia.write("sorted.csv", format!("{header}\n{}\n", sorted.join("\n")));
    for copy in ["copy.csv", "crlf.csv", "semicolons.csv", "packed.csv.gz", "sorted.csv"] {
        let ran = clivia.run(&["summary", "may.csv", copy, "--out", "out"]);
        assert_eq!(ran.code, Some(1), "{copy}: {ran:?}");
        says(&ran.stderr, &[copy, "may.csv", "the same rows", "--duplicates keep"]);
        clivia.nothing_in("out");
    }
    clivia.write("1.csv", &without_ids);
    clivia.write("2.csv", &without_ids);
    says(&clivia.run(&["summary", "1.csv", "2.csv", "--out", "out"]).stderr, &["2.csv", "1.csv", "the same rows"]);
    let (said, _) = clivia.summed(&["may.csv", "copy.csv"], &["--duplicates", "keep"]);
    says(&said, &["400 rows read: 400 used"]);
}

#[test]
fn exports_that_overlap_count_common_orders_once() {
    let clivia = Clivia::with("all.csv", file(&orders(1, 300)));
    clivia.write("1.csv", file(&orders(1, 200)));
    clivia.write("2.csv", file(&orders(150, 151)));
    let (_, whole) = clivia.summed(&["all.csv"], &[]);
    for files in [["1.csv", "2.csv"], ["2.csv", "1.csv"]] {
        let (said, parts) = clivia.summed(&files, &[]);
        assert_eq!(parts, whole);
        // Orders 150 to 200: 51 of them, 17 of each length.
        says(&said, &["102 duplicate", "102 of", "rows of the files before it, of the same orders: they count once"]);
        says(&said, &["--duplicates keep"]);
    }
    let (said, twice) = clivia.summed(&["1.csv", "2.csv"], &["--duplicates", "keep"]);
    assert!(!said.contains("duplicate") && twice != whole, "{said}");
}

#[test]
fn equal_lines_of_one_file_and_of_dealt_files_stay() {
    let text = file(&orders(1, 3_000));
    let clivia = Clivia::with("all.csv", &text);
    let (said, whole) = clivia.summed(&["all.csv"], &[]);
    says(&said, &["6,000 rows read: 6,000 used, 0 refused"]);
    let names = ["1.csv", "2.csv", "3.csv"];
    for (name, part) in names.iter().zip(crate::update::deal(&text, 3, 11)) {
        clivia.write(name, part);
    }
    let (said, parts) = clivia.summed(&names, &[]);
    assert_eq!(parts, whole, "{said}");
    says(&said, &["6,000 rows read: 6,000 used, 0 refused"]);
}

#[test]
fn orders_that_differ_between_files_are_said_or_asked_for() {
    let rows = |changed: usize| -> String {
        let amount = |order: usize| if order % 100 < changed { order + 1 } else { order };
        (0..200)
            .map(|order| format!("c{},2023-05-{:02},{}.25,A{order}\n", order % 9, 1 + order % 28, amount(order)))
            .collect()
    };
    let clivia = Clivia::with("1.csv", file(&rows(0)));
    clivia.write("few.csv", file(&(rows(5) + "c1,2023-06-01,5,B1\n")));
    clivia.write("third.csv", file(&rows(33)));
    let (said, _) = clivia.summed(&["1.csv", "few.csv"], &[]);
    says(&said, &["190 duplicate", "190 of 201 rows", "10 more are of orders that these files have with other lines"]);
    let ran = clivia.run(&["summary", "1.csv", "third.csv", "--out", "out"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    says(&ran.stderr, &["third.csv: 200 of its 200 rows are of orders that earlier files have, too, and 134 of these"]);
    says(&ran.stderr, &["--duplicates drop", "--duplicates keep"]);
    clivia.nothing_in("out");
}

#[test]
fn an_order_whose_status_changed_between_two_exports_counts_once() {
    // Order 7 is pending in the earlier export and paid in the later one, order 8 was paid and is now shipped.
    let rows = |statuses: [&str; 2]| -> String {
        let status = |order: usize| if (7..9).contains(&order) { statuses[order - 7] } else { "paid" };
        (1..60)
            .map(|order| {
                format!("c{},2023-05-{:02},{order}.25,A{order},{}\n", order % 9, 1 + order % 28, status(order))
            })
            .collect()
    };
    let header = "customer_id,order_date,amount,order_id,status\n";
    let clivia = Clivia::with("may.csv", format!("{header}{}", rows(["pending", "paid"])));
    clivia.write("june.csv", format!("{header}{}c1,2023-06-01,5,B1,paid\n", rows(["paid", "shipped"])));
    let (_, latest) = clivia.summed(&["june.csv"], &[]);
    for files in [["may.csv", "june.csv"], ["june.csv", "may.csv"]] {
        let (said, both) = clivia.summed(&files, &[]);
        assert_eq!(both, latest, "{said}");
        says(&said, &["58 duplicate", "'pending' (1 row)"]);
    }
}

#[test]
fn files_without_order_ids_that_overlap_are_said() {
    let rows = |from: usize, to: usize| -> String {
        let row = |i| format!("c{},2023-{:02}-{:02},{i}.25\n", i % 9, 1 + i / 28 % 12, 1 + i % 28);
        (from..to).map(row).collect()
    };
    let file = |rows: String| format!("customer_id,order_date,amount\n{rows}");
    let clivia = Clivia::with("1.csv", file(rows(0, 200)));
    clivia.write("2.csv", file(rows(60, 220)));
    clivia.write("3.csv", file(rows(220, 300)));
    let (said, _) = clivia.summed(&["1.csv", "2.csv"], &[]);
    says(&said, &["360 used", "2.csv are equal to rows", "without order ids", "--duplicates drop"]);
    let (said, _) = clivia.summed(&["1.csv", "3.csv"], &[]);
    assert!(!said.contains("are equal to rows"), "{said}");
}

// ---- in a state

#[test]
fn a_file_that_comes_again_into_a_state_is_known_by_what_it_holds() {
    let text = file(&orders(1, 60));
    let clivia = Clivia::with("may.csv", &text);
    clivia.updated("state", &["may.csv"]);
    let refused = |name: &str| says(&clivia.update_refused("state", &[name]), &["may.csv", "count twice", "--again"]);
    refused("may.csv");
    // Touched.
    let touched = fs::File::options().append(true).open(clivia.path("may.csv")).unwrap();
    touched.set_modified(std::time::SystemTime::now() + std::time::Duration::from_secs(60)).unwrap();
    refused("may.csv");
    clivia.write("copy/other-name.csv", &text);
    refused("copy/other-name.csv");
    clivia.write("may.csv.gz", gzip(&text));
    refused("may.csv.gz");
    clivia.write("newline.csv", format!("{text}\n\n"));
    refused("newline.csv");
    clivia.write("crlf.csv", text.replace('\n', "\r\n"));
    refused("crlf.csv");
    clivia.write("mark.csv", format!("\u{feff}{text}"));
    refused("mark.csv");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(clivia.path("may.csv"), clivia.path("soft.csv")).unwrap();
        fs::hard_link(clivia.path("may.csv"), clivia.path("hard.csv")).unwrap();
        refused("soft.csv");
        refused("hard.csv");
    }
    let mut child = clivia.command(&["update", "state", "-"]);
    let stdin = fs::File::open(clivia.path("may.csv")).unwrap();
    let ran = crate::support::Ran::from(child.stdin(stdin).output().unwrap());
    assert_eq!(ran.code, Some(1), "{ran:?}");
    says(&ran.stderr, &["standard input", "may.csv", "--again"]);
    fs::rename(clivia.path("may.csv"), clivia.path("moved.csv")).unwrap();
    refused("moved.csv");
    clivia.updated("state", &["moved.csv", "--again"]);
    // A merged segment knows its files, too.
    clivia.updated("state", &["--compact"]);
    refused("copy/other-name.csv");
}

#[test]
fn what_came_by_standard_input_is_known_again() {
    let clivia = Clivia::with("may.csv", file(&orders(1, 60)));
    let mut child = clivia.command(&["update", "state", "-"]);
    let ran = crate::support::Ran::from(child.stdin(fs::File::open(clivia.path("may.csv")).unwrap()).output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    says(&clivia.update_refused("state", &["may.csv"]), &["may.csv", "the same rows as standard input", "--again"]);
}

#[test]
fn a_longer_file_with_the_same_beginning_is_told() {
    let clivia = Clivia::with("monday.csv", file(&orders(1, 60)));
    clivia.write("week.csv", file(&orders(1, 90)));
    clivia.write("new.csv", file(&orders(61, 30)));
    clivia.updated("state", &["monday.csv"]);
    let said = clivia.update_refused("state", &["week.csv"]);
    says(&said, &["the first 120 rows of", "week.csv were counted before", "monday.csv", "only what follows is new"]);
    says(&said, &["--replace", "--again counts all rows"]);
    clivia.updated("other", &["monday.csv"]);
    clivia.updated("other", &["new.csv"]);
    // With order ids the new lines of an order can take the place of its old ones.
    clivia.updated("state", &["week.csv", "--replace"]);
    let revenue = |state: &str| {
        clivia.of_state(state, &[]);
        clivia.table("of-state/customers.csv").numbers("revenue")
    };
    assert_eq!(revenue("state"), revenue("other"));
}

#[test]
fn a_file_most_of_whose_rows_are_in_the_state_is_told() {
    let clivia = Clivia::new();
    for day in 0..5 {
        let name = format!("{day}.csv");
        clivia.write(&name, file(&orders(1 + 40 * day, 40)));
        clivia.updated("state", &[&name]);
    }
    // A rolling export: the first days are gone, new ones have come.
    clivia.write("rolling.csv", file(&orders(45, 196)));
    says(
        &clivia.update_refused("state", &["rolling.csv"]),
        &["of the", "rows of rolling.csv are in the state already"],
    );
    clivia.write("fresh.csv", file(&orders(201, 100)));
    clivia.updated("state", &["fresh.csv"]);
}

#[test]
fn a_state_of_an_older_version_goes_on() {
    let clivia = Clivia::with("may.csv", file(&orders(1, 60)));
    clivia.updated("state", &["may.csv"]);
    let mut manifest: serde_json::Value = serde_json::from_str(&clivia.text("state/manifest.json")).unwrap();
    let files = manifest["segments"][0]["files"][0].as_object_mut().unwrap();
    assert!(files.remove("content").is_some());
    manifest["reading"]["orders"]["duplicates"] = "keep".into();
    clivia.write("state/manifest.json", manifest.to_string());
    says(&clivia.update_refused("state", &["may.csv"]), &["may.csv", "--again"]);
    clivia.write("june.csv", file(&orders(61, 60)));
    clivia.updated("state", &["june.csv"]);
    clivia.write("copy.csv", file(&orders(61, 60)));
    says(&clivia.update_refused("state", &["copy.csv"]), &["june.csv"]);
}

#[test]
fn the_same_orders_written_in_two_ways_count_once() {
    let rows = |date: fn(usize) -> String, amount: fn(usize) -> String, customer: &str| -> String {
        let row = |order: usize| format!("{customer}{};{};{};A{order}\n", order % 9, date(order), amount(order));
        (1..60).map(row).collect()
    };
    let header = "customer_id;order_date;amount;order_id\n";
    let iso = |order: usize| format!("2023-05-{:02}", 1 + order % 28);
    let clivia = Clivia::with("1.csv", format!("{header}{}", rows(iso, |order| format!("{order}.50"), "K")));
    let (_, once) = clivia.summed(&["1.csv"], &[]);
    let others = [
        rows(|order| format!("{:02}.05.2023", 1 + order % 28), |order| format!("{order}.5"), "K"),
        rows(|order| format!("2023-05-{:02} 00:00:00", 1 + order % 28), |order| format!("{order},50"), "K"),
        rows(iso, |order| format!("{order}.50"), "k"),
    ];
    for other in others {
        clivia.write("2.csv", format!("{header}{other}K1;2023-06-01;5;B1\n"));
        let (said, both) = clivia.summed(&["1.csv", "2.csv"], &[]);
        says(&said, &["59 duplicate", "they count once"]);
        let lines = |text: &str| text.lines().count();
        assert_eq!(lines(&both), lines(&once), "{said}");
    }
}

#[test]
fn files_that_name_customers_in_two_ways_are_said() {
    let clivia = Clivia::with("1.csv", "email,order_date,amount\na@m.test,2024-01-04,5\nb@m.test,2024-01-05,6\n");
    clivia.write("2.csv", "customer_no,order_date,amount\n17,2024-02-04,5\n18,2024-02-05,6\n");
    let (said, _) = clivia.summed(&["1.csv", "2.csv"], &[]);
    says(&said, &["2.csv: its customers are other ids ('customer_no')", "addresses ('email')", "--customer"]);
}
