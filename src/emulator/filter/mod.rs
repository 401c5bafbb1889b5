//! Evaluation of `$filter` on an object.
//!
//! Supports `eq`, `ne`, `gt`, `ge`, `lt`, `le`, `in`, `and`, `or`, `not`, `startswith`, `endswith`, `contains`, `tolower`, and `any` on
//! lists. An unknown property is reported by its name. The caller decides which properties may be filtered.

mod parser;

use std::cmp::Ordering;

use serde_json::Value;

pub(super) use parser::parse;

/// A parsed filter.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Filter {
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
    Not(Box<Filter>),
    Compare(Operand, String, Operand),
    In(Operand, Vec<Operand>),
    Test(String, Operand, Operand),
    /// Path of a list, and the condition that at least one of its items must meet.
    Any(Vec<String>, Box<Filter>),
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Path(Vec<String>),
    Lower(Box<Operand>),
    Literal(Value),
}

impl Filter {
    /// The first segments of all paths outside `any`, and the list of each `any`.
    pub(super) fn properties(&self) -> Vec<&str> {
        match self {
            Self::And(a, b) | Self::Or(a, b) => [a.properties(), b.properties()].concat(),
            Self::Not(inner) => inner.properties(),
            Self::Compare(a, _, b) | Self::Test(_, a, b) => {
                [a.properties(), b.properties()].concat()
            }
            Self::In(a, _) => a.properties(),
            Self::Any(path, _) => path.first().map(String::as_str).into_iter().collect(),
        }
    }

    /// The number of values of the longest `in`.
    pub(super) fn longest_list(&self) -> usize {
        match self {
            Self::And(a, b) | Self::Or(a, b) => a.longest_list().max(b.longest_list()),
            Self::Not(inner) | Self::Any(_, inner) => inner.longest_list(),
            Self::In(_, values) => values.len(),
            Self::Compare(..) | Self::Test(..) => 0,
        }
    }

    /// Whether Graph requires `ConsistencyLevel: eventual` for this filter on directory objects.
    pub(super) fn is_advanced(&self) -> bool {
        match self {
            Self::And(a, b) | Self::Or(a, b) => a.is_advanced() || b.is_advanced(),
            Self::Not(_) => true,
            Self::Compare(_, operator, _) => operator == "ne",
            Self::Test(function, _, _) => function != "startswith",
            Self::In(_, _) | Self::Any(_, _) => false,
        }
    }

    /// Whether the object matches the filter. With `fold`, text is compared without case.
    pub(super) fn passes(&self, object: &Value, fold: bool) -> bool {
        match self {
            Self::And(a, b) => a.passes(object, fold) && b.passes(object, fold),
            Self::Or(a, b) => a.passes(object, fold) || b.passes(object, fold),
            Self::Not(inner) => !inner.passes(object, fold),
            Self::In(subject, values) => {
                let left = subject.value(object, fold);
                values.iter().any(|value| value.value(object, fold) == left)
            }
            Self::Compare(left, operator, right) => compare(
                &left.value(object, fold),
                operator,
                &right.value(object, fold),
            ),
            Self::Test(function, subject, wanted) => {
                let (subject, wanted) = (subject.value(object, fold), wanted.value(object, fold));
                let (Some(text), Some(part)) = (subject.as_str(), wanted.as_str()) else {
                    return false;
                };
                match function.as_str() {
                    "startswith" => text.starts_with(part),
                    "endswith" => text.ends_with(part),
                    _ => text.contains(part),
                }
            }
            Self::Any(path, inner) => follow(object, path)
                .as_array()
                .is_some_and(|items| items.iter().any(|item| inner.passes(item, fold))),
        }
    }
}

impl Operand {
    fn properties(&self) -> Vec<&str> {
        match self {
            Self::Path(path) => path.first().map(String::as_str).into_iter().collect(),
            Self::Lower(inner) => inner.properties(),
            Self::Literal(_) => Vec::new(),
        }
    }

