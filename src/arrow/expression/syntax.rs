//! The expression as it was written: a small tree with positions, before any column is known.

use super::Kind;

/// A part of an expression and where it stands, in characters from 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) position: usize,
    pub(super) form: Form,
}

/// What a part of an expression is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Form {
    /// A column; a quoted name is matched letter by letter.
    Column { name: String, quoted: bool },
    /// A value that is the same in every row.
    Literal(Value),
    /// `NOT a`.
    Not(Box<Node>),
    /// `-a`.
    Negative(Box<Node>),
    /// `+a`.
    Positive(Box<Node>),
    /// `a + b`, `a = b`, `a AND b`, `a || b`.
    Binary { operator: Operator, left: Box<Node>, right: Box<Node> },
    /// `a IS NULL`, `a IS NOT TRUE`.
    Is { operand: Box<Node>, test: Test, negated: bool },
    /// `a BETWEEN b AND c`.
    Between { operand: Box<Node>, low: Box<Node>, high: Box<Node>, negated: bool },
    /// `a IN (b, c)`.
    In { operand: Box<Node>, list: Vec<Node>, negated: bool },
    /// `a LIKE b`; `fold` is ILIKE.
    Like { operand: Box<Node>, pattern: Box<Node>, fold: bool, negated: bool },
    /// `CASE [a] WHEN b THEN c ... [ELSE d] END`.
    Case { operand: Option<Box<Node>>, arms: Vec<(Node, Node)>, otherwise: Option<Box<Node>> },
    /// `CAST(a AS date)`, `a::date`.
    Cast { operand: Box<Node>, target: Kind },
    /// `NAME(a, b)`; the name is in capitals.
    Call { name: String, arguments: Vec<Node> },
}

impl Node {
    /// The parts of the part, in the order in which they are written.
    pub(super) fn parts(&self) -> Vec<&Self> {
        match &self.form {
            Form::Column { .. } | Form::Literal(_) => Vec::new(),
            Form::Not(part) | Form::Negative(part) | Form::Positive(part) => vec![part],
            Form::Is { operand, .. } | Form::Cast { operand, .. } => vec![operand],
            Form::Binary { left, right, .. } => vec![left, right],
            Form::Between { operand, low, high, .. } => vec![operand, low, high],
            Form::In { operand, list, .. } => std::iter::once(&**operand).chain(list).collect(),
            Form::Like { operand, pattern, .. } => vec![operand, pattern],
            Form::Case { operand, arms, otherwise } => {
                let arms = arms.iter().flat_map(|(when, then)| [when, then]);
                operand.as_deref().into_iter().chain(arms).chain(otherwise.as_deref()).collect()
            }
            Form::Call { arguments, .. } => arguments.iter().collect(),
        }
    }
}

/// A value that is the same in every row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Boolean(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01 00:00:00.
    Timestamp(i64),
}

impl Value {
    /// The kind of the value.
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Null => Kind::Unknown,
            Self::Boolean(_) => Kind::Boolean,
            Self::Integer(_) => Kind::Integer,
            Self::Number(_) => Kind::Number,
            Self::Text(_) => Kind::Text,
            Self::Date(_) => Kind::Date,
            Self::Timestamp(_) => Kind::Timestamp,
        }
    }
}

/// An operator between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Arithmetic(Arithmetic),
    Compare(Comparison),
    And,
    Or,
    Join,
}

/// An operator that gives a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Arithmetic {
    /// The operator as it is written.
    pub(super) fn sign(self) -> char {
        match self {
            Self::Add => '+',
            Self::Subtract => '-',
            Self::Multiply => '*',
            Self::Divide => '/',
            Self::Remainder => '%',
        }
    }
}

/// An operator that compares two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What IS asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    Null,
    True,
    False,
}
