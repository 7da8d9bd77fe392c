//! Which columns of a contact log are used, and what holds for all of its rows.

use std::fmt;

use clivia_core::contacts::Direction;
use clivia_core::score::SettingError;
use serde::{Deserialize, Serialize};

use crate::columns;
use crate::columns::{
    AGENT, CAMPAIGN, CHANNEL, CONTACT_ADDRESS, CONTACT_COST, CONTACT_CUSTOMER, CONTACT_DATE, CONTROL, DIRECTION,
    FAILED, Needed, OUTCOME, RESPONSE_TIME, SATISFACTION, SEND_STATUS,
};
use crate::consent::{ConsentColumn, ConsentPolicy};
use crate::error::TableError;
use crate::mistaken;
use crate::profiles::{Part, Profile};

/// What names no column, where one would be found by its name.
const NO_COLUMN: &str = "none";

/// What would do in the place of a channel column.
const CONSTANT_CHANNEL: &str = "set contact_columns.channel_is = \"email\" if all contacts have one channel";

/// What happens where no contact is of a customer who ordered, or hardly any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unmatched {
    /// The run ends with an error where none is, and draws no map where hardly any is.
    #[default]
    Error,
    /// It goes on without contacts, and draws no map.
    NoMap,
    /// It draws the map of those that match.
    Map,
}

/// Which columns of the contact log are used. Each is found by its name where the setting is empty; only
/// the first three must be there, and one channel can hold for all contacts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ContactColumns {
    /// Rows for which this condition over their columns is not true are left out; all stay where it is empty.
    #[serde(rename = "where")]
    pub condition: String,
    /// Who was contacted.
    pub customer: String,
    /// The date or timestamp.
    pub date: String,
    /// By which channel.
    pub channel: String,
    /// The channel of all contacts, where no column has it.
    pub channel_is: String,
    /// Who contacted whom: `in` or `out`.
    pub direction: String,
    /// The same of all contacts, where no column has it.
    pub direction_is: String,
    /// What came of it.
    pub outcome: String,
    /// Whether sending failed: such a row is no contact. `none` looks at no column.
    pub failed: String,
    /// What became of sending, in words: where it failed the row is no contact. `none` looks at no column.
    pub status: String,
    /// What it cost.
    pub cost: String,
    /// What the customer thought of it.
    pub satisfaction: String,
    /// How long an inbound contact waited for its answer.
    pub response_time: String,
    /// To which campaign it belongs.
    pub campaign: String,
    /// Whether the customer was held out of the campaign at random.
    pub control: String,
    /// Who of the company made it.
    pub agent: String,
    /// Whether refusals of customers are obeyed, here and in the customers table.
    pub consent: ConsentPolicy,
    /// What happens where no contact is of a customer who ordered.
    pub unmatched: Unmatched,
}

impl ContactColumns {
    /// The same, with the columns and constants of a profile where a setting does not say otherwise.
    fn with(&self, profile: &Profile, held: &[String]) -> Self {
        let mut columns = self.clone();
        let ContactColumns { customer, date, channel, channel_is, direction, direction_is, outcome, campaign, .. } =
            &mut columns;
        let parts =
            [(Part::Customer, customer), (Part::Date, date), (Part::Outcome, outcome), (Part::Campaign, campaign)];
        for (part, column) in parts.into_iter().filter(|(_, column)| column.is_empty()) {
            *column = profile.column(part, held).unwrap_or_default();
        }
        let constants = [(Part::Channel, channel, channel_is), (Part::Direction, direction, direction_is)];
        for (part, column, constant) in constants {
            if column.is_empty() && constant.is_empty() {
                *column = profile.column(part, held).unwrap_or_default();
                *constant = profile.constant(part).filter(|_| column.is_empty()).unwrap_or_default().into();
            }
        }
        columns
    }

    /// Checks what can be told without the file.
    ///
    /// # Errors
    /// [`SettingError`] where a column and a constant are both given, or a direction is neither in nor out.
    pub fn check(&self) -> Result<(), SettingError> {
        let both = |column: &str, constant: &str| !column.is_empty() && !constant.is_empty();
        if both(&self.channel, &self.channel_is) {
            let rule = "contact_columns.channel names a column, too; give one of them";
            return Err(SettingError::new("contact_columns.channel_is", format!("\"{}\"", self.channel_is), rule));
        }
        let wrong =
            |rule: &str| SettingError::new("contact_columns.direction_is", format!("\"{}\"", self.direction_is), rule);
        if both(&self.direction, &self.direction_is) {
            return Err(wrong("contact_columns.direction names a column, too; give one of them"));
        }
        match self.direction_is.is_empty() || direction_of(&self.direction_is).is_some() {
            true => Ok(()),
            false => Err(wrong("write out for contacts by the company, in for contacts by customers")),
        }
    }
}

