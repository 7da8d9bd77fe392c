//! Files appear whole or not at all: they are written under a folder of their own inside the target,
//! synced, and moved to their names when all of them are complete.

pub mod partial;

use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::write::{ExportError, TableFormat};
use partial::Partial;

/// The record of a run.
pub const RUN_JSON: &str = "run.json";
/// The list of refused rows.
pub const REJECTS: &str = "rejects.csv";

/// All files that a command can leave in its folder, so that those of an earlier run go.
#[derive(Debug, Clone, Copy)]
pub struct Leaves {
    /// Says that all others are there: it is the first to go and the last to come.
    pub record: &'static str,
    /// Files by their names.
    pub files: &'static [&'static str],
    /// Tables by their names without ending; each may be in any format.
    pub tables: &'static [&'static str],
}

impl Leaves {
    fn names(&self) -> impl Iterator<Item = String> + '_ {
        let files = std::iter::once(&self.record).chain(self.files).map(|name| name.to_string());
        let in_formats = |table| TableFormat::ALL.map(|format| format!("{table}.{}", format.ending()));
        files.chain(self.tables.iter().flat_map(in_formats))
    }
}

/// A folder in the making.
#[derive(Debug)]
pub struct Staging {
    folder: PathBuf,
    /// Goes, with all that is not complete in it, before the lock does.
    partial: Partial,
    files: Vec<String>,
    leaves: Leaves,
    /// Held while a run writes; the system lets go of it however the run ends.
    _lock: File,
}

impl Staging {
    /// Opens `folder` for a run, made where it is not there. What an interrupted run left is removed.
    ///
    /// # Errors
    /// [`ExportError::Exists`] where it holds one of the files that a run leaves and `overwrite` is not
    /// set, [`ExportError::Busy`] where another run is at work there, [`ExportError::Io`] where it cannot
    /// be written.
    pub fn open(folder: &Path, leaves: Leaves, overwrite: bool) -> Result<Self, ExportError> {
        if folder.is_file() {
            let cause = io::Error::other("it is a file; name a folder for the results");
            return Err(io_error(folder, cause));
        }
        let created = !folder.exists();
        let lock = lock(folder)?;
        let left = Partial::left_in(folder);
        if let Some(left) = &left {
            fs::remove_dir_all(left).map_err(|cause| io_error(left, cause))?;
        }
        let partial = Partial::make(folder, created).map_err(|cause| io_error(folder, cause))?;
        let staging = Staging { folder: folder.into(), partial, files: Vec::new(), leaves, _lock: lock };
        // Files under their names beside a partial folder are those of the interrupted run: whole, but not all.
        // A list of refused rows alone is that of a run that failed for it.
        let existing = leaves.names().find(|file| *file != REJECTS && folder.join(file).exists());
        let complete = folder.join(leaves.record).exists() || left.is_none();
        match existing {
            Some(file) if !overwrite && complete => {
                Err(ExportError::Exists { folder: folder.display().to_string(), file })
            }
            _ => Ok(staging),
        }
    }

