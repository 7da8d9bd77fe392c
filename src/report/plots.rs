//! Charts as pictures, for slides: the same charts as on the page, drawn by the same library without a browser.

#[cfg(feature = "plots")]
mod drawing;

use crate::{Report, ReportError};

/// A chart as SVG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Which chart: its name without ending.
    pub name: &'static str,
    /// Its title.
    pub title: String,
    /// How to read it.
    pub reading: String,
    /// The picture.
    pub svg: String,
}

/// All charts of a report, in the order of the page.
///
/// # Errors
/// [`ReportError::Plot`] where one cannot be drawn, or the feature `plots` was left out of the build.
pub fn plots(report: &Report) -> Result<Vec<Picture>, ReportError> {
    #[cfg(feature = "plots")]
    return drawing::plots(report);
    #[cfg(not(feature = "plots"))]
    {
        let chart = report.figures().first().map_or(String::new(), |figure| figure.id.to_string());
        Err(ReportError::Plot {
            chart,
            cause: "this build draws no pictures; build it with the feature 'plots'".into(),
        })
    }
}
