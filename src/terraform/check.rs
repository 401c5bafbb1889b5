//! Checks of the value of a single attribute, made before any request.

use super::Value;

/// A rule for one known, non-null value.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// One of these strings, case-sensitive.
    OneOf(&'static [&'static str]),
    /// A GUID with dashes, in upper or lower case.
    Guid,
    /// A plausible email address.
    Email,
    /// An integer with this minimum.
    AtLeast(i64),
    /// An integer between these two, inclusive.
    Between(i64, i64),
    /// A domain name.
    Domain,
    /// A string, list, set or map that is not empty.
    NotEmpty,
    /// A duration such as `30s` or `1h30m`.
    Duration,
    /// Any other check; the error says what was expected, as the end of "must be …".
    That(fn(&Value) -> Result<(), String>),
}

impl Check {
    /// If the value violates the check, returns the requirement as the end of a sentence.
    #[must_use]
    pub fn violation(&self, value: &Value) -> Option<String> {
        match (self, value) {
            (Self::OneOf(allowed), Value::String(text)) if !allowed.contains(&text.as_str()) => {
                Some(format!("one of {}, not {text:?}", listed(allowed)))
            }
            (Self::Guid, Value::String(text)) if !is_guid(text) => Some(format!(
                "a GUID such as \"11111111-2222-3333-4444-555555555555\", not {text:?}{}",
                meant_by(text)
            )),
            (Self::Email, Value::String(text)) if !is_email(text) => Some(format!(
                "an email address such as \"identity@contoso.example\", not {text:?}{}",
                if text.contains([',', ';']) {
                    ". Only one address is allowed: use the address of a group or a shared mailbox"
                } else {
                    ""
                }
            )),
            (Self::Domain, Value::String(text)) if !is_domain(text) => Some(format!(
                "a domain name such as \"contoso.example\", not {text:?}{}",
                if text.trim() != text {
                    ". Remove the white space around it"
                } else if text.contains("://") || text.contains('@') {
                    ". Write only the domain name, without a scheme, path or user name"
                } else {
                    ""
                }
            )),
            (Self::Between(least, most), Value::Number(number)) => match number.as_i64() {
                Some(number) if (*least..=*most).contains(&number) => None,
                _ => Some(format!(
                    "a whole number from {least} to {most}, not {number}"
                )),
            },
            (Self::AtLeast(least), Value::Number(number)) => match number.as_i64() {
                Some(number) if number >= *least => None,
                _ => Some(format!("a whole number of at least {least}, not {number}")),
            },
            (Self::NotEmpty, value) if is_empty(value) => Some("non-empty".to_owned()),
            (Self::Duration, Value::String(text)) if duration(text).is_none() => Some(format!(
                "a length of time such as \"30s\", \"5m\" or \"1h30m\", not {text:?}"
            )),
            (Self::That(check), value) => check(value).err(),
            _ => None,
        }
    }
}

/// Guesses the meaning of a string that is not a GUID, and explains where to find the GUID.
fn meant_by(text: &str) -> &'static str {
    if is_guid(text.trim()) {
        ". Remove the white space around it"
    } else if text.contains('@') {
        ", which looks like a user principal name. Use the `id` of a data source that finds the object by its name"
    } else if text.contains("://") {
        ", which looks like an address"
    } else {
        ""
    }
}

/// Whether `text` can be a domain name, including internationalized ones.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .chars()
                .all(|letter| letter.is_alphanumeric() || letter == '-' || letter == '_')
    };
    text.split('.').all(is_label)
}

fn listed(allowed: &[&str]) -> String {
    let quoted: Vec<String> = allowed.iter().map(|text| format!("{text:?}")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// Whether `text` is a GUID in the usual form with dashes.
fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(at, character)| match at {
            8 | 13 | 18 | 23 => character == '-',
            _ => character.is_ascii_hexdigit(),
        })
}

