//! A provider with an attribute of every kind, whose behavior the attribute `note` selects.

use std::sync::Mutex;

use crosstenant::terraform::{
    Action, Applied, Apply, Attribute, BoxFuture, Capabilities, DataSource, Diagnostic,
    Diagnostics, Function, Identity, IdentityAttribute, Imported, Kind, ListResource, MoveSource,
    Moved, Object, Path, Plan, PlanRequest, Provider, Read, ReadRequest, Refreshed, Resource,
    Rules, Schema, Value, keep_spelling, plan, settle, validate,
};
use tokio::sync::watch;

use crate::actions::Deed;
use crate::functions::Tell;
use crate::lists::Endless;

pub struct Fixture {
    schema: Schema,
    thing: Thing,
    lookup: Lookup,
    deed: Deed,
    endless: Endless,
    stops: watch::Sender<u64>,
}

fn attribute(name: &'static str, kind: Kind, rules: Rules) -> Attribute {
    Attribute::new(name, "Described in *Markdown*.", kind, rules)
}

fn part() -> Kind {
    Kind::Object(vec![
        attribute(
            "choice",
            Kind::String,
            Rules::required().one_of(&["a", "b"]),
        ),
        attribute("on", Kind::Bool, Rules::with_default(true)),
        attribute("id", Kind::String, Rules::read_only()),
        attribute("label", Kind::String, Rules::computed()),
    ])
}

/// The attributes of `fixture_thing`.
pub fn attributes() -> Vec<Attribute> {
    let of = Box::new;
    vec![
        attribute("name", Kind::String, Rules::required().replaces()),
        attribute("guid", Kind::String, Rules::optional().replaces().guid()),
        attribute("id", Kind::String, Rules::read_only()),
        attribute("seen", Kind::String, Rules::read_only().volatile()),
        attribute("limit", Kind::Number, Rules::with_default(500)),
        attribute("note", Kind::String, Rules::optional()),
        attribute("number", Kind::Number, Rules::optional()),
        attribute("secret", Kind::String, Rules::optional().sensitive()),
        attribute("hidden", Kind::String, Rules::optional().write_only()),
        attribute(
            "old",
            Kind::Bool,
            Rules::optional().deprecated("Use `note`."),
        ),
        attribute("any", Kind::Dynamic, Rules::optional()),
        attribute("tags", Kind::Set(of(Kind::String)), Rules::optional()),
        attribute("plain", Kind::Map(of(Kind::String)), Rules::optional()),
        attribute(
            "matrix",
            Kind::List(of(Kind::List(of(Kind::Number)))),
            Rules::optional(),
        ),
        attribute("part", part(), Rules::optional()),
        attribute("steps", Kind::List(of(part())), Rules::optional()),
        attribute("named", Kind::Map(of(part())), Rules::optional()),
        attribute("members", Kind::Set(of(part())), Rules::optional()),
    ]
}

/// A text that the fixture treats as a secret.
pub const SECRET: &str = "planted-in-a-panic";

impl Default for Fixture {
    fn default() -> Self {
        let (stops, stopped) = watch::channel(0);
        let schema = |version, attributes| Schema {
            version,
            description: "For tests.".into(),
            attributes,
        };
        Self {
            schema: schema(
                0,
                vec![
                    attribute("greeting", Kind::String, Rules::optional()),
                    attribute("token", Kind::String, Rules::optional().sensitive()),
                ],
            ),
            thing: Thing {
                schema: schema(1, attributes()),
                identity: identity(),
                stopped: stopped.clone(),
            },
            endless: Endless {
                schema: schema(0, vec![attribute("note", Kind::String, Rules::optional())]),
                object: schema(1, attributes()).empty_object(),
            },
            deed: Deed {
                schema: schema(0, vec![attribute("note", Kind::String, Rules::optional())]),
                stopped,
            },
            lookup: Lookup {
                schema: schema(
                    0,
                    vec![
                        attribute("name", Kind::String, Rules::required()),
                        attribute("greeting", Kind::String, Rules::read_only()),
                    ],
                ),
                greeting: Mutex::default(),
            },
            stops,
        }
    }
}

