//! The customers of all partitions put into one order, column by column.

use rayon::prelude::*;

use crate::base::ids::Ids;
use crate::base::{Day, Money};
use crate::ledger::part::{Customer, Days, Part, TextKey};
use crate::ledger::{Ledger, ReturnsSettled, Summed, forget_midnight};
use crate::orders::{PARTITION_BITS, Profit};
use crate::summary::{Means, Spend, Summary, SummaryError, SummarySettings};

/// Bits of a place that number a customer within its part; the others number the part.
const WITHIN: u32 = 32 - PARTITION_BITS;

/// Customers put together in one task.
const BLOCK: usize = 65_536;

/// One customer in this many of a part tells where blocks begin.
const SAMPLED: usize = 64;

/// Customers that are fetched together from all parts, so that one does not wait for the other.
const FETCHED: usize = 256;

/// Blocks of ids that are made before they are put together.
const BLOCKS_OF_IDS: usize = 16;

/// Where a customer is: its part, and its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place(u32);

impl Place {
    fn new(part: usize, customer: usize) -> Self {
        Place((part as u32) << WITHIN | customer as u32)
    }

    fn part(self) -> usize {
        (self.0 >> WITHIN) as usize
    }

    fn customer(self) -> usize {
        (self.0 & ((1 << WITHIN) - 1)) as usize
    }
}

/// A list of ids that every part has, each in its order.
trait Listed {
    type Key<'a>: Ord + Copy + Send + Sync;
    /// Customers of the part before these.
    fn before(part: &Part) -> usize;
    fn len(part: &Part) -> usize;
    fn key(part: &Part, at: usize) -> Self::Key<'_>;
    /// How many come before a key.
    fn below(part: &Part, key: Self::Key<'_>) -> usize;
}

struct Numbers;

impl Listed for Numbers {
    type Key<'a> = u64;

    fn before(_: &Part) -> usize {
        0
    }

    fn len(part: &Part) -> usize {
        part.numbers.len()
    }

    fn key(part: &Part, at: usize) -> u64 {
        part.numbers[at]
    }

    fn below(part: &Part, key: u64) -> usize {
        part.numbers.partition_point(|number| *number < key)
    }
}

struct Texts;

impl Listed for Texts {
    type Key<'a> = TextKey<'a>;

    fn before(part: &Part) -> usize {
        part.numbers.len()
    }

    fn len(part: &Part) -> usize {
        part.texts.len()
    }

    fn key(part: &Part, at: usize) -> TextKey<'_> {
        TextKey::of(part.texts.get(at))
    }

    fn below(part: &Part, key: TextKey<'_>) -> usize {
        part.texts.partition_point(|text| TextKey::of(text) < key)
    }
}

/// The wanted customers in the order of their ids: numbers by size, then texts by their bytes.
fn places(parts: &[Part], wanted: impl Fn(&Customer) -> bool + Sync) -> Vec<Place> {
    let mut places = merged::<Numbers>(parts, &wanted);
    places.extend(merged::<Texts>(parts, &wanted));
    places
}

/// All parts' lists made one, stretch by stretch of all ids.
fn merged<L: Listed>(parts: &[Part], wanted: &(impl Fn(&Customer) -> bool + Sync)) -> Vec<Place> {
    let bounds = bounds::<L>(parts);
    let stretch = |number: usize| {
        let mut keyed = Vec::with_capacity(2 * BLOCK);
        for (place, part) in parts.iter().enumerate() {
            let start = number.checked_sub(1).map_or(0, |before| L::below(part, bounds[before]));
            let end = bounds.get(number).map_or(L::len(part), |bound| L::below(part, *bound));
            for at in start..end {
                let customer = L::before(part) + at;
                if wanted(&part.customers[customer]) {
                    keyed.push((L::key(part, at), Place::new(place, customer)));
                }
            }
        }
        // The parts' stretches are sorted by themselves, which a stable sort makes use of.
        keyed.sort_by_key(|(key, _)| *key);
        keyed.into_iter().map(|(_, place)| place).collect::<Vec<_>>()
    };
    let stretches: Vec<Vec<Place>> = (0..=bounds.len()).into_par_iter().map(stretch).collect();
    stretches.concat()
}

/// Keys that cut all customers into stretches of about a block.
fn bounds<L: Listed>(parts: &[Part]) -> Vec<L::Key<'_>> {
    let of_part = |part| (0..L::len(part)).step_by(SAMPLED).map(move |at| L::key(part, at));
    let mut sample: Vec<L::Key<'_>> = parts.iter().flat_map(of_part).collect();
    sample.sort_unstable();
    let step = BLOCK / SAMPLED;
    sample.into_iter().skip(step).step_by(step).collect()
}

/// The customer at each place.
fn customer(parts: &[Part], place: Place) -> &Customer {
    &parts[place.part()].customers[place.customer()]
}

/// The profit of the customer at each place.
fn profit(parts: &[Part], places: &[Place]) -> Vec<Profit> {
    places.par_iter().map(|place| parts[place.part()].profit[place.customer()]).collect()
}

fn ids(parts: &[Part], places: &[Place]) -> Ids {
    let mut ids = Ids::default();
    for places in places.chunks(BLOCKS_OF_IDS * BLOCK) {
        let blocks: Vec<Ids> = places.par_chunks(BLOCK).map(|places| block_of_ids(parts, places)).collect();
        blocks.iter().for_each(|block| ids.append(block));
    }
    ids
}

fn block_of_ids(parts: &[Part], places: &[Place]) -> Ids {
    let mut ids = Ids::default();
    for place in places {
        let part = &parts[place.part()];
        match part.numbers.get(place.customer()) {
            Some(number) => ids.push_number(*number),
            None => ids.push(part.texts.get(place.customer() - part.numbers.len())),
        }
    }
    ids
}

