//! A run that a signal ends takes along what it has half written.

use clivia_io::staging::partial;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// Waits for the signals that end a run, on a thread of its own. Where that cannot be, they end it as they always do.
pub(super) fn heed() {
    let ignored = std::fs::read_to_string("/proc/self/status").ok().map_or(0, |status| ignored(&status));
    let heeded = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0);
    let Ok(mut signals) = Signals::new(heeded) else { return };
    let end = move || {
        if let Some(signal) = signals.forever().next() {
            partial::abandon();
            // So whoever started it sees which signal it was.
            emulate_default_handler(signal).ok();
        }
    };
    std::thread::Builder::new().name("signals".into()).spawn(end).ok();
}

/// The signals that whoever started it wants ignored, as nohup does: a bit each, from the lowest on.
fn ignored(status: &str) -> u64 {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use crate::signals::*;

    #[test]
    fn ignored_signals_are_read_as_the_system_writes_them() {
        assert_eq!(ignored("SigBlk:\t0000000000000002\nSigIgn:\t0000000000001001\nSigCgt:\t0\n"), 0x1001);
        assert_eq!(ignored("Name:\tclivia\n"), 0);
    }
}
