//! What the values of columns of status and type come to, and whether these columns are what their names say.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use clivia_core::base::Money;
use clivia_core::notes::Note;

use crate::columns::normal;
use crate::orders::look::{Look, RowAmount};
use crate::orders::status::words::{Word, Words};
use crate::orders::status::{Kind, Reason, RefundedOrders, StatusColumn, StatusRule, notes};

/// Values of a column that are told apart; with more it is none of status.
const MOST_VALUES: usize = 200;

/// Rows with one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counted {
    /// How many.
    pub rows: u64,
    /// Their amounts, where there are any.
    pub money: Money,
    /// Those with a negative amount.
    pub negative: u64,
}

/// The values of a column.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Values {
    pub(super) empty: u64,
    pub(super) values: BTreeMap<String, Counted>,
    too_many: bool,
}

/// What was seen of the columns that may say what a row is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StatusEvidence {
    pub(super) columns: BTreeMap<String, Values>,
    /// Rows of refunded orders.
    refunded: u64,
    /// Those of them whose refunded amount is known.
    with_refund: u64,
    /// Those of them whose order has rows that are not refunded, too.
    beside: u64,
}

/// The other columns that a status is looked at with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'a> {
    /// For how much.
    pub amount: Option<RowAmount<'a>>,
    /// In which order.
    pub order: Option<&'a str>,
    /// How much of it was given back.
    pub refunded: Option<&'a str>,
}

impl Counted {
    fn add(&mut self, other: Counted) {
        self.rows += other.rows;
        self.money = Money(self.money.0.saturating_add(other.money.0));
        self.negative += other.negative;
    }
}

impl Values {
    fn add(&mut self, value: Option<&str>, counted: Counted) {
        match value {
            None => self.empty += counted.rows,
            Some(_) if self.too_many => {}
            Some(value) => match self.values.get_mut(value) {
                Some(known) => known.add(counted),
                None => {
                    self.values.insert(value.into(), counted);
                    self.limit();
                }
            },
        }
    }

    fn merge(&mut self, other: &Values) {
        self.empty += other.empty;
        self.too_many |= other.too_many;
        other.values.iter().for_each(|(value, counted)| self.add(Some(value), *counted));
        self.limit();
    }

    /// So that no order of rows makes a difference, all is forgotten of a column with too many values.
    fn limit(&mut self) {
        self.too_many |= self.values.len() > MOST_VALUES;
        if self.too_many {
            self.values.clear();
        }
    }

    /// Rows with a value.
    pub(super) fn rows(&self) -> u64 {
        self.values.values().map(|counted| counted.rows).sum()
    }

    /// The share of the rows with a value for which something holds.
    fn share(&self, holds: impl Fn(&str) -> bool) -> f64 {
        let held: u64 = self.values.iter().filter(|(value, _)| holds(value)).map(|(_, counted)| counted.rows).sum();
        if held == 0 { 0.0 } else { held as f64 / self.rows() as f64 }
    }

    fn any(&self, holds: impl Fn(Word) -> bool) -> bool {
        self.values.keys().filter_map(|value| Words::get().value(value)).any(holds)
    }
}

impl StatusEvidence {
    /// Looks at the candidates in some rows.
    pub fn of(look: &Look, candidates: &[StatusColumn], beside: Beside) -> Self {
        let mut evidence = StatusEvidence::default();
        for candidate in candidates {
            let values = evidence.columns.entry(candidate.column.clone()).or_default();
            for row in 0..look.rows() {
                let value = look.name(&candidate.column, row);
                let money = beside.amount.and_then(|amount| look.amount(amount, row)).unwrap_or_default();
                let counted = Counted { rows: 1, money, negative: u64::from(money < Money(0)) };
                values.add(value.as_deref().filter(|value| is_value(candidate.kind, value)), counted);
            }
        }
        for candidate in candidates.iter().filter(|candidate| candidate.kind == Kind::State) {
            evidence.look_at_refunds(look, candidate, beside);
        }
        evidence
    }

