//! What is said of columns of status: every value, and what was done with it.

use std::collections::BTreeMap;

use clivia_core::base::Money;
use clivia_core::notes::Note;

use crate::orders::status::evidence::{Counted, StatusEvidence, Values, says_refunded};
use crate::orders::status::words::{Word, Words};
use crate::orders::status::{Kind, RefundedOrders, StatusColumn, StatusRule, Verdict};

/// Values that are named in a sentence.
const NAMED: usize = 6;

impl StatusRule {
    /// What was done with every value, by what was seen of the whole source. `refunds` says whether a column holds what
    /// was given back, `stated` whether a setting names the column, so that its values are said whatever they are.
    pub fn notes(&self, evidence: &StatusEvidence, refunds: bool, stated: bool) -> Vec<Note> {
        let mut notes = Vec::new();
        for column in &self.columns {
            let Some(values) = evidence.columns.get(&column.column) else { continue };
            let unknown = self.values_of(column, values, |verdict| verdict == Verdict::Unknown);
            if !unknown.is_empty() {
                let counted =
                    self.values_of(column, values, |verdict| matches!(verdict, Verdict::Purchase | Verdict::Unknown));
                notes.push(unknown_values(column, values, &unknown, counted.first().map_or("", |(value, _)| value)));
            }
            notes.extend(partly_refunded(column, values).filter(|_| !refunds));
            notes.extend(self.said(column, values, stated));
        }
        notes
    }

    fn values_of<'v>(
        &self,
        column: &StatusColumn,
        values: &'v Values,
        is_wanted: impl Fn(Verdict) -> bool,
    ) -> Vec<(&'v str, Counted)> {
        let verdict = |value: &str| column.verdict(Some(value), self.refunded).unwrap_or(Verdict::Purchase);
        let wanted = values.values.iter().filter(|(value, _)| is_wanted(verdict(value)));
        let mut wanted: Vec<_> = wanted.map(|(value, counted)| (value.as_str(), *counted)).collect();
        wanted.sort_by(|a, b| b.1.rows.cmp(&a.1.rows).then(a.0.cmp(b.0)));
        wanted
    }

    fn said(&self, column: &StatusColumn, values: &Values, stated: bool) -> Option<Note> {
        if let Kind::Moment { reason } = column.kind {
            let all = total(values.values.values());
            let sentence =
                format!("rows with a date in '{}' count as no purchases ({})", column.column, reason.words());
            return (all.rows > 0).then(|| about("status", sentence, all, values));
        }
        let kept = self.values_of(column, values, |verdict| verdict == Verdict::Purchase);
        let refunds = self.values_of(column, values, |verdict| verdict == Verdict::Refund);
        let mut dropped: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (value, counted) in self.values_of(column, values, |verdict| matches!(verdict, Verdict::NoPurchase(_))) {
            if let Some(Verdict::NoPurchase(reason)) = column.verdict(Some(value), self.refunded) {
                dropped.entry(reason).or_default().push((value, counted));
            }
        }
        if dropped.is_empty() && refunds.is_empty() && (!stated || kept.is_empty()) {
            return None;
        }
        let mut parts = Vec::new();
        if !kept.is_empty() {
            parts.push(format!("{} count", list(&kept)));
        }
        if !refunds.is_empty() {
            parts.push(format!("{} lower revenue", list(&refunds)));
        }
        let left_out = total(dropped.values().flatten().map(|(_, counted)| counted));
        parts.extend(dropped.iter().map(|(reason, values)| format!("{} count not ({})", list(values), reason.words())));
        let of_orders = column.kind == Kind::State && self.refunded == RefundedOrders::Purchase;
        if of_orders && values.values.keys().any(|value| says_refunded(value)) {
            parts.push("what was given back is taken off".into());
        }
        let sentence = format!("by '{}': {}", column.column, parts.join("; "));
        Some(about("status", sentence, left_out, values))
    }
}

/// A note of how rows were read, with what is left out.
fn about(code: &str, sentence: String, left_out: Counted, values: &Values) -> Note {
    let note = Note::info(code, sentence).rows(left_out.rows, values.rows() + values.empty);
    let note = note.remedy("to count all rows, set orders.status = \"none\"");
    if left_out.money == Money(0) { note } else { note.money(left_out.money) }
}

/// Values that are not known; `biggest` is the one most rows have that count: sales, most likely.
fn unknown_values(column: &StatusColumn, values: &Values, unknown: &[(&str, Counted)], biggest: &str) -> Note {
    let all = total(unknown.iter().map(|(_, counted)| counted));
    let sentence =
        format!("'{}' holds values that are not known, and their rows count: {}", column.column, list(unknown));
    let others: Vec<&str> = unknown.iter().map(|(value, _)| *value).filter(|value| *value != biggest).collect();
    let note = Note::warning("unknown_status", sentence).rows(all.rows, values.rows() + values.empty).money(all.money);
    note.remedy(leaving_out(&column.column, &others))
}

