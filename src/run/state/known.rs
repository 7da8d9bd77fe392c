//! Order files that are in the state already, known by what they hold.

use std::cmp::Reverse;
use std::time::UNIX_EPOCH;

use clivia_io::content::Content;
use clivia_io::source::Source;

use crate::state::manifest::{Manifest, Taken};
use crate::state::{NewOrders, StateError, shown};

/// The share of a file's rows in the state from which it is no file of new orders.
const MOSTLY: f64 = 0.5;

impl Taken {
    /// A source as it is now; standard input and data frames are known by what they hold alone.
    pub(super) fn of(source: &dyn Source) -> Self {
        let nameless = || Taken { file: source.name().into(), bytes: 0, modified: String::new(), content: None };
        Taken::of_file(source).unwrap_or_else(nameless)
    }

    fn of_file(source: &dyn Source) -> Option<Self> {
        let path = source.path()?;
        let meta = path.metadata().ok()?;
        let modified = meta.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos().to_string();
        let file = shown(&path.canonicalize().unwrap_or_else(|_| path.into()));
        Some(Taken { file, bytes: meta.len(), modified, content: None })
    }

    /// Whether it is this file, unchanged; that it holds the same is seen only when it is read.
    fn is(&self, other: &Taken) -> bool {
        let of = |taken: &Taken| (taken.file.clone(), taken.bytes, taken.modified.clone());
        !self.modified.is_empty() && of(self) == of(other)
    }
}

impl Manifest {
    fn taken(&self) -> impl Iterator<Item = &Taken> {
        self.segments.iter().flat_map(|segment| &segment.files)
    }

    /// Refuses a file that has not been touched since it was taken in: it need not be read.
    pub(super) fn refuse_untouched(&self, files: &[Taken], folder: &str) -> Result<(), StateError> {
        match files.iter().find(|file| self.taken().any(|taken| taken.is(file))) {
            Some(file) => Err(StateError::Taken { folder: folder.into(), file: file.file.clone() }),
            None => Ok(()),
        }
    }

    /// How many rows the files of the state have, each number once, sorted: a longer file may begin with one of them.
    pub(super) fn known_rows(&self) -> Vec<u64> {
        let mut rows: Vec<u64> = self.contents().map(|(_, content)| content.rows).collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    fn contents(&self) -> impl Iterator<Item = (&str, &Content)> {
        self.taken().filter_map(|taken| Some((taken.file.as_str(), taken.content.as_ref()?)))
    }

    /// Refuses a source that holds what the state holds already.
    pub(super) fn refuse_known(&self, name: &str, content: &Content, folder: &str) -> Result<(), StateError> {
        let (folder, file) = (folder.to_string(), name.to_string());
        let found = |is: &dyn Fn(&Content) -> bool| {
            self.contents().filter(|(_, known)| is(known)).min_by_key(|(_, known)| Reverse(known.rows))
        };
        if let Some((of, _)) = found(&|known| content.is(known)) {
            return Err(StateError::Same { folder, file, of: of.into() });
        }
        if let Some((of, known)) = found(&|known| content.begins_with(known)) {
            return Err(StateError::Longer { folder, file, of: of.into(), rows: known.rows });
        }
        let rows = content.shared(self.contents().map(|(_, known)| known));
        if rows > 0 && rows as f64 >= MOSTLY * content.rows as f64 {
            return Err(StateError::Mostly { folder, file, rows, all: content.rows });
        }
        Ok(())
    }
}

impl NewOrders {
    /// Whether orders of the state may be given again: they count twice, or take the place of those that are there.
    pub(super) fn may_be_known(&self) -> bool {
        self.again || self.replace
    }
}
