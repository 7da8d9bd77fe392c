//! criteria and profit curve: what the map and the whale curve are made of.

use polars::prelude::*;
use rayon::prelude::*;

use crate::pipeline::Run;
use clivia_core::contacts::timing::{Timing, TimingRow};
use clivia_core::decide::corrections::Correction;
use clivia_core::map::{MapInput, Scorer, WhaleCurve};
use clivia_core::score::{CONTRIBUTION, Mapped};
use clivia_io::write::PIECE_ROWS;
use clivia_io::write::frame::{counts, flags, integers, money, numbers, text};

/// The criteria of every customer on the map's two axes, with the points that each contributes, in pieces.
///
/// # Errors
/// What the map says where it cannot be scored again, which it was.
pub(crate) fn criteria<'a>(
    run: &'a Run,
    mapped: &'a Mapped,
) -> impl Iterator<Item = PolarsResult<DataFrame>> + Send + 'a {
    let customers = run.summary.len();
    let starts = (0..customers).step_by(PIECE_ROWS);
    starts.map(move |start| criteria_piece(run, mapped, start..(start + PIECE_ROWS).min(customers)))
}

fn criteria_piece(run: &Run, mapped: &Mapped, rows: std::ops::Range<usize>) -> PolarsResult<DataFrame> {
    let [worth, contact] = mapped.columns();
    let contacted: Vec<bool> = mapped.contact.contacts.iter().map(|count| *count > 0).collect();
    let input = MapInput {
        attractiveness: &worth,
        contact: &contact,
        contacted: &contacted,
        revenue: None,
        clv: None,
        contact_cost: None,
        profit: None,
    };
    let [worth, contact] = mapped.fitted.scorers(&input).map_err(|error| polars_err!(ComputeError: "{error}"))?;
    let (map, of) = (&mapped.map, || rows.clone());
    let since = |customer: usize| Some(run.summary.as_of.days_since(mapped.contact.last_contact[customer]?));
    let mut columns = vec![
        text("customer_id", of().map(|customer| Some(run.summary.ids.get(customer)))),
        counts("contacts", of().map(|customer| Some(mapped.contact.contacts[customer]))),
        integers("days_since_contact", of().map(since)),
        money("contact_cost", of().map(|customer| Some(mapped.contact.cost[customer]))),
        numbers("attractiveness", of().map(|customer| Some(map.attractiveness[customer]))),
        numbers("attractiveness_position", of().map(|customer| Some(map.attractiveness_position[customer]))),
    ];
    columns.extend(axis_columns("value", &worth, rows.clone()));
    columns.push(numbers("contact_quality", of().map(|customer| Some(map.contact_quality[customer]))));
    columns.push(numbers("contact_position", of().map(|customer| Some(map.contact_position[customer]))));
    columns.extend(axis_columns("contact", &contact, rows.clone()));
    columns.push(numbers("map_distance", of().map(|customer| map.distance(customer))));
    columns.push(text("agent", of().map(|customer| mapped.agent(customer))));
    columns.push(numbers("responsiveness", of().map(|customer| mapped.timing.responsiveness.get(customer).copied())));
    DataFrame::new(rows.len(), columns)
}

/// Of each criterion its value and the points that it contributes to the score.
fn axis_columns(axis: &str, scorer: &Scorer<'_>, rows: std::ops::Range<usize>) -> Vec<Column> {
    let criteria = scorer.index().criteria();
    let mut points = vec![0.0; rows.len() * criteria.len()];
    points.par_chunks_mut(criteria.len()).zip(rows.clone()).for_each(|(contributions, customer)| {
        scorer.score(customer, contributions);
    });
    let columns = criteria.iter().enumerate().flat_map(|(place, criterion)| {
        let value = rows.clone().map(|customer| Some(scorer.value(place, customer)));
        let points = points.iter().skip(place).step_by(criteria.len()).map(|points| Some(*points));
        let name = criterion_column(axis, &criterion.name);
        [numbers(&name, value), numbers(&format!("{name}{CONTRIBUTION}"), points)]
    });
    columns.collect()
}

/// The column of a criterion in the criteria table: `contact_reach`, `value_clv`.
pub(crate) fn criterion_column(axis: &str, criterion: &str) -> String {
    format!("{axis}_{criterion}")
}

