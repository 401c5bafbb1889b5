//! The lexer: splits a text into tokens with their columns, one at a time. It does not recognize functions.

use super::advice::unexpected_character;
use super::error::{ParseError, shortened};
use super::operator::Operator;

/// A token and its position.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind,
    /// Its text.
    pub(super) piece: &'t str,
    /// The column in characters, counted from 1.
    pub(super) column: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Attribute(String),
    Text(String),
    Integer(i64),
    Name(String),
    Operator(Operator),
    Open,
    Close,
    Comma,
    End,
}

pub(super) struct Lexer<'t> {
    rest: &'t str,
    column: usize,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            rest: text,
            column: 1,
        }
    }

    /// Returns the next token; at the end of the text, always `End`.
    pub(super) fn next(&mut self) -> Result<Token<'t>, ParseError> {
        let blank = self.rest.len() - self.rest.trim_start().len();
        self.take(blank);
        let column = self.column;
        let (kind, length) = self.read()?;
        let piece = self.take(length);
        Ok(Token {
            kind,
            piece,
            column,
        })
    }

    fn take(&mut self, length: usize) -> &'t str {
        let (piece, rest) = self.rest.split_at(length);
        self.column += piece.chars().count();
        self.rest = rest;
        piece
    }

    /// Returns the token at the beginning of the rest, and its length in bytes.
    fn read(&self) -> Result<(Kind, usize), ParseError> {
        let Some(first) = self.rest.chars().next() else {
            return Ok((Kind::End, 0));
        };
        match first {
            '(' => Ok((Kind::Open, 1)),
            ')' => Ok((Kind::Close, 1)),
            ',' => Ok((Kind::Comma, 1)),
            '[' => self.attribute(),
            '"' => self.text(),
            '-' | '0'..='9' => self.integer(),
            '&' if self
                .rest
                .as_bytes()
                .get(1)
                .is_some_and(|b| b"hH".contains(b)) =>
            {
                self.hexadecimal()
            }
            c if c.is_ascii_alphabetic() || c == '_' => Ok(self.name()),
            other => self.operator(other),
        }
    }

    fn name(&self) -> (Kind, usize) {
        let length = word(self.rest);
        (Kind::Name(self.rest[..length].to_owned()), length)
    }

    fn operator(&self, first: char) -> Result<(Kind, usize), ParseError> {
        if let Some(wrong) = ["==", "=>", "=<", "><"]
            .into_iter()
            .find(|wrong| self.rest.starts_with(wrong))
        {
            return Err(self.fault(
                0,
                wrong.len(),
                "unknown operator; use =, <>, <, <=, > or >=",
            ));
        }
        Operator::ALL
            .into_iter()
            .find(|operator| self.rest.starts_with(operator.symbol()))
            .map(|operator| (Kind::Operator(operator), operator.symbol().len()))
            .ok_or_else(|| self.fault(0, first.len_utf8(), unexpected_character(first)))
    }

    /// Reads `[name]`; brackets inside a name are balanced, as in `[emails[type eq "work"].value]`.
    fn attribute(&self) -> Result<(Kind, usize), ParseError> {
        let mut depth = 0_usize;
        for (at, c) in self.rest.char_indices() {
            match c {
                '[' => depth += 1,
                ']' if depth == 1 => {
                    let name = &self.rest[1..at];
                    return if is_attribute_name(name) {
                        Ok((Kind::Attribute(name.to_owned()), at + 1))
                    } else if name.trim().is_empty() {
                        Err(self.fault(0, at + 1, "the name of the attribute is missing"))
                    } else {
                        Err(self.fault(0, at + 1, "an attribute name cannot contain blanks"))
                    };
                }
                ']' => depth -= 1,
                ',' | '(' | ')' | '"' if depth == 1 => {
                    return Err(self.fault(
                        at,
                        c.len_utf8(),
                        "the bracket before this is not closed; an attribute name cannot contain this character",
                    ));
                }
                c if c.is_control() => {
                    return Err(self.fault(0, 1, "the bracket is not closed on this line"));
                }
                _ => {}
            }
        }
        Err(self.fault(0, 1, "the bracket is not closed"))
    }

    fn text(&self) -> Result<(Kind, usize), ParseError> {
        let mut value = String::new();
        let mut letters = self.rest.char_indices().skip(1);
        while let Some((at, c)) = letters.next() {
            match c {
                '"' => return Ok((Kind::Text(value), at + 1)),
                '\\' => match letters.next() {
                    Some((_, escaped @ ('"' | '\\'))) => value.push(escaped),
                    Some((_, other)) => {
                        let cause = "a backslash can only precede a quote or a backslash; write two backslashes for one";
                        return Err(self.fault(at, 1 + other.len_utf8(), cause));
                    }
                    None => break,
                },
                c => value.push(c),
            }
        }
        Err(self.fault(0, 1, "the quote is not closed"))
    }

    fn integer(&self) -> Result<(Kind, usize), ParseError> {
        let sign = usize::from(self.rest.starts_with('-'));
        let length = sign + digits(&self.rest[sign..], |c| c.is_ascii_digit());
        let figures = &self.rest[sign..length];
        let whole = length + digits(&self.rest[length..], |c| c.is_alphanumeric() || c == '.');
        let cause = if figures.is_empty() {
            "there is no subtraction; a minus sign can only precede a number"
        } else if whole > length {
            "only whole numbers can be written without quotes"
        } else if figures.len() > 1 && figures.starts_with('0') {
            // It is undocumented whether Graph would keep the zeros.
            "leading zeros would be lost; put the number in quotes"
        } else if let Ok(number) = self.rest[..length].parse() {
            return Ok((Kind::Integer(number), length));
        } else {
            "the number is too large; put it in quotes"
        };
        Err(self.fault(0, whole.max(1), cause))
    }

    /// Reads `&HF7`, the hexadecimal notation of Visual Basic.
    fn hexadecimal(&self) -> Result<(Kind, usize), ParseError> {
        let length = 2 + word(&self.rest[2..]);
        i64::from_str_radix(&self.rest[2..length], 16)
            .map(|number| (Kind::Integer(number), length))
            .map_err(|_| self.fault(0, length, "invalid hexadecimal number; an example is &HF7"))
    }

    /// Returns an error about a range of bytes of the rest.
    fn fault(&self, at: usize, length: usize, cause: &str) -> ParseError {
        ParseError {
            column: self.column + self.rest[..at].chars().count(),
            piece: shortened(&self.rest[at..at + length]),
            cause: cause.to_owned(),
        }
    }
}

