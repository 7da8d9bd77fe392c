//! Lines without order ids, of which only a summary is kept: those of most bases.
//!
//! The lines of a bucket have the first bits of their customers' hashes in common: in their place stands the day. The
//! hash of a number can be turned back into it, so that a line takes sixteen bytes here; beside that of a text stands a
//! [`Tag`]. Lines are brought together by customer but not sorted, which takes twice as long; a summary asks for the
//! first day, the last one and how many there are, and a set of days tells.

use std::borrow::Cow;

use crate::base::ids::IdRef;
use crate::base::{Clock, Day, Money};
use crate::ledger::part::{Customer, bits};
use crate::ledger::returns::Line;
use crate::ledger::tag::Tag;
use crate::orders::{PARTITION_BITS, unpack};
use crate::summary::SpendDays;

/// Lines in a bucket, about: few enough to stay in a processor's own cache while they are worked on.
const BUCKET: usize = 4_096;
/// Days are told apart by so many bits at most.
const DAY_BITS: u32 = 16;

/// A customer's line: the rest of the hash, then the day.
#[derive(Debug, Clone, Copy, Default)]
struct Entry<T> {
    key: u64,
    amount: i64,
    tag: T,
}

/// Memory in which one partition after another is summed up.
#[derive(Debug, Default)]
pub(super) struct Plain<T> {
    dealt: Chains<T>,
    found: Found<T>,
    /// Day and amount of the lines of a bucket, customer by customer.
    together: Vec<(u64, i64)>,
    /// Days of one customer.
    seen: Vec<u64>,
    own: Vec<Line>,
}

/// What is known of the lines of a customer.
pub(super) enum Summed<'a> {
    /// Everything.
    Customer(Customer),
    /// There are returns among them: the lines, by day.
    Lines(&'a [Line]),
}

/// Which partition it is, and what its days begin with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dealt {
    /// Bits of a hash that all lines of a bucket have in common.
    common: u32,
    partition: u64,
    first: Day,
    /// Lines of customers of the other kind.
    pub(super) others: usize,
}

