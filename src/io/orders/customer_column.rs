//! Who the customer is: the column that says so, and ids in it that stand for nobody.

mod joined;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use clivia_core::base::Money;
use clivia_core::notes::Note;

use crate::columns::{CUSTOMER, names_addresses, names_people, normal};
use crate::error::{Question, Reading, TableError};
use crate::frame::is_totals_row;
use crate::orders::ids::{FoldIds, IdEvidence, IdRule, Placeholder, Placeholders, folded, is_address, placeholder};
use crate::orders::look::{Look, RowAmount};
pub use joined::Joined;

/// How the customer of a row is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerChoice {
    /// The column, or the expression over several that makes ids.
    pub column: String,
    /// How an id of it becomes a customer's.
    #[serde(default, skip_serializing_if = "IdRule::changes_nothing")]
    pub ids: IdRule,
}

/// What the customer may be decided by.
#[derive(Debug, Clone, Copy, Default)]
pub struct CustomerStated<'a> {
    /// The column that a setting or a profile names, under the source's own name.
    pub column: Option<&'a str>,
    /// Whether ids are folded.
    pub fold_ids: FoldIds,
    /// What happens to ids that stand for nobody.
    pub placeholders: Placeholders,
    /// In which order.
    pub order: Option<&'a str>,
    /// For how much.
    pub amount: Option<RowAmount<'a>>,
    /// When, where that is known already.
    pub date: Option<&'a str>,
}

/// Rows below which nothing is concluded from ids that are all different.
const ENOUGH_ROWS: usize = 30;
/// Rows that one id must have, to be nobody's for that.
const MANY_ROWS: u64 = 50;

type Found = Result<(String, Vec<Note>), Box<Question>>;

/// The column of customers: the stated one, else the surest by its name that the values do not speak against. `None`
/// where no name is that of one.
///
/// # Errors
/// [`Question`] where two columns could be meant and the values do not settle it.
pub fn column(file: &str, look: &Look, stated: CustomerStated) -> Result<Option<(String, Vec<Note>)>, Box<Question>> {
    if let Some(column) = stated.column {
        return Ok(Some((column.into(), Vec::new())));
    }
    let Some(usual) = look.named(CUSTOMER.usual) else { return Ok(None) };
    Columns { file, look, stated }.checked(usual).map(Some)
}

/// What is said of a column of customers that a profile names and that holds names.
pub(crate) fn by_name(look: &Look, column: &str) -> Option<Note> {
    let columns = Columns { file: "", look, stated: CustomerStated::default() };
    (!names_addresses(column) && columns.holds_names(column)).then(|| names_are_no_ids(column))
}

fn names_are_no_ids(column: &str) -> Note {
    let sentence = format!("'{column}' holds names: two customers of one name are taken for one");
    Note::warning("customer_by_name", sentence).remedy("name a column of ids with orders.customer")
}

/// A header with the columns of customers in it.
struct Columns<'a> {
    file: &'a str,
    look: &'a Look<'a>,
    stated: CustomerStated<'a>,
}

impl<'a> Columns<'a> {
    fn checked(&self, usual: &'a str) -> Found {
        let rows = self.look.rows();
        let ids = self.ids(usual);
        let all_different = rows >= ENOUGH_ROWS && ids.len() >= ENOUGH_ROWS && different(&ids) == ids.len();
        if normal(usual) == "id" {
            return Ok(if all_different { self.instead_of_row_ids(usual) } else { (usual.into(), Vec::new()) });
        }
        if !names_addresses(usual) && (self.holds_names(usual) || self.holds_some_names(usual)) {
            if let Some(address) = self.addresses().find(|address| self.ids(address).len() * 10 >= rows * 9) {
                let sentence = format!("'{usual}' holds names, so that '{address}' is taken for the customer");
                let note = Note::info("customer_by_address", sentence);
                return Ok((address.into(), vec![note.remedy(setting(usual))]));
            }
            if self.holds_names(usual) {
                return Ok((usual.into(), vec![names_are_no_ids(usual)]));
            }
        }
        if all_different && let Some(other) = self.repeating(usual) {
            return Err(self.two(usual, other));
        }
        let notes = self.gaps(usual, ids.len()).into_iter().chain(self.of_person(usual));
        Ok((usual.into(), notes.collect()))
    }

