//! Values of one kind: how many, and the first of them.

/// How many values of a kind were seen, and where the first one stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Seen {
    pub(super) count: u64,
    pub(super) first: Option<(u64, String)>,
}

impl Seen {
    pub(super) fn add(&mut self, row: u64, shown: impl FnOnce() -> String) {
        self.add_many(1, row, shown);
    }

    /// Adds so many, the first of which stands in `row`.
    pub(super) fn add_many(&mut self, count: u64, row: u64, shown: impl FnOnce() -> String) {
        self.count += count;
        if count > 0 && self.first.as_ref().is_none_or(|(first, _)| row < *first) {
            self.first = Some((row, shown()));
        }
    }

    pub(super) fn merge(&mut self, other: &Seen) {
        match &other.first {
            Some((row, value)) => self.add_many(other.count, *row, || value.clone()),
            None => self.count += other.count,
        }
    }

    /// The first value; nothing where there is none.
    pub(super) fn sample(&self) -> &str {
        self.first.as_ref().map_or("", |(_, value)| value)
    }
}

/// The earliest of several.
pub(super) fn earliest<'a>(seen: impl Iterator<Item = &'a Seen>) -> Option<&'a (u64, String)> {
    seen.filter_map(|seen| seen.first.as_ref()).min_by_key(|(row, _)| *row)
}
