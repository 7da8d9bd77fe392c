//! The map on bases that are easily imagined, and on those that are not.

use clivia_core::base::Money;
use clivia_core::map::{
    AttractivenessSettings, Column, CustomerMap, Diagnosis, FittedMap, Idea, IndexSettings, MapError, MapInput,
    MapSettings, Source, WhaleCurve,
};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn weights(weights: &[(&str, f64)]) -> IndexSettings {
    let weights = weights.iter().map(|(name, weight)| (name.to_string(), *weight)).collect();
    IndexSettings { weights, ..IndexSettings::default() }
}

fn column<'a>(name: &'a str, values: &'a [f64]) -> Column<'a> {
    Column { name, values, less_is_better: false }
}

/// A base of one criterion on either axis, in columns that others can borrow.
struct Base<'a> {
    attractiveness: [Column<'a>; 1],
    contact: [Column<'a>; 1],
    contacted: Vec<bool>,
}

impl<'a> Base<'a> {
    fn new(clv: &'a [f64], intensity: &'a [f64]) -> Self {
        let contacted = intensity.iter().map(|intensity| *intensity > 0.0).collect();
        Base { attractiveness: [column("clv", clv)], contact: [column("intensity", intensity)], contacted }
    }

    fn input(&self) -> MapInput<'_> {
        MapInput {
            attractiveness: &self.attractiveness,
            contact: &self.contact,
            contacted: &self.contacted,
            revenue: None,
            clv: Some(self.attractiveness[0].values),
            contact_cost: None,
            profit: None,
        }
    }
}

fn fit(settings: &MapSettings, input: &MapInput<'_>) -> Result<FittedMap, MapError> {
    settings.fit(&weights(&[("clv", 1.0)]), &weights(&[("intensity", 1.0)]), input)
}

fn draw(clv: &[f64], intensity: &[f64]) -> Result<CustomerMap, MapError> {
    let base = Base::new(clv, intensity);
    fit(&MapSettings::default(), &base.input())?.apply(&base.input())
}

/// Values without order or period, from 0 to 1, some of them equal.
fn scattered(n: usize, step: usize) -> impl Iterator<Item = f64> {
    (0..n).map(move |i| (i * step % 10_007) as f64 / 10_007.0)
}

fn units(amount: i64) -> Money {
    Money(amount * Money::SCALE)
}

#[test]
fn nine_customers_by_hand() -> Outcome {
    let clv: Vec<f64> = (1..=9).map(|v| f64::from(v) * 100.0).collect();
    let intensity = [9.0, 8.0, 7.0, 4.0, 5.0, 6.0, 3.0, 2.0, 0.0];
    let revenue: Vec<Money> = (1..=9).map(units).collect();
    let cost: Vec<Money> = [30, 20, 10, 4, 5, 6, 3, 2, 0].map(units).to_vec();
    let profit: Vec<Money> = (1..=9).map(|v| units(v - 5)).collect();
    let base = Base::new(&clv, &intensity);
    let input = MapInput { revenue: Some(&revenue), contact_cost: Some(&cost), profit: Some(&profit), ..base.input() };
    let map = fit(&MapSettings::default(), &input)?.apply(&input)?;

    assert_eq!(map.attractiveness_position[8], 100.0 * 8.5 / 9.0);
    assert!(
        (map.attractiveness[8] - 100.0 * 8.5 / 9.0).abs() < 1e-9
            && (map.attractiveness[0] - 100.0 * 0.5 / 9.0).abs() < 1e-9
    ); // scores are rounded to 2^-32
    assert_eq!((map.contact_quality[8], map.contact_position[8]), (0.0, 0.0));
    assert_eq!(map.cell_name(8), Some("high value, low contact"));
    assert_eq!(map.cell_name(0), Some("low value, high contact"));
    let worst = &map.cells[6];
    assert_eq!((worst.name.as_str(), worst.customers, worst.share), ("high value, low contact", 3, 3.0 / 9.0));
    assert_eq!((worst.revenue, worst.clv), (Some(units(24)), Some(2_400.0)));
    assert_eq!((worst.contact_cost, worst.profit), (Some(units(5)), Some(units(9))));
    // Contact ranks 3, 2 and 1 of nine against value ranks 7, 8 and 9, at least 4 ninths of 100 points apart.
    assert_eq!((worst.under_served, worst.aligned, worst.over_served), (3, 0, 0));
    assert_eq!((map.totals.under_served, map.totals.aligned, map.totals.over_served), (3, 3, 3));
    assert_eq!(map.totals.under_served_clv_share, Some(2_400.0 / 4_500.0));
    assert_eq!(map.totals.over_served_contact_cost_share, Some(60.0 / 80.0));
    assert_eq!(map.totals.without_contact, 1);
    Ok(())
}

