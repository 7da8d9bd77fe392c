//! Flags that are settings: what was typed is laid over the config.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Failure;
use crate::words::{
    BinsArg, ConsentArg, ConventionArg, DecimalArg, DuplicatesArg, FoldArg, MethodArg, NotConvergedArg, PerArg,
    PlaceholdersArg, PriorArg, ReturnsArg, SpendArg, SpendModelArg, UnitArg, UnmatchedArg, ZeroArg,
};
use chrono_tz::Tz;
use clap::Args;
use clivia_core::base::{Day, DiscountRate, Horizon, share};
use clivia_core::clusters::ClusterCount;
use clivia_core::control::Control;
use clivia_core::models::ModelChoice;
use clivia_core::notes::Note;
use clivia_io::contacts::ContactColumns;
use clivia_io::files;
use clivia_io::items;
use clivia_io::memory::{Bytes, LEAST, Memory, NoBytes};
use clivia_io::plan::ReadSettings;
use clivia_io::settings::Settings;
use clivia_io::source::Source;
use clivia_run::error::Error;
use clivia_run::state::Reading;

/// How files are read and cleaned.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading")]
pub(super) struct ReadArgs {
    /// Settings file; `clivia init` writes one with all defaults
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// The last day that counts [default: the last day in the data]
    #[arg(long, value_name = "DATE")]
    as_of: Option<Day>,
    /// Customer column [default: found by its name]
    #[arg(long, value_name = "COLUMN")]
    pub(super) customer: Option<String>,
    /// Date column
    #[arg(long, value_name = "COLUMN")]
    date: Option<String>,
    /// Amount column, or an expression such as "Quantity * UnitPrice"
    #[arg(
        long,
        value_name = "COLUMN|EXPR",
        allow_hyphen_values = true,
        value_parser = clap::builder::NonEmptyStringValueParser::new()
    )]
    amount: Option<String>,
    /// Order-id column
    #[arg(long, value_name = "COLUMN")]
    order: Option<String>,
    /// Keep the order rows for which this condition is true, such as "status = 'paid' AND amount > 0"
    #[arg(long = "where", value_name = "CONDITION", allow_hyphen_values = true)]
    condition: Option<String>,
    /// The currency of the results; rows in a currency without a rate are refused
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// Currency column
    #[arg(long, value_name = "COLUMN")]
    currency_column: Option<String>,
    /// What negative amounts do [default: net]
    #[arg(long, value_enum, value_name = "POLICY")]
    pub(super) returns: Option<ReturnsArg>,
    /// What happens to equal lines [default: auto]
    #[arg(long, value_enum, value_name = "POLICY")]
    pub(super) duplicates: Option<DuplicatesArg>,
    /// What happens to amounts of zero [default: keep]
    #[arg(long, value_enum, value_name = "POLICY")]
    zero_amounts: Option<ZeroArg>,
    /// Column of status or type that says which rows are purchases, or none: all are [default: found out]
    #[arg(long, value_name = "COLUMN|none")]
    status: Option<String>,
    /// Column of what was given back of an amount, or none [default: found by its name]
    #[arg(long, value_name = "COLUMN|none")]
    refunded: Option<String>,
    /// Whose amount a row holds [default: auto]
    #[arg(long, value_enum, value_name = "WHOSE")]
    amount_per: Option<PerArg>,
    /// Whether ids that differ only in case and blanks are one [default: auto]
    #[arg(long, value_enum, value_name = "WHEN")]
    fold_ids: Option<FoldArg>,
    /// What happens to ids such as 0 or guest [default: ask]
    #[arg(long, value_enum, value_name = "POLICY")]
    placeholders: Option<PlaceholdersArg>,
    #[command(flatten)]
    pub(super) files: FileArgs,
}

/// Fails where a flag says what the plan says already.
pub(super) fn check_planned(plan: Option<&Path>, read: &ReadArgs) -> Result<(), Failure> {
    match (plan, read.first_planned()) {
        (Some(_), Some(flag)) => Err(Failure::Usage(format!(
            "{flag} cannot be used with --plan, which says how orders are read; leave one of them out, or write a new plan \
             with clivia check --save"
        ))),
        _ => Ok(()),
    }
}

