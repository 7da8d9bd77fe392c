//! The lines of one partition summed up: customers found, their lines brought together, returns settled.

use std::borrow::Cow;

use crate::base::ids::{IdMap, IdRef, Ids, hash_of_text};
use crate::base::{Clock, Day, Moment, Money};
use crate::ledger::ReturnsSettled;
use crate::ledger::plain::{Plain, Summed};
use crate::ledger::returns::{Line, PurchaseDays, settle};
use crate::ledger::tag;
use crate::ledger::tag::Tag;
use crate::orders::{IdBytes, LineRef, PARTITION_BITS, Packed, Profit, ReturnsPolicy, unpack};
use crate::summary::SpendDays;

/// How lines are summed up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Folding {
    pub(super) policy: ReturnsPolicy,
    /// Whether lines carry order ids.
    pub(super) order_ids: bool,
    /// Whether any line tells its profit.
    pub(super) profits: bool,
    /// Later lines are left out.
    pub(super) until: Option<Day>,
    /// What is kept of purchase days.
    pub(super) keep: Keep,
    /// The first and the last day of any line.
    pub(super) days: Option<(Day, Day)>,
}

/// What is kept of a customer's purchase days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// Each of them.
    Days,
    /// What a summary says of them.
    Summary(SpendDays),
}

/// The customers of a partition in the order of their ids, numbers first.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) numbers: Vec<u64>,
    pub(super) texts: Ids,
    pub(super) customers: Vec<Customer>,
    pub(super) profit: Vec<Profit>,
    pub(super) days: Days,
    pub(super) last_day: Option<Day>,
    pub(super) returns: ReturnsSettled,
}

/// Every purchase day, rising within a customer.
#[derive(Debug, Default)]
pub(super) struct Days {
    pub(super) ends: Vec<usize>,
    pub(super) at: Vec<Moment>,
    pub(super) spend: Vec<Money>,
}

/// A customer in short, side by side in memory: all of it is asked for at once, in another order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Customer {
    /// Orders that stand.
    pub(super) orders: u32,
    pub(super) revenue: Money,
    /// Purchase days.
    pub(super) days: u32,
    /// The first and the last of them; of a customer without any they say nothing.
    pub(super) first: Day,
    pub(super) last: Day,
    /// Mean spend of the days that count; NaN where none does, or days are kept one by one.
    pub(super) mean: f64,
}

/// A text that sorts by its bytes. The first sixteen, as a number that sorts like them, mostly decide, and are at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TextKey<'a> {
    first: [u64; 2],
    text: &'a str,
}

impl<'a> TextKey<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let mut bytes = [0; 16];
        let count = text.len().min(16);
        bytes[..count].copy_from_slice(&text.as_bytes()[..count]);
        let both = u128::from_be_bytes(bytes);
        TextKey { first: [(both >> 64) as u64, both as u64], text }
    }
}