#[test]
fn a_hair_off_a_threshold_is_not_misplaced() -> Outcome {
    // 34 % against 33 %: another level, the same treatment.
    let clv: Vec<f64> = (0..100).map(f64::from).collect();
    let mut intensity: Vec<f64> = (1..=100).map(f64::from).collect();
    intensity.swap(32, 33);
    let map = draw(&clv, &intensity)?;
    assert_eq!(map.cell_name(33), Some("medium value, low contact"));
    assert_eq!((map.distance(33), map.diagnosis(33)), (Some(-1.0), Some(Diagnosis::Aligned)));
    assert_eq!(map.totals.aligned, 100);
    // Without tolerance it is.
    let base = Base::new(&clv, &intensity);
    let strict = MapSettings { tolerance: 0.0, ..MapSettings::default() };
    let map = fit(&strict, &base.input())?.apply(&base.input())?;
    assert_eq!((map.diagnosis(33), map.totals.aligned), (Some(Diagnosis::UnderServed), 98));
    Ok(())
}

#[test]
fn contributions_explain_every_score() -> Outcome {
    let clv: Vec<f64> = scattered(2_000, 37).map(f64::exp).collect();
    let growth: Vec<f64> = scattered(2_000, 53).map(|v| if v < 0.2 { f64::NAN } else { v }).collect();
    let intensity: Vec<f64> = scattered(2_000, 101).map(|v| (v - 0.3).max(0.0)).collect();
    let gap: Vec<f64> = scattered(2_000, 71).collect();
    let contacted: Vec<bool> = intensity.iter().map(|v| *v > 0.0).collect();
    let input = MapInput {
        attractiveness: &[
            column("clv", &clv),
            column("growth", &growth),
            column("profit", &[]),
            column("p_alive", &[]),
        ],
        contact: &[column("intensity", &intensity), Column { less_is_better: true, ..column("rhythm", &gap) }],
        contacted: &contacted,
        revenue: None,
        clv: None,
        contact_cost: None,
        profit: None,
    };
    let index = AttractivenessSettings::default().index(Source::Clv)?;
    let fitted = MapSettings::default().fit(&index, &weights(&[("intensity", 2.0), ("rhythm", 1.0)]), &input)?;
    let shown: Vec<f64> = fitted.attractiveness().index().criteria().iter().map(|criterion| criterion.weight).collect();
    assert_eq!(shown, [0.6 / 0.7, 0.1 / 0.7]); // nobody has a profit or p_alive
    assert_eq!(fitted.source(), Some(Source::Clv));

    let map = fitted.apply(&input)?;
    let [worth, treated] = fitted.scorers(&input)?;
    let mut parts = [0.0; 2];
    for customer in 0..2_000 {
        assert_eq!(worth.score(customer, &mut parts), map.attractiveness[customer]);
        assert_eq!(parts.iter().filter(|part| !part.is_nan()).sum::<f64>(), map.attractiveness[customer]);
        assert_eq!(parts[1].is_nan(), growth[customer].is_nan());
        assert_eq!(treated.score(customer, &mut parts), map.contact_quality[customer]);
        assert_eq!(parts.iter().sum::<f64>(), map.contact_quality[customer]);
        assert!(contacted[customer] || parts == [0.0; 2]);
        assert_eq!(treated.value(0, customer), intensity[customer]);
    }
    Ok(())
}

