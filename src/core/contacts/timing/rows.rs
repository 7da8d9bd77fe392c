//! What is shown: a row for each kind of contact and lag, and what may be said of it.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::contacts::Contact;
use crate::contacts::timing::axis::Resolution;
use crate::contacts::timing::base::{Base, Sampled};
use crate::contacts::timing::cost;
use crate::contacts::timing::cost::AdditionalCost;
use crate::contacts::timing::permutation::{Counts, Shifts, adjust, mix};
use crate::contacts::timing::series::{Estimate, Model};
use crate::contacts::timing::track::Track;
use crate::contacts::timing::{ANY, SAME_DAY_RATIO, TimingSettings, trial};

/// Contacts that it takes to call a kind a follower.
const FEWEST_FOLLOWERS: f64 = 5.0;

/// What a row counts after what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sequence {
    /// Purchases after contacts.
    AfterContact,
    /// Contacts after purchases.
    AfterPurchase,
}

impl Sequence {
    /// Its name in exports: `after_contact`.
    pub fn name(self) -> &'static str {
        match self {
            Sequence::AfterContact => "after_contact",
            Sequence::AfterPurchase => "after_purchase",
        }
    }
}

/// What may be said of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// More follow than at other times, beyond chance.
    MoreFollow,
    /// That more follow is not shown.
    NotShown,
    /// Too few are to be expected for anything to be shown.
    TooFew,
    /// Nothing: contacts of this kind follow purchases.
    FollowsPurchases,
    /// Nothing: it is the same day, and which came first is not known.
    OrderUnknown,
}

impl Claim {
    /// Its name in exports: `more_follow`.
    pub fn name(self) -> &'static str {
        match self {
            Claim::MoreFollow => "more_follow",
            Claim::NotShown => "not_shown",
            Claim::TooFew => "too_few",
            Claim::FollowsPurchases => "follows_purchases",
            Claim::OrderUnknown => "order_unknown",
        }
    }
}

/// One kind of contact at one lag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimingRow {
    /// The channel, with `(in)` where customers made the contact, or `any`.
    pub kind: String,
    /// What is counted after what.
    pub direction: Sequence,
    /// Where the window begins, in days after the contact (or purchase).
    pub lag_from_days: f64,
    /// Where it ends.
    pub lag_to_days: f64,
    /// Contacts of the kind in the whole log.
    pub contacts: u64,
    /// Days in the window, over the customers looked at.
    #[serde(deserialize_with = "crate::numeric::nan_if_null")]
    pub exposed_days: f64,
    /// Purchases in the window (contacts, after a purchase).
    pub events: u64,
    /// As many as there would be, were each customer's spread evenly over its time.
    #[serde(deserialize_with = "crate::numeric::nan_if_null")]
    pub expected: f64,
    /// The rate in the window over the rate outside of all windows.
    #[serde(deserialize_with = "crate::numeric::nan_if_null")]
    pub rate_ratio: f64,
    /// The low end of its interval.
    #[serde(deserialize_with = "crate::numeric::nan_if_null")]
    pub low: f64,
    /// The high end.
    #[serde(deserialize_with = "crate::numeric::nan_if_null")]
    pub high: f64,
    /// Two-sided, by circular shift.
    #[serde(deserialize_with = "crate::numeric::nan_if_null")]
    pub p_value: f64,
    /// Adjusted over the family; `None` where nothing could be claimed, so that the row is in no family.
    pub p_adjusted: Option<f64>,
    /// Whether contacts of the kind follow purchases.
    pub follows_purchases: bool,
    /// What may be said.
    pub claim: Claim,
}

/// A base, and what is asked of it.
pub(super) struct Question<'a> {
    base: &'a Base<'a>,
    settings: &'a TimingSettings,
    /// Contacts of each kind, and of none.
    contacts: Vec<u64>,
    pub(super) draws: u32,
    z: f64,
}

/// What is known of the cells of one model.
struct Found<'a> {
    counts: &'a Counts,
    p_values: &'a [f64],
    model: Model,
    estimate: Estimate,
}

