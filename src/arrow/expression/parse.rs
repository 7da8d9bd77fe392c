//! From text to the tree of [`super::syntax`]: sqlparser reads the grammar, and what is not in the allow-list is refused.

use sqlparser::ast::{
    BinaryOperator, CaseWhen, CastKind, CeilFloorKind, DateTimeField, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArguments, Ident, ObjectName, TrimWhereField, TypedString, UnaryOperator, Value as SqlValue, ValueWithSpan,
};
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

use super::dates;
use super::error::ExpressionError;
use super::limits::{self, MOST_DEPTH, MOST_PARTS, Places, Plain};
use super::refused;
use super::syntax::{Arithmetic, Comparison, Form, Node, Operator, Test, Value};
use super::types::target;

/// How often sqlparser may enter itself: a level of ours takes at most a few of its own.
const PARSER_LEVELS: usize = 256;

/// The stack that sqlparser is given: its functions are large, and a thread of the caller may be small.
const PARSER_STACK: usize = 32 << 20;

/// Reads one expression.
///
/// # Errors
/// The text is too long or too deep, is not one expression, or has a part that is not in the allow-list.
pub(super) fn parse(text: &str) -> Result<Node, ExpressionError> {
    limits::check_length(text)?;
    // A thread of its own, for its stack. Where none can be had, the levels are few enough for an ordinary one.
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(PARSER_STACK);
        match builder.spawn_scoped(scope, || parse_here(text)) {
            Ok(thread) => thread.join().unwrap_or_else(|_| Err(unreadable())),
            Err(_) => parse_here(text),
        }
    })
}

fn unreadable() -> ExpressionError {
    ExpressionError::syntax(1, "this cannot be read as an expression")
}

fn parse_here(text: &str) -> Result<Node, ExpressionError> {
    let places = Places::new(text);
    let tokens = limits::tokens(text, &places)?;
    let mut parser = Parser::new(&Plain).with_recursion_limit(PARSER_LEVELS).with_tokens_with_locations(tokens);
    let expression = parser.parse_expr().map_err(|error| plain_words(error, &places))?;
    let rest = parser.peek_token();
    if rest.token != Token::EOF {
        let message = format!("the expression ends before '{}': an operator or a comma is missing", rest.token);
        return Err(ExpressionError::syntax(places.of(rest.span.start), message));
    }
    Reading { places, parts: 0, depth: 0 }.node(expression, 1)
}

/// What sqlparser found wrong, in plain words and with a position.
fn plain_words(error: ParserError, places: &Places) -> ExpressionError {
    let message = match error {
        ParserError::RecursionLimitExceeded => return ExpressionError::TooDeep { position: 1 },
        ParserError::ParserError(message) | ParserError::TokenizerError(message) => message,
    };
    let (message, position) = split_location(&message, places);
    let Some((wanted, found)) = message.strip_prefix("Expected: ").and_then(|rest| rest.split_once(", found: ")) else {
        return ExpressionError::syntax(position, "this cannot be read as part of an expression");
    };
    let wanted = match wanted {
        "an expression" => "a column, a value or a function",
        other => other,
    };
    match found {
        "EOF" => ExpressionError::syntax(position, format!("the expression ends where {wanted} is missing")),
        found => ExpressionError::syntax(
            position,
            format!("'{}' stands where {wanted} is missing", super::names::cut(found)),
        ),
    }
}

/// Takes " at Line: 1, Column: 9" off a message.
fn split_location<'a>(message: &'a str, places: &Places) -> (&'a str, usize) {
    let Some((words, location)) = message.rsplit_once(" at Line: ") else { return (message, places.position(0, 0)) };
    let mut numbers = location.split(", Column: ").map(|number| number.trim().parse().unwrap_or(0));
    let (line, column) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    (words, places.position(line, column))
}

/// One walk over sqlparser's tree.
struct Reading {
    places: Places,
    parts: usize,
    depth: usize,
}

