//! Dates of three numbers, `3/4/2024`: which part is the day, which the month, which the year.

use clivia_core::base::Day;

use crate::dates::PartOrder;
use crate::dates::calendar::{MONTHS, date, year_of_two_digits};

/// A date of three numbers in the order in which they are written; a year of four digits comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) numbers: [u32; 3],
    pub(super) widths: [u8; 3],
    pub(super) sign: u8,
}

/// Year, month, day.
pub(super) type Date = (u32, u32, u32);

impl Parts {
    /// Whether the year is written by two digits.
    pub(super) fn is_short(&self) -> bool {
        self.widths[2] <= 2
    }

    /// `31.12.2011`, whose day is first wherever nothing else is said.
    pub(super) fn is_dotted(&self) -> bool {
        self.sign == b'.'
    }

    /// Year, month and day if they are written in this order.
    pub(super) fn in_order(&self, order: PartOrder) -> Option<Date> {
        let [first, second, third] = self.numbers;
        match order {
            PartOrder::DayFirst => Some((self.last_year()?, second, first)),
            PartOrder::MonthFirst => Some((self.last_year()?, first, second)),
            PartOrder::YearFirst if self.widths[0] == 2 && self.is_short() => {
                Some((year_of_two_digits(first), second, third))
            }
            PartOrder::YearFirst => None,
        }
    }

    fn last_year(&self) -> Option<u32> {
        match self.widths[2] {
            4 => Some(self.numbers[2]),
            2 => Some(year_of_two_digits(self.numbers[2])),
            _ => None,
        }
    }

    /// The day if the parts are written in this order, and there is such a day.
    pub(super) fn day(&self, order: PartOrder) -> Option<Day> {
        self.in_order(order).and_then(|(year, month, day)| date(year, month, day))
    }

    /// The day if it is the same in every usual order: nobody who writes slashes writes a short year in front of them.
    pub(super) fn day_in_any_order(&self) -> Option<Day> {
        let usual = if self.sign == b'/' { &PartOrder::ALL[..2] } else { &PartOrder::ALL };
        let mut days = usual.iter().filter_map(|order| self.day(*order));
        let first = days.next()?;
        days.all(|day| day == first).then_some(first)
    }
}

/// `3 April 2024`, `April 3, 2024`, `2024-04-03`: the date in words, in the order in which it was read.
pub(super) fn in_words((year, month, day): Date, order: PartOrder) -> String {
    let name = (month as usize).checked_sub(1).and_then(|place| MONTHS.get(place)).copied().unwrap_or_default();
    match order {
        PartOrder::DayFirst => format!("{day} {name} {year}"),
        PartOrder::MonthFirst => format!("{name} {day}, {year}"),
        PartOrder::YearFirst => format!("{year:04}-{month:02}-{day:02}"),
    }
}
