//! Rows that were lost because they could not be read: said first where they are many, an error where they are too many.

use clivia_core::base::Money;
use clivia_core::notes::Note;

use crate::error::TableError;
use crate::orders::{OrdersRead, RowCounts};
use crate::plan::ReadSettings;
use crate::rejects::{Lost, Rejects, Rule};

/// What was read of a table.
#[derive(Debug, Clone, Copy)]
pub struct Table<'a> {
    /// The name of the table: `orders`.
    pub name: &'a str,
    /// Its rows.
    pub rows: RowCounts,
    /// The sum of its amounts without their signs, where it has any, in 1/10,000 of the currency unit.
    pub turnover: Option<i128>,
}

impl Table<'_> {
    /// What was read of orders.
    pub fn orders(read: &OrdersRead) -> Self {
        Table { name: "orders", rows: read.rows, turnover: read.has_amounts().then_some(read.turnover) }
    }
}

/// What rows that could not be read may do to the numbers, the gravest first.
///
/// # Errors
/// [`TableError::Unreadable`] where their share is above `read.unreadable_error`, [`TableError::MostLost`] where more than
/// half of the rows or of the money is lost otherwise, be it not for want of a customer, by the as-of date, or as the
/// settings ask.
pub fn unreadable(table: Table, rejects: &Rejects, settings: &ReadSettings) -> Result<Vec<Note>, TableError> {
    let counts = rejects.counts().get(table.name);
    let lost = |(rule, rows): (&Rule, &u64)| Loss::of(table, *rule, *rows, rejects);
    let losses: Vec<Loss> = counts.into_iter().flatten().map(lost).collect();
    let mut unread = losses.iter().filter(|loss| is_unreadable(loss.rule));
    if let Some(loss) = unread.find(|loss| loss.share() > settings.unreadable_error) {
        return Err(TableError::Unreadable { table: table.name.into(), lost: loss.sentence(), remedy: loss.remedy() });
    }
    let unmeant: Vec<&Loss> = losses.iter().filter(|loss| !is_meant(loss.rule)).collect();
    let rows = unmeant.iter().map(|loss| loss.rows).sum();
    let of_rows: f64 = unmeant.iter().map(|loss| loss.share_of_rows()).sum();
    let of_money: f64 = unmeant.iter().map(|loss| loss.share_of_money()).sum();
    if of_rows.max(of_money) > 0.5 && settings.unreadable_error < 1.0 {
        let by_rule: Vec<String> = unmeant.iter().map(|loss| format!("{} {}", loss.rows, loss.rule)).collect();
        return Err(TableError::MostLost {
            table: table.name.into(),
            rows,
            of: table.rows.read,
            rules: by_rule.join(", "),
        });
    }
    let told = losses.iter().filter(|loss| is_unreadable(loss.rule) || is_worth_a_word(loss, settings));
    let mut notes: Vec<(f64, Note)> = told.map(|loss| (loss.share(), loss.note(settings))).collect();
    notes.sort_by(|a, b| b.0.total_cmp(&a.0));
    Ok(notes.into_iter().map(|(_, note)| note).collect())
}

/// What a rule has refused.
struct Loss<'a> {
    table: Table<'a>,
    rule: Rule,
    rows: u64,
    money: Lost,
    rejects: &'a Rejects,
}

impl<'a> Loss<'a> {
    fn of(table: Table<'a>, rule: Rule, rows: u64, rejects: &'a Rejects) -> Self {
        Loss { table, rule, rows, money: rejects.money(rule), rejects }
    }

    /// Of rows or of money, whichever is more.
    fn share(&self) -> f64 {
        self.share_of_rows().max(self.share_of_money())
    }

    fn share_of_rows(&self) -> f64 {
        self.rows as f64 / self.table.rows.read.max(1) as f64
    }

    /// Of the amounts without their signs, since returns would make it look larger than it is.
    fn share_of_money(&self) -> f64 {
        let turnover = self.table.turnover.unwrap_or(0).max(1);
        self.money.turnover as f64 / turnover as f64
    }

    fn sentence(&self) -> String {
        let samples = self.rejects.samples(self.rule);
        let values: Vec<String> =
            samples.iter().filter(|row| !row.value.is_empty()).map(|row| format!("'{}'", short(&row.value))).collect();
        let place = samples.first().map(|row| match row.column.as_str() {
            "" => format!(", the first in {}, row {}", row.file, row.row),
            column => format!(", the first in {}, row {}, column '{column}'", row.file, row.row),
        });
        let such = if values.is_empty() { String::new() } else { format!(", such as {}", values.join(", ")) };
        let percent = match self.share_of_money() {
            share if share > self.share_of_rows() => format!(" ({:.1} %)", 100.0 * share),
            _ => String::new(),
        };
        let money = match (self.money.unknown, self.money.known) {
            _ if self.table.turnover.is_none() => String::new(),
            (0, known) => format!("; {} of money is lost with them{percent}", money(known)),
            (unknown, 0) => format!("; the money of {unknown} of them is unknown"),
            (unknown, known) => {
                format!("; {} of money is lost with them{percent}, and that of {unknown} is unknown", money(known))
            }
        };
        format!(
            "{} of {} rows of {} were {} ({:.1} %): {}{such}{}{money}",
            self.rows,
            self.table.rows.read,
            self.table.name,
            if self.rule.leaves_out() { "left out" } else { "refused" },
            100.0 * self.share_of_rows(),
            words(self.rule),
            place.unwrap_or_default(),
        )
    }

