//! The columns of the customer table: name, unit, meaning and getter, in one list that every output goes by.

use std::cell::OnceCell;
use std::ops::Range;

use super::{FittedBase, Scored, WithoutPurchase};
use crate::base::ids::IdRef;
use crate::intervals::CustomerSpan;
use crate::summary::Summary;
use crate::table::{Column, counts, days, integers, money, numbers, text};
use crate::value::CustomerWorth;

/// When a column is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Always.
    Always,
    /// In a run with contacts.
    Contacts,
    /// In a run with prediction intervals.
    Intervals,
}

/// A column of the customer table.
#[derive(Clone, Copy)]
pub struct CustomerColumn {
    /// Its name.
    pub name: &'static str,
    /// Its unit, or what its values are.
    pub unit: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// When it is there.
    pub when: When,
    get: for<'a> fn(&'static str, &Rows<'a, '_>) -> Column<'a>,
}

impl std::fmt::Debug for CustomerColumn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CustomerColumn").field("name", &self.name).finish_non_exhaustive()
    }
}

const fn column(
    name: &'static str,
    unit: &'static str,
    when: When,
    get: for<'a> fn(&'static str, &Rows<'a, '_>) -> Column<'a>,
    meaning: &'static str,
) -> CustomerColumn {
    CustomerColumn { name, unit, meaning, when, get }
}

/// How many of [`COLUMNS`] come from the summary alone.
const SUMMARY_COLUMNS: usize = 10;

