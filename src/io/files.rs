//! Which files are meant: a file, several, a pattern, a folder of parts, standard input.

mod archive;
mod bytes;
pub(crate) mod encoding;
mod ipc;
mod ndjson;
mod parquet;
pub(crate) mod shared;
pub(crate) mod text;
mod workbook;

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use clivia_core::control::Control;

use crate::error::TableError;
use crate::frame::Frame;
use crate::plan::ReadSettings;
use crate::source::{Part, RowsAre, Source, Wanted};
use encoding::Encodings;
use shared::{Reader, Shared};

/// How a file holds its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Separated values, perhaps compressed.
    Text,
    /// A JSON object a line, perhaps compressed.
    NdJson,
    /// A JSON array of objects, perhaps compressed.
    JsonArray,
    /// A workbook: Excel of either kind, or OpenDocument.
    Workbook,
    /// Apache Parquet.
    Parquet,
    /// Arrow IPC, also known as Feather: a file, or a stream in a file.
    Ipc,
}

impl Format {
    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Format::Text => "a text table",
            Format::NdJson => "lines of JSON",
            Format::JsonArray => "a JSON array",
            Format::Workbook => "a workbook",
            Format::Parquet => "Parquet",
            Format::Ipc => "Arrow IPC",
        }
    }
}

/// A file to be read.
#[derive(Debug, Clone)]
pub struct FileSource {
    /// How it holds its table.
    pub format: Format,
    name: String,
    bytes: u64,
    from: From,
    /// The encodings of a text that is not UTF-8 everywhere, once somebody has asked for them.
    encodings: Arc<OnceLock<Encodings>>,
    /// The paths of all values of JSON.
    names: Arc<OnceLock<Vec<String>>>,
    /// The sheet of a workbook that was read last.
    sheet: Arc<Mutex<Option<Arc<workbook::Sheet>>>>,
}

#[derive(Debug, Clone)]
enum From {
    File(PathBuf),
    /// Standard input can be read only once, so it is kept in a file without a name, which goes with its last reader.
    Kept(Shared),
    /// What was in an archive, kept likewise.
    Archive(Option<PathBuf>, Shared),
}

/// Finds the files that are meant, in the order of their names within each argument.
///
/// # Errors
/// [`TableError::NoFile`] where nothing is meant, [`TableError::Io`] where a file cannot be opened.
pub fn find(arguments: &[PathBuf]) -> Result<Vec<Arc<dyn Source>>, TableError> {
    let files = files(arguments)?.into_iter();
    Ok(files.map(|file| Arc::new(file) as Arc<dyn Source>).collect())
}

/// Finds the one file that is meant.
///
/// # Errors
/// As [`find`], and [`TableError::SeveralFiles`] where several files are meant.
pub fn find_one(argument: &Path) -> Result<FileSource, TableError> {
    let mut found = files(&[argument.into()])?;
    if found.len() > 1 {
        return Err(TableError::SeveralFiles { argument: shown(argument), files: found.len() });
    }
    found.pop().ok_or_else(|| TableError::NoFile(shown(argument)))
}

fn files(arguments: &[PathBuf]) -> Result<Vec<FileSource>, TableError> {
    let mut files = Vec::new();
    let mut seen = HashSet::new();
    for argument in arguments {
        if argument.as_os_str() == "-" {
            files.push(FileSource::standard_input()?);
            continue;
        }
        for path in paths(argument)? {
            if !seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())) {
                let cause = format!("{} is named twice, and its rows would count twice", shown(&path));
                return Err(TableError::Setting { setting: "files", cause });
            }
            files.push(FileSource::open(path)?);
        }
    }
    Ok(files)
}