/// Who contacted whom, by a word.
pub(super) fn direction_of(word: &str) -> Option<Direction> {
    match word.trim().to_lowercase().as_str() {
        "out" | "outbound" | "outgoing" | "o" | "sent" => Some(Direction::Outbound),
        "in" | "inbound" | "incoming" | "i" | "received" => Some(Direction::Inbound),
        _ => None,
    }
}

/// Which column plays which part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactMapping {
    /// Who.
    pub customer: String,
    /// When.
    pub date: String,
    /// How; `None` where all contacts have one channel.
    #[serde(default)]
    pub channel: Option<String>,
    /// The channel of all contacts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_is: Option<String>,
    /// Who contacted whom.
    #[serde(default)]
    pub direction: Option<String>,
    /// The direction of all contacts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction_is: Option<String>,
    /// What came of it.
    #[serde(default)]
    pub outcome: Option<String>,
    /// What it cost.
    #[serde(default)]
    pub cost: Option<String>,
    /// What the customer thought of it.
    #[serde(default)]
    pub satisfaction: Option<String>,
    /// How long an answer took.
    #[serde(default)]
    pub response_time: Option<String>,
    /// To which campaign it belongs.
    #[serde(default)]
    pub campaign: Option<String>,
    /// Whether the customer was held out at random.
    #[serde(default)]
    pub control: Option<String>,
    /// Who of the company made it.
    #[serde(default)]
    pub agent: Option<String>,
    /// Whether sending failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<String>,
    /// What became of sending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What customers refuse.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consent: Vec<String>,
}

impl ContactMapping {
    /// That of a log of which a profile is known.
    pub(super) fn by(
        profile: Option<&Profile>,
        columns: &ContactColumns,
        file: &str,
        held: &[String],
    ) -> Result<Self, TableError> {
        let Some(profile) = profile else { return Self::of(columns, file, held) };
        let mut mapping = Self::found(&columns.with(profile, held), file, held)?;
        let failed = profile.all(Part::Failed, held).into_iter().filter(|_| columns.failed.is_empty());
        let more: Vec<String> = failed.filter(|name| !mapping.failed.contains(name)).collect();
        mapping.failed.extend(more);
        Ok(mapping)
    }

    fn of(columns: &ContactColumns, file: &str, held: &[String]) -> Result<Self, TableError> {
        if [&columns.customer, &columns.date, &columns.channel].into_iter().any(String::is_empty) {
            mistaken::no_orders(file, held)?;
        }
        Self::found(columns, file, held)
    }

    fn found(columns: &ContactColumns, file: &str, held: &[String]) -> Result<Self, TableError> {
        let mut needed = Needed::of(file, held);
        let constant = |word: &str| Some(word.trim().to_string()).filter(|word| !word.is_empty());
        let (channel_is, direction_is) = (constant(&columns.channel_is), constant(&columns.direction_is));
        let mapping = ContactMapping {
            customer: customer(columns, &mut needed)?,
            date: needed.need(CONTACT_DATE, &columns.date, "")?,
            channel: match channel_is {
                Some(_) => None,
                None => Some(needed.need(CHANNEL, &columns.channel, CONSTANT_CHANNEL)?),
            },
            direction: match direction_is {
                Some(_) => None,
                None => needed.find(DIRECTION, &columns.direction)?,
            },
            channel_is,
            direction_is,
            outcome: needed.find(OUTCOME, &columns.outcome)?,
            cost: needed.find(CONTACT_COST, &columns.cost)?,
            satisfaction: needed.find(SATISFACTION, &columns.satisfaction)?,
            response_time: needed.find(RESPONSE_TIME, &columns.response_time)?,
            campaign: needed.find(CAMPAIGN, &columns.campaign)?,
            control: needed.find(CONTROL, &columns.control)?,
            agent: needed.find(AGENT, &columns.agent)?,
            failed: match columns.failed.as_str() {
                "" => columns::all(held, FAILED),
                NO_COLUMN => Vec::new(),
                named => needed.find(FAILED, named)?.into_iter().collect(),
            },
            status: match columns.status.as_str() {
                NO_COLUMN => None,
                named => needed.find(SEND_STATUS, named)?,
            },
            consent: match columns.consent {
                ConsentPolicy::Obey => held.iter().filter(|name| ConsentColumn::of(name).is_some()).cloned().collect(),
                ConsentPolicy::Ignore => Vec::new(),
            },
        };
        needed.check()?;
        Ok(mapping)
    }

    /// Fails where a column of it is not held.
    pub(super) fn check_held(&self, file: &str, held: &[String]) -> Result<(), TableError> {
        match self.names().into_iter().find(|name| !held.contains(name)) {
            None => Ok(()),
            Some(name) => {
                let cause = format!("its plan names the column '{name}'; the table holds: {}", held.join(", "));
                Err(TableError::Plan { file: file.into(), cause })
            }
        }
    }

