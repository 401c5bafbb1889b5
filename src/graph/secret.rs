//! A string that must never be printed.

use std::fmt;
use std::sync::Arc;

/// The text that is printed instead of a secret.
pub(super) const HIDDEN: &str = "(hidden)";

/// A secret. [`Secret::reveal`] is the only access to it; it prints as `(hidden)`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Returns the secret, to be sent and for nothing else.
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