    /// That the id of a person is taken before another beside it, which is one of each order in some shops.
    fn of_person(&self, usual: &str) -> Option<Note> {
        let other = self.look.named(&["customerid"]).filter(|_| normal(usual) == "customeruniqueid")?;
        let sentence = format!("'{usual}' is taken for the customer, and not '{other}'");
        Some(Note::info("customer_by_unique_id", sentence).remedy(setting(other)))
    }

    fn ids(&self, column: &str) -> Vec<Cow<'a, str>> {
        (0..self.look.rows()).filter_map(|row| self.look.name(column, row)).collect()
    }

    /// Whether most values are words with a blank between them.
    fn holds_names(&self, column: &str) -> bool {
        let ids = self.ids(column);
        let is_name =
            |id: &&Cow<str>| id.trim().contains(' ') && !id.contains(|sign: char| sign.is_ascii_digit() || sign == '@');
        names_people(column) || (!ids.is_empty() && ids.iter().filter(is_name).count() * 10 >= ids.len() * 7)
    }

    /// Whether nearly no value has a digit, as ids have, and some are words with a blank between them; among addresses
    /// that is enough for names.
    fn holds_some_names(&self, column: &str) -> bool {
        let ids = self.ids(column);
        let is_code = |id: &&Cow<str>| id.contains(|sign: char| sign.is_ascii_digit() || sign == '@' || sign == '_');
        let codes = ids.iter().filter(is_code).count();
        let spaced = ids.iter().filter(|id| id.trim().contains(' ')).count();
        !ids.is_empty() && codes * 20 <= ids.len() && spaced * 5 >= ids.len()
    }

    /// Columns of addresses.
    fn addresses(&self) -> impl Iterator<Item = &'a str> + '_ {
        let is_one = |column: &&str| {
            let ids = self.ids(column);
            !ids.is_empty() && ids.iter().filter(|id| is_address(id)).count() * 10 >= ids.len() * 9
        };
        self.look.header().iter().map(String::as_str).filter(|name| names_addresses(name)).filter(is_one)
    }

    /// Another usual column of ids or addresses that has several rows a customer.
    fn repeating(&self, except: &str) -> Option<&'a str> {
        let is_usual = |name: &&str| CUSTOMER.usual.contains(&normal(name).as_str()) && normal(name) != "id";
        let header = self.look.header().iter().map(String::as_str);
        let others = header.filter(|name| *name != except && Some(*name) != self.stated.order && !names_people(name));
        let repeats = |name: &&str| {
            let ids = self.ids(name);
            ids.len() * 10 >= self.look.rows() * 9 && different(&ids) * 10 <= ids.len() * 9
        };
        others.filter(is_usual).find(repeats)
    }

    /// What to take in place of an `id` that is different in every row.
    fn instead_of_row_ids(&self, id: &str) -> (String, Vec<Note>) {
        const WORDS: [&str; 9] =
            ["customer", "client", "buyer", "member", "kunde", "klient", "cliente", "shopper", "user"];
        let about_people = |name: &&str| WORDS.iter().any(|word| normal(name).contains(word)) || names_addresses(name);
        let header = self.look.header().iter().map(String::as_str);
        let others = header.filter(|name| *name != id && Some(*name) != self.stated.order).filter(about_people);
        let repeats = |name: &&str| {
            let ids = self.ids(name);
            ids.len() * 2 >= self.look.rows() && different(&ids) * 20 <= ids.len() * 19
        };
        match others.into_iter().find(repeats) {
            Some(other) => {
                let sentence = format!("'{id}' is different in every row, so that '{other}' is taken for the customer");
                (other.into(), vec![Note::info("id_of_row", sentence).remedy(setting(id))])
            }
            None => {
                let sentence = format!(
                    "'{id}' is different in every row: if it is the id of an order, every customer seems to have bought \
                     once"
                );
                (
                    id.into(),
                    vec![
                        Note::severe("id_of_row", sentence).remedy("name the column of customers with orders.customer"),
                    ],
                )
            }
        }
    }

    fn two(&self, usual: &str, other: &str) -> Box<Question> {
        let reading = |column: &str| Reading {
            meaning: format!(
                "by '{column}' there are {} customers in the first {} rows",
                different(&self.ids(column)),
                self.look.rows()
            ),
            total: None,
            setting: setting(column),
        };
        Box::new(Question {
            file: self.file.into(),
            column: usual.into(),
            seen: format!("it is different in every row, as the id of an order is, and '{other}' is not"),
            readings: vec![reading(other), reading(usual)],
        })
    }

    /// Rows without an id, where another column has one.
    fn gaps(&self, usual: &str, filled: usize) -> Option<Note> {
        let rows = self.look.rows();
        let gaps = rows - filled;
        let address = self.addresses().find(|address| *address != usual)?;
        let others = rows - self.ids(address).len();
        (gaps * 20 >= rows && others * 2 < gaps).then(|| {
            let sentence = format!("'{usual}' is empty where '{address}' is not: rows without an id are refused");
            Note::warning("customer_gaps", sentence).remedy(setting(address)).rows(gaps as u64, rows as u64)
        })
    }
}