/// What to set so that rows of these values do not count; where there are none, so that all rows do.
fn leaving_out(column: &str, values: &[&str]) -> String {
    match values {
        [] => "to count all rows, set orders.status = \"none\"".into(),
        values => format!("where they are no purchases, leave their rows out with {}", keeping_all_but(column, values)),
    }
}

/// All values but the one of most rows, those of most rows first.
fn but_the_biggest(values: &Values) -> Vec<&str> {
    by_rows(values).into_iter().skip(1).map(|(value, _)| value).collect()
}

fn by_rows(values: &Values) -> Vec<(&str, Counted)> {
    let mut known: Vec<_> = values.values.iter().map(|(value, counted)| (value.as_str(), *counted)).collect();
    known.sort_by(|a, b| b.1.rows.cmp(&a.1.rows).then(a.0.cmp(b.0)));
    known
}

/// A column of status none of whose values is known.
pub(super) fn not_known(column: &StatusColumn, values: &Values) -> Note {
    let sentence =
        format!("'{}' was not used, since its values are not known: {}", column.column, list(&by_rows(values)));
    Note::warning("status_not_known", sentence).remedy(leaving_out(&column.column, &but_the_biggest(values)))
}

/// A column whose name can mean anything, with a word in it that orders have.
pub(super) fn left_alone(column: &StatusColumn, values: &Values) -> Note {
    let sentence = format!(
        "'{}' was not used, since its values seem to be of another kind: {}",
        column.column,
        list(&by_rows(values))
    );
    Note::warning("status_not_used", sentence).remedy(use_it(column))
}

/// A column of codes.
pub(super) fn codes(column: &StatusColumn, values: &Values) -> Note {
    let shown = values.values.keys().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let sentence = format!("column '{}' ({shown}) was not used, since its values are codes", column.column);
    Note::info("status_codes", sentence).remedy(format!("if they tell which rows are purchases, {}", use_it(column)))
}

/// A column of events none of which is a purchase.
pub(super) fn no_purchases(column: &StatusColumn, values: &Values) -> Note {
    let known = by_rows(values);
    let is_event = |value: &&str| Words::get().value(value) == Some(Word::Event);
    let events: Vec<&str> = known.iter().map(|(value, _)| *value).filter(is_event).collect();
    let sentence = format!("'{}' names what visitors did and no purchase: {}", column.column, list(&known));
    Note::severe("no_purchases", format!("{sentence}; every row counts as one"))
        .remedy(format!("leave out what is no purchase with {}", keeping_all_but(&column.column, &events)))
}

/// A column by which too many rows would be no purchases.
pub(super) fn too_many(column: &StatusColumn, values: &Values) -> Note {
    let lost: Vec<_> = by_rows(values).into_iter().filter(|(value, _)| column.ends(value)).collect();
    let shown = if lost.len() > NAMED { String::new() } else { format!(": {}", list(&lost)) };
    let sentence = format!("'{}' was not used, since too many rows would be no purchases by it{shown}", column.column);
    Note::warning("status_not_used", sentence).remedy(use_it(column))
}

fn use_it(column: &StatusColumn) -> String {
    format!("use it with orders.status = \"{}\"", column.column)
}

fn partly_refunded(column: &StatusColumn, values: &Values) -> Option<Note> {
    let is_partly = |value: &str| Words::get().value(value) == Some(Word::PartlyRefunded);
    let all = total(values.values.iter().filter(|(value, _)| is_partly(value)).map(|(_, counted)| counted));
    let sentence = format!("by '{}', some orders were refunded in part, and no column says how much", column.column);
    (column.kind == Kind::State && all.rows > 0).then(|| {
        Note::warning("partly_refunded", sentence)
            .remedy("name the column of refunded amounts with orders.refunded")
            .rows(all.rows, values.rows() + values.empty)
            .money(all.money)
    })
}

/// `'paid' (95 rows), 'shipped' (3)`.
fn list(values: &[(&str, Counted)]) -> String {
    let named = values.iter().take(NAMED).enumerate();
    let named = named.map(|(place, (value, counted))| match (place, counted.rows) {
        (0, 1) => format!("'{value}' (1 row)"),
        (0, rows) => format!("'{value}' ({rows} rows)"),
        (_, rows) => format!("'{value}' ({rows})"),
    });
    let more = values.len().saturating_sub(NAMED);
    let rest = (more > 0).then(|| format!("{more} other {}", if more == 1 { "value" } else { "values" }));
    named.chain(rest).collect::<Vec<_>>().join(", ")
}

/// The setting that keeps all rows but those of some values; rows without a value stay.
fn keeping_all_but(column: &str, values: &[&str]) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let plain = column.chars().all(is_plain) && !column.starts_with(|c: char| c.is_ascii_digit());
    let column = if plain { column.to_owned() } else { format!("\\\"{column}\\\"") };
    let values = values.iter().map(|value| format!("'{}'", value.replace('\'', "''"))).collect::<Vec<_>>().join(", ");
    format!("orders.where = \"{column} IS NULL OR {column} NOT IN ({values})\"")
}

