//! The frame of a text.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| clivia_fuzz::frame::check(data));
