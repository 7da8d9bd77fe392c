//! Why a customer has these scores: each number traced to its inputs and worked out again.

use std::fmt::Write;
use std::path::Path;

use arrow::array::RecordBatch;

use crate::error::Error;
use crate::runs::finished::Finished;
use crate::runs::frozen::Frozen;
use crate::tables::map_tables::criterion_column;
use clivia_core::base::Day;
use clivia_core::clusters::ClusterModel;
use clivia_core::control::Control;
use clivia_core::map::{FittedAxis, FittedCriterion};
use clivia_core::models::fit::covariates;
use clivia_core::models::fit::covariates::{Covariate, Covariates, is_known};
use clivia_core::models::{FitReport, Histories, ModelName, PurchaseModel, SpendName};
use clivia_core::rfm::{Rfm, Scale};
use clivia_core::summary::{Ages, Spend, Summary};
use clivia_core::value::{Value, discounted_by, value_of};
use clivia_io::blocks::for_each_block;
use clivia_io::cells::Cells;
use clivia_io::customers::{PREFIX, flag};
use clivia_io::dates::DateReader;
use clivia_io::files::FileSource;
use clivia_io::plan::ReadSettings;
use clivia_io::rejects::spreadsheet_safe;
use clivia_io::source::Source;
use clivia_io::source::Wanted;

/// One number of a customer and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The column.
    pub column: String,
    /// What stands there; empty for a null.
    pub value: String,
    /// Where it comes from.
    pub because: String,
}

/// Traces a customer's row in the folder of a finished run.
///
/// # Errors
/// [`Error::Frozen`] where the folder holds no run, [`Error::NoSuchCustomer`] where nobody has that id.
pub fn explain(folder: &Path, customer: &str) -> Result<Vec<Trace>, Error> {
    let run = Finished::open(folder)?;
    let source = run.source("customers")?;
    let row = find(&source, customer)?
        .ok_or_else(|| Error::NoSuchCustomer { file: source.name().into(), customer: customer.into() })?;
    let criteria = if run.frozen.has_map() { find(&run.source("criteria")?, customer)? } else { None };
    Explainer { frozen: &run.frozen, row: &Row(row), criteria: criteria.map(Row).as_ref() }.traces()
}

/// The row of a customer, as a table of one row.
fn find(source: &FileSource, customer: &str) -> Result<Option<RecordBatch>, Error> {
    let settings = ReadSettings::default();
    let columns = source.columns(&settings)?;
    let (written, mut found) = (spreadsheet_safe(customer), None);
    for_each_block(
        source,
        &settings,
        &Wanted { columns: &columns, fingerprints: false },
        &Control::default(),
        |_| Ok(()),
        |block, ()| {
            let ids = block.cells("customer_id")?;
            let is_it = |row: usize| matches!(ids.show(row), id if id == customer || id == written);
            let place = (0..block.height()).find(|row| is_it(*row));
            place.map(|place| Ok(block.batch()?.slice(place, 1))).transpose()
        },
        |row| {
            found = found.take().or(row);
            Ok(())
        },
    )?;
    Ok(found)
}

/// A table of one row.
struct Row(RecordBatch);

impl Row {
    fn cells(&self, column: &str) -> Option<Cells> {
        Cells::new(self.0.column_by_name(column)?).ok()
    }

    fn show(&self, column: &str) -> String {
        self.cells(column).map(|cells| cells.show(0)).unwrap_or_default()
    }

    fn number(&self, column: &str) -> Option<f64> {
        self.show(column).parse().ok()
    }
}

struct Explainer<'a> {
    frozen: &'a Frozen,
    row: &'a Row,
    /// The customer's criteria on the map, where it has a place there.
    criteria: Option<&'a Row>,
}

