//! A piece of a text turned into rows.

use std::borrow::Cow;
use std::io::Read;
use std::ops::Range;
use std::sync::Arc;

use csv::{ByteRecord, Reader, ReaderBuilder};
use memchr::memchr;
use xxhash_rust::xxh3::xxh3_128;

use crate::blocks::{Block, BrokenRow, StrayQuote};
use crate::files::FileSource;
use crate::files::encoding::Encodings;
use crate::files::text::cutter::Segment;
use crate::files::text::find::Shape;
use crate::files::text::record::line;
use crate::frame::is_totals_row;
use crate::rejects::Rule;
use crate::source::Wanted;
use crate::texts::TextRows;

/// In which encodings cells are.
#[derive(Debug, Clone)]
pub(super) enum CellsIn {
    /// Those that are stated.
    Stated(Encodings),
    /// UTF-8, and where that does not hold those that are found out by looking at the whole file.
    FoundOut(FileSource),
}

impl CellsIn {
    /// The encodings, of a file that has been seen not to be UTF-8 everywhere.
    pub(super) fn encodings(&self) -> Encodings {
        match self {
            CellsIn::Stated(encodings) => *encodings,
            // What cannot be read again is refused row by row.
            CellsIn::FoundOut(source) => source.encodings_within().unwrap_or(Encodings::UTF_8),
        }
    }
}

/// How the records of a file become rows.
#[derive(Debug)]
pub(super) struct Form {
    delimiter: u8,
    shape: Shape,
    cells_in: CellsIn,
    /// The wanted columns, and where they stand in a record.
    columns: Vec<(String, Option<usize>)>,
    fingerprints: bool,
    /// Longer records are refused.
    longest: usize,
}

impl Form {
    pub(super) fn new(
        delimiter: u8,
        shape: Shape,
        cells_in: CellsIn,
        names: &[String],
        wanted: &Wanted,
        longest: usize,
    ) -> Self {
        let place = |column: &String| (column.clone(), names.iter().position(|name| name == column));
        let columns = wanted.columns.iter().map(place).collect();
        Form { delimiter, shape, cells_in, columns, fingerprints: wanted.fingerprints, longest }
    }

    /// The rule that a record breaks as a whole.
    fn broken<'c>(&self, bytes: usize, count: usize, mut cells: impl Iterator<Item = &'c [u8]>) -> Option<Rule> {
        if bytes > self.longest {
            return Some(Rule::RowTooLong);
        }
        let beyond = self.shape.cells > self.shape.columns;
        let fits = count == self.shape.cells && (!beyond || cells.by_ref().skip(self.shape.columns).all(<[u8]>::is_empty));
        if fits { None } else { Some(Rule::WrongNumberOfCells) }
    }
}

/// Records that are still to become rows.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(super) form: Arc<Form>,
    pub(super) segments: Vec<Segment>,
}

impl Piece {
    /// Its rows; `None` where there are only blank lines.
    pub(crate) fn block(self) -> Option<Block> {
        let mut rows = Rows::new(&self.form, self.segments.iter().map(Segment::lines).sum());
        for segment in self.segments {
            match segment {
                Segment::Records { text, line, .. } => rows.read(text, line),
                Segment::Doubtful { text, line, lines } => rows.read_doubtful(text, line, lines),
                Segment::Stray { text, line } => rows.read_stray(&text, line),
                Segment::TooLong { start, row } => rows.refuse_too_long(&start, row),
            }
        }
        (!rows.block.is_empty()).then(|| rows.block.into_block())
    }
}

/// A block that is being filled.
struct Rows<'a> {
    form: &'a Form,
    block: TextRows,
    /// Room for the bytes of a fingerprint.
    spare: Vec<u8>,
}

impl<'a> Rows<'a> {
    fn new(form: &'a Form, rows: usize) -> Self {
        let names = form.columns.iter().map(|(name, _)| name);
        Rows { form, block: TextRows::new(names, form.fingerprints, rows), spare: Vec::new() }
    }