fn different(ids: &[Cow<str>]) -> usize {
    ids.iter().collect::<HashSet<_>>().len()
}

fn setting(column: &str) -> String {
    format!("orders.customer = \"{column}\"")
}

/// Rows of an id that may stand for nobody.
#[derive(Debug, Default)]
struct Suspect {
    rows: u64,
    /// Those of them that were looked at with the others'.
    looked_at: u64,
    money: Money,
    addresses: BTreeSet<String>,
}

impl CustomerChoice {
    /// How ids of a column become customers, by what was seen of them.
    ///
    /// # Errors
    /// [`Question`] where an id stands for nobody and it is not said what happens to it.
    pub fn decide(
        file: &str,
        column: &str,
        look: &Look,
        seen: &IdEvidence,
        stated: CustomerStated,
    ) -> Result<(CustomerChoice, Vec<Note>), Box<Question>> {
        let fold = match stated.fold_ids {
            FoldIds::Auto => seen.is_of_addresses(),
            FoldIds::Always => true,
            FoldIds::Never => false,
        };
        let mut notes = seen.notes(column);
        notes.extend(spellings(column, look, fold, stated.fold_ids));
        let nobody = Nobody::of(file, column, look, seen, stated);
        let refuse = nobody.decide(&mut notes)?;
        let fold_id = |id: String| if fold { folded(&id).into_owned() } else { id };
        let refuse = refuse.into_iter().map(fold_id).collect();
        Ok((CustomerChoice { column: column.into(), ids: IdRule { fold, refuse } }, notes))
    }

    /// What is known of a column's ids by some rows; one of them that has many rows is watched in the rest.
    pub fn evidence(look: &Look, column: &str) -> IdEvidence {
        let mut rows: HashMap<Cow<str>, u64> = HashMap::new();
        for id in (0..look.rows()).filter_map(|row| look.name(column, row)) {
            *rows.entry(id).or_default() += 1;
        }
        let many = rows.iter().filter(|(_, count)| **count > MANY_ROWS && **count * 5 > look.rows() as u64);
        let mut evidence = IdEvidence::watching(many.map(|(id, _)| id.to_string()));
        for id in (0..look.rows()).filter_map(|row| look.name(column, row)) {
            evidence.add(&id);
        }
        evidence
    }
}

/// Ids that may stand for nobody.
struct Nobody<'a> {
    file: &'a str,
    column: &'a str,
    look: &'a Look<'a>,
    stated: CustomerStated<'a>,
    address: Option<String>,
    /// How many of the rows looked at a customer has that is not among them, and the most that one has.
    usual_rows: f64,
    most_rows: u64,
    all: u64,
    suspects: BTreeMap<String, Suspect>,
    others: Others,
}

/// What the ids are like that stand for somebody.
#[derive(Debug, Clone, Copy, Default)]
struct Others {
    ids: u64,
    numbers: u64,
    negative: u64,
}

impl Others {
    fn add(&mut self, id: &str) {
        let digits = id.trim().trim_start_matches('-');
        let is_number = !digits.is_empty() && digits.bytes().all(|sign| sign.is_ascii_digit() || sign == b'.');
        self.ids += 1;
        self.numbers += u64::from(is_number);
        self.negative += u64::from(is_number && id.trim().starts_with('-'));
    }

    /// Whether a number is nobody's id among these.
    fn leave_no_room_for(self, id: &str) -> bool {
        let none_is_alike = if id.trim() == "-1" { self.negative == 0 } else { self.numbers == 0 };
        self.ids > 0 && none_is_alike
    }
}

