//! From the tree of [`super::syntax`] and the columns' types to a tree in which every part has a kind.

use arrow::datatypes::DataType;

use super::coerce::{self, common, condition, convert, needs};
use super::error::ExpressionError;
use super::functions::{self, Function, Need};
use super::names::{cut, list, nearest};
use super::syntax::{Arithmetic, Comparison, Form, Node, Operator, Test, Value};
use super::typed::{Step, Typed};
use super::types::{Kind, kind_of};

/// The columns that an expression may read.
pub(super) struct Scope<'a> {
    columns: &'a [(String, DataType)],
}

impl<'a> Scope<'a> {
    pub(super) fn new(columns: &'a [(String, DataType)]) -> Self {
        Self { columns }
    }

    /// Gives a part its kind.
    ///
    /// # Errors
    /// A column is unknown or of no kind, a function is unknown, or a value does not fit its place.
    pub(super) fn typed(&self, node: &Node) -> Result<Typed, ExpressionError> {
        let position = node.position;
        match &node.form {
            Form::Column { name, quoted } => self.column(position, name, *quoted),
            Form::Literal(value) => Ok(Typed::constant(position, value.clone())),
            Form::Negative(operand) => self.negative(position, operand),
            Form::Positive(operand) => coerce::number(self.typed(operand)?, "+"),
            Form::Binary { operator, left, right } => self.binary(position, *operator, left, right),
            Form::Call { name, arguments } => self.call(position, name, arguments),
            Form::Cast { operand, target } => coerce::cast(self.typed(operand)?, *target),
            Form::Case { operand, arms, otherwise } => {
                self.case(position, operand.as_deref(), arms, otherwise.as_deref())
            }
            _ => self.predicate(node),
        }
    }

    fn boxed(&self, node: &Node) -> Result<Box<Typed>, ExpressionError> {
        self.typed(node).map(Box::new)
    }

    /// Parts that are true, false or null.
    fn predicate(&self, node: &Node) -> Result<Typed, ExpressionError> {
        let step = match &node.form {
            Form::Not(operand) => Step::Not(Box::new(condition(self.typed(operand)?, "NOT")?)),
            Form::Is { operand, test: Test::Null, negated } => {
                Step::Is { operand: self.boxed(operand)?, test: Test::Null, negated: *negated }
            }
            Form::Is { operand, test, negated } => {
                let operand = Box::new(condition(self.typed(operand)?, "IS TRUE")?);
                Step::Is { operand, test: *test, negated: *negated }
            }
            Form::Between { operand, low, high, negated } => {
                let parts = vec![self.typed(operand)?, self.typed(low)?, self.typed(high)?];
                Step::Between { parts: boxed_array(common(parts, "BETWEEN")?)?, negated: *negated }
            }
            Form::In { operand, list, negated } => {
                let parts = std::iter::once(&**operand).chain(list).map(|part| self.typed(part));
                let mut list = common(parts.collect::<Result<_, _>>()?, "IN")?;
                Step::In { operand: Box::new(list.remove(0)), list, negated: *negated }
            }
            Form::Like { operand, pattern, fold, negated } => {
                let operand = convert(self.typed(operand)?, Kind::Text);
                let pattern = convert(self.typed(pattern)?, Kind::Text);
                Step::Like { parts: Box::new([operand, pattern]), fold: *fold, negated: *negated }
            }
            _ => return Err(ExpressionError::syntax(node.position, "this part has no meaning here")),
        };
        Ok(Typed::new(node.position, Kind::Boolean, step))
    }

    fn binary(&self, position: usize, operator: Operator, left: &Node, right: &Node) -> Result<Typed, ExpressionError> {
        let (left, right) = (self.typed(left)?, self.typed(right)?);
        match operator {
            Operator::Arithmetic(Arithmetic::Subtract) if left.kind.is_temporal() || right.kind.is_temporal() => {
                days(position, left, right)
            }
            Operator::Arithmetic(operation) => {
                let sign = operation.sign().to_string();
                let parts = [coerce::number(left, &sign)?, coerce::number(right, &sign)?];
                Ok(Typed::new(position, Kind::Number, Step::Arithmetic(operation, Box::new(parts))))
            }
            Operator::Compare(comparison) => compare(position, comparison, left, right),
            Operator::Join => {
                let parts = [convert(left, Kind::Text), convert(right, Kind::Text)];
                Ok(Typed::new(position, Kind::Text, Step::Join(Box::new(parts))))
            }
            Operator::And => {
                let parts = [condition(left, "AND")?, condition(right, "AND")?];
                Ok(Typed::new(position, Kind::Boolean, Step::And(Box::new(parts))))
            }
            Operator::Or => {
                let parts = [condition(left, "OR")?, condition(right, "OR")?];
                Ok(Typed::new(position, Kind::Boolean, Step::Or(Box::new(parts))))
            }
        }
    }

    /// A negative number; of a whole number that is written out, the whole number.
    fn negative(&self, position: usize, operand: &Node) -> Result<Typed, ExpressionError> {
        if let Form::Literal(Value::Integer(whole)) = operand.form {
            return Ok(Typed::constant(position, Value::Integer(-whole)));
        }
        let operand = Box::new(coerce::number(self.typed(operand)?, "-")?);
        Ok(Typed::new(position, Kind::Number, Step::Negate(operand)))
    }

