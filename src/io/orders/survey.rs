//! A source of orders is looked at before it is read: what its columns mean, and how its values are written.
//!
//! The first rows decide where they settle everything. Where they do not, or say that rows are more than plain purchases,
//! all rows are looked at; what reading meets later is held against the decision ([`Survey::still_hold`]).

use std::cell::RefCell;
use std::collections::BTreeMap;

use arrow::array::{ArrayRef, RecordBatch, new_empty_array};
use arrow::datatypes::DataType;

use clivia_core::base::Money;
use clivia_core::control::Control;
use clivia_core::notes::{Note, Severity};

use crate::blocks::{Block, Origin, RowNumbers, first_block, for_each_block};
use crate::cells::Cells;
use crate::columns::normal;
use crate::dates::{DateEvidence, DateQuestion, DateReader, DateVerdict, PartOrder};
use crate::error::{Question, Reading, TableError};
use crate::frame::Frame;
use crate::mistaken;
use crate::numbers::{Currency, DecimalVerdict, NumberEvidence};
use crate::orders::OrdersReader;
use crate::orders::columns::{AmountFrom, Columns};
use crate::orders::customer_column::Joined;
use crate::orders::look::{Look, ReadsMoney};
use crate::orders::meaning::{Asked, Evidence, Meaning, Names};
use crate::plan::{Decimal, ReadSettings};
use crate::source::{Source, Wanted};

/// Rows that are looked at first: enough to show what a column holds, and little beside a long file.
const FIRST_ROWS: usize = 1 << 14;

/// Looks at a block, and at the ids that are joined from its columns.
fn look<'a>(
    header: &'a [String],
    block: &Block,
    money: &'a ReadsMoney<'a>,
    joined: Option<&'a Joined>,
) -> Result<Look<'a>, TableError> {
    let look = Look::new(header, block, money)?;
    match joined {
        Some(joined) => Ok(look.with(joined.text(), joined.cells(block)?)),
        None => Ok(look),
    }
}

/// How the values of a source are written.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Forms {
    /// The decimal sign of its amounts.
    pub(super) decimal: Decimal,
    /// The order of the parts of its dates, where they need it.
    pub(super) order: Option<PartOrder>,
}

/// What amounts and dates tell of how they are written.
#[derive(Debug, Clone, Default)]
pub(super) struct Written {
    pub(super) amounts: NumberEvidence,
    pub(super) dates: DateEvidence,
}

impl Written {
    pub(super) fn merge(&mut self, other: &Written) {
        self.amounts.merge(&other.amounts);
        self.dates.merge(&other.dates);
    }
}

/// A source that has been looked at.
pub(super) struct Surveyed {
    pub(super) columns: Columns,
    pub(super) forms: Forms,
    pub(super) notes: Vec<Note>,
    /// Whether all its rows were looked at.
    pub(super) whole: bool,
    /// Its decimal sign, where a value shows it.
    pub(super) told: Option<Decimal>,
}

/// What earlier sources settled, for one whose values do not.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Before {
    pub(super) decimal: Option<Decimal>,
    pub(super) order: Option<PartOrder>,
}

/// A source that is looked at.
pub(super) struct Survey<'a> {
    pub(super) reader: &'a OrdersReader<'a>,
    pub(super) source: &'a dyn Source,
    settings: ReadSettings,
    header: Vec<String>,
    before: Before,
    pub(super) control: &'a Control,
}

/// What was seen of a source.
#[derive(Default)]
struct Seen {
    evidence: Evidence,
    amounts: BTreeMap<String, NumberEvidence>,
    dates: DateEvidence,
}

impl Seen {
    fn merge(&mut self, other: &Seen) {
        self.evidence.merge(&other.evidence);
        self.dates.merge(&other.dates);
        for (column, seen) in &other.amounts {
            self.amounts.entry(column.clone()).or_default().merge(seen);
        }
    }
}

impl<'a> Survey<'a> {
    pub(super) fn new(
        reader: &'a OrdersReader<'a>,
        source: &'a dyn Source,
        before: Before,
        control: &'a Control,
    ) -> Result<Self, TableError> {
        let settings = reader.settings();
        let header = source.columns(&settings)?;
        Ok(Survey { reader, source, settings, header, before, control })
    }

