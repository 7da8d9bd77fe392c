//! How value and the chance of staying are spread, what the purchase model says, and how it did on a holdout.

use serde_json::json;

use crate::figure::{Chart, Figure, Part, Section, table};
use crate::messages::{Arg, count, number};
use crate::numbers::{Format, plain};
use crate::sections::Sources;
use crate::table::{Cell, Table};
use clivia_core::figures::{Bin, HoldoutFigure, Matrix, Spread, ValueFigure};
use clivia_core::validation::TrackedPeriod;

pub(super) fn section(sources: &Sources<'_>) -> Section {
    let mut section = sources.section("value");
    let Some(value) = &sources.figures.value else {
        section.said.push(sources.word("value-empty"));
        return section;
    };
    section.said.push(sources.say(
        "value-said",
        &[
            ("model", Arg::Text(&sources.record.purchases.fitted().map_or(String::new(), |fit| fit.model.clone()))),
            ("horizon", Arg::Text(&sources.horizon())),
        ],
    ));
    section.parts.extend(clv(sources, value).map(Part::Chart));
    section.parts.push(Part::Chart(alive(sources, value)));
    if let Some(matrix) = &value.matrix {
        section.parts.extend(matrices(sources, matrix).map(Part::Chart));
    }
    match &sources.figures.holdout {
        Some(holdout) => {
            section.said.push(held_out(sources, holdout));
            section.parts.extend(tracking(sources, holdout).into_iter().map(Part::Chart));
            section.parts.extend(calibration(sources, holdout).into_iter().map(Part::Chart));
        }
        None => section.said.push(sources.word("holdout-empty")),
    }
    section.parts.extend(value.spreads.iter().filter_map(|spread| differences(sources, spread)).map(Part::Chart));
    section
}

/// Bins in words, such as `10 to 20`.
fn bins(sources: &Sources<'_>, bins: &[Bin], format: Format) -> Table {
    let mut rows = table(sources.messages, &[("range", Format::Text), ("customers", Format::Count)]);
    for bin in bins {
        rows.push([Cell::from(range(sources, bin.from, bin.to, format)), bin.customers.into()]);
    }
    rows
}

fn range(sources: &Sources<'_>, from: Option<f64>, to: Option<f64>, format: Format) -> String {
    // Ends are round: two decimals say nothing more.
    let arg = |value: f64| match format {
        Format::Percent => Arg::Number(value, Format::Percent),
        _ => number(value),
    };
    let said = match (from, to) {
        (Some(from), Some(to)) => sources.say("range-between", &[("from", arg(from)), ("to", arg(to))]),
        (None, Some(to)) => sources.say("range-below", &[("to", arg(to))]),
        (Some(from), None) => sources.say("range-above", &[("from", arg(from))]),
        (None, None) => sources.word("range-all"),
    };
    plain(&said, sources.messages.lang)
}

fn clv(sources: &Sources<'_>, value: &ValueFigure) -> Option<Figure> {
    if value.clv.is_empty() {
        return None;
    }
    let chart = Chart::new("bars")
        .column("label", "range")
        .series(&["customers"])
        .with("x_title", sources.word("column-clv"))
        .with("y_title", sources.word("column-customers"));
    Some(Figure::new(sources.messages, "clv", chart, bins(sources, &value.clv, Format::Number)))
}

fn alive(sources: &Sources<'_>, value: &ValueFigure) -> Figure {
    let chart = Chart::new("bars")
        .column("label", "range")
        .series(&["customers"])
        .with("x_title", sources.word("axis-alive"))
        .with("y_title", sources.word("column-customers"));
    Figure::new(sources.messages, "alive", chart, bins(sources, &value.p_alive, Format::Number))
}

fn matrices(sources: &Sources<'_>, matrix: &Matrix) -> [Figure; 2] {
    let unit = sources.units();
    let one = |id, key: &'static str, format, cells: &[Option<f64>]| {
        let columns = [("repeats", Format::Count), ("last-purchase-age", Format::Number), (key, format)];
        let mut rows = table(sources.messages, &columns);
        let places = matrix.frequency.iter().flat_map(|x| matrix.last_purchase_age.iter().map(move |t_x| (*x, *t_x)));
        for ((x, t_x), cell) in places.zip(cells) {
            rows.push([x.into(), ((10.0 * t_x).round() / 10.0).into(), (*cell).into()]);
        }
        let chart = Chart::new("heat")
            .column("x", "last-purchase-age")
            .column("y", "repeats")
            .column("colour", key)
            .with("x_title", sources.say("axis-last-purchase-age", &[("unit", Arg::Text(&unit))]))
            .with("y_title", sources.word("column-repeats"));
        let chart = if format == Format::Percent { chart.with("from", 0).with("to", 1) } else { chart };
        let mut figure = Figure::new(sources.messages, id, chart, rows);
        // Where nobody can be there is nothing to read.
        figure.table.rows.retain(|row| row[2] != Cell::None(()));
        figure
    };
    [
        one("matrix-purchases", "expected-purchases", Format::Number, &matrix.expected_purchases),
        one("matrix-alive", "p-alive", Format::Percent, &matrix.p_alive),
    ]
}

