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
mod record;
mod sections;
mod table;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use rand::RngCore;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

pub use plots::{Picture, plots};

use clivia_io::settings::Settings;
use clivia_run::record::Run;
use clivia_core::figures::Figures;
use clivia_run::pipeline::Scored;
use figure::Section;
use messages::Messages;
use record::Record;

/// Bytes of a key that is drawn where none is given.
const KEY_BYTES: usize = 32;
/// Characters of a hashed id.
const HASHED: usize = 12;

/// The languages of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Polish.
    Pl,
    /// Romanian.
    Ro,
    /// Bulgarian.
    Bg,
}

impl Lang {
    /// All of them.
    pub const ALL: [Lang; 4] = [Lang::En, Lang::Pl, Lang::Ro, Lang::Bg];

    /// Its code, as in `<html lang>`.
    pub fn code(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Pl => "pl",
            Lang::Ro => "ro",
            Lang::Bg => "bg",
        }
    }

    /// What stands between thousands, and before the fraction.
    fn separators(self) -> (char, char) {
        match self {
            Lang::En => (',', '.'),
            Lang::Ro => ('.', ','),
            Lang::Pl | Lang::Bg => ('\u{a0}', ','),
        }
    }
}

impl FromStr for Lang {
    type Err = UnknownLang;

    /// A language tag, of which the language alone counts: `pl`, `pl-PL`, `PL_pl`.
    fn from_str(tag: &str) -> Result<Self, UnknownLang> {
        let language = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        Lang::ALL.into_iter().find(|lang| lang.code() == language).ok_or_else(|| UnknownLang(tag.into()))
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A language that reports do not speak.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no report speaks '{0}'; there are en (English), pl (Polish), ro (Romanian) and bg (Bulgarian)")]
pub struct UnknownLang(String);

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
    #[error("{}: {cause}; it is damaged or of another version of clivia: score again", file.display())]
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

/// What reports show: a table of clivia.toml.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReportSettings {
    /// The language.
    pub lang: Lang,
    /// Groups of fewer customers are merged.
    pub min_cell: u64,
    /// Up to so many order rows the purchase model is held against a holdout, which takes purchase days in memory and a
    /// second fit; 0 never does. A model that was chosen by a holdout always is.
    pub holdout_rows: u64,
}

impl Default for ReportSettings {
    fn default() -> Self {
        ReportSettings { lang: Lang::En, min_cell: 1, holdout_rows: 2_000_000 }
    }
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
    pub fn of_run(scored: &Scored, options: &ReportOptions) -> Result<Self, ReportError> {
        let broken =
            |name: &str, cause: serde_json::Error| ReportError::Broken { file: name.into(), cause: cause.to_string() };
        let record = serde_json::to_string(&Run::new(scored)).and_then(|record| serde_json::from_str(&record));
        let record = record.map_err(|cause| broken(RUN, cause))?;
        let figures = serde_json::to_string(&scored.figures).and_then(|figures| serde_json::from_str(&figures));
        let figures = figures.map_err(|cause| broken(FIGURES, cause))?;
        Ok(Report::of(record, figures, options))
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
