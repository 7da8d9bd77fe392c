//! Workbooks: a sheet of cells that have types.

use std::io::{Cursor, Read};
use std::sync::{Arc, PoisonError};

use arrow::array::{
    Array, ArrayRef, Float64Array, Int64Array, RecordBatch, RecordBatchOptions, StringArray, TimestampMillisecondArray,
};
use arrow::datatypes::{Field, Schema};
use arrow::error::ArrowError;
use bytes::Bytes;
use calamine::{Data, ExcelDateTime, Range, Reader as _, SheetType, SheetVisible, Sheets, open_workbook_auto_from_rs};
use chrono::{NaiveDate, NaiveDateTime};

use clivia_core::control::Control;

use crate::blocks::{BLOCK_ROWS, Block, RowNumbers};
use crate::error::TableError;
use crate::files::FileSource;
use crate::fingerprints;
use crate::frame::{Frame, Kind, header as header_of};
use crate::plan::ReadSettings;
use crate::source::{Part, Source, Wanted};

/// How workbooks of the old kind begin.
const OLE: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
/// Rows that are looked at to find the header.
const RECORDS: usize = 200;
/// The largest whole number up to which all others are told apart.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Whether a file that begins so is a workbook of the old kind.
pub(super) fn is_ole(head: &[u8]) -> bool {
    head.starts_with(OLE)
}

/// A sheet that has been read, and what was asked for.
#[derive(Debug)]
pub(super) struct Sheet {
    asked: [String; 2],
    name: String,
    names: Vec<String>,
    /// The number of the header's row, from 1.
    header: u64,
    rows: Vec<(u64, Vec<Data>)>,
}

pub(super) fn header(source: &FileSource, settings: &ReadSettings) -> Result<Vec<String>, TableError> {
    Ok(sheet(source, settings)?.names.clone())
}

pub(super) fn frame(source: &FileSource, settings: &ReadSettings) -> Result<Frame, TableError> {
    let sheet = sheet(source, settings)?;
    Ok(Frame { header_line: sheet.header, sheet: sheet.name.clone(), ..Frame::default() })
}

pub(super) fn read(
    source: &FileSource,
    settings: &ReadSettings,
    wanted: &Wanted,
    control: &Control,
    take: &mut dyn FnMut(Part) -> bool,
) -> Result<(), TableError> {
    let sheet = sheet(source, settings)?;
    control.add_bytes(source.bytes().unwrap_or(0));
    let broken = |error: ArrowError| source.broken(error.to_string());
    let columns = sheet.columns(wanted);
    for start in (0..sheet.rows.len()).step_by(BLOCK_ROWS) {
        control.check()?;
        let rows = &sheet.rows[start..sheet.rows.len().min(start + BLOCK_ROWS)];
        let batch = batch(&columns, rows).map_err(broken)?;
        let prints = wanted.fingerprints.then(|| fingerprints::of(&batch)).transpose().map_err(broken)?;
        let numbers = RowNumbers::Each(rows.iter().map(|(number, _)| *number).collect());
        if !take(Part::block(Block::of_batch(batch, numbers, prints))) {
            break;
        }
    }
    Ok(())
}

/// The sheet that is meant; it is read once.
fn sheet(source: &FileSource, settings: &ReadSettings) -> Result<Arc<Sheet>, TableError> {
    let asked = [settings.sheet.clone(), settings.header_line.to_string()];
    let mut kept = source.sheet.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(sheet) = kept.as_ref().filter(|sheet| sheet.asked == asked) {
        return Ok(sheet.clone());
    }
    let mut bytes = Vec::new();
    source.file()?.at(0).read_to_end(&mut bytes).map_err(|cause| source.io(cause))?;
    // What decodes damaged files may give up; nothing of it is used then.
    let decode = || Sheet::open(source, bytes, settings, asked);
    let read = std::thread::scope(|scope| scope.spawn(decode).join()).map_err(|_| source.gave_up())?;
    Ok(kept.insert(Arc::new(read?)).clone())
}

type Workbook = Sheets<Cursor<Bytes>>;