impl<'a> Nobody<'a> {
    fn of(file: &'a str, column: &'a str, look: &'a Look<'a>, seen: &IdEvidence, stated: CustomerStated<'a>) -> Self {
        let columns = Columns { file, look, stated };
        let address = columns.addresses().find(|address| *address != column).map(String::from);
        let mut suspects: BTreeMap<String, Suspect> =
            seen.suspects().map(|(id, rows)| (id.into(), Suspect { rows, ..Suspect::default() })).collect();
        let (mut others, mut kinds) = (HashMap::<_, u64>::new(), Others::default());
        for row in 0..look.rows() {
            let Some(id) = look.name(column, row) else { continue };
            let Some(suspect) = suspects.get_mut(id.as_ref()) else {
                kinds.add(&id);
                *others.entry(id).or_default() += 1;
                continue;
            };
            // A row of totals without a date is left out as one.
            if is_totals_row([id.as_ref()]) && stated.date.is_none_or(|date| look.name(date, row).is_none()) {
                continue;
            }
            suspect.looked_at += 1;
            let money = stated.amount.and_then(|amount| look.amount(amount, row)).unwrap_or_default();
            suspect.money = Money(suspect.money.0.saturating_add(money.0));
            let found = address.as_deref().and_then(|address| look.name(address, row));
            suspect.addresses.extend(found.map(|found| folded(&found).into_owned()));
        }
        suspects.retain(|id, suspect| suspect.looked_at > 0 || !is_totals_row([id.as_str()]));
        let usual_rows = others.values().sum::<u64>() as f64 / others.len().max(1) as f64;
        let most_rows = others.values().max().copied().unwrap_or(0);
        Nobody { file, column, look, stated, address, usual_rows, most_rows, all: seen.ids, suspects, others: kinds }
    }

    /// Whether an id stands for nobody, by what it is and by how it is used.
    fn is_nobody(&self, id: &str, suspect: &Suspect) -> bool {
        let is_of_many = suspect.addresses.len() >= 2 && suspect.addresses.len() as u64 * 20 >= suspect.rows;
        match placeholder(id) {
            Some(Placeholder::Word) => true,
            Some(Placeholder::Number) if self.others.leave_no_room_for(id) => true,
            // A number that stands beside others is nobody's only where no customer has as many rows.
            Some(Placeholder::Number) => {
                let rows = suspect.looked_at;
                is_of_many || (rows > self.most_rows && rows as f64 > 3.0 * self.usual_rows.max(1.0))
            }
            None => is_of_many && suspect.addresses.len() > 5,
        }
    }

    /// Ids whose rows are refused.
    fn decide(&self, notes: &mut Vec<Note>) -> Result<Vec<String>, Box<Question>> {
        let nobody = || self.suspects.iter().filter(|(id, suspect)| self.is_nobody(id, suspect));
        // A row that sums up the others is as grave as many.
        let is_often = |(id, suspect): &(&String, &Suspect)| {
            is_totals_row([id.as_str()]) || (suspect.rows > 1 && suspect.rows * 1_000 >= self.all)
        };
        let often: Vec<_> = nobody().filter(is_often).collect();
        match self.stated.placeholders {
            Placeholders::Refuse => return Ok(nobody().map(|(id, _)| id.clone()).collect()),
            Placeholders::Ask if !often.is_empty() => return Err(self.question(&often)),
            Placeholders::Ask | Placeholders::Keep => {}
        }
        let (rows, money) =
            nobody().fold((0, 0_i64), |sum, (_, one)| (sum.0 + one.rows, sum.1.saturating_add(one.money.0)));
        if rows > 0 {
            let ids = nobody().map(|(id, _)| format!("'{id}'")).take(3).collect::<Vec<_>>().join(", ");
            let sentence =
                format!("column '{}' holds {ids}, which seem to stand for nobody and count as customers", self.column);
            let note = Note::warning("placeholder_ids", sentence).rows(rows, self.all).money(Money(money));
            notes.push(note.remedy("refuse such rows with orders.placeholders = \"refuse\""));
        }
        Ok(Vec::new())
    }