    /// Decides how the source is read, by its first rows where these settle it.
    pub(super) fn decide(&self) -> Result<Surveyed, TableError> {
        self.decided(false)
    }

    /// Decides by all rows.
    pub(super) fn decide_by_all(&self) -> Result<Surveyed, TableError> {
        self.decided(true)
    }

    fn decided(&self, by_all: bool) -> Result<Surveyed, TableError> {
        if let Some(plan) = self.reader.plan {
            let columns = Columns::planned(plan, self.reader, self.source.name(), &self.header)?;
            let forms = Forms { decimal: plan.decimal, order: plan.day_or_month_first };
            return Ok(Surveyed { columns, forms, notes: Vec::new(), whole: true, told: Some(plan.decimal) });
        }
        let first = self.first_rows()?;
        let signs = Signs::of(self.reader.read.stated_decimal());
        let money = |column: &str, cells: &Cells, row: usize| signs.money(column, cells, row);
        let joined = self.joined()?;
        let look = look(&self.header, &first, &money, joined.as_ref())?;
        if self.reader.orders.customer.is_empty() || self.reader.orders.date.is_empty() {
            mistaken::no_contact_log(self.source.name(), &self.header)?;
        }
        let names = Names::find(self.asked(), &look)?;
        let seen = self.seen(&names, &first, &signs)?;
        let again = self.source.can_be_read_again();
        if !by_all {
            let decided = self.conclude(&names, &seen, &look, false);
            let plain = decided.as_ref().is_ok_and(|decided| decided.columns.meaning.is_plain() && !decided.is_odd());
            let settled = plain && !seen.evidence.doubts_ids() && !seen.evidence.doubts_status();
            if settled || !again {
                return decided;
            }
        }
        let seen = self.all(&names, &signs)?;
        self.conclude(&names, &seen, &look, true)
    }

    /// The ids of customers, where they are joined from several columns.
    fn joined(&self) -> Result<Option<Joined>, TableError> {
        Joined::of(&self.header, &self.reader.orders.customer)
    }

