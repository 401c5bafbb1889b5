//! The requirements for plans, by example. `tests/lifecycle/plan` tests them with random schemas and configurations.

use crosstenant::proto::tfplugin6 as pb;

use crate::life::Cli;
use crate::wire::{Wire, get, list, map, pack, part, set, text, thing, unknown, unpack};

/// The names of the top-level attributes that force replacement.
fn replaced(plan: &pb::plan_resource_change::Response) -> Vec<String> {
    use pb::attribute_path::step::Selector;
    let name = |path: &pb::AttributePath| match path.steps[0].selector.as_ref().unwrap() {
        Selector::AttributeName(name) => name.clone(),
        other => panic!("{other:?}"),
    };
    plan.requires_replace.iter().map(name).collect()
}

#[tokio::test]
async fn a_new_object_has_defaults_unknowns_and_no_secrets() {
    let mut cli = Cli::fixture().await;
    let left_out = || part(text("a"), Wire::Nil, Wire::Nil, Wire::Nil);
    let config = thing([
        ("name", text("a")),
        ("hidden", text("never stored")),
        ("part", left_out()),
        ("steps", list([left_out()])),
        ("named", map([("k", left_out())])),
        ("members", list([left_out()])),
    ]);
    let plan = cli.plan(&Wire::Nil, &config, b"").await;
    assert!(plan.diagnostics.is_empty());
    assert!(plan.requires_replace.is_empty());
    let decided = || part(text("a"), true.into(), unknown(), unknown());
    let expected = thing([
        ("name", text("a")),
        ("id", unknown()),
        ("seen", unknown()),
        ("limit", crate::wire::number(500)),
        ("part", decided()),
        ("steps", list([decided()])),
        ("named", map([("k", decided())])),
        ("members", list([decided()])),
    ]);
    assert_eq!(unpack(plan.planned_state.as_ref()), expected);
}

#[tokio::test]
async fn an_unchanged_configuration_plans_the_same_bytes() {
    let mut cli = Cli::fixture().await;
    let inner = || part(text("b"), Wire::Nil, Wire::Nil, text("l"));
    let config = thing([
        ("name", text("a")),
        ("number", text("0.1")),
        ("tags", list([text("x"), text("y")])),
        ("steps", list([inner(), inner()])),
        ("named", map([("k", inner())])),
        ("members", list([inner()])),
    ]);
    let state = cli.lead(&Wire::Nil, &config).await;
    let plan = cli.plan(&state, &config, b"").await;
    assert_eq!(plan.planned_state, pack(&state));
}

#[tokio::test]
async fn a_change_makes_only_the_volatile_unknown() {
    let mut cli = Cli::fixture().await;
    let mut config = thing([("name", text("a"))]);
    let state = cli.lead(&Wire::Nil, &config).await;
    set(&mut config, "note", text("changed"));
    let planned = cli.plan(&state, &config, b"").await.planned_state;
    let mut expected = state.clone();
    set(&mut expected, "note", text("changed"));
    set(&mut expected, "seen", unknown());
    assert_eq!(planned, pack(&expected));
}

#[tokio::test]
async fn a_removed_argument_returns_to_its_default_or_to_null() {
    let mut cli = Cli::fixture().await;
    let config = thing([
        ("name", text("a")),
        ("limit", crate::wire::number(7)),
        ("note", text("n")),
        ("tags", list([text("x")])),
    ]);
    let state = cli.lead(&Wire::Nil, &config).await;
    let planned = cli
        .plan(&state, &thing([("name", text("a"))]), b"")
        .await
        .planned_state;
    let planned = unpack(planned.as_ref());
    assert_eq!(get(&planned, "limit"), &crate::wire::number(500));
    assert_eq!(get(&planned, "note"), &Wire::Nil);
    assert_eq!(get(&planned, "tags"), &Wire::Nil);
}

#[tokio::test]
async fn only_what_changed_is_replaced() {
    let mut cli = Cli::fixture().await;
    let mut config = thing([
        ("name", text("a")),
        ("guid", text("aaaaaaaa-0000-0000-0000-000000000000")),
    ]);
    let state = cli.lead(&Wire::Nil, &config).await;
    set(&mut config, "note", text("n"));
    assert_eq!(replaced(&cli.plan(&state, &config, b"").await), [""; 0]);
    set(
        &mut config,
        "guid",
        text("AAAAAAAA-0000-0000-0000-000000000000"),
    );
    assert_eq!(replaced(&cli.plan(&state, &config, b"").await), [""; 0]);
    set(&mut config, "guid", Wire::Nil);
    assert_eq!(replaced(&cli.plan(&state, &config, b"").await), ["guid"]);
    set(&mut config, "name", unknown());
    assert_eq!(
        replaced(&cli.plan(&state, &config, b"").await),
        ["name", "guid"]
    );
}

#[tokio::test]
async fn the_second_plan_of_a_replacement_is_that_of_a_new_object() {
    let mut cli = Cli::fixture().await;
    let state = cli.lead(&Wire::Nil, &thing([("name", text("a"))])).await;
    let config = thing([("name", text("b"))]);
    let first = cli.plan(&state, &config, b"p").await;
    assert_eq!(replaced(&first), ["name"]);
    let second = cli.plan(&Wire::Nil, &config, &first.planned_private).await;
    let planned = unpack(second.planned_state.as_ref());
    assert_eq!(get(&planned, "id"), &unknown());
    assert_eq!(get(&planned, "limit"), &crate::wire::number(500));
    assert_eq!(second.planned_private, "p");
}

#[tokio::test]
async fn a_destroy_plans_null_and_keeps_private_data() {
    let mut cli = Cli::fixture().await;
    let state = cli.lead(&Wire::Nil, &thing([("name", text("a"))])).await;
    let plan = cli.plan(&state, &Wire::Nil, b"p").await;
    assert!(plan.diagnostics.is_empty());
    assert_eq!(unpack(plan.planned_state.as_ref()), Wire::Nil);
    assert_eq!(plan.planned_private, "p");
}
