//! Contact quality of whole bases: what the criteria tested by themselves do not show.

use crate::base::{Clock, Moment};
use crate::contacts::quality::*;
use crate::contacts::{Direction, Outcome};

const ALL_HELD: Held = Held {
    direction: true,
    outcome: true,
    cost: true,
    satisfaction: true,
    response_time: true,
    campaign: true,
    control: true,
};

fn contact(customer: u32, day: i32, channel: u16) -> Contact {
    Contact {
        customer,
        at: Moment::on(Day(day)),
        channel,
        campaign: Contact::NONE,
        agent: Contact::NONE,
        direction: None,
        outcome: None,
        is_control: false,
        cost: Money(0),
        satisfaction: f32::NAN,
        response_hours: f32::NAN,
    }
}

fn log(customers: usize, channels: &[&str], held: Held, contacts: Vec<Contact>) -> ContactLog {
    let channels = channels.iter().map(ToString::to_string).collect();
    ContactLog::new(Day(1000), customers, channels, Vec::new(), held, contacts)
}

/// Contacts of every kind, from a fixed sequence.
fn varied(customers: u32, count: u32) -> Vec<Contact> {
    let varied = |i: u32| {
        let draw = |salt: u32, n: u32| (i.wrapping_add(salt).wrapping_mul(2_654_435_761) >> 7) % n;
        let outcomes = [Outcome::Answered, Outcome::Success, Outcome::Neutral, Outcome::Failure, Outcome::Refused];
        Contact {
            at: Moment { day: Day(draw(1, 1000) as i32), clock: Clock::at(draw(2, 86_400)) },
            direction: [None, Some(Direction::Inbound), Some(Direction::Outbound)][draw(3, 3) as usize],
            outcome: outcomes.get(draw(4, 6) as usize).copied(),
            cost: Money(i64::from(draw(5, 500_000))),
            satisfaction: [f32::NAN, 1.0, 2.5, 4.0, 5.0][draw(6, 5) as usize],
            response_hours: [f32::NAN, 0.0, 3.0, 100.0][draw(7, 4) as usize],
            ..contact(draw(8, customers), 0, draw(9, 4) as u16)
        }
    };
    (0..count).map(varied).collect()
}

const CHANNELS: [&str; 4] = ["visit", "phone", "E-Mail", "pigeon"];

fn rhythms(customers: usize) -> Vec<f64> {
    (0..customers).map(|customer| if customer % 3 == 0 { f64::NAN } else { customer as f64 / 10.0 }).collect()
}

/// Every number of a result, bit by bit: NaN equals itself.
fn bits(quality: &ContactQuality) -> Vec<u64> {
    let numbers = quality.criteria.iter().flatten().map(|value| value.to_bits());
    let counts = quality.contacts.iter().map(|&count| u64::from(count));
    numbers.chain(counts).chain(quality.cost.iter().map(|cost| cost.0 as u64)).collect()
}

fn is_finite_or_absent(quality: &ContactQuality) -> bool {
    quality.criteria.iter().flatten().all(|value| value.is_nan() || (value.is_finite() && *value >= 0.0))
}

#[test]
fn order_and_threads_do_not_matter() -> Result<(), Box<dyn std::error::Error>> {
    let run = |contacts: Vec<Contact>| -> Result<(String, Vec<u64>), QualityError> {
        let log = log(20_000, &CHANNELS, ALL_HELD, contacts);
        let fitted = QualitySettings::default().fit(&log, &rhythms(20_000))?;
        let quality = fitted.criteria(&log, &rhythms(20_000));
        assert!(is_finite_or_absent(&quality));
        Ok((serde_json::to_string(&fitted).expect("a fit is plain data"), bits(&quality)))
    };
    let contacts = varied(20_000, 100_000);
    let mut permuted = contacts.clone();
    permuted.reverse();
    permuted.rotate_left(12_345);
    let expected = run(contacts.clone())?;
    assert_eq!(run(permuted)?, expected);
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    assert_eq!(one_thread.install(|| run(contacts))?, expected);
    Ok(())
}

#[test]
fn a_fit_survives_json_to_the_last_bit() -> Result<(), Box<dyn std::error::Error>> {
    let log = log(500, &CHANNELS, ALL_HELD, varied(500, 9_999));
    let fitted =
        QualitySettings { half_life_days: 1.0 / 3.0, ..QualitySettings::default() }.fit(&log, &rhythms(500))?;
    let read: FittedQuality = serde_json::from_str(&serde_json::to_string(&fitted)?)?;
    assert_eq!(read, fitted);
    assert_eq!(bits(&read.criteria(&log, &rhythms(500))), bits(&fitted.criteria(&log, &rhythms(500))));
    Ok(())
}

