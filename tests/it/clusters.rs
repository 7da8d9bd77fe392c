//! Customer clusters.

use clivia_core::base::{Day, Money, TimeUnit};
use clivia_core::clusters::{
    ClusterCount, ClusterError, ClusterMethod, ClusterModel, ClusterSettings, Clusters, Feature,
};
use clivia_core::summary::{Ages, Means, Spend, SpendDays, Summary};
use linfa::DatasetBase;
use linfa::prelude::Fit;
use linfa_clustering::KMeans;
use ndarray::Array2;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256Plus;

/// Customers of (id, purchase days, days since last, revenue).
type Customer = (usize, u32, i32, f64);

fn summary(customers: &[Customer]) -> Summary {
    let ids: Vec<String> = customers.iter().map(|customer| format!("c{}", customer.0)).collect();
    Summary {
        as_of: Day(10_000),
        unit: TimeUnit::Weeks,
        ids: ids.iter().map(String::as_str).collect(),
        orders: customers.iter().map(|customer| customer.1).collect(),
        frequency: customers.iter().map(|customer| customer.1 - 1).collect(),
        ages: Some(Ages { last_purchase: vec![0.0; customers.len()], now: vec![100.0; customers.len()] }),
        first_order: vec![Day(9_000); customers.len()],
        last_order: customers.iter().map(|customer| Day(10_000 - customer.2)).collect(),
        spend: Some(Spend {
            days: SpendDays::Repeat,
            revenue: customers.iter().map(|c| Money((c.3 * Money::SCALE as f64).round() as i64)).collect(),
            mean: Means::unknown(customers.len()),
        }),
    }
}

/// Four kinds of customers that anyone would tell apart, in equal parts.
fn four_kinds(count: usize, seed: u64) -> Vec<Customer> {
    let mut rng = Xoshiro256Plus::seed_from_u64(seed);
    let kinds = [(40, 5, 900.0), (40, 6, 20.0), (2, 300, 900.0), (2, 310, 20.0)];
    let mut customer = |id: usize| {
        let (days, ago, spend) = kinds[id % 4];
        let days = days + rng.gen_range(0..=days / 2);
        (id, days, ago + rng.gen_range(0..=ago / 3), f64::from(days) * spend * rng.gen_range(0.8..1.2))
    };
    (0..count).map(&mut customer).collect()
}

/// Customers without any structure.
fn a_cloud(count: usize, seed: u64) -> Vec<Customer> {
    let mut rng = Xoshiro256Plus::seed_from_u64(seed);
    let mut customer = |id| (id, rng.gen_range(1..30), rng.gen_range(0..500), rng.gen_range(-50.0..5_000.0));
    (0..count).map(&mut customer).collect()
}

fn fit(summary: &Summary, k: ClusterCount) -> ClusterModel {
    ClusterModel::fit(summary, &ClusterSettings { k, ..ClusterSettings::default() }).unwrap()
}

fn auto(summary: &Summary) -> (ClusterModel, Clusters) {
    let model = fit(summary, ClusterCount::Auto);
    let clusters = model.apply(summary).unwrap();
    (model, clusters)
}

#[test]
fn four_kinds_of_customers_are_found_numbered_and_named() {
    let customers = four_kinds(400, 1);
    let (model, clusters) = auto(&summary(&customers));
    assert_eq!(model.silhouettes.iter().map(|tried| tried.k).collect::<Vec<_>>(), [2, 3, 4, 5, 6, 7, 8]);
    assert!(customers.iter().all(|customer| clusters.cluster[customer.0] == clusters.cluster[customer.0 % 4]));
    let labels: Vec<&str> = (0..4).map(|kind| clusters.label(kind)).collect();
    let expected = ["frequent, recent, high spend", "frequent, recent, low spend"];
    assert_eq!(labels[..2], expected);
    assert_eq!(labels[2..], ["infrequent, long ago, high spend", "infrequent, long ago, low spend"]);
    // Typical revenue of the four kinds: about 45,000, 1,000, 2,000 and 45.
    assert_eq!(clusters.cluster[..4], [1, 3, 2, 4]);
}

