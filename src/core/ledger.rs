//! Orders to (customer, day): what a customer did on a day, returns settled.

mod gather;
mod merged;
mod overflow;
mod part;
mod partitions;
mod plain;
mod returns;
mod tag;

use std::sync::Arc;

use rayon::prelude::*;

use crate::base::ids::Ids;
use crate::base::{Clock, Day, Moment, Money};
use crate::control::{Cancelled, Control};
use crate::orders::{Lines, OrderLine, Profit, ReturnsPolicy};
use crate::summary::{Summary, SummaryError, SummarySettings};
pub use merged::{Merged, MergedLine};
pub use overflow::{Overflow, Room, SpillError, Stretch};
use part::{Folding, Keep, Part, Scratch};
use partitions::{Partition, Partitions};

/// What customers did on days: one row a (customer, purchase day), customers in the order of their ids.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    /// All customers, including those all of whose orders were returned.
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
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct ReturnsSettled {
    /// Orders that were undone as a whole.
    pub orders_undone: u64,
    /// Money returned for which no order is in the file.
    pub unmatched: Money,
}

/// A summary made without a ledger of days.
#[derive(Debug)]
pub struct Summed {
    /// Everybody who bought.
    pub summary: Summary,
    /// Profit of each of them and the money that it was made on, where order lines tell.
    pub profit: Option<Vec<Profit>>,
    /// Customers all of whose orders were returned.
    pub ids_without: Ids,
    /// What is left of their money.
    pub revenue_without: Vec<Money>,
    /// What returns did.
    pub returns: ReturnsSettled,
}

/// Takes order lines in any order and sums them up.
///
/// Lines are dealt to partitions by customer and wait there, packed; those that do not fit into the memory that they
/// may take wait on disk. Each partition is then summed up by itself. So the result depends on the lines alone,
/// whatever their order, the batches that they came in, the threads and the memory.
#[derive(Debug)]
pub struct LedgerBuilder {
    partitions: Partitions,
    policy: ReturnsPolicy,
    order_ids: bool,
    profits: bool,
    days: Option<(Day, Day)>,
    control: Control,
}

impl LedgerBuilder {
    /// Settles returns by `policy`; `order_ids` says whether lines carry order ids.
    pub fn new(policy: ReturnsPolicy, order_ids: bool) -> Self {
        LedgerBuilder {
            partitions: Partitions::new(),
            policy,
            order_ids,
            profits: false,
            days: None,
            control: Control::default(),
        }
    }

    /// Bounds the memory that waiting lines take; without a bound they all stay in memory.
    pub fn within(self, room: Arc<dyn Room>) -> Self {
        LedgerBuilder { partitions: self.partitions.within(room), ..self }
    }

    /// Stops summing up where a run is stopped.
    pub fn under(self, control: &Control) -> Self {
        LedgerBuilder { control: control.clone(), ..self }
    }

    /// Says whether lines carry order ids, where that is known only after reading.
    pub fn set_order_ids(&mut self, order_ids: bool) {
        self.order_ids = order_ids;
    }

    /// The first and the last day of any line.
    pub fn days(&self) -> Option<(Day, Day)> {
        self.days
    }

    /// Takes lines.
    ///
    /// # Errors
    /// [`SpillError`] where they do not fit into memory and cannot be put on disk either.
    pub fn add(&mut self, lines: &[OrderLine]) -> Result<(), SpillError> {
        self.absorb(&Lines::of(lines, true))
    }

    /// Forgets all lines that it has taken.
    pub fn forget(&mut self) {
        self.partitions.forget();
        (self.days, self.profits) = (None, false);
    }

    /// Takes a batch of packed lines.
    ///
    /// # Errors
    /// [`SpillError`] where they do not fit into memory and cannot be put on disk either.
    pub fn absorb(&mut self, lines: &Lines) -> Result<(), SpillError> {
        if let Some((first, last)) = lines.days() {
            self.days = Some(self.days.map_or((first, last), |days| (days.0.min(first), days.1.max(last))));
        }
        self.profits |= lines.tell_profit();
        self.partitions.absorb(lines)
    }

