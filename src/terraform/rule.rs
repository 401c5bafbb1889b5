//! The rules behind `=` in a declaration, which the compiler checks against the type of the field. What comes out is [`Rules`].

use std::collections::BTreeMap;
use std::marker::PhantomData;

use super::{AttributeType, Check, Rules, Set, Value};

/// A person may set the attribute.
pub struct Configurable;

/// Only the provider sets the attribute.
pub struct ReadOnly;

/// The rules of an attribute of type `T`. The functions of this module begin them, and methods add to them.
pub struct Rule<T, By = Configurable> {
    rules: Rules,
    of: PhantomData<fn() -> (T, By)>,
}

/// A type that is null where the attribute is left out: an `Option`.
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

/// A type that has no null: everything except an `Option`.
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

/// A type that is text, or consists of texts.
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

/// Must be configured. What every attribute is whose type is not an `Option`.
#[must_use]
pub fn required<T: AlwaysRequired>() -> Rule<T> {
    Rule::of(Rules::required())
}

/// Must be configured and names the object: another value is another object.
#[must_use]
pub fn key<T: AlwaysRequired>() -> Rule<T> {
    required().replaces()
}

/// May be left out; then it is null.
#[must_use]
pub fn optional<T: MayBeLeftOut>() -> Rule<T> {
    Rule::of(Rules::optional())
}

/// May be left out; then the provider decides.
#[must_use]
pub fn computed<T: MayBeLeftOut>() -> Rule<T> {
    Rule::of(Rules::computed())
}

/// May be left out; then it is `value`.
#[must_use]
pub fn default<T: MayBeLeftOut>(value: impl Into<T::Given>) -> Rule<T> {
    Rule::of(Rules::with_default(value.into().to_value()))
}

/// May be left out; then it is `value`: for objects and sets, whose values are built from what several attributes share.
#[must_use]
pub fn default_value<T: MayBeLeftOut>(value: Value) -> Rule<T> {
    Rule::of(Rules::with_default(value))
}

/// Only the provider sets it.
#[must_use]
pub fn read_only<T: MayBeLeftOut>() -> Rule<T, ReadOnly> {
    Rule::of(Rules::read_only())
}

/// The rules of an attribute of type `T`, for the macro `attributes!`.
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

    /// Hidden in the CLI's output.
    #[must_use]
    pub fn sensitive(self) -> Self {
        self.with(Rules::sensitive)
    }

    /// Becomes unknown whenever anything about the object changes.
    #[must_use]
    pub fn volatile(self) -> Self {
        self.with(Rules::volatile)
    }

    /// Is about Terraform only and never sent.
    #[must_use]
    pub fn local(self) -> Self {
        self.with(Rules::local)
    }

    /// Goes by another name in JSON.
    #[must_use]
    pub fn named(self, json_name: &'static str) -> Self {
        self.with(|rules| rules.named(json_name))
    }

    /// Must be a GUID; upper and lower case are the same.
    #[must_use]
    pub fn guid(self) -> Self
    where
        T: HoldsText,
    {
        self.with(Rules::guid)
    }
}

impl<T> Rule<T, Configurable> {
    /// A change makes another object.
    #[must_use]
    pub fn replaces(self) -> Self {
        self.with(Rules::replaces)
    }

    /// Left out, it is null, and an object with `value` is as it should be. So an import, which cannot know what the configuration
    /// will say, stores `value`, and both ways to write it plan nothing.
    #[must_use]
    pub fn neutral(self, value: impl Into<Value>) -> Self
    where
        T: MayBeLeftOut,
    {
        self.with(|rules| rules.neutral(value))
    }

    /// Left out, it is left as it is, whatever others make of it.
    #[must_use]
    pub fn left_alone(self) -> Self
    where
        T: MayBeLeftOut,
    {
        self.with(Rules::left_alone)
    }

    /// Left out, an existing object keeps whatever others have set, and the state shows it. A new object has the default.
    #[must_use]
    pub fn observed(self) -> Self
    where
        T: MayBeLeftOut,
    {
        self.with(Rules::observed)
    }

    /// Never stored, neither in a plan nor in the state. Hidden as well.
    #[must_use]
    pub fn write_only(self) -> Self {
        self.with(Rules::write_only)
    }

    /// Should not be used any more, and why.
    #[must_use]
    pub fn deprecated(self, reason: &'static str) -> Self {
        self.with(|rules| rules.deprecated(reason))
    }

    /// Is kept in calls of its own, which the resource makes: it is in no body and no answer about the object.
    #[must_use]
    pub fn apart(self) -> Self {
        self.with(Rules::apart)
    }

    /// Must pass `check`.
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

    /// A text that means the same by `same` is not a change, and keeps the spelling it had.
    #[must_use]
    pub fn same_if(self, same: fn(&str, &str) -> bool) -> Self
    where
        T: HoldsText,
    {
        self.with(|rules| rules.same_if(same))
    }
}
