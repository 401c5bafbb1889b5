//! Limits the lifetime of a token. The identity library adds the value it reads to the current time and panics on overflow.

use serde_json::Value as Json;

/// The longest lifetime. Microsoft's longest tokens live for 28 hours; requesting a new one after a day does no harm.
const LONGEST: i64 = 24 * 3600;

/// Returns the token response with lifetimes that can be added to a date without overflow.
pub(super) fn bounded(body: Vec<u8>) -> Vec<u8> {
    let Ok(Json::Object(mut members)) = serde_json::from_slice(&body) else {
        return body;
    };
    let now = jiff::Timestamp::now().as_second();
    let mut is_changed = false;
    for (name, from) in [
        ("expires_in", 0),
        ("ext_expires_in", 0),
        ("expires_on", now),
    ] {
        let Some(value) = members.get_mut(name) else {
            continue;
        };
        let seconds = in_bounds(value, from).unwrap_or(from);
        // Managed identity endpoints write points in time as strings, which the library parses.
        let wanted = match value {
            Json::String(_) if name == "expires_on" => Json::from(seconds.to_string()),
            _ => Json::from(seconds),
        };
        if wanted != *value {
            *value = wanted;
            is_changed = true;
        }
    }
    if is_changed {
        Json::Object(members).to_string().into_bytes()
    } else {
        body
    }
}

/// Returns the number, limited to the day after `from`; `None` if it is not a number.
fn in_bounds(value: &Json, from: i64) -> Option<i64> {
    let text = match value {
        Json::Number(number) => number.to_string(),
        Json::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    let number: f64 = text.parse().ok().filter(|number: &f64| !number.is_nan())?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "it is between two numbers that are far from the limits of both types"
    )]
    let seconds = number.clamp(from as f64, (from + LONGEST) as f64) as i64;
    Some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn changed(body: &Json) -> Json {
        serde_json::from_slice(&bounded(body.to_string().into_bytes())).unwrap()
    }

    #[test]
    fn a_normal_response_is_unchanged() {
        let body = b"{ \"expires_in\": 3599, \"access_token\": \"x\" }".to_vec();
        assert_eq!(bounded(body.clone()), body);
        assert_eq!(bounded(b"<html>".to_vec()), b"<html>");
    }

    #[test]
    fn any_lifetime_is_limited_to_a_day() {
        let huge: Json = serde_json::from_str("9223372036854775807").unwrap();
        let digits: Json = serde_json::from_str(&"9".repeat(400)).unwrap();
        let exponent: Json = serde_json::from_str("1e999").unwrap();
        for value in [huge, digits, exponent, json!(u64::MAX)] {
            assert_eq!(
                changed(&json!({ "expires_in": value })),
                json!({ "expires_in": LONGEST })
            );
        }
        for value in [
            json!(-1),
            json!(null),
            json!([]),
            json!({}),
            json!("soon"),
            json!("NaN"),
        ] {
            let found = changed(&json!({ "expires_in": value }));
            assert_eq!(found, json!({ "expires_in": 0 }), "{value}");
        }
        assert_eq!(
            changed(&json!({ "expires_in": "3600" })),
            json!({ "expires_in": 3600 })
        );
        let now = jiff::Timestamp::now().as_second();
        let found = changed(&json!({ "expires_on": "99999999999999999999" }));
        let seconds: i64 = found["expires_on"].as_str().unwrap().parse().unwrap();
        assert!((now..=now + LONGEST + 60).contains(&seconds), "{found}");
    }
}
