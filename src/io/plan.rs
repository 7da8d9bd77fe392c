//! How a source is read.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use clivia_core::base::Day;

use crate::error::TableError;

/// The sign between whole and part of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decimal {
    /// `1234.50`
    #[default]
    Point,
    /// `1234,50`
    Comma,
}

/// How files are read, whatever they hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReadSettings {
    /// What separates the cells of a text file: one of `,` `;` `|` or a tab; sniffed where empty.
    pub delimiter: String,
    /// The encoding of text files, such as `utf-8`, `latin1` or `windows-1252`.
    pub encoding: String,
    /// Whether numbers are written with a decimal point or a decimal comma.
    pub decimal: Decimal,
    /// How dates are written, in strftime's words, such as `%d/%m/%Y`; found out where empty.
    pub date_format: String,
    /// The time zone in whose calendar a timestamp with a zone falls on a day.
    #[serde(with = "timezone_name")]
    pub timezone: Tz,
    /// Rows before this day are refused; 1900-01-01 and 1970-01-01 are how databases write "no date".
    pub earliest: Day,
    /// Rows after this day are refused.
    pub latest: Day,
}

/// A time zone by its name.
mod timezone_name {
    use chrono_tz::Tz;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(zone: &Tz, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(zone.name())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tz, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse()
            .map_err(|_| de::Error::custom(format!("'{name}' is not a time zone; write one such as Europe/Warsaw")))
    }
}

impl Default for ReadSettings {
    fn default() -> Self {
        ReadSettings {
            delimiter: String::new(),
            encoding: "utf-8".into(),
            decimal: Decimal::Point,
            date_format: String::new(),
            timezone: Tz::UTC,
            earliest: Day(1),
            latest: Day(47_481), // 2099-12-31
        }
    }
}

impl ReadSettings {
    /// The byte between cells; `None` where it is to be sniffed.
    pub(crate) fn delimiter_byte(&self) -> Result<Option<u8>, TableError> {
        match self.delimiter.as_str() {
            "" => Ok(None),
            "\\t" | "tab" => Ok(Some(b'\t')),
            one if one.len() == 1 && one.is_ascii() && !["\n", "\r", "\""].contains(&one) => {
                Ok(Some(one.as_bytes()[0]))
            }
            other => Err(TableError::Setting {
                setting: "read.delimiter",
                cause: format!(
                    "'{other}' is not a single character that can stand between cells; write one of , ; | or tab"
                ),
            }),
        }
    }

    /// The encoding of text files.
    pub(crate) fn encoding(&self) -> Result<&'static encoding_rs::Encoding, TableError> {
        encoding_rs::Encoding::for_label(self.encoding.trim().as_bytes()).ok_or_else(|| TableError::Setting {
            setting: "read.encoding",
            cause: format!("'{}' is not an encoding; write utf-8, latin1 or windows-1252", self.encoding),
        })
    }
}
