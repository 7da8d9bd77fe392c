//! Corrections by hand.

use super::*;

const AS_OF: i32 = 1_000;

fn contact(customer: u32, day: i32, channel: u16, outcome: Outcome, cost: f64) -> Contact {
    Contact {
        customer,
        at: Moment { day: Day(day), clock: Clock::UNKNOWN },
        channel,
        campaign: Contact::NONE,
        agent: Contact::NONE,
        direction: Some(Direction::Outbound),
        outcome: Some(outcome),
        is_control: false,
        cost: money(cost),
        satisfaction: f32::NAN,
        response_hours: f32::NAN,
    }
}

fn names() -> Vec<String> {
    ["visit", "Phone", "E-Mail", "e mail"].map(str::to_string).to_vec()
}

struct Case {
    log: ContactLog,
    fitted_quality: FittedQuality,
    quality: ContactQuality,
    fitted_map: FittedMap,
    map: CustomerMap,
    rhythm_days: Vec<f64>,
    clv: Vec<f64>,
}

/// A base by its contacts and values.
fn case(contacts: Vec<Contact>, clv: &[f64], tolerance: f64) -> Case {
    let held =
        Held { direction: true, outcome: true, cost: true, satisfaction: true, response_time: true, ..Held::default() };
    let log = ContactLog::new(Day(AS_OF), clv.len(), names(), Vec::new(), held, contacts);
    let rhythm_days = vec![45.0; clv.len()];
    let fitted_quality = QualitySettings::default().fit(&log, &rhythm_days).expect("sound settings");
    let quality = fitted_quality.criteria(&log, &rhythm_days);
    let columns: Vec<Column<'_>> = Criterion::ALL
        .iter()
        .map(|&criterion| Column {
            name: criterion.name(),
            values: quality.column(criterion),
            less_is_better: criterion.less_is_better(),
        })
        .collect();
    let contacted: Vec<bool> = quality.contacts.iter().map(|&contacts| contacts > 0).collect();
    let input = MapInput {
        attractiveness: &[Column { name: "clv", values: clv, less_is_better: false }],
        contact: &columns,
        contacted: &contacted,
        revenue: None,
        clv: Some(clv),
        contact_cost: None,
        profit: None,
    };
    let worth = IndexSettings { weights: [("clv".to_string(), 1.0)].into(), ..IndexSettings::default() };
    let treated =
        IndexSettings { weights: fitted_quality.weights().clone(), targets: fitted_quality.targets().clone() };
    let settings = MapSettings { tolerance, ..MapSettings::default() };
    let (fitted_map, map) = settings.draw(&worth, &treated, &input).expect("sound settings");
    Case { log, fitted_quality, quality, fitted_map, map, rhythm_days, clv: clv.to_vec() }
}

impl Case {
    fn input(&self) -> CorrectionInput<'_> {
        CorrectionInput {
            map: &self.map,
            fitted_map: &self.fitted_map,
            log: &self.log,
            quality: &self.quality,
            fitted_quality: &self.fitted_quality,
            rhythm_days: &self.rhythm_days,
            clv: &self.clv,
        }
    }

    fn corrections(&self) -> Corrections {
        corrections(&self.input(), &CorrectionSettings::default()).expect("sound settings")
    }

    fn words_of(&self, customer: u32) -> Vec<String> {
        let found = self.corrections();
        let rows = found.rows.iter().filter(|row| row.customer == customer);
        rows.map(|row| found.words(row).to_string()).collect()
    }
}

/// Customer 0 is worth most and neglected, 4 is worth least and cherished, those between are treated as they deserve.
fn mixed() -> Vec<Contact> {
    let mut contacts = vec![contact(0, AS_OF - 210, 2, Outcome::Failure, 0.5)];
    for (customer, visits) in [(1, 4), (2, 2), (3, 1)] {
        (0..visits).for_each(|n| contacts.push(contact(customer, AS_OF - 10 - 20 * n, 1, Outcome::Answered, 8.0)));
    }
    (0..9).for_each(|n| contacts.push(contact(4, AS_OF - 1 - 9 * n, 0, Outcome::Answered, 60.0)));
    (0..14).for_each(|n| contacts.push(contact(4, AS_OF - 2 - 6 * n, 1, Outcome::Answered, 8.0)));
    contacts
}

