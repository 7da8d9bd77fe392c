//! The map on bases that are easily imagined, and on those that are not.

use clivia::map::{CustomerMap, FittedMap, MapError, MapInput, MapSettings, Source};
use clivia::units::Money;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn input<'a>(attractiveness: &'a [Option<f64>], intensity: &'a [f64]) -> MapInput<'a> {
    MapInput { source: Source::Clv, attractiveness, intensity, revenue: None, clv: None }
}

fn draw(attractiveness: &[Option<f64>], intensity: &[f64]) -> Result<CustomerMap, MapError> {
    let input = input(attractiveness, intensity);
    MapSettings::default().fit(&input)?.apply(&input)
}

/// Values without order or period, from 0 to 1, some of them equal.
fn scattered(n: usize, step: usize) -> impl Iterator<Item = f64> {
    (0..n).map(move |i| (i * step % 10_007) as f64 / 10_007.0)
}

#[test]
fn nine_customers_by_hand() -> Outcome {
    let clv: Vec<Option<f64>> = (1..=9).map(|v| Some(f64::from(v) * 100.0)).collect();
    let intensity = [9.0, 8.0, 7.0, 4.0, 5.0, 6.0, 3.0, 2.0, 0.0];
    let revenue: Vec<Money> = (1..=9).map(|v| Money(v * Money::SCALE)).collect();
    let input = MapInput { revenue: Some(&revenue), clv: Some(&clv), ..input(&clv, &intensity) };
    let map = MapSettings::default().fit(&input)?.apply(&input)?;

    assert_eq!(map.attractiveness[0], Some(100.0 * 0.5 / 9.0));
    assert_eq!(map.contact_quality[8], 0.0);
    assert_eq!(map.cell_name(8), Some("high value, low contact"));
    assert_eq!(map.cell_name(0), Some("low value, high contact"));
    let worst = &map.cells[6];
    assert_eq!((worst.name.as_str(), worst.customers, worst.share), ("high value, low contact", 3, 3.0 / 9.0));
    assert_eq!((worst.revenue, worst.clv), (Some(Money(24 * Money::SCALE)), Some(2_400.0)));
    assert_eq!((map.totals.under_served, map.totals.aligned, map.totals.over_served), (3, 3, 3));
    assert_eq!(map.totals.under_served_clv_share, Some(2_400.0 / 4_500.0));
    assert_eq!(map.totals.without_contact, 1);
    Ok(())
}

#[test]
fn customers_and_money_are_conserved() -> Outcome {
    let clv: Vec<Option<f64>> = scattered(5_000, 37).enumerate().map(|(i, v)| (i % 11 != 0).then_some(v)).collect();
    let intensity: Vec<f64> = scattered(5_000, 101).map(|v| (v - 0.3).max(0.0)).collect();
    let revenue: Vec<Money> = (0..5_000).map(Money).collect();
    let input = MapInput { revenue: Some(&revenue), clv: Some(&clv), ..input(&clv, &intensity) };
    let map = MapSettings::default().fit(&input)?.apply(&input)?;

    let totals = &map.totals;
    assert_eq!(totals.mapped + totals.unmapped, 5_000);
    assert_eq!(totals.under_served + totals.aligned + totals.over_served, totals.mapped);
    assert_eq!(map.cells.iter().map(|cell| cell.customers).sum::<u64>(), totals.mapped);
    let on_map: Money = revenue.iter().zip(&clv).filter(|(_, clv)| clv.is_some()).map(|(money, _)| *money).sum();
    assert_eq!(map.cells.iter().filter_map(|cell| cell.revenue).sum::<Money>(), on_map);
    Ok(())
}

#[test]
fn the_order_of_customers_does_not_matter() -> Outcome {
    let mut clv: Vec<Option<f64>> = scattered(3_000, 37).map(|v| Some(v.exp())).collect();
    let mut intensity: Vec<f64> = scattered(3_000, 101).collect();
    let whole = |clv: &[Option<f64>], intensity: &[f64]| {
        let input = MapInput { clv: Some(clv), ..input(clv, intensity) };
        let fitted = MapSettings::default().fit(&input)?;
        let map = fitted.apply(&input)?;
        Ok::<_, MapError>((fitted, map))
    };
    let (fitted, map) = whole(&clv, &intensity)?;
    clv.reverse();
    intensity.reverse();
    let (fitted_back, mut back) = whole(&clv, &intensity)?;
    back.attractiveness.reverse();
    back.contact_quality.reverse();
    back.cell.reverse();
    assert_eq!((fitted, map), (fitted_back, back));
    Ok(())
}

#[test]
fn one_thread_draws_the_same_map_as_many() -> Outcome {
    let clv: Vec<Option<f64>> = scattered(20_000, 37).map(|v| Some(v.exp())).collect();
    let intensity: Vec<f64> = scattered(20_000, 101).collect();
    let on = |threads| -> Result<CustomerMap, Box<dyn std::error::Error>> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
        Ok(pool.install(|| draw(&clv, &intensity))?)
    };
    assert_eq!(on(1)?, on(4)?);
    Ok(())
}