#[test]
fn centroids_are_the_means_of_their_customers() {
    let rows = summary(&four_kinds(400, 2));
    let (model, clusters) = auto(&rows);
    for cluster in &model.clusters {
        let of = |i: &usize| clusters.cluster[*i] == cluster.cluster;
        let members: Vec<usize> = (0..400).filter(of).collect();
        assert_eq!(members.len(), cluster.customers);
        let logs = members.iter().map(|&i| Feature::PurchaseDays.of(&rows, i).ln_1p());
        let typical = (logs.sum::<f64>() / members.len() as f64).exp_m1();
        // A hundred logarithms, summed in another order, scaled and back.
        assert!((cluster.typical[0] / typical - 1.0).abs() < 1e-12, "{} {typical}", cluster.typical[0]);
    }
}

#[test]
fn inertia_is_not_worse_than_linfas_own() {
    for k in 2..=6 {
        let rows = summary(&a_cloud(3_000, 7));
        let model = fit(&rows, ClusterCount::Fixed(k));
        let scaled = |i: usize| {
            let log = |value: f64| value.abs().ln_1p().copysign(value);
            [0, 1, 2]
                .map(|f| (log(model.features[f].feature.of(&rows, i)) - model.features[f].mean) / model.features[f].sd)
        };
        let points = Array2::from((0..3_000).map(scaled).collect::<Vec<[f64; 3]>>());
        let rng = Xoshiro256Plus::seed_from_u64(5);
        let oracle = KMeans::params_with_rng(k, rng).n_runs(10).fit(&DatasetBase::from(points)).unwrap();
        // Both stop in a local optimum; ten starts each bring them within two percent.
        assert!(model.inertia < 1.02 * oracle.inertia(), "k {k}: {} {}", model.inertia, oracle.inertia());
    }
}

#[test]
fn the_silhouette_is_rousseeuws() {
    // Two pairs on a line: purchase days vary, nothing else does.
    let rows = summary(&[(0, 1, 9, 1.0), (1, 2, 9, 2.0), (2, 50, 9, 50.0), (3, 60, 9, 60.0)]);
    let model = fit(&rows, ClusterCount::Fixed(2));
    assert_eq!(model.left_out, [Feature::DaysSinceLast, Feature::RevenuePerPurchaseDay]);
    let at = [2.0_f64, 3.0, 51.0, 61.0].map(f64::ln);
    let width = |i: usize, friend: usize, others: [usize; 2]| {
        let b = others.iter().map(|&other| (at[i] - at[other]).abs()).sum::<f64>() / 2.0;
        1.0 - (at[i] - at[friend]).abs() / b
    };
    let by_hand = (width(0, 1, [2, 3]) + width(1, 0, [2, 3]) + width(2, 3, [0, 1]) + width(3, 2, [0, 1])) / 4.0;
    // The same distances up to one scale, a handful of roundings.
    assert!((model.silhouettes[0].silhouette - by_hand).abs() < 1e-14);
}

#[test]
fn rows_in_any_order_and_threads_change_nothing() {
    let customers = a_cloud(3_000, 3);
    let mut permuted = customers.clone();
    permuted.shuffle(&mut Xoshiro256Plus::seed_from_u64(9));
    // Small enough that all three samples are drawn.
    let settings =
        ClusterSettings { fit_rows: 2_000, start_rows: 900, silhouette_rows: 300, ..ClusterSettings::default() };
    let run = |rows: &Summary| {
        let model = ClusterModel::fit(rows, &settings).unwrap();
        let clusters = model.apply(rows).unwrap();
        (model, clusters)
    };
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let (model, clusters) = pool(1).install(|| run(&summary(&customers)));
    let (again, shuffled) = pool(4).install(|| run(&summary(&permuted)));
    assert_eq!(model, again);
    assert_eq!(model.customers, 2_000);
    for (place, customer) in permuted.iter().enumerate() {
        assert_eq!(shuffled.cluster[place], clusters.cluster[customer.0]);
    }
}

