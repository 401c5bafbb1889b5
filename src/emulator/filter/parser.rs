//! Parser of `$filter`.

use serde_json::Value;

use super::{Filter, Operand};
use crate::properties::is_guid;

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Open,
    Close,
    Comma,
    Colon,
}

/// Nesting depth beyond which the filter is refused.
const DEPTH: usize = 50;

/// Parses a filter.
pub(crate) fn parse(text: &str) -> Result<Filter, String> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        variable: None,
        depth: 0,
    };
    let filter = parser.either()?;
    match parser.peek() {
        None => Ok(filter),
        Some(token) => Err(format!("unexpected {token:?}")),
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (token, used) = match first {
            ' ' => (None, 1),
            '(' => (Some(Token::Open), 1),
            ')' => (Some(Token::Close), 1),
            ',' => (Some(Token::Comma), 1),
            ':' => (Some(Token::Colon), 1),
            '\'' => {
                let (text, used) = quoted(rest)?;
                (Some(Token::Text(text)), used)
            }
            _ => {
                // A colon belongs to a word only in a timestamp such as 2026-01-01T00:00:00Z.
                let moment = first.is_ascii_digit();
                let end = rest
                    .find(|c: char| " (),'".contains(c) || (c == ':' && !moment))
                    .unwrap_or(rest.len());
                (Some(Token::Word(rest[..end].to_owned())), end)
            }
        };
        found.extend(token);
        rest = &rest[used..];
    }
    Ok(found)
}

/// Parses a literal in single quotes, in which a quote is doubled, and returns it with the number of bytes consumed.
fn quoted(text: &str) -> Result<(String, usize), String> {
    let mut value = String::new();
    let mut at = 1;
    loop {
        let end = text[at..]
            .find('\'')
            .ok_or("there is an unterminated string literal")?
            + at;
        value.push_str(&text[at..end]);
        if text[end + 1..].starts_with('\'') {
            value.push('\'');
            at = end + 2;
        } else {
            return Ok((value, end + 1));
        }
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    /// Name of the lambda variable inside `any`.
    variable: Option<String>,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Result<Token, String> {
        let token = self
            .tokens
            .get(self.at)
            .cloned()
            .ok_or("the expression ends too early")?;
        self.at += 1;
        Ok(token)
    }

    fn keyword(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(text)) if text == word);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, wanted: &Token) -> Result<(), String> {
        let token = self.next()?;
        if token == *wanted {
            Ok(())
        } else {
            Err(format!("{wanted:?} expected, {token:?} found"))
        }
    }

    fn either(&mut self) -> Result<Filter, String> {
        let mut left = self.both()?;
        while self.keyword("or") {
            left = Filter::Or(Box::new(left), Box::new(self.both()?));
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Filter, String> {
        let mut left = self.single()?;
        while self.keyword("and") {
            left = Filter::And(Box::new(left), Box::new(self.single()?));
        }
        Ok(left)
    }

    fn single(&mut self) -> Result<Filter, String> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err("conditions nest too deeply".to_owned());
        }
        let filter = self.condition();
        self.depth -= 1;
        filter
    }

    fn condition(&mut self) -> Result<Filter, String> {
        if self.keyword("not") {
            return Ok(Filter::Not(Box::new(self.single()?)));
        }
        if self.peek() == Some(&Token::Open) {
            self.at += 1;
            let inner = self.either()?;
            self.expect(&Token::Close)?;
            return Ok(inner);
        }
        if let Some(Token::Word(word)) = self.peek().cloned() {
            if matches!(word.as_str(), "startswith" | "endswith" | "contains") {
                self.at += 1;
                self.expect(&Token::Open)?;
                let subject = self.operand()?;
                self.expect(&Token::Comma)?;
                let wanted = self.operand()?;
                self.expect(&Token::Close)?;
                return Ok(Filter::Test(word, subject, wanted));
            }
            if let Some(list) = word.strip_suffix("/any") {
                self.at += 1;
                return self.any(list);
            }
        }
        self.comparison()
    }

    fn any(&mut self, list: &str) -> Result<Filter, String> {
        self.expect(&Token::Open)?;
        let Token::Word(variable) = self.next()? else {
            return Err("a name is missing after any(".to_owned());
        };
        self.expect(&Token::Colon)?;
        let outer = self.variable.replace(variable);
        let inner = self.either()?;
        self.variable = outer;
        self.expect(&Token::Close)?;
        Ok(Filter::Any(
            list.split('/').map(str::to_owned).collect(),
            Box::new(inner),
        ))
    }

    fn comparison(&mut self) -> Result<Filter, String> {
        let left = self.operand()?;
        let Token::Word(operator) = self.next()? else {
            return Err("an operator is missing".to_owned());
        };
        match operator.as_str() {
            "in" => {
                self.expect(&Token::Open)?;
                let mut values = vec![self.operand()?];
                while self.peek() == Some(&Token::Comma) {
                    self.at += 1;
                    values.push(self.operand()?);
                }
                self.expect(&Token::Close)?;
                Ok(Filter::In(left, values))
            }
            "eq" | "ne" | "gt" | "ge" | "lt" | "le" => {
                Ok(Filter::Compare(left, operator, self.operand()?))
            }
            _ => Err(format!("'{operator}' is not a known operator")),
        }
    }

    fn operand(&mut self) -> Result<Operand, String> {
        match self.next()? {
            Token::Text(text) => Ok(Operand::Literal(Value::String(text))),
            Token::Word(word) if word == "tolower" => {
                self.expect(&Token::Open)?;
                let inner = self.operand()?;
                self.expect(&Token::Close)?;
                Ok(Operand::Lower(Box::new(inner)))
            }
            Token::Word(word) => Ok(self.word(&word)),
            token => Err(format!("unexpected {token:?}")),
        }
    }

    fn word(&self, word: &str) -> Operand {
        match word {
            "true" => return Operand::Literal(Value::Bool(true)),
            "false" => return Operand::Literal(Value::Bool(false)),
            "null" => return Operand::Literal(Value::Null),
            _ => {}
        }
        if let Ok(number) = word.parse::<i64>() {
            return Operand::Literal(Value::from(number));
        }
        // Timestamps, dates and GUIDs are not quoted.
        if word.starts_with(|c: char| c.is_ascii_digit()) || is_guid(word) {
            return Operand::Literal(Value::String(word.to_owned()));
        }
        let mut path: Vec<String> = word.split('/').map(str::to_owned).collect();
        if self.variable.as_deref() == path.first().map(String::as_str) {
            path.remove(0);
        }
        Operand::Path(path)
    }
}
