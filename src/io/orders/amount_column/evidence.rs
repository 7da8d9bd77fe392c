//! What the values of prices, quantities and totals tell of each other.

use std::borrow::Cow;
use std::collections::HashMap;

use clivia_core::base::Money;

use crate::columns::normal;
use crate::orders::amount_column::AmountNames;
use crate::orders::look::{Look, times};

/// Amounts that differ by less are the same: rounding.
const CENT: i64 = Money::SCALE / 100;
/// Columns of tax, shipping and discount that are tried together.
const MOST_PARTS: usize = 6;

/// Sums of the columns that may be the amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sums {
    pub(super) total: Money,
    /// Totals that are the same on all lines of an order, once.
    pub(super) once: Money,
    pub(super) other: Money,
    pub(super) product: Money,
    pub(super) price: Money,
    /// The lines' own amounts.
    pub(super) line: Money,
    pub(super) refunded: Money,
}

/// Rows that speak for a reading, and rows that speak against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Votes {
    pub(super) with: u64,
    pub(super) against: u64,
}

impl Votes {
    /// Too few to tell.
    pub(super) fn are_few(self) -> bool {
        self.with + self.against < 3
    }

    pub(super) fn is_for(self) -> bool {
        !self.are_few() && self.against * 10 <= self.with
    }

    pub(super) fn is_against(self) -> bool {
        !self.are_few() && self.with * 10 <= self.against
    }
}

/// Orders with a total on several of their lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct SeveralLines {
    /// Orders with the same total on all.
    pub(super) alike: u64,
    other: u64,
    /// Rows of those that are alike.
    pub(super) rows: u64,
    /// Those of them whose lines' own amounts differ.
    lines_differ: u64,
    /// Those whose lines' own amounts add up to the total.
    lines_sum_up: u64,
    /// Those in which every line's own amount is the total.
    line_is_total: u64,
    /// Orders with the same refund on all lines, and others with refunds.
    refund_alike: u64,
    refund_other: u64,
}

/// Two totals side by side.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Pair {
    rows: u64,
    alike: u64,
    of: u64,
    /// Rows in which the other is the total with these parts, and the other way round; by which parts are tried.
    other_with: Vec<u64>,
    total_with: Vec<u64>,
}

impl Pair {
    /// Whether they cannot be compared.
    pub(super) fn is_empty(&self) -> bool {
        self.rows * 2 < self.of || self.rows == 0
    }

    pub(super) fn alike(&self) -> bool {
        nearly_all(self.alike, self.rows)
    }

    pub(super) fn other_includes_total(&self) -> bool {
        !self.is_empty() && !self.alike() && self.other_with.iter().any(|rows| nearly_all(*rows, self.rows))
    }

    pub(super) fn total_includes_other(&self) -> bool {
        self.total_with.iter().any(|rows| nearly_all(*rows, self.rows))
    }
}

/// What was seen of the columns that may be the amount.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AmountEvidence {
    pub(super) rows: u64,
    /// The total that was looked at.
    pub(super) looked_at: String,
    quantities: Votes,
    pub(super) price_votes: Votes,
    pub(super) several_lines: SeveralLines,
    /// Rows without a total, of orders that have it in another row, and of others.
    pub(super) continued: u64,
    missing: u64,
    pub(super) pair: Pair,
    /// Totals that are small whole numbers, and others.
    pieces: Votes,
    /// Prices with cents.
    prices_with_cents: u64,
    refund_cells: Votes,
    /// Refunds that are neither 0 nor 1.
    real_refunds: u64,
    /// Rows with a refund, and those of them whose order has a negative row, too.
    pub(super) refunds: u64,
    refunds_with_rows: u64,
    /// Rows with a discount, and those of them whose discount is no share of one.
    pub(super) discounts: u64,
    pub(super) discounts_of_money: u64,
    pub(super) sums: Sums,
}

/// What is known of an order.
#[derive(Default)]
struct Order {
    rows: u64,
    totals: u64,
    total: Money,
    totals_differ: bool,
    negative: bool,
    lines: u64,
    line: Money,
    line_sum: i64,
    lines_differ: bool,
    line_is_total: u64,
    refunded_rows: u64,
    refund: Money,
    refunds_differ: bool,
}

/// The amounts of a row.
#[derive(Default)]
struct Row {
    total: Option<Money>,
    line: Option<Money>,
    refund: Option<Money>,
}

