//! A block of the contact log turned into contacts.

use std::collections::{BTreeMap, HashMap};

use super::{ContactMapping, ContactsReader};
use crate::contacts::{Contact, Direction, Outcome};
use crate::ids::Id;
use crate::tables::cells::Cells;
use crate::tables::dates::DateReader;
use crate::tables::orders::cells;
use crate::tables::rejects::{Reject, Rule};
use crate::tables::sources::Source;
use crate::tables::{Block, TableError};
use crate::units::{Moment, Money};

/// How the blocks of one file are turned.
pub(super) struct Plan<'a> {
    pub(super) reader: &'a ContactsReader<'a>,
    pub(super) source: &'a Source,
    pub(super) mapping: &'a ContactMapping,
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

/// The columns of a block.
struct Views {
    customer: Cells,
    date: Cells,
    channel: Cells,
    direction: Option<Cells>,
    outcome: Option<Cells>,
    cost: Option<Cells>,
    satisfaction: Option<Cells>,
    response_time: Option<Cells>,
    campaign: Option<Cells>,
    control: Option<Cells>,
    agent: Option<Cells>,
}

/// The rule that a row breaks, and in which part.
struct Broken<'a> {
    rule: Rule,
    column: &'a str,
    cells: &'a Cells,
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
        let mut turned = Turned { rows: (block.frame.height() + block.broken.len()) as u64, ..Turned::default() };
        for broken in &block.broken {
            turned.rejects.push(self.reject(broken.row, "", broken.value.clone(), broken.rule));
        }
        let mut words = Vocabulary::default();
        for row in 0..block.frame.height() {
            match self.contact(&views, dates, row, &mut words) {
                Ok(contact) => turned.contacts.push(contact),
                Err(Broken { rule, column, cells }) => {
                    turned.rejects.push(self.reject(block.rows.get(row), column, cells.show(row), rule));
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
        let need = |name: &String| cells(self.source, block, name);
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
        Reject { file: self.source.name.clone(), row, column: column.into(), value, rule }
    }

    fn contact<'a>(
        &'a self,
        views: &'a Views,
        dates: &DateReader,
        row: usize,
        words: &mut Vocabulary,
    ) -> Result<Contact, Broken<'a>> {
        let mapping = self.mapping;
        let customer = self.customer(&views.customer, row);
        let broken = |column: &'a str, cells: &'a Cells| move |rule| Broken { rule, column, cells };
        let customer = customer.map_err(broken(&mapping.customer, &views.customer))?;
        let at = self.moment(&views.date, dates, row).map_err(broken(&mapping.date, &views.date))?;
        let customer = self.known(&customer).map_err(broken(&mapping.customer, &views.customer))?;
        let channel = views.channel.name(row).ok_or(Rule::MissingChannel);
        let channel = channel.map_err(broken(&mapping.channel, &views.channel))?;
        let channel = words.channels.place(&channel, |name| self.reader.quality.cost(name).unwrap_or_default());
        let optional = |part: &'a Option<Cells>, column: &'a Option<String>| part.as_ref().zip(column.as_deref());
        let mut contact = Contact {
            customer,
            at,
            channel: narrow(channel),
            campaign: Contact::NONE,
            agent: Contact::NONE,
            direction: None,
            outcome: None,
            is_control: false,
            cost: words.channels.meanings[channel],
            satisfaction: f32::NAN,
            response_hours: f32::NAN,
        };
        if let Some((cells, column)) = optional(&views.direction, &mapping.direction) {
            contact.direction = direction(cells, row, words).map_err(broken(column, cells))?;
        }
        if let Some((cells, _)) = optional(&views.outcome, &mapping.outcome) {
            contact.outcome = self.outcome(cells, row, words);
        }
        if let Some((cells, column)) = optional(&views.cost, &mapping.cost) {
            let cost = self.cost(cells, row).map_err(broken(column, cells))?;
            contact.cost = cost.unwrap_or(contact.cost);
        }
        if let Some((cells, column)) = optional(&views.satisfaction, &mapping.satisfaction) {
            contact.satisfaction = self.satisfaction(cells, row).map_err(broken(column, cells))?;
        }
        if let Some((cells, column)) = optional(&views.response_time, &mapping.response_time) {
            contact.response_hours = self.response_hours(cells, row).map_err(broken(column, cells))?;
        }
        if let Some((cells, column)) = optional(&views.control, &mapping.control) {
            contact.is_control = is_control(cells, row).map_err(broken(column, cells))?;
        }
        if let Some((cells, _)) = optional(&views.campaign, &mapping.campaign) {
            let (campaign, control) = campaign(cells, row, words);
            (contact.campaign, contact.is_control) = (campaign, contact.is_control || control);
        }
        if let Some((cells, _)) = optional(&views.agent, &mapping.agent) {
            let agent = cells.name(row).map(|name| words.agents.place(&name, |_| ()));
            contact.agent = agent.map_or(Contact::NONE, narrow);
        }
        match optional(&views.control, &mapping.control) {
            Some((cells, column)) if contact.is_control && contact.campaign == Contact::NONE => {
                Err(Broken { rule: Rule::ControlWithoutCampaign, column, cells })
            }
            _ => Ok(contact),
        }
    }

    fn customer(&self, cells: &Cells, row: usize) -> Result<Id, Rule> {
        cells.id(row).ok_or(Rule::MissingCustomer)
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

fn is_control(cells: &Cells, row: usize) -> Result<bool, Rule> {
    let word = cells.show(row).trim().to_lowercase();
    match word.as_str() {
        "" | "false" | "0" | "no" | "n" | "f" | "treated" | "treatment" => Ok(false),
        "true" | "1" | "yes" | "y" | "t" | "control" | "holdout" => Ok(true),
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
    use super::*;

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
