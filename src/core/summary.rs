//! What the models need of a customer: how often, how lately, for how long, for how much.
//!
//! Definitions are those of Fader, Hardie and Lee (2005), "Counting your customers the easy way":
//! frequency `x` counts the purchase days after the first, `t_x` is the customer's age at the last
//! purchase day, `T` its age at the as-of date, both in the run's time unit.

mod means;

use serde::{Deserialize, Serialize};

use crate::base::ids::Ids;
use crate::base::{Day, Money, TimeUnit};
use crate::ledger::Ledger;
pub use means::Means;

/// How the ledger is summed up.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SummarySettings {
    /// The last day that counts; the last day in the data where not given.
    pub as_of: Option<Day>,
    /// The unit of ages.
    pub time_unit: TimeUnit,
    /// Which purchase days the mean spend is taken over.
    pub spend_days: SpendDays,
}

/// Why there is no summary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SummaryError {
    /// No order line counts.
    #[error("no order line could be used")]
    NoOrders,
    /// Every order was returned.
    #[error(
        "no purchase is left: all orders were returned or cancelled; orders.returns = \"ignore\" keeps returned orders as purchases"
    )]
    NoPurchases,
}

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

impl SpendDays {
    /// The mean over the days that count of a customer's spend by purchase day; `None` where no day counts.
    pub(crate) fn mean(self, mut spend: impl ExactSizeIterator<Item = Money>) -> Option<f64> {
        let days = spend.len();
        let first = spend.next().unwrap_or_default();
        self.mean_of(first + spend.sum(), first, days)
    }

    /// The same of all spend, that of the first day, and how many days there are.
    pub(crate) fn mean_of(self, all: Money, first: Money, days: usize) -> Option<f64> {
        let (sum, count) = match self {
            SpendDays::Repeat => (all - first, days.saturating_sub(1)),
            SpendDays::All => (all, days),
        };
        (count > 0).then(|| sum.to_f64() / count as f64)
    }
}

/// One row a customer, as columns of equal length in the order of the ids.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The last day that counts.
    pub as_of: Day,
    /// The unit of ages.
    pub unit: TimeUnit,
    /// Customer ids.
    pub ids: Ids,
    /// Distinct orders where the file has order ids, else purchase days.
    pub orders: Vec<u32>,
    /// `x`: purchase days after the first.
    pub frequency: Vec<u32>,
    /// The first purchase day.
    pub first_order: Vec<Day>,
    /// The last purchase day.
    pub last_order: Vec<Day>,
    /// Ages that were given; without them, ages follow from the days.
    pub ages: Option<Ages>,
    /// What was spent; `None` where the file has no amounts.
    pub spend: Option<Spend>,
}

/// Ages of customers in time units, whole days or not.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ages {
    /// `t_x`: the age at the last purchase day.
    pub last_purchase: Vec<f64>,
    /// `T`: the age at the as-of date.
    pub now: Vec<f64>,
}

/// The money columns of a [`Summary`].
#[derive(Debug, Clone, PartialEq)]
pub struct Spend {
    /// Which days `mean` is taken over.
    pub days: SpendDays,
    /// Net of returns.
    pub revenue: Vec<Money>,
    /// Mean spend of a purchase day; unknown for a customer without such a day.
    pub mean: Means,
}

impl Summary {
    /// Sums up a ledger. Customers all of whose orders were returned have no first purchase, so no row here.
    ///
    /// # Errors
    /// [`SummaryError`] where there is no purchase to sum up.
    pub fn new(ledger: &Ledger, amounts: bool, settings: &SummarySettings) -> Result<Summary, SummaryError> {
        let last_day = ledger.last_day.ok_or(SummaryError::NoOrders)?;
        let mut summary = Summary::empty(settings.as_of.unwrap_or(last_day), amounts, settings);
        for customer in 0..ledger.len() {
            summary.push(ledger, customer);
        }
        if summary.is_empty() { Err(SummaryError::NoPurchases) } else { Ok(summary) }
    }

    fn empty(as_of: Day, amounts: bool, settings: &SummarySettings) -> Summary {
        let spend = Spend { days: settings.spend_days, revenue: Vec::new(), mean: Means::default() };
        Summary {
            as_of,
            unit: settings.time_unit,
            ids: Ids::default(),
            orders: Vec::new(),
            frequency: Vec::new(),
            first_order: Vec::new(),
            last_order: Vec::new(),
            ages: None,
            spend: amounts.then_some(spend),
        }
    }

    fn push(&mut self, ledger: &Ledger, customer: usize) {
        let rows = ledger.rows(customer);
        let days = &ledger.at[rows.clone()];
        let (Some(first), Some(last)) = (days.first().map(|at| at.day), days.last().map(|at| at.day)) else { return };
        self.ids.push(ledger.ids.get(customer));
        self.orders.push(ledger.orders[customer]);
        self.frequency.push(u32::try_from(days.len() - 1).unwrap_or(u32::MAX));
        self.first_order.push(first);
        self.last_order.push(last);
        if let Some(spend) = &mut self.spend {
            spend.revenue.push(ledger.revenue[customer]);
            spend.mean.push(spend.days.mean(ledger.spend[rows].iter().copied()));
        }
    }

    /// Every `step`-th customer, from the first.
    pub(crate) fn every(&self, step: usize) -> Summary {
        fn of<T: Copy>(column: &[T], step: usize) -> Vec<T> {
            column.iter().step_by(step).copied().collect()
        }
        let spend = self.spend.as_ref().map(|spend| Spend {
            days: spend.days,
            revenue: of(&spend.revenue, step),
            mean: spend.mean.iter().step_by(step).collect(),
        });
        Summary {
            as_of: self.as_of,
            unit: self.unit,
            ids: (0..self.len()).step_by(step).map(|customer| self.ids.get(customer)).collect(),
            orders: of(&self.orders, step),
            frequency: of(&self.frequency, step),
            first_order: of(&self.first_order, step),
            last_order: of(&self.last_order, step),
            ages: self
                .ages
                .as_ref()
                .map(|ages| Ages { last_purchase: of(&ages.last_purchase, step), now: of(&ages.now, step) }),
            spend,
        }
    }

    /// How many customers there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no customer.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// `t_x`: from the first to the last purchase day, in time units: as given, else `(last_order - first_order) / unit`.
    ///
    /// # Panics
    /// Where `customer` is not below [`Summary::len`].
    pub fn last_purchase_age(&self, customer: usize) -> f64 {
        match &self.ages {
            Some(ages) => ages.last_purchase[customer],
            None => self.in_units(self.last_order[customer].days_since(self.first_order[customer])),
        }
    }

    /// `T`: from the first purchase day to the as-of date, in time units: as given, else `(as_of - first_order) / unit`.
    ///
    /// # Panics
    /// Where `customer` is not below [`Summary::len`].
    pub fn age(&self, customer: usize) -> f64 {
        match &self.ages {
            Some(ages) => ages.now[customer],
            None => self.in_units(self.as_of.days_since(self.first_order[customer])),
        }
    }

    fn in_units(&self, days: i32) -> f64 {
        f64::from(days) / self.unit.days()
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