fn paths(argument: &Path) -> Result<Vec<PathBuf>, TableError> {
    if argument.is_dir() {
        return folder(argument);
    }
    if argument.exists() {
        return Ok(vec![argument.into()]);
    }
    let nothing = || TableError::NoFile(shown(argument));
    let matches = glob::glob(&argument.to_string_lossy()).map_err(|_| nothing())?;
    let files: Vec<PathBuf> = matches.flatten().filter(|path| path.is_file()).collect();
    if files.is_empty() { Err(nothing()) } else { Ok(files) }
}

/// All tables in a folder and the folders in it, hidden ones and markers such as `_SUCCESS` left out.
fn folder(root: &Path) -> Result<Vec<PathBuf>, TableError> {
    let failed = |cause| TableError::Io { file: shown(root), cause };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(root).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(['.', '_']));
        if hidden {
            continue;
        }
        if path.is_dir() {
            files.extend(folder(&path).or_else(|error| match error {
                TableError::NoFile(_) => Ok(Vec::new()),
                other => Err(other),
            })?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() { Err(TableError::NoFile(shown(root))) } else { Ok(files) }
}

impl FileSource {
    /// Opens a file and finds out its format from its first bytes and its name.
    ///
    /// # Errors
    /// [`TableError::Io`] where it cannot be read, [`TableError::Empty`] where it has no byte.
    pub fn open(path: PathBuf) -> Result<Self, TableError> {
        FileSource::new(shown(&path), From::File(path))
    }

    /// Keeps what comes by standard input, for as long as it is needed.
    fn standard_input() -> Result<Self, TableError> {
        FileSource::kept("standard input", &mut io::stdin().lock())
    }

    /// Keeps what a reader holds in a file without a name: whatever ends the run, nothing of it is left.
    pub(crate) fn kept(name: &str, bytes: &mut impl Read) -> Result<Self, TableError> {
        let kept = keep(bytes).map_err(|cause| TableError::Io { file: name.into(), cause })?;
        FileSource::new(name.into(), From::Kept(kept))
    }

    fn new(name: String, from: From) -> Result<Self, TableError> {
        let (format, bytes) = (Format::Text, 0);
        let (encodings, names, sheet) = Default::default();
        let mut source = FileSource { format, name, bytes, from, encodings, names, sheet };
        let file = source.file()?;
        source.bytes = file.len();
        if source.bytes == 0 {
            return Err(source.empty("the file is empty"));
        }
        let head = source.head(&file)?;
        if archive::is_zip(&head) {
            return source.zip(&file);
        }
        source.format = source.guess_format(&head);
        Ok(source)
    }

    /// The first bytes, decompressed where they can be.
    fn head(&self, file: &Shared) -> Result<Vec<u8>, TableError> {
        let (mut raw, mut inside) = (Vec::new(), Vec::new());
        file.at(0).take(bytes::HEAD).read_to_end(&mut raw).map_err(|cause| self.io(cause))?;
        let decompressed = bytes::inside(file.at(0), &Control::default());
        let read = decompressed.and_then(|bytes| bytes.take(bytes::HEAD).read_to_end(&mut inside));
        Ok(if read.is_ok() { inside } else { raw })
    }

    /// A zip file: a workbook, or an archive with one table in it.
    fn zip(mut self, file: &Shared) -> Result<Self, TableError> {
        let damaged = |cause: io::Error| self.broken(format!("{cause}; the archive is damaged or protected by a password"));
        let tables = match archive::inside(file.at(0)).map_err(damaged)? {
            archive::Inside::Workbook => {
                self.format = Format::Workbook;
                return Ok(self);
            }
            archive::Inside::Tables(tables) => tables,
        };
        let [table] = tables.as_slice() else {
            let cause = match tables.is_empty() {
                true => "the archive holds no table".to_string(),
                false => format!("the archive holds {} tables ({}); take out the one that is meant", tables.len(), tables.join(", ")),
            };
            return Err(self.broken(cause));
        };
        let kept = archive::take_out(file.at(0), table, |bytes| keep(bytes)).map_err(damaged)?;
        let path = self.path().map(Path::to_path_buf);
        FileSource::new(format!("{}/{table}", self.name), From::Archive(path, kept))
    }

    fn guess_format(&self, head: &[u8]) -> Format {
        let name = self.name.to_lowercase();
        let stem = name.trim_end_matches(".gz").trim_end_matches(".zst").trim_end_matches(".zstd");
        let ends = |endings: &[&str]| endings.iter().any(|ending| stem.ends_with(ending));
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
        let array = text.strip_prefix(b"[").map(<[u8]>::trim_ascii_start);
        match head {
            head if head.starts_with(b"PAR1") => Format::Parquet,
            head if ipc::is_ipc(head) => Format::Ipc,
            head if workbook::is_ole(head) => Format::Workbook,
            _ if ends(&[".parquet", ".pq"]) => Format::Parquet,
            _ if ends(&[".arrow", ".arrows", ".ipc", ".feather"]) => Format::Ipc,
            _ if array.is_some_and(|rest| rest.starts_with(b"{")) => Format::JsonArray,
            _ if ends(&[".json"]) && array.is_some() => Format::JsonArray,
            _ if ends(&[".ndjson", ".jsonl", ".json"]) || text.starts_with(b"{") => Format::NdJson,
            _ => Format::Text,
        }
    }

    /// The file's own bytes.
    pub(crate) fn file(&self) -> Result<Shared, TableError> {
        match &self.from {
            From::File(path) => File::open(path).and_then(Shared::new).map_err(|cause| self.io(cause)),
            From::Kept(file) | From::Archive(_, file) => Ok(file.clone()),
        }
    }

    /// The text inside: decompressed, as UTF-8 without byte-order mark, save what is not UTF-8 where no encoding is stated.
    pub(crate) fn text(
        &self,
        settings: &ReadSettings,
        control: &Control,
    ) -> Result<Box<dyn BufRead + Send>, TableError> {
        let stated = settings.encodings()?.map(|encodings| encodings.first);
        let reader: Reader = self.file()?.at(0);
        bytes::text(reader, stated, control).map_err(|cause| self.io(cause))
    }

    /// The encodings of the text inside: those that are stated, else those that have been found out; UTF-8 where nothing
    /// that has been read is anything else.
    pub(crate) fn encodings(&self, settings: &ReadSettings) -> Result<Encodings, TableError> {
        if let Some(stated) = settings.encodings()? {
            return Ok(stated);
        }
        let mut head = Vec::new();
        let inside = bytes::inside(self.file()?.at(0), &Control::default());
        let read = inside.and_then(|inside| inside.take(bytes::HEAD).read_to_end(&mut head));
        read.map_err(|cause| self.io(cause))?;
        let wide = encoding::wide(&head).map(|first| Encodings { first, then: None });
        Ok(wide.or_else(|| self.encodings.get().copied()).unwrap_or(Encodings::UTF_8))
    }

    /// The paths of all values of JSON, for which all of it is looked at, once.
    fn json_names(&self, settings: &ReadSettings) -> Result<Vec<String>, TableError> {
        if let Some(names) = self.names.get() {
            return Ok(names.clone());
        }
        let names = ndjson::header(self, settings)?;
        Ok(self.names.get_or_init(|| names).clone())
    }

    /// The encodings of a text that is not UTF-8 everywhere, found out by looking at all of it, once.
    pub(crate) fn encodings_within(&self) -> Result<Encodings, TableError> {
        if let Some(found) = self.encodings.get() {
            return Ok(*found);
        }
        let mut text = self.text(&ReadSettings::default(), &Control::default())?;
        let found = encoding::found(text.as_mut()).map_err(|cause| self.io(cause))?;
        Ok(*self.encodings.get_or_init(|| found))
    }
}

impl Source for FileSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn columns(&self, settings: &ReadSettings) -> Result<Vec<String>, TableError> {
        match self.format {
            Format::Text => text::header(self, settings),
            Format::NdJson | Format::JsonArray => self.json_names(settings),
            Format::Workbook => workbook::header(self, settings),
            Format::Parquet => parquet::header(self),
            Format::Ipc => ipc::header(self),
        }
    }

    fn read(
        &self,
        wanted: &Wanted,
        settings: &ReadSettings,
        control: &Control,
        take: &mut dyn FnMut(Part) -> bool,
    ) -> Result<(), TableError> {
        match self.format {
            Format::Text => text::read(self, settings, wanted, control, take),
            Format::NdJson | Format::JsonArray => ndjson::read(self, settings, wanted, control, take),
            Format::Workbook => workbook::read(self, settings, wanted, control, take),
            Format::Parquet => parquet::read(self, wanted, control, take),
            Format::Ipc => ipc::read(self, wanted, control, take),
        }
    }

    fn bytes(&self) -> Option<u64> {
        Some(self.bytes)
    }

    fn kind(&self) -> &'static str {
        self.format.name()
    }

    fn rows_are(&self) -> RowsAre {
        match self.format {
            Format::Text | Format::NdJson | Format::Workbook => RowsAre::Lines,
            Format::JsonArray | Format::Parquet | Format::Ipc => RowsAre::Records,
        }
    }

    fn path(&self) -> Option<&Path> {
        match &self.from {
            From::File(path) => Some(path),
            From::Kept(_) => None,
            From::Archive(path, _) => path.as_deref(),
        }
    }

    fn frame(&self, settings: &ReadSettings) -> Result<Frame, TableError> {
        match self.format {
            Format::Text => text::frame(self, settings),
            Format::Workbook => workbook::frame(self, settings),
            _ => Ok(Frame::default()),
        }
    }
}