impl Order {
    fn add(&mut self, row: &Row) {
        self.rows += 1;
        if let Some(total) = row.total {
            self.totals_differ |= self.totals > 0 && self.total != total;
            (self.total, self.totals) = (total, self.totals + 1);
            self.negative |= total < Money(0);
            self.line_is_total += u64::from(row.line.is_some_and(|line| near(line, total)));
        }
        if let Some(line) = row.line {
            self.lines_differ |= self.lines > 0 && self.line != line;
            (self.line, self.lines) = (line, self.lines + 1);
            self.line_sum = self.line_sum.saturating_add(line.0);
        }
        if let Some(refund) = row.refund.filter(|refund| *refund != Money(0)) {
            self.refunds_differ |= self.refunded_rows > 0 && self.refund != refund;
            (self.refund, self.refunded_rows) = (refund, self.refunded_rows + 1);
        }
    }
}

impl AmountEvidence {
    /// Looks at the columns of these names in some rows.
    pub fn of(look: &Look, names: &AmountNames) -> Self {
        let of = look.rows() as u64;
        let mut seen = AmountEvidence { rows: of, ..Self::default() };
        seen.look_at_pairs(look, names);
        // Where the other total is to be taken, it is the one that may repeat.
        let total = if seen.pair.other_includes_total() { &names.other_total } else { &names.total };
        seen.looked_at = total.clone().unwrap_or_default();
        let rows: Vec<Row> = (0..look.rows()).map(|row| seen.look_at(look, names, total, row)).collect();
        seen.look_at_products(look, names);
        let order = |row: usize| names.order.as_deref().and_then(|order| look.name(order, row));
        let mut orders: HashMap<Cow<str>, Order> = HashMap::new();
        for (row, amounts) in rows.iter().enumerate() {
            match order(row) {
                Some(id) => orders.entry(id).or_default().add(amounts),
                None => seen.missing += u64::from(names.total.is_some() && amounts.total.is_none()),
            }
        }
        orders.values().for_each(|order| seen.look_at_order(order));
        let repeated: i64 = orders.values().filter(|order| !order.totals_differ).map(Order::repeated).sum();
        seen.sums.once = Money(seen.sums.total.0.saturating_sub(repeated));
        seen
    }

    /// A row by itself.
    fn look_at(&mut self, look: &Look, names: &AmountNames, total: &Option<String>, row: usize) -> Row {
        let money = |name: &Option<String>| name.as_deref().and_then(|name| look.money(name, row));
        let (total, price, quantity) = (money(total), money(&names.price), money(&names.quantity));
        let product = quantity.zip(price).and_then(|(quantity, price)| times(quantity, price));
        if let Some(name) = names.quantity.as_deref().filter(|name| look.name(name, row).is_some()) {
            self.quantities.vote(look.money(name, row).is_some());
        }
        let is_piece = |total: Money| total.0 % Money::SCALE == 0 && (1..=1_000).contains(&(total.0 / Money::SCALE));
        if let Some(total) = total {
            self.pieces.vote(is_piece(total));
        }
        self.prices_with_cents += u64::from(price.is_some_and(|price| price.0 % Money::SCALE != 0));
        // A return has a negative quantity; a price of one piece stays as it is.
        if let (Some(quantity), Some(price)) = (quantity, price)
            && quantity < Money(0)
            && price != Money(0)
        {
            self.price_votes.vote(price > Money(0));
        }
        let discount = money(&names.discount).unwrap_or_default().0.saturating_abs();
        self.discounts += u64::from(discount > 0);
        self.discounts_of_money += u64::from(discount > Money::SCALE);
        let refund = self.look_at_refund(look, names, row);
        let sums = &mut self.sums;
        add(&mut sums.total, total);
        add(&mut sums.price, price);
        let pieces = total.zip(price).and_then(|(pieces, price)| times(pieces, price));
        add(&mut sums.product, if names.quantity.is_some() { product } else { pieces });
        let line = if names.line.is_some() { money(&names.line) } else { product };
        add(&mut sums.line, line);
        Row { total, line, refund }
    }

    fn look_at_refund(&mut self, look: &Look, names: &AmountNames, row: usize) -> Option<Money> {
        let name = names.refunded.as_deref().filter(|name| look.name(name, row).is_some())?;
        let refund = look.money(name, row);
        self.refund_cells.vote(refund.is_some());
        let refund = refund?;
        let is_flag = refund == Money(0) || refund == Money(Money::SCALE);
        self.real_refunds += u64::from(!is_flag);
        self.refunds += u64::from(refund != Money(0));
        add(&mut self.sums.refunded, Some(Money(refund.0.saturating_abs())));
        Some(refund)
    }

