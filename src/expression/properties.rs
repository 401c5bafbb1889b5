//! Property tests for all expressions and all texts.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::functions::{Function, Kind, Parameter};
use super::operator::Operator;
use super::table::FUNCTIONS;
use super::tree::{Expression, Literal, Node, WORDS};
use super::{Value, evaluate, parse};

fn leaf(node: Node) -> Expression {
    Expression { node, column: 1 }
}

fn text(text: impl Into<String>) -> Expression {
    leaf(Node::Literal(Literal::Text(text.into())))
}

fn anything() -> BoxedStrategy<Expression> {
    let attribute = prop_oneof![
        "[A-Za-z][A-Za-z0-9_:.-]{0,12}",
        Just("emails[type eq \"work\"].value".to_owned()),
        Just("extension_0123456789abcdef_costCenter".to_owned()),
    ];
    let simple = prop_oneof![
        attribute.prop_map(|name| leaf(Node::Attribute(name))),
        any::<String>().prop_map(text),
        "[a-z0-9\"\\\\ ]{0,8}".prop_map(text),
        any::<i64>().prop_map(|number| leaf(Node::Literal(Literal::Integer(number)))),
        any::<bool>().prop_map(|truth| leaf(Node::Literal(Literal::Boolean(truth)))),
    ];
    simple
        .prop_recursive(5, 40, 6, |inner| {
            prop::sample::select(FUNCTIONS)
                .prop_filter("only stands outermost", |function| {
                    function.name != "SelectUniqueValue"
                })
                .prop_flat_map(move |function| call(function, &inner))
        })
        .boxed()
}

fn call(function: Function, inner: &BoxedStrategy<Expression>) -> BoxedStrategy<Expression> {
    let known: &'static Function = super::function(function.name).unwrap();
    let repeats = known.parameters.last().is_some_and(|last| last.repeats);
    let most = known.parameters.len().max(known.fewest) + if repeats { 4 } else { 0 };
    let inner = inner.clone();
    (known.fewest..=most)
        .prop_flat_map(move |count| {
            let count = count - usize::from(known.name == "Switch" && count % 2 == 1);
            (0..count)
                .map(|position| argument(known.parameter(position).unwrap(), &inner))
                .collect::<Vec<_>>()
        })
        .prop_map(move |arguments| {
            leaf(Node::Call {
                function: known,
                arguments: known.trimmed(arguments),
            })
        })
        .boxed()
}

fn argument(
    parameter: &Parameter,
    inner: &BoxedStrategy<Expression>,
) -> BoxedStrategy<Option<Expression>> {
    let given = match parameter.kind {
        Kind::Value => inner.clone(),
        Kind::Integer => any::<i64>()
            .prop_map(|number| leaf(Node::Literal(Literal::Integer(number))))
            .boxed(),
        Kind::Interval => Just(text("ww")).boxed(),
        Kind::Comparison => prop::sample::select(&WORDS[..])
            .prop_map(|word| leaf(Node::Literal(Literal::Word(word))))
            .boxed(),
        Kind::Condition => {
            let operator = prop::sample::select(&Operator::ALL[..]);
            let comparison = (operator, inner.clone(), inner.clone());
            let comparison = comparison.prop_map(|(operator, left, right)| {
                leaf(Node::Comparison {
                    operator,
                    left: Box::new(left),
                    right: Box::new(right),
                })
            });
            prop_oneof![inner.clone(), comparison].boxed()
        }
    };
    if parameter.required {
        given.prop_map(Some).boxed()
    } else {
        prop::option::of(given).boxed()
    }
}

/// Texts that are almost expressions.
fn fragments() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(FUNCTIONS).prop_map(|function| function.name.to_owned()),
        prop::sample::select(
            &[
                "(",
                ")",
                ",",
                "[",
                "]",
                "\"",
                "\\",
                "[a]",
                "\"b\"",
                "1",
                "-",
                "&H",
                "=",
                "<>",
                " ",
                "\n",
                "é",
                "True",
                "vbTextCompare",
                "'",
            ][..]
        )
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// Removes all texts from a tree: clients may send trees without them.
fn without_texts(mut source: serde_json::Value) -> serde_json::Value {
    source.as_object_mut().unwrap().remove("expression");
    for parameter in source["parameters"].as_array_mut().unwrap() {
        parameter["value"] = without_texts(parameter["value"].take());
    }
    source
}

fn user() -> BTreeMap<String, Value> {
    BTreeMap::from([
        ("a".to_owned(), Value::Text("Zoë".to_owned())),
        (
            "b".to_owned(),
            Value::List(vec!["x".to_owned(), String::new()]),
        ),
        ("c".to_owned(), Value::Integer(i64::MIN)),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_canonical_text_parses_to_the_same_expression(expression in anything()) {
        let text = expression.to_string();
        prop_assume!(text.chars().count() <= super::LENGTH);
        let parsed = parse(&text).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        prop_assert_eq!(&parsed, &expression);
        prop_assert_eq!(parsed.to_string(), text);
    }

    #[test]
    fn the_tree_of_graph_is_the_same_expression(expression in anything()) {
        prop_assume!(expression.to_string().chars().count() <= super::LENGTH);
        let source = expression.to_source();
        let back = Expression::from_source(&source);
        prop_assert_eq!(back.as_ref(), Ok(&expression));
        let back = Expression::from_source(&without_texts(source));
        let back = back.map_err(|error| TestCaseError::fail(format!("{expression}: {error}")))?;
        prop_assert_eq!(without_texts(back.to_source()), without_texts(expression.to_source()));
    }

    #[test]
    fn evaluation_never_panics(expression in anything()) {
        let _ = evaluate(&expression, &user());
    }

    #[test]
    fn near_expressions_never_panic(text in fragments()) {
        survives(&text)?;
    }

    #[test]
    fn texts_never_panic(text in any::<String>()) {
        survives(&text)?;
    }

    #[test]
    fn formats_of_dates_never_panic(date in ".{0,30}", input in "[a-zA-Z0-9:/.'%\\\\ ]{0,20}", output in ".{0,20}") {
        let call = json!({ "type": "Function", "name": "FormatDateTime", "parameters": [
            { "key": "source", "value": { "type": "Constant", "name": date } },
            { "key": "inputFormat", "value": { "type": "Constant", "name": input } },
            { "key": "outputFormat", "value": { "type": "Constant", "name": output } },
        ]});
        let _ = evaluate(&Expression::from_source(&call).unwrap(), &user());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn long_random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..12_000)) {
        survives(&String::from_utf8_lossy(&bytes))?;
        let ascii: String = bytes.iter().map(|byte| char::from(byte & 127)).collect();
        survives(&ascii)?;
    }
}

/// Parses a text, and checks that an error points into it.
fn survives(text: &str) -> Result<(), TestCaseError> {
    match parse(text) {
        Ok(expression) => {
            let again = parse(&expression.to_string());
            prop_assert_eq!(again.as_ref(), Ok(&expression));
            let _ = evaluate(&expression, &user());
        }
        Err(error) => {
            prop_assert!(error.column >= 1 && error.column <= text.chars().count() + 1);
            prop_assert!(error.caret(text).contains('^'));
        }
    }
    Ok(())
}