#[test]
fn customers_and_money_are_conserved() -> Outcome {
    let clv: Vec<f64> = scattered(5_000, 37).enumerate().map(|(i, v)| if i % 11 == 0 { f64::NAN } else { v }).collect();
    let intensity: Vec<f64> = scattered(5_000, 101).map(|v| (v - 0.3).max(0.0)).collect();
    let revenue: Vec<Money> = (0..5_000).map(Money).collect();
    let profit: Vec<Money> = (0..5_000).map(|v| Money(v - 4_000)).collect();
    let base = Base::new(&clv, &intensity);
    let input =
        MapInput { revenue: Some(&revenue), contact_cost: Some(&revenue), profit: Some(&profit), ..base.input() };
    let map = fit(&MapSettings::default(), &input)?.apply(&input)?;

    let totals = &map.totals;
    assert_eq!(totals.mapped + totals.unmapped, 5_000);
    assert_eq!(totals.under_served + totals.aligned + totals.over_served, totals.mapped);
    assert_eq!(map.cells.iter().map(|cell| cell.customers).sum::<u64>(), totals.mapped);
    assert!(map.cells.iter().all(|cell| cell.under_served + cell.aligned + cell.over_served == cell.customers));
    let on_map =
        |money: &[Money]| money.iter().zip(&clv).filter(|(_, clv)| !clv.is_nan()).map(|(m, _)| *m).sum::<Money>();
    assert_eq!(map.cells.iter().filter_map(|cell| cell.revenue).sum::<Money>(), on_map(&revenue));
    assert_eq!(map.cells.iter().filter_map(|cell| cell.contact_cost).sum::<Money>(), on_map(&revenue));
    assert_eq!(map.cells.iter().filter_map(|cell| cell.profit).sum::<Money>(), on_map(&profit));
    Ok(())
}

/// Everything that is worked out from a base of two columns.
fn everything(clv: &[f64], intensity: &[f64]) -> Result<(FittedMap, CustomerMap, Idea, WhaleCurve), MapError> {
    let base = Base::new(clv, intensity);
    let cost: Vec<Money> = intensity.iter().map(|v| Money((v * 1e6) as i64)).collect();
    let profit: Vec<Money> = clv.iter().zip(&cost).map(|(v, cost)| Money((v * 5e5) as i64) - *cost).collect();
    let input = MapInput { contact_cost: Some(&cost), profit: Some(&profit), ..base.input() };
    let fitted = fit(&MapSettings::default(), &input)?;
    let map = fitted.apply(&input)?;
    let idea = Idea::of(&map, input.contact_cost, 1);
    Ok((fitted, map, idea, WhaleCurve::of(&profit)))
}

#[test]
fn the_order_of_customers_does_not_matter() -> Outcome {
    let mut clv: Vec<f64> = scattered(3_000, 37).map(f64::exp).collect();
    let mut intensity: Vec<f64> = scattered(3_000, 101).map(|v| (v - 0.2).max(0.0)).collect();
    let forth = everything(&clv, &intensity)?;
    clv.reverse();
    intensity.reverse();
    let mut back = everything(&clv, &intensity)?;
    let map = &mut back.1;
    map.attractiveness.reverse();
    map.contact_quality.reverse();
    map.attractiveness_position.reverse();
    map.contact_position.reverse();
    map.cell.reverse();
    assert_eq!(forth, back);
    Ok(())
}