    /// Two totals side by side, and what lies between them.
    fn look_at_pairs(&mut self, look: &Look, names: &AmountNames) {
        let (Some(total), Some(other)) = (&names.total, &names.other_total) else { return };
        let parts: Vec<&String> = names.parts.iter().take(MOST_PARTS).collect();
        let pair = &mut self.pair;
        pair.of = self.rows;
        (pair.other_with, pair.total_with) = (vec![0; 1 << parts.len()], vec![0; 1 << parts.len()]);
        for row in 0..look.rows() {
            let (Some(total), Some(other)) = (look.money(total, row), look.money(other, row)) else { continue };
            let parts: Vec<i64> = parts.iter().map(|part| signed(part, look.money(part, row))).collect();
            pair.rows += 1;
            pair.alike += u64::from(near(total, other));
            add(&mut self.sums.other, Some(other));
            for some in 1..1_usize << parts.len() {
                let chosen = parts.iter().enumerate().filter(|(place, _)| some >> place & 1 == 1);
                let between = Money(chosen.map(|(_, part)| part).sum());
                pair.other_with[some] += u64::from(near(total + between, other));
                pair.total_with[some] += u64::from(near(other + between, total));
            }
        }
    }

    /// Prices of the same product in different quantities.
    fn look_at_products(&mut self, look: &Look, names: &AmountNames) {
        let (Some(product), Some(price), Some(quantity)) = (&names.product, &names.price, &names.quantity) else {
            return;
        };
        let mut first: HashMap<Cow<str>, (Money, Money)> = HashMap::new();
        for row in 0..look.rows() {
            let amounts = look.money(quantity, row).zip(look.money(price, row));
            let (Some((pieces, price)), Some(product)) = (amounts, look.name(product, row)) else { continue };
            if pieces <= Money(0) || price <= Money(0) {
                continue;
            }
            let (before, known) = *first.entry(product).or_insert((pieces, price));
            if before == pieces {
                continue;
            }
            let grown = times(known, pieces).zip(times(price, before));
            if price == known {
                self.price_votes.with += 1;
            } else if grown
                .is_some_and(|(one, other)| (one - other).0.abs() <= CENT * (1 + before.0.max(pieces.0) / Money::SCALE))
            {
                self.price_votes.against += 1;
            }
        }
    }

    fn look_at_order(&mut self, order: &Order) {
        let several = &mut self.several_lines;
        if order.totals >= 2 && order.totals_differ {
            several.other += 1;
        } else if order.totals >= 2 && order.total != Money(0) {
            several.alike += 1;
            several.rows += order.rows;
            several.lines_differ += u64::from(order.lines_differ);
            several.lines_sum_up += u64::from(order.lines > 0 && near(Money(order.line_sum), order.total));
            several.line_is_total += u64::from(order.line_is_total == order.totals);
        }
        let unfilled = order.rows - order.totals;
        match order.totals {
            0 => self.missing += unfilled,
            _ => self.continued += unfilled,
        }
        if order.refunded_rows >= 2 {
            several.refund_alike += u64::from(!order.refunds_differ);
            several.refund_other += u64::from(order.refunds_differ);
        }
        self.refunds_with_rows += if order.negative { order.refunded_rows } else { 0 };
    }

    /// The same, with what was seen of other rows of the source.
    pub fn merge(&mut self, other: &AmountEvidence) {
        self.rows += other.rows;
        if self.looked_at.is_empty() {
            self.looked_at.clone_from(&other.looked_at);
        }
        self.quantities.merge(other.quantities);
        self.price_votes.merge(other.price_votes);
        self.pieces.merge(other.pieces);
        self.refund_cells.merge(other.refund_cells);
        self.several_lines.merge(other.several_lines);
        self.continued += other.continued;
        self.missing += other.missing;
        self.pair.merge(&other.pair);
        self.prices_with_cents += other.prices_with_cents;
        self.real_refunds += other.real_refunds;
        self.refunds += other.refunds;
        self.refunds_with_rows += other.refunds_with_rows;
        self.discounts += other.discounts;
        self.discounts_of_money += other.discounts_of_money;
        self.sums.merge(other.sums);
    }

    pub(super) fn quantities_are_numbers(&self) -> bool {
        self.quantities.against * 9 <= self.quantities.with && self.quantities.with > 0
    }

    /// Whether totals that are missing are those of further rows of an order.
    pub(super) fn goes_on(&self) -> bool {
        let alone = self.several_lines.alike + self.several_lines.other;
        self.continued > 0 && self.continued >= self.missing && alone * 20 <= self.continued
    }

    /// Whether orders have the same total on all their lines.
    pub(super) fn repeats_total(&self) -> bool {
        let several = self.several_lines;
        let of_lines = nearly_all(several.line_is_total, several.alike);
        several.alike > 0 && nearly_all(several.alike, several.alike + several.other) && !of_lines
    }

