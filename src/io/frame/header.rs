//! Which line holds the names of the columns.

/// Records that may stand above the header.
const MOST_ABOVE: usize = 100;

/// What a cell looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing.
    Blank,
    /// Words.
    Text,
    /// A number or a date: more digits than letters.
    Value,
}

impl Kind {
    pub(crate) fn of(cell: &[u8]) -> Self {
        let count = |is: fn(u8) -> bool| cell.iter().filter(|byte| is(**byte)).count();
        // Letters beyond ASCII, and neither blanks nor signs of currencies, in UTF-8 and in encodings of one byte.
        let letter = |byte: u8| byte.is_ascii_alphabetic() || (byte >= 0xc3 && byte != 0xe2);
        if cell.trim_ascii().is_empty() {
            Kind::Blank
        } else if count(|byte| byte.is_ascii_digit()) > count(letter) {
            Kind::Value
        } else {
            Kind::Text
        }
    }
}

/// The place of the header among the first records of a table. It is the first, unless one further down has more cells
/// filled than all above it, with words only, and rows of as many cells and with values in them below it.
pub(crate) fn header(records: &[Vec<Kind>]) -> usize {
    let mut most = 1;
    for (place, record) in records.iter().enumerate().take(MOST_ABOVE) {
        let filled = filled(record);
        if place > 0 && filled > most && names_columns(record, &records[place + 1..]) {
            return place;
        }
        most = most.max(filled);
    }
    0
}

fn filled(record: &[Kind]) -> usize {
    record.iter().filter(|kind| **kind != Kind::Blank).count()
}

fn names_columns(record: &[Kind], below: &[Vec<Kind>]) -> bool {
    // Rows may end with a delimiter that the header does not have, or the other way round.
    let rows: Vec<_> = below.iter().filter(|row| row.len().abs_diff(record.len()) <= 1).collect();
    let count = |column: usize, kind: Kind| rows.iter().filter(|row| row.get(column) == Some(&kind)).count();
    let holds_values = |column: usize| count(column, Kind::Value) > count(column, Kind::Text);
    let mut columns = record.iter().enumerate().filter(|(_, kind)| **kind == Kind::Text);
    !record.contains(&Kind::Value) && 2 * rows.len() >= below.len() && columns.any(|(column, _)| holds_values(column))
}

#[cfg(test)]
mod tests {
    use crate::frame::header::*;

    fn header_of(text: &str) -> usize {
        let cells = |line: &str| line.split(';').map(|cell| Kind::of(cell.as_bytes())).collect();
        header(&text.lines().map(cells).collect::<Vec<_>>())
    }

    #[test]
    fn values_have_more_digits_than_letters() {
        for value in ["17", "-1.234,50 €", "2024-01-31T10:00:00Z", "18-Jan-18", "K1019", "€ 5", "£\u{a0}12"] {
            assert_eq!(Kind::of(value.as_bytes()), Kind::Value, "{value}");
        }
        for text in ["Date", "Größe 1", "Дата 1", "Q1 sales", "€", "-", "Price (EUR)"] {
            assert_eq!(Kind::of(text.as_bytes()), Kind::Text, "{text}");
        }
        assert_eq!((Kind::of(b""), Kind::of(b" \t")), (Kind::Blank, Kind::Blank));
    }

    #[test]
    fn lines_of_a_report_may_stand_above_the_header() {
        assert_eq!(header_of("Report\nPeriod:;2023-01-01 to 2024-06-30\nCustomer;Order;Date\nK1;50001;2023-01-08\n"), 2);
        // Filled up with delimiters, as spreadsheets do.
        assert_eq!(header_of("Report;;\nPeriod:;2023;\n;;\nCustomer;Date;Amount\nK1;2023-01-08;5\nSum;;5"), 3);
        assert_eq!(header_of("Umsatz;je Kunde\n\nKunde;Datum;Betrag\nMaier;08.01.2023;36,77\nMaier;;1"), 2);
    }

    #[test]
    fn a_header_in_the_first_line_stays_there() {
        assert_eq!(header_of("id;date;amount\n1;2024-01-01;5\n2;2024-01-02;6"), 0);
        // Wide rows, be it the first, and nameless columns.
        assert_eq!(header_of("name;date;amount\nDoe; John;2024-01-01;5\nRoe;2024-01-02;6"), 0);
        assert_eq!(header_of("name;date;amount\nDoe; John;2024-01-01;5\nRoe; Jane;2024-01-02;6"), 0);
        assert_eq!(header_of(";date;amount\n1;2024-01-01;5\n2;2024-01-02;6"), 0);
        assert_eq!(header_of("name;city\nDoe; John;Paris\nRoe; Jane;Rome"), 0);
        assert_eq!(header_of("1;2;3\na;b;c"), 0);
        assert_eq!(header(&[]), 0);
    }
}
