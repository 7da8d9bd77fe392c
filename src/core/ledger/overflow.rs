//! Where order lines wait that do not fit into memory. The core knows no files: it is handed such a place.

use std::fmt;
use std::io;

/// Order lines could not be put where they wait, or not be read back.
#[derive(Debug, thiserror::Error)]
#[error(
    "{place}: order lines that do not fit into memory wait there, and that failed: {cause}; make room there, choose \
     another folder for temporary files, or allow more memory"
)]
pub struct SpillError {
    /// The place: a folder, mostly.
    pub place: String,
    /// What the system said.
    pub cause: io::Error,
}

/// How much memory waiting order lines may take, and where the others wait.
pub trait Room: fmt::Debug + Send + Sync {
    /// Bytes that lines may take in memory.
    fn bytes(&self) -> usize;

    /// A new, empty place for those beyond.
    ///
    /// # Errors
    /// [`SpillError`] where there can be none.
    fn overflow(&self) -> Result<Box<dyn Overflow>, SpillError>;
}

/// A place that grows at its end.
pub trait Overflow: fmt::Debug + Send + Sync {
    /// Puts pages at the end, one after the other.
    ///
    /// # Errors
    /// [`SpillError`] where they cannot be written.
    fn append(&mut self, pages: &[Vec<u8>]) -> Result<Stretch, SpillError>;

    /// Reads a stretch back.
    ///
    /// # Errors
    /// [`SpillError`] where it cannot be read.
    fn read(&self, stretch: Stretch) -> Result<Vec<u8>, SpillError>;
}

/// A part of an [`Overflow`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Where it begins.
    pub at: u64,
    /// How many bytes it has.
    pub len: usize,
}
