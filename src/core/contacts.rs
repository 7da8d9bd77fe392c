//! Contacts: what the company did for a customer, or heard from it, and on which channel.
//!
//! A contact log says how a customer is treated. [`log`] keeps it in the order of customers and time,
//! [`quality`] turns it into criteria of how well a customer is contacted, which [`crate::map`] sets
//! against what the customer is worth, and [`timing`] asks whether contacts precede purchases. [`consent`] is what customers
//! refuse, so that nobody proposes it.

pub mod consent;
pub mod log;
pub mod timing;
pub mod quality;

use crate::base::{Moment, Money};

pub use consent::Consent;
pub use log::{ContactLog, Held};

/// Who contacted whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// The company the customer.
    Outbound,
    /// The customer the company.
    Inbound,
}

/// What came of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The customer answered: a conversation, so a success.
    Answered,
    /// It arrived: a success without an answer.
    Success,
    /// Neither good nor bad, or a word without a meaning in the settings.
    Neutral,
    /// It failed.
    Failure,
    /// It failed, and the customer wants no more of it on this channel.
    Refused,
}

impl Outcome {
    /// Whether the contact reached its aim.
    pub fn is_success(self) -> bool {
        matches!(self, Outcome::Answered | Outcome::Success)
    }
}

/// One contact, as the reader hands it over: its customer is known and its day is not after the as-of date.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contact {
    /// Row of the customer in the [`crate::summary::Summary`].
    pub customer: u32,
    /// When.
    pub at: Moment,
    /// Position of its channel in [`ContactLog::channels`].
    pub channel: u16,
    /// Position of its campaign in [`ContactLog::campaigns`], or [`Contact::NONE`].
    pub campaign: u16,
    /// Position of who made it in the agents of the reading, or [`Contact::NONE`].
    pub agent: u16,
    /// Who contacted whom; `None` where the file does not say.
    pub direction: Option<Direction>,
    /// What came of it; `None` where the file does not say.
    pub outcome: Option<Outcome>,
    /// Whether the customer was held out of the campaign at random: then this is no contact.
    pub is_control: bool,
    /// What it cost: that of its row, else of its channel in the settings, else 0. Never negative.
    pub cost: Money,
    /// What the customer thought of it, on the declared scale; NaN where not asked.
    pub satisfaction: f32,
    /// Hours until an inbound contact was answered, 0 or more; NaN where not known.
    pub response_hours: f32,
}

impl Contact {
    /// The campaign or agent of a contact that has none.
    pub const NONE: u16 = u16::MAX;
    /// The same.
    pub const NO_CAMPAIGN: u16 = Contact::NONE;

    /// Whether the company was the one to call. Contacts of unknown direction are the company's.
    pub fn is_outbound(&self) -> bool {
        self.direction != Some(Direction::Inbound)
    }
}
