//! Order lines that wait to be summed up: in memory while there is room, then on disk.

use std::borrow::Cow;
use std::sync::Arc;

use super::overflow::{Overflow, Room, SpillError, Stretch};
use crate::orders::{Lines, PARTITIONS};

/// The smallest and the largest page of a partition: small bases take little, large ones waste little.
const PAGES: (usize, usize) = (1 << 10, 1 << 16);

/// Lines by partition.
#[derive(Debug)]
pub(super) struct Partitions {
    pub(super) parts: Vec<Partition>,
    pub(super) spill: Option<Box<dyn Overflow>>,
    room: Option<Arc<dyn Room>>,
    held: usize,
}

/// The lines of some customers.
#[derive(Debug, Default)]
pub(super) struct Partition {
    pages: Vec<Vec<u8>>,
    held: usize,
    spilled: Vec<Stretch>,
}

impl Partitions {
    pub(super) fn new() -> Self {
        let parts = std::iter::repeat_with(Partition::default).take(PARTITIONS).collect();
        Partitions { parts, spill: None, room: None, held: 0 }
    }

    pub(super) fn within(self, room: Arc<dyn Room>) -> Self {
        Partitions { room: Some(room), ..self }
    }

    /// Forgets all lines; room for others is as it was.
    pub(super) fn forget(&mut self) {
        let room = self.room.take();
        *self = Partitions { room, ..Partitions::new() };
    }

    /// Takes a batch; where memory is full, all that is held goes to disk.
    pub(super) fn absorb(&mut self, lines: &Lines) -> Result<(), SpillError> {
        for (part, bytes) in self.parts.iter_mut().zip(lines.parts()) {
            self.held += bytes.len();
            part.absorb(bytes);
        }
        match &self.room {
            Some(room) if self.held > room.bytes() => self.spill(),
            _ => Ok(()),
        }
    }

    fn spill(&mut self) -> Result<(), SpillError> {
        let (Some(room), parts) = (&self.room, &mut self.parts) else { return Ok(()) };
        let spill = match &mut self.spill {
            Some(spill) => spill,
            none => none.insert(room.overflow()?),
        };
        for part in parts {
            part.spilled.push(spill.append(&part.pages)?);
            (part.pages, part.held) = (Vec::new(), 0);
        }
        self.held = 0;
        Ok(())
    }
}

impl Partition {
    fn absorb(&mut self, bytes: &[u8]) {
        self.held += bytes.len();
        match self.pages.last_mut() {
            Some(page) if page.capacity() - page.len() >= bytes.len() => page.extend_from_slice(bytes),
            _ if bytes.is_empty() => {}
            _ => {
                let mut page = Vec::with_capacity(self.held.clamp(PAGES.0, PAGES.1).max(bytes.len()));
                page.extend_from_slice(bytes);
                self.pages.push(page);
            }
        }
    }

    /// All its bytes; no line is cut in two.
    pub(super) fn bytes(&self, spill: Option<&dyn Overflow>) -> Result<Vec<Cow<'_, [u8]>>, SpillError> {
        let mut bytes = Vec::with_capacity(self.spilled.len() + self.pages.len());
        if let Some(spill) = spill {
            for stretch in &self.spilled {
                bytes.push(Cow::Owned(spill.read(*stretch)?));
            }
        }
        bytes.extend(self.pages.iter().map(|page| Cow::Borrowed(page.as_slice())));
        Ok(bytes)
    }
}
