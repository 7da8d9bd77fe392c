//! How many customers, how much value, how concentrated, how well contact follows value, what is at stake.

use crate::figure::Section;
use crate::messages::{Arg, count, money, number, percent};
use crate::sections::Sources;

pub(super) fn section(sources: &Sources<'_>) -> Section {
    let mut section = sources.section("headline");
    section.said.extend([customers(sources)]);
    section.said.extend(value(sources));
    section.said.extend(concentration(sources));
    section.said.extend(profit(sources));
    section.said.extend(idea(sources));
    section.said.extend(stake(sources));
    section
}

fn customers(sources: &Sources<'_>) -> String {
    let as_of = sources.record.as_of.to_string();
    sources.say("head-customers", &[("customers", count(sources.record.customers.scored)), ("date", Arg::Text(&as_of))])
}

fn value(sources: &Sources<'_>) -> Vec<String> {
    let Some(forecast) = &sources.record.forecast else {
        let total: f64 = sources.figures.deciles.iter().map(|decile| decile.value).sum();
        return vec![match sources.record.purchases.fitted() {
            None => sources.word("head-no-model"),
            Some(_) => sources.say("head-value-alone", &[("value", money(total))]),
        }];
    };
    let horizon = sources.horizon();
    let total = forecast.total;
    let mut said = vec![sources.say(
        "head-purchases",
        &[("purchases", number(total.purchases.expected.round())), ("horizon", Arg::Text(&horizon))],
    )];
    if let Some(clv) = total.clv {
        said.push(match (clv.low, clv.high) {
            (Some(low), Some(high)) => sources.say(
                "head-value-between",
                &[
                    ("value", money(clv.expected)),
                    ("low", money(low)),
                    ("high", money(high)),
                    ("level", percent(forecast.level)),
                ],
            ),
            _ => sources.say("head-value-alone", &[("value", money(clv.expected))]),
        });
    }
    said
}

fn concentration(sources: &Sources<'_>) -> Option<String> {
    let first = sources.figures.deciles.first().filter(|first| first.decile == 1)?;
    Some(sources.say("head-decile", &[("share", percent(first.value_share?))]))
}

fn profit(sources: &Sources<'_>) -> Option<String> {
    let profit = sources.record.profit.as_ref().filter(|profit| profit.costs_known)?;
    let whale = &profit.whale;
    let (share, peak) = (whale.profitable_share?, whale.peak_percent?);
    let (share, lost) = (("share", percent(share)), ("lost", money(whale.lost.to_f64())));
    Some(if whale.lost.0 > 0 {
        sources.say("head-profit", &[share, ("peak", percent(peak / 100.0)), lost])
    } else {
        sources.say("head-profit-none-lost", &[share])
    })
}

fn idea(sources: &Sources<'_>) -> Option<String> {
    let idea = &sources.record.map.as_ref()?.idea;
    let Some(correlation) = &idea.rank_correlation else { return Some(sources.word("idea-unknown")) };
    let verdict = sources.word(&format!("idea-{}", correlation.verdict().name()));
    // Two digits, and more only where the interval is so narrow that its ends would look the same.
    let width = correlation.interval.map_or(1.0, |[low, high]| high - low);
    let digits = if width < 0.02 { 1000.0 } else { 100.0 };
    let shown = |value: f64| number((digits * value).round() / digits + 0.0);
    Some(match correlation.interval {
        Some([low, high]) => sources.say(
            "idea-between",
            &[
                ("verdict", Arg::Text(&verdict)),
                ("correlation", shown(correlation.value)),
                ("low", shown(low)),
                ("high", shown(high)),
            ],
        ),
        None => {
            sources.say("idea-alone", &[("verdict", Arg::Text(&verdict)), ("correlation", shown(correlation.value))])
        }
    })
}

fn stake(sources: &Sources<'_>) -> Option<String> {
    let (map, totals) = (sources.figures.map.as_ref()?, &sources.record.map.as_ref()?.totals);
    Some(sources.say(
        "head-stake",
        &[
            ("under", count(totals.under_served)),
            ("stake", money(map.value_at_stake)),
            ("over", count(totals.over_served)),
            ("saving", money(map.saving)),
            ("days", count(map.period_days)),
        ],
    ))
}
