//! Evaluates mapping sources for a user: attributes, constants, and the functions that need no service.

use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;

/// Looks up the value of an attribute.
pub(crate) type Attributes<'a> = &'a dyn Fn(&str) -> Value;

/// The value of a source; null if there is none.
pub(crate) fn value(source: &Value, attributes: Attributes) -> Result<Value, String> {
    let name = source["name"].as_str().unwrap_or_default();
    match source["type"].as_str() {
        Some("Attribute") => Ok(attributes(name)),
        Some("Constant") => Ok(json!(name)),
        Some("Function") => call(name, &Arguments { source, attributes }),
        _ => Err("the source has no type".to_owned()),
    }
}

struct Arguments<'a> {
    source: &'a Value,
    attributes: Attributes<'a>,
}

impl Arguments<'_> {
    fn named(&self, key: &str) -> Result<Value, String> {
        Ok(self.all(key)?.into_iter().next().unwrap_or_default())
    }

    fn all(&self, key: &str) -> Result<Vec<Value>, String> {
        let parameters = self.source["parameters"].as_array().into_iter().flatten();
        let fitting = parameters.filter(|parameter| key.is_empty() || parameter["key"] == key);
        fitting
            .map(|parameter| value(&parameter["value"], self.attributes))
            .collect()
    }

    fn text(&self, key: &str) -> Result<String, String> {
        Ok(text(&self.named(key)?))
    }

    fn number(&self, key: &str) -> Result<usize, String> {
        self.text(key)?
            .trim()
            .parse()
            .map_err(|_| format!("{key} is not a number"))
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(flag) => if *flag { "True" } else { "False" }.to_owned(),
        Value::Array(items) => items.first().map(text).unwrap_or_default(),
        other => other.to_string(),
    }
}

fn is_true(value: &Value) -> bool {
    value == true
        || value
            .as_str()
            .is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value == "" || value.as_array().is_some_and(Vec::is_empty)
}

fn items(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        single => vec![single],
    }
}

/// Text functions return null for null, so that nothing is written.
fn of_text(value: &Value, change: impl Fn(&str) -> String) -> Value {
    if value.is_null() {
        Value::Null
    } else {
        json!(change(&text(value)))
    }
}

