//! Separated values: delimiter sniffed, compressed or not, every cell as it stands in the file.

mod cutter;
#[cfg(test)]
mod oracle;
mod piece;

use std::io::{self, BufRead, Read};
use std::sync::Arc;

use csv::{ByteRecord, ReaderBuilder};

use clivia_core::control::Control;

use crate::blocks::BLOCK_ROWS;
use crate::error::TableError;
use crate::files::FileSource;
use crate::plan::ReadSettings;
use crate::source::{Part, Source, Wanted};
use cutter::{Cutter, Segment};
use piece::Form;
pub(crate) use piece::Piece;

/// How much of a file is looked at to find its delimiter.
const SNIFFED: usize = 65_536;

/// How a text is cut.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    /// Bytes that are read at a time, and about as many in a block: few enough to stay in cache, enough to share out.
    step: usize,
    /// Records in the first block.
    first: usize,
    /// Longer records are refused: mostly a quote that is never closed.
    longest: usize,
}

const SIZES: Sizes = Sizes { step: 1 << 19, first: BLOCK_ROWS, longest: 1 << 20 };

pub(super) fn header(source: &FileSource, settings: &ReadSettings) -> Result<Vec<String>, TableError> {
    Ok(Opened::new(source, settings, &Control::default(), SIZES)?.names)
}

/// The settings with the delimiter that the file is cut by.
pub(super) fn settled(source: &FileSource, settings: &ReadSettings) -> Result<ReadSettings, TableError> {
    let delimiter = Opened::new(source, settings, &Control::default(), SIZES)?.delimiter;
    Ok(ReadSettings { delimiter: char::from(delimiter).to_string(), ..settings.clone() })
}

/// A file of which the header has been read.
struct Opened {
    rest: Cutter,
    delimiter: u8,
    names: Vec<String>,
}

impl Opened {
    fn new(source: &FileSource, settings: &ReadSettings, control: &Control, sizes: Sizes) -> Result<Self, TableError> {
        let mut text = source.text(settings, control)?;
        let mut head = Vec::with_capacity(SNIFFED);
        text.by_ref().take(SNIFFED as u64).read_to_end(&mut head).map_err(|cause| source.io(cause))?;
        check_is_text(source, &head)?;
        let delimiter = settings.delimiter_byte()?.unwrap_or_else(|| sniff(&head));
        Opened::cut(head, text, delimiter, sizes).map_err(|cause| source.io(cause))
    }

    fn cut(head: Vec<u8>, text: Box<dyn BufRead + Send>, delimiter: u8, sizes: Sizes) -> io::Result<Self> {
        let mut rest = Cutter::new(head, text, delimiter, sizes.step);
        let names = names(delimiter, &rest.records(1)?);
        rest.longest = sizes.longest;
        Ok(Opened { rest, delimiter, names })
    }
}

fn names(delimiter: u8, header: &[Segment]) -> Vec<String> {
    let text = |segment: &Segment| match segment {
        Segment::Records { text, .. } | Segment::TooLong { start: text, .. } => text.clone(),
    };
    let text: Vec<u8> = header.iter().flat_map(text).collect();
    let mut record = ByteRecord::new();
    // Bytes in memory can always be read.
    piece::next(&mut piece::reader(delimiter, &text[..]), &mut record).ok();
    record.iter().map(|name| String::from_utf8_lossy(name).trim().to_string()).collect()
}

fn check_is_text(source: &FileSource, head: &[u8]) -> Result<(), TableError> {
    if head.iter().all(u8::is_ascii_whitespace) {
        return Err(source.empty("the file is empty"));
    }
    if head.contains(&0) {
        return Err(source.broken("it holds binary data; give CSV, Parquet, NDJSON or Arrow IPC".into()));
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
    source: &FileSource,
    settings: &ReadSettings,
    wanted: &Wanted,
    control: &Control,
    take: &mut dyn FnMut(Part) -> bool,
) -> Result<(), TableError> {
    let opened = Opened::new(source, settings, control, SIZES)?;
    for_each_piece(opened, wanted, SIZES, |piece| !control.is_cancelled() && take(Part::text(piece)))
        .map_err(|cause| source.io(cause))?;
    Ok(control.check()?)
}

/// Hands on the records of a file, the first block's together, until told to stop.
fn for_each_piece(
    opened: Opened,
    wanted: &Wanted,
    sizes: Sizes,
    mut hand_on: impl FnMut(Piece) -> bool,
) -> io::Result<()> {
    let Opened { mut rest, delimiter, names } = opened;
    let form = Arc::new(Form::new(delimiter, &names, wanted, sizes.longest));
    let mut segments = rest.records(sizes.first)?;
    while !segments.is_empty() && hand_on(Piece { form: form.clone(), segments }) {
        segments = rest.segment()?.into_iter().collect();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::files::text::*;

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
