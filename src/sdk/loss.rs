//! Warnings of a plan that destroys an object that cannot be restored.

use super::change::Change;
use terraform::Diagnostic;

impl Change<'_> {
    /// Warns, if the plan destroys the object, that `what` cannot be restored. `instead` is the recommended alternative.
    pub fn warn_of_loss(&mut self, what: &str, instead: &str) {
        if !self.is_destroy() {
            return;
        }
        let detail = format!("Microsoft Graph cannot restore {what}. {instead}");
        self.diagnostics.push(Diagnostic::warning(
            format!("Destroying cannot be undone: {what}"),
            detail,
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use terraform::{Diagnostics, Value};

    #[test]
    fn only_a_destroy_is_warned_of() {
        let told = |planned: Value| {
            let mut diagnostics = Diagnostics::new();
            let (prior, config, mut planned) = (Value::from("x"), planned.clone(), planned);
            let mut change = Change {
                tenant_id: "t",
                prior: &prior,
                config: &config,
                planned: &mut planned,
                requires_replace: &mut Vec::new(),
                diagnostics: &mut diagnostics,
            };
            change.warn_of_loss("the job", "Create a new one.");
            diagnostics
        };
        assert!(told(Value::from("x")).is_empty());
        let warned = told(Value::Null);
        assert_eq!(warned[0].summary, "Destroying cannot be undone: the job");
    }
}
