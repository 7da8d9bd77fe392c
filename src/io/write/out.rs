//! A file on its way to the disk.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// Bytes that are written before the disk is asked to take them: what it has when the file ends need not be waited for.
const STRETCH: usize = 32 << 20;

/// The first thing that went wrong with a file: whoever owns the file may drop it, or put other words to it.
#[derive(Debug, Clone, Default)]
pub(super) struct Failure(Arc<Mutex<Option<io::Error>>>);

impl Failure {
    fn note<T>(&self, done: io::Result<T>) -> io::Result<T> {
        if let (Err(error), Ok(mut failure)) = (&done, self.0.lock()) {
            failure.get_or_insert_with(|| super::again(error));
        }
        done
    }

    /// What went wrong, once.
    pub(super) fn take(&self) -> Option<io::Error> {
        self.0.lock().ok().and_then(|mut failure| failure.take())
    }
}

/// A buffered file that notes what goes wrong. Once it is dropped, all has been noted.
pub(super) struct Out {
    buffer: BufWriter<Synced>,
    failure: Failure,
}

impl Out {
    pub(super) fn new(file: File, failure: &Failure) -> Self {
        let file = Synced { file, written: 0, disk: None, failure: failure.clone() };
        Out { buffer: BufWriter::with_capacity(1 << 20, file), failure: failure.clone() }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.buffer.write(bytes);
        self.failure.note(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.buffer.flush();
        self.failure.note(flushed)
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        // It is noted, and whoever ends the file looks there.
        let _ = self.flush();
    }
}

/// A file that goes to the disk while it grows, where a thread can be had for that: whoever ends the file waits for what
/// is left anyway.
struct Synced {
    file: File,
    /// Bytes that the disk has not been asked to take.
    written: usize,
    disk: Option<Disk>,
    failure: Failure,
}

impl Write for Synced {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.written += written;
        if self.written >= STRETCH {
            if self.disk.is_none() {
                self.disk = Disk::new(&self.file, self.failure.clone()).ok();
            }
            if self.disk.as_ref().is_none_or(Disk::ask) {
                self.written = 0;
            }
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A thread that waits for the disk.
struct Disk {
    ask: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Disk {
    fn new(file: &File, failure: Failure) -> io::Result<Self> {
        let (file, (ask, asked)) = (file.try_clone()?, sync_channel(0));
        // The system tells of what it could not write only once, so that it must be noted here.
        let sync = move || asked.into_iter().try_for_each(|()| failure.note(file.sync_data())).unwrap_or_default();
        Ok(Disk { ask: Some(ask), thread: Some(std::thread::Builder::new().spawn(sync)?) })
    }

    /// Asks it to take what has been written; `false` where it is at it still.
    fn ask(&self) -> bool {
        let asked = self.ask.as_ref().map(|ask| ask.try_send(()));
        !matches!(asked, Some(Err(TrySendError::Full(()))))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.ask = None;
        if let Some(thread) = self.thread.take() {
            // It does not panic.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::write::out::*;

    #[test]
    fn a_file_that_goes_to_the_disk_while_it_grows_is_whole() -> io::Result<()> {
        let file = tempfile::NamedTempFile::new()?;
        let failure = Failure::default();
        let mut out = Out::new(file.reopen()?, &failure);
        let bytes: Vec<u8> = (0..5 * STRETCH / 2).map(|place| (place % 251) as u8).collect();
        for some in bytes.chunks(300_000) {
            out.write_all(some)?;
        }
        assert!(out.buffer.get_ref().disk.is_some());
        drop(out);
        assert!(failure.take().is_none());
        assert!(std::fs::read(file.path())? == bytes);
        Ok(())
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_the_disk_does_not_take_is_told() -> io::Result<()> {
        // It takes every byte, but cannot be synchronised.
        let failure = Failure::default();
        let mut out = Out::new(File::options().write(true).open("/dev/null")?, &failure);
        let bytes = vec![0; STRETCH];
        let asked = |out: &Out| out.buffer.get_ref().disk.is_some() && out.buffer.get_ref().written == 0;
        while !asked(&out) {
            out.write_all(&bytes)?;
        }
        drop(out);
        assert!(failure.take().is_some());
        Ok(())
    }
}
