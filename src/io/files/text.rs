//! Separated values: their frame found out, compressed or not, every cell as it stands in the file.

mod cutter;
mod find;
#[cfg(test)]
mod oracle;
mod piece;
mod record;
mod stray;

use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;

use csv::ByteRecord;

use clivia_core::control::Control;

use crate::blocks::BLOCK_ROWS;
use crate::error::TableError;
use crate::files::FileSource;
use crate::frame::{Frame, LineEnd};
use crate::plan::ReadSettings;
use crate::source::{Part, Source, Wanted};
use cutter::{Cutter, Segment};
use find::{Found, Shape, Stated};
pub(crate) use piece::Piece;
use piece::{CellsIn, Form};

/// How much of a file is looked at to find its frame.
const LOOKED_AT: usize = 65_536;

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
    let names = Opened::new(source, settings, &Control::default(), SIZES)?.names;
    let first = names.first().map(|name| name.trim_start().to_lowercase()).unwrap_or_default();
    if ["<!doctype", "<html", "<head", "<meta", "<table", "<?xml", "<workbook"].iter().any(|tag| first.starts_with(tag))
    {
        let cause = "it holds marks such as <table>, as web pages and some exports called .xls do, and no table of text; \
                     open it in a spreadsheet and save it as .xlsx or .csv";
        return Err(source.broken(cause.into()));
    }
    Ok(names)
}

/// The frame by which the file is read.
pub(super) fn frame(source: &FileSource, settings: &ReadSettings) -> Result<Frame, TableError> {
    let Opened { found, line_end, .. } = Opened::new(source, settings, &Control::default(), SIZES)?;
    Ok(Frame {
        encoding: source.encodings(settings)?.names(),
        delimiter: char::from(found.delimiter).to_string(),
        header_line: found.header_line,
        sep_line: found.sep_line,
        end_delimiters: found.end_delimiters,
        line_end,
        sheet: String::new(),
    })
}

/// A file of which the header has been read.
struct Opened {
    rest: Cutter,
    found: Found,
    line_end: LineEnd,
    cells_in: CellsIn,
    names: Vec<String>,
}

impl Opened {
    fn new(source: &FileSource, settings: &ReadSettings, control: &Control, sizes: Sizes) -> Result<Self, TableError> {
        let cells_in = match settings.encodings()? {
            Some(stated) => CellsIn::Stated(stated),
            None => CellsIn::FoundOut(source.clone()),
        };
        let delimiter = settings.delimiter_byte()?;
        let header_line = Some(settings.header_line).filter(|line| *line > 0);
        let mut text = source.text(settings, control)?;
        let mut head = Vec::with_capacity(LOOKED_AT);
        text.by_ref().take(LOOKED_AT as u64).read_to_end(&mut head).map_err(|cause| source.io(cause))?;
        check_is_text(source, &head)?;
        let line_end = find::line_end(&head);
        if line_end == LineEnd::Cr {
            feed_lines(&mut head);
            text = Box::new(BufReader::new(LineFeeds(text)));
        }
        let found = find::find(&head, head.len() < LOOKED_AT, Stated { delimiter, header_line });
        if header_line.is_some() && found.header_at == head.len() {
            return Err(no_such_line(settings));
        }
        Opened::cut(head, text, found, line_end, cells_in, sizes).map_err(|cause| source.io(cause))
    }

    fn cut(
        head: Vec<u8>,
        text: Box<dyn BufRead + Send>,
        found: Found,
        line_end: LineEnd,
        cells_in: CellsIn,
        sizes: Sizes,
    ) -> io::Result<Self> {
        let head = head.get(found.header_at..).unwrap_or_default().to_vec();
        let header_is_whole = head.contains(&b'\n');
        let rest = Cutter::new(head, text, found.header_line, found.delimiter, sizes.step);
        let mut opened = Opened { rest, found, line_end, cells_in, names: Vec::new() };
        opened.read_names(header_is_whole)?;
        (opened.rest.longest, opened.rest.shape) = (sizes.longest, Some(opened.found.shape.clone()));
        Ok(opened)
    }

    fn read_names(&mut self, header_is_whole: bool) -> io::Result<()> {
        self.names = names(self.found.delimiter, &self.rest.records(1)?, &self.cells_in);
        match header_is_whole {
            true => self.names.truncate(self.found.shape.columns.max(1)),
            false => self.found.shape = Shape::of(self.names.len()),
        }
        Ok(())
    }
}

fn names(delimiter: u8, header: &[Segment], cells_in: &CellsIn) -> Vec<String> {
    let text: Vec<u8> = header.iter().flat_map(|segment| segment.text().to_vec()).collect();
    let mut record = ByteRecord::new();
    // Bytes in memory can always be read.
    piece::next(&mut piece::reader(delimiter, &text[..]), &mut record).ok();
    record.iter().map(|name| column_name(piece::unwrapped(name), cells_in)).collect()
}

fn column_name(name: &[u8], cells_in: &CellsIn) -> String {
    let name = match std::str::from_utf8(name) {
        Ok(name) => name.into(),
        Err(_) => cells_in.encodings().text(name).unwrap_or_else(|| String::from_utf8_lossy(name)),
    };
    name.trim().to_string()
}

fn no_such_line(settings: &ReadSettings) -> TableError {
    let cause = format!("there is no line {} at the beginning of the file", settings.header_line);
    TableError::Setting { setting: "read.header_line", cause }
}

fn check_is_text(source: &FileSource, head: &[u8]) -> Result<(), TableError> {
    if head.iter().all(u8::is_ascii_whitespace) {
        return Err(source.empty("the file is empty"));
    }
    if head.contains(&0) {
        return Err(source.broken("it holds binary data; give CSV, Excel, Parquet, NDJSON or Arrow IPC".into()));
    }
    Ok(())
}

/// Carriage returns become line feeds.
fn feed_lines(text: &mut [u8]) {
    text.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
}

/// A text whose lines end with carriage returns alone.
struct LineFeeds<R>(R);

impl<R: Read> Read for LineFeeds<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buffer)?;
        feed_lines(&mut buffer[..count]);
        Ok(count)
    }
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
    let Opened { mut rest, found, cells_in, names, .. } = opened;
    let form = Form::new(found.delimiter, found.shape, cells_in, &names, wanted, sizes.longest);
    let form = Arc::new(form);
    let mut segments = rest.records(sizes.first)?;
    while !segments.is_empty() && hand_on(Piece { form: form.clone(), segments }) {
        segments = rest.segment()?.into_iter().collect();
    }
    Ok(())
}
