//! Text that must never be printed, and the broom that sweeps it out of texts of others.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

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
pub(super) struct Broom(Mutex<Vec<Secret>>);

impl Broom {
    /// Remembers a secret. Very short ones would turn texts into riddles and are left out.
    pub(super) fn learn(&self, secret: &Secret) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if secret.reveal().len() >= 4 && !known.contains(secret) {
            known.push(secret.clone());
            // The longest first: one secret may be part of another.
            known.sort_by_key(|secret| std::cmp::Reverse(secret.reveal().len()));
        }
    }

    /// `text` without the secrets, and no longer than anybody reads.
    pub(super) fn sweep(&self, text: &str) -> String {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = text.to_owned();
        for secret in known.iter() {
            if text.contains(secret.reveal()) {
                text = text.replace(secret.reveal(), HIDDEN);
            }
        }
        // Only now: half a secret would not be recognised.
        if let Some((end, _)) = text.char_indices().nth(LONGEST) {
            text.truncate(end);
            text.push('…');
        }
        text
    }
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
}