impl Part {
    pub(super) fn fold(pages: &[Cow<'_, [u8]>], folding: &Folding, scratch: &mut Scratch) -> Part {
        if let Some(until) = folding.until {
            let early = Cow::Owned(lines_until(pages, until));
            return Part::fold(&[early], &Folding { until: None, ..*folding }, scratch);
        }
        let profits = if folding.profits { profits(pages) } else { IdMap::default() };
        let mut part = std::mem::take(&mut scratch.part);
        part.clear();
        let others = part.fold_plain(pages, folding, &mut scratch.numbers).unwrap_or_else(|| {
            let numbers = Dealt::<u64>::of(pages, std::mem::take(&mut scratch.entries));
            part.fold_all(&numbers, folding, &profits);
            scratch.entries = numbers.entries;
            numbers.others
        });
        if others > 0 && part.fold_plain(pages, folding, &mut scratch.texts).is_none() {
            part.fold_all(&Dealt::<Text<'_>>::of(pages, Vec::new()), folding, &profits);
        }
        let sorted = part.sorted();
        scratch.part = part;
        sorted
    }

    fn clear(&mut self) {
        self.numbers.clear();
        self.customers.clear();
        self.profit.clear();
        self.days.clear();
        (self.texts, self.last_day, self.returns) = Default::default();
    }

    /// The same customers in the order of their ids: what is near in that order is then near in memory, in every part.
    fn sorted(&self) -> Part {
        let mut numbers: Vec<(u64, usize)> = self.numbers.iter().copied().zip(0..).collect();
        numbers.sort_unstable();
        let mut texts: Vec<(TextKey<'_>, usize)> = self.texts.iter().map(TextKey::of).zip(numbers.len()..).collect();
        texts.sort_unstable();
        let order: Vec<usize> = numbers.iter().map(|(_, at)| *at).chain(texts.iter().map(|(_, at)| *at)).collect();
        Part {
            numbers: numbers.iter().map(|(number, _)| *number).collect(),
            texts: texts.iter().map(|(key, _)| key.text).collect(),
            customers: order.iter().map(|at| self.customers[*at]).collect(),
            profit: order.iter().filter_map(|at| self.profit.get(*at).copied()).collect(),
            days: if self.days.ends.is_empty() { Days::default() } else { self.days.picked(&order) },
            last_day: self.last_day,
            returns: self.returns,
        }
    }

    /// Customers of a kind, where their lines are plain; how many lines are of others.
    fn fold_plain<T: Tag>(
        &mut self,
        pages: &[Cow<'_, [u8]>],
        folding: &Folding,
        plain: &mut Plain<T>,
    ) -> Option<usize> {
        let Keep::Summary(spend_days) = folding.keep else { return None };
        let days = folding.days.filter(|_| !folding.order_ids && !folding.profits)?;
        let dealt = plain.deal(pages, days)?;
        let mut purchases = PurchaseDays::default();
        plain.sum_up(&dealt, pages, spend_days, |id, summed| {
            self.push_id(id);
            match summed {
                Summed::Customer(customer) => {
                    self.last_day = self.last_day.max(Some(customer.last));
                    self.customers.push(customer);
                }
                Summed::Lines(lines) => {
                    settle(lines, folding.policy, false, &mut purchases);
                    self.push(&purchases, lines, folding.keep);
                }
            }
        });
        Some(dealt.others)
    }

    fn fold_all<'a, K: Key<'a>>(&mut self, dealt: &Dealt<K>, folding: &Folding, profits: &IdMap<IdRef<'_>, Profit>) {
        let (mut groups, mut own, mut days) = (Groups::default(), Vec::new(), PurchaseDays::default());
        for bucket in dealt.buckets() {
            groups.bring_together(bucket, dealt.bits);
            for customer in groups.entries.chunk_by(|a, b| a.0 == b.0) {
                own.clear();
                own.extend(customer.iter().map(|(_, line)| *line));
                settle(&own, folding.policy, folding.order_ids, &mut days);
                let id = customer[0].0.id();
                self.push_id(id);
                if folding.profits {
                    self.profit.push(profits.get(&id).copied().unwrap_or_default());
                }
                self.push(&days, &own, folding.keep);
            }
        }
    }

    fn push_id(&mut self, id: IdRef<'_>) {
        match id {
            IdRef::Number(number) => self.numbers.push(number),
            IdRef::Text(text) => self.texts.push(text),
        }
    }

    fn push(&mut self, purchases: &PurchaseDays, lines: &[Line], keep: Keep) {
        self.customers.push(Customer::of(purchases, lines, keep));
        self.last_day = self.last_day.max(lines.last().map(|line| Day(line.day)));
        self.returns.orders_undone += purchases.undone;
        self.returns.unmatched += Money(purchases.unmatched);
        if keep == Keep::Days {
            self.days.push(purchases, lines);
        }
    }
}

impl Customer {
    fn of(purchases: &PurchaseDays, lines: &[Line], keep: Keep) -> Self {
        let days = &purchases.days;
        let day = |day: Option<&(i32, i64)>| day.map_or(Day(0), |day| Day(day.0));
        let mean = match keep {
            Keep::Days => None,
            Keep::Summary(spend_days) => spend_days.mean(days.iter().map(|day| Money(day.1))),
        };
        Customer {
            orders: purchases.orders,
            revenue: lines.iter().map(|line| Money(line.amount)).sum(),
            days: u32::try_from(days.len()).unwrap_or(u32::MAX),
            first: day(days.first()),
            last: day(days.last()),
            mean: mean.unwrap_or(f64::NAN),
        }
    }
}

impl Days {
    fn push(&mut self, purchases: &PurchaseDays, lines: &[Line]) {
        self.at.extend(moments(purchases, lines));
        self.spend.extend(purchases.days.iter().map(|(_, spend)| Money(*spend)));
        self.ends.push(self.at.len());
    }

    fn clear(&mut self) {
        self.ends.clear();
        self.at.clear();
        self.spend.clear();
    }

    fn picked(&self, order: &[usize]) -> Days {
        let mut days = Days {
            ends: Vec::with_capacity(self.ends.len()),
            at: Vec::with_capacity(self.at.len()),
            spend: Vec::with_capacity(self.spend.len()),
        };
        for customer in order {
            let rows = self.rows(*customer);
            days.at.extend_from_slice(&self.at[rows.clone()]);
            days.spend.extend_from_slice(&self.spend[rows]);
            days.ends.push(days.at.len());
        }
        days
    }

    pub(super) fn rows(&self, customer: usize) -> std::ops::Range<usize> {
        let start = if customer == 0 { 0 } else { self.ends[customer - 1] };
        start..self.ends[customer]
    }
}

/// The purchase days, each with the time of its first order. Both lists rise by day.
fn moments<'a>(purchases: &'a PurchaseDays, lines: &'a [Line]) -> impl Iterator<Item = Moment> + 'a {
    let mut rest = lines;
    purchases.days.iter().map(move |&(day, _)| {
        rest = &rest[rest.partition_point(|line| line.day < day)..];
        let orders = rest.iter().take_while(|line| line.day == day).filter(|line| line.amount >= 0);
        Moment { day: Day(day), clock: orders.map(|line| line.clock).min().unwrap_or(Clock::UNKNOWN) }
    })
}

/// A customer as numbers or as texts, which are summed up by themselves.
trait Key<'a>: Copy + Ord {
    const NOBODY: Self;
    /// Whether customers of one rank are one customer.
    const RANK_IS_ALL: bool;
    fn of(id: IdBytes<'a>) -> Option<Self>;
    fn hash(self) -> u64;
    /// Mostly another for every customer.
    fn rank(self) -> u64;
    fn id(self) -> IdRef<'a>;
}

impl<'a> Key<'a> for u64 {
    const NOBODY: Self = 0;
    const RANK_IS_ALL: bool = true;

    #[inline(always)]
    fn of(id: IdBytes<'a>) -> Option<Self> {
        if let IdBytes::Number(number) = id { Some(number) } else { None }
    }

    #[inline(always)]
    fn hash(self) -> u64 {
        IdRef::Number(self).hash()
    }

    #[inline(always)]
    fn rank(self) -> u64 {
        self
    }

    fn id(self) -> IdRef<'a> {
        IdRef::Number(self)
    }
}

/// A text behind its hash, which tells it from others without a look at where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Text<'a> {
    hash: u64,
    bytes: &'a [u8],
}

impl<'a> Key<'a> for Text<'a> {
    const NOBODY: Self = Text { hash: 0, bytes: &[] };
    const RANK_IS_ALL: bool = false;

    #[inline(always)]
    fn of(id: IdBytes<'a>) -> Option<Self> {
        if let IdBytes::Text(bytes) = id { Some(Text { hash: hash_of_text(bytes), bytes }) } else { None }
    }

    #[inline(always)]
    fn hash(self) -> u64 {
        self.hash
    }

    #[inline(always)]
    fn rank(self) -> u64 {
        self.hash
    }

    fn id(self) -> IdRef<'a> {
        IdBytes::Text(self.bytes).id()
    }
}

