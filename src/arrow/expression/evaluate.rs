//! Working out a typed expression over whole columns.

use std::cell::RefCell;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Float64Array};
use arrow::buffer::BooleanBuffer;
use arrow::compute::kernels::{boolean, cmp, comparison, numeric};
use arrow::error::ArrowError;

use super::column::{Column, finite};
use super::convert;
use super::error::ExpressionError;
use super::functions::{Function, Work};
use super::kernels::{Call, dates, texts};
use super::syntax::{Arithmetic, Comparison, Test};
use super::typed::{Step, Typed};
use super::types::Kind;

/// The rows at which a value is needed; all of them for `None`.
pub(super) type Needed = Option<BooleanBuffer>;

/// The rows of a block, and what has been found in them.
pub(super) struct Evaluation<'a> {
    pub(super) rows: usize,
    /// The columns that the expression reads, at their own numbers.
    pub(super) columns: &'a [Option<ArrayRef>],
    pub(super) read_number: &'a dyn Fn(&str) -> Option<f64>,
    /// Cells that could not be read: column, row, value.
    pub(super) unreadable: RefCell<Vec<(usize, usize, String)>>,
    /// Text columns that have been read as numbers.
    pub(super) numbers: RefCell<Vec<Option<convert::ReadColumn>>>,
}

/// The values of a part, or why it has none.
type Outcome = Result<Column, ExpressionError>;

