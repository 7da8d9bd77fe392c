//! Why a customer has these scores: each number traced to its inputs and worked out again.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use polars::prelude::{BooleanChunked, DataFrame, NewChunkedArray};

use crate::clusters::ClusterModel;
use crate::error::Error;
use crate::export::TableFormat;
use crate::export::staging::RUN_JSON;
use crate::frozen::Frozen;
use crate::map::{Diagnosis, Source as MapSource};
use crate::models::bg_nbd::BgNbd;
use crate::models::gamma_gamma::GammaGamma;
use crate::models::{Histories, PurchaseModel};
use crate::rfm::{Rfm, Scale};
use crate::summary::{Spend, Summary};
use crate::tables::cells::Cells;
use crate::tables::dates::DateReader;
use crate::tables::rejects::spreadsheet_safe;
use crate::tables::sources::Source;
use crate::tables::{Progress, ReadSettings, TableError, Wanted, column_names, for_each_block};
use crate::units::Day;
use crate::value::{Value, discounted_purchases, value};

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
    let frozen = Frozen::load(&folder.join(RUN_JSON))?;
    let source = customers_file(folder)?;
    let row = find(&source, customer)?
        .ok_or_else(|| Error::NoSuchCustomer { file: source.name.clone(), customer: customer.into() })?;
    Explainer { frozen: &frozen, row: &row }.traces()
}

fn customers_file(folder: &Path) -> Result<Source, Error> {
    let endings =
        [TableFormat::Parquet, TableFormat::Csv, TableFormat::Ndjson, TableFormat::Ipc].map(TableFormat::ending);
    let files = endings.map(|ending| folder.join(format!("customers.{ending}")));
    let file = files.into_iter().find(|file| file.exists());
    let file = file.ok_or_else(|| TableError::NoFile(folder.join("customers.parquet").display().to_string()))?;
    Ok(Source::open(file)?)
}

/// The row of a customer, as a table of one row.
fn find(source: &Source, customer: &str) -> Result<Option<DataFrame>, Error> {
    let settings = ReadSettings::default();
    let columns = column_names(source, &settings)?;
    let (written, mut found) = (spreadsheet_safe(customer), None);
    let broken = |error: polars::error::PolarsError| source.broken(error.to_string());
    for_each_block(
        source,
        &settings,
        &Wanted { columns: &columns, fingerprints: false },
        &Arc::<Progress>::default(),
        |_| Ok(()),
        |block, ()| {
            let ids = block.frame.column("customer_id").and_then(Cells::new).map_err(broken)?;
            let is_it = |row: usize| matches!(ids.show(row), id if id == customer || id == written);
            let Some(place) = (0..block.frame.height()).find(|row| is_it(*row)) else { return Ok(None) };
            let mask: Vec<bool> = (0..block.frame.height()).map(|row| row == place).collect();
            block.frame.filter(&BooleanChunked::from_slice("it".into(), &mask)).map(Some).map_err(broken)
        },
        |frame| {
            found = found.take().or(frame);
            Ok(())
        },
    )?;
    Ok(found)
}

struct Explainer<'a> {
    frozen: &'a Frozen,
    row: &'a DataFrame,
}