#[test]
fn the_neglected_are_to_be_contacted_and_the_cherished_less() {
    let case = case(mixed(), &[5_000.0, 900.0, 500.0, 100.0, 10.0], 30.0);
    let found = case.corrections();
    assert_eq!(found.customers, 2);
    let words = case.words_of(0);
    assert!(words.iter().any(|words| words == "no contact for 210 days against a rhythm of 45: visit"), "{words:?}");
    let words = case.words_of(4);
    let expected = "9 visits and 14 calls in 90 days for a customer of the lowest third: ";
    assert!(words.iter().any(|words| words.starts_with(expected) && words.contains(", saves ")), "{words:?}");
    let first = found.rows[0];
    assert_eq!((first.customer, first.priority, first.option), (0, 1, 1));
    // 5,000 x the distance of 90 - 10 = 80 points.
    let distance = case.map.distance(0).expect("on the map");
    assert_eq!(first.value_at_stake, 5_000.0 * -distance / 100.0);
    assert_eq!(first.value, first.value_at_stake * (first.gain / -distance).min(1.0));
    assert_eq!(first.cost, Some(case.fitted_quality.channel_rules(&names()).mean_cost(0)));
    assert!(found.rows.iter().all(|row| row.option <= 3 && row.value <= row.value_at_stake));
}

#[test]
fn the_gain_is_that_of_scoring_the_customer_again() {
    // With certain outcomes on every channel the expected contact is an answered one, nearly.
    let case = case(mixed(), &[5_000.0, 900.0, 500.0, 100.0, 10.0], 30.0);
    let rules = case.fitted_quality.channel_rules(&names());
    for row in case.corrections().rows.iter().filter(|row| row.customer == 0) {
        let channel = row.channel.expect("a contact");
        let (success, answer) = (rules.success_rate(channel), rules.answer_rate(channel));
        let mut expected = [0.0; 8];
        for (outcome, chance) in
            [(Outcome::Answered, answer), (Outcome::Success, success - answer), (Outcome::Failure, 1.0 - success)]
        {
            let mut contacts = case.log.of(0).to_vec();
            contacts.push(contact(0, AS_OF, channel, outcome, 0.0));
            let criteria = case.fitted_quality.criteria_of(&contacts, &rules, Day(AS_OF), 45.0);
            expected.iter_mut().zip(criteria).for_each(|(sum, value)| *sum += chance.max(0.0) * value);
        }
        let axis = case.fitted_map.contact();
        let value = |name: &str| {
            Criterion::ALL
                .iter()
                .find(|criterion| criterion.name() == name)
                .map(|&criterion| expected[criterion as usize])
        };
        let values: Vec<f64> =
            axis.index().criteria().iter().map(|criterion| value(&criterion.name).expect("a criterion")).collect();
        let score = axis.index().score(&values, &mut vec![0.0; values.len()]);
        let gain = axis.position(score) - case.map.contact_position[0];
        // A chance of exactly 0 may be left out of the sum.
        assert!((row.gain - gain).abs() < 1e-9, "{} {gain}", row.gain);
    }
}

#[test]
fn a_refused_channel_and_a_full_one_are_not_options() {
    let mut contacts = mixed();
    contacts.push(contact(0, AS_OF - 800, 2, Outcome::Refused, 0.0));
    let mut case_ = case(contacts.clone(), &[5_000.0, 900.0, 500.0, 100.0, 10.0], 30.0);
    let channels = |case: &Case| -> Vec<u16> {
        case.corrections().rows.iter().filter(|row| row.customer == 0).filter_map(|row| row.channel).collect()
    };
    assert!(!channels(&case_).is_empty());
    assert!(!channels(&case_).iter().any(|&channel| channel >= 2), "neither spelling of e-mail");
    // Refused under one spelling, the other is closed too; and visits and calls are refused besides.
    contacts.extend([0, 1].map(|channel| contact(0, AS_OF - 700, channel, Outcome::Refused, 0.0)));
    case_ = case(contacts, &[5_000.0, 900.0, 500.0, 100.0, 10.0], 30.0);
    assert_eq!(channels(&case_), [0; 0]);
    assert_eq!(case_.words_of(0), ["no channel is open: 3 refused, 0 at the cap"]);
    let found = case_.corrections();
    let row = found.rows.iter().find(|row| row.customer == 0).expect("a row that says so");
    assert_eq!((row.cost, row.is_open(), row.value), (None, false, 0.0));
}

