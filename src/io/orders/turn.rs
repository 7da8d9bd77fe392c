//! A block of an order file turned into order lines and refused rows.

mod meant;
mod turned;

use std::collections::BTreeMap;

use clivia_arrow::expression::{Kind, Unreadable};
use xxhash_rust::xxh3::xxh3_64;

use clivia_core::base::ids::IdRef;
use clivia_core::base::{Day, Moment, Money};
use clivia_core::orders::{LineRef, Lines, ReturnsPolicy};

use crate::blocks::Block;
use crate::cells::{Cells, NO_AMOUNT, NO_MOMENT};
use crate::dates::DateReader;
use crate::error::TableError;
use crate::filter::{Dated, Filter};
use crate::frame::is_totals_row;
use crate::numbers;
use crate::numbers::NumberEvidence;
use crate::orders::columns::{Amount, AmountFrom, Columns};
use crate::orders::customer_column::Joined;
use crate::orders::meaning::Meaning;
use crate::orders::status::{StatusReader, StatusRule, Verdict};
use crate::orders::survey::Forms;
use crate::orders::{Mapping, OrdersReader, ZeroAmounts, amount_column};
use crate::plan::Decimal;
use crate::rejects::{Reject, Rule};
use crate::source::Source;
use meant::{Meant, RowIs, given_back};
use turned::Tally;
pub(super) use turned::Turned;

/// How the blocks of one source are turned into order lines, settled on its first block.
pub(super) struct Plan<'a> {
    reader: OrdersReader<'a>,
    file: &'a str,
    mapping: Mapping,
    amount: Option<AmountFrom>,
    filter: Option<Filter>,
    /// What its columns mean, where not every row is a plain purchase.
    meaning: Option<Meaning>,
    joined: Option<Joined>,
    dates: DateReader,
    decimal: Decimal,
}

impl<'a> Plan<'a> {
    pub(super) fn new(reader: &OrdersReader<'a>, source: &'a dyn Source, columns: &Columns, forms: &Forms) -> Self {
        let dates = DateReader { order: forms.order, ..DateReader::new(&reader.settings()) };
        Plan {
            reader: *reader,
            file: source.name(),
            mapping: columns.mapping.clone(),
            amount: columns.amount.clone(),
            filter: columns.filter.clone(),
            meaning: Some(columns.meaning.clone()).filter(|meaning| !meaning.is_plain()),
            joined: columns.joined.clone(),
            dates,
            decimal: forms.decimal,
        }
    }

    /// Turns a block; `repeated` says which rows count elsewhere, `further` which of them are lines of an order whose
    /// total has been counted.
    pub(super) fn turn(
        &self,
        block: &Block,
        repeated: &[bool],
        further: &[bool],
        batch: Lines,
    ) -> Result<Turned, TableError> {
        let get = |name: &String| block.cells(name);
        let views = Views {
            customer: self.joined.as_ref().map_or_else(|| get(&self.mapping.customer), |ids| ids.cells(block))?,
            date: get(&self.mapping.date)?,
            order: self.mapping.order.as_ref().map(get).transpose()?,
            currency: self.mapping.currency.as_ref().map(get).transpose()?,
            amount: self.amounts(block)?,
            margin: self.mapping.margin.as_ref().map(get).transpose()?,
            cost: self.mapping.cost.as_ref().map(get).transpose()?,
            meant: self.meaning.as_ref().map(|meaning| Meant::of(meaning, block)).transpose()?,
        };
        let rows = (block.height() + block.broken.len()) as u64;
        let stray_quotes = block.stray_quotes.clone();
        let forms = Forms { decimal: self.decimal, order: self.dates.order };
        let mut turned = Turned { lines: batch, rows, stray_quotes, forms, ..Turned::default() };
        for broken in &block.broken {
            turned.rejects.push((self.reject(broken.row, "", broken.value.clone(), broken.rule), None));
        }
        turned.lines.reserve(block.height());
        turned.written.dates.add_cells(&views.date, &block.rows);
        let quick = if repeated.is_empty() { self.quick(&views, block, &mut turned.written.amounts) } else { None };
        if quick.is_none() {
            self.note_amounts(block, &mut turned.written.amounts)?;
        }
        let mut status = self.meaning.as_ref().and_then(|meaning| meaning.status.as_ref()).map(StatusRule::reader);
        let dated = Some(Dated { column: &self.mapping.date, dates: &self.dates });
        let kept = self.filter.as_ref().map(|filter| filter.keeps(block, self.decimal, dated)).transpose()?;
        let (mut scratch, mut tally) = (String::new(), Tally::NOTHING);
        for row in 0..block.height() {
            if let Some(kept) = kept.as_ref().filter(|kept| !kept.keeps(row)) {
                self.leave_out(kept.why(row), &views, row, block.rows.get(row), &mut turned);
                continue;
            }
            if let Some(line) = quick.as_ref().and_then(|quick| self.quick_line(quick, &views, row, &mut scratch)) {
                turned.lines.put(line, &mut tally.told);
                tally.add(line.amount);
                continue;
            }
            let told = self.told(&views, row, status.as_mut());
            let at = At { row, number: block.rows.get(row), twice: is(repeated, row), further: is(further, row) };
            self.turn_row(&views, at, told, &mut turned);
        }
        turned.use_tally(tally, self.amount.is_some());
        turned.rejects.sort_by_key(|(reject, _)| reject.row);
        Ok(turned)
    }

