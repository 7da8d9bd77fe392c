use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, Exp};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::base::{Day, TimeUnit};
use crate::models::purchase::bg_bb::BgBb;
use crate::models::purchase::bg_nbd::BgNbd;
use crate::models::purchase::nbd::Nbd;
use crate::models::{FitSettings, ModelName};
use crate::numeric::random::{beta, gamma};
use crate::validation::*;

const WINDOW: Window = Window { calibration_end: Day(273), holdout_days: 273, unit: TimeUnit::Weeks };

/// Purchase days one after another, and where each customer begins.
struct Base {
    days: Vec<i32>,
    starts: Vec<usize>,
}

impl Base {
    fn of(customers: &[Vec<i32>]) -> Self {
        let mut base = Base { days: Vec::new(), starts: vec![0] };
        for days in customers {
            base.days.extend(days);
            base.starts.push(base.days.len());
        }
        base
    }

    fn purchases(&self) -> PurchaseDays<'_> {
        PurchaseDays { days: &self.days, starts: &self.starts, groups: &[] }
    }
}

/// Customers who join within twelve weeks and buy as BG/NBD says, at most once a day.
fn simulated(truth: BgNbd, customers: usize, rng: &mut Xoshiro256PlusPlus) -> Vec<Vec<i32>> {
    let mut customer = || {
        let (rate, leaves) = (gamma(truth.r, truth.alpha, rng), beta(truth.a, truth.b, rng));
        let gap = Exp::new(rate).expect("a rate");
        let first = rng.gen_range(0..84);
        let (mut days, mut age) = (vec![first], 0.0);
        loop {
            age += 7.0 * gap.sample(rng);
            if age >= 600.0 {
                return days;
            }
            days.push(first + age.ceil() as i32);
            if rng.gen_bool(leaves) {
                days.dedup();
                return days;
            }
        }
    };
    (0..customers).map(|_| customer()).collect()
}

/// Rare enough purchases that hardly two fall on one day.
fn truth() -> BgNbd {
    BgNbd::new(0.8, 12.0, 0.8, 2.4).expect("positive")
}

fn candidate<'a>(model: &'a dyn PurchaseModel, parameters: usize) -> Candidate<'a> {
    Candidate { model, parameters, opportunities: None }
}

#[test]
fn measures_by_hand() {
    // Four customers of whom an NBD model with r / α = 1 / 10 expects (1 + x) / (10 + T) a week, for 39 weeks.
    let customers = [vec![0], vec![0, 273, 300, 310, 320], vec![203], vec![0, 280]];
    let base = Base::of(&customers);
    let observed = WINDOW.split(base.purchases()).observed;
    let model = Nbd::new(1.0, 10.0).expect("positive");
    let Assessment { accuracy, distribution, .. } = &validate(&observed, &[candidate(&model, 2)], 0.9).assessments[0];
    let [once, twice, young] = [39.0 / 49.0, 2.0 * 39.0 / 49.0, 39.0 / 20.0];
    let near = |value: f64, expected: f64| (value - expected).abs() < 1e-12; // rounding
    let total = 2.0 * once + twice + young;
    assert!(near(accuracy.expected, total) && accuracy.actual == 4.0);
    assert!(near(accuracy.bias_percent.expect("purchases"), 100.0 * (total / 4.0 - 1.0)));
    let errors = [once, 3.0 - twice, young, 1.0 - once];
    assert!(near(accuracy.mae, errors.iter().sum::<f64>() / 4.0));
    assert!(near(accuracy.rmse, (errors.iter().map(|error| error * error).sum::<f64>() / 4.0).sqrt()));
    // By prediction, customers 0 and 3 share ranks 1 and 2, then come 1 and 2; actual purchases are 0, 3, 0, 1.
    let by_prediction = 2.0 * (1.5 + 3.0 * 3.0) / 16.0 - 1.25;
    let by_actual = 2.0 * (3.0 + 3.0 * 4.0) / 16.0 - 1.25;
    assert!(near(accuracy.gini.expect("it varies"), by_prediction / by_actual));
    // P(0) = ((α+T) / (α+T+h))^(r+x), and so on.
    let none = |t: f64| (10.0 + t) / (49.0 + t);
    let log = none(39.0).ln()
        + none(10.0).ln()
        + (none(39.0) * (1.0 - none(39.0))).ln()
        + (4.0 * none(39.0).powi(2) * (1.0 - none(39.0)).powi(3)).ln();
    assert!(near(distribution.expect("a model").mean_log_probability.expect("a score"), log / 4.0));
}

