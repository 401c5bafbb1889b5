//! Advice in error messages about invalid names and values.

use super::error::shortened;
use super::functions::{Function, Kind, Parameter};
use super::suggestion::closest;
use super::table::FUNCTIONS;
use super::tree::{Expression, Literal, Node, WORDS};

/// Checks whether a literal fits its parameter. Computed values are known only to Graph.
pub(super) fn check(argument: &Expression, parameter: &Parameter) -> Result<(), String> {
    let Node::Literal(literal) = &argument.node else {
        return Ok(());
    };
    let key = parameter.key;
    match (parameter.kind, literal) {
        (Kind::Comparison, Literal::Word(_)) | (Kind::Integer, Literal::Integer(_)) => Ok(()),
        (Kind::Comparison, _) => Err(format!(
            "{key} is {} or {}, without quotes",
            WORDS[0], WORDS[1]
        )),
        (_, Literal::Word(word)) => Err(format!("{word} only says how InStr compares")),
        (Kind::Integer, Literal::Text(text)) if text.trim().parse::<i64>().is_ok() => Ok(()),
        (Kind::Integer, _) => Err(format!("{key} is a whole number")),
        (Kind::Interval, literal) if INTERVALS.contains(&literal.bare().as_str()) => Ok(()),
        (Kind::Interval, _) => Err(format!("{key} is one of \"{}\"", INTERVALS.join("\", \""))),
        _ => Ok(()),
    }
}

/// The units of DateAdd and DateDiff.
const INTERVALS: [&str; 7] = ["yyyy", "m", "d", "ww", "h", "n", "s"];

pub(super) fn missing(function: &Function, parameter: &Parameter) -> String {
    format!(
        "{} needs {}; it cannot be left empty",
        function.name, parameter.key
    )
}

/// Returns the message for an unknown function name.
pub(super) fn unknown(name: &str, called: bool) -> String {
    if name.eq_ignore_ascii_case("null") {
        return "there is no NULL; leave the argument empty where the function allows it"
            .to_owned();
    }
    if !called {
        return format!(
            "this is not a function; attributes are written in brackets, [{0}], and text in quotes, \"{0}\"",
            shortened(name)
        );
    }
    let names = FUNCTIONS.iter().map(|function| function.name);
    match closest(name, names) {
        Some(close) => format!("unknown function; did you mean {close}? Names are case-sensitive"),
        None => connect_only(name).map_or_else(
            || "unknown function; names are case-sensitive".to_owned(),
            |instead| format!("this function belongs to Microsoft Entra Connect, not to provisioning; {instead}"),
        ),
    }
}

/// Returns the alternative to a function that only Microsoft Entra Connect has.
fn connect_only(name: &str) -> Option<&'static str> {
    Some(match name {
        "LTrim" | "RTrim" => "Trim removes white space at both ends",
        "Right" => "use Mid, Left and InStr for substrings, and Replace for regular expressions",
        "ReplaceChars" => "use Replace for regular expressions",
        "Contains" => "use InStr to find a text in another text",
        "CGuid" | "CNum" | "CRef" | "Error" | "ImportedValue" | "Select" | "StringFromGuid"
        | "StringFromSid" | "Where" | "With" => "there is no equivalent function",
        _ => return None,
    })
}

/// Returns the advice for a character that no token starts with.
pub(super) fn unexpected_character(c: char) -> &'static str {
    match c {
        '\'' | '‘' | '’' | '“' | '”' | '„' => "text must be in straight double quotes",
        '&' | '+' => "use Join or Append to concatenate texts",
        '|' => "there is no OR; use a nested IIF as the third argument",
        '!' => "unknown operator; write Not(…), or <> between two values",
        ']' => "this closing bracket has no opening bracket",
        _ => "an attribute, a text, a number or a function is expected here",
    }
}