    pub(super) fn lines_sum_up(&self) -> bool {
        nearly_all(self.several_lines.lines_sum_up, self.several_lines.alike) && self.refunds == 0
    }

    pub(super) fn lines_differ(&self) -> bool {
        self.several_lines.lines_differ >= 2 && self.several_lines.lines_differ * 2 >= self.several_lines.alike
    }

    /// Whether what seems an amount is as good a number of pieces.
    pub(super) fn total_counts_pieces(&self) -> bool {
        self.pieces.against == 0 && self.pieces.with > 0 && self.prices_with_cents * 5 >= self.rows
    }

    /// Whether refunds are amounts and not a yes or no.
    pub(super) fn refunds_are_amounts(&self) -> bool {
        let are_numbers = self.refund_cells.with > 0 && self.refund_cells.against * 9 <= self.refund_cells.with;
        are_numbers && (self.refunds == 0 || self.real_refunds > 0)
    }

    /// Whether what was given back stands in negative rows, too.
    pub(super) fn refunds_have_rows(&self) -> bool {
        self.refunds > 0 && self.refunds_with_rows * 2 > self.refunds
    }

    /// Whether the refund of an order stands on each of its lines.
    pub(super) fn repeats_refund(&self) -> bool {
        self.several_lines.refund_alike > self.several_lines.refund_other
    }
}

impl Order {
    /// What a total comes to that is counted more than once.
    fn repeated(&self) -> i64 {
        self.total.0.saturating_mul(i64::try_from(self.totals).unwrap_or(1).saturating_sub(1).max(0))
    }
}

impl Votes {
    fn vote(&mut self, with: bool) {
        self.with += u64::from(with);
        self.against += u64::from(!with);
    }

    fn merge(&mut self, other: Votes) {
        self.with += other.with;
        self.against += other.against;
    }
}

impl SeveralLines {
    fn merge(&mut self, other: SeveralLines) {
        self.alike += other.alike;
        self.other += other.other;
        self.rows += other.rows;
        self.lines_differ += other.lines_differ;
        self.lines_sum_up += other.lines_sum_up;
        self.line_is_total += other.line_is_total;
        self.refund_alike += other.refund_alike;
        self.refund_other += other.refund_other;
    }
}

impl Pair {
    fn merge(&mut self, other: &Pair) {
        let merge = |into: &mut Vec<u64>, from: &[u64]| {
            into.resize(into.len().max(from.len()), 0);
            into.iter_mut().zip(from).for_each(|(into, from)| *into += from);
        };
        self.rows += other.rows;
        self.alike += other.alike;
        self.of += other.of;
        merge(&mut self.other_with, &other.other_with);
        merge(&mut self.total_with, &other.total_with);
    }
}

impl Sums {
    fn merge(&mut self, other: Sums) {
        add(&mut self.total, Some(other.total));
        add(&mut self.once, Some(other.once));
        add(&mut self.other, Some(other.other));
        add(&mut self.product, Some(other.product));
        add(&mut self.price, Some(other.price));
        add(&mut self.line, Some(other.line));
        add(&mut self.refunded, Some(other.refunded));
    }
}

fn nearly_all(some: u64, all: u64) -> bool {
    all > 0 && some * 20 >= all * 19
}

fn near(one: Money, other: Money) -> bool {
    one.0.abs_diff(other.0) <= CENT as u64
}

fn add(sum: &mut Money, amount: Option<Money>) {
    sum.0 = sum.0.saturating_add(amount.unwrap_or_default().0);
}

/// What a part does to a total: a discount lowers it, however it is signed.
fn signed(part: &str, amount: Option<Money>) -> i64 {
    let amount = amount.unwrap_or_default().0;
    if lowers(part) { -amount.saturating_abs() } else { amount }
}

/// Whether a part is a percentage, by its name.
pub(super) fn is_percentage(part: &str) -> bool {
    let name = normal(part);
    part.contains('%') || ["pct", "percent", "prozent", "procent"].iter().any(|word| name.contains(word))
}

/// Whether a part is a discount.
pub(super) fn lowers(part: &str) -> bool {
    #[rustfmt::skip]
    const OFF: [&str; 14] = [
        "discount", "rabat", "remise", "descuento", "sconto", "reducere", "отстъпка", "coupon", "korting", "sleva",
        "kedvezmeny", "скидка", "indirim", "desconto",
    ];
    let name = normal(part);
    OFF.iter().any(|off| name.contains(off))
}
