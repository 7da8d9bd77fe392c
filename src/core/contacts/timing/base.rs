//! The base as it is looked at: who is in the sample, and each customer's time with its exposures.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::base::Moment;
use crate::contacts::ContactLog;
use crate::contacts::timing::axis::{Resolution, Span};
use crate::contacts::timing::kinds::Kinds;
use crate::contacts::timing::permutation::mix;
use crate::contacts::timing::track::{Track, Windows};
use crate::contacts::timing::{Purchases, TimingInput, TimingSettings};
use crate::control::Control;

/// Contacts beside each purchase of the largest sample: windows are cut at contacts.
const CONTACTS_A_PURCHASE: f64 = 10.0;

/// Which part of a base was looked at. Customers are taken by a hash of their row, whatever they did.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sampled {
    /// Share of the customers whose purchases after contacts were looked at.
    pub after_contacts: f64,
    /// Share of the customers whose contacts after purchases were looked at.
    pub after_purchases: f64,
}

/// Purchases and contacts with what all questions share.
pub(super) struct Base<'a> {
    pub(super) purchases: Purchases<'a>,
    pub(super) log: &'a ContactLog,
    pub(super) resolution: Resolution,
    pub(super) kinds: Kinds,
    pub(super) windows: Windows,
    pub(super) sampled: Sampled,
    pub(super) control: &'a Control,
    seed: u64,
}

impl<'a> Base<'a> {
    pub(super) fn new(input: &TimingInput<'a>, settings: &TimingSettings, control: &'a Control) -> Self {
        let (purchases, log) = (input.purchases, input.log);
        let contacts = log.contacts().iter().chain(log.controls()).map(|contact| contact.at);
        let resolution = Resolution::of(purchases.at, contacts);
        Base {
            kinds: Kinds::of(log),
            windows: Windows::new(&settings.lags_days, resolution),
            sampled: sampled(input, settings),
            control,
            seed: settings.seed,
            purchases,
            log,
            resolution,
        }
    }

    pub(super) fn customers(&self) -> usize {
        self.purchases.customers()
    }

    /// The place of "any contact by the company" among the factors.
    pub(super) fn any(&self) -> usize {
        self.kinds.len()
    }

    /// Purchases after contacts: a track for each customer of the sample with purchases to look at, in order.
    pub(super) fn after_contacts(&self, in_any: &[bool]) -> Vec<Track> {
        let track = |customer: usize| {
            let taken = self.is_taken(customer, self.sampled.after_contacts);
            taken.then(|| self.purchases_after_contacts(customer, in_any, &self.windows)).flatten()
        };
        (0..self.customers()).into_par_iter().filter_map(track).collect()
    }

    /// The purchases between a customer's first and last, and its contacts' windows: each kind is a factor, and
    /// all that are `in_any` together are one more. `None` where there is no such purchase.
    fn purchases_after_contacts(&self, customer: usize, in_any: &[bool], windows: &Windows) -> Option<Track> {
        let (span, events) = self.inner_purchases(customer)?;
        let openings = self.log.of(customer).iter().flat_map(|contact| {
            let (kind, at) = (self.kinds.kind(contact), self.opening(span, self.resolution.contact(contact.at)));
            let any = in_any[usize::from(kind)].then(|| (self.any() as u16, at));
            [Some((kind, at)), any].into_iter().flatten()
        });
        let openings = openings.filter(|opening| opening.1 < span.length()).collect();
        Some(Track::new(customer as u64, span.length(), events, openings, self.any() + 1, windows))
    }

    /// The purchases between a customer's first and last, with the windows of its contacts that are `in_any` alone.
    pub(super) fn purchases_after_any(&self, customer: usize, in_any: &[bool], windows: &Windows) -> Option<Track> {
        let (span, events) = self.inner_purchases(customer)?;
        let contacts = self.log.of(customer).iter().filter(|contact| in_any[usize::from(self.kinds.kind(contact))]);
        let openings = contacts.map(|contact| (0, self.opening(span, self.resolution.contact(contact.at))));
        let openings = openings.filter(|opening| opening.1 < span.length()).collect();
        Some(Track::new(customer as u64, span.length(), events, openings, 1, windows))
    }

    /// The time between a customer's first and last purchase, and those within it; `None` without any.
    fn inner_purchases(&self, customer: usize) -> Option<(Span, Vec<f64>)> {
        let [first, inner @ .., last] = self.purchases.of(customer) else { return None };
        let span = self.resolution.known_alive(*first, *last)?;
        let events: Vec<f64> = inner.iter().filter_map(|&at| span.place(self.resolution.purchase(at))).collect();
        (!events.is_empty()).then_some((span, events))
    }

    /// Contacts after purchases: a track for each kind of each customer of the sample, in order.
    pub(super) fn after_purchases(&self) -> Vec<Track> {
        let tracks = |customer: usize| {
            let taken = self.is_taken(customer, self.sampled.after_purchases);
            if taken { self.contacts_after_purchases(customer) } else { Vec::new() }
        };
        (0..self.customers()).into_par_iter().flat_map_iter(tracks).collect()
    }

    /// The contacts of each kind from the first purchase on, and the windows after purchases.
    fn contacts_after_purchases(&self, customer: usize) -> Vec<Track> {
        let purchases = self.purchases.of(customer);
        let span = purchases.first().and_then(|&first| self.resolution.observed(first, self.log.as_of));
        let (Some(span), false) = (span, self.log.of(customer).is_empty()) else { return Vec::new() };
        let mut events: Vec<Vec<f64>> = vec![Vec::new(); self.kinds.len()];
        for contact in self.log.of(customer) {
            let place = span.place(self.resolution.contact(contact.at));
            events[usize::from(self.kinds.kind(contact))].extend(place);
        }
        let opening = |at: &Moment| self.opening(span, self.resolution.purchase(*at));
        let of_kind = |(kind, events): (usize, Vec<f64>)| {
            let openings = purchases.iter().map(|at| (kind as u16, opening(at))).collect();
            let key = (customer * self.kinds.len() + kind) as u64;
            Track::new(key, span.length(), events, openings, self.kinds.len(), &self.windows)
        };
        events.into_iter().enumerate().filter(|(_, events)| !events.is_empty()).map(of_kind).collect()
    }

    /// From where on lags count, in days from the beginning of the span.
    fn opening(&self, span: Span, event: f64) -> f64 {
        self.resolution.opening(event) - span.from
    }

    /// Nobody is where the run is stopped.
    fn is_taken(&self, customer: usize, share: f64) -> bool {
        !self.control.is_cancelled()
            && (share >= 1.0 || (mix(self.seed, customer as u64) as f64) < share * u64::MAX as f64)
    }
}

fn sampled(input: &TimingInput, settings: &TimingSettings) -> Sampled {
    let inner = |customer| input.purchases.of(customer).len().saturating_sub(2) as f64;
    let purchases: f64 = (0..input.purchases.customers()).map(inner).sum();
    let (contacts, most) = (input.log.contacts().len() as f64, settings.max_events as f64);
    let share = |events: f64, most: f64| (most / events.max(1.0)).min(1.0);
    Sampled {
        after_contacts: share(purchases, most).min(share(contacts, CONTACTS_A_PURCHASE * most)),
        after_purchases: share(contacts, most),
    }
}
