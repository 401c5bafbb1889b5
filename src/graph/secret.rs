//! A text that must never be printed.

use std::fmt;
use std::sync::Arc;

/// What is printed in place of a secret.
pub(super) const HIDDEN: &str = "(hidden)";

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_as_hidden() {
        let secret = Secret::from("correct horse");
        assert_eq!(
            format!("{secret} {secret:?} {secret:#?}"),
            "(hidden) (hidden) (hidden)"
        );
        assert_eq!(secret.reveal(), "correct horse");
    }
}
