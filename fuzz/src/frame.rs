//! The frame of a text: nothing makes it panic, and without quotes every line below the header is a row, used or refused.

use std::io::Write;

use clivia_core::control::Control;
use clivia_io::blocks::each_block;
use clivia_io::files::{FileSource, Format};
use clivia_io::frame::LineEnd;
use clivia_io::plan::ReadSettings;
use clivia_io::source::Source;

/// Inputs to begin with.
pub const SEEDS: &[&str] = &[
    "customer,date,amount\nK1,2024-01-05,36.77\n",
    "Report\nPeriod:,2024\n\ncustomer,date,amount\nK1,2024-01-05,36.77\nTotal,,36.77\n",
    "sep=;\r\na;b\r\n1;2\r\n",
    "a,b,c\n1,2,3,\n",
    "a,b\r1,2\r",
    "a,b\n\"1,2\n3,4\n\"5,6\n",
    "id,name\n=\"001\",Z\u{fffd}\n",
    "{\"a\":{\"b\":1}}\n",
    "[{\"a\":[{\"key\":\"k\",\"value\":1}]}]",
];

/// Reads the input as a file.
pub fn check(data: &[u8]) {
    let Ok(mut file) = tempfile::NamedTempFile::new() else { return };
    if file.write_all(data).is_err() {
        return;
    }
    let Ok(source) = FileSource::open(file.path().into()) else { return };
    let settings = ReadSettings::default();
    let (Ok(columns), Ok(frame)) = (source.columns(&settings), source.frame(&settings)) else { return };
    let mut rows = 0;
    let read = each_block(&source, &settings, &columns, &Control::default(), |block| {
        rows += (block.height() + block.broken.len()) as u64;
        Ok(())
    });
    let compressed = data.starts_with(&[0x1f, 0x8b]) || data.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]);
    let plain = source.format == Format::Text && !data.contains(&b'"') && !compressed;
    if read.is_err() || !plain || frame.encoding.starts_with("utf-16") {
        return;
    }
    let text = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
    let returns_end = frame.line_end == LineEnd::Cr;
    let lines = text.split(|byte| *byte == b'\n' || (returns_end && *byte == b'\r'));
    let below = lines.skip(frame.header_line as usize);
    let filled = below.filter(|line| !matches!(line, b"" | b"\r")).count() as u64;
    assert_eq!(rows, filled, "rows below the header on line {}", frame.header_line);
}