    fn asked(&self) -> Asked<'_> {
        Asked {
            file: self.source.name(),
            profile: &self.settings.profile,
            settings: self.reader.orders,
            currency: &self.reader.currency.column,
        }
    }

    /// The first rows with all columns; none of a source that can be read only once.
    fn first_rows(&self) -> Result<Block, TableError> {
        let again = self.source.can_be_read_again();
        let first = || first_block(self.source, &self.settings, &self.header, self.control);
        let first = if again { first()? } else { None };
        match first {
            Some(first) => Ok(first.head(FIRST_ROWS)),
            None => Ok(self.no_rows()?.of(&Origin::of(self.source))),
        }
    }

    fn no_rows(&self) -> Result<Block, TableError> {
        let column = |name: &String| (name.clone(), new_empty_array(&DataType::Utf8));
        let batch = RecordBatch::try_from_iter(self.header.iter().map(column).collect::<Vec<(String, ArrayRef)>>());
        let batch = batch.map_err(|error| self.source.broken(error.to_string()))?;
        Ok(Block::of_batch(batch, RowNumbers::From(1), None))
    }

    /// What some rows tell.
    fn seen(&self, names: &Names, block: &Block, signs: &Signs) -> Result<Seen, TableError> {
        let money = |column: &str, cells: &Cells, row: usize| signs.money(column, cells, row);
        let joined = self.joined()?;
        let look = look(&self.header, block, &money, joined.as_ref())?;
        let mut seen = Seen { evidence: names.evidence(&look), ..Seen::default() };
        for column in names.columns() {
            if !block.holds(&column) {
                continue;
            }
            let cells = block.cells(&column)?;
            if column == names.date() {
                seen.dates.add_cells(&cells, &block.rows);
            } else if names.may_be_amount(&column) {
                seen.amounts.insert(column, NumberEvidence::of(&cells, &block.rows));
            }
        }
        Ok(seen)
    }

    /// What all rows tell, amounts read with the decimal signs that all rows of their columns show.
    fn all(&self, names: &Names, signs: &Signs) -> Result<Seen, TableError> {
        let seen = self.through(names, signs)?;
        match signs.corrected(&seen.amounts) {
            Some(signs) => self.through(names, &signs),
            None => Ok(seen),
        }
    }

    fn through(&self, names: &Names, signs: &Signs) -> Result<Seen, TableError> {
        let columns = names.columns();
        let (wanted, known) = (Wanted { columns: &columns, fingerprints: false }, signs.known());
        let mut all = Seen::default();
        for_each_block(
            self.source,
            &self.settings,
            &wanted,
            // What is read twice counts once.
            &self.control.uncounted(),
            |_| Ok(()),
            |block, ()| self.seen(names, &block, &Signs::from(known.clone())),
            |seen| {
                all.merge(&seen);
                Ok(())
            },
        )?;
        Ok(all)
    }

    fn conclude(&self, names: &Names, seen: &Seen, look: &Look, whole: bool) -> Result<Surveyed, TableError> {
        let (meaning, mut notes) = Meaning::decide(self.asked(), names, &seen.evidence, look)?;
        let columns = Columns::meant(self.reader, self.source.name(), &self.header, meaning)?;
        let amounts = self.amounts(&columns, seen);
        if let Some(found) = two_currencies(&columns, &amounts) {
            let question = currencies_question(self.source.name(), &columns, &found);
            match columns.filter {
                None => return Err(TableError::Question(Box::new(question))),
                // The condition may leave the others out.
                Some(_) => notes.push(Note::severe(
                    "two_currencies",
                    format!("{}: of the rows that meet the condition, all amounts are added up", question.seen),
                )),
            }
        }
        notes.extend(cents_note(&columns));
        let readings = amounts.readings();
        let written = Written { amounts, dates: seen.dates.clone() };
        let forms = self.forms(&columns, &written)?;
        let mut dates = DateReader::new(self.reader.read);
        dates.order = forms.order;
        notes.extend(seen.dates.notes(&columns.mapping.date, &dates));
        notes.extend(frame_notes(&self.source.frame(&self.settings)?, self.reader.read));
        notes.extend(comma_note(&columns, forms.decimal, self.reader.read.stated_decimal()));
        let told = (readings.only_point + readings.only_comma > 0).then_some(forms.decimal);
        Ok(Surveyed { columns, forms, notes, whole, told })
    }

    /// What the column of the amount tells; that of each column of a product.
    fn amounts(&self, columns: &Columns, seen: &Seen) -> NumberEvidence {
        let mut told = NumberEvidence::default();
        columns.amount_columns().iter().filter_map(|column| seen.amounts.get(column)).for_each(|seen| told.merge(seen));
        told
    }

    /// How values are written, by what they tell.
    pub(super) fn forms(&self, columns: &Columns, written: &Written) -> Result<Forms, TableError> {
        Ok(Forms { decimal: self.decimal(columns, &written.amounts)?, order: self.order(columns, &written.dates)? })
    }

    fn decimal(&self, columns: &Columns, amounts: &NumberEvidence) -> Result<Decimal, TableError> {
        match (amounts.decide(self.reader.read.stated_decimal()), self.before.decimal) {
            (DecimalVerdict::Settled(decimal), _) => Ok(decimal),
            // What an expression makes of texts is for whoever wrote it.
            _ if columns.amount_is_worked_out(self.reader) => Ok(Decimal::Point),
            (DecimalVerdict::Question(_), Some(before)) => Ok(before),
            (DecimalVerdict::Question(readings) | DecimalVerdict::Mixed(readings), _) => {
                let column = columns.mapping.amount.clone().unwrap_or_default();
                Err(TableError::Question(Box::new(readings.question(self.source.name(), &column))))
            }
        }
    }

    fn order(&self, columns: &Columns, dates: &DateEvidence) -> Result<Option<PartOrder>, TableError> {
        let reader = DateReader::new(self.reader.read);
        if reader.is_stated() {
            return Ok(None);
        }
        match dates.decide(None) {
            DateVerdict::Settled(form) => Ok(form.order.or(self.before.order)),
            DateVerdict::Open(_) if self.before.order.is_some() => Ok(self.before.order),
            DateVerdict::Open(question) | DateVerdict::Contradicted(question) => {
                Err(self.ask_date(&columns.mapping.date, question))
            }
        }
    }

    fn ask_date(&self, column: &str, DateQuestion { row, value, doubt, answers }: DateQuestion) -> TableError {
        let answers = answers.iter().map(|answer| format!("read.date_format = \"{answer}\"")).collect::<Vec<_>>();
        let (file, column, answers) = (self.source.name().into(), column.into(), answers.join(" or "));
        let doubt = format!("{doubt}; say which with {answers}");
        TableError::AmbiguousDates { file, row, column, value, doubt }
    }

    /// How the values of some rows are written.
    pub(super) fn forms_of(&self, columns: &Columns, block: &Block) -> Result<Forms, TableError> {
        let mut written = Written::default();
        written.dates.add_cells(&block.cells(&columns.mapping.date)?, &block.rows);
        for column in columns.amount_columns() {
            written.amounts.merge(&NumberEvidence::of(&block.cells(column)?, &block.rows));
        }
        self.forms(columns, &written)
    }

    /// That a source which can be read only once is written otherwise than its first rows said; nothing of another one.
    pub(super) fn must_be_told(&self, columns: &Columns, written: &Written) -> Result<(), TableError> {
        if self.source.can_be_read_again() {
            return Ok(());
        }
        let forms = self.forms(columns, written)?;
        let sign = if forms.decimal == Decimal::Comma { "comma" } else { "point" };
        let order =
            forms.order.map(|order| format!(" and read.date_format = \"{}\"", order.name())).unwrap_or_default();
        Err(self.source.broken(format!(
            "later rows are written otherwise than the first ones, and it can be read only once; set \
             read.decimal = \"{sign}\"{order}"
        )))
    }

    /// Whether forms are still those that everything says that was read so far.
    pub(super) fn still_hold(&self, columns: &Columns, forms: &Forms, written: &Written) -> bool {
        let one_currency = two_currencies(columns, &written.amounts).is_none();
        one_currency
            && self
                .forms(columns, written)
                .is_ok_and(|now| now.decimal == forms.decimal && (now.order.is_none() || now.order == forms.order))
    }
}

