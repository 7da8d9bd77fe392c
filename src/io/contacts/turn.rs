//! A block of the contact log turned into contacts.

use std::collections::{BTreeMap, HashMap};

use clivia_core::base::ids::Id;
use clivia_core::base::{Moment, Money};
use clivia_core::contacts::{Contact, Direction, Outcome};

use crate::blocks::Block;
use crate::cells::Cells;
use crate::contacts::{ContactMapping, ContactsReader, UNKNOWN_COST};
use crate::dates::DateReader;
use crate::error::TableError;
use crate::filter::Filter;
use crate::rejects::{Reject, Rule};
use crate::source::Source;

/// How the blocks of one file are turned.
pub(super) struct Plan<'a> {
    pub(super) reader: &'a ContactsReader<'a>,
    pub(super) source: &'a dyn Source,
    pub(super) mapping: &'a ContactMapping,
    pub(super) filter: Option<&'a Filter>,
}

/// What a block came to; channels, campaigns and agents are numbered within the block.
#[derive(Default)]
pub(super) struct Turned {
    pub(super) contacts: Vec<Contact>,
    pub(super) channels: Vec<String>,
    pub(super) campaigns: Vec<String>,
    pub(super) agents: Vec<String>,
    pub(super) unknown_outcomes: BTreeMap<String, u64>,
    pub(super) rejects: Vec<Reject>,
    pub(super) rows: u64,
}

/// A column of a block.
struct Column {
    name: String,
    cells: Cells,
}

impl Column {
    /// What a row holds, or the rule that it breaks here.
    fn read<T>(&self, read: impl FnOnce(&Cells) -> Result<T, Rule>) -> Result<T, Broken<'_>> {
        read(&self.cells).map_err(|rule| Broken { rule, column: self })
    }
}

/// What a row holds in a column that need not be there.
fn read_or<T>(
    column: &Option<Column>,
    absent: T,
    read: impl FnOnce(&Cells) -> Result<T, Rule>,
) -> Result<T, Broken<'_>> {
    column.as_ref().map_or(Ok(absent), |column| column.read(read))
}

/// The columns of a block.
struct Views {
    customer: Column,
    date: Column,
    channel: Column,
    direction: Option<Column>,
    outcome: Option<Column>,
    cost: Option<Column>,
    satisfaction: Option<Column>,
    response_time: Option<Column>,
    campaign: Option<Column>,
    control: Option<Column>,
    agent: Option<Column>,
}

/// The rule that a row breaks, and in which column.
struct Broken<'a> {
    rule: Rule,
    column: &'a Column,
}

/// Names met in a block, each with what it means.
struct Words<T> {
    names: Vec<String>,
    places: HashMap<String, usize>,
    meanings: Vec<T>,
}

impl<T> Default for Words<T> {
    fn default() -> Self {
        Words { names: Vec::new(), places: HashMap::new(), meanings: Vec::new() }
    }
}

impl<T> Words<T> {
    /// The place of a word, whose meaning is worked out when it is met first.
    fn place(&mut self, word: &str, meaning: impl FnOnce(&str) -> T) -> usize {
        if let Some(place) = self.places.get(word) {
            return *place;
        }
        let place = self.names.len();
        self.places.insert(word.into(), place);
        self.meanings.push(meaning(word));
        self.names.push(word.into());
        place
    }
}

/// What is known of the words of a block.
#[derive(Default)]
struct Vocabulary {
    /// Each with the cost of a contact whose row has none.
    channels: Words<Money>,
    directions: Words<Option<Direction>>,
    /// Each with how often it came.
    outcomes: Words<(Option<Outcome>, u64)>,
    /// As written, each with the place of its name and whether it marks a control.
    written_campaigns: Words<(usize, bool)>,
    campaigns: Words<()>,
    agents: Words<()>,
}

/// A place as it is kept in a contact; no block has so many names that it would not fit.
fn narrow(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(Contact::NONE)
}

