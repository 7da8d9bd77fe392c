//! What is not to be seen: small groups are merged, ids hashed, rows of single customers left out.

use crate::ReportOptions;
use crate::messages::Messages;
use clivia_core::base::Money;
use clivia_core::clusters::ClusterRow;
use clivia_core::figures::{Bin, Decile, Figures, Group, HoldoutFigure, MapFigure, RfmCell, ValueFigure};
use clivia_core::map::CellRow;
use clivia_core::rfm::SegmentRow;
use clivia_core::validation::{ByFrequency, RepeatCount};

/// The figures as they may be shown.
pub(super) fn shown(mut figures: Figures, messages: &Messages, options: &ReportOptions) -> Figures {
    if let Some(map) = &mut figures.map {
        if !options.customers {
            (map.points, map.most_under_served) = (Vec::new(), Vec::new());
        }
        if let Some(key) = &options.hash_ids {
            let listed = map.most_under_served.iter_mut().map(|named| &mut named.point);
            map.points.iter_mut().chain(listed).for_each(|point| point.customer_id = key.hashed(&point.customer_id));
        }
    }
    if options.min_cell > 1 {
        merge(&mut figures, &messages.word("merged"), options.min_cell);
    }
    figures
}

fn merge(figures: &mut Figures, name: &str, least: u64) {
    let Figures { map, deciles, rfm, segments, clusters, value, holdout } = figures;
    if let Some(MapFigure { cells, density, .. }) = map {
        merge_cells(cells, name, least);
        density.retain(|field| field.customers >= least);
    }
    merge_deciles(deciles, least);
    hide_scores(rfm, least);
    merge_groups(segments, least, |sum: &mut Group<SegmentRow>, one| {
        let row = &mut sum.row;
        row.segment = name.into();
        row.customers += one.row.customers;
        row.customer_share += one.row.customer_share;
        row.orders += one.row.orders;
        row.revenue = plus(row.revenue, one.row.revenue);
        row.clv = added(row.clv, one.row.clv);
        (sum.purchases, sum.value) = (None, None);
    });
    merge_groups(clusters, least, |sum: &mut Group<ClusterRow>, one| {
        let row = &mut sum.row;
        (row.cluster, row.cluster_label) = (0, name.into());
        row.customers += one.row.customers;
        row.customer_share += one.row.customer_share;
        row.revenue = plus(row.revenue, one.row.revenue);
        row.clv = added(row.clv, one.row.clv);
        (row.mean_purchase_days, row.mean_days_since_last, row.revenue_per_purchase_day) = (None, None, None);
        (sum.purchases, sum.value) = (None, None);
    });
    if let Some(ValueFigure { clv, p_alive, .. }) = value {
        merge_bins(clv, least);
        merge_bins(p_alive, least);
    }
    if let Some(HoldoutFigure { by_frequency, repeat_counts, .. }) = holdout {
        merge_frequencies(by_frequency, least);
        merge_counts(repeat_counts, least);
    }
}

/// Something with customers in it.
trait Crowd {
    fn customers(&self) -> u64;
}

impl Crowd for Group<SegmentRow> {
    fn customers(&self) -> u64 {
        self.row.customers
    }
}

impl Crowd for Group<ClusterRow> {
    fn customers(&self) -> u64 {
        self.row.customers
    }
}

impl Crowd for CellRow {
    fn customers(&self) -> u64 {
        self.customers
    }
}

/// Takes out the groups that are too small, and as many of the smallest others as it takes until the sum of all that
/// were taken is large enough; empty groups stay. What was taken comes back as one.
fn take_small<T: Crowd>(groups: &mut Vec<T>, least: u64, add: impl Fn(&mut T, T)) -> Option<T> {
    let is_small = |group: &T| group.customers() > 0 && group.customers() < least;
    let mut taken: Option<T> = None;
    let take = |groups: &mut Vec<T>, place: usize, taken: &mut Option<T>| {
        let one = groups.remove(place);
        match taken {
            None => *taken = Some(one),
            Some(sum) => add(sum, one),
        }
    };
    while let Some(place) = groups.iter().position(is_small) {
        take(groups, place, &mut taken);
    }
    while taken.as_ref().is_some_and(|sum| sum.customers() < least) {
        let others = groups.iter().enumerate().filter(|(_, group)| group.customers() > 0);
        let Some((place, _)) = others.min_by_key(|(_, group)| group.customers()) else { break };
        take(groups, place, &mut taken);
    }
    taken
}

/// Small groups become one at the end, without what cannot be added up.
fn merge_groups<T: Crowd>(groups: &mut Vec<T>, least: u64, add: impl Fn(&mut T, T)) {
    // What is still too small is all there is.
    let merged = take_small(groups, least, add);
    groups.extend(merged.filter(|sum| sum.customers() >= least));
}

/// Small cells of the map become one at the end; where they were they are empty.
fn merge_cells(cells: &mut Vec<CellRow>, name: &str, least: u64) {
    let mut left = cells.clone();
    let add = |sum: &mut CellRow, one: CellRow| {
        sum.customers += one.customers;
        sum.share += one.share;
        sum.under_served += one.under_served;
        sum.aligned += one.aligned;
        sum.over_served += one.over_served;
        sum.revenue = plus(sum.revenue, one.revenue);
        sum.clv = added(sum.clv, one.clv);
        sum.contact_cost = plus(sum.contact_cost, one.contact_cost);
        sum.profit = plus(sum.profit, one.profit);
    };
    let Some(mut sum) = take_small(&mut left, least, add) else { return };
    for cell in cells.iter_mut().filter(|cell| !left.iter().any(|left| left.name == cell.name)) {
        let CellRow { attractiveness, contact, name, .. } = cell;
        *cell = CellRow {
            attractiveness: std::mem::take(attractiveness),
            contact: std::mem::take(contact),
            name: std::mem::take(name),
            customers: 0,
            share: 0.0,
            under_served: 0,
            aligned: 0,
            over_served: 0,
            revenue: None,
            clv: None,
            contact_cost: None,
            profit: None,
        };
    }
    (sum.attractiveness, sum.contact, sum.name) = (String::new(), String::new(), name.into());
    cells.push(sum);
}

