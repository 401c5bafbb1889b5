//! Tests with trees of mappings: those in Microsoft's documentation, and other variants.

use serde_json::{Value as Json, json};

use super::{Expression, parse};

fn constant(name: &str) -> Json {
    json!({ "type": "Constant", "name": name, "expression": format!("\"{name}\""), "parameters": [] })
}

fn attribute(name: &str) -> Json {
    json!({ "type": "Attribute", "name": name, "expression": format!("[{name}]"), "parameters": [] })
}

fn function(name: &str, text: &str, parameters: &[(&str, Json)]) -> Json {
    let pairs = parameters.iter();
    let pairs: Vec<Json> = pairs
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect();
    json!({ "type": "Function", "name": name, "expression": text, "parameters": pairs })
}

#[test]
fn trees_are_those_of_the_documented_samples() {
    let replace = "Replace([preferredLanguage], \"-\", , , \"_\", , )";
    let replace_parameters = [
        ("source", attribute("preferredLanguage")),
        ("Find", constant("-")),
        ("Replacement", constant("_")),
    ];
    let mid_parameters = [
        ("source", attribute("userPrincipalName")),
        ("start", constant("1")),
        ("length", constant("8")),
    ];
    let join_parameters = [
        ("separator", constant(", ")),
        ("source", attribute("surname")),
        ("source", attribute("givenName")),
    ];
    let mid = "Mid([userPrincipalName], 1, 8)";
    let join = "Join(\", \", [surname], [givenName])";
    for (text, tree) in [
        ("[department]", attribute("department")),
        ("\"Member\"", constant("Member")),
        (join, function("Join", join, &join_parameters)),
        (mid, function("Mid", mid, &mid_parameters)),
        (replace, function("Replace", replace, &replace_parameters)),
    ] {
        let expression = parse(text).unwrap();
        assert_eq!(expression.to_source(), tree, "{text}");
        assert_eq!(Expression::from_source(&tree), Ok(expression), "{text}");
    }
}

#[test]
fn pairs_of_a_switch_share_one_key() {
    let source = parse("Switch([a], , \"b\", \"c\")").unwrap().to_source();
    let parameters = source["parameters"].as_array().unwrap();
    let keys: Vec<&str> = parameters
        .iter()
        .filter_map(|pair| pair["key"].as_str())
        .collect();
    assert_eq!(keys, ["source", "switchValue", "switchValue"]);
    assert_eq!(
        Expression::from_source(&source).unwrap().to_string(),
        "Switch([a], , \"b\", \"c\")"
    );
}

#[test]
fn a_tree_needs_no_text_and_takes_precedence_over_it() {
    for (tree, text) in [
        (json!({ "name": "mail" }), "[mail]"),
        (
            json!({ "type": "Constant", "name": "a \"b\"" }),
            "\"a \\\"b\\\"\"",
        ),
        (
            function(
                "Mid",
                "Left([a], 1)",
                &[
                    ("SOURCE", attribute("a")),
                    ("from", constant("2")),
                    ("to", constant("3")),
                ],
            ),
            "Mid([a], 2, 3)",
        ),
        (
            function(
                "InStr",
                "",
                &[
                    ("value1", attribute("a")),
                    ("value2", constant("b")),
                    ("compareType", constant("vbTextCompare")),
                ],
            ),
            "InStr([a], \"b\", , vbTextCompare)",
        ),
    ] {
        assert_eq!(Expression::from_source(&tree).unwrap().to_string(), text);
    }
}

#[test]
fn text_that_is_not_an_expression_is_refused() {
    let mut deep = attribute("a");
    for _ in 0..100 {
        deep = function("Not", "", &[("source", deep)]);
    }
    for (tree, cause) in [
        (json!(null), "no name"),
        (
            json!({ "type": "Query", "name": "a" }),
            "no mapping source of type",
        ),
        (function("Frobnicate", "", &[]), "no function"),
        (
            function("Left", "", &[("string", attribute("a"))]),
            "numChars",
        ),
        (function("=", "", &[]), "two values"),
        (
            json!({ "type": "Attribute", "name": "a], [b" }),
            "not an expression",
        ),
        (
            function(
                "Join",
                "",
                &[("separator", constant("")), ("source", attribute("a], [b"))],
            ),
            "no text",
        ),
        (deep, "at most"),
    ] {
        let error = Expression::from_source(&tree).unwrap_err().to_string();
        assert!(error.contains(cause), "{error}");
    }
}

#[test]
fn attributes_are_listed_once() {
    let expression = parse("IIF([b] = [a], Join(\"\", [a], [c]), [b])").unwrap();
    assert_eq!(expression.attributes(), ["b", "a", "c"]);
}
