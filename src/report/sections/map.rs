//! The map and who on it is worth a look first.

use serde_json::{Value, json};

use crate::figure::{Chart, Figure, Listed, Part, Section, table};
use crate::messages::{Arg, count, money, number, percent};
use crate::numbers::{Format, clean, plain};
use crate::sections::Sources;
use crate::table::{Cell, Table};
use clivia_core::figures::{Advice, MapFigure, Named};
use clivia_core::map::CellRow;

pub(super) fn section(sources: &Sources<'_>) -> Section {
    let mut section = sources.section("map");
    let (Some(map), Some(record)) = (&sources.figures.map, &sources.record.map) else {
        section.said.push(sources.word("map-empty"));
        return section;
    };
    let totals = &record.totals;
    section.said.push(sources.say(
        "map-said",
        &[
            ("under", count(totals.under_served)),
            ("aligned", count(totals.aligned)),
            ("over", count(totals.over_served)),
            ("without", count(totals.without_contact)),
            ("tolerance", number(map.tolerance)),
        ],
    ));
    let clv = totals.under_served_clv_share.map(|share| sources.say("map-clv-share", &[("share", percent(share))]));
    let cost =
        totals.over_served_contact_cost_share.map(|share| sources.say("map-cost-share", &[("share", percent(share))]));
    section.said.extend(clv.into_iter().chain(cost));
    section.parts.push(Part::Chart(figure(sources, map)));
    if sources.options.customers {
        section.parts.push(Part::Listed(listed(sources, map)));
    }
    section
}

fn figure(sources: &Sources<'_>, map: &MapFigure) -> Figure {
    let mut cells = table(
        sources.messages,
        &[
            ("cell", Format::Text),
            ("customers", Format::Count),
            ("under-served", Format::Count),
            ("aligned", Format::Count),
            ("over-served", Format::Count),
            ("revenue", Format::Money),
            ("clv", Format::Money),
            ("contact-cost", Format::Money),
            ("profit", Format::Money),
        ],
    );
    for cell in &map.cells {
        cells.push([
            Cell::from(cell_name(sources, cell)),
            cell.customers.into(),
            cell.under_served.into(),
            cell.aligned.into(),
            cell.over_served.into(),
            cell.revenue.into(),
            cell.clv.into(),
            cell.contact_cost.into(),
            cell.profit.into(),
        ]);
    }
    // Fields say nothing that the points of everybody do not.
    let customers: u64 = map.density.iter().map(|field| field.customers).sum();
    let is_dense = customers > map.points.len() as u64;
    let density = if is_dense { json!(map.density) } else { json!([]) };
    let chart = Chart::new("map")
        .with("x_title", sources.word("axis-contact"))
        .with("y_title", sources.word("axis-attractiveness"))
        .with("tolerance", map.tolerance)
        .with("field", 5)
        .with("density", density)
        .with("points", clipped(json!(map.points)))
        .with("cells", cells_drawn(sources, map));
    let mut figure = Figure::new(sources.messages, "map", chart, cells.without_empty());
    let more = [(is_dense, "map-density"), (sources.options.customers, "map-choosing")];
    for (_, key) in more.iter().filter(|(is_so, _)| *is_so) {
        figure.reading.push(' ');
        figure.reading.push_str(&sources.word(key));
    }
    figure
}

/// Points whose ids are not endless.
fn clipped(mut points: Value) -> Value {
    for point in points.as_array_mut().into_iter().flatten() {
        if let Some(Value::String(id)) = point.get_mut("customer_id") {
            *id = clean(id);
        }
    }
    points
}

