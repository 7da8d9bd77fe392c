//! What the columns of a source of orders mean: who, when, how much, and which rows are purchases.
//!
//! [`Names`] are found by the header and the first rows. [`Evidence`] is what their values tell, block by block.
//! [`Meaning`] is what both come to: a part of the reading plan.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use clivia_core::base::Money;
use clivia_core::notes::Note;

use crate::columns;
use crate::columns::{CURRENCY, CUSTOMER, DATE, ORDER, ORDER_STATUS, REFUNDED, Role, USUAL_CURRENCIES};
use crate::error::{Question, Reading, TableError};
use crate::orders::amount_column::{
    AmountChoice, AmountEvidence, AmountNames, AmountPer, AmountSource, AmountStated, returned_pieces,
};
use crate::orders::customer_column;
use crate::orders::customer_column::{CustomerChoice, CustomerStated, Joined};
use crate::orders::ids::{IdEvidence, IdRule};
use crate::orders::look::{Look, RowAmount};
use crate::orders::status::{Beside, StatusColumn, StatusEvidence, StatusRule, StatusStated, Told};
use crate::orders::{Duplicates, Mapping, OrderSettings};
use crate::profiles::{Holds, Part, Profile, Profiles};

/// What the columns of a source of orders mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meaning {
    /// The profile that it was read by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Who.
    pub customer: CustomerChoice,
    /// Whose the rows are that give money back, where another column says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_customer: Option<String>,
    /// When.
    pub date: String,
    /// In which order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// In which currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// For how much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<AmountChoice>,
    /// Which rows are purchases; all where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusRule>,
}

/// The columns of a source, by its header and its first rows.
#[derive(Debug, Clone)]
pub struct Names {
    profile: Option<Profile>,
    customer: String,
    joined: Option<Joined>,
    date: String,
    order: Option<String>,
    currency: Option<String>,
    amounts: AmountNames,
    status: Vec<StatusColumn>,
    notes: Vec<Note>,
}

/// What the values of these columns tell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evidence {
    amounts: AmountEvidence,
    status: StatusEvidence,
    ids: IdEvidence,
}

/// A source that is being understood.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// Its name, for messages.
    pub file: &'a str,
    /// `read.profile`.
    pub profile: &'a str,
    /// What the settings say.
    pub settings: &'a OrderSettings,
    /// `currency.column`.
    pub currency: &'a str,
}

impl Asked<'_> {
    /// The source's own name of the column that a setting names.
    fn stated(&self, header: &[String], role: Role, setting: &str) -> Result<Option<String>, TableError> {
        match setting {
            "" => Ok(None),
            name => columns::find(self.file, header, role, Some(name)),
        }
    }

    /// Fails where a setting that may be `none` names a column that is not there.
    fn check_named(&self, header: &[String]) -> Result<(), TableError> {
        let OrderSettings { status, refunded, .. } = self.settings;
        let mut named = [(ORDER_STATUS, status), (REFUNDED, refunded)].into_iter().filter(|(_, name)| *name != "none");
        named.try_for_each(|(role, name)| self.stated(header, role, name).map(|_| ()))
    }

    /// The export that the source is, which must have the columns that it is read by where it is named.
    fn profile(&self, header: &[String]) -> Result<Option<Profile>, TableError> {
        let Some(profile) = Profiles::chosen(self.profile, header)? else { return Ok(None) };
        let OrderSettings { customer, date, amount, status, .. } = self.settings;
        let settings = [(Part::Customer, customer), (Part::Date, date), (Part::Amount, amount)];
        let stated: Vec<Part> =
            settings.into_iter().filter(|(_, setting)| !setting.is_empty()).map(|(part, _)| part).collect();
        if !stated.iter().any(|part| profile.problem_is_of(*part)) {
            profile.readable(self.file, header)?;
        }
        let profile = Some(profile).filter(|profile| profile.table == Holds::Orders);
        if let Some(profile) = profile.as_ref().filter(|_| !self.profile.is_empty()) {
            profile.check_held(self.file, header, &stated, status.is_empty())?;
        }
        Ok(profile)
    }

    /// The column for a part: that of the setting, else that of the profile, else the one with the surest name.
    fn find(
        &self,
        header: &[String],
        role: Role,
        setting: &str,
        profile: Option<String>,
    ) -> Result<Option<String>, TableError> {
        match self.stated(header, role, setting)?.or(profile) {
            Some(name) => Ok(Some(name)),
            None => columns::find(self.file, header, role, None),
        }
    }
}

