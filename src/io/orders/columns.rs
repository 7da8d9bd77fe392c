//! Which columns of a source of orders are used, and how its amounts are worked out.

use clivia_arrow::expression::Expression;

use crate::columns;
use crate::columns::{AMOUNT, COST, CURRENCY, CUSTOMER, DATE, MARGIN, ORDER, Role};
use crate::error::TableError;
use crate::filter::Filter;
use crate::orders::amount_column::AmountSource;
use crate::orders::customer_column::Joined;
use crate::orders::meaning::Meaning;
use crate::orders::{Mapping, OrderSettings, OrdersReader};
use crate::plan::ReadingPlan;

/// The columns of one source.
pub(super) struct Columns {
    pub(super) mapping: Mapping,
    pub(super) amount: Option<AmountFrom>,
    /// Which rows are wanted.
    pub(super) filter: Option<Filter>,
    /// What they mean.
    pub(super) meaning: Meaning,
    /// Ids that are joined from several columns, in place of a column of customers.
    pub(super) joined: Option<Joined>,
}

/// Where amounts come from.
#[derive(Debug, Clone)]
pub(super) enum AmountFrom {
    Column(String),
    Expression(Amount),
}

/// An amount that is worked out from several columns.
#[derive(Debug, Clone)]
pub(super) struct Amount {
    pub(super) text: String,
    pub(super) expression: Expression,
    /// The columns that it names, under the source's own names.
    pub(super) columns: Vec<String>,
}

impl Amount {
    fn parse(file: &str, held: &[String], text: &str) -> Result<Self, TableError> {
        let wrong = |cause: String| TableError::Expression { expression: text.into(), cause };
        let expression = Expression::parse(text).map_err(|error| wrong(error.to_string()))?;
        let own_name = |name: &String| {
            exact(held, name)
                .or_else(|| only_one(held, |column| column.eq_ignore_ascii_case(name)))
                .ok_or_else(|| columns::missing(file, held, AMOUNT, Some(name)))
        };
        let columns: Vec<String> = expression.columns().iter().map(own_name).collect::<Result<_, _>>()?;
        match columns.is_empty() {
            true => Err(wrong("it names no column of the file".into())),
            false => Ok(Amount { text: text.into(), expression, columns }),
        }
    }
}

fn exact(held: &[String], name: &str) -> Option<String> {
    held.iter().find(|column| *column == name).cloned()
}

fn only_one(held: &[String], is_it: impl Fn(&str) -> bool) -> Option<String> {
    let mut found = held.iter().filter(|column| is_it(column));
    found.next().filter(|_| found.next().is_none()).cloned()
}

impl Columns {
    /// Those of a plan, all of which must be there.
    pub(super) fn planned(
        plan: &ReadingPlan,
        reader: &OrdersReader,
        file: &str,
        held: &[String],
    ) -> Result<Self, TableError> {
        let mapping = &plan.columns;
        if mapping.currency.is_none() && !reader.currency.into.is_empty() {
            let cause =
                "its plan names no currency column, and currency.into asks for one; make the plan with it".into();
            return Err(TableError::Plan { file: file.into(), cause });
        }
        let amount = match (&plan.amount_expression, &mapping.amount) {
            (Some(text), _) => Some(AmountFrom::Expression(Amount::parse(file, held, text)?)),
            (None, amount) => amount.clone().map(AmountFrom::Column),
        };
        let column = amount.as_ref().and_then(AmountFrom::column);
        let joined = Joined::of(held, &mapping.customer)?;
        let named: [(Role, Option<&str>); 7] = [
            (CUSTOMER, Some(mapping.customer.as_str()).filter(|_| joined.is_none())),
            (DATE, Some(&mapping.date)),
            (AMOUNT, column),
            (ORDER, mapping.order.as_deref()),
            (CURRENCY, mapping.currency.as_deref()),
            (MARGIN, mapping.margin.as_deref()),
            (COST, mapping.cost.as_deref()),
        ];
        let held_not = |name: &str| !held.iter().any(|column| column == name);
        let absent = named.into_iter().find_map(|(role, name)| Some((role, name.filter(|name| held_not(name))?)));
        if let Some((role, name)) = absent {
            return Err(columns::missing(file, held, role, Some(name)));
        }
        let meaning = plan.meaning.clone().unwrap_or_else(|| Meaning::plain(mapping));
        if let Some(name) = meaning.columns().into_iter().find(|name| held_not(name)) {
            let cause = format!("its plan asks for a column '{name}' that is not there; it holds: {}", held.join(", "));
            return Err(TableError::Plan { file: file.into(), cause });
        }
        let filter = filter(reader, file, held)?;
        Ok(Columns { mapping: mapping.clone(), amount, filter, meaning, joined })
    }

