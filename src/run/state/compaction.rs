//! Many small segments made few larger ones, so that a state of a thousand updates is read as fast as one of ten.
//!
//! Segments are merged like digits are carried: when [`FULL`] of one size have come together, they become one of the next
//! size. So a line is written again once a size, and no state has more than a few dozen segments. Only neighbours are
//! merged: what a segment replaces is then still what came before it.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::error::Error;
use crate::state::folder::tidy;
use crate::state::gone;
use crate::state::gone::Gone;
use crate::state::manifest::{Manifest, Segment, Totals};
use crate::state::segment::{REJECTS, SegmentWriter};
use crate::state::update::Updating;
use crate::state::{StateError, io_error};
use clivia_core::control::Control;
use clivia_core::ledger::LedgerBuilder;
use clivia_core::orders::ReturnsPolicy;
use clivia_io::memory::Memory;
use clivia_io::rejects::Rejects;

/// So many segments of a size become one of the next.
const FULL: usize = 8;
/// Rows below which a segment is of the smallest size.
const SMALLEST: u64 = 1 << 17;
/// However their sizes follow one another, there are no more segments than this.
const MOST: usize = 64;

/// How often a segment has grown eightfold over the smallest size.
fn size(segment: &Segment) -> u32 {
    let rows = segment.lines() + segment.replaces + segment.totals.rows_listed();
    (rows / SMALLEST).checked_ilog2().map_or(0, |twofold| twofold / FULL.ilog2() + 1)
}

/// From which segment on all are to be merged, by their sizes; `None` where there is nothing to do.
fn due(sizes: &[u32]) -> Option<usize> {
    let largest = sizes.iter().max()?;
    let full = |size: u32| {
        let start = sizes.iter().rposition(|other| *other > size).map_or(0, |larger| larger + 1);
        let count = sizes[start..].iter().filter(|other| **other == size).count();
        (count >= FULL).then_some(start)
    };
    (0..=*largest).find_map(full).or_else(|| (sizes.len() > MOST).then_some(0))
}

impl Updating {
    /// Merges what has come together; how many segments went into others.
    pub(super) fn merge_tiers(&mut self, memory: Option<&Memory>, control: &Control) -> Result<usize, Error> {
        let mut merged = 0;
        while let Some(start) = self.due() {
            merged += self.merge_from(start, memory, control)?;
        }
        Ok(merged)
    }

    /// Merges all segments; how many there were.
    pub(super) fn merge_all(&mut self, memory: Option<&Memory>, control: &Control) -> Result<usize, Error> {
        let segments = self.manifest.as_ref().map_or(&[][..], |manifest| &manifest.segments);
        match segments {
            // One segment has nothing that it could replace.
            [] | [_] => Ok(0),
            _ => self.merge_from(0, memory, control),
        }
    }

    fn due(&self) -> Option<usize> {
        due(&self.manifest.as_ref()?.segments.iter().map(size).collect::<Vec<_>>())
    }

    fn merge_from(&mut self, start: usize, memory: Option<&Memory>, control: &Control) -> Result<usize, Error> {
        control.enter("merging segments");
        let Some(manifest) = &self.manifest else { return Ok(0) };
        let path = &self.folder.path;
        let home = self.folder.begin(manifest.next)?;
        let segment = merged(path, &home, manifest, start, memory, control)?;
        let mut segments = manifest.segments[..start].to_vec();
        segments.push(segment);
        let (count, manifest) = (manifest.segments.len() - start, manifest.with(segments, manifest.next + 1));
        self.folder.publish(&manifest, &manifest.segments[start..].iter().collect::<Vec<_>>())?;
        self.manifest = Some(manifest);
        tidy(&self.folder.path, self.manifest.as_ref())?;
        Ok(count)
    }
}