impl Reading {
    /// Turns a part into ours; `near` is where it stands if the part itself does not say.
    fn node(&mut self, expression: Expr, near: usize) -> Result<Node, ExpressionError> {
        self.parts += 1;
        self.depth += 1;
        if self.parts > MOST_PARTS || self.depth > MOST_DEPTH {
            return Err(ExpressionError::TooManyParts { position: near });
        }
        let node = self.form(expression, near);
        self.depth -= 1;
        node
    }

    fn form(&mut self, expression: Expr, near: usize) -> Result<Node, ExpressionError> {
        match expression {
            Expr::Nested(inner) => self.node(*inner, near),
            Expr::Identifier(name) => Ok(self.column(name)),
            Expr::Value(value) => self.literal(value),
            Expr::TypedString(value) => self.typed_literal(value),
            Expr::UnaryOp { op, expr } => self.unary(op, *expr, near),
            Expr::BinaryOp { left, op, right } => self.binary(*left, op, *right, near),
            Expr::Case { case_token, operand, conditions, else_result, .. } => {
                let position = self.places.of(case_token.0.span.start);
                self.case(position, operand, conditions, else_result)
            }
            Expr::Function(function) => self.function(function, near),
            other => self.keyword_form(other, near),
        }
    }

    fn boxed(&mut self, expression: Expr, near: usize) -> Result<Box<Node>, ExpressionError> {
        self.node(expression, near).map(Box::new)
    }

    fn nodes(&mut self, expressions: Vec<Expr>, near: usize) -> Result<Vec<Node>, ExpressionError> {
        expressions.into_iter().map(|expression| self.node(expression, near)).collect()
    }

    /// Forms that are written with words of their own.
    fn keyword_form(&mut self, expression: Expr, near: usize) -> Result<Node, ExpressionError> {
        match expression {
            Expr::IsNull(operand) => self.is(*operand, Test::Null, false, near),
            Expr::IsNotNull(operand) => self.is(*operand, Test::Null, true, near),
            Expr::IsTrue(operand) => self.is(*operand, Test::True, false, near),
            Expr::IsNotTrue(operand) => self.is(*operand, Test::True, true, near),
            Expr::IsFalse(operand) => self.is(*operand, Test::False, false, near),
            Expr::IsNotFalse(operand) => self.is(*operand, Test::False, true, near),
            Expr::Between { expr, negated, low, high } => {
                let operand = self.boxed(*expr, near)?;
                let (position, low) = (operand.position, self.boxed(*low, near)?);
                let high = self.boxed(*high, near)?;
                Ok(Node { position, form: Form::Between { operand, low, high, negated } })
            }
            Expr::InList { expr, list, negated } => {
                let operand = self.boxed(*expr, near)?;
                let position = operand.position;
                let list = self.nodes(list, position)?;
                Ok(Node { position, form: Form::In { operand, list, negated } })
            }
            Expr::Like { negated, any: false, expr, pattern, escape_char } => {
                self.like(*expr, *pattern, false, negated, escape_char, near)
            }
            Expr::ILike { negated, any: false, expr, pattern, escape_char } => {
                self.like(*expr, *pattern, true, negated, escape_char, near)
            }
            Expr::Cast { kind, expr, data_type, array: false, format: None } => {
                let operand = self.boxed(*expr, near)?;
                let position = operand.position;
                if !matches!(kind, CastKind::Cast | CastKind::DoubleColon) {
                    refused::check_function(position, "TRY_CAST")?;
                }
                Ok(Node { position, form: Form::Cast { operand, target: target(position, &data_type)? } })
            }
            other => self.function_form(other, near),
        }
    }

