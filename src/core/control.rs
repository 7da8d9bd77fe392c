//! A run's handle: how far it is, and a way to stop it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The run was stopped by whoever holds its [`Control`]. Nothing is left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the run was cancelled; nothing was written")]
pub struct Cancelled;

/// How far a run is, and a way to stop it. Clones are handles of the same run. Handles are alike in every comparison,
/// so that settings that carry one differ only where a setting does.
///
/// ```
/// use clivia_core::control::Control;
/// let control = Control::default();
/// let run = control.clone();
/// run.enter("reading orders");
/// run.add_rows(1_000);
/// assert_eq!((control.stage(), control.rows()), ("reading orders", 1_000));
/// control.cancel();
/// assert!(run.check().is_err());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Control(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    cancelled: Arc<AtomicBool>,
    bytes: AtomicU64,
    rows: AtomicU64,
    total_bytes: AtomicU64,
    stages: Mutex<Stages>,
}

/// The stage that a run is in, and what the others took.
#[derive(Debug, Default)]
struct Stages {
    current: Option<(&'static str, Instant)>,
    seconds: Vec<(&'static str, f64)>,
}

impl Stages {
    fn end(&mut self) {
        let Some((stage, since)) = self.current.take() else { return };
        let took = since.elapsed().as_secs_f64();
        match self.seconds.iter_mut().find(|(name, _)| *name == stage) {
            Some((_, seconds)) => *seconds += took,
            None => self.seconds.push((stage, took)),
        }
    }
}

impl Control {
    /// A handle that is stopped with the run and counts nothing of it: what is read a second time counts once.
    pub fn uncounted(&self) -> Self {
        Control(Arc::new(Shared { cancelled: self.0.cancelled.clone(), ..Shared::default() }))
    }

    /// Asks the run to stop; it ends with [`Cancelled`] within half a second.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Relaxed)
    }

    /// Goes on unless the run was asked to stop.
    ///
    /// # Errors
    /// [`Cancelled`] where it was.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }

    /// Begins a stage, and ends the one before.
    pub fn enter(&self, stage: &'static str) {
        let mut stages = self.stages();
        stages.end();
        stages.current = Some((stage, Instant::now()));
    }

    /// What is being done; empty before the first stage.
    pub fn stage(&self) -> &'static str {
        self.stages().current.map_or("", |(stage, _)| stage)
    }

    /// Ends the last stage: seconds by stage, in the order in which they were entered first.
    pub fn timings(&self) -> Vec<(&'static str, f64)> {
        let mut stages = self.stages();
        stages.end();
        stages.seconds.clone()
    }

    fn stages(&self) -> MutexGuard<'_, Stages> {
        self.0.stages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts rows that were read.
    pub fn add_rows(&self, rows: u64) {
        self.0.rows.fetch_add(rows, Ordering::Relaxed);
    }

    /// Rows read so far.
    pub fn rows(&self) -> u64 {
        self.0.rows.load(Ordering::Relaxed)
    }

    /// Counts bytes that were read.
    pub fn add_bytes(&self, bytes: u64) {
        self.0.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes read so far.
    pub fn bytes(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }

    /// Says how many bytes there are to read, where that is known.
    pub fn set_total_bytes(&self, bytes: u64) {
        self.0.total_bytes.store(bytes, Ordering::Relaxed);
    }

    /// Bytes that there are to read; 0 where that is not known.
    pub fn total_bytes(&self) -> u64 {
        self.0.total_bytes.load(Ordering::Relaxed)
    }
}

impl PartialEq for Control {
    fn eq(&self, _: &Control) -> bool {
        true
    }
}
