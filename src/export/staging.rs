//! Files appear whole or not at all: they are written under a folder of their own inside the target,
//! synced, and moved to their names when all of them are complete.

use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::ExportError;

/// Where files are written before they have their names.
const PARTIAL: &str = ".clivia-partial";
/// Held while a run writes; the system lets go of it however the run ends.
const LOCK: &str = "lock";
/// The file that says that a run is complete: the first to go, the last to come.
pub const RUN_JSON: &str = "run.json";

/// A folder in the making.
#[derive(Debug)]
pub struct Staging {
    folder: PathBuf,
    partial: PathBuf,
    files: Vec<String>,
    /// All files that a run could leave, so that those of an earlier run go.
    replaces: &'static [&'static str],
    lock: Option<File>,
    created: bool,
}

impl Staging {
    /// Opens `folder` for a run, made where it is not there. What an interrupted run left is removed.
    ///
    /// # Errors
    /// [`ExportError::Exists`] where it holds one of the files that a run leaves and `overwrite` is not
    /// set, [`ExportError::Busy`] where another run is at work there, [`ExportError::Io`] where it cannot
    /// be written.
    pub fn open(folder: &Path, leaves: &'static [&'static str], overwrite: bool) -> Result<Self, ExportError> {
        let partial = folder.join(PARTIAL);
        let created = !folder.exists();
        fs::create_dir_all(folder).map_err(|cause| io_error(folder, cause))?;
        let interrupted = partial.exists();
        let lock = lock(folder, &partial)?;
        let mut staging =
            Staging { folder: folder.into(), partial, files: Vec::new(), replaces: leaves, lock: Some(lock), created };
        staging.clear()?;
        // Files under their names beside a partial folder are those of the interrupted run: whole, but not all.
        let existing = leaves.iter().find(|file| folder.join(file).exists());
        let complete = folder.join(RUN_JSON).exists() || !interrupted;
        match existing {
            Some(file) if !overwrite && complete => {
                Err(ExportError::Exists { folder: folder.display().to_string(), file: (*file).into() })
            }
            _ => Ok(staging),
        }
    }

    /// Removes what an interrupted run left half-written.
    fn clear(&mut self) -> Result<(), ExportError> {
        for entry in fs::read_dir(&self.partial).map_err(|cause| io_error(&self.partial, cause))?.flatten() {
            if entry.file_name() != LOCK {
                fs::remove_file(entry.path()).map_err(|cause| io_error(&entry.path(), cause))?;
            }
        }
        Ok(())
    }

    /// Begins a file.
    ///
    /// # Errors
    /// [`ExportError::Io`] where it cannot be made.
    pub fn create(&mut self, name: &str) -> Result<File, ExportError> {
        self.files.push(name.into());
        let path = self.partial.join(name);
        File::create(&path).map_err(|cause| io_error(&self.folder.join(name), cause))
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

    /// Makes sure that a file's bytes are on disk.
    ///
    /// # Errors
    /// [`ExportError::Io`] where they are not.
    pub fn sync(&self, name: &str) -> Result<(), ExportError> {
        let file = File::open(self.partial.join(name)).and_then(|file| file.sync_all());
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
        self.remove(RUN_JSON)?;
        for name in self.replaces.iter().filter(|name| !self.files.iter().any(|file| file == *name)) {
            self.remove(name)?;
        }
        let mut names = std::mem::take(&mut self.files);
        names.sort_by_key(|name| name == RUN_JSON);
        for name in &names {
            let target = self.folder.join(name);
            fs::rename(self.partial.join(name), &target).map_err(|cause| io_error(&target, cause))?;
        }
        self.created = false;
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

impl Drop for Staging {
    /// Leaves nothing behind that is not complete; a folder that was made for nothing goes too.
    fn drop(&mut self) {
        self.lock.take();
        fs::remove_dir_all(&self.partial).ok();
        if self.created {
            fs::remove_dir(&self.folder).ok();
        }
    }
}

fn lock(folder: &Path, partial: &Path) -> Result<File, ExportError> {
    fs::create_dir_all(partial).map_err(|cause| io_error(folder, cause))?;
    let file = File::create(partial.join(LOCK)).map_err(|cause| io_error(folder, cause))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ExportError::Busy { folder: folder.display().to_string() }),
        Err(TryLockError::Error(cause)) => Err(io_error(folder, cause)),
    }
}

fn io_error(path: &Path, cause: io::Error) -> ExportError {
    ExportError::Io { file: path.display().to_string(), cause }
}
