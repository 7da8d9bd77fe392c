//! `clivia check`: what would be read, mapped, refused.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use clivia::tables::Progress;
use clivia::tables::orders::OrdersReader;
use clivia::tables::rejects::Rejects;
use clivia::tables::sources;

use super::settings::ReadArgs;
use super::{Failure, terminal};

/// Files to look at.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Order files
    #[arg(required = true, value_name = "ORDERS")]
    orders: Vec<PathBuf>,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    read: ReadArgs,
}

pub(super) fn run(args: &CheckArgs) -> Result<(), Failure> {
    let mut settings = args.read.base()?;
    args.read.lay_over(&mut settings);
    settings.check().map_err(clivia::Error::from)?;
    let sources = sources::find(&args.orders).map_err(clivia::Error::from)?;
    let reader = OrdersReader {
        read: &settings.read,
        orders: &settings.orders,
        currency: &settings.currency,
        as_of: settings.summary.as_of,
    };
    let mut mappings = Vec::new();
    for source in &sources {
        let mapping = reader.mapping(source).map_err(clivia::Error::from)?;
        mappings.push((source.name.clone(), source.format.name(), mapping));
    }
    let mut days = None;
    let mut rejects = Rejects::counting(args.read.strict);
    let progress = Arc::new(Progress::default());
    let read = reader.read(&sources, &progress, &mut rejects, |lines| {
        for line in lines {
            let (first, last) = days.unwrap_or((line.day, line.day));
            days = Some((first.min(line.day), last.max(line.day)));
        }
    });
    let read = read.map_err(clivia::Error::from)?;
    terminal::print_check(&mappings, &read, rejects.counts(), days, args.json)
}
