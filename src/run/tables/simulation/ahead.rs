//! Parts made while those before them are written.

use std::sync::mpsc::sync_channel;

use rayon::prelude::*;

/// Parts that are made at once. A constant, so that memory does not grow with the number of cores.
const WAVE: usize = 4;

/// Makes parts on all threads and writes each in its turn; at most three waves are in memory at a time.
///
/// # Errors
/// The first that `write` has; then no more parts are made.
pub(super) fn ahead<P: Send, M: Send, E>(
    parts: impl Iterator<Item = P> + Send,
    make: impl Fn(P) -> M + Sync + Send,
    write: impl FnMut(M) -> Result<(), E>,
) -> Result<(), E> {
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(WAVE);
        scope.spawn(move || {
            let mut parts = parts;
            loop {
                let wave: Vec<P> = parts.by_ref().take(WAVE).collect();
                let made: Vec<M> = wave.into_par_iter().map(&make).collect();
                // Where nobody takes them any more, writing has failed.
                if made.is_empty() || made.into_iter().any(|one| sender.send(one).is_err()) {
                    break;
                }
            }
        });
        receiver.into_iter().try_for_each(write)
    })
}

#[cfg(test)]
mod tests {
    use crate::tables::simulation::ahead::*;

    #[test]
    fn all_parts_come_in_order() {
        let mut seen = Vec::new();
        let done = ahead(
            0..1_001_u32,
            |part| part * 2,
            |made| {
                seen.push(made);
                Ok::<(), ()>(())
            },
        );
        assert_eq!(done, Ok(()));
        assert!(seen.into_iter().eq((0..1_001).map(|part| part * 2)));
    }

    #[test]
    fn a_failure_ends_it_though_parts_are_endless() {
        let mut written = 0;
        let done = ahead(
            0_u64..,
            |part| part,
            |made| {
                written += 1;
                if made < 10 { Ok(()) } else { Err("full") }
            },
        );
        assert_eq!((done, written), (Err("full"), 11));
    }
}