impl Plan<'_> {
    /// Turns a block.
    pub(super) fn turn(&self, block: &Block, dates: &DateReader) -> Result<Turned, TableError> {
        let views = self.views(block)?;
        let mut turned = Turned { rows: (block.height() + block.broken.len()) as u64, ..Turned::default() };
        for broken in &block.broken {
            turned.rejects.push(self.reject(broken.row, "", broken.value.clone(), broken.rule));
        }
        let mut words = Vocabulary::default();
        let kept = self.filter.map(|filter| filter.keeps(block, self.reader.read.decimal)).transpose()?;
        for row in 0..block.height() {
            if let Some(kept) = kept.as_ref().filter(|kept| !kept.keeps(row)) {
                let (column, value) = kept.why(row);
                turned.rejects.push(self.reject(block.rows.get(row), &column, value, Rule::Where));
                continue;
            }
            match self.contact(&views, dates, row, &mut words) {
                Ok(contact) => turned.contacts.push(contact),
                Err(Broken { rule, column: Column { name, cells } }) => {
                    turned.rejects.push(self.reject(block.rows.get(row), name, cells.show(row), rule));
                }
            }
        }
        self.check_names(&words)?;
        turned.rejects.sort_by_key(|reject| reject.row);
        let outcomes = words.outcomes.names.into_iter().zip(words.outcomes.meanings);
        turned.unknown_outcomes =
            outcomes.filter(|(_, (meaning, _))| meaning.is_none()).map(|(word, (_, rows))| (word, rows)).collect();
        turned.channels = words.channels.names;
        turned.campaigns = words.campaigns.names;
        turned.agents = words.agents.names;
        Ok(turned)
    }

    fn views(&self, block: &Block) -> Result<Views, TableError> {
        let need = |name: &String| block.cells(name).map(|cells| Column { name: name.clone(), cells });
        let find = |name: &Option<String>| name.as_ref().map(need).transpose();
        let mapping = self.mapping;
        Ok(Views {
            customer: need(&mapping.customer)?,
            date: need(&mapping.date)?,
            channel: need(&mapping.channel)?,
            direction: find(&mapping.direction)?,
            outcome: find(&mapping.outcome)?,
            cost: find(&mapping.cost)?,
            satisfaction: find(&mapping.satisfaction)?,
            response_time: find(&mapping.response_time)?,
            campaign: find(&mapping.campaign)?,
            control: find(&mapping.control)?,
            agent: find(&mapping.agent)?,
        })
    }

    /// A column with a name of its own in nearly every row is none of names.
    fn check_names(&self, words: &Vocabulary) -> Result<(), TableError> {
        let columns = [
            ("contact_columns.channel", words.channels.names.len()),
            ("contact_columns.campaign", words.campaigns.names.len()),
            ("contact_columns.agent", words.agents.names.len()),
        ];
        match columns.into_iter().find(|(_, names)| *names > usize::from(Contact::NONE)) {
            None => Ok(()),
            Some((setting, _)) => Err(TableError::Setting {
                setting,
                cause: "the column holds more than 65,534 different values; name another, or one that is not there"
                    .into(),
            }),
        }
    }

    fn reject(&self, row: u64, column: &str, value: String, rule: Rule) -> Reject {
        Reject { file: self.source.name().into(), row, column: column.into(), value, rule }
    }

    /// One row. What need not be there is read last, in the order of the columns above.
    fn contact<'a>(
        &self,
        views: &'a Views,
        dates: &DateReader,
        row: usize,
        words: &mut Vocabulary,
    ) -> Result<Contact, Broken<'a>> {
        let id = views.customer.read(|cells| cells.id(row).ok_or(Rule::MissingCustomer))?;
        let at = views.date.read(|cells| self.moment(cells, dates, row))?;
        let customer = views.customer.read(|_| self.known(&id))?;
        let channel = views.channel.read(|cells| self.channel(cells, row, words))?;
        let usual_cost = words.channels.meanings[channel];
        let (campaign, is_control) = self.campaign(views, row, words)?;
        Ok(Contact {
            customer,
            at,
            channel: narrow(channel),
            campaign,
            is_control,
            agent: read_or(&views.agent, Contact::NONE, |cells| Ok(agent(cells, row, words)))?,
            direction: read_or(&views.direction, None, |cells| direction(cells, row, words))?,
            cost: read_or(&views.cost, None, |cells| self.cost(cells, row))?.unwrap_or(usual_cost),
            satisfaction: read_or(&views.satisfaction, f32::NAN, |cells| self.satisfaction(cells, row))?,
            response_hours: read_or(&views.response_time, f32::NAN, |cells| self.response_hours(cells, row))?,
            // Last, so that the words of refused rows are not counted.
            outcome: read_or(&views.outcome, None, |cells| Ok(self.outcome(cells, row, words)))?,
        })
    }

    fn channel(&self, cells: &Cells, row: usize, words: &mut Vocabulary) -> Result<usize, Rule> {
        let name = cells.name(row).ok_or(Rule::MissingChannel)?;
        Ok(words.channels.place(&name, |name| self.reader.quality.cost(name).unwrap_or(UNKNOWN_COST)))
    }

    /// The campaign, and whether the customer was held out of it: by the control column, or by the campaign's name.
    fn campaign<'a>(&self, views: &'a Views, row: usize, words: &mut Vocabulary) -> Result<(u16, bool), Broken<'a>> {
        let unnamed = (Contact::NONE, false);
        let (campaign, named) = read_or(&views.campaign, unnamed, |cells| Ok(campaign(cells, row, words)))?;
        let flagged = read_or(&views.control, None, |cells| match is_control(cells, row)? {
            Some(true) if campaign == Contact::NONE => Err(Rule::ControlWithoutCampaign),
            flagged => Ok(flagged),
        })?;
        Ok((campaign, flagged.unwrap_or(named)))
    }

    fn known(&self, id: &Id) -> Result<u32, Rule> {
        match self.reader.customers.find(id) {
            Some(customer) => Ok(customer),
            None if self.reader.without_purchase.find(id).is_some() => Err(Rule::CustomerWithoutPurchase),
            None => Err(Rule::UnknownCustomer),
        }
    }

    fn moment(&self, cells: &Cells, dates: &DateReader, row: usize) -> Result<Moment, Rule> {
        let at = cells.moment(row, dates)?;
        if at.day < self.reader.read.earliest || at.day > self.reader.read.latest {
            return Err(Rule::DateOutOfRange);
        }
        if at.day > self.reader.as_of { Err(Rule::AfterAsOf) } else { Ok(at) }
    }

    fn outcome(&self, cells: &Cells, row: usize, words: &mut Vocabulary) -> Option<Outcome> {
        let word = cells.name(row)?;
        let place = words.outcomes.place(&word, |word| (self.reader.quality.outcomes.meaning(word), 0));
        let (meaning, rows) = &mut words.outcomes.meanings[place];
        *rows += 1;
        Some(meaning.unwrap_or(Outcome::Neutral))
    }

    /// A number in fixed point; `None` where the cell is empty.
    fn number(&self, cells: &Cells, row: usize, unreadable: Rule) -> Result<Option<Money>, Rule> {
        match cells.money(row, self.reader.read.decimal) {
            Ok(number) => Ok(Some(number)),
            Err(Rule::MissingAmount) => Ok(None),
            Err(_) => Err(unreadable),
        }
    }

    fn cost(&self, cells: &Cells, row: usize) -> Result<Option<Money>, Rule> {
        match self.number(cells, row, Rule::UnreadableCost)? {
            Some(cost) if cost < Money(0) => Err(Rule::NegativeCost),
            cost => Ok(cost),
        }
    }

    fn satisfaction(&self, cells: &Cells, row: usize) -> Result<f32, Rule> {
        let [worst, best] = self.reader.quality.satisfaction_scale;
        match self.number(cells, row, Rule::UnreadableSatisfaction)?.map(Money::to_f64) {
            None => Ok(f32::NAN),
            Some(rating) if rating < worst.min(best) || rating > worst.max(best) => Err(Rule::SatisfactionOffScale),
            Some(rating) => Ok(rating as f32),
        }
    }

    fn response_hours(&self, cells: &Cells, row: usize) -> Result<f32, Rule> {
        match self.number(cells, row, Rule::UnreadableResponseTime)?.map(Money::to_f64) {
            None => Ok(f32::NAN),
            Some(time) if time < 0.0 => Err(Rule::NegativeResponseTime),
            Some(time) => Ok((time * self.reader.quality.response_unit.hours()) as f32),
        }
    }
}