#[test]
fn one_thread_draws_the_same_map_as_many() -> Outcome {
    let clv: Vec<f64> = scattered(20_000, 37).map(f64::exp).collect();
    let intensity: Vec<f64> = scattered(20_000, 101).collect();
    let on = |threads| -> Result<_, Box<dyn std::error::Error>> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
        Ok(pool.install(|| everything(&clv, &intensity))?)
    };
    assert_eq!(on(1)?, on(4)?);
    Ok(())
}

#[test]
fn a_frozen_map_scores_the_same_base_the_same() -> Outcome {
    let clv: Vec<f64> = scattered(9_000, 37).map(|v| (v * 9.0).exp2() - 3.3).collect();
    let intensity: Vec<f64> = scattered(9_000, 101).map(|v| (v - 0.3).max(0.0) / 3.0).collect();
    let base = Base::new(&clv, &intensity);
    for by in ["quantile", "value"] {
        let settings: MapSettings = toml::from_str(&format!("by = '{by}'\nlevels = 4\ntolerance = 12.5"))?;
        let fitted = fit(&settings, &base.input())?;
        let frozen: FittedMap = serde_json::from_str(&serde_json::to_string(&fitted)?)?;
        assert_eq!(frozen, fitted);
        let whole = fitted.apply(&base.input())?;
        assert_eq!(frozen.apply(&base.input())?, whole);
        let both = settings.draw(&weights(&[("clv", 1.0)]), &weights(&[("intensity", 1.0)]), &base.input())?;
        assert_eq!(both, (fitted, whole.clone()));
        // A part of the base keeps its places, whoever else is missing.
        let part = Base::new(&clv[..100], &intensity[..100]);
        assert_eq!(frozen.apply(&part.input())?.cell, whole.cell[..100]);
    }
    Ok(())
}

#[test]
fn a_frozen_map_is_checked() -> Outcome {
    let base = Base::new(&[1.0, 2.0], &[1.0, 2.0]);
    let json = serde_json::to_string(&fit(&MapSettings::default(), &base.input())?)?;
    for (from, to) in [
        ("\"tolerance\":30.0", "\"tolerance\":130.0"),
        ("\"weight\":1.0", "\"weight\":0.5"),
        ("[1.0,25.0]", "[1.0,125.0]"),
        ("[33.333333333333336,66.66666666666667]", "[66.0,33.0]"),
        ("[33.333333333333336,66.66666666666667]", "[33.0]"),
        ("\"tolerance\"", "\"tolerant\""),
    ] {
        assert!(json.contains(from), "{from} is not in {json}");
        assert!(serde_json::from_str::<FittedMap>(&json.replacen(from, to, 1)).is_err(), "{from} -> {to}");
    }
    Ok(())
}

#[test]
fn a_frozen_map_asks_for_its_criteria() -> Outcome {
    let base = Base::new(&[1.0, 2.0], &[1.0, 2.0]);
    let fitted = fit(&MapSettings::default(), &base.input())?;
    let other = MapInput { attractiveness: &[column("revenue", &[1.0, 2.0])], ..base.input() };
    assert_eq!(fitted.apply(&other), Err(MapError::NoColumn("clv".into())));
    // Handed over but empty: nobody of this base has it.
    let without = MapInput { contact: &[column("intensity", &[])], ..base.input() };
    let [_, contact] = fitted.scorers(&without)?;
    assert_eq!(contact.without(), ["intensity"]);
    assert_eq!(fitted.apply(&without)?.totals.unmapped, 2);
    Ok(())
}

#[test]
fn fixed_values_cut_the_score_itself() -> Outcome {
    let clv = [0.0, 40.0, 50.0, 100.0];
    let base = Base::new(&clv, &[1.0; 4]);
    let target = IndexSettings { targets: [("clv".to_string(), [0.0, 100.0])].into(), ..weights(&[("clv", 1.0)]) };
    let settings: MapSettings = toml::from_str("by = 'value'\nattractiveness_thresholds = [45.0, 99.0]")?;
    let map = settings.fit(&target, &weights(&[("intensity", 1.0)]), &base.input())?.apply(&base.input())?;
    assert_eq!(map.attractiveness_position, clv);
    let levels: Vec<u8> = map.cell.iter().flatten().map(|cell| cell.attractiveness).collect();
    assert_eq!(levels, [0, 0, 1, 2]);
    assert_eq!(map.contact_position, [50.0; 4]);
    Ok(())
}