impl Surveyed {
    /// Whether something was said that all rows should be asked about.
    fn is_odd(&self) -> bool {
        self.notes.iter().any(|note| note.severity > Severity::Info)
    }
}

/// That amounts are read with a comma, where nobody said so.
fn comma_note(columns: &Columns, decimal: Decimal, stated: Option<Decimal>) -> Option<Note> {
    let column = columns.mapping.amount.as_ref().filter(|_| decimal == Decimal::Comma && stated.is_none())?;
    let sentence = format!("'{column}' is read with a decimal comma, as its values show");
    Some(Note::info("decimal_comma", sentence).remedy("if that is wrong, set read.decimal = \"point\""))
}

/// How the file is framed, where that is not plain.
fn frame_notes(frame: &Frame, settings: &ReadSettings) -> Vec<Note> {
    let mut notes = Vec::new();
    let plain = ["", "utf-8"].contains(&frame.encoding.to_lowercase().as_str()) || !settings.encoding.is_empty();
    if !plain {
        let sentence = format!("the text is read as {}, as its bytes show", frame.encoding);
        notes.push(Note::info("encoding", sentence).remedy("if letters look wrong, set read.encoding"));
    }
    let above = frame.header_line.saturating_sub(1 + u64::from(frame.sep_line));
    if above > 0 && settings.header_line == 0 {
        let sentence =
            format!("the header was found in line {}; what stands above it is passed over", frame.header_line);
        notes.push(Note::info("preamble", sentence).remedy("if another line is the header, set read.header_line"));
    }
    if !frame.sheet.is_empty() && settings.sheet.is_empty() {
        let sentence = format!("the sheet '{}' is read", frame.sheet);
        notes.push(Note::info("sheet", sentence).remedy("for another one, set read.sheet"));
    }
    notes
}

