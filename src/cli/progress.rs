//! The progress bar, and how many threads there are.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use clivia_core::control::Control;
use indicatif::{ProgressBar, ProgressStyle};

use crate::Failure;

/// Nothing is shown before this.
const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(100);

/// A bar on standard error while it lives.
pub(super) struct Bar {
    stop: Arc<AtomicBool>,
    painter: Option<JoinHandle<()>>,
}

impl Bar {
    /// Shows how far a run is, where somebody looks at a terminal.
    pub(super) fn start(control: &Control, quiet: bool) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        if quiet || !std::io::stderr().is_terminal() {
            return Bar { stop, painter: None };
        }
        let (control, stopped) = (control.clone(), stop.clone());
        let painter = std::thread::spawn(move || paint(&control, &stopped));
        Bar { stop, painter: Some(painter) }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(painter) = self.painter.take() {
            painter.join().ok();
        }
    }
}

fn paint(control: &Control, stopped: &AtomicBool) {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if stopped.load(Ordering::Relaxed) {
            return;
        }
        std::thread::sleep(TICK);
    }
    let bar = ProgressBar::new(1);
    if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:30}] {bytes} of {total_bytes}, {elapsed}") {
        bar.set_style(style.progress_chars("=> "));
    }
    while !stopped.load(Ordering::Relaxed) {
        let (rows, total) = (control.rows(), control.total_bytes().max(1));
        let rate = rows as f64 / begun.elapsed().as_secs_f64();
        bar.set_length(total);
        bar.set_position(control.bytes().min(total));
        bar.set_message(format!("{}: {rows} rows, {rate:.0} a second", control.stage()));
        std::thread::sleep(TICK);
    }
    bar.finish_and_clear();
}

/// Bounds the threads of the process, before anything runs on them.
pub(super) fn limit_threads(threads: Option<u16>) -> Result<(), Failure> {
    let Some(threads) = threads else { return Ok(()) };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build_global();
    pool.map_err(|error| Failure::Usage(format!("--threads {threads}: {error}")))
}
