//! A source whose dates are looked at before it is read.

use clivia_core::control::Control;

use crate::blocks::{Block, Origin};
use crate::dates::{DateEvidence, DateQuestion, DateReader, DateVerdict};
use crate::error::TableError;
use crate::plan::ReadSettings;
use crate::source::{Part, Source, Wanted};

/// A source whose dates are looked at.
#[derive(Clone, Copy)]
pub(crate) struct Looked<'a> {
    pub(crate) source: &'a dyn Source,
    pub(crate) settings: &'a ReadSettings,
    pub(crate) control: &'a Control,
}

/// Finds out in which order the parts of a column's dates stand, where its dates need it: by the first block, and where
/// that leaves it open, by the whole source. Where no date of the source tells, it is as in the source before.
pub(crate) fn settle(looked: Looked, column: &str, first: &Block, dates: &mut DateReader) -> Result<(), TableError> {
    if dates.is_stated() {
        return Ok(());
    }
    let verdict = match evidence(column, first)?.decide(None) {
        settled @ DateVerdict::Settled(_) => settled,
        open => looked.whole(column)?.map_or(open, |evidence| evidence.decide(None)),
    };
    match verdict {
        DateVerdict::Settled(form) => dates.order = form.order.or(dates.order),
        DateVerdict::Open(_) if dates.order.is_some() => {}
        DateVerdict::Open(question) | DateVerdict::Contradicted(question) => {
            return Err(looked.ask(column, question));
        }
    }
    Ok(())
}

fn evidence(column: &str, block: &Block) -> Result<DateEvidence, TableError> {
    let mut evidence = DateEvidence::default();
    evidence.add_cells(&block.cells(column)?, &block.rows);
    Ok(evidence)
}

impl Looked<'_> {
    /// What the dates of the whole source tell, of which nothing else is read; `None` where it can be read only once.
    fn whole(&self, column: &str) -> Result<Option<DateEvidence>, TableError> {
        if !self.source.can_be_read_again() {
            return Ok(None);
        }
        let columns = [column.to_string()];
        let wanted = Wanted { columns: &columns, fingerprints: false };
        let (origin, mut found, mut failed) = (Origin::of(self.source), DateEvidence::default(), None);
        // What is read twice counts once.
        self.source.read(&wanted, self.settings, &self.control.uncounted(), &mut |part| {
            failed = self.look(column, part, &origin, &mut found).err();
            failed.is_none()
        })?;
        failed.map_or(Ok(Some(found)), Err)
    }

    fn look(&self, column: &str, part: Part, origin: &Origin, found: &mut DateEvidence) -> Result<(), TableError> {
        self.control.check()?;
        if let Some(block) = part.into_block(origin, false)? {
            found.merge(&evidence(column, &block)?);
        }
        Ok(())
    }

    fn ask(&self, column: &str, DateQuestion { row, value, doubt, answers }: DateQuestion) -> TableError {
        let answers = answers.iter().map(|answer| format!("read.date_format = \"{answer}\"")).collect::<Vec<_>>();
        let (file, column, answers) = (self.source.name().into(), column.into(), answers.join(" or "));
        let doubt = format!("{doubt}; say which with {answers}");
        TableError::AmbiguousDates { file, row, column, value, doubt }
    }
}
