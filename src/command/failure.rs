//! Why a command could not do its work.

use std::fmt;
use std::io;

use crate::terraform::{Diagnostic, Severity};

/// Why a command could not do its work, for a person to read.
#[derive(Debug)]
pub struct Failure {
    text: String,
    broken_pipe: bool,
}

impl Failure {
    /// One that is told with `text`, which may have several lines.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            broken_pipe: false,
        }
    }

    /// The errors among what the provider said while `doing`.
    #[must_use]
    pub fn said(doing: &str, diagnostics: &[Diagnostic]) -> Self {
        let errors = diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error);
        let texts: Vec<String> = errors
            .map(|error| format!("{}\n\n{}", error.summary, error.detail))
            .collect();
        Self::new(format!("{doing}: {}", texts.join("\n\n")))
    }

    /// Whether nobody reads our output any more.
    pub(super) fn is_broken_pipe(&self) -> bool {
        self.broken_pipe
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self {
            broken_pipe: error.kind() == io::ErrorKind::BrokenPipe,
            text: error.to_string(),
        }
    }
}
