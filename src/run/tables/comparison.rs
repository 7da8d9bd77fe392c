//! compare.json, transitions and movers: two runs compared.

use polars::prelude::*;

use crate::runs::compare::{Comparison, Mover, Transition};
use clivia_io::staging::{Leaves, Staging};
use clivia_io::write::frame::{counts, numbers, text};
use clivia_io::write::{ExportError, TableFormat, write_frame};

/// All files that a comparison can leave.
pub const COMPARE_LEAVES: Leaves = Leaves { record: "compare.json", files: &[], tables: &["transitions", "movers"] };

/// Writes a comparison, and gives all files their names.
///
/// # Errors
/// [`ExportError`] where a file cannot be written; then none of them appears.
pub fn write_comparison(comparison: &Comparison, format: TableFormat, mut staging: Staging) -> Result<(), ExportError> {
    let name = |stem: &str| format!("{stem}.{}", format.ending());
    write_frame(&mut staging, &name("transitions"), format, transitions(comparison))?;
    write_frame(&mut staging, &name("movers"), format, movers(&comparison.movers))?;
    staging.write_json(COMPARE_LEAVES.record, &comparison.totals())?;
    staging.publish()
}

fn transitions(comparison: &Comparison) -> PolarsResult<DataFrame> {
    let of = |what: &'static str, rows: &'_ [Transition]| {
        rows.iter().map(move |row| (what, row.clone())).collect::<Vec<_>>()
    };
    let rows: Vec<(&str, Transition)> = [
        of("map_cell", &comparison.cells),
        of("diagnosis", &comparison.diagnoses),
        of("rfm_segment", &comparison.segments),
    ]
    .concat();
    let columns = vec![
        text("what", rows.iter().map(|(what, _)| Some(*what))),
        text("from", rows.iter().map(|(_, row)| Some(row.from.as_str()))),
        text("to", rows.iter().map(|(_, row)| Some(row.to.as_str()))),
        counts("customers", rows.iter().map(|(_, row)| u32::try_from(row.customers).ok())),
        numbers("clv_before", rows.iter().map(|(_, row)| Some(row.clv_before))),
        numbers("clv_after", rows.iter().map(|(_, row)| Some(row.clv_after))),
    ];
    DataFrame::new(rows.len(), columns)
}

fn movers(movers: &[Mover]) -> PolarsResult<DataFrame> {
    type Part = fn(&Mover) -> &str;
    let part = |name: &str, part: Part| text(name, movers.iter().map(|mover| Some(part(mover))));
    let columns = vec![
        part("customer_id", |mover| &mover.customer_id),
        part("map_cell_before", |mover| &mover.cell_before),
        part("map_cell_after", |mover| &mover.cell_after),
        part("rfm_segment_before", |mover| &mover.segment_before),
        part("rfm_segment_after", |mover| &mover.segment_after),
        part("diagnosis_before", |mover| &mover.diagnosis_before),
        part("diagnosis_after", |mover| &mover.diagnosis_after),
        numbers("clv_before", movers.iter().map(|mover| Some(mover.clv_before))),
        numbers("clv_after", movers.iter().map(|mover| Some(mover.clv_after))),
        numbers("clv_change", movers.iter().map(|mover| Some(mover.change()))),
    ];
    DataFrame::new(movers.len(), columns)
}
