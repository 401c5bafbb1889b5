//! What to say about names and values that do not fit.

use super::functions::{Function, Kind, Parameter};
use super::mistake::shortened;
use super::suggestion::closest;
use super::table::FUNCTIONS;
use super::tree::{Expression, Literal, Node, WORDS};

/// Whether a value written down suits its parameter; what is computed is only known to Graph.
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

/// What to say about a name that is no function.
pub(super) fn unknown(name: &str, called: bool) -> String {
    if name.eq_ignore_ascii_case("null") {
        return "there is no NULL; leave the argument empty where the function allows it"
            .to_owned();
    }
    if !called {
        return format!(
            "this is no function; an attribute stands in brackets, [{0}], and text in quotes, \"{0}\"",
            shortened(name)
        );
    }
    let names = FUNCTIONS.iter().map(|function| function.name);
    match closest(name, names) {
        Some(close) => format!("there is no such function; did you mean {close}? Names are case-sensitive"),
        None => foreign(name).map_or_else(
            || "there is no such function; names are case-sensitive".to_owned(),
            |instead| format!("this function belongs to Microsoft Entra Connect, not to provisioning; {instead}"),
        ),
    }
}

/// What to use instead of a function that only Microsoft Entra Connect knows.
fn foreign(name: &str) -> Option<&'static str> {
    Some(match name {
        "LTrim" | "RTrim" => "Trim takes white space away at both ends",
        "Right" => "Mid, Left and InStr cut texts, and Replace takes regular expressions",
        "ReplaceChars" => "Replace takes regular expressions",
        "Contains" => "InStr tells where a text contains another",
        "CGuid" | "CNum" | "CRef" | "Error" | "ImportedValue" | "Select" | "StringFromGuid"
        | "StringFromSid" | "Where" | "With" => "there is nothing like it here",
        _ => return None,
    })
}

/// What to say about a character that begins nothing.
pub(super) fn stranger(c: char) -> &'static str {
    match c {
        '\'' | '‘' | '’' | '“' | '”' | '„' => "text stands in straight double quotes",
        '&' | '+' => "texts are put together with Join or Append",
        '|' => "there is no OR; put an IIF into the third argument of another",
        '!' => "there is no such operator; write Not(…), or <> between two values",
        ']' => "there is no bracket that this could close",
        _ => "this begins no attribute, text, number or function",
    }
}