impl Provider for Fixture {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn resources(&self) -> Vec<&dyn Resource> {
        vec![&self.thing]
    }

    fn data_sources(&self) -> Vec<&dyn DataSource> {
        vec![&self.lookup]
    }

    fn actions(&self) -> Vec<&dyn Action> {
        vec![&self.deed]
    }

    fn list_resources(&self) -> Vec<&dyn ListResource> {
        vec![&self.endless]
    }

    fn functions(&self) -> Vec<&dyn Function> {
        vec![&Tell]
    }

    fn resource(&self, type_name: &str) -> Option<&dyn Resource> {
        (type_name == self.thing.type_name()).then_some(&self.thing)
    }

    fn data_source(&self, type_name: &str) -> Option<&dyn DataSource> {
        (type_name == self.lookup.type_name()).then_some(&self.lookup)
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        validate(&self.schema.attributes, config, Capabilities::default())
    }

    fn configure(&self, config: Value, _: String) -> BoxFuture<'_, Diagnostics> {
        *self.lookup.greeting.lock().unwrap() = config.member("greeting").clone();
        Box::pin(std::future::ready(Vec::new()))
    }

    fn stop(&self) {
        self.stops.send_modify(|stops| *stops += 1);
    }

    fn redact_in_panic(&self, text: &str) -> String {
        text.replace(SECRET, "(hidden)")
    }
}

/// The identity of a `fixture_thing`. In version 0, the name was called `title`.
fn identity() -> Identity {
    let attribute = |name, required| IdentityAttribute {
        name,
        description: "Identifies it.".into(),
        required,
        alternative: false,
        caseless: false,
    };
    Identity {
        version: 1,
        attributes: vec![attribute("name", true), attribute("id", false)],
    }
}

struct Thing {
    schema: Schema,
    identity: Identity,
    stopped: watch::Receiver<u64>,
}

fn failed(summary: &str) -> Diagnostics {
    vec![Diagnostic::error(summary, "As asked.")]
}

impl Thing {
    async fn change(&self, request: Apply) -> Applied {
        let Apply {
            prior,
            planned,
            private,
            ..
        } = request;
        let note = planned
            .member("note")
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let mut state = settle(&planned, &made(&planned));
        let private = [private, b"a".to_vec()].concat();
        let diagnostics = match note.as_str() {
            "panic" => panic!("as asked with {SECRET}"),
            "half" => {
                if !prior.is_null() {
                    state.set_member("note", prior.member("note").clone());
                }
                failed("Only half was done")
            }
            "slow" => {
                let mut stopped = self.stopped.clone();
                stopped.mark_unchanged();
                tracing::info!(target: "resources", "This will take long");
                stopped.changed().await.unwrap();
                failed("Stopped")
            }
            "unsettled" => {
                state.set_member("id", Value::Unknown);
                Vec::new()
            }
            _ => Vec::new(),
        };
        Applied {
            state,
            private,
            diagnostics,
        }
    }
}

/// The service's response: a generated value for everything unknown.
fn made(planned: &Value) -> Value {
    let members = |members: &Object| {
        members
            .iter()
            .map(|(name, value)| (name.clone(), made(value)))
            .collect()
    };
    match planned {
        Value::Unknown => "made".into(),
        Value::Object(inner) => Value::Object(members(inner)),
        Value::Map(inner) => Value::Map(members(inner)),
        Value::List(inner) => Value::List(inner.iter().map(made).collect()),
        Value::Set(inner) => Value::set(inner.iter().map(made).collect()),
        known => known.clone(),
    }
}

impl Resource for Thing {
    fn type_name(&self) -> &'static str {
        "fixture_thing"
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn validate(&self, config: &Value, capabilities: Capabilities) -> Diagnostics {
        validate(&self.schema.attributes, config, capabilities)
    }

    fn upgrade(&self, version: i64, mut state: Value) -> Result<Value, Diagnostics> {
        match version {
            0 => {
                let title = state.member("title").clone();
                state.set_member("name", title);
                Ok(state)
            }
            1 => Ok(state),
            _ => Err(failed("No such version")),
        }
    }