    fn value(&self, object: &Value, fold: bool) -> Value {
        let value = match self {
            Self::Path(path) => follow(object, path).clone(),
            Self::Lower(inner) => inner.value(object, true),
            Self::Literal(value) => value.clone(),
        };
        match value {
            Value::String(text) if fold => Value::String(text.to_lowercase()),
            value => value,
        }
    }
}

fn follow<'v>(object: &'v Value, path: &[String]) -> &'v Value {
    path.iter()
        .fold(object, |value, name| &value[name.as_str()])
}

fn compare(left: &Value, operator: &str, right: &Value) -> bool {
    match operator {
        "eq" => return left == right,
        "ne" => return left != right,
        _ => {}
    }
    let order = match (left, right) {
        (Value::Number(a), Value::Number(b)) => a.as_f64().partial_cmp(&b.as_f64()),
        (Value::String(a), Value::String(b)) => Some(
            instant(a)
                .zip(instant(b))
                .map_or_else(|| a.cmp(b), |(a, b)| a.cmp(&b)),
        ),
        _ => None,
    };
    order.is_some_and(|order| match operator {
        "gt" => order == Ordering::Greater,
        "ge" => order != Ordering::Less,
        "lt" => order == Ordering::Less,
        _ => order != Ordering::Greater,
    })
}

/// Parses a timestamp or a date (its first instant) into milliseconds.
fn instant(text: &str) -> Option<i64> {
    let text = text.to_uppercase(); // Folding has lowered T and Z.
    let full = if text.len() == 10 {
        format!("{text}T00:00:00Z")
    } else {
        text
    };
    full.parse::<jiff::Timestamp>()
        .ok()
        .map(jiff::Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn conditions_hold_as_odata_says() {
        let object = json!({
            "displayName": "Ada O'Hara", "accountEnabled": true, "mail": null, "tags": ["a", "b"],
            "age": 7, "at": "2026-02-01T10:00:00Z", "sp": {"id": "X1"}, "roles": [{"name": "n"}],
        });
        for (text, expected) in [
            ("displayName eq 'Ada O''Hara'", true),
            ("displayName eq 'ada o''hara'", true),
            (
                "startswith(displayName,'ada') and accountEnabled eq true",
                true,
            ),
            (
                "startswith(displayName, 'bob') or accountEnabled eq true",
                true,
            ),
            ("not(accountEnabled eq true)", false),
            ("not (endswith(displayName,'x'))", true),
            ("mail eq null", true),
            ("mail ne null", false),
            ("displayName in ('x','Ada O''Hara')", true),
            ("tags/any(t:t eq 'b')", true),
            ("roles/any(r:r/name eq 'm')", false),
            ("age gt 6 and age le 7", true),
            ("at gt 2026-01-01T00:00:00Z and at lt 2026-02-02", true),
            (
                "(contains(tolower(sp/id),'x1') or contains(sp/id,'zz')) and age lt 9",
                true,
            ),
            ("age eq 7 or age eq 8 and age eq 9", true),
        ] {
            assert_eq!(
                parse(text).unwrap().passes(&object, true),
                expected,
                "{text}"
            );
        }
        assert!(
            !parse("displayName eq 'ada o''hara'")
                .unwrap()
                .passes(&object, false)
        );
    }

    #[test]
    fn nonsense_is_refused() {
        let deep = "(".repeat(5_000) + "a eq 1";
        for text in [
            "",
            "displayName",
            "displayName eq",
            "displayName is 'x'",
            "eq eq eq eq",
            "a eq 'x",
            "(a eq 1",
            "a eq 1 b",
            &deep,
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn properties_and_cost_are_known() {
        let filter = parse("sp/id eq 'x' and not(tags/any(t:t eq 'b')) or name in ('a')").unwrap();
        assert_eq!(filter.properties(), ["sp", "tags", "name"]);
        assert!(filter.is_advanced());
        assert!(!parse("startswith(a,'b')").unwrap().is_advanced());
    }
}
