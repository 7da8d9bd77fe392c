//! The text inside of a file: decompressed and decoded.

use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};

use clivia_core::control::Control;
use encoding_rs::Encoding;

/// Bytes that are read at a time.
const BUFFER: usize = 1 << 18;

/// The text inside: decompressed, as UTF-8 without byte-order mark.
pub(crate) fn text(
    bytes: impl Read + Send + 'static,
    encoding: &'static Encoding,
    control: &Control,
) -> io::Result<Box<dyn BufRead + Send>> {
    without_mark(decompress(BufReader::with_capacity(BUFFER, Counted::new(bytes, control)))?, encoding)
}

/// Looks at the first bytes and decompresses gzip and zstd, whatever the file is called.
fn decompress<R: Read + Send + 'static>(mut reader: BufReader<R>) -> io::Result<Box<dyn Read + Send>> {
    let head = reader.fill_buf()?;
    if head.starts_with(&[0x1f, 0x8b]) {
        Ok(Box::new(flate2::bufread::MultiGzDecoder::new(reader)))
    } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        Ok(Box::new(zstd::stream::read::Decoder::with_buffer(reader)?))
    } else {
        Ok(Box::new(reader))
    }
}

/// UTF-8 passes through byte for byte, so that what is not UTF-8 can be refused where it stands;
/// other encodings, and UTF-16 by its mark, are converted.
fn without_mark(mut bytes: Box<dyn Read + Send>, encoding: &'static Encoding) -> io::Result<Box<dyn BufRead + Send>> {
    let mut head = Vec::with_capacity(3);
    bytes.by_ref().take(3).read_to_end(&mut head)?;
    let wide = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    let marked = head == [0xef, 0xbb, 0xbf];
    let rest = Cursor::new(if marked { Vec::new() } else { head }).chain(bytes);
    if !wide && (marked || encoding == encoding_rs::UTF_8) {
        return Ok(Box::new(BufReader::with_capacity(BUFFER, rest)));
    }
    let decoded =
        encoding_rs_io::DecodeReaderBytesBuilder::new().encoding(Some(encoding)).bom_override(true).build(rest);
    Ok(Box::new(BufReader::with_capacity(BUFFER, decoded)))
}

/// Counts the bytes that pass.
pub(super) struct Counted<R> {
    inner: R,
    control: Control,
}

impl<R> Counted<R> {
    pub(super) fn new(inner: R, control: &Control) -> Self {
        Counted { inner, control: control.clone() }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.control.add_bytes(count as u64);
        Ok(count)
    }
}

impl<R: Seek> Seek for Counted<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}
