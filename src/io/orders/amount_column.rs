//! Which amount is meant: a total, a price times a quantity, or an order's total that stands on each of its lines.

mod evidence;
mod names;

use serde::{Deserialize, Serialize};

use clivia_core::base::Money;
use clivia_core::notes::Note;

use crate::error::{Question, Reading};
use crate::orders::look::Look;
pub use evidence::AmountEvidence;
use evidence::is_percentage;
pub use names::{AmountNames, AmountStated};

/// Whose amount a row holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AmountPer {
    /// As the values show.
    #[default]
    Auto,
    /// That of its own line.
    Line,
    /// That of the whole order, on each of its lines.
    Order,
}

/// Where the amount of a row comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmountSource {
    /// A column.
    Column(String),
    /// An expression over columns.
    Expression(String),
    /// A column that repeats the order's total on each line: it counts on the first line of an order and is zero on the
    /// others.
    OncePerOrder(String),
}

/// Rows that go on with the order of the row before and leave its fields empty: no purchases of their own, and nothing
/// is missing in them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Continuation {
    /// The column that says which order it is.
    pub order: String,
    /// The columns that are empty in such a row.
    pub empty: Vec<String>,
}

/// How the amount of a row is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AmountChoice {
    /// Where it comes from.
    pub from: AmountSource,
    /// The column of what was given back of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refunded: Option<String>,
    /// Rows that go on with an order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continuation: Option<Continuation>,
}

/// What is left of an amount after what was given back of it, however that is signed; `None` where nothing is left, so
/// that it was no purchase.
pub fn left(amount: Money, refunded: Money) -> Option<Money> {
    let back = Money(refunded.0.saturating_abs());
    let rest = Money(amount.0.saturating_sub(back.0));
    (back == Money(0) || rest > Money(0)).then_some(rest)
}

type Decided = Result<(AmountChoice, Vec<Note>), Box<Question>>;

impl AmountChoice {
    fn of(from: AmountSource) -> Self {
        AmountChoice { from, refunded: None, continuation: None }
    }

    /// The amount that the names and the values of a source tell; `None` where it has none.
    ///
    /// # Errors
    /// [`Question`] where two readings give different totals and the values do not settle it.
    pub fn decide(
        file: &str,
        names: &AmountNames,
        seen: &AmountEvidence,
        per: AmountPer,
    ) -> Result<Option<(AmountChoice, Vec<Note>)>, Box<Question>> {
        let asked = Asked { file, names, seen };
        let decided = match (&names.expression, &names.total, &names.price) {
            (Some(text), _, _) => Ok((AmountChoice::of(AmountSource::Expression(text.clone())), Vec::new())),
            (None, Some(total), _) => asked.by_total(total, per),
            (None, None, Some(price)) => asked.by_price(price),
            (None, None, None) => return Ok(None),
        };
        let (mut choice, mut notes) = decided?;
        asked.add_refunds(&mut choice, &mut notes);
        Ok(Some((choice, notes)))
    }
}

/// Names, values, and the file for messages.
struct Asked<'a> {
    file: &'a str,
    names: &'a AmountNames,
    seen: &'a AmountEvidence,
}

