//! What is on the page, a file a section.

mod clusters;
mod data;
mod headline;
mod map;
mod profit;
mod rfm;
mod timing;
mod value;

use crate::ReportOptions;
use crate::figure::Section;
use crate::messages::{Arg, Messages, number};
use crate::numbers::plain;
use crate::record::Record;
use clivia_core::figures::Figures;

/// What sections are made from.
pub(super) struct Sources<'a> {
    pub(super) messages: &'a Messages,
    pub(super) record: &'a Record,
    pub(super) figures: &'a Figures,
    pub(super) options: &'a ReportOptions,
}

/// All sections in their order, the headline first.
pub(super) fn all(messages: &Messages, record: &Record, figures: &Figures, options: &ReportOptions) -> Vec<Section> {
    let sources = Sources { messages, record, figures, options };
    let make = [
        headline::section,
        map::section,
        profit::section,
        rfm::section,
        clusters::section,
        value::section,
        timing::section,
        data::section,
    ];
    make.map(|section| section(&sources)).into()
}

impl Sources<'_> {
    fn say(&self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        self.messages.say(key, args)
    }

    fn word(&self, key: &str) -> String {
        self.messages.word(key)
    }

    /// A section by the words of its id.
    fn section(&self, id: &'static str) -> Section {
        Section { id, title: self.word(&format!("section-{id}")), ..Section::default() }
    }

    /// How far ahead value is counted, in words.
    fn horizon(&self) -> String {
        let (count, unit) = self.record.settings.value.horizon.typed();
        plain(&self.say(&format!("span-{unit}"), &[("count", number(count))]), self.messages.lang)
    }

    /// The run's units of time, in words.
    fn units(&self) -> String {
        self.word(&format!("unit-{}", self.record.time_unit.name()))
    }

    /// One of them.
    fn unit(&self) -> String {
        self.word(&format!("unit-one-{}", self.record.time_unit.name()))
    }
}
