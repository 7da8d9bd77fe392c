//! Order lines packed into few bytes and dealt to partitions by customer: what waits to be summed up.
//!
//! A line of a numbered customer without order id takes about ten bytes. Every line says itself which fields it
//! has, so that lines of all files and shapes may stand side by side.
//!
//! Every order line comes through here twice or three times, so functions are inlined whatever their size: a line that
//! is handed on through memory costs as much again as all that is done with it.

use crate::base::ids::IdRef;
use crate::base::{Clock, Day, Moment, Money};
use crate::orders::OrderLine;

/// Customers are dealt to so many partitions; all lines of a customer are in one.
pub const PARTITIONS: usize = 1 << PARTITION_BITS;
/// The bits of its hash that a customer is dealt by.
pub(crate) const PARTITION_BITS: u32 = 8;

/// In place of the width of an id that is text: its length takes four bytes, or one.
const TEXT: u8 = 15;
const SHORT_TEXT: u8 = 14;
/// Which fields a line has.
const ORDER: u8 = 1;
const CLOCK: u8 = 2;
const PROFIT: u8 = 4;
/// The day takes four bytes, not two.
const WIDE_DAY: u8 = 8;
/// The amount is in hundredths of a currency unit.
const HUNDREDTHS: u8 = 16;
/// It stands for more than one line.
const MANY: u8 = 32;

/// One usable order line, its customer borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineRef<'a> {
    /// Who.
    pub customer: IdRef<'a>,
    /// When.
    pub at: Moment,
    /// For how much.
    pub amount: Money,
    /// A fingerprint of the order id; 0 where there is none.
    pub order: u64,
    /// Its profit, where it is known.
    pub profit: Option<Money>,
    /// How many lines of a file it stands for.
    pub lines: u32,
}

/// A batch of order lines.
#[derive(Debug, Clone)]
pub struct Lines {
    parts: Vec<Packed>,
    /// Whether times of day are kept.
    clocks: bool,
    told: Told,
}

/// What is told of all lines of a batch.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    count: u64,
    /// The first and the last day of any line; the other way round while there is none.
    days: [Day; 2],
    profits: bool,
}

impl Told {
    /// Of no line.
    pub const NOTHING: Told = Told { count: 0, days: [Day(i32::MAX), Day(i32::MIN)], profits: false };
}

impl Lines {
    /// An empty batch; `clocks` says whether times of day are kept.
    pub fn new(clocks: bool) -> Self {
        Lines { parts: vec![Packed::default(); PARTITIONS], ..Lines::empty(clocks) }
    }

    fn empty(clocks: bool) -> Self {
        Lines { parts: Vec::new(), clocks, told: Told::NOTHING }
    }

    /// Lines that were made one by one.
    pub fn of(lines: &[OrderLine], clocks: bool) -> Self {
        let mut batch = Lines::new(clocks);
        lines.iter().for_each(|line| batch.push(line.borrowed()));
        batch
    }

    /// Room for so many lines, evenly dealt.
    pub fn reserve(&mut self, lines: usize) {
        let each = lines * 12 / PARTITIONS;
        self.parts.iter_mut().for_each(|part| part.reserve(each));
    }

    /// Adds a line.
    #[inline(always)]
    pub fn push(&mut self, line: LineRef<'_>) {
        let mut told = Told::NOTHING;
        self.put(line, &mut told);
        self.note(told);
    }

    /// Adds a line of which only `told` knows yet, see [`Lines::note`].
    #[inline(always)]
    pub fn put(&mut self, mut line: LineRef<'_>, told: &mut Told) {
        if !self.clocks {
            line.at.clock = Clock::UNKNOWN;
        }
        let day = line.at.day;
        told.days = [told.days[0].min(day), told.days[1].max(day)];
        told.count += u64::from(line.lines);
        told.profits |= line.profit.is_some();
        self.parts[partition(line.customer)].push(&line);
    }

    /// Takes what is told of lines that have been put down.
    pub fn note(&mut self, told: Told) {
        self.told.days = [self.told.days[0].min(told.days[0]), self.told.days[1].max(told.days[1])];
        self.told.count += told.count;
        self.told.profits |= told.profits;
    }

    /// How many lines there are.
    pub fn len(&self) -> u64 {
        self.told.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.told.count == 0
    }

    /// The first and the last day of any line.
    pub fn days(&self) -> Option<(Day, Day)> {
        (!self.is_empty()).then_some((self.told.days[0], self.told.days[1]))
    }

