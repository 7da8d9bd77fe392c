//! Folders in which files wait for their names. However a run ends, they go with it: where it ends by itself, by a failure,
//! and where whoever is told of a signal calls [`abandon`]. What is left after that is removed by the next run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

const NAME: &str = ".clivia-partial";

/// Removing a folder is tried so often, for others may still be writing into it.
const ATTEMPTS: usize = 10;

/// All of this process. While the lock is held none is removed and no file gets its name elsewhere.
static ALL: Mutex<Vec<Made>> = Mutex::new(Vec::new());

#[derive(Debug)]
struct Made {
    path: PathBuf,
    /// Whether the folder around it was made for it, and goes with it where nothing got its name there.
    with_folder: bool,
}

impl Made {
    fn remove(&self) {
        for _ in 0..ATTEMPTS {
            match fs::remove_dir_all(&self.path) {
                Err(cause) if cause.kind() != io::ErrorKind::NotFound => {}
                _ => break,
            }
        }
        if let Some(folder) = self.path.parent().filter(|_| self.with_folder) {
            fs::remove_dir(folder).ok();
        }
    }
}

fn all() -> MutexGuard<'static, Vec<Made>> {
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes all folders in the making, for good: no file gets its name any more in this process, which is to end now.
pub fn abandon() {
    let all = all();
    all.iter().for_each(Made::remove);
    // Whoever waits for it waits until the end.
    std::mem::forget(all);
}

/// A folder in the making, inside of the one that is written.
#[derive(Debug)]
pub struct Partial {
    path: PathBuf,
}

impl Partial {
    /// Where an interrupted run has left one, if it has.
    pub fn left_in(folder: &Path) -> Option<PathBuf> {
        Some(folder.join(NAME)).filter(|path| path.exists())
    }

    /// Makes one; `with_folder` says whether the folder around it was made for it.
    ///
    /// # Errors
    /// What the system says.
    pub fn make(folder: &Path, with_folder: bool) -> io::Result<Self> {
        let path = folder.join(NAME);
        let mut all = all();
        fs::create_dir(&path)?;
        all.push(Made { path: path.clone(), with_folder });
        Ok(Partial { path })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives files their names: all of them, for no signal ends the run in between.
    pub fn publish<T>(&self, give_names: impl FnOnce() -> T) -> T {
        let _all = all();
        give_names()
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        let mut all = all();
        if let Some(at) = all.iter().position(|made| made.path == self.path) {
            all.swap_remove(at).remove();
        }
    }
}
