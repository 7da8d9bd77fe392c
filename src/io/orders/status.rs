//! What became of an order, and what a row is: which rows of a source are purchases.
//!
//! A column is one of status or type by its name and by its values: most of them must be words that exports use for
//! that. `status` with `gold` and `silver` is something else and is left alone.

mod evidence;
mod notes;
mod words;

use serde::{Deserialize, Serialize};

use crate::columns::normal;
pub use evidence::{Beside, Counted, StatusEvidence, StatusStated};
use words::{Word, Words};

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A purchase.
    Purchase,
    /// Money given back: its amount lowers revenue, whatever its sign.
    Refund,
    /// Nothing that was bought.
    NoPurchase(Reason),
    /// A value that is not known: the row counts, and the value is said.
    Unknown,
}

/// Why a row is no purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Cancelled or deleted.
    Cancelled,
    /// The payment failed.
    Failed,
    /// Not paid, or not yet.
    Unpaid,
    /// Never ordered.
    Draft,
    /// A test.
    Test,
    /// Paid and wholly given back.
    Refunded,
    /// Taken back by the bank.
    Reversed,
    /// A withdrawal, a fee or the like.
    Transfer,
    /// What a visitor did beside buying.
    OtherEvent,
    /// The profile or the settings say so.
    Dropped,
}

impl Reason {
    /// In a sentence: `cancelled`.
    pub fn words(self) -> &'static str {
        match self {
            Reason::Cancelled => "cancelled",
            Reason::Failed => "failed",
            Reason::Unpaid => "not paid",
            Reason::Draft => "never ordered",
            Reason::Test => "a test",
            Reason::Refunded => "given back",
            Reason::Reversed => "taken back by the bank",
            Reason::Transfer => "a transfer or fee",
            Reason::OtherEvent => "another event",
            Reason::Dropped => "no purchase",
        }
    }
}

/// How a column says what a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// What became of the order: `paid`, `cancelled`.
    State,
    /// What the row is: `Order`, `Refund`, `page_view`.
    Type,
    /// Yes or no; the rows that say otherwise than `counts` are no purchases.
    Flag {
        /// The answer of a purchase.
        counts: bool,
        /// What the others are.
        reason: Reason,
    },
    /// As a flag of tests, where few rows say yes; else it can be the group of a trial.
    MaybeTest,
    /// When something happened that ends a purchase; empty where it did not.
    Moment {
        /// What it was.
        reason: Reason,
    },
}

/// A column that says what a row is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusColumn {
    /// Its name.
    pub column: String,
    /// How it says so.
    pub kind: Kind,
    /// Whether its values are events of visitors: what is not known among them is no purchase.
    #[serde(default)]
    pub events: bool,
    /// Values that are purchases, whatever they mean elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<String>,
    /// Values that are no purchases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drop: Vec<String>,
    /// Values that give money back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refund: Vec<String>,
}

/// What an order is that has been refunded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundedOrders {
    /// No purchase: its money was given back, and no other place says so.
    #[default]
    NoPurchase,
    /// A purchase: what was given back stands in a column or in rows of its own.
    Purchase,
    /// The row is the refund itself, beside the row of the purchase.
    Refund,
}

/// Which rows of a source are purchases.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusRule {
    /// The columns that say so; a row must be a purchase by all of them.
    pub columns: Vec<StatusColumn>,
    /// What an order is that has been refunded.
    #[serde(default)]
    pub refunded: RefundedOrders,
}

impl StatusColumn {
    /// The kind of the column of this name; that of a state where the name tells nothing.
    pub(crate) fn kind_of(column: &str) -> Kind {
        Words::get().kind(column).unwrap_or(Kind::State)
    }

    pub(crate) fn new(column: &str, kind: Kind) -> Self {
        StatusColumn { column: column.into(), kind, events: false, keep: vec![], drop: vec![], refund: vec![] }
    }

    /// What a value says of its row; `None` where it says nothing.
    fn verdict(&self, value: Option<&str>, refunded: RefundedOrders) -> Option<Verdict> {
        let value = value.map(str::trim).filter(|value| !value.is_empty());
        match (self.kind, value) {
            (Kind::Moment { reason }, value) => Some(moment(value, reason)),
            (_, None) => None,
            (Kind::Flag { counts, reason }, Some(value)) => Some(flag(value, counts, reason, refunded)),
            (Kind::MaybeTest, Some(value)) => Some(flag(value, false, Reason::Test, refunded)),
            (Kind::State | Kind::Type, Some(value)) => {
                Some(self.listed(value).unwrap_or_else(|| self.word(value, refunded)))
            }
        }
    }

