//! A table of one kind given in the place of another, told by its columns.

use crate::columns;
use crate::columns::{AMOUNT, CHANNEL, DIRECTION, ORDER, Role};
use crate::error::TableError;

/// Names of dates that only contacts have.
const CONTACTED: [&str; 5] = ["contactedat", "contactdate", "contactts", "sentat", "senddate"];
/// Names of outcomes that only contacts have; orders have a status, too.
const CAME_OF_IT: [&str; 2] = ["outcome", "disposition"];

/// Whether one of the columns has a usual name of a part, however it is written.
fn has(held: &[String], role: Role) -> bool {
    // Two that could be meant are an error, and there nonetheless.
    columns::find("", held, role, None).map_or(true, |column| column.is_some())
}

fn named(held: &[String], names: &[&str]) -> bool {
    held.iter().any(|column| names.contains(&columns::normal(column).as_str()))
}

/// Refuses a contact log in the place of orders: every contact would count as a purchase.
pub(crate) fn no_contact_log(file: &str, held: &[String]) -> Result<(), TableError> {
    let contacts = has(held, CHANNEL) && (has(held, DIRECTION) || named(held, &CAME_OF_IT) || named(held, &CONTACTED));
    if !contacts || has(held, AMOUNT) || has(held, ORDER) {
        return Ok(());
    }
    Err(TableError::Mistaken {
        file: file.into(),
        found: "a contact log",
        wanted: "an order file",
        held: held.join(", "),
        remedy: "give it as inputs.contacts; if these are orders all the same, name their columns with orders.customer and \
                 orders.date",
    })
}

/// Refuses orders in the place of a contact log: every purchase would count as a contact.
pub(crate) fn no_orders(file: &str, held: &[String]) -> Result<(), TableError> {
    let orders = has(held, ORDER) && has(held, AMOUNT);
    let contacts = has(held, DIRECTION) || named(held, &CAME_OF_IT) || named(held, &CONTACTED);
    if !orders || contacts {
        return Ok(());
    }
    Err(TableError::Mistaken {
        file: file.into(),
        found: "an order file",
        wanted: "a contact log",
        held: held.join(", "),
        remedy: "give it as the orders; if these are contacts all the same, name their columns with \
                 contact_columns.customer, contact_columns.date and contact_columns.channel",
    })
}

#[cfg(test)]
mod tests {
    use crate::mistaken::*;

    fn held(names: &str) -> Vec<String> {
        names.split(',').map(|name| name.trim().to_string()).collect()
    }

    #[test]
    fn a_contact_log_is_no_order_file() {
        let said = no_contact_log("c.csv", &held("customer_id, contacted_at, channel, outcome")).expect_err("contacts");
        assert!(said.to_string().starts_with("c.csv looks like a contact log, not an order file"), "{said}");
        for orders in [
            "customer_id, order_date, amount, channel, direction",
            "customer_id, order_id, date, channel, outcome",
            "customer_id, date",
            "customer_id, date, channel",
            "customer_id, date, channel, status",
        ] {
            assert!(no_contact_log("o.csv", &held(orders)).is_ok(), "{orders}");
        }
    }

    #[test]
    fn an_order_file_is_no_contact_log() {
        let said =
            no_orders("o.csv", &held("Customer ID, InvoiceNo, InvoiceDate, Amount, Channel")).expect_err("orders");
        assert!(said.to_string().starts_with("o.csv looks like an order file, not a contact log"), "{said}");
        for contacts in [
            "customer_id, contacted_at, channel, order_id, amount",
            "customer_id, date, channel, cost",
            "customer_id, date, channel, order_id",
            "customer_id, date, channel, direction, order_id, amount",
        ] {
            assert!(no_orders("c.csv", &held(contacts)).is_ok(), "{contacts}");
        }
    }
}