    fn look_at_refunds(&mut self, look: &Look, state: &StatusColumn, beside: Beside) {
        let is_refunded = |row| look.name(&state.column, row).is_some_and(|value| says_refunded(&value));
        let order = |row| beside.order.and_then(|order| look.name(order, row));
        let bought = (0..look.rows()).filter(|&row| !is_refunded(row)).filter_map(order).collect::<BTreeSet<_>>();
        for row in (0..look.rows()).filter(|&row| is_refunded(row)) {
            let refund = beside.refunded.and_then(|column| look.money(column, row));
            self.refunded += 1;
            self.with_refund += u64::from(refund.is_some_and(|refund| refund != Money(0)));
            self.beside += u64::from(order(row).is_some_and(|order| bought.contains(&order)));
        }
    }

    /// The same, with what was seen of other rows.
    pub fn merge(&mut self, other: &StatusEvidence) {
        for (column, values) in &other.columns {
            self.columns.entry(column.clone()).or_default().merge(values);
        }
        self.refunded += other.refunded;
        self.with_refund += other.with_refund;
        self.beside += other.beside;
    }

    /// Whether further rows may tell what some do not.
    pub(crate) fn is_open(&self) -> bool {
        self.columns.values().any(|values| !values.too_many)
    }

    /// Whether a column is what its name says, and the note where that is not clear.
    fn judge(&self, candidate: StatusColumn, stated: bool) -> (Option<StatusColumn>, Option<Note>) {
        let Some(values) = self.columns.get(&candidate.column) else { return (stated.then_some(candidate), None) };
        let filled = values.rows() as f64 / (values.rows() + values.empty).max(1) as f64;
        match candidate.kind {
            Kind::State | Kind::Type => {
                let events = values.any(|word| word == Word::Event) && values.any(|word| word == Word::Purchase);
                let events = events && candidate.kind == Kind::Type;
                if stated || events || is_of(candidate.kind, values) || says_no_purchase(&candidate, values) {
                    return (Some(StatusColumn { events: events || candidate.events, ..candidate }), None);
                }
                (None, not_used(&candidate, values))
            }
            Kind::Moment { .. } if stated || filled <= 0.5 => (Some(candidate), None),
            Kind::Flag { .. } | Kind::MaybeTest if values.share(|value| candidate.answers(value)) < 0.95 => {
                (stated.then_some(candidate), None)
            }
            // Where only one answer is written, an empty cell is the other.
            Kind::Flag { counts, .. } => {
                let lost = values.share(|value| candidate.ends(value)) * if counts { 1.0 } else { filled };
                let used = stated || lost <= 0.5;
                flag_or_note(used, candidate, values)
            }
            Kind::MaybeTest => {
                let used = stated || values.share(|value| candidate.ends(value)) * filled <= 0.2;
                flag_or_note(used, candidate, values)
            }
            Kind::Moment { .. } if values.rows() == 0 => (None, None),
            Kind::Moment { .. } => (None, Some(notes::too_many(&candidate, values))),
        }
    }

    /// What an order is that has been refunded.
    fn refunded(&self, rule: &StatusRule) -> RefundedOrders {
        let states = || rule.columns.iter().filter(|column| column.kind == Kind::State);
        let counted = states().filter_map(|state| self.columns.get(&state.column));
        let of_refunded = counted.flat_map(|values| values.values.iter().filter(|(value, _)| says_refunded(value)));
        let (rows, negative) = of_refunded.fold((0, 0), |sum, (_, one)| (sum.0 + one.rows, sum.1 + one.negative));
        let types = rule.columns.iter().filter(|column| column.kind == Kind::Type);
        let mut refunds = types.filter_map(|column| self.columns.get(&column.column));
        let mut have_rows = || refunds.any(|values| values.any(|word| word == Word::Refund));
        if 2 * negative > rows {
            RefundedOrders::Refund
        } else if 2 * self.with_refund > self.refunded || have_rows() {
            RefundedOrders::Purchase
        } else if 2 * self.beside > self.refunded {
            RefundedOrders::Refund
        } else {
            RefundedOrders::NoPurchase
        }
    }
}