    /// A row that the condition leaves out. Its money is known where it is in the currency of the results.
    fn leave_out(
        &self,
        (column, value): (String, String),
        views: &Views,
        row: usize,
        number: u64,
        turned: &mut Turned,
    ) {
        // Its currency is no matter.
        let known = views.currency.is_none() || !self.reader.currency.into.is_empty();
        let money = if known { self.amount(views, row, number, turned).ok() } else { None };
        let money = money.unwrap_or(Money(0));
        turned.refuse_money(money);
        turned.rejects.push((self.reject(number, &column, value, Rule::Where), Some(money)));
    }

    /// Dates and amounts of a block read at once, where no other column tells what they are worth.
    fn quick<'v>(&self, views: &'v Views, block: &Block, seen: &mut NumberEvidence) -> Option<Quick<'v>> {
        if views.currency.is_some() || views.margin.is_some() || views.cost.is_some() || views.meant.is_some() {
            return None;
        }
        let moments = views.date.moments(&self.dates, self.reader.clocks);
        let decimal = self.decimal;
        let amounts = match &views.amount {
            Amounts::None => vec![Money(0); moments.len()],
            Amounts::Cells(cells) => cells.amounts_seen(decimal, &block.rows, seen),
            Amounts::Computed { values, unreadable } if unreadable.is_empty() => values.amounts(decimal),
            Amounts::Computed { .. } => return None,
        };
        let customers = views.customer.whole_numbers();
        let days = [self.reader.read.earliest, self.reader.as_of.unwrap_or(Day(i32::MAX)).min(self.reader.read.latest)];
        Some(Quick { customers, moments, amounts, days })
    }

    /// The line of a row that breaks no rule, as nearly all rows are.
    #[inline(always)]
    fn quick_line<'v>(
        &self,
        quick: &Quick<'v>,
        views: &'v Views,
        row: usize,
        scratch: &'v mut String,
    ) -> Option<LineRef<'v>> {
        let (at, amount) = (quick.moments[row], quick.amounts[row]);
        let [first, last] = quick.days;
        let good = at != NO_MOMENT && amount != NO_AMOUNT && first <= at.day && at.day <= last;
        if !good || (amount <= Money(0) && self.wanted_amount(amount).is_err()) {
            return None;
        }
        let customer = quick.customers.and_then(|numbers| IdRef::number(numbers[row]));
        let customer = customer.or_else(|| views.customer.id_ref(row, scratch))?;
        Some(LineRef { customer, at, amount, order: order(views, row), profit: None, lines: 1 })
    }

    /// What the amounts of a block tell of their decimal sign, where they are not read at once.
    fn note_amounts(&self, block: &Block, seen: &mut NumberEvidence) -> Result<(), TableError> {
        if let Some(AmountFrom::Column(name)) = &self.amount {
            seen.merge(&NumberEvidence::of(&block.cells(name)?, &block.rows));
        }
        Ok(())
    }

    /// What other columns say of a row.
    fn told(&self, views: &Views, row: usize, status: Option<&mut StatusReader>) -> RowIs {
        let Some(meant) = &views.meant else { return RowIs::Purchase };
        if meant.continues(row) {
            return RowIs::Continued;
        }
        let Some(status) = status else { return RowIs::Purchase };
        let names: Vec<_> = meant.status.iter().map(|cells| cells.name(row)).collect();
        match status.of(names.iter().map(|name| name.as_deref())) {
            Verdict::NoPurchase(_) => RowIs::NoPurchase,
            Verdict::Refund => RowIs::Refund,
            Verdict::Purchase | Verdict::Unknown => RowIs::Purchase,
        }
    }

    fn turn_row(&self, views: &Views, at: At, told: RowIs, turned: &mut Turned) {
        if told == RowIs::Continued {
            turned.continued += 1;
            return;
        }
        let amount = match at.further {
            true => Ok(Money(0)),
            false => self.amount(views, at.row, at.number, turned),
        };
        let amount = if told == RowIs::Refund { amount.map(given_back) } else { amount };
        if told == RowIs::NoPurchase {
            return self.no_purchase(views, at, amount.ok(), turned);
        }
        let amount = match self.left(views, at.row, amount) {
            Ok(Some(amount)) => Ok(amount),
            Ok(None) => return self.no_purchase(views, at, Some(Money(0)), turned),
            Err(refused) => Err(refused),
        };
        let money = amount.as_ref().ok().copied();
        let mut scratch = String::new();
        match self.line(views, at, told, amount, &mut scratch) {
            Ok(line) => turned.use_line(line, self.amount.is_some() && !at.further),
            // Their money is that of the rows above.
            Err(Refused { rule, column, value }) if self.sums_up(views, at.row, rule) => {
                let reject = self.reject(at.number, &column, value, Rule::TotalsRow);
                turned.rejects.push((reject, Some(Money(0))));
            }
            Err(Refused { rule, column, value }) => {
                turned.refuse_money(money.unwrap_or(Money(0)));
                turned.rejects.push((self.reject(at.number, &column, value, rule), money));
            }
        }
    }

    /// Whether a row without a customer or a date says that it sums up others.
    fn sums_up(&self, views: &Views, row: usize, rule: Rule) -> bool {
        let of_row = matches!(rule, Rule::MissingCustomer | Rule::MissingDate | Rule::UnreadableDate);
        let cells = [Some(&views.customer), views.order.as_ref(), Some(&views.date)];
        let shown: Vec<String> = cells.into_iter().flatten().map(|cells| cells.show(row)).collect();
        of_row && is_totals_row(shown.iter().map(String::as_str))
    }

    /// What is left of an amount after what was given back of it; `None` where nothing is.
    fn left(&self, views: &Views, row: usize, amount: Result<Money, Refused>) -> Result<Option<Money>, Refused> {
        let amount = amount?;
        let Some(cells) = views.meant.as_ref().and_then(|meant| meant.refunded.as_ref()) else {
            return Ok(Some(amount));
        };
        match cells.money(row, self.decimal) {
            Ok(refunded) => Ok(amount_column::left(amount, refunded)),
            Err(Rule::MissingAmount) => Ok(Some(amount)),
            Err(rule) => {
                let column = self.meaning.as_ref().and_then(|meaning| meaning.amount.as_ref()?.refunded.as_deref());
                Err(Refused::new(rule, column.unwrap_or_default(), cells.show(row)))
            }
        }
    }

    /// A row that is left out since nothing was bought by it.
    fn no_purchase(&self, views: &Views, at: At, money: Option<Money>, turned: &mut Turned) {
        turned.refuse_money(money.unwrap_or(Money(0)));
        let meant = self.meaning.as_ref().zip(views.meant.as_ref());
        let status = meant.and_then(|(meaning, meant)| Some((meaning.status.as_ref()?, meant)));
        let columns = status.iter().flat_map(|(rule, _)| rule.columns.iter().map(|column| column.column.as_str()));
        let values = status.iter().flat_map(|(_, meant)| meant.status.iter().map(|cells| cells.show(at.row)));
        let (columns, values) = (columns.collect::<Vec<_>>().join(", "), values.collect::<Vec<_>>().join(", "));
        // Money that cannot be read is none that is missing.
        let money = Some(money.unwrap_or(Money(0)));
        turned.rejects.push((self.reject(at.number, &columns, values, Rule::NoPurchase), money));
    }

    /// The customer of a row.
    fn customer<'v>(
        &self,
        views: &'v Views,
        row: usize,
        told: RowIs,
        scratch: &'v mut String,
    ) -> Result<IdRef<'v>, Refused> {
        let missing = |cells: &Cells| Refused::new(Rule::MissingCustomer, &self.mapping.customer, cells.show(row));
        let other = views.meant.as_ref().and_then(|meant| meant.refund_customer.as_ref());
        let cells = other.filter(|_| told == RowIs::Refund).unwrap_or(&views.customer);
        let rule = self.meaning.as_ref().map(|meaning| &meaning.customer.ids).filter(|ids| !ids.changes_nothing());
        let Some(rule) = rule else {
            return cells.id_ref(row, scratch).ok_or_else(|| missing(cells));
        };
        let name = cells.name(row).ok_or_else(|| missing(cells))?;
        let placeholder = || Refused::new(Rule::Placeholder, &self.mapping.customer, cells.show(row));
        *scratch = rule.of(&name).ok_or_else(placeholder)?.into_owned();
        Ok(IdRef::new(scratch))
    }

    /// The profit of a used line in the currency of the results, where it is known. A margin column wins over a cost
    /// column.
    fn profit(&self, views: &Views, row: usize, amount: Money) -> Option<Money> {
        let rate = self.rate(views, row)?;
        let read = |cells: &Cells| {
            let money = cells.money(row, self.decimal).ok()?;
            if rate == 1.0 { Some(money) } else { numbers::money_from_f64(money.to_f64() * rate).ok() }
        };
        match (&views.margin, &views.cost) {
            (Some(margin), _) => read(margin),
            (None, Some(cost)) => read(cost).map(|cost| amount - cost),
            (None, None) => None,
        }
    }

    /// What one unit of a row's currency is worth in that of the results; `None` where there is no rate.
    fn rate(&self, views: &Views, row: usize) -> Option<f64> {
        let settings = self.reader.currency;
        match &views.currency {
            Some(cells) if !settings.into.is_empty() => match cells.name(row)? {
                found if *found == *settings.into => Some(1.0),
                found => settings.rates.get(found.as_ref()).copied(),
            },
            _ => Some(1.0),
        }
    }

    /// The amount in the currency of the results.
    fn amount(&self, views: &Views, row: usize, number: u64, turned: &mut Turned) -> Result<Money, Refused> {
        let amount = match (&views.amount, &self.amount) {
            (Amounts::Cells(cells), Some(AmountFrom::Column(name))) => {
                cells.money(row, self.decimal).map_err(|rule| Refused::new(rule, name, cells.show(row)))?
            }
            (Amounts::Computed { values, unreadable }, Some(AmountFrom::Expression(Amount { text, .. }))) => {
                match unreadable.get(&row) {
                    Some((column, value)) => return Err(Refused::new(Rule::UnreadableAmount, column, value.clone())),
                    None => {
                        values.money(row, self.decimal).map_err(|rule| Refused::new(rule, text, values.show(row)))?
                    }
                }
            }
            _ => Money(0),
        };
        self.convert(amount, views, row, number, turned)
    }

    fn convert(
        &self,
        amount: Money,
        views: &Views,
        row: usize,
        number: u64,
        turned: &mut Turned,
    ) -> Result<Money, Refused> {
        let (Some(cells), Some(column)) = (&views.currency, &self.mapping.currency) else { return Ok(amount) };
        let settings = self.reader.currency;
        let found = cells.name(row).ok_or_else(|| Refused::new(Rule::MissingCurrency, column, cells.show(row)))?;
        if settings.into.is_empty() {
            turned.note_currency(number, &found);
            return Ok(amount);
        }
        match self.rate(views, row) {
            Some(1.0) => Ok(amount),
            Some(rate) => numbers::money_from_f64(amount.to_f64() * rate)
                .map_err(|rule| Refused::new(rule, column, found.to_string())),
            None => Err(Refused::new(Rule::OtherCurrency, column, found.to_string())),
        }
    }

    /// The line, or the first rule that it breaks.
    fn line<'v>(
        &self,
        views: &'v Views,
        at: At,
        told: RowIs,
        amount: Result<Money, Refused>,
        scratch: &'v mut String,
    ) -> Result<LineRef<'v>, Refused> {
        let row = at.row;
        if at.twice {
            return Err(Refused::new(Rule::Duplicate, "", String::new()));
        }
        let customer = self.customer(views, row, told, scratch)?;
        let moment = views.date.moment(row, &self.dates).and_then(|at| self.allowed(at.day).map(|_| at));
        let moment = moment.map_err(|rule| Refused::new(rule, &self.mapping.date, views.date.show(row)))?;
        let amount = amount?;
        let wanted = if at.further { Ok(()) } else { self.wanted_amount(amount) };
        wanted.map_err(|rule| {
            Refused::new(rule, self.mapping.amount.as_deref().unwrap_or_default(), views.amount.show(row))
        })?;
        let (order, profit) = (order(views, row), self.profit(views, row, amount));
        Ok(LineRef { customer, at: moment, amount, order, profit, lines: 1 })
    }

    fn allowed(&self, day: Day) -> Result<Day, Rule> {
        if day < self.reader.read.earliest || day > self.reader.read.latest {
            return Err(Rule::DateOutOfRange);
        }
        if self.reader.as_of.is_some_and(|as_of| day > as_of) {
            return Err(Rule::AfterAsOf);
        }
        Ok(day)
    }

    fn wanted_amount(&self, amount: Money) -> Result<(), Rule> {
        if amount < Money(0) && self.reader.orders.returns == ReturnsPolicy::Reject {
            return Err(Rule::Return);
        }
        let zero = amount == Money(0) && self.amount.is_some();
        if zero && self.reader.orders.zero_amounts == ZeroAmounts::Reject {
            return Err(Rule::ZeroAmount);
        }
        Ok(())
    }

    fn amounts(&self, block: &Block) -> Result<Amounts, TableError> {
        match &self.amount {
            None => Ok(Amounts::None),
            Some(AmountFrom::Column(name)) => block.cells(name).map(Amounts::Cells),
            Some(AmountFrom::Expression(amount)) => self.compute(block, amount),
        }
    }

    /// Works the expression out; what is no number where one is needed is kept to be refused. A result of text is read as
    /// an amount like any other text, to the last digit.
    fn compute(&self, block: &Block, amount: &Amount) -> Result<Amounts, TableError> {
        let wrong = |cause: String| TableError::Expression { expression: amount.text.clone(), cause };
        let columns = amount.columns.iter().map(|name| block.column(name)).collect::<Result<Vec<_>, _>>()?;
        let types = amount.columns.iter().cloned().zip(columns.iter().map(|column| column.data_type().clone()));
        let types: Vec<_> = types.collect();
        let bound = amount.expression.bind(&types).map_err(|error| wrong(error.to_string()))?;
        let bound = match bound.kind() {
            Kind::Text => bound,
            _ => bound.into_number().map_err(|error| wrong(error.to_string()))?,
        };
        let number = |text: &str| numbers::float(text, self.decimal);
        let computed = bound.evaluate(&columns, &number).map_err(|error| wrong(error.to_string()))?;
        let values = Cells::new(&computed.values).map_err(|error| wrong(error.to_string()))?;
        let mut unreadable = BTreeMap::new();
        for Unreadable { row, column, value } in computed.unreadable {
            unreadable.entry(row).or_insert((column, value));
        }
        Ok(Amounts::Computed { values, unreadable })
    }

    fn reject(&self, row: u64, column: &str, value: String, rule: Rule) -> Reject {
        Reject { file: self.file.into(), row, column: column.into(), value, rule }
    }
}

