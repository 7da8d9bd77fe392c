//! A text cut at the ends of its records, so that its pieces can become rows on several threads.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};

use memchr::{memchr, memchr_iter, memchr2, memrchr};

use crate::files::text::find::Shape;
use crate::files::text::stray::{Begins, Held};

/// Consecutive records of a text.
#[derive(Debug)]
pub(super) enum Segment {
    /// As they stand there.
    Records {
        text: Vec<u8>,
        /// The number of the first line.
        line: u64,
        /// How many lines there are.
        lines: usize,
    },
    /// A record over several lines whose quote is not closed where the cell ends.
    Doubtful { text: Vec<u8>, line: u64, lines: usize },
    /// A line by itself, with a quote that should not be there.
    Stray { text: Vec<u8>, line: u64 },
    /// A record that is too long to be used, of which only the beginning is kept.
    TooLong { start: Vec<u8>, row: u64 },
}

impl Segment {
    /// Its lines that may become rows.
    pub(super) fn lines(&self) -> usize {
        match self {
            Segment::Records { lines, .. } => *lines,
            Segment::Doubtful { .. } | Segment::Stray { .. } => 1,
            Segment::TooLong { .. } => 0,
        }
    }

    /// What is kept of it.
    pub(super) fn text(&self) -> &[u8] {
        match self {
            Segment::Records { text, .. }
            | Segment::Doubtful { text, .. }
            | Segment::Stray { text, .. }
            | Segment::TooLong { start: text, .. } => text,
        }
    }
}

/// Reads ahead and cuts.
pub(super) struct Cutter {
    text: Box<dyn BufRead + Send>,
    delimiter: u8,
    /// Bytes to read at a time.
    step: usize,
    /// Longer records are not kept as a whole.
    pub(super) longest: usize,
    /// What rows look like, where stray quotes are looked for.
    pub(super) shape: Option<Shape>,
    /// Cut already, each with its records that are not blank.
    ready: VecDeque<(Segment, usize)>,
    /// What has been read and not been handed on. It begins where a record begins.
    held: Vec<u8>,
    /// The number of its first line.
    line: u64,
    ended: bool,
}

impl Cutter {
    /// Cuts `head` and what follows it in `text`; it begins at the line of this number.
    pub(super) fn new(head: Vec<u8>, text: Box<dyn BufRead + Send>, line: u64, delimiter: u8, step: usize) -> Self {
        let (longest, ready) = (usize::MAX, VecDeque::new());
        Cutter { text, delimiter, step, longest, shape: None, ready, held: head, line, ended: false }
    }

    /// The next so many records that are not blank; fewer only at the end of the text.
    pub(super) fn records(&mut self, count: usize) -> io::Result<Vec<Segment>> {
        let (mut segments, mut left) = (Vec::new(), count);
        while left > 0 {
            let Some((segment, records)) = self.next(Some(left))? else { break };
            segments.push(segment);
            left -= records;
        }
        Ok(segments)
    }

    /// The next records, as many as have been read; `None` at the end of the text.
    pub(super) fn segment(&mut self) -> io::Result<Option<Segment>> {
        if self.ready.is_empty() && self.held.len() < self.step && !self.ended {
            self.fill()?;
        }
        Ok(self.next(None)?.map(|(segment, _)| segment))
    }

