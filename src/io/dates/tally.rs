//! What dates of three numbers tell of the order of their parts.
//!
//! A date tells where it is a day in one order and none in another: `13/4/2024` has no thirteenth month. Years of two
//! digits are days as well up to 2031, so that for them the whole column tells: days are many, and years are few.

use crate::dates::PartOrder;
use crate::dates::PartOrder::{DayFirst, MonthFirst, YearFirst};
use crate::dates::parts::Parts;
use crate::dates::seen::{Seen, earliest};

/// Of a thousand dates that tell, so many may tell otherwise: typing errors.
const AGREEING: u64 = 1_000;
/// A year in two digits that is still to come: where it stands among many others, they are days.
const DAY_AND_NO_YEAR: u32 = 27;
/// Orders that are compared.
const PAIRS: [(PartOrder, PartOrder); 3] = [(DayFirst, MonthFirst), (DayFirst, YearFirst), (MonthFirst, YearFirst)];

/// Counts of the dates of a column that are written by three numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Tally {
    /// Dates by the set of orders in which they are a day.
    possible: [Seen; 8],
    /// Dates that are one day in one order of a pair and another in the other.
    differing: [Seen; 3],
    /// Which numbers stand in front and at the end of dates whose year may be either.
    front: Numbers,
    end: Numbers,
    /// Dates of two-digit years that are not written with slashes.
    unslashed: u64,
}

/// Which numbers of two digits have been seen.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Numbers(u128);

impl Numbers {
    fn add(&mut self, number: u32) {
        self.0 |= 1_u128.checked_shl(number).unwrap_or(0);
    }

    /// Whether these are days and the others years.
    fn are_days_beside(self, years: Numbers) -> bool {
        self.0 >> DAY_AND_NO_YEAR > 0 && self.0.count_ones() >= 2 * years.0.count_ones()
    }
}

/// How one order stands to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Better,
    Worse,
    /// All dates are the same days.
    Same,
    Open,
    Contradicted,
}

/// What the dates say of their order.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Decision {
    /// None needs an order, or so few that they are refused one by one; or all agree on one.
    Settled(Option<PartOrder>),
    /// The first date that has several readings, and these.
    Open((u64, String), Vec<PartOrder>),
    /// The first date of either order that has no other, the later one last.
    Contradicted([(u64, String, PartOrder); 2]),
    /// The first date whose day is not in front, where that is expected, and its order.
    NotDayFirst((u64, String), PartOrder),
}

