//! The text inside of a file: decompressed and decoded.

use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};

use clivia_core::control::Control;
use encoding_rs::{Encoding, UTF_8};

use crate::files::encoding::wide;

/// Bytes that are read at a time.
const BUFFER: usize = 1 << 18;
/// Bytes from which UTF-16 is found out.
pub(super) const HEAD: u64 = 4_096;

/// The text inside: decompressed, as UTF-8 without byte-order mark. Where no encoding is stated, only UTF-16 is converted.
pub(crate) fn text(
    bytes: impl Read + Send + 'static,
    encoding: Option<&'static Encoding>,
    control: &Control,
) -> io::Result<Box<dyn BufRead + Send>> {
    let mut inside = inside(bytes, control)?;
    let mut head = Vec::new();
    inside.by_ref().take(HEAD).read_to_end(&mut head)?;
    let encoding = encoding.or_else(|| wide(&head)).unwrap_or(UTF_8);
    without_mark(head, inside, encoding)
}

/// The bytes inside: decompressed.
pub(super) fn inside(bytes: impl Read + Send + 'static, control: &Control) -> io::Result<Box<dyn Read + Send>> {
    decompress(BufReader::with_capacity(BUFFER, Counted::new(bytes, control)))
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
fn without_mark(
    mut head: Vec<u8>,
    bytes: Box<dyn Read + Send>,
    encoding: &'static Encoding,
) -> io::Result<Box<dyn BufRead + Send>> {
    let wide = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    let marked = head.starts_with(&[0xef, 0xbb, 0xbf]);
    head.drain(..if marked { 3 } else { 0 });
    let rest = Cursor::new(head).chain(bytes);
    if !wide && (marked || encoding == UTF_8) {
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
