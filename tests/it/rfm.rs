//! RFM scores and segments.

use clivia_core::base::{Day, Money, TimeUnit};
use clivia_core::rfm::{Bins, Rfm, RfmError, RfmScale, RfmSettings, SegmentError, SegmentRule, SegmentTable};
use clivia_core::summary::{Ages, Means, Spend, SpendDays, Summary};
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256Plus;

/// Customers of (days since last, orders, revenue).
fn summary(customers: &[(i32, u32, f64)]) -> Summary {
    let ids: Vec<String> = (0..customers.len()).map(|index| format!("c{index}")).collect();
    let money = |&(_, _, revenue): &(i32, u32, f64)| Money((revenue * Money::SCALE as f64).round() as i64);
    Summary {
        as_of: Day(10_000),
        unit: TimeUnit::Weeks,
        ids: ids.iter().map(String::as_str).collect(),
        orders: customers.iter().map(|customer| customer.1).collect(),
        frequency: customers.iter().map(|customer| customer.1.saturating_sub(1)).collect(),
        ages: Some(Ages { last_purchase: vec![0.0; customers.len()], now: vec![100.0; customers.len()] }),
        first_order: vec![Day(9_000); customers.len()],
        last_order: customers.iter().map(|customer| Day(10_000 - customer.0)).collect(),
        spend: Some(Spend {
            days: SpendDays::Repeat,
            revenue: customers.iter().map(money).collect(),
            mean: Means::unknown(customers.len()),
        }),
    }
}

