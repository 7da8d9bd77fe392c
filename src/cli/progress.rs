//! The progress bar, and how many threads there are.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use clivia_run::pipeline::Inputs;
use clivia_run::state::State;
use clivia_io::blocks::Progress;
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
    /// Shows how far reading is, where somebody looks at a terminal.
    pub(super) fn start(progress: &Arc<Progress>, inputs: &Inputs, quiet: bool) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        if quiet || !std::io::stderr().is_terminal() {
            return Bar { stop, painter: None };
        }
        let files = inputs.orders.iter().chain(&inputs.contacts).chain(&inputs.customers);
        let of_state = inputs.state.as_ref().map_or(0, State::bytes);
        let total: u64 = of_state + files.filter_map(|source| source.bytes).sum::<u64>();
        let (progress, stopped) = (progress.clone(), stop.clone());
        let painter = std::thread::spawn(move || paint(&progress, total, &stopped));
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

fn paint(progress: &Progress, total: u64, stopped: &AtomicBool) {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if stopped.load(Ordering::Relaxed) {
            return;
        }
        std::thread::sleep(TICK);
    }
    let bar = ProgressBar::new(total.max(1));
    if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:30}] {bytes} of {total_bytes}, {elapsed}") {
        bar.set_style(style.progress_chars("=> "));
    }
    while !stopped.load(Ordering::Relaxed) {
        let rows = progress.rows();
        let rate = rows as f64 / begun.elapsed().as_secs_f64();
        bar.set_position(progress.bytes().min(total));
        bar.set_message(format!("{}: {rows} rows, {rate:.0} a second", progress.stage()));
        std::thread::sleep(TICK);
    }
    bar.finish_and_clear();
}

/// Bounds all threads. polars reads its limit from the environment only, before anything runs, so the
/// program starts itself again with it set.
pub(super) fn limit_threads(threads: Option<u16>) -> Result<(), Failure> {
    const LIMITS: [&str; 2] = ["POLARS_MAX_THREADS", "RAYON_NUM_THREADS"];
    let Some(threads) = threads.map(|threads| threads.to_string()) else { return Ok(()) };
    if LIMITS.iter().all(|name| std::env::var(name).is_ok_and(|value| value == threads)) {
        return Ok(());
    }
    let mut again = std::process::Command::new(std::env::current_exe()?);
    again.args(std::env::args_os().skip(1)).envs(LIMITS.map(|name| (name, &threads)));
    start_again(again)
}

#[cfg(unix)]
fn start_again(mut again: std::process::Command) -> Result<(), Failure> {
    use std::os::unix::process::CommandExt;
    Err(again.exec().into())
}

#[cfg(not(unix))]
fn start_again(mut again: std::process::Command) -> Result<(), Failure> {
    std::process::exit(again.status()?.code().unwrap_or(1))
}
