//! Comparison of two values.

use std::cmp::Ordering;

use super::pattern::is_canonical;
use crate::operator::Operator;
use crate::value::Value;

/// Compares two values, or returns the reason why they cannot be compared. If one side is a number, they are compared as numbers,
/// otherwise as case-sensitive strings. UNVERIFIED beyond the documented `[country] = "USA"` and `DateDiff(…) > 5`.
pub(super) fn compare(operator: Operator, left: &Value, right: &Value) -> Result<Value, String> {
    let equality = matches!(operator, Operator::Equal | Operator::NotEqual);
    let ordering = match (left, right) {
        (Value::List(_), _) | (_, Value::List(_)) => {
            return Err("an attribute with several values cannot be compared".to_owned());
        }
        (Value::Null, Value::Null) if equality => Ordering::Equal,
        (Value::Null, _) | (_, Value::Null) if equality => Ordering::Less,
        (Value::Null, _) | (_, Value::Null) => {
            return Err("there is no value to compare".to_owned());
        }
        (Value::Boolean(_), other) | (other, Value::Boolean(_)) => {
            if !equality || other.truth().is_none() {
                return Err("true and false can only be compared with = and <>".to_owned());
            }
            left.truth().cmp(&right.truth())
        }
        (Value::Integer(_), _) | (_, Value::Integer(_)) => numbers(left, right)?,
        (Value::Text(left), Value::Text(right)) => {
            if !equality && is_canonical(left) && is_canonical(right) {
                return Err("compare dates with DateDiff instead of operators".to_owned());
            }
            left.cmp(right)
        }
    };
    Ok(Value::Boolean(match operator {
        Operator::Equal => ordering.is_eq(),
        Operator::NotEqual => ordering.is_ne(),
        Operator::Less => ordering.is_lt(),
        Operator::LessOrEqual => ordering.is_le(),
        Operator::Greater => ordering.is_gt(),
        Operator::GreaterOrEqual => ordering.is_ge(),
    }))
}

fn numbers(left: &Value, right: &Value) -> Result<Ordering, String> {
    let number = |value: &Value| {
        let text = value.bare();
        text.trim()
            .parse::<i64>()
            .map_err(|_| format!("a number cannot be compared with the text {text:?}"))
    };
    Ok(number(left)?.cmp(&number(right)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_by_type() {
        let text = |text: &str| Value::Text(text.to_owned());
        for (left, operator, right, expected) in [
            (text("USA"), Operator::Equal, text("USA"), Some(true)),
            (text("USA"), Operator::Equal, text("usa"), Some(false)),
            (text("USA"), Operator::NotEqual, text("usa"), Some(true)),
            (text("9"), Operator::Less, text("10"), Some(false)),
            (text("9"), Operator::Less, Value::Integer(10), Some(true)),
            (
                Value::Integer(5),
                Operator::GreaterOrEqual,
                Value::Integer(5),
                Some(true),
            ),
            (Value::Integer(5), Operator::Greater, text("x"), None),
            (
                Value::Boolean(true),
                Operator::Equal,
                text("true"),
                Some(true),
            ),
            (Value::Boolean(true), Operator::Equal, text("yes"), None),
            (
                Value::Boolean(true),
                Operator::Less,
                Value::Boolean(false),
                None,
            ),
            (Value::Null, Operator::Equal, text(""), Some(false)),
            (Value::Null, Operator::LessOrEqual, text(""), None),
            (Value::List(vec![]), Operator::Equal, text(""), None),
            (
                text("3/16/2020 7:00:00 AM"),
                Operator::Less,
                text("12/1/2019 7:00:00 AM"),
                None,
            ),
        ] {
            let found = compare(operator, &left, &right).ok();
            assert_eq!(
                found,
                expected.map(Value::Boolean),
                "{left:?} {operator:?} {right:?}"
            );
        }
    }
}