impl Asked<'_> {
    /// No total: a price, times a quantity where there is one.
    fn by_price(&self, price: &str) -> Decided {
        let column = || AmountChoice::of(AmountSource::Column(price.into()));
        let Some(quantity) = self.names.quantity.as_deref().filter(|_| self.seen.quantities_are_numbers()) else {
            let alone = format!("'{price}' is taken as the amount of a row, and there is no quantity beside it");
            let notes = self.names.price_is_of_a_unit.then(|| Note::info("price_without_quantity", alone));
            return Ok((column(), notes.into_iter().collect()));
        };
        let votes = &self.seen.price_votes;
        let product = product(quantity, price);
        let settled = self.names.price_is_of_a_unit && votes.against == 0;
        if settled || votes.is_for() || votes.are_few() {
            let sentence = format!("'{price}' is the price of one piece: the amount of a row is {product}");
            let note =
                Note::info("unit_price", sentence).remedy(format!("if it is that of a row, set {}", setting(price)));
            let notes = self.discount(&product).into_iter().chain([note]).collect();
            return Ok((AmountChoice::of(AmountSource::Expression(product)), notes));
        }
        if votes.is_against() {
            let sentence = format!("'{price}' grows with '{quantity}', so that it is the amount of a row as it stands");
            let note =
                Note::info("price_of_line", sentence).remedy(format!("else set {}", expression_setting(&product)));
            return Ok((column(), vec![note]));
        }
        let readings = vec![
            reading(
                format!("'{price}' is the price of one piece"),
                self.seen.sums.product,
                expression_setting(&product),
            ),
            reading(format!("'{price}' is the price of the whole row"), self.seen.sums.price, setting(price)),
        ];
        let seen = format!("some of its values are prices of one piece by '{quantity}', others of the whole row");
        Err(self.question(price, seen, readings))
    }

    /// A discount that a product leaves in.
    fn discount(&self, product: &str) -> Option<Note> {
        let discount = self.names.discount.as_deref().filter(|_| self.seen.discounts > 0)?;
        let less = match self.seen.discounts_of_money {
            _ if is_percentage(discount) => format!("{product} * (1 - {} / 100)", quoted(discount)),
            0 => format!("{product} * (1 - {})", quoted(discount)),
            _ => format!("{product} - {}", quoted(discount)),
        };
        let kinds = if is_percentage(discount) { "a percentage" } else { "money of the row, or a share of it" };
        let sentence = format!("'{discount}' is not taken off the amount: it may be {kinds}");
        let note = Note::warning("discount_not_used", sentence).rows(self.seen.discounts, self.seen.rows);
        Some(note.remedy(format!("to take it off, set {}", expression_setting(&less))))
    }

    /// A total: of the row, or of its order.
    fn by_total(&self, total: &str, per: AmountPer) -> Decided {
        if let Some(question) = self.pieces(total) {
            return Err(question);
        }
        let (total, mut notes) = self.the_total(total)?;
        let mut choice = AmountChoice::of(AmountSource::Column(total.into()));
        if let Some(order) = self.names.order.as_ref().filter(|_| self.seen.goes_on()) {
            let sentence = format!(
                "rows without '{total}' go on with the order of the row before, so that an order counts once and nothing \
                 is missing in them"
            );
            notes.push(Note::info("order_continued", sentence).rows(self.seen.continued, self.seen.rows));
            choice.continuation = Some(Continuation { order: order.clone(), empty: vec![total.into()] });
        }
        match per {
            AmountPer::Line => {}
            AmountPer::Order if self.names.order.is_some() => choice.from = AmountSource::OncePerOrder(total.into()),
            AmountPer::Order => notes.push(no_order(total)),
            AmountPer::Auto => self.once_per_order(total, &mut choice, &mut notes)?,
        }
        Ok((choice, notes))
    }

    /// An amount of pieces beside a price of one.
    fn pieces(&self, total: &str) -> Option<Box<Question>> {
        let price = self.names.price.as_deref()?;
        let doubtful = !self.names.stated && self.names.quantity.is_none() && self.seen.total_counts_pieces();
        doubtful.then(|| {
            let product = product(total, price);
            let readings = vec![
                reading(
                    format!("'{total}' is a number of pieces"),
                    self.seen.sums.product,
                    expression_setting(&product),
                ),
                reading(format!("'{total}' is money"), self.seen.sums.total, setting(total)),
            ];
            self.question(total, format!("it holds small whole numbers, and '{price}' stands beside it"), readings)
        })
    }

    /// The one of two totals that is meant.
    fn the_total<'t>(&'t self, total: &'t str) -> Result<(&'t str, Vec<Note>), Box<Question>> {
        let with_parts = |without: &str| {
            let sentence = format!("'{total}' is taken: it is '{without}' with tax, shipping or discount");
            Note::info("total_with_parts", sentence).remedy(format!("else set {}", setting(without)))
        };
        let subtotal = self.names.subtotal.as_deref().filter(|_| !self.names.stated && !self.names.parts.is_empty());
        let Some(other) = self.names.other_total.as_deref() else {
            return Ok((total, subtotal.map(with_parts).into_iter().collect()));
        };
        let pair = &self.seen.pair;
        if pair.other_includes_total() {
            let sentence = format!("'{other}' is taken: it is '{total}' with tax, shipping or discount");
            return Ok((
                other,
                vec![Note::info("total_with_parts", sentence).remedy(format!("else set {}", setting(total)))],
            ));
        }
        if !pair.is_empty() && !pair.alike() && pair.total_includes_other() {
            return Ok((total, vec![with_parts(other)]));
        }
        if pair.alike() || pair.total_includes_other() || pair.is_empty() {
            return Ok((total, Vec::new()));
        }
        let readings = [(total, self.seen.sums.total), (other, self.seen.sums.other)];
        let readings = readings.map(|(name, sum)| reading(format!("the amount is '{name}'"), sum, setting(name)));
        Err(self.question(
            "",
            format!("'{total}' and '{other}' can both be the amount, and they differ"),
            readings.into(),
        ))
    }

    /// A total that is the same on all lines of an order.
    fn once_per_order(
        &self,
        total: &str,
        choice: &mut AmountChoice,
        notes: &mut Vec<Note>,
    ) -> Result<(), Box<Question>> {
        let seen = self.seen;
        if total != seen.looked_at || !seen.repeats_total() {
            return Ok(());
        }
        let order = self.names.order.as_deref().unwrap_or_default();
        let lines_make_it = seen.lines_sum_up() && !self.names.stated;
        let from = match (&self.names.line, lines_make_it) {
            (Some(line), true) => Some(AmountSource::Column(line.clone())),
            (None, true) => self.names.product().map(AmountSource::Expression),
            _ if seen.lines_differ() || self.names.total_is_of_order => Some(AmountSource::OncePerOrder(total.into())),
            _ => None,
        };
        if let Some(from) = from {
            notes.push(self.once(total, order, &from));
            choice.from = from;
            return Ok(());
        }
        if self.names.total_is_of_line || seen.several_lines.alike < 3 {
            return Ok(());
        }
        let own = "each line has an amount of its own";
        let of_line = match (&self.names.line, self.names.product()) {
            (Some(line), _) => reading(format!("{own}, '{line}'"), seen.sums.line, setting(line)),
            (None, Some(product)) => reading(own.into(), seen.sums.line, expression_setting(&product)),
            (None, None) => reading(own.into(), seen.sums.total, per("line")),
        };
        let readings =
            vec![of_line, reading("it is the amount of the order, once".into(), seen.sums.once, per("order"))];
        Err(self.question(total, format!("its value is the same on all lines of an order ('{order}')"), readings))
    }

    /// What is said of a total that stands on every line of its order.
    fn once(&self, total: &str, order: &str, from: &AmountSource) -> Note {
        let taken = match from {
            AmountSource::OncePerOrder(_) => "it counts once per order".into(),
            AmountSource::Column(line) => format!("'{line}' is taken, which adds up to it"),
            AmountSource::Expression(text) => format!("{text} is taken, which adds up to it"),
        };
        let sentence =
            format!("'{total}' is the total of the order and stands on each line of it ('{order}'): {taken}");
        let note = Note::info("order_total_repeated", sentence).rows(self.seen.several_lines.rows, self.seen.rows);
        note.remedy(format!("else set {}", self.instead_of(total, from)))
    }

    /// The other reading of a total that is repeated: the amount of each line, or the total once.
    fn instead_of(&self, total: &str, from: &AmountSource) -> String {
        let once = || format!("{} {}", setting(total), per("order"));
        match (from, &self.names.line, self.names.product()) {
            (AmountSource::Column(_) | AmountSource::Expression(_), ..) => once(),
            (AmountSource::OncePerOrder(_), Some(line), _) => setting(line),
            (AmountSource::OncePerOrder(_), None, Some(product)) => expression_setting(&product),
            (AmountSource::OncePerOrder(_), None, None) => per("line"),
        }
    }

    fn add_refunds(&self, choice: &mut AmountChoice, notes: &mut Vec<Note>) {
        let Some(refunded) = &self.names.refunded else { return };
        if !self.seen.refunds_are_amounts() {
            return;
        }
        if self.names.total_is_net && !self.names.refunded_stated {
            return;
        }
        if self.seen.refunds_have_rows() && !self.names.refunded_stated {
            let sentence = format!("'{refunded}' was not used, since rows of their own take off what was given back");
            notes.push(
                Note::info("refunds_in_rows", sentence).remedy(format!("else set orders.refunded = \"{refunded}\"")),
            );
            return;
        }
        if self.seen.repeats_refund()
            && !matches!(choice.from, AmountSource::OncePerOrder(_))
            && !self.names.refunded_stated
        {
            let sentence =
                format!("'{refunded}' was not used: it stands on each line of an order, and the amount is of the line");
            notes.push(Note::warning("refunds_repeated", sentence).rows(self.seen.refunds, self.seen.rows));
            return;
        }
        choice.refunded = Some(refunded.clone());
        if self.seen.sums.refunded != Money(0) {
            let sentence = format!("'{refunded}' lowers the amount; an order of which nothing is left is no purchase");
            let note = Note::info("refunded_amounts", sentence).rows(self.seen.refunds, self.seen.rows);
            notes.push(
                note.money(self.seen.sums.refunded).remedy("to count full amounts, set orders.refunded = \"none\""),
            );
        }
    }

    fn question(&self, column: &str, seen: String, readings: Vec<Reading>) -> Box<Question> {
        Box::new(Question { file: self.file.into(), column: column.into(), seen, readings })
    }
}