/// Customers with many ties in orders and some in the rest.
fn random_customers(count: usize, seed: u64) -> Vec<(i32, u32, f64)> {
    let mut rng = Xoshiro256Plus::seed_from_u64(seed);
    let mut customer = || {
        let orders = 1 + (rng.r#gen::<f64>().powi(4) * 12.0) as u32;
        (rng.gen_range(0..60), orders, f64::from(rng.gen_range(-500..5_000)) / 100.0)
    };
    (0..count).map(|_| customer()).collect()
}

fn fit(summary: &Summary) -> RfmScale {
    RfmScale::fit(summary, &RfmSettings::default()).unwrap()
}

fn scored(customers: &[(i32, u32, f64)], bins: Bins) -> Rfm {
    let summary = summary(customers);
    let settings = RfmSettings { bins, ..RfmSettings::default() };
    RfmScale::fit(&summary, &settings).unwrap().apply(&summary).unwrap()
}

fn money_scores(revenues: &[f64]) -> Vec<u8> {
    let customers: Vec<_> = revenues.iter().map(|&revenue| (1, 1, revenue)).collect();
    scored(&customers, Bins::Independent).m.unwrap()
}

#[test]
fn without_ties_each_score_has_a_fifth() {
    let revenues: Vec<f64> = (1..=10).map(f64::from).collect();
    assert_eq!(money_scores(&revenues), [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
    // A nearest-rank quantile of 7 values: the cut points are the 2nd, 3rd, 5th and 6th.
    assert_eq!(money_scores(&revenues[..7]), [1, 1, 2, 3, 3, 4, 5]);
}

#[test]
fn ties_share_a_score_and_the_ends_stay_1_and_5() {
    assert_eq!(money_scores(&[1.0, 2.0, 2.0, 2.0, 2.0, 2.0]), [1, 5, 5, 5, 5, 5]);
    assert_eq!(money_scores(&[1.0, 1.0, 1.0, 1.0, 1.0, 2.0]), [1, 1, 1, 1, 1, 5]);
    let half_ones = [1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 3.0];
    assert_eq!(money_scores(&half_ones), [1, 1, 1, 1, 1, 3, 3, 3, 5, 5]);
}

#[test]
fn fewer_than_five_customers_have_fewer_bins() {
    assert_eq!(money_scores(&[3.0, 1.0]), [5, 1]);
    assert_eq!(money_scores(&[3.0, 1.0, 2.0]), [5, 1, 3]);
    assert_eq!(money_scores(&[3.0, 1.0, 2.0, 4.0]), [4, 1, 2, 5]);
    assert_eq!(money_scores(&[3.0]), [3]);
    let warnings = fit(&summary(&[(1, 1, 1.0), (2, 2, 2.0)])).warnings;
    assert_eq!(warnings, ["only 2 customer(s): RFM has 2 bin(s) in place of 5"]);
}

#[test]
fn equal_customers_score_3_and_later_ones_are_better_or_worse() {
    let scale = fit(&summary(&[(10, 2, 5.0); 6]));
    assert_eq!(scale.warnings.len(), 3);
    assert!(scale.warnings[1].contains("number of orders"), "{:?}", scale.warnings);
    let rfm = scale.apply(&summary(&[(10, 2, 5.0), (9, 3, 6.0), (11, 1, 4.0)])).unwrap();
    assert_eq!((rfm.r, rfm.f, rfm.m), (vec![3, 5, 1], vec![3, 5, 1], Some(vec![3, 5, 1])));
}

#[test]
fn cut_points_stand_in_days_from_worst_to_best() {
    let customers: Vec<_> = (1..=10).map(|days| (10 * days, 1, 1.0)).collect();
    let scale = fit(&summary(&customers));
    assert_eq!(scale.recency.overall.points, [90.0, 70.0, 50.0, 30.0]);
    let rfm = scale.apply(&summary(&[(100, 1, 1.0), (90, 1, 1.0), (89, 1, 1.0), (30, 1, 1.0), (29, 1, 1.0)])).unwrap();
    assert_eq!(rfm.r, [1, 1, 2, 4, 5]);
}

#[test]
fn beyond_the_fitted_values_scores_are_1_and_5() {
    let scale = fit(&summary(&random_customers(200, 3)));
    let rfm = scale.apply(&summary(&[(9_000, 0, -1e9), (-3, 4_000_000, 1e12)])).unwrap();
    assert_eq!((rfm.r, rfm.f, rfm.m), (vec![1, 5], vec![1, 5], Some(vec![1, 5])));
}

#[test]
fn a_better_value_never_scores_lower() {
    for seed in 0..40 {
        let count = 1 + seed as usize * 7;
        let customers = random_customers(count, seed);
        let rfm = scored(&customers, Bins::Independent);
        for (i, j) in (0..count).flat_map(|i| (0..count).map(move |j| (i, j))) {
            assert!(customers[i].0 > customers[j].0 || rfm.r[i] >= rfm.r[j]);
            assert!(customers[i].1 < customers[j].1 || rfm.f[i] >= rfm.f[j]);
        }
        for scores in [&rfm.r, &rfm.f, rfm.m.as_ref().unwrap()] {
            let (low, high) = (*scores.iter().min().unwrap(), *scores.iter().max().unwrap());
            assert!((low, high) == (1, 5) || (low, high) == (3, 3), "{low} to {high}, seed {seed}");
        }
    }
}

#[test]
fn the_scores_are_the_definition_taken_by_hand() {
    for seed in 0..20 {
        let customers = random_customers(50 + seed as usize, seed);
        let mut sorted: Vec<u32> = customers.iter().map(|customer| customer.1).collect();
        sorted.sort_unstable();
        let best = *sorted.last().unwrap();
        let second = *sorted.iter().rfind(|&&value| value < best).unwrap();
        let cut = |i: usize| sorted[(i * sorted.len()).div_ceil(5) - 1].min(second);
        let expected = customers.iter().map(|customer| 1 + (1..5).filter(|&i| cut(i) < customer.1).count() as u8);
        assert_eq!(scored(&customers, Bins::Independent).f, expected.collect::<Vec<u8>>());
    }
}

#[test]
fn nested_bins_rank_within_the_score_before() {
    let customers = random_customers(400, 11);
    let (nested, plain) = (scored(&customers, Bins::Nested), scored(&customers, Bins::Independent));
    assert_eq!(nested.r, plain.r);
    assert_ne!(nested.f, plain.f);
    for r in 1..=5 {
        let of_r: Vec<_> = (0..400).filter(|&i| nested.r[i] == r).collect();
        let alone: Vec<_> = of_r.iter().map(|&i| customers[i]).collect();
        let expected: Vec<u8> = of_r.iter().map(|&i| nested.f[i]).collect();
        assert_eq!(scored(&alone, Bins::Independent).f, expected);
    }
}

#[test]
fn nested_cells_that_are_too_small_are_named() {
    let settings = RfmSettings { bins: Bins::Nested, ..RfmSettings::default() };
    let scale = RfmScale::fit(&summary(&random_customers(30, 5)), &settings).unwrap();
    assert!(scale.warnings.iter().any(|warning| warning.contains("nested cells")), "{:?}", scale.warnings);
    // A newcomer in a cell that nobody was in is ranked among all customers.
    assert_eq!(scale.apply(&summary(&[(9_000, 4_000, 1e9)])).unwrap().m, Some(vec![5]));
}

#[test]
fn a_frozen_scale_scores_alike() {
    for bins in [Bins::Independent, Bins::Nested] {
        let summary = summary(&random_customers(300, 17));
        let scale = RfmScale::fit(&summary, &RfmSettings { bins, ..RfmSettings::default() }).unwrap();
        let frozen: RfmScale = serde_json::from_str(&serde_json::to_string(&scale).unwrap()).unwrap();
        assert_eq!(frozen, scale);
        assert_eq!(frozen.apply(&summary).unwrap(), scale.apply(&summary).unwrap());
    }
}

#[test]
fn permuted_rows_and_threads_change_nothing() {
    let customers = random_customers(500, 23);
    let mut order: Vec<usize> = (0..500).collect();
    order.shuffle(&mut Xoshiro256Plus::seed_from_u64(1));
    let permuted: Vec<_> = order.iter().map(|&i| customers[i]).collect();
    for bins in [Bins::Independent, Bins::Nested] {
        let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let rfm = one_thread.install(|| scored(&customers, bins));
        let again = scored(&permuted, bins);
        let m = |rfm: &Rfm, i: usize| rfm.m.as_ref().unwrap()[i];
        for (place, &i) in order.iter().enumerate() {
            let of_i = (rfm.r[i], rfm.f[i], m(&rfm, i), rfm.segment[i]);
            assert_eq!(of_i, (again.r[place], again.f[place], m(&again, place), again.segment[place]));
        }
    }
}

#[test]
fn without_amounts_m_is_f_in_the_segments_only() {
    let mut summary = summary(&random_customers(100, 29));
    let with_money = fit(&summary);
    summary.spend = None;
    let scale = fit(&summary);
    assert!(scale.warnings.iter().any(|warning| warning.contains("no amounts")));
    let rfm = scale.apply(&summary).unwrap();
    assert_eq!(rfm.m, None);
    for i in 0..100 {
        assert_eq!(rfm.segment_name(i), scale.segments.segment(rfm.r[i], rfm.f[i], rfm.f[i]));
    }
    assert_eq!(rfm.segment_table(&summary, None)[0].revenue, None);
    assert_eq!(with_money.apply(&summary), Err(RfmError::NoMoney));
}

#[test]
fn nobody_cannot_be_fitted_but_can_be_scored() {
    let nobody = summary(&[]);
    assert_eq!(RfmScale::fit(&nobody, &RfmSettings::default()), Err(RfmError::NoCustomers));
    let rfm = fit(&summary(&random_customers(9, 1))).apply(&nobody).unwrap();
    assert!(rfm.segment_table(&nobody, Some(&[])).iter().all(|row| row.customer_share == 0.0));
}

#[test]
fn the_default_table_is_as_documented() {
    let table = SegmentTable::try_from(RfmSettings::default().segments).unwrap();
    let named = |cells: &[(u8, u8, u8)]| -> Vec<String> {
        cells.iter().map(|&(r, f, m)| table.segment(r, f, m).to_owned()).collect()
    };
    assert_eq!(named(&[(5, 5, 5), (4, 4, 4), (4, 4, 3)]), ["Champions", "Champions", "Loyal"]);
    assert_eq!(named(&[(3, 5, 5), (4, 2, 1), (5, 1, 5)]), ["Loyal", "Potential loyalist", "New"]);
    assert_eq!(named(&[(4, 1, 1), (3, 2, 2), (3, 1, 1)]), ["Promising", "Needs attention", "About to sleep"]);
    assert_eq!(named(&[(1, 5, 5), (2, 5, 4), (2, 3, 5)]), ["Cannot lose", "At risk", "At risk"]);
    assert_eq!(named(&[(2, 1, 5), (1, 2, 3), (1, 1, 5)]), ["Hibernating", "Hibernating", "Lost"]);
    assert_eq!(table.names().len(), 11);
}

fn rule(segment: &str, r: [u8; 2], f: [u8; 2]) -> SegmentRule {
    SegmentRule { segment: segment.into(), r, f, m: [1, 5] }
}

#[test]
fn holes_overlaps_and_wrong_ranges_are_named() {
    let refused = |rules: &[SegmentRule]| SegmentTable::try_from(rules.to_vec()).unwrap_err();
    let hole = refused(&[rule("good", [3, 5], [1, 5]), rule("bad", [1, 2], [1, 4])]);
    assert!(matches!(&hole, SegmentError::Hole { cells } if cells.len() == 10));
    let text = hole.to_string();
    assert!(text.starts_with("no rule covers r1 f5 m1, r1 f5 m2, ") && text.contains("and 5 more cells"), "{text}");

    let overlap = refused(&[rule("good", [3, 5], [1, 5]), rule("bad", [1, 3], [1, 5])]);
    assert_eq!(overlap.to_string(), "rules 1 (good) and 2 (bad) both cover r3 f1 m1; narrow one of them");

    let range = refused(&[rule("good", [3, 5], [5, 1])]);
    assert!(range.to_string().starts_with("rule 1 (good): f = [5, 1] is not a range"), "{range}");
    assert!(matches!(refused(&[rule("good", [0, 5], [1, 5])]), SegmentError::Range { score: 'r', .. }));
    assert_eq!(refused(&[rule(" ", [1, 5], [1, 5])]), SegmentError::Name { rule: 1 });
    assert!(matches!(refused(&[]), SegmentError::Hole { cells } if cells.len() == 125));
}

#[test]
fn segments_can_be_written_in_toml() {
    let text = r#"
        bins = "nested"
        segments = [{ segment = "VIP", r = [4, 5] }, { segment = "Rest", r = [1, 3], f = [1, 5] }]
    "#;
    let settings: RfmSettings = toml::from_str(text).unwrap();
    assert_eq!(settings.segments[0], rule("VIP", [4, 5], [1, 5]));
    let rows = summary(&random_customers(50, 2));
    let rfm = RfmScale::fit(&rows, &settings).unwrap().apply(&rows).unwrap();
    assert_eq!(rfm.segments, ["VIP", "Rest"]);
    assert!(toml::from_str::<RfmSettings>("bin = 4").is_err());
    let default: RfmSettings = toml::from_str(&toml::to_string(&RfmSettings::default()).unwrap()).unwrap();
    assert_eq!(default, RfmSettings::default());
}

#[test]
fn segment_rows_conserve_customers_orders_and_money() {
    let summary = summary(&random_customers(333, 31));
    let rfm = fit(&summary).apply(&summary).unwrap();
    let clv: Vec<f64> = (0..333).map(|i| if i % 3 > 0 { 2.0 } else { 0.0 }).collect();
    let rows = rfm.segment_table(&summary, Some(&clv));
    assert_eq!(rows.iter().map(|row| row.customers).sum::<u64>(), 333);
    let orders: u64 = summary.orders.iter().map(|&orders| u64::from(orders)).sum();
    assert_eq!(rows.iter().map(|row| row.orders).sum::<u64>(), orders);
    let revenue: Money = summary.spend.iter().flat_map(|spend| spend.revenue.iter().copied()).sum();
    assert_eq!(rows.iter().filter_map(|row| row.revenue).sum::<Money>(), revenue);
    // 222 customers of 2.0 each: whole numbers add up exactly.
    assert_eq!(rows.iter().filter_map(|row| row.clv).sum::<f64>(), 444.0);
    // Eleven shares, each rounded once.
    assert!((rows.iter().map(|row| row.customer_share).sum::<f64>() - 1.0).abs() < 1e-14);
}
