//! Validates a configuration against the schema: the checks that the CLI leaves to providers.

use super::{Attribute, Capabilities, Diagnostic, Diagnostics, Kind, Object, Trail, Value};

/// Returns everything that is wrong with `config`, with the path of each problem. Unknown values are valid.
#[must_use]
pub fn validate(
    attributes: &[Attribute],
    config: &Value,
    capabilities: Capabilities,
) -> Diagnostics {
    let mut walk = Walk {
        capabilities,
        found: Vec::new(),
    };
    if let Value::Object(members) = config {
        walk.members(attributes, members, &Trail::default());
    }
    walk.found
}

struct Walk {
    capabilities: Capabilities,
    found: Diagnostics,
}

impl Walk {
    fn members(&mut self, attributes: &[Attribute], members: &Object, at: &Trail) {
        for attribute in attributes {
            let value = members.get(attribute.name).unwrap_or(&Value::Null);
            self.attribute(attribute, value, &at.attribute(attribute.name));
        }
    }

    fn attribute(&mut self, attribute: &Attribute, value: &Value, at: &Trail) {
        let rules = &attribute.rules;
        if value.is_null() {
            if rules.required {
                self.error(
                    at,
                    format!("Missing `{}`", attribute.name),
                    format!("`{at}` is required, but it is null."),
                );
            }
            return;
        }
        if rules.computed && !rules.optional {
            let detail = format!(
                "`{at}` is set by the service and cannot be configured. Remove it from the configuration."
            );
            self.error(at, format!("`{}` is read-only", attribute.name), detail);
            return;
        }
        if let Some(reason) = rules.deprecated {
            let warning =
                Diagnostic::warning(format!("`{}` is deprecated", attribute.name), reason);
            self.found.push(warning.at(at.path()));
        }
        if rules.write_only && !self.capabilities.write_only_attributes_allowed {
            let detail = format!(
                "`{at}` is write-only, which requires Terraform 1.11 or OpenTofu 1.11 and later."
            );
            self.error(
                at,
                format!("`{}` needs a newer CLI", attribute.name),
                detail,
            );
        }
        for check in &rules.checks {
            if let Some(expected) = check.violation(value) {
                self.error(
                    at,
                    format!("Invalid `{}`", attribute.name),
                    format!("`{at}` must be {expected}."),
                );
            }
        }
        self.inside(&attribute.kind, value, at);
    }

    fn inside(&mut self, kind: &Kind, value: &Value, at: &Trail) {
        match (kind, value) {
            (Kind::Object(attributes), Value::Object(members)) => {
                self.members(attributes, members, at);
            }
            (Kind::List(of), Value::List(elements)) => {
                for (index, element) in elements.iter().enumerate() {
                    self.element(of, element, &at.index(index));
                }
            }
            (Kind::Map(of), Value::Map(elements)) => {
                for (key, element) in elements {
                    self.element(of, element, &at.key(key));
                }
            }
            // Elements of a set have no path, so problems inside them are reported for the set.
            (Kind::Set(of), Value::Set(elements)) => {
                let from = self.found.len();
                for element in elements {
                    self.element(of, element, at);
                }
                for diagnostic in &mut self.found[from..] {
                    diagnostic.path = Some(at.path());
                }
            }
            _ => {}
        }
    }

    fn element(&mut self, kind: &Kind, value: &Value, at: &Trail) {
        if value.is_null() {
            self.error(
                at,
                "Null element".to_owned(),
                format!("`{at}` contains a null element. Remove it."),
            );
        }
        self.inside(kind, value, at);
    }

    fn error(&mut self, at: &Trail, summary: String, detail: String) {
        self.found
            .push(Diagnostic::error(summary, detail).at(at.path()));
    }
}

#[cfg(test)]
mod tests {
    use crate::*;

    attributes! {
        /// Everything that can be wrong.
        pub struct Everything {
            /// Required.
            name: String = key().check(Check::NotEmpty),
            /// Set by the service.
            made: Option<String> = read_only(),
            /// Old.
            old: Option<bool> = optional().deprecated("Use `new`."),
            /// Never stored.
            hidden: Option<String> = optional().write_only(),
            /// In order.
            steps: Option<Vec<Inner>>,
            /// By name.
            named: Option<std::collections::BTreeMap<String, Inner>>,
            /// In no order.
            some: Option<Set<Inner>>,
        }

        /// Inside.
        pub struct Inner {
            /// A choice.
            choice: String = required().one_of(&["a", "b"]),
        }
    }

    fn inner(choice: Value) -> Value {
        Value::Object(Object::from([("choice".to_owned(), choice)]))
    }

    fn problems(changes: &[(&str, Value)]) -> Vec<(String, String)> {
        let mut config = Value::Object(Object::from([("name".to_owned(), "x".into())]));
        for (name, value) in changes {
            config.set_member(name, value.clone());
        }
        validate(&Everything::attributes(), &config, Capabilities::default())
            .into_iter()
            .map(|found| (found.path.unwrap().to_string(), found.summary))
            .collect()
    }

    fn one(changes: &[(&str, Value)], path: &str, summary: &str) {
        assert_eq!(problems(changes), [(path.to_owned(), summary.to_owned())]);
    }

    #[test]
    fn every_problem_is_reported_with_its_path() {
        one(&[("name", Value::Null)], "name", "Missing `name`");
        one(&[("name", " ".into())], "name", "Invalid `name`");
        one(&[("made", "x".into())], "made", "`made` is read-only");
        one(&[("old", true.into())], "old", "`old` is deprecated");
        one(
            &[("hidden", "x".into())],
            "hidden",
            "`hidden` needs a newer CLI",
        );
        one(
            &[(
                "steps",
                Value::List(vec![inner("a".into()), inner("c".into())]),
            )],
            "steps[1].choice",
            "Invalid `choice`",
        );
        let named = Value::Map(Object::from([("k".to_owned(), inner(Value::Null))]));
        one(
            &[("named", named)],
            "named[\"k\"].choice",
            "Missing `choice`",
        );
        one(
            &[("some", Value::set(vec![inner("c".into())]))],
            "some",
            "Invalid `choice`",
        );
    }

    #[test]
    fn unknown_values_are_valid() {
        let unknown = [
            ("name", Value::Unknown),
            ("steps", Value::Unknown),
            ("some", Value::set(vec![inner(Value::Unknown)])),
        ];
        assert_eq!(problems(&unknown), []);
    }
}
