//! Arrow IPC: batch by batch, from a file or from a stream in a file.

use std::io::{BufReader, Read};

use arrow::array::{RecordBatch, RecordBatchReader};
use arrow::error::ArrowError;
use arrow::ipc::reader::{FileReader, StreamReader};

use clivia_core::control::Control;

use crate::error::TableError;
use crate::files::FileSource;
use crate::files::bytes::Counted;
use crate::files::shared::Reader;
use crate::source::rows::{Rows, places};
use crate::source::{Part, Source, Wanted, nested};

/// How a file of Arrow IPC begins, and a stream.
const MAGIC: &[u8] = b"ARROW1";
const CONTINUATION: &[u8] = &[0xff; 4];

/// Whether a file that begins so is Arrow IPC.
pub(super) fn is_ipc(head: &[u8]) -> bool {
    head.starts_with(MAGIC) || head.starts_with(CONTINUATION)
}

pub(super) fn header(source: &FileSource) -> Result<Vec<String>, TableError> {
    let opened = open(source, &Control::default(), None)?;
    Ok(nested::names(&opened.schema()))
}

pub(super) fn read(
    source: &FileSource,
    wanted: &Wanted,
    control: &Control,
    take: &mut dyn FnMut(Part) -> bool,
) -> Result<(), TableError> {
    let projection = match wanted.fingerprints {
        true => None,
        false => Some(places(&open(source, &Control::default(), None)?.schema(), wanted)),
    };
    let mut rows = Rows::new(take);
    for batch in open(source, control, projection)? {
        control.check()?;
        if !rows.hand_on(&batch.and_then(nested::flat).map_err(|error| failed(source, error))?) {
            break;
        }
    }
    Ok(())
}

/// Either form.
enum Opened {
    File(Box<FileReader<BufReader<Counted<Reader>>>>),
    Stream(Box<StreamReader<BufReader<Counted<Reader>>>>),
}

fn open(source: &FileSource, control: &Control, projection: Option<Vec<usize>>) -> Result<Opened, TableError> {
    let file = source.file()?;
    let mut head = [0; MAGIC.len()];
    let is_file = file.at(0).read_exact(&mut head).is_ok() && head == MAGIC;
    let bytes = Counted::new(file.at(0), control);
    let opened = match is_file {
        true => FileReader::try_new_buffered(bytes, projection).map(|reader| Opened::File(Box::new(reader))),
        false => StreamReader::try_new_buffered(bytes, projection).map(|reader| Opened::Stream(Box::new(reader))),
    };
    opened.map_err(|error| failed(source, error))
}

impl Iterator for Opened {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Opened::File(reader) => reader.next(),
            Opened::Stream(reader) => reader.next(),
        }
    }
}

impl RecordBatchReader for Opened {
    fn schema(&self) -> arrow::datatypes::SchemaRef {
        match self {
            Opened::File(reader) => reader.schema(),
            Opened::Stream(reader) => reader.schema(),
        }
    }
}

fn failed(source: &FileSource, error: ArrowError) -> TableError {
    source.broken(format!("{error}; the file is damaged or is not what its name says"))
}
