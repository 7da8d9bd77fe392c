//! A chart with its words and its table; sections of them.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::messages::Messages;
use crate::numbers::Format;
use crate::table::{Cell, Table};

/// A part of the page.
#[derive(Debug, Clone, Default)]
pub(super) struct Section {
    pub(super) id: &'static str,
    pub(super) title: String,
    /// Sentences under the title, numbers between marks.
    pub(super) said: Vec<String>,
    pub(super) parts: Vec<Part>,
}

/// What stands in a section.
#[derive(Debug, Clone)]
pub(super) enum Part {
    Chart(Figure),
    /// A table without a chart, folded in where it is only for reference.
    Table {
        title: String,
        table: Table,
        folded: bool,
    },
    /// The customers worth a look first, by cell of the map.
    Listed(Listed),
}

/// A chart and the table that it is drawn from.
#[derive(Debug, Clone)]
pub(super) struct Figure {
    pub(super) id: &'static str,
    pub(super) title: String,
    /// How to read it.
    pub(super) reading: String,
    /// How it is drawn.
    pub(super) chart: Value,
    pub(super) table: Table,
    /// Whether it takes the whole width.
    pub(super) is_wide: bool,
}

/// The list beside the map.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) title: String,
    pub(super) said: String,
    /// Cells to choose from: the name and how it is shown.
    pub(super) cells: Vec<(String, String)>,
    pub(super) table: Table,
    /// The cell of each row.
    pub(super) of: Vec<String>,
}

/// What the page's script is told of a figure.
#[derive(Serialize)]
pub(super) struct Told<'a> {
    id: &'a str,
    title: &'a str,
    columns: &'a [super::table::Column],
    rows: &'a [Vec<Cell>],
    chart: &'a Value,
}

impl Figure {
    /// A chart by the words of its id.
    pub(super) fn new(messages: &Messages, id: &'static str, chart: Chart, table: Table) -> Self {
        Figure {
            id,
            title: messages.word(&format!("{id}-title")),
            reading: messages.word(&format!("{id}-reading")),
            chart: chart.resolved(&table),
            table,
            is_wide: false,
        }
    }

    pub(super) fn wide(mut self) -> Self {
        self.is_wide = true;
        self
    }

    pub(super) fn told(&self) -> Told<'_> {
        let Figure { id, title, chart, table, .. } = self;
        Told { id, title, columns: &table.columns, rows: &table.rows, chart }
    }
}

/// How a table is drawn: columns by their keys.
#[derive(Debug, Clone, Default)]
pub(super) struct Chart {
    kind: &'static str,
    columns: Vec<(&'static str, &'static str)>,
    series: Vec<&'static str>,
    spans: Vec<[&'static str; 3]>,
    more: Map<String, Value>,
}

impl Chart {
    pub(super) fn new(kind: &'static str) -> Self {
        Chart { kind, ..Chart::default() }
    }

    /// A part in the chart that a column plays, such as `x`.
    pub(super) fn column(mut self, part: &'static str, key: &'static str) -> Self {
        self.columns.push((part, key));
        self
    }

    /// Columns that are drawn; those that the table lacks are left out.
    pub(super) fn series(mut self, keys: &[&'static str]) -> Self {
        self.series.extend(keys);
        self
    }

    /// The interval of a series, from a column to a column.
    pub(super) fn span(mut self, of: &'static str, low: &'static str, high: &'static str) -> Self {
        self.spans.push([of, low, high]);
        self
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.into(), value.into());
        self
    }

    /// Columns by their places.
    fn resolved(self, table: &Table) -> Value {
        let mut chart = self.more;
        chart.insert("kind".into(), self.kind.into());
        for (part, key) in self.columns {
            if let Some(place) = table.place(key) {
                chart.insert(part.into(), place.into());
            }
        }
        if !self.series.is_empty() {
            let places: Vec<usize> = self.series.iter().filter_map(|key| table.place(key)).collect();
            chart.insert("series".into(), places.into());
        }
        let span = |[of, low, high]: [&'static str; 3]| {
            Some(json!({ "of": table.place(of)?, "low": table.place(low)?, "high": table.place(high)? }))
        };
        let spans: Vec<Value> = self.spans.into_iter().filter_map(span).collect();
        if !spans.is_empty() {
            chart.insert("spans".into(), spans.into());
        }
        Value::Object(chart)
    }
}

/// A table whose columns are labelled by the words of their keys.
pub(super) fn table(messages: &Messages, columns: &[(&'static str, Format)]) -> Table {
    Table::new(columns.iter().map(|(key, format)| (*key, messages.word(&format!("column-{key}")), *format)).collect())
}
