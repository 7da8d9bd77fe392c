//! Shares as people write them: 0.3 and 30% are one.

use std::fmt;

use serde::{Deserializer, de};

/// A share or rate from text, and whether it was written in percent.
///
/// ```
/// use clivia_core::base::share::parse;
/// assert_eq!((parse("0.3"), parse("30%"), parse(" 12.5 % ")), (Some(0.3), Some(0.3), Some(0.125)));
/// assert_eq!((parse("thirty"), parse("%")), (None, None));
/// ```
pub fn parse(text: &str) -> Option<f64> {
    percent(text).or_else(|| text.trim().parse().ok())
}

/// A share that is written in percent; `None` of any other text.
pub(super) fn percent(text: &str) -> Option<f64> {
    let number: f64 = text.trim().strip_suffix('%')?.trim_end().parse().ok()?;
    Some(number / 100.0)
}

/// Reads a share of a settings file: a number, or percent in quotes.
///
/// # Errors
/// Of the deserializer, and where it is neither.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    deserializer.deserialize_any(Share)
}

struct Share;

impl de::Visitor<'_> for Share {
    type Value = f64;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a share such as 0.3 or \"30%\"")
    }

    fn visit_f64<E: de::Error>(self, share: f64) -> Result<f64, E> {
        Ok(share)
    }

    fn visit_i64<E: de::Error>(self, share: i64) -> Result<f64, E> {
        Ok(share as f64)
    }

    fn visit_u64<E: de::Error>(self, share: u64) -> Result<f64, E> {
        Ok(share as f64)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<f64, E> {
        parse(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}
