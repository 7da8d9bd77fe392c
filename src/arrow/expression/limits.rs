//! What an expression may weigh, checked on its words before anything recurses over them.

use sqlparser::dialect::Dialect;
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Whitespace, Word};

use super::error::ExpressionError;
use super::refused;

/// The characters of an expression.
pub(super) const MOST_CHARACTERS: usize = 4_096;
/// Levels of brackets, CASE, NOT and signs.
pub(super) const MOST_LEVELS: usize = 64;
/// Columns, values, operators and functions of an expression.
pub(super) const MOST_PARTS: usize = 500;
/// Parts within parts: half of them, as `a + b + c` is `(a + b) + c`. A thread's stack must hold so many.
pub(super) const MOST_DEPTH: usize = MOST_PARTS / 2;
/// Words and signs, brackets and commas included.
const MOST_TOKENS: usize = 2 * MOST_PARTS;
/// Characters of a text that an expression makes.
pub(super) const MOST_CELL_CHARACTERS: usize = 65_536;

/// SQL's grammar without the extensions of any one database.
#[derive(Debug)]
pub(super) struct Plain;

impl Dialect for Plain {
    fn is_identifier_start(&self, character: char) -> bool {
        character.is_alphabetic() || character == '_'
    }

    fn is_identifier_part(&self, character: char) -> bool {
        character.is_alphanumeric() || character == '_'
    }

    fn supports_comma_separated_trim(&self) -> bool {
        true
    }

    /// Words that open a form of their own are no names. Were they, a mistake within nested forms would be read twice
    /// on each level: 2^64 times at the deepest.
    fn is_reserved_for_identifier(&self, keyword: Keyword) -> bool {
        matches!(
            keyword,
            Keyword::CASE
                | Keyword::CAST
                | Keyword::CEIL
                | Keyword::EXISTS
                | Keyword::EXTRACT
                | Keyword::FLOOR
                | Keyword::INTERVAL
                | Keyword::NOT
                | Keyword::SUBSTR
                | Keyword::SUBSTRING
                | Keyword::TRIM
        )
    }
}

/// Where lines begin, to turn line and column into one position.
pub(super) struct Places {
    line_starts: Vec<usize>,
    end: usize,
}

impl Places {
    pub(super) fn new(text: &str) -> Self {
        let mut line_starts = vec![0];
        let mut end = 0;
        for character in text.chars() {
            end += 1;
            if character == '\n' {
                line_starts.push(end);
            }
        }
        Self { line_starts, end: end + 1 }
    }

    /// The position of a line and column, both from 1; that of the end for the place that is in no line.
    pub(super) fn position(&self, line: u64, column: u64) -> usize {
        let line = usize::try_from(line).ok().and_then(|line| line.checked_sub(1));
        match (line.and_then(|line| self.line_starts.get(line)), usize::try_from(column)) {
            (Some(start), Ok(column)) => (start + column).min(self.end),
            _ => self.end,
        }
    }

    pub(super) fn of(&self, location: Location) -> usize {
        self.position(location.line, location.column)
    }
}

/// The words of an expression that is short, flat and plain enough to be parsed.
///
/// # Errors
/// The text is too long, too deep or has too many parts; a sign or word in it has no meaning here.
pub(super) fn tokens(text: &str, places: &Places) -> Result<Vec<TokenWithSpan>, ExpressionError> {
    let all = Tokenizer::new(&Plain, text).tokenize_with_location().map_err(|error| {
        ExpressionError::syntax(places.of(error.location), plain_words_of_tokenizer(&error.message))
    })?;
    let mut tokens = Vec::with_capacity(all.len());
    for token in all {
        let position = places.of(token.span.start);
        match &token.token {
            Token::Whitespace(Whitespace::Space | Whitespace::Newline | Whitespace::Tab) | Token::EOF => {}
            other => {
                check_sign(position, other)?;
                tokens.push(token);
            }
        }
    }
    check_weight(&tokens, places)?;
    check_words(&tokens, places)?;
    Ok(tokens)
}

/// Refuses a text that is too long or holds nothing.
pub(super) fn check_length(text: &str) -> Result<(), ExpressionError> {
    // A character has at most 4 bytes: most texts that are too long need no counting to be refused.
    let characters = if text.len() > 1_000_000 { text.len() } else { text.chars().count() };
    if characters > MOST_CHARACTERS {
        return Err(ExpressionError::TooLong { characters });
    }
    if text.trim().is_empty() {
        return Err(ExpressionError::syntax(1, "the expression is empty: write one, such as Quantity * UnitPrice"));
    }
    Ok(())
}

/// Counts words, and levels of brackets, CASE and signs.
fn check_weight(tokens: &[TokenWithSpan], places: &Places) -> Result<(), ExpressionError> {
    if let Some(token) = tokens.get(MOST_TOKENS) {
        return Err(ExpressionError::TooManyParts { position: places.of(token.span.start) });
    }
    let (mut depth, mut prefixes) = (0_usize, 0_usize);
    for token in tokens {
        match level(&token.token) {
            Level::Opens => (depth, prefixes) = (depth + 1, 0),
            Level::Closes => (depth, prefixes) = (depth.saturating_sub(1), 0),
            Level::Prefix => prefixes += 1,
            Level::Same => prefixes = 0,
        }
        if depth + prefixes > MOST_LEVELS {
            return Err(ExpressionError::TooDeep { position: places.of(token.span.start) });
        }
    }
    Ok(())
}