fn agent(cells: &Cells, row: usize, words: &mut Vocabulary) -> u16 {
    cells.name(row).map_or(Contact::NONE, |name| narrow(words.agents.place(&name, |_| ())))
}

fn direction(cells: &Cells, row: usize, words: &mut Vocabulary) -> Result<Option<Direction>, Rule> {
    let Some(word) = cells.name(row) else { return Ok(None) };
    let meaning = |word: &str| match word.to_lowercase().as_str() {
        "out" | "outbound" | "outgoing" | "o" | "sent" => Some(Direction::Outbound),
        "in" | "inbound" | "incoming" | "i" | "received" => Some(Direction::Inbound),
        _ => None,
    };
    let place = words.directions.place(&word, meaning);
    words.directions.meanings[place].map(Some).ok_or(Rule::UnknownDirection)
}

/// What the control column says; `None` where it is empty.
fn is_control(cells: &Cells, row: usize) -> Result<Option<bool>, Rule> {
    let Some(word) = cells.name(row) else { return Ok(None) };
    match word.to_lowercase().as_str() {
        "false" | "0" | "no" | "n" | "f" | "treated" | "treatment" => Ok(Some(false)),
        "true" | "1" | "yes" | "y" | "t" | "control" | "holdout" => Ok(Some(true)),
        _ => Err(Rule::UnreadableControl),
    }
}

