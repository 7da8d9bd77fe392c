//! How much memory a run may take, and the disk that it goes on with where that is not enough.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use clivia_core::ledger::{Overflow, Room, SpillError, Stretch};

/// A base that is too large for the memory that a run may take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "scoring {customers} customers takes about {needed}, more than the {allowed} that this run may take; allow it {needed} or more"
)]
pub struct MemoryError {
    /// How many customers there are.
    pub customers: usize,
    /// What scoring them takes.
    pub needed: Bytes,
    /// What may be taken.
    pub allowed: Bytes,
}

impl MemoryError {
    /// The setting that would help: a door adds the word by which it is set there.
    pub fn setting(&self) -> &'static str {
        "memory"
    }
}

/// An amount of memory: `8GiB`, `500MB`, `1073741824`.
///
/// ```
/// use clivia_io::memory::Bytes;
/// assert_eq!("1.5GiB".parse(), Ok(Bytes(1_610_612_736)));
/// assert_eq!("500 MB".parse(), Ok(Bytes(500_000_000)));
/// assert_eq!(Bytes(1_610_612_736).to_string(), "1.5GiB");
/// assert!("much".parse::<Bytes>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

/// What is no amount of memory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not an amount of memory; write one such as 8GiB or 500MB")]
pub struct NoBytes(String);

const UNITS: [(&str, u64); 10] = [
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("tib", 1 << 40),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("tb", 1_000_000_000_000),
    ("b", 1),
    ("", 1),
];

impl FromStr for Bytes {
    type Err = NoBytes;

    fn from_str(text: &str) -> Result<Self, NoBytes> {
        let wrong = || NoBytes(text.into());
        let lower = text.trim().to_lowercase();
        let digits = lower.trim_end_matches(|sign: char| sign.is_ascii_alphabetic());
        let (_, unit) = UNITS.iter().find(|(name, _)| *name == &lower[digits.len()..]).ok_or_else(wrong)?;
        let number: f64 = digits.trim().parse().map_err(|_| wrong())?;
        let bytes = number * *unit as f64;
        if (1.0..1e18).contains(&bytes) { Ok(Bytes(bytes as u64)) } else { Err(wrong()) }
    }
}

/// In the largest unit that it fills, to a tenth, rounded up.
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, unit) = [("GiB", 1_u64 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
            .into_iter()
            .find(|(_, unit)| self.0 >= *unit)
            .unwrap_or(("B", 1));
        write!(f, "{}{name}", (10.0 * self.0 as f64 / unit as f64).ceil() / 10.0)
    }
}

/// The memory that a run may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memory {
    /// How much.
    pub bytes: Bytes,
    /// Where what does not fit is kept meanwhile. Files there have no name: whatever ends the run, nothing is left.
    pub folder: PathBuf,
}

/// The least that a run may be given: what reading takes, whatever the base.
pub const LEAST: Bytes = Bytes(256 << 20);
/// What is taken for free where the system does not say.
const USUAL: u64 = 8 << 30;
/// What a customer takes while it is scored, and what every run takes: measured on large bases.
const OF_CUSTOMER: u64 = 120;
const OF_RUN: u64 = 300 << 20;

impl Memory {
    /// Half of what is free.
    pub fn half_of_free(folder: &Path) -> Self {
        Memory { bytes: Bytes((free() / 2).max(LEAST.0)), folder: folder.into() }
    }

    /// Checks that so many customers can be scored, before it is tried.
    ///
    /// # Errors
    /// [`MemoryError`] where they cannot.
    pub fn check(&self, customers: usize) -> Result<(), MemoryError> {
        let needed = Bytes(OF_RUN + OF_CUSTOMER * customers as u64);
        let fits = needed <= self.bytes || customers < 1_000_000;
        if fits { Ok(()) } else { Err(MemoryError { customers, needed, allowed: self.bytes }) }
    }
}

/// For order lines while they wait to be summed up.
impl Room for Memory {
    fn bytes(&self) -> usize {
        usize::try_from(self.bytes.0.saturating_sub(LEAST.0 / 2) * 2 / 5).unwrap_or(usize::MAX)
    }

    fn overflow(&self) -> Result<Box<dyn Overflow>, SpillError> {
        Ok(Box::new(Spill::new(&self.folder)?))
    }
}

