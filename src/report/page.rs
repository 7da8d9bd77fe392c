//! The page: sections put into HTML, and what keeps it from anything else.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use minijinja::{Environment, Value, context};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::figure::{Figure, Listed, Part, Section, Told};
use crate::messages::{Arg, Messages};
use crate::numbers::{Format, number, plain, rich};
use crate::table::{Cell, Table};
use crate::{Report, ReportError};

const TEMPLATE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/style.css");
pub(super) const ECHARTS: &str = include_str!("vendor/echarts.min.js");
pub(super) const CHARTS: &str = include_str!("page/charts.js");
const PAGE: &str = include_str!("page/page.js");
/// The licences of what the page carries.
const LICENCES: [&str; 3] = [
    include_str!("vendor/ECHARTS-NOTICE"),
    include_str!("vendor/ECHARTS-LICENSE"),
    include_str!("vendor/ECHARTS-LICENSE-d3"),
];

/// Words that charts use themselves.
pub(super) const CHART_WORDS: [&str; 9] =
    ["density", "cells", "under_served", "aligned", "over_served", "customer", "customers", "diagnosis", "clv"];

impl Report {
    /// The page.
    ///
    /// # Errors
    /// [`ReportError::Template`] where it cannot be put together.
    pub fn html(&self) -> Result<String, ReportError> {
        let broken = |error: minijinja::Error| ReportError::Template(format!("{error:#}"));
        let mut environment = Environment::new();
        environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
        environment.add_template("page.html", TEMPLATE).map_err(broken)?;
        let shown = Shown { messages: &self.messages };
        let sections: Vec<Value> = self.sections.iter().map(|section| shown.section(section)).collect();
        let word = |key: &str| self.messages.word(key);
        let data = data(&self.messages, &self.figures())?;
        let page = environment.get_template("page.html").map_err(broken)?.render(context! {
            lang => self.messages.lang.code(),
            policy => policy(),
            version => &self.record.version,
            title => word("title"),
            subtitle => Value::from_safe_string(rich(&self.subtitle(), self.messages.lang)),
            sections,
            words => context! {
                skip => word("skip"), contents => word("contents"), table => word("table"), keys => word("keys"),
                no_script => word("no-script"), licences => word("licences"), charts_by => word("charts-by"),
                made_by => self.messages.say("made-by", &[("version", Arg::Text(&self.record.version))]),
                cell => word("choose-cell"), all_cells => word("all-cells"), none_listed => word("none-listed"),
                languages => self.languages(),
            },
            licences => LICENCES.join("\n\n"),
            style => Value::from_safe_string(STYLE.into()),
            data => Value::from_safe_string(data),
            echarts => Value::from_safe_string(ECHARTS.into()),
            charts => Value::from_safe_string(CHARTS.into()),
            page => Value::from_safe_string(PAGE.into()),
        });
        page.map_err(broken)
    }

    /// All its charts.
    pub(super) fn figures(&self) -> Vec<&Figure> {
        let parts = self.sections.iter().flat_map(|section| &section.parts);
        let chart = |part: &'_ Part| matches!(part, Part::Chart(_));
        parts
            .filter(|part| chart(part))
            .filter_map(|part| if let Part::Chart(figure) = part { Some(figure) } else { None })
            .collect()
    }

    fn subtitle(&self) -> String {
        let as_of = self.record.as_of.to_string();
        self.messages.say("subtitle", &[("date", Arg::Text(&as_of))])
    }

    /// What stays in the language of the run, where the page has another.
    fn languages(&self) -> String {
        match self.messages.lang {
            super::Lang::En => String::new(),
            _ => self.messages.say("languages-note", &[("words", Arg::Text("English"))]),
        }
    }
}

/// The page may run its own scripts and have its own style; nothing may be loaded, sent, or framed.
fn policy() -> String {
    let hash = |text: &str| format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text.as_bytes())));
    format!(
        "default-src 'none'; script-src {} {} {}; style-src-elem {}; style-src-attr 'unsafe-inline'; img-src data:; \
         base-uri 'none'; form-action 'none'",
        hash(ECHARTS),
        hash(CHARTS),
        hash(PAGE),
        hash(STYLE)
    )
}