#[test]
fn equal_customers_stand_in_the_middle() -> Outcome {
    let map = draw(&[5.0; 4], &[2.0; 4])?;
    assert_eq!((map.attractiveness[0], map.contact_quality[0]), (50.0, 50.0));
    assert_eq!((map.attractiveness_position[3], map.contact_position[3]), (50.0, 50.0));
    assert_eq!(map.totals.aligned, 4);
    let one = draw(&[5.0], &[2.0])?;
    assert_eq!(one.cell_name(0), Some("medium value, medium contact"));
    Ok(())
}

#[test]
fn nobody_contacted_puts_everybody_low() -> Outcome {
    let map = draw(&[1.0, 2.0, 3.0], &[0.0; 3])?;
    assert_eq!(
        (map.contact_quality.as_slice(), map.contact_position.as_slice()),
        ([0.0; 3].as_slice(), [0.0; 3].as_slice())
    );
    assert_eq!((map.totals.under_served, map.totals.aligned), (2, 1));
    assert_eq!(map.totals.without_contact, 3);
    Ok(())
}

#[test]
fn the_contacted_stand_among_the_whole_base() -> Outcome {
    let map = draw(&[1.0; 4], &[0.0, 0.0, 0.0, 0.1])?;
    assert_eq!(map.contact_position, [0.0, 0.0, 0.0, 87.5]); // 100 x (3 + 0.5) / 4
    Ok(())
}

#[test]
fn no_attractiveness_means_no_cell() -> Outcome {
    let map = draw(&[f64::NAN, 1.0, f64::NAN], &[1.0, 1.0, 1.0])?;
    assert_eq!((map.cell_name(0), map.diagnosis(0), map.distance(2)), (None, None, None));
    assert_eq!((map.totals.mapped, map.totals.unmapped), (1, 2));
    let nobody = draw(&[f64::NAN; 2], &[1.0; 2])?;
    assert_eq!((nobody.totals.mapped, nobody.totals.under_served_clv_share), (0, None));
    let empty = draw(&[], &[])?;
    assert_eq!((empty.totals.customers, empty.cells.len(), empty.cells[0].share), (0, 9, 0.0));
    Ok(())
}

#[test]
fn contact_of_unknown_quality_has_no_cell() -> Outcome {
    // Contacted, but the only criterion, a rating, was never asked for; without contact it is 0 all the same.
    let clv = [1.0, 2.0, 3.0];
    let rating = [f64::NAN, 4.0, f64::NAN];
    let base = Base { contacted: vec![true, true, false], ..Base::new(&clv, &rating) };
    let map = fit(&MapSettings::default(), &base.input())?.apply(&base.input())?;
    assert!(map.contact_quality[0].is_nan() && map.cell[0].is_none());
    assert_eq!((map.contact_quality[2], map.totals.mapped), (0.0, 2));
    Ok(())
}

#[test]
fn losses_count_as_nothing_at_stake() -> Outcome {
    let map = draw(&[-5.0, 2.0], &[1.0, 0.0])?;
    assert_eq!(map.totals.under_served_clv_share, Some(1.0));
    assert_eq!(map.cells[2].clv, Some(-5.0)); // low value, high contact
    assert_eq!(draw(&[-5.0, -2.0], &[1.0, 0.0])?.totals.under_served_clv_share, None);
    Ok(())
}

