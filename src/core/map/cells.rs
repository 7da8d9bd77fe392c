//! The cell table: who is in which cell, and what it amounts to.

use serde::{Deserialize, Serialize};

use crate::base::Money;
use crate::map::grid::{Cell, Diagnosis, level_name};
use crate::map::{CustomerMap, MapInput};

/// A row of the cell table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CellRow {
    /// Level of attractiveness: `low`, `medium`, `high` or `L1` to `Ln`.
    pub attractiveness: String,
    /// Level of contact quality, likewise.
    pub contact: String,
    /// `high value, low contact`.
    pub name: String,
    /// Customers in the cell.
    pub customers: u64,
    /// Their share of all customers on the map, 0-1.
    pub share: f64,
    /// Of these, those whose contact is below their attractiveness by more than the tolerance.
    pub under_served: u64,
    /// Those within the tolerance.
    pub aligned: u64,
    /// Those above by more.
    pub over_served: u64,
    /// Their revenue; `None` without amounts.
    pub revenue: Option<Money>,
    /// Their CLV; `None` without CLV.
    pub clv: Option<f64>,
    /// What their contacts cost; `None` where no cost is known.
    pub contact_cost: Option<Money>,
    /// Their profit so far; `None` without amounts.
    pub profit: Option<Money>,
}

/// The map as a whole.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct MapTotals {
    /// Customers in the base.
    pub customers: u64,
    /// Of these on the map.
    pub mapped: u64,
    /// Off the map, having no attractiveness or, though contacted, none of the criteria of contact quality.
    pub unmapped: u64,
    /// Without contact that counts, on the map or off it.
    pub without_contact: u64,
    /// Contact below attractiveness by more than the tolerance.
    pub under_served: u64,
    /// Contact within the tolerance of attractiveness.
    pub aligned: u64,
    /// Contact above attractiveness by more than the tolerance.
    pub over_served: u64,
    /// CLV of the under-served as a share of all CLV on the map, 0-1, a negative CLV counting as 0; `None` where there
    /// is no CLV above 0.
    pub under_served_clv_share: Option<f64>,
    /// Contact cost of the over-served as a share of all contact cost on the map, 0-1; `None` where there is no cost.
    pub over_served_contact_cost_share: Option<f64>,
}

/// What is summed up in a cell or over the map. Whole numbers, so that the order of customers does not matter; i128, so
/// that no base can overflow them.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    customers: u64,
    diagnosed: [u64; Diagnosis::ALL.len()],
    revenue: i128,
    clv: i128,
    contact_cost: i128,
    profit: i128,
    clv_above_0: [i128; Diagnosis::ALL.len()],
    cost_above_0: [i128; Diagnosis::ALL.len()],
}

impl Sums {
    fn add(&mut self, input: &MapInput<'_>, customer: usize, diagnosis: Diagnosis) {
        let of = |column: Option<&[Money]>| column.map_or(0, |money| i128::from(money[customer].0));
        let clv = input.clv.map_or(0, |clv| clv_units(clv[customer]));
        let cost = of(input.contact_cost);
        self.customers += 1;
        self.diagnosed[diagnosis as usize] += 1;
        self.revenue += of(input.revenue);
        self.clv += clv;
        self.contact_cost += cost;
        self.profit += of(input.profit);
        self.clv_above_0[diagnosis as usize] += clv.max(0);
        self.cost_above_0[diagnosis as usize] += cost.max(0);
    }
}

/// The cell table and the whole-map figures of a map whose customers are placed.
pub(super) fn describe(map: &mut CustomerMap, input: &MapInput<'_>) {
    let mut cells = vec![Sums::default(); map.levels * map.levels];
    for customer in 0..map.cell.len() {
        if let (Some(cell), Some(diagnosis)) = (map.cell[customer], map.diagnosis(customer)) {
            cells[cell.index(map.levels)].add(input, customer, diagnosis);
        }
    }
    map.totals = totals(&cells, input);
    map.cells = Cell::all(map.levels).zip(&cells).map(|(cell, sums)| row(cell, sums, map, input)).collect();
}

fn row(cell: Cell, sums: &Sums, map: &CustomerMap, input: &MapInput<'_>) -> CellRow {
    let [under_served, aligned, over_served] = sums.diagnosed;
    CellRow {
        attractiveness: level_name(cell.attractiveness, map.levels),
        contact: level_name(cell.contact, map.levels),
        name: cell.name(map.levels),
        customers: sums.customers,
        share: share(sums.customers.into(), map.totals.mapped.into()).unwrap_or(0.0),
        under_served,
        aligned,
        over_served,
        revenue: input.revenue.map(|_| money(sums.revenue)),
        clv: input.clv.map(|_| sums.clv as f64 / Money::SCALE as f64),
        contact_cost: input.contact_cost.map(|_| money(sums.contact_cost)),
        profit: input.profit.map(|_| money(sums.profit)),
    }
}

fn totals(cells: &[Sums], input: &MapInput<'_>) -> MapTotals {
    let customers = input.contacted.len() as u64;
    let mapped = cells.iter().map(|sums| sums.customers).sum();
    let [under_served, aligned, over_served] =
        Diagnosis::ALL.map(|of| cells.iter().map(|sums| sums.diagnosed[of as usize]).sum());
    let share_of = |of: Diagnosis, column: fn(&Sums) -> &[i128; 3]| {
        let part = cells.iter().map(|sums| column(sums)[of as usize]).sum();
        share(part, cells.iter().flat_map(column).sum())
    };
    MapTotals {
        customers,
        mapped,
        unmapped: customers - mapped,
        without_contact: input.contacted.iter().filter(|contacted| !**contacted).count() as u64,
        under_served,
        aligned,
        over_served,
        under_served_clv_share: share_of(Diagnosis::UnderServed, |sums| &sums.clv_above_0),
        over_served_contact_cost_share: share_of(Diagnosis::OverServed, |sums| &sums.cost_above_0),
    }
}

/// A part of a whole; `None` of nothing.
pub(super) fn share(part: i128, whole: i128) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// A sum of money as it is held, at the end of the scale where it is beyond.
pub(super) fn money(units: i128) -> Money {
    Money(units.clamp(i64::MIN.into(), i64::MAX.into()) as i64)
}

/// A CLV in fixed point like [`Money`], bounded so that no base can overflow the sum; 0 where it is absent.
fn clv_units(clv: f64) -> i128 {
    const BOUND: f64 = 1e24;
    (clv * Money::SCALE as f64).round().clamp(-BOUND, BOUND) as i128
}