    fn remedy(&self) -> String {
        remedy(self.rule).into()
    }

    fn note(&self, settings: &ReadSettings) -> Note {
        let code = format!("refused_{}", self.rule);
        let note = match (self.share() >= settings.unreadable_warning, is_unreadable(self.rule)) {
            (true, true) => Note::severe(&code, self.sentence()),
            (true, false) => Note::warning(&code, self.sentence()),
            (false, _) => Note::info(&code, self.sentence()),
        };
        let note = note.remedy(self.remedy()).rows(self.rows, self.table.rows.read);
        if self.money.unknown == 0 && self.table.turnover.is_some() {
            note.money(fitting(self.money.known))
        } else {
            note
        }
    }
}

/// Whether rows that are missing something, or are no purchases, are so many that it should be said.
fn is_worth_a_word(loss: &Loss, settings: &ReadSettings) -> bool {
    use Rule::*;
    match loss.rule {
        MissingCustomer | MissingDate | MissingAmount | MissingCurrency | DateOutOfRange => {
            loss.share() >= settings.unreadable_warning
        }
        NoPurchase | Placeholder => loss.share() > 0.5,
        _ => false,
    }
}

/// The beginning of a value.
fn short(value: &str) -> String {
    let shown: String = value.chars().filter(|c| !c.is_control()).take(40).collect();
    if shown.chars().count() < value.chars().count() { format!("{shown}…") } else { shown }
}

fn money(sum: i128) -> String {
    fitting(sum).to_string()
}

/// A sum that has been checked to fit.
fn fitting(sum: i128) -> Money {
    Money(i64::try_from(sum).unwrap_or(i64::MAX))
}

/// Whether a rule refuses what could not be read, and may be readable by another setting.
fn is_unreadable(rule: Rule) -> bool {
    use Rule::*;
    matches!(
        rule,
        WrongNumberOfCells
            | RowTooLong
            | NotJson
            | NotText
            | UnreadableDate
            | UnreadableAmount
            | Percent
            | NonFiniteAmount
            | AmountTooLarge
            | UnreadableCost
            | UnreadableSatisfaction
            | UnreadableResponseTime
            | UnreadableControl
            | UnknownDirection
            | SatisfactionOffScale
    )
}

/// Whether rows are refused as the settings ask, or for want of a customer: many of these are nothing odd.
fn is_meant(rule: Rule) -> bool {
    use Rule::*;
    let as_asked = matches!(
        rule,
        MissingCustomer
            | Placeholder
            | AfterAsOf
            | ZeroAmount
            | Return
            | Duplicate
            | Where
            | OtherCurrency
            | UnknownCustomer
            | CustomerWithoutPurchase
    );
    as_asked || rule.leaves_out()
}

fn words(rule: Rule) -> &'static str {
    use Rule::*;
    match rule {
        WrongNumberOfCells => "they do not have as many cells as the header",
        RowTooLong => "a record is longer than a mebibyte, mostly by a quote that is never closed",
        NotJson => "they are not JSON objects",
        NotText => "their bytes are not text in this encoding",
        UnreadableDate => "their date could not be read",
        UnreadableAmount | NonFiniteAmount => "their amount could not be read",
        Percent => "their amount is a percentage",
        AmountTooLarge => "their amount is beyond a hundred billion",
        UnreadableCost => "their cost could not be read",
        UnreadableSatisfaction => "their rating could not be read",
        SatisfactionOffScale => "their rating is off the scale",
        UnreadableResponseTime => "their response time could not be read",
        UnreadableControl => "their control flag is neither yes nor no",
        UnknownDirection => "their direction is neither in nor out",
        MissingCustomer => "they name no customer",
        MissingDate => "they have no date",
        MissingAmount => "they have no amount",
        MissingCurrency => "they have no currency",
        DateOutOfRange => "their date is before read.earliest or after read.latest",
        NoPurchase => "by their status or type they are no purchases",
        Placeholder => "their id stands for nobody",
        _ => "they could not be used",
    }
}

fn remedy(rule: Rule) -> &'static str {
    use Rule::*;
    match rule {
        WrongNumberOfCells | RowTooLong => "say what separates cells with read.delimiter",
        NotText => "say how the file is encoded with read.encoding, such as \"windows-1252\"",
        UnreadableDate => "say how dates are written with read.date_format, such as \"%d.%m.%Y\"",
        UnreadableAmount | NonFiniteAmount | AmountTooLarge => {
            "say how numbers are written with read.decimal, or name another column with orders.amount"
        }
        Percent => "name another column with orders.amount",
        UnknownDirection => "write in or out",
        MissingCustomer => "if another column names the customer, set orders.customer",
        NoPurchase => "if they are purchases, set orders.status = \"none\"",
        SatisfactionOffScale => "set contacts.satisfaction_scale",
        _ => "",
    }
}