/// What a status may be decided by.
#[derive(Debug, Clone, Copy, Default)]
pub struct StatusStated<'a> {
    /// `orders.status`: a column, `none`, or empty where it is to be found out.
    pub setting: &'a str,
    /// The columns of the profile, with their lists.
    pub profile: &'a [StatusColumn],
}

impl StatusRule {
    /// The columns that may say what a row is, by their names; `except` plays another part.
    pub fn candidates(header: &[String], stated: StatusStated, except: &[&str]) -> Vec<StatusColumn> {
        match stated.setting {
            "none" => Vec::new(),
            "" if !stated.profile.is_empty() => stated.profile.to_vec(),
            "" => {
                let free = header.iter().filter(|name| !except.contains(&name.as_str()));
                free.filter_map(|name| Some(StatusColumn::new(name, Words::get().kind(name)?))).collect()
            }
            named => {
                let column = header
                    .iter()
                    .find(|name| **name == named)
                    .or_else(|| header.iter().find(|name| normal(name) == normal(named)));
                column.map(|name| StatusColumn::new(name, StatusColumn::kind_of(name))).into_iter().collect()
            }
        }
    }

    /// Which rows are purchases, by what was seen of the candidates, and what is to be said of columns that were not
    /// used; `None` where no column says so.
    pub fn decide(
        candidates: Vec<StatusColumn>,
        evidence: &StatusEvidence,
        stated: StatusStated,
    ) -> (Option<StatusRule>, Vec<Note>) {
        let is_stated = !stated.setting.is_empty() || !stated.profile.is_empty();
        let (mut rule, mut notes) = (StatusRule::default(), Vec::new());
        for candidate in candidates {
            let (used, note) = evidence.judge(candidate, is_stated);
            rule.columns.extend(used);
            notes.extend(note);
        }
        rule.refunded = evidence.refunded(&rule);
        (Some(rule).filter(|rule| !rule.columns.is_empty()), notes)
    }
}

/// Whether a cell has something to say; of a time, only that there is one.
fn is_value(kind: Kind, value: &str) -> bool {
    match kind {
        Kind::Moment { reason } => super::moment(Some(value), reason) != super::Verdict::Purchase,
        _ => true,
    }
}

/// A column of yes and no that is used, or what is said of one that is not.
fn flag_or_note(used: bool, column: StatusColumn, values: &Values) -> (Option<StatusColumn>, Option<Note>) {
    let note = (!used && values.rows() > 0).then(|| notes::too_many(&column, values));
    (used.then_some(column), note)
}

/// Whether a state says that the money was given back.
pub(super) fn says_refunded(value: &str) -> bool {
    matches!(Words::get().value(value), Some(Word::Refund | Word::Refunded))
}

/// Whether most values are words of this kind, and a type names what is bought or given back.
fn is_of(kind: Kind, values: &Values) -> bool {
    let is_word = |word| !matches!((kind, word), (Kind::State, Word::Event | Word::No(Reason::Transfer)));
    let known = values.share(|value| Words::get().value(value).is_some_and(is_word));
    let about_buying = |word| matches!(word, Word::Purchase | Word::Refund | Word::Refunded | Word::PartlyRefunded);
    known >= 0.5 && (kind == Kind::State || values.any(about_buying))
}

/// Whether a state has a word for what is no purchase: it says so, however many of its other values are not known. One
/// that is also of people, who are active and inactive, says what became of them.
fn says_no_purchase(column: &StatusColumn, values: &Values) -> bool {
    let is_of_people = is_bare(column) && values.values.keys().any(|value| OF_PEOPLE.contains(&normal(value).as_str()));
    column.kind == Kind::State && !is_of_people && values.any(ends_purchase)
}

fn ends_purchase(word: Word) -> bool {
    match word {
        Word::No(reason) => reason != Reason::Transfer,
        Word::Refund | Word::Refunded => true,
        Word::Purchase | Word::PartlyRefunded | Word::Event => false,
    }
}

