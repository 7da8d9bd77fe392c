//! plan.json, plan and managers: what to do, and who looks after whom.

use polars::prelude::*;

use crate::runs::plan::{Managed, Planned, Task};
use clivia_io::staging::{Leaves, Staging};
use clivia_io::write::frame::{days, flags, money, numbers, text};
use clivia_io::write::{ExportError, TableFormat, write_frame};

/// All files that a plan can leave.
pub const PLAN_LEAVES: Leaves = Leaves { record: "plan.json", files: &[], tables: &["plan", "managers"] };

/// Writes a plan, and gives all files their names.
///
/// # Errors
/// [`ExportError`] where a file cannot be written; then none of them appears.
pub fn write_plan(planned: &Planned, format: TableFormat, mut staging: Staging) -> Result<(), ExportError> {
    let name = |stem: &str| format!("{stem}.{}", format.ending());
    write_frame(&mut staging, &name("plan"), format, tasks(&planned.tasks))?;
    if planned.totals.managers.is_some() {
        write_frame(&mut staging, &name("managers"), format, managed(&planned.managed))?;
    }
    staging.write_json(PLAN_LEAVES.record, &planned.totals)?;
    staging.publish()
}

fn tasks(tasks: &[Task]) -> PolarsResult<DataFrame> {
    let columns = vec![
        text("customer_id", tasks.iter().map(|task| Some(task.customer_id.as_str()))),
        text("diagnosis", tasks.iter().map(|task| Some(task.diagnosis.name()))),
        text("what", tasks.iter().map(|task| Some(task.what.as_str()))),
        days("when", tasks.iter().map(|task| Some(task.on))),
        text("by", tasks.iter().map(|task| task.by.as_deref())),
        text("channel", tasks.iter().map(|task| task.channel.as_deref())),
        money("cost", tasks.iter().map(|task| Some(task.cost))),
        money("saving", tasks.iter().map(|task| Some(task.saving))),
        numbers("value", tasks.iter().map(|task| Some(task.value))),
        text("reason", tasks.iter().map(|task| Some(task.reason.as_str()))),
    ];
    DataFrame::new(tasks.len(), columns)
}

fn managed(managed: &[Managed]) -> PolarsResult<DataFrame> {
    let columns = vec![
        text("customer_id", managed.iter().map(|row| Some(row.customer_id.as_str()))),
        text("manager", managed.iter().map(|row| Some(row.manager.as_str()))),
        text("before", managed.iter().map(|row| row.before.as_deref())),
        flags("is_moved", managed.iter().map(|row| row.is_moved)),
        numbers("value", managed.iter().map(|row| Some(row.value))),
    ];
    DataFrame::new(managed.len(), columns)
}
