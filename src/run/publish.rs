//! A run into its folder: all tables, the figures, the record and the report, or nothing.

pub mod plots;

use clivia_core::control::Control;
use clivia_io::staging::{self, Leaves, Staging};
use clivia_io::write::{TableFormat, write_frame, write_frames};
use polars::prelude::{DataFrame, PolarsResult};

use clivia_report::record::Record;
use clivia_report::{FIGURES, REPORT, Report};

use crate::error::Error;
use crate::pipeline::Run;
use crate::record::{record, seconds};
use crate::tables::comparison::COMPARE_LEAVES;
use crate::tables::plan::PLAN_LEAVES;
use crate::tables::{customers, map_tables, small_tables};

/// All files that scoring can leave, and those of a plan or a comparison, which a new run makes stale.
pub const SCORE_LEAVES: Leaves = Leaves {
    record: staging::RUN_JSON,
    files: &["rejects.csv", FIGURES, REPORT, PLAN_LEAVES.record, COMPARE_LEAVES.record],
    tables: &[
        "customers",
        "segments",
        "clusters",
        "profit_curve",
        "map",
        "criteria",
        "corrections",
        "timing",
        "plan",
        "managers",
        "transitions",
        "movers",
    ],
};

/// Writes the tables, the record and the report of a run, where one is asked for, and gives all files their names.
///
/// # Errors
/// [`Error`] where a file cannot be written, or `control` was cancelled; then none of them appears.
pub fn write_run(
    run: &Run,
    format: TableFormat,
    report: Option<&Report>,
    mut staging: Staging,
    control: &Control,
) -> Result<(), Error> {
    control.check()?;
    control.enter("writing tables");
    let running = |_: &PolarsResult<DataFrame>| !control.is_cancelled();
    let name = |stem: &str| format!("{stem}.{}", format.ending());
    write_frames(&mut staging, &name("customers"), format, customers::table(run).take_while(running))?;
    control.check()?;
    write_frame(&mut staging, &name("segments"), format, small_tables::segments(run))?;
    write_frame(&mut staging, &name("clusters"), format, small_tables::clusters(run))?;
    if let Some(profit) = &run.scored.profit {
        write_frame(&mut staging, &name("profit_curve"), format, map_tables::whale(&profit.whale))?;
    }
    if let Some(mapped) = &run.scored.map {
        write_frame(&mut staging, &name("map"), format, small_tables::map(&mapped.map.cells))?;
        write_frames(&mut staging, &name("criteria"), format, map_tables::criteria(run, mapped).take_while(running))?;
        write_frames(
            &mut staging,
            &name("corrections"),
            format,
            map_tables::corrections(run, mapped).take_while(running),
        )?;
        write_frame(&mut staging, &name("timing"), format, map_tables::timing(&mapped.timing))?;
    }
    control.check()?;
    staging.write_json(FIGURES, &run.scored.figures)?;
    if let Some(report) = report {
        staging.write_text(REPORT, &report.html()?)?;
    }
    let timings = seconds(&control.timings());
    staging.write_json(staging::RUN_JSON, &Record { timings, ..record(run) })?;
    Ok(staging.publish()?)
}