impl<'a> Question<'a> {
    pub(super) fn new(base: &'a Base<'a>, settings: &'a TimingSettings) -> Self {
        let mut contacts = vec![0; base.kinds.len()];
        base.log.contacts().iter().for_each(|contact| contacts[usize::from(base.kinds.kind(contact))] += 1);
        // The least p-value, one in all draws, must pass as the only discovery among all rows.
        let enough = ((base.kinds.len() + 1) * base.windows.len()) as f64 / settings.fdr;
        let draws = settings.permutations.max(enough.min(1e6) as u32 + 1);
        Question { base, settings, contacts, draws, z: trial::normal_quantile(settings.confidence) }
    }

    pub(super) fn lags(&self) -> usize {
        self.base.windows.len()
    }

    fn p_values(&self, counts: &Counts, tracks: &[Track], stream: u64) -> Vec<f64> {
        let Base { resolution, control, .. } = *self.base;
        counts
            .p_values(tracks, &Shifts { resolution, draws: self.draws, seed: mix(self.settings.seed, stream), control })
    }

    /// Contacts after purchases by kind and lag, and which kinds follow purchases.
    pub(super) fn contacts_after_purchases(&self) -> (Vec<TimingRow>, Vec<bool>) {
        let (tracks, cells) = (self.base.after_purchases(), self.base.kinds.len() * self.lags());
        let counts = Counts::of(&tracks, cells);
        let (p_values, model) = (self.p_values(&counts, &tracks, 1), Model::of(cells, |_| true));
        let found =
            Found { counts: &counts, p_values: &p_values, estimate: model.fit(&tracks, self.base.control), model };
        let mut rows = self.rows(&found, Sequence::AfterPurchase, 0..self.base.kinds.len());
        self.judge(&mut rows, |row| row.exposed_days > 0.0);
        let follows: Vec<bool> =
            rows.chunks(self.lags()).map(|rows| rows.iter().any(|row| self.follows(row))).collect();
        rows.iter_mut().zip(0..).for_each(|(row, place)| row.follows_purchases = follows[place / self.lags()]);
        (rows, follows)
    }

    /// Whether this window shows that the kind follows purchases.
    fn follows(&self, row: &TimingRow) -> bool {
        let least = if self.order_known(row) { self.settings.follow_ratio } else { SAME_DAY_RATIO };
        row.lag_to_days <= self.settings.follow_days.max(self.settings.lags_days[1])
            && row.p_adjusted.is_some_and(|p| p < self.settings.fdr)
            && row.low > 1.0
            && row.rate_ratio >= least
            && row.events as f64 >= FEWEST_FOLLOWERS
    }

    fn order_known(&self, row: &TimingRow) -> bool {
        self.base.resolution == Resolution::Clocks || row.lag_from_days >= 1.0
    }

    /// Purchases after contacts by kind and lag, and then after contacts of any kind by lag.
    pub(super) fn purchases_after_contacts(
        &self,
        tracks: &[Track],
        follows: &[bool],
        in_any: &[bool],
    ) -> Vec<TimingRow> {
        let (kinds, lags) = (self.base.kinds.len(), self.lags());
        let cells = (kinds + 1) * lags;
        let counts = Counts::of(tracks, cells);
        let p_values = self.p_values(&counts, tracks, 2);
        let found = |kept: &dyn Fn(usize) -> bool| {
            let model = Model::of(cells, |cell| kept(cell / lags));
            Found { counts: &counts, p_values: &p_values, estimate: model.fit(tracks, self.base.control), model }
        };
        let together = found(&|kind| kind < kinds && !follows[kind]);
        let mut rows = Vec::with_capacity(cells);
        for (factor, is_alone) in follows.iter().copied().chain([true]).enumerate() {
            let alone = is_alone.then(|| found(&|other| other == factor));
            rows.extend(self.rows(alone.as_ref().unwrap_or(&together), Sequence::AfterContact, factor..factor + 1));
        }
        rows.iter_mut()
            .zip(0..)
            .for_each(|(row, place)| row.follows_purchases = follows.get(place / lags) == Some(&true));
        rows[kinds * lags..].iter_mut().for_each(|row| row.contacts = total(&self.contacts, in_any));
        self.judge(&mut rows, |row| self.may_claim(row));
        rows
    }

    fn may_claim(&self, row: &TimingRow) -> bool {
        !row.follows_purchases && self.order_known(row) && row.expected >= self.settings.min_expected
    }

    /// The rows of some factors, nothing claimed yet.
    fn rows(&self, found: &Found, direction: Sequence, factors: Range<usize>) -> Vec<TimingRow> {
        let places = factors.flat_map(|factor| (0..self.lags()).map(move |lag| (factor, lag)));
        places.map(|(factor, lag)| self.row(found, direction, factor, lag)).collect()
    }

