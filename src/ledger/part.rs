//! The lines of one partition summed up: customers found, their lines brought together, returns settled.

use std::borrow::Cow;

use super::ReturnsSettled;
use super::returns::{Line, PurchaseDays, settle};
use crate::ids::{IdMap, IdRef, Ids};
use crate::summary::SpendDays;
use crate::tables::orders::{LineRef, Profit, ReturnsPolicy, unpack};
use crate::units::{Clock, Day, Moment, Money};

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
    pub(super) orders: Vec<u32>,
    pub(super) revenue: Vec<Money>,
    pub(super) profit: Vec<Profit>,
    pub(super) days: Days,
    pub(super) spans: Spans,
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

/// A customer's purchase days in short; of one without any, `count` is 0.
#[derive(Debug, Default)]
pub(super) struct Spans {
    pub(super) count: Vec<u32>,
    pub(super) first: Vec<Day>,
    pub(super) last: Vec<Day>,
    pub(super) mean: Vec<f64>,
}

impl Part {
    pub(super) fn fold(pages: &[Cow<'_, [u8]>], folding: &Folding) -> Part {
        let counted = |line: &LineRef<'_>| folding.until.is_none_or(|until| line.at.day <= until);
        let lines = || pages.iter().flat_map(|page| unpack(page)).filter(counted);
        let mut roll = Roll::default();
        let of: Vec<u32> = lines().map(|line| roll.number(line.customer)).collect();
        let (mut sorted, ends) = by_customer(lines(), &of, roll.ids.len());
        let profits = if folding.profits { profits(lines(), &of, roll.ids.len()) } else { Vec::new() };
        let mut part = Part::default();
        let mut days = PurchaseDays::default();
        for customer in roll.in_order() {
            let start = if customer == 0 { 0 } else { ends[customer - 1] };
            let own = &mut sorted[start..ends[customer]];
            own.sort_unstable();
            settle(own, folding.policy, folding.order_ids, &mut days);
            part.push_id(roll.ids[customer]);
            part.profit.extend(profits.get(customer));
            part.push(&days, own, folding.keep);
        }
        part
    }

    fn push_id(&mut self, id: IdRef<'_>) {
        match id {
            IdRef::Number(number) => self.numbers.push(number),
            IdRef::Text(text) => self.texts.push(text),
        }
    }

    fn push(&mut self, purchases: &PurchaseDays, lines: &[Line], keep: Keep) {
        self.orders.push(purchases.orders);
        self.revenue.push(lines.iter().map(|line| Money(line.amount)).sum());
        self.last_day = self.last_day.max(lines.last().map(|line| Day(line.day)));
        self.returns.orders_undone += purchases.undone;
        self.returns.unmatched += Money(purchases.unmatched);
        match keep {
            Keep::Days => self.days.push(purchases, lines),
            Keep::Summary(spend_days) => self.spans.push(purchases, spend_days),
        }
    }

    /// How many customers there are.
    pub(super) fn len(&self) -> usize {
        self.orders.len()
    }
}

impl Days {
    fn push(&mut self, purchases: &PurchaseDays, lines: &[Line]) {
        self.at.extend(moments(purchases, lines));
        self.spend.extend(purchases.days.iter().map(|(_, spend)| Money(*spend)));
        self.ends.push(self.at.len());
    }

    pub(super) fn rows(&self, customer: usize) -> std::ops::Range<usize> {
        let start = if customer == 0 { 0 } else { self.ends[customer - 1] };
        start..self.ends[customer]
    }
}

impl Spans {
    fn push(&mut self, purchases: &PurchaseDays, spend_days: SpendDays) {
        let days = &purchases.days;
        let day = |day: Option<&(i32, i64)>| day.map_or(Day(0), |day| Day(day.0));
        self.count.push(u32::try_from(days.len()).unwrap_or(u32::MAX));
        self.first.push(day(days.first()));
        self.last.push(day(days.last()));
        self.mean.push(spend_days.mean(days.iter().map(|day| Money(day.1))).unwrap_or(f64::NAN));
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

/// The customers met, numbered as they come.
#[derive(Default)]
pub(super) struct Roll<'a> {
    numbers: IdMap<u64, u32>,
    texts: IdMap<&'a str, u32>,
    pub(super) ids: Vec<IdRef<'a>>,
}

impl<'a> Roll<'a> {
    pub(super) fn number(&mut self, id: IdRef<'a>) -> u32 {
        let next = self.ids.len() as u32;
        let found = match id {
            IdRef::Number(number) => *self.numbers.entry(number).or_insert(next),
            IdRef::Text(text) => *self.texts.entry(text).or_insert(next),
        };
        if found == next {
            self.ids.push(id);
        }
        found
    }

    /// The customers' numbers in the order of their ids.
    pub(super) fn in_order(&self) -> impl Iterator<Item = usize> + use<> {
        let mut order: Vec<u32> = (0..self.ids.len() as u32).collect();
        order.sort_unstable_by_key(|customer| self.ids[*customer as usize]);
        order.into_iter().map(|customer| customer as usize)
    }
}

/// Lines brought together by customer, and where each customer's end.
fn by_customer<'a>(lines: impl Iterator<Item = LineRef<'a>>, of: &[u32], customers: usize) -> (Vec<Line>, Vec<usize>) {
    let mut next = vec![0_usize; customers];
    of.iter().for_each(|customer| next[*customer as usize] += 1);
    let mut before = 0;
    for place in &mut next {
        before += std::mem::replace(place, before);
    }
    let mut sorted = vec![Line::default(); of.len()];
    for (line, customer) in lines.zip(of) {
        let place = &mut next[*customer as usize];
        sorted[*place] = Line { day: line.at.day.0, order: line.order, amount: line.amount.0, clock: line.at.clock };
        *place += 1;
    }
    (sorted, next)
}

/// The profit of each customer.
fn profits<'a>(lines: impl Iterator<Item = LineRef<'a>>, of: &[u32], customers: usize) -> Vec<Profit> {
    let mut profits = vec![Profit::default(); customers];
    for (line, customer) in lines.zip(of) {
        if let Some(profit) = line.profit {
            profits[*customer as usize].add(Profit { rows: u64::from(line.lines), amount: line.amount, profit });
        }
    }
    profits
}
