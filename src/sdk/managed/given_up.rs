//! Resets settings that the last configuration set and this one omits.

use super::Managed;
use crate::private::Private;
use terraform::Value;

impl Managed {
    /// Plans the reset of settings that the last configuration set and this one omits.
    pub fn give_up(&self, private: &Private, prior: &Value, config: &Value, planned: &mut Value) {
        if prior.is_null() || config.is_null() {
            return;
        }
        let attributes = &self.declared().attributes;
        let given_up = attributes.iter().filter(|it| {
            it.rules.observed
                && config.member(it.name).is_null()
                && private.configured.iter().any(|name| name == it.name)
        });
        let mut changes = false;
        for attribute in given_up {
            let default = attribute.rules.default.clone().unwrap_or_default();
            if *planned.member(attribute.name) != default {
                planned.set_member(attribute.name, default);
                changes = true;
            }
        }
        if !changes {
            return;
        }
        for attribute in attributes.iter().filter(|it| it.rules.volatile) {
            if config.member(attribute.name).is_null() {
                planned.set_member(attribute.name, Value::Unknown);
            }
        }
    }
}
