//! The Replace function and its five modes, which depend on the arguments that are given.
//!
//! Regular expressions are those of fancy-regex; like .NET's, they have look-around and back-references. These features differ:
//! balancing groups, subtraction inside character classes (`[a-z-[aeiou]]`), an unescaped `[`, `&&`, `--` or `~~` inside a class,
//! groups named in quotes, options such as `(?n)`, and `$`, which here matches only at the very end. Patterns with excessive
//! backtracking are rejected.

use fancy_regex::{Captures, Regex};

use super::{Call, EvalError, LONGEST, Outcome, Value};

const OLD: usize = 1;
const PATTERN: usize = 2;
const GROUP: usize = 3;
const NEW: usize = 4;
const OTHER: usize = 5;
const TEMPLATE: usize = 6;

pub(crate) fn replace(call: &Call<'_>) -> Outcome {
    let given = [OLD, PATTERN, GROUP, NEW, OTHER, TEMPLATE].map(|position| call.is_given(position));
    let source = call.text(0)?;
    if let [false, true, true, false, true, false] = given {
        return extract(call, source);
    }
    let text = |position| call.text(position).map(Option::unwrap_or_default);
    let replaced = match given {
        [true, false, false, true, false, false] => {
            let (old, new) = (old(call)?, text(NEW)?);
            source.map(|source| exchange(&source, &old, &new))
        }
        [true, false, false, false, false, true] => {
            let (old, template) = (old(call)?, text(TEMPLATE)?);
            source.map(|source| exchange(&template, &old, &source))
        }
        [false, true, false, true, false, false] => {
            let (pattern, new) = (pattern(call)?, text(NEW)?);
            source
                .map(|source| {
                    rewrite(call, &pattern, &source, |found, written| {
                        expand(&new, found, &source, written);
                    })
                })
                .transpose()?
        }
        [false, true, true, true, false, false] => {
            let (pattern, group, new) = (pattern(call)?, group(call)?, text(NEW)?);
            source
                .map(|source| {
                    rewrite(call, &pattern, &source, |found, written| {
                        swap(found, &group, &new, written);
                    })
                })
                .transpose()?
        }
        _ => {
            return Err(call.fail(
                "this combination of arguments is not documented; give oldValue with replacementValue or template, or \
                 regexPattern with replacementValue, with regexGroupName and replacementValue, or with regexGroupName and \
                 replacementAttributeName",
            ));
        }
    };
    match replaced {
        Some(text) if text.len() > LONGEST => {
            Err(call.fail(format!("the value is longer than {LONGEST} bytes")))
        }
        Some(text) => Ok(Value::Text(text)),
        None => Ok(Value::Null),
    }
}

/// Returns the source if it has a value, otherwise the group of the pattern in another attribute.
fn extract(call: &Call<'_>, source: Option<String>) -> Outcome {
    if let Some(source) = source.filter(|source| !source.is_empty()) {
        return Ok(Value::Text(source));
    }
    let (pattern, group) = (pattern(call)?, group(call)?);
    let Some(other) = call.text(OTHER)? else {
        return Ok(Value::Null);
    };
    let found = pattern
        .captures(&other)
        .map_err(|error| endless(call, &error))?;
    let value = found.and_then(|found| Some(found.name(&group)?.as_str().to_owned()));
    Ok(value.map_or(Value::Null, Value::Text))
}

fn old(call: &Call<'_>) -> Result<String, EvalError> {
    let old = call.text(OLD)?.filter(|old| !old.is_empty());
    old.ok_or_else(|| call.fail_at(OLD, "is empty"))
}

fn group(call: &Call<'_>) -> Result<String, EvalError> {
    let group = call.text(GROUP)?.filter(|group| !group.is_empty());
    group.ok_or_else(|| call.fail_at(GROUP, "is empty"))
}

fn pattern(call: &Call<'_>) -> Result<Regex, EvalError> {
    let pattern = call.text(PATTERN)?.unwrap_or_default();
    Regex::new(&pattern).map_err(|error| {
        call.fail_at(
            PATTERN,
            &format!("is not a supported regular expression: {error}"),
        )
    })
}

fn endless(call: &Call<'_>, error: &fancy_regex::Error) -> EvalError {
    call.fail_at(PATTERN, &format!("cannot be applied: {error}"))
}

/// Stops soon after the maximum length, which the caller rejects.
fn exchange(text: &str, old: &str, new: &str) -> String {
    let mut written = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(old) {
        written.push_str(&rest[..at]);
        written.push_str(new);
        rest = &rest[at + old.len()..];
        if written.len() > LONGEST {
            return written;
        }
    }
    written + rest
}

/// Replaces every match of the pattern in the source.
fn rewrite(
    call: &Call<'_>,
    pattern: &Regex,
    source: &str,
    write: impl Fn(&Captures<'_, str>, &mut String),
) -> Result<String, EvalError> {
    let mut written = String::new();
    let mut end = 0;
    for found in pattern.captures_iter(source) {
        let found = found.map_err(|error| endless(call, &error))?;
        let Some(whole) = found.get(0) else { continue };
        written.push_str(&source[end..whole.start()]);
        write(&found, &mut written);
        end = whole.end();
        if written.len() > LONGEST {
            return Ok(written);
        }
    }
    Ok(written + &source[end..])
}

/// Appends a match with the text of its group replaced.
fn swap(found: &Captures<'_, str>, group: &str, new: &str, written: &mut String) {
    let Some(whole) = found.get(0) else { return };
    match found.name(group) {
        Some(part) => {
            written.push_str(&whole.as_str()[..part.start() - whole.start()]);
            written.push_str(new);
            written.push_str(&whole.as_str()[part.end() - whole.start()..]);
        }
        None => written.push_str(whole.as_str()),
    }
}

/// Expands .NET's substitutions: `$1`, `${name}`, `$$`, `$&` and `$_`. Unknown groups are kept as they are.
fn expand(template: &str, found: &Captures<'_, str>, source: &str, written: &mut String) {
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        written.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let (value, length) = substitution(rest, found, source).unwrap_or(("$", 0));
        written.push_str(value);
        rest = &rest[length..];
    }
    written.push_str(rest);
}

/// Returns the substitution for a dollar sign followed by `rest`, and the number of bytes of `rest` that it consumes.
fn substitution<'a>(
    rest: &str,
    found: &Captures<'a, str>,
    source: &'a str,
) -> Option<(&'a str, usize)> {
    let group = |number: usize| {
        (number < found.len()).then(|| found.get(number).map_or("", |part| part.as_str()))
    };
    match rest.chars().next()? {
        '$' => Some(("$", 1)),
        '&' => group(0).map(|text| (text, 1)),
        '_' => Some((source, 1)),
        '{' => {
            let end = rest.find('}')?;
            let name = &rest[1..end];
            let text = match name.parse() {
                Ok(number) => group(number)?,
                Err(_) => found.name(name)?.as_str(),
            };
            Some((text, end + 1))
        }
        '0'..='9' => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let number = rest[..digits].parse().ok()?;
            group(number).map(|text| (text, digits))
        }
        _ => None,
    }
}
