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

    /// The errors among what the provider said while `doing` something in `tenant`, which most of them name themselves.
    #[must_use]
    pub fn said(doing: &str, tenant: &str, diagnostics: &[Diagnostic]) -> Self {
        let errors = diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error);
        let texts: Vec<String> = errors
            .map(|error| format!("{}\n\n{}", error.summary, error.detail))
            .collect();
        let text = texts.join("\n\n");
        let names_it = text
            .lines()
            .next()
            .is_some_and(|line| line.contains(tenant));
        Self::new(if names_it && !tenant.is_empty() {
            text
        } else {
            format!("{doing}: {text}")
        })
    }

    /// What it begins with.
    #[must_use]
    pub fn first_line(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
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