fn is_email(text: &str) -> bool {
    let Some((name, domain)) = text.rsplit_once('@') else {
        return false;
    };
    !name.is_empty()
        && !domain.is_empty()
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !text.contains(|character: char| {
            character.is_whitespace() || character == ',' || character == ';'
        })
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::String(text) => text.trim().is_empty(),
        Value::List(elements) | Value::Set(elements) => elements.is_empty(),
        Value::Map(members) => members.is_empty(),
        _ => false,
    }
}

/// Parses a duration in Terraform's syntax: numbers with `h`, `m`, `s` or `ms`, the largest unit first.
#[must_use]
pub fn duration(text: &str) -> Option<std::time::Duration> {
    let mut rest = text;
    let mut total = std::time::Duration::ZERO;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits =
            rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        let unit = &rest[digits..];
        let letters = unit
            .find(|character: char| character.is_ascii_digit())
            .unwrap_or(unit.len());
        let seconds = match &unit[..letters] {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 0.001,
            _ => return None,
        };
        total += std::time::Duration::try_from_secs_f64(number * seconds).ok()?;
        rest = &unit[letters..];
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids() {
        assert!(is_guid("3f1C8a52-6d0b-4c1e-9c55-0a7d2b9e4f10"));
        for wrong in [
            "",
            "contoso.example",
            "3f1c8a526d0b4c1e9c550a7d2b9e4f10",
            "3f1c8a52-6d0b-4c1e-9c55-0a7d2b9e4f1g",
        ] {
            assert!(!is_guid(wrong), "{wrong}");
        }
    }

    #[test]
    fn addresses() {
        assert!(is_email("identity@contoso.example"));
        for wrong in [
            "identity",
            "@contoso.example",
            "a@",
            "a b@c",
            "a@b;c@d",
            "a@.b",
        ] {
            assert!(!is_email(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_violation_explains_the_probable_intention() {
        let said = |check: Check, text: &str| check.violation(&text.into()).unwrap();
        for (check, text, part) in [
            (Check::Guid, "ada@contoso.example", "user principal name"),
            (
                Check::Guid,
                " 3f1c8a52-6d0b-4c1e-9c55-0a7d2b9e4f10",
                "white space",
            ),
            (Check::Email, "a@b.example, c@d.example", "Only one address"),
            (Check::Domain, "contoso.example ", "white space"),
            (
                Check::Domain,
                "https://contoso.example/",
                "only the domain name",
            ),
            (Check::Domain, "ada@contoso.example", "only the domain name"),
            (Check::Domain, "contoso..example", "domain name"),
            (Check::Domain, "", "domain name"),
        ] {
            let text = said(check, text);
            assert!(text.contains(part), "{text}");
        }
        for text in [
            "contoso.example",
            "münchen.example",
            "a-1.b",
            "contoso.onmicrosoft.com",
        ] {
            assert_eq!(Check::Domain.violation(&text.into()), None, "{text}");
        }
    }

    #[test]
    fn durations() {
        assert_eq!(
            duration("1h30m"),
            Some(std::time::Duration::from_secs(5400))
        );
        assert_eq!(
            duration("250ms"),
            Some(std::time::Duration::from_millis(250))
        );
        for wrong in ["", "5", "m", "5d", "-5m", "1e400h"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_violation_states_the_requirement() {
        let scope = Check::OneOf(&["assigned", "all"]);
        assert_eq!(
            scope.violation(&"some".into()).unwrap(),
            "one of \"assigned\" or \"all\", not \"some\""
        );
        assert_eq!(
            Check::AtLeast(1).violation(&0.into()).unwrap(),
            "a whole number of at least 1, not 0"
        );
        assert_eq!(Check::AtLeast(1).violation(&Value::Unknown), None);
        let threshold = Check::Between(1, 9);
        assert_eq!(threshold.violation(&9.into()), None);
        assert_eq!(
            threshold.violation(&10.into()).unwrap(),
            "a whole number from 1 to 9, not 10"
        );
        assert!(Check::NotEmpty.violation(&Value::set(Vec::new())).is_some());
    }
}
