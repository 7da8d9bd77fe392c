//! A batch job that nobody reads: the exit code says that something should be looked at.

use clap::Args;
use clivia_core::notes::{Note, Severity};
use clivia_io::settings::report::FailOn;

use crate::Failure;
use crate::words::FailOnArg;

/// From which severity on a note ends the command with exit code 3.
#[derive(Debug, Args)]
pub(super) struct FailArgs {
    /// End with exit code 3, with everything done, if a note of this severity or worse stands in them [default: never]
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<FailOnArg>,
}

impl FailArgs {
    /// Lays the flag over settings.
    pub(super) fn lay_over(&self, setting: &mut FailOn) {
        *setting = self.fail_on.map_or(*setting, Into::into);
    }

    /// The setting with the flag over it.
    pub(super) fn over(&self, mut setting: FailOn) -> FailOn {
        self.lay_over(&mut setting);
        setting
    }
}

/// Ends a command whose results are written where a note is as severe as the setting says.
pub(super) fn judge(setting: FailOn, notes: &[Note]) -> Result<(), Failure> {
    let least = match setting {
        FailOn::Never => return Ok(()),
        FailOn::Warning => Severity::Warning,
        FailOn::Severe => Severity::Severe,
    };
    let severe: Vec<&Note> = notes.iter().filter(|note| note.severity >= least).collect();
    match severe.first() {
        None => Ok(()),
        Some(first) => Err(Failure::Notes { count: severe.len(), first: first.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_of_a_severity_or_worse_end_the_command() {
        let notes = [Note::info("a", "read so"), Note::warning("b", "may be wrong")];
        let code = |setting, notes: &[Note]| judge(setting, notes).map_err(|failure| failure.exit_code());
        assert_eq!(code(FailOn::Never, &notes), Ok(()));
        assert_eq!(code(FailOn::Severe, &notes), Ok(()));
        assert_eq!(code(FailOn::Warning, &notes), Err(3));
        assert_eq!(code(FailOn::Warning, &notes[..1]), Ok(()));
        assert_eq!(code(FailOn::Severe, &[Note::severe("c", "is wrong")]), Err(3));
    }
}