    /// The next records, at most so many, and how many of them are not blank, where that is asked for.
    fn next(&mut self, most: Option<usize>) -> io::Result<Option<(Segment, usize)>> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return Ok(Some(ready));
            }
            let seen = self.look(most);
            let lines = newlines(&self.held[..seen.end]);
            let as_lines = seen.plain || (seen.end > 0 && lines == seen.lines);
            if self.shape.is_some() && !as_lines && !self.held.is_empty() {
                match self.cut_carefully(most) {
                    Careful::Cut => continue,
                    Careful::MoreIsNeeded => {
                        self.fill()?;
                        continue;
                    }
                    Careful::Open => {}
                }
            } else if seen.end > 0 {
                return Ok(Some((self.take(seen.end, lines), seen.records)));
            }
            if self.ended {
                // A quote that is never closed leaves a record without end.
                let (end, lines) = (self.held.len(), newlines(&self.held));
                return Ok((end > 0).then(|| (self.take(end, lines), 1)));
            }
            // A carriage return at its end would not count.
            if seen.open.bytes > self.longest.saturating_add(1) {
                return Ok(Some((self.pass_over(seen.open)?, 1)));
            }
            self.fill()?;
        }
    }

    /// Cuts what is held record by record, where quotes hold line ends.
    fn cut_carefully(&mut self, most: Option<usize>) -> Careful {
        let (cuts, outcome) = self.cuts(most.unwrap_or(usize::MAX));
        let mut begin = 0;
        for Cut { end, records, kind } in cuts {
            let (text, line) = (self.held[begin..end].to_vec(), self.line);
            let lines = newlines(&text);
            self.line += lines as u64;
            let segment = match kind {
                CutKind::Records => Segment::Records { text, line, lines },
                CutKind::Doubtful => Segment::Doubtful { text, line, lines },
                CutKind::Stray => Segment::Stray { text, line },
            };
            self.ready.push_back((segment, records));
            begin = end;
        }
        self.held.drain(..begin);
        outcome
    }

    fn cuts(&self, most: usize) -> (Vec<Cut>, Careful) {
        let (mut cuts, mut at, mut records): (Vec<Cut>, usize, usize) = (Vec::new(), 0, 0);
        while records < most && at < self.held.len() {
            let (kind, length) = match self.begins(&self.held[at..]) {
                Begins::Record { length } => (CutKind::Records, length),
                Begins::Doubtful { length } => (CutKind::Doubtful, length),
                Begins::Stray { length } => (CutKind::Stray, length),
                Begins::Open if at > 0 => break,
                Begins::Open if self.is_enough(&self.held) => return (cuts, Careful::Open),
                Begins::Open => return (cuts, Careful::MoreIsNeeded),
            };
            let more = usize::from(!is_blank(&self.held[at..at + length]));
            (at, records) = (at + length, records + more);
            match cuts.last_mut().filter(|last| (last.kind, kind) == (CutKind::Records, CutKind::Records)) {
                Some(last) => (last.end, last.records) = (at, last.records + more),
                None => cuts.push(Cut { end: at, records: more, kind }),
            }
        }
        (cuts, Careful::Cut)
    }

    /// What `rest` of what is held begins with.
    fn begins(&self, rest: &[u8]) -> Begins {
        let end = Open::default().end_in(rest, self.delimiter);
        let first = memchr(b'\n', rest).map(|at| at + 1);
        let (Some(shape), true) = (&self.shape, end != first || end.is_none()) else {
            return end.map_or(Begins::Open, |length| Begins::Record { length });
        };
        let enough = self.is_enough(rest);
        let text = &rest[..rest.len().min(self.window())];
        match shape.begins(Held { text, enough }, self.delimiter) {
            Begins::Open if enough => end.map_or(Begins::Open, |length| Begins::Record { length }),
            begins => begins,
        }
    }

    /// Bytes from a record on that are looked at, so that what is found does not depend on how much is held.
    fn window(&self) -> usize {
        self.longest.saturating_add(2)
    }

    fn is_enough(&self, rest: &[u8]) -> bool {
        self.ended || rest.len() >= self.window()
    }

    /// Reads on, at least as much as is held, so that a long record is not looked at again and again.
    fn fill(&mut self) -> io::Result<()> {
        let wanted = self.step.max(self.held.len());
        let end = self.held.len() + wanted;
        self.held.reserve(wanted + 1);
        // Read in one go, past the buffers in between.
        let (mut at, mut read) = (self.held.len(), 1);
        self.held.resize(end, 0);
        while at < end && read > 0 {
            read = read_some(&mut self.text, &mut self.held[at..])?;
            at += read;
        }
        self.held.truncate(at);
        if at < end {
            // The end of the last line may be missing, and lines are counted by their ends.
            self.held.push(b'\n');
            self.ended = true;
        }
        Ok(())
    }

    /// Looks for the end of the last record that is held as a whole.
    fn look(&self, most: Option<usize>) -> Seen {
        let plain = most.is_none() && memchr(b'"', &self.held).is_none();
        match memrchr(b'\n', &self.held).filter(|_| plain) {
            Some(last) => Seen { end: last + 1, plain, ..Seen::default() },
            None => self.look_closely(most.unwrap_or(usize::MAX)),
        }
    }

    fn look_closely(&self, most: usize) -> Seen {
        let mut seen = Seen::default();
        while seen.records < most {
            let rest = &self.held[seen.end..];
            let mut open = Open::default();
            let Some(length) = open.end_in(rest, self.delimiter) else { return Seen { open, ..seen } };
            seen.records += usize::from(!is_blank(&rest[..length]));
            seen.lines += 1;
            seen.end += length;
        }
        seen
    }

    fn take(&mut self, end: usize, lines: usize) -> Segment {
        let rest = self.held.split_off(end);
        let (text, line) = (std::mem::replace(&mut self.held, rest), self.line);
        self.line += lines as u64;
        Segment::Records { text, line, lines }
    }

    /// Reads to the end of a record that is too long, without keeping it.
    fn pass_over(&mut self, mut open: Open) -> io::Result<Segment> {
        let (start, mut row) = (std::mem::take(&mut self.held), self.line);
        self.line += newlines(&start) as u64;
        loop {
            self.fill()?;
            let end = open.end_in(&self.held, self.delimiter);
            let passed = end.unwrap_or(self.held.len());
            self.line += newlines(&self.held[..passed]) as u64;
            self.held.drain(..passed);
            if end.is_none() && self.ended {
                // As the record reader counts where the last record has no end.
                row = row.saturating_sub(1);
            }
            if end.is_some() || self.ended {
                return Ok(Segment::TooLong { start, row });
            }
        }
    }
}