impl Evaluation<'_> {
    /// The values of a part. Where `needed` is not set a value means nothing, and a cell that cannot be read is no
    /// matter.
    pub(super) fn values(&self, part: &Typed, needed: &Needed) -> Outcome {
        let position = part.position;
        match &part.step {
            Step::Column(index) => self.column(*index),
            Step::Constant(value) => Ok(Column::constant(value, part.kind)),
            Step::Convert(inner) => convert::converted(self, inner, part.kind, needed),
            Step::Arithmetic(operation, parts) => self.arithmetic(*operation, parts, position, needed),
            Step::Negate(operand) => {
                let operand = self.values(operand, needed)?;
                with_kernel(position, numeric::neg(operand.array()), &[&operand])
            }
            Step::Call(function, arguments) => self.call(function, arguments, position, needed),
            Step::Case { operand, arms, otherwise } => {
                self.case(part, operand.as_deref(), arms, otherwise.as_deref(), needed)
            }
            Step::And(parts) => self.and_or(parts, false, needed),
            Step::Or(parts) => self.and_or(parts, true, needed),
            _ => self.predicate(part, needed),
        }
    }

    fn column(&self, index: usize) -> Outcome {
        match self.columns.get(index) {
            Some(Some(array)) => Ok(Column::rows(Arc::clone(array))),
            _ => Err(ExpressionError::ColumnsGiven { reason: format!("column {} is missing", index + 1) }),
        }
    }

    /// Parts that look at their values alone.
    fn predicate(&self, part: &Typed, needed: &Needed) -> Outcome {
        let position = part.position;
        match &part.step {
            Step::Days(parts) => {
                let [later, earlier] = self.both(parts, needed)?;
                dates::difference(&later, &earlier, self.rows_of(&[&later, &earlier]))
            }
            Step::Join(parts) => {
                let parts = self.both(parts, needed)?;
                texts::join(&self.kernel_call(&parts, position, needed))
            }
            Step::Compare(comparison, parts) => {
                let [left, right] = self.both(parts, needed)?;
                compare(position, *comparison, &left, &right)
            }
            Step::Between { parts, negated } => self.between(parts, *negated, position, needed),
            Step::In { operand, list, negated } => self.is_in(operand, list, *negated, needed),
            Step::Like { parts, fold, negated } => {
                let [text, pattern] = self.both(parts, needed)?;
                let found = like(&text, &pattern, *fold, *negated).map_err(|_| pattern_too_long(position))?;
                Ok(Column::like(Arc::new(found), &[&text, &pattern]))
            }
            Step::Not(operand) => not(position, &self.values(operand, needed)?),
            Step::Is { operand, test, negated } => {
                let operand = self.values(operand, needed)?;
                let is = with_kernel(position, is(&operand, *test), &[&operand])?;
                if *negated { not(position, &is) } else { Ok(is) }
            }
            _ => Err(ExpressionError::syntax(position, "this part has no meaning here")),
        }
    }

    fn both(&self, parts: &[Typed; 2], needed: &Needed) -> Result<[Column; 2], ExpressionError> {
        Ok([self.values(&parts[0], needed)?, self.values(&parts[1], needed)?])
    }

    /// One row if all columns have one value for all rows.
    fn rows_of(&self, columns: &[&Column]) -> usize {
        if columns.iter().all(|column| column.is_constant()) { 1 } else { self.rows }
    }

    fn kernel_call<'c>(&self, arguments: &'c [Column], position: usize, needed: &'c Needed) -> Call<'c> {
        let constant = arguments.iter().all(Column::is_constant);
        Call {
            arguments,
            rows: if constant { 1 } else { self.rows },
            needed: if constant { None } else { needed.as_ref() },
            position,
        }
    }

    fn arithmetic(&self, operation: Arithmetic, parts: &[Typed; 2], position: usize, needed: &Needed) -> Outcome {
        let [left, right] = self.both(parts, needed)?;
        let kernel = match operation {
            Arithmetic::Add => numeric::add,
            Arithmetic::Subtract => numeric::sub,
            Arithmetic::Multiply => numeric::mul,
            Arithmetic::Divide => numeric::div,
            Arithmetic::Remainder => numeric::rem,
        };
        let result = with_kernel(position, kernel(&left, &right), &[&left, &right])?;
        Ok(Column::like(Arc::new(finite(result.numbers())), &[&left, &right]))
    }

    fn call(&self, function: &Function, arguments: &[Typed], position: usize, needed: &Needed) -> Outcome {
        match function.work {
            Work::Values(kernel) => {
                let arguments: Vec<Column> =
                    arguments.iter().map(|argument| self.values(argument, needed)).collect::<Result<_, _>>()?;
                kernel(&self.kernel_call(&arguments, position, needed))
            }
            Work::FirstValue => self.first_value(arguments, position, needed),
        }
    }

    /// COALESCE: each argument where those before it are null.
    fn first_value(&self, arguments: &[Typed], position: usize, needed: &Needed) -> Outcome {
        let Some((first, others)) = arguments.split_first() else {
            return Err(ExpressionError::syntax(position, "a value is missing"));
        };
        let mut found = self.values(first, needed)?;
        for other in others {
            let nulls = boolean::is_null(found.array()).map_err(|error| ExpressionError::kernel(position, error))?;
            let nulls = Column::like(Arc::new(nulls), &[&found]).conditions(position, self.rows)?;
            let empty = nulls.values();
            let other = self.values(other, &both_set(needed, empty))?;
            found = other.or_else(position, empty, &found)?;
        }
        Ok(found)
    }

    /// CASE: each condition where those before it were not met, each result where its condition is met.
    fn case(
        &self,
        part: &Typed,
        operand: Option<&Typed>,
        arms: &[(Typed, Typed)],
        otherwise: Option<&Typed>,
        needed: &Needed,
    ) -> Outcome {
        let position = part.position;
        let operand = operand.map(|operand| self.values(operand, needed)).transpose()?;
        let mut open = needed.clone().unwrap_or_else(|| BooleanBuffer::new_set(self.rows));
        let mut results = Vec::with_capacity(arms.len());
        for (when, then) in arms {
            let mut when = self.values(when, &Some(open.clone()))?;
            if let Some(operand) = &operand {
                when = compare(position, Comparison::Equal, operand, &when)?;
            }
            let met = &set(&when.conditions(position, self.rows)?) & &open;
            open = &open & &!&met;
            results.push((self.values(then, &Some(met.clone()))?, met));
        }
        let mut found = match otherwise {
            Some(otherwise) => self.values(otherwise, &Some(open))?,
            None => Column::constant(&super::syntax::Value::Null, part.kind),
        };
        for (result, met) in results.iter().rev() {
            found = result.or_else(position, met, &found)?;
        }
        Ok(found)
    }

    /// AND, OR: the second where the first does not decide. `decides` is the value that does.
    fn and_or(&self, parts: &[Typed; 2], decides: bool, needed: &Needed) -> Outcome {
        let position = parts[0].position;
        let left = self.values(&parts[0], needed)?.conditions(position, self.rows)?;
        let decided = match decides {
            true => set(&left),
            false => set(&boolean::not(&left).map_err(|error| ExpressionError::kernel(position, error))?),
        };
        let right = self.values(&parts[1], &both_set(needed, &!&decided))?.conditions(position, self.rows)?;
        let kernel = if decides { boolean::or_kleene } else { boolean::and_kleene };
        let result = kernel(&left, &right).map_err(|error| ExpressionError::kernel(position, error))?;
        Ok(Column::rows(Arc::new(result)))
    }

    fn between(&self, parts: &[Typed; 3], negated: bool, position: usize, needed: &Needed) -> Outcome {
        let [operand, low, high] = parts;
        let operand = self.values(operand, needed)?;
        let above = compare(position, Comparison::GreaterOrEqual, &operand, &self.values(low, needed)?)?;
        let below = compare(position, Comparison::LessOrEqual, &operand, &self.values(high, needed)?)?;
        let (above, below) = (above.conditions(position, self.rows)?, below.conditions(position, self.rows)?);
        let within = boolean::and_kleene(&above, &below).map_err(|error| ExpressionError::kernel(position, error))?;
        let within = Column::rows(Arc::new(within));
        if negated { not(position, &within) } else { Ok(within) }
    }

    fn is_in(&self, operand: &Typed, list: &[Typed], negated: bool, needed: &Needed) -> Outcome {
        let position = operand.position;
        let operand = self.values(operand, needed)?;
        let mut found = BooleanArray::new(BooleanBuffer::new_unset(self.rows), None);
        for item in list {
            let item = compare(position, Comparison::Equal, &operand, &self.values(item, needed)?)?;
            found = boolean::or_kleene(&found, &item.conditions(position, self.rows)?)
                .map_err(|error| ExpressionError::kernel(position, error))?;
        }
        let found = Column::rows(Arc::new(found));
        if negated { not(position, &found) } else { Ok(found) }
    }
}

