//! Redacts secrets and tokens, and escapes control characters, in all text that leaves the process.
//!
//! Messages, logs, panic messages and the output of commands pass through it, regardless of their contents. So the code that
//! creates a message does not need to recognize secrets in the texts of servers, other programs or misplaced variables.

mod forms;
mod printable;

use std::sync::{Arc, Mutex, PoisonError};

use url::Url;

use super::secret::{HIDDEN, Secret};
use forms::forms;
pub use printable::printable;

/// The most characters of a server's message that are quoted.
const LONGEST: usize = 4_000;

/// The length from which a secret is redacted in texts of servers. Shorter ones would make them unreadable.
const SHORTEST: usize = 4;

/// The length from which a secret is redacted in our own texts. Shorter ones would make them unreadable: a password may be
/// "wrong". Shorter values are not presumed to be secret either.
const SHORTEST_IN_OWN_WORDS: usize = 8;

/// Substrings of the names of environment variables that contain secrets.
const SECRET_NAME_PARTS: [&str; 7] = [
    "SECRET",
    "PASSWORD",
    "PASSPHRASE",
    "TOKEN",
    "CERTIFICATE",
    "CREDENTIAL",
    "IDENTITY_HEADER",
];

/// All known secrets. Clones share them.
#[derive(Clone, Default)]
pub struct Redactor(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    secrets: Vec<Secret>,
    /// Every encoding of each secret, the longest first, because one may be part of another; and whether it is long enough to be
    /// redacted in our own texts.
    forms: Vec<(String, bool)>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redactor")
    }
}

impl Redactor {
    /// Registers a secret.
    pub fn learn(&self, secret: &Secret) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if secret.reveal().len() >= SHORTEST && !known.secrets.contains(secret) {
            known.secrets.push(secret.clone());
            let is_long = secret.reveal().len() >= SHORTEST_IN_OWN_WORDS;
            let forms = forms(secret.reveal()).into_iter();
            known.forms.extend(forms.map(|form| (form, is_long)));
            known
                .forms
                .sort_by_key(|(form, _)| std::cmp::Reverse(form.len()));
        }
    }

    /// Registers a value that may be a secret because of its position.
    pub fn suspect(&self, text: &str) {
        let text = text.trim();
        if text.len() >= SHORTEST_IN_OWN_WORDS {
            self.learn(&Secret::from(text));
        }
    }

    /// Registers secrets in environment variables: the values of those with a telling name, and the users and keys in URLs.
    /// Programs that this process starts inherit all of them and may repeat them in their messages.
    pub fn learn_environment(&self, variables: impl Iterator<Item = (String, String)>) {
        for (name, value) in variables {
            let name = name.to_ascii_uppercase();
            let is_elsewhere = ["PATH", "FILE", "DIR", "URL", "URI", "NAME", "_ID"]
                .iter()
                .any(|end| name.ends_with(end));
            if !is_elsewhere && SECRET_NAME_PARTS.iter().any(|part| name.contains(part)) {
                self.suspect(&value);
            }
            self.learn_address(&value);
        }
    }

    /// Registers the user, the password and the keys in a URL.
    pub fn learn_address(&self, text: &str) {
        let Some(url) = text
            .contains("://")
            .then(|| Url::parse(text).ok())
            .flatten()
        else {
            return;
        };
        let decoded = |text: &str| {
            percent_encoding::percent_decode_str(text)
                .decode_utf8_lossy()
                .into_owned()
        };
        self.suspect(&decoded(url.username()));
        let password = url.password().unwrap_or_default();
        self.learn(&Secret::from(decoded(password)));
        // Shorter values are names and versions.
        let is_key = |value: &str| value.len() >= 2 * SHORTEST_IN_OWN_WORDS;
        for (_, value) in url.query_pairs().filter(|(_, value)| is_key(value)) {
            self.suspect(&value);
        }
    }

    /// Returns `text` without secrets and token-like values, and with control characters escaped.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.redact(text, true)
    }

    /// Redacts a panic message. The panic may have happened while the lock was held; if it cannot be taken at once, the whole
    /// message is dropped.
    #[must_use]
    pub fn redact_in_panic(&self, text: &str) -> String {
        self.0
            .try_lock()
            .map_or_else(|_| HIDDEN.to_owned(), |known| known.redact(text, false))
    }

    /// Redacts and shortens the text of a server.
    #[must_use]
    pub(super) fn excerpt(&self, text: &str) -> String {
        let mut text = {
            let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            known.redact(text, false)
        };
        // Truncated after the redaction, because half a secret would not be recognized.
        if let Some((end, _)) = text.char_indices().nth(LONGEST) {
            text.truncate(end);
            text.push('…');
        }
        text
    }
}

