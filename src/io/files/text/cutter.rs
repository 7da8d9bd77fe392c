//! A text cut at the ends of its records, so that its pieces can become rows on several threads.

use std::io::{self, BufRead, Read};

use memchr::{memchr, memchr_iter, memchr2, memrchr};

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
    /// A record that is too long to be used, of which only the beginning is kept.
    TooLong { start: Vec<u8>, row: u64 },
}

/// Reads ahead and cuts.
pub(super) struct Cutter {
    text: Box<dyn BufRead + Send>,
    delimiter: u8,
    /// Bytes to read at a time.
    step: usize,
    /// Longer records are not kept as a whole.
    pub(super) longest: usize,
    /// What has been read and not been handed on. It begins where a record begins.
    held: Vec<u8>,
    /// The number of its first line.
    line: u64,
    ended: bool,
}

impl Cutter {
    /// Cuts `head` and what follows it in `text`.
    pub(super) fn new(head: Vec<u8>, text: Box<dyn BufRead + Send>, delimiter: u8, step: usize) -> Self {
        Cutter { text, delimiter, step, longest: usize::MAX, held: head, line: 1, ended: false }
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
        if self.held.len() < self.step && !self.ended {
            self.fill()?;
        }
        Ok(self.next(None)?.map(|(segment, _)| segment))
    }

    /// The next records, at most so many, and how many of them are not blank, where that is asked for.
    fn next(&mut self, most: Option<usize>) -> io::Result<Option<(Segment, usize)>> {
        loop {
            let seen = self.look(most);
            if seen.end > 0 {
                return Ok(Some((self.take(seen.end), seen.records)));
            }
            if self.ended {
                // A quote that is never closed leaves a record without end.
                return Ok((!self.held.is_empty()).then(|| (self.take(self.held.len()), 1)));
            }
            // A carriage return at its end would not count.
            if seen.open.bytes > self.longest.saturating_add(1) {
                return Ok(Some((self.pass_over(seen.open)?, 1)));
            }
            self.fill()?;
        }
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
            Some(last) => Seen { end: last + 1, ..Seen::default() },
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
            seen.end += length;
        }
        seen
    }

    fn take(&mut self, end: usize) -> Segment {
        let rest = self.held.split_off(end);
        let (text, line) = (std::mem::replace(&mut self.held, rest), self.line);
        let lines = newlines(&text);
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

/// What is held.
#[derive(Debug, Default)]
struct Seen {
    /// Where its last whole record ends.
    end: usize,
    /// How many whole records are not blank.
    records: usize,
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