/// The campaign, and whether its name ends in the word `control`: `spring control`, `spring:control`.
fn campaign(cells: &Cells, row: usize, words: &mut Vocabulary) -> (u16, bool) {
    let Some(written) = cells.name(row) else { return (Contact::NONE, false) };
    let Vocabulary { written_campaigns, campaigns, .. } = words;
    let place = written_campaigns.place(&written, |written| {
        let (name, control) = match without_control(written) {
            Some(name) => (name, true),
            None => (written, false),
        };
        (campaigns.place(name, |_| ()), control)
    });
    let (campaign, control) = written_campaigns.meanings[place];
    (narrow(campaign), control)
}

/// What stands before a last word `control`, where there is something.
fn without_control(campaign: &str) -> Option<&str> {
    let trimmed = campaign.trim_end_matches([')', ']', ' ']);
    let start = trimmed.len().checked_sub("control".len()).filter(|start| trimmed.is_char_boundary(*start))?;
    let (name, word) = trimmed.split_at(start);
    let parted = name.ends_with([' ', ':', '/', '-', '_', '|', '(', '[']);
    let name = name.trim_end_matches([' ', ':', '/', '-', '_', '|', '(', '[']);
    (word.eq_ignore_ascii_case("control") && parted && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use crate::contacts::turn::*;

    #[test]
    fn a_campaign_that_ends_in_control_is_one() {
        for written in ["spring control", "spring:control", "spring (Control)", "spring_CONTROL", "spring - control"] {
            assert_eq!(without_control(written), Some("spring"), "{written}");
        }
        for written in ["control", "springcontrol", "control spring", " :control", "é", ""] {
            assert_eq!(without_control(written), None, "{written}");
        }
    }
}
