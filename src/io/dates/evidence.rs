//! What the dates of a column tell of how they are written.

use arrow::array::Array;

use crate::blocks::RowNumbers;
use crate::cells::{Cells, is_missing, trimmed};
use crate::dates::PartOrder;
use crate::dates::numbers;
use crate::dates::parts::in_words;
use crate::dates::seen::Seen;
use crate::dates::tally::{Decision, Tally};
use crate::dates::written::{Form, Written, written};
use crate::dates::zones::Zone;

/// Counts of the dates of a column by what there is to know of them. Parts of a column are counted by themselves and
/// merged, in any order.
///
/// ```
/// use clivia_io::dates::{DateEvidence, DateForm, DateVerdict, PartOrder};
/// let mut evidence = DateEvidence::default();
/// (2..).zip(["3/4/2024", "2024-04-03", "13/4/2024"]).for_each(|(row, date)| evidence.add(row, date));
/// let form = DateForm { order: Some(PartOrder::DayFirst) };
/// assert_eq!(evidence.decide(None), DateVerdict::Settled(form));
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DateEvidence {
    /// ISO dates without a zone, of which there is nothing to know.
    plain: u64,
    /// Other values.
    others: u64,
    /// Dates of three numbers, but for those with dots.
    pub(super) divided: Tally,
    pub(super) dotted: Tally,
    /// The divided ones by their sign, which another hand may have written each: slashes and others.
    by_sign: [Tally; 2],
    kinds: [Seen; Kind::COUNT],
}

/// What there is to know of a value; of some there are two things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Unreadable,
    ShortYear,
    Serial,
    Compact,
    Hours,
    Epoch,
    LateEpoch,
    Utc,
    Offset,
    Abbreviated,
    UnknownZone,
}

impl Kind {
    const COUNT: usize = Kind::UnknownZone as usize + 1;

    fn of_form(form: Form) -> Option<Self> {
        match form {
            Form::Calendar => None,
            Form::Serial => Some(Kind::Serial),
            Form::Compact => Some(Kind::Compact),
            Form::Hours => Some(Kind::Hours),
            Form::Epoch => Some(Kind::Epoch),
            Form::LateEpoch => Some(Kind::LateEpoch),
        }
    }

    fn of_zone(zone: Zone) -> Option<Self> {
        match zone {
            Zone::Unsaid => None,
            Zone::Utc => Some(Kind::Utc),
            Zone::Offset(_) | Zone::Named(_) => Some(Kind::Offset),
            Zone::Abbreviated => Some(Kind::Abbreviated),
            Zone::Unknown => Some(Kind::UnknownZone),
        }
    }
}

/// How the dates of a column are read, or what has to be asked.
#[derive(Debug, Clone, PartialEq)]
pub enum DateVerdict {
    /// The values settle it.
    Settled(DateForm),
    /// No value tells between readings.
    Open(DateQuestion),
    /// Values tell both.
    Contradicted(DateQuestion),
}

/// What the values of a column settle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DateForm {
    /// The order of the parts, where a date needs it.
    pub order: Option<PartOrder>,
}

/// A date with more than one reading.
#[derive(Debug, Clone, PartialEq)]
pub struct DateQuestion {
    /// Its row.
    pub row: u64,
    /// As it stands there.
    pub value: String,
    /// What it may be, and why that is open: `may be 3 April 2020 or March 4, 2020, and no date of the column tells`.
    pub doubt: String,
    /// The values of `read.date_format` that answer, in the order of the readings.
    pub answers: Vec<String>,
}

impl DateEvidence {
    /// Adds the date of a row.
    #[inline]
    pub fn add(&mut self, row: u64, text: &str) {
        let text = trimmed(text);
        if is_plain(text.as_bytes()) {
            self.plain += 1;
        } else if !is_missing(text) {
            self.note(row, written(text.as_bytes()), || text.into());
        }
    }

    /// Adds a column.
    pub fn add_cells(&mut self, cells: &Cells, rows: &RowNumbers) {
        match cells {
            Cells::Text(texts) => texts.each(|at, text| match is_plain(text.as_bytes()) {
                true => self.plain += 1,
                false => self.add(rows.get(at), text),
            }),
            Cells::Int(cells) => {
                for (at, number) in cells.iter().enumerate().filter_map(|(at, number)| Some((at, number?))) {
                    self.note(rows.get(at), numbers::number(number), || number.to_string());
                }
            }
            Cells::Float(cells) => {
                let finite = |number: &f64| number.is_finite();
                for (at, number) in cells.iter().enumerate().filter_map(|(at, cell)| Some((at, cell.filter(finite)?))) {
                    self.note(rows.get(at), numbers::float(number), || number.to_string());
                }
            }
            Cells::Date(cells) => self.plain += count(cells),
            Cells::Timestamp { ticks, zone, .. } => {
                let first = (0..ticks.len()).find(|at| ticks.is_valid(*at));
                match (Kind::of_zone(*zone), first) {
                    (Some(kind), Some(first)) => {
                        self.kinds[kind as usize].add_many(count(ticks), rows.get(first), || cells.show(first));
                        self.others += count(ticks);
                    }
                    _ => self.plain += count(ticks),
                }
            }
        }
    }