    /// Whether a line tells its profit.
    pub fn tell_profit(&self) -> bool {
        self.told.profits
    }

    /// Each line, those of a customer together with others of its partition.
    pub fn iter(&self) -> impl Iterator<Item = LineRef<'_>> {
        self.parts.iter().flat_map(|part| unpack(part.bytes()))
    }

    /// The packed lines of each partition.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &[u8]> {
        self.parts.iter().map(Packed::bytes)
    }

    /// Empties the batch; its room is kept for the next one.
    pub fn clear(&mut self) {
        self.parts.iter_mut().for_each(Packed::clear);
        *self = Lines { parts: std::mem::take(&mut self.parts), ..Lines::empty(self.clocks) };
    }
}

impl Default for Lines {
    fn default() -> Self {
        Lines::new(true)
    }
}

impl OrderLine {
    /// The same, its customer borrowed.
    pub fn borrowed(&self) -> LineRef<'_> {
        let OrderLine { customer, at, amount, order, profit } = self;
        LineRef { customer: customer.borrowed(), at: *at, amount: *amount, order: *order, profit: *profit, lines: 1 }
    }
}

/// Where a customer's lines are.
#[inline(always)]
pub(crate) fn partition(customer: IdRef<'_>) -> usize {
    (customer.hash() >> (64 - PARTITION_BITS)) as usize
}

/// The longest that a line is beside an id of text.
const LONGEST: usize = 56;
/// Before that: its head and its length.
const BEFORE_TEXT: usize = 6;

/// Lines one after the other, each packed. Room is made ahead: numbers are put down eight bytes wide, and what comes next
/// begins after the bytes that they need. To put lines together elsewhere first makes the copy wait for them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Packed {
    /// Those of the lines, and room.
    room: Vec<u8>,
    len: usize,
}

impl Packed {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.room[..self.len]
    }

    pub(crate) fn into_bytes(mut self) -> Vec<u8> {
        self.room.truncate(self.len);
        self.room
    }

    fn clear(&mut self) {
        self.len = 0;
    }

    /// Room for so many bytes more.
    fn reserve(&mut self, bytes: usize) {
        self.room.resize(self.room.len().max(self.len + bytes), 0);
    }

    #[cold]
    fn grow(&mut self, bytes: usize) {
        self.reserve(bytes.max(self.room.len()));
    }

    /// Puts a line down at the end of others.
    #[inline(always)]
    pub(crate) fn push(&mut self, line: &LineRef<'_>) {
        let text = if let IdRef::Text(text) = line.customer { text.as_bytes() } else { &[] };
        let longest = BEFORE_TEXT + text.len() + LONGEST;
        if self.room.len() - self.len < longest {
            self.grow(longest);
        }
        let (hundredths, amount) =
            if line.amount.0 % 100 == 0 { (HUNDREDTHS, line.amount.0 / 100) } else { (0, line.amount.0) };
        let amount = zigzag(amount);
        let day = line.at.day.0;
        let short_day = u16::try_from(day).ok();
        let given = |given: bool, flag: u8| if given { flag } else { 0 };
        let flags = hundredths
            | given(line.order != 0, ORDER)
            | given(line.at.clock != Clock::UNKNOWN, CLOCK)
            | given(line.profit.is_some(), PROFIT)
            | given(short_day.is_none(), WIDE_DAY)
            | given(line.lines != 1, MANY);
        let id_width = match line.customer {
            IdRef::Number(number) => width(number) as u8,
            IdRef::Text(_) if text.len() <= usize::from(u8::MAX) => SHORT_TEXT,
            IdRef::Text(_) => TEXT,
        };
        let head = u64::from(id_width) | (width(amount) as u64) << 4 | u64::from(flags) << 8;
        let room = &mut self.room[self.len..];
        let mut fields = match line.customer {
            IdRef::Number(number) => {
                let mut fields = Fields::begin(room, 0);
                fields.put(head, 2);
                fields.put(number, usize::from(id_width));
                fields
            }
            IdRef::Text(_) => {
                let start = if id_width == SHORT_TEXT { 3 } else { BEFORE_TEXT };
                Fields::begin(room, 0).put(head | (text.len() as u64) << 16, start);
                put_text(text, &mut room[start..]);
                Fields::begin(room, start + text.len())
            }
        };
        match short_day {
            Some(day) => fields.put(u64::from(day), 2),
            None => fields.put(u64::from(day as u32), 4),
        }
        fields.put(amount, width(amount));
        if line.order != 0 {
            fields.put(line.order, 8);
        }
        if let Some(second) = line.at.clock.second() {
            fields.put(u64::from(second), 3);
        }
        if let Some(profit) = line.profit {
            fields.put(profit.0 as u64, 8);
        }
        if line.lines != 1 {
            fields.put(u64::from(line.lines), 4);
        }
        self.len += fields.start + fields.len;
    }
}