/// Whether `name` can be written in brackets.
pub(super) fn is_attribute_name(name: &str) -> bool {
    let mut depth = 0_usize;
    let closed = name.chars().all(|c| match c {
        '[' => {
            depth += 1;
            true
        }
        ']' if depth == 0 => false,
        ']' => {
            depth -= 1;
            true
        }
        ',' | '(' | ')' | '"' => depth > 0,
        c => !c.is_control(),
    });
    closed && depth == 0 && !name.is_empty() && name.trim() == name
}

/// Returns the length of the letters, digits and underscores at the beginning.
fn word(text: &str) -> usize {
    digits(text, |c| c.is_ascii_alphanumeric() || c == '_')
}

fn digits(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        let mut lexer = Lexer::new(text);
        std::iter::from_fn(|| {
            let token = lexer.next().unwrap();
            (token.kind != Kind::End).then_some(token.kind)
        })
        .collect()
    }

    #[test]
    fn every_kind_of_token_is_recognized() {
        assert_eq!(
            kinds(" Join ( \"a\\\"\\\\\" ,[x], -7,&HfF)<= "),
            [
                Kind::Name("Join".to_owned()),
                Kind::Open,
                Kind::Text("a\"\\".to_owned()),
                Kind::Comma,
                Kind::Attribute("x".to_owned()),
                Kind::Comma,
                Kind::Integer(-7),
                Kind::Comma,
                Kind::Integer(255),
                Kind::Close,
                Kind::Operator(Operator::LessOrEqual),
            ]
        );
    }

    #[test]
    fn attribute_names_are_what_documented_mappings_contain() {
        for name in [
            "mail",
            "extension_0123456789abcdef0123456789abcdef_costCenter",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            "emails[type eq \"work\"].value",
            "manager.displayName",
            "Ä-1",
        ] {
            assert!(is_attribute_name(name), "{name}");
            assert_eq!(
                kinds(&format!("[{name}]")),
                [Kind::Attribute(name.to_owned())]
            );
        }
        for name in ["", " ", " a", "a ", "a,b", "a]", "a[b", "a\nb", "f(x)"] {
            assert!(!is_attribute_name(name), "{name}");
            assert!(
                kinds_or_error(&format!("[{name}]")).is_none_or(|kinds| kinds.len() != 1),
                "{name}"
            );
        }
    }

    fn kinds_or_error(text: &str) -> Option<Vec<Kind>> {
        let mut lexer = Lexer::new(text);
        let mut found = Vec::new();
        loop {
            match lexer.next().ok()?.kind {
                Kind::End => return Some(found),
                kind => found.push(kind),
            }
        }
    }
}
