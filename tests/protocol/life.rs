//! The lifecycle of an object as the CLI runs it: plan, apply, read, and again.

use std::time::Duration;

use crosstenant::proto::tfplugin6 as pb;
use crosstenant::proto::tfplugin6::provider_client::ProviderClient;
use crosstenant::terraform::{Attribute, Kind};
use tonic::transport::Channel;

use crate::fixture;
use crate::host::{Launch, PATIENCE, Plugin};
use crate::wire::{Wire, errors, get, list, map, pack, part, set, text, thing, told, unpack};

pub const TYPE: &str = "fixture_thing";

/// A CLI, with a plugin that it started or attached to.
pub struct Cli<P = Plugin> {
    pub plugin: P,
    pub client: ProviderClient<Channel>,
}

impl Cli {
    pub async fn fixture() -> Self {
        Self::of(Launch::fixture().env("TF_LOG_PROVIDER", "DEBUG")).await
    }

    pub async fn provider() -> Self {
        Self::of(Launch::provider()).await
    }

    pub async fn of(launch: Launch) -> Self {
        let plugin = launch.start().await;
        let client = plugin.client().await;
        Self { plugin, client }
    }

    /// Waits until the fixture reports that it works on the slow change.
    pub async fn wait_until_slow(&self) {
        let slow = async {
            while !self.plugin.errors().contains("This will take long") {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, slow).await.unwrap();
    }
}

impl Cli<()> {
    pub fn attached(client: ProviderClient<Channel>) -> Self {
        Self { plugin: (), client }
    }
}

/// The CLI's proposed state: configured values, prior values of omitted computed attributes, null otherwise.
fn proposed(attributes: &[Attribute], prior: &Wire, config: &Wire) -> Wire {
    if prior.is_nil() || !config.is_map() {
        return config.clone();
    }
    map(attributes.iter().map(|attribute| {
        let (before, wanted) = (get(prior, attribute.name), get(config, attribute.name));
        let value = match (&attribute.kind, wanted) {
            (_, Wire::Nil) if attribute.rules.computed => before.clone(),
            (Kind::Object(nested), Wire::Map(_)) => proposed(nested, before, wanted),
            (Kind::List(of), Wire::Array(elements)) => match of.as_ref() {
                Kind::Object(nested) => {
                    list(elements.iter().enumerate().map(|(index, element)| {
                        let before = before.as_array().and_then(|before| before.get(index));
                        proposed(nested, before.unwrap_or(&Wire::Nil), element)
                    }))
                }
                _ => wanted.clone(),
            },
            (Kind::Map(of), Wire::Map(elements)) => match of.as_ref() {
                Kind::Object(nested) => map(elements.iter().map(|(key, element)| {
                    let key = key.as_str().unwrap();
                    let before = before.as_map().into_iter().flatten();
                    let before = before
                        .into_iter()
                        .find(|(earlier, _)| earlier.as_str() == Some(key));
                    let before = before.map_or(&Wire::Nil, |(_, before)| before);
                    (key, proposed(nested, before, element))
                })),
                _ => wanted.clone(),
            },
            (Kind::Set(of), Wire::Array(elements)) => match of.as_ref() {
                Kind::Object(nested) => list(elements.iter().map(|element| {
                    let before = before.as_array().into_iter().flatten();
                    let same = before
                        .into_iter()
                        .find(|before| stands_for(nested, element, before));
                    proposed(nested, same.unwrap_or(&Wire::Nil), element)
                })),
                _ => wanted.clone(),
            },
            _ => wanted.clone(),
        };
        (attribute.name, value)
    }))
}

/// Whether an element of a set is configured as `element`: the rest is computed.
fn stands_for(nested: &[Attribute], element: &Wire, before: &Wire) -> bool {
    nested.iter().all(|attribute| {
        let wanted = get(element, attribute.name);
        (attribute.rules.computed && wanted.is_nil()) || wanted == get(before, attribute.name)
    })
}

/// A request to change `prior` to `planned`.
pub fn apply_request(
    prior: &Wire,
    planned: &Wire,
    config: &Wire,
    private: &[u8],
) -> pb::apply_resource_change::Request {
    pb::apply_resource_change::Request {
        type_name: TYPE.to_owned(),
        prior_state: pack(prior),
        planned_state: pack(planned),
        config: pack(config),
        planned_private: private.to_vec().into(),
        ..Default::default()
    }
}

impl<P> Cli<P> {
    pub async fn plan(
        &mut self,
        prior: &Wire,
        config: &Wire,
        private: &[u8],
    ) -> pb::plan_resource_change::Response {
        let request = pb::plan_resource_change::Request {
            type_name: TYPE.to_owned(),
            prior_state: pack(prior),
            proposed_new_state: pack(&proposed(&fixture::attributes(), prior, config)),
            config: pack(config),
            prior_private: private.to_vec().into(),
            ..Default::default()
        };
        self.client
            .plan_resource_change(request)
            .await
            .unwrap()
            .into_inner()
    }

