//! Separated values: delimiter sniffed, compressed or not, every cell as it stands in the file.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use csv::{ByteRecord, ReaderBuilder};
use xxhash_rust::xxh3::Xxh3;

use super::rejects::Rule;
use super::sources::Source;
use super::{Block, BrokenRow, Progress, ReadSettings, TableError, TextBlock, Wanted};

/// How much of a file is looked at to find its delimiter.
const SNIFFED: usize = 65_536;
/// Longer records are refused: mostly a quote that is never closed.
const LONGEST_RECORD: usize = 1 << 20;

type TextReader = csv::Reader<Box<dyn Read + Send>>;

pub(super) fn header(source: &Source, settings: &ReadSettings) -> Result<Vec<String>, TableError> {
    let (_, names) = open(source, settings, &Arc::default())?;
    Ok(names)
}

/// Opens the file and reads its header.
fn open(
    source: &Source,
    settings: &ReadSettings,
    progress: &Arc<Progress>,
) -> Result<(TextReader, Vec<String>), TableError> {
    let mut text = source.text(&settings.encoding, progress)?;
    let mut head = Vec::with_capacity(SNIFFED);
    text.by_ref().take(SNIFFED as u64).read_to_end(&mut head).map_err(|cause| source.io(cause))?;
    check_is_text(source, &head)?;
    let delimiter = settings.delimiter_byte()?.unwrap_or_else(|| sniff(&head));
    // The end of the last line may be missing, and lines are counted by their ends.
    let whole: Box<dyn Read + Send> = Box::new(io::Cursor::new(head).chain(text).chain(&b"\n"[..]));
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .terminator(csv::Terminator::Any(b'\n'))
        .has_headers(false)
        .from_reader(whole);
    let mut names = ByteRecord::new();
    next(&mut reader, &mut names).map_err(|error| failed(source, error))?;
    let names = names.iter().map(|name| String::from_utf8_lossy(name).trim().to_string()).collect();
    Ok((reader, names))
}

fn check_is_text(source: &Source, head: &[u8]) -> Result<(), TableError> {
    if head.iter().all(u8::is_ascii_whitespace) {
        return Err(source.empty("the file is empty"));
    }
    if head.contains(&0) {
        return Err(source.broken("it holds binary data; give CSV, Parquet, NDJSON or Arrow IPC"));
    }
    Ok(())
}

/// The delimiter that splits the first records into the most cells, equally many in each.
fn sniff(head: &[u8]) -> u8 {
    let cells = |delimiter: &u8| {
        let mut reader = ReaderBuilder::new().delimiter(*delimiter).flexible(true).has_headers(false).from_reader(head);
        let counts: Vec<usize> = reader.byte_records().flatten().take(20).map(|record| record.len()).collect();
        let header = counts.first().copied().unwrap_or(0);
        // The last record may be cut off by the end of what is looked at.
        let like_header = counts.iter().filter(|count| **count == header).count();
        if header < 2 { (0, 0) } else { (like_header, header) }
    };
    b",;\t|".iter().copied().rev().max_by_key(cells).unwrap_or(b',')
}

pub(super) fn read(
    source: &Source,
    settings: &ReadSettings,
    wanted: &Wanted,
    progress: &Arc<Progress>,
    sender: &SyncSender<Block>,
) -> Result<(), TableError> {
    let (mut reader, names) = open(source, settings, progress)?;
    let places: Vec<Option<usize>> =
        wanted.columns.iter().map(|column| names.iter().position(|name| name == column)).collect();
    let mut record = ByteRecord::new();
    let mut block = TextBlock::new(wanted);
    while let Some(row) = next(&mut reader, &mut record).map_err(|error| failed(source, error))? {
        match broken(&record, names.len()) {
            Some((value, rule)) => block.broken.push(BrokenRow { row, value, rule }),
            None => take(&mut block, &record, row, &places),
        }
        if block.is_full() {
            let full = std::mem::replace(&mut block, TextBlock::new(wanted));
            if sender.send(full.into_block()).is_err() {
                return Ok(());
            }
        }
    }
    if !block.is_empty() {
        // A closed channel means that the other side has stopped for a reason of its own.
        sender.send(block.into_block()).ok();
    }
    Ok(())
}

/// Reads the next record that is not blank; the number of the line on which it begins.
fn next(reader: &mut TextReader, record: &mut ByteRecord) -> csv::Result<Option<u64>> {
    while reader.read_byte_record(record)? {
        let ends = record.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
        let row = reader.position().line().saturating_sub(1 + ends);
        strip_return(record);
        if record.len() > 1 || !record.as_slice().is_empty() {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// Lines may end with a carriage return before the line feed.
fn strip_return(record: &mut ByteRecord) {
    let Some(last) = record.len().checked_sub(1) else { return };
    let stripped = record.get(last).and_then(|cell| cell.strip_suffix(b"\r")).map(<[u8]>::to_vec);
    if let Some(cell) = stripped {
        record.truncate(last);
        record.push_field(&cell);
    }
}

fn broken(record: &ByteRecord, cells: usize) -> Option<(String, Rule)> {
    let start = || -> String {
        let text: Vec<_> = record.iter().take(50).map(String::from_utf8_lossy).collect();
        text.join(" | ").chars().take(200).collect()
    };
    if record.as_slice().len() > LONGEST_RECORD {
        Some((start(), Rule::RowTooLong))
    } else if record.len() != cells {
        Some((format!("{} cells for {cells} columns: {}", record.len(), start()), Rule::WrongNumberOfCells))
    } else if std::str::from_utf8(record.as_slice()).is_err() {
        Some((start(), Rule::NotText))
    } else {
        None
    }
}

fn take(block: &mut TextBlock, record: &ByteRecord, row: u64, places: &[Option<usize>]) {
    block.rows.push(row);
    for ((_, cells), place) in block.columns.iter_mut().zip(places) {
        // The whole record is UTF-8, and its cells are cut at ASCII bytes, so each cell is UTF-8 too.
        let cell = place.and_then(|place| record.get(place)).and_then(|cell| std::str::from_utf8(cell).ok());
        cells.push(cell.filter(|cell| !cell.is_empty()).map(String::from));
    }
    if let Some(fingerprints) = &mut block.fingerprints {
        fingerprints.push(fingerprint(record));
    }
}

fn fingerprint(record: &ByteRecord) -> u128 {
    let mut hasher = Xxh3::new();
    for cell in record {
        hasher.update(&(cell.len() as u64).to_le_bytes());
        hasher.update(cell);
    }
    hasher.digest128()
}

fn failed(source: &Source, error: csv::Error) -> TableError {
    match error.into_kind() {
        csv::ErrorKind::Io(cause) => source.io(cause),
        other => source.broken(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_that_splits_evenly() {
        assert_eq!(sniff(b"a,b,c\n1,2,3\n"), b',');
        assert_eq!(sniff(b"a;b;c\n1;2,5;3,0\n2;3,5;4,1\n"), b';');
        assert_eq!(sniff(b"a\tb\n1,5\t2\n"), b'\t');
        assert_eq!(sniff(b"a|b|c\n1|2|3\n"), b'|');
        assert_eq!(sniff(b"a,b\n\"x;y;z\",2\n\"x;y\",3\n"), b',');
        assert_eq!(sniff(b"only\n1\n"), b',');
    }
}
