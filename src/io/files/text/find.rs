//! The frame of a text found out of its head.

use crate::files::text::record::{Record, record};
use crate::frame::{Kind, LineEnd, header};

/// Records that are looked at.
const RECORDS: usize = 200;

/// What is found of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) delimiter: u8,
    pub(super) sep_line: bool,
    /// Where the header begins.
    pub(super) header_at: usize,
    /// The number of its line.
    pub(super) header_line: u64,
    pub(super) shape: Shape,
    /// Whether lines end with more delimiters than there are columns.
    pub(super) end_delimiters: bool,
}

/// What rows look like.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Shape {
    /// The columns of the header.
    pub(super) columns: usize,
    /// Cells in a row: those beyond the columns are empty.
    pub(super) cells: usize,
    /// Columns that hold nothing but numbers and dates in all rows that have been looked at.
    pub(super) values: Vec<usize>,
}

impl Shape {
    /// Rows of so many cells, whatever they hold.
    pub(super) fn of(columns: usize) -> Self {
        Shape { columns, cells: columns, values: Vec::new() }
    }
}

/// What is stated of a text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stated {
    pub(super) delimiter: Option<u8>,
    /// The line of the header.
    pub(super) header_line: Option<u64>,
}

/// What ends the lines of a text that begins so.
pub(super) fn line_end(head: &[u8]) -> LineEnd {
    let (mut quoted, mut ends) = (false, [0; 3]);
    for (at, byte) in head.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => ends[usize::from(at > 0 && head[at - 1] == b'\r')] += 1,
            b'\r' if !quoted && head.get(at + 1).is_some_and(|next| *next != b'\n') => ends[2] += 1,
            _ => {}
        }
    }
    match ends {
        [0, 0, returns] if returns > 0 => LineEnd::Cr,
        [lf, crlf, _] if crlf > lf => LineEnd::CrLf,
        _ => LineEnd::Lf,
    }
}

/// Finds the frame of a text that begins with `head`; `ends` says that it is all of it.
pub(super) fn find(head: &[u8], ends: bool, stated: Stated) -> Found {
    let (first, first_end) = first_line(head);
    let sep = sep_sign(first);
    let start = sep.map_or(0, |_| first_end);
    let start = stated.header_line.map_or(start, |line| line_begin(head, line));
    let table = &head[start..];
    let sniffed = || sniff(table, ends);
    let delimiter = stated.delimiter.or(sep).unwrap_or_else(sniffed);
    let records = Records::of(table, delimiter, ends);
    let place = if stated.header_line.is_some() { 0 } else { header(&records.kinds) };
    let header_at = start + records.starts.get(place).copied().unwrap_or(0);
    let (shape, end_delimiters) = records.shape(place);
    let header_line = 1 + memchr::memchr_iter(b'\n', &head[..header_at]).count() as u64;
    Found { delimiter, sep_line: sep.is_some(), header_at, header_line, shape, end_delimiters }
}

/// The first line, and where the next one begins.
fn first_line(text: &[u8]) -> (&[u8], usize) {
    let end = memchr::memchr(b'\n', text);
    let line = &text[..end.unwrap_or(text.len())];
    (line.strip_suffix(b"\r").unwrap_or(line), end.map_or(text.len(), |end| end + 1))
}

/// Where a line begins.
fn line_begin(text: &[u8], line: u64) -> usize {
    let ends = usize::try_from(line.saturating_sub(2)).unwrap_or(usize::MAX);
    if line < 2 { 0 } else { memchr::memchr_iter(b'\n', text).nth(ends).map_or(text.len(), |end| end + 1) }
}

/// The sign that a line such as `sep=;` names. Spreadsheets that have saved it again put it in quotes or delimiters behind it.
fn sep_sign(line: &[u8]) -> Option<u8> {
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let (word, rest) = line.split_at_checked(4)?;
    let (sign, behind) = rest.split_first()?;
    let named = word.eq_ignore_ascii_case(b"sep=") && (*sign == b'\t' || sign.is_ascii_punctuation()) && *sign != b'"';
    let nothing_more = behind.iter().all(|byte| *byte == *sign || b"\" ,;".contains(byte));
    (named && nothing_more).then_some(*sign)
}

