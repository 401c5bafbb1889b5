//! Plans fulfill the rules that the CLI checks, for every schema, configuration and existing object.
//!
//! Schema, configuration, prior object and the service's response are random. The checks of the CLI are implemented here a second time,
//! from its documented rules, not from the code under test.

pub mod host;
pub mod random;

use crosstenant::terraform::{Attribute, Path, Planned, Step, Value, plan, settle};
use proptest::prelude::*;

use host::{agree, conform_object, valid};
use random::{answer, case, known, resolved, shown, without_spelling};

/// The state after `config` was applied as a new object.
fn created(attributes: &[Attribute], config: &Value, noise: &Value) -> Value {
    let planned = plan(attributes, &Value::Null, config).value;
    settle(&planned, &answer(attributes, &planned, noise))
}

/// Whether every planned set is stored with as many elements, so that the service made no two of them equal.
fn as_many(planned: &Value, stored: &Value) -> bool {
    match (planned, stored) {
        (Value::Set(one), Value::Set(other)) => {
            // In nested sets, the correspondence of elements is unknown.
            one.len() == other.len() && !one.iter().any(holds_set)
        }
        (Value::List(one), Value::List(other)) => one
            .iter()
            .zip(other)
            .all(|(one, other)| as_many(one, other)),
        (Value::Map(one) | Value::Object(one), other) => one
            .iter()
            .all(|(name, one)| as_many(one, other.member(name))),
        (Value::Set(_), _) => false,
        _ => true,
    }
}

fn holds_set(value: &Value) -> bool {
    match value {
        Value::Set(_) => true,
        Value::List(inner) => inner.iter().any(holds_set),
        Value::Map(inner) | Value::Object(inner) => inner.values().any(holds_set),
        _ => false,
    }
}

/// The value at the path; `None` if the path does not exist.
fn at<'a>(value: &'a Value, path: &Path) -> Option<&'a Value> {
    path.0
        .iter()
        .try_fold(value, |value, step| match (step, value) {
            (Step::Attribute(name), Value::Object(members)) => members.get(name),
            (Step::Key(key), Value::Map(members)) => members.get(key),
            (Step::Index(index), Value::List(elements)) => elements.get(*index),
            _ => None,
        })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        // A failure becomes a named test.
        failure_persistence: None,
        max_shrink_iters: 20_000,
        max_global_rejects: 100_000,
        ..ProptestConfig::default()
    })]

    /// Creation and update, for every prior object.
    #[test]
    fn a_plan_is_always_valid(case in case()) {
        for prior in [&Value::Null, &case.state] {
            let planned = plan(&case.attributes, prior, &case.config);
            prop_assert_eq!(conform_object(&case.attributes, &planned.value), Ok(()));
            prop_assert_eq!(valid(&case.attributes, prior, &case.config, &planned.value), Ok(()));
        }
    }

    /// Also after drift: the prior object is the created object with some changes by others.
    #[test]
    fn an_update_of_a_real_object_is_valid(case in case()) {
        let before = created(&case.attributes, &known(&case.attributes, &case.config), &case.state);
        let planned = plan(&case.attributes, &before, &case.other);
        prop_assert_eq!(conform_object(&case.attributes, &planned.value), Ok(()));
        prop_assert_eq!(valid(&case.attributes, &before, &case.other, &planned.value), Ok(()));
    }

    /// The stored object is known, conforms to the schema, and agrees with the plan.
    #[test]
    fn an_applied_object_agrees_with_its_plan(case in case()) {
        for prior in [&Value::Null, &case.state] {
            let config = known(&case.attributes, &case.config);
            let planned = plan(&case.attributes, prior, &config).value;
            let stored = settle(&planned, &answer(&case.attributes, &planned, &case.state));
            prop_assert!(stored.is_wholly_known());
            prop_assert_eq!(conform_object(&case.attributes, &stored), Ok(()));
            prop_assert_eq!(agree(&planned, &stored), Ok(()));
        }
    }

    /// The same configuration again plans nothing.
    #[test]
    fn an_unchanged_configuration_is_a_no_op(case in case()) {
        let config = known(&case.attributes, &case.config);
        let first = plan(&case.attributes, &Value::Null, &config).value;
        let before = created(&case.attributes, &config, &case.state);
        // Elements of a set that a default or the service made equal become one: the configuration then has one too many.
        prop_assume!(as_many(&config, &first) && as_many(&first, &before));
        let planned = plan(&case.attributes, &before, &config);
        prop_assert!(planned.value == before, "{} became {}", shown(&before), shown(&planned.value));
        prop_assert_eq!(planned.requires_replace, []);
    }

    /// During apply, the CLI plans again, with everything known: no known value of the first plan may change.
    #[test]
    fn the_plan_during_apply_agrees_with_the_first(case in case()) {
        // An unknown element of a set cannot be found again, so its stored spelling cannot be kept yet.
        let attributes = without_spelling(&case.attributes, false);
        let final_config = resolved(&attributes, &case.config, &case.resolution);
        for prior in [&Value::Null, &case.state] {
            let first = plan(&attributes, prior, &case.config).value;
            let second = plan(&attributes, prior, &final_config).value;
            prop_assert_eq!(agree(&first, &second), Ok(()));
        }
    }

    /// An attribute that forces replacement exists, has changed, and is declared so; the plan after it is the plan of a new object.
    #[test]
    fn replaced_attributes_exist_and_changed(case in case()) {
        let planned = plan(&case.attributes, &case.state, &case.config);
        for path in &planned.requires_replace {
            let (before, after) = (at(&case.state, path), at(&planned.value, path));
            prop_assert!(before.is_some() || after.is_some(), "{path} leads nowhere");
            prop_assert_ne!(before, after, "{} has not changed", path);
        }
        let create = plan(&case.attributes, &Value::Null, &case.config);
        prop_assert_eq!(create.requires_replace, []);
        let destroy = plan(&case.attributes, &case.state, &Value::Null);
        prop_assert_eq!(destroy, Planned::default());
    }
}