/// A line beside its customer.
type Entry<K> = (K, Line);

/// Lines in a bucket: few enough to stay in a processor's own cache while they are worked on.
const BUCKET: usize = 8_192;
/// Lines in a group within a bucket, which is then sorted by comparing.
const GROUP: usize = 8;

/// Memory that one partition after another is worked on in: what has been touched before is the fastest.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    numbers: Plain<tag::Number>,
    texts: Plain<tag::Text>,
    entries: Vec<Entry<u64>>,
    part: Part,
}

/// The lines of a partition dealt to buckets by the bits of their customers' hashes.
struct Dealt<K> {
    entries: Vec<Entry<K>>,
    ends: Vec<usize>,
    /// How many bits of a hash all lines of a bucket have in common.
    bits: u32,
    /// Lines of customers of the other kind.
    others: usize,
}

impl<'a, K: Key<'a>> Dealt<K> {
    /// Deals the lines into `entries`, whatever is in it.
    fn of(pages: &'a [Cow<'_, [u8]>], mut entries: Vec<Entry<K>>) -> Self {
        // A line takes at least ten bytes or so.
        let lines: usize = pages.iter().map(|page| page.len() / 10).sum();
        let bucket_bits = (lines / BUCKET).next_power_of_two().ilog2();
        let bucket = |key: K| bits(key.hash(), PARTITION_BITS, bucket_bits);
        let (mut ends, mut others) = (vec![0_usize; 1 << bucket_bits], 0);
        for page in pages {
            let mut customers = unpack(page);
            while let Some(customer) = customers.next_customer() {
                match K::of(customer) {
                    Some(key) => ends[bucket(key)] += 1,
                    None => others += 1,
                }
            }
        }
        let count = starts(&mut ends);
        entries.resize(count, (K::NOBODY, Line::default()));
        for page in pages {
            // Nothing stands between taking a line apart and putting it down: this loop sees every order.
            let mut lines = unpack(page);
            while let Some((customer, LineRef { at, amount, order, .. })) = lines.next_line() {
                let Some(key) = K::of(customer) else { continue };
                let place = &mut ends[bucket(key)];
                entries[*place] = (key, Line { day: at.day.0, order, amount: amount.0, clock: at.clock });
                *place += 1;
            }
        }
        Dealt { entries, ends, bits: PARTITION_BITS + bucket_bits, others }
    }

    fn buckets(&self) -> impl Iterator<Item = &[Entry<K>]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.entries[start..*end])
    }
}