    /// Adds what another part of the column tells.
    pub fn merge(&mut self, other: &DateEvidence) {
        self.plain += other.plain;
        self.others += other.others;
        self.divided.merge(&other.divided);
        self.dotted.merge(&other.dotted);
        self.by_sign.iter_mut().zip(&other.by_sign).for_each(|(held, other)| held.merge(other));
        self.kinds.iter_mut().zip(&other.kinds).for_each(|(held, other)| held.merge(other));
    }

    /// How the column is read: in the order that is stated, else as its dates agree.
    pub fn decide(&self, stated: Option<PartOrder>) -> DateVerdict {
        if stated.is_some() {
            return DateVerdict::Settled(DateForm { order: stated });
        }
        let (hours, late) = (self.seen(Kind::Hours).count, self.seen(Kind::LateEpoch).count);
        if hours > 0 && late * 1_000 > late + hours {
            return DateVerdict::Contradicted(self.hours_or_seconds());
        }
        let against = self.dotted.against_day_first(self.filled());
        verdict(against.or_else(|| self.other_hand()).unwrap_or_else(|| self.divided.decide(self.filled())))
    }

    /// Dates with one sign, none of which tells, beside dates with another that do: such a column was written by two hands,
    /// as by a spreadsheet that has understood a part of it.
    fn other_hand(&self) -> Option<Decision> {
        let orders = [PartOrder::DayFirst, PartOrder::MonthFirst];
        let tells = |tally: &Tally| orders.into_iter().any(|order| tally.telling(order).is_some());
        let [slashed, others] = &self.by_sign;
        let pairs = [(slashed, others), (others, slashed)];
        let (open, _) =
            pairs.into_iter().find(|(open, other)| tells(other) && !tells(open) && open.open().is_some())?;
        Some(Decision::Open(open.open()?.clone(), orders.to_vec()))
    }

    /// How many values there are.
    pub fn filled(&self) -> u64 {
        self.plain + self.others
    }

    pub(super) fn seen(&self, kind: Kind) -> &Seen {
        &self.kinds[kind as usize]
    }

    fn note(&mut self, row: u64, written: Option<Written>, shown: impl Fn() -> String) {
        self.others += 1;
        let Some(written) = written else { return self.kinds[Kind::Unreadable as usize].add(row, shown) };
        if let Some(parts) = written.parts {
            if parts.is_dotted() {
                self.dotted.add(row, parts, &shown);
            } else {
                self.divided.add(row, parts, &shown);
                self.by_sign[usize::from(parts.sign != b'/')].add(row, parts, &shown);
            }
        }
        let form = Kind::of_form(written.form);
        // The zone of seconds since 1970 goes without saying.
        let zone = Kind::of_zone(written.zone).filter(|_| !matches!(form, Some(Kind::Epoch | Kind::LateEpoch)));
        let short = written.is_short.then_some(Kind::ShortYear);
        for kind in [form, zone, short].into_iter().flatten() {
            self.kinds[kind as usize].add(row, &shown);
        }
    }

    fn hours_or_seconds(&self) -> DateQuestion {
        let (row, value) = self.seen(Kind::Hours).first.clone().unwrap_or_default();
        let other = self.seen(Kind::LateEpoch).sample();
        let doubt = format!(
            "may be a day and an hour or seconds since 1970, and others of the column, such as '{other}', are no such \
             day"
        );
        DateQuestion { row, value, doubt, answers: vec!["%Y%m%d%H".into(), "%s".into()] }
    }
}

fn count(cells: &impl Array) -> u64 {
    (cells.len() - cells.null_count()) as u64
}

/// Whether a text has the shape of the dates that most columns hold, ISO without a zone.
#[inline]
fn is_plain(text: &[u8]) -> bool {
    match text {
        [b'0'..=b'9', _, _, _, b'-', _, _, b'-', _, _] => true,
        [b'0'..=b'9', _, _, _, b'-', _, _, b'-', _, _, b' ' | b'T', clock @ ..] => matches!(clock.len(), 5 | 8),
        _ => false,
    }
}

