//! Time as a line: where purchases and contacts lie on it, as finely as the files say.

use serde::{Deserialize, Serialize};

use crate::base::{Day, Moment};

/// Half a second in days: a contact of the same second as a purchase follows it.
const HALF_SECOND: f64 = 0.5 / 86_400.0;

/// How finely the order of contacts and purchases is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// Both files have times of day.
    Clocks,
    /// At least one row of either file has none: on the same day nobody knows which came first.
    Days,
}

impl Resolution {
    /// The finest that all of them allow. Purchases that are all at midnight have no time of day.
    pub(super) fn of(purchases: &[Moment], contacts: impl Iterator<Item = Moment>) -> Self {
        let has_clock = |at: Moment| at.clock.second().is_some();
        let has_times = purchases.iter().any(|at| at.clock.second().is_some_and(|second| second > 0));
        let known = has_times && purchases.iter().copied().chain(contacts).all(has_clock);
        if known { Resolution::Clocks } else { Resolution::Days }
    }

    /// Where a purchase lies, in days since 1970; in the middle of its day where days are all that is known.
    pub(super) fn purchase(self, at: Moment) -> f64 {
        match (self, at.days()) {
            (Resolution::Clocks, Some(days)) => days,
            _ => f64::from(at.day.0) + 0.5,
        }
    }

    /// Where a contact lies, in days since 1970.
    pub(super) fn contact(self, at: Moment) -> f64 {
        match (self, at.days()) {
            (Resolution::Clocks, Some(days)) => days + HALF_SECOND,
            _ => f64::from(at.day.0) + 0.5,
        }
    }

    /// Where the time that follows an event begins: with it, or with its day.
    pub(super) fn opening(self, event: f64) -> f64 {
        match self {
            Resolution::Clocks => event,
            Resolution::Days => event.floor(),
        }
    }

    /// A lag as it counts: in whole days where days are all that is known.
    pub(super) fn lag(self, days: f64) -> f64 {
        match self {
            Resolution::Clocks => days,
            Resolution::Days => days.ceil(),
        }
    }

    /// A shift as it counts.
    pub(super) fn shift(self, days: f64) -> f64 {
        match self {
            Resolution::Clocks => days,
            Resolution::Days => days.floor(),
        }
    }

    /// The time between the first and the last purchase: there, and only there, is a customer known to be
    /// alive whatever happened. `None` where there is no such time.
    pub(super) fn known_alive(self, first: Moment, last: Moment) -> Option<Span> {
        let (from, to) = match self {
            Resolution::Clocks => (self.purchase(first), self.purchase(last)),
            Resolution::Days => (f64::from(first.day.0) + 1.0, f64::from(last.day.0)),
        };
        Span::new(from, to)
    }

    /// The time from the first purchase to the end of the last day that counts.
    pub(super) fn observed(self, first: Moment, as_of: Day) -> Option<Span> {
        Span::new(self.opening(self.purchase(first)), f64::from(as_of.0) + 1.0)
    }
}

/// A stretch of time, in days since 1970: the first moment belongs to it, the last does not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    pub(super) from: f64,
    pub(super) to: f64,
}

impl Span {
    fn new(from: f64, to: f64) -> Option<Self> {
        (to > from).then_some(Span { from, to })
    }

    pub(super) fn length(self) -> f64 {
        self.to - self.from
    }

    /// Days from its beginning, where it holds that moment.
    pub(super) fn place(self, at: f64) -> Option<f64> {
        (self.from..self.to).contains(&at).then_some(at - self.from)
    }
}

#[cfg(test)]
mod tests {
    use crate::base::Clock;
    use crate::contacts::timing::axis::*;

    #[test]
    fn one_row_without_a_time_of_day_makes_days_of_all() {
        let noon = Moment { day: Day(3), clock: Clock::at(43_200) };
        let midnight = Moment { day: Day(3), clock: Clock::at(0) };
        let of = |purchases: &[Moment], contact| Resolution::of(purchases, std::iter::once(contact));
        assert_eq!(of(&[midnight, noon], midnight), Resolution::Clocks);
        assert_eq!(of(&[noon], Moment::on(Day(4))), Resolution::Days);
        assert_eq!(of(&[Moment::on(Day(4))], noon), Resolution::Days);
        assert_eq!(of(&[midnight, midnight], noon), Resolution::Days);
    }

    #[test]
    fn a_contact_of_the_same_second_follows() {
        let noon = Moment { day: Day(3), clock: Clock::at(43_200) };
        let [bought, contacted] = [Resolution::Clocks.purchase(noon), Resolution::Clocks.contact(noon)];
        assert!(bought < contacted && contacted < bought + 1.0 / 86_400.0);
    }

    #[test]
    fn days_between_the_first_and_the_last() {
        let [first, last] = [Day(10), Day(13)].map(Moment::on);
        let span = Resolution::Days.known_alive(first, last).expect("two days between");
        assert_eq!((span.length(), span.place(11.5), span.place(13.5)), (2.0, Some(0.5), None));
        assert_eq!(Resolution::Days.known_alive(first, first), None);
        assert_eq!(Resolution::Clocks.known_alive(first, first), None);
    }
}