    fn read(&mut self, text: Vec<u8>, line: u64) {
        let quoted = memchr(b'"', &text).is_some();
        match String::from_utf8(text).or_else(|not_utf8| self.decoded(not_utf8.into_bytes())) {
            Ok(text) if !quoted => {
                self.read_lines(&text, line);
                self.block.keep(text);
            }
            Ok(text) => self.read_records(text.as_bytes(), line),
            Err(not_text) => self.read_records(&not_text, line),
        }
    }

    /// A text that is in one other encoding as a whole.
    #[cold]
    fn decoded(&self, text: Vec<u8>) -> Result<String, Vec<u8>> {
        let decoded = self.form.cells_in.encodings().of_all().and_then(|all| {
            all.decode_without_bom_handling_and_without_replacement(&text).map(Cow::into_owned)
        });
        decoded.ok_or(text)
    }

    /// A line with a quote that should not be there, which is said of it.
    fn read_stray(&mut self, text: &[u8], row: u64) {
        let form = self.form;
        let cells = line(text, form.delimiter);
        self.say(row, text, 1);
        let bytes = cells.iter().map(|cell| cell.len()).sum();
        let all = || cells.iter().map(|cell| &**cell);
        self.take_record(row, bytes, cells.len(), all, |place| cells.get(place).map(|cell| &**cell));
    }

    /// A record over several lines whose quote is not closed where the cell ends, which is said of it.
    fn read_doubtful(&mut self, text: Vec<u8>, row: u64, lines: usize) {
        self.say(row, &text, lines);
        self.read(text, row);
    }

    fn say(&mut self, row: u64, text: &[u8], lines: usize) {
        let value = String::from_utf8_lossy(&text[..text.len().min(200)]).trim_end().into();
        self.block.stray_quotes.push(StrayQuote { row, lines: lines as u64, value });
    }

    /// Without quotes every line is a record, and every delimiter ends a cell.
    fn read_lines(&mut self, text: &str, first: u64) {
        let (mut row, mut start) = (first, 0);
        let mut ends = Vec::with_capacity(self.form.shape.cells);
        for_each_separator(text.as_bytes(), self.form.delimiter, |at, is_end| {
            ends.push(at);
            if is_end {
                self.take_line(row, text, start, &mut ends);
                (row, start) = (row + 1, at + 1);
                ends.clear();
            }
        });
    }

    // Not a part of the loop above, which sees every cell.
    #[inline(never)]
    fn take_line(&mut self, row: u64, text: &str, start: usize, ends: &mut [usize]) {
        strip_line_return(text.as_bytes(), start, ends);
        let line = Line { text, start, ends };
        let bytes = line.bytes();
        if ends.len() == 1 && bytes == 0 {
            return;
        }
        match self.form.broken(bytes, ends.len(), line.cells().map(str::as_bytes)) {
            Some(rule) => self.refuse(row, rule, ends.len(), line.cells().map(str::as_bytes)),
            None => {
                let cell = |place: usize| line.range(place).filter(|cell| !cell.is_empty());
                self.block.add(row, self.form.columns.iter().map(|(_, place)| cell((*place)?)));
                self.fingerprint(line.cells().map(str::as_bytes));
            }
        }
    }

    /// Record by record, by all the rules of quotes.
    fn read_records(&mut self, text: &[u8], first: u64) {
        let (mut reader, mut record) = (records(self.form.delimiter, text), ByteRecord::new());
        // Bytes in memory can always be read.
        while let Ok(Some(row)) = next(&mut reader, &mut record) {
            // The line before the first one is counted too.
            let row = (first + row).saturating_sub(2);
            let (bytes, count) = (record.as_slice().len(), record.len());
            self.take_record(row, bytes, count, || record.iter(), |place| record.get(place));
        }
    }

