//! Flags that are settings: what was typed is laid over the config.

use std::path::{Path, PathBuf};

use crate::Failure;
use crate::words::{
    BinsArg, ConventionArg, DecimalArg, DuplicatesArg, MethodArg, NotConvergedArg, PriorArg, ReturnsArg, SpendArg,
    SpendModelArg, UnitArg, ZeroArg,
};
use chrono_tz::Tz;
use clap::Args;
use clivia_core::base::{Day, DiscountRate, Horizon};
use clivia_core::clusters::ClusterCount;
use clivia_core::models::ModelChoice;
use clivia_io::memory::{Bytes, LEAST, Memory, NoBytes};
use clivia_io::plan::ReadSettings;
use clivia_io::settings::Settings;
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
    customer: Option<String>,
    /// Date column
    #[arg(long, value_name = "COLUMN")]
    date: Option<String>,
    /// Amount column, or an expression such as "Quantity * UnitPrice"
    #[arg(long, value_name = "COLUMN|EXPR", allow_hyphen_values = true)]
    amount: Option<String>,
    /// Order-id column
    #[arg(long, value_name = "COLUMN")]
    order: Option<String>,
    /// The currency of the results; rows in a currency without a rate are refused
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// Currency column
    #[arg(long, value_name = "COLUMN")]
    currency_column: Option<String>,
    /// What negative amounts do [default: net]
    #[arg(long, value_enum, value_name = "POLICY")]
    pub(super) returns: Option<ReturnsArg>,
    /// What happens to equal lines [default: keep]
    #[arg(long, value_enum, value_name = "POLICY")]
    pub(super) duplicates: Option<DuplicatesArg>,
    /// What happens to amounts of zero [default: keep]
    #[arg(long, value_enum, value_name = "POLICY")]
    zero_amounts: Option<ZeroArg>,
    #[command(flatten)]
    pub(super) files: FileArgs,
}

/// How files are read, whatever table they hold.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading")]
pub(super) struct FileArgs {
    /// How dates are written, such as %d/%m/%Y
    #[arg(long, value_name = "FORMAT")]
    date_format: Option<String>,
    /// Time zone that decides the day of a timestamp with a zone [default: UTC]
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
    /// Decimal sign of numbers [default: point]
    #[arg(long, value_enum, value_name = "SIGN")]
    decimal: Option<DecimalArg>,
    /// Stop at the first refused row with exit code 1
    #[arg(long)]
    pub(super) strict: bool,
}

impl FileArgs {
    /// Lays the flags over settings.
    pub(super) fn lay_over(&self, read: &mut ReadSettings) {
        set(&mut read.date_format, self.date_format.clone());
        set(&mut read.timezone, self.timezone);
        set(&mut read.delimiter, self.delimiter.clone());
        set(&mut read.encoding, self.encoding.clone());
        set(&mut read.header_line, self.header_line);
        set(&mut read.sheet, self.sheet.clone());
        set(&mut read.decimal, self.decimal.map(Into::into));
    }

    /// Each flag, and whether it was typed.
    fn typed(&self) -> [(&'static str, bool); 8] {
        [
            ("--date-format", self.date_format.is_some()),
            ("--timezone", self.timezone.is_some()),
            ("--delimiter", self.delimiter.is_some()),
            ("--encoding", self.encoding.is_some()),
            ("--header-line", self.header_line.is_some()),
            ("--sheet", self.sheet.is_some()),
            ("--decimal", self.decimal.is_some()),
            ("--strict", self.strict),
        ]
    }
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
    #[arg(long, value_name = "TIME")]
    horizon: Option<Horizon>,
    /// Annual discount rate [default: 0.10]
    #[arg(long, value_name = "RATE")]
    discount_rate: Option<DiscountRate>,
    /// Discount from each moment, or at the end of each month [default: continuous]
    #[arg(long, value_enum, value_name = "HOW")]
    clv_convention: Option<ConventionArg>,
    /// Share of spend that is profit, or column: the share that the margin or cost column shows [default: 1.0]
    #[arg(long, value_name = "SHARE|column", value_parser = margin)]
    margin: Option<MarginArg>,
    /// Level of the prediction intervals of purchases and value, or off [default: 0.8]
    #[arg(long, value_name = "SHARE|off", value_parser = interval)]
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
    #[arg(long, value_name = "P")]
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
    match (text, text.parse()) {
        ("column", _) => Ok(MarginArg::Column),
        (_, Ok(share)) => Ok(MarginArg::Share(share)),
        _ => Err("it is a share such as 0.3, or column".into()),
    }
}

fn interval(text: &str) -> Result<f64, String> {
    match (text, text.parse()) {
        ("off", _) => Ok(0.0),
        (_, Ok(share)) if (0.01..=0.999).contains(&share) => Ok(share),
        _ => Err("it is off or a share from 0.01 to 0.999, such as 0.8".into()),
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
        let typed = [
            ("--customer", self.customer.is_some()),
            ("--date", self.date.is_some()),
            ("--amount", self.amount.is_some()),
            ("--order", self.order.is_some()),
            ("--currency", self.currency.is_some()),
            ("--currency-column", self.currency_column.is_some()),
            ("--returns", self.returns.is_some()),
            ("--duplicates", self.duplicates.is_some()),
            ("--zero-amounts", self.zero_amounts.is_some()),
        ];
        typed.into_iter().chain(self.files.typed()).find(|(_, typed)| *typed).map(|(flag, _)| flag)
    }

    /// Lays the flags over settings.
    pub(super) fn lay_over(&self, settings: &mut Settings) {
        let Settings { read, orders, currency, summary, .. } = settings;
        set(&mut orders.customer, self.customer.clone());
        set(&mut orders.date, self.date.clone());
        set(&mut orders.amount, self.amount.clone());
        set(&mut orders.order, self.order.clone());
        set(&mut currency.into, self.currency.clone());
        set(&mut currency.column, self.currency_column.clone());
        self.files.lay_over(read);
        set(&mut orders.returns, self.returns.map(Into::into));
        set(&mut orders.duplicates, self.duplicates.map(Into::into));
        set(&mut orders.zero_amounts, self.zero_amounts.map(Into::into));
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

pub(super) fn set<T>(setting: &mut T, typed: Option<T>) {
    if let Some(typed) = typed {
        *setting = typed;
    }
}
