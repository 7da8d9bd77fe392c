use crate::clusters::k_means::*;
use linfa::DatasetBase;
use linfa::prelude::Fit;
use linfa_clustering::{KMeans, KMeansInit};
use ndarray::Array2;
use proptest::prelude::*;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_distr::{Distribution, StandardNormal};

/// Lloyd's algorithm as it is written down: every distance in every round, means of the same exact sums.
fn plain<const D: usize>(points: &[[f64; D]], start: &[[f64; D]], most_rounds: usize) -> Found<D> {
    let grids = largest(points).unwrap().map(Grid::up_to);
    let nearest = |centroids: &[[f64; D]], point: &[f64; D]| {
        let squared: Vec<f64> = centroids.iter().map(|centroid| squared_distance(point, centroid)).collect();
        (0..squared.len()).fold(0, |best, next| if squared[next] < squared[best] { next } else { best }) as u16
    };
    let assign = |centroids: &[[f64; D]]| points.iter().map(|point| nearest(centroids, point)).collect::<Vec<_>>();
    let members =
        |cluster: &[u16], of: usize| (0..points.len()).filter(|&i| usize::from(cluster[i]) == of).collect::<Vec<_>>();
    let mean = |cluster: &[u16], of: usize, old: &[f64; D]| {
        let members = members(cluster, of);
        let sum = |place: usize| members.iter().map(|&i| i128::from(grids[place].steps(points[i][place]))).sum();
        let mean = |place: usize| grids[place].mean(sum(place), members.len());
        if members.is_empty() { *old } else { std::array::from_fn(mean) }
    };
    let mut centroids = start.to_vec();
    let mut cluster = assign(&centroids);
    let (mut rounds, mut settled) = (0, false);
    while !settled && rounds < most_rounds {
        centroids = centroids.iter().enumerate().map(|(of, old)| mean(&cluster, of, old)).collect();
        let next = assign(&centroids);
        settled = next == cluster;
        cluster = next;
        rounds += 1;
    }
    let to_own = |i: usize| squared_distance(&points[i], &centroids[usize::from(cluster[i])]);
    let inertia = exact_sum::mean(points.len(), to_own);
    let sizes = (0..start.len()).map(|of| members(&cluster, of).len()).collect();
    Found { centroids, cluster, sizes, inertia, rounds, settled }
}

/// `clouds` normal clouds that overlap.
fn clouds<const D: usize>(count: usize, clouds: usize, seed: u64) -> Vec<[f64; D]> {
    let mut rng = Xoshiro256Plus::seed_from_u64(seed);
    let mut normal = |scale: f64| -> [f64; D] {
        std::array::from_fn(|_| scale * Distribution::<f64>::sample(&StandardNormal, &mut rng))
    };
    let centres: Vec<[f64; D]> = (0..clouds).map(|_| normal(2.0)).collect();
    let mut point = |i: usize| {
        let off = normal(1.0);
        std::array::from_fn(|place| centres[i % clouds][place] + off[place])
    };
    (0..count).map(&mut point).collect()
}

#[test]
fn skipping_changes_nothing() {
    for seed in 0..6 {
        let points = clouds::<3>(3_000, 5, seed);
        for k in [1, 2, 3, 5, 8, 9, 20] {
            assert_eq!(lloyd(&points, &points[..k], 400).unwrap(), plain(&points, &points[..k], 400), "{seed} {k}");
        }
        for most_rounds in [0, 1, 7] {
            let found = lloyd(&points, &points[..6], most_rounds).unwrap();
            assert_eq!(found, plain(&points, &points[..6], most_rounds));
            assert!(!found.settled && found.rounds == most_rounds);
        }
    }
    let points = clouds::<4>(40_000, 8, 9);
    assert_eq!(lloyd(&points, &points[..8], 60).unwrap(), plain(&points, &points[..8], 60));
}

#[test]
fn skipping_changes_nothing_where_points_are_odd() {
    let twice: Vec<[f64; 2]> = clouds::<2>(300, 3, 1).into_iter().flat_map(|point| [point; 3]).collect();
    let on_a_line: Vec<[f64; 3]> = clouds::<3>(600, 3, 2).into_iter().map(|[x, _, _]| [x, 0.1, -7.0]).collect();
    let far_off: Vec<[f64; 2]> = clouds::<2>(600, 3, 3).into_iter().map(|[x, y]| [x + 1e9, y * 1e-9]).collect();
    assert_eq!(lloyd(&twice, &twice[..7], 300).unwrap(), plain(&twice, &twice[..7], 300));
    assert_eq!(lloyd(&on_a_line, &on_a_line[..6], 300).unwrap(), plain(&on_a_line, &on_a_line[..6], 300));
    assert_eq!(lloyd(&far_off, &far_off[..6], 300).unwrap(), plain(&far_off, &far_off[..6], 300));
    let few = clouds::<3>(50, 3, 4);
    let each_its_own = lloyd(&few, &few, 10).unwrap();
    assert_eq!(each_its_own, plain(&few, &few, 10));
    assert_eq!((each_its_own.inertia, each_its_own.settled), (0.0, true));
    let alike = vec![[0.1, -0.3]; 40];
    let found = lloyd(&alike, &[alike[0]; 4], 10).unwrap();
    assert_eq!((found.sizes, found.inertia, found.centroids[0]), (vec![40, 0, 0, 0], 0.0, alike[0]));
}

