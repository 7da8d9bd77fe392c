//! The same rows in several files: a file and its copy, exports that overlap.
//!
//! Files with order ids are compared row by row: what customer, date, amount and order id say. While nothing is found, a
//! sample of the orders read so far is kept, a bounded one. The first row that an earlier file has, too, is met before
//! anything is counted twice; then all files are surveyed, and for each it is decided what its common rows are: orders
//! that were exported twice, which count once, or equal lines of orders that were dealt to several files, which stay. That
//! depends on all rows of all files, and on neither their order nor the size of blocks.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use rayon::prelude::*;

use clivia_core::control::Control;
use clivia_core::notes::Note;

use crate::blocks::{Block, each_block};
use crate::cells::Cells;
use crate::content;
use crate::content::{Content, Meaning};
use crate::dates::DateReader;
use crate::error::{Question, Reading, TableError};
use crate::orders::columns::Columns;
use crate::orders::status::{StatusRule, Verdict as StatusVerdict};
use crate::orders::survey::{Before, Forms, Survey as SourceSurvey, Surveyed};
use crate::orders::{Duplicates, OrdersReader};
use crate::source::Source;

/// Rows of earlier files that are kept to compare with; of more rows, those of every second order.
const KEPT: usize = 1 << 21;
/// Rows that a survey compares; it holds 16 bytes of each.
const SURVEYED: usize = 1 << 26;
/// The share of a file's rows in known orders that are known themselves, from which the orders were exported twice.
const TWICE: f64 = 0.9;
/// The share up to which orders were dealt to several files.
const DEALT: f64 = 0.5;
/// Equal lines of one order in one file that must be expected, for their absence to tell anything.
const ENOUGH: f64 = 3.0;
/// The share of common rows in files without order ids from which it is said.
const DOUBTFUL: f64 = 0.05;

/// What is known of the rows of all sources so far.
pub(super) struct Overlap<'a> {
    reader: OrdersReader<'a>,
    sources: &'a [Arc<dyn Source>],
    control: &'a Control,
    file: usize,
    telling: Telling,
    /// Some rows of earlier files, each with its order.
    earlier: Prints,
    /// Those of this file, among which equal ones are two lines of an order.
    now: Vec<Row>,
    /// Only orders whose fingerprints end in so many zeros are kept.
    level: u32,
    survey: Option<Survey>,
    content: Content,
    /// What each source held.
    pub(super) contents: Vec<Content>,
    pub(super) notes: Vec<Note>,
}

/// The fingerprint of an order id and of a row in it.
type Row = (u64, u64);
type Prints = HashMap<u64, u64, BuildHasherDefault<Printed>>;

