//! The folder of a state: who may write, what is rubbish, and how a manifest takes the place of the one before.

use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::state::manifest;
use crate::state::manifest::{MANIFEST, Manifest, Segment};
use crate::state::{StateError, damaged, io_error, shown};
use clivia_io::staging::locked;
use clivia_io::staging::partial::Partial;

/// Readers hold a lock on it.
const READING: &str = ".clivia-reading";

/// The folder of a state that is being changed.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) path: PathBuf,
    /// Goes, with all that is not complete in it, before the lock does.
    partial: Partial,
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
    let lock = lock(path)?;
    let manifest = Manifest::load(path)?;
    let left = Partial::left_in(path);
    if manifest.is_none() {
        check_is_new(path, left.is_some())?;
    }
    // Beside a partial folder one knows what a segment without a manifest is: that folder goes last.
    tidy(path, manifest.as_ref())?;
    if let Some(left) = left {
        remove(&left)?;
    }
    let partial = Partial::make(path, created).map_err(|cause| io_error(path, cause))?;
    Ok((Folder { path: path.into(), partial, _lock: lock, created }, manifest))
}

fn lock(path: &Path) -> Result<File, StateError> {
    locked(path).map_err(|error| match error {
        TryLockError::WouldBlock => StateError::Busy(shown(path)),
        TryLockError::Error(cause) => io_error(path, cause),
    })
}

/// Nothing is removed from a folder that is no state, or one that has lost its manifest.
fn check_is_new(path: &Path, interrupted: bool) -> Result<(), StateError> {
    // A first update that was interrupted leaves one segment at most, beside its partial folder.
    for name in names(path)? {
        match manifest::number(&name) {
            Some(1) if interrupted => {}
            Some(_) => return Err(damaged(path, format!("it holds {name}, but no {MANIFEST}"))),
            None if name.starts_with(".clivia-") => {}
            None => return Err(StateError::NotOne { folder: shown(path), found: name }),
        }
    }
    Ok(())
}

fn names(path: &Path) -> Result<Vec<String>, StateError> {
    let failed = |cause| io_error(path, cause);
    let entries = fs::read_dir(path).map_err(failed)?;
    let name = |entry: io::Result<fs::DirEntry>| Ok(entry.map_err(failed)?.file_name().to_string_lossy().into());
    entries.map(name).collect()
}

/// Removes segments that the manifest does not name; those that once counted may still be read, and then stay.
pub(super) fn tidy(path: &Path, manifest: Option<&Manifest>) -> Result<(), StateError> {
    let (next, segments) = manifest.map_or((1, &[][..]), |manifest| (manifest.next, &manifest.segments[..]));
    let unread = lock_out_readers(path)?;
    let rubbish = |number: &u64| {
        segments.iter().all(|segment| segment.number != *number) && (*number >= next || unread.is_some())
    };
    let numbers: Vec<u64> = names(path)?.iter().filter_map(|name| manifest::number(name)).collect();
    numbers.iter().filter(|number| rubbish(number)).try_for_each(|number| remove(&path.join(manifest::name(*number))))
}

/// `None` where somebody reads.
fn lock_out_readers(path: &Path) -> Result<Option<File>, StateError> {
    let path = path.join(READING);
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

impl Folder {
    /// Where what is written waits for its name.
    pub(super) fn partial(&self) -> &Path {
        self.partial.path()
    }

    /// Begins a segment; its folder.
    pub(super) fn begin(&self, number: u64) -> Result<PathBuf, StateError> {
        let path = self.partial().join(manifest::name(number));
        remove(&path)?;
        fs::create_dir(&path).map_err(|cause| io_error(&path, cause))?;
        Ok(path)
    }

    /// Gives segments that were begun their names, then puts the manifest that names them in the place of the one
    /// before: before that the old state counts, after it the new one.
    pub(super) fn publish(&mut self, manifest: &Manifest, new: &[&Segment]) -> Result<(), StateError> {
        let written = self.partial().join(MANIFEST);
        write_json(&written, manifest).map_err(|cause| io_error(&self.path.join(MANIFEST), cause))?;
        let names: Vec<String> = new.iter().map(|segment| manifest::name(segment.number)).collect();
        names.iter().try_for_each(|name| sync_folder(&self.partial().join(name)))?;
        let reading = self.path.join(READING);
        self.partial.publish(|| {
            File::options().append(true).create(true).open(&reading).map_err(|cause| io_error(&reading, cause))?;
            names.iter().try_for_each(|name| rename(&self.partial().join(name), &self.path.join(name)))?;
            sync_folder(&self.path)?;
            rename(&written, &self.path.join(MANIFEST))
        })?;
        self.created = false;
        sync_folder(&self.path)
    }
}

impl Drop for Folder {
    /// Leaves nothing behind of a first update that failed.
    fn drop(&mut self) {
        if self.created {
            fs::remove_file(self.path.join(READING)).ok();
            fs::remove_dir_all(self.path.join(manifest::name(1))).ok();
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
