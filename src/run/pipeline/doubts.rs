//! Days that cannot be meant: an as-of date far from the orders, a horizon far beyond what was observed.

use clivia_core::base::{DAYS_PER_YEAR, Day, Horizon};
use clivia_core::notes::Note;
use clivia_core::summary::Summary;

/// Days after the last order from which an as-of date is doubted.
const LATE: i32 = 31;
/// The share of the observed time by which it must be late, too.
const LATE_SHARE: f64 = 0.1;
/// The share of order rows after the as-of date from which it is doubted.
const EARLY_SHARE: f64 = 0.2;
/// So many times the observed time is far ahead.
const FAR: f64 = 3.0;
/// And so many times beyond any use.
const BEYOND: f64 = 10.0;

/// What is to be said of the as-of date; `after` of `rows` order rows lie after it.
pub(super) fn of_as_of(summary: &Summary, after: u64, rows: u64) -> Vec<Note> {
    let first = summary.first_order.iter().min().copied();
    let last = summary.last_order.iter().max().copied();
    let Some((first, last)) = first.zip(last) else { return Vec::new() };
    let ordered = last.days_since(first) + 1;
    [late(summary.as_of, last, ordered), early(summary.as_of, after, rows)].into_iter().flatten().collect()
}

/// What is to be said of how far ahead value is counted.
pub(super) fn of_horizon(summary: &Summary, horizon: Horizon) -> Option<Note> {
    let first = summary.first_order.iter().min()?;
    far(horizon, summary.as_of.days_since(*first) + 1)
}

/// Everybody has been silent since the last order.
fn late(as_of: Day, last: Day, ordered: i32) -> Option<Note> {
    let gap = as_of.days_since(last);
    let sentence = format!(
        "the as-of date {as_of} is {gap} days after the last order, {last}: every customer counts as silent since then, \
         which lowers P(alive), expected purchases and CLV"
    );
    let is_late = gap > LATE && f64::from(gap) > LATE_SHARE * f64::from(ordered);
    is_late.then(|| {
        Note::warning("late_as_of", sentence)
            .remedy(format!("if the orders go no further than their last day, set summary.as_of = \"{last}\""))
    })
}

fn early(as_of: Day, after: u64, rows: u64) -> Option<Note> {
    let share = after as f64 / rows.max(1) as f64;
    let sentence = format!("{after} of {rows} order rows lie after the as-of date {as_of} and are left out");
    (share >= EARLY_SHARE).then(|| {
        Note::warning("early_as_of", sentence).remedy("leave summary.as_of out to count all orders").rows(after, rows)
    })
}

fn far(horizon: Horizon, observed: i32) -> Option<Note> {
    let times = horizon.days() / f64::from(observed.max(1));
    if times <= FAR {
        return None;
    }
    let sentence = format!(
        "value counts {horizon} ahead, {times:.0} times the {observed} days that were observed: nothing in the orders \
         tells how customers behave so late, and expected purchases and CLV may be far off"
    );
    let note = if times > BEYOND { Note::severe } else { Note::warning };
    Some(
        note("far_horizon", sentence)
            .remedy(format!("a horizon that the orders bear is value.horizon = \"{}\"", borne(observed))),
    )
}

/// A horizon as long as what was observed.
fn borne(observed: i32) -> String {
    match f64::from(observed) {
        days if days >= 2.0 * DAYS_PER_YEAR => format!("{}y", (days / DAYS_PER_YEAR) as u32),
        days if days >= 14.0 => format!("{}w", (days / 7.0) as u32),
        days => format!("{days}d"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn horizon(text: &str) -> Horizon {
        text.parse().expect("a horizon")
    }

    #[test]
    fn an_as_of_date_long_after_the_last_order_is_doubted() {
        let last = day("2011-12-09");
        let note = late(day("2026-11-30"), last, 738).expect("a note");
        assert!(note.to_string().contains("5470 days after the last order, 2011-12-09"), "{note}");
        assert!(note.remedy.contains("summary.as_of = \"2011-12-09\""));
        assert_eq!(late(day("2011-12-31"), last, 738), None);
        assert_eq!(late(day("2012-01-20"), last, 738), None, "six weeks of two years");
    }

    #[test]
    fn an_as_of_date_that_leaves_many_orders_out_is_doubted() {
        assert!(early(day("2011-01-01"), 60, 100).is_some_and(|note| note.share == Some(0.6)));
        assert_eq!(early(day("2011-01-01"), 3, 100), None);
    }

    #[test]
    fn a_horizon_far_beyond_what_was_observed_is_doubted() {
        use clivia_core::notes::Severity;
        let severity = |text: &str, days| far(horizon(text), days).map(|note| note.severity);
        assert_eq!(severity("52w", 365), None);
        assert_eq!(severity("2y", 300), None);
        assert_eq!(severity("52w", 100), Some(Severity::Warning));
        assert_eq!(severity("10y", 100), Some(Severity::Severe));
        assert_eq!([borne(9), borne(100), borne(800)], ["9d", "14w", "2y"]);
    }
}