#[test]
fn a_frozen_map_scores_the_same_base_the_same() -> Outcome {
    let clv: Vec<Option<f64>> = scattered(9_000, 37).map(|v| Some((v * 9.0).exp2() - 3.3)).collect();
    let intensity: Vec<f64> = scattered(9_000, 101).map(|v| (v - 0.3).max(0.0) / 3.0).collect();
    let input = input(&clv, &intensity);
    let fitted = MapSettings::default().fit(&input)?;
    let frozen: FittedMap = serde_json::from_str(&serde_json::to_string(&fitted)?)?;
    assert_eq!(frozen, fitted);
    assert_eq!(frozen.apply(&input)?, fitted.apply(&input)?);
    // A part of the base keeps its places, whoever else is missing.
    let part = MapInput { attractiveness: &clv[..100], intensity: &intensity[..100], ..input };
    assert_eq!(frozen.apply(&part)?.cell, fitted.apply(&input)?.cell[..100]);
    Ok(())
}

#[test]
fn equal_customers_stand_in_the_middle() -> Outcome {
    let map = draw(&[Some(5.0); 4], &[2.0; 4])?;
    assert_eq!((map.attractiveness[0], map.contact_quality[0]), (Some(50.0), 50.0));
    assert_eq!(map.totals.aligned, 4);
    let one = draw(&[Some(5.0)], &[2.0])?;
    assert_eq!(one.cell_name(0), Some("medium value, medium contact"));
    Ok(())
}

#[test]
fn nobody_contacted_puts_everybody_low() -> Outcome {
    let map = draw(&[Some(1.0), Some(2.0), Some(3.0)], &[0.0; 3])?;
    assert_eq!(map.contact_quality, [0.0; 3]);
    assert_eq!((map.totals.under_served, map.totals.aligned), (2, 1));
    assert_eq!(map.totals.without_contact, 3);
    Ok(())
}

#[test]
fn everybody_contacted_equally_puts_everybody_in_the_middle() -> Outcome {
    let map = draw(&[Some(1.0), Some(2.0), Some(3.0)], &[0.7; 3])?;
    assert_eq!(map.contact_quality, [50.0; 3]);
    assert_eq!((map.totals.under_served, map.totals.aligned, map.totals.over_served), (1, 1, 1));
    Ok(())
}

#[test]
fn the_contacted_stand_among_the_whole_base() -> Outcome {
    let map = draw(&[Some(1.0); 4], &[0.0, 0.0, 0.0, 0.1])?;
    assert_eq!(map.contact_quality, [0.0, 0.0, 0.0, 87.5]); // 100 x (3 + 0.5) / 4
    Ok(())
}

#[test]
fn no_attractiveness_means_no_cell() -> Outcome {
    let map = draw(&[None, Some(1.0), Some(f64::NAN)], &[1.0, 1.0, 1.0])?;
    assert_eq!((map.cell_name(0), map.diagnosis(0), map.cell_name(2)), (None, None, None));
    assert_eq!((map.totals.mapped, map.totals.unmapped), (1, 2));
    let empty = draw(&[], &[])?;
    assert_eq!((empty.totals.customers, empty.cells.len(), empty.cells[0].share), (0, 9, 0.0));
    Ok(())
}

#[test]
fn losses_have_no_share() -> Outcome {
    let clv = [Some(-5.0), Some(2.0)];
    let input = MapInput { clv: Some(&clv), ..input(&clv, &[1.0, 0.0]) };
    let map = MapSettings::default().fit(&input)?.apply(&input)?;
    assert_eq!(map.totals.under_served_clv_share, None);
    Ok(())
}

#[test]
fn five_levels_and_typed_thresholds() -> Outcome {
    let clv: Vec<Option<f64>> = (0..10).map(|v| Some(f64::from(v))).collect();
    let intensity = [1.0; 10];
    let settings: MapSettings = toml::from_str("levels = 2\nattractiveness_thresholds = [80.0]")?;
    let input = input(&clv, &intensity);
    let map = settings.fit(&input)?.apply(&input)?;
    assert_eq!(map.cells.len(), 4);
    assert_eq!(map.cell_name(9), Some("L2 value, L2 contact"));
    assert_eq!(map.totals.over_served, 8);
    let five = MapSettings { levels: 5, ..MapSettings::default() }.fit(&input)?.apply(&input)?;
    assert_eq!(five.cell_name(0), Some("L1 value, L3 contact"));
    Ok(())
}

#[test]
fn what_has_no_meaning_is_refused() -> Outcome {
    let (clv, intensity) = ([Some(1.0)], [1.0]);
    let input = input(&clv, &intensity);
    let refused = |toml: &str| -> Result<MapError, Box<dyn std::error::Error>> {
        let settings: MapSettings = toml::from_str(toml)?;
        settings.fit(&input).err().ok_or_else(|| format!("{toml} was taken").into())
    };
    assert_eq!(refused("levels = 1")?, MapError::Levels(1));
    assert!(matches!(refused("contact_thresholds = [50.0]")?, MapError::ThresholdCount { found: 1, needed: 2, .. }));
    assert!(matches!(refused("contact_thresholds = [50.0, 20.0]")?, MapError::Thresholds { .. }));
    let short = MapInput { intensity: &[], ..input };
    assert!(matches!(MapSettings::default().fit(&short), Err(MapError::Length { column: "intensity", .. })));
    let other = MapInput { source: Source::Orders, ..input };
    assert!(matches!(MapSettings::default().fit(&input)?.apply(&other), Err(MapError::Source { .. })));
    Ok(())
}
