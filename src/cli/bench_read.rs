//! `clivia bench-read`: the columns of an order file read and decoded, and nothing else done: how fast anything can be
//! that reads it.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use clivia_core::control::Control;
use clivia_io::files;
use clivia_io::orders::OrdersReader;

use crate::Failure;
use crate::settings::ReadArgs;

/// Files to read.
#[derive(Debug, Args)]
pub(super) struct BenchReadArgs {
    /// Order files
    #[arg(required = true, value_name = "ORDERS")]
    orders: Vec<PathBuf>,
    #[command(flatten)]
    read: ReadArgs,
}

pub(super) fn run(args: &BenchReadArgs) -> Result<(), Failure> {
    let mut settings = args.read.base()?;
    args.read.lay_over(&mut settings);
    let sources = files::find(&args.orders).map_err(clivia_run::error::Error::from)?;
    let reader = OrdersReader::new(&settings.read, &settings.orders, &settings.currency);
    let rows = reader.decode(&sources, &Control::default()).map_err(clivia_run::error::Error::from)?;
    Ok(writeln!(std::io::stdout().lock(), "{rows} rows decoded")?)
}
