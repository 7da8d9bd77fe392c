//! `clivia report`: the report of a finished run, made again; what `score` is told of its report.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use clivia_io::settings::Settings;
use clivia_io::settings::report::{Lang, ReportSettings};
use clivia_io::staging;
use clivia_io::staging::Staging;
use clivia_report::{HashKey, REPORT, Report, ReportOptions};
use clivia_run::publish::plots::{PLOT_LEAVES, write_plots};
use clivia_run::runs::frozen::Frozen;

use crate::Failure;

/// The variable with the key by which ids are hashed.
const KEY_VARIABLE: &str = "CLIVIA_HASH_KEY";

/// What is shown, and to whom.
#[derive(Debug, Args)]
#[command(next_help_heading = "Report")]
pub(super) struct ShowArgs {
    /// The language of the report: en, pl, ro or bg [default: en]
    #[arg(long, value_name = "LANGUAGE")]
    lang: Option<Lang>,
    /// Leave every row of a single customer out of the report, so that you can send it outside
    #[arg(long)]
    no_customers: bool,
    /// Hash ids with the key in this file or in CLIVIA_HASH_KEY, else with a random key for this report alone
    #[arg(long, value_name = "KEY_FILE", num_args = 0..=1, require_equals = true)]
    hash_ids: Option<Option<PathBuf>>,
    /// Merge groups of fewer customers in the report [default: 1]
    #[arg(long, value_name = "CUSTOMERS", value_parser = clap::value_parser!(u64).range(1..))]
    min_cell: Option<u64>,
    /// Write each chart as SVG into this folder, too
    #[arg(long, value_name = "DIR")]
    plots: Option<PathBuf>,
}

impl ShowArgs {
    /// Puts what was typed into the settings of a run.
    pub(super) fn lay_over(&self, settings: &mut ReportSettings) {
        settings.lang = self.lang.unwrap_or(settings.lang);
        settings.min_cell = self.min_cell.unwrap_or(settings.min_cell);
    }

    /// What a report is to show, by these flags and the settings of its run.
    pub(super) fn options(&self, settings: &ReportSettings) -> Result<ReportOptions, Failure> {
        Ok(ReportOptions {
            lang: self.lang.unwrap_or(settings.lang),
            customers: !self.no_customers,
            hash_ids: self.key()?,
            min_cell: self.min_cell.unwrap_or(settings.min_cell),
        })
    }

    fn key(&self) -> Result<Option<HashKey>, Failure> {
        let Some(file) = &self.hash_ids else { return Ok(None) };
        let usable = |key: &[u8], whence: &dyn std::fmt::Display| match key.trim_ascii() {
            [] => Err(Failure::Usage(format!("{whence}: the key is empty; put a secret of some length there"))),
            key => Ok(Some(HashKey::kept(key))),
        };
        match (file, std::env::var_os(KEY_VARIABLE)) {
            (Some(file), _) => {
                let key = fs::read(file).map_err(|cause| Failure::Usage(format!("{}: {cause}", file.display())))?;
                usable(&key, &file.display())
            }
            (None, Some(key)) => usable(key.as_encoded_bytes(), &KEY_VARIABLE),
            (None, None) => Ok(Some(HashKey::drawn())),
        }
    }

    /// The folder for pictures, opened before the work begins.
    pub(super) fn open_plots(&self, overwrite: bool) -> Result<Option<Staging>, Failure> {
        let open = |folder: &PathBuf| Staging::open(folder, PLOT_LEAVES, overwrite);
        Ok(self.plots.as_ref().map(open).transpose().map_err(clivia_run::error::Error::from)?)
    }
}

/// Which run, and where the report goes.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// The folder of a run of clivia score
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// The page [default: report.html in that folder, replacing the one there]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace a page or pictures that are there
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    show: ShowArgs,
}

pub(super) fn run(args: &ReportArgs) -> Result<(), Failure> {
    let target = args.out.clone().unwrap_or_else(|| args.from.join(REPORT));
    if args.out.is_some() && target.exists() && !args.overwrite {
        let text = format!("{} already exists; choose another --out, or add --overwrite", target.display());
        return Err(Failure::Usage(text));
    }
    if !args.from.join(staging::RUN_JSON).is_file() {
        // It says what is missing there.
        Frozen::load(&args.from)?;
    }
    let settings = settings_of(&args.from)?;
    let options = args.show.options(&settings.report)?;
    let plots = args.show.open_plots(args.overwrite)?;
    let report = Report::from_folder(&args.from, &options).map_err(clivia_run::error::Error::from)?;
    let page = report.html().map_err(clivia_run::error::Error::from)?;
    if let Some(staging) = plots {
        write_plots(&report, staging)?;
    }
    staging::replace(&target, page.as_bytes()).map_err(clivia_run::error::Error::from)?;
    Ok(writeln!(std::io::stdout().lock(), "report     {}", target.display())?)
}

/// The settings that a run kept.
fn settings_of(folder: &Path) -> Result<Settings, Failure> {
    Ok(Report::settings(folder).map_err(clivia_run::error::Error::from)?)
}