/// Some of what is held that is cut off.
struct Cut {
    end: usize,
    /// Records that are not blank.
    records: usize,
    kind: CutKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum CutKind {
    Records,
    Doubtful,
    Stray,
}

/// What cutting carefully came to.
enum Careful {
    /// Something is cut.
    Cut,
    /// Nothing yet: more must be read to know.
    MoreIsNeeded,
    /// Nothing: a record has no end.
    Open,
}

/// What is held.
#[derive(Debug, Default)]
struct Seen {
    /// Where its last whole record ends.
    end: usize,
    /// How many whole records are not blank.
    records: usize,
    /// How many there are with the blank ones: as many as lines, where no quote holds a line end.
    lines: usize,
    /// Whether it has been looked at by lines alone, without a quote among them.
    plain: bool,
    /// The record that is begun after them.
    open: Open,
}

/// Where in a record one is, by the rules of the csv crate: a quote opens at the beginning of a cell only, two quotes
/// in a quoted cell are one, and what follows a closing quote belongs to the cell.
#[derive(Debug, Default)]
struct Open {
    place: Place,
    /// Bytes of its cells so far.
    bytes: usize,
}

#[derive(Debug, Default)]
enum Place {
    #[default]
    CellBegins,
    Plain,
    Quoted,
    AfterQuote,
}

impl Open {
    /// Goes on to the end of the record, where it is in `text`; how many bytes that takes.
    fn end_in(&mut self, text: &[u8], delimiter: u8) -> Option<usize> {
        let mut at = 0;
        while let Some(next) = text.get(at) {
            match self.place {
                Place::CellBegins if *next == b'"' => (self.place, at) = (Place::Quoted, at + 1),
                Place::AfterQuote if *next == b'"' => {
                    self.bytes += 1;
                    (self.place, at) = (Place::Quoted, at + 1);
                }
                Place::Quoted => at += self.pass(memchr(b'"', &text[at..]), text.len() - at, Place::AfterQuote),
                Place::CellBegins | Place::Plain | Place::AfterQuote => {
                    self.place = Place::Plain;
                    at += self.pass(memchr2(delimiter, b'\n', &text[at..]), text.len() - at, Place::CellBegins);
                    if matches!(self.place, Place::CellBegins) && text[at - 1] == b'\n' {
                        return Some(at);
                    }
                }
            }
        }
        None
    }

    /// Passes the bytes before what was looked for and that byte itself, or all that are left.
    fn pass(&mut self, found: Option<usize>, left: usize, then: Place) -> usize {
        self.bytes += found.unwrap_or(left);
        found.map_or(left, |found| {
            self.place = then;
            found + 1
        })
    }
}

fn read_some(text: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match text.read(into) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

/// Whether a record with its end is a single cell with nothing in it.
fn is_blank(record: &[u8]) -> bool {
    matches!(record, b"\n" | b"\r\n" | b"\"\"\n" | b"\"\"\r\n" | b"\"\r\"\n")
}

fn newlines(text: &[u8]) -> usize {
    memchr_iter(b'\n', text).count()
}