impl Sheet {
    fn open(
        source: &FileSource,
        bytes: Vec<u8>,
        settings: &ReadSettings,
        asked: [String; 2],
    ) -> Result<Self, TableError> {
        let opened = open_workbook_auto_from_rs(Cursor::new(Bytes::from(bytes)));
        let cannot =
            |_| source.broken("it is damaged, or protected by a password; save it again as .xlsx or CSV".into());
        let (name, range) = choose(source, &mut opened.map_err(cannot)?, &settings.sheet)?;
        let first = range.start().map_or(1, |(row, _)| u64::from(row) + 1);
        let filled = |cells: &&[Data]| cells.iter().any(|cell| kind(cell) != Kind::Blank);
        let mut rows: Vec<(u64, Vec<Data>)> = (first..)
            .zip(range.rows())
            .filter(|(_, cells)| filled(cells))
            .map(|(row, cells)| (row, cells.to_vec()))
            .collect();
        let place = header_place(&rows, settings)?;
        let below = rows.split_off((place + 1).min(rows.len()));
        let (header, names) = rows.pop().ok_or_else(|| source.empty("the sheet is empty"))?;
        let mut names: Vec<String> =
            names.iter().map(|cell| text(cell).unwrap_or_default().trim().to_string()).collect();
        let named = names.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
        names.truncate(named);
        Ok(Sheet { asked, name, names, header, rows: below })
    }

    /// The wanted columns and their types, by their places; of two of one name the first.
    fn columns(&self, wanted: &Wanted) -> Vec<Column> {
        let is_first = |place: usize| !self.names[..place].contains(&self.names[place]);
        let is_wanted =
            |place: &usize| wanted.fingerprints || (wanted.columns.contains(&self.names[*place]) && is_first(*place));
        let places = (0..self.names.len()).filter(is_wanted);
        let holds = |place: usize| Holds::of(self.rows.iter().filter_map(|(_, cells)| cells.get(place)));
        places.map(|place| Column { name: self.names[place].clone(), place, holds: holds(place) }).collect()
    }
}

fn header_place(rows: &[(u64, Vec<Data>)], settings: &ReadSettings) -> Result<usize, TableError> {
    let kinds = |cells: &[Data]| cells.iter().map(kind).collect::<Vec<_>>();
    match settings.header_line {
        0 => Ok(header_of(&rows.iter().take(RECORDS).map(|(_, cells)| kinds(cells)).collect::<Vec<_>>())),
        line => rows.iter().position(|(row, _)| *row == line).ok_or_else(|| TableError::Setting {
            setting: "read.header_line",
            cause: format!("there is nothing in row {line} of the sheet"),
        }),
    }
}

/// The sheet that is asked for, else the only one that has rows below a header; hidden ones only where they are named.
fn choose(source: &FileSource, workbook: &mut Workbook, asked: &str) -> Result<(String, Range<Data>), TableError> {
    let sheets = workbook.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let sheets: Vec<_> = sheets.cloned().collect();
    let names: Vec<&str> = sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    let mut of = |name: &str| workbook.worksheet_range(name).map_err(|error| source.broken(error.to_string()));
    let number = asked.parse::<usize>().ok().and_then(|number| names.get(number.checked_sub(1)?));
    if !asked.is_empty() {
        let named = names.iter().find(|name| **name == asked).or(number);
        let named = named.or_else(|| names.iter().find(|name| name.eq_ignore_ascii_case(asked.trim())));
        let name = named.ok_or_else(|| which(format!("there is no sheet '{asked}'"), &names))?;
        return Ok((name.to_string(), of(name)?));
    }
    let mut with_rows = Vec::new();
    for sheet in sheets.iter().filter(|sheet| sheet.visible == SheetVisible::Visible) {
        let range = of(&sheet.name)?;
        if range.rows().filter(|cells| cells.iter().any(|cell| kind(cell) != Kind::Blank)).nth(1).is_some() {
            with_rows.push((sheet.name.clone(), range));
        }
    }
    match with_rows.len() {
        0 => Err(source.empty("no sheet of it has rows")),
        1 => with_rows.pop().ok_or_else(|| source.empty("no sheet of it has rows")),
        several => {
            let names: Vec<&str> = with_rows.iter().map(|(name, _)| name.as_str()).collect();
            Err(which(format!("{} has {several} sheets with rows", source.name()), &names))
        }
    }
}

fn which(cause: String, names: &[&str]) -> TableError {
    let cause = format!("{cause}; name one of: {}", names.join(", "));
    TableError::Setting { setting: "read.sheet", cause }
}

