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
        let first = text.bytes().position(|byte| byte.is_ascii_digit())?;
        let last = text.bytes().rposition(|byte| byte.is_ascii_digit())?;
        let mut around = Around::default();
        let begin = first - around.in_front(&text[..first])?;
        let end = last + 1 + around.behind(&text[last + 1..])?;
        let figure = Figure::read(&text[begin..end])?;
        let Around { negative, currency, percent, open, .. } = around;
        (!open).then_some(Written { figure, currency, negative, percent })
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
        let text = text.trim_start_matches(is_blank);
        // By which spreadsheets are told that a cell is text.
        let text = text.strip_prefix(['\'', '\u{2018}', '\u{2019}']).unwrap_or(text);
        let abbreviated = || text.rsplit(ends_word).next().is_some_and(Currency::is_abbreviated);
        let own = usize::from(text.ends_with(['.', ',']) && !abbreviated());
        self.take(&text[..text.len() - own], '(')?;
        Some(own)
    }

    /// Takes what stands behind the last digit; of how many bytes of it belong to the digits, as in `12.` and `40,-`.
    fn behind(&mut self, text: &str) -> Option<usize> {
        let Some(mark) = text.chars().next().filter(|mark| ['.', ',', ':'].contains(mark)) else {
            return self.take(text, ')').map(|()| 0);
        };
        let rest = text[1..].trim_start_matches(is_dash);
        let dashes = text[1..text.len() - rest.len()].chars().count();
        match (mark, dashes) {
            (':', 1 | 2) => self.take(rest, ')').map(|()| 0),
            (':', _) => None,
            // `40, -` may be forty, or forty less than nothing.
            (_, 0) if rest.contains(is_dash) => None,
            (_, 0..=2) => self.take(rest, ')').map(|()| 1),
            _ => None,
        }
    }

    /// Takes signs, brackets of one kind, and currencies in any order.
    fn take(&mut self, mut text: &str, bracket: char) -> Option<()> {
        while let Some(mark) = text.chars().next() {
            let mut length = mark.len_utf8();
            match mark {
                '%' | '\u{66a}' | '\u{ff05}' => self.percent = true,
                '+' | '\u{ff0b}' => self.sign(false)?,
                '(' | ')' if mark == bracket => self.bracket(bracket)?,
                _ if is_blank(mark) => {}
                _ if is_dash(mark) => self.sign(true)?,
                _ => {
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

    fn bracket(&mut self, bracket: char) -> Option<()> {
        if bracket == '(' {
            self.sign(true)?;
        } else if !self.open {
            return None;
        }
        self.open = bracket == '(';
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

fn ends_word(mark: char) -> bool {
    matches!(mark, '(' | ')' | '+' | '\u{ff0b}' | '%' | '\u{66a}' | '\u{ff05}') || is_blank(mark) || is_dash(mark)
}

/// Blanks, and marks that nobody sees: of no width, of the direction of writing, of the byte order.
fn is_blank(mark: char) -> bool {
    mark.is_whitespace()
        || matches!(mark, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'
            | '\u{2066}'..='\u{2069}' | '\u{61c}' | '\u{feff}')
}

/// Minus, and the hyphens and dashes that stand for it.
fn is_dash(mark: char) -> bool {
    matches!(mark, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}')
}
