//! Orders to (customer, day): what a customer did on a day, returns settled.

mod returns;

use rayon::prelude::*;

use crate::ids::{Id, IdMap, Ids};
use crate::tables::orders::{OrderLine, Profit, ReturnsPolicy};
use crate::units::{Clock, Day, Moment, Money};
use returns::{Line, PurchaseDays};

/// Customers are dealt to this many parts, each sorted and folded by itself.
const PARTS: usize = 64;
/// Marks the key of an id that is text.
const TEXT: u64 = 1 << 63;

/// What customers did on days: one row a (customer, purchase day), customers in the order of their ids.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    /// All customers, those whose every order was undone included.
    pub ids: Ids,
    /// Where each customer's rows begin; one more than there are customers.
    pub starts: Vec<usize>,
    /// Purchase days, rising within a customer, each with the time of its first order where that is known.
    pub at: Vec<Moment>,
    /// Net spend of each purchase day.
    pub spend: Vec<Money>,
    /// Orders per customer that stand.
    pub orders: Vec<u32>,
    /// Revenue per customer, net of every return.
    pub revenue: Vec<Money>,
    /// Profit per customer and the money that it was made on, where order lines tell.
    pub profit: Option<Vec<Profit>>,
    /// The last day on which any order line counts.
    pub last_day: Option<Day>,
    /// What returns did.
    pub returns: ReturnsSettled,
}

/// What returns did to orders.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
pub struct ReturnsSettled {
    /// Orders that were undone as a whole.
    pub orders_undone: u64,
    /// Money returned for which no order is in the file.
    pub unmatched: Money,
}

/// Takes order lines in any order and sums them up.
#[derive(Debug)]
pub struct LedgerBuilder {
    parts: Vec<Vec<(u64, Line)>>,
    /// By customer; empty where no line tells its profit.
    profits: IdMap<u64, Profit>,
    texts: IdMap<Box<str>, u64>,
    policy: ReturnsPolicy,
    order_ids: bool,
}

impl LedgerBuilder {
    /// Settles returns by `policy`; `order_ids` says whether lines carry order ids.
    pub fn new(policy: ReturnsPolicy, order_ids: bool) -> Self {
        LedgerBuilder {
            parts: vec![Vec::new(); PARTS],
            profits: IdMap::default(),
            texts: IdMap::default(),
            policy,
            order_ids,
        }
    }

    /// Says whether lines carry order ids, where that is known only after reading.
    pub fn set_order_ids(&mut self, order_ids: bool) {
        self.order_ids = order_ids;
    }

    /// The first and the last day of any line.
    pub fn days(&self) -> Option<(Day, Day)> {
        let days = || self.parts.iter().flatten().map(|(_, line)| line.day);
        Some((Day(days().min()?), Day(days().max()?)))
    }

    /// The same with the lines up to a day only: what stood then, before later returns undid some of it.
    pub fn up_to(&self, day: Day) -> LedgerBuilder {
        let early = |part: &Vec<(u64, Line)>| part.iter().filter(|(_, line)| line.day <= day.0).copied().collect();
        LedgerBuilder {
            parts: self.parts.par_iter().map(early).collect(),
            profits: IdMap::default(),
            texts: self.texts.clone(),
            policy: self.policy,
            order_ids: self.order_ids,
        }
    }

    /// Takes lines.
    pub fn add(&mut self, lines: Vec<OrderLine>) {
        for OrderLine { customer, at, amount, order, profit } in lines {
            let key = self.key(customer);
            let part = (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58) as usize;
            self.parts[part].push((key, Line { day: at.day.0, order, amount: amount.0, clock: at.clock }));
            if let Some(profit) = profit {
                self.profits.entry(key).or_default().add(Profit { rows: 1, amount, profit });
            }
        }
    }

    fn key(&mut self, id: Id) -> u64 {
        match id {
            Id::Number(number) => number,
            Id::Text(text) => {
                let next = TEXT | self.texts.len() as u64;
                *self.texts.entry(text).or_insert(next)
            }
        }
    }

    /// Sums up: sorts each part by customer and day and folds it in one pass.
    pub fn finish(self) -> Ledger {
        let (policy, order_ids) = (self.policy, self.order_ids);
        let parts: Vec<Part> = self.parts.into_par_iter().map(|lines| Part::fold(lines, policy, order_ids)).collect();
        let mut texts = vec![Box::<str>::default(); self.texts.len()];
        for (text, key) in self.texts {
            texts[(key ^ TEXT) as usize] = text;
        }
        Ledger::gather(&parts, &texts, &self.profits)
    }
}

/// The customers of one part, in the order of their keys.
#[derive(Default)]
struct Part {
    keys: Vec<u64>,
    ends: Vec<usize>,
    at: Vec<Moment>,
    spend: Vec<Money>,
    orders: Vec<u32>,
    revenue: Vec<Money>,
    last_day: Option<Day>,
    returns: ReturnsSettled,
}