/// All columns of the customer table, in their order.
pub const COLUMNS: [CustomerColumn; 33] = {
    use When::{Always, Contacts, Intervals};
    [
        column(
            "customer_id",
            "text",
            Always,
            |name, rows| text(name, rows.ids()),
            "the id as it is in the file: `007` is not `7`",
        ),
        column(
            "orders",
            "count",
            Always,
            |name, rows| rows.orders(name),
            "number of orders that were not fully returned; purchase days if the file has no order ids",
        ),
        column(
            "frequency",
            "count",
            Always,
            |name, rows| counts(name, rows.of_summary(|summary, i| summary.frequency[i])),
            "purchase days after the first (x)",
        ),
        column(
            "last_purchase_age",
            "time units",
            Always,
            |name, rows| numbers(name, rows.of_summary(Summary::last_purchase_age)),
            "time from the first to the last purchase day (t_x)",
        ),
        column(
            "age",
            "time units",
            Always,
            |name, rows| numbers(name, rows.of_summary(Summary::age)),
            "time from the first purchase day to the as-of date (T)",
        ),
        column(
            "first_order",
            "date",
            Always,
            |name, rows| days(name, rows.of_summary(|summary, i| summary.first_order[i])),
            "first purchase day",
        ),
        column(
            "last_order",
            "date",
            Always,
            |name, rows| days(name, rows.of_summary(|summary, i| summary.last_order[i])),
            "last purchase day",
        ),
        column(
            "days_since_last",
            "days",
            Always,
            |name, rows| integers(name, rows.of_summary(Summary::days_since_last)),
            "days from the last purchase day to the as-of date",
        ),
        column("revenue", "currency", Always, |name, rows| rows.revenue(name), "all amounts, net of returns"),
        column(
            "mean_spend",
            "currency per day",
            Always,
            |name, rows| rows.mean_spend(name),
            "mean spend per purchase day after the first; of all purchase days where `summary.spend_days` is all",
        ),
        column(
            "r_score",
            "1 to 5",
            Always,
            |name, rows| rows.scores(name, |s, i| Some(s.rfm.r[i])),
            "recency score, from `days_since_last`: 1 = longest ago, 5 = most recent",
        ),
        column(
            "f_score",
            "1 to 5",
            Always,
            |name, rows| rows.scores(name, |s, i| Some(s.rfm.f[i])),
            "frequency score, from `orders`: 1 = fewest, 5 = most",
        ),
        column(
            "m_score",
            "1 to 5",
            Always,
            |name, rows| rows.scores(name, |s, i| Some(s.rfm.m.as_ref()?[i])),
            "monetary score, from `revenue`: 1 = least, 5 = most",
        ),
        column(
            "rfm_segment",
            "text",
            Always,
            |name, rows| text(name, rows.known().map(|i| Some(rows.scored?.rfm.segment_name(i?)))),
            "the segment that the three scores give",
        ),
        column(
            "p_alive",
            "probability",
            Always,
            |name, rows| rows.of_worth(name, |worth| Some(worth.p_alive)),
            "probability of still being a customer at the as-of date",
        ),
        column(
            "expected_purchases",
            "count",
            Always,
            |name, rows| rows.of_worth(name, |worth| Some(worth.expected_purchases)),
            "expected number of purchase days within the horizon",
        ),
        column(
            "expected_spend",
            "currency per day",
            Always,
            |name, rows| rows.of_worth(name, |worth| worth.expected_spend),
            "expected spend per purchase day",
        ),
        column(
            "clv",
            "currency",
            Always,
            |name, rows| rows.of_worth(name, |worth| worth.clv),
            "expected purchases × expected spend × margin within the horizon, discounted to the as-of date",
        ),
        column(
            "cluster",
            "from 1",
            Always,
            |name, rows| rows.cluster(name),
            "number of the cluster, highest typical revenue first",
        ),
        column(
            "cluster_label",
            "text",
            Always,
            |name, rows| text(name, rows.known().map(|i| Some(rows.scored?.clusters.label(i?)))),
            "what sets the cluster apart",
        ),
        column(
            "attractiveness",
            "points",
            Contacts,
            |name, rows| numbers(name, rows.mapped(|mapped, i| Some(mapped.map.attractiveness[i]))),
            "what the customer is worth: CLV, profit so far, growth and P(alive), weighted",
        ),
        column(
            "contact_quality",
            "points",
            Contacts,
            |name, rows| numbers(name, rows.mapped(|mapped, i| Some(mapped.map.contact_quality[i]))),
            "how well the customer is contacted, by eight criteria; 0 without contact",
        ),
        column(
            "map_cell",
            "text",
            Contacts,
            |name, rows| text(name, rows.mapped(|mapped, i| mapped.map.cell_name(i))),
            "place on the 3 × 3 map, such as `high value, low contact`",
        ),
        column(
            "diagnosis",
            "text",
            Contacts,
            |name, rows| text(name, rows.mapped(|mapped, i| Some(mapped.map.diagnosis(i)?.name()))),
            "`under_served`, `aligned` or `over_served`",
        ),
        column(
            "profit",
            "currency",
            Always,
            |name, rows| rows.profit(name),
            "profit so far: margin minus the costs of serving and of contacts",
        ),
        column(
            "contacts",
            "count",
            Contacts,
            |name, rows| counts(name, rows.mapped(|mapped, i| Some(mapped.contact.contacts[i]))),
            "contacts that count",
        ),
        column(
            "contact_cost",
            "currency",
            Contacts,
            |name, rows| money(name, rows.mapped(|mapped, i| Some(mapped.contact.cost[i]))),
            "cost of these contacts",
        ),
        column(
            "map_distance",
            "-100 to 100",
            Contacts,
            |name, rows| numbers(name, rows.mapped(|mapped, i| mapped.map.distance(i))),
            "contact position minus attractiveness position; below 0 the contact is worse than the value",
        ),
        column(
            "responsiveness",
            "ratio",
            Contacts,
            |name, rows| numbers(name, rows.mapped(|mapped, i| mapped.timing.responsiveness.get(i).copied())),
            "purchases after contacts over those expected at the customer's own rate, shrunk towards 1; an association",
        ),
        column(
            "purchases_low",
            "count",
            Intervals,
            |name, rows| counts(name, rows.spans().map(|span| Some(span?.purchases[0]))),
            "lower end of the prediction interval of purchase days within the horizon (80 % by default)",
        ),
        column(
            "purchases_high",
            "count",
            Intervals,
            |name, rows| counts(name, rows.spans().map(|span| Some(span?.purchases[1]))),
            "upper end",
        ),
        column(
            "clv_low",
            "currency",
            Intervals,
            |name, rows| numbers(name, rows.spans().map(|span| Some(span?.clv?[0]))),
            "lower end of the prediction interval of value within the horizon (80 % by default)",
        ),
        column(
            "clv_high",
            "currency",
            Intervals,
            |name, rows| numbers(name, rows.spans().map(|span| Some(span?.clv?[1]))),
            "upper end",
        ),
    ]
};