    fn take_record<'c, C: Iterator<Item = &'c [u8]>>(
        &mut self,
        row: u64,
        bytes: usize,
        count: usize,
        cells: impl Fn() -> C,
        cell: impl Fn(usize) -> Option<&'c [u8]>,
    ) {
        let form = self.form;
        if let Some(rule) = form.broken(bytes, count, cells()) {
            return self.refuse(row, rule, count, cells());
        }
        let wanted = || form.columns.iter().map(|(_, place)| cell((*place)?).map(unwrapped).filter(|cell| !cell.is_empty()));
        let utf8 = |cell: &'c [u8]| std::str::from_utf8(cell).ok();
        if wanted().flatten().all(|cell| utf8(cell).is_some()) {
            self.block.copy(row, wanted().map(|cell| cell.and_then(utf8)));
        } else {
            let encodings = form.cells_in.encodings();
            let text = |cell: Option<&'c [u8]>| cell.map(|cell| encodings.text(cell).ok_or(Rule::NotText)).transpose();
            match wanted().map(text).collect::<Result<Vec<_>, _>>() {
                Ok(cells) => self.block.copy(row, cells.into_iter()),
                Err(rule) => return self.refuse(row, rule, count, cells()),
            }
        }
        self.fingerprint(cells());
    }

    fn refuse_too_long(&mut self, start: &[u8], row: u64) {
        let (mut reader, mut record) = (records(self.form.delimiter, start), ByteRecord::new());
        if let Ok(Some(_)) = next(&mut reader, &mut record) {
            self.refuse(row, Rule::RowTooLong, record.len(), record.iter());
        }
    }

    fn fingerprint<'c>(&mut self, cells: impl Iterator<Item = &'c [u8]>) {
        let Some(fingerprints) = &mut self.block.fingerprints else { return };
        self.spare.clear();
        for cell in cells {
            self.spare.extend_from_slice(&(cell.len() as u64).to_le_bytes());
            self.spare.extend_from_slice(cell);
        }
        fingerprints.push(xxh3_128(&self.spare));
    }

    #[cold]
    fn refuse<'c>(&mut self, row: u64, rule: Rule, count: usize, cells: impl Iterator<Item = &'c [u8]>) {
        let text: Vec<_> = cells.take(50).map(String::from_utf8_lossy).collect();
        let start: String = text.join(" | ").chars().take(200).collect();
        let sums_up = rule == Rule::WrongNumberOfCells && is_totals_row(text.iter().map(|cell| &**cell));
        let rule = if sums_up { Rule::TotalsRow } else { rule };
        let value = match rule {
            Rule::WrongNumberOfCells => format!("{count} cells for {} columns: {start}", self.form.shape.columns),
            _ => start,
        };
        self.block.broken.push(BrokenRow { row, value, rule });
    }
}

/// What a cell such as `="00123"` shows, in which spreadsheets keep the zeros of a number.
pub(super) fn unwrapped(cell: &[u8]) -> &[u8] {
    cell.strip_prefix(b"=\"").and_then(|text| text.strip_suffix(b"\"")).unwrap_or(cell)
}

/// Calls back with the place of each delimiter and line end, and whether it is the latter. Cells are mostly so short that
/// looking at eight bytes at a time costs less than a search for each.
#[inline(always)]
fn for_each_separator(text: &[u8], delimiter: u8, mut found: impl FnMut(usize, bool)) {
    let (words, rest) = text.as_chunks();
    for (number, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let (delimiters, ends) = (equal(word, delimiter), equal(word, b'\n'));
        let mut marks = delimiters | ends;
        while marks != 0 {
            let bit = marks & marks.wrapping_neg();
            found(8 * number + bit.trailing_zeros() as usize / 8, ends & bit != 0);
            marks ^= bit;
        }
    }
    for (at, byte) in (8 * words.len()..).zip(rest) {
        if *byte == delimiter || *byte == b'\n' {
            found(at, *byte == b'\n');
        }
    }
}

