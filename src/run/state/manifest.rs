//! manifest.json: which segments count, how their orders were read, and what they came to.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::state::{Reading, StateError, damaged, io_error, shown};
use clivia_core::base::{Day, Money};
use clivia_core::orders::Profit;
use clivia_io::content::Content;
use clivia_io::orders::{Carried, MoneyCounts, OrdersRead, Replaced, RowCounts};
use clivia_io::rejects::Rule;

/// The name of the manifest.
pub(super) const MANIFEST: &str = "manifest.json";
/// The format of the folder; another one for every change that an older version would misread.
pub(super) const FORMAT: u64 = 1;

/// What a state consists of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    pub(super) format: u64,
    /// The version that wrote it.
    pub(super) clivia: String,
    pub(super) reading: Reading,
    pub(super) carried: Carried,
    /// The number of the next segment; none is given twice.
    pub(super) next: u64,
    /// Those of all segments together.
    pub(super) totals: Totals,
    /// The oldest first.
    pub(super) segments: Vec<Segment>,
}

/// What an update, or several that were merged, brought.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Segment {
    pub(super) number: u64,
    /// Files of order lines.
    pub(super) parts: Vec<Part>,
    /// The first and the last day.
    pub(super) days: Option<(Day, Day)>,
    /// How many order ids it says no longer count in the segments before it.
    pub(super) replaces: u64,
    /// The order files.
    pub(super) files: Vec<Taken>,
    pub(super) totals: Totals,
}

/// A file of order lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    pub(super) file: String,
    /// Its rows.
    pub(super) lines: u64,
}

/// An order file that was taken in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Taken {
    pub(super) file: String,
    pub(super) bytes: u64,
    /// When it was changed last, in nanoseconds since 1970; as text, which holds all digits everywhere. Empty where it is
    /// no file.
    pub(super) modified: String,
    /// What it held; 0.1.0 did not write it down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) content: Option<Content>,
}

/// What reading came to. Money is in 1/10,000 of the currency unit, so that no digit is lost.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Totals {
    pub(super) rows_used: u64,
    pub(super) money_used: i64,
    pub(super) money_refused: i64,
    /// Money of rows that were left out.
    #[serde(default)]
    pub(super) money_left_out: i64,
    /// Refused rows whose money could not be read.
    #[serde(default)]
    pub(super) money_unknown: u64,
    pub(super) returns: u64,
    pub(super) zero_amounts: u64,
    pub(super) profit_rows: u64,
    pub(super) profit_money: i64,
    pub(super) profit: i64,
    /// All amounts without their signs.
    pub(super) turnover: i64,
    pub(super) replaced_rows: u64,
    pub(super) replaced_money: i64,
    pub(super) refused: BTreeMap<Rule, u64>,
}

impl Totals {
    /// Those of what was read.
    pub(super) fn of(read: &OrdersRead, refused: BTreeMap<Rule, u64>) -> Self {
        let profit = read.profit.unwrap_or_default();
        Totals {
            rows_used: read.rows.used,
            money_used: read.money.used.0,
            money_refused: read.money.refused.0,
            money_left_out: read.money.left_out.0,
            money_unknown: read.money.unknown,
            returns: read.returns,
            zero_amounts: read.zero_amounts,
            profit_rows: profit.rows,
            profit_money: profit.amount.0,
            profit: profit.profit.0,
            // Reading has checked that it fits.
            turnover: i64::try_from(read.turnover).unwrap_or(i64::MAX),
            replaced_rows: read.replaced.rows,
            replaced_money: read.replaced.money.0,
            refused,
        }
    }

    pub(super) fn add(&mut self, more: &Totals) {
        self.rows_used += more.rows_used;
        self.money_unknown += more.money_unknown;
        self.returns += more.returns;
        self.zero_amounts += more.zero_amounts;
        self.profit_rows += more.profit_rows;
        self.replaced_rows += more.replaced_rows;
        for (sum, amount) in self.amounts().into_iter().zip(more.clone().amounts()) {
            *sum = sum.saturating_add(*amount);
        }
        more.refused.iter().for_each(|(rule, rows)| *self.refused.entry(*rule).or_default() += rows);
    }

    fn amounts(&mut self) -> [&mut i64; 7] {
        [
            &mut self.money_left_out,
            &mut self.money_used,
            &mut self.money_refused,
            &mut self.profit_money,
            &mut self.profit,
            &mut self.turnover,
            &mut self.replaced_money,
        ]
    }

    /// What is left of them without lines that no longer count.
    pub(super) fn without(&self, gone: &Totals) -> Self {
        Totals {
            rows_used: self.rows_used.saturating_sub(gone.rows_used),
            money_used: self.money_used.saturating_sub(gone.money_used),
            returns: self.returns.saturating_sub(gone.returns),
            // Without an amount column every amount is zero, and none is counted.
            zero_amounts: self.zero_amounts.saturating_sub(gone.zero_amounts),
            profit_rows: self.profit_rows.saturating_sub(gone.profit_rows),
            profit_money: self.profit_money.saturating_sub(gone.profit_money),
            profit: self.profit.saturating_sub(gone.profit),
            turnover: self.turnover.saturating_sub(gone.turnover),
            replaced_rows: self.replaced_rows + gone.rows_used,
            replaced_money: self.replaced_money.saturating_add(gone.money_used),
            ..self.clone()
        }
    }