/// How files are read, whatever table they hold.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading")]
pub(super) struct FileArgs {
    /// How dates are written, such as %d/%m/%Y, or the order of their parts: dmy, mdy, ymd
    #[arg(long, value_name = "FORMAT")]
    date_format: Option<String>,
    /// Time zone that decides the day of a timestamp with a zone [default: as written]
    #[arg(long, value_name = "ZONE")]
    timezone: Option<Tz>,
    /// Delimiter of text files: , ; | or tab [default: detected]
    #[arg(long, value_name = "CHAR")]
    delimiter: Option<String>,
    /// Encoding of text files, such as windows-1252 [default: detected]
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Line of the header, if lines of another kind stand above it [default: detected]
    #[arg(long, value_name = "N")]
    header_line: Option<u64>,
    /// Sheet of a workbook, by name or number [default: the only one with rows]
    #[arg(long, value_name = "SHEET")]
    sheet: Option<String>,
    /// Decimal sign of numbers [default: as each column of amounts shows]
    #[arg(long, value_enum, value_name = "SIGN")]
    decimal: Option<DecimalArg>,
    /// The export that a file is: a name that clivia profiles lists, none, or a file [default: by the header]
    #[arg(long, value_name = "NAME|none|FILE")]
    profile: Option<String>,
    /// Stop where more than this share of rows or money could not be read; 1 goes on whatever is lost [default: 0.2]
    #[arg(long, value_name = "SHARE", value_parser = any_share)]
    unreadable_error: Option<f64>,
    /// Stop at the first refused row with exit code 1
    #[arg(long)]
    pub(super) strict: bool,
}

impl FileArgs {
    /// Lays the flags over settings.
    pub(super) fn lay_over(&self, read: &mut ReadSettings) {
        set(&mut read.date_format, self.date_format.clone());
        set(&mut read.timezone, self.timezone.map(Some));
        set(&mut read.delimiter, self.delimiter.clone());
        set(&mut read.encoding, self.encoding.clone());
        set(&mut read.header_line, self.header_line);
        set(&mut read.sheet, self.sheet.clone());
        read.decimal = self.decimal.map(Into::into).or(read.decimal);
        set(&mut read.unreadable_error, self.unreadable_error);
        set(&mut read.profile, self.profile.clone());
    }

