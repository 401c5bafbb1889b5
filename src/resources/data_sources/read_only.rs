//! Attributes of a resource in a data source, all of them read-only.

use super::prelude::AttributeType;
use terraform::{Attribute, Kind, Rules, Value};

/// A read-only value of a resource's type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ReadOnly<T>(pub(crate) T);

impl<T: AttributeType> AttributeType for ReadOnly<T> {
    fn kind() -> Kind {
        read_only(T::kind())
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        T::from_value(value).map(Self)
    }

    fn to_value(&self) -> Value {
        self.0.to_value()
    }
}

fn read_only(kind: Kind) -> Kind {
    let inside = |of: Box<Kind>| Box::new(read_only(*of));
    match kind {
        Kind::List(of) => Kind::List(inside(of)),
        Kind::Set(of) => Kind::Set(inside(of)),
        Kind::Map(of) => Kind::Map(inside(of)),
        Kind::Object(attributes) => Kind::Object(attributes.into_iter().map(shown).collect()),
        plain => plain,
    }
}

fn shown(attribute: Attribute) -> Attribute {
    Attribute {
        kind: read_only(attribute.kind),
        rules: Rules {
            computed: true,
            local: attribute.rules.local,
            json_name: attribute.rules.json_name,
            ..Rules::default()
        },
        ..attribute
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync_policy::SyncInbound;

    #[test]
    fn nothing_can_be_set() {
        let Kind::Object(attributes) = ReadOnly::<SyncInbound>::kind() else {
            panic!("an object");
        };
        assert!(attributes[0].rules.computed && !attributes[0].rules.required);
        let value = ReadOnly(SyncInbound {
            is_sync_allowed: true,
        });
        assert_eq!(ReadOnly::from_value(&value.to_value()), Ok(value));
    }
}