impl Explainer<'_> {
    fn show(&self, column: &str) -> String {
        self.row.show(column)
    }

    fn number(&self, column: &str) -> Option<f64> {
        self.row.number(column)
    }

    fn day(&self, column: &str) -> Option<Day> {
        let reader = DateReader::default();
        self.row.cells(column)?.moment(0, &reader).ok().map(|at| at.day)
    }

    fn trace(&self, column: &str, because: impl Into<String>) -> Trace {
        Trace { column: column.into(), value: self.show(column), because: because.into() }
    }

    fn traces(&self) -> Result<Vec<Trace>, Error> {
        let Some(summary) = self.summary() else {
            let revenue = "what is left after returns";
            let orders = "all orders of this customer were returned, so there is nothing to score";
            return Ok(vec![
                self.trace("customer_id", ""),
                self.trace("orders", orders),
                self.trace("revenue", revenue),
            ]);
        };
        let mut traces = self.summary_traces(&summary);
        traces.extend(self.rfm_traces(&summary)?);
        traces.extend(self.value_traces(&summary)?);
        traces.extend(self.cluster_traces(&summary, &self.frozen.fitted.clusters)?);
        traces.extend(self.map_traces());
        Ok(traces)
    }

    /// The customer's row as a summary of one customer; `None` where no purchase stands.
    fn summary(&self) -> Option<Summary> {
        let settings = &self.frozen.settings.summary;
        let revenue = self.number("revenue");
        let spend = revenue.map(|revenue| Spend {
            days: settings.spend_days,
            revenue: clivia_core::base::Money::from_f64(revenue).into_iter().collect(),
            mean: [self.number("mean_spend")].into_iter().collect(),
        });
        Some(Summary {
            as_of: self.frozen.as_of,
            unit: settings.time_unit,
            ids: [self.show("customer_id").as_str()].into_iter().collect(),
            orders: vec![self.number("orders")? as u32],
            frequency: vec![self.number("frequency")? as u32],
            ages: Some(Ages { last_purchase: vec![self.number("last_purchase_age")?], now: vec![self.number("age")?] }),
            first_order: vec![self.day("first_order")?],
            last_order: vec![self.day("last_order")?],
            spend: spend.filter(|spend| spend.revenue.len() == 1),
        })
    }

    fn summary_traces(&self, summary: &Summary) -> Vec<Trace> {
        let (first, last, as_of) = (summary.first_order[0], summary.last_order[0], summary.as_of);
        let unit = summary.unit;
        let span = |from: Day, to: Day| format!("{from} to {to}: {} days / {}", to.days_since(from), unit.days());
        vec![
            self.trace("customer_id", "as in the order file"),
            self.trace("orders", "orders that were not fully returned, or purchase days if the file has no order ids"),
            self.trace("frequency", "x: purchase days after the first"),
            self.trace("last_purchase_age", format!("t_x: {}, in {}", span(first, last), unit.name())),
            self.trace("age", format!("T: {}, in {}", span(first, as_of), unit.name())),
            self.trace("first_order", "the first day with an order that was not fully returned"),
            self.trace("last_order", "the last such day"),
            self.trace("days_since_last", format!("{last} to {as_of}")),
            self.trace("revenue", "sum of the amounts that were used, net of returns"),
            self.trace("mean_spend", format!("over {} purchase days", summary.spend_days(0))),
        ]
    }

    fn rfm_traces(&self, summary: &Summary) -> Result<Vec<Trace>, Error> {
        let scale = &self.frozen.fitted.rfm;
        let rfm = scale.apply(summary)?;
        let mut traces = vec![
            self.trace("r_score", self.score("days_since_last", &scale.recency, 0, rfm.r[0])),
            self.trace("f_score", self.score("orders", &scale.frequency, usize::from(rfm.r[0]) - 1, rfm.f[0])),
        ];
        let cell = 5 * (usize::from(rfm.r[0]) - 1) + usize::from(rfm.f[0]) - 1;
        if let (Some(money), Some(m)) = (&scale.money, &rfm.m) {
            traces.push(self.trace("m_score", self.score("revenue", money, cell, m[0])));
        }
        traces.push(self.trace("rfm_segment", segment(&rfm)));
        Ok(traces)
    }

    fn score(&self, column: &str, scale: &Scale, cell: usize, score: u8) -> String {
        let points = scale.within.get(cell).and_then(Option::as_ref).unwrap_or(&scale.overall);
        let cuts: Vec<String> = points.points.iter().map(|point| point.to_string()).collect();
        format!(
            "{column} {} against the cut points {} (worst to best) scores {score}",
            self.show(column),
            cuts.join(", ")
        )
    }

    fn value_traces(&self, summary: &Summary) -> Result<Vec<Trace>, Error> {
        let frozen = self.frozen;
        let covariates = self.covariates();
        let histories = Histories::grouped(summary, |_| 0);
        let purchases = frozen.fitted.purchases.fitted();
        let model = purchases.map(|report| covariates::from_report(report, summary.unit, &covariates)).transpose()?;
        // Whole time units with a purchase are in no column of the table.
        let traced = model.as_deref().filter(|model| model.name() != ModelName::BgBb);
        let spend = frozen.fitted.spend.fitted().map(SpendName::from_report).transpose()?;
        let again = value_of(summary, &histories, traced, spend.as_deref(), &frozen.settings.value);
        let mut traces = Vec::new();
        if let Some(report) = purchases {
            traces.extend(self.purchase_traces(report, summary, &again));
        }
        if let Some(model) = &spend {
            let because = format!(
                "{}, x = {} purchase days of mean z = {}{}",
                model.formula(),
                summary.spend_days(0),
                or_none(self.number("mean_spend")),
                same(&again.expected_spend, self.number("expected_spend"))
            );
            traces.push(self.trace("expected_spend", because));
        }
        if let (Some(model), Some(spend)) = (traced, again.expected_spend.as_ref()) {
            traces.push(self.clv_trace(model, &histories, summary, spend[0], &again));
        }
        traces.extend(self.interval_traces());
        Ok(traces)
    }

    /// Ends of intervals rest on the errors of the whole base, so they are not worked out again here.
    fn interval_traces(&self) -> Vec<Trace> {
        let level = 100.0 * self.frozen.settings.intervals.level;
        let end = |column: &str| {
            let what = if column.starts_with("clv") { "value" } else { "purchase days" };
            let side = if column.ends_with("low") { "below" } else { "above" };
            let share = 0.5 * (100.0 - level);
            let because = format!(
                "at most {share} % of outcomes lie {side} it: {what} of a customer with this history, by the models' own \
                 distributions and the errors of their parameters"
            );
            self.trace(column, because)
        };
        let columns = ["purchases_low", "purchases_high", "clv_low", "clv_high"];
        columns.into_iter().filter(|column| !self.show(column).is_empty()).map(end).collect()
    }

    /// The covariates of the purchase model, as the customers table carried them through.
    fn covariates(&self) -> Covariates {
        let columns = self.frozen.fitted.purchases.fitted().map_or_else(Vec::new, |report| report.covariates.clone());
        let own = |column: &str| match format!("{PREFIX}{column}") {
            prefixed if self.row.0.column_by_name(&prefixed).is_some() => self.show(&prefixed),
            _ => self.show(column),
        };
        let value = |covariate: &Covariate| match (&covariate.level, own(&covariate.column)) {
            (_, shown) if shown.is_empty() => f64::NAN,
            (Some(level), shown) if shown == *level => 1.0,
            (Some(_), shown) if is_known(&columns, &covariate.column, &shown) => 0.0,
            (Some(_), _) => f64::NAN,
            (None, shown) => shown.parse().ok().or_else(|| flag(&shown)).unwrap_or(f64::NAN),
        };
        let values: Vec<Vec<f64>> = columns.iter().map(|covariate| vec![value(covariate)]).collect();
        Covariates::new(columns, &values, 1)
    }

    fn purchase_traces(&self, report: &FitReport, summary: &Summary, again: &Value) -> [Trace; 2] {
        let (x, t_x, age) = (summary.frequency[0], summary.last_purchase_age(0), summary.age(0));
        let parameters = report.parameters.iter().map(|(name, value)| format!("{name} = {value}"));
        let parameters = parameters.collect::<Vec<_>>().join(", ");
        let at = match again.p_alive {
            Some(_) => format!("x = {x}, t_x = {t_x}, T = {age}"),
            None => format!("the {} with a purchase, which are in no column", summary.unit.name()),
        };
        let alive =
            format!("{} with {parameters} at {at}{}", report.model, same(&again.p_alive, self.number("p_alive")));
        let ahead = format!(
            "the same model, over the next {} of its history{}",
            self.frozen.settings.value.horizon,
            same(&again.expected_purchases, self.number("expected_purchases"))
        );
        [self.trace("p_alive", alive), self.trace("expected_purchases", ahead)]
    }

    fn clv_trace(
        &self,
        model: &dyn PurchaseModel,
        histories: &Histories,
        summary: &Summary,
        spend: f64,
        again: &Value,
    ) -> Trace {
        let terms = &self.frozen.settings.value;
        let because = format!(
            "margin {} x expected spend {spend:.4} x {:.6} purchases, each discounted to {}{}",
            terms.margin,
            discounted_by(terms, summary.unit, model, histories.distinct()[0]),
            summary.as_of,
            same(&again.clv, self.number("clv"))
        );
        self.trace("clv", because)
    }

    fn cluster_traces(&self, summary: &Summary, model: &ClusterModel) -> Result<[Trace; 2], Error> {
        let clusters = model.apply(summary)?;
        let mut because = format!("nearest of {} centroids; ", model.clusters.len());
        for (place, feature) in model.features.iter().enumerate() {
            let own = feature.feature.of(summary, 0);
            let typical = model.clusters.iter().find(|cluster| cluster.cluster == clusters.cluster[0]);
            let typical = typical.and_then(|cluster| cluster.typical.get(place)).copied();
            // Writing into a string cannot fail.
            write!(because, "{} {own} (there typically {}), ", feature.feature.name(), or_none(typical)).ok();
        }
        let label = "the centroid's profile against the whole base";
        Ok([self.trace("cluster", because.trim_end_matches(", ")), self.trace("cluster_label", label)])
    }

    fn map_traces(&self) -> Vec<Trace> {
        let (Ok(map), Some(criteria)) = (self.frozen.contact(), self.criteria) else { return Vec::new() };
        let scale = &map.scale;
        let place = |axis: &str, of: &FittedAxis, column: &str| {
            let (because, score) = weighed(axis, of, criteria);
            let again = same(&score.map(|score| vec![score]), self.number(column));
            self.trace(column, format!("{because}{again}"))
        };
        let position = |column: &str| criteria.show(column);
        let contacted = criteria.number("contacts").is_some_and(|contacts| contacts > 0.0);
        let quality = match contacted {
            true => place("contact", scale.contact(), "contact_quality"),
            false => self.trace("contact_quality", "there was no contact, so it is 0"),
        };
        let cuts = |axis: &FittedAxis| format!("{:?}", axis.thresholds().cuts());
        let cell = format!(
            "attractiveness is at {} of 100, thresholds {}; contact quality is at {}, thresholds {}",
            position("attractiveness_position"),
            cuts(scale.attractiveness()),
            position("contact_position"),
            cuts(scale.contact())
        );
        let distance = format!(
            "contact position {} less attractiveness position {}",
            position("contact_position"),
            position("attractiveness_position")
        );
        let diagnosis =
            format!("under_served below a distance of -{0}, over_served above {0}, aligned between", scale.tolerance());
        let responsiveness = "purchases in the windows after contacts over those expected at the customer's own rate, \
                              shrunk towards the base; an association, not an effect";
        vec![
            self.trace("contacts", "contacts that were used, each once"),
            self.trace("contact_cost", "their cost: from their rows, else from the costs by channel in the settings"),
            place("value", scale.attractiveness(), "attractiveness"),
            quality,
            self.trace("map_distance", distance),
            self.trace("map_cell", cell),
            self.trace("diagnosis", diagnosis),
            self.trace("responsiveness", responsiveness),
        ]
    }
}