impl<'a> Overlap<'a> {
    pub(super) fn new(reader: &OrdersReader<'a>, sources: &'a [Arc<dyn Source>], control: &'a Control) -> Self {
        Overlap {
            reader: *reader,
            sources,
            control,
            file: 0,
            telling: Telling::default(),
            earlier: Prints::default(),
            now: Vec::new(),
            level: 0,
            survey: None,
            content: Content::default(),
            contents: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Whether files are compared with each other.
    fn compares(&self) -> bool {
        self.sources.len() > 1 && self.reader.orders.duplicates == Duplicates::Auto
    }

    /// Whether rows are looked at at all.
    fn looks(&self) -> bool {
        self.compares() || self.reader.known.is_some()
    }

    /// The next source, which has these columns, is about to be read.
    pub(super) fn begin(&mut self, columns: &Columns, forms: &Forms) {
        self.telling = Telling::of(&self.reader, columns, forms);
        self.content = Content::default();
    }

    /// Which rows of the next block count in an earlier file; empty where none does.
    pub(super) fn repeated(&mut self, block: &Block) -> Result<Vec<bool>, TableError> {
        if !self.looks() {
            return Ok(Vec::new());
        }
        let prints = content::prints(block, &self.telling.columns)?;
        self.content.extend(&prints, self.reader.known.unwrap_or_default());
        if !self.compares() || self.telling.order.is_none() {
            return Ok(Vec::new());
        }
        let orders = self.telling.orders(block)?;
        if self.survey.is_none() && self.meets_known(&orders, &prints) {
            self.survey = Some(Survey::of(&self.reader, self.sources, self.control)?);
            self.judge()?;
        }
        match &mut self.survey {
            Some(survey) => Ok(survey.refuse(self.file, &orders, &prints)),
            None => {
                self.note(orders.into_iter().zip(prints));
                Ok(Vec::new())
            }
        }
    }

    /// Keeps rows of this file, of ever fewer orders where there are many.
    fn note(&mut self, rows: impl Iterator<Item = Row>) {
        self.now.extend(rows.filter(|(order, _)| sampled(*order, self.level)));
        while self.now.len() > KEPT {
            self.level += 1;
            self.now.retain(|(order, _)| sampled(*order, self.level));
        }
    }

    /// Whether an earlier file has one of these rows.
    fn meets_known(&self, orders: &[u64], prints: &[u64]) -> bool {
        let known = |(order, print): (&u64, &u64)| sampled(*order, self.level) && self.earlier.contains_key(print);
        !self.earlier.is_empty() && orders.iter().zip(prints).any(known)
    }

    /// What the survey says of each file, in words.
    fn judge(&mut self) -> Result<(), TableError> {
        let Some(survey) = &mut self.survey else { return Ok(()) };
        for (file, seen) in survey.files.iter().enumerate() {
            let name = self.sources[file].name();
            match seen.verdict() {
                Verdict::Nothing => {}
                Verdict::Dealt => self.notes.push(dealt(name, seen)),
                Verdict::Unsettled => return Err(unsettled(name, seen)),
                Verdict::Twice if survey.level > 0 => return Err(too_many(name, seen)),
                // Met too late: it was none of the sample.
                Verdict::Twice if file < self.file => self.notes.push(missed(name, seen)),
                Verdict::Twice => self.notes.push(once(name, seen)),
            }
        }
        let stays = |seen: &&mut Seen| seen.verdict() != Verdict::Twice;
        survey.files.iter_mut().filter(stays).for_each(|seen| seen.common.clear());
        Ok(())
    }

    /// A source has been read.
    pub(super) fn end(&mut self) -> Result<(), TableError> {
        if self.looks() {
            let content = std::mem::take(&mut self.content).finish();
            if self.compares() {
                self.compare(&content)?;
            }
            self.contents.push(content);
            self.keep();
        }
        self.file += 1;
        Ok(())
    }

    fn compare(&mut self, content: &Content) -> Result<(), TableError> {
        let name = || self.sources[self.file].name().to_string();
        if let Some(of) = self.contents.iter().position(|earlier| content.is(earlier)) {
            return Err(TableError::Copy { file: name(), of: self.sources[of].name().into() });
        }
        let rows = content.shared(&self.contents);
        if self.telling.order.is_none() && rows as f64 >= DOUBTFUL * content.rows as f64 && rows > 2 {
            self.notes.push(doubtful(&name(), rows, content.rows));
        }
        Ok(())
    }

    /// Keeps the rows of the file that ends to compare the next ones with.
    fn keep(&mut self) {
        let level = self.level;
        let now = std::mem::take(&mut self.now).into_iter().filter(|(order, _)| sampled(*order, level));
        self.earlier.extend(now.map(|(order, print)| (print, order)));
        while self.earlier.len() > KEPT {
            self.level += 1;
            let level = self.level;
            self.earlier.retain(|_, order| sampled(*order, level));
        }
    }
}

/// The columns of a source that tell whether two rows are one.
#[derive(Default)]
struct Telling {
    columns: Vec<(String, Meaning)>,
    order: Option<String>,
    /// Which rows are purchases.
    status: Option<StatusRule>,
}

impl Telling {
    fn of(reader: &OrdersReader, columns: &Columns, forms: &Forms) -> Self {
        let (order, status) = (columns.mapping.order.clone(), columns.meaning.status.clone());
        let dates = DateReader { order: forms.order, ..DateReader::new(&reader.settings()) };
        // An order that has one id in both is the same, be its time left out or its customer in capitals.
        let (name, date) = match (&order, columns.meaning.customer.ids.fold) {
            (Some(_), _) => (Meaning::Folded, Meaning::Day(dates)),
            (None, true) => (Meaning::Folded, Meaning::Moment(dates)),
            (None, false) => (Meaning::Name, Meaning::Moment(dates)),
        };
        let customers = columns.customers().iter().map(|column| (column.clone(), name.clone()));
        let amounts = columns.amount_columns().iter().map(|column| (column.clone(), Meaning::Amount(forms.decimal)));
        let orders = order.iter().map(|column| (column.clone(), Meaning::Name));
        let date = std::iter::once((columns.mapping.date.clone(), date));
        let columns = customers.chain(date).chain(amounts).chain(orders).collect();
        Telling { columns, order, status }
    }

    /// The order of each row; 0 where there is none, or nothing was bought by it: an order that is pending in one export
    /// and paid in the next counts once, and not never.
    fn orders(&self, block: &Block) -> Result<Vec<u64>, TableError> {
        let Some(order) = &self.order else { return Ok(vec![0; block.height()]) };
        let mut orders = content::names(block, order)?;
        if let Some(rule) = &self.status {
            let cells: Vec<Cells> =
                rule.columns.iter().map(|column| block.cells(&column.column)).collect::<Result<_, _>>()?;
            let mut reader = rule.reader();
            for (row, order) in orders.iter_mut().enumerate() {
                let names: Vec<_> = cells.iter().map(|cells| cells.name(row)).collect();
                if matches!(reader.of(names.iter().map(|name| name.as_deref())), StatusVerdict::NoPurchase(_)) {
                    *order = 0;
                }
            }
        }
        Ok(orders)
    }
}

/// Whether an order is one of those that are kept; a row without an order id never is.
fn sampled(order: u64, level: u32) -> bool {
    order != 0 && order.trailing_zeros() >= level
}

/// All rows of all files that are rows of an order.
struct Survey {
    level: u32,
    files: Vec<Seen>,
}

/// What a file has in common with those before it.
#[derive(Debug, Default, Clone, PartialEq)]
struct Seen {
    /// Rows of the file.
    rows: u64,
    /// Those whose orders an earlier file has, too.
    in_known_orders: u64,
    /// Those that an earlier file has, too.
    equal: u64,
    /// Of these, rows that are equal to another one of the same file.
    equal_within: u64,
    /// The share of all rows of this file and those before it that are equal to another one of the same file.
    usual_within: f64,
    /// The rows that are common, and how often.
    common: HashMap<u64, u32, BuildHasherDefault<Printed>>,
}

/// What the common rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Nothing,
    /// Orders that were exported twice.
    Twice,
    /// Equal lines of orders that were dealt to several files.
    Dealt,
    Unsettled,
}

impl Seen {
    fn verdict(&self) -> Verdict {
        let share = self.equal as f64 / self.in_known_orders.max(1) as f64;
        // An order that was exported twice has its equal lines in both files, one that was dealt has them apart.
        let expected = self.usual_within * self.equal as f64;
        let apart = expected >= ENOUGH && (self.equal_within as f64) < expected / 4.0;
        match self.equal {
            0 => Verdict::Nothing,
            // One line may be anything.
            1 => Verdict::Dealt,
            _ if share <= DEALT || apart => Verdict::Dealt,
            _ if share >= TWICE => Verdict::Twice,
            _ => Verdict::Unsettled,
        }
    }
}

impl Survey {
    fn of(reader: &OrdersReader, sources: &[Arc<dyn Source>], control: &Control) -> Result<Self, TableError> {
        let mut before = Before::default();
        let (mut files, mut counts, mut level): (Vec<Vec<Row>>, Vec<u64>, u32) = (Vec::new(), Vec::new(), 0);
        for source in sources {
            let Surveyed { columns, forms, told, .. } =
                SourceSurvey::new(reader, source.as_ref(), before, control)?.decide()?;
            before = Before { decimal: told.or(before.decimal), order: forms.order.or(before.order) };
            let telling = Telling::of(reader, &columns, &forms);
            files.push(Vec::new());
            counts.push(0);
            // What is read twice counts once.
            each_block(source.as_ref(), &reader.settings(), &columns.names(), &control.uncounted(), |block| {
                control.check()?;
                let prints = content::prints(&block, &telling.columns)?;
                let rows = telling.orders(&block)?.into_iter().zip(prints);
                if let (Some(file), Some(count)) = (files.last_mut(), counts.last_mut()) {
                    *count += block.height() as u64;
                    file.extend(rows.filter(|(order, _)| sampled(*order, level)));
                }
                while files.iter().map(Vec::len).sum::<usize>() > SURVEYED {
                    level += 1;
                    files.iter_mut().for_each(|file| file.retain(|(order, _)| sampled(*order, level)));
                }
                Ok(())
            })?;
        }
        Ok(Survey { level, files: compared(files, counts) })
    }

