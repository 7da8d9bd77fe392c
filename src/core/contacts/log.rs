//! The contact log in the order of customers and time.

use std::ops::Range;

use rayon::prelude::*;

use crate::base::{Clock, Day, Money};
use crate::contacts::{Consent, Contact};

/// Which of the columns that a log need not have were there. What is absent is no criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// Who contacted whom.
    pub direction: bool,
    /// What came of it.
    pub outcome: bool,
    /// What it cost, in the file or by channel in the settings.
    pub cost: bool,
    /// What the customer thought of it.
    pub satisfaction: bool,
    /// How long an answer took.
    pub response_time: bool,
    /// To which campaign it belongs.
    pub campaign: bool,
    /// Whether the customer was held out at random.
    pub control: bool,
}

/// All contacts of a base, 40 bytes each, sorted by customer and time, equal ones left out.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactLog {
    /// The last day that counts.
    pub as_of: Day,
    /// Channels as they are written in the file.
    pub channels: Vec<String>,
    /// Campaigns as they are written in the file.
    pub campaigns: Vec<String>,
    /// Which columns there were.
    pub held: Held,
    /// Contacts that were written twice, to the second, and count once.
    pub duplicates: u64,
    /// What customers refuse.
    pub consent: Consent,
    starts: Vec<usize>,
    contacts: Vec<Contact>,
    controls: Vec<Contact>,
}

impl ContactLog {
    /// Sorts contacts of a base of `customers`, in any order, so that the result does not depend on it.
    ///
    /// Two contacts that agree in everything, a known time of day included, count once; without a time of
    /// day they may be two. Rows of customers that were held out at random are no contacts and are kept apart.
    ///
    /// # Panics
    /// Where a contact's customer is beyond the base.
    pub fn new(
        as_of: Day,
        customers: usize,
        channels: Vec<String>,
        campaigns: Vec<String>,
        held: Held,
        mut contacts: Vec<Contact>,
    ) -> Self {
        forget_midnight(&mut contacts);
        contacts.par_sort_unstable_by(|a, b| order(a).cmp(&order(b)));
        let written = contacts.len();
        contacts.dedup_by(|next, kept| next.at.clock.second().is_some() && order(next) == order(kept));
        let duplicates = (written - contacts.len()) as u64;
        let controls = contacts.iter().filter(|contact| contact.is_control).copied().collect();
        contacts.retain(|contact| !contact.is_control);
        let starts = starts(customers, &contacts);
        let consent = Consent::default();
        ContactLog { as_of, channels, campaigns, held, duplicates, consent, starts, contacts, controls }
    }

    /// The same, with what customers refuse.
    pub fn with_consent(self, consent: Consent) -> Self {
        ContactLog { consent, ..self }
    }

    /// How many customers the base has.
    pub fn customers(&self) -> usize {
        self.starts.len() - 1
    }

    /// All contacts, in the order of customers and time.
    pub fn contacts(&self) -> &[Contact] {
        &self.contacts
    }

    /// The contacts of one customer, in the order of time.
    pub fn of(&self, customer: usize) -> &[Contact] {
        &self.contacts[self.rows(customer)]
    }

    /// Where a customer's contacts are among all.
    pub fn rows(&self, customer: usize) -> Range<usize> {
        self.starts[customer]..self.starts[customer + 1]
    }

    /// Customers held out of a campaign at random, in the order of customers and time: no contacts.
    pub fn controls(&self) -> &[Contact] {
        &self.controls
    }

    /// What the contacts of one customer cost.
    pub fn cost_of(&self, customer: usize) -> Money {
        self.of(customer).iter().map(|contact| contact.cost).sum()
    }
}

/// A log of days that were written as timestamps says midnight throughout: that is no time of day.
fn forget_midnight(contacts: &mut [Contact]) {
    if contacts.iter().all(|contact| contact.at.clock.second().is_none_or(|second| second == 0)) {
        contacts.iter_mut().for_each(|contact| contact.at.clock = Clock::UNKNOWN);
    }
}

fn starts(customers: usize, contacts: &[Contact]) -> Vec<usize> {
    let mut starts = vec![0; customers + 1];
    contacts.iter().for_each(|contact| starts[contact.customer as usize + 1] += 1);
    (0..customers).for_each(|customer| starts[customer + 1] += starts[customer]);
    starts
}

/// What decides a contact's place: everything it holds, so that equal places are equal contacts.
fn order(contact: &Contact) -> impl Ord + use<> {
    let Contact { customer, at, channel, campaign, agent, direction, outcome, is_control, cost, .. } = *contact;
    let rest = (contact.satisfaction.to_bits(), contact.response_hours.to_bits());
    (customer, at, (channel, campaign, agent), direction, outcome, is_control, cost, rest)
}