    /// Functions for which SQL has a grammar of their own.
    fn function_form(&mut self, expression: Expr, near: usize) -> Result<Node, ExpressionError> {
        match expression {
            Expr::Extract { field, expr, .. } => {
                let argument = self.node(*expr, near)?;
                let name = date_part(argument.position, &field)?;
                Ok(call(argument.position, name, vec![argument]))
            }
            Expr::Ceil { expr, field: CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) } => {
                let argument = self.node(*expr, near)?;
                Ok(call(argument.position, "CEIL", vec![argument]))
            }
            Expr::Floor { expr, field: CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) } => {
                let argument = self.node(*expr, near)?;
                Ok(call(argument.position, "FLOOR", vec![argument]))
            }
            Expr::Substring { expr, substring_from, substring_for, .. } => {
                let mut parts = vec![*expr];
                if substring_from.is_none() && substring_for.is_some() {
                    parts.push(Expr::Value(SqlValue::Number("1".to_owned(), false).into()));
                }
                parts.extend(substring_from.into_iter().chain(substring_for).map(|part| *part));
                let arguments = self.nodes(parts, near)?;
                Ok(call(first_position(&arguments, near), "SUBSTR", arguments))
            }
            Expr::Trim { trim_where, trim_what, expr, trim_characters } => {
                let name = match trim_where {
                    Some(TrimWhereField::Leading) => "LTRIM",
                    Some(TrimWhereField::Trailing) => "RTRIM",
                    Some(TrimWhereField::Both) | None => "TRIM",
                };
                let mut parts = vec![*expr];
                parts.extend(trim_what.map(|what| *what));
                parts.extend(trim_characters.into_iter().flatten());
                let arguments = self.nodes(parts, near)?;
                Ok(call(first_position(&arguments, near), name, arguments))
            }
            other => Err(refuse(other, near)),
        }
    }

    fn column(&self, name: Ident) -> Node {
        let position = self.places.of(name.span.start);
        Node { position, form: Form::Column { quoted: name.quote_style.is_some(), name: name.value } }
    }

    fn literal(&self, value: ValueWithSpan) -> Result<Node, ExpressionError> {
        let position = self.places.of(value.span.start);
        let value = match value.value {
            SqlValue::Number(digits, _) => number(position, &digits)?,
            SqlValue::SingleQuotedString(text) => Value::Text(text),
            SqlValue::Boolean(value) => Value::Boolean(value),
            SqlValue::Null => Value::Null,
            _ => {
                return Err(ExpressionError::not_supported(
                    position,
                    "this form of value",
                    "write a number or 'a text'",
                ));
            }
        };
        Ok(Node { position, form: Form::Literal(value) })
    }

    /// `DATE '2024-12-31'`, `TIMESTAMP '2024-12-31 18:00:00'`.
    fn typed_literal(&self, literal: TypedString) -> Result<Node, ExpressionError> {
        let position = self.places.of(literal.value.span.start);
        let kind = target(position, &literal.data_type)?;
        let SqlValue::SingleQuotedString(text) = literal.value.value else {
            return Err(ExpressionError::syntax(position, "a text in single quotes is missing"));
        };
        Ok(Node { position, form: Form::Literal(dates::literal(position, &text, kind)?) })
    }

    fn unary(&mut self, operator: UnaryOperator, operand: Expr, near: usize) -> Result<Node, ExpressionError> {
        let operand = self.boxed(operand, near)?;
        let position = operand.position;
        let form = match operator {
            UnaryOperator::Not => Form::Not(operand),
            UnaryOperator::Minus => Form::Negative(operand),
            UnaryOperator::Plus => Form::Positive(operand),
            other => return Err(unknown_operator(position, &other.to_string())),
        };
        Ok(Node { position, form })
    }

    fn binary(&mut self, left: Expr, sign: BinaryOperator, right: Expr, near: usize) -> Result<Node, ExpressionError> {
        let left = self.boxed(left, near)?;
        let position = left.position;
        let operator = operator(&sign).ok_or_else(|| unknown_operator(position, &sign.to_string()))?;
        let right = self.boxed(right, position)?;
        Ok(Node { position, form: Form::Binary { operator, left, right } })
    }

    fn is(&mut self, operand: Expr, test: Test, negated: bool, near: usize) -> Result<Node, ExpressionError> {
        let operand = self.boxed(operand, near)?;
        Ok(Node { position: operand.position, form: Form::Is { operand, test, negated } })
    }

    fn like(
        &mut self,
        operand: Expr,
        pattern: Expr,
        fold: bool,
        negated: bool,
        escape: Option<ValueWithSpan>,
        near: usize,
    ) -> Result<Node, ExpressionError> {
        let operand = self.boxed(operand, near)?;
        let position = operand.position;
        if let Some(escape) = escape {
            let position = self.places.of(escape.span.start);
            return Err(ExpressionError::not_supported(position, "ESCAPE", "the sign that escapes % and _ is \\"));
        }
        let pattern = self.boxed(pattern, position)?;
        Ok(Node { position, form: Form::Like { operand, pattern, fold, negated } })
    }

    fn case(
        &mut self,
        position: usize,
        operand: Option<Box<Expr>>,
        arms: Vec<CaseWhen>,
        otherwise: Option<Box<Expr>>,
    ) -> Result<Node, ExpressionError> {
        let operand = operand.map(|operand| self.boxed(*operand, position)).transpose()?;
        let arms = arms
            .into_iter()
            .map(|arm| Ok((self.node(arm.condition, position)?, self.node(arm.result, position)?)))
            .collect::<Result<_, ExpressionError>>()?;
        let otherwise = otherwise.map(|otherwise| self.boxed(*otherwise, position)).transpose()?;
        Ok(Node { position, form: Form::Case { operand, arms, otherwise } })
    }

    fn function(&mut self, function: Function, near: usize) -> Result<Node, ExpressionError> {
        let (position, name) = self.function_name(&function.name, near)?;
        refused::check_function(position, &name)?;
        if function.over.is_some() {
            return Err(ExpressionError::other_rows(position, "a window (OVER)"));
        }
        if function.filter.is_some() || !function.within_group.is_empty() || function.null_treatment.is_some() {
            return Err(ExpressionError::other_rows(
                position,
                format!("{name} with FILTER, WITHIN GROUP or IGNORE NULLS"),
            ));
        }
        let arguments = match function.args {
            FunctionArguments::List(list) if list.duplicate_treatment.is_some() => {
                return Err(ExpressionError::other_rows(position, "DISTINCT"));
            }
            FunctionArguments::List(list) if list.clauses.is_empty() => list.args,
            FunctionArguments::Subquery(_) => return Err(ExpressionError::other_rows(position, "a subquery")),
            _ => return Err(ExpressionError::syntax(position, format!("{name} is written {name}(value, ...)"))),
        };
        let arguments =
            arguments.into_iter().map(|argument| self.argument(argument, position)).collect::<Result<_, _>>()?;
        Ok(call(position, &name, arguments))
    }

    fn function_name(&self, name: &ObjectName, near: usize) -> Result<(usize, String), ExpressionError> {
        match name.0.as_slice() {
            [part] => match part.as_ident() {
                Some(name) => Ok((self.places.of(name.span.start), name.value.to_uppercase())),
                None => Err(ExpressionError::syntax(near, "the name of a function is missing")),
            },
            _ => Err(ExpressionError::syntax(near, "the name of a function has no dots")),
        }
    }

    fn argument(&mut self, argument: FunctionArg, position: usize) -> Result<Node, ExpressionError> {
        match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => self.node(expression, position),
            FunctionArg::Unnamed(_) => {
                Err(ExpressionError::not_supported(position, "`*`", "name the columns one by one"))
            }
            _ => Err(ExpressionError::not_supported(
                position,
                "an argument by name",
                "give the arguments in their order",
            )),
        }
    }
}

