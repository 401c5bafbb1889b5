//! Functions of multi-valued attributes.

use super::{Call, Outcome, Value};

pub(crate) fn count(call: &Call<'_>) -> Outcome {
    let count = i64::try_from(call.items(0)?.len()).unwrap_or(i64::MAX);
    Ok(Value::Integer(count))
}

/// The index is counted from 1. After the last value, the result is null, which is UNVERIFIED.
pub(crate) fn item(call: &Call<'_>) -> Outcome {
    let index = call.number(1)?;
    let Some(index) = usize::try_from(index).ok().filter(|index| *index > 0) else {
        return Err(call.fail_at(1, "counts from 1"));
    };
    let item = call.items(0)?.into_iter().nth(index - 1);
    Ok(item.map_or(Value::Null, Value::Text))
}

/// Null and empty values add no separator, as the documented `Join(", ", "", [surname], [givenName])` shows. Without any value,
/// the result is an empty string, which is UNVERIFIED.
pub(crate) fn join(call: &Call<'_>) -> Outcome {
    let separator = call.text(0)?.unwrap_or_default();
    let mut found = Vec::new();
    for position in 1..call.arguments.len() {
        found.extend(
            call.items(position)?
                .into_iter()
                .filter(|item| !item.is_empty()),
        );
    }
    Ok(Value::Text(found.join(&separator)))
}

/// The first of equal values is kept. The comparison is case-sensitive, which is UNVERIFIED.
pub(crate) fn remove_duplicates(call: &Call<'_>) -> Outcome {
    if call.value(0)? == Value::Null {
        return Ok(Value::Null);
    }
    let mut seen = std::collections::BTreeSet::new();
    let mut items = call.items(0)?;
    items.retain(|item| seen.insert(item.clone()));
    Ok(Value::List(items))
}

/// Spaces around the parts are removed, as the documented example shows; empty parts are kept, which is UNVERIFIED.
pub(crate) fn split(call: &Call<'_>) -> Outcome {
    let Some(source) = call.text(0)? else {
        return Ok(Value::Null);
    };
    match call.text(1)?.filter(|delimiter| !delimiter.is_empty()) {
        Some(delimiter) => {
            let pieces = source
                .split(&delimiter)
                .map(|piece| piece.trim().to_owned());
            Ok(Value::List(pieces.collect()))
        }
        None => Err(call.fail_at(1, "is empty")),
    }
}