#[test]
fn a_frozen_model_assigns_alike() {
    for k in [ClusterCount::Auto, ClusterCount::Fixed(5)] {
        let rows = summary(&a_cloud(500, 13));
        let model = fit(&rows, k);
        let frozen: ClusterModel = serde_json::from_str(&serde_json::to_string(&model).unwrap()).unwrap();
        assert_eq!(frozen, model);
        assert_eq!(frozen.apply(&rows).unwrap(), model.apply(&rows).unwrap());
    }
}

#[test]
fn blocks_of_customers_are_assigned_as_all_are() {
    let rows = summary(&a_cloud(500, 21));
    for method in [ClusterMethod::KMeans, ClusterMethod::Gmm] {
        let model = ClusterModel::fit(&rows, &ClusterSettings { method, ..ClusterSettings::default() }).unwrap();
        let blocks = [0..0, 0..123, 123..124, 124..500].map(|block| model.assign(&rows, block).unwrap());
        assert_eq!(blocks.concat(), model.apply(&rows).unwrap().cluster);
    }
}

/// Three kinds that differ in width: one wide, two narrow ones within its reach.
fn wide_and_narrow(count: usize, seed: u64) -> Vec<Customer> {
    let mut rng = Xoshiro256Plus::seed_from_u64(seed);
    let mut normal = |mean: f64, sd: f64| mean + sd * Distribution::<f64>::sample(&StandardNormal, &mut rng);
    let mut customer = |id: usize| {
        let [(days, w), (ago, u), (spend, v)] = [
            [(3.0, 0.8), (4.0, 0.8), (4.0, 0.8)],
            [(4.6, 0.05), (4.0, 0.1), (4.0, 0.1)],
            [(3.0, 0.05), (2.2, 0.1), (4.0, 0.1)],
        ][id % 3];
        let days = normal(days, w).exp().round().max(1.0);
        (id, days as u32, normal(ago, u).exp() as i32, days * normal(spend, v).exp())
    };
    (0..count).map(&mut customer).collect()
}

#[test]
fn a_mixture_tells_narrow_clusters_from_wide_ones() {
    let customers = wide_and_narrow(3_000, 3);
    let rows = summary(&customers);
    let right = |method| {
        let settings = ClusterSettings { method, k: ClusterCount::Fixed(3), ..ClusterSettings::default() };
        let model = ClusterModel::fit(&rows, &settings).unwrap();
        assert_eq!((model.method, model.clusters.len()), (method, 3));
        let cluster = model.apply(&rows).unwrap().cluster;
        let of = |kind: usize, number: u16| (kind..3_000).step_by(3).filter(|&i| cluster[i] == number).count();
        (0..3).map(|kind| (1..=3).map(|number| of(kind, number)).max().unwrap_or(0)).sum::<usize>()
    };
    let (mixture, k_means) = (right(ClusterMethod::Gmm), right(ClusterMethod::KMeans));
    // The densities overlap in a few customers of a hundred; k-means has no notion of width.
    assert!(mixture > 2_850 && k_means < mixture, "{mixture} {k_means}");
}