fn returns(parts: &[Part]) -> ReturnsSettled {
    let mut all = ReturnsSettled::default();
    for part in parts {
        all.orders_undone += part.returns.orders_undone;
        all.unmatched += part.returns.unmatched;
    }
    all
}

fn last_day(parts: &[Part]) -> Option<Day> {
    parts.iter().filter_map(|part| part.last_day).max()
}

/// A ledger of parts that kept every day.
pub(super) fn ledger(mut parts: Vec<Part>, profits: bool) -> Ledger {
    let places = places(&parts, |_| true);
    let rows = parts.iter().map(|part| part.days.at.len()).sum();
    let (mut starts, mut at, mut spend) =
        (Vec::with_capacity(places.len() + 1), Vec::with_capacity(rows), Vec::with_capacity(rows));
    starts.push(0);
    for place in &places {
        let days: &Days = &parts[place.part()].days;
        let rows = days.rows(place.customer());
        at.extend_from_slice(&days.at[rows.clone()]);
        spend.extend_from_slice(&days.spend[rows]);
        starts.push(at.len());
    }
    parts.iter_mut().for_each(|part| part.days = Days::default());
    forget_midnight(&mut at);
    Ledger {
        ids: ids(&parts, &places),
        starts,
        at,
        spend,
        orders: places.par_iter().map(|place| customer(&parts, *place).orders).collect(),
        revenue: places.par_iter().map(|place| customer(&parts, *place).revenue).collect(),
        profit: profits.then(|| profit(&parts, &places)),
        last_day: last_day(&parts),
        returns: returns(&parts),
    }
}

/// A summary of parts that kept no days.
pub(super) fn summed(
    mut parts: Vec<Part>,
    profits: bool,
    amounts: bool,
    settings: &SummarySettings,
) -> Result<Summed, SummaryError> {
    let as_of = settings.as_of.or_else(|| last_day(&parts)).ok_or(SummaryError::NoOrders)?;
    let places = places(&parts, |customer| customer.days > 0);
    let without = self::places(&parts, |customer| customer.days == 0);
    if places.is_empty() {
        return Err(SummaryError::NoPurchases);
    }
    let (ids, ids_without) = (ids(&parts, &places), ids(&parts, &without));
    for part in &mut parts {
        (part.numbers, part.texts) = (Vec::new(), Ids::default());
    }
    let mut columns = Columns::new(places.len(), amounts);
    columns.fill(&parts, &places);
    let Columns { orders, frequency, first, last, revenue, mean } = columns;
    let spend = amounts.then_some(Spend { days: settings.spend_days, revenue, mean });
    let summary = Summary {
        as_of,
        unit: settings.time_unit,
        ids,
        orders,
        frequency,
        first_order: first,
        last_order: last,
        ages: None,
        spend,
    };
    Ok(Summed {
        summary,
        profit: profits.then(|| profit(&parts, &places)),
        ids_without,
        revenue_without: without.iter().map(|place| customer(&parts, *place).revenue).collect(),
        returns: returns(&parts),
    })
}

/// The columns of a summary, those of money empty where there is none.
struct Columns {
    orders: Vec<u32>,
    frequency: Vec<u32>,
    first: Vec<Day>,
    last: Vec<Day>,
    revenue: Vec<Money>,
    mean: Means,
}

impl Columns {
    fn new(customers: usize, amounts: bool) -> Self {
        let of_money = if amounts { customers } else { 0 };
        Columns {
            orders: vec![0; customers],
            frequency: vec![0; customers],
            first: vec![Day(0); customers],
            last: vec![Day(0); customers],
            revenue: vec![Money(0); of_money],
            mean: Means::unknown(of_money),
        }
    }

    /// Fills all columns in one pass: the way to a customer costs more than all that is known of it.
    fn fill(&mut self, parts: &[Part], places: &[Place]) {
        let of_time = (self.first.par_chunks_mut(BLOCK), self.last.par_chunks_mut(BLOCK));
        let counts = (self.orders.par_chunks_mut(BLOCK), self.frequency.par_chunks_mut(BLOCK));
        // Of no money every block has a part, an empty one.
        let blocks = places.len().div_ceil(BLOCK);
        let money = (in_blocks(&mut self.revenue, blocks), in_blocks(self.mean.values_mut(), blocks));
        let columns =
            (places.par_chunks(BLOCK), counts.into_par_iter(), of_time.into_par_iter(), money.into_par_iter());
        columns.into_par_iter().for_each(|(places, (orders, frequency), (first, last), (revenue, mean))| {
            let mut fetched = Vec::with_capacity(FETCHED);
            for start in (0..places.len()).step_by(FETCHED) {
                let places = &places[start..(start + FETCHED).min(places.len())];
                fetched.extend(places.iter().map(|place| *customer(parts, *place)));
                for (i, customer) in (start..).zip(fetched.drain(..)) {
                    (orders[i], frequency[i]) = (customer.orders, customer.days - 1);
                    (first[i], last[i]) = (customer.first, customer.last);
                    if let (Some(revenue), Some(mean)) = (revenue.get_mut(i), mean.get_mut(i)) {
                        (*revenue, *mean) = (customer.revenue, customer.mean);
                    }
                }
            }
        });
    }
}

/// A column in so many blocks, empty ones where it is empty.
fn in_blocks<T>(column: &mut [T], blocks: usize) -> Vec<&mut [T]> {
    let mut parts: Vec<&mut [T]> = column.chunks_mut(BLOCK).collect();
    parts.resize_with(blocks, Default::default);
    parts
}
