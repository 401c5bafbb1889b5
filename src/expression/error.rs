//! Errors of an expression, with their position.

use std::fmt;

/// The length of the part of an expression that is shown above a caret.
const WINDOW: usize = 72;

/// The reason why a text is not an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The position of the error, in characters from the start of the text, counted from 1.
    pub column: usize,
    /// The wrong part of the text; empty at the end of the text.
    pub piece: String,
    /// The cause and the fix, as a clause without a full stop.
    pub cause: String,
}

/// The reason why an expression cannot be evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvalError {
    /// The position of the part that cannot be evaluated, in characters from the start of the text, counted from 1.
    pub column: usize,
    /// The name of the function or attribute.
    pub piece: String,
    /// The cause, as a clause without a full stop.
    pub cause: String,
    /// Whether the error is ignored in a branch that is not taken: the function cannot be evaluated here, or an attribute in the
    /// condition of an IIF is null, as documented.
    pub(super) matters_only_if_taken: bool,
}

/// The reason why a tree of Graph is not an expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SourceError(pub String);

impl ParseError {
    /// Returns the line of `text` with the error, and a caret below its position.
    #[must_use]
    pub fn caret(&self, text: &str) -> String {
        caret(text, self.column)
    }
}

impl EvalError {
    /// Returns the line of `text` that cannot be evaluated, and a caret below its position.
    #[must_use]
    pub fn caret(&self, text: &str) -> String {
        caret(text, self.column)
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        tell(formatter, self.column, &self.piece, &self.cause)
    }
}

impl fmt::Display for EvalError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        tell(formatter, self.column, &self.piece, &self.cause)
    }
}

impl std::error::Error for ParseError {}
impl std::error::Error for EvalError {}

fn tell(
    formatter: &mut fmt::Formatter<'_>,
    column: usize,
    piece: &str,
    cause: &str,
) -> fmt::Result {
    if piece.is_empty() {
        write!(formatter, "column {column}, at the end: {cause}")
    } else {
        write!(formatter, "column {column}, at `{piece}`: {cause}")
    }
}

/// Shortens a text for a message.
pub(super) fn shortened(piece: &str) -> String {
    const LONGEST: usize = 40;
    if piece.chars().count() <= LONGEST {
        return piece.to_owned();
    }
    piece.chars().take(LONGEST).chain(['…']).collect()
}

/// Returns two lines: the line of `text` around `column`, shortened if necessary, and a caret below it.
fn caret(text: &str, column: usize) -> String {
    let before: Vec<char> = text.chars().take(column.saturating_sub(1)).collect();
    let start = before
        .iter()
        .rposition(|c| *c == '\n')
        .map_or(0, |newline| newline + 1);
    let line: Vec<char> = text
        .chars()
        .skip(start)
        .take_while(|c| *c != '\n')
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let place = before.len() - start;
    let from = place.saturating_sub(WINDOW / 2);
    let to = line.len().min(from + WINDOW);
    let shown: String = line[from.min(to)..to].iter().collect();
    let (head, tail) = (
        if from > 0 { "…" } else { "" },
        if to < line.len() { "…" } else { "" },
    );
    let indent = " ".repeat(place - from + head.chars().count());
    format!("{head}{shown}{tail}\n{indent}^")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caret_stands_under_the_place() {
        assert_eq!(caret("Jion(1)", 1), "Jion(1)\n^");
        assert_eq!(caret("Join(\",\"", 9), "Join(\",\"\n        ^");
        assert_eq!(
            caret("Switch([a], ,\n\t\"é\", [b)", 20),
            " \"é\", [b)\n     ^"
        );
        assert_eq!(caret("", 1), "\n^");
    }

    #[test]
    fn a_long_line_is_shortened_on_both_sides() {
        let text = format!("{}!{}", "a".repeat(200), "b".repeat(200));
        let shown = caret(&text, 201);
        let (line, below) = shown.split_once('\n').unwrap();
        assert!(line.starts_with('…') && line.ends_with('…'), "{line}");
        assert_eq!(
            line.chars().position(|c| c == '!'),
            Some(below.chars().count() - 1)
        );
        assert!(line.chars().count() <= WINDOW + 2);
    }

    #[test]
    fn an_error_at_the_end_has_no_piece() {
        let error = ParseError {
            column: 3,
            piece: String::new(),
            cause: "something is missing".to_owned(),
        };
        assert_eq!(
            error.to_string(),
            "column 3, at the end: something is missing"
        );
    }
}
