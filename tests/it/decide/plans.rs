//! Plans by hand.

use super::*;

fn serve(customer: u32, channel: u16, value: f64, cost: f64) -> PlanOption {
    let (diagnosis, channel) = (Diagnosis::UnderServed, Some(channel));
    PlanOption { customer, diagnosis, channel, value, cost: money(cost), saving: Money(0) }
}

fn spare(customer: u32, saving: f64) -> PlanOption {
    let (diagnosis, saving) = (Diagnosis::OverServed, money(saving));
    PlanOption { customer, diagnosis, channel: Some(0), value: saving.to_f64(), cost: Money(0), saving }
}

fn channels() -> Vec<String> {
    ["visit", "E-Mail", "email"].map(str::to_string).to_vec()
}

fn settings(budget: Budget, capacity: &[(&str, u32)]) -> PlanSettings {
    let capacity = capacity.iter().map(|(name, places)| (name.to_string(), *places)).collect();
    PlanSettings { budget, capacity, period_days: 14, least_return: 0.0 }
}

#[test]
fn what_is_saved_pays_for_what_is_done() -> Result<(), PlanError> {
    // Customer 9 saves 60 or 20, not both.
    let options = [serve(1, 0, 30.0, 50.0), serve(2, 0, 40.0, 50.0), spare(9, 20.0), spare(9, 60.0), spare(8, 0.0)];
    let same = plan(&options, &channels(), Day(0), &settings(Budget::Same, &[]))?;
    assert_eq!(same.rows.iter().map(|row| row.option).collect::<Vec<_>>(), [3, 1]);
    assert_eq!((same.budget, same.saving, same.cost), (Some(money(60.0)), money(60.0), money(50.0)));
    assert_eq!((same.method, same.value, same.bound, same.gap), (Method::Exact, 40.0, 40.0, 0.0));
    let all = plan(&options, &channels(), Day(0), &settings(Budget::Unlimited, &[]))?;
    assert_eq!((all.rows.len(), all.cost, all.budget), (3, money(100.0), None));
    let none = plan(&options, &channels(), Day(0), &settings(Budget::Amount(Money(0)), &[]))?;
    assert_eq!((none.rows.len(), none.cost), (1, Money(0)));
    Ok(())
}

#[test]
fn two_spellings_share_a_capacity() -> Result<(), PlanError> {
    let options = [serve(1, 1, 3.0, 0.1), serve(2, 2, 2.0, 0.1), serve(3, 1, 1.0, 0.1), serve(4, 0, 9.0, 0.1)];
    let plan = plan(&options, &channels(), Day(0), &settings(Budget::Unlimited, &[("e mail", 2)]))?;
    assert_eq!(plan.rows.iter().map(|row| row.option).collect::<Vec<_>>(), [3, 0, 1]);
    Ok(())
}

#[test]
fn contacts_are_spread_over_working_days() -> Result<(), PlanError> {
    // Ten working days from Friday 1970-01-02 to Thursday 1970-01-15.
    let options: Vec<PlanOption> =
        (0..20).map(|customer| serve(customer, 0, 100.0 - f64::from(customer), 0.0)).collect();
    let all = plan(&options, &channels(), Day(0), &settings(Budget::Same, &[]))?;
    let days: Vec<i32> = all.rows.iter().map(|row| row.on.0).collect();
    assert_eq!(days[..6], [1, 1, 4, 4, 5, 5], "Friday, Monday, Tuesday: two a day");
    assert_eq!(days[18..], [14, 14]);
    // At a capacity of 40 the pace is four a day.
    let early = plan(&options, &channels(), Day(0), &settings(Budget::Same, &[("visit", 40)]))?;
    assert_eq!(early.rows.iter().map(|row| row.on.0).filter(|&day| day == 1).count(), 4);
    assert_eq!(early.rows[19].on, Day(7), "the fifth working day");
    Ok(())
}

#[test]
fn settings_without_meaning_are_refused() {
    let refuse = |settings: &PlanSettings| plan(&[], &channels(), Day(0), settings).expect_err("no meaning");
    let unknown = refuse(&settings(Budget::Same, &[("fax", 1)]));
    assert_eq!(
        unknown.to_string(),
        "the capacity of 'fax' is for no channel of the log; its channels are visit, E-Mail, email"
    );
    let twice = refuse(&settings(Budget::Same, &[("email", 1), ("E-mail", 2)]));
    assert!(matches!(twice, PlanError::ChannelTwice(_)));
    for period_days in [0, 6, 367] {
        let wrong = refuse(&PlanSettings { period_days, ..PlanSettings::default() });
        assert_eq!(wrong, PlanError::Period(period_days));
    }
    assert!(refuse(&PlanSettings { period_days: 6, ..PlanSettings::default() }).to_string().contains("7 to 366"));
}

#[test]
fn budgets_are_read_as_written() -> Result<(), Box<dyn std::error::Error>> {
    for (text, budget) in [
        ("same", Budget::Same),
        (" Unlimited ", Budget::Unlimited),
        ("0", Budget::Amount(Money(0))),
        ("2500.5", Budget::Amount(Money(25_005_000))),
    ] {
        assert_eq!(text.parse::<Budget>()?, budget);
    }
    for text in ["-1", "", "much", "NaN", "1e300"] {
        assert!(text.parse::<Budget>().is_err(), "{text}");
    }
    let read: PlanSettings = toml::from_str("budget = 12\ncapacity = { visit = 3 }")?;
    assert_eq!((read.budget, read.capacity["visit"]), (Budget::Amount(money(12.0)), 3));
    let read: PlanSettings = toml::from_str("budget = \"same\"")?;
    assert_eq!(serde_json::from_str::<PlanSettings>(&serde_json::to_string(&read)?)?, read);
    assert!(toml::from_str::<PlanSettings>("budget = -3").is_err());
    Ok(())
}
