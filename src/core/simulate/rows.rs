//! The rows of the files, as text and numbers that a writer can put down.

use std::fmt::{self, Write as _};

use crate::base::Money;

use crate::simulate::{Campaign, CustomerTruth, Direction, HeldOut, Population, SimulatedContact, SimulatedCustomer};

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
#[derive(Debug, Clone, PartialEq)]
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
    /// `answered`, `reached`, `not_reached` or `refused`; nothing where held out.
    pub outcome: Option<&'static str>,
    /// What it cost.
    pub cost: Money,
    /// `2023-Q2` on outbound contacts of a channel with campaigns, or the name of the trial.
    pub campaign: Option<String>,
    /// From 1 to 5, on the contacts that the customer rated.
    pub satisfaction: Option<u8>,
    /// Hours until an inbound contact was answered, to two decimals.
    pub response_time: Option<f64>,
    /// `A01`, on contacts that belong to no campaign.
    pub agent: Option<String>,
    /// `yes` where the customer was held out of the campaign at random: then the row is no contact.
    pub control: Option<&'static str>,
}

/// A row of truth.parquet: what is true of a customer and what no file of a real company says.
#[derive(Debug, Clone, PartialEq)]
pub struct TruthRow<'a> {
    /// `C000123`.
    pub customer_id: String,
    /// The rest of the row.
    pub truth: &'a CustomerTruth,
}

impl OrderRow {
    /// The columns of orders.csv.
    pub const COLUMNS: [&'static str; 4] = ["order_id", "customer_id", "order_date", "amount"];
}

impl ContactRow<'_> {
    /// The columns of contacts.csv.
    pub const COLUMNS: [&'static str; 12] = [
        "contact_id",
        "customer_id",
        "contacted_at",
        "channel",
        "direction",
        "outcome",
        "cost",
        "campaign",
        "satisfaction",
        "response_time",
        "agent",
        "control",
    ];
}

impl TruthRow<'_> {
    /// The columns of truth.parquet.
    pub const COLUMNS: [&'static str; 11] = [
        "customer_id",
        "planted",
        "value_level",
        "rate_per_week",
        "dropout_probability",
        "mean_spend",
        "first_year_value",
        "contacts_per_week",
        "service_level",
        "alive_at_end",
        "remaining_value",
    ];
}

impl Population {
    /// A customer's id: the prefix and its number in six digits, or more where it takes more.
    pub fn customer_id(&self, number: u64) -> String {
        let mut id = String::new();
        // Writing into a string cannot fail.
        self.write_customer_id(&mut id, number).ok();
        id
    }

    /// Adds a customer's id to a text.
    pub fn write_customer_id(&self, text: &mut String, number: u64) -> fmt::Result {
        write!(text, "{}{number:06}", self.settings.id_prefix)
    }

    /// A customer's id as a plain number from 1 to the number of customers, each of them once.
    ///
    /// Ids do not follow the order in which customers are drawn: within the least power of two that holds all
    /// numbers, shifts and odd multiples are one to one, and what falls beyond the last number goes around again
    /// (cycle walking: Black and Rogaway 2002, "Ciphers with arbitrary finite domains").
    ///
    /// ```
    /// use clivia_core::simulate::{Population, PopulationSettings};
    ///
    /// let population = Population::new(PopulationSettings { customers: 5, ..PopulationSettings::default() })?;
    /// let mut ids: Vec<u64> = (0..5).map(|number| population.number_id(number)).collect();
    /// ids.sort_unstable();
    /// assert_eq!(ids, [1, 2, 3, 4, 5]);
    /// # Ok::<(), clivia_core::simulate::SimulationError>(())
    /// ```
    pub fn number_id(&self, number: u64) -> u64 {
        let customers = self.settings.customers;
        let bits = u64::BITS - customers.saturating_sub(1).leading_zeros();
        let mut place = mixed(number, bits);
        // Ends, since a number below `customers` lies on every cycle: the one it began with.
        while place >= customers && number < customers {
            place = mixed(place, bits);
        }
        place + 1
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

    /// A customer's lines of the contact log, that of its being held out last.
    pub fn contact_rows<'a>(&'a self, customer: &'a SimulatedCustomer) -> impl Iterator<Item = ContactRow<'a>> {
        let contacts = customer.contacts.iter().zip(1..);
        let rows = contacts.map(|(contact, place)| self.contact_row(customer.number, place, contact));
        let held_out =
            customer.held_out.map(|held_out| self.held_out_row(customer.number, customer.contacts.len() + 1, held_out));
        rows.chain(held_out)
    }

    fn contact_row(&self, number: u64, place: usize, contact: &SimulatedContact) -> ContactRow<'_> {
        ContactRow {
            contact_id: format!("K{number:06}-{place}"),
            customer_id: self.customer_id(number),
            contacted_at: contact.at,
            channel: self.channel_name(contact.channel),
            direction: contact.direction.name(),
            outcome: Some(contact.outcome.name()),
            cost: contact.cost,
            campaign: contact.campaign.map(|campaign| self.campaign_name(campaign)),
            satisfaction: contact.satisfaction,
            response_time: contact.response_minutes.map(|minutes| (f64::from(minutes) / 0.6).round() / 100.0),
            agent: contact.agent.map(|agent| format!("A{agent:02}")),
            control: None,
        }
    }

    fn held_out_row(&self, number: u64, place: usize, held_out: HeldOut) -> ContactRow<'_> {
        ContactRow {
            contact_id: format!("K{number:06}-{place}"),
            customer_id: self.customer_id(number),
            contacted_at: held_out.at,
            channel: self.channel_name(held_out.channel),
            direction: Direction::Outbound.name(),
            outcome: None,
            cost: Money(0),
            campaign: Some(self.campaign_name(Campaign::Trial)),
            satisfaction: None,
            response_time: None,
            agent: None,
            control: Some("yes"),
        }
    }

    /// A customer's line of the truth table.
    pub fn truth_row<'a>(&self, customer: &'a SimulatedCustomer) -> TruthRow<'a> {
        TruthRow { customer_id: self.customer_id(customer.number), truth: &customer.truth }
    }

    fn channel_name(&self, place: u16) -> &str {
        self.channels().nth(usize::from(place)).unwrap_or_default()
    }

    fn campaign_name(&self, campaign: Campaign) -> String {
        match campaign {
            Campaign::Quarter(quarter) => quarter.to_string(),
            Campaign::Trial => self.settings.contacts.trial.campaign.clone(),
        }
    }
}

/// One to one on the numbers of so many bits, near ones far apart.
fn mixed(number: u64, bits: u32) -> u64 {
    let mask = (1_u64 << bits) - 1;
    let fold = |number: u64| number ^ (number >> bits.div_ceil(2).max(1));
    let times = |number: u64, odd: u64| number.wrapping_mul(odd) & mask;
    let shifted = number.wrapping_add(0x9E37_79B9_7F4A_7C15) & mask;
    fold(times(fold(times(fold(shifted), 0xBF58_476D_1CE4_E5B9)), 0x94D0_49BB_1331_11EB))
}
