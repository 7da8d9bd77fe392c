//! The charts of a report as files.

use serde_json::json;

use crate::error::Error;
use clivia_io::staging::{Leaves, Staging};
use clivia_report::{Report, plots};

/// All files that pictures can leave.
pub const PLOT_LEAVES: Leaves = Leaves {
    record: "plots.json",
    files: &[
        "map.svg",
        "whale.svg",
        "deciles.svg",
        "scores.svg",
        "segments.svg",
        "profile.svg",
        "sizes.svg",
        "silhouette.svg",
        "clv.svg",
        "alive.svg",
        "matrix-purchases.svg",
        "matrix-alive.svg",
        "tracking-cumulative.svg",
        "tracking-periods.svg",
        "by-frequency.svg",
        "repeat-counts.svg",
        "purchase-rate.svg",
        "dropout-probability.svg",
        "dropout-rate.svg",
        "purchase-probability.svg",
        "timing.svg",
    ],
    tables: &[],
};

/// Writes each chart as SVG, and `plots.json` with their titles and how to read them.
///
/// # Errors
/// [`Error`] where a chart cannot be drawn or a file not be written; then none of them appears.
pub fn write_plots(report: &Report, mut staging: Staging) -> Result<(), Error> {
    let mut record = Vec::new();
    for picture in plots(report)? {
        let file = format!("{}.svg", picture.name);
        staging.write_text(&file, &picture.svg)?;
        record.push(json!({ "file": file, "title": picture.title, "reading": picture.reading }));
    }
    staging.write_json(PLOT_LEAVES.record, &record)?;
    Ok(staging.publish()?)
}