fn reading(meaning: String, total: Money, setting: String) -> Reading {
    Reading { meaning, total: Some(total), setting }
}

fn setting(column: &str) -> String {
    format!("orders.amount = \"{column}\"")
}

fn expression_setting(expression: &str) -> String {
    format!("orders.amount = '{expression}'")
}

fn per(what: &str) -> String {
    format!("orders.amount_per = \"{what}\"")
}

/// Quantity times price.
pub(super) fn product(quantity: &str, price: &str) -> String {
    format!("{} * {}", quoted(quantity), quoted(price))
}

fn quoted(column: &str) -> String {
    format!("\"{}\"", column.replace('"', "\"\""))
}

/// Totals that cannot be counted once per order.
fn no_order(total: &str) -> Note {
    let sentence = format!("'{total}' counts on every row, since no column tells orders apart");
    Note::severe("amount_per_order_without_order", sentence)
        .remedy("name the column of order ids with orders.order, so that a total counts once")
}

/// Pieces that came back, where amounts are quantities times prices.
pub fn returned_pieces(names: &AmountNames, from: &AmountSource, look: &Look) -> Option<Note> {
    let (quantity, price, returned) = (names.quantity.as_deref()?, names.price.as_deref()?, names.returned.as_deref()?);
    let is_product = matches!(from, AmountSource::Expression(text) if *text == product(quantity, price));
    let came_back = |row: &usize| look.money(returned, *row).is_some_and(|pieces| pieces != Money(0));
    let rows = (0..look.rows()).filter(came_back).count();
    let kept = format!("({} - {}) * {}", quoted(quantity), quoted(returned), quoted(price));
    let sentence = format!("'{returned}' is not taken off '{quantity}': pieces that came back count as sold");
    let note = Note::warning("returned_pieces", sentence).rows(rows as u64, look.rows() as u64);
    (is_product && rows > 0).then(|| note.remedy(format!("to take them off, set {}", expression_setting(&kept))))
}

#[cfg(test)]
mod tests;