    /// Which rows of a block are not to count again.
    fn refuse(&mut self, file: usize, orders: &[u64], prints: &[u64]) -> Vec<bool> {
        let common = &mut self.files[file].common;
        if common.is_empty() {
            return Vec::new();
        }
        let mut take = |print: &u64| match common.get_mut(print) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        };
        orders.iter().zip(prints).map(|(order, print)| *order != 0 && take(print)).collect()
    }
}

/// What each file has in common with those before it; `counts` are their rows.
fn compared(files: Vec<Vec<Row>>, counts: Vec<u64>) -> Vec<Seen> {
    let (mut earlier, mut all, mut within): (Vec<(Row, u32)>, usize, usize) = (Vec::new(), 0, 0);
    let mut seen = Vec::new();
    for (mut rows, count) in files.into_iter().zip(counts) {
        rows.par_sort_unstable();
        let now = counted(&rows);
        (all, within) = (all + rows.len(), within + rows.len() - now.len());
        let usual_within = within as f64 / all.max(1) as f64;
        let mut of_file = Seen { rows: count, usual_within, ..Seen::default() };
        of_file.look(&earlier, &now);
        seen.push(of_file);
        earlier = together(earlier, now);
    }
    seen
}

/// Sorted rows, each once, and how often it came.
fn counted(rows: &[Row]) -> Vec<(Row, u32)> {
    rows.chunk_by(|one, other| one == other).map(|equal| (equal[0], equal.len() as u32)).collect()
}

