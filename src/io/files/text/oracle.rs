//! Texts cut into pieces against a plain reader, record by record.

use std::io::{Cursor, Read};

use csv::{ByteRecord, ReaderBuilder};
use proptest::prelude::*;
use xxhash_rust::xxh3::Xxh3;

use crate::blocks::Block;
use crate::cells::Cells;
use crate::files::encoding::Encodings;
use crate::files::text::cutter::Cutter;
use crate::files::text::find::{Found, Shape};
use crate::files::text::piece::CellsIn;
use crate::files::text::{Opened, Sizes, for_each_piece};
use crate::frame::LineEnd;
use crate::rejects::Rule;
use crate::source::Wanted;

/// What a text holds, row by row.
#[derive(Debug, Default, PartialEq)]
struct Held {
    names: Vec<String>,
    rows: Vec<u64>,
    /// The wanted cells of each row.
    cells: Vec<Vec<Option<String>>>,
    broken: Vec<(u64, String, Rule)>,
    fingerprints: Vec<u128>,
    /// Lines of quotes that should not be there.
    stray: Vec<(u64, u64)>,
    /// Records in the first block.
    first: usize,
}

/// Reads a whole text with the csv crate, a record at a time.
fn plainly(text: &[u8], delimiter: u8, wanted: &[usize], sizes: Sizes) -> Held {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .terminator(csv::Terminator::Any(b'\n'))
        .has_headers(false)
        .from_reader(text.chain(&b"\n"[..]));
    let (mut held, mut record) = (Held::default(), ByteRecord::new());
    while reader.read_byte_record(&mut record).expect("bytes in memory") {
        let ends = record.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
        let row = reader.position().line().saturating_sub(1 + ends);
        let mut cells: Vec<Vec<u8>> = record.iter().map(<[u8]>::to_vec).collect();
        if let Some(cell) = cells.last_mut().filter(|cell| cell.ends_with(b"\r")) {
            cell.pop();
        }
        match cells.as_slice() {
            [only] if only.is_empty() => {}
            cells if held.names.is_empty() => {
                held.names = cells.iter().map(|name| String::from_utf8_lossy(name).trim().into()).collect();
            }
            cells => held.take(row, cells, wanted, sizes),
        }
    }
    held.first = sizes.first.min(held.rows.len() + held.broken.len());
    held
}

impl Held {
    fn take(&mut self, row: u64, cells: &[Vec<u8>], wanted: &[usize], sizes: Sizes) {
        let (bytes, columns) = (cells.concat(), self.names.len());
        let text: Vec<_> = cells.iter().take(50).map(|cell| String::from_utf8_lossy(cell)).collect();
        let start: String = text.join(" | ").chars().take(200).collect();
        if bytes.len() > sizes.longest {
            self.broken.push((row, start, Rule::RowTooLong));
        } else if cells.len() != columns {
            let value = format!("{} cells for {columns} columns: {start}", cells.len());
            self.broken.push((row, value, Rule::WrongNumberOfCells));
        } else if wanted.iter().filter_map(|place| cells.get(*place)).any(|cell| std::str::from_utf8(cell).is_err()) {
            self.broken.push((row, start, Rule::NotText));
        } else {
            let cell = |place: &usize| cells.get(*place).and_then(|cell| String::from_utf8(cell.clone()).ok());
            self.rows.push(row);
            self.cells.push(wanted.iter().map(|place| cell(place).filter(|cell| !cell.is_empty())).collect());
            self.fingerprints.push(fingerprint(cells));
        }
    }

    fn add(&mut self, block: Block, wanted: &[String]) {
        if self.rows.len() + self.broken.len() == 0 {
            self.first = block.height() + block.broken.len();
        }
        let columns = wanted.iter().map(|name| block.cells(name));
        let columns = columns.collect::<Result<Vec<_>, _>>().expect("wanted columns of text");
        for row in 0..block.height() {
            self.rows.push(block.rows.get(row));
            self.cells.push(columns.iter().map(|cells| text(cells, row)).collect());
        }
        self.stray.extend(block.stray_quotes.iter().map(|quote| (quote.row, quote.lines)));
        self.broken.extend(block.broken.into_iter().map(|broken| (broken.row, broken.value, broken.rule)));
        self.fingerprints.extend(block.fingerprints.expect("asked for"));
    }
}

