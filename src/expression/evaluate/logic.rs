//! Conditions and choices.

use std::cmp::Ordering;

use super::dates::is_date;
use super::{Call, EvalError, Outcome, Value};
use crate::tree::{Node, Operator};

/// One of two values. A null or empty attribute in the condition fails, as documented. So does what fails in the branch that is
/// not taken: UNVERIFIED, a public report says that the service computes both branches.
pub(crate) fn iif(call: &Call<'_>) -> Outcome {
    if let Some(Some(condition)) = call.arguments.first() {
        let mut empty = None;
        condition.visit(&mut |part| {
            if let Node::Attribute(name) = &part.node
                && empty.is_none()
                && call.attributes.get(name).is_none_or(Value::is_empty)
            {
                empty = Some((part.column, part.to_string()));
            }
        });
        if let Some((column, piece)) = empty {
            return Err(EvalError {
                column,
                piece,
                cause: "IIF fails if an attribute in its condition is null or empty; use Switch with the key \"\" for that case"
                    .to_owned(),
                matters_only_if_taken: true,
            });
        }
    }
    let condition =
        truth(&call.value(0)?).ok_or_else(|| call.fail_at(0, "is not true or false"))?;
    let (taken, other) = if condition { (1, 2) } else { (2, 1) };
    call.value(other).or_else(in_other_branch)?;
    call.value(taken)
}

/// What a failure in the branch that is not taken means.
fn in_other_branch(failure: EvalError) -> Outcome {
    const BOTH: &str = "; this branch of IIF is not used, but the service is reported to evaluate both, so move the \
        IIF inside the function that fails";
    if failure.matters_only_if_taken {
        return Ok(Value::Null);
    }
    let cause = failure.cause.trim_end_matches(BOTH);
    Err(EvalError {
        cause: format!("{cause}{BOTH}"),
        ..failure
    })
}

/// The value whose key is the source's. Null finds the key `""`.
pub(crate) fn switch(call: &Call<'_>) -> Outcome {
    let source = call.text(0)?.unwrap_or_default();
    for position in (2..call.arguments.len()).step_by(2) {
        if call.text(position)?.unwrap_or_default() == source {
            return call.value(position + 1);
        }
    }
    call.value(1)
}

pub(crate) fn coalesce(call: &Call<'_>) -> Outcome {
    for position in 0..call.arguments.len() {
        let value = call.value(position)?;
        if value != Value::Null {
            return Ok(value);
        }
    }
    Ok(Value::Null)
}

pub(crate) fn ignore_flow(call: &Call<'_>) -> Outcome {
    let value = call.value(0)?;
    Ok(if value.is_empty() { Value::Null } else { value })
}

pub(crate) fn c_bool(call: &Call<'_>) -> Outcome {
    match call.value(0)? {
        Value::Null => Ok(Value::Boolean(false)),
        value => truth(&value)
            .map(Value::Boolean)
            .ok_or_else(|| call.fail_at(0, "is neither a number nor true or false")),
    }
}

/// True for everything but True, as documented.
pub(crate) fn not(call: &Call<'_>) -> Outcome {
    let value = call.value(0)?;
    Ok(Value::Boolean(truth(&value) != Some(true)))
}

pub(crate) fn is_null(call: &Call<'_>) -> Outcome {
    Ok(Value::Boolean(call.value(0)? == Value::Null))
}

pub(crate) fn is_null_or_empty(call: &Call<'_>) -> Outcome {
    Ok(Value::Boolean(call.value(0)?.is_empty()))
}

pub(crate) fn is_present(call: &Call<'_>) -> Outcome {
    Ok(Value::Boolean(!call.value(0)?.is_empty()))
}

/// Whether something can become one text. UNVERIFIED for numbers and truths, which can.
pub(crate) fn is_string(call: &Call<'_>) -> Outcome {
    let value = call.value(0)?;
    Ok(Value::Boolean(!matches!(
        value,
        Value::Null | Value::List(_)
    )))
}

fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Boolean(truth) => Some(*truth),
        Value::Integer(number) => Some(*number != 0),
        Value::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
        Value::Text(text) => text.trim().parse::<i64>().ok().map(|number| number != 0),
        Value::Null | Value::List(_) => None,
    }
}

/// Compares two values; else says why they cannot be. Numbers compare as numbers where one side is one, texts by their
/// characters, case and all. UNVERIFIED beyond the documented `[country] = "USA"` and `DateDiff(…) > 5`.
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
            if !equality || truth(other).is_none() {
                return Err("true and false can only be compared with = and <>".to_owned());
            }
            truth(left).cmp(&truth(right))
        }
        (Value::Integer(_), _) | (_, Value::Integer(_)) => numbers(left, right)?,
        (Value::Text(left), Value::Text(right)) => {
            if !equality && is_date(left) && is_date(right) {
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
    fn what_is_compared_and_how() {
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