#[test]
fn a_perfect_order_has_gini_one_and_one_for_all_has_none() {
    // The baseline of the own rate is right where everybody goes on as before.
    let steady = |every: usize| (0..=546).step_by(every).collect::<Vec<i32>>();
    let base = Base::of(&[steady(7), steady(13), steady(39), steady(91), steady(21)]);
    let validation = validate(&WINDOW.split(base.purchases()).observed, &[], 0.9);
    let gini = |baseline: Baseline| {
        let named = validation.assessments.iter().find(|assessment| assessment.name == baseline.name());
        named.and_then(|assessment| assessment.accuracy.gini).expect("it varies")
    };
    assert!((gini(Baseline::OwnRate) - 1.0).abs() < 1e-12); // rounding
    assert!(gini(Baseline::BaseMean).abs() < 1e-12); // rounding
}

#[test]
fn the_true_model_scores_best_and_its_intervals_hold() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
    let base = Base::of(&simulated(truth(), 40_000, &mut rng));
    let observed = WINDOW.split(base.purchases()).observed;
    let (truth, wrong) = (truth(), BgNbd::new(0.8, 12.0, 0.2, 2.4).expect("positive"));
    let nbd = Nbd::fit(observed.histories(), TimeUnit::Weeks, &FitSettings::default()).expect("a fit").model;
    let candidates = [candidate(&wrong, 4), candidate(&nbd, 2), candidate(&truth, 4)];
    let validation = validate(&observed, &candidates, 0.9);
    let [wrong, nbd, truth, own_rate, last_period, _] = &validation.assessments[..] else { panic!("six") };
    let distribution = |assessment: &Assessment| assessment.distribution.expect("a model");
    let score = |assessment: &Assessment| distribution(assessment).mean_log_probability.expect("a score");
    assert!(score(truth) > score(wrong) && score(truth) > score(nbd));
    assert_eq!(validation.choice.best.as_deref(), Some("bg-nbd"));
    // Of 40,000 customers: three standard errors of a share of 0.9, and the few purchases lost to a day.
    assert!((distribution(truth).randomised_coverage - 0.9).abs() < 0.006);
    assert!(distribution(truth).coverage > 0.9);
    assert!((distribution(nbd).randomised_coverage - 0.9).abs() > 0.01);
    // Total purchases have a standard error of about 1 %; days are fewer than purchases.
    assert!(truth.accuracy.bias_percent.expect("purchases").abs() < 4.0);
    assert!(truth.accuracy.rmse < own_rate.accuracy.rmse && truth.accuracy.rmse < last_period.accuracy.rmse);
    assert!(truth.accuracy.gini > nbd.accuracy.gini);
}

#[test]
fn curves_follow_the_true_model() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(8);
    let base = Base::of(&simulated(truth(), 40_000, &mut rng));
    let observed = WINDOW.split(base.purchases()).observed;
    let model = truth();
    let assessment = &validate(&observed, &[candidate(&model, 4)], 0.9).assessments[0];
    let last = assessment.tracking.last().expect("periods");
    let ratio = last.cumulative_expected / last.cumulative_actual as f64;
    assert!((ratio - 1.0).abs() < 0.03); // a standard error of about 1 %, and the purchases lost to a day
    for count in &assessment.repeat_counts {
        // Four standard errors of a count, and the purchases lost to a day, which move customers by a row.
        let room = 4.0 * count.expected.sqrt() + 0.01 * count.expected;
        assert!((count.actual as f64 - count.expected).abs() < room, "{count:?}");
    }
    for row in &assessment.by_frequency {
        let room = 4.0 * (4.0 * row.expected / row.customers as f64).sqrt() + 0.04 * row.expected; // likewise
        assert!((row.actual - row.expected).abs() < room, "{row:?}");
    }
    assert_eq!(assessment.by_recency.iter().map(|row| row.customers).sum::<u64>(), 40_000);
}