/// What the scripts are told, as JSON that cannot end its element.
fn data(messages: &Messages, figures: &[&Figure]) -> Result<String, ReportError> {
    #[derive(Serialize)]
    struct Data<'a> {
        words: std::collections::BTreeMap<&'static str, String>,
        figures: Vec<Told<'a>>,
    }
    let figures = figures.iter().map(|figure| figure.told()).collect();
    let json = serde_json::to_string(&Data { words: chart_words(messages), figures });
    let json = json.map_err(|error| ReportError::Template(error.to_string()))?;
    Ok(json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029"))
}

/// The words that charts use themselves, by their names in the scripts.
pub(super) fn chart_words(messages: &Messages) -> std::collections::BTreeMap<&'static str, String> {
    CHART_WORDS.into_iter().map(|name| (name, messages.word(&format!("column-{}", name.replace('_', "-"))))).collect()
}

/// Parts as the template takes them: HTML where there are numbers in sentences.
struct Shown<'a> {
    messages: &'a Messages,
}

impl Shown<'_> {
    fn rich(&self, said: &str) -> Value {
        Value::from_safe_string(rich(said, self.messages.lang))
    }

    fn section(&self, section: &Section) -> Value {
        let said: Vec<Value> = section.said.iter().map(|said| self.rich(said)).collect();
        let parts: Vec<Value> = section.parts.iter().map(|part| self.part(part)).collect();
        context! { id => section.id, title => &section.title, said, parts }
    }

    fn part(&self, part: &Part) -> Value {
        match part {
            Part::Chart(figure) => self.figure(figure),
            Part::Table { title, table, folded } => {
                context! { kind => "table", title => title, folded => folded, table => self.table(table, &[]) }
            }
            Part::Listed(listed) => self.listed(listed),
        }
    }

    fn figure(&self, figure: &Figure) -> Value {
        let alt = self.messages.say("alt", &[("title", Arg::Text(&figure.title))]);
        context! {
            kind => "chart",
            id => figure.id,
            title => &figure.title,
            reading => self.rich(&figure.reading),
            alt => format!("{} {}", plain(&alt, self.messages.lang), plain(&figure.reading, self.messages.lang)),
            wide => figure.is_wide,
            drawn => figure.chart.get("kind").and_then(|kind| kind.as_str()),
            rows => figure.table.rows.len(),
            table => self.table(&figure.table, &[]),
        }
    }

    fn listed(&self, listed: &Listed) -> Value {
        let cells: Vec<Value> =
            listed.cells.iter().map(|(name, shown)| context! { name => name, shown => shown }).collect();
        context! {
            kind => "listed",
            title => &listed.title,
            said => self.rich(&listed.said),
            cells,
            table => self.table(&listed.table, &listed.of),
        }
    }

    fn table(&self, table: &Table, of: &[String]) -> Value {
        let heads: Vec<Value> = table
            .columns
            .iter()
            .map(|column| context! { label => &column.label, number => column.format != Format::Text })
            .collect();
        let rows: Vec<Value> = table
            .rows
            .iter()
            .enumerate()
            .map(|(place, row)| {
                let cells: Vec<Value> =
                    row.iter().zip(&table.columns).map(|(cell, column)| self.cell(cell, column.format)).collect();
                context! { cells, of => of.get(place) }
            })
            .collect();
        context! { heads, rows }
    }

    fn cell(&self, cell: &Cell, format: Format) -> Value {
        let html = match cell {
            Cell::Text(text) => format!("<bdi>{}</bdi>", minijinja::HtmlEscape(text)),
            Cell::Number(value) => number(format, *value, self.messages.lang),
            Cell::Day(day) => format!("<time datetime=\"{day}\" data-v=\"{day}\" data-f=\"date\">{day}</time>"),
            Cell::None(()) => "–".into(),
        };
        context! { html => Value::from_safe_string(html), number => format != Format::Text }
    }
}
