//! Lines of JSON: one object a line, values kept as they are written.

use std::collections::BTreeMap;
use std::io::{BufRead, Read};

use serde_json::value::RawValue;
use xxhash_rust::xxh3::xxh3_128;

use clivia_core::control::Control;

use crate::blocks::BrokenRow;
use crate::error::TableError;
use crate::files::FileSource;
use crate::plan::ReadSettings;
use crate::rejects::Rule;
use crate::source::{Part, Source, Wanted};
use crate::texts::TextRows;

/// Lines that are looked at to learn the columns.
const SNIFFED_LINES: usize = 1_000;
/// Longer lines are refused.
const LONGEST_LINE: u64 = 1 << 20;

type Object<'a> = BTreeMap<String, &'a RawValue>;

pub(super) fn header(source: &FileSource, settings: &ReadSettings) -> Result<Vec<String>, TableError> {
    let mut names: Vec<String> = Vec::new();
    let mut seen = 0;
    for_each_line(source, settings, &Control::default(), |_, line| {
        if let Ok(object) = serde_json::from_slice::<Object>(line) {
            names.extend(object.into_keys().filter(|name| !names.contains(name)).collect::<Vec<_>>());
        }
        seen += 1;
        Ok(seen < SNIFFED_LINES)
    })?;
    if names.is_empty() {
        return Err(source.broken("no line of it is a JSON object".into()));
    }
    Ok(names)
}

pub(super) fn read(
    source: &FileSource,
    settings: &ReadSettings,
    wanted: &Wanted,
    control: &Control,
    take: &mut dyn FnMut(Part) -> bool,
) -> Result<(), TableError> {
    let empty = || TextRows::new(wanted.columns.iter(), wanted.fingerprints, 0);
    let mut block = empty();
    for_each_line(source, settings, control, |row, line| {
        add(&mut block, wanted, row, line);
        if !block.is_full() {
            return Ok(true);
        }
        control.check()?;
        let full = std::mem::replace(&mut block, empty());
        Ok(take(Part::block(full.into_block())))
    })?;
    if !block.is_empty() {
        take(Part::block(block.into_block()));
    }
    Ok(())
}

fn add(block: &mut TextRows, wanted: &Wanted, row: u64, line: &[u8]) {
    let object = match object(line) {
        Ok(object) => object,
        Err(rule) => {
            let value = String::from_utf8_lossy(line).chars().take(200).collect();
            return block.broken.push(BrokenRow { row, value, rule });
        }
    };
    block.copy(row, wanted.columns.iter().map(|name| cell(object.get(name)?.get())));
    if let Some(fingerprints) = &mut block.fingerprints {
        fingerprints.push(xxh3_128(line));
    }
}

fn object(line: &[u8]) -> Result<Object<'_>, Rule> {
    if line.len() as u64 >= LONGEST_LINE {
        return Err(Rule::RowTooLong);
    }
    let text = std::str::from_utf8(line).map_err(|_| Rule::NotText)?;
    serde_json::from_str(text).map_err(|_| Rule::NotJson)
}

/// A JSON string without its quotes, nothing for null, and anything else as it is written.
fn cell(written: &str) -> Option<String> {
    match written {
        "null" => None,
        text if text.starts_with('"') => serde_json::from_str(text).ok(),
        other => Some(other.into()),
    }
}

/// Calls back with each line that is not blank and its number, until told to stop.
fn for_each_line(
    source: &FileSource,
    settings: &ReadSettings,
    control: &Control,
    mut use_line: impl FnMut(u64, &[u8]) -> Result<bool, TableError>,
) -> Result<(), TableError> {
    let mut text = source.text(settings, control)?;
    let mut line = Vec::new();
    let mut row = 0;
    loop {
        line.clear();
        row += 1;
        let read = text.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(|cause| source.io(cause))?;
        if read == 0 {
            return Ok(());
        }
        if read as u64 == LONGEST_LINE && !line.ends_with(b"\n") {
            text.skip_until(b'\n').map_err(|cause| source.io(cause))?;
        }
        let line = line.trim_ascii();
        if !line.is_empty() && !use_line(row, line)? {
            return Ok(());
        }
    }
}
