//! The encodings in which a secret may appear: plain, percent-encoded, quoted, and inside base64.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Returns a secret as it is, percent-encoded as in forms and URLs, quoted as in JSON and in Rust, and as part of base64.
pub(super) fn forms(secret: &str) -> Vec<String> {
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let component: String = form.replace('+', "%20").replace("%7E", "~");
    let address = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
    let percent = [form, component, address];
    let lower: Vec<String> = percent.iter().map(|form| lower_hex(form)).collect();
    let mut found = vec![secret.to_owned()];
    for quoted in [
        serde_json::Value::from(secret).to_string(),
        format!("{secret:?}"),
    ] {
        found.push(quoted[1..quoted.len() - 1].to_owned());
    }
    // The form in which libraries print bytes that they received.
    found.push(secret.as_bytes().escape_ascii().to_string());
    found.extend(percent);
    found.extend(lower);
    found.extend(encoded(secret));
    found.sort_unstable();
    found.dedup();
    found
}

/// Changes the digits of percent-encodings to lower case.
fn lower_hex(form: &str) -> String {
    let mut since = 2;
    let small = |letter: char| {
        since = if letter == '%' { 0 } else { since + 1 };
        if since <= 2 {
            letter.to_ascii_lowercase()
        } else {
            letter
        }
    };
    form.chars().map(small).collect()
}

/// Returns the base64 characters that depend on the secret only, for each of its three possible offsets in a group of three
/// bytes.
fn encoded(secret: &str) -> Vec<String> {
    let mut found = Vec::new();
    for before in 0..3 {
        let bytes = [&[0; 2][..before], secret.as_bytes()].concat();
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let letters = engine.encode(&bytes);
            // Characters that also depend on the bytes before and after are excluded.
            let (first, last) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
            // Fewer characters would also occur in unrelated texts.
            if last >= first + 8 {
                found.push(letters[first..last].to_owned());
            }
        }
    }
    found
}
