//! The list of secure defaults, and the conversion of a result to a row. No I/O.

use super::facts::{Answer, Facts};
use super::{SecureDefault, partners, synchronization, tenant};

/// A secure default.
pub(super) struct Rule {
    pub(super) name: &'static str,
    /// Controls of public baselines with the same requirement.
    pub(super) baselines: &'static [&'static str],
    pub(super) expected: &'static str,
    pub(super) why: &'static str,
    pub(super) judge: fn(&Facts) -> Verdict,
}

/// The result of the evaluation of a secure default.
#[derive(Debug)]
pub(super) struct Verdict {
    passed: Option<bool>,
    permission_missing: bool,
    found: String,
    fix: Option<String>,
}

impl Verdict {
    /// The tenant complies.
    pub(super) fn met(found: impl Into<String>) -> Self {
        Self {
            passed: Some(true),
            ..Self::unseen(found)
        }
    }

    /// The tenant does not comply; `fix` is configuration.
    pub(super) fn unmet(found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            passed: Some(false),
            fix: Some(fix.into()),
            ..Self::unseen(found)
        }
    }

    /// Graph's response does not contain the value.
    pub(super) fn unseen(found: impl Into<String>) -> Self {
        Self {
            passed: None,
            permission_missing: false,
            found: found.into(),
            fix: None,
        }
    }

    /// Evaluates a response; hidden if it was refused.
    pub(super) fn of<T>(answer: &Answer<T>, judge: impl FnOnce(&T) -> Self) -> Self {
        match answer {
            Ok(answer) => judge(answer),
            Err(error) => Self {
                permission_missing: true,
                ..Self::unseen(format!("This cannot be determined: {error}"))
            },
        }
    }

    /// Met if `wrong` is empty; it contains a sentence and a fix for each problem.
    pub(super) fn none_of(wrong: Vec<(String, String)>, otherwise: &str) -> Self {
        if wrong.is_empty() {
            return Self::met(otherwise);
        }
        let (found, fixes): (Vec<_>, Vec<_>) = wrong.into_iter().unzip();
        Self::unmet(found.join(" "), fixes.join("\n\n"))
    }
}

/// Returns all rules in the order of the guide.
fn rules() -> impl Iterator<Item = &'static Rule> {
    tenant::RULES
        .iter()
        .chain(partners::RULES)
        .chain(synchronization::RULES)
}

/// Returns one row per rule.
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

    /// The guide has exactly one line for each rule.
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
