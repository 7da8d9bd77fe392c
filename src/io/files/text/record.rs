//! One record of a text, cut into cells by the rules of quotes.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

/// A record and how it is quoted.
#[derive(Debug, Default)]
pub(super) struct Record<'t> {
    /// Its cells, without quotes around them.
    pub(super) cells: Vec<Cow<'t, [u8]>>,
    /// Where it ends: behind its line end, or at the end of the text.
    pub(super) end: usize,
    /// Whether every quote that opens a cell is closed where the cell ends.
    pub(super) closed: bool,
    /// Whether its line end is in the text.
    pub(super) whole: bool,
}

impl Record<'_> {
    /// Whether it is a single cell with nothing in it.
    pub(super) fn is_blank(&self) -> bool {
        self.cells.len() <= 1 && self.cells.iter().all(|cell| cell.is_empty())
    }
}

/// The record that begins a text, by the rules of the csv crate: a quote opens at the beginning of a cell only, two quotes in
/// a quoted cell are one, and what follows a closing quote belongs to the cell.
pub(super) fn record(text: &[u8], delimiter: u8) -> Record<'_> {
    let mut record = Record { closed: true, ..Record::default() };
    let mut end = End::Delimiter;
    while end == End::Delimiter {
        let cell = Cell::of(&text[record.end..], delimiter);
        record.end += cell.length;
        record.closed &= cell.closed;
        record.cells.push(cell.text);
        end = cell.end;
    }
    record.whole = end == End::Line;
    strip_return(&mut record.cells);
    record
}

/// The cells of a single line by itself: a quote that the line does not close is taken for a stray one and dropped.
pub(super) fn line(text: &[u8], delimiter: u8) -> Vec<Cow<'_, [u8]>> {
    let (mut cells, mut at, mut end) = (Vec::new(), 0, End::Delimiter);
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    while end == End::Delimiter {
        let mut cell = Cell::of(&text[at..], delimiter);
        if cell.open {
            at += 1;
            cell = Cell::plain(&text[at..], delimiter);
        }
        at += cell.length;
        cells.push(cell.text);
        end = cell.end;
    }
    strip_return(&mut cells);
    cells
}

/// What ends a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Delimiter,
    Line,
    Text,
}

/// A cell and what ends it.
#[derive(Debug)]
struct Cell<'t> {
    text: Cow<'t, [u8]>,
    /// Bytes to the end of the delimiter or line end behind it.
    length: usize,
    end: End,
    /// Whether it ends right behind its closing quote, where it has one.
    closed: bool,
    /// Whether its quote is never closed.
    open: bool,
}

impl<'t> Cell<'t> {
    fn of(text: &'t [u8], delimiter: u8) -> Self {
        match text.first() {
            Some(b'"') => Cell::quoted(text, delimiter),
            _ => Cell::plain(text, delimiter),
        }
    }

    fn plain(text: &'t [u8], delimiter: u8) -> Self {
        let (cell, length, end) = match memchr2(delimiter, b'\n', text) {
            Some(at) if text[at] == b'\n' => (&text[..at], at + 1, End::Line),
            Some(at) => (&text[..at], at + 1, End::Delimiter),
            None => (text, text.len(), End::Text),
        };
        Cell { text: cell.into(), length, end, closed: true, open: false }
    }

    fn quoted(text: &'t [u8], delimiter: u8) -> Self {
        let (mut held, mut at) = (Vec::new(), 1);
        while let Some(quote) = memchr(b'"', &text[at..]) {
            held.extend_from_slice(&text[at..at + quote]);
            at += quote + 1;
            if text.get(at) != Some(&b'"') {
                let rest = Cell::plain(&text[at..], delimiter);
                let closed = matches!(&*rest.text, b"" | b"\r");
                held.extend_from_slice(&rest.text);
                return Cell { text: held.into(), length: at + rest.length, closed, ..rest };
            }
            held.push(b'"');
            at += 1;
        }
        held.extend_from_slice(&text[at..]);
        Cell { text: held.into(), length: text.len(), end: End::Text, closed: false, open: true }
    }
}

/// Lines may end with a carriage return before the line feed.
fn strip_return(cells: &mut [Cow<'_, [u8]>]) {
    match cells.last_mut() {
        Some(Cow::Borrowed(text)) => *text = text.strip_suffix(b"\r").unwrap_or(text),
        Some(Cow::Owned(text)) => text.truncate(text.len() - usize::from(text.ends_with(b"\r"))),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::files::text::record::*;

    fn texts<'t>(cells: &'t [Cow<'t, [u8]>]) -> Vec<&'t str> {
        cells.iter().map(|cell| std::str::from_utf8(cell).expect("a text")).collect()
    }

    #[test]
    fn a_record_is_cut_by_the_rules_of_quotes() {
        let of = |text: &'static str| {
            let record = record(text.as_bytes(), b',');
            (texts(&record.cells).join("|"), record.end, record.closed, record.whole)
        };
        assert_eq!(of("a,b\r\nc"), ("a|b".into(), 5, true, true));
        assert_eq!(of("a,"), ("a|".into(), 2, true, false));
        assert_eq!(of("\"a,\"\"b\nc\",d\n"), ("a,\"b\nc|d".into(), 12, true, true));
        assert_eq!(of("\"a\"b,c\n"), ("ab|c".into(), 7, false, true));
        assert_eq!(of("a\"b,c\"\n"), ("a\"b|c\"".into(), 7, true, true));
        assert_eq!(of("a,\"b,c\nd,"), ("a|b,c\nd,".into(), 9, false, false));
    }

    #[test]
    fn a_stray_quote_is_dropped_from_its_line() {
        let of = |text: &'static str| texts(&line(text.as_bytes(), b',')).join("|");
        assert_eq!(of("\"50000,2024-01-01,5\n"), "50000|2024-01-01|5");
        assert_eq!(of("\"50000\",\"2024-01-01\",\"5\r\n"), "50000|2024-01-01|5");
        assert_eq!(of("1,\"a, b\",5\" pipe,"), "1|a, b|5\" pipe|");
    }
}
