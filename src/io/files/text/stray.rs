//! Quotes that open a cell by mistake, and would swallow the rows behind them.
//!
//! A record over several lines is looked at in two ways: as a quoted cell with line ends in it, and as lines that are rows
//! of their own, the quote being one too many. The second holds where the lines are like the rows of the file's head: as
//! many cells, and numbers or dates where those have them.

use std::borrow::Cow;

use memchr::memchr;

use crate::files::text::find::Shape;
use crate::files::text::record::{Record, line, record};
use crate::frame::Kind;

/// Rows behind a quote that are looked at.
const ROWS: usize = 10;
/// Rows that must be like those of the head, where a quoted cell is closed as it should be: two stray quotes may stand so.
const ROWS_IF_CLOSED: usize = 3;

/// What a text begins with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Begins {
    /// A record that may be over several lines.
    Record { length: usize },
    /// A record over several lines, whose quote is not closed where the cell ends.
    Doubtful { length: usize },
    /// A line with a quote that should not be there.
    Stray { length: usize },
    /// A record that is not held to its end.
    Open,
}

/// What is held of a text from a record on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held<'t> {
    pub(super) text: &'t [u8],
    /// Whether nothing follows, or more than is looked at is held.
    pub(super) enough: bool,
}

impl Shape {
    /// What a text begins with whose first record is over several lines or not held to its end.
    pub(super) fn begins(&self, held: Held, delimiter: u8) -> Begins {
        let Some(first) = memchr(b'\n', held.text).map(|end| end + 1) else { return Begins::Open };
        let whole = record(held.text, delimiter);
        if !whole.whole && !held.enough {
            return self.begins_open(held, first, delimiter);
        }
        if !whole.whole && whole.closed {
            return Begins::Open;
        }
        let well_formed = whole.whole && whole.closed && whole.cells.len() == self.cells;
        let fits = self.fits(&line(&held.text[..first], delimiter));
        if well_formed && !fits {
            return Begins::Record { length: whole.end };
        }
        let Some(rows) = self.rows_behind(held, first, whole.end, delimiter) else { return Begins::Open };
        let needed = if well_formed { ROWS_IF_CLOSED } else { rows.all().min(1) };
        let plausible = if well_formed { !self.values.is_empty() } else { fits || rows.like > 0 };
        if self.cells > 1 && rows.like >= needed && rows.nearly_all() && plausible {
            return Begins::Stray { length: first };
        }
        match whole.whole {
            false => Begins::Open,
            true if whole.closed => Begins::Record { length: whole.end },
            true => Begins::Doubtful { length: whole.end },
        }
    }

    /// The same, where the end is not held: so many rows behind the first line are within the record.
    fn begins_open(&self, held: Held, first: usize, delimiter: u8) -> Begins {
        let sure = self.cells > 1 && !self.values.is_empty() && self.fits(&line(&held.text[..first], delimiter));
        match self.rows_behind(held, first, usize::MAX, delimiter).filter(|_| sure) {
            Some(rows) if rows.all() >= ROWS && rows.nearly_all() => Begins::Stray { length: first },
            _ => Begins::Open,
        }
    }

    /// How the lines behind the first would be read if it ended where its line does; `None` where too few are held.
    fn rows_behind(&self, held: Held, from: usize, to: usize, delimiter: u8) -> Option<Rows> {
        let (mut rows, mut at) = (Rows::default(), from);
        while at < to.min(held.text.len()) && rows.all() < ROWS {
            let rest = &held.text[at..];
            let next = record(rest, delimiter);
            if !next.whole && !held.enough {
                return None;
            }
            let end = first_line(rest);
            let (length, like) = match next {
                Record { whole: true, ref cells, .. } if next.end == end => (end, self.fits(cells)),
                Record { whole: true, closed: true, ref cells, .. } if self.fits(cells) => (next.end, true),
                _ => (end, self.fits(&line(&rest[..end], delimiter))),
            };
            if !next.is_blank() {
                rows.like += usize::from(like);
                rows.other += usize::from(!like);
            }
            at += length;
        }
        (at >= to || rows.all() >= ROWS || held.enough).then_some(rows)
    }

    /// Whether a row is like those of the head.
    fn fits(&self, cells: &[Cow<[u8]>]) -> bool {
        let is_value = |column: &usize| cells.get(*column).is_none_or(|cell| Kind::of(cell) != Kind::Text);
        cells.len() == self.cells && self.values.iter().all(is_value)
    }
}

/// Rows behind a quote.
#[derive(Debug, Default)]
struct Rows {
    /// Those that are like the rows of the head.
    like: usize,
    /// Those that are not.
    other: usize,
}

impl Rows {
    fn all(&self) -> usize {
        self.like + self.other
    }

    /// Whether no more than one in ten is odd.
    fn nearly_all(&self) -> bool {
        9 * self.other <= self.like
    }
}

/// Where the first line ends.
fn first_line(text: &[u8]) -> usize {
    memchr(b'\n', text).map_or(text.len(), |end| end + 1)
}
