//! The frame of a text: no input makes it panic, and without quotes no line is lost.
#![no_main]

use std::io::Write;

use clivia_core::control::Control;
use clivia_io::blocks::each_block;
use clivia_io::files::{Format, find_one};
use clivia_io::plan::ReadSettings;
use clivia_io::source::Source;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut file) = tempfile::NamedTempFile::new() else { return };
    if file.write_all(bytes).is_err() {
        return;
    }
    let Ok(source) = find_one(file.path()) else { return };
    let settings = ReadSettings::default();
    let (Ok(columns), Ok(frame)) = (source.columns(&settings), source.frame(&settings)) else { return };
    let (mut rows, mut last) = (0, 0);
    let read = each_block(&source, &settings, &columns, &Control::default(), |block| {
        rows += (block.height() + block.broken.len()) as u64;
        let numbers = (0..block.height()).map(|row| block.rows.get(row));
        last = numbers.chain(block.broken.iter().map(|broken| broken.row)).max().unwrap_or(last).max(last);
        Ok(())
    });
    let plain = !bytes.contains(&b'"') && !bytes.contains(&0) && source.format == Format::Text;
    let compressed = bytes.starts_with(&[0x1f, 0x8b]) || bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]);
    let wide = frame.encoding.starts_with("utf-16");
    if read.is_err() || !plain || compressed || wide {
        return;
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let end = if frame.line_end == clivia_io::frame::LineEnd::Cr { b'\r' } else { b'\n' };
    let lines: Vec<&[u8]> = text.split(|byte| *byte == end || (end == b'\r' && *byte == b'\n')).collect();
    let below = lines.iter().skip(frame.header_line as usize);
    let filled = below.filter(|line| !matches!(line, b"" | b"\r")).count() as u64;
    assert_eq!(rows, filled, "lines below the header on line {}", frame.header_line);
    assert!(last <= lines.len() as u64);
});