#[test]
fn values_without_bounds_do_no_harm() -> Outcome {
    let clv = [f64::INFINITY, f64::NEG_INFINITY, 1e308, -1e308, 0.0];
    let map = draw(&clv, &[f64::INFINITY, 1.0, 1e-308, 2.0, f64::MAX])?;
    assert_eq!(map.totals.mapped, 5);
    let costs = [Money(i64::MAX); 5];
    let base = Base::new(&clv, &[1.0; 5]);
    let input = MapInput { contact_cost: Some(&costs), revenue: Some(&costs), ..base.input() };
    let map = fit(&MapSettings::default(), &input)?.apply(&input)?;
    assert!(map.cells.iter().any(|cell| cell.contact_cost == Some(Money(i64::MAX))));
    Ok(())
}

#[test]
fn five_levels_and_typed_thresholds() -> Outcome {
    let clv: Vec<f64> = (0..10).map(f64::from).collect();
    let base = Base::new(&clv, &[1.0; 10]);
    let settings: MapSettings = toml::from_str("levels = 2\nattractiveness_thresholds = [80.0]")?;
    let map = fit(&settings, &base.input())?.apply(&base.input())?;
    assert_eq!(map.cells.len(), 4);
    assert_eq!(map.cell_name(9), Some("L2 value, L2 contact"));
    let five = MapSettings { levels: 5, ..MapSettings::default() };
    let five = fit(&five, &base.input())?.apply(&base.input())?;
    assert_eq!(five.cell_name(0), Some("L1 value, L3 contact"));
    Ok(())
}

#[test]
fn what_has_no_meaning_is_refused() -> Outcome {
    let base = Base::new(&[1.0], &[1.0]);
    let input = base.input();
    let refused = |toml: &str| -> Result<MapError, Box<dyn std::error::Error>> {
        let settings: MapSettings = toml::from_str(toml)?;
        fit(&settings, &input).err().ok_or_else(|| format!("{toml} was taken").into())
    };
    assert_eq!(refused("levels = 1")?, MapError::Levels(1));
    assert!(matches!(refused("contact_thresholds = [50.0]")?, MapError::ThresholdCount { found: 1, needed: 2, .. }));
    assert!(matches!(refused("contact_thresholds = [50.0, 20.0]")?, MapError::Thresholds { .. }));
    assert_eq!(refused("tolerance = 100.5")?, MapError::Tolerance(100.5));
    assert!(matches!(refused("tolerance = nan")?, MapError::Tolerance(_)));
    assert!(toml::from_str::<MapSettings>("by = 'rank'").is_err());
    let long = MapInput { contact: &[column("intensity", &[1.0, 2.0])], ..input };
    let length = |column: &str, found| MapError::Length { column: column.into(), found, customers: 1 };
    assert_eq!(fit(&MapSettings::default(), &long), Err(length("intensity", 2)));
    let short = MapInput { profit: Some(&[]), ..input };
    assert_eq!(fit(&MapSettings::default(), &short), Err(length("profit", 0)));
    let unknown = MapSettings::default().fit(&weights(&[("cvl", 1.0)]), &weights(&[("intensity", 1.0)]), &input);
    assert_eq!(unknown, Err(MapError::Criterion { name: "cvl".into(), known: "clv".into() }));
    Ok(())
}

fn idea(clv: &[f64], intensity: &[f64], cost: Option<&[Money]>) -> Result<Idea, MapError> {
    let base = Base::new(clv, intensity);
    let input = MapInput { contact_cost: cost, ..base.input() };
    Ok(Idea::of(&fit(&MapSettings::default(), &input)?.apply(&input)?, cost, 1))
}