#[test]
fn what_customers_say_they_refuse_is_not_proposed() {
    let case_of = |refusals: &[Refusal]| {
        let mut case = case(mixed(), &[5_000.0, 900.0, 500.0, 100.0, 10.0], 30.0);
        case.log = case.log.with_consent(Consent::new(refusals, &names()));
        case
    };
    let channels = |case: &Case| -> Vec<u16> {
        case.corrections().rows.iter().filter(|row| row.customer == 0).filter_map(|row| row.channel).collect()
    };
    let refusal = |customer, about, from| Refusal { customer, about, from: Day(from) };
    let open = channels(&case_of(&[]));
    assert!(open.contains(&0) && open.contains(&1));
    let calls = About::Media(&[Medium::Phone]);
    assert!(!channels(&case_of(&[refusal(0, calls, AS_OF)])).contains(&1));
    // The period of 90 days is when it would be done; what comes later does not matter, nor what others refuse.
    assert!(!channels(&case_of(&[refusal(0, calls, AS_OF + 90)])).contains(&1));
    assert_eq!(channels(&case_of(&[refusal(0, calls, AS_OF + 91)])), open);
    assert_eq!(channels(&case_of(&[refusal(1, About::Everything, AS_OF)])), open);
    let case = case_of(&[refusal(0, About::Everything, AS_OF), refusal(4, About::Media(&[Medium::Email]), AS_OF)]);
    assert_eq!(case.words_of(0), ["no channel is open: 3 refused, 0 at the cap"]);
    assert_eq!(case.corrections().unreachable(), 1);
    // Nor is it proposed in the place of a dearer one.
    let with = |case: &Case| {
        let rows = case.corrections().rows;
        rows.iter().any(|row| row.customer == 4 && matches!(row.action, Action::Replace { with: 2 | 3, .. }))
    };
    assert!(with(&case_of(&[])) && !with(&case));
}

#[test]
fn too_many_e_mails_are_to_rest() {
    let mut contacts: Vec<Contact> =
        (0..12).map(|n| contact(2, AS_OF - 2 * n, 2 + (n % 2) as u16, Outcome::Answered, 1.0)).collect();
    (0..3).for_each(|n| contacts.push(contact(1, AS_OF - 300 - n, 2, Outcome::Success, 1.0)));
    let case = case(contacts, &[500.0, 400.0, 1.0], 30.0);
    // The twelve are of days 978 to 1000; the fifth oldest, of day 986, leaves the window of 30 days on day 1016.
    let words = case.words_of(2);
    let pause = format!("12 e-mails within 30 days, cap 8: pause until {}", Day(AS_OF + 16));
    assert!(words.iter().any(|words| words.starts_with(&pause)), "{words:?}");
    assert_eq!(case.words_of(0), ["never contacted: write an e-mail"]);
}

#[test]
fn nobody_gets_a_value_from_no_clv() {
    for clv in [f64::NAN, -100.0, f64::INFINITY, f64::NEG_INFINITY] {
        let mut case = case(mixed(), &[5_000.0, 900.0, 500.0, 100.0, 10.0], 30.0);
        case.clv[0] = clv;
        let found = case.corrections();
        let mine = found.rows.iter().filter(|row| row.customer == 0);
        assert!(mine.into_iter().all(|row| row.value == 0.0 && row.gain >= 0.0));
    }
}

