//! Escapes characters that control a terminal or change the direction of text.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character would move the cursor, change colors or change the direction of text. Line breaks and tabs do not count.
fn is_steering(letter: char) -> bool {
    let is_control = letter.is_control() && !matches!(letter, '\n' | '\t');
    is_control
        || matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Returns `text` with every such character escaped as in JSON, for example `\u001b`, which means the same inside a quoted
/// string. A carriage return before a line break is dropped.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_steering) {
        return text.into();
    }
    let mut found = String::with_capacity(text.len() + 16);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' if letters.peek() == Some(&'\n') => {}
            letter if is_steering(letter) => {
                // Writing to a string cannot fail.
                let _ = write!(found, "\\u{:04x}", u32::from(letter));
            }
            letter => found.push(letter),
        }
    }
    found.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        let text = "a\u{1b}[31mb\u{202e}c\r\nd\re\u{9b}f\tg\u{85}";
        assert_eq!(
            printable(text),
            "a\\u001b[31mb\\u202ec\nd\\u000de\\u009bf\tg\\u0085"
        );
        assert!(matches!(printable("Zoë 王\n"), Cow::Borrowed("Zoë 王\n")));
    }

    #[test]
    fn a_quoted_string_keeps_its_meaning() {
        let json = serde_json::json!("one \u{202e} two \u{1b}").to_string();
        let read: String = serde_json::from_str(&printable(&json)).unwrap();
        assert_eq!(read, "one \u{202e} two \u{1b}");
    }
}