/// Counts become the places at which each begins; their sum.
fn starts(counts: &mut [usize]) -> usize {
    let mut before = 0;
    for count in counts {
        before += std::mem::replace(count, before);
    }
    before
}

/// So many bits of a hash after the first.
#[inline(always)]
pub(super) fn bits(hash: u64, first: u32, count: u32) -> usize {
    // Two steps, for no bits are asked for at times.
    ((hash << first) >> 1 >> (63 - count)) as usize
}

/// A bucket's lines by customer, day and order.
struct Groups<K> {
    entries: Vec<Entry<K>>,
    ends: Vec<usize>,
}

impl<K> Default for Groups<K> {
    fn default() -> Self {
        Groups { entries: Vec::new(), ends: Vec::new() }
    }
}

impl<'a, K: Key<'a>> Groups<K> {
    /// Deals a bucket to small groups and sorts these. Lines that are equal in customer, day and order add up to the
    /// same in any order.
    fn bring_together(&mut self, bucket: &[Entry<K>], first: u32) {
        let group_bits = (bucket.len() / GROUP).next_power_of_two().ilog2();
        let group = |entry: &Entry<K>| bits(entry.0.hash(), first, group_bits);
        self.ends.clear();
        self.ends.resize(1 << group_bits, 0);
        bucket.iter().for_each(|entry| self.ends[group(entry)] += 1);
        starts(&mut self.ends);
        self.entries.clear();
        self.entries.extend_from_slice(bucket);
        for entry in bucket {
            let place = &mut self.ends[group(entry)];
            self.entries[*place] = *entry;
            *place += 1;
        }
        let mut start = 0;
        for end in &self.ends {
            let group = &mut self.entries[start..*end];
            group.sort_unstable_by_key(|(key, line)| (key.rank(), line.day, line.order));
            if !K::RANK_IS_ALL {
                group.chunk_by_mut(|a, b| a.0.rank() == b.0.rank()).for_each(tell_apart);
            }
            start = *end;
        }
    }
}

/// Sorts lines of one rank again where they are of several customers.
fn tell_apart<'a, K: Key<'a>>(lines: &mut [Entry<K>]) {
    if lines.windows(2).any(|two| two[0].0 != two[1].0) {
        lines.sort_unstable_by_key(|(key, line)| (*key, line.day, line.order));
    }
}