impl Names {
    /// Finds the columns of a source by its header and its first rows.
    ///
    /// # Errors
    /// [`TableError`] where a needed column is not there, where two could be meant, or where it is no table of orders.
    pub fn find(asked: Asked, look: &Look) -> Result<Self, TableError> {
        let (header, settings) = (look.header(), asked.settings);
        asked.check_named(header)?;
        let profile = asked.profile(header)?;
        let of_profile = |part| profile.as_ref().and_then(|profile| profile.column(part, header));
        let order = asked.find(header, ORDER, &settings.order, of_profile(Part::Order))?;
        let amounts = amounts(asked, header, profile.as_ref(), order.as_deref());
        let (customer, mut notes) = customer(asked, look, profile.as_ref(), order.as_deref(), amounts.likely())?;
        let date = asked.find(header, DATE, &settings.date, of_profile(Part::Date))?;
        let date = date.map_or_else(|| columns::need(asked.file, header, DATE, None), Ok)?;
        let currency = asked.find(header, CURRENCY, asked.currency, of_profile(Part::Currency))?;
        let currency = currency.or_else(|| currencies_by_value(look));
        let of_profile = profile.as_ref().map(|profile| profile.status(header)).unwrap_or_default();
        let stated = StatusStated { setting: &settings.status, profile: &of_profile };
        let amount = match amounts.likely() {
            Some(RowAmount::Column(name)) => Some(name),
            _ => None,
        };
        let except = [Some(customer.as_str()), Some(&date), order.as_deref(), amount];
        let except: Vec<&str> = except.into_iter().flatten().collect();
        let status = StatusRule::candidates(header, stated, &except);
        notes.extend(profile.iter().flat_map(|profile| profile.notes(header)));
        let joined = Joined::of(header, &customer)?;
        Ok(Names { profile, customer, joined, date, order, currency, amounts, status, notes })
    }

    /// The columns whose values are looked at.
    pub fn columns(&self) -> Vec<String> {
        let mut names = vec![self.date.clone()];
        names.extend_from_slice(self.joined.as_ref().map_or(std::slice::from_ref(&self.customer), Joined::columns));
        names.extend(self.order.iter().chain(&self.currency).cloned());
        names.extend(self.amounts.columns());
        names.extend(self.status.iter().map(|column| column.column.clone()));
        names.sort();
        names.dedup();
        names
    }

    /// The column of dates.
    pub(super) fn date(&self) -> &str {
        &self.date
    }

    /// Whether a column may hold amounts.
    pub(super) fn may_be_amount(&self, column: &str) -> bool {
        self.amounts.columns().any(|name| name == column)
    }

    /// What the values of some rows tell.
    pub fn evidence(&self, look: &Look) -> Evidence {
        let beside =
            Beside { amount: self.amounts.likely(), order: self.order.as_deref(), refunded: self.amounts.refunded() };
        Evidence {
            amounts: AmountEvidence::of(look, &self.amounts),
            status: StatusEvidence::of(look, &self.status, beside),
            ids: CustomerChoice::evidence(look, &self.customer),
        }
    }
}

impl Evidence {
    /// Whether an id looks as if it stood for nobody, or has lost its digits.
    pub(super) fn doubts_ids(&self) -> bool {
        self.ids.suspects().next().is_some() || !self.ids.notes("").is_empty()
    }

    /// Whether further rows may tell that some are no purchases.
    pub(super) fn doubts_status(&self) -> bool {
        self.status.is_open()
    }

    /// The same, with what was seen of other rows of the source.
    pub fn merge(&mut self, other: &Evidence) {
        self.amounts.merge(&other.amounts);
        self.status.merge(&other.status);
        self.ids.merge(&other.ids);
    }
}

impl Meaning {
    /// That of columns whose every row is a purchase with an amount of its own.
    pub(super) fn plain(mapping: &Mapping) -> Self {
        let amount = mapping.amount.clone().map(|column| AmountChoice {
            from: AmountSource::Column(column),
            refunded: None,
            continuation: None,
        });
        Meaning {
            profile: None,
            customer: CustomerChoice { column: mapping.customer.clone(), ids: IdRule::default() },
            refund_customer: None,
            date: mapping.date.clone(),
            order: mapping.order.clone(),
            currency: mapping.currency.clone(),
            amount,
            status: None,
        }
    }

    /// Whether every row is a purchase with an amount of its own, of the customer whose id stands there.
    pub(super) fn is_plain(&self) -> bool {
        let amount = self.amount.as_ref();
        let of_line = amount.is_none_or(|amount| amount.refunded.is_none() && amount.continuation.is_none());
        of_line
            && !self.counts_once_per_order()
            && self.status.is_none()
            && self.refund_customer.is_none()
            && self.customer.ids.changes_nothing()
    }

