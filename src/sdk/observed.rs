//! Settings that can also be changed outside Terraform: how a plan treats and reports them.
//!
//! Omitting such a setting changes nothing, even if it was set outside Terraform. A setting that the configuration set and no longer
//! contains is reset. Every plan warns about settings that were changed outside Terraform.

use super::change::Change;
use terraform::{Diagnostic, Path};

/// A setting that differs from the default that Microsoft documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The attribute.
    pub attribute: &'static str,
    /// Whether it allows something that the default does not allow.
    pub allows: bool,
    /// The effect, as a sentence.
    pub what: String,
    /// The line of the configuration that resets it.
    pub fix: String,
}

impl Change<'_> {
    /// Warns about settings that are not Microsoft's default and that the configuration omits. The plan does not change them.
    pub fn warn_of_others(&mut self, findings: Vec<Finding>) {
        if self.is_destroy() {
            return;
        }
        for finding in findings {
            let attribute = finding.attribute;
            // An attribute that was just removed from the configuration is reset by this plan.
            let is_kept = self.planned.member(attribute) == self.prior.member(attribute);
            if is_kept && self.config.member(attribute).is_null() {
                self.diagnostics.push(warning(finding));
            }
        }
    }
}

fn warning(finding: Finding) -> Diagnostic {
    let Finding {
        attribute,
        allows,
        what,
        fix,
    } = finding;
    let how = if allows { "allowed" } else { "changed" };
    let detail = format!(
        "{what} The configuration omits `{attribute}`, so this plan does not change it. To restore the default, set:\n\n  {fix}\n\n\
         To keep the setting and remove this warning, set `{attribute}` to its current value.",
    );
    Diagnostic::warning(format!("`{attribute}` was {how} by someone else"), detail)
        .at(Path::root(attribute))
}

#[cfg(test)]
mod tests {
    use super::*;
    use terraform::{Diagnostics, Value};

    /// Returns the warnings about an attribute `open` with the value `found` and the configured value `written`.
    fn told(found: Value, written: Value) -> Diagnostics {
        let object = |value: Value| Value::Object([("open".to_owned(), value)].into());
        let mut diagnostics = Diagnostics::new();
        let (prior, config, mut planned) = (object(found.clone()), object(written), object(found));
        Change {
            tenant_id: "t",
            prior: &prior,
            config: &config,
            planned: &mut planned,
            requires_replace: &mut Vec::new(),
            diagnostics: &mut diagnostics,
        }
        .warn_of_others(
            (prior.member("open").as_bool() == Some(true))
                .then(|| Finding {
                    attribute: "open",
                    allows: true,
                    what: "Everything is open.".to_owned(),
                    fix: "open = false".to_owned(),
                })
                .into_iter()
                .collect(),
        );
        diagnostics
    }

    #[test]
    fn only_what_the_configuration_leaves_out_is_warned_of() {
        let warned = told(true.into(), Value::Null);
        assert_eq!(warned[0].summary, "`open` was allowed by someone else");
        assert!(warned[0].detail.contains("open = false"), "{warned:?}");
        assert!(told(true.into(), true.into()).is_empty());
        assert!(told(false.into(), Value::Null).is_empty());
        assert!(told(Value::Null, Value::Null).is_empty());
    }
}