/// Memory that is free, of the machine or of the container that the run is in.
fn free() -> u64 {
    let of_machine = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| available(&text));
    let of_container = || {
        let number = |file: &str| std::fs::read_to_string(file).ok()?.trim().parse::<u64>().ok();
        Some(number("/sys/fs/cgroup/memory.max")?.saturating_sub(number("/sys/fs/cgroup/memory.current")?))
    };
    let of_machine = of_machine.unwrap_or(USUAL);
    of_container().map_or(of_machine, |free| free.min(of_machine))
}

/// The kilobytes that `/proc/meminfo` says are available, as bytes.
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// A file without a name that grows at its end.
#[derive(Debug)]
struct Spill {
    file: Mutex<File>,
    len: u64,
    folder: PathBuf,
}

impl Spill {
    fn new(folder: &Path) -> Result<Self, SpillError> {
        let file = tempfile::tempfile_in(folder).map_err(|cause| failed(folder, cause))?;
        Ok(Spill { file: Mutex::new(file), len: 0, folder: folder.into() })
    }
}

impl Overflow for Spill {
    fn append(&mut self, pages: &[Vec<u8>]) -> Result<Stretch, SpillError> {
        let file = self.file.get_mut().unwrap_or_else(PoisonError::into_inner);
        let written = pages.iter().try_for_each(|page| file.write_all(page));
        written.map_err(|cause| failed(&self.folder, cause))?;
        let stretch = Stretch { at: self.len, len: pages.iter().map(Vec::len).sum() };
        self.len += stretch.len as u64;
        Ok(stretch)
    }

    fn read(&self, stretch: Stretch) -> Result<Vec<u8>, SpillError> {
        let mut bytes = vec![0; stretch.len];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file.seek(SeekFrom::Start(stretch.at)).and_then(|_| file.read_exact(&mut bytes));
        // Whoever appends next goes on at the end.
        let back = read.and_then(|()| file.seek(SeekFrom::Start(self.len)));
        back.map(|_| bytes).map_err(|cause| failed(&self.folder, cause))
    }
}

fn failed(folder: &Path, cause: io::Error) -> SpillError {
    SpillError { place: folder.display().to_string(), cause }
}

#[cfg(test)]
mod tests {
    use crate::memory::*;

    #[test]
    fn amounts_of_memory_are_read_and_shown() {
        let read = |text: &str| text.parse().map(|Bytes(bytes)| bytes).ok();
        assert_eq!(
            ["1", "2b", "3KB", "3 KiB", "0.5gb", "1TiB"].map(read),
            [1, 2, 3_000, 3_072, 500_000_000, 1 << 40].map(Some)
        );
        assert_eq!(["", "GiB", "-1GB", "0", "nan", "1 PB", "1e30"].map(read), [None; 7]);
        assert_eq!([5, 1 << 20, (6 << 30) + 1].map(|bytes| Bytes(bytes).to_string()), ["5B", "1MiB", "6.1GiB"]);
    }

    #[test]
    fn free_memory_is_read_as_the_system_writes_it() {
        assert_eq!(available("MemTotal: 9 kB\nMemAvailable:   24000 kB\n"), Some(24_576_000));
        assert_eq!(available("MemTotal: 9 kB\n"), None);
    }

    #[test]
    fn a_base_that_does_not_fit_is_refused_before_it_is_scored() {
        let memory = Memory { bytes: Bytes(1 << 30), folder: PathBuf::new() };
        assert_eq!(memory.check(5_000_000), Ok(()));
        let error = memory.check(50_000_000).expect_err("5 GB do not fit into 1 GiB");
        assert!(error.needed > error.allowed && error.to_string().contains("50000000"), "{error}");
    }

    #[test]
    fn what_was_spilled_is_read_back() -> Result<(), SpillError> {
        let mut spill = Spill::new(&std::env::temp_dir())?;
        let first = spill.append(&[vec![1, 2], vec![3]])?;
        assert_eq!(spill.read(first)?, [1, 2, 3]);
        let second = spill.append(&[vec![4; 10_000]])?;
        assert_eq!((spill.read(second)?, spill.read(first)?), (vec![4; 10_000], vec![1, 2, 3]));
        Ok(())
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = Spill::new(Path::new("/nowhere/at/all")).expect_err("no such folder");
        assert!(error.to_string().contains("/nowhere/at/all") && error.to_string().contains("temporary files"));
    }
}