#[test]
fn a_fit_changed_by_hand_is_refused() -> Result<(), Box<dyn std::error::Error>> {
    let log = log(50, &CHANNELS, ALL_HELD, varied(50, 999));
    let fitted = serde_json::to_value(QualitySettings::default().fit(&log, &rhythms(50))?)?;
    for (place, wrong) in [
        ("/settings/half_life_days", serde_json::json!(-1)),
        ("/settings/weights/reach", serde_json::json!(-1)),
        ("/learnt/rhythm_days", serde_json::json!(0)),
        ("/learnt/satisfaction/mean", serde_json::json!(9)),
        ("/learnt/satisfaction/strength", serde_json::json!(0)),
        ("/learnt/overall/success/mean", serde_json::json!(1)),
        ("/learnt/overall/answer_rate", serde_json::json!(0.99)),
        ("/learnt/channels/visit/success/strength", serde_json::json!(1e9)),
        ("/learnt/channels/visit/mean_cost", serde_json::json!(-1)),
    ] {
        let mut changed = fitted.clone();
        *changed.pointer_mut(place).expect(place) = wrong;
        assert!(serde_json::from_value::<FittedQuality>(changed).is_err(), "{place}");
    }
    Ok(())
}

#[test]
fn a_frozen_fit_knows_channels_by_name() -> Result<(), QualityError> {
    let called = |customer, channel, outcome| Contact { outcome: Some(outcome), ..contact(customer, 1000, channel) };
    let contacts = vec![
        Contact { cost: Money(30_000), ..called(0, 0, Outcome::Answered) },
        Contact { cost: Money(40_001), ..called(1, 0, Outcome::Success) },
        Contact { cost: Money(10_001), ..called(1, 1, Outcome::Failure) },
    ];
    let fitted = QualitySettings::default().fit(&log(2, &["phone", "visit"], ALL_HELD, contacts), &[10.0, 30.0])?;
    let rules = fitted.channel_rules(&["VISIT", "Phone", "owl", "visit"].map(str::to_string));
    let overall = (2.0 + 1.0) / (3.0 + 2.0);
    assert_eq!(rules.success_rate(0), (0.0 + 4.0 * overall) / (1.0 + 4.0));
    assert_eq!(rules.success_rate(1), (2.0 + 4.0 * overall) / (2.0 + 4.0));
    assert_eq!(rules.success_rate(2), overall);
    assert_eq!(rules.answer_rate(2), (1.0 + 1.0) / (3.0 + 2.0));
    assert_eq!([0, 1, 2].map(|c| rules.mean_cost(c)), [Money(10_001), Money(35_001), Money(26_667)]);
    assert_eq!((rules.weight(2), rules.cap(2)), (0.2, 8));
    assert!(rules.group(0) == rules.group(3) && rules.groups() == 3);
    let other = log(1, &["owl", "visit"], ALL_HELD, vec![called(0, 1, Outcome::Answered)]);
    let quality = fitted.criteria(&other, &[f64::NAN]);
    assert_eq!(quality.column(Criterion::Reach), [rules.rule(0).success.shrunk(1.0, 1.0)]);
    assert_eq!(fitted.learnt().rhythm_days, 20.0);
    Ok(())
}

#[test]
fn two_spellings_are_one_channel() -> Result<(), QualityError> {
    let contacts: Vec<Contact> = (0..4).map(|i| contact(0, 990 + i, (i % 2) as u16)).collect();
    let log = log(1, &["visit", "Visit"], Held::default(), contacts);
    let quality = QualitySettings::default().fit(&log, &[10.0])?.criteria(&log, &[10.0]);
    assert_eq!(quality.column(Criterion::Pressure), [1.0]); // four visits, two being bearable
    Ok(())
}

#[test]
fn a_log_that_holds_nothing_more_has_four_criteria() -> Result<(), QualityError> {
    let log = log(300, &CHANNELS, Held::default(), varied(300, 3_000));
    let quality = QualitySettings::default().fit(&log, &rhythms(300))?.criteria(&log, &rhythms(300));
    for criterion in Criterion::ALL {
        let is_absent = quality.column(criterion).iter().all(|value| value.is_nan());
        assert_eq!(is_absent, !criterion.is_held(Held::default()), "{criterion}");
    }
    Ok(())
}

#[test]
fn no_contact_at_all() -> Result<(), Box<dyn std::error::Error>> {
    for customers in [0, 1, 3] {
        let (log, rhythms) = (log(customers, &[], ALL_HELD, Vec::new()), vec![f64::NAN; customers]);
        let fitted = QualitySettings::default().fit(&log, &rhythms)?;
        assert_eq!(fitted.learnt().rhythm_days, 90.0);
        assert_eq!(fitted.learnt().satisfaction.mean, 3.0);
        let read: FittedQuality = serde_json::from_str(&serde_json::to_string(&fitted)?)?;
        let quality = read.criteria(&log, &rhythms);
        assert_eq!(quality.column(Criterion::Intensity), vec![0.0; customers]);
        assert_eq!(quality.column(Criterion::Pressure), vec![0.0; customers]);
        for absent in [Criterion::Reach, Criterion::Dialogue, Criterion::Richness, Criterion::Rhythm] {
            assert!(quality.column(absent).len() == customers && quality.column(absent).iter().all(|v| v.is_nan()));
        }
        assert_eq!(quality.cost, vec![Money(0); customers]);
    }
    Ok(())
}