    fn plan(&self, request: PlanRequest) -> BoxFuture<'_, Plan> {
        assert_ne!(
            request.config.member("note").as_str(),
            Some("panic in plan"),
            "as asked"
        );
        let planned = plan(&self.schema.attributes, &request.prior, &request.config);
        Box::pin(std::future::ready(Plan {
            planned: planned.value,
            requires_replace: planned.requires_replace,
            private: request.private,
            diagnostics: Vec::new(),
        }))
    }

    fn read(&self, request: ReadRequest) -> BoxFuture<'_, Refreshed> {
        let ReadRequest { current, private } = request;
        let mut actual = current.clone();
        if let Some(guid) = current.member("guid").as_str() {
            actual.set_member("guid", guid.to_uppercase().into());
        }
        let state = keep_spelling(&self.schema.attributes, &current, actual);
        let (state, diagnostics) = match current.member("note").as_str() {
            Some("gone") => (Value::Null, Vec::new()),
            Some("forbidden") => (current.clone(), failed("Forbidden")),
            Some("panic") => panic!("as asked"),
            _ => (state, Vec::new()),
        };
        let private = [private, b"r".to_vec()].concat();
        Box::pin(std::future::ready(Refreshed {
            state,
            private,
            diagnostics,
        }))
    }

    fn apply(&self, request: Apply) -> BoxFuture<'_, Applied> {
        if !request.planned.is_null() {
            return Box::pin(self.change(request));
        }
        let applied = match request.prior.member("note").as_str() {
            Some("undeletable") => Applied {
                state: request.prior,
                private: request.private,
                diagnostics: failed("Not deleted"),
            },
            _ => Applied::default(),
        };
        Box::pin(std::future::ready(applied))
    }

    fn import(&self, id: String) -> BoxFuture<'_, Result<Imported, Diagnostics>> {
        let imported = if id.contains('/') {
            Err(failed("The ID must have the form `<name>`"))
        } else {
            let mut state = self.schema.empty_object();
            state.set_member("name", id.into());
            Ok(Imported {
                state,
                private: b"i".to_vec(),
            })
        };
        Box::pin(std::future::ready(imported))
    }

    fn identity(&self) -> Option<&Identity> {
        Some(&self.identity)
    }

    fn upgrade_identity(&self, version: i64, mut identity: Value) -> Result<Value, Diagnostics> {
        match version {
            0 => {
                let title = identity.member("title").clone();
                identity.set_member("name", title);
                Ok(identity)
            }
            1 => Ok(identity),
            _ => Err(failed("No such version")),
        }
    }

    fn import_by_identity(&self, identity: Value) -> BoxFuture<'_, Result<Imported, Diagnostics>> {
        let mut state = self.schema.empty_object();
        for name in ["name", "id"] {
            state.set_member(name, identity.member(name).clone());
        }
        if state.member("id").is_null() {
            state.set_member("id", "made".into());
        }
        let private = b"i".to_vec();
        Box::pin(std::future::ready(Ok(Imported { state, private })))
    }

    fn move_from(&self, source: MoveSource) -> Result<Moved, Diagnostics> {
        if source.type_name != "other_thing" {
            return Err(failed("Only `other_thing` can be moved here"));
        }
        let mut state = self.schema.empty_object();
        state.set_member("name", source.state.member("title").clone());
        Ok(Moved {
            state,
            private: Vec::new(),
        })
    }
}

struct Lookup {
    schema: Schema,
    greeting: Mutex<Value>,
}

impl DataSource for Lookup {
    fn type_name(&self) -> &'static str {
        "fixture_lookup"
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        validate(&self.schema.attributes, config, Capabilities::default())
    }

    fn read(&self, mut config: Value) -> BoxFuture<'_, Read> {
        let missing = config.member("name").as_str() == Some("missing");
        config.set_member("greeting", self.greeting.lock().unwrap().clone());
        let read = if missing {
            let missing = Diagnostic::error("There is no `missing`", "As asked.");
            Read {
                state: Value::Null,
                diagnostics: vec![missing.at(Path::root("name"))],
            }
        } else {
            Read {
                state: config,
                diagnostics: Vec::new(),
            }
        };
        Box::pin(std::future::ready(read))
    }
}
