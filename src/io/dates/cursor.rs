//! A cell that is read from left to right.

/// What is left of a cell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a>(&'a [u8]);

/// A number, and by how many digits it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Digits {
    pub(super) value: u32,
    pub(super) width: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Cursor(text)
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    /// The byte that comes next.
    pub(super) fn next(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The byte behind the one that comes next.
    pub(super) fn second(&self) -> Option<u8> {
        self.0.get(1).copied()
    }

    /// How many digits come next.
    #[inline]
    pub(super) fn run(&self) -> usize {
        self.0.iter().take_while(|byte| byte.is_ascii_digit()).count()
    }

    #[inline]
    fn skip(&mut self, bytes: usize) -> &'a [u8] {
        let (skipped, rest) = self.0.split_at_checked(bytes).unwrap_or((self.0, &[]));
        self.0 = rest;
        skipped
    }

    /// Whether `byte` came next, and is taken.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let comes = self.next() == Some(byte);
        self.skip(usize::from(comes));
        comes
    }

    /// The byte that came next, where it is one of these.
    #[inline]
    pub(super) fn take_one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let byte = self.next().filter(|byte| bytes.contains(byte))?;
        self.skip(1);
        Some(byte)
    }

    /// All digits that come next, where they make a number of one to nine of them.
    #[inline]
    pub(super) fn digits(&mut self) -> Option<Digits> {
        let width = self.run();
        let value = |digits: &[u8]| digits.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
        (1..=9).contains(&width).then(|| Digits { value: value(self.skip(width)), width })
    }

    /// A number of one or two digits.
    pub(super) fn one_or_two(&mut self) -> Option<u32> {
        self.digits().filter(|digits| digits.width <= 2).map(|digits| digits.value)
    }

    /// Skips digits of which no more is wanted.
    pub(super) fn skip_digits(&mut self) {
        self.skip(self.run());
    }

    /// The letters that come next.
    pub(super) fn word(&mut self) -> &'a [u8] {
        let letters = |byte: &&u8| byte.is_ascii_alphabetic() || (!byte.is_ascii() && !SIGNS.contains(byte));
        self.skip(self.0.iter().take_while(letters).count())
    }

    /// All up to `end` or a blank, without it.
    pub(super) fn until(&mut self, end: u8) -> &'a [u8] {
        self.skip(self.0.iter().take_while(|byte| **byte != end && **byte != b' ').count())
    }

    /// All that is left, where `last` ends it.
    pub(super) fn rest_before(&mut self, last: u8) -> Option<&'a [u8]> {
        self.skip(self.0.len()).strip_suffix(&[last])
    }

    /// Skips blanks of any kind; whether there was one.
    pub(super) fn blanks(&mut self) -> bool {
        let before = self.0.len();
        while let width @ 1.. = blank(self.0) {
            self.skip(width);
        }
        self.0.len() < before
    }

    /// Skips what stands between the parts of a date with a month's name: `18-Jan-18`, `2. Januar 2024`.
    pub(super) fn gaps(&mut self) {
        while self.blanks() || self.take_one_of(b"-/.,'").is_some() {}
    }
}

/// First bytes of signs and blanks that are no letters, such as the no-break space and the minus.
const SIGNS: [u8; 2] = [0xc2, 0xe2];

/// How many bytes the blank that comes next has; 0 where none does.
fn blank(text: &[u8]) -> usize {
    match text {
        [b' ' | b'\t', ..] => 1,
        [0xc2, 0xa0, ..] => 2,
        [0xe2, 0x80, 0x80..=0x8a | 0xaf, ..] => 3,
        _ => 0,
    }
}