/// The delimiter by which most of the first records have as many cells as the header, and the most cells.
fn sniff(text: &[u8], ends: bool) -> u8 {
    let cells = |delimiter: &u8| {
        let records = Records::of(text, *delimiter, ends);
        let place = header(&records.kinds);
        let columns = records.kinds.get(place).map_or(0, Vec::len);
        let like_header = records.kinds.iter().skip(place).filter(|record| record.len() == columns).count();
        if columns < 2 { (0, 0) } else { (like_header, columns) }
    };
    b",;\t|".iter().copied().rev().max_by_key(cells).unwrap_or(b',')
}

/// The first records of a text.
struct Records {
    starts: Vec<usize>,
    kinds: Vec<Vec<Kind>>,
}

impl Records {
    /// Those that are not blank; the last may be cut off by the end of what is looked at.
    fn of(text: &[u8], delimiter: u8, ends: bool) -> Self {
        let (mut records, mut at) = (Records { starts: Vec::new(), kinds: Vec::new() }, 0);
        while at < text.len() && records.starts.len() < RECORDS {
            let record = record(&text[at..], delimiter);
            let cut_off = !record.whole && !ends;
            if !record.is_blank() && (!cut_off || records.starts.is_empty()) {
                records.starts.push(at);
                records.kinds.push(kinds(&record));
            }
            at += record.end;
        }
        records
    }

    /// What the rows below the header look like, and whether their lines or that of the header end with more delimiters
    /// than there are columns.
    fn shape(&self, header: usize) -> (Shape, bool) {
        let Some(names) = self.kinds.get(header) else { return (Shape::default(), false) };
        let rows = &self.kinds[header + 1..];
        let cells = most_common(rows.iter().map(Vec::len)).unwrap_or(names.len());
        let rows: Vec<_> = rows.iter().filter(|row| row.len() == cells).collect();
        let named = names.iter().rposition(|kind| *kind != Kind::Blank).map_or(0, |last| last + 1);
        let blank = |row: &&Vec<Kind>, from: usize| row[from..].iter().all(|kind| *kind == Kind::Blank);
        let (columns, cells) = if cells > names.len() && rows.iter().all(|row| blank(row, names.len())) {
            (names.len(), cells)
        } else if (named.max(1)..names.len()).contains(&cells) {
            (cells, cells)
        } else {
            (names.len(), names.len())
        };
        let in_both = columns == names.len() && named < columns && rows.iter().all(|row| row.len() > named && blank(row, named));
        let values = (0..columns).filter(|column| holds_values(rows.iter().map(|row| row.get(*column))));
        (Shape { columns, cells, values: values.collect() }, cells != names.len() || (in_both && !rows.is_empty()))
    }
}

fn kinds(record: &Record) -> Vec<Kind> {
    record.cells.iter().map(|cell| Kind::of(cell)).collect()
}

fn most_common(counts: impl Iterator<Item = usize>) -> Option<usize> {
    let mut seen = std::collections::BTreeMap::<usize, usize>::new();
    counts.for_each(|count| *seen.entry(count).or_default() += 1);
    seen.into_iter().max_by_key(|(_, times)| *times).map(|(count, _)| count)
}

fn holds_values<'k>(mut cells: impl Iterator<Item = Option<&'k Kind>> + Clone) -> bool {
    let text = cells.clone().flatten().any(|kind| *kind == Kind::Text);
    !text && cells.any(|kind| kind == Some(&Kind::Value))
}

#[cfg(test)]
mod tests {
    use crate::files::text::find::*;

    fn found(text: &str) -> Found {
        find(text.as_bytes(), true, Stated::default())
    }

    /// The delimiter, the line of the header, the columns and the cells of a row.
    fn frame(text: &str) -> (char, u64, usize, usize) {
        let Found { delimiter, header_line, shape, .. } = found(text);
        (delimiter.into(), header_line, shape.columns, shape.cells)
    }

    #[test]
    fn the_delimiter_is_the_one_that_splits_evenly() {
        let sniff = |text: &str| found(text).delimiter;
        assert_eq!(sniff("a,b,c\n1,2,3\n"), b',');
        assert_eq!(sniff("a;b;c\n1;2,5;3,0\n2;3,5;4,1\n"), b';');
        assert_eq!(sniff("a\tb\n1,5\t2\n"), b'\t');
        assert_eq!(sniff("a|b|c\n1|2|3\n"), b'|');
        assert_eq!(sniff("a,b\n\"x;y;z\",2\n\"x;y\",3\n"), b',');
        assert_eq!(sniff("only\n1\n"), b',');
        assert_eq!(sniff("Bericht\nZeitraum, alles\n\nKunde;Datum;Betrag\nK1;2023-01-08;36,77\nK2;2023-01-09;1,5\n"), b';');
    }

