//! The page's own drawing library, run without a browser.

use rquickjs::{CatchResultExt, Context, Ctx, Function, Runtime};
use serde_json::json;

use super::Picture;
use crate::figure::Figure;
use crate::page::{CHARTS, ECHARTS, chart_words};
use crate::{Report, ReportError};

const DRIVER: &str = include_str!("../page/plots.js");
/// What the drawing library may take of the stack.
const STACK: usize = 1 << 20;
const WIDTH: u32 = 960;
const HEIGHT: u32 = 540;
/// The map is as high as it is wide, and so are its cells.
const MAP: (u32, u32) = (860, 860);

/// All charts of a report, in the order of the page.
///
/// # Errors
/// [`ReportError::Plot`] where one cannot be drawn.
pub(super) fn plots(report: &Report) -> Result<Vec<Picture>, ReportError> {
    let failed = |chart: &str, cause: String| ReportError::Plot { chart: chart.into(), cause };
    let broken = |error: rquickjs::Error| failed("", error.to_string());
    let runtime = Runtime::new().map_err(broken)?;
    runtime.set_max_stack_size(STACK);
    let context = Context::full(&runtime).map_err(broken)?;
    context.with(|ctx| {
        for script in [DRIVER, ECHARTS, CHARTS] {
            ctx.eval::<(), _>(script).catch(&ctx).map_err(|error| failed("", error.to_string()))?;
        }
        let draw: Function<'_> = ctx.globals().get("picture").map_err(broken)?;
        report.figures().into_iter().map(|figure| picture(report, figure, &ctx, &draw)).collect()
    })
}

fn picture<'js>(
    report: &Report,
    figure: &Figure,
    ctx: &Ctx<'js>,
    draw: &Function<'js>,
) -> Result<Picture, ReportError> {
    let lang = report.messages.lang;
    let (group, point) = lang.separators();
    let is_map = figure.chart.get("kind").is_some_and(|kind| kind == "map");
    let (width, height) = if is_map { MAP } else { (WIDTH, HEIGHT) };
    let told = json!({
        "figure": figure.told(), "words": chart_words(&report.messages), "separators": [group, point],
        "width": width, "height": height,
    });
    let svg: Result<String, _> = draw.call((told.to_string(),)).catch(ctx);
    let svg = svg.map_err(|error| ReportError::Plot { chart: figure.id.into(), cause: error.to_string() })?;
    let reading = crate::numbers::plain(&figure.reading, lang);
    Ok(Picture { name: figure.id, title: figure.title.clone(), reading, svg })
}
