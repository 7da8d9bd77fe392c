//! The rows of the two files, as text and numbers that a writer can put down.

use crate::units::Money;

use super::{Population, SimulatedCustomer};

/// A row of orders.csv, its columns in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRow {
    /// `O000123-2` for the second order of customer 123, `R000123-2` for its return.
    pub order_id: String,
    /// `C000123`; missing on a few lines.
    pub customer_id: Option<String>,
    /// Seconds since 1970-01-01 UTC.
    pub order_date: i64,
    /// Amount in whole cents; negative on a return.
    pub amount: Money,
}

/// A row of contacts.csv, its columns in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactRow<'a> {
    /// `K000123-4` for the fourth contact of customer 123.
    pub contact_id: String,
    /// `C000123`.
    pub customer_id: String,
    /// Seconds since 1970-01-01 UTC.
    pub contacted_at: i64,
    /// `visit`, `phone`, `letter`, `email` or `sms` by default.
    pub channel: &'a str,
    /// `out` or `in`.
    pub direction: &'static str,
    /// `answered`, `reached`, `not_reached` or `refused`.
    pub outcome: &'static str,
    /// What it cost.
    pub cost: Money,
    /// `2023-Q2` on outbound contacts of a channel with campaigns.
    pub campaign: Option<String>,
}

impl OrderRow {
    /// The columns of orders.csv.
    pub const COLUMNS: [&'static str; 4] = ["order_id", "customer_id", "order_date", "amount"];
}

impl ContactRow<'_> {
    /// The columns of contacts.csv.
    pub const COLUMNS: [&'static str; 8] =
        ["contact_id", "customer_id", "contacted_at", "channel", "direction", "outcome", "cost", "campaign"];
}

impl Population {
    /// A customer's id: the prefix and its number in six digits, or more where it takes more.
    pub fn customer_id(&self, number: u64) -> String {
        format!("{}{number:06}", self.settings.id_prefix)
    }

    /// A customer's lines of the order file.
    pub fn order_rows(&self, customer: &SimulatedCustomer) -> impl Iterator<Item = OrderRow> {
        customer.orders.iter().map(|order| OrderRow {
            order_id: format!("{}{:06}-{}", if order.is_return { 'R' } else { 'O' }, customer.number, order.number),
            customer_id: (!order.id_missing).then(|| self.customer_id(customer.number)),
            order_date: order.at,
            amount: order.amount,
        })
    }

    /// A customer's lines of the contact log.
    pub fn contact_rows<'a>(&'a self, customer: &'a SimulatedCustomer) -> impl Iterator<Item = ContactRow<'a>> {
        customer.contacts.iter().zip(1..).map(|(contact, place)| ContactRow {
            contact_id: format!("K{:06}-{place}", customer.number),
            customer_id: self.customer_id(customer.number),
            contacted_at: contact.at,
            channel: &self.settings.contacts.channels[usize::from(contact.channel)].name,
            direction: contact.direction.name(),
            outcome: contact.outcome.name(),
            cost: contact.cost,
            campaign: contact.campaign.map(|quarter| quarter.to_string()),
        })
    }
}
