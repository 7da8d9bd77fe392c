//! What the models need of a customer: how often, how lately, for how long, for how much.
//!
//! Definitions are those of Fader, Hardie and Lee (2005), "Counting your customers the easy way":
//! frequency `x` counts the purchase days after the first, `t_x` is the customer's age at the last
//! purchase day, `T` its age at the as-of date, both in the run's time unit.

use serde::{Deserialize, Serialize};

use crate::ids::Ids;
use crate::units::{Day, Money, TimeUnit};

/// Which purchase days the mean spend is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SpendDays {
    /// The days after the first, as in the papers.
    #[default]
    Repeat,
    /// Every purchase day, the first included.
    All,
}

/// One row a customer, as columns of equal length in the order of the ids.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The last day that counts.
    pub as_of: Day,
    /// The unit of `last_purchase_age` and `age`.
    pub unit: TimeUnit,
    /// Customer ids.
    pub ids: Ids,
    /// Distinct orders where the file has order ids, else purchase days.
    pub orders: Vec<u32>,
    /// `x`: purchase days after the first.
    pub frequency: Vec<u32>,
    /// `t_x`: from the first to the last purchase day, in time units.
    pub last_purchase_age: Vec<f64>,
    /// `T`: from the first purchase day to the as-of date, in time units.
    pub age: Vec<f64>,
    /// The first purchase day.
    pub first_order: Vec<Day>,
    /// The last purchase day.
    pub last_order: Vec<Day>,
    /// What was spent; `None` where the file has no amounts.
    pub spend: Option<Spend>,
}

/// The money columns of a [`Summary`].
#[derive(Debug, Clone, PartialEq)]
pub struct Spend {
    /// Which days `mean` is taken over.
    pub days: SpendDays,
    /// Net of returns.
    pub revenue: Vec<Money>,
    /// Mean spend of a purchase day; `None` for a customer without such a day.
    pub mean: Vec<Option<f64>>,
}

impl Summary {
    /// How many customers there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no customer.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Days from the last purchase to the as-of date.
    pub fn days_since_last(&self, customer: usize) -> i32 {
        self.as_of.days_since(self.last_order[customer])
    }

    /// How many purchase days stand behind a customer's mean spend: `x`, or `x + 1` with the first.
    pub fn spend_days(&self, customer: usize) -> u32 {
        let first = self.spend.as_ref().is_some_and(|spend| spend.days == SpendDays::All);
        self.frequency[customer] + u32::from(first)
    }
}