    /// Each flag, and whether it was typed.
    fn typed(&self) -> [(&'static str, bool); 10] {
        [
            ("--date-format", self.date_format.is_some()),
            ("--timezone", self.timezone.is_some()),
            ("--delimiter", self.delimiter.is_some()),
            ("--encoding", self.encoding.is_some()),
            ("--header-line", self.header_line.is_some()),
            ("--sheet", self.sheet.is_some()),
            ("--decimal", self.decimal.is_some()),
            ("--profile", self.profile.is_some()),
            ("--unreadable-error", self.unreadable_error.is_some()),
            ("--strict", self.strict),
        ]
    }
}

/// How the contact log is read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Contact log")]
pub(super) struct ContactArgs {
    /// Customer column of the contact log [default: found by its name]
    #[arg(long, value_name = "COLUMN")]
    contact_customer: Option<String>,
    /// Date column of the contact log
    #[arg(long, value_name = "COLUMN")]
    contact_date: Option<String>,
    /// Channel column
    #[arg(long, value_name = "COLUMN")]
    channel: Option<String>,
    /// The channel of all contacts, such as email
    #[arg(long, value_name = "CHANNEL", conflicts_with = "channel")]
    channel_is: Option<String>,
    /// Direction column: who contacted whom
    #[arg(long, value_name = "COLUMN")]
    direction: Option<String>,
    /// The direction of all contacts: out (the company contacts the customer) or in
    #[arg(long, value_name = "in|out", conflicts_with = "direction")]
    direction_is: Option<String>,
    /// Outcome column
    #[arg(long, value_name = "COLUMN")]
    outcome: Option<String>,
    /// Cost column of the contact log
    #[arg(long, value_name = "COLUMN")]
    contact_cost: Option<String>,
    /// Column that says whether sending failed, or none
    #[arg(long, value_name = "COLUMN|none")]
    contact_failed: Option<String>,
    /// Column that says what became of sending, or none
    #[arg(long, value_name = "COLUMN|none")]
    contact_status: Option<String>,
    /// Whether corrections obey columns such as do_not_call or unsubscribed_at [default: obey]
    #[arg(long, value_enum, value_name = "WHAT")]
    consent: Option<ConsentArg>,
    /// What happens if no contact is of a customer who ordered [default: error]
    #[arg(long, value_enum, value_name = "WHAT")]
    unmatched: Option<UnmatchedArg>,
}

impl ContactArgs {
    /// Lays the flags over settings. A constant takes the place of a column, and a column that of a constant.
    pub(super) fn lay_over(&self, columns: &mut ContactColumns) {
        set(&mut columns.customer, self.contact_customer.clone());
        set(&mut columns.date, self.contact_date.clone());
        set_one(&mut columns.channel, &mut columns.channel_is, &self.channel, &self.channel_is);
        set_one(&mut columns.direction, &mut columns.direction_is, &self.direction, &self.direction_is);
        set(&mut columns.outcome, self.outcome.clone());
        set(&mut columns.cost, self.contact_cost.clone());
        set(&mut columns.failed, self.contact_failed.clone());
        set(&mut columns.status, self.contact_status.clone());
        set(&mut columns.consent, self.consent.map(Into::into));
        set(&mut columns.unmatched, self.unmatched.map(Into::into));
    }
}

/// Sets a column or what holds for all rows, whichever was typed; the other is empty then.
fn set_one(column: &mut String, constant: &mut String, typed: &Option<String>, typed_constant: &Option<String>) {
    if typed.is_some() || typed_constant.is_some() {
        *column = typed.clone().unwrap_or_default();
        *constant = typed_constant.clone().unwrap_or_default();
    }
}

/// Sources, and what is to be said of them.
type Noted = (Vec<Arc<dyn Source>>, Vec<Note>);

/// The order files, or the one of them with its items beside it, and what is to be said of that.
pub(super) fn with_items(orders: &[PathBuf], items: Option<&Path>, settings: &Settings) -> Result<Noted, Error> {
    let orders = files::find(orders)?;
    let Some(items) = items else { return Ok((orders, Vec::new())) };
    let (items, order) = (files::find_one(items)?, &settings.orders.order);
    let joined = items::join(&orders, &items, order, &settings.read, &Control::default())?;
    Ok((vec![Arc::new(joined.source)], joined.notes))
}

/// How much memory a run takes.
#[derive(Debug, Args)]
pub(super) struct MemoryArgs {
    /// Use at most this much memory, such as 8GiB; order lines beyond it wait on disk [default: half of what is free]
    #[arg(long, value_name = "SIZE", value_parser = enough_memory)]
    memory: Option<Bytes>,
    /// Folder for order lines that wait on disk [default: the folder of the results]
    #[arg(long, value_name = "DIR")]
    temp_dir: Option<PathBuf>,
}

impl MemoryArgs {
    /// The memory of a run whose results go to a folder.
    pub(super) fn within(&self, results: &Path) -> Result<Memory, Failure> {
        let folder = self.temp_dir.as_deref().unwrap_or(results);
        if !folder.is_dir() {
            let text = format!("--temp-dir {}: there is no such folder; name an existing one", folder.display());
            return Err(Failure::Usage(text));
        }
        Ok(match self.memory {
            Some(bytes) => Memory { bytes, folder: folder.into() },
            None => Memory::half_of_free(folder),
        })
    }
}

fn enough_memory(text: &str) -> Result<Bytes, String> {
    let bytes: Bytes = text.parse().map_err(|error: NoBytes| error.to_string())?;
    if bytes >= LEAST { Ok(bytes) } else { Err(format!("{bytes} is too little memory; give {LEAST} or more")) }
}

/// How orders are summed up.
#[derive(Debug, Args)]
pub(super) struct SummaryArgs {
    /// The unit of ages [default: weeks]
    #[arg(long, value_enum, value_name = "UNIT")]
    time_unit: Option<UnitArg>,
    /// Mean spend over the purchase days after the first, or over all [default: repeat]
    #[arg(long, value_enum, value_name = "DAYS")]
    spend_days: Option<SpendArg>,
}

impl SummaryArgs {
    /// Lays the flags over settings.
    pub(super) fn lay_over(&self, settings: &mut Settings) {
        set(&mut settings.summary.time_unit, self.time_unit.map(Into::into));
        set(&mut settings.summary.spend_days, self.spend_days.map(Into::into));
    }
}

/// How customers are scored.
#[derive(Debug, Args)]
#[command(next_help_heading = "Scoring")]
pub(super) struct ScoringArgs {
    #[command(flatten)]
    summary: SummaryArgs,
    #[command(flatten)]
    models: ModelArgs,
    /// How far ahead value is counted: 39w, 90d, 12m, 2y [default: 52w]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    horizon: Option<Horizon>,
    /// Annual discount rate, such as 0.08 or 8% [default: 0.10]
    #[arg(long, value_name = "RATE", allow_hyphen_values = true)]
    discount_rate: Option<DiscountRate>,
    /// Discount from each moment, or at the end of each month [default: continuous]
    #[arg(long, value_enum, value_name = "HOW")]
    clv_convention: Option<ConventionArg>,
    /// Share of spend that is profit, such as 0.3 or 30%, or column: what the margin or cost column shows [default: 1.0]
    #[arg(long, value_name = "SHARE|column", value_parser = margin, allow_hyphen_values = true)]
    margin: Option<MarginArg>,
    /// Level of the prediction intervals of purchases and value, or off [default: 0.8]
    #[arg(long, value_name = "SHARE|off", value_parser = interval, allow_hyphen_values = true)]
    interval: Option<f64>,
    /// Bootstrap replicates for the errors of the parameters [default: 0, errors from the Hessian]
    #[arg(long, value_name = "N")]
    bootstrap: Option<u32>,
    /// RFM scores over everybody, or nested [default: independent]
    #[arg(long, value_enum, value_name = "KIND")]
    bins: Option<BinsArg>,
    /// Number of clusters, or auto: by silhouette [default: auto]
    #[arg(long, value_name = "K", value_parser = cluster_count)]
    clusters: Option<ClusterCount>,
    /// Method of clustering: k-means, or a mixture of normal distributions [default: k-means]
    #[arg(long, value_enum, value_name = "METHOD")]
    cluster_method: Option<MethodArg>,
}

/// Which models are fitted, and how.
#[derive(Debug, Args)]
pub(super) struct ModelArgs {
    /// Purchase model: bg-nbd, mbg-nbd, pareto-nbd, ggompertz-nbd, bg-cnbd-k, mbg-cnbd-k, bg-bb, nbd, or auto: the
    /// one that predicts a holdout best [default: bg-nbd]
    #[arg(long, value_name = "MODEL")]
    model: Option<ModelChoice>,
    /// Spend model [default: gamma-gamma]
    #[arg(long, value_enum, value_name = "MODEL")]
    spend_model: Option<SpendModelArg>,
    /// A column of the customers table that affects the rates of bg-nbd or pareto-nbd; may be repeated
    #[arg(long, value_name = "COLUMN")]
    covariate: Vec<String>,
    /// Length of the holdout of auto: 39w, 90d, 12m [default: a third of the observed time]
    #[arg(long, value_name = "TIME")]
    pub(super) holdout: Option<Horizon>,
    /// What happens if a fit finds no maximum: end the run, or leave its columns empty [default: error]
    #[arg(long, value_enum, value_name = "WHAT")]
    not_converged: Option<NotConvergedArg>,
    #[command(flatten)]
    fit: FitArgs,
}

/// How models are fitted.
#[derive(Debug, Args)]
pub(super) struct FitArgs {
    /// Prior: none, or weakly informative for small bases [default: none]
    #[arg(long, value_enum, value_name = "PRIOR")]
    prior: Option<PriorArg>,
    /// Penalty that pulls parameters towards a centre, for fits that find no maximum [default: 0]
    #[arg(long, value_name = "P", allow_hyphen_values = true)]
    penalty: Option<f64>,
    /// k of the CNBD-k models: how regular purchases are; 0 chooses it by likelihood [default: 0]
    #[arg(long, value_name = "K")]
    regularity: Option<u32>,
}

impl FitArgs {
    /// Lays the flags over settings.
    pub(super) fn lay_over(&self, settings: &mut Settings) {
        let models = &mut settings.models;
        set(&mut models.fit.prior, self.prior.map(Into::into));
        set(&mut models.fit.penalty, self.penalty);
        set(&mut models.fit.regularity, self.regularity);
    }
}

impl ModelArgs {
    /// Lays the flags over settings.
    pub(super) fn lay_over(&self, settings: &mut Settings) {
        let models = &mut settings.models;
        set(&mut models.purchases, self.model);
        set(&mut models.spend, self.spend_model.map(Into::into));
        if !self.covariate.is_empty() {
            models.covariates.clone_from(&self.covariate);
        }
        models.holdout = self.holdout.or(models.holdout);
        set(&mut models.not_converged, self.not_converged.map(Into::into));
        self.fit.lay_over(settings);
    }