#[test]
fn the_idea_in_numbers() -> Outcome {
    // Ten customers, contact and cost the other way round than value.
    let clv: Vec<f64> = (1..=10).map(f64::from).collect();
    let intensity: Vec<f64> = (1..=10).rev().map(f64::from).collect();
    let cost: Vec<Money> = (1..=10).rev().map(units).collect();
    let idea = idea(&clv, &intensity, Some(&cost))?;
    assert_eq!(idea.rank_correlation.map(|found| found.value), Some(-1.0));
    // Cumulative cost 1, 3, 6 ... 55 of 55: 2 x area - 1 = 2 x 0.1 x (220 - 27.5) / 55 - 1.
    let index = idea.contact_cost.as_ref().map(|curve| curve.index).ok_or("no concentration")?;
    assert!((index + 0.3).abs() < 1e-15, "{index}"); // of rounding
    // Positions 5, 15 ... 95 against 95, 85 ... 5: beyond 30 points in the first three and the last three.
    assert_eq!(idea.under_served_clv_share, Some(27.0 / 55.0));
    assert_eq!(idea.over_served_contact_cost_share, Some(27.0 / 55.0));
    let sentences = idea.sentences();
    assert!(sentences[0].starts_with("The idea is turned upside down: "), "{}", sentences[0]);
    assert!(
        sentences[1]
            .starts_with("More contact cost goes to the less attractive customers: the most attractive fifth gets 5 %"),
        "{}",
        sentences[1]
    );
    assert!(
        sentences[2].starts_with("49 % of the customer lifetime value is with under-served customers"),
        "{}",
        sentences[2]
    );
    assert!(sentences[3].starts_with("49 % of the contact cost goes to over-served customers"), "{}", sentences[3]);
    Ok(())
}

#[test]
fn the_idea_where_there_is_nothing_to_say() -> Outcome {
    let none = |found: Idea| -> [String; 4] {
        assert_eq!((found.rank_correlation, &found.contact_cost), (None, &None));
        found.sentences().try_into().unwrap_or_default()
    };
    let [nobody, no_cost, no_value, _] = none(idea(&[], &[], None)?);
    assert!(nobody.starts_with("Nobody is on the map"));
    assert!(
        no_cost.starts_with("No contact cost is known")
            && no_value.starts_with("No customer lifetime value above 0 is known")
    );
    let [one, cost, ..] = none(idea(&[5.0], &[1.0], Some(&[units(1)]))?);
    assert!(one.starts_with("Only one customer") && cost.starts_with("Only one customer"));
    let two = idea(&[1.0, 2.0], &[1.0, 2.0], Some(&[units(1); 2]))?;
    assert!(two.sentences()[0].starts_with("Only 2 customers"));
    let [equal, cost, value, over] =
        none(idea(&[5.0; 20], &(1..=20).map(f64::from).collect::<Vec<_>>(), Some(&[units(1); 20]))?);
    assert!(
        equal.starts_with("All customers are equally attractive")
            && cost.starts_with("All customers are equally attractive")
    );
    assert!(value.contains(" % of the customer lifetime value") && over.contains(" % of the contact cost"));
    let [alike, free, ..] = none(idea(&[1.0, 2.0, 3.0], &[7.0; 3], Some(&[Money(0); 3]))?);
    assert!(
        alike.starts_with("All customers are contacted equally well") && free.starts_with("No contact cost is known")
    );
    Ok(())
}

#[test]
fn a_perfect_world_keeps_the_idea() -> Outcome {
    let values: Vec<f64> = (1..=2_000).map(f64::from).collect();
    let cost: Vec<Money> = (1..=2_000).map(units).collect();
    let idea = idea(&values, &values, Some(&cost))?;
    let correlation = idea.rank_correlation.ok_or("no correlation")?;
    assert_eq!(correlation.value, 1.0);
    // Sums over groups round at the 16th digit.
    assert!(correlation.interval.is_some_and(|[low, high]| low > 1.0 - 1e-9 && high <= 1.0));
    assert_eq!((idea.under_served_clv_share, idea.over_served_contact_cost_share), (Some(0.0), Some(0.0)));
    assert!(idea.sentences()[0].starts_with("The idea is kept: "));
    assert_eq!(serde_json::from_str::<Idea>(&serde_json::to_string(&idea)?)?, idea);
    Ok(())
}