enum Level {
    Opens,
    Closes,
    Prefix,
    Same,
}

fn level(token: &Token) -> Level {
    match token {
        Token::LParen => Level::Opens,
        Token::RParen => Level::Closes,
        Token::Minus | Token::Plus => Level::Prefix,
        Token::Word(word) if word.quote_style.is_none() => match word.keyword {
            Keyword::CASE => Level::Opens,
            Keyword::END => Level::Closes,
            Keyword::NOT => Level::Prefix,
            _ => Level::Same,
        },
        _ => Level::Same,
    }
}

/// Refuses signs that have no meaning here, and says what to write.
fn check_sign(position: usize, token: &Token) -> Result<(), ExpressionError> {
    let remedy = match token {
        Token::Word(_) | Token::Number(_, false) | Token::SingleQuotedString(_) => return Ok(()),
        Token::Comma | Token::LParen | Token::RParen | Token::DoubleColon | Token::StringConcat => return Ok(()),
        Token::Plus | Token::Minus | Token::Mul | Token::Div | Token::Mod => return Ok(()),
        Token::Eq | Token::Neq | Token::Lt | Token::Gt | Token::LtEq | Token::GtEq => return Ok(()),
        Token::Whitespace(_) => "it begins a comment: leave a blank between the signs, or put the number in brackets",
        Token::SemiColon => "one expression is asked for, without a semicolon",
        Token::DoubleEq => "write = for equal",
        Token::Caret => "write POWER(x, y)",
        Token::ExclamationMark => "write NOT",
        Token::Period => "a name with a dot stands in double quotes, such as \"order.total\"",
        Token::LBracket | Token::LBrace => "a name with blanks stands in double quotes, such as \"Unit Price\"",
        Token::Placeholder(_) | Token::Question | Token::AtSign | Token::Colon => {
            "an expression has no parameters: write the value, or put a name with such signs in double quotes"
        }
        Token::Overlap | Token::Ampersand => "write AND, or || to join texts",
        Token::Pipe => "write OR, or || to join texts",
        _ => "write +, -, *, /, %, ||, a comparison or a function; a name with such signs stands in double quotes",
    };
    Err(ExpressionError::not_supported(position, format!("`{}`", super::names::cut(token.to_string().trim())), remedy))
}

/// Refuses words that look at other rows, at the clock or at chance.
fn check_words(tokens: &[TokenWithSpan], places: &Places) -> Result<(), ExpressionError> {
    for (index, token) in tokens.iter().enumerate() {
        let Token::Word(word) = &token.token else { continue };
        if word.quote_style.is_some() {
            continue;
        }
        let before = index.checked_sub(1).and_then(|before| tokens.get(before)).map(|token| &token.token);
        let after = tokens.get(index + 1).map(|token| &token.token);
        check_word_between(places.of(token.span.start), word, before, after)?;
    }
    Ok(())
}

fn check_word_between(
    position: usize,
    word: &Word,
    before: Option<&Token>,
    after: Option<&Token>,
) -> Result<(), ExpressionError> {
    let name = word.value.to_uppercase();
    let opens = after == Some(&Token::LParen);
    match word.keyword {
        Keyword::SELECT => return Err(ExpressionError::other_rows(position, "a subquery (SELECT)")),
        Keyword::WITH if matches!(before, None | Some(Token::LParen)) && matches!(after, Some(Token::Word(_))) => {
            return Err(ExpressionError::other_rows(position, "a subquery (WITH)"));
        }
        Keyword::EXISTS if opens => return Err(ExpressionError::other_rows(position, "EXISTS")),
        Keyword::DISTINCT if before == Some(&Token::LParen) => {
            return Err(ExpressionError::other_rows(position, "DISTINCT"));
        }
        Keyword::OVER if before == Some(&Token::RParen) => {
            return Err(ExpressionError::other_rows(position, "a window (OVER)"));
        }
        Keyword::FILTER | Keyword::WITHIN if before == Some(&Token::RParen) => {
            return Err(ExpressionError::other_rows(position, name));
        }
        _ => refused::check_word(position, &name)?,
    }
    if opens { refused::check_function(position, &name) } else { Ok(()) }
}

/// What the tokenizer found wrong, in plain words.
fn plain_words_of_tokenizer(message: &str) -> String {
    if message.starts_with("Unterminated string literal") {
        "a text begins here and does not end: close it with '".to_owned()
    } else if message.contains("close delimiter") {
        "a quoted name begins here and does not end: close it with the quote it began with".to_owned()
    } else if message.contains("comment") {
        "/* begins a comment: leave it out".to_owned()
    } else {
        "this cannot be read as part of an expression".to_owned()
    }
}
