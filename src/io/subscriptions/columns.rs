//! Which columns of a table of subscriptions are used.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::columns;
use crate::columns::{
    AT_PERIOD_END, CANCELLED, END, Needed, PERIOD_END, PRICE, Role, START, SUBSCRIBER, SUBSCRIPTION_STATUS,
};
use crate::error::TableError;

/// What names no column, where one would be found by its name.
const NO_COLUMN: &str = "none";

/// Which columns of the table are used. Each is found by its name where the setting is empty; only the first three must
/// be there.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SubscriptionColumns {
    /// Whose it is.
    pub customer: String,
    /// Its first day.
    pub start: String,
    /// The day on which it ended; empty cells run on.
    pub end: String,
    /// What it costs a period.
    pub price: String,
    /// When its end was asked for. `none` looks at no column.
    pub cancelled: String,
    /// Whether it runs, in words. `none` looks at no column.
    pub status: String,
    /// Whether it ends with the period that runs. `none` looks at no column.
    pub at_period_end: String,
    /// When the period that runs ends. `none` looks at no column.
    pub period_end: String,
}

/// Which column plays which part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionMapping {
    /// Whose it is.
    pub customer: String,
    /// Its first day.
    pub start: String,
    /// The day on which it ended; `None` where its status says whether it ended, and another column when.
    #[serde(default)]
    pub end: Option<String>,
    /// What it costs a period.
    #[serde(default)]
    pub price: Option<String>,
    /// When its end was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<String>,
    /// Whether it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Whether it ends with the period that runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_period_end: Option<String>,
    /// When the period that runs ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_end: Option<String>,
}

impl SubscriptionMapping {
    pub(super) fn of(columns: &SubscriptionColumns, file: &str, held: &[String]) -> Result<Self, TableError> {
        let mut needed = Needed::of(file, held);
        let optional = |needed: &mut Needed<'_>, role: Role, named: &str| match named {
            NO_COLUMN => Ok(None),
            named => needed.find(role, named),
        };
        let status = optional(&mut needed, SUBSCRIPTION_STATUS, &columns.status)?;
        let at_period_end = optional(&mut needed, AT_PERIOD_END, &columns.at_period_end)?;
        let period_end = optional(&mut needed, PERIOD_END, &columns.period_end)?;
        let cancelled = optional(&mut needed, CANCELLED, &columns.cancelled)?;
        let customer = needed.need(SUBSCRIBER, &columns.customer, "")?;
        let start = needed.need(START, &columns.start, "")?;
        let found = needed.find(END, &columns.end)?;
        // A cancel request beside a status is not an end: the status tells whether it came to one.
        let is_request = |name: &String| {
            columns.end.is_empty()
                && CANCELLED.usual.contains(&columns::normal(name).as_str())
                && (status.is_some() || at_period_end.is_some())
        };
        let end = found.clone().filter(|name| !is_request(name));
        let tells = status.is_some() && (cancelled.is_some() || period_end.is_some());
        let request = found.is_some() && end.is_none();
        if end.is_none() && !tells && !request {
            needed.need(END, &columns.end, "")?;
        }
        let cancelled = cancelled.or_else(|| found.filter(|_| request)).filter(|name| Some(name) != end.as_ref());
        let price = needed.find(PRICE, &columns.price)?;
        needed.check()?;
        Ok(SubscriptionMapping { customer, start, end, price, cancelled, status, at_period_end, period_end })
    }

    /// Fails where a column of it is not held.
    pub(super) fn check_held(&self, file: &str, held: &[String]) -> Result<(), TableError> {
        match self.names().into_iter().find(|name| !held.contains(name)) {
            None => Ok(()),
            Some(name) => {
                let cause = format!("its plan names the column '{name}'; the table holds: {}", held.join(", "));
                Err(TableError::Plan { file: file.into(), cause })
            }
        }
    }

    /// Columns of days beside the start.
    pub(super) fn days(&self) -> impl Iterator<Item = &String> {
        self.end.iter().chain(&self.cancelled).chain(&self.period_end)
    }

    /// All columns that must be read, each once.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names = vec![self.customer.clone(), self.start.clone()];
        names.extend(self.optional().into_iter().filter_map(|(_, column)| column.clone()));
        names.sort();
        names.dedup();
        names
    }

    fn optional(&self) -> [(&'static str, &Option<String>); 6] {
        [
            ("end", &self.end),
            ("price", &self.price),
            ("cancelled", &self.cancelled),
            ("status", &self.status),
            ("at_period_end", &self.at_period_end),
            ("period_end", &self.period_end),
        ]
    }
}

impl fmt::Display for SubscriptionMapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "customer = {}, start = {}", self.customer, self.start)?;
        let mut rest = self.optional().into_iter().filter_map(|(role, column)| Some((role, column.as_ref()?)));
        rest.try_for_each(|(role, column)| write!(f, ", {role} = {column}"))
    }
}