    /// A file's name in messages.
    pub fn shown(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// Where its files are until they have their names: what waits there goes with them.
    pub fn partial(&self) -> &Path {
        self.partial.path()
    }

    /// Begins a file.
    ///
    /// # Errors
    /// [`ExportError::Io`] where it cannot be made.
    pub fn create(&mut self, name: &str) -> Result<File, ExportError> {
        self.files.push(name.into());
        let path = self.partial.path().join(name);
        File::create(&path).map_err(|cause| io_error(&self.folder.join(name), cause))
    }

    /// A file without a name, beside those in the making, for what is put aside while they are written. The system
    /// lets go of it with the handle.
    ///
    /// # Errors
    /// [`ExportError::Io`] where it cannot be made.
    pub fn scratch(&self) -> Result<File, ExportError> {
        tempfile::tempfile_in(self.partial.path()).map_err(|cause| io_error(&self.folder, cause))
    }

    /// Writes a file of JSON, indented so that a person can read it.
    ///
    /// # Errors
    /// [`ExportError::Io`] where it cannot be written.
    pub fn write_json(&mut self, name: &str, value: &impl Serialize) -> Result<(), ExportError> {
        let mut out = BufWriter::new(self.create(name)?);
        let written = serde_json::to_writer_pretty(&mut out, value).map_err(io::Error::from).and_then(|()| out.flush());
        written.map_err(|cause| io_error(&self.folder.join(name), cause))
    }

    /// Writes a file of text.
    ///
    /// # Errors
    /// [`ExportError::Io`] where it cannot be written.
    pub fn write_text(&mut self, name: &str, text: &str) -> Result<(), ExportError> {
        let written = self.create(name)?.write_all(text.as_bytes());
        written.map_err(|cause| io_error(&self.folder.join(name), cause))
    }

    /// Makes sure that a file's bytes are on disk.
    ///
    /// # Errors
    /// [`ExportError::Io`] where they are not.
    pub fn sync(&self, name: &str) -> Result<(), ExportError> {
        let file = File::open(self.partial.path().join(name)).and_then(|file| file.sync_all());
        file.map_err(|cause| io_error(&self.folder.join(name), cause))
    }

    /// Gives all files their names. Those of an earlier run go first, its run.json before the others.
    ///
    /// # Errors
    /// [`ExportError::Io`] where the file system refuses.
    pub fn publish(mut self) -> Result<(), ExportError> {
        for name in &self.files {
            self.sync(name)?;
        }
        let mut names = std::mem::take(&mut self.files);
        names.sort_by_key(|name| name == self.leaves.record);
        self.partial.publish(|| self.give_names(&names))
    }

    /// Leaves the list of refused rows there although the run has failed, for it says why. Beside the results of an
    /// earlier run it gets another name.
    ///
    /// # Errors
    /// [`ExportError::Io`] where the file system refuses.
    pub fn leave_rejects(self) -> Result<PathBuf, ExportError> {
        let taken = self.folder.join(self.leaves.record).exists();
        let target = self.folder.join(if taken { "rejects-of-failed-run.csv" } else { REJECTS });
        let moved = self.partial.publish(|| fs::rename(self.partial.path().join(REJECTS), &target));
        moved.map_err(|cause| io_error(&target, cause))?;
        Ok(target)
    }

    fn give_names(&self, names: &[String]) -> Result<(), ExportError> {
        self.remove(self.leaves.record)?;
        for name in self.leaves.names().filter(|name| !names.contains(name)) {
            self.remove(&name)?;
        }
        for name in names {
            let target = self.folder.join(name);
            fs::rename(self.partial.path().join(name), &target).map_err(|cause| io_error(&target, cause))?;
        }
        File::open(&self.folder).and_then(|folder| folder.sync_all()).map_err(|cause| io_error(&self.folder, cause))
    }

    fn remove(&self, name: &str) -> Result<(), ExportError> {
        let path = self.folder.join(name);
        match fs::remove_file(&path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(io_error(&path, cause)),
            _ => Ok(()),
        }
    }
}

/// Writes one file, whole or not at all, in the place of one that is there.
///
/// # Errors
/// [`ExportError::Io`] where the file system refuses.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), ExportError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || {
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)
    };
    write().map(|_| ()).map_err(|cause| io_error(path, cause))
}

fn lock(folder: &Path) -> Result<File, ExportError> {
    locked(folder).map_err(|error| match error {
        TryLockError::WouldBlock => ExportError::Busy { folder: folder.display().to_string() },
        TryLockError::Error(cause) => io_error(folder, cause),
    })
}

/// How long a lock is waited for. A run that was killed holds its own until the system has cleared its memory away, and
/// whatever starts it again may be faster.
const PATIENCE: Duration = Duration::from_secs(3);

/// Locks a folder, made where it is not there.
///
/// # Errors
/// [`TryLockError::WouldBlock`] where another run is at work in it.
pub fn locked(folder: &Path) -> Result<File, TryLockError> {
    let begun = Instant::now();
    loop {
        // A run that fails removes a folder that it has made, so that it may be another one each time.
        let handle = fs::create_dir_all(folder).and_then(|()| lockable(folder)).map_err(TryLockError::Error)?;
        match handle.try_lock() {
            Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(20));
            }
            done => return done.map(|()| handle),
        }
    }
}

/// The folder itself, which nobody can remove and make again under the lock unnoticed.
#[cfg(unix)]
fn lockable(folder: &Path) -> io::Result<File> {
    File::open(folder)
}

#[cfg(not(unix))]
fn lockable(folder: &Path) -> io::Result<File> {
    File::create(folder.join(".clivia-lock"))
}

fn io_error(path: &Path, cause: io::Error) -> ExportError {
    ExportError::Io { file: path.display().to_string(), cause }
}
