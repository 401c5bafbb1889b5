//! What an import stores of attributes that the configuration may leave out.
//!
//! An import does not know the configuration. Where leaving an attribute out amounts to a certain value, and the object has that value, it
//! is stored: a plan then changes nothing, whether the configuration writes it or leaves it out.

use super::managed::Managed;
use super::private::Private;
use terraform::{self, Value};

impl Managed {
    /// Completes the `state` that was read of an object of which only the name was known. Of one that was read before, an attribute that
    /// nobody has decided since, and that others have changed, is not stored any more.
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
