//! JSON: one object a line, or an array of objects, be it within an object; values are kept as they are written.

mod elements;
mod leaves;

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, Read};

use xxhash_rust::xxh3::xxh3_128;

use clivia_core::control::Control;

use crate::blocks::BrokenRow;
use crate::error::TableError;
use crate::files::{FileSource, Format};
use crate::plan::ReadSettings;
use crate::rejects::Rule;
use crate::source::{Part, Source, Wanted};
use crate::texts::TextRows;
use elements::{for_each_element, wrapped};
use leaves::{Leaf, for_each_leaf};

/// Longer objects are refused.
const LONGEST: usize = 1 << 20;

/// The paths of all values in all objects, in the order in which they are met.
pub(super) fn header(source: &FileSource, settings: &ReadSettings) -> Result<Vec<String>, TableError> {
    let (mut names, mut known, mut of_line) = (Vec::new(), HashSet::new(), Vec::new());
    for_each_object(source, settings, &Control::default(), |_, object| {
        of_line.clear();
        let new = |path: &str, _: Leaf| {
            if !known.contains(path) {
                of_line.push(path.to_string());
            }
        };
        if let Ok(text) = text(object)
            && for_each_leaf(text, new).is_ok()
        {
            names.extend(of_line.iter().filter(|name| known.insert((*name).clone())).cloned());
        }
        Ok(true)
    })?;
    if names.is_empty() {
        return Err(source.broken("no line or element of it is a JSON object".into()));
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
    let (places, mut block) = (Places::new(wanted.columns), empty());
    for_each_object(source, settings, control, |row, object| {
        add(&mut block, &places, row, object);
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

/// Where the values of paths go.
struct Places<'a> {
    names: &'a [String],
    of_path: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Places<'a> {
    fn new(names: &'a [String]) -> Self {
        let mut of_path: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, name) in names.iter().enumerate() {
            of_path.entry(name).or_default().push(place);
        }
        Places { names, of_path }
    }

    /// Those of a path, and where a list stands in the place of one value, those of all paths within it.
    fn of(&self, path: &str, leaf: &Leaf) -> Vec<usize> {
        match leaf {
            Leaf::Value(_) => self.of_path.get(path).cloned().unwrap_or_default(),
            Leaf::List(_) => {
                let within = |name: &String| {
                    name.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                };
                (0..self.names.len()).filter(|place| within(&self.names[*place])).collect()
            }
        }
    }
}

fn add(block: &mut TextRows, places: &Places, row: u64, object: &[u8]) {
    let mut cells: Vec<Option<String>> = vec![None; places.names.len()];
    let read = text(object).and_then(|text| {
        for_each_leaf(text, |path, leaf| {
            for place in places.of(path, &leaf) {
                cells[place] = cell(leaf.written());
            }
        })
        .map_err(|_| Rule::NotJson)
    });
    match read {
        Ok(()) => {
            block.copy(row, cells.into_iter());
            if let Some(fingerprints) = &mut block.fingerprints {
                fingerprints.push(xxh3_128(object));
            }
        }
        Err(rule) => {
            let value = String::from_utf8_lossy(object).chars().take(200).collect();
            block.broken.push(BrokenRow { row, value, rule });
        }
    }
}

fn text(object: &[u8]) -> Result<&str, Rule> {
    if object.len() >= LONGEST {
        return Err(Rule::RowTooLong);
    }
    std::str::from_utf8(object).map_err(|_| Rule::NotText)
}

/// A JSON string without its quotes, nothing for null, and anything else as it is written.
fn cell(written: &str) -> Option<String> {
    match written {
        "null" => None,
        text if text.starts_with('"') => serde_json::from_str(text).ok(),
        other => Some(other.into()),
    }
}

/// Calls back with each object and its number, that of its line or its place in the array, until told to stop.
fn for_each_object(
    source: &FileSource,
    settings: &ReadSettings,
    control: &Control,
    use_object: impl FnMut(u64, &[u8]) -> Result<bool, TableError>,
) -> Result<(), TableError> {
    let mut text = source.text(settings, control)?;
    if source.format != Format::JsonArray {
        let head = text.fill_buf().map_err(|cause| source.io(cause))?;
        let Some(before) = wrapped(head) else { return for_each_line(source, text, use_object) };
        text.consume(before);
    }
    for_each_element(source, text, use_object)
}

fn for_each_line(
    source: &FileSource,
    mut text: Box<dyn BufRead + Send>,
    mut use_line: impl FnMut(u64, &[u8]) -> Result<bool, TableError>,
) -> Result<(), TableError> {
    let mut line = Vec::new();
    let mut row = 0;
    loop {
        line.clear();
        row += 1;
        let most = LONGEST as u64;
        let read = text.by_ref().take(most).read_until(b'\n', &mut line).map_err(|cause| source.io(cause))?;
        if read == 0 {
            return Ok(());
        }
        if read == LONGEST && !line.ends_with(b"\n") {
            text.skip_until(b'\n').map_err(|cause| source.io(cause))?;
        }
        let line = line.trim_ascii();
        if !line.is_empty() && !use_line(row, line)? {
            return Ok(());
        }
    }
}
