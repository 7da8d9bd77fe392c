//! Which files are meant: a file, several, a pattern, a folder of parts, standard input.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::NamedTempFile;

use crate::blocks::{Progress, shown};
use crate::error::TableError;

/// How a file holds its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Separated values, perhaps compressed.
    Text,
    /// A JSON object a line, perhaps compressed.
    NdJson,
    /// Apache Parquet.
    Parquet,
    /// Arrow IPC, also known as Feather.
    Ipc,
}

impl Format {
    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Format::Text => "a text table",
            Format::NdJson => "lines of JSON",
            Format::Parquet => "Parquet",
            Format::Ipc => "Arrow IPC",
        }
    }
}

/// A table to be read.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its name in messages and in the list of refused rows.
    pub name: String,
    /// How it holds its table.
    pub format: Format,
    /// Bytes on disk, where known.
    pub bytes: Option<u64>,
    from: From,
}

#[derive(Debug, Clone)]
enum From {
    File(PathBuf),
    /// Standard input can be read once only, so it is kept in a file that goes with its last owner.
    Spooled(Arc<NamedTempFile>),
}

/// Finds the files that are meant, in the order of their names within each argument.
///
/// # Errors
/// [`TableError::NoFile`] where nothing is meant, [`TableError::Io`] where a file cannot be opened.
pub fn find(arguments: &[PathBuf]) -> Result<Vec<Source>, TableError> {
    let mut sources = Vec::new();
    let mut seen = HashSet::new();
    for argument in arguments {
        if argument.as_os_str() == "-" {
            sources.push(standard_input()?);
        } else {
            for path in paths(argument)? {
                if !seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())) {
                    let cause = format!("{} is named twice, and its rows would count twice", shown(&path));
                    return Err(TableError::Setting { setting: "files", cause });
                }
                sources.push(Source::open(path)?);
            }
        }
    }
    Ok(sources)
}

