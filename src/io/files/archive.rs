//! What a zip file is: a workbook, or an archive with a table in it.

use std::borrow::Cow;
use std::io::{self, Read, Seek};

use zip::ZipArchive;
use zip::result::ZipError;

/// How a zip file begins.
const MAGIC: &[u8] = b"PK\x03\x04";
/// How files that hold tables are called, perhaps with the ending of a compression behind it.
const TABLES: [&str; 19] = [
    ".csv", ".tsv", ".tab", ".txt", ".psv", ".json", ".ndjson", ".jsonl", ".parquet", ".pq", ".arrow", ".arrows", ".ipc",
    ".feather", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods",
];

/// What is in a zip file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Inside {
    Workbook,
    /// The names of the tables.
    Tables(Vec<String>),
}

/// Whether a file that begins so is a zip file.
pub(super) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(MAGIC)
}

/// Looks into a zip file.
pub(super) fn inside(file: impl Read + Seek) -> io::Result<Inside> {
    let archive = ZipArchive::new(file).map_err(failed)?;
    let names = archive.file_names().map(|name| name.map(Cow::into_owned));
    let mut names: Vec<String> = names.collect::<Result<_, _>>().map_err(failed)?;
    let holds = |name: &str| names.iter().any(|held| held == name);
    if names.iter().any(|name| name.starts_with("xl/workbook.")) || (holds("mimetype") && holds("content.xml")) {
        return Ok(Inside::Workbook);
    }
    names.retain(|name| is_table(name));
    names.sort();
    Ok(Inside::Tables(names))
}

/// Takes a file out of a zip file.
pub(super) fn take_out<R>(
    file: impl Read + Seek,
    name: &str,
    take: impl FnOnce(&mut dyn Read) -> io::Result<R>,
) -> io::Result<R> {
    take(&mut ZipArchive::new(file).map_err(failed)?.by_name(name).map_err(failed)?)
}

/// Hidden files and what macOS adds are none.
fn is_table(name: &str) -> bool {
    let name = name.to_lowercase();
    let hidden = name.split('/').any(|part| part.starts_with(['.', '_']));
    let stem = [".gz", ".zst", ".zstd"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name);
    !hidden && TABLES.iter().any(|ending| stem.ends_with(ending))
}

fn failed(error: ZipError) -> io::Error {
    match error {
        ZipError::Io(cause) => cause,
        other => io::Error::new(io::ErrorKind::InvalidData, other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use crate::files::archive::*;

    #[test]
    fn tables_are_known_by_their_names() {
        for name in ["orders.csv", "a/b/Orders.CSV", "x.csv.gz", "y.parquet", "book.xlsx"] {
            assert!(is_table(name), "{name}");
        }
        for name in ["__MACOSX/._orders.csv", ".hidden.csv", "readme.md", "picture.png", "folder/", "orders.csv.bak"] {
            assert!(!is_table(name), "{name}");
        }
    }
}
