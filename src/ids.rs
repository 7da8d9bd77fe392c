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
    /// use clivia::ids::Id;
    /// assert_eq!(Id::new("7"), Id::Number(7));
    /// assert_eq!(Id::new("007").to_string(), "007");
    /// ```
    pub fn new(text: &str) -> Self {
        let digits = (1..=18).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        let canonical = digits && (text == "0" || !text.starts_with('0'));
        match text.parse() {
            Ok(number) if canonical => Id::Number(number),
            _ => Id::Text(text.into()),
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
        match (self, other) {
            (Id::Number(a), Id::Number(b)) => a.cmp(b),
            (Id::Text(a), Id::Text(b)) => a.cmp(b),
            (Id::Number(_), Id::Text(_)) => Ordering::Less,
            (Id::Text(_), Id::Number(_)) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Id {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A list of ids in one string, so that ten million of them cost ten million offsets and no
/// allocation each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ids {
    text: String,
    ends: Vec<usize>,
}

impl Ids {
    /// Adds an id at the end.
    pub fn push(&mut self, id: &str) {
        self.text.push_str(id);
        self.ends.push(self.text.len());
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
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[start..self.ends[index]]
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
pub(crate) type IdMap<K, V> = HashMap<K, V, BuildHasherDefault<IdHasher>>;

/// XXH3 over the bytes of an id.
#[derive(Debug, Default)]
pub(crate) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64_with_seed(bytes, self.0);
    }

    fn write_u8(&mut self, byte: u8) {
        // Marks the end of a text; one multiplication mixes it in.
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

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
