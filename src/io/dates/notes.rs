//! What is said of how dates were read.

use clivia_core::notes::Note;

use crate::dates::evidence::{DateEvidence, Kind};
use crate::dates::{DateReader, PartOrder};

impl DateEvidence {
    /// What there is to know of the dates of a column that were read by `dates`, so that it can be checked.
    pub fn notes(&self, column: &str, dates: &DateReader) -> Vec<Note> {
        if dates.format.is_some() {
            return Vec::new();
        }
        let told = Told { evidence: self, column, dates };
        let notes = [
            told.order(),
            told.short_years(),
            told.serials(),
            told.compact(),
            told.hours(),
            told.epochs(),
            told.offsets(),
            told.utc(),
            told.abbreviated(),
            told.unknown_zones(),
        ];
        notes.into_iter().flatten().collect()
    }
}

/// A column, and how it was read.
struct Told<'a> {
    evidence: &'a DateEvidence,
    column: &'a str,
    dates: &'a DateReader,
}

impl Told<'_> {
    /// `dates of column 'date' such as '43102'`, and how many they are; `None` where there is none of the kind.
    fn some(&self, kind: Kind) -> Option<(String, u64)> {
        let seen = self.evidence.seen(kind);
        let some = format!("dates of column '{}' such as '{}'", self.column, seen.sample());
        (seen.count > 0).then_some((some, seen.count))
    }

    fn info(&self, kind: Kind, code: &str, what: &str) -> Option<Note> {
        let (some, rows) = self.some(kind)?;
        Some(Note::info(code, format!("{some} {what}")).rows(rows, self.evidence.filled()))
    }

    fn warning(&self, kind: Kind, code: &str, what: &str) -> Option<Note> {
        let (some, rows) = self.some(kind)?;
        Some(Note::warning(code, format!("{some} {what}")).rows(rows, self.evidence.filled()))
    }

    fn order(&self) -> Option<Note> {
        let order = self.dates.order()?;
        let (_, open) = self.evidence.divided.open()?;
        let first = order.part();
        let why = match self.evidence.divided.telling(order) {
            _ if self.dates.stated.is_some() => "as read.date_format says".to_string(),
            Some((_, telling)) => format!("as '{telling}' tells"),
            None => "as the column, or the file before, tells".to_string(),
        };
        let sentence = format!("the {first} comes first in dates of column '{}' such as '{open}', {why}", self.column);
        let other = PartOrder::ALL.into_iter().find(|other| *other != order)?;
        let note = Note::info("date_order", sentence);
        Some(note.remedy(format!("read.date_format = \"{}\" reads the {} first", other.name(), other.part())))
    }

    fn short_years(&self) -> Option<Note> {
        let what = "have a year of two digits, which is read as one of 1969 to 2068";
        self.info(Kind::ShortYear, "two_digit_years", what)
    }

    fn serials(&self) -> Option<Note> {
        let what = "are numbers of a spreadsheet, read as days since 1899-12-30; a workbook that counts from 1904 \
                    has its dates four years later";
        self.info(Kind::Serial, "excel_serial_dates", what)
    }

    fn compact(&self) -> Option<Note> {
        self.info(Kind::Compact, "compact_dates", "are read as the digits of year, month, day and time")
    }

    fn hours(&self) -> Option<Note> {
        self.info(
            Kind::Hours,
            "compact_hours",
            "are read as the digits of a day and its hour, not as seconds since 1970",
        )
    }

    fn epochs(&self) -> Option<Note> {
        let what = format!("are seconds since 1970, or parts of them, which {}", self.fall("UTC"));
        let note = self.info(Kind::Epoch, "epoch_dates", &what)?;
        Some(self.in_the_shop(note))
    }

    fn offsets(&self) -> Option<Note> {
        let what = format!("have an offset from UTC and {}", self.fall("the place where they were written"));
        self.info(Kind::Offset, "dates_with_offset", &what)
    }

    fn utc(&self) -> Option<Note> {
        let note = self.info(Kind::Utc, "dates_in_utc", &format!("are in UTC and {}", self.fall("UTC")))?;
        Some(self.in_the_shop(note))
    }

    fn abbreviated(&self) -> Option<Note> {
        let what = "name their zone by letters that several zones share; their days and times are taken as written";
        self.info(Kind::Abbreviated, "dates_with_zone_letters", what)
    }

    fn unknown_zones(&self) -> Option<Note> {
        let what = format!("are in a time zone of a name that is not known, and {}", self.fall("UTC"));
        let note = self.warning(Kind::UnknownZone, "dates_in_unknown_zone", &what)?;
        Some(self.in_the_shop(note))
    }

    /// On which day moments fall.
    fn fall(&self, usual: &str) -> String {
        match self.dates.timezone {
            Some(zone) => format!("fall on the days of {zone}, as read.timezone says"),
            None => format!("fall on the days of {usual}"),
        }
    }

    /// Orders around midnight fall on another day in the shop than in UTC.
    fn in_the_shop(&self, note: Note) -> Note {
        match self.dates.timezone {
            Some(_) => note,
            None => note.remedy("read.timezone = \"Europe/Warsaw\" counts the days of a shop there"),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;
    use clivia_core::notes::Severity;

    use crate::dates::{DateEvidence, DateReader, PartOrder};

    fn notes(dates: &[&str], reader: &DateReader) -> Vec<(String, String, String)> {
        let mut evidence = DateEvidence::default();
        (2..).zip(dates).for_each(|(row, date)| evidence.add(row, date));
        let notes = evidence.notes("date", reader).into_iter();
        notes.map(|note| (note.code, note.sentence, note.remedy)).collect()
    }

    fn sentence(dates: &[&str], reader: &DateReader) -> String {
        match &notes(dates, reader)[..] {
            [(_, sentence, _)] => sentence.clone(),
            notes => panic!("{dates:?}: {notes:?}"),
        }
    }

    #[test]
    fn of_plain_dates_there_is_nothing_to_say() {
        let plain = ["2024-01-05", "2024-01-05 10:11:12", "5 January 2024", "1.2.2024", "", "soon"];
        assert_eq!(notes(&plain, &DateReader::default()), []);
    }

    #[test]
    fn how_dates_were_read_is_said() {
        let usual = DateReader::default();
        let said = [
            (&["43102", "43103"][..], "dates of column 'date' such as '43102' are numbers of a spreadsheet"),
            (&["202401051011"], "such as '202401051011' are read as the digits"),
            (&["2024010510"], "not as seconds since 1970"),
            (&["1704449472000"], "fall on the days of UTC"),
            (&["18-Jan-18"], "one of 1969 to 2068"),
            (&["2024-01-05 10:11:12 -0500"], "fall on the days of the place where they were written"),
            (&["2024-01-05T10:11:12Z"], "are in UTC and fall on the days of UTC"),
            (&["2024-01-05 10:11:12 EST"], "taken as written"),
        ];
        for (dates, words) in said {
            let sentence = sentence(dates, &usual);
            assert!(sentence.contains(words), "{dates:?}: {sentence}");
        }
    }

    #[test]
    fn the_order_is_said_with_the_date_that_tells() {
        let reader = DateReader { order: Some(PartOrder::DayFirst), ..DateReader::default() };
        let dates = ["3/4/2024", "13/4/2024"];
        let expected = "the day comes first in dates of column 'date' such as '3/4/2024', as '13/4/2024' tells";
        let remedy = "read.date_format = \"mdy\" reads the month first";
        assert_eq!(notes(&dates, &reader), [("date_order".into(), expected.into(), remedy.into())]);
        assert_eq!(notes(&["13/4/2024"], &reader), []);
    }

    #[test]
    fn a_stated_zone_is_said() {
        let warsaw = DateReader { timezone: Some(Tz::Europe__Warsaw), ..DateReader::default() };
        let said = notes(&["2024-01-05T10:11:12Z"], &warsaw);
        assert!(said[0].1.contains("fall on the days of Europe/Warsaw, as read.timezone says") && said[0].2.is_empty());
        let mut evidence = DateEvidence::default();
        evidence.add(2, "2024-01-05T10:11:12Z");
        let note = evidence.notes("date", &DateReader::default()).remove(0);
        assert_eq!((note.severity, note.rows, note.share), (Severity::Info, Some(1), Some(1.0)));
        assert!(note.remedy.contains("read.timezone"));
    }
}