fn held_out(sources: &Sources<'_>, holdout: &HoldoutFigure) -> String {
    let (end, last) = (holdout.calibration_end.to_string(), holdout.holdout_end.to_string());
    sources.say(
        "holdout-said",
        &[
            ("model", Arg::Text(&holdout.model)),
            ("end", Arg::Text(&end)),
            ("last", Arg::Text(&last)),
            ("customers", count(holdout.customers)),
            ("expected", number(holdout.expected.round())),
            ("actual", number(holdout.actual)),
        ],
    )
}

fn tracking(sources: &Sources<'_>, holdout: &HoldoutFigure) -> Vec<Figure> {
    if holdout.tracking.is_empty() {
        return Vec::new();
    }
    let columns = [("end", Format::Date), ("actual", Format::Count), ("expected", Format::Number)];
    let chart = || {
        Chart::new("lines")
            .column("x", "end")
            .series(&["actual", "expected"])
            .with("y_title", sources.word("axis-repeat-purchases"))
            .with("mark", json!({ "at": holdout.calibration_end, "label": sources.word("mark-holdout") }))
    };
    let (mut cumulative, mut weekly) = (table(sources.messages, &columns), table(sources.messages, &columns));
    for period in &holdout.tracking {
        let end = Cell::from(period.end);
        cumulative.push([end.clone(), period.cumulative_actual.into(), period.cumulative_expected.into()]);
        weekly.push([end, period.actual.into(), period.expected.into()]);
    }
    // The last period may have ended before its end: beside the others it would look like a fall.
    let length = |pair: &[TrackedPeriod]| i64::from(pair[1].end.0) - i64::from(pair[0].end.0);
    let lengths: Vec<i64> = holdout.tracking.windows(2).map(length).collect();
    if lengths.last().zip(lengths.iter().rev().nth(1)).is_some_and(|(last, before)| last < before) {
        weekly.rows.pop();
    }
    vec![
        Figure::new(sources.messages, "tracking-cumulative", chart(), cumulative),
        Figure::new(sources.messages, "tracking-periods", chart(), weekly),
    ]
}

fn calibration(sources: &Sources<'_>, holdout: &HoldoutFigure) -> Vec<Figure> {
    let mut figures = Vec::new();
    let or_more = |repeats: u32, last: bool| match last {
        true => plain(&sources.say("or-more", &[("count", count(repeats))]), sources.messages.lang),
        false => repeats.to_string(),
    };
    if !holdout.by_frequency.is_empty() {
        let columns = [
            ("repeats", Format::Text),
            ("customers", Format::Count),
            ("actual", Format::Number),
            ("expected", Format::Number),
        ];
        let mut rows = table(sources.messages, &columns);
        for (place, row) in holdout.by_frequency.iter().enumerate() {
            let label = or_more(row.repeats, place + 1 == holdout.by_frequency.len() && row.repeats > 0);
            rows.push([Cell::from(label), row.customers.into(), row.actual.into(), row.expected.into()]);
        }
        let chart = Chart::new("bars")
            .column("label", "repeats")
            .series(&["actual", "expected"])
            .with("x_title", sources.word("axis-repeats-before"))
            .with("y_title", sources.word("axis-purchases-each"));
        figures.push(Figure::new(sources.messages, "by-frequency", chart, rows));
    }
    if !holdout.repeat_counts.is_empty() {
        let columns = [("repeats", Format::Text), ("actual", Format::Count), ("expected", Format::Number)];
        let mut rows = table(sources.messages, &columns);
        for (place, row) in holdout.repeat_counts.iter().enumerate() {
            let label = or_more(row.repeats, place + 1 == holdout.repeat_counts.len() && row.repeats > 0);
            rows.push([Cell::from(label), row.actual.into(), row.expected.into()]);
        }
        let chart = Chart::new("bars")
            .column("label", "repeats")
            .series(&["actual", "expected"])
            .with("x_title", sources.word("axis-repeats-before"))
            .with("y_title", sources.word("column-customers"));
        figures.push(Figure::new(sources.messages, "repeat-counts", chart, rows));
    }
    figures
}

/// How customers differ in a trait that the model gives them.
fn differences(sources: &Sources<'_>, spread: &Spread) -> Option<Figure> {
    let id = match spread.of.as_str() {
        "purchase_rate" => "purchase-rate",
        "dropout_probability" => "dropout-probability",
        "dropout_rate" => "dropout-rate",
        "purchase_probability" => "purchase-probability",
        _ => return None,
    };
    let mut rows = table(sources.messages, &[("range", Format::Text), ("customer-share", Format::Percent)]);
    for bin in &spread.bins {
        rows.push([Cell::from(range(sources, Some(bin.from), bin.to, Format::Number)), bin.share.into()]);
    }
    let unit = sources.unit();
    let chart = Chart::new("bars")
        .column("label", "range")
        .series(&["customer-share"])
        .with("x_title", sources.say(&format!("axis-{id}"), &[("unit", Arg::Text(&unit))]))
        .with("y_title", sources.word("column-customer-share"));
    Some(Figure::new(sources.messages, id, chart, rows))
}