#[test]
fn equal_customers_are_judged_alike() -> Result<(), QualityError> {
    let each = |customer| Contact {
        outcome: Some(Outcome::Success),
        direction: Some(Direction::Outbound),
        satisfaction: 4.2,
        ..contact(customer, 990, 0)
    };
    let contacts = (0..100).flat_map(|customer| [each(customer); 3]).collect();
    let log = log(100, &["visit"], ALL_HELD, contacts);
    let quality = QualitySettings::default().fit(&log, &[7.0; 100])?.criteria(&log, &[7.0; 100]);
    assert!(is_finite_or_absent(&quality));
    for column in &quality.criteria {
        assert!(column.iter().all(|value| value.to_bits() == column[0].to_bits()));
    }
    assert!((quality.column(Criterion::Satisfaction)[0] - 4.2).abs() < 1e-6); // of ratings in single precision
    Ok(())
}

#[test]
fn a_customer_with_100_000_contacts_takes_one_pass() -> Result<(), QualityError> {
    let mut contacts = varied(1, 100_000);
    contacts.iter_mut().for_each(|contact| {
        contact.cost = Money::MAX_ROW;
        contact.at.day = Day(contact.at.day.0 % 40 + 900);
    });
    let log = log(1, &CHANNELS, ALL_HELD, contacts);
    let fitted = QualitySettings::default().fit(&log, &[f64::INFINITY])?;
    let start = std::time::Instant::now();
    let quality = fitted.criteria(&log, &[f64::INFINITY]);
    // Milliseconds in one pass; a pass a contact would take ten thousand million steps.
    assert!(start.elapsed().as_secs_f64() < 2.0, "{:?}", start.elapsed());
    assert!(is_finite_or_absent(&quality));
    assert!(quality.column(Criterion::Pressure)[0] > 1_000.0);
    assert_eq!(quality.contacts[0] as usize, log.contacts().len());
    assert_eq!(quality.cost, [Money(i64::MAX)]);
    assert_eq!(bits(&quality), bits(&fitted.criteria(&log, &[f64::NAN]))); // an endless rhythm is none
    assert_eq!(fitted.learnt().channels["visit"].mean_cost, Money::MAX_ROW);
    Ok(())
}

#[test]
fn one_contact_more_is_what_the_next_log_says() -> Result<(), QualityError> {
    let contacts = varied(10, 200);
    let before = log(10, &CHANNELS, ALL_HELD, contacts.clone());
    let fitted = QualitySettings::default().fit(&before, &rhythms(10))?;
    let more = Contact { outcome: Some(Outcome::Answered), ..contact(4, 1000, 1) };
    let after = log(10, &CHANNELS, ALL_HELD, [contacts, vec![more]].concat());
    let rules = fitted.channel_rules(&before.channels);
    let one_more = [before.of(4), &[more]].concat();
    let criteria = fitted.criteria_of(&one_more, &rules, before.as_of, rhythms(10)[4]);
    assert_eq!(criteria.map(f64::to_bits), fitted.criteria(&after, &rhythms(10)).of(4).map(f64::to_bits));
    Ok(())
}

#[test]
fn an_unlisted_channel_is_named() -> Result<(), QualityError> {
    let log = log(1, &["pigeon", "visit", "drum"], Held::default(), vec![contact(0, 1000, 0)]);
    let quality = QualitySettings::default().fit(&log, &[f64::NAN])?.criteria(&log, &[f64::NAN]);
    assert_eq!(quality.column(Criterion::Intensity), [0.2]);
    let warning = quality.warning().unwrap_or_default();
    assert!(warning.contains("'pigeon' (1 contacts)") && !warning.contains("drum"), "{warning}");
    let names: Vec<&str> = quality.channels.iter().map(|channel| channel.channel.as_str()).collect();
    assert_eq!(names, ["drum", "pigeon", "visit"]);
    Ok(())
}

#[test]
fn old_contacts_fade_to_nothing() -> Result<(), QualityError> {
    let log = log(2, &["visit"], Held::default(), vec![contact(0, -1_000, 0), contact(1, 940, 0)]);
    let settings = QualitySettings { half_life_days: 1.0, ..QualitySettings::default() };
    let quality = settings.fit(&log, &[1.0; 2])?.criteria(&log, &[1.0; 2]);
    assert_eq!(quality.column(Criterion::Intensity), [0.0, (-60.0_f64).exp2()]);
    Ok(())
}
