//! Customer ids as they came: bytes kept, `007` is not `7`.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// One customer id. An id that is written as a plain integer is kept as one, which sorts and hashes fast;
/// every other id is kept as its text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Id {
    /// Digits without a leading zero, below 10^18.
    Number(u64),
    /// Anything else.
    Text(Box<str>),
}

impl Id {
    /// The id that stands in `text`.
    ///
    /// ```
    /// use clivia_core::base::ids::Id;
    /// assert_eq!(Id::new("7"), Id::Number(7));
    /// assert_eq!(Id::new("007").to_string(), "007");
    /// ```
    pub fn new(text: &str) -> Self {
        IdRef::new(text).into()
    }

    /// The same, borrowed.
    pub fn borrowed(&self) -> IdRef<'_> {
        match self {
            Id::Number(number) => IdRef::Number(*number),
            Id::Text(text) => IdRef::Text(text),
        }
    }
}

/// An [`Id`] that is borrowed from where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdRef<'a> {
    /// As [`Id::Number`].
    Number(u64),
    /// As [`Id::Text`].
    Text(&'a str),
}

/// Ids below this that are written as plain integers are numbers.
const NUMBERS_END: u64 = 1_000_000_000_000_000_000;

impl<'a> IdRef<'a> {
    /// The id that stands in `text`.
    pub fn new(text: &'a str) -> Self {
        IdRef::written_number(text).unwrap_or(IdRef::Text(text))
    }

    /// The id that stands in `text` if it is a number.
    #[inline]
    pub fn written_number(text: &str) -> Option<Self> {
        plain_number(text.as_bytes()).map(IdRef::Number)
    }

    /// The id that is this number.
    #[inline]
    pub fn number(number: i64) -> Option<Self> {
        u64::try_from(number).ok().filter(|number| *number < NUMBERS_END).map(IdRef::Number)
    }
}

impl IdRef<'_> {
    /// Bits by which customers are dealt; the first are the best.
    #[inline]
    pub(crate) fn hash(&self) -> u64 {
        match self {
            IdRef::Number(number) => number.wrapping_mul(SPREAD),
            IdRef::Text(text) => hash_of_text(text.as_bytes()),
        }
    }
}

/// What spreads numbers: odd, so that it can be undone.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// The number whose [`IdRef::hash`] this is.
#[inline]
pub(crate) fn number_of_hash(hash: u64) -> u64 {
    // Newton's steps: each doubles the bits that are right, of which an odd number begins with three.
    const UNDONE: u64 = {
        let (mut inverse, mut bits) = (SPREAD, 3);
        while bits < u64::BITS {
            inverse = inverse.wrapping_mul(2_u64.wrapping_sub(SPREAD.wrapping_mul(inverse)));
            bits *= 2;
        }
        inverse
    };
    hash.wrapping_mul(UNDONE)
}

/// [`IdRef::hash`] of a text.
#[inline]
pub(crate) fn hash_of_text(bytes: &[u8]) -> u64 {
    xxh3_64_with_seed(bytes, 0)
}

/// The number that is written in digits, without leading zero, below 10^18.
fn plain_number(digits: &[u8]) -> Option<u64> {
    let canonical = matches!(digits, [b'0'] | [b'1'..=b'9', ..]) && digits.len() <= 18;
    let add = |sum: u64, digit: &u8| digit.is_ascii_digit().then(|| 10 * sum + u64::from(digit - b'0'));
    if canonical { digits.iter().try_fold(0, add) } else { None }
}

/// Numbers first, by size; then texts, by their bytes.
impl Ord for IdRef<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (IdRef::Number(a), IdRef::Number(b)) => a.cmp(b),
            (IdRef::Text(a), IdRef::Text(b)) => a.cmp(b),
            (IdRef::Number(_), IdRef::Text(_)) => Ordering::Less,
            (IdRef::Text(_), IdRef::Number(_)) => Ordering::Greater,
        }
    }
}

impl PartialOrd for IdRef<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<IdRef<'_>> for Id {
    fn from(id: IdRef<'_>) -> Self {
        match id {
            IdRef::Number(number) => Id::Number(number),
            IdRef::Text(text) => Id::Text(text.into()),
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Id::Number(number) => write!(f, "{number}"),
            Id::Text(text) => f.write_str(text),
        }
    }
}

/// Numbers first, by size; then texts, by their bytes.
impl Ord for Id {
    fn cmp(&self, other: &Self) -> Ordering {
        self.borrowed().cmp(&other.borrowed())
    }
}

impl PartialOrd for Id {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A list of ids in one string, so that ten million of them cost four bytes each beside their own and no
/// allocation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ids {
    text: String,
    /// Where each id ends, counted from where its block begins.
    ends: Vec<u32>,
    /// Where each block of [`BLOCK`] ids begins.
    blocks: Vec<usize>,
}

/// Ids in a block. An id has at most a megabyte, so that ends within a block fit.
const BLOCK: usize = 4096;

impl Ids {
    /// Adds an id at the end.
    pub fn push(&mut self, id: &str) {
        let begin = self.begin();
        self.text.push_str(id);
        self.ends.push((self.text.len() - begin) as u32);
    }