/// Where the fields of a line go, from `start` on.
struct Fields<'a> {
    room: &'a mut [u8; LONGEST],
    start: usize,
    len: usize,
}

impl<'a> Fields<'a> {
    #[inline(always)]
    fn begin(room: &'a mut [u8], start: usize) -> Self {
        // Room has been made for the longest line.
        let room = room[start..].first_chunk_mut().expect("room for a line");
        Fields { room, start, len: 0 }
    }

    #[inline(always)]
    fn put(&mut self, number: u64, width: usize) {
        self.room[self.len..self.len + 8].copy_from_slice(&number.to_le_bytes());
        self.len += width;
    }
}

/// Copies a text to the begin of `room`.
#[inline(always)]
fn put_text(text: &[u8], room: &mut [u8]) {
    let length = text.len();
    let ends = text.first_chunk().zip(text.last_chunk()).filter(|_| length <= 16);
    if let Some((first, last)) = ends {
        // They overlap. As numbers they are moved without a call.
        room[..8].copy_from_slice(&u64::from_le_bytes(*first).to_le_bytes());
        room[length - 8..length].copy_from_slice(&u64::from_le_bytes(*last).to_le_bytes());
        return;
    }
    put_any_text(text, room);
}

#[inline(never)]
fn put_any_text(text: &[u8], room: &mut [u8]) {
    room[..text.len()].copy_from_slice(text);
}

/// How many bytes a number needs.
#[inline(always)]
fn width(number: u64) -> usize {
    8 - (number.leading_zeros() / 8) as usize
}

/// Small numbers of either sign as small numbers.
#[inline(always)]
fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

#[inline(always)]
fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// An id as it was packed: a text has been one, and need not be looked at again to be told from others.
#[derive(Debug, Clone, Copy)]
pub(crate) enum IdBytes<'a> {
    Number(u64),
    Text(&'a [u8]),
}

impl<'a> IdBytes<'a> {
    #[inline(always)]
    pub(crate) fn id(self) -> IdRef<'a> {
        match self {
            IdBytes::Number(number) => IdRef::Number(number),
            IdBytes::Text(text) => IdRef::Text(std::str::from_utf8(text).unwrap_or_default()),
        }
    }
}

/// The lines that were packed into these bytes.
#[inline(always)]
pub(crate) fn unpack(bytes: &[u8]) -> Unpack<'_> {
    Unpack { bytes, at: 0 }
}

/// Packed lines, one after the other.
#[derive(Debug, Clone)]
pub(crate) struct Unpack<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Unpack<'a> {
    #[inline(always)]
    fn take(&mut self, width: usize) -> u64 {
        let number = match self.bytes.get(self.at..self.at + 8).and_then(<[u8]>::first_chunk::<8>) {
            Some(eight) => u64::from_le_bytes(*eight),
            None => self.last_bytes(),
        };
        self.at += width;
        if width == 8 { number } else { number & ((1 << (8 * width)) - 1) }
    }

    /// The fewer than eight bytes that are left.
    #[cold]
    fn last_bytes(&self) -> u64 {
        self.bytes[self.at..].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// The customer of the next line, which is stepped over.
    #[inline(always)]
    pub(crate) fn next_customer(&mut self) -> Option<IdBytes<'a>> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let head = self.take(2);
        let (widths, flags) = (head as u8, (head >> 8) as u8);
        let customer = self.take_id(widths & 15);
        let given = |flag: u8, width: usize| if flags & flag == 0 { 0 } else { width };
        let day = 2 + given(WIDE_DAY, 2);
        self.at +=
            day + usize::from(widths >> 4) + given(ORDER, 8) + given(CLOCK, 3) + given(PROFIT, 8) + given(MANY, 4);
        Some(customer)
    }

    #[inline(always)]
    fn take_id(&mut self, width: u8) -> IdBytes<'a> {
        let length = match width {
            SHORT_TEXT => self.take(1) as usize,
            TEXT => self.take(4) as usize,
            _ => return IdBytes::Number(self.take(usize::from(width))),
        };
        let text = &self.bytes[self.at..self.at + length];
        self.at += length;
        IdBytes::Text(text)
    }

    /// The next line, beside its customer: that of the line itself is none.
    #[inline(always)]
    pub(crate) fn next_line(&mut self) -> Option<(IdBytes<'a>, LineRef<'static>)> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let head = self.take(2);
        let (widths, flags) = (head as u8, (head >> 8) as u8);
        let customer = self.take_id(widths & 15);
        let day = Day(if flags & WIDE_DAY == 0 { self.take(2) as i32 } else { self.take(4) as u32 as i32 });
        let amount = unzigzag(self.take(usize::from(widths >> 4)));
        let amount = Money(if flags & HUNDREDTHS == 0 { amount } else { 100 * amount });
        let order = if flags & ORDER == 0 { 0 } else { self.take(8) };
        let clock = if flags & CLOCK == 0 { Clock::UNKNOWN } else { Clock::at(self.take(3) as u32) };
        let profit = (flags & PROFIT != 0).then(|| Money(self.take(8) as i64));
        let lines = if flags & MANY == 0 { 1 } else { self.take(4) as u32 };
        let nobody = IdRef::Number(0);
        Some((customer, LineRef { customer: nobody, at: Moment { day, clock }, amount, order, profit, lines }))
    }
}

