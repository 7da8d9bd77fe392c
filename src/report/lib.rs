//! The report of a run: one page that needs nothing beside it, and its charts as pictures.
//!
//! It reads what a run has written, `run.json` and `figures.json`, and computes no number of its own: every number on the
//! page is one of theirs. Charts are drawn by Apache ECharts, which is in the page; [`plots`] has the same charts drawn
//! without a browser.
//!
//! Whatever came from files (ids, names of segments, channels and settings) is escaped, cut to 80 characters, and cannot
//! run: the page's content security policy allows its own scripts and nothing else.

mod figure;
mod merging;
mod messages;
mod numbers;
mod page;
mod plots;
pub mod record;
mod sections;
mod table;

use std::fmt;
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use rand::RngCore;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;

pub use plots::{Picture, plots};

use clivia_core::figures::Figures;
use clivia_io::settings::Settings;
use clivia_io::settings::report::Lang;
use figure::Section;
use messages::Messages;
use record::Record;

/// Bytes of a key that is drawn where none is given.
const KEY_BYTES: usize = 32;
/// Characters of a hashed id.
const HASHED: usize = 12;

/// A report that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A file of the run cannot be read.
    #[error("{}: {cause}; name the folder of a run of clivia score", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A file of the run is not what this version writes.
    #[error("{}: {cause}; it is damaged or from another version of clivia; run score again", file.display())]
    Broken {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// The page cannot be put together.
    #[error("the report cannot be put together: {0}")]
    Template(String),
    /// A chart cannot be drawn.
    #[error("the chart {chart} cannot be drawn: {cause}")]
    Plot {
        /// Which one.
        chart: String,
        /// What the drawing library said.
        cause: String,
    },
}

/// The key by which ids are hashed.
#[derive(Clone)]
pub struct HashKey(Vec<u8>);

impl fmt::Debug for HashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashKey(..)")
    }
}

impl HashKey {
    /// A key that the reader's company keeps: the same id has the same hash in all reports.
    pub fn kept(key: &[u8]) -> Self {
        HashKey(key.into())
    }

    /// A key for one report, which nobody keeps.
    pub fn drawn() -> Self {
        let mut key = vec![0; KEY_BYTES];
        rand::rngs::OsRng.fill_bytes(&mut key);
        HashKey(key)
    }

    /// An id under this key: the beginning of HMAC-SHA-256, in hexadecimal digits.
    ///
    /// ```
    /// use clivia_report::HashKey;
    /// let key = HashKey::kept(b"a secret of the company");
    /// assert_eq!(key.hashed("C1").len(), 12);
    /// assert_eq!(key.hashed("C1"), key.hashed("C1"));
    /// assert_ne!(key.hashed("C1"), HashKey::kept(b"another").hashed("C1"));
    /// ```
    pub fn hashed(&self, id: &str) -> String {
        // HMAC takes a key of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return "?".repeat(HASHED) };
        mac.update(id.as_bytes());
        mac.finalize().into_bytes().iter().flat_map(|byte| [byte >> 4, byte & 15]).take(HASHED).map(hex).collect()
    }
}

fn hex(digit: u8) -> char {
    char::from_digit(digit.into(), 16).unwrap_or('0')
}

/// What a report is to show.
#[derive(Debug, Clone)]
pub struct ReportOptions {
    /// Its language.
    pub lang: Lang,
    /// Whether rows of single customers are in it.
    pub customers: bool,
    /// The key by which ids are hashed; `None` shows them as they are.
    pub hash_ids: Option<HashKey>,
    /// Groups of fewer customers are merged.
    pub min_cell: u64,
}

impl Default for ReportOptions {
    fn default() -> Self {
        ReportOptions { lang: Lang::En, customers: true, hash_ids: None, min_cell: 1 }
    }
}

/// A report, ready to be written.
pub struct Report {
    messages: Messages,
    record: Record,
    sections: Vec<Section>,
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report").field("lang", &self.messages.lang).finish_non_exhaustive()
    }
}

impl Report {
    /// The settings that a run was made with, from its record.
    ///
    /// # Errors
    /// [`ReportError`] where the record is missing or cannot be read.
    pub fn settings(folder: &Path) -> Result<Settings, ReportError> {
        Ok(read::<Record>(folder, RUN)?.settings)
    }

    /// The report of a run from its files.
    ///
    /// # Errors
    /// [`ReportError`] where a file is missing or cannot be read.
    pub fn from_folder(folder: &Path, options: &ReportOptions) -> Result<Self, ReportError> {
        Ok(Report::of(read(folder, RUN)?, read(folder, FIGURES)?, options))
    }

    /// The report of a run that has just been made: the same as from its files.
    ///
    /// # Errors
    /// [`ReportError::Broken`] where its record cannot be read back.
    pub fn of_run(record: &Record, figures: &Figures, options: &ReportOptions) -> Result<Self, ReportError> {
        // As it is written, so that no number differs from the files'.
        fn written<T: Serialize + DeserializeOwned>(value: &T, name: &str) -> Result<T, ReportError> {
            let text = serde_json::to_string(value).and_then(|text| serde_json::from_str(&text));
            text.map_err(|cause| ReportError::Broken { file: name.into(), cause: cause.to_string() })
        }
        Ok(Report::of(written(record, RUN)?, written(figures, FIGURES)?, options))
    }

    fn of(record: Record, figures: Figures, options: &ReportOptions) -> Self {
        let messages = Messages::new(options.lang);
        let figures = merging::shown(figures, &messages, options);
        let sections = sections::all(&messages, &record, &figures, options);
        Report { messages, record, sections }
    }
}

/// A file of a run.
fn read<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<T, ReportError> {
    let file = folder.join(name);
    let text = std::fs::read_to_string(&file).map_err(|cause| ReportError::Io { file: file.clone(), cause })?;
    serde_json::from_str(&text).map_err(|cause| ReportError::Broken { file, cause: cause.to_string() })
}

/// The record of a run.
const RUN: &str = clivia_io::staging::RUN_JSON;
/// What charts are drawn from.
pub const FIGURES: &str = "figures.json";
/// The page.
pub const REPORT: &str = "report.html";