/// What people are, and orders are not.
#[rustfmt::skip]
const OF_PEOPLE: &[&str] = &[
    "active", "inactive", "aktiv", "inaktiv", "aktywny", "nieaktywny", "actif", "inactif", "activo", "inactivo",
    "gold", "silver", "bronze", "platinum", "vip", "premium", "member", "single", "married", "divorced", "widowed",
];

/// What is said of a column that may be one of status or type and is not used.
fn not_used(column: &StatusColumn, values: &Values) -> Option<Note> {
    let is_type = column.kind == Kind::Type;
    if values.rows() == 0 {
        None
    } else if is_type && values.any(|word| word == Word::Event) {
        Some(notes::no_purchases(column, values))
    } else if !is_bare(column) {
        Some(notes::not_known(column, values))
    } else if values.any(ends_purchase) {
        Some(notes::left_alone(column, values))
    } else if are_codes(column.kind, values) {
        Some(notes::codes(column, values))
    } else {
        are_unknown_words(column, values).then(|| notes::not_known(column, values))
    }
}

/// Whether a column that is called a status holds a few words of which none is known, in a language that is not, say.
fn are_unknown_words(column: &StatusColumn, values: &Values) -> bool {
    let name = normal(&column.column);
    let is_word = |value: &String| normal(value).chars().filter(|letter| letter.is_alphabetic()).count() > 3;
    let known = values.values.keys();
    let of_people = values.values.keys().any(|value| OF_PEOPLE.contains(&normal(value).as_str()));
    column.kind == Kind::State
        && !["state", "estado", "stato", "etat"].contains(&name.as_str())
        && (2..=8).contains(&known.len())
        && !of_people
        && known.into_iter().all(is_word)
}

/// Whether values are codes that say nothing by themselves: numbers and letters, credit and debit.
fn are_codes(kind: Kind, values: &Values) -> bool {
    let known: Vec<String> = values.values.keys().map(|value| normal(value)).collect();
    let is_number = |value: &String| value.len() <= 3 && value.bytes().all(|digit| digit.is_ascii_digit());
    let is_letter = |value: &String| value.chars().count() == 1;
    let is_sign = |value: &String| ["credit", "debit", "cr", "dr"].contains(&value.as_str());
    let most = if kind == Kind::Type { 2 } else { 12 };
    let few = (2..=most).contains(&known.len()) && known.iter().all(|value| !value.is_empty());
    few && (known.iter().all(|value| is_number(value) || is_letter(value)) || known.iter().all(is_sign))
}