impl<'a> Iterator for Unpack<'a> {
    type Item = LineRef<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<LineRef<'a>> {
        self.next_line().map(|(customer, line)| LineRef { customer: customer.id(), ..line })
    }
}

#[cfg(test)]
mod tests {
    use crate::orders::lines::*;

    #[test]
    fn lines_come_out_as_they_went_in() {
        let (most, more) = ("x".repeat(255), "y".repeat(256));
        let ids = [
            IdRef::Text(&most),
            IdRef::Text(&more),
            IdRef::Number(0),
            IdRef::Number(255),
            IdRef::Number(999_999_999_999_999_999),
            IdRef::Text(""),
            IdRef::Text("Ä-7"),
            IdRef::Text("C1234567"),
            IdRef::Text("C12345678"),
            IdRef::Text("sixteen letters!"),
            IdRef::Text("seventeen letters"),
        ];
        let days = [0, 19_000, 65_535, 65_536, -1, i32::MIN, i32::MAX].map(Day);
        let amounts = [0, 1, -1, 99, 3_520_000, -3_520_000, 12_345, i64::MAX, i64::MIN].map(Money);
        let clocks = [Clock::UNKNOWN, Clock::at(0), Clock::at(86_399)];
        let mut lines = Vec::new();
        for (customer, day) in ids.into_iter().flat_map(|id| days.map(|day| (id, day))) {
            for (amount, clock) in amounts.into_iter().flat_map(|amount| clocks.map(|clock| (amount, clock))) {
                let at = Moment { day, clock };
                lines.push(LineRef { customer, at, amount, order: 0, profit: None, lines: 1 });
                lines.push(LineRef {
                    customer,
                    at,
                    amount,
                    order: u64::MAX - 1,
                    profit: Some(Money(-5)),
                    lines: u32::MAX,
                });
            }
        }
        let mut packed = Packed::default();
        lines.iter().for_each(|line| packed.push(line));
        let bytes = packed.into_bytes();
        assert!(unpack(&bytes).eq(lines.iter().copied()));
        let mut again = unpack(&bytes);
        assert!(
            std::iter::from_fn(|| again.next_customer()).map(IdBytes::id).eq(lines.iter().map(|line| line.customer))
        );
    }

    #[test]
    fn a_plain_line_takes_ten_bytes() {
        let at = Moment::on(Day(19_700));
        let customer = IdRef::Number(9_999_999);
        let mut packed = Packed::default();
        packed.push(&LineRef { customer, at, amount: Money(352_000), order: 0, profit: None, lines: 1 });
        assert_eq!(packed.bytes().len(), 9);
    }

    #[test]
    fn a_batch_knows_its_days_and_forgets_clocks() {
        let line = |day| LineRef {
            customer: IdRef::Text("a"),
            at: Moment { day: Day(day), clock: Clock::at(5) },
            amount: Money(1),
            order: 0,
            profit: None,
            lines: 1,
        };
        let mut batch = Lines::new(false);
        [7, 3, 9].into_iter().for_each(|day| batch.push(line(day)));
        assert_eq!((batch.len(), batch.days()), (3, Some((Day(3), Day(9)))));
        assert!(batch.iter().all(|line| line.at.clock == Clock::UNKNOWN));
    }
}