struct Views {
    customer: Cells,
    date: Cells,
    order: Option<Cells>,
    currency: Option<Cells>,
    amount: Amounts,
    margin: Option<Cells>,
    cost: Option<Cells>,
    meant: Option<Meant>,
}

/// Where a row stands, and what is known of it.
#[derive(Debug, Clone, Copy)]
struct At {
    row: usize,
    number: u64,
    /// Whether it counts elsewhere.
    twice: bool,
    /// Whether it is a line of an order whose total has been counted.
    further: bool,
}

fn is(rows: &[bool], row: usize) -> bool {
    rows.get(row).copied().unwrap_or(false)
}

/// Columns of a whole block as plain values.
struct Quick<'v> {
    /// Where customers are numbers.
    customers: Option<&'v [i64]>,
    moments: Vec<Moment>,
    amounts: Vec<Money>,
    /// The first and the last day that counts.
    days: [Day; 2],
}

/// The fingerprint of a row's order id; 0 where there is none.
#[inline]
fn order(views: &Views, row: usize) -> u64 {
    views.order.as_ref().and_then(|cells| cells.name(row)).map_or(0, |order| xxh3_64(order.as_bytes()))
}

enum Amounts {
    None,
    Cells(Cells),
    Computed { values: Cells, unreadable: BTreeMap<usize, (String, String)> },
}

impl Amounts {
    fn show(&self, row: usize) -> String {
        match self {
            Amounts::None => String::new(),
            Amounts::Cells(cells) | Amounts::Computed { values: cells, .. } => cells.show(row),
        }
    }
}

/// The rule that a row breaks, and where.
struct Refused {
    rule: Rule,
    column: String,
    value: String,
}

impl Refused {
    fn new(rule: Rule, column: &str, value: String) -> Self {
        Refused { rule, column: column.into(), value }
    }
}