#[test]
fn priorities_fall_with_value_and_words_name_no_customer() {
    let mut chance = Xoshiro256PlusPlus::seed_from_u64(31);
    let customers = 3_000;
    let mut contacts = Vec::new();
    for customer in 0..customers {
        for _ in 0..chance.gen_range(0..12) {
            let outcome = [Outcome::Answered, Outcome::Success, Outcome::Neutral, Outcome::Failure, Outcome::Refused]
                [chance.gen_range(0..5)];
            let channel = chance.gen_range(0..4_u16);
            let cost = [60.0, 8.0, 0.5, 0.5][usize::from(channel)];
            let mut one = contact(customer, AS_OF - chance.gen_range(0..400), channel, outcome, cost);
            one.satisfaction = if chance.gen_bool(0.3) { chance.gen_range(1.0..5.0) } else { f32::NAN };
            if chance.gen_bool(0.3) {
                one.direction = Some(Direction::Inbound);
                one.response_hours = chance.gen_range(0.0..72.0);
            }
            contacts.push(one);
        }
    }
    let clv: Vec<f64> = (0..customers).map(|_| chance.gen_range(0.0_f64..9.0).exp()).collect();
    let case = case(contacts, &clv, 30.0);
    let found = case.corrections();
    let firsts: Vec<f64> = found.rows.iter().filter(|row| row.option == 1).map(|row| row.value).collect();
    assert_eq!(firsts.len(), found.customers as usize);
    assert!(firsts.windows(2).all(|pair| pair[0] >= pair[1]));
    assert!((1..).zip(found.rows.chunk_by(|a, b| a.customer == b.customer)).all(|(priority, rows)| {
        rows.iter().all(|row| row.priority == priority) && rows.windows(2).all(|pair| pair[0].value >= pair[1].value)
    }));
    for row in &found.rows {
        let words = found.words(row).to_string();
        assert!(!words.contains("NaN") && !words.contains("inf") && words.contains(": "), "{words}");
        assert!(row.value.is_finite() && row.value >= 0.0 && row.value <= row.value_at_stake * (1.0 + SUMMING));
        let is_told = matches!(row.action, Action::Contact(_)) == row.cost.is_some();
        assert!(is_told, "a contact has a cost, nothing else has");
    }
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool of one thread");
    assert_eq!(found, one.install(|| case.corrections()));
    let options = found.plan_options();
    let plan = plan(&options, &found.channels, Day(AS_OF), &PlanSettings::default()).expect("sound settings");
    assert!(plan.cost <= plan.saving && !plan.rows.is_empty());
    for row in &plan.rows {
        let option = &found.rows[row.option as usize];
        assert!(option.is_open());
        if let (Action::Contact(_), Some(channel)) = (option.action, option.channel) {
            let refused = case.log.of(option.customer as usize).iter().any(|contact| {
                contact.outcome == Some(Outcome::Refused)
                    && (contact.channel == channel || contact.channel.min(channel) == 2)
            });
            assert!(!refused, "never on a channel that was refused");
        }
    }
}

#[test]
fn bases_without_contrast_have_no_corrections() {
    assert_eq!(case(Vec::new(), &[], 30.0).corrections().rows, []);
    let alike: Vec<Contact> = (0..4).map(|customer| contact(customer, AS_OF, 0, Outcome::Answered, 1.0)).collect();
    assert_eq!(case(alike, &[7.0; 4], 30.0).corrections().rows, []);
    // Nobody was ever contacted: there is no channel that the company uses.
    let nobody = case(Vec::new(), &[9.0, 1.0, 2.0], 30.0);
    assert_eq!(nobody.words_of(0), ["no channel is open: the company contacts nobody by any"]);
}

#[test]
fn a_customer_with_very_many_contacts_is_one_customer() {
    let mut contacts: Vec<Contact> =
        (0..100_000).map(|n| contact(1, AS_OF - n / 300, 2, Outcome::Answered, 1e6)).collect();
    contacts.push(contact(0, AS_OF - 500, 1, Outcome::Answered, 8.0));
    let case = case(contacts, &[900.0, 1.0], 30.0);
    assert!(case.corrections().rows.iter().any(|row| row.customer == 1 && row.saving > Some(Money(0))));
}

#[test]
fn columns_of_other_lengths_are_refused() {
    let case = case(mixed(), &[5_000.0, 900.0, 500.0, 100.0, 10.0], 30.0);
    let short = CorrectionInput { clv: &[1.0], ..case.input() };
    let wrong = corrections(&short, &CorrectionSettings::default());
    assert_eq!(wrong, Err(CorrectionError::Length { column: "clv", found: 1, customers: 5 }));
    let period = corrections(&case.input(), &CorrectionSettings { period_days: 0 });
    assert_eq!(period, Err(CorrectionError::Period(0)));
}