fn text(cells: &Cells, row: usize) -> Option<String> {
    let Cells::Text(cells) = cells else { panic!("a text holds text") };
    cells.get(row).map(String::from)
}

fn fingerprint(cells: &[Vec<u8>]) -> u128 {
    let mut hasher = Xxh3::new();
    for cell in cells {
        hasher.update(&(cell.len() as u64).to_le_bytes());
        hasher.update(cell);
    }
    hasher.digest128()
}

/// A text of which `head` has been read before.
fn opened(head: &[u8], rest: &[u8], delimiter: u8, values: Option<Vec<usize>>, sizes: Sizes) -> Opened {
    let shape = Shape { values: values.clone().unwrap_or_default(), ..Shape::of(3) };
    let found = Found { delimiter, sep_line: false, header_at: 0, header_line: 1, shape, end_delimiters: false };
    let rest = Cutter::new(head.to_vec(), Box::new(Cursor::new(rest.to_vec())), 1, delimiter, sizes.step);
    let cells_in = CellsIn::Stated(Encodings::UTF_8);
    let mut opened = Opened { rest, found, line_end: LineEnd::Lf, cells_in, names: Vec::new() };
    opened.read_names(true).expect("bytes in memory");
    opened.rest.longest = sizes.longest;
    opened.rest.shape = values.map(|_| opened.found.shape.clone());
    opened
}

/// Reads a text in pieces, of which `head` bytes have been read before; stray quotes are looked for where columns of values
/// are given.
fn in_pieces(
    text: &[u8],
    head: usize,
    delimiter: u8,
    wanted: &[usize],
    values: Option<Vec<usize>>,
    sizes: Sizes,
) -> Held {
    let (head, rest) = text.split_at(head.min(text.len()));
    let opened = opened(head, rest, delimiter, values, sizes);
    let mut held = Held { names: opened.names.clone(), ..Held::default() };
    let columns: Vec<String> = wanted.iter().filter_map(|place| opened.names.get(*place).cloned()).collect();
    let wanted = Wanted { columns: &columns, fingerprints: true };
    for_each_piece(opened, &wanted, sizes, |piece| {
        piece.block().into_iter().for_each(|block| held.add(block, &columns));
        true
    })
    .expect("bytes in memory");
    held
}

/// With limits as small as these, what is kept of a row that is too long is less than would be shown of it.
fn shorten(mut held: Held, sizes: Sizes) -> Held {
    for (_, value, _) in held.broken.iter_mut().filter(|(_, _, rule)| *rule == Rule::RowTooLong) {
        // A character has at most four bytes.
        *value = value.chars().take(sizes.longest / 4).collect();
    }
    held
}

/// Scraps that meet all the rules, put together in any order.
fn scraps(separators: &'static [&'static [u8]]) -> impl Strategy<Value = Vec<u8>> {
    let usual: &[&[u8]] = &[b"a", b"17", b"2024-01-31", b"3.50", b" ", "Zażółć".as_bytes(), b"thirteen bytes"];
    let odd: &[&[u8]] =
        &[b"\"", b"\"\"", b"\"a\"", b"\"a,\n;b\"", b"\"\"\"\"", b"\r", b"\xff", b"\xc3", b"\xa9", b"\xef\xbb\xbf"];
    let usual = prop::sample::select(usual.to_vec());
    let odd = prop::sample::select(odd.to_vec());
    let separator = prop::sample::select(separators.to_vec());
    (0..4u8, 0..40u32).prop_flat_map(move |(oddity, count)| {
        let scrap = prop_oneof![40 => usual.clone(), 60 => separator.clone(), u32::from(oddity) * 5 => odd.clone()];
        prop::collection::vec(scrap, count as usize..count as usize * 4 + 1).prop_map(|scraps| scraps.concat())
    })
}