/// The highest bit of each byte of a word that is this one.
#[inline(always)]
fn equal(word: u64, byte: u8) -> u64 {
    const LOW: u64 = u64::from_ne_bytes([0x7f; 8]);
    let other = word ^ u64::from_ne_bytes([byte; 8]);
    // A byte is zero where neither its low bits carry nor its high bit is set.
    !(((other & LOW) + LOW) | other | LOW)
}

/// A record without quotes.
struct Line<'a> {
    text: &'a str,
    start: usize,
    /// Where its cells end.
    ends: &'a [usize],
}

impl<'a> Line<'a> {
    /// Where a cell is.
    fn range(&self, place: usize) -> Option<Range<usize>> {
        let start = place.checked_sub(1).map_or(self.start, |before| self.ends[before] + 1);
        Some(start..*self.ends.get(place)?)
    }

    fn cells(&self) -> impl Iterator<Item = &'a str> {
        (0..self.ends.len()).filter_map(|place| self.text.get(self.range(place)?))
    }

    /// Bytes of its cells.
    fn bytes(&self) -> usize {
        let delimiters = self.ends.len().saturating_sub(1);
        self.ends.last().map_or(0, |end| end - self.start - delimiters)
    }
}

/// Lines may end with a carriage return before the line feed.
fn strip_line_return(text: &[u8], start: usize, ends: &mut [usize]) {
    let [before @ .., end] = ends else { return };
    let start = before.last().map_or(start, |end| end + 1);
    *end -= usize::from(text[start..*end].ends_with(b"\r"));
}

/// The records of a text that is not the beginning of its file; an empty line stands before it, since the reader takes
/// a byte-order mark away only from where it begins.
fn records(delimiter: u8, text: &[u8]) -> Reader<impl Read> {
    reader(delimiter, (&b"\n"[..]).chain(text))
}

pub(super) fn reader<R: Read>(delimiter: u8, text: R) -> Reader<R> {
    ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .terminator(csv::Terminator::Any(b'\n'))
        .has_headers(false)
        .from_reader(text)
}

/// Reads the next record that is not blank; the number of the line on which it begins.
pub(super) fn next<R: Read>(reader: &mut Reader<R>, record: &mut ByteRecord) -> csv::Result<Option<u64>> {
    while reader.read_byte_record(record)? {
        let ends = memchr::memchr_iter(b'\n', record.as_slice()).count() as u64;
        let row = reader.position().line().saturating_sub(1 + ends);
        strip_return(record);
        if record.len() > 1 || !record.as_slice().is_empty() {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// As [`strip_line_return`].
fn strip_return(record: &mut ByteRecord) {
    let Some(last) = record.len().checked_sub(1) else { return };
    let stripped = record.get(last).and_then(|cell| cell.strip_suffix(b"\r")).map(<[u8]>::to_vec);
    if let Some(cell) = stripped {
        record.truncate(last);
        record.push_field(&cell);
    }
}

#[cfg(test)]
mod tests {
    use crate::files::text::piece::*;

    #[test]
    fn separators_are_found_wherever_they_are() {
        // Bytes that differ from the separators in one bit or carry into their neighbours, at all places of a word.
        let bytes: Vec<u8> =
            (0..4_000u32).map(|i| b",\n-+\x0b\x8a\xac\x00\x7f\x80\xff;"[(i * i / 7 % 12) as usize]).collect();
        for length in [0, 1, 7, 8, 9, 4_000] {
            let mut found = Vec::new();
            for_each_separator(&bytes[..length], b',', |at, is_end| found.push((at, is_end)));
            let expected = memchr::memchr2_iter(b',', b'\n', &bytes[..length]);
            assert_eq!(found, expected.map(|at| (at, bytes[at] == b'\n')).collect::<Vec<_>>());
        }
    }
}
