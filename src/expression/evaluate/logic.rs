//! Conditional functions.

use super::{Call, EvalError, Outcome, Value};
use crate::tree::Node;

/// Selects one of two values. A null or empty attribute in the condition is an error, as documented. An error in the branch that
/// is not taken is one too: UNVERIFIED, according to a public report the service evaluates both branches.
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
    let condition = call
        .value(0)?
        .truth()
        .ok_or_else(|| call.fail_at(0, "is not true or false"))?;
    let (taken, other) = if condition { (1, 2) } else { (2, 1) };
    call.value(other).or_else(in_other_branch)?;
    call.value(taken)
}

/// Returns the result after an error in the branch that is not taken.
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

/// Returns the value for the key that equals the source. Null matches the key `""`.
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
        value => value
            .truth()
            .map(Value::Boolean)
            .ok_or_else(|| call.fail_at(0, "is neither a number nor true or false")),
    }
}

/// True for everything except True, as documented.
pub(crate) fn not(call: &Call<'_>) -> Outcome {
    let value = call.value(0)?;
    Ok(Value::Boolean(value.truth() != Some(true)))
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

/// Whether a value can be converted to a single string. UNVERIFIED for numbers and booleans, which can.
pub(crate) fn is_string(call: &Call<'_>) -> Outcome {
    let value = call.value(0)?;
    Ok(Value::Boolean(!matches!(
        value,
        Value::Null | Value::List(_)
    )))
}