    /// Those that a source means.
    pub(super) fn meant(
        reader: &OrdersReader,
        file: &str,
        held: &[String],
        meaning: Meaning,
    ) -> Result<Self, TableError> {
        let find = |role, setting: &str| columns::find(file, held, role, named(setting));
        let amount = match meaning.amount.as_ref().map(|amount| &amount.from) {
            None => None,
            Some(AmountSource::Column(name) | AmountSource::OncePerOrder(name)) => {
                Some(AmountFrom::Column(name.clone()))
            }
            Some(AmountSource::Expression(text)) => Some(AmountFrom::Expression(Amount::parse(file, held, text)?)),
        };
        let OrderSettings { observed_margin, margin_column, cost_column, .. } = reader.orders;
        let asked_for = *observed_margin || !margin_column.is_empty() || !cost_column.is_empty();
        let of_profit = |role, setting: &str| match amount.is_some() && asked_for {
            // Named alone, one of the two columns is meant and not both.
            true if !*observed_margin && setting.is_empty() => Ok(None),
            true => find(role, setting),
            false => Ok(None),
        };
        let mapping = Mapping {
            customer: meaning.customer.column.clone(),
            date: meaning.date.clone(),
            amount: amount.as_ref().map(|amount| amount.text().into()),
            order: meaning.order.clone(),
            currency: match reader.currency.into.is_empty() {
                true => meaning.currency.clone(),
                false => Some(columns::need(file, held, CURRENCY, named(&reader.currency.column))?),
            },
            margin: of_profit(MARGIN, margin_column)?,
            cost: of_profit(COST, cost_column)?,
        };
        let (filter, joined) = (filter(reader, file, held)?, Joined::of(held, &mapping.customer)?);
        Ok(Columns { mapping, amount, filter, meaning, joined })
    }

    /// The columns that hold the customer.
    pub(super) fn customers(&self) -> &[String] {
        self.joined.as_ref().map_or(std::slice::from_ref(&self.mapping.customer), Joined::columns)
    }

    /// The columns that hold the amount.
    pub(super) fn amount_columns(&self) -> &[String] {
        match &self.amount {
            Some(AmountFrom::Column(name)) => std::slice::from_ref(name),
            Some(AmountFrom::Expression(amount)) => &amount.columns,
            None => &[],
        }
    }

    /// Whether the amount comes of an expression that a user has written.
    pub(super) fn amount_is_worked_out(&self, reader: &OrdersReader) -> bool {
        matches!(&self.amount, Some(AmountFrom::Expression(amount)) if amount.text == reader.orders.amount)
    }

    /// All columns that must be read, each once.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names = vec![self.mapping.date.clone()];
        names.extend_from_slice(self.customers());
        names.extend(self.mapping.order.clone());
        names.extend(self.mapping.currency.clone());
        names.extend(self.mapping.margin.clone());
        names.extend(self.mapping.cost.clone());
        match &self.amount {
            Some(AmountFrom::Column(name)) => names.push(name.clone()),
            Some(AmountFrom::Expression(amount)) => names.extend(amount.columns.iter().cloned()),
            None => {}
        }
        names.extend(self.filter.iter().flat_map(|filter| filter.columns().iter().cloned()));
        names.extend(self.meaning.columns());
        names.sort();
        names.dedup();
        names
    }
}

impl AmountFrom {
    /// The column, or the expression.
    fn text(&self) -> &str {
        match self {
            AmountFrom::Column(name) => name,
            AmountFrom::Expression(amount) => &amount.text,
        }
    }

    fn column(&self) -> Option<&str> {
        match self {
            AmountFrom::Column(name) => Some(name),
            AmountFrom::Expression(_) => None,
        }
    }

    /// The expression, where it is one.
    pub(super) fn expression(&self) -> Option<&str> {
        match self {
            AmountFrom::Column(_) => None,
            AmountFrom::Expression(amount) => Some(&amount.text),
        }
    }
}

fn filter(reader: &OrdersReader, file: &str, held: &[String]) -> Result<Option<Filter>, TableError> {
    Filter::parse("orders.where", file, held, &reader.orders.condition)
}

/// What a setting names, where it names anything.
fn named(setting: &str) -> Option<&str> {
    Some(setting).filter(|name| !name.is_empty())
}
