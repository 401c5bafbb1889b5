//! Values that an import stores for attributes that the configuration can omit.
//!
//! An import does not have the configuration. If omitting an attribute is the same as a certain value, and the object has that value, it is
//! stored: a plan then changes nothing, whether the configuration sets the value or omits it.

use super::managed::Managed;
use super::private::Private;
use terraform::{self, Value};

impl Managed {
    /// Completes the `state` after the first read of an object of which only the key was known. After later reads, an undecided attribute
    /// that was changed outside Terraform is no longer stored.
    pub fn settle_undecided(
        &self,
        stored: &Value,
        state: &mut Value,
        kept: &[u8],
    ) -> terraform::Private {
        let mut private = Private::read(kept);
        if !private.is_named_only() && private.undecided.is_empty() {
            return kept.to_vec();
        }
        for attribute in &self.declared().attributes {
            let Some(neutral) = &attribute.rules.neutral else {
                continue;
            };
            let name = attribute.name;
            if private.is_named_only() {
                if state.member(name).is_null() {
                    state.set_member(name, neutral.clone());
                }
                if attribute.rules.left_alone && state.member(name) == neutral {
                    private.undecided.push(name.to_owned());
                }
            } else if private.undecided.iter().any(|it| it == name)
                && state.member(name) != stored.member(name)
            {
                state.set_member(name, Value::Null);
                private.undecided.retain(|it| it != name);
            }
        }
        private.after_read().write()
    }
}
