//! The rules after `=` in a declaration, which the compiler checks against the type of the field. They result in [`Rules`].

use std::collections::BTreeMap;
use std::marker::PhantomData;

use super::{AttributeType, Check, Rules, Set, Value};

/// The attribute can be configured.
pub struct Configurable;

/// Only the provider sets the attribute.
pub struct ReadOnly;

/// The rules of an attribute of type `T`. They start with a function of this module, and methods add to them.
pub struct Rule<T, By = Configurable> {
    rules: Rules,
    of: PhantomData<fn() -> (T, By)>,
}

/// A type that is null if the attribute is omitted: an `Option`.
#[diagnostic::on_unimplemented(
    message = "an attribute of type `{Self}` is always required",
    label = "this rule is for attributes that may be left out",
    note = "write `Option<{Self}>`, or remove the rule"
)]
pub trait MayBeLeftOut {
    /// The type of a value that is set.
    type Given: AttributeType;
}

impl<T: AttributeType> MayBeLeftOut for Option<T> {
    type Given = T;
}

/// A type without null: everything except an `Option`.
#[diagnostic::on_unimplemented(
    message = "an attribute of type `{Self}` may be left out",
    label = "this rule is for attributes that are required",
    note = "write the type without `Option`, or begin the rule with `optional()`"
)]
pub trait AlwaysRequired {}

impl AlwaysRequired for bool {}
impl AlwaysRequired for i64 {}
impl AlwaysRequired for String {}
impl AlwaysRequired for Value {}
impl<T> AlwaysRequired for Vec<T> {}
impl<T> AlwaysRequired for Set<T> {}
impl<T> AlwaysRequired for BTreeMap<String, T> {}

/// A string, or a type that consists of strings.
#[diagnostic::on_unimplemented(
    message = "`{Self}` holds no text",
    label = "this rule is for text",
    note = "use it with `String`, or with an `Option`, `Vec` or `Set` of it"
)]
pub trait HoldsText {}

impl HoldsText for String {}
impl<T: HoldsText> HoldsText for Option<T> {}
impl<T: HoldsText> HoldsText for Vec<T> {}
impl<T: HoldsText> HoldsText for Set<T> {}

/// Must be configured. This is the default of every attribute whose type is not an `Option`.
#[must_use]
pub fn required<T: AlwaysRequired>() -> Rule<T> {
    Rule::of(Rules::required())
}

/// Must be configured and identifies the object: a change forces a replacement.
#[must_use]
pub fn key<T: AlwaysRequired>() -> Rule<T> {
    required().replaces()
}

/// Optional; null if omitted.
#[must_use]
pub fn optional<T: MayBeLeftOut>() -> Rule<T> {
    Rule::of(Rules::optional())
}

/// Optional; if omitted, the provider sets it.
#[must_use]
pub fn computed<T: MayBeLeftOut>() -> Rule<T> {
    Rule::of(Rules::computed())
}

/// Optional; defaults to `value`.
#[must_use]
pub fn default<T: MayBeLeftOut>(value: impl Into<T::Given>) -> Rule<T> {
    Rule::of(Rules::with_default(value.into().to_value()))
}

/// Optional; defaults to `value`. For objects and sets, whose values are built from parts that several attributes share.
#[must_use]
pub fn default_value<T: MayBeLeftOut>(value: Value) -> Rule<T> {
    Rule::of(Rules::with_default(value))
}

/// Only the provider sets it.
#[must_use]
pub fn read_only<T: MayBeLeftOut>() -> Rule<T, ReadOnly> {
    Rule::of(Rules::read_only())
}

/// Returns the rules of an attribute of type `T`, for the macro `attributes!`.
#[must_use]
pub fn rules_of<T, By>(rule: Rule<T, By>) -> Rules {
    rule.rules
}

impl<T, By> Rule<T, By> {
    fn of(rules: Rules) -> Self {
        Self {
            rules,
            of: PhantomData,
        }
    }

    fn with(self, change: impl FnOnce(Rules) -> Rules) -> Self {
        Self::of(change(self.rules))
    }

    /// Hidden in the output of the CLI.
    #[must_use]
    pub fn sensitive(self) -> Self {
        self.with(Rules::sensitive)
    }

    /// Becomes unknown whenever the object changes.
    #[must_use]
    pub fn volatile(self) -> Self {
        self.with(Rules::volatile)
    }

    /// Used by Terraform only, and never sent.
    #[must_use]
    pub fn local(self) -> Self {
        self.with(Rules::local)
    }

    /// Has another name in JSON.
    #[must_use]
    pub fn named(self, json_name: &'static str) -> Self {
        self.with(|rules| rules.named(json_name))
    }

    /// Must be a GUID; the case is ignored.
    #[must_use]
    pub fn guid(self) -> Self
    where
        T: HoldsText,
    {
        self.with(Rules::guid)
    }
}

impl<T> Rule<T, Configurable> {
    /// A change forces a replacement.
    #[must_use]
    pub fn replaces(self) -> Self {
        self.with(Rules::replaces)
    }

    /// Null if omitted, and equivalent to `value` then. An import, which has no configuration, stores `value`, and then neither
    /// way to write it plans a change.
    #[must_use]
    pub fn neutral(self, value: impl Into<Value>) -> Self
    where
        T: MayBeLeftOut,
    {
        self.with(|rules| rules.neutral(value))
    }

    /// If omitted, the attribute is not managed.
    #[must_use]
    pub fn left_alone(self) -> Self
    where
        T: MayBeLeftOut,
    {
        self.with(Rules::left_alone)
    }

    /// If omitted, the setting of an existing object is kept and shown in the state. A new object gets the default.
    #[must_use]
    pub fn observed(self) -> Self
    where
        T: MayBeLeftOut,
    {
        self.with(Rules::observed)
    }

    /// Never stored, neither in a plan nor in the state, and hidden in the output.
    #[must_use]
    pub fn write_only(self) -> Self {
        self.with(Rules::write_only)
    }

    /// Deprecated, for this reason.
    #[must_use]
    pub fn deprecated(self, reason: &'static str) -> Self {
        self.with(|rules| rules.deprecated(reason))
    }

    /// Handled by separate calls of the resource: it is not part of the request and response bodies of the object.
    #[must_use]
    pub fn apart(self) -> Self {
        self.with(Rules::apart)
    }

    /// Marks a property of the beta version of the API only. What an answer of another version lacks stays as it is stored.
    #[must_use]
    pub fn beta(self) -> Self {
        self.with(Rules::beta)
    }

    /// Must satisfy `check`.
    #[must_use]
    pub fn check(self, check: Check) -> Self {
        self.with(|rules| rules.check(check))
    }

    /// Must be one of `allowed`.
    #[must_use]
    pub fn one_of(self, allowed: &'static [&'static str]) -> Self
    where
        T: HoldsText,
    {
        self.with(|rules| rules.one_of(allowed))
    }

    /// Two strings that are equivalent by `same` are not a change, and the present spelling is kept.
    #[must_use]
    pub fn same_if(self, same: fn(&str, &str) -> bool) -> Self
    where
        T: HoldsText,
    {
        self.with(|rules| rules.same_if(same))
    }
}
