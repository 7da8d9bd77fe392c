//! What reports show.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

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
    pub fn separators(self) -> (char, char) {
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
#[error("there is no report in '{0}'; the languages are en (English), pl (Polish), ro (Romanian) and bg (Bulgarian)")]
pub struct UnknownLang(String);

/// From which severity on a note in the results is more than a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    /// From none.
    #[default]
    Never,
    /// From where numbers may be other than they should be.
    Warning,
    /// From where they very likely are.
    Severe,
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
    /// From which severity on a note lets a command end with an exit code of its own, its results written.
    pub fail_on: FailOn,
}

impl Default for ReportSettings {
    fn default() -> Self {
        ReportSettings { lang: Lang::En, min_cell: 1, holdout_rows: 2_000_000, fail_on: FailOn::Never }
    }
}