fn call(position: usize, name: &str, arguments: Vec<Node>) -> Node {
    Node { position, form: Form::Call { name: name.to_owned(), arguments } }
}

fn first_position(arguments: &[Node], near: usize) -> usize {
    arguments.first().map_or(near, |argument| argument.position)
}

fn unknown_operator(position: usize, sign: &str) -> ExpressionError {
    ExpressionError::not_supported(
        position,
        format!("`{sign}`"),
        "the operators are + - * / % || = <> < <= > >= AND OR NOT",
    )
}

fn operator(sign: &BinaryOperator) -> Option<Operator> {
    Some(match sign {
        BinaryOperator::Plus => Operator::Arithmetic(Arithmetic::Add),
        BinaryOperator::Minus => Operator::Arithmetic(Arithmetic::Subtract),
        BinaryOperator::Multiply => Operator::Arithmetic(Arithmetic::Multiply),
        BinaryOperator::Divide => Operator::Arithmetic(Arithmetic::Divide),
        BinaryOperator::Modulo => Operator::Arithmetic(Arithmetic::Remainder),
        BinaryOperator::Eq => Operator::Compare(Comparison::Equal),
        BinaryOperator::NotEq => Operator::Compare(Comparison::NotEqual),
        BinaryOperator::Lt => Operator::Compare(Comparison::Less),
        BinaryOperator::LtEq => Operator::Compare(Comparison::LessOrEqual),
        BinaryOperator::Gt => Operator::Compare(Comparison::Greater),
        BinaryOperator::GtEq => Operator::Compare(Comparison::GreaterOrEqual),
        BinaryOperator::And => Operator::And,
        BinaryOperator::Or => Operator::Or,
        BinaryOperator::StringConcat => Operator::Join,
        _ => return None,
    })
}