    /// Whether a column plays a part beside the customer.
    pub(super) fn is_used(&self, name: &str) -> bool {
        let mut others = self.optional().into_iter().filter_map(|(_, column)| column.as_ref());
        self.date == name || self.channel.as_deref() == Some(name) || others.any(|column| column == name)
    }

    fn optional(&self) -> [(&'static str, &Option<String>); 9] {
        [
            ("direction", &self.direction),
            ("outcome", &self.outcome),
            ("cost", &self.cost),
            ("satisfaction", &self.satisfaction),
            ("response_time", &self.response_time),
            ("campaign", &self.campaign),
            ("control", &self.control),
            ("agent", &self.agent),
            ("status", &self.status),
        ]
    }

    /// All columns that must be read, each once.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names = vec![self.customer.clone(), self.date.clone()];
        names.extend(self.channel.clone());
        names.extend(self.optional().into_iter().filter_map(|(_, column)| column.clone()));
        names.extend(self.failed.iter().chain(&self.consent).cloned());
        names.sort();
        names.dedup();
        names
    }
}

/// The column of customers: by its name, an address where there is no id, and a plain `id` last, since that may be the
/// row's own.
fn customer(columns: &ContactColumns, needed: &mut Needed<'_>) -> Result<String, TableError> {
    if columns.customer.is_empty() {
        let by_name = needed.find(CONTACT_CUSTOMER, "")?.filter(|name| columns::normal(name) != "id");
        let found = match by_name {
            None => needed.find(CONTACT_ADDRESS, "")?,
            found => found,
        };
        if let Some(found) = found {
            return Ok(found);
        }
    }
    needed.need(CONTACT_CUSTOMER, &columns.customer, "")
}

/// Columns that could hold the customer, the surest first.
pub(super) fn customer_candidates(held: &[String]) -> Vec<String> {
    let usual = CONTACT_CUSTOMER.usual.iter().chain(CONTACT_ADDRESS.usual);
    let mut candidates: Vec<String> = Vec::new();
    for name in usual.flat_map(|usual| held.iter().filter(move |name| columns::normal(name) == *usual)) {
        if !candidates.contains(name) {
            candidates.push(name.clone());
        }
    }
    candidates
}

impl fmt::Display for ContactMapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "customer = {}, date = {}", self.customer, self.date)?;
        for (role, value) in
            [("channel", &self.channel), ("channel", &self.channel_is), ("direction", &self.direction_is)]
        {
            if let Some(value) = value {
                write!(f, ", {role} = {value}")?;
            }
        }
        let mut rest = self.optional().into_iter().filter_map(|(role, column)| Some((role, column.as_ref()?)));
        rest.try_for_each(|(role, column)| write!(f, ", {role} = {column}"))?;
        let lists = [("failed", &self.failed), ("consent", &self.consent)];
        let mut lists = lists.into_iter().filter(|(_, columns)| !columns.is_empty());
        lists.try_for_each(|(role, columns)| write!(f, ", {role} = {}", columns.join(" and ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profiles::Profiles;

    fn mapping(header: &str, columns: &ContactColumns) -> ContactMapping {
        let held: Vec<String> = header.split(',').map(String::from).collect();
        let profile = Profiles::recognise(&held);
        ContactMapping::by(profile, columns, "c.csv", &held).expect("a contact log")
    }

    const MAUTIC: &str = "id,email_address,date_sent,date_read,subject,is_failed,is_read";

    #[test]
    fn a_known_log_is_read_by_its_profile() {
        let found = mapping(MAUTIC, &ContactColumns::default());
        assert_eq!((found.customer.as_str(), found.date.as_str()), ("email_address", "date_sent"));
        assert_eq!((found.channel, found.channel_is.as_deref()), (None, Some("email")));
        assert_eq!((found.direction, found.direction_is.as_deref()), (None, Some("out")));
        assert_eq!((found.campaign.as_deref(), found.failed), (Some("subject"), vec!["is_failed".to_string()]));
        let klaviyo = "Email,Campaign Name,Send Time,Received Email,Bounced Email,Dropped Email";
        let found = mapping(klaviyo, &ContactColumns::default());
        assert_eq!(found.failed, ["Bounced Email", "Dropped Email"]);
        assert_eq!(found.channel_is.as_deref(), Some("email"));
    }

    #[test]
    fn settings_go_before_the_profile_of_a_log() {
        let columns = ContactColumns {
            channel_is: "letter".into(),
            direction_is: "in".into(),
            customer: "id".into(),
            failed: NO_COLUMN.into(),
            ..ContactColumns::default()
        };
        let found = mapping(MAUTIC, &columns);
        assert_eq!((found.channel_is.as_deref(), found.direction_is.as_deref()), (Some("letter"), Some("in")));
        assert_eq!((found.customer.as_str(), found.failed.len()), ("id", 0));
    }
}