/// The profit of each customer.
fn profits<'a>(pages: &'a [Cow<'_, [u8]>]) -> IdMap<IdRef<'a>, Profit> {
    let mut profits: IdMap<IdRef<'a>, Profit> = IdMap::default();
    for line in pages.iter().flat_map(|page| unpack(page)) {
        if let Some(profit) = line.profit {
            profits.entry(line.customer).or_default().add(Profit {
                rows: u64::from(line.lines),
                amount: line.amount,
                profit,
            });
        }
    }
    profits
}

/// The lines of no later day, packed.
fn lines_until(pages: &[Cow<'_, [u8]>], until: Day) -> Vec<u8> {
    let mut early = Packed::default();
    let lines = pages.iter().flat_map(|page| unpack(page)).filter(|line| line.at.day <= until);
    lines.for_each(|line| early.push(&line));
    early.into_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::ledger::part::*;
    use crate::orders::partition;

    /// Lines of a thousand numbers and a thousand texts that are dealt to the same partition.
    fn packed(lines: &[(usize, i32, i64)]) -> Vec<u8> {
        let numbers: Vec<u64> = (0..).filter(|number| partition(IdRef::Number(*number)) == 7).take(1_000).collect();
        let written = (0..).map(|i| if i % 2 == 0 { format!("c{i}") } else { format!("customer number {i}") });
        let texts: Vec<String> = written.filter(|id| partition(IdRef::Text(id)) == 7).take(1_000).collect();
        let mut packed = Packed::default();
        for &(customer, day, amount) in lines {
            let customer = match numbers.get(customer) {
                Some(number) => IdRef::Number(*number),
                None => IdRef::Text(&texts[customer - numbers.len()]),
            };
            let at = Moment { day: Day(day), clock: Clock::UNKNOWN };
            packed.push(&LineRef { customer, at, amount: Money(amount), order: 0, profit: None, lines: 1 });
        }
        packed.into_bytes()
    }

    proptest! {
        /// Days and customers are many at times, so that there are many buckets, or many customers in one.
        #[test]
        fn plain_lines_come_to_what_all_lines_come_to(
            lines in proptest::collection::vec((0_usize..2_000, 0_i32..60_000, -200_i64..9_000), 1..3_000),
            (customers, days, number) in (1_usize..2_000, 1_i32..60_000, 0_usize..2_000),
            all_days in any::<bool>(),
            ignore in any::<bool>(),
        ) {
            let customer = |drawn| (drawn % customers + number) % 2_000;
            let lines: Vec<_> =
                lines.into_iter().map(|(drawn, day, amount)| (customer(drawn), day % days - 9, amount)).collect();
            let bytes = packed(&lines);
            let first_and_last = (Day(-9), Day(days));
            let folding = |days| Folding {
                policy: if ignore { ReturnsPolicy::Ignore } else { ReturnsPolicy::Net },
                order_ids: false,
                profits: false,
                until: None,
                keep: Keep::Summary(if all_days { SpendDays::All } else { SpendDays::Repeat }),
                days,
            };
            let mut scratch = Scratch::default();
            let pages = [Cow::Borrowed(&bytes[..])];
            let fold = |days, scratch: &mut Scratch| format!("{:?}", Part::fold(&pages, &folding(days), scratch));
            let plain = fold(Some(first_and_last), &mut scratch);
            prop_assert_eq!(&plain, &fold(None, &mut scratch));
            // What is left in the scratch changes nothing.
            prop_assert_eq!(&plain, &fold(Some(first_and_last), &mut scratch));
        }
    }

    #[test]
    fn lines_with_an_order_id_are_not_plain() {
        let plain_line = packed(&[(0, 5, 100)]);
        let first = unpack(&plain_line).next().expect("a line");
        let mut packed = Packed::default();
        [first, LineRef { order: 9, ..first }].iter().for_each(|line| packed.push(line));
        let lines = packed.into_bytes();
        let deal = |lines: &[u8], last| {
            Plain::<tag::Number>::default().deal(&[Cow::Borrowed(lines)], (Day(0), Day(last))).is_some()
        };
        assert!(deal(&plain_line, 5) && !deal(&lines, 5));
        // So many days have no place beside a customer.
        assert!(deal(&plain_line, (1 << 16) - 1) && !deal(&plain_line, 1 << 16));
    }

    #[test]
    fn texts_of_one_hash_are_told_apart() {
        let line = |day| Line { day, ..Line::default() };
        let key = |bytes| Text { hash: 7, bytes };
        let mut lines = [(key(b"b"), line(1)), (key(b"a"), line(2)), (key(b"b"), line(3)), (key(b"a"), line(4))];
        tell_apart(&mut lines);
        let told: Vec<(&[u8], i32)> = lines.iter().map(|(key, line)| (key.bytes, line.day)).collect();
        assert_eq!(told, [(&b"a"[..], 2), (b"a", 4), (b"b", 1), (b"b", 3)]);
    }
}