    /// Whether a value is an answer of this column; of a column called mode, whether it is live or a test.
    fn answers(&self, value: &str) -> bool {
        let is_mode = normal(&self.column) == "mode";
        (!is_mode || mode(&normal(value)).is_some()) && self.answer(value).is_some()
    }

    /// Whether a value of a yes and no ends a purchase.
    fn ends(&self, value: &str) -> bool {
        let verdict = self.verdict(Some(value), RefundedOrders::NoPurchase);
        matches!(verdict, Some(Verdict::NoPurchase(_)))
    }

    fn answer(&self, value: &str) -> Option<bool> {
        match self.kind {
            Kind::Flag { counts, reason } => answer(value, counts, reason),
            Kind::MaybeTest => answer(value, false, Reason::Test),
            Kind::State | Kind::Type | Kind::Moment { .. } => None,
        }
    }

    /// By the lists of this column.
    fn listed(&self, value: &str) -> Option<Verdict> {
        let value = normal(value);
        let holds = |list: &[String]| list.iter().any(|listed| normal(listed) == value);
        let lists = [
            (&self.keep, Verdict::Purchase),
            (&self.drop, Verdict::NoPurchase(Reason::Dropped)),
            (&self.refund, Verdict::Refund),
        ];
        lists.into_iter().find(|(list, _)| holds(list)).map(|(_, verdict)| verdict)
    }

    /// By the words that exports use.
    fn word(&self, value: &str, refunded: RefundedOrders) -> Verdict {
        let word = Words::get().value(value);
        match (word, self.kind) {
            (Some(Word::Purchase | Word::PartlyRefunded), _) => Verdict::Purchase,
            (Some(Word::Refund), Kind::Type) => Verdict::Refund,
            (Some(Word::Refund | Word::Refunded), _) => refunded.verdict(),
            (Some(Word::No(Reason::Transfer)) | Some(Word::Event), Kind::State) => Verdict::Unknown,
            (Some(Word::No(reason)), _) => Verdict::NoPurchase(reason),
            (Some(Word::Event), _) => Verdict::NoPurchase(Reason::OtherEvent),
            (None, _) if self.events => Verdict::NoPurchase(Reason::OtherEvent),
            (None, _) => Verdict::Unknown,
        }
    }
}

impl RefundedOrders {
    fn verdict(self) -> Verdict {
        match self {
            RefundedOrders::NoPurchase => Verdict::NoPurchase(Reason::Refunded),
            RefundedOrders::Purchase => Verdict::Purchase,
            RefundedOrders::Refund => Verdict::Refund,
        }
    }
}

fn flag(value: &str, counts: bool, reason: Reason, refunded: RefundedOrders) -> Verdict {
    match answer(value, counts, reason) {
        Some(answer) if answer == counts => Verdict::Purchase,
        Some(_) if reason == Reason::Refunded => refunded.verdict(),
        Some(_) => Verdict::NoPurchase(reason),
        None => Verdict::Unknown,
    }
}

/// A yes or no, or the word of what would be so: `returned`, `not returned`, `live`, `test`.
fn answer(value: &str, counts: bool, reason: Reason) -> Option<bool> {
    let word = normal(value);
    let says = |word: &str| match Words::get().value(word) {
        Some(Word::No(said)) => said == reason,
        Some(Word::Refund | Word::Refunded) => reason == Reason::Refunded,
        Some(Word::Purchase | Word::PartlyRefunded | Word::Event) | None => false,
    };
    match mode(&word).filter(|_| reason == Reason::Test) {
        Some(live) => Some(live == counts),
        None if says(&word) => Some(!counts),
        None if word.strip_prefix("not").is_some_and(says) => Some(counts),
        None => Words::get().answer(value),
    }
}

/// Whether a payment was live, or a test.
fn mode(word: &str) -> Option<bool> {
    match word {
        "live" | "livemode" | "production" => Some(true),
        "test" | "testmode" | "sandbox" => Some(false),
        _ => None,
    }
}