/// The whale curve: cumulative profit of the customers ranked by it.
pub(crate) fn whale(whale: &WhaleCurve) -> PolarsResult<DataFrame> {
    let columns = vec![
        numbers("customer_share", whale.points.iter().map(|point| Some(point.customers))),
        money("cumulative_profit", whale.points.iter().map(|point| Some(point.profit))),
    ];
    DataFrame::new(whale.points.len(), columns)
}

/// What to change, for whom, at what cost: the options of every misplaced customer, in the order of priority.
pub(crate) fn corrections<'a>(
    run: &'a Run,
    mapped: &'a Mapped,
) -> impl Iterator<Item = PolarsResult<DataFrame>> + Send + 'a {
    let rows = &mapped.corrections.rows;
    // A table without rows still has its columns.
    let starts = (0..rows.len().max(1)).step_by(PIECE_ROWS);
    starts.map(move |start| {
        corrections_piece(run, mapped, &rows[start.min(rows.len())..(start + PIECE_ROWS).min(rows.len())])
    })
}

fn corrections_piece(run: &Run, mapped: &Mapped, rows: &[Correction]) -> PolarsResult<DataFrame> {
    let channel = |row: &Correction| Some(mapped.corrections.channels[usize::from(row.channel?)].as_str());
    let actions: Vec<String> = rows.par_iter().map(|row| mapped.corrections.words(row).to_string()).collect();
    let columns = vec![
        text("customer_id", rows.iter().map(|row| Some(run.summary.ids.get(row.customer as usize)))),
        counts("priority", rows.iter().map(|row| Some(row.priority))),
        counts("option", rows.iter().map(|row| Some(u32::from(row.option)))),
        text("diagnosis", rows.iter().map(|row| Some(row.diagnosis.name()))),
        numbers("map_distance", rows.iter().map(|row| mapped.map.distance(row.customer as usize))),
        text("criterion", rows.iter().map(|row| row.criterion.map(|criterion| criterion.name()))),
        text("action", actions.iter().map(|action| Some(action.as_str()))),
        text("channel", rows.iter().map(channel)),
        money("cost", rows.iter().map(|row| row.cost)),
        money("saving", rows.iter().map(|row| row.saving)),
        numbers("points_gained", rows.iter().map(|row| Some(row.gain))),
        numbers("value_at_stake", rows.iter().map(|row| Some(row.value_at_stake))),
        numbers("value", rows.iter().map(|row| Some(row.value))),
    ];
    DataFrame::new(rows.len(), columns)
}

/// Purchase rates after contacts, and contact rates after purchases, by kind and lag.
pub(crate) fn timing(timing: &Timing) -> PolarsResult<DataFrame> {
    let rows: Vec<&TimingRow> = timing.any.iter().chain(&timing.rows).collect();
    let whole = |count: u64| Some(u32::try_from(count).unwrap_or(u32::MAX));
    let columns = vec![
        text("kind", rows.iter().map(|row| Some(row.kind.as_str()))),
        text("direction", rows.iter().map(|row| Some(row.direction.name()))),
        numbers("lag_from_days", rows.iter().map(|row| Some(row.lag_from_days))),
        numbers("lag_to_days", rows.iter().map(|row| Some(row.lag_to_days))),
        counts("contacts", rows.iter().map(|row| whole(row.contacts))),
        numbers("exposed_days", rows.iter().map(|row| Some(row.exposed_days))),
        counts("events", rows.iter().map(|row| whole(row.events))),
        numbers("expected", rows.iter().map(|row| Some(row.expected))),
        numbers("rate_ratio", rows.iter().map(|row| Some(row.rate_ratio))),
        numbers("low", rows.iter().map(|row| Some(row.low))),
        numbers("high", rows.iter().map(|row| Some(row.high))),
        numbers("p_value", rows.iter().map(|row| Some(row.p_value))),
        numbers("p_adjusted", rows.iter().map(|row| row.p_adjusted)),
        flags("follows_purchases", rows.iter().map(|row| row.follows_purchases)),
        text("claim", rows.iter().map(|row| Some(row.claim.name()))),
    ];
    DataFrame::new(rows.len(), columns)
}
