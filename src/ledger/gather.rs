//! The customers of all partitions put into one order, column by column.

use rayon::prelude::*;

use super::part::{Days, Part};
use super::{Ledger, ReturnsSettled, Summed, forget_midnight};
use crate::ids::Ids;
use crate::summary::{Spend, Summary, SummaryError, SummarySettings};
use crate::tables::orders::PARTITION_BITS;
use crate::units::{Day, Money};

/// Bits of a place that number a customer within its part; the others number the part.
const WITHIN: u32 = 32 - PARTITION_BITS;

/// Ids put together in one task.
const BLOCK: usize = 65_536;

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

    /// The text of an id that is no number.
    fn text(self, parts: &[Part]) -> &str {
        let part = &parts[self.part()];
        part.texts.get(self.customer() - part.numbers.len())
    }
}

/// The first eight bytes of a text as a number that sorts like it; they mostly decide, and are at hand.
fn first_bytes(text: &str) -> u64 {
    let mut bytes = [0; 8];
    let count = text.len().min(8);
    bytes[..count].copy_from_slice(&text.as_bytes()[..count]);
    u64::from_be_bytes(bytes)
}

/// All customers in the order of their ids: numbers by size, then texts by their bytes.
fn places(parts: &[Part]) -> Vec<Place> {
    let mut numbers = keyed(parts, |part, customer| part.numbers.get(customer).copied());
    numbers.par_sort_unstable_by_key(|(number, _)| *number);
    let mut places: Vec<Place> = numbers.into_par_iter().map(|(_, place)| place).collect();
    let text = |part: &Part, customer: usize| {
        customer.checked_sub(part.numbers.len()).map(|text| first_bytes(part.texts.get(text)))
    };
    let mut texts = keyed(parts, text);
    texts.par_sort_unstable_by(|(a, at), (b, bt)| a.cmp(b).then_with(|| at.text(parts).cmp(bt.text(parts))));
    places.extend(texts.into_iter().map(|(_, place)| place));
    places
}

/// The customers of all parts that have a key, with it.
fn keyed(parts: &[Part], key: impl Fn(&Part, usize) -> Option<u64> + Sync) -> Vec<(u64, Place)> {
    let of_part = |(number, part): (usize, &Part)| {
        let keys = (0..part.len()).filter_map(|customer| Some((key(part, customer)?, Place::new(number, customer))));
        keys.collect::<Vec<_>>()
    };
    let keyed: Vec<Vec<(u64, Place)>> = parts.par_iter().enumerate().map(of_part).collect();
    keyed.concat()
}

/// A column of all parts in the order of the places; what it was made from is gone afterwards.
fn column<T: Copy + Send + Sync>(parts: &mut [Part], places: &[Place], of: impl Fn(&mut Part) -> Vec<T>) -> Vec<T> {
    let columns: Vec<Vec<T>> = parts.iter_mut().map(of).collect();
    places.par_iter().map(|place| columns[place.part()][place.customer()]).collect()
}

fn ids(parts: &[Part], places: &[Place]) -> Ids {
    let blocks: Vec<Ids> = places.par_chunks(BLOCK).map(|places| block_of_ids(parts, places)).collect();
    blocks.into_iter().fold(Ids::default(), |mut all, block| {
        all.append(&block);
        all
    })
}

fn block_of_ids(parts: &[Part], places: &[Place]) -> Ids {
    let mut ids = Ids::default();
    for place in places {
        match parts[place.part()].numbers.get(place.customer()) {
            Some(number) => ids.push_number(*number),
            None => ids.push(place.text(parts)),
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
    let places = places(&parts);
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
        orders: column(&mut parts, &places, |part| std::mem::take(&mut part.orders)),
        revenue: column(&mut parts, &places, |part| std::mem::take(&mut part.revenue)),
        profit: profits.then(|| column(&mut parts, &places, |part| std::mem::take(&mut part.profit))),
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
    let all = places(&parts);
    let bought = |place: &Place| parts[place.part()].spans.count[place.customer()] > 0;
    let (places, without): (Vec<Place>, Vec<Place>) = all.into_iter().partition(bought);
    if places.is_empty() {
        return Err(SummaryError::NoPurchases);
    }
    let (ids, ids_without) = (ids(&parts, &places), ids(&parts, &without));
    for part in &mut parts {
        (part.numbers, part.texts) = (Vec::new(), Ids::default());
    }
    let revenue_without: Vec<Money> =
        without.iter().map(|place| parts[place.part()].revenue[place.customer()]).collect();
    let returns = returns(&parts);
    let orders = column(&mut parts, &places, |part| std::mem::take(&mut part.orders));
    let count = column(&mut parts, &places, |part| std::mem::take(&mut part.spans.count));
    let first = column(&mut parts, &places, |part| std::mem::take(&mut part.spans.first));
    let last = column(&mut parts, &places, |part| std::mem::take(&mut part.spans.last));
    let revenue = column(&mut parts, &places, |part| std::mem::take(&mut part.revenue));
    let profit = profits.then(|| column(&mut parts, &places, |part| std::mem::take(&mut part.profit)));
    let mean = column(&mut parts, &places, |part| std::mem::take(&mut part.spans.mean));
    drop((parts, places));
    let unit = settings.time_unit;
    let in_units = |days: i32| f64::from(days) / unit.days();
    let summary = Summary {
        as_of,
        unit,
        ids,
        orders,
        frequency: count.into_par_iter().map(|count| count - 1).collect(),
        last_purchase_age: first.par_iter().zip(&last).map(|(first, last)| in_units(last.days_since(*first))).collect(),
        age: first.par_iter().map(|first| in_units(as_of.days_since(*first))).collect(),
        first_order: first,
        last_order: last,
        spend: amounts.then(|| Spend::new(settings.spend_days, revenue, mean)),
    };
    Ok(Summed { summary, profit, ids_without, revenue_without, returns })
}