/// Keeps bytes in a file without a name.
fn keep(bytes: &mut (impl Read + ?Sized)) -> io::Result<Shared> {
    let mut file = tempfile::tempfile()?;
    io::copy(bytes, &mut file)?;
    file.flush()?;
    Shared::new(file)
}

/// Where a file is, for sorting and showing.
pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use clivia_core::control::Control;

    use crate::blocks::each_block;
    use crate::files::*;

    #[test]
    fn what_is_kept_is_read_by_several_at_once_and_again() -> Result<(), TableError> {
        let text: String = (0..200_000).map(|row| format!("{row},x\n")).collect();
        let kept = FileSource::kept("standard input", &mut format!("id,word\n{text}").as_bytes())?;
        assert_eq!((kept.path(), kept.bytes()), (None, Some(8 + text.len() as u64)));
        let rows = || {
            let mut rows = 0;
            let settings = ReadSettings::default();
            let columns = kept.columns(&settings)?;
            each_block(&kept, &settings, &columns, &Control::default(), |block| {
                rows += block.height();
                Ok(())
            })?;
            Ok(rows)
        };
        std::thread::scope(|scope| {
            let readers: Vec<_> = (0..3).map(|_| scope.spawn(rows)).collect();
            readers.into_iter().try_for_each(|reader| {
                let read: Result<usize, TableError> = reader.join().expect("no reader panics");
                assert_eq!(read?, 200_000);
                Ok(())
            })
        })
    }

    #[test]
    fn the_format_is_found_by_the_first_bytes_and_the_name() -> Result<(), TableError> {
        let format = |mut bytes: &[u8]| FileSource::kept("x", &mut bytes).map(|file| file.format);
        assert_eq!(format(b"PAR1....")?, Format::Parquet);
        assert_eq!(format(b"ARROW1..")?, Format::Ipc);
        assert_eq!(format(b"\xff\xff\xff\xff....")?, Format::Ipc);
        assert_eq!(format(b"{\"id\": 1}")?, Format::NdJson);
        assert_eq!(format(b"id,date")?, Format::Text);
        assert!(matches!(format(b""), Err(TableError::Empty { .. })));
        Ok(())
    }
}