    /// Rows that were refused or left out, and written down.
    pub(super) fn rows_listed(&self) -> u64 {
        self.refused.iter().filter(|(rule, _)| rule.is_listed()).map(|(_, rows)| rows).sum()
    }

    /// The same as reading the files would have told.
    pub(super) fn into_orders(self, carried: &Carried) -> OrdersRead {
        let used = self.rows_used;
        let rows = |left_out: bool| -> u64 {
            self.refused.iter().filter(|(rule, _)| rule.leaves_out() == left_out).map(|(_, rows)| rows).sum()
        };
        let (refused, left_out) = (rows(false), rows(true));
        let (money_used, money_refused) = (Money(self.money_used), Money(self.money_refused));
        let money_left_out = Money(self.money_left_out);
        let Totals { profit_rows: rows, profit_money, profit, .. } = self;
        OrdersRead {
            mapping: carried.mapping.clone(),
            rows: RowCounts { read: used + refused + left_out, used, refused, left_out },
            money: MoneyCounts {
                read: money_used + money_refused + money_left_out,
                used: money_used,
                refused: money_refused,
                left_out: money_left_out,
                unknown: self.money_unknown,
            },
            returns: self.returns,
            zero_amounts: self.zero_amounts,
            profit: (rows > 0).then_some(Profit { rows, amount: Money(profit_money), profit: Money(profit) }),
            replaced: Replaced { rows: self.replaced_rows, money: Money(self.replaced_money) },
            turnover: self.turnover.into(),
            ..OrdersRead::default()
        }
    }
}

impl Segment {
    /// Its folder within that of the state.
    pub(super) fn folder(&self, state: &Path) -> PathBuf {
        state.join(name(self.number))
    }

    /// Its files of order lines.
    pub(super) fn paths(&self, state: &Path) -> impl Iterator<Item = PathBuf> + '_ {
        let folder = self.folder(state);
        self.parts.iter().map(move |part| folder.join(&part.file))
    }

    /// Rows of its files.
    pub(super) fn lines(&self) -> u64 {
        self.parts.iter().map(|part| part.lines).sum()
    }
}

/// The name of a segment's folder.
pub(super) fn name(number: u64) -> String {
    format!("segment-{number:06}")
}

/// The number of the segment whose folder has this name.
pub(super) fn number(name: &str) -> Option<u64> {
    let number = name.strip_prefix("segment-")?.parse().ok()?;
    (self::name(number) == name).then_some(number)
}

/// What every format says of itself.
#[derive(Deserialize)]
struct Header {
    format: u64,
}

impl Manifest {
    /// A state before its first update.
    pub(super) fn new(reading: Reading) -> Self {
        Manifest {
            format: FORMAT,
            clivia: String::new(),
            reading,
            carried: Carried::default(),
            next: 1,
            totals: Totals::default(),
            segments: Vec::new(),
        }
    }

    /// Reads the manifest of a folder; `None` where there is none.
    pub(super) fn load(folder: &Path) -> Result<Option<Self>, StateError> {
        let path = folder.join(MANIFEST);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) if cause.kind() == io::ErrorKind::InvalidData => {
                return Err(damaged(folder, "manifest.json is not text"));
            }
            Err(cause) => return Err(io_error(&path, cause)),
        };
        let wrong = |error: serde_json::Error| damaged(folder, format!("{MANIFEST}: {error}"));
        let Header { format } = serde_json::from_str(&text).map_err(wrong)?;
        if format != FORMAT {
            return Err(StateError::Version { folder: shown(folder), found: format, read: FORMAT });
        }
        let mut manifest: Manifest = serde_json::from_str(&text).map_err(wrong)?;
        if manifest.totals != manifest.sum() {
            return Err(damaged(folder, format!("the totals in {MANIFEST} are not those of its segments")));
        }
        manifest.carried.turnover = manifest.totals.turnover;
        Ok(Some(manifest))
    }

    /// The manifest with these segments.
    pub(super) fn with(&self, segments: Vec<Segment>, next: u64) -> Self {
        let mut manifest = Manifest { segments, next, clivia: env!("CARGO_PKG_VERSION").into(), ..self.clone() };
        manifest.totals = manifest.sum();
        manifest.carried.turnover = manifest.totals.turnover;
        manifest
    }

    fn sum(&self) -> Totals {
        let mut totals = Totals::default();
        self.segments.iter().for_each(|segment| totals.add(&segment.totals));
        totals
    }

    /// The first and the last day of any segment.
    pub(super) fn days(&self) -> Option<(Day, Day)> {
        let days = self.segments.iter().filter_map(|segment| segment.days);
        days.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }
}
