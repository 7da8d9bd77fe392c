//! A file that several readers share.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

/// A file that each reader reads at its own place, be it on another thread.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    file: Arc<File>,
    len: u64,
}

impl Shared {
    /// Shares a file as long as it is now.
    pub(crate) fn new(file: File) -> io::Result<Self> {
        let len = file.metadata()?.len();
        Ok(Shared { file: Arc::new(file), len })
    }

    /// How many bytes it has.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// A reader that begins at a place.
    pub(crate) fn at(&self, place: u64) -> Reader {
        Reader { file: self.file.clone(), place, len: self.len }
    }
}

/// A reader of a [`Shared`] file.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    file: Arc<File>,
    place: u64,
    len: u64,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = read_at(&self.file, buffer, self.place)?;
        self.place += count as u64;
        Ok(count)
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(offset) => self.len.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.place.checked_add_signed(offset),
        };
        self.place = place.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.place)
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], place: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, place)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], place: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, place)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use crate::files::shared::*;

    #[test]
    fn readers_do_not_move_each_other() -> io::Result<()> {
        let mut file = tempfile::tempfile()?;
        file.write_all(b"0123456789")?;
        let shared = Shared::new(file)?;
        let (mut one, mut other) = (shared.at(0), shared.at(5));
        let (mut begin, mut end) = ([0; 3], String::new());
        one.read_exact(&mut begin)?;
        other.read_to_string(&mut end)?;
        assert_eq!((&begin, end.as_str()), (b"012", "56789"));
        assert_eq!(one.seek(SeekFrom::End(-1))?, 9);
        assert_eq!(one.seek(SeekFrom::Current(-2))?, 7);
        assert!(one.seek(SeekFrom::Current(-8)).is_err());
        one.read_exact(&mut begin)?;
        assert_eq!(&begin, b"789");
        Ok(())
    }
}