    #[test]
    fn lines_above_the_header_are_passed_over() {
        let report = "Report\nPeriod:,2023-01-01 to 2024-06-30\n\nCustomer,Order,Date,Amount\nK1,50001,2023-01-08,36.77\nTotals:,,,36.77\n";
        assert_eq!(frame(report), (',', 4, 4, 4));
        assert_eq!(found(report).header_at, report.find("Customer").expect("a header"));
        assert_eq!(found(report).shape.values, [1, 2, 3]);
        let padded = "Report;;\r\nStand;01.01.2024;\r\n;;\r\nKunde;Datum;Betrag\r\nMaier;08.01.2023;1,5\r\nRoth;09.01.2023;2\r\n";
        assert_eq!(frame(padded), (';', 4, 3, 3));
        // Stated, it is not looked for.
        let stated = Stated { header_line: Some(2), ..Stated::default() };
        assert_eq!(find(b"x,y,z\na,b\n1,2\n", true, stated).header_line, 2);
        let beyond = Stated { header_line: Some(9), ..Stated::default() };
        assert_eq!(find(b"a,b\n1,2\n", true, beyond).header_at, 8);
    }

    #[test]
    fn a_plain_header_is_not_passed_over() {
        assert_eq!(frame("name,date,amount\nDoe, John,2024-01-01,5\nRoe,2024-01-02,6\n"), (',', 1, 3, 3));
        assert_eq!(frame(",id,date\n0,1,2024-01-01\n1,2,2024-01-02\n"), (',', 1, 3, 3));
        assert_eq!(frame("\n\nid,date\n1,2024-01-01\n"), (',', 3, 2, 2));
        assert_eq!(frame("name,city,email\nDoe,Rome,x@y\n"), (',', 1, 3, 3));
    }

    #[test]
    fn a_line_for_spreadsheets_names_the_delimiter() {
        for line in ["sep=;", "SEP=;\r", "\"sep=;\"", "sep=;;;;"] {
            let found = found(&format!("{line}\na,b;c\n1,5;2\n"));
            assert_eq!((found.delimiter, found.header_line, found.sep_line), (b';', 2, true), "{line}");
        }
        assert_eq!(found("sep=\t\na\tb\n1\t2\n").delimiter, b'\t');
        for text in ["sep,amount\n1,2\n", "sep=x,amount\n1,2\n", "sep=,amount\n1,2\n", "sep=\n1\n", "sep\n1\n"] {
            let found = found(text);
            assert_eq!((found.header_line, found.sep_line), (1, false), "{text}");
        }
    }

    #[test]
    fn lines_may_end_with_delimiters_too_many() {
        assert_eq!(frame("a,b,c\n1,2,3,\n4,5,6,\n"), (',', 1, 3, 4));
        assert_eq!(frame("a,b,c\n1,2,3,,,\n4,5,6,,,\n"), (',', 1, 3, 6));
        assert_eq!(frame("a,b,c,\n1,2,3\n4,5,6\n"), (',', 1, 3, 3));
        assert_eq!(frame("a,b,c,\n1,2,3,\n4,5,6,\n"), (',', 1, 4, 4));
        assert!(found("a,b,c,\n1,2,3,\n4,5,6,\n").end_delimiters);
        // Rows of other lengths are no such thing.
        assert_eq!(frame("a,b,c\n1,2,3,4\n4,5,6,7\n"), (',', 1, 3, 3));
        assert_eq!(frame("a,b,\n1,2,3\n4,5,6\n"), (',', 1, 3, 3));
        assert!(!found("a,b,\n1,2,3\n4,5,6\n").end_delimiters);
        assert_eq!(frame("a,b,c\n1,2\n4,5\n"), (',', 1, 3, 3));
    }

    #[test]
    fn line_ends_are_told_apart() {
        assert_eq!(line_end(b"a,b\n1,2\n"), LineEnd::Lf);
        assert_eq!(line_end(b"a,b\r\n1,2\r\n"), LineEnd::CrLf);
        assert_eq!(line_end(b"a,b\r1,\"x\ny\"\r"), LineEnd::Cr);
        assert_eq!(line_end(b"a,b\n1,x\ry\n"), LineEnd::Lf);
        assert_eq!(line_end(b"a,b\n1,\"x\ry\"\n"), LineEnd::Lf);
        assert_eq!(line_end(b"a,b"), LineEnd::Lf);
    }
}