#[test]
fn a_mixture_assigns_as_linfa_predicts() {
    let rows = summary(&wide_and_narrow(900, 4));
    let settings =
        ClusterSettings { method: ClusterMethod::Gmm, k: ClusterCount::Fixed(3), ..ClusterSettings::default() };
    let model = ClusterModel::fit(&rows, &settings).unwrap();
    let clusters = model.apply(&rows).unwrap();
    // Bayes' theorem by hand, from what the model says of itself.
    let log = |value: f64| value.abs().ln_1p().copysign(value);
    let inverse = |c: &[Vec<f64>]| {
        let minor = |i: usize, j: usize| {
            let [a, b, d, e] = [
                ((i + 1) % 3, (j + 1) % 3),
                ((i + 1) % 3, (j + 2) % 3),
                ((i + 2) % 3, (j + 1) % 3),
                ((i + 2) % 3, (j + 2) % 3),
            ];
            c[a.0][a.1] * c[e.0][e.1] - c[b.0][b.1] * c[d.0][d.1]
        };
        let determinant: f64 = (0..3).map(|j| c[0][j] * minor(0, j)).sum();
        ([0, 1, 2].map(|i| [0, 1, 2].map(|j| minor(j, i) / determinant)), determinant)
    };
    for i in 0..900 {
        let point = [0, 1, 2]
            .map(|f| (log(model.features[f].feature.of(&rows, i)) - model.features[f].mean) / model.features[f].sd);
        let posterior = |number: &u16| {
            let cluster = &model.clusters[usize::from(*number) - 1];
            let component = cluster.component.as_ref().unwrap();
            let (precision, determinant) = inverse(&component.covariance);
            let off = [0, 1, 2].map(|f| point[f] - cluster.centroid[f]);
            let squared: f64 =
                (0..3).flat_map(|a| (0..3).map(move |b| (a, b))).map(|(a, b)| off[a] * precision[a][b] * off[b]).sum();
            component.weight / determinant.sqrt() * (-0.5 * squared).exp()
        };
        let likeliest = (1..=3).max_by(|a, b| posterior(a).total_cmp(&posterior(b))).unwrap();
        assert_eq!(clusters.cluster[i], likeliest);
    }
    let weights: f64 = model.clusters.iter().filter_map(|c| c.component.as_ref()).map(|c| c.weight).sum();
    // Shares of one whole, three additions.
    assert!((weights - 1.0).abs() < 1e-12);
}

#[test]
fn a_mixture_is_the_same_on_any_threads_and_when_read_back() {
    let customers = wide_and_narrow(3_000, 5);
    let mut permuted = customers.clone();
    permuted.shuffle(&mut Xoshiro256Plus::seed_from_u64(9));
    let settings = ClusterSettings {
        method: ClusterMethod::Gmm,
        fit_rows: 2_000,
        start_rows: 900,
        silhouette_rows: 300,
        ..ClusterSettings::default()
    };
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let rows = summary(&customers);
    let model = pool(1).install(|| ClusterModel::fit(&rows, &settings)).unwrap();
    assert_eq!(pool(4).install(|| ClusterModel::fit(&summary(&permuted), &settings)).unwrap(), model);
    assert_eq!(model.method, ClusterMethod::Gmm);
    let written = serde_json::to_string(&model).unwrap();
    let frozen: ClusterModel = serde_json::from_str(&written).unwrap();
    assert_eq!(frozen.apply(&rows).unwrap(), model.apply(&rows).unwrap());
    let mut broken = frozen.clone();
    broken.clusters[1].component.as_mut().unwrap().covariance[0][0] = -1.0;
    assert!(matches!(broken.apply(&rows), Err(ClusterError::Component { cluster: 2 })));
    broken.clusters[1].component = None;
    assert!(matches!(broken.apply(&rows), Err(ClusterError::Component { cluster: 2 })));
}

