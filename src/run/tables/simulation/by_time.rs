//! Order lines in the order of time, whatever their number.
//!
//! Customers are drawn one by one, so their lines are first laid down in files that hold a slice of the time each, and
//! then every slice is read back, sorted and written. Memory is bounded by the slice, the disk needed by 20 bytes a line.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, Write};
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use crate::tables::simulation::BLOCK;
use crate::tables::simulation::rows::Line;
use clivia_core::base::Money;
use clivia_core::simulate::Population;
use clivia_io::staging::Staging;
use clivia_io::write::{ExportError, PIECE_ROWS};

/// Lines of a slice: 256 MB in memory.
const SLICE_LINES: f64 = 8e6;

/// Slices there are at most: a process may have about a thousand files open.
const MAX_SLICES: f64 = 500.0;

/// Bytes of a line laid down: 4 of its seconds since the start, 6 of its customer, 4 of its number and what it is,
/// 6 of its cents. The settings of a population allow no more than fits.
const LINE_BYTES: usize = 20;

/// Fixed-point units in a cent; amounts are whole cents.
const CENT: i64 = Money::SCALE / 100;

/// Where the slices of the time begin.
pub(super) struct Cuts {
    /// Seconds since 1970-01-01 UTC at the start of the first day.
    start: i64,
    /// Where all slices but the first begin.
    times: Vec<i64>,
}

impl Cuts {
    /// Slices of equally many lines, as far as the first customers tell.
    pub(super) fn of(population: &Population) -> Self {
        Cuts::into_slices_of(SLICE_LINES, population)
    }

    fn into_slices_of(slice_lines: f64, population: &Population) -> Self {
        let settings = population.settings();
        let first = population.buyers(0..settings.customers.min(BLOCK));
        let mut times: Vec<i64> = first.iter().flat_map(Line::of).map(|line| line.at).collect();
        times.sort_unstable();
        let lines = times.len() as f64 / first.len() as f64 * settings.customers as f64;
        let slices = (lines / slice_lines).ceil().clamp(1.0, MAX_SLICES) as usize;
        let cut = |place: usize| times[place * times.len() / slices];
        Cuts { start: i64::from(settings.start.0) * 86_400, times: (1..slices).map(cut).collect() }
    }

    fn slices(&self) -> usize {
        self.times.len() + 1
    }

    /// The bytes that each slice gets of these lines.
    pub(super) fn lay_down(&self, lines: &[Line]) -> Vec<Vec<u8>> {
        let mut laid = vec![Vec::new(); self.slices()];
        for line in lines {
            let slice = self.times.partition_point(|&cut| cut <= line.at);
            laid[slice].extend_from_slice(&to_bytes(line, self.start));
        }
        laid
    }
}

fn to_bytes(line: &Line, start: i64) -> [u8; LINE_BYTES] {
    let what = line.number << 2 | u32::from(line.is_return) << 1 | u32::from(line.id_missing);
    let mut bytes = [0; LINE_BYTES];
    bytes[..4].copy_from_slice(&((line.at - start) as u32).to_le_bytes());
    bytes[4..10].copy_from_slice(&line.customer.to_le_bytes()[..6]);
    bytes[10..14].copy_from_slice(&what.to_le_bytes());
    bytes[14..].copy_from_slice(&(line.amount.0 / CENT).to_le_bytes()[..6]);
    bytes
}

fn from_bytes(bytes: &[u8; LINE_BYTES], start: i64) -> Line {
    let number = |range: Range<usize>| {
        let mut wide = [0; 8];
        wide[..range.len()].copy_from_slice(&bytes[range]);
        u64::from_le_bytes(wide)
    };
    let what = number(10..14) as u32;
    // Shifted up and down again, which brings the sign back.
    let cents = ((number(14..20) << 16) as i64) >> 16;
    Line {
        at: start + number(0..4) as i64,
        customer: number(4..10),
        number: what >> 2,
        is_return: what & 2 != 0,
        id_missing: what & 1 != 0,
        amount: Money(cents * CENT),
    }
}

/// The files that lines are laid down in.
pub(super) struct Slices {
    files: Vec<File>,
    start: i64,
    name: String,
}

impl Slices {
    pub(super) fn new(cuts: &Cuts, staging: &Staging) -> Result<Self, ExportError> {
        let files = (0..cuts.slices()).map(|_| staging.scratch()).collect::<Result<_, _>>()?;
        Ok(Slices { files, start: cuts.start, name: staging.shown("orders by time") })
    }