fn kind(cell: &Data) -> Kind {
    match cell {
        Data::Empty => Kind::Blank,
        Data::String(text) => Kind::of(text.as_bytes()),
        Data::Error(_) => Kind::Text,
        _ => Kind::Value,
    }
}

/// A column of a sheet.
struct Column {
    name: String,
    place: usize,
    holds: Holds,
}

/// What all cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Whole,
    Numbers,
    Moments,
    Texts,
}

impl Holds {
    fn of<'c>(cells: impl Iterator<Item = &'c Data>) -> Self {
        let mut held: Option<Holds> = None;
        for cell in cells {
            let Some(one) = Holds::one(cell) else { continue };
            held = match (held, one) {
                (None, one) => Some(one),
                (Some(held), one) if held == one => Some(held),
                (Some(Holds::Whole | Holds::Numbers), Holds::Whole | Holds::Numbers) => Some(Holds::Numbers),
                _ => return Holds::Texts,
            };
        }
        held.unwrap_or(Holds::Texts)
    }

    fn one(cell: &Data) -> Option<Self> {
        match cell {
            Data::Empty => None,
            Data::String(text) if text.trim().is_empty() => None,
            Data::DateTime(at) if at.is_datetime() => Some(Holds::Moments),
            cell => Some(match number(cell) {
                Some(number) if number.fract() == 0.0 && number.abs() <= EXACT => Holds::Whole,
                Some(_) => Holds::Numbers,
                None => Holds::Texts,
            }),
        }
    }
}

fn batch(columns: &[Column], rows: &[(u64, Vec<Data>)]) -> Result<RecordBatch, ArrowError> {
    let arrays: Vec<ArrayRef> = columns.iter().map(|column| array(column, rows)).collect();
    let field = |(column, array): (&Column, &ArrayRef)| Field::new(&column.name, array.data_type().clone(), true);
    let schema = Schema::new(columns.iter().zip(&arrays).map(field).collect::<Vec<_>>());
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    RecordBatch::try_new_with_options(Arc::new(schema), arrays, &options)
}

fn array(column: &Column, rows: &[(u64, Vec<Data>)]) -> ArrayRef {
    let cells = rows.iter().map(|(_, cells)| cells.get(column.place).unwrap_or(&Data::Empty));
    match column.holds {
        Holds::Whole => Arc::new(cells.map(|cell| number(cell).map(|number| number as i64)).collect::<Int64Array>()),
        Holds::Numbers => Arc::new(cells.map(number).collect::<Float64Array>()),
        Holds::Moments => {
            let ticks = cells.map(|cell| moment(cell).map(|at| at.and_utc().timestamp_millis()));
            Arc::new(ticks.collect::<TimestampMillisecondArray>())
        }
        Holds::Texts => Arc::new(cells.map(text).collect::<StringArray>()),
    }
}

fn number(cell: &Data) -> Option<f64> {
    match cell {
        Data::Int(number) => Some(*number as f64),
        Data::Float(number) => Some(*number),
        Data::DateTime(time) if time.is_duration() => Some(time.as_f64()),
        _ => None,
    }
}

fn moment(cell: &Data) -> Option<NaiveDateTime> {
    let Data::DateTime(at) = cell else { return None };
    on_calendar(at)
}

fn on_calendar(at: &ExcelDateTime) -> Option<NaiveDateTime> {
    let (year, month, day, hour, minute, second, milli) = at.to_ymd_hms_milli();
    let day = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into())?;
    day.and_hms_milli_opt(hour.into(), minute.into(), second.into(), milli.into())
}

/// A cell as a text of its column: numbers to the last digit, dates in ISO form.
fn text(cell: &Data) -> Option<String> {
    match cell {
        Data::Empty => None,
        Data::String(text) => Some(text.clone()),
        Data::Bool(flag) => Some(flag.to_string()),
        Data::DateTimeIso(text) | Data::DurationIso(text) => Some(text.clone()),
        Data::Error(error) => Some(error.to_string()),
        Data::DateTime(at) if at.is_datetime() => {
            let form = if at.as_f64().fract() == 0.0 { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M:%S" };
            on_calendar(at).map(|at| at.format(form).to_string())
        }
        cell => number(cell).map(|number| number.to_string()),
    }
}