/// Currencies that stand in the cells of a table without a currency column, where they are more than one.
fn two_currencies(columns: &Columns, amounts: &NumberEvidence) -> Option<Vec<(&'static str, u64)>> {
    let found: Vec<_> = amounts.currencies().collect();
    let mut one: Option<Currency> = None;
    for (currency, _) in &found {
        match one.map_or(Some(*currency), |one| one.with(*currency)) {
            Some(both) => one = Some(both),
            None if columns.mapping.currency.is_none() => {
                return Some(found.iter().map(|(currency, rows)| (currency.name(), *rows)).collect());
            }
            None => return None,
        }
    }
    None
}

fn currencies_question(file: &str, columns: &Columns, found: &[(&'static str, u64)]) -> Question {
    let column = columns.mapping.amount.clone().unwrap_or_default();
    let rows: Vec<String> = found.iter().map(|(name, rows)| format!("{name} ({rows} rows)")).collect();
    let seen = format!("its amounts are in {}, which do not add up; which are to count", rows.join(" and "));
    let reading = |(name, _): &(&'static str, u64)| Reading {
        meaning: format!("those in {name}"),
        total: None,
        setting: format!("orders.where = \"\\\"{column}\\\" LIKE '%{name}%'\""),
    };
    Question { file: file.into(), readings: found.iter().map(reading).collect(), column, seen }
}

/// Amounts that are in a hundredth of the currency unit, by the name of their column.
fn cents_note(columns: &Columns) -> Option<Note> {
    let Some(AmountFrom::Column(column)) = &columns.amount else { return None };
    let name = normal(column);
    let is_small = ["cents", "cent", "pence", "grosze"].iter().any(|unit| name.ends_with(unit));
    let sentence = format!("the amounts of '{column}' are in hundredths of the currency unit, by its name");
    let remedy = format!("for whole units, set orders.amount = '\"{}\" / 100'", column.replace('"', "\"\""));
    is_small.then(|| Note::severe("amounts_in_cents", sentence).remedy(remedy))
}

/// The decimal sign of each column, found out where it is asked for first.
struct Signs {
    stated: Option<Decimal>,
    known: RefCell<BTreeMap<String, Decimal>>,
}

impl From<(Option<Decimal>, BTreeMap<String, Decimal>)> for Signs {
    fn from((stated, known): (Option<Decimal>, BTreeMap<String, Decimal>)) -> Self {
        Signs { stated, known: RefCell::new(known) }
    }
}

impl Signs {
    fn of(stated: Option<Decimal>) -> Self {
        Signs { stated, known: RefCell::default() }
    }

    fn known(&self) -> (Option<Decimal>, BTreeMap<String, Decimal>) {
        (self.stated, self.known.borrow().clone())
    }

    fn money(&self, column: &str, cells: &Cells, row: usize) -> Option<Money> {
        let decimal = match (self.stated, cells) {
            (Some(stated), _) => stated,
            (None, Cells::Text(_)) => self.sign(column, cells),
            (None, _) => Decimal::Point,
        };
        cells.money(row, decimal).ok()
    }

    fn sign(&self, column: &str, cells: &Cells) -> Decimal {
        if let Some(known) = self.known.borrow().get(column) {
            return *known;
        }
        let found = likely(&NumberEvidence::of(cells, &RowNumbers::From(0)));
        self.known.borrow_mut().insert(column.into(), found);
        found
    }

    /// Other signs, where all rows of a column say so.
    fn corrected(&self, seen: &BTreeMap<String, NumberEvidence>) -> Option<Signs> {
        let mut known = self.known.borrow().clone();
        let before = known.clone();
        for (column, seen) in seen.iter().filter(|_| self.stated.is_none()) {
            known.insert(column.clone(), likely(seen));
        }
        let changed = before.iter().any(|(column, sign)| known.get(column) != Some(sign));
        changed.then(|| Signs::from((self.stated, known)))
    }
}

/// The sign that a column has, or most likely has.
fn likely(evidence: &NumberEvidence) -> Decimal {
    match evidence.decide(None) {
        DecimalVerdict::Settled(decimal) => decimal,
        DecimalVerdict::Question(_) | DecimalVerdict::Mixed(_) => Decimal::Point,
    }
}
