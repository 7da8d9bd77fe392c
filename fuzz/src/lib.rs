//! What must be true of any input: one room a target, each with inputs to begin with.

pub mod dates;
pub mod frame;
pub mod numbers;

/// What checks an input, and the inputs to begin with.
pub struct Target {
    /// Its name, which is that of its file in `fuzz_targets`.
    pub name: &'static str,
    /// Panics where what must be true is not.
    pub check: fn(&[u8]),
    /// Inputs to begin with.
    pub seeds: &'static [&'static str],
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target { name: "dates", check: dates::check, seeds: dates::SEEDS },
    Target { name: "frame", check: frame::check, seeds: frame::SEEDS },
    Target { name: "numbers", check: numbers::check, seeds: numbers::SEEDS },
];
