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
    /// was given back.
    pub fn notes(&self, evidence: &StatusEvidence, refunds: bool) -> Vec<Note> {
        let mut notes = Vec::new();
        for column in &self.columns {
            let Some(values) = evidence.columns.get(&column.column) else { continue };
            let unknown = self.values_of(column, values, |verdict| verdict == Verdict::Unknown);
            if !unknown.is_empty() {
                notes.push(unknown_values(column, values, &unknown));
            }
            notes.extend(partly_refunded(column, values).filter(|_| !refunds));
            notes.extend(self.said(column, values));
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

    fn said(&self, column: &StatusColumn, values: &Values) -> Option<Note> {
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
        if dropped.is_empty() && refunds.is_empty() {
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

fn unknown_values(column: &StatusColumn, values: &Values, unknown: &[(&str, Counted)]) -> Note {
    let all = total(unknown.iter().map(|(_, counted)| counted));
    let sentence =
        format!("'{}' holds values that are not known, and their rows count: {}", column.column, list(unknown));
    let first = unknown.first().map_or("", |(value, _)| value);
    Note::warning("unknown_status", sentence)
        .remedy(format!("leave rows out with {}", keeping_all_but(&column.column, first)))
        .rows(all.rows, values.rows() + values.empty)
        .money(all.money)
}

/// A column of status none of whose values is known.
pub(super) fn not_known(column: &StatusColumn, values: &Values) -> Note {
    let mut known: Vec<_> = values.values.iter().map(|(value, counted)| (value.as_str(), *counted)).collect();
    known.sort_by(|a, b| b.1.rows.cmp(&a.1.rows).then(a.0.cmp(b.0)));
    let sentence = format!("'{}' was not used, since its values are not known: {}", column.column, list(&known));
    let first = known.first().map_or("", |(value, _)| value);
    Note::warning("status_not_known", sentence)
        .remedy(format!("leave rows out with {}", keeping_all_but(&column.column, first)))
}

/// A column of events none of which is a purchase.
pub(super) fn no_purchases(column: &StatusColumn, values: &Values) -> Note {
    let known: Vec<_> = values.values.iter().map(|(value, counted)| (value.as_str(), *counted)).collect();
    let sentence = format!("'{}' names what visitors did and no purchase: {}", column.column, list(&known));
    Note::severe("no_purchases", format!("{sentence}; every row counts as one"))
        .remedy(format!("keep the rows of purchases with {}", keeping_all_but(&column.column, "view")))
}

/// A column by which too many rows would be no purchases.
pub(super) fn too_many(column: &StatusColumn, values: &Values) -> Note {
    let known: Vec<_> = values.values.iter().map(|(value, counted)| (value.as_str(), *counted)).collect();
    let shown = if known.len() > NAMED { String::new() } else { format!(": {}", list(&known)) };
    let sentence = format!("'{}' was not used, since too many rows would be no purchases by it{shown}", column.column);
    Note::warning("status_not_used", sentence).remedy(format!("use it with orders.status = \"{}\"", column.column))
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

/// The setting that keeps all rows but those of a value.
fn keeping_all_but(column: &str, value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let plain = column.chars().all(is_plain) && !column.starts_with(|c: char| c.is_ascii_digit());
    let column = if plain { column.to_owned() } else { format!("\\\"{column}\\\"") };
    format!("orders.where = \"{column} <> '{}'\"", value.replace('\'', "''"))
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
        notes.extend(rule.into_iter().flat_map(|rule| rule.notes(&evidence, false)));
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
        assert_eq!(said[0].remedy, "leave rows out with orders.where = \"\\\"Order Status\\\" <> 'lost in space'\"");
    }

    #[test]
    fn where_all_rows_count_nothing_is_said() {
        assert!(notes("amount,status\n9,paid\n8,shipped\n").is_empty());
        assert!(notes("amount,status,cancelled_at\n9,paid,\n8,shipped,\n").is_empty());
        assert_eq!(notes("amount,cancelled_at\n9,\n8,2024-01-01\n7,\n").len(), 1);
    }
}