proptest! {
    /// Points of a lattice are full of ties and of points that lie on one another.
    #[test]
    fn skipping_changes_nothing_where_distances_tie(
        points in prop::collection::vec(prop::array::uniform2(-4_i8..=4), 1..120),
        start in prop::collection::vec(prop::array::uniform2(-5_i8..=5), 1..12),
        unit in prop::sample::select(vec![1.0, 0.1, 1e-170, 1e140]),
    ) {
        let scaled = |of: &Vec<[i8; 2]>| of.iter().map(|p| p.map(|v| f64::from(v) * unit)).collect::<Vec<_>>();
        let (points, start) = (scaled(&points), scaled(&start));
        prop_assert_eq!(lloyd(&points, &start, 200).unwrap(), plain(&points, &start, 200));
    }
}

#[test]
fn sums_are_those_of_plain_addition() {
    let points = clouds::<4>(5_000, 4, 8);
    let found = lloyd(&points, &points[..4], 500).unwrap();
    for (of, centroid) in found.centroids.iter().enumerate() {
        let members: Vec<&[f64; 4]> =
            (0..5_000).filter(|&i| found.cluster[i] == of as u16).map(|i| &points[i]).collect();
        for (place, value) in centroid.iter().enumerate() {
            let mean = members.iter().map(|point| point[place]).sum::<f64>() / members.len() as f64;
            // A thousand plain additions of numbers below 10 round by 1e-12 at most.
            assert!((value - mean).abs() < 1e-13, "{value} {mean}");
        }
    }
}

#[test]
fn inertia_is_linfas_from_the_same_start() {
    for k in [2, 4, 7] {
        let points = clouds::<3>(4_000, 5, k as u64);
        let start = &points[..k];
        let matrix = |points: &[[f64; 3]]| Array2::from(points.to_vec());
        let params = KMeans::params(k).n_runs(1).init_method(KMeansInit::Precomputed(matrix(start)));
        let oracle = params.tolerance(1e-13).max_n_iterations(5_000).fit(&DatasetBase::from(matrix(&points))).unwrap();
        let found = lloyd(&points, start, 5_000).unwrap();
        assert!(found.settled);
        // linfa counts the last centroid as one more member of each cluster, so that it creeps towards the mean:
        // its inertia is that of the round before.
        assert!((found.inertia / oracle.inertia() - 1.0).abs() < 1e-9, "{} {}", found.inertia, oracle.inertia());
    }
}

#[test]
fn order_and_threads_change_nothing() {
    let points = clouds::<3>(70_000, 6, 5);
    let start = points[..6].to_vec();
    let mut shuffled: Vec<usize> = (0..points.len()).collect();
    shuffled.shuffle(&mut Xoshiro256Plus::seed_from_u64(2));
    let other: Vec<[f64; 3]> = shuffled.iter().map(|&i| points[i]).collect();
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let one = pool(1).install(|| lloyd(&points, &start, 300)).unwrap();
    assert_eq!(pool(3).install(|| lloyd(&points, &start, 300)).unwrap(), one);
    let many = pool(4).install(|| lloyd(&other, &start, 300)).unwrap();
    assert_eq!(
        (&many.centroids, many.inertia.to_bits(), many.rounds),
        (&one.centroids, one.inertia.to_bits(), one.rounds)
    );
    assert!(shuffled.iter().zip(&many.cluster).all(|(&i, &cluster)| one.cluster[i] == cluster));
}

#[test]
fn more_starts_are_never_worse() {
    let points = clouds::<3>(800, 9, 6);
    let inertia = |starts: usize| {
        let mut rng = Xoshiro256Plus::seed_from_u64(1);
        let start = best_start(&points, 9, starts, &mut rng, 500).unwrap();
        lloyd(&points, &start, 500).unwrap().inertia
    };
    let of: Vec<f64> = [1, 2, 5, 20].map(inertia).to_vec();
    assert!(of.is_sorted_by(|a, b| a >= b), "{of:?}");
    assert!(of[3] < of[0]);
}

#[test]
fn starts_are_distinct_points() {
    let points = [[1.0], [1.0], [5.0], [5.0], [9.0]];
    let mut start = plus_plus(&points, 5, &mut Xoshiro256Plus::seed_from_u64(1));
    start.sort_by(|a, b| a[0].total_cmp(&b[0]));
    assert_eq!(start, [[1.0], [5.0], [9.0]]);
    // The further of two points is four times as likely: 1,600 of 2,000 draws, standard deviation 18.
    let mut rng = Xoshiro256Plus::seed_from_u64(1);
    let far = (0..2_000).filter(|_| drawn(&[0.0, 1.0, 4.0], &mut rng) == Some(2)).count();
    assert!((1_530..1_670).contains(&far), "{far}");
}

#[test]
fn what_cannot_be_clustered_is_refused() {
    assert_eq!(lloyd::<2>(&[], &[[0.0; 2]], 1), Err(KMeansError::NoPoints));
    assert_eq!(lloyd(&[[0.0; 2]], &[], 1), Err(KMeansError::Start(0)));
    for odd in [f64::NAN, f64::INFINITY, -1e151] {
        assert_eq!(lloyd(&[[0.0; 2], [1.0, odd]], &[[0.0; 2]], 1), Err(KMeansError::Coordinate { point: 1 }));
        assert_eq!(lloyd(&[[0.0; 2]], &[[odd, 0.0]], 1), Err(KMeansError::Coordinate { point: 0 }));
    }
}
