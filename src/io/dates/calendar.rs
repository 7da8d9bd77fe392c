//! Days of the calendar by year, month and day.

use clivia_core::base::Day;

/// The months as they are called in a question.
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The day, where there is such a one.
#[inline]
pub(super) fn date(year: u32, month: u32, day: u32) -> Option<Day> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let before = *BEFORE_MONTH.get(usize::from(leap))?.get(month.checked_sub(1)? as usize)?;
    let length = BEFORE_MONTH[usize::from(leap)].get(month as usize)? - before;
    // A leap year comes after each four, not after each hundred, but after each four hundred.
    let years = year as i32 + 399;
    let days = years * 365 + years / 4 - years / 100 + years / 400;
    (1..=length).contains(&day).then(|| Day(days - EPOCH + (before + day) as i32))
}

/// Days of a year before each of its months and after the last, in plain and in leap years.
const BEFORE_MONTH: [[u32; 13]; 2] = [
    [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365],
    [0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366],
];
/// 1970-01-01 by the count of [`date`], which begins 400 years before the first year.
const EPOCH: i32 = 2_369 * 365 + 2_369 / 4 - 2_369 / 100 + 2_369 / 400 + 1;

/// The year that two digits mean, as POSIX reads them: from 1969 to 2068.
pub(super) fn year_of_two_digits(year: u32) -> u32 {
    if year < 69 { 2_000 + year } else { 1_900 + year }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use crate::dates::calendar::*;

    #[test]
    fn the_calendar_is_that_of_chrono() {
        for (year, month, day) in
            (0..=9_999).flat_map(|year| (0..14).flat_map(move |month| (0..33).map(move |day| (year, month, day))))
        {
            let expected = NaiveDate::from_ymd_opt(year as i32, month, day).map(Day::from_date);
            assert_eq!(date(year, month, day), expected, "{year}-{month}-{day}");
        }
    }

    #[test]
    fn two_digits_are_the_nearest_century() {
        assert_eq!([0, 24, 68, 69, 99].map(year_of_two_digits), [2000, 2024, 2068, 1969, 1999]);
    }
}
