//! The error of a command.

use std::fmt;
use std::io;

use terraform::{Diagnostic, Severity};

/// The reason why a command failed, as text for the user.
#[derive(Debug)]
pub struct Failure {
    text: String,
    broken_pipe: bool,
}

impl Failure {
    /// A failure with this text, which may have several lines.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            broken_pipe: false,
        }
    }

    /// The errors among the provider's diagnostics while `doing` something in `tenant`, which most of them name themselves.
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

    /// The cause in one line: the text after the first line, which states what failed.
    #[must_use]
    pub fn cause(&self) -> String {
        let mut lines = self.text.lines();
        let first = lines.next().unwrap_or_default();
        let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
        if words.is_empty() {
            first.to_owned()
        } else {
            words.join(" ")
        }
    }

    /// Whether the reader of the output has closed it.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_stands_below_what_failed() {
        let failure = Failure::new("Could not read it\n\n403\n  missing permission");
        assert_eq!(failure.cause(), "403 missing permission");
        assert_eq!(Failure::new("It broke").cause(), "It broke");
    }

    #[test]
    fn a_tenant_is_named_once() {
        let said = |summary: &str| {
            let problem = Diagnostic::error(summary, "why");
            Failure::said("Reading in abc", "abc", &[problem]).to_string()
        };
        assert_eq!(said("No job"), "Reading in abc: No job\n\nwhy");
        assert_eq!(said("No job in abc"), "No job in abc\n\nwhy");
    }
}
