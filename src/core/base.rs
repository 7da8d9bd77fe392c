//! The quantities that every stage shares: ids, days, money, units of time.

pub mod ids;
mod days;
mod money;
pub mod share;
mod time;

pub use days::{Clock, Day, Moment};
pub use money::Money;
pub use time::{DAYS_PER_YEAR, DiscountRate, Horizon, TimeUnit};

/// A unit, date or rate that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// Not a calendar day.
    #[error("'{0}' is not a date; write it as 1997-09-30")]
    Day(String),
    /// One of two calendar days.
    #[error("'{text}' may be {one} or {other}; write the one that is meant in this form")]
    TwoDays {
        /// As it was written.
        text: String,
        /// The day, where it comes first.
        one: Day,
        /// The day, where the month comes first.
        other: Day,
    },
    /// Not a horizon.
    #[error("'{0}' is not a horizon; write a positive number and d, w, m or y, such as 90d, 39w or 12m")]
    Horizon(String),
    /// Not an annual rate.
    #[error("'{0}' is not a discount rate; write the annual rate as a share such as 0.10, or as 10%; at most 1000%")]
    Rate(String),
    /// An annual rate that was most likely meant in percent.
    #[error(
        "a discount rate of {rate} is {percent} a year; write {rate}% or {share} for {rate} percent, and {percent} where that is meant"
    )]
    Percent {
        /// As it was written.
        rate: String,
        /// What it says.
        percent: String,
        /// What was most likely meant.
        share: String,
    },
    /// Not a whole number of months.
    #[error(
        "the monthly convention counts whole months, and the horizon {0} is not; write months or years, such as 12m"
    )]
    WholeMonths(String),
}