    /// The ledger of the lines up to a day: what stood then, before later returns undid some of it.
    ///
    /// # Errors
    /// [`SumError`] where lines cannot be read back from disk, or the run was stopped.
    pub fn up_to(&self, day: Day) -> Result<Ledger, SumError> {
        let folding = Folding { until: Some(day), ..self.folding(Keep::Days) };
        let Partitions { parts, spill, .. } = &self.partitions;
        let fold = |scratch: &mut Scratch, part: &Partition| self.fold_one(part, spill.as_deref(), &folding, scratch);
        let parts: Result<Vec<Part>, SumError> = parts.par_iter().map_init(Scratch::default, fold).collect();
        Ok(gather::ledger(parts?, self.profits))
    }

    /// Sums up to days.
    ///
    /// # Errors
    /// [`SumError`] where lines cannot be read back from disk, or the run was stopped.
    pub fn finish(self) -> Result<Ledger, SumError> {
        let (folding, profits) = (self.folding(Keep::Days), self.profits);
        Ok(gather::ledger(self.fold(&folding)?, profits))
    }

    /// Sums up to customers at once, in less memory: the same as [`Summary::new`] of [`LedgerBuilder::finish`].
    /// `amounts` says whether lines have amounts.
    ///
    /// # Errors
    /// [`SumError`] where lines cannot be read back from disk, or there is no purchase to sum up.
    pub fn summarise(self, amounts: bool, settings: &SummarySettings) -> Result<Summed, SumError> {
        let (folding, profits) = (self.folding(Keep::Summary(settings.spend_days)), self.profits);
        Ok(gather::summed(self.fold(&folding)?, profits, amounts, settings)?)
    }

    /// Hands on each partition's lines in the order of partitions, those that settling cannot tell apart made one.
    ///
    /// # Errors
    /// [`SpillError`] where lines cannot be read back from disk, and those of `take`.
    pub fn merge<E: From<SpillError>>(self, mut take: impl FnMut(usize, Merged) -> Result<(), E>) -> Result<(), E> {
        let Partitions { parts, spill, .. } = self.partitions;
        let mut parts = parts.into_iter().enumerate();
        loop {
            let group: Vec<(usize, Partition)> = parts.by_ref().take(rayon::current_num_threads()).collect();
            if group.is_empty() {
                return Ok(());
            }
            let merge = |(number, part): (usize, Partition)| Ok((number, Merged::of(&part.bytes(spill.as_deref())?)));
            let merged: Vec<Result<_, SpillError>> = group.into_par_iter().map(merge).collect();
            for part in merged {
                let (number, merged) = part?;
                take(number, merged)?;
            }
        }
    }

    fn folding(&self, keep: Keep) -> Folding {
        let &LedgerBuilder { policy, order_ids, profits, days, .. } = self;
        Folding { policy, order_ids, profits, until: None, keep, days }
    }

    /// Each partition is gone once it is summed up.
    fn fold(mut self, folding: &Folding) -> Result<Vec<Part>, SumError> {
        let Partitions { parts, spill, .. } = std::mem::replace(&mut self.partitions, Partitions::new());
        let fold = |scratch: &mut Scratch, part: Partition| self.fold_one(&part, spill.as_deref(), folding, scratch);
        parts.into_par_iter().map_init(Scratch::default, fold).collect()
    }

    fn fold_one(
        &self,
        part: &Partition,
        spill: Option<&dyn Overflow>,
        folding: &Folding,
        scratch: &mut Scratch,
    ) -> Result<Part, SumError> {
        self.control.check()?;
        Ok(Part::fold(&part.bytes(spill)?, folding, scratch))
    }
}

/// Why lines could not be summed up.
#[derive(Debug, thiserror::Error)]
pub enum SumError {
    /// The run was stopped.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The disk.
    #[error(transparent)]
    Spill(#[from] SpillError),
    /// There is nothing to sum up.
    #[error(transparent)]
    Summary(#[from] SummaryError),
}

/// A file of days that were written as timestamps says midnight throughout: that is no time of day.
pub(crate) fn forget_midnight(at: &mut [Moment]) {
    if at.iter().all(|at| at.clock.second().is_none_or(|second| second == 0)) {
        at.iter_mut().for_each(|at| at.clock = Clock::UNKNOWN);
    }
}

impl Ledger {
    /// The purchases of the customers that have any, for those who ask when: where each customer's begin, one more
    /// than there are such customers.
    pub fn starts_of_buyers(&self) -> Vec<usize> {
        let mut starts = self.starts.clone();
        starts.dedup();
        starts
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

    /// Customers all of whose orders were returned: they have revenue perhaps, but no purchase.
    pub fn without_purchase(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.len()).filter(|customer| self.rows(*customer).is_empty())
    }
}