    /// Whether an order's total stands on each of its lines.
    pub(super) fn counts_once_per_order(&self) -> bool {
        self.amount.as_ref().is_some_and(|amount| matches!(amount.from, AmountSource::OncePerOrder(_)))
    }

    /// The columns that say more of a row than who, when, how much and in which order.
    pub(super) fn columns(&self) -> Vec<String> {
        let amount = self.amount.iter();
        let continued = amount.clone().flat_map(|amount| &amount.continuation);
        let mut names: Vec<String> = amount.flat_map(|amount| amount.refunded.clone()).collect();
        names.extend(continued.flat_map(|rows| rows.empty.iter().chain([&rows.order]).cloned()));
        names.extend(self.status.iter().flat_map(|rule| rule.columns.iter().map(|column| column.column.clone())));
        names.extend(self.refund_customer.clone());
        names
    }

    /// What names and values come to, and what is to be said of it; `look` are the first rows.
    ///
    /// # Errors
    /// [`TableError::Question`] where two readings give different numbers and the values do not settle it.
    pub fn decide(
        asked: Asked,
        names: &Names,
        seen: &Evidence,
        look: &Look,
    ) -> Result<(Meaning, Vec<Note>), TableError> {
        let (header, settings) = (look.header(), asked.settings);
        let mut notes = names.notes.clone();
        let question = TableError::Question;
        let order = names.order.as_deref();
        let amount = AmountChoice::decide(asked.file, &names.amounts, &seen.amounts, amount_per(settings, order, look));
        let amount = amount.map_err(|asked| TableError::Question(with_duplicates(asked, order, look)))?;
        let (mut amount, of_amount) = amount.unzip();
        notes.extend(of_amount.into_iter().flatten());
        if amount.is_none() {
            notes.extend(unused_amounts(names, look));
        }
        notes.extend(amount.as_ref().and_then(|amount| returned_pieces(&names.amounts, &amount.from, look)));
        if let Some(AmountSource::Column(total)) = amount.as_ref().map(|amount| &amount.from) {
            notes.extend(totals_without_orders(names, total, look));
        }
        let continued = names.profile.as_ref().and_then(|profile| profile.continuation(header));
        if let (Some(choice), Some(continued)) = (&mut amount, continued) {
            choice.continuation = Some(continued);
            notes.retain(|note| note.code != "order_continued");
        }
        let refunded = amount.as_ref().and_then(|amount| amount.refunded.clone());
        let (status, of_status) = self::status(asked, names, seen, header, refunded.as_deref());
        notes.extend(of_status);
        let likely = match amount.as_ref().and_then(|amount| amount.from.column()) {
            Some(column) => Some(RowAmount::Column(column)),
            None => names.amounts.likely(),
        };
        let stated =
            CustomerStated { date: Some(&names.date), ..customer_stated(settings, names.order.as_deref(), likely) };
        let customer =
            CustomerChoice::decide(asked.file, &names.customer, look, &seen.ids, stated).map_err(question)?;
        notes.extend(customer.1);
        let profile = names.profile.as_ref();
        let meaning = Meaning {
            profile: profile.map(|profile| profile.name.clone()),
            customer: customer.0,
            refund_customer: profile.and_then(|profile| profile.column(Part::RefundCustomer, header)),
            date: names.date.clone(),
            order: names.order.clone(),
            currency: names.currency.clone(),
            amount,
            status,
        };
        Ok((meaning, notes))
    }
}

impl AmountSource {
    /// The column, where it is one.
    pub fn column(&self) -> Option<&str> {
        match self {
            AmountSource::Column(name) | AmountSource::OncePerOrder(name) => Some(name),
            AmountSource::Expression(_) => None,
        }
    }
}

/// The columns that may say for how much.
fn amounts(asked: Asked, header: &[String], profile: Option<&Profile>, order: Option<&str>) -> AmountNames {
    let settings = asked.settings;
    let own = |name: &str| amount_column(asked, header, name);
    let stated = Some(settings.amount.as_str()).filter(|amount| !amount.is_empty());
    let stated = stated.map(|text| own(text).ok_or(text.to_string()));
    let of_profile = || profile.and_then(|profile| profile.column(Part::Amount, header));
    let is_column = |text: String| if header.contains(&text) { Ok(text) } else { Err(text) };
    let (column, expression) = match stated.or_else(|| of_profile().map(is_column)) {
        Some(Ok(column)) => (Some(column), None),
        Some(Err(expression)) => (None, Some(expression)),
        None => (None, None),
    };
    let refunded = match settings.refunded.as_str() {
        "" => profile.and_then(|profile| profile.column(Part::Refunded, header)).unwrap_or_default(),
        stated => stated.into(),
    };
    AmountNames::of(
        header,
        AmountStated { column: column.as_deref(), expression: expression.as_deref(), refunded: &refunded, order },
    )
}