/// A row of the table: a customer of the summary, or one all of whose orders were returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// A place in the summary.
    Summary(usize),
    /// A place among the others.
    WithoutPurchase(usize),
}

impl Row {
    /// The place in the summary.
    pub fn summary(self) -> Option<usize> {
        match self {
            Row::Summary(customer) => Some(customer),
            Row::WithoutPurchase(_) => None,
        }
    }
}

/// The customers of a base, both kinds in one order of ids.
#[derive(Debug, Clone, Copy)]
pub struct Customers<'a> {
    /// Everybody with a purchase.
    pub summary: &'a Summary,
    /// Everybody else.
    pub without_purchase: &'a WithoutPurchase,
}

/// The customer table: cut into blocks of rows, each block a column at a time.
#[derive(Debug)]
pub struct CustomerTable<'a> {
    customers: Customers<'a>,
    /// The verdicts, and whether intervals are among them; `None` of a summary alone.
    scored: Option<(&'a Scored, bool)>,
    /// Of each customer without purchase, its row.
    without: Vec<usize>,
}

impl<'a> CustomerTable<'a> {
    /// The table of a scored base.
    pub fn of(customers: Customers<'a>, fitted: &FittedBase, scored: &'a Scored) -> Self {
        let intervals = !fitted.settings.intervals.is_off();
        CustomerTable { scored: Some((scored, intervals)), ..Self::of_summary(customers) }
    }

    /// The table of a base that is summed up and no more.
    pub fn of_summary(customers: Customers<'a>) -> Self {
        let (with, without) = (&customers.summary.ids, &customers.without_purchase.ids);
        let before = |place: usize| {
            let id = IdRef::new(without.get(place));
            place + with.partition_point(|customer| IdRef::new(customer) < id)
        };
        let without = (0..without.len()).map(before).collect();
        CustomerTable { customers, scored: None, without }
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.customers.summary.len() + self.without.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its columns.
    pub fn columns(&self) -> impl Iterator<Item = &'static CustomerColumn> + use<> {
        let count = if self.scored.is_some() { COLUMNS.len() } else { SUMMARY_COLUMNS };
        let contacts = self.scored.is_some_and(|(scored, _)| scored.map.is_some());
        let intervals = self.scored.is_some_and(|(_, intervals)| intervals);
        COLUMNS[..count].iter().filter(move |column| match column.when {
            When::Always => true,
            When::Contacts => contacts,
            When::Intervals => intervals,
        })
    }

    /// Which customers stand in some rows.
    pub fn rows(&self, range: Range<usize>) -> Vec<Row> {
        let mut next = self.without.partition_point(|row| *row < range.start);
        let row = |row| match self.without.get(next) {
            Some(without) if *without == row => {
                next += 1;
                Row::WithoutPurchase(next - 1)
            }
            _ => Row::Summary(row - next),
        };
        range.map(row).collect()
    }

    /// The columns of some rows.
    pub fn block(&self, rows: &[Row]) -> Vec<Column<'a>> {
        let rows = Rows {
            customers: self.customers,
            scored: self.scored.map(|(scored, _)| scored),
            rows,
            worth: OnceCell::new(),
            spans: OnceCell::new(),
        };
        self.columns().map(|column| (column.get)(column.name, &rows)).collect()
    }

    /// The id in a row.
    pub fn id(&self, row: Row) -> &'a str {
        self.customers.id(row)
    }
}

