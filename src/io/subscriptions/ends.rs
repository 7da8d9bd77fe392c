//! When a subscription ended: by the day of its end, or by its status and what else is told.

use clivia_core::base::Day;

use crate::cells::Cells;
use crate::columns::normal;
use crate::customers::flag;
use crate::dates::DateReader;
use crate::error::TableError;
use crate::rejects::Rule;
use crate::subscriptions::{NEVER, SubscriptionMapping};

/// Whether the end of a subscription may lie ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ahead {
    /// It ended.
    No,
    /// It runs, and will end then.
    Ends,
    /// It runs, and is renewed then.
    Renews,
}

/// The end of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    /// [`NEVER`] of one that runs on.
    pub(super) day: Day,
    pub(super) ahead: Ahead,
    /// Whether it was asked to end, and no end is told.
    pub(super) is_requested: bool,
}

/// What a status says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Runs,
    Ended,
    /// Nothing that is known.
    Unknown,
}

/// The columns that tell of ends.
pub(super) struct EndCells {
    end: Option<Cells>,
    cancelled: Option<Cells>,
    status: Option<Cells>,
    at_period_end: Option<Cells>,
    period_end: Option<Cells>,
}

impl EndCells {
    pub(super) fn of(
        mapping: &SubscriptionMapping,
        column: impl Fn(&str) -> Result<Cells, TableError>,
    ) -> Result<Self, TableError> {
        let cells = |name: &Option<String>| name.as_deref().map(&column).transpose();
        Ok(EndCells {
            end: cells(&mapping.end)?,
            cancelled: cells(&mapping.cancelled)?,
            status: cells(&mapping.status)?,
            at_period_end: cells(&mapping.at_period_end)?,
            period_end: cells(&mapping.period_end)?,
        })
    }

    /// When the subscription of a row ended or will.
    pub(super) fn end(&self, row: usize, dates: &DateReader) -> Result<End, Rule> {
        let (status, ends_with_period) = (self.status(row), self.ends_with_period(row));
        let ahead = match status {
            Status::Ended => Ahead::No,
            _ if ends_with_period => Ahead::Ends,
            Status::Runs => Ahead::Renews,
            Status::Unknown => Ahead::No,
        };
        let on = |day: Day| Ok(End { day, ahead, is_requested: false });
        if let Some(day) = day(&self.end, row, dates)? {
            return on(day);
        }
        let period_end = || day(&self.period_end, row, dates);
        if let Some(day) = period_end()?.filter(|_| ends_with_period) {
            return on(day);
        }
        let cancelled = day(&self.cancelled, row, dates)?;
        match (status, cancelled) {
            (Status::Ended, Some(day)) => on(day),
            (Status::Ended, None) => on(period_end()?.ok_or(Rule::MissingEnd)?),
            (Status::Unknown, Some(day)) if self.end.is_none() => on(day),
            (_, cancelled) => Ok(End { day: NEVER, ahead, is_requested: cancelled.is_some() }),
        }
    }

    fn status(&self, row: usize) -> Status {
        let Some(word) = self.status.as_ref().and_then(|cells| cells.name(row)) else { return Status::Unknown };
        match normal(&word).as_str() {
            "active" | "trialing" | "trial" | "intrial" | "pastdue" | "running" | "live" | "current" | "paid"
            | "renewing" | "nonrenewing" => Status::Runs,
            "canceled" | "cancelled" | "ended" | "expired" | "churned" | "terminated" | "closed" | "lapsed"
            | "incompleteexpired" => Status::Ended,
            _ => Status::Unknown,
        }
    }

    fn ends_with_period(&self, row: usize) -> bool {
        let word = self.at_period_end.as_ref().and_then(|cells| cells.name(row));
        word.is_some_and(|word| word == "1" || flag(&word) == Some(1.0))
    }

    /// The column in which a rule is broken, and what stands there.
    pub(super) fn shown<'m>(&self, mapping: &'m SubscriptionMapping, rule: Rule, row: usize) -> (&'m str, String) {
        let parts =
            [(&mapping.end, &self.end), (&mapping.cancelled, &self.cancelled), (&mapping.period_end, &self.period_end)];
        let parts =
            if rule == Rule::MissingEnd { [(&mapping.status, &self.status), parts[1], parts[2]] } else { parts };
        let shown = parts.into_iter().filter_map(|(name, cells)| Some((name.as_deref()?, cells.as_ref()?.show(row))));
        let mut shown: Vec<(&str, String)> = shown.collect();
        let filled = shown.iter().position(|(_, value)| !value.is_empty()).unwrap_or(0);
        if shown.is_empty() { ("", String::new()) } else { shown.swap_remove(filled) }
    }
}

/// The day in a column that need not be there; an empty cell has none.
fn day(cells: &Option<Cells>, row: usize, dates: &DateReader) -> Result<Option<Day>, Rule> {
    match cells.as_ref().map(|cells| cells.moment(row, dates)) {
        None | Some(Err(Rule::MissingDate)) => Ok(None),
        Some(found) => found.map(|moment| Some(moment.day)),
    }
}