/// Whether a name is so common that it can mean anything.
fn is_bare(column: &StatusColumn) -> bool {
    const BARE: [&str; 11] =
        ["status", "state", "stage", "stan", "statut", "etat", "estado", "stato", "stare", "статус", "състояние"];
    column.kind == Kind::Type || BARE.contains(&normal(&column.column).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orders::look::tests::{header, look};
    use crate::orders::status::Verdict;

    const BESIDE: Beside = Beside { amount: Some(RowAmount::Column("amount")), order: Some("order"), refunded: None };

    fn decided_with(csv: &str, stated: StatusStated, beside: Beside) -> (Option<StatusRule>, Vec<Note>) {
        let candidates = StatusRule::candidates(&header(csv), stated, &["amount", "order", "refund"]);
        let evidence = look(csv, |look| StatusEvidence::of(look, &candidates, beside));
        StatusRule::decide(candidates, &evidence, stated)
    }

    fn decided(csv: &str) -> Option<StatusRule> {
        decided_with(csv, StatusStated::default(), BESIDE).0
    }

    /// A table of one column beside order and amount.
    fn table(column: &str, values: &[&str]) -> String {
        let rows = values.iter().enumerate().map(|(row, value)| format!("{row},9.50,{value}\n"));
        format!("order,amount,{column}\n{}", rows.collect::<String>())
    }

    #[test]
    fn a_status_is_one_by_name_and_values() {
        for (column, values) in [
            ("Financial Status", ["paid", "paid", "voided", "partially_refunded"]),
            ("status", ["wc-completed", "wc-processing", "wc-failed", "wc-completed"]),
            ("order_status", ["delivered", "shipped", "canceled", "strange"]),
            ("Bestellstatus", ["bezahlt", "Versendet", "storniert", "geliefert"]),
            ("Status zamówienia", ["opłacone", "wysłane", "anulowane", "nowe"]),
            ("Type", ["Order", "Order", "Refund", "Order"]),
            ("event_name", ["page_view", "purchase", "scroll", "our_own"]),
            ("is_test", ["0", "0", "1", "0"]),
            ("cancelled_at", ["", "", "2024-01-05", ""]),
            ("captured", ["true", "true", "false", "true"]),
            ("item_status", ["sold", "sold", "cancelled", "sold"]),
            ("trans_type", ["SALE", "SALE", "RETURN", "SALE"]),
            ("Mode", ["Live", "Live", "Test", "Live"]),
            ("livemode", ["live", "live", "test", "live"]),
            ("Returned", ["Not Returned", "Not Returned", "Returned", "Not Returned"]),
            ("Returned", ["", "", "Yes", ""]),
        ] {
            let rule = decided(&table(column, &values)).unwrap_or_else(|| panic!("{column} is a status"));
            let verdicts = values.map(|value| rule.of([Some(value)]));
            assert_eq!(verdicts[0] == Verdict::Purchase, column != "event_name", "{column}");
            assert!(verdicts[2] != Verdict::Purchase, "{column}");
        }
    }

    #[test]
    fn a_column_that_means_something_else_is_left_alone() {
        for (column, values) in [
            ("status", ["gold", "silver", "gold", "active"]),
            ("state", ["CA", "NY", "Kentucky", "WA"]),
            ("type", ["online", "store", "online", "phone"]),
            ("type", ["card", "transfer", "transfer", "cash"]),
            ("event", ["Black Friday", "none", "Christmas", "none"]),
            ("event_name", ["page_view", "scroll", "page_view", "click"]),
            ("Fulfillment Status", ["fulfilled", "pending", "cancelled", "fulfilled"]),
            ("test", ["A", "B", "B", "A"]),
            ("test", ["1", "0", "1", "0"]),
            ("refunded", ["0", "12.50", "3.10", "2.00"]),
            ("customer_status", ["new", "cancelled", "new", "new"]),
            ("deleted_at", ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04"]),
        ] {
            assert_eq!(decided(&table(column, &values)), None, "{column}");
        }
    }

    #[test]
    fn a_word_for_no_purchase_is_enough_whatever_the_others_are() {
        for (column, values, dropped) in [
            ("status", ["Closed", "Cancelled", "Closed", "Closed"], 1),
            ("Order Status", ["Done", "Refunded", "Done", "Done"], 1),
            ("Estado", ["Servido", "Servido", "Anulado", "Servido"], 2),
            ("status", ["A", "I", "cancelled", "A"], 2),
        ] {
            let rule = decided(&table(column, &values)).unwrap_or_else(|| panic!("{column} is a status"));
            let verdicts = values.map(|value| rule.of([Some(value)]));
            let expected = [0, 1, 2, 3].map(|row| row == dropped);
            assert_eq!(verdicts.map(|verdict| matches!(verdict, Verdict::NoPurchase(_))), expected, "{column}");
        }
        assert_eq!(decided(&table("status", &["active", "inactive", "expired", "active"])), None);
        assert_eq!(decided(&table("type", &["online", "store", "return", "phone"])), None);
    }

    #[test]
    fn what_was_not_used_and_might_have_been_is_said() {
        let codes = |csv: &str| {
            let (_, notes) = decided_with(csv, StatusStated::default(), BESIDE);
            notes.into_iter().map(|note| note.code).collect::<Vec<_>>()
        };
        assert_eq!(codes(&table("order_status", &["3", "5", "7", "3"])), ["status_not_known"]);
        assert_eq!(codes(&table("test", &["1", "0", "1", "0"])), ["status_not_used"]);
        assert_eq!(codes(&table("event", &["page_view", "scroll", "click", "scroll"])), ["no_purchases"]);
        assert!(codes(&table("status", &["gold", "silver", "gold", "gold"])).is_empty());
        assert!(codes(&table("test", &["A", "B", "A", "B"])).is_empty());
        assert_eq!(codes(&table("status", &["1", "2", "6", "1"])), ["status_codes"]);
        assert_eq!(codes(&table("status", &["O", "X", "O", "O"])), ["status_codes"]);
        assert_eq!(codes(&table("type", &["credit", "debit", "credit", "credit"])), ["status_codes"]);
        assert_eq!(codes(&table("status", &["active", "expired", "active", "active"])), ["status_not_used"]);
        assert!(codes(&table("type", &["A", "B", "C", "A"])).is_empty());
        assert!(codes(&table("state", &["CA", "NY", "WA", "CA"])).is_empty());
        assert!(codes(&table("mode", &["card", "cash", "card", "cash"])).is_empty());
        assert!(codes(&table("mode", &["1", "0", "1", "1"])).is_empty());
    }

    #[test]
    fn refunded_orders_are_read_as_the_source_writes_them() {
        let refunded =
            |csv: &str, beside| decided_with(csv, StatusStated::default(), beside).0.map(|rule| rule.refunded);
        let alone = table("status", &["paid", "refunded", "paid", "paid"]);
        assert_eq!(refunded(&alone, BESIDE), Some(RefundedOrders::NoPurchase));
        let with_column = "order,amount,refund,status\n1,9,0,paid\n2,9,9,refunded\n3,8,4,partially_refunded\n";
        let beside = Beside { refunded: Some("refund"), ..BESIDE };
        assert_eq!(refunded(with_column, beside), Some(RefundedOrders::Purchase));
        let unfilled = "order,amount,refund,status\n1,9,0,paid\n2,9,0,refunded\n3,8,0,paid\n";
        assert_eq!(refunded(unfilled, beside), Some(RefundedOrders::NoPurchase));
        let negative = "order,amount,status\n1,9,paid\n1,-9,refunded\n3,8,paid\n";
        assert_eq!(refunded(negative, BESIDE), Some(RefundedOrders::Refund));
        let of_its_own = "order,amount,status\n1,9,paid\n1,9,refunded\n3,8,paid\n";
        assert_eq!(refunded(of_its_own, BESIDE), Some(RefundedOrders::Refund));
        let by_type =
            "order,amount,type,status\n1,9,Payment,Refunded\n2,-9,Payment Refund,Completed\n3,8,Payment,Completed\n";
        assert_eq!(refunded(by_type, BESIDE), Some(RefundedOrders::Purchase));
    }

    #[test]
    fn a_setting_goes_before_what_is_found() {
        let csv = "order,amount,status,phase\n1,9,paid,won\n2,9,voided,cancelled\n3,9,paid,won\n";
        let columns = |setting| {
            let stated = StatusStated { setting, ..StatusStated::default() };
            let rule = decided_with(csv, stated, BESIDE).0;
            rule.map(|rule| rule.columns.into_iter().map(|column| column.column).collect::<Vec<_>>())
        };
        assert_eq!(columns(""), Some(vec!["status".to_string()]));
        assert_eq!(columns("none"), None);
        assert_eq!(columns("Phase"), Some(vec!["phase".to_string()]));
    }

    #[test]
    fn evidence_of_parts_is_that_of_the_whole() {
        let values: Vec<String> = (0..300).map(|row| format!("v{}", row % 150)).collect();
        for values in [values, (0..300).map(|row| format!("v{row}")).collect()] {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            let of = |values: &[&str]| {
                let csv = table("status", values);
                let candidates = StatusRule::candidates(&header(&csv), StatusStated::default(), &[]);
                look(&csv, |look| StatusEvidence::of(look, &candidates, Beside::default()))
            };
            let (mut first, second) = (of(&values[..100]), of(&values[100..]));
            let mut other = second.clone();
            first.merge(&second);
            other.merge(&of(&values[..100]));
            assert_eq!((&first, &other), (&of(&values), &first));
        }
    }
}