/// A column of codes of several currencies, whatever it is called.
fn currencies_by_value(look: &Look) -> Option<String> {
    let is_currency = |value: &str| value.is_ascii() && value.len() == 3 && USUAL_CURRENCIES.contains(&value);
    let holds = |name: &&String| {
        let mut found: Vec<String> = Vec::new();
        for value in (0..look.rows()).filter_map(|row| look.name(name, row)) {
            if !is_currency(&value) {
                return false;
            }
            if !found.iter().any(|known| *known == value) {
                found.push(value.into_owned());
            }
        }
        found.len() > 1
    };
    look.header().iter().find(holds).cloned()
}

/// Totals of orders that stand in several rows of a customer and a moment, where no column tells orders apart.
fn totals_without_orders(names: &Names, total: &str, look: &Look) -> Option<Note> {
    if names.order.is_some() || !names.amounts.is_total_of_order(total) {
        return None;
    }
    let mut moments: HashMap<_, (u64, bool)> = HashMap::new();
    let mut first: HashMap<_, Option<Money>> = HashMap::new();
    for row in 0..look.rows() {
        let Some(moment) = look.name(&names.customer, row).zip(look.name(&names.date, row)) else { continue };
        let amount = look.money(total, row);
        let equal = *first.entry(moment.clone()).or_insert(amount) == amount;
        let (rows, all_equal) = moments.entry(moment).or_insert((0, true));
        (*rows, *all_equal) = (*rows + 1, *all_equal && equal);
    }
    let several: Vec<(u64, bool)> = moments.into_values().filter(|(rows, _)| *rows > 1).collect();
    let repeated = several.iter().filter(|(_, equal)| *equal).count();
    let rows = several.iter().filter(|(_, equal)| *equal).map(|(rows, _)| rows - 1).sum();
    let sentence = format!(
        "'{total}' is the same in rows of one customer and moment: if they are lines of one order, its total counts as \
         often as it has lines"
    );
    let remedy = "name the column of order ids with orders.order, or the amount of a line with orders.amount";
    let is_so = repeated >= 2 && repeated * 10 >= several.len() * 9;
    is_so.then(|| Note::severe("order_total_repeated", sentence).remedy(remedy).rows(rows, look.rows() as u64))
}

/// Columns that may be the amount, where none is called so: those whose numbers have decimals.
fn unused_amounts(names: &Names, look: &Look) -> Option<Note> {
    let taken = [Some(names.date.as_str()), Some(names.customer.as_str()), names.order.as_deref()];
    let has_decimals =
        |name: &str| (0..look.rows()).any(|row| look.money(name, row).is_some_and(|m| m.0 % Money::SCALE != 0));
    let is_free = |name: &&String| !taken.contains(&Some(name.as_str()));
    let may_be = |name: &&String| look.share_of_amounts(name) > 0.9 && has_decimals(name);
    let found: Vec<&String> = look.header().iter().filter(is_free).filter(may_be).take(3).collect();
    let listed = found.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
    let sentence = format!("no column has the name of an amount, and the numbers in {listed} may be one");
    let remedy = format!("if so, set orders.amount = \"{}\"", found.first()?);
    Some(Note::severe("amount_not_known", sentence).remedy(remedy))
}

/// Whose amount a row holds; where it is said what equal rows are, nothing is asked of them.
fn amount_per(settings: &OrderSettings, order: Option<&str>, look: &Look) -> AmountPer {
    let is_said = settings.amount_per == AmountPer::Auto && settings.duplicates != Duplicates::Auto;
    if is_said && rows_stand_twice(order, look) { AmountPer::Line } else { settings.amount_per }
}

/// A question about totals that repeat, with the answer that their rows stand in the file twice, where they may.
fn with_duplicates(mut question: Box<Question>, order: Option<&str>, look: &Look) -> Box<Question> {
    let once = question.readings.iter().find(|reading| reading.setting == "orders.amount_per = \"order\"");
    let Some(total) = once.map(|once| once.total).filter(|_| rows_stand_twice(order, look)) else { return question };
    question.seen.push_str(", and these rows are equal in every column");
    let (meaning, setting) = ("they stand in the file twice".into(), "orders.duplicates = \"drop\"".into());
    question.readings.insert(0, Reading { meaning, total, setting });
    question
}

