//! What can be wrong with the settings of contact quality, or with a fit read from a file.

use crate::contacts::quality::Criterion;

/// A setting of contact quality that has no meaning.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum QualityError {
    /// A half-life is not a positive number.
    #[error("contacts.{setting} = {value} must be a positive number, such as {usual}")]
    HalfLife {
        /// The setting.
        setting: &'static str,
        /// As typed.
        value: f64,
        /// Its default.
        usual: f64,
    },
    /// A channel's weight is negative, not a number or too large.
    #[error(
        "the weight of channel '{channel}' is {weight}; it must be from 0 to 1,000,000, a visit being 1 by default"
    )]
    Weight {
        /// The channel as typed, or `other`.
        channel: String,
        /// Its weight.
        weight: f64,
    },
    /// A cap of no contact, or of too many.
    #[error("the cap of channel '{channel}' is {cap} contacts; it must be from 1 to 1,000,000")]
    Cap {
        /// The channel as typed, or `other_cap`.
        channel: String,
        /// Its cap.
        cap: u32,
    },
    /// A cost that is negative, not a number or too large.
    #[error("the cost of a contact by '{channel}' is {cost}; it must be from 0 to 100,000,000,000")]
    Cost {
        /// The channel as typed.
        channel: String,
        /// Its cost.
        cost: f64,
    },
    /// Two names of one channel.
    #[error(
        "contacts.{table} has channel '{channel}' under two spellings; case, spaces, '-' and '_' do not tell channels apart"
    )]
    ChannelTwice {
        /// The table.
        table: &'static str,
        /// The second spelling.
        channel: String,
    },
    /// A name without a letter or digit.
    #[error("'{0}' is not a channel name; give it a letter or a digit")]
    ChannelName(String),
    /// A window of no days, or of too many.
    #[error("contacts.pressure_days = {0} must be from 1 to 36,525 days, such as 30")]
    PressureDays(u32),
    /// A scale that does not rise.
    #[error("contacts.satisfaction_scale = {0:?} must be the lowest and the highest rating, such as [1, 5]")]
    Scale([f64; 2]),
    /// A criterion that there is not.
    #[error("contacts.{table} names '{name}', which is not a criterion; the criteria are {}", Criterion::names())]
    Criterion {
        /// The table.
        table: &'static str,
        /// As typed.
        name: String,
    },
    /// A criterion's weight is negative, not a number or too large.
    #[error("the weight of criterion '{name}' is {weight}; it must be from 0 to 1,000,000")]
    CriterionWeight {
        /// The criterion.
        name: String,
        /// Its weight.
        weight: f64,
    },
    /// Nothing counts.
    #[error("every criterion of contacts.weights has weight 0; give at least one a positive weight")]
    NoWeight,
    /// A target whose ends are one, or no numbers.
    #[error("the target of criterion '{name}' is {target:?}; it must be the worst and the best value, two numbers")]
    Target {
        /// The criterion.
        name: String,
        /// As typed.
        target: [f64; 2],
    },
    /// A word with two meanings.
    #[error("contacts.outcomes gives '{0}' two meanings; case, spaces, '-' and '_' do not tell words apart")]
    OutcomeTwice(String),
    /// A word without a letter.
    #[error("contacts.outcomes lists an empty word")]
    OutcomeEmpty,
    /// A fit that no base could have come to.
    #[error("{0} of the contact quality in run.json is invalid; somebody has edited the file")]
    Learnt(String),
}