    pub async fn apply(
        &mut self,
        prior: &Wire,
        planned: &Wire,
        config: &Wire,
        private: &[u8],
    ) -> pb::apply_resource_change::Response {
        let request = apply_request(prior, planned, config, private);
        self.client
            .apply_resource_change(request)
            .await
            .unwrap()
            .into_inner()
    }

    pub async fn read(&mut self, current: &Wire, private: &[u8]) -> pb::read_resource::Response {
        let request = pb::read_resource::Request {
            type_name: TYPE.to_owned(),
            current_state: pack(current),
            private: private.to_vec().into(),
            ..Default::default()
        };
        self.client
            .read_resource(request)
            .await
            .unwrap()
            .into_inner()
    }

    /// Plans and applies `config` without errors, and returns the state.
    pub async fn lead(&mut self, prior: &Wire, config: &Wire) -> Wire {
        let plan = self.plan(prior, config, b"").await;
        assert!(plan.diagnostics.is_empty(), "{:?}", told(&plan.diagnostics));
        let planned = unpack(plan.planned_state.as_ref());
        let applied = self
            .apply(prior, &planned, config, &plan.planned_private)
            .await;
        assert!(
            applied.diagnostics.is_empty(),
            "{:?}",
            told(&applied.diagnostics)
        );
        unpack(applied.new_state.as_ref())
    }

    /// Configures the provider with `greeting`, and reads the greeting with the data source.
    pub async fn greeting(&mut self, greeting: &str) -> Wire {
        let config = map([("greeting", text(greeting)), ("token", Wire::Nil)]);
        let request = pb::configure_provider::Request {
            terraform_version: "1.14.0".to_owned(),
            config: pack(&config),
            client_capabilities: None,
        };
        self.client.configure_provider(request).await.unwrap();
        let read = self.look_up("x").await;
        get(&unpack(read.state.as_ref()), "greeting").clone()
    }