    fn row(&self, found: &Found, direction: Sequence, factor: usize, lag: usize) -> TimingRow {
        let cell = usize::from(self.base.windows.cell(factor, lag));
        let (middle, error) = found.log_ratio(cell);
        let is_kind = factor < self.base.kinds.len();
        TimingRow {
            kind: if is_kind { self.base.kinds.name(factor).to_string() } else { ANY.to_string() },
            direction,
            lag_from_days: self.settings.lags_days[lag],
            lag_to_days: self.settings.lags_days[lag + 1],
            contacts: if is_kind { self.contacts[factor] } else { 0 },
            exposed_days: found.counts.days[cell],
            events: found.counts.events[cell],
            expected: found.counts.expected[cell],
            rate_ratio: middle.exp(),
            low: (middle - self.z * error).exp(),
            high: (middle + self.z * error).exp(),
            p_value: found.p_values[cell],
            p_adjusted: None,
            follows_purchases: false,
            claim: Claim::TooFew,
        }
    }

    /// Adjusts the p-values of the rows that may be claimed, and claims.
    fn judge(&self, rows: &mut [TimingRow], may_claim: impl Fn(&TimingRow) -> bool) {
        let family: Vec<usize> = (0..rows.len()).filter(|&place| may_claim(&rows[place])).collect();
        let p_values: Vec<f64> = family.iter().map(|&place| rows[place].p_value).collect();
        for (place, p) in family.into_iter().zip(adjust(&p_values)) {
            rows[place].p_adjusted = Some(p);
        }
        for row in rows {
            row.claim = self.claim(row);
        }
    }

    fn claim(&self, row: &TimingRow) -> Claim {
        let more = row.low > 1.0 && row.events as f64 > row.expected;
        match row.p_adjusted {
            Some(p) if p < self.settings.fdr && more => Claim::MoreFollow,
            Some(_) => Claim::NotShown,
            None if row.follows_purchases => Claim::FollowsPurchases,
            None if !self.order_known(row) && row.exposed_days > 0.0 => Claim::OrderUnknown,
            None => Claim::TooFew,
        }
    }

    pub(super) fn costs(
        &self,
        rows: &[TimingRow],
        any: &[TimingRow],
        in_any: &[bool],
        p_alive: Option<&[f64]>,
        purchases: u64,
    ) -> Vec<AdditionalCost> {
        let of_any = |kind: u16| in_any[usize::from(kind)];
        let of_kind = |(kind, rows): (usize, &[TimingRow])| {
            cost::additional_cost(self.base, rows, |of| usize::from(of) == kind, p_alive, purchases)
        };
        let any = cost::additional_cost(self.base, any, of_any, p_alive, purchases);
        // What customers do of themselves is not to be bought.
        let kinds = rows.chunks(self.lags()).enumerate().filter(|(kind, _)| self.base.kinds.is_outbound(*kind));
        any.into_iter().chain(kinds.filter_map(of_kind)).collect()
    }

    pub(super) fn notes(&self) -> Vec<String> {
        let Sampled { after_contacts, after_purchases } = self.base.sampled;
        let without = self.base.log.controls().iter().filter(|row| row.campaign == Contact::NONE).count();
        let sampled = (after_contacts.min(after_purchases) < 1.0).then(|| {
            format!(
                "The log is long, so random samples were used: {:.1} % of the customers for purchases after contacts, and \
                 {:.1} % for contacts after purchases.",
                100.0 * after_contacts,
                100.0 * after_purchases,
            )
        });
        let nameless = (without > 0).then(|| {
            format!("{without} customers were held out of a campaign that is not named; they are not compared.")
        });
        sampled.into_iter().chain(nameless).collect()
    }
}

impl Found<'_> {
    /// The log ratio of a cell and its standard error; 0 and 0 for a cell that the model does not have.
    fn log_ratio(&self, cell: usize) -> (f64, f64) {
        self.model.parameter(cell).map_or((0.0, 0.0), |p| (self.estimate.log_ratio[p], self.estimate.error[p]))
    }
}

fn total(contacts: &[u64], in_any: &[bool]) -> u64 {
    contacts.iter().zip(in_any).filter(|(_, is_in)| **is_in).map(|(contacts, _)| contacts).sum()
}