/// Whole lines of three cells, now and then odd ones, with either end.
fn lines() -> impl Strategy<Value = Vec<u8>> {
    let line = prop::sample::select(vec![
        "1,2024-01-31,3.50",
        "x,2024-01-31 08:26:00,-1",
        "\"1\",\"2024-01-31\",\"3,50\"",
        "\"a\"\"b\",\"two\nlines\",1",
        "",
        "1,2",
        "1,2,3,4",
        "a\"b,\"c\"d,\"",
        "\"\"",
        ",,",
        "Łódź,,1",
        "long long long long long long long long,1,1",
    ]);
    let end = prop::sample::select(vec!["\n", "\n", "\r\n"]);
    prop::collection::vec((line, end), 0..60)
        .prop_map(|lines| lines.into_iter().flat_map(|(line, end)| [line, end].concat().into_bytes()).collect())
}

fn any_text() -> impl Strategy<Value = (Vec<u8>, u8)> {
    let commas = scraps(&[b",", b"\n", b"\r\n"]).prop_map(|text| (text, b','));
    let semicolons = scraps(&[b";", b";", b"\n", b"\n", b"\r\n", b","]).prop_map(|text| (text, b';'));
    prop_oneof![commas, semicolons, lines().prop_map(|text| (text, b','))]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_hold_what_the_plain_reader_finds(
        (body, delimiter) in any_text(),
        (head, step, first, longest) in (0..80usize, 1..60usize, 1..12usize, 5..90usize),
        cut in prop::bool::ANY,
    ) {
        let header = [b"one", &[delimiter][..], b"\"two\"", &[delimiter], b"three\r\n"].concat();
        let mut text = [b"\n\r\n".to_vec(), header, body].concat();
        if cut {
            text.pop();
        }
        let sizes = Sizes { step, first, longest };
        let wanted = [2, 0];
        let (found, expected) =
            (in_pieces(&text, head, delimiter, &wanted, None, sizes), plainly(&text, delimiter, &wanted, sizes));
        prop_assert_eq!(shorten(found, sizes), shorten(expected, sizes));
    }

    #[test]
    fn stray_quotes_are_found_whatever_is_read_at_a_time(
        (body, delimiter) in any_text(),
        (head, step, first, longest) in (0..80usize, 1..60usize, 1..12usize, 40..200usize),
        values in prop::sample::select(vec![vec![], vec![1], vec![0, 2]]),
    ) {
        let header = [b"one", &[delimiter][..], b"\"two\"", &[delimiter], b"three\r\n"].concat();
        let text = [header, body].concat();
        let read = |head, step| {
            let sizes = Sizes { step, first, longest };
            shorten(in_pieces(&text, head, delimiter, &[2, 0], Some(values.clone()), sizes), sizes)
        };
        let (found, at_once) = (read(head, step), read(0, 1 << 16));
        prop_assert_eq!(found, at_once);
    }
}

#[test]
fn a_quote_that_is_never_closed_is_not_kept_in_memory() {
    let sizes = Sizes { step: 1_000, first: 3, longest: 5_000 };
    // The lines behind it are no rows.
    let text = [&b"one,two,three\n1,2,3\n\"never,closed\n"[..], &b"x,\n".repeat(100_000)].concat();
    for values in [None, Some(vec![0])] {
        let opened = opened(b"", &text, b',', values, sizes);
        let columns = ["one".to_string()];
        let mut most = 0;
        for_each_piece(opened, &Wanted { columns: &columns, fingerprints: false }, sizes, |piece| {
            most = most.max(piece.segments.iter().map(|segment| segment.text().len()).sum());
            true
        })
        .expect("bytes in memory");
        assert!((5_000..20_000).contains(&most), "{most} bytes");
    }
}

