//! The words by which exports say what became of an order, and what a row is.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::columns::normal;
use crate::orders::status::{Kind, Reason};

/// What a value says, before it is known of which kind its column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Purchase,
    Refund,
    Refunded,
    PartlyRefunded,
    No(Reason),
    Event,
}

/// All words, normalised.
pub(super) struct Words {
    columns: Vec<(String, Kind)>,
    values: HashMap<String, Word>,
    answers: HashMap<String, bool>,
}

/// Read once; what is not there is as if nobody used it.
static WORDS: LazyLock<Words> = LazyLock::new(|| toml::from_str::<File>(FILE).unwrap_or_default().into());
const FILE: &str = include_str!("../status.toml");

impl Words {
    pub(super) fn get() -> &'static Words {
        &WORDS
    }

    /// The kind of the column of this name.
    pub(super) fn kind(&self, column: &str) -> Option<Kind> {
        let name = normal(column);
        self.columns.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    /// What a value says; WooCommerce writes `wc-` before each.
    pub(super) fn value(&self, value: &str) -> Option<Word> {
        let value = normal(value);
        let known = |value: &str| self.values.get(value).copied();
        known(&value).or_else(|| known(value.strip_prefix("wc")?))
    }

    /// A yes or no.
    pub(super) fn answer(&self, value: &str) -> Option<bool> {
        self.answers.get(&normal(value)).copied()
    }
}

/// The file, as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    columns: ColumnNames,
    yes_or_no: Answers,
    values: Values,
}

type Names = Vec<String>;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnNames {
    state: Names,
    #[serde(rename = "type")]
    of_type: Names,
    test: Names,
    maybe_test: Names,
    cancelled: Names,
    failed: Names,
    refunded: Names,
    paid: Names,
    live: Names,
    cancelled_at: Names,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answers {
    yes: Names,
    no: Names,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Values {
    purchase: Names,
    refund: Names,
    refunded: Names,
    partly_refunded: Names,
    cancelled: Names,
    failed: Names,
    unpaid: Names,
    draft: Names,
    test: Names,
    reversed: Names,
    transfer: Names,
    event: Names,
}

impl From<File> for Words {
    fn from(File { columns, yes_or_no, values }: File) -> Self {
        let flag = |counts, reason| Kind::Flag { counts, reason };
        let kinds = [
            (columns.state, Kind::State),
            (columns.of_type, Kind::Type),
            (columns.test, flag(false, Reason::Test)),
            (columns.maybe_test, Kind::MaybeTest),
            (columns.cancelled, flag(false, Reason::Cancelled)),
            (columns.failed, flag(false, Reason::Failed)),
            (columns.refunded, flag(false, Reason::Refunded)),
            (columns.paid, flag(true, Reason::Unpaid)),
            (columns.live, flag(true, Reason::Test)),
            (columns.cancelled_at, Kind::Moment { reason: Reason::Cancelled }),
        ];
        let words = [
            (values.purchase, Word::Purchase),
            (values.refund, Word::Refund),
            (values.refunded, Word::Refunded),
            (values.partly_refunded, Word::PartlyRefunded),
            (values.cancelled, Word::No(Reason::Cancelled)),
            (values.failed, Word::No(Reason::Failed)),
            (values.unpaid, Word::No(Reason::Unpaid)),
            (values.draft, Word::No(Reason::Draft)),
            (values.test, Word::No(Reason::Test)),
            (values.reversed, Word::No(Reason::Reversed)),
            (values.transfer, Word::No(Reason::Transfer)),
            (values.event, Word::Event),
        ];
        let answers = [(yes_or_no.yes, true), (yes_or_no.no, false)];
        Words { columns: each(kinds).collect(), values: each(words).collect(), answers: each(answers).collect() }
    }
}

/// Every name, normalised, with what its list means.
fn each<T: Copy, const N: usize>(lists: [(Names, T); N]) -> impl Iterator<Item = (String, T)> {
    lists.into_iter().flat_map(|(names, meaning)| names.into_iter().map(move |name| (normal(&name), meaning)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_whole() {
        assert!(toml::from_str::<File>(FILE).is_ok(), "{:?}", toml::from_str::<File>(FILE).err());
        let words = Words::get();
        assert_eq!(words.kind("Financial Status"), Some(Kind::State));
        assert_eq!(words.kind("event_name"), Some(Kind::Type));
        assert_eq!(words.kind("Fulfillment Status"), None);
        assert_eq!(words.value("wc-on-hold"), Some(Word::No(Reason::Unpaid)));
        assert_eq!(words.value("Opłacone"), Some(Word::Purchase));
        assert_eq!((words.answer("Nein"), words.answer("A")), (Some(false), None));
    }

    #[test]
    fn no_value_means_two_things() {
        let file = toml::from_str::<File>(FILE).expect("a file of words");
        let Values { purchase, refund, refunded, partly_refunded, cancelled, failed, unpaid, .. } = file.values;
        let Values { draft, test, reversed, transfer, event, .. } = toml::from_str::<File>(FILE).expect("words").values;
        let lists = [
            purchase,
            refund,
            refunded,
            partly_refunded,
            cancelled,
            failed,
            unpaid,
            draft,
            test,
            reversed,
            transfer,
            event,
        ];
        let mut seen: HashMap<String, usize> = HashMap::new();
        for (list, names) in lists.iter().enumerate() {
            for name in names {
                let before = seen.insert(normal(name), list);
                assert!(before.is_none_or(|before| before == list), "{name} stands in two lists");
            }
        }
    }
}