#[test]
fn a_mixture_that_cannot_be_fitted_gives_way_to_k_means() {
    let rows = summary(&[(0, 1, 400, 10.0), (1, 9, 3, 900.0), (2, 1, 390, 20.0), (3, 30, 8, 5.0)]);
    for k in [1, 2, 3, 4] {
        let settings =
            ClusterSettings { method: ClusterMethod::Gmm, k: ClusterCount::Fixed(k), ..ClusterSettings::default() };
        let model = ClusterModel::fit(&rows, &settings).unwrap();
        let numbers = model.clusters.iter().flat_map(|cluster| cluster.centroid.iter().chain(&cluster.typical));
        assert!(numbers.into_iter().all(|value| value.is_finite()));
        assert_eq!(model.clusters.iter().map(|cluster| cluster.customers).sum::<usize>(), 4);
        let told = model.warnings.iter().any(|warning| warning.starts_with("no Gaussian mixture"));
        assert_eq!(told, model.method == ClusterMethod::KMeans && k > 1, "{:?}", model.warnings);
        assert_eq!(model.apply(&rows).unwrap().cluster.len(), 4);
    }
}

#[test]
fn a_part_of_the_base_states_the_error_of_its_silhouette() {
    let rows = summary(&a_cloud(3_000, 17));
    let (everybody, _) = auto(&summary(&a_cloud(1_000, 17)));
    assert!(everybody.silhouettes.iter().all(|tried| tried.error == 0.0));
    let settings = ClusterSettings { silhouette_rows: 500, ..ClusterSettings::default() };
    let sampled = ClusterModel::fit(&rows, &settings).unwrap();
    let all = ClusterModel::fit(&rows, &ClusterSettings { silhouette_rows: 3_000, ..settings }).unwrap();
    for (sampled, all) in sampled.silhouettes.iter().zip(&all.silhouettes) {
        assert!(sampled.error > 0.0 && all.error == 0.0);
        // Seven estimates from one sample: within four standard errors.
        assert!((sampled.silhouette - all.silhouette).abs() < 4.0 * sampled.error, "{sampled:?} {all:?}");
    }
}

#[test]
fn equal_customers_are_one_cluster() {
    for count in [1, 2, 50] {
        for k in [ClusterCount::Auto, ClusterCount::Fixed(3)] {
            let rows = summary(&vec![(0, 3, 10, 30.0); count]);
            let model = fit(&rows, k);
            assert_eq!((model.clusters.len(), model.inertia), (1, 0.0));
            assert_eq!(model.clusters[0].label, "all customers");
            assert_eq!(model.left_out.len(), 3);
            assert!(!model.warnings.is_empty() && model.silhouettes.is_empty());
            assert_eq!(model.apply(&rows).unwrap().cluster, vec![1; count]);
        }
    }
}

#[test]
fn two_customers_are_two_clusters_at_most() {
    let rows = summary(&[(0, 1, 400, 10.0), (1, 9, 3, 900.0)]);
    let (model, clusters) = auto(&rows);
    assert_eq!(clusters.cluster, [2, 1]);
    // 9 purchase days, through a logarithm, a scale and back.
    assert!((model.clusters[0].typical[0] - 9.0).abs() < 1e-12);
    let model = fit(&rows, ClusterCount::Fixed(7));
    assert_eq!(model.clusters.len(), 2);
    assert_eq!(model.warnings, ["customers have only 2 distinct features: k is 2 in place of 7"]);
}

#[test]
fn without_amounts_two_features_remain() {
    let mut rows = summary(&four_kinds(200, 4));
    let with_money = fit(&rows, ClusterCount::Auto);
    rows.spend = None;
    let (model, clusters) = auto(&rows);
    assert_eq!(
        model.features.iter().map(|scale| scale.feature.name()).collect::<Vec<_>>(),
        ["purchase_days", "days_since_last"]
    );
    assert!(model.left_out.is_empty());
    assert_eq!(model.profile(&clusters, &rows, None)[0].revenue, None);
    assert!(matches!(with_money.apply(&rows), Err(ClusterError::NoMoney)));
}

#[test]
fn huge_and_negative_amounts_are_finite_everywhere() {
    let mut customers = a_cloud(100, 5);
    customers[0].3 = 1e12;
    customers[1].3 = -1e12;
    let (model, clusters) = auto(&summary(&customers));
    let numbers = model.clusters.iter().flat_map(|cluster| cluster.centroid.iter().chain(&cluster.typical));
    assert!(numbers.into_iter().all(|value| value.is_finite()));
    assert!(clusters.cluster.iter().all(|&cluster| usize::from(cluster) <= model.clusters.len()));
    assert!(!serde_json::to_string(&model).unwrap().contains("null"));
}

