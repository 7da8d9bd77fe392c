//! What a table holds, so that it is known again whatever its file is called and however it is packed.

use std::borrow::Cow;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::blocks::Block;
use crate::cells::{Cells, get, trimmed};
use crate::dates::DateReader;
use crate::error::TableError;
use crate::plan::Decimal;

/// Fingerprints that are kept of a table at most; a power of two more rows halves their share.
const SAMPLED: usize = 128;
/// So many common fingerprints are no chance.
const NO_CHANCE: usize = 8;
/// Rows that one thread looks at.
const STRETCH: usize = 4_096;

/// The rows of a table, told by what they hold: neither its name nor its packing, line ends, delimiter, blank lines or
/// size of row groups is a part of it, nor is the order of its rows. A date in Parquet and the same date in CSV are two
/// things.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// How many rows there are.
    pub rows: u64,
    /// The sum of their fingerprints.
    #[serde(with = "hex")]
    pub sum: u64,
    /// How many leading bits are zero in every fingerprint of the sample.
    pub level: u32,
    /// All fingerprints with so many leading zeros, sorted.
    #[serde(with = "hexes")]
    pub sample: Vec<u64>,
    /// Sums of the first rows, at the counts of rows that were asked for.
    #[serde(skip)]
    pub beginnings: Vec<(u64, u64)>,
}

impl Content {
    /// Takes the next row; `stops` are counts of rows, sorted, at which the sum so far is kept.
    fn add(&mut self, print: u64, stops: &[u64]) {
        self.rows += 1;
        self.sum = self.sum.wrapping_add(print);
        if stops.get(self.beginnings.len()) == Some(&self.rows) {
            self.beginnings.push((self.rows, self.sum));
        }
        if print.leading_zeros() >= self.level {
            self.keep(print);
        }
    }

    fn keep(&mut self, print: u64) {
        self.sample.push(print);
        while self.sample.len() > SAMPLED && self.level < u64::BITS {
            self.level += 1;
            self.sample.retain(|print| print.leading_zeros() >= self.level);
        }
    }

    /// Takes the next rows.
    pub(crate) fn extend(&mut self, prints: &[u64], stops: &[u64]) {
        prints.iter().for_each(|print| self.add(*print, stops));
    }

    /// The whole table has been taken.
    pub(crate) fn finish(mut self) -> Self {
        self.sample.sort_unstable();
        self
    }

    /// Whether two tables hold the same rows.
    pub fn is(&self, other: &Content) -> bool {
        self.rows > 0 && (self.rows, self.sum) == (other.rows, other.sum)
    }

    /// Whether this table begins with all rows of another one and goes on.
    pub fn begins_with(&self, other: &Content) -> bool {
        other.rows > 0 && other.rows < self.rows && self.beginnings.contains(&(other.rows, other.sum))
    }

    /// About how many rows of this table are rows of others too; 0 where so few are seen that chance may have a hand in it.
    pub fn shared<'a>(&self, others: impl IntoIterator<Item = &'a Content>) -> u64 {
        let others: Vec<&Content> = others.into_iter().collect();
        // A row that several others hold is one row of this table.
        let level = |print: &u64| {
            let holds = |other: &&&Content| {
                let level = self.level.max(other.level);
                print.leading_zeros() >= level && other.sample.binary_search(print).is_ok()
            };
            others.iter().filter(holds).map(|other| self.level.max(other.level)).min()
        };
        let levels: Vec<u32> = self.sample.iter().filter_map(level).collect();
        let rows = levels.iter().fold(0_u64, |rows, level| rows.saturating_add(1 << level.min(&63)));
        if levels.len() < NO_CHANCE { 0 } else { rows.min(self.rows) }
    }
}

/// Numbers of 64 bits as text, which holds all digits everywhere.
mod hex {
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{number:016x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        u64::from_str_radix(&String::deserialize(deserializer)?, 16).map_err(de::Error::custom)
    }
}

mod hexes {
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(numbers: &[u64], serializer: S) -> Result<S::Ok, S::Error> {
        let texts: Vec<String> = numbers.iter().map(|number| format!("{number:016x}")).collect();
        serializer.serialize_str(&texts.join(" "))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.split_whitespace().map(|number| u64::from_str_radix(number, 16).map_err(de::Error::custom)).collect()
    }
}

/// What the cells of a column mean: two exports write the same in two ways.
#[derive(Debug, Clone)]
pub(crate) enum Meaning {
    /// Names, be they written in capitals or not.
    Folded,
    Name,
    /// Days, at whatever time.
    Day(DateReader),
    Moment(DateReader),
    Amount(Decimal),
}

impl Meaning {
    /// A fingerprint of a cell: of what it means, or where it cannot be read, of what stands there.
    fn print(&self, cells: &Cells, row: usize) -> u64 {
        let moment = |dates: &DateReader| cells.moment(row, dates).ok();
        let of_name = |name: Cow<str>| xxh3_64(name.as_bytes());
        let found = match self {
            Meaning::Folded => cells.name(row).map(|name| match name.chars().any(char::is_uppercase) {
                true => of_name(name.to_lowercase().into()),
                false => of_name(name),
            }),
            Meaning::Name => cells.name(row).map(of_name),
            Meaning::Day(dates) => moment(dates).map(|moment| mixed(moment.day.0 as u64)),
            // Midnight is how a time that is not known is written, too.
            Meaning::Moment(dates) => moment(dates)
                .map(|moment| mixed(moment.day.0 as u64) ^ mixed(moment.clock.second().unwrap_or_default().into())),
            Meaning::Amount(decimal) => cells.money(row, *decimal).ok().map(|money| mixed(money.0 as u64)),
        };
        found.unwrap_or_else(|| of_cell(cells, row))
    }
}

