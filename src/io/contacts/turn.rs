//! A block of the contact log turned into contacts.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use clivia_core::base::ids::{Id, IdIndex};
use clivia_core::base::{Moment, Money};
use clivia_core::contacts::consent::{Refusal, Statement};
use clivia_core::contacts::quality::channel_key;
use clivia_core::contacts::{Contact, Direction, Outcome};

use crate::blocks::Block;
use crate::cells::Cells;
use crate::columns::normal;
use crate::consent::ConsentColumn;
use crate::contacts::columns::direction_of;
use crate::contacts::{ContactMapping, ContactsReader, Matching, UNKNOWN_COST};
use crate::dates::DateReader;
use crate::error::TableError;
use crate::filter::{Dated, Filter};
use crate::orders::ids::FoldIds;
use crate::plan::Decimal;
use crate::rejects::{Reject, Rule};
use crate::source::Source;

/// How the blocks of one file are turned.
pub(super) struct Plan<'a> {
    pub(super) reader: &'a ContactsReader<'a>,
    pub(super) source: &'a dyn Source,
    pub(super) mapping: &'a ContactMapping,
    pub(super) filter: Option<&'a Filter>,
    pub(super) decimal: Decimal,
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
    pub(super) not_sent: u64,
    pub(super) matching: Matching,
    pub(super) statements: Vec<Statement>,
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
    channel: Option<Column>,
    direction: Option<Column>,
    /// Of all contacts.
    direction_is: Option<Direction>,
    outcome: Option<Column>,
    cost: Option<Column>,
    satisfaction: Option<Column>,
    response_time: Option<Column>,
    campaign: Option<Column>,
    control: Option<Column>,
    agent: Option<Column>,
    failed: Vec<Column>,
    status: Option<Column>,
    consent: Vec<(ConsentColumn, Column)>,
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
    /// Words of flags and of statuses, each with whether it says that sending failed.
    flags: Words<bool>,
    statuses: Words<bool>,
}

/// A place as it is kept in a contact; no block has so many names that it would not fit.
fn narrow(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(Contact::NONE)
}

/// Who said something, when, and in which row.
#[derive(Clone, Copy)]
struct Spoken {
    customer: u32,
    at: Moment,
    row: usize,
}

impl ContactsReader<'_> {
    /// The customer of an id, in the spelling of the orders.
    fn known(&self, id: &Id) -> Result<u32, Rule> {
        let fold = self.customers.fold;
        match find(self.customers.index, id, fold) {
            Some(customer) => Ok(customer),
            None if find(self.without_purchase, id, fold).is_some() => Err(Rule::CustomerWithoutPurchase),
            None => Err(Rule::UnknownCustomer),
        }
    }

    /// Whether an id is one of the orders'.
    pub(super) fn is_known(&self, id: &Id) -> bool {
        self.known(id) != Err(Rule::UnknownCustomer)
    }
}