impl Tally {
    pub(super) fn add(&mut self, row: u64, parts: Parts, shown: impl Fn() -> String) {
        let days = PartOrder::ALL.map(|order| parts.day(order));
        let set: usize =
            PartOrder::ALL.iter().zip(days).filter(|(_, day)| day.is_some()).map(|(order, _)| bit(*order)).sum();
        self.possible[set].add(row, &shown);
        for (differing, (a, b)) in self.differing.iter_mut().zip(PAIRS) {
            if let (Some(a), Some(b)) = (days[a as usize], days[b as usize])
                && a != b
            {
                differing.add(row, &shown);
            }
        }
        if days[YearFirst as usize].is_some() {
            self.unslashed += u64::from(parts.sign != b'/');
            if days[..2].iter().any(Option::is_some) {
                self.front.add(parts.numbers[0]);
                self.end.add(parts.numbers[2]);
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Tally) {
        self.possible.iter_mut().zip(&other.possible).for_each(|(held, other)| held.merge(other));
        self.differing.iter_mut().zip(&other.differing).for_each(|(held, other)| held.merge(other));
        self.front.0 |= other.front.0;
        self.end.0 |= other.end.0;
        self.unslashed += other.unslashed;
    }

    /// The order that at least 99.9 % of the dates agree on; `filled` is how many values the column has.
    pub(super) fn decide(&self, filled: u64) -> Decision {
        let beaten = |order: &PartOrder| PartOrder::ALL.iter().any(|other| self.is_better(*other, *order));
        let left: Vec<PartOrder> = PartOrder::ALL.into_iter().filter(|order| !beaten(order)).collect();
        if let [order] = left[..] {
            return Decision::Settled(Some(order));
        }
        let pairs = || (0..PAIRS.len()).filter(|pair| left.contains(&PAIRS[*pair].0) && left.contains(&PAIRS[*pair].1));
        let few = |dates: u64, parts: u64| dates * parts <= filled;
        if let Some(pair) = pairs().find(|pair| self.relation(*pair) == Relation::Contradicted) {
            let stray = few(self.dates(), AGREEING);
            return if stray { Decision::Settled(None) } else { self.contradicted(PAIRS[pair]) };
        }
        let open = pairs().filter(|pair| self.relation(*pair) == Relation::Open).map(|pair| &self.differing[pair]);
        let most = open.clone().map(|seen| seen.count).max().unwrap_or(0);
        match earliest(open) {
            Some(first) if !few(most, 2) => Decision::Open(first.clone(), left),
            _ => Decision::Settled(None),
        }
    }

    /// What speaks against the day in front, where nothing else is expected.
    pub(super) fn against_day_first(&self, filled: u64) -> Option<Decision> {
        let against = |pair: &usize| matches!(self.relation(*pair), Relation::Worse | Relation::Contradicted);
        let pair = [0, 1].into_iter().find(against).filter(|_| self.dates() * AGREEING > filled)?;
        let (day_first, other) = PAIRS[pair];
        match (self.first_that_tells(day_first, other), self.first_that_tells(other, day_first)) {
            (Some(_), Some(_)) => Some(self.contradicted(PAIRS[pair])),
            (_, Some(first)) => Some(Decision::NotDayFirst(first.clone(), other)),
            _ => Some(Decision::Open(self.differing[pair].first.clone()?, vec![day_first, other])),
        }
    }

    /// The first date that is a day in this order and in no other that could be meant.
    pub(super) fn telling(&self, order: PartOrder) -> Option<&(u64, String)> {
        let other = if order == MonthFirst { DayFirst } else { MonthFirst };
        self.first_that_tells(order, other)
    }

    /// The first date that has more than one reading.
    pub(super) fn open(&self) -> Option<&(u64, String)> {
        earliest(self.differing.iter())
    }

    /// Dates that are a day in some order.
    fn dates(&self) -> u64 {
        self.possible[1..].iter().map(|seen| seen.count).sum()
    }

    fn telling_sets(&self, order: PartOrder, other: PartOrder) -> impl Iterator<Item = &Seen> {
        let tells = move |set: usize| set & bit(order) != 0 && set & bit(other) == 0;
        (0..).zip(&self.possible).filter(move |(set, _)| tells(*set)).map(|(_, seen)| seen)
    }

    /// How many dates are a day in one order and none in another.
    fn tells(&self, order: PartOrder, other: PartOrder) -> u64 {
        self.telling_sets(order, other).map(|seen| seen.count).sum()
    }

    fn first_that_tells(&self, order: PartOrder, other: PartOrder) -> Option<&(u64, String)> {
        earliest(self.telling_sets(order, other))
    }

    fn contradicted(&self, (a, b): (PartOrder, PartOrder)) -> Decision {
        let first = |order, other| {
            let (row, value) = self.first_that_tells(order, other).cloned().unwrap_or_default();
            (row, value, order)
        };
        let mut both = [first(a, b), first(b, a)];
        both.sort_by_key(|(row, ..)| *row);
        Decision::Contradicted(both)
    }

    fn is_better(&self, a: PartOrder, b: PartOrder) -> bool {
        let at = |pair| PAIRS.iter().position(|held| *held == pair);
        match (at((a, b)), at((b, a))) {
            (Some(pair), _) => self.relation(pair) == Relation::Better,
            (_, Some(pair)) => self.relation(pair) == Relation::Worse,
            _ => false,
        }
    }

    /// How the first order of a pair stands to the second.
    fn relation(&self, pair: usize) -> Relation {
        let (a, b) = PAIRS[pair];
        let (for_a, for_b) = (self.tells(a, b), self.tells(b, a));
        let differing = self.differing[pair].count;
        let (first, of) = match b {
            YearFirst => (self.year_is_last(for_a, for_b), for_a + for_b + differing),
            _ => (Some(for_a > for_b).filter(|_| for_a + for_b > 0), for_a + for_b),
        };
        match first {
            None if differing == 0 => Relation::Same,
            None => Relation::Open,
            Some(true) if for_b * AGREEING <= of => Relation::Better,
            Some(false) if for_a * AGREEING <= of => Relation::Worse,
            Some(_) => Relation::Contradicted,
        }
    }

    /// Whether two digits at the end are the year, or those in front; `None` where nothing tells.
    fn year_is_last(&self, for_last: u64, for_first: u64) -> Option<bool> {
        let (last, first) = (self.front.are_days_beside(self.end), self.end.are_days_beside(self.front));
        match (last, first) {
            (true, false) => Some(true),
            // Nobody is expected to write a short year in front of slashes.
            (false, true) => Some(false).filter(|_| self.unslashed > 0),
            _ if for_last != for_first => Some(for_last > for_first),
            _ => Some(true).filter(|_| self.unslashed == 0),
        }
    }
}

fn bit(order: PartOrder) -> usize {
    1 << order as usize
}

#[cfg(test)]
mod tests {
    use crate::dates::tally::*;
    use crate::dates::written::written;

    fn tally(dates: &[&str]) -> Tally {
        let mut tally = Tally::default();
        for (row, date) in (0..).zip(dates) {
            let parts = written(date.as_bytes()).and_then(|written| written.parts).expect("three numbers");
            tally.add(row, parts, || date.to_string());
        }
        tally
    }

    fn decided(dates: &[&str]) -> Decision {
        tally(dates).decide(dates.len() as u64)
    }

    fn settled(dates: &[&str]) -> Option<PartOrder> {
        match decided(dates) {
            Decision::Settled(order) => order,
            other => panic!("{dates:?}: {other:?}"),
        }
    }

    #[test]
    fn a_part_above_twelve_tells_the_order() {
        assert_eq!(settled(&["1/2/2011", "13/2/2011"]), Some(DayFirst));
        assert_eq!(settled(&["1/2/2011", "2/13/2011"]), Some(MonthFirst));
        assert_eq!(settled(&["4/23/20", "1/2/20"]), Some(MonthFirst));
        assert_eq!(settled(&["23/4/20", "1/2/20"]), Some(DayFirst));
        let dates = ["13/2/2011", "2/13/2011", "1/2/2011"];
        let both = [(0, "13/2/2011".into(), DayFirst), (1, "2/13/2011".into(), MonthFirst)];
        assert_eq!(decided(&dates), Decision::Contradicted(both));
        let first = (0, "1/2/2011".to_string());
        assert_eq!(decided(&["1/2/2011", "5/6/2011", "3/3/2011"]), Decision::Open(first, vec![DayFirst, MonthFirst]));
    }

    #[test]
    fn dates_that_are_one_day_in_every_order_need_none() {
        assert_eq!(settled(&["3/3/2011", "5-5-2011"]), None);
        assert_eq!(settled(&["3/3/20"]), None);
    }

    #[test]
    fn one_typing_error_in_a_thousand_tells_nothing() {
        let mut dates = vec!["2/13/2011"; 999];
        dates.push("13/2/2011");
        assert_eq!(settled(&dates), Some(MonthFirst));
        dates.push("14/2/2011");
        assert!(matches!(decided(&dates), Decision::Contradicted(_)));
        // Nor do a few among many dates of another form.
        assert_eq!(tally(&["13/2/2011", "2/13/2011"]).decide(2_000), Decision::Settled(None));
        assert_eq!(tally(&["1/2/2011"]).decide(2), Decision::Settled(None));
    }

    #[test]
    fn a_short_year_is_told_by_the_spread_of_the_days() {
        let days = |form: &dyn Fn(u32, u32) -> String| -> Vec<String> {
            (0..60).map(|i| form(i % 28 + 1, i % 2 + 23)).collect()
        };
        let of = |dates: Vec<String>| {
            let dates: Vec<&str> = dates.iter().map(String::as_str).collect();
            decided(&dates)
        };
        assert_eq!(of(days(&|day, year| format!("{year}-04-{day:02}"))), Decision::Settled(Some(YearFirst)));
        assert_eq!(of(days(&|day, year| format!("{day:02}-04-{year}"))), Decision::Settled(Some(DayFirst)));
        assert_eq!(of(days(&|day, year| format!("04-{day:02}-{year}"))), Decision::Settled(Some(MonthFirst)));
        assert_eq!(of(days(&|day, year| format!("{day:02}/04/{year}"))), Decision::Settled(Some(DayFirst)));
        // Short years in front of slashes are unheard of: that is asked.
        assert!(matches!(of(days(&|day, year| format!("{year}/04/{day:02}"))), Decision::Open(..)));
        // One date is no column.
        let one = (0, "20-04-23".to_string());
        assert_eq!(decided(&["20-04-23"]), Decision::Open(one, vec![DayFirst, YearFirst]));
        assert_eq!(settled(&["20-4-5"]), Some(YearFirst));
        assert_eq!(settled(&["98-04-23"]), Some(YearFirst));
        assert_eq!(settled(&["23/04/20"]), Some(DayFirst));
    }

    #[test]
    fn the_first_day_of_each_month_is_no_year() {
        let dates: Vec<String> =
            (15..24).flat_map(|year| (1..13).map(move |month| format!("01-{month:02}-{year}"))).collect();
        let dates: Vec<&str> = dates.iter().map(String::as_str).collect();
        assert!(matches!(decided(&dates), Decision::Open(..)));
    }

    #[test]
    fn parts_of_a_column_tell_what_the_whole_tells() {
        let dates = ["1/2/2011", "13/2/2011", "20-04-23", "3/3/2011", "2/13/2011", "99-01-05"];
        for cut in 0..=dates.len() {
            let (front, end) = dates.split_at(cut);
            let mut merged = Tally::default();
            // Rows of the second part count on.
            for (row, date) in (cut as u64..).zip(end) {
                let parts = written(date.as_bytes()).and_then(|written| written.parts).expect("three numbers");
                merged.add(row, parts, || date.to_string());
            }
            merged.merge(&tally(front));
            assert_eq!(merged, tally(&dates));
        }
    }
}