impl Seen {
    /// Compares sorted rows.
    fn look(&mut self, earlier: &[(Row, u32)], now: &[(Row, u32)]) {
        let mut from = 0;
        for order in now.chunk_by(|one, other| one.0.0 == other.0.0) {
            let id = order[0].0.0;
            from += earlier[from..].partition_point(|((known, _), _)| *known < id);
            let known = &earlier[from..][..earlier[from..].partition_point(|((known, _), _)| *known <= id)];
            if !known.is_empty() {
                order.iter().for_each(|(row, count)| self.note(known, *row, *count));
            }
        }
    }

    /// A row whose order is known.
    fn note(&mut self, known: &[(Row, u32)], row: Row, count: u32) {
        self.in_known_orders += u64::from(count);
        let equal = known.binary_search_by_key(&row, |(row, _)| *row).map_or(0, |at| known[at].1.min(count));
        if equal > 0 {
            self.equal += u64::from(equal);
            self.equal_within += u64::from(equal - 1);
            self.common.insert(row.1, equal);
        }
    }
}

/// Two sorted lists as one, each row as often as in the list that has it more often.
fn together(one: Vec<(Row, u32)>, other: Vec<(Row, u32)>) -> Vec<(Row, u32)> {
    let mut all = one;
    all.extend(other);
    all.par_sort_unstable_by_key(|(row, count)| (*row, std::cmp::Reverse(*count)));
    all.dedup_by_key(|(row, _)| *row);
    all
}

fn once(name: &str, seen: &Seen) -> Note {
    let others = match seen.in_known_orders - seen.equal {
        0 => String::new(),
        rows => format!("; {rows} more are of orders that these files have with other lines, and count beside those"),
    };
    let sentence = format!(
        "{} of {} rows of {name} are rows of the files before it, of the same orders: they count once{others}",
        seen.equal, seen.rows
    );
    Note::warning("overlapping_files", sentence)
        .remedy("orders.duplicates = \"keep\" counts every line of every file")
        .rows(seen.equal, seen.rows)
}

fn dealt(name: &str, seen: &Seen) -> Note {
    let sentence = format!(
        "{} of {} rows of {name} are equal to rows of the files before it: they count as lines of orders that several \
         files hold parts of",
        seen.equal, seen.rows
    );
    Note::info("equal_lines_in_files", sentence)
        .remedy("orders.duplicates = \"drop\" counts equal lines once")
        .rows(seen.equal, seen.rows)
}

fn missed(name: &str, seen: &Seen) -> Note {
    let sentence =
        format!("{} rows of {name} are rows of the files before it, of the same orders: they count twice", seen.equal);
    Note::warning("overlapping_files", sentence)
        .remedy("orders.duplicates = \"drop\" counts equal lines once")
        .rows(seen.equal, seen.rows)
}

fn doubtful(name: &str, rows: u64, of: u64) -> Note {
    let sentence = format!(
        "about {rows} of {of} rows of {name} are equal to rows of the files before it; without order ids nothing tells \
         whether they are the same orders, and they count again"
    );
    Note::warning("overlapping_files", sentence)
        .remedy("if the files overlap, orders.duplicates = \"drop\" counts equal lines once")
        .rows(rows, of)
}