fn verdict(decision: Decision) -> DateVerdict {
    match decision {
        Decision::Settled(order) => DateVerdict::Settled(DateForm { order }),
        Decision::Open(first, orders) => {
            let readings: Vec<String> = orders.iter().map(|order| reading(&first.1, *order)).collect();
            let doubt = format!("may be {}, and no date of the column tells", one_of(&readings));
            DateVerdict::Open(DateQuestion::new(first, doubt, &orders))
        }
        Decision::Contradicted([(row, value, order), (later_row, later, later_order)]) => {
            let (other, this) = (reading(&value, order), reading(&later, later_order));
            let doubt = format!("can only be {this}, and '{value}' in row {row} only {other}");
            DateVerdict::Contradicted(DateQuestion::new((later_row, later), doubt, &[later_order, order]))
        }
        Decision::NotDayFirst(first, order) => {
            let doubt = format!("can only be {}, and dates with dots are read day first", reading(&first.1, order));
            DateVerdict::Contradicted(DateQuestion::new(first, doubt, &[order]))
        }
    }
}

impl DateQuestion {
    fn new((row, value): (u64, String), doubt: String, orders: &[PartOrder]) -> Self {
        let answers = orders.iter().map(|order| order.name().into()).collect();
        DateQuestion { row, value, doubt, answers }
    }
}

/// A date in words, read in an order.
fn reading(value: &str, order: PartOrder) -> String {
    let parts = written(value.as_bytes()).and_then(|written| written.parts);
    parts.and_then(|parts| parts.in_order(order)).map(|date| in_words(date, order)).unwrap_or_default()
}

