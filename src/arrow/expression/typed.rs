//! The expression once its columns are known: every part has a kind, and every change of kind is written out.

use super::functions::Function;
use super::syntax::{Arithmetic, Comparison, Test, Value};
use super::types::Kind;

/// A part of an expression, its kind, and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    pub(super) position: usize,
    pub(super) kind: Kind,
    pub(super) step: Step,
}

/// How a part is worked out.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// The column of this number among those bound.
    Column(usize),
    Constant(Value),
    /// The same value as another kind: a text read as a number, a whole number taken as a number.
    Convert(Box<Typed>),
    Arithmetic(Arithmetic, Box<[Typed; 2]>),
    Negate(Box<Typed>),
    /// Days from the second to the first.
    Days(Box<[Typed; 2]>),
    Join(Box<[Typed; 2]>),
    Compare(Comparison, Box<[Typed; 2]>),
    Between {
        parts: Box<[Typed; 3]>,
        negated: bool,
    },
    In {
        operand: Box<Typed>,
        list: Vec<Typed>,
        negated: bool,
    },
    Like {
        parts: Box<[Typed; 2]>,
        fold: bool,
        negated: bool,
    },
    And(Box<[Typed; 2]>),
    Or(Box<[Typed; 2]>),
    Not(Box<Typed>),
    Is {
        operand: Box<Typed>,
        test: Test,
        negated: bool,
    },
    Case {
        operand: Option<Box<Typed>>,
        arms: Vec<(Typed, Typed)>,
        otherwise: Option<Box<Typed>>,
    },
    Call(&'static Function, Vec<Typed>),
}

impl Typed {
    pub(super) fn new(position: usize, kind: Kind, step: Step) -> Self {
        Self { position, kind, step }
    }

    pub(super) fn constant(position: usize, value: Value) -> Self {
        Self::new(position, value.kind(), Step::Constant(value))
    }

    /// The text, where the part is one written in quotes.
    pub(super) fn quoted_text(&self) -> Option<&str> {
        match &self.step {
            Step::Constant(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The first column that the part reads: the one to name when a cell of it cannot be read.
    pub(super) fn first_column(&self) -> Option<usize> {
        match &self.step {
            Step::Column(index) => Some(*index),
            _ => self.parts().into_iter().find_map(Self::first_column),
        }
    }

    /// The parts of the part, in the order in which they are written.
    pub(super) fn parts(&self) -> Vec<&Self> {
        match &self.step {
            Step::Column(_) | Step::Constant(_) => Vec::new(),
            Step::Convert(part) | Step::Negate(part) | Step::Not(part) => vec![part],
            Step::Is { operand, .. } => vec![operand],
            Step::Arithmetic(_, parts) | Step::Days(parts) | Step::Join(parts) | Step::Compare(_, parts) => {
                parts.iter().collect()
            }
            Step::And(parts) | Step::Or(parts) | Step::Like { parts, .. } => parts.iter().collect(),
            Step::Between { parts, .. } => parts.iter().collect(),
            Step::In { operand, list, .. } => std::iter::once(&**operand).chain(list).collect(),
            Step::Case { operand, arms, otherwise } => {
                let arms = arms.iter().flat_map(|(when, then)| [when, then]);
                operand.as_deref().into_iter().chain(arms).chain(otherwise.as_deref()).collect()
            }
            Step::Call(_, arguments) => arguments.iter().collect(),
        }
    }
}