impl Known {
    /// With `are_own_words`, short secrets are kept.
    fn redact(&self, text: &str, are_own_words: bool) -> String {
        let mut text = text.to_owned();
        let forms = self.forms.iter();
        for (form, _) in forms.filter(|(_, is_long)| *is_long || !are_own_words) {
            if text.contains(form.as_str()) {
                text = text.replace(form.as_str(), HIDDEN);
            }
        }
        printable(&without_tokens(&text)).into_owned()
    }
}

/// The prefix of a JSON Web Token: a brace and a quotation mark in base64.
const TOKEN: &str = "eyJ";

/// Removes JSON Web Tokens of any issuer: other programs and issuers may quote tokens that were never registered.
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
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

    use super::*;

    #[test]
    fn an_excerpt_is_not_cut_within_a_secret() {
        let redactor = Redactor::default();
        redactor.learn(&Secret::from("correct horse"));
        let text = format!(
            "{}correct horse{}",
            "é".repeat(LONGEST - 3),
            "x".repeat(9_000)
        );
        let told = redactor.excerpt(&text);
        assert_eq!(told.chars().count(), LONGEST + 1);
        assert!(told.ends_with("é(hi…") && !told.contains("cor"), "{told}");
    }

    #[test]
    fn secrets_are_found_inside_longer_ones() {
        let redactor = Redactor::default();
        redactor.learn(&Secret::from("battery"));
        redactor.learn(&Secret::from("battery staple"));
        redactor.learn(&Secret::from("abc"));
        assert_eq!(
            redactor.excerpt("a battery staple, a battery, abc"),
            "a (hidden), a (hidden), abc"
        );
        let ours = redactor.redact("The battery staple is worse than a battery.");
        assert_eq!(ours, "The (hidden) is worse than a battery.");
    }

    #[test]
    fn a_secret_is_redacted_in_every_encoding() {
        let secret = "Ab8Q~s\"e\\c+r/e t&%41é€";
        let redactor = Redactor::default();
        redactor.learn(&Secret::from(secret));
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
            format!("{secret:?}"),
            format!("b\"{}\"", secret.as_bytes().escape_ascii()),
        ];
        for user in ["", "u:", "me:", "you:"] {
            let both = format!("{user}{secret}!!");
            dresses.extend([STANDARD_NO_PAD.encode(&both), URL_SAFE_NO_PAD.encode(&both)]);
        }
        for dress in dresses {
            let told = redactor.redact(&format!("sent <{dress}>"));
            assert!(told.contains(HIDDEN), "{dress}: {told}");
            assert!(told.len() < 60 && !told.contains("Ab8Q"), "{told}");
        }
        assert_eq!(
            redactor.redact("a form=1+1, %20, eyJ and c2VjcmV0"),
            "a form=1+1, %20, eyJ and c2VjcmV0"
        );
    }

    #[test]
    fn unknown_tokens_are_redacted() {
        let told = Redactor::default()
            .redact("ERROR: eyJ0eXAiOiJKV1Qi.eyJhIjoxfQ.c2ln-_% refused; eyJ too");
        assert_eq!(told, "ERROR: (hidden) refused; eyJ too");
    }

    #[test]
    fn secrets_in_environment_variables_are_redacted() {
        let redactor = Redactor::default();
        let variables = [
            ("TARGET_CLIENT_SECRET", "planted~secret"),
            ("AZURE_CLIENT_SECRET_FILE_PATH", "/etc/azure/secret"),
            (
                "HTTPS_PROXY",
                "http://proxy-user:p%40ss-word@proxy.example:3128",
            ),
            (
                "IDENTITY_ENDPOINT",
                "http://127.0.0.1/msi?api-version=2019-08-01&key=planted-key-0123456789",
            ),
            ("USE_TOKEN", "true"),
            ("CLIENT_SECRET_NAME", "true 2019-08-01"),
        ];
        redactor.learn_environment(
            variables
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into_iter(),
        );
        let text = "planted~secret /etc/azure/secret proxy-user p@ss-word p%40ss-word planted-key-0123456789 true 2019-08-01";
        assert_eq!(
            redactor.redact(text),
            "(hidden) /etc/azure/secret (hidden) (hidden) (hidden) (hidden) true 2019-08-01"
        );
    }

    #[test]
    fn terminal_control_characters_are_escaped() {
        let redactor = Redactor::default();
        redactor.learn(&Secret::from("planted~secret"));
        assert_eq!(
            redactor.redact("\u{1b}[2Jplanted~secret\u{202e}"),
            "\\u001b[2J(hidden)\\u202e"
        );
    }
}
