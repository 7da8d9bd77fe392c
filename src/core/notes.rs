//! What a careful analyst would be told about a base: a sentence, what to do about it, and how much it concerns.

use serde::{Deserialize, Deserializer, Serialize};

use crate::base::Money;

/// How much a note matters, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// How something was read, so that it can be checked.
    Info,
    /// Numbers may be other than they should be.
    Warning,
    /// Numbers are very likely not what they should be.
    Severe,
}

/// One thing that a reader of the results should know.
///
/// ```
/// use clivia_core::notes::{Note, Severity};
/// let note = Note::warning("unreadable_amounts", "3 of 200 amounts could not be read, such as '12 EUR?'")
///     .remedy("write them as numbers")
///     .rows(3, 200);
/// assert_eq!((note.severity, note.share), (Severity::Warning, Some(0.015)));
/// assert_eq!(note.to_string(), "3 of 200 amounts could not be read, such as '12 EUR?': write them as numbers");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// A name that programs can look for, such as `unreadable_amounts`.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// What was seen, and what it may do to the numbers.
    pub sentence: String,
    /// What to set, in the names of the settings (`read.decimal = "comma"`); empty where there is nothing to do.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub remedy: String,
    /// Rows that it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Their share of all rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// Their money, where it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub money: Option<Money>,
}

impl Note {
    /// How something was read.
    pub fn info(code: &str, sentence: impl Into<String>) -> Self {
        Note::new(Severity::Info, code, sentence.into())
    }

    /// Something by which numbers may be wrong.
    pub fn warning(code: &str, sentence: impl Into<String>) -> Self {
        Note::new(Severity::Warning, code, sentence.into())
    }

    /// Something by which numbers are very likely wrong.
    pub fn severe(code: &str, sentence: impl Into<String>) -> Self {
        Note::new(Severity::Severe, code, sentence.into())
    }

    fn new(severity: Severity, code: &str, sentence: String) -> Self {
        Note { code: code.into(), severity, sentence, remedy: String::new(), rows: None, share: None, money: None }
    }

    /// The same, with what to do.
    pub fn remedy(self, remedy: impl Into<String>) -> Self {
        Note { remedy: remedy.into(), ..self }
    }

    /// The same, of so many of all rows.
    pub fn rows(self, rows: u64, of: u64) -> Self {
        Note { rows: Some(rows), share: (of > 0).then(|| rows as f64 / of as f64), ..self }
    }

    /// The same, of so much money.
    pub fn money(self, money: Money) -> Self {
        Note { money: Some(money), ..self }
    }
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.remedy.as_str() {
            "" => f.write_str(&self.sentence),
            remedy => write!(f, "{}: {remedy}", self.sentence),
        }
    }
}

/// Puts the most important notes first; those that are alike stay in the order in which they came.
pub fn sort(notes: &mut [Note]) {
    notes.sort_by_key(|note| std::cmp::Reverse(note.severity));
}

/// Notes with one code, of plain sentences.
pub fn warnings(code: &str, sentences: impl IntoIterator<Item = String>) -> Vec<Note> {
    sentences.into_iter().map(|sentence| Note::warning(code, sentence)).collect()
}

/// Reads notes, and the plain sentences that 0.1.0 wrote in their place.
///
/// # Errors
/// Those of the deserializer.
pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Note>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Note(Note),
        Sentence(String),
    }
    let written = Vec::<Written>::deserialize(deserializer)?;
    let note = |written| match written {
        Written::Note(note) => note,
        Written::Sentence(sentence) => Note::warning("warning", sentence),
    };
    Ok(written.into_iter().map(note).collect())
}