fn merge_deciles(deciles: &mut Vec<Decile>, least: u64) {
    let add = |sum: &mut Decile, one: Decile| {
        sum.decile = one.decile;
        sum.customers += one.customers;
        sum.value += one.value;
        sum.value_share = added(sum.value_share, one.value_share);
        sum.revenue = plus(sum.revenue, one.revenue);
    };
    merge_neighbours(deciles, least, |decile| decile.customers, add);
}

/// Cells of scores that are too small are shown as empty.
fn hide_scores(cells: &mut [RfmCell], least: u64) {
    for cell in cells.iter_mut().filter(|cell| cell.customers < least) {
        (cell.customers, cell.mean_m, cell.revenue, cell.clv) = (0, None, None, None);
    }
}

fn merge_bins(bins: &mut Vec<Bin>, least: u64) {
    let add = |sum: &mut Bin, one: Bin| {
        sum.to = one.to;
        sum.customers += one.customers;
    };
    merge_neighbours(bins, least, |bin| bin.customers, add);
}

fn merge_frequencies(rows: &mut Vec<ByFrequency>, least: u64) {
    let add = |sum: &mut ByFrequency, one: ByFrequency| {
        let (a, b) = (sum.customers as f64, one.customers as f64);
        sum.actual = (sum.actual * a + one.actual * b) / (a + b).max(1.0);
        sum.expected = (sum.expected * a + one.expected * b) / (a + b).max(1.0);
        sum.customers += one.customers;
    };
    merge_neighbours(rows, least, |row| row.customers, add);
}

fn merge_counts(rows: &mut Vec<RepeatCount>, least: u64) {
    let add = |sum: &mut RepeatCount, one: RepeatCount| {
        sum.actual += one.actual;
        sum.expected += one.expected;
    };
    merge_neighbours(rows, least, |row| row.actual, add);
}

/// Merges each row that is too small with the next, and the last with the one before.
fn merge_neighbours<T>(rows: &mut Vec<T>, least: u64, customers: impl Fn(&T) -> u64, add: impl Fn(&mut T, T)) {
    let mut merged: Vec<T> = Vec::with_capacity(rows.len());
    for row in rows.drain(..) {
        match merged.last_mut() {
            Some(last) if customers(last) < least => add(last, row),
            _ => merged.push(row),
        }
    }
    if merged.len() > 1
        && let Some(row) = merged.pop_if(|last| customers(last) < least)
        && let Some(last) = merged.last_mut()
    {
        add(last, row);
    }
    *rows = merged;
}

fn plus(a: Option<Money>, b: Option<Money>) -> Option<Money> {
    Some(Money(a?.0.saturating_add(b?.0)))
}

fn added(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    Some(a? + b?)
}

#[cfg(test)]
mod tests {
    use crate::merging::*;

    fn group(segment: &str, customers: u64) -> Group<SegmentRow> {
        let row = SegmentRow {
            segment: segment.into(),
            customers,
            customer_share: 0.1,
            orders: customers,
            revenue: Some(Money(10_000 * customers as i64)),
            clv: None,
        };
        Group { row, purchases: None, value: None }
    }

    fn merged(sizes: &[u64], least: u64) -> Vec<(String, u64)> {
        let mut groups: Vec<_> = sizes.iter().enumerate().map(|(i, &n)| group(&format!("s{i}"), n)).collect();
        merge_groups(&mut groups, least, |sum, one| {
            sum.row.segment = "other".into();
            sum.row.customers += one.row.customers;
        });
        groups.into_iter().map(|group| (group.row.segment, group.row.customers)).collect()
    }

    #[test]
    fn no_group_that_is_shown_is_too_small_and_nobody_is_lost() {
        assert_eq!(merged(&[50, 3, 40, 4], 5), [("s0".into(), 50), ("s2".into(), 40), ("other".into(), 7)]);
        // Two alone are still too few, so the smallest of the others joins them.
        assert_eq!(merged(&[50, 1, 40, 2], 5), [("s0".into(), 50), ("other".into(), 43)]);
        assert_eq!(merged(&[50, 2, 40], 5), [("s0".into(), 50), ("other".into(), 42)]);
        assert_eq!(merged(&[50, 0, 40], 5), [("s0".into(), 50), ("s1".into(), 0), ("s2".into(), 40)]);
    }

    #[test]
    fn bins_that_are_too_small_join_their_neighbours() {
        let ends = [0.0, 1.0, 2.0, 5.0, 10.0];
        let mut bins: Vec<Bin> = ends
            .windows(2)
            .zip([9, 2, 4, 1])
            .map(|(ends, customers)| Bin { from: Some(ends[0]), to: Some(ends[1]), customers })
            .collect();
        merge_bins(&mut bins, 5);
        let found: Vec<_> = bins.iter().map(|bin| (bin.from, bin.to, bin.customers)).collect();
        assert_eq!(found, [(Some(0.0), Some(1.0), 9), (Some(1.0), Some(10.0), 7)]);
    }
}