    /// Each flag, and whether it was typed.
    fn typed(&self) -> [(&'static str, bool); 8] {
        [
            ("--model", self.model.is_some()),
            ("--spend-model", self.spend_model.is_some()),
            ("--covariate", !self.covariate.is_empty()),
            ("--holdout", self.holdout.is_some()),
            ("--prior", self.fit.prior.is_some()),
            ("--penalty", self.fit.penalty.is_some()),
            ("--regularity", self.fit.regularity.is_some()),
            ("--not-converged", self.not_converged.is_some()),
        ]
    }
}

/// A share, or what the orders show.
#[derive(Debug, Clone, Copy)]
enum MarginArg {
    Share(f64),
    Column,
}

fn margin(text: &str) -> Result<MarginArg, String> {
    match text {
        "column" => Ok(MarginArg::Column),
        _ => margin_share(text).map(MarginArg::Share).map_err(|error| format!("{error}, or column")),
    }
}

/// A share of spend or price that is profit.
pub(super) fn margin_share(text: &str) -> Result<f64, String> {
    match share::parse(text) {
        Some(share) if share > 0.0 && share <= 1.0 => Ok(share),
        Some(share) if share > 1.0 && share <= 100.0 => Err(format!(
            "{share} is more than all of the spend; for {share} percent write {share}% or {}",
            share / 100.0
        )),
        Some(share) if share <= 0.0 => {
            Err("nothing, or less, would be profit; it is a share such as 0.3 or 30%".into())
        }
        _ => Err("it is a share such as 0.3 or 30%".into()),
    }
}

pub(super) fn any_share(text: &str) -> Result<f64, String> {
    let share = share::parse(text).filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "it is a share from 0 to 1, such as 0.2 or 20%".into())
}

fn interval(text: &str) -> Result<f64, String> {
    match (text, share::parse(text)) {
        ("off", _) => Ok(0.0),
        (_, Some(share)) if (0.01..=0.999).contains(&share) => Ok(share),
        _ => Err("it is off or a share from 0.01 to 0.999, such as 0.8 or 80%".into()),
    }
}

fn cluster_count(text: &str) -> Result<ClusterCount, String> {
    match (text, text.parse()) {
        ("auto", _) => Ok(ClusterCount::Auto),
        (_, Ok(k)) if (1..=100).contains(&k) => Ok(ClusterCount::Fixed(k)),
        _ => Err("it is auto or a number from 1 to 100".into()),
    }
}

impl ReadArgs {
    /// The config's settings, or the defaults.
    pub(super) fn base(&self) -> Result<Settings, Error> {
        Ok(self.config.as_deref().map(Settings::load).transpose()?.unwrap_or_default())
    }

