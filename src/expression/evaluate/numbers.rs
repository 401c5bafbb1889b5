//! Arithmetic functions.

use super::{Call, Outcome, Value};

pub(crate) fn bit_and(call: &Call<'_>) -> Outcome {
    match (call.integer(0)?, call.integer(1)?) {
        (Some(one), Some(two)) => Ok(Value::Integer(one & two)),
        _ => Ok(Value::Null),
    }
}
