//! Rows that cannot be read, and frames that are a little off.

use std::fmt::Write;

use super::{asks, customers, reads, summed};
use crate::support::{Clivia, says};

/// A hundred orders of `a` and `b` in turn; every so many has this in a column.
fn hundred(every: usize, column: usize, cell: &str) -> String {
    let mut orders = "customer_id,order_id,order_date,amount\n".to_string();
    for i in 0..100 {
        let customer = ["a", "b"][i % 2];
        let mut cells =
            [customer.into(), i.to_string(), format!("2024-{:02}-{:02}", 1 + i / 25, 1 + i % 25), "2.50".into()];
        if i % every == 1 {
            cells[column] = cell.into();
        }
        writeln!(orders, "{}", cells.join(",")).unwrap();
    }
    orders
}

#[test]
fn refused_rows_are_loud_and_their_money_is_known_or_unknown() {
    for (column, cell, said) in [
        (
            3,
            "see invoice",
            ["their amount could not be read, such as 'see invoice'", "0.00 refused, and that of 5 rows is unknown"],
        ),
        (2, "next week", ["their date could not be read, such as 'next week'", "12.50 refused"]),
    ] {
        let words = ["5 of 100 rows of orders were refused (5.0 %)", said[0], said[1]];
        reads("orders.csv", hundred(20, column, cell), &[], &["a 50 125.0", "b 45 112.5"], &words);
    }
    // Without an id an order is nobody's, however many there are.
    let said = ["100 rows read: 50 used, 50 refused", "125.00 refused", "50 missing_customer"];
    reads("orders.csv", hundred(2, 0, ""), &[], &["a 50 125.0"], &said);
}

#[test]
fn too_many_refused_rows_stop_the_run_and_are_listed() {
    for (column, cell) in [(3, "open"), (2, "Q1/24")] {
        let clivia = Clivia::with("orders.csv", hundred(4, column, cell));
        let ran = clivia.run(&["summary", "orders.csv", "--out", "out"]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        says(
            &ran.stderr,
            &["25 of 100 rows of orders were refused (25.0 %)", cell, "--unreadable-error", "rejects.csv"],
        );
        assert_eq!(clivia.table("out/rejects.csv").column("value"), [cell; 25]);
        clivia.write("more.toml", "[read]\nunreadable_error = 0.3\n");
        summed(&clivia, &["orders.csv"], &["--config", "more.toml"]);
        assert_eq!(customers(&clivia), ["a 50 125.0", "b 25 62.5"]);
    }
    // One row of a hundred with most of the money is as bad.
    let orders = hundred(100, 2, "??").replace("??,2.50", "??,9000.00");
    let clivia = Clivia::with("orders.csv", orders);
    let ran = clivia.run(&["summary", "orders.csv", "--out", "out"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    says(&ran.stderr, &["1 of 100 rows", "9000.00 of money", "'??'"]);
}

#[test]
fn frames_that_are_a_little_off_are_read_as_meant() {
    let rows = [["a", "1", "2024-01-04", "10.5"], ["b", "2", "2024-01-09", "20.0"], ["a", "3", "2024-02-11", "4.5"]];
    let table = |between: &str, end: &str| {
        let header = ["customer_id", "order_id", "order_date", "amount"].join(between);
        rows.iter().fold(header + end, |text, row| text + &row.join(between) + end)
    };
    let utf16: Vec<u8> = format!("\u{feff}{}", table("\t", "\n")).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let quoted = table(",", "\n").replace(',', "\",\"").replace('\n', "\"\n\"").trim_end_matches('"').to_string();
    for (what, content) in [
        ("pipes", table("|", "\n").into_bytes()),
        ("tabs, UTF-16 with its mark", utf16),
        ("a mark before a quoted header", format!("\u{feff}\"{quoted}").into_bytes()),
        ("a delimiter too many on every line", table(",", ",\n").into_bytes()),
        ("line ends of Windows, blank lines below", format!("{}\r\n\r\n", table(",", "\r\n")).into_bytes()),
        ("a grand total without customer", format!("{},,,35.0\n", table(",", "\n")).into_bytes()),
        (
            "semicolons within a quoted cell",
            table(",", ",\"x;y;z;w\"\n").replacen("\"x;y;z;w\"", "note", 1).into_bytes(),
        ),
        ("line ends within a quoted cell", table(",", ",\"x\ny\"\n").replacen("\"x\ny\"", "note", 1).into_bytes()),
    ] {
        let clivia = Clivia::with("orders.csv", content);
        summed(&clivia, &["orders.csv"], &[]);
        assert_eq!(customers(&clivia), ["a 2 15.0", "b 1 20.0"], "{what}");
    }
    // A customer is called so, and no total.
    let wine = table(",", "\n").replace("\na,", "\nTotal Wine,");
    reads("orders.csv", wine, &[], &["Total Wine 2 15.0", "b 1 20.0"], &["3 used, 0 refused"]);
}

#[test]
fn a_dated_row_of_totals_is_asked_about() {
    let rows = "customer_id,order_date,amount\na,2024-01-04,5\nb,2024-01-05,6\nTotal,2024-01-05,11\n";
    asks(
        "orders.csv",
        rows,
        &["'Total' stands for nobody, it seems, with 1 row"],
        &[
            (&["--placeholders", "refuse"], &["a 1 5.0", "b 1 6.0"]),
            (&["--placeholders", "keep"], &["Total 1 11.0", "a 1 5.0", "b 1 6.0"]),
        ],
    );
}