    /// The config's settings over those of a state.
    pub(super) fn base_over(&self, reading: &Reading) -> Result<Settings, Error> {
        let mut settings = Settings::default();
        reading.lay_over(&mut settings);
        Ok(self.config.as_deref().map(|config| settings.load_over(config)).transpose()?.unwrap_or(settings))
    }

    /// Whether an as-of date was typed.
    pub(super) fn has_as_of(&self) -> bool {
        self.as_of.is_some()
    }

    /// The first flag that was typed of those that decide what rows mean.
    pub(super) fn first_typed(&self) -> Option<&'static str> {
        self.typed().next()
    }

    /// The first flag that was typed of those that a plan decides.
    pub(super) fn first_planned(&self) -> Option<&'static str> {
        const OPEN: [&str; 6] =
            ["--where", "--returns", "--duplicates", "--zero-amounts", "--unreadable-error", "--strict"];
        self.typed().find(|flag| !OPEN.contains(flag))
    }

    fn typed(&self) -> impl Iterator<Item = &'static str> {
        let typed = [
            ("--customer", self.customer.is_some()),
            ("--date", self.date.is_some()),
            ("--amount", self.amount.is_some()),
            ("--order", self.order.is_some()),
            ("--where", self.condition.is_some()),
            ("--currency", self.currency.is_some()),
            ("--currency-column", self.currency_column.is_some()),
            ("--returns", self.returns.is_some()),
            ("--duplicates", self.duplicates.is_some()),
            ("--zero-amounts", self.zero_amounts.is_some()),
            ("--status", self.status.is_some()),
            ("--refunded", self.refunded.is_some()),
            ("--amount-per", self.amount_per.is_some()),
            ("--fold-ids", self.fold_ids.is_some()),
            ("--placeholders", self.placeholders.is_some()),
        ];
        typed.into_iter().chain(self.files.typed()).filter(|(_, typed)| *typed).map(|(flag, _)| flag)
    }

    /// Lays the flags over settings.
    pub(super) fn lay_over(&self, settings: &mut Settings) {
        let Settings { read, orders, currency, summary, .. } = settings;
        set(&mut orders.customer, self.customer.clone());
        set(&mut orders.date, self.date.clone());
        set(&mut orders.amount, self.amount.clone());
        set(&mut orders.order, self.order.clone());
        set(&mut orders.condition, self.condition.clone());
        set(&mut currency.into, self.currency.clone());
        set(&mut currency.column, self.currency_column.clone());
        self.files.lay_over(read);
        set(&mut orders.returns, self.returns.map(Into::into));
        set(&mut orders.duplicates, self.duplicates.map(Into::into));
        set(&mut orders.zero_amounts, self.zero_amounts.map(Into::into));
        set(&mut orders.status, self.status.clone());
        set(&mut orders.refunded, self.refunded.clone());
        set(&mut orders.amount_per, self.amount_per.map(Into::into));
        set(&mut orders.fold_ids, self.fold_ids.map(Into::into));
        set(&mut orders.placeholders, self.placeholders.map(Into::into));
        summary.as_of = self.as_of.or(summary.as_of);
    }
}

