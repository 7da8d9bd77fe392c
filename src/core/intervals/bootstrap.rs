//! The parametric bootstrap: the base drawn anew from its own model and fitted again, many times.

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

use crate::base::ids::Ids;
use crate::base::{Money, TimeUnit};
use crate::models::fit::covariates;
use crate::models::spend::{SpendModel, SpendName, Spender};
use crate::models::{FitReport, FitSettings, Histories, History, ModelName, PurchaseModel};
use crate::numeric::random::gamma;
use crate::summary::{Ages, Means, Spend, SpendDays, Summary};

use covariates::Covariates;

/// Customers drawn with one random number generator.
const BLOCK: usize = 4096;

/// How often, and from which seed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bootstrap {
    pub(super) replicates: u32,
    pub(super) seed: u64,
}

impl Bootstrap {
    /// The same for a block of customers on one thread or many.
    fn rng(self, replicate: u32, block: usize) -> Xoshiro256PlusPlus {
        let number = (u64::from(replicate) << 32) + block as u64 + 1;
        Xoshiro256PlusPlus::seed_from_u64(self.seed.wrapping_add(number.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
    }
}

/// A fitted purchase model, and all that it takes to fit it again.
pub(super) struct Purchases<'a> {
    pub(super) histories: &'a Histories,
    pub(super) model: &'a dyn PurchaseModel,
    pub(super) report: &'a FitReport,
    pub(super) covariates: Option<&'a Covariates>,
    pub(super) unit: TimeUnit,
    pub(super) settings: &'a FitSettings,
}

impl Purchases<'_> {
    /// The models of all bases that could be fitted.
    pub(super) fn fits(&self, bootstrap: Bootstrap) -> Vec<Box<dyn PurchaseModel>> {
        let groups = match self.covariates {
            Some(covariates) => covariates::by_combination(self.report, self.unit, covariates).unwrap_or_default(),
            None => Vec::new(),
        };
        let settings = self.settings();
        // One base at a time is in memory; each is drawn and fitted on all threads.
        let fit = |replicate| {
            let histories = Histories::new(&self.drawn(&groups, bootstrap, replicate));
            match self.covariates {
                Some(covariates) => {
                    covariates::fit(self.model.name(), &histories, covariates, self.unit, &settings).ok()
                }
                None => self.model.name().fit(&histories, self.unit, &settings).ok(),
            }
        };
        (0..bootstrap.replicates).filter_map(fit).map(|fitted| fitted.model).collect()
    }

    /// The regularity of purchases cannot be chosen anew: a history drawn has no times between purchases.
    fn settings(&self) -> FitSettings {
        let regularity = self.report.parameters.get("k").map_or(self.settings.regularity, |k| *k as u32);
        let chosen = matches!(self.model.name(), ModelName::BgCnbdK | ModelName::MbgCnbdK);
        FitSettings { regularity: if chosen { regularity } else { self.settings.regularity }, ..self.settings.clone() }
    }

    fn drawn(&self, groups: &[Box<dyn PurchaseModel>], bootstrap: Bootstrap, replicate: u32) -> Vec<History> {
        let rows = self.histories.distinct();
        // Customers in the order of their histories, so that the base's own order does not matter.
        let mut customers = self.histories.row_of().to_vec();
        customers.par_sort_unstable();
        let day = self.day();
        let block = |(block, customers): (usize, &[u32])| {
            let mut rng = bootstrap.rng(replicate, block);
            let draw = |row: &u32| {
                let History { t, group, .. } = rows[*row as usize];
                let model = groups.get(group as usize).map_or(self.model, Box::as_ref);
                History { group, ..on_days(model.draw(t, &mut rng), day) }
            };
            customers.iter().map(draw).collect::<Vec<_>>()
        };
        let blocks: Vec<Vec<History>> = customers.par_chunks(BLOCK).enumerate().map(block).collect();
        blocks.concat()
    }

    /// The length of a day, where all histories are on whole days.
    fn day(&self) -> Option<f64> {
        let days = self.unit.days();
        let whole = |time: f64| (time * days - (time * days).round()).abs() < 1e-6;
        self.histories.distinct().iter().all(|history| whole(history.t_x) && whole(history.t)).then_some(days)
    }
}

/// The last purchase on the nearest whole day after the first purchase.
fn on_days(History { x, t_x, t, group }: History, days: Option<f64>) -> History {
    let t_x = match days {
        Some(days) if x > 0 => ((t_x * days).round().max(1.0) / days).min(t),
        _ => t_x,
    };
    History { x, t_x, t, group }
}

