//! What a block of orders came to.

use clivia_core::base::Money;
use clivia_core::orders::{LineRef, Lines, Profit, Told};

use crate::blocks::StrayQuote;
use crate::orders::OrdersRead;
use crate::orders::survey::{Forms, Written};
use crate::rejects::Reject;

/// What used lines come to, at hand while line after line is taken.
pub(super) struct Tally {
    pub(super) told: Told,
    money: i128,
    /// The negative amounts among it.
    returned: i128,
    returns: u64,
    zeros: u64,
}

impl Tally {
    pub(super) const NOTHING: Tally = Tally { told: Told::NOTHING, money: 0, returned: 0, returns: 0, zeros: 0 };

    #[inline(always)]
    pub(super) fn add(&mut self, amount: Money) {
        self.money += i128::from(amount.0);
        if amount <= Money(0) {
            self.returned += i128::from(amount.0);
            self.returns += u64::from(amount < Money(0));
            self.zeros += u64::from(amount == Money(0));
        }
    }
}

/// What a block came to.
#[derive(Default)]
pub(in crate::orders) struct Turned {
    pub(in crate::orders) lines: Lines,
    /// Refused rows, and their money where it could be read.
    pub(in crate::orders) rejects: Vec<(Reject, Option<Money>)>,
    pub(in crate::orders) rows: u64,
    pub(super) money_read: i128,
    pub(super) money_used: i128,
    /// Sum of the amounts without their signs: no sum of some of them can be larger.
    pub(in crate::orders) turnover: i128,
    pub(super) returns: u64,
    pub(super) zero_amounts: u64,
    pub(super) profit: Profit,
    /// Rows that go on with an order.
    pub(in crate::orders) continued: u64,
    /// Quotes that should not be there.
    pub(in crate::orders) stray_quotes: Vec<StrayQuote>,
    /// What amounts and dates tell of how they are written.
    pub(in crate::orders) written: Written,
    /// How they were read.
    pub(in crate::orders) forms: Forms,
    /// Each currency and the first row that has it.
    pub(in crate::orders) currencies: Vec<(u64, String)>,
}

impl Turned {
    /// Takes a line; `amounts` says whether the file has any.
    pub(super) fn use_line(&mut self, line: LineRef<'_>, amounts: bool) {
        let LineRef { amount, profit, .. } = line;
        if let Some(profit) = profit {
            self.profit.add(Profit { rows: 1, amount, profit });
        }
        let mut tally = Tally::NOTHING;
        tally.add(amount);
        self.lines.put(line, &mut tally.told);
        self.use_tally(tally, amounts);
    }

    pub(super) fn refuse_money(&mut self, money: Money) {
        self.money_read += i128::from(money.0);
        self.turnover += i128::from(money.0.unsigned_abs());
    }

    pub(super) fn use_tally(&mut self, tally: Tally, amounts: bool) {
        let Tally { told, money, returned, returns, zeros } = tally;
        self.lines.note(told);
        self.money_read += money;
        self.money_used += money;
        self.turnover += money - 2 * returned;
        self.returns += returns;
        self.zero_amounts += if amounts { zeros } else { 0 };
    }

    pub(super) fn note_currency(&mut self, row: u64, found: &str) {
        if !self.currencies.iter().any(|(_, known)| known == found) {
            self.currencies.push((row, found.into()));
        }
    }
}

impl OrdersRead {
    pub(in crate::orders) fn add(&mut self, turned: &Turned) {
        self.rows.read += turned.rows;
        self.rows.used += turned.lines.len();
        let left_out: Vec<_> = turned.rejects.iter().filter(|(reject, _)| reject.rule.leaves_out()).collect();
        self.rows.left_out += left_out.len() as u64 + turned.continued;
        self.rows.refused += (turned.rejects.len() - left_out.len()) as u64;
        let left_out_money: i128 =
            left_out.iter().filter_map(|(_, money)| *money).map(|money| i128::from(money.0)).sum();
        self.turnover += turned.turnover;
        self.money.read += money(turned.money_read);
        self.money.used += money(turned.money_used);
        self.money.left_out += money(left_out_money);
        self.money.refused += money(turned.money_read - turned.money_used - left_out_money);
        let unknown = turned.rejects.iter().filter(|(reject, money)| money.is_none() && !reject.rule.leaves_out());
        self.money.unknown += unknown.count() as u64;
        self.returns += turned.returns;
        self.zero_amounts += turned.zero_amounts;
        if turned.profit.rows > 0 {
            self.profit.get_or_insert_default().add(turned.profit);
        }
    }
}

/// A sum that the turnover has been checked to bound.
fn money(sum: i128) -> Money {
    Money(i64::try_from(sum).unwrap_or(i64::MAX))
}