fn call(name: &str, arguments: &Arguments) -> Result<Value, String> {
    let source = || arguments.named("source");
    Ok(match name {
        // The ID of the user in the home tenant, as stored in the target tenant.
        "AltSecIdFromNetId" => (arguments.attributes)("netId"),
        "Append" => of_text(&source()?, {
            let suffix = arguments.text("suffix")?;
            move |text| format!("{text}{suffix}")
        }),
        "Prepend" => of_text(&source()?, {
            let prefix = arguments.text("prefix")?;
            move |text| format!("{prefix}{text}")
        }),
        "Coalesce" => arguments
            .all("")?
            .into_iter()
            .find(|value| !value.is_null())
            .unwrap_or_default(),
        "CBool" => json!(is_true(&arguments.named("expression")?)),
        "CStr" => of_text(&arguments.named("value")?, str::to_owned),
        "Count" => json!(items(arguments.named("attribute")?).len().to_string()),
        "IgnoreFlowIfNullOrEmpty" => Some(arguments.named("expression")?)
            .filter(|value| !is_empty(value))
            .unwrap_or_default(),
        "IIF" => {
            // The function fails if an attribute of its condition is null or empty.
            let condition = arguments.source["parameters"][0]["value"].clone();
            if reads_nothing(&condition, arguments.attributes) {
                return Err("an attribute in the condition of IIF is null or empty".to_owned());
            }
            arguments.named(if is_true(&arguments.named("condition")?) {
                "valueIfTrue"
            } else {
                "valueIfFalse"
            })?
        }
        "=" => json!(text(&arguments.named("left")?) == text(&arguments.named("right")?)),
        "<>" => json!(text(&arguments.named("left")?) != text(&arguments.named("right")?)),
        "IsNull" => json!(arguments.named("expression")?.is_null()),
        "IsNothing" => json!(is_empty(&source()?)),
        "IsNullOrEmpty" => json!(is_empty(&arguments.named("expression")?)),
        "IsPresent" => json!(!is_empty(&arguments.named("expression")?)),
        "IsString" => json!(arguments.named("expression")?.is_string()),
        "Not" => json!(!is_true(&source()?)),
        "Item" => item(arguments)?,
        "RemoveDuplicates" => unique(items(arguments.named("attribute")?)),
        "Join" => join(arguments)?,
        "Split" => split(arguments)?,
        // Null is treated as the empty text here.
        "Left" => {
            let length = arguments.number("numChars")?;
            json!(
                arguments
                    .text("string")?
                    .chars()
                    .take(length)
                    .collect::<String>()
            )
        }
        "Len" => of_text(&arguments.named("string")?, |text| {
            text.chars().count().to_string()
        }),
        "Trim" => of_text(&source()?, |text| text.trim().to_owned()),
        "Mid" => of_text(&source()?, {
            let (start, length) = (arguments.number("start")?, arguments.number("length")?);
            move |text| {
                text.chars()
                    .skip(start.saturating_sub(1))
                    .take(length)
                    .collect()
            }
        }),
        "InStr" => position(arguments)?,
        "Word" => word(arguments)?,
        "Replace" => replace(arguments)?,
        "Switch" => switch(arguments)?,
        "StripSpaces" => of_text(&source()?, |text| text.replace(' ', "")),
        "ToLower" => of_text(&source()?, str::to_lowercase),
        "ToUpper" => of_text(&source()?, str::to_uppercase),
        "PCase" => of_text(&source()?, proper_case),
        "NormalizeDiacritics" => of_text(&source()?, |text| {
            let mut plain = String::new();
            let is_mark = unicode_normalization::char::is_combining_mark;
            for letter in text.nfd().filter(|letter| !is_mark(*letter)) {
                match letter {
                    'æ' => plain.push_str("ae"),
                    'Æ' => plain.push_str("AE"),
                    'ø' | 'œ' => plain.push_str("oe"),
                    'Ø' | 'Œ' => plain.push_str("OE"),
                    'ß' => plain.push_str("ss"),
                    'ł' => plain.push('l'),
                    'Ł' => plain.push('L'),
                    'ı' => plain.push('i'),
                    other => plain.push(other),
                }
            }
            plain
        }),
        "Redact" => of_text(&source()?, |_| "[Redact]".to_owned()),
        other => return Err(format!("{other} can't be evaluated by this emulator")),
    })
}