#[test]
fn labels_are_unique_and_sizes_add_up() {
    for seed in 0..3 {
        for k in [1, 2, 5, 12, 60] {
            let rows = summary(&a_cloud(150, seed));
            let model = fit(&rows, ClusterCount::Fixed(k));
            let mut labels: Vec<&str> = model.clusters.iter().map(|cluster| cluster.label.as_str()).collect();
            labels.sort_unstable();
            labels.dedup();
            assert_eq!(labels.len(), model.clusters.len());
            assert_eq!(model.clusters.iter().map(|cluster| cluster.customers).sum::<usize>(), 150);
            let clusters = model.apply(&rows).unwrap();
            for cluster in &model.clusters {
                let assigned = clusters.cluster.iter().filter(|&&number| number == cluster.cluster).count();
                assert_eq!(assigned, cluster.customers);
            }
        }
    }
}

#[test]
fn profiles_conserve_customers_and_money() {
    let rows = summary(&four_kinds(200, 6));
    let (model, clusters) = auto(&rows);
    let clv = vec![3.0; 200];
    let profile = model.profile(&clusters, &rows, Some(&clv));
    assert_eq!(profile.iter().map(|row| row.customers).sum::<u64>(), 200);
    let revenue: Money = rows.spend.iter().flat_map(|spend| spend.revenue.iter().copied()).sum();
    assert_eq!(profile.iter().filter_map(|row| row.revenue).sum::<Money>(), revenue);
    assert_eq!(profile.iter().filter_map(|row| row.clv).sum::<f64>(), 600.0);
    assert!(profile[0].mean_purchase_days > Some(40.0) && profile[0].mean_days_since_last < Some(8.0));
    // A file of nobody has the same clusters, all empty, and no division by zero.
    let nobody = summary(&[]);
    let empty = model.profile(&model.apply(&nobody).unwrap(), &nobody, None);
    assert!(empty.iter().all(|row| row.customer_share == 0.0 && row.mean_purchase_days.is_none()));
}

#[test]
fn settings_are_checked_and_written_as_a_table() {
    let rows = summary(&a_cloud(20, 1));
    let refused = |settings: ClusterSettings| ClusterModel::fit(&rows, &settings).unwrap_err().to_string();
    let none = ClusterSettings { k: ClusterCount::Fixed(0), ..ClusterSettings::default() };
    assert_eq!(refused(none), "clusters.k = 0 cannot be used; give a number from 1 to 100");
    assert!(refused(ClusterSettings { k_max: 1, ..ClusterSettings::default() }).contains("clusters.k_max = 1"));
    let settings: ClusterSettings = toml::from_str("k = 4\nseed = 9").unwrap();
    assert_eq!((settings.k, settings.seed), (ClusterCount::Fixed(4), 9));
    let refused = toml::from_str::<ClusterSettings>("k = \"four\"").unwrap_err().to_string();
    assert!(refused.contains("\"auto\" or a whole number"), "{refused}");
    let default: ClusterSettings = toml::from_str(&toml::to_string(&ClusterSettings::default()).unwrap()).unwrap();
    assert_eq!(default, ClusterSettings::default());
    let nobody = ClusterModel::fit(&summary(&[]), &ClusterSettings::default());
    assert!(matches!(nobody, Err(ClusterError::NoCustomers)));
}

#[test]
fn a_frozen_model_without_clusters_is_refused() {
    let rows = summary(&a_cloud(20, 1));
    let model = ClusterModel { clusters: Vec::new(), ..fit(&rows, ClusterCount::Auto) };
    assert!(matches!(model.apply(&rows), Err(ClusterError::NoClusters)));
}