/// `a`, `a or b`, `a, b or c`.
fn one_of(readings: &[String]) -> String {
    match readings {
        [others @ .., last] if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        readings => readings.concat(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Float64Array, Int64Array, StringArray, TimestampSecondArray};

    use crate::dates::evidence::*;

    fn of(dates: &[&str]) -> DateEvidence {
        let mut evidence = DateEvidence::default();
        (2..).zip(dates).for_each(|(row, date)| evidence.add(row, date));
        evidence
    }

    fn of_column(column: ArrayRef) -> DateEvidence {
        let mut evidence = DateEvidence::default();
        evidence.add_cells(&Cells::new(&column).expect("a column of dates"), &RowNumbers::From(1));
        evidence
    }

    fn asked(dates: &[&str]) -> (u64, String, String, Vec<String>) {
        match of(dates).decide(None) {
            DateVerdict::Open(DateQuestion { row, value, doubt, answers })
            | DateVerdict::Contradicted(DateQuestion { row, value, doubt, answers }) => (row, value, doubt, answers),
            settled => panic!("{dates:?}: {settled:?}"),
        }
    }

    #[test]
    fn a_question_shows_both_readings_and_what_answers() {
        let (row, value, doubt, answers) = asked(&["", "3/4/2020", "5/4/2020"]);
        assert_eq!((row, value.as_str()), (3, "3/4/2020"));
        assert_eq!(doubt, "may be 3 April 2020 or March 4, 2020, and no date of the column tells");
        assert_eq!(answers, ["dmy", "mdy"]);
        let (row, value, doubt, answers) = asked(&["02/13/2024", "13/02/2024"]);
        assert_eq!((row, value.as_str()), (3, "13/02/2024"));
        assert_eq!(doubt, "can only be 13 February 2024, and '02/13/2024' in row 2 only February 13, 2024");
        assert_eq!(answers, ["dmy", "mdy"]);
        let (_, _, doubt, answers) = asked(&["20-04-23"]);
        assert_eq!(doubt, "may be 20 April 2023 or 2020-04-23, and no date of the column tells");
        assert_eq!(answers, ["dmy", "ymd"]);
        let (_, value, doubt, answers) = asked(&["01.02.2024", "04.23.2024"]);
        assert_eq!(value, "04.23.2024");
        assert_eq!(doubt, "can only be April 23, 2024, and dates with dots are read day first");
        assert_eq!(answers, ["mdy"]);
        let (_, value, _, answers) = asked(&["2024010510", "2034563412"]);
        assert_eq!(value, "2024010510");
        assert_eq!(answers, ["%Y%m%d%H", "%s"]);
    }

    #[test]
    fn a_sign_tells_nothing_of_dates_with_another() {
        let (_, value, doubt, answers) = asked(&["15-01-2023", "1/5/2023", "2/6/2023", "2023-01-01"]);
        assert_eq!((value.as_str(), answers), ("1/5/2023", vec!["dmy".to_string(), "mdy".to_string()]));
        assert!(doubt.starts_with("may be 1 May 2023 or January 5, 2023"), "{doubt}");
        let form = DateForm { order: Some(PartOrder::DayFirst) };
        assert_eq!(of(&["15-01-2023", "16/1/2023", "2/6/2023"]).decide(None), DateVerdict::Settled(form));
    }

    #[test]
    fn what_is_stated_is_not_asked() {
        let stated = Some(PartOrder::MonthFirst);
        let form = DateForm { order: stated };
        assert_eq!(of(&["3/4/2020", "13/4/2020"]).decide(stated), DateVerdict::Settled(form));
    }

    #[test]
    fn columns_that_need_no_order_are_settled() {
        let none = DateVerdict::Settled(DateForm::default());
        for dates in [
            &["2024-01-05", "NULL", "", "2024-01-05T10:11:12.000Z"][..],
            &["18-Jan-18", "Jan 2, 2018 10:11:12 AM", "43102", "202401051011", "2. Januar 2024"],
            &["1.2.2024", "3.4.20", "23.4.20"],
            &["2024010510", "2024010511"],
            &["2034563412", "2034563413"],
            &["yesterday"],
        ] {
            assert_eq!(of(dates).decide(None), none, "{dates:?}");
        }
    }

    #[test]
    fn every_kind_is_counted() {
        let dates = [
            "2024-01-05 10:11",
            "18-Jan-18",
            "43102",
            "202401051011",
            "2024010510",
            "1704449472",
            "2034563412",
            "2024-01-05T10:11:12.000Z",
            "2024-01-05 10:11:12 -0500",
            "2024-01-05 10:11:12 EST",
            "soon",
            "N/A",
        ];
        let evidence = of(&dates);
        assert_eq!((evidence.filled(), evidence.plain), (11, 1));
        let kinds = [
            (Kind::ShortYear, "18-Jan-18"),
            (Kind::Serial, "43102"),
            (Kind::Compact, "202401051011"),
            (Kind::Hours, "2024010510"),
            (Kind::Epoch, "1704449472"),
            (Kind::LateEpoch, "2034563412"),
            (Kind::Utc, "2024-01-05T10:11:12.000Z"),
            (Kind::Offset, "2024-01-05 10:11:12 -0500"),
            (Kind::Abbreviated, "2024-01-05 10:11:12 EST"),
            (Kind::Unreadable, "soon"),
        ];
        for (kind, value) in kinds {
            let row = 2 + dates.iter().position(|date| *date == value).expect("one of them") as u64;
            assert_eq!(evidence.seen(kind), &Seen { count: 1, first: Some((row, value.into())) }, "{kind:?}");
        }
    }

    #[test]
    fn columns_of_numbers_and_timestamps_are_counted_alike() {
        let numbers = of_column(Arc::new(Int64Array::from(vec![Some(43_102), None, Some(202_401_051_011)])));
        assert_eq!((numbers.seen(Kind::Serial).count, numbers.seen(Kind::Compact).count), (1, 1));
        assert_eq!(numbers.seen(Kind::Compact).first, Some((3, "202401051011".into())));
        let floats = of_column(Arc::new(Float64Array::from(vec![43_102.423_6, f64::NAN])));
        assert_eq!((floats.seen(Kind::Serial).sample(), floats.filled()), ("43102.4236", 1));
        let texts = of_column(Arc::new(StringArray::from(vec![Some("18-Jan-18"), None])));
        assert_eq!((texts.seen(Kind::ShortYear).count, texts.filled()), (1, 1));
        for (zone, kind) in
            [("UTC", Kind::Utc), ("+05:30", Kind::Offset), ("Europe/Paris", Kind::Offset), ("Mars", Kind::UnknownZone)]
        {
            let ticks = TimestampSecondArray::from(vec![None, Some(0), Some(1)]).with_timezone(zone);
            let seen = of_column(Arc::new(ticks)).seen(kind).clone();
            assert_eq!((seen.count, seen.first), (2, Some((2, "1970-01-01 00:00:00Z".into()))), "{zone}");
        }
        let clocks = of_column(Arc::new(TimestampSecondArray::from(vec![0, 1])));
        assert_eq!((clocks.plain, clocks.others), (2, 0));
    }

    #[test]
    fn the_evidence_of_parts_is_that_of_the_whole() {
        let dates = ["2024-01-05", "13/4/2024", "3/4/20", "43102", "soon", "4/13/2024", "1.2.24", "18-Jan-18", "NULL"];
        let rows = |from: usize, to: usize| {
            let mut evidence = DateEvidence::default();
            (from..to).for_each(|row| evidence.add(row as u64, dates[row]));
            evidence
        };
        let whole = rows(0, dates.len());
        for cut in 0..=dates.len() {
            let (mut front, mut end) = (rows(0, cut), rows(cut, dates.len()));
            let kept = end.clone();
            end.merge(&front);
            front.merge(&kept);
            assert_eq!((&front, &end), (&whole, &whole), "{cut}");
        }
    }
}