    /// Adds what each slice gets.
    pub(super) fn write(&mut self, laid: &[Vec<u8>]) -> Result<(), ExportError> {
        let written = self.files.iter_mut().zip(laid).try_for_each(|(file, bytes)| file.write_all(bytes));
        written.map_err(|cause| ExportError::Io { file: self.name.clone(), cause })
    }

    /// All lines by time, those of one second by customer: slice after slice, each given up once it is read.
    pub(super) fn sorted(self) -> impl Iterator<Item = Result<Part, ExportError>> + Send {
        let Slices { files, start, name } = self;
        files.into_iter().flat_map(move |file| match sorted(file, start) {
            Ok(lines) => Part::all(Arc::new(lines)).map(Ok).collect::<Vec<_>>(),
            Err(cause) => vec![Err(ExportError::Io { file: name.clone(), cause })],
        })
    }
}

fn sorted(mut file: File, start: i64) -> io::Result<Vec<Line>> {
    let count = file.stream_position()? as usize / LINE_BYTES;
    file.rewind()?;
    let mut file = BufReader::with_capacity(1 << 20, file);
    let mut bytes = [0; LINE_BYTES];
    // Memory is taken once: growing would take up to three times as much.
    let mut lines = Vec::with_capacity(count);
    for _ in 0..count {
        file.read_exact(&mut bytes)?;
        lines.push(from_bytes(&bytes, start));
    }
    lines.par_sort_unstable();
    Ok(lines)
}

/// Some lines of a slice.
pub(super) struct Part {
    slice: Arc<Vec<Line>>,
    range: Range<usize>,
}

impl Part {
    fn all(slice: Arc<Vec<Line>>) -> impl Iterator<Item = Part> {
        let end = slice.len();
        let starts = (0..end).step_by(PIECE_ROWS);
        starts.map(move |start| Part { slice: Arc::clone(&slice), range: start..(start + PIECE_ROWS).min(end) })
    }

    pub(super) fn lines(&self) -> &[Line] {
        &self.slice[self.range.clone()]
    }
}

#[cfg(test)]
mod tests {
    use crate::tables::simulation::by_time::*;
    use clivia_core::simulate::PopulationSettings;

    #[test]
    fn lines_are_read_as_they_were_laid_down() {
        let start = -5_000_000_000;
        let plain =
            Line { at: start, customer: 0, number: 1, is_return: false, id_missing: false, amount: Money(CENT) };
        let last = Line {
            at: start + 36_525 * 86_400 - 1,
            customer: (1 << 48) - 1,
            number: (1 << 30) - 1,
            is_return: true,
            id_missing: true,
            amount: Money(-Money::MAX_ROW.0),
        };
        for line in [plain, last, Line { id_missing: true, amount: Money::MAX_ROW, ..plain }] {
            assert_eq!(from_bytes(&to_bytes(&line, start), start), line);
        }
    }

    fn population(customers: u64) -> Population {
        let settings = PopulationSettings { customers, ..PopulationSettings::default() };
        Population::new(settings).expect("the defaults are possible")
    }

    fn lines(population: &Population, numbers: Range<u64>) -> Vec<Line> {
        population.buyers(numbers).iter().flat_map(Line::of).collect()
    }

    #[test]
    fn slices_hold_about_as_many_lines_each() {
        let population = population(20_000_000);
        let cuts = Cuts::of(&population);
        assert!((6..10).contains(&cuts.slices()), "{} slices for 58 million lines", cuts.slices());
        let laid = cuts.lay_down(&lines(&population, 1_000_000..1_020_000));
        let mean = laid.iter().map(Vec::len).sum::<usize>() as f64 / laid.len() as f64;
        // 7,000 lines a slice and as many behind the cuts: 1.7 % is a standard deviation were lines independent.
        assert!(laid.iter().all(|bytes| (bytes.len() as f64 / mean - 1.0).abs() < 0.1), "{mean}");
    }

    #[test]
    fn slice_after_slice_is_all_lines_sorted() -> Result<(), Box<dyn std::error::Error>> {
        let (folder, population) = (tempfile::tempdir()?, population(3_000));
        let staging = Staging::open(folder.path(), super::super::SIMULATE_LEAVES, false)?;
        let cuts = Cuts::into_slices_of(1_000.0, &population);
        assert!((6..12).contains(&cuts.slices()), "{}", cuts.slices());
        let mut slices = Slices::new(&cuts, &staging)?;
        for numbers in population.ranges(700) {
            slices.write(&cuts.lay_down(&lines(&population, numbers)))?;
        }
        let parts = slices.sorted().collect::<Result<Vec<Part>, ExportError>>()?;
        let mut expected = lines(&population, 0..3_000);
        expected.sort_unstable();
        assert!(parts.iter().flat_map(Part::lines).eq(&expected));
        Ok(())
    }
}