/// A fingerprint of each row of a block: of what these columns mean.
pub(crate) fn prints(block: &Block, columns: &[(String, Meaning)]) -> Result<Vec<u64>, TableError> {
    let cells = columns.iter().map(|(name, meaning)| Ok((block.cells(name)?, meaning)));
    let cells = cells.collect::<Result<Vec<_>, TableError>>()?;
    let of_row = |row| cells.iter().fold(0, |print, (cells, meaning)| mixed(print ^ meaning.print(cells, row)));
    Ok(of_rows(block.height(), of_row))
}

/// A fingerprint of each name in a column; 0 where there is none.
pub(crate) fn names(block: &Block, column: &str) -> Result<Vec<u64>, TableError> {
    let cells = block.cells(column)?;
    if let Some(numbers) = cells.whole_numbers() {
        return Ok(numbers.iter().map(|number| mixed(*number as u64)).collect());
    }
    Ok(of_rows(block.height(), |row| cells.name(row).map_or(0, |name| xxh3_64(name.as_bytes()))))
}

fn of_rows(rows: usize, of_row: impl Fn(usize) -> u64 + Sync) -> Vec<u64> {
    let mut prints = vec![0; rows];
    prints.par_chunks_mut(STRETCH).enumerate().for_each(|(stretch, prints)| {
        prints.iter_mut().enumerate().for_each(|(at, print)| *print = of_row(stretch * STRETCH + at));
    });
    prints
}

/// A fingerprint of a cell. Whole numbers have one, be they stored as floats or not.
fn of_cell(cells: &Cells, row: usize) -> u64 {
    const NOTHING: u64 = 0x9e37_79b9;
    let number = |value: f64| match value.fract() == 0.0 && value.abs() < 9.0e15 {
        true => mixed(value as i64 as u64),
        false => mixed(value.to_bits()),
    };
    let found = match cells {
        Cells::Text(texts) => texts.get(row).map(|text| xxh3_64(trimmed(text).as_bytes())),
        Cells::Int(values) => get(values, row).map(|value| mixed(value as u64)),
        Cells::Float(values) => get(values, row).map(number),
        Cells::Date(values) => get(values, row).map(|day| mixed(day as u64)),
        Cells::Timestamp { ticks, per_second, .. } => {
            let of = |ticks: i64| mixed(ticks.div_euclid(*per_second) as u64) ^ ticks.rem_euclid(*per_second) as u64;
            get(ticks, row).map(of)
        }
    };
    found.unwrap_or(NOTHING)
}

/// Every bit of the result depends on every bit of a number: what ends MurmurHash3.
fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let number = (number ^ (number >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    number ^ (number >> 33)
}

#[cfg(test)]
mod tests {
    use crate::content::*;

    fn of(prints: impl IntoIterator<Item = u64>, stops: &[u64]) -> Content {
        let prints: Vec<u64> = prints.into_iter().map(mixed).collect();
        let mut content = Content::default();
        content.extend(&prints, stops);
        content.finish()
    }

    #[test]
    fn the_same_rows_are_the_same_content_in_any_order() {
        assert!(of(0..1_000, &[]).is(&of((0..1_000).rev(), &[])));
        assert!(!of(0..1_000, &[]).is(&of(0..1_001, &[])) && !of(0..1_000, &[]).is(&of(1..1_001, &[])));
        assert!(!of(0..0, &[]).is(&of(0..0, &[])), "nothing is not the same as nothing");
    }

    #[test]
    fn a_longer_table_with_the_same_beginning_is_told() {
        let longer = of(0..1_500, &[7, 1_000, 9_000]);
        assert!(longer.begins_with(&of(0..1_000, &[])) && longer.begins_with(&of(0..7, &[])));
        assert!(!longer.begins_with(&of(1..1_001, &[])) && !longer.begins_with(&of(0..999, &[])));
        assert!(!longer.begins_with(&of(0..1_500, &[])), "the whole is no beginning");
    }

    #[test]
    fn common_rows_are_estimated_from_samples() {
        let near = |rows: u64, expected: f64| (rows as f64 - expected).abs() < 0.35 * expected;
        let month = of(0..10_000, &[]);
        assert!(month.sample.len() <= SAMPLED && month.level > 0);
        let days: Vec<Content> = (0..30).map(|day| of(day * 300..(day + 1) * 300, &[])).collect();
        assert!(near(month.shared(&days), 9_000.0), "{}", month.shared(&days));
        assert!(near(month.shared([&of(5_000..20_000, &[])]), 5_000.0));
        assert_eq!(month.shared([&of(20_000..40_000, &[])]), 0);
        assert_eq!(of(0..20, &[]).shared([&of(10..90, &[])]), 10);
        assert_eq!(of([1, 2, 3], &[]).shared([&of([1, 2, 3, 4], &[])]), 0, "three rows may be equal by chance");
    }

    #[test]
    fn a_content_is_kept_as_text() -> Result<(), serde_json::Error> {
        let content = of(0..1_000, &[]);
        let text = serde_json::to_string(&content)?;
        assert_eq!(serde_json::from_str::<Content>(&text)?, content);
        Ok(())
    }
}