impl<'a> Customers<'a> {
    fn id(&self, row: Row) -> &'a str {
        match row {
            Row::Summary(customer) => self.summary.ids.get(customer),
            Row::WithoutPurchase(place) => self.without_purchase.ids.get(place),
        }
    }
}

/// Some rows, with what several columns share: it is fetched once.
struct Rows<'a, 'r> {
    customers: Customers<'a>,
    scored: Option<&'a Scored>,
    rows: &'r [Row],
    worth: OnceCell<Vec<Option<CustomerWorth>>>,
    spans: OnceCell<Vec<Option<CustomerSpan>>>,
}

impl<'a> Rows<'a, '_> {
    fn ids(&self) -> impl Iterator<Item = Option<&'a str>> {
        self.rows.iter().map(|row| Some(self.customers.id(*row)))
    }

    /// Places in the summary.
    fn known(&self) -> impl Iterator<Item = Option<usize>> {
        self.rows.iter().map(|row| row.summary())
    }

    fn of_summary<T>(&self, get: impl Fn(&Summary, usize) -> T) -> impl Iterator<Item = Option<T>> {
        self.known().map(move |customer| Some(get(self.customers.summary, customer?)))
    }

    fn orders(&self, name: &'static str) -> Column<'a> {
        let orders = |customer: Option<usize>| Some(customer.map_or(0, |i| self.customers.summary.orders[i]));
        counts(name, self.known().map(orders))
    }

    fn revenue(&self, name: &'static str) -> Column<'a> {
        let Customers { summary, without_purchase } = self.customers;
        let revenue = |row: &Row| match (row, &summary.spend) {
            (Row::Summary(customer), Some(spend)) => Some(spend.revenue[*customer]),
            (Row::WithoutPurchase(place), Some(_)) => Some(without_purchase.revenue[*place]),
            (_, None) => None,
        };
        money(name, self.rows.iter().map(revenue))
    }

    fn mean_spend(&self, name: &'static str) -> Column<'a> {
        let spend = self.customers.summary.spend.as_ref();
        numbers(name, self.known().map(|customer| spend?.mean.get(customer?)))
    }

    fn scores(&self, name: &'static str, score: impl Fn(&Scored, usize) -> Option<u8>) -> Column<'a> {
        counts(name, self.known().map(|customer| score(self.scored?, customer?).map(u32::from)))
    }

    fn of_worth(&self, name: &'static str, get: impl Fn(CustomerWorth) -> Option<f64>) -> Column<'a> {
        let value = self.scored.and_then(|scored| scored.value.as_ref());
        let fetch = || self.known().map(|customer| Some(value?.of_customer(customer?))).collect();
        numbers(name, self.worth.get_or_init(fetch).iter().map(|worth| get((*worth)?)))
    }

    fn cluster(&self, name: &'static str) -> Column<'a> {
        let cluster = |customer: Option<usize>| Some(u32::from(self.scored?.clusters.cluster[customer?]));
        counts(name, self.known().map(cluster))
    }

    fn profit(&self, name: &'static str) -> Column<'a> {
        let profit = |customer: Option<usize>| Some(self.scored?.profit.as_ref()?.by_customer[customer?]);
        money(name, self.known().map(profit))
    }

    fn mapped<T>(&self, get: impl Fn(&'a super::Mapped, usize) -> Option<T>) -> impl Iterator<Item = Option<T>> {
        let mapped = self.scored.and_then(|scored| scored.map.as_ref());
        self.known().map(move |customer| get(mapped?, customer?))
    }

    fn spans(&self) -> impl Iterator<Item = Option<CustomerSpan>> {
        let intervals = self.scored.and_then(|scored| scored.intervals.as_ref());
        let fetch = || self.known().map(|customer| Some(intervals?.of_customer(customer?))).collect();
        self.spans.get_or_init(fetch).iter().copied()
    }
}