/// All segments from `start` on as one.
fn merged(
    path: &Path,
    home: &Path,
    manifest: &Manifest,
    start: usize,
    memory: Option<&Memory>,
    control: &Control,
) -> Result<Segment, Error> {
    let gone = Gone::of(path, manifest)?;
    let mut builder = LedgerBuilder::new(ReturnsPolicy::Net, true);
    if let Some(memory) = memory {
        builder = builder.within(Arc::new(memory.clone()));
    }
    let segments = &manifest.segments[start..];
    let (mut totals, mut files) = (Totals::default(), Vec::new());
    for (position, segment) in segments.iter().enumerate() {
        let without = segment.read(path, start + position, &gone, true, control, |lines| builder.absorb(&lines))?;
        totals.add(&segment.totals.without(&without));
        files.extend(segment.files.iter().cloned());
    }
    let days = builder.days();
    let mut writer = SegmentWriter::new(home, segments.iter().map(Segment::lines).sum(), false);
    builder.merge::<Error>(|partition, merged| Ok(writer.take(partition, merged)?))?;
    let (parts, _) = writer.finish()?;
    join_rejects(path, home, segments)?;
    // With nothing before it, there is nothing to replace.
    let replaced = if start == 0 { Vec::new() } else { replaced(path, segments)? };
    let replaces = gone::write(home, replaced)?;
    Ok(Segment { number: manifest.next, parts, days, replaces, files, totals })
}

fn replaced(path: &Path, segments: &[Segment]) -> Result<Vec<u64>, Error> {
    let mut orders = Vec::new();
    for segment in segments.iter().filter(|segment| segment.replaces > 0) {
        orders.extend(gone::read(path, &segment.folder(path).join(gone::FILE), segment.replaces)?);
    }
    Ok(orders)
}

/// The refused rows of all segments, in their order.
fn join_rejects(path: &Path, home: &Path, segments: &[Segment]) -> Result<(), Error> {
    if segments.iter().all(|segment| segment.totals.rows_listed() == 0) {
        return Ok(());
    }
    let file_path = home.join(REJECTS);
    let failed = |cause: io::Error| -> StateError { io_error(&file_path, cause) };
    let file = File::create(&file_path).map_err(failed)?;
    let mut rejects = Rejects::new(Box::new(file), false)?;
    segments.iter().try_for_each(|segment| segment.append_rejects(path, &mut rejects))?;
    rejects.finish()?;
    Ok(File::open(&file_path).and_then(|file| file.sync_all()).map_err(failed)?)
}

#[cfg(test)]
mod tests {
    use crate::state::compaction::*;

    #[test]
    fn segments_are_merged_like_digits_are_carried() {
        assert_eq!([due(&[]), due(&[0]), due(&[0; 7]), due(&[0; 8])], [None, None, None, Some(0)]);
        assert_eq!(due(&[3, 0, 0, 0, 0, 0, 0, 0]), None);
        assert_eq!(due(&[3, 0, 0, 0, 0, 0, 0, 0, 0]), Some(1));
        assert_eq!(due(&[2, 1, 1, 1, 1, 1, 1, 1, 0, 1]), Some(1));
        assert_eq!(due(&[2, 1, 1, 1, 1, 1, 1, 1, 0, 0]), None);
    }

    #[test]
    fn a_thousand_updates_leave_few_segments_and_write_little_again() {
        let (mut segments, mut written): (Vec<u64>, u64) = (Vec::new(), 0);
        let size = |rows: &u64| (rows / SMALLEST).checked_ilog2().map_or(0, |twofold| twofold / 3 + 1);
        let rows = SMALLEST / 3;
        for _ in 0..1_000 {
            segments.push(rows);
            while let Some(start) = due(&segments.iter().map(size).collect::<Vec<_>>()) {
                let merged = segments.drain(start..).sum();
                written += merged;
                segments.push(merged);
            }
            assert!(segments.len() <= 3 * FULL, "{segments:?}");
        }
        assert!(written <= 4 * 1_000 * rows, "{written}");
    }

    #[test]
    fn there_are_never_too_many_segments() {
        let sizes: Vec<u32> = (0..=MOST as u32).rev().collect();
        assert_eq!((due(&sizes), due(&sizes[1..])), (Some(0), None));
    }
}