    fn question(&self, often: &[(&String, &Suspect)]) -> Box<Question> {
        let ids = often.iter().map(|(id, _)| format!("'{id}'")).take(3).collect::<Vec<_>>().join(", ");
        let rows: u64 = often.iter().map(|(_, suspect)| suspect.rows).sum();
        let theirs: i64 = often.iter().fold(0, |sum, (_, suspect)| suspect.money.0.saturating_add(sum));
        let all = self.stated.amount.map(|amount| {
            (0..self.look.rows())
                .filter_map(|row| self.look.amount(amount, row))
                .fold(0_i64, |sum, one| sum.saturating_add(one.0))
        });
        let total = |money: i64| all.is_some().then_some(Money(money));
        let all = all.unwrap_or_default();
        let mut readings = Vec::new();
        if let Some(address) = &self.address {
            let meaning = format!("customers are told apart by '{address}'");
            readings.push(Reading { meaning, total: total(all), setting: setting(address) });
        }
        let refuse = "orders.placeholders = \"refuse\"".to_string();
        readings.push(Reading {
            meaning: "these rows are refused".into(),
            total: total(all - theirs),
            setting: refuse,
        });
        let keep = "orders.placeholders = \"keep\"".to_string();
        readings.push(Reading {
            meaning: "each of these ids is one customer".into(),
            total: total(all),
            setting: keep,
        });
        let people = often.iter().map(|(_, suspect)| suspect.addresses.len()).max().unwrap_or_default();
        let of_people = match &self.address {
            Some(address) if people > 1 => format!(" and {people} addresses in '{address}'"),
            _ => String::new(),
        };
        let share = 100.0 * rows as f64 / self.all.max(1) as f64;
        let verb = if often.len() == 1 { "stands" } else { "stand" };
        let lines = if rows == 1 { "row" } else { "rows" };
        let seen = format!("{ids} {verb} for nobody, it seems, with {rows} {lines} ({share:.1} %){of_people}");
        Box::new(Question { file: self.file.into(), column: self.column.into(), seen, readings })
    }
}

/// Ids that differ only in case and blanks.
fn spellings(column: &str, look: &Look, fold: bool, stated: FoldIds) -> Option<Note> {
    let distinct: HashSet<Cow<str>> = (0..look.rows()).filter_map(|row| look.name(column, row)).collect();
    let mut ids: BTreeMap<Cow<str>, BTreeSet<&str>> = BTreeMap::new();
    for id in &distinct {
        ids.entry(folded(id)).or_default().insert(id);
    }
    let several: Vec<_> = ids.values().filter(|spellings| spellings.len() > 1).collect();
    let example = several.first()?.iter().map(|id| format!("'{id}'")).take(2).collect::<Vec<_>>().join(" and ");
    let many = several.len();
    if fold {
        let sentence = format!(
            "ids that differ only in case and blanks are one customer, such as {example} ({many} in the first rows)"
        );
        return Some(Note::info("ids_folded", sentence).remedy("to keep them apart, set orders.fold_ids = \"never\""));
    }
    let sentence = format!(
        "column '{column}' holds ids that differ only in case or blanks, such as {example} ({many} in the first rows)"
    );
    (stated != FoldIds::Never).then(|| {
        Note::warning("ids_differ_in_case", sentence)
            .remedy("if they are one customer, set orders.fold_ids = \"always\"")
    })
}

/// What a table of customers holds, and no table of orders.
#[rustfmt::skip]
const SUMMARIES: &[&str] = &[
    "numberoforders", "orderscount", "ordercount", "totalorders", "noofoders", "nooforders", "lifetimeorders",
    "purchasecount",
    "numberofpurchases", "totalpurchases", "totalspent", "totalspend", "lifetimespend", "amountspent", "moneyspent",
    "lifetimevalue", "ltv", "clv", "customerlifetimevalue", "averageordervalue", "avgordervalue", "aov", "firstorder",
    "firstorderdate", "firstpurchase", "firstpurchasedate", "lastorder", "lastorderdate", "lastpurchase",
    "lastpurchasedate",
    "dateoflastpurchase", "dayssincelastorder", "dayssincelastpurchase", "frequency", "recency", "monetary",
    "monetaryvalue",
    "anzahlbestellungen", "gesamtumsatz", "erstebestellung", "letztebestellung", "liczbazamowien",
    "pierwszezamowienie",
    "ostatniezamowienie", "nombredecommandes", "premierecommande", "dernierecommande", "numerodepedidos",
    "ultimopedido",
];

/// Whether a table has one row a customer already and no orders: the error that says so.
pub fn one_row_a_customer(file: &str, look: &Look, column: &str, stated: CustomerStated) -> Option<TableError> {
    let is_summary = |name: &&String| SUMMARIES.contains(&normal(name).as_str());
    let found: Vec<String> = look.header().iter().filter(is_summary).map(|name| format!("'{name}'")).collect();
    let ids: Vec<_> = (0..look.rows()).filter_map(|row| look.name(column, row)).collect();
    let each_once = ids.len() >= 3 && ids.iter().collect::<HashSet<_>>().len() * 100 >= ids.len() * 99;
    (found.len() >= 2 && each_once && stated.order.is_none())
        .then(|| TableError::OneRowACustomer { file: file.into(), columns: found.join(", ") })
}

#[cfg(test)]
mod tests;
