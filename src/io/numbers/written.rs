//! What stands around the digits of an amount: signs, brackets, currencies, blanks.

use clivia_core::base::Money;

use crate::numbers::currencies::Currency;
use crate::numbers::figure::Figure;
use crate::plan::Decimal;
use crate::rejects::Rule;

/// An amount as it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written {
    pub(super) figure: Figure,
    pub(super) currency: Option<Currency>,
    negative: bool,
    percent: bool,
}

impl Written {
    /// `None` where the text is no number with either decimal sign.
    pub(super) fn read(text: &str) -> Option<Written> {
        let Some(first) = text.bytes().position(|byte| byte.is_ascii_digit()) else { return Written::nothing(text) };
        let last = text.bytes().rposition(|byte| byte.is_ascii_digit())?;
        let mut around = Around::default();
        let begin = first - around.in_front(&text[..first])?;
        let end = last + 1 + around.behind(&text[last + 1..])?;
        let figure = Figure::read(&text[begin..end])?;
        let Around { negative, currency, percent, open, .. } = around;
        (!open).then_some(Written { figure, currency, negative, percent })
    }

    /// `$ -`, which is how bookkeepers write that there is nothing.
    fn nothing(text: &str) -> Option<Written> {
        let mut around = Around::default();
        around.take(text, Mark::Open)?;
        let Around { negative, currency, percent, open, .. } = around;
        let is_nothing = negative && currency.is_some() && !percent && !open;
        is_nothing.then_some(Written { figure: Figure::read("0")?, currency, negative, percent })
    }

    /// The amount, exact to 1/10,000.
    pub(super) fn money(&self, decimal: Decimal) -> Result<Money, Rule> {
        if self.percent {
            return Err(Rule::Percent);
        }
        let amount = self.figure.with(decimal).ok_or(Rule::UnreadableAmount)?.money()?;
        Ok(if self.negative { -amount } else { amount })
    }

    /// The number, as near as a floating-point number is.
    pub(super) fn float(&self, decimal: Decimal) -> Option<f64> {
        let number = self.figure.with(decimal).filter(|_| !self.percent)?.float()?;
        Some(if self.negative { -number } else { number })
    }
}

/// What has been found around the digits.
#[derive(Debug, Default)]
struct Around {
    /// A sign or a bracket, of which there is one at most.
    signed: bool,
    negative: bool,
    /// Whether a bracket has not been closed yet.
    open: bool,
    currency: Option<Currency>,
    percent: bool,
}

impl Around {
    /// Takes what stands before the first digit; of how many bytes of it belong to the digits, as in `.5`.
    fn in_front(&mut self, text: &str) -> Option<usize> {
        if text.is_empty() {
            return Some(0);
        }
        let text = text.trim_start_matches(is_blank);
        // By which spreadsheets are told that a cell is text.
        let text = text.strip_prefix(['\'', '\u{2018}', '\u{2019}']).unwrap_or(text);
        let abbreviated = || text.rsplit(ends_word).next().is_some_and(Currency::is_abbreviated);
        let own = usize::from(text.ends_with(['.', ',']) && !abbreviated());
        self.take(&text[..text.len() - own], Mark::Open)?;
        Some(own)
    }

    /// Takes what stands behind the last digit; of how many bytes of it belong to the digits, as in `12.` and `40,-`.
    fn behind(&mut self, text: &str) -> Option<usize> {
        let Some(mark @ (b'.' | b',' | b':')) = text.bytes().next() else {
            return self.take(text, Mark::Close).map(|()| 0);
        };
        let rest = text[1..].trim_start_matches(is_dash);
        let dashes = text[1..text.len() - rest.len()].chars().count();
        match (mark, dashes) {
            (b':', 1 | 2) => self.take(rest, Mark::Close).map(|()| 0),
            (b':', _) => None,
            // `40, -` may be forty, or forty less than nothing.
            (_, 0) if rest.contains(is_dash) => None,
            (_, 0..=2) => self.take(rest, Mark::Close).map(|()| 1),
            _ => None,
        }
    }

    /// Takes signs, brackets of one kind, and currencies in any order.
    fn take(&mut self, mut text: &str, bracket: Mark) -> Option<()> {
        while let Some(first) = text.chars().next() {
            let mut length = first.len_utf8();
            match Mark::of(first) {
                Mark::Blank => {}
                Mark::Dash => self.sign(true)?,
                Mark::Plus => self.sign(false)?,
                Mark::Percent => self.percent = true,
                mark @ (Mark::Open | Mark::Close) if mark == bracket => self.bracket(bracket)?,
                Mark::Open | Mark::Close => return None,
                Mark::Letter => {
                    length = text.find(ends_word).unwrap_or(text.len());
                    self.name(Currency::find(&text[..length])?)?;
                }
            }
            text = &text[length..];
        }
        Some(())
    }

    fn sign(&mut self, negative: bool) -> Option<()> {
        (!self.signed).then_some(())?;
        (self.signed, self.negative) = (true, negative);
        Some(())
    }

    fn bracket(&mut self, bracket: Mark) -> Option<()> {
        if bracket == Mark::Open {
            self.sign(true)?;
        } else if !self.open {
            return None;
        }
        self.open = bracket == Mark::Open;
        Some(())
    }

    /// Two names of one currency may stand around an amount: `$12.50 USD`.
    fn name(&mut self, currency: Currency) -> Option<()> {
        self.currency = Some(match self.currency {
            Some(other) => other.with(currency)?,
            None => currency,
        });
        Some(())
    }
}

/// What may stand around digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// Also marks that nobody sees: of no width, of the direction of writing, of the byte order.
    Blank,
    /// Minus, and the hyphens and dashes that stand for it.
    Dash,
    Plus,
    Percent,
    Open,
    Close,
    /// Part of a name.
    Letter,
}

impl Mark {
    fn of(mark: char) -> Self {
        match mark {
            '\t'..='\r' | ' ' | '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{3000}' | '\u{feff}' => Mark::Blank,
            '\u{61c}' | '\u{2000}'..='\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202f}' => Mark::Blank,
            '\u{205f}' | '\u{2060}' | '\u{2066}'..='\u{2069}' => Mark::Blank,
            '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => Mark::Dash,
            '+' | '\u{ff0b}' => Mark::Plus,
            '%' | '\u{66a}' | '\u{ff05}' => Mark::Percent,
            '(' => Mark::Open,
            ')' => Mark::Close,
            _ => Mark::Letter,
        }
    }
}

fn ends_word(mark: char) -> bool {
    Mark::of(mark) != Mark::Letter
}

fn is_blank(mark: char) -> bool {
    Mark::of(mark) == Mark::Blank
}

fn is_dash(mark: char) -> bool {
    Mark::of(mark) == Mark::Dash
}
