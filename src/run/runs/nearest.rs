//! A folder that holds no run: what is missing there, and where the nearest run is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clivia_io::staging::RUN_JSON;

/// Entries of a folder that are named.
const NAMED: usize = 5;
/// Folders below one that are looked into.
const DEPTH: usize = 2;

/// The record of a run, named by itself or by its folder.
pub(crate) fn record_of(path: &Path) -> PathBuf {
    let is_record = path.is_file() || path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
    if is_record { path.into() } else { path.join(RUN_JSON) }
}

/// Why a record cannot be read, in words that help.
pub(crate) fn unreadable(record: &Path, error: &io::Error) -> String {
    if error.kind() != io::ErrorKind::NotFound && error.kind() != io::ErrorKind::NotADirectory {
        return error.to_string();
    }
    let folder = folder_of(record);
    let missing = match entries(folder) {
        None => format!("there is no folder {}", folder.display()),
        Some(entries) if entries.is_empty() => format!("the folder {} is empty", folder.display()),
        Some(entries) => format!("the folder {} holds no {RUN_JSON} but {}", folder.display(), named(&entries)),
    };
    match nearest(folder) {
        Some(run) => format!("{missing}; the nearest run is in {}", run.display()),
        None => format!("{missing}; name the folder that `clivia score` wrote"),
    }
}

fn folder_of(record: &Path) -> &Path {
    record.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What a folder holds, in the order of names; `None` where there is none.
fn entries(folder: &Path) -> Option<Vec<PathBuf>> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    Some(entries)
}

fn named(entries: &[PathBuf]) -> String {
    let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let shown: Vec<String> = entries.iter().filter_map(name).take(NAMED).collect();
    let more = entries.len().saturating_sub(shown.len());
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

/// The folder with a run that is nearest: below the one that was named, or beside it.
fn nearest(folder: &Path) -> Option<PathBuf> {
    let beside = || folder_of(folder).to_path_buf();
    below(folder, DEPTH).or_else(|| below(&beside(), 1))
}

fn below(folder: &Path, depth: usize) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = entries(folder)?.into_iter().filter(|path| path.is_dir()).collect();
    let here = folders.iter().find(|folder| folder.join(RUN_JSON).is_file()).cloned();
    let here = Some(folder.to_path_buf()).filter(|folder| folder.join(RUN_JSON).is_file()).or(here);
    here.or_else(|| folders.iter().filter(|_| depth > 1).find_map(|folder| below(folder, depth - 1)))
}

#[cfg(test)]
mod tests {
    use crate::runs::nearest::*;

    #[test]
    fn a_folder_without_a_run_is_told_the_nearest() -> io::Result<()> {
        let home = tempfile::tempdir()?;
        let at = |path: &str| home.path().join(path);
        let said = |path: &str| unreadable(&record_of(&at(path)), &io::ErrorKind::NotFound.into());
        assert!(said("gone").contains("there is no folder") && said("gone").contains("that `clivia score` wrote"));
        fs::create_dir_all(at("results/may"))?;
        assert!(said("results/may").contains("is empty"));
        fs::create_dir_all(at("results/june"))?;
        fs::write(at("results/june").join(RUN_JSON), "{}")?;
        for path in ["results", "results/may", "results/gone"] {
            let june = at("results/june").display().to_string();
            assert!(said(path).ends_with(&format!("the nearest run is in {june}")), "{}", said(path));
        }
        assert!(said("results").contains("holds no run.json but june, may"), "{}", said("results"));
        assert_eq!(record_of(&at("results/june")), at("results/june/run.json"));
        Ok(())
    }
}
