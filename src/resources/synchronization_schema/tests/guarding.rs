//! Tests of mistakes in a configuration and their positions.

use super::*;
use terraform::has_errors;

/// Returns the first problem of a configuration, as (path, full text).
fn problem(config: &SynchronizationSchema) -> (String, String) {
    let mut found = Diagnostics::new();
    guards::check(&config.to_value(), &mut found);
    let first = found.first().expect("nothing was found");
    let path = first.path.as_ref().unwrap().to_string();
    (path, format!("{}: {}", first.summary, first.detail))
}

#[track_caller]
fn refused(config: &SynchronizationSchema, path: &str, words: &[&str]) {
    let (at, said) = problem(config);
    assert_eq!(at, path, "{said}");
    for words in words {
        assert!(said.contains(words), "{words:?} is missing in {said}");
    }
}

#[test]
fn mappings_are_judged_where_they_stand() {
    let one = |target: &str, it: AttributeMapping| mapping(&[(target, it)]);
    let at = |target: &str, rest: &str| format!("attribute_mappings[{target:?}]{rest}");
    for target in ["alternativeSecurityIds", "alternativeSecurityIdentifier"] {
        refused(
            &one(target, always("x")),
            &at(target, ""),
            &["matching attribute", "schemaInvalid", "no second"],
        );
    }
    refused(
        &one("proxyAddresses", always("x")),
        &at("proxyAddresses", ""),
        &["cannot write proxyAddresses"],
    );
    refused(
        &one("Department", always("x")),
        &at("Department", ""),
        &["case-sensitive", "`department`"],
    );
    refused(
        &one("city", blank_attribute("SamAccountName")),
        &at("city", ".attribute"),
        &["cannot read SamAccountName"],
    );
    refused(
        &one("city", computed_by("ToUpper([userType])")),
        &at("city", ".expression"),
        &["cannot read userType"],
    );
    refused(
        &one("city", computed_by("Jion(\", \", [city])")),
        &at("city", ".expression"),
        &["wrong at column 1", "Join", "^"],
    );
    refused(
        &one("userType", always("member")),
        &at("userType", ".constant"),
        &["\"Member\" or \"Guest\"", "\"member\""],
    );
    refused(
        &one("showInAddressList", always("yes")),
        &at("showInAddressList", ".constant"),
        &["\"True\" or \"False\""],
    );
    refused(&one("city", blank()), &at("city", ""), &["none of them"]);
    refused(
        &one("city", computed_by("Upper([city])")),
        &at("city", ".expression"),
        &["unknown function", "validate_expression = false"],
    );
    let both = AttributeMapping {
        attribute: Some("city".to_owned()),
        ..always("x")
    };
    refused(&one("city", both), &at("city", ""), &["2 of them"]);
    let exclusive = SynchronizationSchema {
        exclusive: Some(true),
        ..schema()
    };
    refused(&exclusive, "exclusive", &["requires `attribute_mappings`"]);
}

#[test]
fn clauses_are_judged_where_they_stand() {
    let clause = |attribute: &str, operator: &str, values: &[&str]| {
        let mut filters = sales();
        filters[0].clauses[0] = Clause {
            attribute: attribute.to_owned(),
            operator: operator.to_owned(),
            values: Some(values.iter().map(|it| (*it).to_owned()).collect()),
        };
        SynchronizationSchema {
            scoping_filters: Some(filters),
            ..schema()
        }
    };
    for (config, member, words) in [
        (
            clause("manager", "EQUALS", &["x"]),
            "attribute",
            "the manager",
        ),
        (
            clause("createdDateTime", "EQUALS", &["x"]),
            "attribute",
            "date and time",
        ),
        (
            clause("otherMails", "EQUALS", &["x"]),
            "attribute",
            "several values",
        ),
        (
            clause("Department", "EQUALS", &["x"]),
            "attribute",
            "Did you mean `department`?",
        ),
        (
            clause("department", "Equals", &["x"]),
            "operator",
            "Did you mean `EQUALS`?",
        ),
        (
            clause("department", "NOT_EQUALS", &["x"]),
            "operator",
            "Did you mean `NOT EQUALS`?",
        ),
        (
            clause("department", "=", &["x"]),
            "operator",
            "Did you mean `EQUALS`?",
        ),
        (
            clause("department", "<>", &["x"]),
            "operator",
            "Did you mean `NOT EQUALS`?",
        ),
        (
            clause("department", "resembles", &["x"]),
            "operator",
            "`REGEX MATCH`",
        ),
        (
            clause("department", "IsMemberOf", &["x"]),
            "operator",
            "Assign the group",
        ),
        (
            clause("department", "EQUALS", &[]),
            "operator",
            "EQUALS needs a value",
        ),
        (
            clause("department", "IS NULL", &["x"]),
            "values",
            "IS NULL takes no values",
        ),
        (
            clause("department", "IS TRUE", &[]),
            "operator",
            "not a Boolean attribute",
        ),
    ] {
        refused(
            &config,
            &format!("scoping_filters[0].clauses[0].{member}"),
            &[words],
        );
    }
    let mut found = Diagnostics::new();
    for right in [
        clause("accountEnabled", "IS TRUE", &[]),
        clause("extensionAttribute3", "NOT REGEX MATCH", &["a|b"]),
    ] {
        guards::check(&right.to_value(), &mut found);
    }
    assert!(!has_errors(&found), "{found:?}");
}

/// Returns the problems of a mapping of `city`, as (is an error, summary).
fn found(mapping: AttributeMapping) -> Vec<(bool, String)> {
    let mut found = Diagnostics::new();
    guards::check(&super::mapping(&[("city", mapping)]).to_value(), &mut found);
    let one = |it: Diagnostic| (has_errors(std::slice::from_ref(&it)), it.summary);
    found.into_iter().map(one).collect()
}

#[test]
fn functions_that_are_not_documented_are_warned_about() {
    for text in ["Trim([displayName])", "ToUpper(Trim([displayName]))"] {
        let expected = (false, "Trim is not documented".to_owned());
        assert_eq!(found(computed_by(text)), [expected], "{text}");
    }
    let expected = (false, "Len is not documented".to_owned());
    assert_eq!(found(computed_by("Len([extensionAttribute9])")), [expected]);
    assert_eq!(
        found(computed_by("Replace([mailNickname], \".\", , , \"\")")),
        []
    );
}

#[test]
fn an_expression_that_is_not_validated_is_warned_about_where_it_is_not_known() {
    let unvalidated = |text: &str| AttributeMapping {
        validate_expression: Some(false),
        ..computed_by(text)
    };
    let expected = (
        false,
        "The expression is not checked during the plan".to_owned(),
    );
    assert_eq!(found(unvalidated("Novel([city], 1)")), [expected]);
    assert_eq!(found(unvalidated("ToUpper([city])")), []);
}

#[test]
fn a_default_needs_no_source() {
    let only_default = AttributeMapping {
        default_value: Some("Contoso".to_owned()),
        ..blank()
    };
    assert_eq!(found(only_default), []);
}