#[test]
fn the_holdout_does_not_reach_the_predictions() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(9);
    let known = simulated(truth(), 500, &mut rng);
    let other: Vec<Vec<i32>> = known
        .iter()
        .map(|days| days.iter().copied().filter(|day| *day <= WINDOW.calibration_end.0).chain([274, 400]).collect())
        .collect();
    let observed = |customers: &[Vec<i32>]| WINDOW.split(Base::of(customers).purchases()).observed;
    let (known, other) = (observed(&known), observed(&other));
    assert_ne!(known.holdout, other.holdout);
    for name in [ModelName::BgNbd, ModelName::Nbd] {
        let predict = |observed: &Observed| {
            let fitted = name.fit(observed.histories(), TimeUnit::Weeks, &FitSettings::default()).expect("a fit");
            let alive = alive(fitted.model.as_ref(), observed.histories());
            expected(fitted.model.as_ref(), observed.histories(), &alive, observed.horizon())
        };
        assert_eq!(predict(&known), predict(&other));
    }
    for baseline in Baseline::ALL {
        assert_eq!(baseline.predictions(&known), baseline.predictions(&other));
    }
}

#[test]
fn a_model_of_opportunities_is_judged_by_them_and_not_chosen() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(10);
    let base = Base::of(&simulated(truth(), 2_000, &mut rng));
    let window = Window { unit: TimeUnit::Months, ..WINDOW };
    let days = window.split(base.purchases()).observed;
    let opportunities = window.split_opportunities(base.purchases()).observed;
    let settings = FitSettings::default();
    let discrete = BgBb::fit(opportunities.histories(), TimeUnit::Months, &settings).expect("a fit").model;
    let continuous = BgNbd::fit(days.histories(), TimeUnit::Months, &settings).expect("a fit").model;
    let by_month = Candidate { model: &discrete, parameters: 4, opportunities: Some(&opportunities) };
    let validation = validate(&days, &[by_month, candidate(&continuous, 4)], 0.9);
    let [discrete, continuous, ..] = &validation.assessments[..] else { panic!("two models") };
    assert_eq!((discrete.counts, continuous.counts), (Counts::Opportunities, Counts::PurchaseDays));
    assert!(discrete.accuracy.actual < continuous.accuracy.actual);
    // 2,000 customers: a standard error of about 5 %.
    assert!(discrete.accuracy.bias_percent.expect("purchases").abs() < 15.0);
    assert!(discrete.tracking.is_empty() && !discrete.repeat_counts.is_empty());
    assert_eq!(validation.choice.best.as_deref(), Some("bg-nbd"));
    assert_eq!(validation.choice.left_out.len(), 1);
}

#[test]
fn every_model_has_a_score() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(11);
    let base = Base::of(&simulated(truth(), 3_000, &mut rng));
    let observed = WINDOW.split(base.purchases()).observed;
    for name in ModelName::ALL.into_iter().filter(|name| *name != ModelName::BgBb) {
        let settings = FitSettings { regularity: 2, ..FitSettings::default() };
        let fitted = name.fit(observed.histories(), TimeUnit::Weeks, &settings).expect("a fit");
        let assessment = &validate(&observed, &[candidate(fitted.model.as_ref(), 4)], 0.9).assessments[0];
        let distribution = assessment.distribution.expect("a model");
        assert!(distribution.mean_log_probability.expect("a score") < 0.0, "{name}");
        // A wrong model may miss the level; one with a wrong distribution would miss it by far.
        assert!((distribution.randomised_coverage - 0.9).abs() < 0.05, "{name}: {distribution:?}");
    }
}

#[test]
fn nobody_and_silence_are_judged_without_a_word() {
    let model = truth();
    let nobody = WINDOW.split(Base::of(&[vec![300]]).purchases()).observed;
    let validation = validate(&nobody, &[candidate(&model, 4)], 0.9);
    assert_eq!((validation.customers, validation.choice.best), (0, None));
    let silent = WINDOW.split(Base::of(&[vec![0, 9], vec![3], vec![8]]).purchases()).observed;
    let accuracy = validate(&silent, &[candidate(&model, 4)], 0.9).assessments[0].accuracy;
    assert_eq!((accuracy.bias_percent, accuracy.gini, accuracy.spearman), (None, None, None));
    assert!(accuracy.expected > 0.0);
}

#[test]
fn a_comparison_is_written_as_it_is_read() {
    let base = Base::of(&[vec![0, 9, 300], vec![3], vec![8, 280]]);
    let model = truth();
    let validation = validate(&WINDOW.split(base.purchases()).observed, &[candidate(&model, 4)], 0.9);
    let text = serde_json::to_string(&validation).expect("JSON");
    assert_eq!(serde_json::from_str::<Validation>(&text).expect("the same"), validation);
}