    fn case(
        &self,
        position: usize,
        operand: Option<&Node>,
        arms: &[(Node, Node)],
        otherwise: Option<&Node>,
    ) -> Result<Typed, ExpressionError> {
        let mut whens = arms.iter().map(|(when, _)| self.typed(when)).collect::<Result<Vec<_>, _>>()?;
        let operand = match operand {
            Some(operand) => {
                whens.insert(0, self.typed(operand)?);
                whens = common(whens, "CASE")?;
                Some(Box::new(whens.remove(0)))
            }
            None => {
                whens = whens.into_iter().map(|when| condition(when, "WHEN")).collect::<Result<_, _>>()?;
                None
            }
        };
        let results = arms.iter().map(|(_, then)| then).chain(otherwise).map(|result| self.typed(result));
        let mut results = common(results.collect::<Result<_, _>>()?, "CASE")?;
        let kind = results.first().map_or(Kind::Unknown, |result| result.kind);
        let otherwise = if otherwise.is_some() { results.pop().map(Box::new) } else { None };
        let arms = whens.into_iter().zip(results).collect();
        Ok(Typed::new(position, kind, Step::Case { operand, arms, otherwise }))
    }

    fn call(&self, position: usize, name: &str, arguments: &[Node]) -> Result<Typed, ExpressionError> {
        let function = functions::find(name).ok_or_else(|| unknown_function(position, name))?;
        if !function.takes(arguments.len()) {
            let given = match arguments.len() {
                0 => "no value".to_owned(),
                1 => "1 value".to_owned(),
                many => format!("{many} values"),
            };
            return Err(ExpressionError::Arguments {
                position,
                name: function.name,
                given,
                signature: function.signature,
            });
        }
        let arguments = arguments.iter().map(|argument| self.typed(argument)).collect::<Result<Vec<_>, _>>()?;
        let arguments = fit(function, arguments)?;
        let kind = function.gives.unwrap_or_else(|| arguments.first().map_or(Kind::Unknown, |argument| argument.kind));
        Ok(Typed::new(position, kind, Step::Call(function, arguments)))
    }

    fn column(&self, position: usize, name: &str, quoted: bool) -> Result<Typed, ExpressionError> {
        let index = self.find(position, name, quoted)?;
        let (column, data_type) = &self.columns[index];
        match kind_of(data_type) {
            Some(kind) => Ok(Typed::new(position, kind, Step::Column(index))),
            None => Err(ExpressionError::ColumnType {
                position,
                column: column.clone(),
                data_type: cut(&data_type.to_string()),
            }),
        }
    }

    /// The column of this name: letter by letter first, else without regard to case where that leaves one and the name
    /// stands without quotes.
    fn find(&self, position: usize, name: &str, quoted: bool) -> Result<usize, ExpressionError> {
        let exact = self.matching(|column| column == name);
        let folded = name.to_lowercase();
        let found = match exact.len() {
            0 if !quoted => self.matching(|column| column.to_lowercase() == folded),
            _ => exact,
        };
        match found.as_slice() {
            [] => Err(self.unknown_column(position, name, quoted)),
            [index] => Ok(*index),
            several => Err(self.ambiguous(position, name, several)),
        }
    }

    fn matching(&self, fits: impl Fn(&str) -> bool) -> Vec<usize> {
        self.columns.iter().enumerate().filter(|(_, (column, _))| fits(column)).map(|(index, _)| index).collect()
    }

    fn ambiguous(&self, position: usize, name: &str, found: &[usize]) -> ExpressionError {
        let remedy = match found.iter().all(|index| self.columns[*index].0 == name) {
            true => "rename one of them".to_owned(),
            false => "write the name in double quotes, letter by letter".to_owned(),
        };
        let candidates = list(found.iter().map(|index| self.columns[*index].0.as_str()));
        ExpressionError::AmbiguousColumn { position, name: cut(name), candidates, remedy }
    }

    fn unknown_column(&self, position: usize, name: &str, quoted: bool) -> ExpressionError {
        let names = || self.columns.iter().map(|(column, _)| column.as_str());
        let mut hint = match nearest(name, names()) {
            Some(near) => format!("; did you mean '{near}'? The columns are {}", list(names())),
            None if self.columns.is_empty() => "; there are no columns".to_owned(),
            None => format!("; the columns are {}", list(names())),
        };
        if quoted {
            hint.push_str(". A text stands in single quotes, such as 'paid'");
        }
        ExpressionError::UnknownColumn { position, name: cut(name), hint }
    }
}

fn unknown_function(position: usize, name: &str) -> ExpressionError {
    let hint = match nearest(name, functions::names()) {
        Some(near) => format!("; did you mean {near}?"),
        None => "; the functions are in the list of the expression language".to_owned(),
    };
    ExpressionError::UnknownFunction { position, name: cut(name), hint }
}

/// Brings a function's arguments to the kinds that it takes.
fn fit(function: &'static Function, arguments: Vec<Typed>) -> Result<Vec<Typed>, ExpressionError> {
    if function.need(0) == Some(Need::Alike) {
        return common(arguments, function.name);
    }
    let fitted = arguments.into_iter().enumerate();
    fitted
        .map(|(index, argument)| match function.need(index) {
            Some(need) => needs(argument, need, function.name),
            None => Ok(argument),
        })
        .collect()
}

fn compare(position: usize, comparison: Comparison, left: Typed, right: Typed) -> Result<Typed, ExpressionError> {
    let parts = common(vec![left, right], "a comparison")?;
    Ok(Typed::new(position, Kind::Boolean, Step::Compare(comparison, boxed_array(parts)?)))
}

/// The difference of two dates or timestamps, in days.
fn days(position: usize, left: Typed, right: Typed) -> Result<Typed, ExpressionError> {
    let parts = common(vec![left, right], "-")?;
    Ok(Typed::new(position, Kind::Number, Step::Days(boxed_array(parts)?)))
}

/// Parts of which the number is known, as an array.
fn boxed_array<const N: usize>(parts: Vec<Typed>) -> Result<Box<[Typed; N]>, ExpressionError> {
    parts.try_into().map_err(|_| ExpressionError::syntax(1, "a part is missing"))
}