fn unique(values: Vec<Value>) -> Value {
    let mut seen: Vec<Value> = Vec::new();
    for value in values {
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    Value::Array(seen)
}

fn item(arguments: &Arguments) -> Result<Value, String> {
    let index = arguments.number("index")?;
    Ok(index
        .checked_sub(1)
        .and_then(|at| items(arguments.named("attribute").ok()?).get(at).cloned())
        .unwrap_or_default())
}

fn join(arguments: &Arguments) -> Result<Value, String> {
    let parts: Vec<String> = arguments
        .all("source")?
        .into_iter()
        .flat_map(items)
        .map(|part| text(&part))
        .filter(|part| !part.is_empty())
        .collect();
    Ok(if parts.is_empty() {
        Value::Null
    } else {
        json!(parts.join(&arguments.text("separator")?))
    })
}

fn split(arguments: &Arguments) -> Result<Value, String> {
    let (source, delimiter) = (arguments.text("source")?, arguments.text("delimiter")?);
    let delimiter = if delimiter.is_empty() {
        ","
    } else {
        &delimiter
    };
    Ok(source
        .split(delimiter)
        .filter(|part| !part.is_empty())
        .collect())
}

/// Whether one of the attributes of a source is null or empty.
fn reads_nothing(source: &Value, attributes: Attributes) -> bool {
    if source["type"] == "Attribute" {
        return is_empty(&attributes(source["name"].as_str().unwrap_or_default()));
    }
    let mut parameters = source["parameters"].as_array().into_iter().flatten();
    parameters.any(|parameter| reads_nothing(&parameter["value"], attributes))
}

fn position(arguments: &Arguments) -> Result<Value, String> {
    if arguments.named("value1")?.is_null() {
        return Ok(Value::Null);
    }
    let (subject, wanted) = (arguments.text("value1")?, arguments.text("value2")?);
    let found = subject
        .find(&wanted)
        .map_or(0, |at| subject[..at].chars().count() + 1);
    Ok(json!(found.to_string()))
}

fn word(arguments: &Arguments) -> Result<Value, String> {
    let (subject, number, delimiters) = (
        arguments.text("string")?,
        arguments.number("wordNumber")?,
        arguments.text("delimiters")?,
    );
    let mut words = subject
        .split(|c| delimiters.contains(c))
        .filter(|word| !word.is_empty());
    Ok(number
        .checked_sub(1)
        .and_then(|at| words.nth(at))
        .map_or_else(|| json!(""), |word| json!(word)))
}

/// Plain replacement, and replacement of the whole value; regular expressions are not supported.
fn replace(arguments: &Arguments) -> Result<Value, String> {
    if !arguments.named("RegularExpression")?.is_null() {
        return Err("regular expressions can't be evaluated by this emulator".to_owned());
    }
    let find = arguments.text("Find")?;
    let replacement = arguments.text("Replacement")?;
    if find.is_empty() {
        let template = arguments.text("Template")?;
        return Ok(of_text(&arguments.named("source")?, |text| {
            if text.is_empty() {
                template.clone()
            } else {
                text.to_owned()
            }
        }));
    }
    Ok(of_text(&arguments.named("source")?, |text| {
        text.replace(&find, &replacement)
    }))
}

/// A key and its value are two consecutive arguments with the same parameter name.
fn switch(arguments: &Arguments) -> Result<Value, String> {
    let source = arguments.text("source")?;
    let pairs = arguments.all("switchValue")?;
    let found = pairs.chunks_exact(2).find(|pair| text(&pair[0]) == source);
    match found {
        Some(pair) => Ok(pair[1].clone()),
        None => arguments.named("defaultValue"),
    }
}

fn proper_case(text: &str) -> String {
    let mut start = true;
    text.chars()
        .flat_map(|c| {
            let changed: Vec<char> = if start {
                c.to_uppercase().collect()
            } else {
                c.to_lowercase().collect()
            };
            // An apostrophe is a part of its word.
            start = !c.is_alphanumeric() && c != '\'';
            changed
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::expression;

    #[test]
    fn expressions_yield_what_the_reference_says() {
        let attributes = |name: &str| match name {
            "givenName" => json!("Ada"),
            "surname" => json!("Lovelace"),
            "phones" => json!(["1", "2"]),
            "accountEnabled" => json!(true),
            _ => Value::Null,
        };
        for (text, expected) in [
            ("[surname]", json!("Lovelace")),
            ("[none]", Value::Null),
            (
                "Join(\", \", [surname], [givenName])",
                json!("Lovelace, Ada"),
            ),
            ("Join(\" \", [none], [givenName])", json!("Ada")),
            (
                "Append([surname], \" (Contoso)\")",
                json!("Lovelace (Contoso)"),
            ),
            ("Append([none], \"x\")", Value::Null),
            ("ToUpper(Left([surname], 4))", json!("LOVE")),
            ("Mid([surname], 2, 3)", json!("ove")),
            (
                "Switch([givenName], \"d\", \"Ada\", \"1\", \"Bob\", \"2\")",
                json!("1"),
            ),
            ("Switch([surname], \"d\", \"Ada\", \"1\")", json!("d")),
            ("IIF([givenName]=\"Ada\", \"yes\", \"no\")", json!("yes")),
            ("Coalesce([none], [givenName])", json!("Ada")),
            (
                "Replace([surname], \"Love\", , , \"Like\", , )",
                json!("Likelace"),
            ),
            ("Item([phones], 2)", json!("2")),
            ("Word(\"a b;c\", 3, \" ;\")", json!("c")),
            ("StripSpaces(\" a b \")", json!("ab")),
            ("Trim(\" a b \")", json!("a b")),
            ("Len([surname])", json!("8")),
            (
                "Replace([surname], \"Love\", , , \"Like\")",
                json!("Likelace"),
            ),
            ("NormalizeDiacritics(\"Zoë\")", json!("Zoe")),
            ("PCase(\"ada LOVELACE\")", json!("Ada Lovelace")),
            ("Not([accountEnabled])", json!(false)),
            ("Split(\"a,b\", \",\")", json!(["a", "b"])),
        ] {
            assert_eq!(
                value(&expression::parse(text).unwrap(), &attributes).unwrap(),
                expected,
                "{text}"
            );
        }
    }
}
