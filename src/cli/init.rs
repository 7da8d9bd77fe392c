//! `clivia init`: a settings file to start from.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use clap::Args;
use clivia_io::settings::{ConfigError, TEMPLATE};

use crate::Failure;

/// Where to write.
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The file, or - for standard output; an existing file is kept
    #[arg(default_value = "clivia.toml", value_name = "FILE")]
    file: PathBuf,
}

pub(super) fn run(args: &InitArgs) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    if args.file.as_os_str() == "-" {
        return Ok(out.write_all(TEMPLATE.as_bytes())?);
    }
    let file = args.file.display().to_string();
    let failed = |cause: std::io::Error| {
        let cause = match cause.kind() {
            ErrorKind::AlreadyExists => std::io::Error::other("it is there already; name another file, or - to print"),
            _ => cause,
        };
        Failure::Run(ConfigError::Io { file: file.clone(), cause }.into())
    };
    File::create_new(&args.file).and_then(|mut target| target.write_all(TEMPLATE.as_bytes())).map_err(failed)?;
    writeln!(out, "{file}: every setting with its default; use it with --config {file}")?;
    Ok(())
}