/// A number without a sign: whole where it is written so and fits 64 bits.
fn number(position: usize, digits: &str) -> Result<Value, ExpressionError> {
    if let Ok(whole) = digits.parse::<i64>() {
        return Ok(Value::Integer(whole));
    }
    match digits.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Value::Number(value)),
        _ => Err(ExpressionError::syntax(
            position,
            format!("'{}' is no number that can be held", super::names::cut(digits)),
        )),
    }
}

/// The function that gives a part of a date.
fn date_part(position: usize, field: &DateTimeField) -> Result<&'static str, ExpressionError> {
    match field {
        DateTimeField::Year | DateTimeField::Years => Ok("YEAR"),
        DateTimeField::Quarter => Ok("QUARTER"),
        DateTimeField::Month | DateTimeField::Months => Ok("MONTH"),
        DateTimeField::Day | DateTimeField::Days => Ok("DAY"),
        DateTimeField::Hour | DateTimeField::Hours => Ok("HOUR"),
        other => {
            let what = format!("EXTRACT({other} FROM ...)");
            Err(ExpressionError::not_supported(position, what, "the parts are YEAR, QUARTER, MONTH, DAY and HOUR"))
        }
    }
}

/// What is in SQL's grammar and not in the allow-list.
fn refuse(expression: Expr, position: usize) -> ExpressionError {
    let (what, remedy) = match expression {
        Expr::Subquery(_) | Expr::InSubquery { .. } | Expr::InUnnest { .. } => {
            return ExpressionError::other_rows(position, "a subquery");
        }
        Expr::Exists { .. } => return ExpressionError::other_rows(position, "EXISTS"),
        Expr::Wildcard(_) | Expr::QualifiedWildcard(..) => ("`*`", "name the columns one by one"),
        Expr::CompoundIdentifier(_) | Expr::CompoundFieldAccess { .. } => {
            ("a name with a dot", "put it in double quotes")
        }
        Expr::Interval(_) => ("INTERVAL", "write the difference of two dates in days, such as date1 - date2 > 30"),
        Expr::IsDistinctFrom(..) | Expr::IsNotDistinctFrom(..) => ("IS DISTINCT FROM", "write a <> b OR a IS NULL"),
        Expr::IsUnknown(_) | Expr::IsNotUnknown(_) => ("IS UNKNOWN", "write IS NULL"),
        Expr::SimilarTo { .. } | Expr::RLike { .. } => ("a regular expression", "write LIKE, or CONTAINS(text, part)"),
        Expr::AtTimeZone { .. } => ("AT TIME ZONE", "set the time zone where the file is read"),
        Expr::Collate { .. } => ("COLLATE", "write LOWER(text) to compare letters without their case"),
        Expr::Ceil { .. } | Expr::Floor { .. } => ("CEIL or FLOOR with digits", "write FLOOR(x * 100) / 100"),
        Expr::Tuple(_) => ("a list", "write a value on its own, or x IN (a, b)"),
        Expr::Cast { .. } => ("this form of CAST", "write CAST(value AS type)"),
        Expr::Like { .. } | Expr::ILike { .. } => ("LIKE ANY", "write a LIKE b OR a LIKE c"),
        Expr::AnyOp { .. } | Expr::AllOp { .. } => ("ANY or ALL", "write x IN (a, b)"),
        _ => ("this part of SQL", "the operators and functions are in the list"),
    };
    ExpressionError::not_supported(position, what, remedy)
}
