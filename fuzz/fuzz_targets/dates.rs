//! Dates as written.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| clivia_fuzz::dates::check(data));
