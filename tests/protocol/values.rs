//! Values of every kind, in both directions.

use crosstenant::proto::tfplugin6 as pb;

use crate::life::{Cli, TYPE};
use crate::wire::{Wire, get, list, number, pack, set, text, thing, unknown, unpack};

/// The planned value of one configured value.
async fn planned(cli: &mut Cli, name: &str, value: &Wire) -> Wire {
    let config = thing([("name", text("a")), (name, value.clone())]);
    let plan = cli.plan(&Wire::Nil, &config, b"").await;
    assert!(
        plan.diagnostics.is_empty(),
        "{value}: {:?}",
        plan.diagnostics
    );
    get(&unpack(plan.planned_state.as_ref()), name).clone()
}

#[tokio::test]
async fn every_encoding_of_a_value_is_decoded() {
    let mut cli = Cli::fixture().await;
    for (written, expected) in [
        (Wire::from(7_u8), number(7)),
        (Wire::from(-7), number(-7)),
        (Wire::from(70_000), number(70_000)),
        (Wire::from(i64::MIN), number(i64::MIN)),
        (Wire::from(u64::MAX), text("18446744073709551615")),
        (Wire::F32(0.5), text("0.5")),
        (Wire::F64(2.0), number(2)),
        (text("7"), number(7)),
        (text("1e3"), number(1000)),
    ] {
        assert_eq!(planned(&mut cli, "number", &written).await, expected);
    }
    // For every extension, regardless of its content.
    let refined = Wire::Ext(12, vec![0x81, 0x01, 0xc2]);
    for written in [unknown(), refined, Wire::Ext(99, Vec::new())] {
        for name in ["number", "note", "tags", "part", "any", "limit"] {
            assert_eq!(planned(&mut cli, name, &written).await, unknown());
        }
    }
}

#[tokio::test]
async fn json_is_understood_where_there_is_no_messagepack() {
    let mut cli = Cli::fixture().await;
    let config = thing([("name", text("a")), ("number", text("0.1"))]);
    let mut request = pb::validate_resource_config::Request {
        type_name: TYPE.to_owned(),
        config: Some(pb::DynamicValue {
            msgpack: Vec::new().into(),
            json: serde_json::json!({ "name": null, "number": 1 })
                .to_string()
                .into(),
        }),
        client_capabilities: None,
    };
    let answer = cli
        .client
        .validate_resource_config(request.clone())
        .await
        .unwrap();
    assert_eq!(
        crate::wire::told(&answer.into_inner().diagnostics),
        ["name: Missing `name`"]
    );
    // MessagePack takes precedence if both are present.
    request.config.as_mut().unwrap().msgpack = pack(&config).unwrap().msgpack;
    let answer = cli.client.validate_resource_config(request).await.unwrap();
    assert!(answer.into_inner().diagnostics.is_empty());
}

#[tokio::test]
async fn a_value_of_the_wrong_type_is_an_error_at_its_path() {
    let mut cli = Cli::fixture().await;
    let mut config = thing([("name", text("a"))]);
    set(
        &mut config,
        "matrix",
        list([list([1.into()]), list([text("one")])]),
    );
    let plan = cli.plan(&Wire::Nil, &config, b"").await;
    assert_eq!(
        crate::wire::told(&plan.diagnostics),
        ["matrix[1][0]: Malformed value"]
    );
    let request = pb::read_resource::Request {
        type_name: TYPE.to_owned(),
        current_state: Some(pb::DynamicValue {
            msgpack: vec![0xdd, 0xff, 0xff, 0xff, 0xff].into(),
            json: Vec::new().into(),
        }),
        ..Default::default()
    };
    let read = cli
        .client
        .read_resource(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(crate::wire::told(&read.diagnostics), [": Malformed value"]);
    assert_eq!(read.new_state, request.current_state, "never null");
}

#[tokio::test]
async fn numbers_keep_every_digit() {
    let mut cli = Cli::fixture().await;
    for digits in [
        "0.1",
        "123456789012345678901234567890",
        "-0.000000000000000000000000000001",
    ] {
        assert_eq!(
            planned(&mut cli, "number", &text(digits)).await,
            text(digits)
        );
    }
    assert_eq!(
        planned(&mut cli, "number", &Wire::F64(0.25)).await,
        text("0.25")
    );
    let matrix = list([list([text("0.1"), number(3)]), list([])]);
    assert_eq!(planned(&mut cli, "matrix", &matrix).await, matrix);
}

#[tokio::test]
async fn strings_are_normalized_to_nfc() {
    let mut cli = Cli::fixture().await;
    let mut config = thing([("name", text("a")), ("note", text("e\u{301}"))]);
    let state = cli.lead(&Wire::Nil, &config).await;
    assert_eq!(get(&state, "note"), &text("\u{e9}"));
    set(&mut config, "note", text("\u{e9}"));
    assert_eq!(
        cli.plan(&state, &config, b"").await.planned_state,
        pack(&state)
    );
}

#[tokio::test]
async fn a_value_of_any_type_keeps_its_type() {
    let mut cli = Cli::fixture().await;
    let typed = |of: &str, value: Wire| list([Wire::Binary(of.into()), value]);
    for value in [
        Wire::Nil,
        unknown(),
        typed("\"string\"", text("x")),
        typed("\"string\"", Wire::Nil),
        typed("\"bool\"", unknown()),
        typed(r#"["list","number"]"#, list([text("0.1"), number(2)])),
        typed(
            r#"["tuple",["string","bool"]]"#,
            list([text("x"), true.into()]),
        ),
        typed(
            r#"["object",{"a":["set","string"],"b":"dynamic"}]"#,
            crate::wire::map([
                ("a", list([text("x")])),
                ("b", typed("\"number\"", number(1))),
            ]),
        ),
    ] {
        assert_eq!(planned(&mut cli, "any", &value).await, value);
        if !crate::values::holds_unknown(&value) {
            let config = thing([("name", text("a")), ("any", value.clone())]);
            let state = cli.lead(&Wire::Nil, &config).await;
            assert_eq!(get(&state, "any"), &value);
            assert_eq!(
                cli.plan(&state, &config, b"").await.planned_state,
                pack(&state)
            );
        }
    }
}

fn holds_unknown(value: &Wire) -> bool {
    match value {
        Wire::Ext(..) => true,
        Wire::Array(elements) => elements.iter().any(holds_unknown),
        Wire::Map(members) => members.iter().any(|(_, member)| holds_unknown(member)),
        _ => false,
    }
}