fn unsettled(name: &str, seen: &Seen) -> TableError {
    let seen = format!(
        "{} of its {} rows are of orders that earlier files have, too, and {} of these are equal to rows there",
        seen.in_known_orders, seen.rows, seen.equal
    );
    let reading =
        |meaning: &str, setting: &str| Reading { meaning: meaning.into(), total: None, setting: setting.into() };
    let readings = vec![
        reading("the files overlap, and equal lines count once", "orders.duplicates = \"drop\""),
        reading("they hold parts of the same orders, and every line counts", "orders.duplicates = \"keep\""),
    ];
    TableError::Question(Box::new(Question { file: name.into(), column: String::new(), seen, readings }))
}

fn too_many(name: &str, seen: &Seen) -> TableError {
    let cause = format!(
        "{name}: many of its rows ({} of the orders that were looked at) are rows of the files before it, too many to be \
         counted once here; give files that do not overlap, or orders.duplicates = \"keep\" to count every line",
        seen.equal
    );
    TableError::Setting { setting: "orders.duplicates", cause }
}

/// A hash of what is a fingerprint already.
#[derive(Default)]
struct Printed(u64);

impl Hasher for Printed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

#[cfg(test)]
mod tests {
    use crate::orders::overlap::*;

    fn seen(files: &[&[Row]]) -> Vec<Seen> {
        compared(files.iter().map(|file| file.to_vec()).collect(), vec![9; files.len()])
    }

    #[test]
    fn orders_that_were_exported_twice_are_common_as_often_as_they_are_in_both() {
        // Order 2 has two equal lines, and order 3 is new.
        let seen = seen(&[&[(1, 10), (2, 20), (2, 20), (2, 21)], &[(2, 20), (2, 20), (2, 21), (3, 30), (3, 30)]]);
        assert_eq!((seen[1].in_known_orders, seen[1].equal, seen[1].verdict()), (3, 3, Verdict::Twice));
        assert_eq!(seen[1].common.get(&20), Some(&2));
    }

    #[test]
    fn what_is_common_to_three_files_counts_once() {
        let rows: Vec<Row> = (1..100).map(|order| (order, order * 7)).collect();
        let seen = seen(&[&rows[..60], &rows[40..], &rows]);
        let found: Vec<_> = seen.iter().map(|seen| (seen.equal, seen.verdict())).collect();
        assert_eq!(found, [(0, Verdict::Nothing), (20, Verdict::Twice), (99, Verdict::Twice)]);
    }

    /// Deals rows to three files, in a way that has nothing to do with them.
    fn dealt(rows: &[Row]) -> Vec<Vec<Row>> {
        let mut files = vec![Vec::new(); 3];
        let deal =
            |(at, row): (usize, &Row)| files[xxhash_rust::xxh3::xxh3_64(&at.to_le_bytes()) as usize % 3].push(*row);
        rows.iter().enumerate().for_each(deal);
        files
    }

    #[test]
    fn lines_of_orders_that_were_dealt_to_files_stay() {
        let four = (1..1_000).flat_map(|order| [0, 1, 2, 2].map(|line| (order, 10 * order + line)));
        let units = (1..1_000).flat_map(|order| vec![(order, order); 1 + order as usize % 2]);
        for rows in [four.collect::<Vec<Row>>(), units.collect()] {
            let files = dealt(&rows);
            let seen = seen(&[&files[0], &files[1], &files[2]]);
            assert!(seen[2].equal > 100 && seen[2].verdict() == Verdict::Dealt, "{:?}", seen[2].equal);
            // The same in files that overlap is another thing.
            let seen = compared(vec![rows[..1_000].to_vec(), rows[500..].to_vec()], vec![1_000, 500]);
            assert_eq!((seen[1].equal, seen[1].verdict()), (500, Verdict::Twice));
        }
    }

    #[test]
    fn what_the_rows_do_not_settle_is_asked() {
        let seen = |equal| Seen { rows: 100, in_known_orders: 100, equal, ..Seen::default() }.verdict();
        let verdicts = [50, 51, 89, 90].map(seen);
        assert_eq!(verdicts, [Verdict::Dealt, Verdict::Unsettled, Verdict::Unsettled, Verdict::Twice]);
    }
}
