//! The folder of a state: who may write, what is rubbish, and how a manifest takes the place of the one before.

use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::manifest::{self, MANIFEST, Manifest, Segment};
use super::{StateError, damaged, io_error, shown};
use crate::export::staging::lockable;

/// Where files are written before they have their names.
const PARTIAL: &str = ".clivia-partial";
/// Readers hold a lock on it.
const READING: &str = ".clivia-reading";

/// The folder of a state that is being changed.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) path: PathBuf,
    pub(super) partial: PathBuf,
    /// Held while an update is at work; the system lets go of it however the update ends.
    _lock: File,
    created: bool,
}

/// Keeps segments where they are while somebody reads them; a folder that nobody can write needs no lock.
pub(super) fn lock_reading(folder: &Path) -> Result<Option<File>, StateError> {
    let path = folder.join(READING);
    let Ok(file) = File::open(&path) else { return Ok(None) };
    file.lock_shared().map_err(|cause| io_error(&path, cause))?;
    Ok(Some(file))
}

/// Opens a folder to change the state in it, made where it is not there. What an interrupted update left is removed.
pub(super) fn open(path: &Path) -> Result<(Folder, Option<Manifest>), StateError> {
    if path.is_file() {
        return Err(io_error(path, io::Error::other("it is a file; name a folder for the state")));
    }
    let created = !path.exists();
    fs::create_dir_all(path).map_err(|cause| io_error(path, cause))?;
    let lock = lock(path)?;
    let folder = Folder { path: path.into(), partial: path.join(PARTIAL), _lock: lock, created };
    let manifest = Manifest::load(path)?;
    folder.check(manifest.as_ref())?;
    folder.clean(manifest.as_ref())?;
    fs::create_dir(&folder.partial).map_err(|cause| io_error(&folder.partial, cause))?;
    Ok((folder, manifest))
}

fn lock(path: &Path) -> Result<File, StateError> {
    let handle = lockable(path).map_err(|cause| io_error(path, cause))?;
    match handle.try_lock() {
        Ok(()) => Ok(handle),
        Err(TryLockError::WouldBlock) => Err(StateError::Busy(shown(path))),
        Err(TryLockError::Error(cause)) => Err(io_error(path, cause)),
    }
}

impl Folder {
    /// Nothing is removed from a folder that is no state, or one that has lost its manifest.
    fn check(&self, manifest: Option<&Manifest>) -> Result<(), StateError> {
        if manifest.is_some() {
            return Ok(());
        }
        // A first update that was interrupted leaves one segment at most, beside its partial folder.
        let interrupted = self.partial.exists();
        for name in self.names()? {
            match manifest::number(&name) {
                Some(1) if interrupted => {}
                Some(_) => return Err(damaged(&self.path, format!("it holds {name}, but no {MANIFEST}"))),
                None if name.starts_with(".clivia-") => {}
                None => return Err(StateError::NotOne { folder: shown(&self.path), found: name }),
            }
        }
        Ok(())
    }

    fn names(&self) -> Result<Vec<String>, StateError> {
        let failed = |cause| io_error(&self.path, cause);
        let entries = fs::read_dir(&self.path).map_err(failed)?;
        let name = |entry: io::Result<fs::DirEntry>| Ok(entry.map_err(failed)?.file_name().to_string_lossy().into());
        entries.map(name).collect()
    }

    /// Removes what an interrupted update left.
    fn clean(&self, manifest: Option<&Manifest>) -> Result<(), StateError> {
        remove(&self.partial)?;
        self.tidy(manifest)
    }

    /// Removes segments that the manifest does not name; those that once counted may still be read, and then stay.
    pub(super) fn tidy(&self, manifest: Option<&Manifest>) -> Result<(), StateError> {
        let (next, segments) = manifest.map_or((1, &[][..]), |manifest| (manifest.next, &manifest.segments[..]));
        let unread = self.lock_out_readers()?;
        let rubbish = |number: &u64| {
            segments.iter().all(|segment| segment.number != *number) && (*number >= next || unread.is_some())
        };
        let numbers: Vec<u64> = self.names()?.iter().filter_map(|name| manifest::number(name)).collect();
        numbers.iter().filter(|number| rubbish(number)).try_for_each(|number| self.remove_segment(*number))
    }

    /// `None` where somebody reads.
    fn lock_out_readers(&self) -> Result<Option<File>, StateError> {
        let path = self.path.join(READING);
        let failed = |cause| io_error(&path, cause);
        let file = match File::open(&path) {
            Ok(file) => file,
            // Before the first update nobody can read.
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(failed(cause)),
        };
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(cause)) => Err(failed(cause)),
        }
    }

    fn remove_segment(&self, number: u64) -> Result<(), StateError> {
        remove(&self.path.join(manifest::name(number)))
    }

    /// Begins a segment; its folder.
    pub(super) fn begin(&self, number: u64) -> Result<PathBuf, StateError> {
        let path = self.partial.join(manifest::name(number));
        remove(&path)?;
        fs::create_dir(&path).map_err(|cause| io_error(&path, cause))?;
        Ok(path)
    }

    /// Gives segments that were begun their names, then puts the manifest that names them in the place of the one
    /// before: before that the old state counts, after it the new one.
    pub(super) fn publish(&mut self, manifest: &Manifest, new: &[&Segment]) -> Result<(), StateError> {
        let reading = self.path.join(READING);
        File::options().append(true).create(true).open(&reading).map_err(|cause| io_error(&reading, cause))?;
        let written = self.partial.join(MANIFEST);
        write_json(&written, manifest).map_err(|cause| io_error(&self.path.join(MANIFEST), cause))?;
        for segment in new {
            let name = manifest::name(segment.number);
            sync_folder(&self.partial.join(&name))?;
            rename(&self.partial.join(&name), &self.path.join(&name))?;
        }
        sync_folder(&self.path)?;
        rename(&written, &self.path.join(MANIFEST))?;
        self.created = false;
        sync_folder(&self.path)
    }
}

impl Drop for Folder {
    /// Leaves nothing behind that is not complete; a folder that was made for nothing goes too.
    fn drop(&mut self) {
        fs::remove_dir_all(&self.partial).ok();
        if self.created {
            fs::remove_file(self.path.join(READING)).ok();
            fs::remove_dir_all(self.path.join(manifest::name(1))).ok();
            fs::remove_dir(&self.path).ok();
        }
    }
}

fn write_json(path: &Path, manifest: &Manifest) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    serde_json::to_writer_pretty(&mut out, manifest)?;
    out.flush()?;
    out.get_ref().sync_all()
}

fn rename(from: &Path, to: &Path) -> Result<(), StateError> {
    fs::rename(from, to).map_err(|cause| io_error(to, cause))
}

fn remove(folder: &Path) -> Result<(), StateError> {
    match fs::remove_dir_all(folder) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(io_error(folder, cause)),
        _ => Ok(()),
    }
}

/// Makes sure that the names in a folder are on disk.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> Result<(), StateError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|cause| io_error(folder, cause))
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> Result<(), StateError> {
    Ok(())
}