/// Finds the one file that is meant.
///
/// # Errors
/// As [`find`], and [`TableError::Setting`] where several files are meant.
pub fn find_one(argument: &Path) -> Result<Source, TableError> {
    let mut found = find(&[argument.into()])?;
    if found.len() > 1 {
        let cause = format!("{} is {} files; give the customers table as one", shown(argument), found.len());
        return Err(TableError::Setting { setting: "--customers", cause });
    }
    found.pop().ok_or_else(|| TableError::NoFile(shown(argument)))
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

fn standard_input() -> Result<Source, TableError> {
    let name = "standard input";
    let spool = || -> io::Result<NamedTempFile> {
        let mut file = NamedTempFile::new()?;
        io::copy(&mut io::stdin().lock(), &mut file)?;
        Ok(file)
    };
    let file = spool().map_err(|cause| TableError::Io { file: name.into(), cause })?;
    Source::new(name.into(), From::Spooled(file.into()))
}

impl Source {
    /// Opens a file and finds out its format from its first bytes and its name.
    ///
    /// # Errors
    /// [`TableError::Io`] where it cannot be read, [`TableError::Empty`] where it has no byte.
    pub fn open(path: PathBuf) -> Result<Source, TableError> {
        Source::new(shown(&path), From::File(path))
    }

    fn new(name: String, from: From) -> Result<Source, TableError> {
        let mut source = Source { name, format: Format::Text, bytes: None, from };
        let file = source.file()?;
        source.bytes = file.metadata().ok().map(|meta| meta.len());
        if source.bytes == Some(0) {
            return Err(source.empty("the file is empty"));
        }
        source.format = source.guess_format()?;
        Ok(source)
    }

    fn guess_format(&self) -> Result<Format, TableError> {
        let mut head = [0u8; 6];
        let count = self.file()?.read(&mut head).map_err(|cause| self.io(cause))?;
        let name = self.name.to_lowercase();
        let stem = name.trim_end_matches(".gz").trim_end_matches(".zst").trim_end_matches(".zstd");
        Ok(match &head[..count] {
            bytes if bytes.starts_with(b"PAR1") => Format::Parquet,
            bytes if bytes.starts_with(b"ARROW1") => Format::Ipc,
            _ if stem.ends_with(".parquet") || stem.ends_with(".pq") => Format::Parquet,
            _ if [".arrow", ".ipc", ".feather"].iter().any(|ending| stem.ends_with(ending)) => Format::Ipc,
            _ if [".ndjson", ".jsonl", ".json"].iter().any(|ending| stem.ends_with(ending)) => Format::NdJson,
            bytes if bytes.starts_with(b"{") => Format::NdJson,
            _ => Format::Text,
        })
    }

    /// A fresh reader of the file's own bytes.
    pub(crate) fn file(&self) -> Result<File, TableError> {
        match &self.from {
            From::File(path) => File::open(path).map_err(|cause| self.io(cause)),
            From::Spooled(file) => file.reopen().map_err(|cause| self.io(cause)),
        }
    }

    /// Where the file is; `None` of standard input.
    pub(crate) fn file_path(&self) -> Option<&Path> {
        match &self.from {
            From::File(path) => Some(path),
            From::Spooled(_) => None,
        }
    }

    /// Where its bytes are.
    pub(crate) fn path(&self) -> &Path {
        match &self.from {
            From::File(path) => path,
            From::Spooled(file) => file.path(),
        }
    }

    /// The text inside: decompressed, as UTF-8 without byte-order mark.
    pub(crate) fn text(&self, encoding: &str, progress: &Arc<Progress>) -> Result<Box<dyn BufRead + Send>, TableError> {
        let label =
            encoding_rs::Encoding::for_label(encoding.trim().as_bytes()).ok_or_else(|| TableError::Setting {
                setting: "read.encoding",
                cause: format!("'{encoding}' is not an encoding; write utf-8, latin1 or windows-1252"),
            })?;
        let counted = Counted { inner: self.file()?, progress: progress.clone() };
        let bytes = decompress(BufReader::with_capacity(1 << 18, counted)).map_err(|cause| self.io(cause))?;
        without_mark(bytes, label).map_err(|cause| self.io(cause))
    }

    pub(crate) fn io(&self, cause: io::Error) -> TableError {
        if cause.kind() == io::ErrorKind::UnexpectedEof {
            return self.broken("the file ends too early; it is cut short, so copy or download it again");
        }
        TableError::Io { file: self.name.clone(), cause }
    }

    pub(crate) fn broken(&self, cause: impl Into<String>) -> TableError {
        TableError::Broken { file: self.name.clone(), format: self.format.name(), cause: cause.into() }
    }

    /// What decodes it has panicked.
    pub(crate) fn gave_up(&self) -> TableError {
        self.broken("the decoder gave up; the file is damaged")
    }

    pub(crate) fn empty(&self, what: &'static str) -> TableError {
        TableError::Empty { file: self.name.clone(), what }
    }
}

/// Looks at the first bytes and decompresses gzip and zstd, whatever the file is called.
fn decompress<R: Read + Send + 'static>(mut reader: BufReader<R>) -> io::Result<Box<dyn Read + Send>> {
    let head = reader.fill_buf()?;
    if head.starts_with(&[0x1f, 0x8b]) {
        Ok(Box::new(flate2::bufread::MultiGzDecoder::new(reader)))
    } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        Ok(Box::new(zstd::stream::read::Decoder::with_buffer(reader)?))
    } else {
        Ok(Box::new(reader))
    }
}

/// UTF-8 passes through byte for byte, so that what is not UTF-8 can be refused where it stands;
/// other encodings, and UTF-16 by its mark, are converted.
fn without_mark(
    mut bytes: Box<dyn Read + Send>,
    encoding: &'static encoding_rs::Encoding,
) -> io::Result<Box<dyn BufRead + Send>> {
    let mut head = Vec::with_capacity(3);
    bytes.by_ref().take(3).read_to_end(&mut head)?;
    let wide = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    let marked = head == [0xef, 0xbb, 0xbf];
    let rest = Cursor::new(if marked { Vec::new() } else { head }).chain(bytes);
    if !wide && (marked || encoding == encoding_rs::UTF_8) {
        return Ok(Box::new(BufReader::with_capacity(1 << 18, rest)));
    }
    let decoded =
        encoding_rs_io::DecodeReaderBytesBuilder::new().encoding(Some(encoding)).bom_override(true).build(rest);
    Ok(Box::new(BufReader::with_capacity(1 << 18, decoded)))
}

/// Counts the bytes that pass.
struct Counted<R> {
    inner: R,
    progress: Arc<Progress>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.progress.add_bytes(count as u64);
        Ok(count)
    }
}
