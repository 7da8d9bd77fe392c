//! `clivia explain`: why a customer has these scores.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use crate::Failure;

/// Which customer of which run.
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The customer's id
    #[arg(value_name = "CUSTOMER_ID", allow_hyphen_values = true)]
    customer: String,
    /// The folder of a finished run
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
}

pub(super) fn run(args: &ExplainArgs) -> Result<(), Failure> {
    let traces = clivia_run::runs::explain::explain(&args.from, &args.customer)?;
    let mut out = std::io::stdout().lock();
    for trace in traces {
        let value = if trace.value.is_empty() { "-" } else { &trace.value };
        writeln!(out, "{:<20} {value}\n{:<20}   {}", trace.column, "", trace.because)?;
    }
    Ok(())
}