impl Explainer<'_> {
    fn show(&self, column: &str) -> String {
        self.row.column(column).and_then(Cells::new).map(|cells| cells.show(0)).unwrap_or_default()
    }

    fn number(&self, column: &str) -> Option<f64> {
        self.show(column).parse().ok()
    }

    fn day(&self, column: &str) -> Option<Day> {
        let reader = DateReader { format: None, timezone: chrono_tz::Tz::UTC, order: None };
        self.row.column(column).and_then(Cells::new).ok()?.day(0, &reader).ok()
    }

    fn trace(&self, column: &str, because: impl Into<String>) -> Trace {
        Trace { column: column.into(), value: self.show(column), because: because.into() }
    }

    fn traces(&self) -> Result<Vec<Trace>, Error> {
        let Some(summary) = self.summary() else {
            let revenue = "what is left after returns";
            let orders = "every order of this customer was undone by a return, so there is nothing to score";
            return Ok(vec![
                self.trace("customer_id", ""),
                self.trace("orders", orders),
                self.trace("revenue", revenue),
            ]);
        };
        let mut traces = self.summary_traces(&summary);
        traces.extend(self.rfm_traces(&summary)?);
        traces.extend(self.value_traces(&summary)?);
        traces.extend(self.cluster_traces(&summary, &self.frozen.clusters)?);
        traces.extend(self.map_traces());
        Ok(traces)
    }

    /// The customer's row as a summary of one customer; `None` where no purchase stands.
    fn summary(&self) -> Option<Summary> {
        let settings = &self.frozen.settings.summary;
        let revenue = self.number("revenue");
        let spend = revenue.map(|revenue| Spend {
            days: settings.spend_days,
            revenue: crate::units::Money::from_f64(revenue).into_iter().collect(),
            mean: vec![self.number("mean_spend")],
        });
        Some(Summary {
            as_of: self.frozen.as_of,
            unit: settings.time_unit,
            ids: [self.show("customer_id").as_str()].into_iter().collect(),
            orders: vec![self.number("orders")? as u32],
            frequency: vec![self.number("frequency")? as u32],
            last_purchase_age: vec![self.number("last_purchase_age")?],
            age: vec![self.number("age")?],
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
            self.trace("orders", "distinct order ids that stand, or purchase days where the file has no order ids"),
            self.trace("frequency", "x: purchase days after the first"),
            self.trace("last_purchase_age", format!("t_x: {}, in {}", span(first, last), unit.name())),
            self.trace("age", format!("T: {}, in {}", span(first, as_of), unit.name())),
            self.trace("first_order", "the first day with an order that stands"),
            self.trace("last_order", "the last such day"),
            self.trace("days_since_last", format!("{last} to {as_of}")),
            self.trace("revenue", "sum of the amounts that were used, net of returns"),
            self.trace("mean_spend", format!("over {} purchase days", summary.spend_days(0))),
        ]
    }

    fn rfm_traces(&self, summary: &Summary) -> Result<Vec<Trace>, Error> {
        let scale = &self.frozen.rfm;
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
        let purchases = frozen.purchases.as_ref().map(|report| BgNbd::from_report(report, summary.unit)).transpose()?;
        let spend = frozen.spend.as_ref().map(GammaGamma::from_report).transpose()?;
        let model = purchases.as_ref().map(|model| model as &dyn PurchaseModel);
        let again = value(summary, model, spend.as_ref(), &frozen.settings.value);
        let mut traces = Vec::new();
        if let Some(model) = &purchases {
            traces.extend(self.purchase_traces(model, summary, &again));
        }
        if let Some(model) = &spend {
            let GammaGamma { p, q, v } = model;
            let because = format!(
                "(p v + p x z) / (p x + q - 1) with p = {p}, q = {q}, v = {v}, x = {} purchase days of mean z = {}{}",
                summary.spend_days(0),
                or_none(self.number("mean_spend")),
                same(&again.expected_spend, self.number("expected_spend"))
            );
            traces.push(self.trace("expected_spend", because));
        }
        if let (Some(model), Some(spend)) = (&purchases, again.expected_spend.as_ref()) {
            traces.push(self.clv_trace(model, summary, spend[0], &again));
        }
        Ok(traces)
    }

    fn purchase_traces(&self, model: &BgNbd, summary: &Summary, again: &Value) -> [Trace; 2] {
        let BgNbd { r, alpha, a, b } = model;
        let (x, t_x, age) = (summary.frequency[0], summary.last_purchase_age[0], summary.age[0]);
        let alive = format!(
            "BG/NBD with r = {r}, alpha = {alpha}, a = {a}, b = {b} at x = {x}, t_x = {t_x}, T = {age}{}",
            same(&again.p_alive, self.number("p_alive"))
        );
        let ahead = format!(
            "the same model, over the next {} of its history{}",
            self.frozen.settings.value.horizon,
            same(&again.expected_purchases, self.number("expected_purchases"))
        );
        [self.trace("p_alive", alive), self.trace("expected_purchases", ahead)]
    }

    fn clv_trace(&self, model: &BgNbd, summary: &Summary, spend: f64, again: &Value) -> Trace {
        let terms = &self.frozen.settings.value;
        let horizon = terms.horizon.in_units(summary.unit);
        let delta = terms.discount_rate.continuous(summary.unit);
        let history = Histories::of(summary).distinct()[0];
        let because = format!(
            "margin {} x expected spend {spend:.4} x {:.6} purchases, each discounted to {}{}",
            terms.margin,
            discounted_purchases(model, history, horizon, delta),
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
        let (Ok(map), Some(contact)) = (self.frozen.map(), self.number("contact_quality")) else { return Vec::new() };
        let scale = &map.scale;
        let column = match scale.source() {
            MapSource::Clv => "clv",
            MapSource::ExpectedPurchases => "expected_purchases",
            MapSource::Revenue => "revenue",
            MapSource::Orders => "orders",
        };
        let again = self.number(column).and_then(|value| scale.attractiveness().scale.coordinate(value));
        let attractiveness = format!(
            "percentile of {column} {}{}",
            self.show(column),
            same(&again.map(|again| vec![again]), self.number("attractiveness"))
        );
        let cuts = |axis: &crate::map::FittedAxis| format!("{:?}", axis.thresholds.cuts());
        let cell = format!(
            "attractiveness {} cut at {}, contact quality {contact} cut at {}",
            self.show("attractiveness"),
            cuts(scale.attractiveness()),
            cuts(scale.contact())
        );
        let quality = format!(
            "percentile of the contacts' weights, each halved every {} days; 0 where no contact counts",
            self.frozen.settings.contacts.half_life_days
        );
        let levels = format!(
            "{}, {} or {}: the level of contact against the level of attractiveness",
            Diagnosis::UnderServed,
            Diagnosis::Aligned,
            Diagnosis::OverServed
        );
        vec![
            self.trace("attractiveness", attractiveness),
            self.trace("contact_quality", quality),
            self.trace("map_cell", cell),
            self.trace("diagnosis", levels),
        ]
    }
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
            "; worked out again: the same".into()
        }
        (Some(again), _) => format!("; worked out again: {again}, NOT the same, the files do not belong together"),
        (None, _) => String::new(),
    }
}

fn or_none(value: Option<f64>) -> String {
    value.map_or("none".into(), |value| value.to_string())
}