/// What is read of a hundred thousand rows, in some of which a quote is put.
fn with_quotes(quotes: &[u64], end: &str) -> Held {
    let line = |row: u64| {
        let quote = if quotes.contains(&row) { "\"" } else { "" };
        format!("{quote}c{},2024-01-{:02},{}.50{end}", row % 977, row % 28 + 1, row % 100)
    };
    let text: String = (1..=100_000).map(line).collect();
    let text = format!("customer,date,amount{end}{text}");
    in_pieces(text.as_bytes(), 65_536, b',', &[0, 2], Some(vec![1, 2]), crate::files::text::SIZES)
}

#[test]
fn a_stray_quote_loses_no_row() {
    let plain = with_quotes(&[], "\n");
    assert_eq!((plain.rows.len(), plain.broken.len()), (100_000, 0));
    for (quotes, end) in
        [(&[50_000, 60_000][..], "\n"), (&[50_000], "\n"), (&[99_999, 100_000], "\r\n"), (&[1], "\r\n")]
    {
        let held = with_quotes(quotes, end);
        assert_eq!((held.rows.len(), held.broken.len()), (100_000, 0), "{quotes:?}");
        assert_eq!(held.cells, plain.cells, "{quotes:?}");
        // The header is line 1.
        assert_eq!(held.stray, quotes.iter().map(|row| (row + 1, 1)).collect::<Vec<_>>());
    }
}

/// Rows with their lines, and quotes with their lines and how many lines they hold.
type RowsAndQuotes = (Vec<(u64, String)>, Vec<(u64, u64)>);

/// Rows as (line, first cell), and stray quotes, of a text with three columns of which the second and third hold values.
fn rows_of(lines: &[&str]) -> RowsAndQuotes {
    let text = format!("customer,date,amount\n{}\n", lines.join("\n"));
    let held = in_pieces(text.as_bytes(), 0, b',', &[0], Some(vec![1, 2]), crate::files::text::SIZES);
    let rows = held.rows.iter().zip(&held.cells);
    (rows.map(|(row, cells)| (*row, cells[0].clone().unwrap_or_default())).collect(), held.stray)
}

#[test]
fn cells_over_several_lines_stay_as_they_are() {
    let (rows, stray) = rows_of(&[
        "\"Main Street 5\nBerlin\",2024-01-01,5",
        "\"a \"\"quoted\"\" word,\nand, more\",2024-01-02,6",
        "5\" pipe,2024-01-03,7",
        "\"5\"\" pipe\",2024-01-04,8",
        "K5,2024-01-05,9",
    ]);
    let names = ["Main Street 5\nBerlin", "a \"quoted\" word,\nand, more", "5\" pipe", "5\" pipe", "K5"];
    assert_eq!(rows.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), names);
    assert_eq!(rows.iter().map(|(row, _)| *row).collect::<Vec<_>>(), [2, 4, 6, 7, 8]);
    assert_eq!(stray, []);
}

#[test]
fn a_stray_quote_is_closed_by_whatever_quote_comes_next() {
    let rows = ["K1,2024-01-01,5", "\"K2,2024-01-02,6", "K3,2024-01-03,7", "\"K, 4\",2024-01-04,8", "K5,2024-01-05,9"];
    let (read, stray) = rows_of(&rows);
    assert_eq!(read.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["K1", "K2", "K3", "K, 4", "K5"]);
    assert_eq!(stray, [(3, 1)]);
    // In the last cell of a line, whose closing quote is missing, and in the last line.
    let (read, stray) =
        rows_of(&["\"K1\",\"2024-01-01\",\"5", "\"K2\",\"2024-01-02\",\"6\"", "\"K3\",\"2024-01-03\",\"7"]);
    assert_eq!(read.len(), 3);
    assert_eq!(stray, [(2, 1), (4, 1)]);
}

#[test]
fn a_quote_that_hides_no_rows_is_said_and_left() {
    let (read, stray) = rows_of(&["\"He said\n\"hi\" and left\",soon,5", "K2,2024-01-02,6"]);
    assert_eq!(read.len(), 2);
    assert_eq!(stray, [(2, 2)]);
}
