//! Contacts that cannot be placed.

use super::*;

#[test]
fn contacts_that_cannot_be_placed_are_listed() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    let log = "customer,timestamp,channel\na,2024-01-05,visit\nx,2024-01-05,visit\n,2024-01-05,visit\nb,never,visit\nb,2024-01-05,\nb,2025-01-05,visit\n";
    clivia.write("contacts.csv", log);
    clivia.scored("orders.csv", &["--contacts", "contacts.csv"]);
    let expected = [
        "3|customer|x|unknown_customer",
        "4|customer||missing_customer",
        "5|timestamp|never|unreadable_date",
        "6|channel||missing_channel",
        "7|timestamp|2025-01-05|after_as_of",
    ];
    assert_eq!(clivia.rejects().iter().map(|r| r[1..].join("|")).collect::<Vec<_>>(), expected);
    let run = clivia.run_json();
    assert_eq!(run["map"]["totals"]["without_contact"], 2);
    assert_eq!(clivia.customers().numbers("contact_quality").iter().filter(|quality| **quality == 0.0).count(), 2);
}

#[test]
fn a_contact_log_without_a_channel_is_named() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write("contacts.csv", "customer,timestamp,chanel\na,2024-01-05,visit\n");
    let said = clivia.refused("orders.csv", &["--contacts", "contacts.csv"]);
    says(&said, &["contacts.csv: no channel column", "nearest: 'chanel'", "contact_columns.channel"]);
}