impl Part {
    fn fold(mut lines: Vec<(u64, Line)>, policy: ReturnsPolicy, order_ids: bool) -> Part {
        lines.sort_unstable();
        let mut part = Part::default();
        let mut own = Vec::new();
        for customer in lines.chunk_by(|a, b| a.0 == b.0) {
            own.clear();
            own.extend(customer.iter().map(|(_, line)| *line));
            part.keys.push(customer[0].0);
            part.push(&returns::settle(&own, policy, order_ids), &own);
        }
        part
    }

    fn push(&mut self, purchases: &PurchaseDays, lines: &[Line]) {
        self.at.extend(moments(purchases, lines));
        self.spend.extend(purchases.days.iter().map(|(_, spend)| Money(*spend)));
        self.ends.push(self.at.len());
        self.orders.push(purchases.orders);
        self.revenue.push(lines.iter().map(|line| Money(line.amount)).sum());
        self.last_day = self.last_day.max(lines.last().map(|line| Day(line.day)));
        self.returns.orders_undone += purchases.undone;
        self.returns.unmatched += Money(purchases.unmatched);
    }

    fn rows(&self, customer: usize) -> std::ops::Range<usize> {
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

/// A file of days that were written as timestamps says midnight throughout: that is no time of day.
pub(crate) fn forget_midnight(at: &mut [Moment]) {
    if at.iter().all(|at| at.clock.second().is_none_or(|second| second == 0)) {
        at.iter_mut().for_each(|at| at.clock = Clock::UNKNOWN);
    }
}

/// Where a customer is, with what decides its place among all: numbers by size, then texts by their bytes,
/// the first eight of which mostly decide and are at hand without following a pointer.
struct Place {
    is_text: bool,
    first: u64,
    key: u64,
    part: u32,
    customer: u32,
}

fn first_bytes(text: &str) -> u64 {
    let mut bytes = [0; 8];
    let count = text.len().min(8);
    bytes[..count].copy_from_slice(&text.as_bytes()[..count]);
    u64::from_be_bytes(bytes)
}

impl Ledger {
    /// Puts the parts' customers into the order of their ids.
    fn gather(parts: &[Part], texts: &[Box<str>], profits: &IdMap<u64, Profit>) -> Ledger {
        let text = |key: u64| texts.get((key ^ TEXT) as usize).filter(|_| key & TEXT != 0);
        let mut places: Vec<Place> = Vec::with_capacity(parts.iter().map(|part| part.keys.len()).sum());
        for (number, part) in parts.iter().enumerate() {
            places.extend(part.keys.iter().enumerate().map(|(customer, &key)| Place {
                is_text: key & TEXT != 0,
                first: text(key).map_or(key, |text| first_bytes(text)),
                key,
                part: number as u32,
                customer: customer as u32,
            }));
        }
        places.par_sort_unstable_by(|a, b| {
            (a.is_text, a.first).cmp(&(b.is_text, b.first)).then_with(|| text(a.key).cmp(&text(b.key)))
        });
        let mut ledger = Ledger::with_capacity(places.len(), parts.iter().map(|part| part.at.len()).sum());
        let mut profit = Vec::new();
        for Place { key, part, customer, .. } in places {
            let (part, customer) = (&parts[part as usize], customer as usize);
            match text(key) {
                Some(text) => ledger.ids.push(text),
                None => ledger.ids.push(&key.to_string()),
            }
            ledger.at.extend_from_slice(&part.at[part.rows(customer)]);
            ledger.spend.extend_from_slice(&part.spend[part.rows(customer)]);
            ledger.starts.push(ledger.at.len());
            ledger.orders.push(part.orders[customer]);
            ledger.revenue.push(part.revenue[customer]);
            if !profits.is_empty() {
                profit.push(profits.get(&key).copied().unwrap_or_default());
            }
        }
        ledger.profit = (!profits.is_empty()).then_some(profit);
        forget_midnight(&mut ledger.at);
        ledger.last_day = parts.iter().filter_map(|part| part.last_day).max();
        for part in parts {
            ledger.returns.orders_undone += part.returns.orders_undone;
            ledger.returns.unmatched += part.returns.unmatched;
        }
        ledger
    }

    /// The purchases of the customers that have any, for those who ask when: where each customer's begin, one more
    /// than there are such customers.
    pub fn starts_of_buyers(&self) -> Vec<usize> {
        let mut starts = self.starts.clone();
        starts.dedup();
        starts
    }

    fn with_capacity(customers: usize, rows: usize) -> Ledger {
        let mut starts = Vec::with_capacity(customers + 1);
        starts.push(0);
        Ledger {
            ids: Ids::default(),
            starts,
            at: Vec::with_capacity(rows),
            spend: Vec::with_capacity(rows),
            orders: Vec::with_capacity(customers),
            revenue: Vec::with_capacity(customers),
            profit: None,
            last_day: None,
            returns: ReturnsSettled::default(),
        }
    }

    /// How many customers there are, those without a standing purchase included.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no customer.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// A customer's rows.
    pub fn rows(&self, customer: usize) -> std::ops::Range<usize> {
        self.starts[customer]..self.starts[customer + 1]
    }

    /// Customers whose every order was undone: they have revenue perhaps, but no purchase.
    pub fn without_purchase(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.len()).filter(|customer| self.rows(*customer).is_empty())
    }
}