impl<T: Tag> Plain<T> {
    /// Deals lines of these days, the first and the last of any, to buckets; `None` where lines are not that plain.
    pub(super) fn deal(&mut self, pages: &[Cow<'_, [u8]>], (first, last): (Day, Day)) -> Option<Dealt> {
        let day_bits = u64::BITS - (i64::from(last.0) - i64::from(first.0)).unsigned_abs().leading_zeros();
        if day_bits > DAY_BITS {
            return None;
        }
        // A line takes at least ten bytes or so.
        let lines: usize = pages.iter().map(|page| page.len() / 10).sum();
        let bucket_bits = (lines / BUCKET).next_power_of_two().ilog2().max(day_bits.saturating_sub(PARTITION_BITS));
        let common = PARTITION_BITS + bucket_bits;
        let mut dealt = Dealt { common, partition: 0, first, others: 0 };
        self.dealt.clear(1 << bucket_bits);
        for (number, page) in pages.iter().enumerate() {
            // Nothing stands between taking a line apart and putting it down: this loop sees every order.
            let mut lines = unpack(page);
            while let Some((customer, line)) = lines.next_line() {
                let Some((hash, tag)) = T::of(customer, number, page) else {
                    dealt.others += 1;
                    continue;
                };
                if line.order != 0 {
                    return None;
                }
                let key = hash << common | u64::from(line.at.day.0.abs_diff(first.0));
                self.dealt.push(bits(hash, PARTITION_BITS, bucket_bits), Entry { key, amount: line.amount.0, tag });
                dealt.partition = hash >> (u64::BITS - PARTITION_BITS);
            }
        }
        Some(dealt)
    }

    /// Hands on the customers that were dealt from these pages.
    pub(super) fn sum_up(
        &mut self,
        dealt: &Dealt,
        pages: &[Cow<'_, [u8]>],
        spend_days: SpendDays,
        mut take: impl FnMut(IdRef<'_>, Summed<'_>),
    ) {
        let Dealt { common, partition, first, .. } = *dealt;
        self.seen.clear();
        self.seen.resize((1_usize << common).div_ceil(64), 0);
        let bucket_bits = common - PARTITION_BITS;
        for number in 0..self.dealt.ends.len() {
            self.found.bring_together(self.dealt.pieces(number), pages, common, &mut self.together);
            let above = (partition << bucket_bits | number as u64) << (u64::BITS - common);
            let mut start = 0;
            for ((rest, tag), end) in self.found.customers.iter().zip(&self.found.ends) {
                let lines = &self.together[start..*end as usize];
                start = *end as usize;
                let id = tag.id(above | rest, pages);
                match summed(lines, first, spend_days, &mut self.seen) {
                    Some(customer) => take(id, Summed::Customer(customer)),
                    None => {
                        self.own.clear();
                        self.own.extend(lines.iter().map(|&(day, amount)| Line {
                            day: first.0 + day as i32,
                            order: 0,
                            amount,
                            clock: Clock::UNKNOWN,
                        }));
                        self.own.sort_unstable();
                        take(id, Summed::Lines(&self.own));
                    }
                }
            }
        }
    }
}

/// A customer without returns. No day is in `seen`, before and after.
#[inline(always)]
fn summed(lines: &[(u64, i64)], first: Day, spend_days: SpendDays, seen: &mut [u64]) -> Option<Customer> {
    let (mut days, mut spend, mut signs, mut range) = (0_u32, 0_i64, 0_i64, (u64::MAX, 0_u64));
    for &(day, amount) in lines {
        signs |= amount;
        spend += amount;
        range = (range.0.min(day), range.1.max(day));
        let (word, bit) = (&mut seen[(day >> 6) as usize], day & 63);
        days += u32::from(*word >> bit & 1 == 0);
        *word |= 1 << bit;
    }
    let mut spend_first = 0;
    for &(day, amount) in lines {
        seen[(day >> 6) as usize] = 0;
        spend_first += if day == range.0 { amount } else { 0 };
    }
    let on = |day: u64| Day(first.0 + day as i32);
    (signs >= 0).then(|| Customer {
        orders: days,
        revenue: Money(spend),
        days,
        first: on(range.0),
        last: on(range.1),
        mean: spend_days.mean_of(Money(spend), Money(spend_first), days as usize).unwrap_or(f64::NAN),
    })
}

/// Entries in a piece of a chain.
const LINK: usize = 256;

/// Entries by bucket, in chains of pieces: so nobody needs to count first how many there are in each.
#[derive(Debug, Default)]
struct Chains<T> {
    entries: Vec<Entry<T>>,
    /// Where the next entry of each bucket goes; at the begin of a piece there is no room for it.
    ends: Vec<usize>,
    /// Of each piece, where its bucket ended when it was begun.
    before: Vec<usize>,
}

impl<T: Tag> Chains<T> {
    fn clear(&mut self, buckets: usize) {
        self.ends.clear();
        self.ends.resize(buckets, 0);
        self.before.clear();
    }

    #[inline(always)]
    fn push(&mut self, bucket: usize, entry: Entry<T>) {
        let end = &mut self.ends[bucket];
        if end.is_multiple_of(LINK) {
            let start = self.before.len() * LINK;
            self.before.push(*end);
            if self.entries.len() == start {
                self.entries.resize(start + LINK, Entry::default());
            }
            *end = start;
        }
        self.entries[*end] = entry;
        *end += 1;
    }

    /// The entries of a bucket, piece by piece.
    fn pieces(&self, bucket: usize) -> impl Iterator<Item = &[Entry<T>]> + Clone {
        let mut end = self.ends[bucket];
        std::iter::from_fn(move || {
            let piece = end.checked_sub(1)? / LINK;
            let entries = &self.entries[piece * LINK..end];
            end = self.before[piece];
            Some(entries)
        })
    }
}

/// The customers of a bucket.
#[derive(Debug, Default)]
struct Found<T> {
    /// The rest of each customer's hash and its tag, in the order in which they were found.
    customers: Vec<(u64, T)>,
    /// Where each one's lines end.
    ends: Vec<u32>,
    /// Keys and their places by hash, at most half of it taken.
    table: Vec<Slot>,
    /// The customer of each line.
    of_line: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    key: u64,
    customer: u32,
}

const FREE: Slot = Slot { key: 0, customer: u32::MAX };

impl<T: Tag> Found<T> {
    fn bring_together<'a>(
        &mut self,
        pieces: impl Iterator<Item = &'a [Entry<T>]> + Clone,
        pages: &[Cow<'_, [u8]>],
        common: u32,
        together: &mut Vec<(u64, i64)>,
    ) where
        T: 'a,
    {
        self.customers.clear();
        self.ends.clear();
        self.of_line.clear();
        if self.table.is_empty() {
            self.table.resize(256, FREE);
        }
        self.table.fill(FREE);
        for line in pieces.clone().flatten() {
            let customer = self.customer(line.key >> common, &line.tag, pages, common);
            self.ends[customer as usize] += 1;
            self.of_line.push(customer);
        }
        let mut before = 0;
        for end in &mut self.ends {
            before += std::mem::replace(end, before);
        }
        together.resize(self.of_line.len(), (0, 0));
        let day = (1 << common) - 1;
        for (line, customer) in pieces.flatten().zip(&self.of_line) {
            let place = &mut self.ends[*customer as usize];
            together[*place as usize] = (line.key & day, line.amount);
            *place += 1;
        }
    }

    /// The place of a customer, a new one where it has not been met.
    #[inline(always)]
    fn customer(&mut self, key: u64, tag: &T, pages: &[Cow<'_, [u8]>], common: u32) -> u32 {
        let known = |other: u32| self.customers[other as usize].1.same(tag, pages);
        let slot = slot(&self.table, key, common, known);
        if self.table[slot].customer != FREE.customer {
            return self.table[slot].customer;
        }
        let customer = self.customers.len() as u32;
        self.table[slot] = Slot { key, customer };
        self.customers.push((key, *tag));
        self.ends.push(0);
        if 2 * self.customers.len() > self.table.len() {
            self.grow(common);
        }
        customer
    }

    #[cold]
    fn grow(&mut self, common: u32) {
        let slots = 2 * self.table.len();
        self.table.clear();
        self.table.resize(slots, FREE);
        for ((key, _), customer) in self.customers.iter().zip(0..) {
            // All of them are different.
            let slot = slot(&self.table, *key, common, |_| false);
            self.table[slot] = Slot { key: *key, customer };
        }
    }
}

/// Where a customer of this key is in a table, or may be put; `same` tells it from others of the key.
#[inline(always)]
fn slot(table: &[Slot], key: u64, common: u32, same: impl Fn(u32) -> bool) -> usize {
    let mut slot = bits(key, common, table.len().ilog2());
    while table[slot].customer != FREE.customer && !(table[slot].key == key && same(table[slot].customer)) {
        slot = (slot + 1) & (table.len() - 1);
    }
    slot
}

#[cfg(test)]
mod tests {
    use crate::ledger::plain::*;
    use crate::ledger::tag::Text;
    use crate::orders::IdBytes;

    #[test]
    fn customers_of_one_hash_are_told_apart_however_many_there_are() {
        // As many as make the table grow, all of one key.
        let ids: Vec<String> = (0..300).map(|number| format!("{}{number}", "x".repeat(number % 20))).collect();
        let pages: Vec<Cow<'_, [u8]>> = ids.iter().map(|id| Cow::Borrowed(id.as_bytes())).collect();
        let line = |number: usize, amount| {
            let (_, tag) = Text::of(IdBytes::Text(&pages[number]), number, &pages[number]).expect("a text");
            Entry { key: 7 << PARTITION_BITS | 3, amount, tag }
        };
        let lines: Vec<Entry<Text>> = (0..600).map(|place| line(place % 300, place as i64)).collect();
        let (mut found, mut together) = (Found::default(), Vec::new());
        found.bring_together(lines.chunks(100), &pages, PARTITION_BITS, &mut together);
        let told: Vec<IdRef<'_>> = found.customers.iter().map(|(_, tag)| tag.id(0, &pages)).collect();
        assert_eq!(told, ids.iter().map(|id| IdRef::Text(id)).collect::<Vec<_>>());
        assert_eq!(found.ends, (1..=300).map(|number| 2 * number).collect::<Vec<u32>>());
        assert_eq!(together, (0..300).flat_map(|number| [(3, number), (3, number + 300)]).collect::<Vec<_>>());
    }
}