/// An empty date is written in many ways.
fn moment(value: Option<&str>, reason: Reason) -> Verdict {
    let is_date = |value: &str| value.contains(|sign: char| ('1'..='9').contains(&sign));
    match value.is_some_and(is_date) {
        true => Verdict::NoPurchase(reason),
        false => Verdict::Purchase,
    }
}

impl StatusRule {
    /// What a row is whose cells in the rule's columns are these.
    pub fn of<'v>(&self, values: impl IntoIterator<Item = Option<&'v str>>) -> Verdict {
        let said = self.columns.iter().zip(values);
        let said = said.filter_map(|(column, value)| column.verdict(value, self.refunded));
        said.reduce(graver).unwrap_or(Verdict::Purchase)
    }

    /// What the values of each column say, at hand while row after row is taken.
    pub fn reader(&self) -> StatusReader<'_> {
        StatusReader { rule: self, known: vec![Vec::new(); self.columns.len()] }
    }
}

/// The one of two verdicts that decides: no purchase, then a refund, then a purchase.
fn graver(first: Verdict, second: Verdict) -> Verdict {
    let weight = |verdict| match verdict {
        Verdict::NoPurchase(_) => 3,
        Verdict::Refund => 2,
        Verdict::Purchase => 1,
        Verdict::Unknown => 0,
    };
    if weight(second) > weight(first) { second } else { first }
}

/// A rule that remembers what values mean.
#[derive(Debug)]
pub struct StatusReader<'r> {
    rule: &'r StatusRule,
    known: Vec<Vec<(String, Verdict)>>,
}

/// Values that are remembered of a column.
const REMEMBERED: usize = 32;