/// Fits the spend model to mean spends drawn anew for every customer that has one.
pub(super) fn spend_fits(
    summary: &Summary,
    model: &dyn SpendModel,
    settings: &FitSettings,
    bootstrap: Bootstrap,
) -> Vec<Box<dyn SpendModel>> {
    let mut spenders: Vec<Spender> =
        (0..summary.len()).filter_map(|customer| Spender::of(summary, customer)).filter(is_seen).collect();
    spenders.par_sort_unstable_by_key(|spender| (spender.frequency, spender.days));
    let days = summary.spend.as_ref().map_or(SpendDays::Repeat, |spend| spend.days);
    let mut base = base_of(&spenders, days);
    let name: SpendName = model.name();
    let fit = |replicate| {
        let draw = |(block, spenders): (usize, &[Spender])| {
            // Other blocks than those of the purchases.
            let mut rng = bootstrap.rng(replicate, (1 << 31) + block);
            spenders.iter().map(|spender| drawn_mean(model, *spender, &mut rng)).collect::<Vec<_>>()
        };
        let means: Vec<Vec<Option<f64>>> = spenders.par_chunks(BLOCK).enumerate().map(draw).collect();
        if let Some(spend) = &mut base.spend {
            spend.mean = means.into_iter().flatten().collect();
        }
        name.fit(&base, settings).ok()
    };
    (0..bootstrap.replicates).filter_map(fit).map(|fitted| fitted.model).collect()
}

fn is_seen(spender: &Spender) -> bool {
    spender.days > 0 && spender.mean.is_some_and(|mean| mean > 0.0)
}

/// A mean spend over as many days as were seen of this customer.
fn drawn_mean(model: &dyn SpendModel, spender: Spender, rng: &mut Xoshiro256PlusPlus) -> Option<f64> {
    let unseen = Spender { days: 0, mean: None, ..spender };
    let Some(spread) = model.spread(unseen) else { return spender.mean };
    let days = f64::from(spender.days);
    Some(gamma(spread.p * days, days * gamma(spread.q, spread.v, rng), rng))
}

/// A base of these customers, for a fit of spend; nothing else in it is true.
fn base_of(spenders: &[Spender], days: SpendDays) -> Summary {
    let n = spenders.len();
    let nobody: Ids = std::iter::repeat_n("", n).collect();
    Summary {
        as_of: crate::base::Day(0),
        unit: TimeUnit::Days,
        ids: nobody,
        orders: vec![1; n],
        frequency: spenders.iter().map(|spender| spender.frequency).collect(),
        ages: Some(Ages { last_purchase: vec![0.0; n], now: vec![0.0; n] }),
        first_order: vec![crate::base::Day(0); n],
        last_order: vec![crate::base::Day(0); n],
        spend: Some(Spend { days, revenue: vec![Money(0); n], mean: Means::unknown(n) }),
    }
}

#[cfg(test)]
mod tests {
    use crate::intervals::bootstrap::*;
    use crate::models::purchase::bg_nbd::BgNbd;

    #[test]
    fn bases_are_drawn_on_the_days_of_the_real_one() {
        let model = BgNbd::new(2.0, 5.0, 0.8, 2.4).expect("positive");
        let seen: Vec<History> = (0..9_000).map(|i| History::new(1, 3.0, f64::from(20 + i % 9))).collect();
        let histories = Histories::new(&seen);
        let (report, settings) = (FitReport::default(), FitSettings::default());
        let base = Purchases {
            histories: &histories,
            model: &model,
            report: &report,
            covariates: None,
            unit: TimeUnit::Weeks,
            settings: &settings,
        };
        let bootstrap = Bootstrap { replicates: 2, seed: 3 };
        let drawn = base.drawn(&[], bootstrap, 0);
        assert_eq!(
            drawn.iter().map(|history| history.t).sum::<f64>(),
            seen.iter().map(|history| history.t).sum::<f64>()
        );
        for history in &drawn {
            let days = history.t_x * 7.0;
            assert!((days - days.round()).abs() < 1e-9 && history.t_x <= history.t); // rounding of sevenths
            assert_eq!(history.x > 0, history.t_x > 0.0);
        }
        assert_ne!(drawn, base.drawn(&[], bootstrap, 1));
        let in_one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
        assert_eq!(drawn, in_one.install(|| base.drawn(&[], bootstrap, 0)));
    }
}