fn total<'c>(counted: impl Iterator<Item = &'c Counted>) -> Counted {
    counted.fold(Counted::default(), |mut sum, one| {
        sum.rows += one.rows;
        sum.money = Money(sum.money.0.saturating_add(one.money.0));
        sum.negative += one.negative;
        sum
    })
}

#[cfg(test)]
mod tests {
    use clivia_core::notes::Severity;

    use super::*;
    use crate::orders::look::RowAmount;
    use crate::orders::look::tests::{header, look};
    use crate::orders::status::evidence::{Beside, StatusStated};

    fn notes(csv: &str) -> Vec<Note> {
        let stated = StatusStated::default();
        let candidates = StatusRule::candidates(&header(csv), stated, &["amount"]);
        let beside = Beside { amount: Some(RowAmount::Column("amount")), ..Beside::default() };
        let evidence = look(csv, |look| StatusEvidence::of(look, &candidates, beside));
        let (rule, mut notes) = StatusRule::decide(candidates, &evidence, stated);
        notes.extend(rule.into_iter().flat_map(|rule| rule.notes(&evidence, false, false)));
        notes
    }

    #[test]
    fn every_value_is_said_with_what_was_done() {
        let said = notes("amount,status\n9,paid\n8,paid\n7,voided\n6,failed\n5,partially_refunded\n");
        assert_eq!(said.len(), 2);
        assert_eq!(
            said[1].sentence,
            "by 'status': 'paid' (2 rows), 'partially_refunded' (1) count; 'voided' (1 row) count not (cancelled); \
             'failed' (1 row) count not (failed)"
        );
        assert_eq!((said[1].severity, said[1].rows, said[1].money), (Severity::Info, Some(2), Some(Money(130_000))));
        assert_eq!((said[0].code.as_str(), said[0].rows), ("partly_refunded", Some(1)));
    }

    #[test]
    fn values_that_are_not_known_are_said_with_the_setting() {
        let said = notes("amount,Order Status\n9,paid\n8,paid\n7,lost in space\n");
        assert_eq!(said.len(), 1);
        assert_eq!((said[0].code.as_str(), said[0].severity), ("unknown_status", Severity::Warning));
        assert_eq!(
            said[0].remedy,
            "where they are no purchases, leave their rows out with orders.where = \"\\\"Order Status\\\" IS NULL OR \
             \\\"Order Status\\\" NOT IN ('lost in space')\""
        );
    }

    #[test]
    fn the_remedy_names_all_unknown_values_and_never_the_biggest_group_of_sales() {
        let remedy =
            |csv: &str| notes(csv).into_iter().find(|note| note.code == "unknown_status").map(|note| note.remedy);
        let all = remedy("amount,status\n9,paid\n8,paid\n8,paid\n7,open\n7,open\n6,it's odd\n5,cancelled\n");
        assert!(all.is_some_and(|text| text.ends_with("status IS NULL OR status NOT IN ('open', 'it''s odd')\"")));
        let biggest = remedy("amount,status\n9,Closed\n8,Closed\n7,odd\n6,cancelled\n");
        assert!(biggest.is_some_and(|text| text.ends_with("NOT IN ('odd')\"")));
        let alone = remedy("amount,status\n9,Closed\n8,Closed\n6,cancelled\n");
        assert_eq!(alone.as_deref(), Some("to count all rows, set orders.status = \"none\""));
    }

    #[test]
    fn of_yes_and_no_only_what_ends_a_purchase_is_listed() {
        let said = notes("amount,test\n9,0\n8,0\n7,1\n");
        assert_eq!(
            said[0].sentence,
            "'test' was not used, since too many rows would be no purchases by it: '1' (1 row)"
        );
    }

    #[test]
    fn a_stated_column_says_its_values_whatever_they_are() {
        let csv = "amount,Fulfillment Status\n9,fulfilled\n8,fulfilled\n";
        let stated = StatusStated { setting: "Fulfillment Status", ..StatusStated::default() };
        let candidates = StatusRule::candidates(&header(csv), stated, &["amount"]);
        let evidence = look(csv, |look| StatusEvidence::of(look, &candidates, Beside::default()));
        let rule = StatusRule::decide(candidates, &evidence, stated).0.expect("a rule");
        let said = rule.notes(&evidence, false, true);
        assert_eq!(said[0].sentence, "by 'Fulfillment Status': 'fulfilled' (2 rows) count");
        assert!(rule.notes(&evidence, false, false).is_empty());
    }

    #[test]
    fn where_all_rows_count_nothing_is_said() {
        assert!(notes("amount,status\n9,paid\n8,shipped\n").is_empty());
        assert!(notes("amount,status,cancelled_at\n9,paid,\n8,shipped,\n").is_empty());
        assert_eq!(notes("amount,cancelled_at\n9,\n8,2024-01-01\n7,\n").len(), 1);
    }
}