    /// Adds an id that is a number.
    pub fn push_number(&mut self, number: u64) {
        let (mut digits, mut rest, mut at) = ([b'0'; 20], number, 20);
        while rest > 0 || at == 20 {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        // Digits are text.
        self.push(std::str::from_utf8(&digits[at..]).unwrap_or_default());
    }

    /// Adds all ids of another list at the end.
    pub fn append(&mut self, other: &Ids) {
        if !self.len().is_multiple_of(BLOCK) {
            return other.iter().for_each(|id| self.push(id));
        }
        let begin = self.text.len();
        self.text.push_str(&other.text);
        self.ends.extend_from_slice(&other.ends);
        self.blocks.extend(other.blocks.iter().map(|block| begin + block));
    }

    /// Where the block of the next id begins.
    fn begin(&mut self) -> usize {
        if self.ends.len().is_multiple_of(BLOCK) {
            self.blocks.push(self.text.len());
        }
        self.blocks.last().copied().unwrap_or(0)
    }

    /// How many ids there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The id at `index`.
    ///
    /// # Panics
    /// Where `index` is not below [`Ids::len`].
    pub fn get(&self, index: usize) -> &str {
        let block = self.blocks[index / BLOCK];
        let start = if index.is_multiple_of(BLOCK) { 0 } else { self.ends[index - 1] };
        &self.text[block + start as usize..block + self.ends[index] as usize]
    }

    /// How many ids come first of which a condition holds, where it holds of all of these and of none after them.
    pub fn partition_point(&self, holds: impl Fn(&str) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if holds(self.get(middle)) { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// All ids in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> + '_ {
        (0..self.len()).map(|index| self.get(index))
    }
}

impl<'a> FromIterator<&'a str> for Ids {
    fn from_iter<I: IntoIterator<Item = &'a str>>(ids: I) -> Self {
        let mut all = Ids::default();
        ids.into_iter().for_each(|id| all.push(id));
        all
    }
}

/// A map by id. Half the time of reading text ids goes into hashing them, so the hash is a fast one.
pub type IdMap<K, V> = HashMap<K, V, BuildHasherDefault<IdHasher>>;

/// XXH3 over the bytes of an id.
#[derive(Debug, Default)]
pub struct IdHasher(u64);

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64_with_seed(bytes, self.0);
    }

    fn write_u8(&mut self, byte: u8) {
        // Marks the end of a text; one multiplication mixes it in.
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    #[inline]
    fn write_u64(&mut self, number: u64) {
        let wide = u128::from(self.0 ^ number) * 0x2D35_8DCC_AA6C_78A5_u128;
        self.0 = (wide as u64) ^ (wide >> 64) as u64;
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

/// Finds customers by id.
#[derive(Debug, Default)]
pub struct IdIndex(IdMap<Id, u32>);

impl IdIndex {
    /// Indexes a list; of equal ids the first counts.
    pub fn new(ids: &Ids) -> Self {
        let mut index = IdMap::with_capacity_and_hasher(ids.len(), BuildHasherDefault::default());
        for (place, id) in (0u32..).zip(ids.iter()) {
            index.entry(Id::new(id)).or_insert(place);
        }
        IdIndex(index)
    }

    /// Where an id stands in the list.
    pub fn find(&self, id: &Id) -> Option<u32> {
        self.0.get(id).copied()
    }
}

#[cfg(test)]
mod tests {
    use crate::base::ids::*;

    #[test]
    fn plain_integers_are_numbers() {
        for text in ["0", "7", "100", "999999999999999999"] {
            assert_eq!(IdRef::new(text), IdRef::Number(text.parse().expect("a number")), "{text}");
        }
        for text in ["", "00", "007", "-1", "+1", "1.0", "1000000000000000000", "A1", "1 ", "٣"] {
            assert_eq!(IdRef::new(text), IdRef::Text(text));
        }
        assert_eq!((IdRef::number(-1), IdRef::number(i64::MAX)), (None, None));
    }

    #[test]
    fn a_hash_of_a_number_can_be_undone() {
        for number in [0, 1, 2, 12_345, NUMBERS_END - 1, u64::MAX] {
            assert_eq!(number_of_hash(IdRef::Number(number).hash()), number);
        }
    }

    #[test]
    fn a_long_list_keeps_every_id() {
        let written: Vec<String> = (0..3 * BLOCK + 5).map(|i| (i * i % 9_973).to_string()).collect();
        let ids: Ids = written.iter().map(String::as_str).collect();
        assert!(ids.iter().eq(written.iter().map(String::as_str)));
        for (one, other) in [(0, BLOCK + 1), (BLOCK, 2 * BLOCK), (5, BLOCK)] {
            let list = |range: std::ops::Range<usize>| written[range].iter().map(String::as_str).collect::<Ids>();
            let mut joined = list(0..one);
            joined.append(&list(one..other));
            assert_eq!(joined, list(0..other));
        }
        let mut numbers = Ids::default();
        [0, 9, 10, u64::MAX].into_iter().for_each(|number| numbers.push_number(number));
        assert!(numbers.iter().eq(["0", "9", "10", "18446744073709551615"]));
    }
}