/// Where each cell is, and the words in its corner. What was merged has no place.
fn cells_drawn(sources: &Sources<'_>, map: &MapFigure) -> Value {
    let edges = |cuts: &[f64]| {
        let all = std::iter::once(0.0).chain(cuts.iter().copied()).chain(std::iter::once(100.0));
        all.collect::<Vec<f64>>()
    };
    let (x, y) = (edges(&map.contact_thresholds), edges(&map.attractiveness_thresholds));
    let columns = x.len() - 1;
    let lang = sources.messages.lang;
    let drawn = |(place, cell): (usize, &CellRow)| {
        let (row, column) = (place / columns, place % columns);
        let brief = Format::Count.show(cell.customers as f64, lang);
        let worth = cell.clv.or(cell.revenue.map(|revenue| revenue.to_f64()));
        let said = match worth {
            Some(worth) => sources.say("cell-worth", &[("customers", count(cell.customers)), ("value", money(worth))]),
            None => sources.say("cell-customers", &[("customers", count(cell.customers))]),
        };
        json!({
            "name": cell.name, "left": x[column], "right": x[column + 1], "bottom": y[row], "top": y[row + 1],
            "brief": brief, "text": plain(&said, lang),
        })
    };
    // Cells that were merged stand at the end, without a place.
    map.cells.iter().take(columns * (y.len() - 1)).enumerate().map(drawn).collect()
}

/// A cell in the words of the page.
fn cell_name(sources: &Sources<'_>, cell: &CellRow) -> String {
    if cell.attractiveness.is_empty() {
        return clean(&cell.name);
    }
    let level = |level: &str| sources.messages.known(&format!("level-{level}")).unwrap_or_else(|| clean(level));
    let (worth, contact) = (level(&cell.attractiveness), level(&cell.contact));
    sources.say("cell-name", &[("value", Arg::Text(&worth)), ("contact", Arg::Text(&contact))])
}

fn listed(sources: &Sources<'_>, map: &MapFigure) -> Listed {
    let mut rows = table(
        sources.messages,
        &[
            ("customer", Format::Text),
            ("why", Format::Text),
            ("step", Format::Text),
            ("at-stake", Format::Money),
            ("clv", Format::Money),
            ("cost", Format::Money),
        ],
    );
    for named in &map.most_under_served {
        rows.push([
            Cell::text(&named.point.customer_id),
            Cell::from(why(sources, &named.advice)),
            Cell::from(step(sources, named)),
            named.value_at_stake.into(),
            named.point.clv.into(),
            named.cost.into(),
        ]);
    }
    let cells = map.cells.iter().map(|cell| (cell.name.clone(), cell_name(sources, cell))).collect();
    Listed {
        title: sources.word("listed-title"),
        said: sources.word(if map.most_under_served.is_empty() { "listed-none" } else { "listed-said" }),
        cells,
        of: map.most_under_served.iter().map(|named| named.point.cell.clone()).collect(),
        table: without_empty_numbers(rows),
    }
}

fn without_empty_numbers(rows: Table) -> Table {
    if rows.rows.is_empty() { rows } else { rows.without_empty() }
}

/// What is wrong, in words.
fn why(sources: &Sources<'_>, advice: &Advice) -> String {
    let shown = |(name, value): (&String, &f64)| {
        let arg = match name.as_str() {
            "rate" => percent(*value),
            "mean" | "weight" | "rating" | "usual" | "hours" => number((100.0 * value).round() / 100.0),
            _ => number(value.round()),
        };
        (name.clone(), arg)
    };
    let figures: Vec<(String, Arg<'_>)> = advice.figures.iter().map(shown).collect();
    let mut args: Vec<(&str, Arg<'_>)> = figures.iter().map(|(name, arg)| (name.as_str(), arg.clone())).collect();
    if let Some(tried) = &advice.tried {
        args.push(("channel", Arg::Text(tried)));
    }
    plain(&sources.say(&format!("why-{}", advice.reason), &args), sources.messages.lang)
}

/// What to do, in words.
fn step(sources: &Sources<'_>, named: &Named) -> String {
    match (&named.advice.step, &named.channel) {
        (None, _) => sources.word("step-none"),
        (Some(step), Some(channel)) if step == "other" => sources.say("step-other", &[("channel", Arg::Text(channel))]),
        (Some(step), _) => sources.word(&format!("step-{step}")),
    }
}
