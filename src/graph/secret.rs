//! Text that must never be printed, and the broom that sweeps it out of texts of others.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

const HIDDEN: &str = "(hidden)";

/// The most characters of a text of others that are told.
const LONGEST: usize = 4_000;

/// A secret. Its only way out is [`Secret::reveal`]; printing it gives `(hidden)`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// The secret itself, to be put on the wire and nowhere else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

/// Every secret one client knows, so that a server which echoes one cannot get it printed.
#[derive(Default)]
pub(super) struct Broom(Mutex<Known>);

#[derive(Default)]
struct Known {
    secrets: Vec<Secret>,
    /// Every way each of them may be written, the longest first: one may be part of another.
    forms: Vec<String>,
}

impl Broom {
    /// Remembers a secret. Very short ones would turn texts into riddles and are left out.
    pub(super) fn learn(&self, secret: &Secret) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if secret.reveal().len() >= 4 && !known.secrets.contains(secret) {
            known.secrets.push(secret.clone());
            known.forms.extend(forms(secret.reveal()));
            known
                .forms
                .sort_by_key(|form| std::cmp::Reverse(form.len()));
            known.forms.dedup();
        }
    }

    /// `text` without the secrets, without anything that looks like a token, and no longer than anybody reads.
    pub(super) fn sweep(&self, text: &str) -> String {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.sweep(text)
    }

    /// The same for the words of a panic, which may have happened in here; what cannot be swept is not told.
    pub(super) fn sweep_crash(&self, text: &str) -> String {
        self.0
            .try_lock()
            .map_or_else(|_| HIDDEN.to_owned(), |known| known.sweep(text))
    }
}

impl Known {
    fn sweep(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for form in &self.forms {
            if text.contains(form.as_str()) {
                text = text.replace(form.as_str(), HIDDEN);
            }
        }
        let mut text = without_tokens(&text);
        // Only now: half a secret would not be recognised.
        if let Some((end, _)) = text.char_indices().nth(LONGEST) {
            text.truncate(end);
            text.push('…');
        }
        text
    }
}

/// A secret as it is, as forms and addresses hold it, inside a text of JSON, and inside anything in base64.
fn forms(secret: &str) -> Vec<String> {
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let component: String = form.replace('+', "%20").replace("%7E", "~");
    let address = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
    let quoted = serde_json::Value::from(secret).to_string();
    let quoted = quoted[1..quoted.len() - 1].to_owned();
    let percent = [form, component, address];
    let lower: Vec<String> = percent.iter().map(|form| lower_hex(form)).collect();
    let mut found = vec![secret.to_owned(), quoted];
    found.extend(percent);
    found.extend(lower);
    found.extend(encoded(secret));
    found.sort_unstable();
    found.dedup();
    found
}

/// The same with the digits of its percent codes in small letters.
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

/// The letters of base64 that a secret alone decides, wherever it begins within the three bytes that four of them stand for.
fn encoded(secret: &str) -> Vec<String> {
    let mut found = Vec::new();
    for before in 0..3 {
        let bytes = [&[0; 2][..before], secret.as_bytes()].concat();
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let letters = engine.encode(&bytes);
            // What the bytes before and after decide as well.
            let (first, last) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
            // Fewer are found in texts that have nothing to do with it.
            if last >= first + 8 {
                found.push(letters[first..last].to_owned());
            }
        }
    }
    found
}

/// How a JSON Web Token begins: a brace and a quotation mark in base64.
const TOKEN: &str = "eyJ";

/// A text without JSON Web Tokens, whoever made them: other programs and other issuers name some that were never learned.
fn without_tokens(text: &str) -> String {
    let mut told = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, token)) = rest.split_once(TOKEN) {
        told.push_str(before);
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-_.%+/=".contains(letter);
        let end = token.find(|letter| !is_part(letter)).unwrap_or(token.len());
        told.push_str(if end < 8 { TOKEN } else { HIDDEN });
        rest = if end < 8 { token } else { &token[end..] };
    }
    told + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_say_is_told_up_to_a_point_without_half_a_secret() {
        let broom = Broom::default();
        broom.learn(&Secret::from("correct horse"));
        let text = format!(
            "{}correct horse{}",
            "é".repeat(LONGEST - 3),
            "x".repeat(9_000)
        );
        let told = broom.sweep(&text);
        assert_eq!(told.chars().count(), LONGEST + 1);
        assert!(told.ends_with("é(hi…") && !told.contains("cor"), "{told}");
    }

    #[test]
    fn a_secret_prints_as_hidden() {
        let secret = Secret::from("correct horse");
        assert_eq!(
            format!("{secret} {secret:?} {secret:#?}"),
            "(hidden) (hidden) (hidden)"
        );
        assert_eq!(secret.reveal(), "correct horse");
    }

    #[test]
    fn the_broom_finds_secrets_inside_longer_ones() {
        let broom = Broom::default();
        broom.learn(&Secret::from("battery"));
        broom.learn(&Secret::from("battery staple"));
        broom.learn(&Secret::from("abc"));
        assert_eq!(
            broom.sweep("a battery staple, a battery, abc"),
            "a (hidden), a (hidden), abc"
        );
    }

    #[test]
    fn a_secret_is_known_in_every_dress() {
        let secret = "Ab8Q~s\"e\\c+r/e t&%41é€";
        let broom = Broom::default();
        broom.learn(&Secret::from(secret));
        let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let mut dresses = vec![
            form.clone(),
            form.replace("%C3%A9%E2%82%AC", "%c3%a9%e2%82%ac")
                .replace("%7E", "%7e")
                .replace("%5C", "%5c")
                .replace("%2B", "%2b")
                .replace("%2F", "%2f"),
            form.replace('+', "%20"),
            form.replace('+', "%20").replace("%7E", "~"),
            utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
            serde_json::json!({ "client_secret": secret }).to_string(),
        ];
        for user in ["", "u:", "me:", "you:"] {
            let both = format!("{user}{secret}!!");
            dresses.extend([STANDARD_NO_PAD.encode(&both), URL_SAFE_NO_PAD.encode(&both)]);
        }
        for dress in dresses {
            let told = broom.sweep(&format!("sent <{dress}>"));
            assert!(told.contains(HIDDEN), "{dress}: {told}");
            assert!(told.len() < 60 && !told.contains("Ab8Q"), "{told}");
        }
        assert_eq!(
            broom.sweep("a form=1+1, %20, eyJ and c2VjcmV0"),
            "a form=1+1, %20, eyJ and c2VjcmV0"
        );
    }

    #[test]
    fn tokens_are_hidden_though_nobody_learned_them() {
        let told =
            Broom::default().sweep("ERROR: eyJ0eXAiOiJKV1Qi.eyJhIjoxfQ.c2ln-_% refused; eyJ too");
        assert_eq!(told, "ERROR: (hidden) refused; eyJ too");
    }
}