impl StatusReader<'_> {
    /// As [`StatusRule::of`].
    pub fn of<'v>(&mut self, values: impl IntoIterator<Item = Option<&'v str>>) -> Verdict {
        let mut verdict = None;
        for (place, value) in values.into_iter().enumerate().take(self.known.len()) {
            let said = self.one(place, value);
            verdict = [verdict, said].into_iter().flatten().reduce(graver);
        }
        verdict.unwrap_or(Verdict::Purchase)
    }

    fn one(&mut self, place: usize, value: Option<&str>) -> Option<Verdict> {
        let column = self.rule.columns.get(place)?;
        let known = self.known.get_mut(place)?;
        let text = value.unwrap_or_default();
        if let Some((_, verdict)) = known.iter().find(|(seen, _)| seen == text) {
            return Some(*verdict);
        }
        let verdict = column.verdict(value, self.rule.refunded)?;
        if known.len() < REMEMBERED {
            known.push((text.into(), verdict));
        }
        Some(verdict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{NoPurchase, Purchase, Refund, Unknown};

    fn rule(column: &str, kind: Kind) -> StatusRule {
        StatusRule { columns: vec![StatusColumn::new(column, kind)], ..StatusRule::default() }
    }

    fn one(rule: &StatusRule, value: &str) -> Verdict {
        rule.of([Some(value)])
    }

    #[test]
    fn states_in_many_languages_say_what_became_of_an_order() {
        let rule = rule("status", Kind::State);
        for value in
            ["paid", "Completed", "wc-processing", "Versendet", "Zrealizowane", "Livrée", "Entregado", "Изпратена"]
        {
            assert_eq!(one(&rule, value), Purchase, "{value}");
        }
        for (value, reason) in [
            ("voided", Reason::Cancelled),
            ("CANCELLED", Reason::Cancelled),
            ("storniert", Reason::Cancelled),
            ("anulowane", Reason::Cancelled),
            ("Denied", Reason::Failed),
            ("échouée", Reason::Failed),
            ("on-hold", Reason::Unpaid),
            ("Pendiente de pago", Reason::Unpaid),
            ("checkout-draft", Reason::Draft),
            ("chargedback", Reason::Reversed),
            ("refunded", Reason::Refunded),
        ] {
            assert_eq!(one(&rule, value), NoPurchase(reason), "{value}");
        }
        for value in ["gold", "active", "page_view", "withdrawal", "on its way"] {
            assert_eq!(one(&rule, value), Unknown, "{value}");
        }
        assert_eq!((one(&rule, ""), rule.of([None])), (Purchase, Purchase));
    }

    #[test]
    fn types_say_what_a_row_is() {
        let rule = rule("Type", Kind::Type);
        assert_eq!(one(&rule, "Website Payment"), Purchase);
        assert_eq!(one(&rule, "Payment Refund"), Refund);
        assert_eq!(one(&rule, "Gutschrift"), Refund);
        assert_eq!(one(&rule, "General Withdrawal"), NoPurchase(Reason::Transfer));
        assert_eq!(one(&rule, "page_view"), NoPurchase(Reason::OtherEvent));
        assert_eq!(one(&rule, "newsletter_popup"), Unknown);
        let mut events = rule.clone();
        events.columns[0].events = true;
        assert_eq!(one(&events, "newsletter_popup"), NoPurchase(Reason::OtherEvent));
    }

    #[test]
    fn several_columns_must_all_agree_to_a_purchase() {
        let columns = vec![
            StatusColumn::new("Type", Kind::Type),
            StatusColumn::new("Status", Kind::State),
            StatusColumn::new("Cancelled at", Kind::Moment { reason: Reason::Cancelled }),
        ];
        let rule = StatusRule { columns, ..StatusRule::default() };
        let mut reader = rule.reader();
        for (values, verdict) in [
            ([Some("Payment"), Some("Completed"), None], Purchase),
            ([Some("Payment"), Some("Pending"), None], NoPurchase(Reason::Unpaid)),
            ([Some("Refund"), Some("Completed"), Some("")], Refund),
            ([Some("Payment"), Some("Completed"), Some("2024-01-05")], NoPurchase(Reason::Cancelled)),
            ([Some("Payment"), Some("Completed"), Some("0000-00-00 00:00:00")], Purchase),
            ([None, Some("strange"), None], Purchase),
        ] {
            assert_eq!(rule.of(values), verdict, "{values:?}");
            assert_eq!((reader.of(values), reader.of(values)), (verdict, verdict), "{values:?}");
        }
    }

    #[test]
    fn flags_say_yes_or_no() {
        let test = rule("is_test", Kind::Flag { counts: false, reason: Reason::Test });
        assert_eq!(
            [one(&test, "1"), one(&test, "false"), one(&test, "B")],
            [NoPurchase(Reason::Test), Purchase, Unknown]
        );
        let paid = rule("paid", Kind::Flag { counts: true, reason: Reason::Unpaid });
        assert_eq!([one(&paid, "Ja"), one(&paid, "no")], [Purchase, NoPurchase(Reason::Unpaid)]);
        let live = rule("livemode", Kind::Flag { counts: true, reason: Reason::Test });
        assert_eq!([one(&live, "Live"), one(&live, "Test")], [Purchase, NoPurchase(Reason::Test)]);
        assert_eq!([one(&test, "Live"), one(&test, "test")], [Purchase, NoPurchase(Reason::Test)]);
        let returned = rule("Returned", Kind::Flag { counts: false, reason: Reason::Refunded });
        for (value, verdict) in [
            ("Returned", NoPurchase(Reason::Refunded)),
            ("Yes", NoPurchase(Reason::Refunded)),
            ("Not Returned", Purchase),
            ("Not", Purchase),
        ] {
            assert_eq!(one(&returned, value), verdict, "{value}");
        }
    }

    #[test]
    fn refunded_orders_are_what_the_source_makes_of_them() {
        let mut rule = rule("status", Kind::State);
        for (refunded, verdict) in [
            (RefundedOrders::NoPurchase, NoPurchase(Reason::Refunded)),
            (RefundedOrders::Purchase, Purchase),
            (RefundedOrders::Refund, Refund),
        ] {
            rule.refunded = refunded;
            assert_eq!(one(&rule, "Refunded"), verdict);
            assert_eq!(one(&rule, "partially_refunded"), Purchase);
        }
    }

    #[test]
    fn lists_of_a_column_go_before_words() {
        let mut rule = rule("status", Kind::State);
        rule.columns[0].keep = vec!["Pending".into()];
        rule.columns[0].drop = vec!["closed".into()];
        rule.columns[0].refund = vec!["Back".into()];
        assert_eq!(one(&rule, "pending"), Purchase);
        assert_eq!(one(&rule, "Closed"), NoPurchase(Reason::Dropped));
        assert_eq!(one(&rule, "back"), Refund);
        assert_eq!(one(&rule, "voided"), NoPurchase(Reason::Cancelled));
    }
}