/// Where an id stands, as it is written or as it is folded.
fn find(index: &IdIndex, id: &Id, fold: FoldIds) -> Option<u32> {
    let folded = || match id {
        Id::Text(text) => match fold.of(text) {
            Cow::Owned(folded) => index.find(&Id::new(&folded)),
            Cow::Borrowed(_) => None,
        },
        Id::Number(_) => None,
    };
    index.find(id).or_else(folded)
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
        let dated = Some(Dated { column: &self.mapping.date, dates });
        let kept = self.filter.map(|filter| filter.keeps(block, self.decimal, dated)).transpose()?;
        for row in 0..block.height() {
            if let Some(kept) = kept.as_ref().filter(|kept| !kept.keeps(row)) {
                let (column, value) = kept.why(row);
                turned.rejects.push(self.reject(block.rows.get(row), &column, value, Rule::Where));
                continue;
            }
            match self.contact(&views, dates, row, &mut words, &mut turned) {
                Ok(contact) => turned.contacts.push(contact),
                Err(Broken { rule, column: Column { name, cells } }) => {
                    turned.not_sent += u64::from(rule == Rule::NotSent);
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
        let of_consent = |name: &String| {
            let says = ConsentColumn::of(name)?;
            Some(need(name).map(|column| (says, column)))
        };
        let mapping = self.mapping;
        Ok(Views {
            customer: need(&mapping.customer)?,
            date: need(&mapping.date)?,
            channel: find(&mapping.channel)?,
            direction: find(&mapping.direction)?,
            direction_is: mapping.direction_is.as_deref().and_then(direction_of),
            outcome: find(&mapping.outcome)?,
            cost: find(&mapping.cost)?,
            satisfaction: find(&mapping.satisfaction)?,
            response_time: find(&mapping.response_time)?,
            campaign: find(&mapping.campaign)?,
            control: find(&mapping.control)?,
            agent: find(&mapping.agent)?,
            failed: mapping.failed.iter().map(need).collect::<Result<_, _>>()?,
            status: find(&mapping.status)?,
            consent: mapping.consent.iter().filter_map(of_consent).collect::<Result<_, TableError>>()?,
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
        turned: &mut Turned,
    ) -> Result<Contact, Broken<'a>> {
        let id = views.customer.cells.id(row);
        let customer = id.as_ref().map_or(Err(Rule::MissingCustomer), |id| self.reader.known(id));
        let at = views.date.cells.moment(row, dates);
        if let (Ok(customer), Ok(at)) = (customer, at) {
            self.hear(views, Spoken { customer, at, row }, dates, words, turned);
        }
        self.check_sent(views, row, words)?;
        let id = views.customer.read(|_| id.ok_or(Rule::MissingCustomer))?;
        turned.matching.add(&id, customer != Err(Rule::UnknownCustomer));
        let at = views.date.read(|_| self.counting(at?))?;
        let customer = views.customer.read(|_| customer)?;
        let channel = self.channel(views, row, words)?;
        let usual_cost = words.channels.meanings[channel];
        let (campaign, is_control) = self.campaign(views, row, words)?;
        Ok(Contact {
            customer,
            at,
            channel: narrow(channel),
            campaign,
            is_control,
            agent: read_or(&views.agent, Contact::NONE, |cells| Ok(agent(cells, row, words)))?,
            direction: read_or(&views.direction, views.direction_is, |cells| direction(cells, row, words))?,
            cost: read_or(&views.cost, None, |cells| self.cost(cells, row))?.unwrap_or(usual_cost),
            satisfaction: read_or(&views.satisfaction, f32::NAN, |cells| self.satisfaction(cells, row))?,
            response_hours: read_or(&views.response_time, f32::NAN, |cells| self.response_hours(cells, row))?,
            // Last, so that the words of refused rows are not counted.
            outcome: read_or(&views.outcome, None, |cells| Ok(self.outcome(cells, row, words)))?,
        })
    }

    /// What a row says of consent, about its own channel where the column names none. It counts whatever becomes of the
    /// row as a contact.
    fn hear(&self, views: &Views, spoken: Spoken, dates: &DateReader, words: &mut Vocabulary, turned: &mut Turned) {
        let Spoken { customer, at, row } = spoken;
        for (column, Column { cells, .. }) in &views.consent {
            let Some(refuses) = column.refuses(cells, row) else { continue };
            let Ok(channel) = self.channel(views, row, words) else { continue };
            let since = Some(column.since(cells, row, dates)).filter(|day| refuses && *day != Refusal::ALWAYS);
            let at = since.map_or(at, Moment::on);
            turned.statements.push(Statement { customer, about: column.about_contact(narrow(channel)), at, refuses });
        }
    }

    /// A row whose sending failed is no contact. Who was held out of a campaign was not sent anything, and stays.
    fn check_sent<'a>(&self, views: &'a Views, row: usize, words: &mut Vocabulary) -> Result<(), Broken<'a>> {
        let mut flags = views.failed.iter();
        let flagged = flags.find(|column| is_met(&column.cells, row, &mut words.flags, means_failed));
        let not_sent = |word: &str| is_not_sent(word) && !self.is_listed(word);
        let by_status =
            || views.status.as_ref().filter(|status| is_met(&status.cells, row, &mut words.statuses, not_sent));
        match flagged.or_else(by_status) {
            Some(column) if !self.is_held_out(views, row, words) => Err(Broken { rule: Rule::NotSent, column }),
            _ => Ok(()),
        }
    }

    fn is_held_out(&self, views: &Views, row: usize, words: &mut Vocabulary) -> bool {
        self.campaign(views, row, words).is_ok_and(|(_, is_control)| is_control)
    }

    /// Whether the settings say what a word means, so that its rows count as they say.
    fn is_listed(&self, word: &str) -> bool {
        let outcomes = &self.reader.quality.outcomes;
        let lists = [&outcomes.answered, &outcomes.success, &outcomes.neutral, &outcomes.failure, &outcomes.refused];
        let key = channel_key(word);
        lists.into_iter().flatten().any(|listed| channel_key(listed) == key)
    }

    fn channel<'a>(&self, views: &'a Views, row: usize, words: &mut Vocabulary) -> Result<usize, Broken<'a>> {
        let meaning = |name: &str| self.reader.quality.cost(name).unwrap_or(UNKNOWN_COST);
        let one = self.mapping.channel_is.as_deref().unwrap_or_default();
        match &views.channel {
            None => Ok(words.channels.place(one, meaning)),
            Some(column) => column.read(|cells| {
                let name = cells.name(row).ok_or(Rule::MissingChannel)?;
                Ok(words.channels.place(&name, meaning))
            }),
        }
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

    /// A moment that counts.
    fn counting(&self, at: Moment) -> Result<Moment, Rule> {
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
        match cells.money(row, self.decimal) {
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
    let place = words.directions.place(&word, direction_of);
    words.directions.meanings[place].map(Some).ok_or(Rule::UnknownDirection)
}

/// Whether a cell holds a word of this meaning.
fn is_met(cells: &Cells, row: usize, words: &mut Words<bool>, meaning: impl FnOnce(&str) -> bool) -> bool {
    cells.name(row).is_some_and(|word| {
        let place = words.place(&word, meaning);
        words.meanings[place]
    })
}

/// Whether a cell of a column such as `is_failed` says that sending failed: by a yes, a reason or a day.
fn means_failed(word: &str) -> bool {
    let no = [
        "0",
        "no",
        "n",
        "f",
        "false",
        "none",
        "never",
        "ok",
        "sent",
        "delivered",
        "success",
        "opened",
        "clicked",
        "notfailed",
        "notbounced",
        "nobounce",
    ];
    let word = normal(word);
    !(word.is_empty() || no.contains(&word.as_str()) || word.starts_with("0000"))
}

/// Whether a word for what became of a sending says that it reached nobody. Whatever else happened was a contact.
fn is_not_sent(word: &str) -> bool {
    let words = [
        "failed",
        "fail",
        "failure",
        "bounced",
        "bounce",
        "softbounce",
        "softbounced",
        "hardbounce",
        "hardbounced",
        "dropped",
        "drop",
        "suppressed",
        "notsent",
        "unsent",
        "skipped",
        "error",
        "errored",
        "undelivered",
        "undeliverable",
        "notdelivered",
        "deliveryfailed",
        "sendfailed",
        "sendingfailed",
    ];
    words.contains(&normal(word).as_str())
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
