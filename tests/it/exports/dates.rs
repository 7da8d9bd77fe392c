//! Dates as people write them, and which column holds them.

use super::{asks, days, reads};

/// Orders of `c0`, `c1` and so on, one at each of these dates.
fn with_dates(cells: &[&str]) -> String {
    let row = |(i, cell): (usize, &&str)| format!("c{i}\t{cell}\t{i}.50\n");
    format!("customer_id\torder_date\tamount\n{}", cells.iter().enumerate().map(row).collect::<String>())
}

#[test]
fn dates_as_people_write_them() {
    for (cells, right, said) in [
        (["18-Jan-24", "02-Mar-24"], ["2024-01-18", "2024-03-02"], "a year of two digits"),
        (["Jan 2, 2024 10:11:12 AM", "Mar 9, 2024 12:00:01 AM"], ["2024-01-02", "2024-03-09"], ""),
        (["5. März 2024", "12. Dezember 2024"], ["2024-03-05", "2024-12-12"], ""),
        (["5 février 2024", "12 août 2024"], ["2024-02-05", "2024-08-12"], ""),
        (["05-ene-24", "12-dic-24"], ["2024-01-05", "2024-12-12"], ""),
        (["5 sty 2024", "12 paź 2024"], ["2024-01-05", "2024-10-12"], ""),
        (["5 stycznia 2024 r.", "12 października 2024 r."], ["2024-01-05", "2024-10-12"], ""),
        (["5 ian. 2024", "12 iul. 2024"], ["2024-01-05", "2024-07-12"], ""),
        (["5 януари 2024 г.", "12 октомври 2024 г."], ["2024-01-05", "2024-10-12"], ""),
        (["5. 1. 2024", "28. 12. 2024"], ["2024-01-05", "2024-12-28"], ""),
        (["2024. 01. 05.", "2024. 12. 28."], ["2024-01-05", "2024-12-28"], ""),
        // A shop writes its own time; so does one that changes its clocks.
        (["2024-01-05 23:30:00 -0500", "2024-07-05 00:10:00 -0400"], ["2024-01-05", "2024-07-05"], "offset from UTC"),
        (["2024-01-05T23:30:00Z", "2024-07-05T23:59:59.999Z"], ["2024-01-05", "2024-07-05"], "days of UTC"),
        (["2024-01-05 00:30:00 CET", "2024-07-05 23:30:00 CEST"], ["2024-01-05", "2024-07-05"], "as written"),
        (["Fri, 05 Jan 2024 23:50:44 -0500", "Fri, 05 Jul 2024 00:50:44 -0500"], ["2024-01-05", "2024-07-05"], ""),
        (["45296.99", "45478.5"], ["2024-01-05", "2024-07-05"], "numbers of a spreadsheet"),
        (["45296,99", "45478,5"], ["2024-01-05", "2024-07-05"], "numbers of a spreadsheet"),
        (["1704441600", "1720137600"], ["2024-01-05", "2024-07-05"], ""),
        (["1704441600000", "1720137600000"], ["2024-01-05", "2024-07-05"], ""),
        (["20240105235959", "20240705000000"], ["2024-01-05", "2024-07-05"], "as the digits of year, month, day"),
        (["1/5/2024 12:05 AM", "7/25/2024 11:59 PM"], ["2024-01-05", "2024-07-25"], "the month comes first"),
        (["5/1/24", "25/7/24"], ["2024-01-05", "2024-07-25"], "the day comes first"),
        (["5/1/99", "25/7/00"], ["1999-01-05", "2000-07-25"], "1969 to 2068"),
        // Points are written by those who put the day first.
        (["05.01.2024", "07.06.2024"], ["2024-01-05", "2024-06-07"], ""),
    ] {
        let clivia = reads("orders.csv", with_dates(&cells), &[], &["c0 1 0.5", "c1 1 1.5"], &[said]);
        assert_eq!(clivia.table("out/summary.csv").column("first_order"), right, "{cells:?}");
    }
}

#[test]
fn dates_that_the_values_do_not_settle_are_asked_for() {
    let orders = with_dates(&["05/01/2024", "07/06/2024"]);
    let [day, month]: [&[&str]; 2] = [&["--date-format", "dmy"], &["--date-format", "mdy"]];
    let right: &[&str] = &["c0 1 0.5", "c1 1 1.5"];
    asks(
        "orders.csv",
        &orders,
        &["'05/01/2024' may be 5 January 2024 or May 1, 2024"],
        &[(day, right), (month, right)],
    );
    for (flags, first) in [(day, ["2024-01-05", "2024-06-07"]), (month, ["2024-05-01", "2024-07-06"])] {
        let clivia = reads("orders.csv", &orders, flags, right, &[]);
        assert_eq!(clivia.table("out/summary.csv").column("first_order"), first);
    }
    let both = with_dates(&["13/01/2024", "01/14/2024"]);
    asks("orders.csv", &both, &["can only be January 14, 2024", "only 13 January 2024"], &[]);
}

#[test]
fn the_day_of_the_order_is_taken_and_no_other_day_beside_it() {
    for (other, day) in
        [("ship_date", "order_date"), ("updated_at", "created_at"), ("due_date", "invoice_date"), ("Time", "Date")]
    {
        let late = if other == "Time" { "23:59:01" } else { "2024-03-03" };
        let orders = format!("customer_id,{other},{day},amount\na,{late},2024-01-15,5\nb,{late},2024-02-20,7\n");
        let clivia = reads("orders.csv", orders, &[], &["a 1 5.0", "b 1 7.0"], &[&format!("date = {day}")]);
        assert_eq!(days(&clivia, "b"), "2024-02-20 2024-02-20", "{other}");
    }
}