impl ScoringArgs {
    /// Lays the flags over settings.
    pub(super) fn lay_over(&self, settings: &mut Settings) {
        self.summary.lay_over(settings);
        let Settings { orders, value, rfm, clusters, intervals, .. } = settings;
        set(&mut value.convention, self.clv_convention.map(Into::into));
        set(&mut value.horizon, self.horizon);
        set(&mut value.discount_rate, self.discount_rate);
        match self.margin {
            Some(MarginArg::Share(share)) => value.margin = share,
            Some(MarginArg::Column) => orders.observed_margin = true,
            None => {}
        }
        set(&mut intervals.level, self.interval);
        set(&mut intervals.bootstrap, self.bootstrap);
        set(&mut rfm.bins, self.bins.map(Into::into));
        set(&mut clusters.k, self.clusters);
        set(&mut clusters.method, self.cluster_method.map(Into::into));
        self.models.lay_over(settings);
    }

    /// Whether another margin than the observed one was typed.
    pub(super) fn has_share(&self) -> bool {
        matches!(self.margin, Some(MarginArg::Share(_)))
    }

    /// The first flag that was typed.
    pub(super) fn first_typed(&self) -> Option<&'static str> {
        let typed = [
            ("--time-unit", self.summary.time_unit.is_some()),
            ("--spend-days", self.summary.spend_days.is_some()),
            ("--horizon", self.horizon.is_some()),
            ("--discount-rate", self.discount_rate.is_some()),
            ("--clv-convention", self.clv_convention.is_some()),
            ("--margin", self.margin.is_some()),
            ("--interval", self.interval.is_some()),
            ("--bootstrap", self.bootstrap.is_some()),
            ("--bins", self.bins.is_some()),
            ("--clusters", self.clusters.is_some()),
            ("--cluster-method", self.cluster_method.is_some()),
        ];
        typed.into_iter().chain(self.models.typed()).find(|(_, typed)| *typed).map(|(flag, _)| flag)
    }
}

/// Tells `--customer`, a column, from `--customers`, a table: their values show where one was taken for the other.
pub(super) fn check_customers(column: Option<&str>, table: Option<&Path>) -> Result<(), Failure> {
    const APART: &str = "--customers FILE is a table of attributes; --customer COLUMN names the column of ids";
    if let Some(column) = column.filter(|column| column.contains('.') && Path::new(column).is_file()) {
        return Err(Failure::Usage(format!("--customer {column}: this is a file; {APART}")));
    }
    let is_name = |table: &&Path| table.extension().is_none() && table.components().count() == 1 && !is_there(table);
    if let Some(table) = table.filter(is_name) {
        return Err(Failure::Usage(format!("--customers {}: there is no such file; {APART}", table.display())));
    }
    Ok(())
}

/// Whether a path is a file or folder, standard input, or a pattern of files.
fn is_there(path: &Path) -> bool {
    path.exists() || path.as_os_str() == "-" || path.to_string_lossy().contains(['*', '?', '['])
}

pub(super) fn set<T>(setting: &mut T, typed: Option<T>) {
    if let Some(typed) = typed {
        *setting = typed;
    }
}