/// The rows that are true: neither false nor null.
fn set(conditions: &BooleanArray) -> BooleanBuffer {
    match conditions.nulls() {
        Some(valid) => conditions.values() & valid.inner(),
        None => conditions.values().clone(),
    }
}

fn both_set(needed: &Needed, also: &BooleanBuffer) -> Needed {
    Some(match needed {
        Some(needed) => needed & also,
        None => also.clone(),
    })
}

/// The result of one of Arrow's kernels.
fn with_kernel<A: IntoArrayRef>(position: usize, result: Result<A, ArrowError>, of: &[&Column]) -> Outcome {
    let array = result.map_err(|error| ExpressionError::kernel(position, error))?;
    Ok(Column::like(array.into_array_ref(), of))
}

/// What a kernel gives.
trait IntoArrayRef {
    fn into_array_ref(self) -> ArrayRef;
}

impl IntoArrayRef for ArrayRef {
    fn into_array_ref(self) -> ArrayRef {
        self
    }
}

impl IntoArrayRef for BooleanArray {
    fn into_array_ref(self) -> ArrayRef {
        Arc::new(self)
    }
}

fn not(position: usize, conditions: &Column) -> Outcome {
    use arrow::array::AsArray;
    with_kernel(position, boolean::not(conditions.array().as_boolean()), &[conditions])
}

fn is(operand: &Column, test: Test) -> Result<BooleanArray, ArrowError> {
    use arrow::array::AsArray;
    let array = operand.array();
    match test {
        Test::Null => boolean::is_null(array),
        Test::True => Ok(BooleanArray::new(set(array.as_boolean()), None)),
        Test::False => Ok(BooleanArray::new(set(&boolean::not(array.as_boolean())?), None)),
    }
}

fn like(text: &Column, pattern: &Column, fold: bool, negated: bool) -> Result<BooleanArray, ArrowError> {
    match (fold, negated) {
        (false, false) => comparison::like(text, pattern),
        (false, true) => comparison::nlike(text, pattern),
        (true, false) => comparison::ilike(text, pattern),
        (true, true) => comparison::nilike(text, pattern),
    }
}

/// LIKE fails for no other reason: its patterns have no wrong form.
fn pattern_too_long(position: usize) -> ExpressionError {
    ExpressionError::Calculation { position, reason: "the pattern of LIKE is too long".to_owned() }
}

/// Compares two columns of one kind.
pub(super) fn compare(position: usize, comparison: Comparison, left: &Column, right: &Column) -> Outcome {
    let kernel = match comparison {
        Comparison::Equal => cmp::eq,
        Comparison::NotEqual => cmp::neq,
        Comparison::Less => cmp::lt,
        Comparison::LessOrEqual => cmp::lt_eq,
        Comparison::Greater => cmp::gt,
        Comparison::GreaterOrEqual => cmp::gt_eq,
    };
    let (left, right) = (one_zero(left), one_zero(right));
    with_kernel(position, kernel(&left, &right), &[&left, &right])
}

/// Numbers with 0 for -0, which Arrow's comparison holds apart.
fn one_zero(column: &Column) -> Column {
    if column.array().data_type() != &Kind::Number.data_type() {
        return column.clone();
    }
    let numbers: &Float64Array = column.numbers();
    if numbers.values().iter().all(|number| *number != 0.0 || number.is_sign_positive()) {
        return column.clone();
    }
    let numbers: Float64Array = numbers.unary(|number| number + 0.0);
    Column::like(Arc::new(numbers), &[column])
}