    pub async fn look_up(&mut self, name: &str) -> pb::read_data_source::Response {
        let request = pb::read_data_source::Request {
            type_name: "fixture_lookup".to_owned(),
            config: pack(&map([("name", text(name)), ("greeting", Wire::Nil)])),
            ..Default::default()
        };
        self.client
            .read_data_source(request)
            .await
            .unwrap()
            .into_inner()
    }
}

#[tokio::test]
async fn twenty_calls_at_once() {
    let cli = Cli::fixture().await;
    let calls = (0..20).map(|number| {
        let mut cli = Cli::attached(cli.client.clone());
        async move {
            let config = thing([("name", text(&number.to_string()))]);
            let state = cli.lead(&Wire::Nil, &config).await;
            let read = cli.read(&state, b"").await;
            assert_eq!(read.new_state, pack(&state));
            get(&state, "name").clone()
        }
    });
    let names = futures::future::join_all(calls).await;
    assert_eq!(
        names,
        (0..20)
            .map(|number| text(&number.to_string()))
            .collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn fifty_mebibytes_pass_both_ways() {
    let mut cli = Cli::fixture().await;
    let large = text(&"x".repeat(50 * 1024 * 1024));
    let state = thing([("name", text("a")), ("secret", large.clone())]);
    let read = cli.read(&state, b"").await;
    assert!(read.diagnostics.is_empty());
    assert!(*get(&unpack(read.new_state.as_ref()), "secret") == large);
}

#[tokio::test]
async fn a_creation_that_fails_half_way_is_stored() {
    let mut cli = Cli::fixture().await;
    let config = thing([("name", text("a")), ("note", text("half"))]);
    let plan = cli.plan(&Wire::Nil, &config, b"").await;
    let planned = unpack(plan.planned_state.as_ref());
    let applied = cli.apply(&Wire::Nil, &planned, &config, b"").await;
    assert_eq!(told(&applied.diagnostics), [": Only half was done"]);
    let state = unpack(applied.new_state.as_ref());
    assert_eq!(get(&state, "id"), &text("made"));
    // The object is tainted now: the CLI plans it as new, with its private data.
    let again = cli.plan(&Wire::Nil, &config, &applied.private).await;
    assert_eq!(again.planned_state, plan.planned_state);
    assert_eq!(again.planned_private, applied.private);
}

#[tokio::test]
async fn an_update_that_fails_half_way_keeps_the_actual_values() {
    let mut cli = Cli::fixture().await;
    let before = cli.lead(&Wire::Nil, &thing([("name", text("a"))])).await;
    let config = thing([
        ("name", text("a")),
        ("note", text("half")),
        ("limit", crate::wire::number(7)),
    ]);
    let plan = cli.plan(&before, &config, b"").await;
    let planned = unpack(plan.planned_state.as_ref());
    let applied = cli.apply(&before, &planned, &config, b"").await;
    assert_eq!(told(&applied.diagnostics), [": Only half was done"]);
    let state = unpack(applied.new_state.as_ref());
    assert_eq!(
        (get(&state, "note"), get(&state, "limit")),
        (&Wire::Nil, &crate::wire::number(7))
    );
}

#[tokio::test]
async fn a_deletion_that_fails_keeps_the_object() {
    let mut cli = Cli::fixture().await;
    let config = thing([("name", text("a")), ("note", text("undeletable"))]);
    let state = cli.lead(&Wire::Nil, &config).await;
    let kept = cli.apply(&state, &Wire::Nil, &Wire::Nil, b"p").await;
    assert_eq!(told(&kept.diagnostics), [": Not deleted"]);
    assert_eq!((kept.new_state, kept.private), (pack(&state), "p".into()));
    let state = cli.lead(&Wire::Nil, &thing([("name", text("b"))])).await;
    let gone = cli.apply(&state, &Wire::Nil, &Wire::Nil, b"p").await;
    assert!(gone.diagnostics.is_empty());
    assert_eq!(unpack(gone.new_state.as_ref()), Wire::Nil);
}

#[tokio::test]
async fn deleted_objects_are_null_and_unreadable_objects_are_kept() {
    let mut cli = Cli::fixture().await;
    let gone = cli
        .read(&thing([("name", text("a")), ("note", text("gone"))]), b"")
        .await;
    assert!(gone.diagnostics.is_empty());
    assert_eq!(unpack(gone.new_state.as_ref()), Wire::Nil);
    let current = thing([("name", text("a")), ("note", text("forbidden"))]);
    let kept = cli.read(&current, b"").await;
    assert_eq!(errors(&kept.diagnostics).len(), 1);
    assert_eq!(kept.new_state, pack(&current));
}

#[tokio::test]
async fn a_read_keeps_equivalent_values() {
    let mut cli = Cli::fixture().await;
    let config = thing([
        ("name", text("a")),
        ("guid", text("aaaaaaaa-0000-0000-0000-000000000000")),
        ("secret", text("only the configuration knows")),
    ]);
    let state = cli.lead(&Wire::Nil, &config).await;
    let read = cli.read(&state, b"").await;
    assert_eq!(
        read.new_state,
        pack(&state),
        "though the service writes it in upper case"
    );
}

#[tokio::test]
async fn private_data_is_kept_by_every_call() {
    let mut cli = Cli::fixture().await;
    let config = thing([("name", text("a"))]);
    let state = cli.lead(&Wire::Nil, &config).await;
    let read = cli.read(&state, b"p").await;
    assert_eq!(read.private, "pr");
    let plan = cli.plan(&state, &config, &read.private).await;
    assert_eq!(plan.planned_private, "pr");
    let applied = cli
        .apply(&state, &state, &config, &plan.planned_private)
        .await;
    assert_eq!(applied.private, "pra");
    assert_eq!(cli.read(&state, &applied.private).await.private, "prar");
}

#[tokio::test]
async fn nothing_is_ever_deferred() {
    let mut cli = Cli::fixture().await;
    let mut config = thing([("name", crate::wire::unknown())]);
    assert_eq!(cli.plan(&Wire::Nil, &config, b"").await.deferred, None);
    set(&mut config, "name", text("a"));
    assert_eq!(cli.read(&config, b"").await.deferred, None);
    assert_eq!(cli.look_up("x").await.deferred, None);
}

#[tokio::test]
async fn absent_and_empty_collections_stay_apart() {
    let mut cli = Cli::fixture().await;
    for empty in [Wire::Nil, list([])] {
        let config = thing([
            ("name", text("a")),
            ("tags", empty.clone()),
            ("steps", empty.clone()),
            ("members", empty.clone()),
        ]);
        let state = cli.lead(&Wire::Nil, &config).await;
        assert_eq!(get(&state, "tags"), &empty);
        assert_eq!(cli.read(&state, b"").await.new_state, pack(&state));
        assert_eq!(
            cli.plan(&state, &config, b"").await.planned_state,
            pack(&state)
        );
    }
}

#[tokio::test]
async fn the_order_of_a_set_is_not_a_difference() {
    let mut cli = Cli::fixture().await;
    let member = |choice: &str| part(text(choice), true.into(), Wire::Nil, text("l"));
    let config = |one: &str, other: &str| {
        thing([
            ("name", text("a")),
            ("tags", list([text(one), text(other)])),
            ("members", list([member(one), member(other)])),
        ])
    };
    let state = cli.lead(&Wire::Nil, &config("a", "b")).await;
    let mut turned = state.clone();
    for name in ["tags", "members"] {
        let reversed = get(&state, name).as_array().unwrap().iter().rev().cloned();
        set(&mut turned, name, list(reversed));
    }
    let plan = cli.plan(&turned, &config("b", "a"), b"").await;
    assert_eq!(plan.planned_state, pack(&state));
    assert_eq!(cli.read(&turned, b"").await.new_state, pack(&state));
}
