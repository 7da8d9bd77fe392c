//! Contacts: what the company did for a customer, or heard from it, and on which channel.
//!
//! A contact log says how a customer is treated. [`quality`] turns it into one number per customer,
//! which [`crate::map`] sets against what the customer is worth.

pub mod quality;

use crate::units::Day;

pub use quality::{ChannelUse, ContactQuality, FittedQuality, QualityError, QualitySettings, QualityTally};

/// One contact, as the reader hands it over: its customer is known and its day is not after the as-of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Contact {
    /// Row of the customer in the [`crate::summary::Summary`].
    pub customer: u32,
    /// The day of the contact.
    pub day: Day,
    /// Position of its channel in the list of channel names.
    pub channel: u16,
}