/// Whether an order has several rows only where these are equal in every column.
fn rows_stand_twice(order: Option<&str>, look: &Look) -> bool {
    let Some(order) = order else { return false };
    let equal = |one, other| look.header().iter().all(|column| look.name(column, one) == look.name(column, other));
    let (mut first, mut several) = (HashMap::new(), false);
    for row in 0..look.rows() {
        let Some(id) = look.name(order, row) else { continue };
        let before = *first.entry(id).or_insert(row);
        if !equal(before, row) {
            return false;
        }
        several |= before != row;
    }
    several
}

/// The column that `orders.amount` names; none where it is an expression, which what holds an operator, a bracket or a
/// quote is, but for the very name of a column.
fn amount_column(asked: Asked, header: &[String], text: &str) -> Option<String> {
    const SIGNS: &[char] = &['+', '-', '*', '/', '%', '|', '(', ')', '[', ']', '"', '\'', '<', '>', '=', ','];
    let is_it = |name: &&String| name.trim().eq_ignore_ascii_case(text.trim());
    let exact = header.iter().find(|name| *name == text).or_else(|| header.iter().find(is_it)).cloned();
    exact.or_else(|| match text.contains(SIGNS) {
        true => None,
        false => columns::find(asked.file, header, columns::AMOUNT, Some(text)).ok().flatten(),
    })
}

fn customer(
    asked: Asked,
    look: &Look,
    profile: Option<&Profile>,
    order: Option<&str>,
    amount: Option<RowAmount>,
) -> Result<(String, Vec<Note>), TableError> {
    let (header, settings) = (look.header(), asked.settings);
    let named = match Joined::of(header, &settings.customer)? {
        Some(joined) => Some(joined.text().into()),
        None => asked.stated(header, CUSTOMER, &settings.customer)?,
    };
    let of_profile = profile.filter(|_| named.is_none()).and_then(|profile| profile.customer(look));
    let by_name = of_profile.as_deref().and_then(|column| customer_column::by_name(look, column));
    let named = named.or(of_profile);
    if named.is_none() {
        // Two spellings of one name are two columns.
        columns::find(asked.file, header, CUSTOMER, None)?;
    }
    let stated = CustomerStated { column: named.as_deref(), ..customer_stated(settings, order, amount) };
    let found = customer_column::column(asked.file, look, stated).map_err(TableError::Question)?;
    let Some((column, mut notes)) = found else {
        return Err(columns::missing(asked.file, header, CUSTOMER, None));
    };
    notes.extend(by_name);
    let nothing_said = [&settings.customer, &settings.date, &settings.amount].iter().all(|setting| setting.is_empty());
    match customer_column::one_row_a_customer(asked.file, look, &column, stated) {
        Some(error) if nothing_said && profile.is_none() => Err(error),
        _ => Ok((column, notes)),
    }
}

fn customer_stated<'a>(
    settings: &OrderSettings,
    order: Option<&'a str>,
    amount: Option<RowAmount<'a>>,
) -> CustomerStated<'a> {
    CustomerStated {
        column: None,
        fold_ids: settings.fold_ids,
        placeholders: settings.placeholders,
        order,
        amount,
        date: None,
    }
}

fn status(
    asked: Asked,
    names: &Names,
    seen: &Evidence,
    header: &[String],
    refunded: Option<&str>,
) -> (Option<StatusRule>, Vec<Note>) {
    let of_profile = names.profile.as_ref().map(|profile| profile.status(header)).unwrap_or_default();
    let stated = StatusStated { setting: &asked.settings.status, profile: &of_profile };
    let free = names.status.iter().filter(|column| Some(column.column.as_str()) != refunded);
    let (rule, mut notes) = StatusRule::decide(free.cloned().collect(), &seen.status, stated);
    let OrderSettings { status, condition, .. } = asked.settings;
    let is_answered = names.status.iter().any(|column| condition.contains(&column.column));
    notes.retain(|note| note.code != "status_not_known" || !is_answered);
    let told = Told { refunds: refunded.is_some(), stated: !status.is_empty(), condition };
    notes.extend(rule.iter().flat_map(|rule| rule.notes(&seen.status, told)));
    (rule, notes)
}

#[cfg(test)]
mod tests;
