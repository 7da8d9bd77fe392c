//! The quantities that every stage shares: ids, days, money, units of time.

pub mod ids;
mod days;
mod money;
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
    /// Not a horizon.
    #[error("'{0}' is not a horizon; write a positive number and d, w, m or y, such as 90d, 39w or 12m")]
    Horizon(String),
    /// Not an annual rate.
    #[error("'{0}' is not a discount rate; write the annual rate as a number from 0 to 10, such as 0.10")]
    Rate(String),
    /// Not a whole number of months.
    #[error(
        "the monthly convention counts whole months, and the horizon {0} is not; write months or years, such as 12m"
    )]
    WholeMonths(String),
}