/// How a score came about, criterion by criterion, and the score worked out again.
fn weighed(axis: &str, of: &FittedAxis, criteria: &Row) -> (String, Option<f64>) {
    let fitted = of.index().criteria();
    let value =
        |criterion: &FittedCriterion| criteria.number(&criterion_column(axis, &criterion.name)).unwrap_or(f64::NAN);
    let values: Vec<f64> = fitted.iter().map(value).collect();
    let mut points = vec![0.0; values.len()];
    let score = of.index().score(&values, &mut points);
    let present = || fitted.iter().zip(&values).zip(&points).filter(|(_, points)| !points.is_nan());
    // The weights of what a customer lacks go to the rest.
    let weights: f64 = present().map(|((criterion, _), _)| criterion.weight).sum();
    let parts = present().map(|((criterion, value), contribution)| {
        let (of_hundred, weight) = (criterion.points(*value), criterion.weight / weights);
        format!("{} {value} ({of_hundred:.1} of 100, weight {weight:.3}) adds {contribution:.2}", criterion.name)
    });
    (parts.collect::<Vec<_>>().join("; "), Some(score).filter(|score| !score.is_nan()))
}

fn segment(rfm: &Rfm) -> String {
    let m = rfm.m.as_ref().map_or("M taken as F".to_string(), |m| format!("m = {}", m[0]));
    format!("the rule that covers r = {}, f = {}, {m}", rfm.r[0], rfm.f[0])
}

/// Whether the number worked out again is the one in the table.
fn same(again: &Option<Vec<f64>>, written: Option<f64>) -> String {
    match (again.as_ref().and_then(|values| values.first()), written) {
        // Text formats keep the shortest digits that read back alike, so nothing is lost on the way.
        (Some(again), Some(written)) if (again - written).abs() <= 1e-9 * written.abs() => {
            "; computed again: the same".into()
        }
        (Some(again), _) => format!("; computed again: {again}, NOT the same: the files do not belong together"),
        (None, _) => String::new(),
    }
}

fn or_none(value: Option<f64>) -> String {
    value.map_or("none".into(), |value| value.to_string())
}
