//! The list of secure defaults, and how a row is made of one. No I/O.

use super::facts::{Answer, Facts};
use super::{SecureDefault, partners, synchronization, tenant};

/// One secure default.
pub(super) struct Rule {
    pub(super) name: &'static str,
    /// Controls of public baselines that ask for the same.
    pub(super) baselines: &'static [&'static str],
    pub(super) expected: &'static str,
    pub(super) why: &'static str,
    pub(super) judge: fn(&Facts) -> Verdict,
}

/// How a tenant stands to a secure default.
#[derive(Debug)]
pub(super) struct Verdict {
    passed: Option<bool>,
    permission_missing: bool,
    found: String,
    fix: Option<String>,
}

impl Verdict {
    /// It keeps to it.
    pub(super) fn met(found: impl Into<String>) -> Self {
        Self {
            passed: Some(true),
            ..Self::unseen(found)
        }
    }

    /// It does not; `fix` is configuration.
    pub(super) fn unmet(found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            passed: Some(false),
            fix: Some(fix.into()),
            ..Self::unseen(found)
        }
    }

    /// Graph does not say.
    pub(super) fn unseen(found: impl Into<String>) -> Self {
        Self {
            passed: None,
            permission_missing: false,
            found: found.into(),
            fix: None,
        }
    }

    /// Judged by an answer; hidden where it was refused.
    pub(super) fn of<T>(answer: &Answer<T>, judge: impl FnOnce(&T) -> Self) -> Self {
        match answer {
            Ok(answer) => judge(answer),
            Err(error) => Self {
                permission_missing: true,
                ..Self::unseen(format!("This cannot be determined: {error}"))
            },
        }
    }

    /// Met where nothing is wrong; `wrong` holds a sentence and a fix for each that is.
    pub(super) fn none_of(wrong: Vec<(String, String)>, otherwise: &str) -> Self {
        if wrong.is_empty() {
            return Self::met(otherwise);
        }
        let (found, fixes): (Vec<_>, Vec<_>) = wrong.into_iter().unzip();
        Self::unmet(found.join(" "), fixes.join("\n\n"))
    }
}

/// Every rule, in the order in which the guide explains them.
fn rules() -> impl Iterator<Item = &'static Rule> {
    tenant::RULES
        .iter()
        .chain(partners::RULES)
        .chain(synchronization::RULES)
}

/// A row for every rule.
pub(super) fn all(facts: &Facts) -> Vec<SecureDefault> {
    rules().map(|rule| row(rule, facts)).collect()
}

fn row(rule: &Rule, facts: &Facts) -> SecureDefault {
    let verdict = (rule.judge)(facts);
    let baselines = rule.baselines.iter().map(|&name| name.to_owned());
    SecureDefault {
        check: Some(rule.name.to_owned()),
        baselines: Some(baselines.collect()),
        passed: verdict.passed,
        permission_missing: Some(verdict.permission_missing),
        found: Some(verdict.found),
        expected: Some(rule.expected.to_owned()),
        why: Some(rule.why.to_owned()),
        fix: verdict.fix,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rule_has_a_name_of_its_own_and_says_why() {
        let names: BTreeSet<&str> = rules().map(|rule| rule.name).collect();
        assert_eq!(names.len(), rules().count());
        for rule in rules() {
            assert!(
                rule.expected.ends_with('.') && rule.why.ends_with('.'),
                "{}",
                rule.name
            );
        }
    }

    /// The guide has a line for each rule, and no other.
    #[test]
    fn the_guide_lists_every_rule() {
        let file = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../docs/guides/secure-defaults.md"
        );
        let guide = std::fs::read_to_string(file).unwrap();
        let lines = guide.lines().filter_map(|line| line.strip_prefix("| `"));
        let listed: BTreeSet<&str> = lines.filter_map(|line| line.split('`').next()).collect();
        let names: BTreeSet<&str> = rules().map(|rule| rule.name).collect();
        assert_eq!(listed, names);
    }
}
