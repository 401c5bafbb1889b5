//! Functions as the CLI calls them: on a provider that was never configured.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crosstenant::proto::tfplugin6 as pb;
use crosstenant::terraform::{Function, FunctionError, Parameter, Signature, Type, Value};

use crate::life::Cli;
use crate::wire::{Wire, get, list, map, pack, text, unknown, unpack};

/// The function of the fixture, which returns its arguments as text.
pub struct Tell;

static SIGNATURE: LazyLock<Signature> = LazyLock::new(|| {
    let parameter = |name, is_lenient| Parameter {
        name,
        description: "Described in *Markdown*.",
        of: Type::String,
        allows_null: is_lenient,
        allows_unknown: is_lenient,
    };
    Signature {
        summary: "Tells what it was given",
        description: "For *tests*.".to_owned(),
        parameters: vec![parameter("first", false)],
        variadic: Some(parameter("more", true)),
        returns: Type::String,
    }
});

impl Function for Tell {
    fn name(&self) -> &'static str {
        "tell"
    }

    fn signature(&self) -> &Signature {
        &SIGNATURE
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let mut told = Vec::new();
        for (position, argument) in arguments.iter().enumerate() {
            match argument.as_str() {
                Some("panic") => panic!("as asked"),
                Some("bad") => return Err(FunctionError::of(position, "As asked.")),
                Some("worse") => return Err(FunctionError::general("As asked.")),
                Some(text) => told.push(text),
                None => told.push(if argument.is_null() {
                    "null"
                } else {
                    "unknown"
                }),
            }
        }
        Ok(told.join(", ").into())
    }
}

async fn call(cli: &mut Cli, name: &str, arguments: &[Wire]) -> pb::call_function::Response {
    let request = pb::call_function::Request {
        name: name.to_owned(),
        arguments: arguments.iter().filter_map(pack).collect(),
    };
    cli.client
        .call_function(request)
        .await
        .unwrap()
        .into_inner()
}

async fn value(cli: &mut Cli, name: &str, arguments: &[Wire]) -> Wire {
    let answer = call(cli, name, arguments).await;
    assert_eq!(answer.error, None);
    assert!(answer.result.is_some());
    unpack(answer.result.as_ref())
}

/// The text of the error, and the argument that it refers to.
async fn refused(cli: &mut Cli, name: &str, arguments: &[Wire]) -> (String, Option<i64>) {
    let answer = call(cli, name, arguments).await;
    assert_eq!(answer.result, None);
    let error = answer.error.unwrap();
    (error.text, error.function_argument)
}

#[tokio::test]
async fn every_function_is_described_in_both_places() {
    for mut cli in [Cli::fixture().await, Cli::provider().await] {
        let asked = pb::get_functions::Request {};
        let functions = cli.client.get_functions(asked).await.unwrap().into_inner();
        let asked = pb::get_provider_schema::Request {};
        let schema = cli.client.get_provider_schema(asked).await.unwrap();
        assert_eq!(functions.functions, schema.into_inner().functions);
        let asked = pb::get_metadata::Request {};
        let metadata = cli.client.get_metadata(asked).await.unwrap().into_inner();
        let names: BTreeSet<_> = metadata.functions.iter().map(|it| &it.name).collect();
        assert_eq!(names, functions.functions.keys().collect());
        assert!(!names.is_empty());
        for (name, function) in &functions.functions {
            let parameters = function
                .parameters
                .iter()
                .chain(&function.variadic_parameter);
            let mut seen = BTreeSet::new();
            for parameter in parameters {
                assert!(seen.insert(&parameter.name), "{name}.{}", parameter.name);
                assert!(
                    parameter.description.len() > 10,
                    "{name}.{}",
                    parameter.name
                );
                serde_json::from_slice::<serde_json::Value>(&parameter.r#type).unwrap();
            }
            let returns = &function.r#return.as_ref().unwrap().r#type;
            serde_json::from_slice::<serde_json::Value>(returns).unwrap();
            assert!(!function.summary.is_empty() && !function.description.is_empty());
        }
    }
}

#[tokio::test]
async fn arguments_are_null_or_unknown_only_where_they_may_be() {
    let mut cli = Cli::fixture().await;
    assert_eq!(value(&mut cli, "tell", &[text("a")]).await, text("a"));
    let all = [text("a"), Wire::Nil, unknown(), text("b")];
    assert_eq!(
        value(&mut cli, "tell", &all).await,
        text("a, null, unknown, b")
    );
    let null = refused(&mut cli, "tell", &[Wire::Nil, text("b")]).await;
    assert_eq!(null, ("`first` must not be null.".to_owned(), Some(0)));
    let not_known = value(&mut cli, "tell", &[unknown(), text("b")]).await;
    assert!(matches!(not_known, Wire::Ext(..)), "{not_known}");
    // An unknown value deep inside a value of dynamic type counts as well.
    let mut cli = Cli::provider().await;
    let pair = list([
        Wire::Binary(br#"["object",{"a":"string"}]"#.to_vec()),
        map([("a", unknown())]),
    ]);
    let not_known = value(&mut cli, "evaluate_expression", &[text("[a]"), pair]).await;
    assert!(matches!(not_known, Wire::Ext(..)), "{not_known}");
}

#[tokio::test]
async fn an_error_names_the_argument_to_blame() {
    let mut cli = Cli::fixture().await;
    let arguments = [text("a"), text("b"), text("bad")];
    let bad = refused(&mut cli, "tell", &arguments).await;
    assert_eq!(bad, ("As asked.".to_owned(), Some(2)));
    let worse = refused(&mut cli, "tell", &[text("worse")]).await;
    assert_eq!(worse, ("As asked.".to_owned(), None));
    let malformed = refused(&mut cli, "tell", &[text("a"), 7.into()]).await;
    assert_eq!(malformed.1, Some(1));
    let (few, argument) = refused(&mut cli, "tell", &[]).await;
    assert!(few.contains("was given 0"), "{few}");
    assert_eq!(argument, None);
    let (panic, _) = refused(&mut cli, "tell", &[text("panic")]).await;
    assert!(panic.contains("as asked"), "{panic}");
    let (missing, _) = refused(&mut cli, "no_such_function", &[]).await;
    assert!(missing.contains("`no_such_function`"), "{missing}");
    let mut cli = Cli::provider().await;
    let many = [text("[a]"), text("b")];
    assert_eq!(
        refused(&mut cli, "validate_expression", &many).await.1,
        Some(1)
    );
}

#[tokio::test]
async fn the_same_call_has_the_same_answer() {
    let mut cli = Cli::provider().await;
    let arguments = [text("Join(\" \", [a], [b])")];
    let first = value(&mut cli, "validate_expression", &arguments).await;
    assert_eq!(get(&first, "valid"), &true.into());
    assert_eq!(get(&first, "attributes"), &list([text("a"), text("b")]));
    assert_eq!(
        first,
        value(&mut cli, "validate_expression", &arguments).await
    );
    let pair = list([
        Wire::Binary(br#"["map","string"]"#.to_vec()),
        map([("a", text("x")), ("b", text("y"))]),
    ]);
    let arguments = [arguments[0].clone(), pair];
    let expected = list([Wire::Binary(br#""string""#.to_vec()), text("x y")]);
    for _ in 0..2 {
        assert_eq!(
            value(&mut cli, "evaluate_expression", &arguments).await,
            expected
        );
    }
}
