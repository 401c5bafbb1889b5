//! Terraform's part in this process: plans, applies and keeps what is stored, against an emulator in this process. Much faster
//! than the CLI, where the CLI adds nothing.
#![allow(dead_code, unused_imports)] // Every test binary uses another part of it.

pub mod scenarios;

use crosstenant::emulator::{self, Options, Running};
use crosstenant::resources::CrossTenant;
use crosstenant::terraform::{
    Apply, Attribute, Capabilities, Diagnostic, Diagnostics, Kind, Number, Object, PlanRequest,
    Provider, ReadRequest, Severity, Value, has_errors,
};
use serde_json::{Value as Json, json};

pub use crate::support::scenarios::Side;
pub use crate::support::{CONTOSO, FABRIKAM};

/// The seed of the demo, with every permission.
pub fn seed() -> Json {
    let text = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/two-tenants/seed.json"
    ));
    let mut seed: Json = serde_json::from_str(text).unwrap();
    for tenant in seed["tenants"].as_array_mut().unwrap() {
        tenant["apps"][0]["permissions"] = json!("*");
    }
    seed
}

/// What a provider may wait for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    pub max_retries: u32,
    pub request_timeout: &'static str,
    /// Nothing: as users have it.
    pub replication_timeout: Option<&'static str>,
}

/// As users have it, but what somebody else did right after an apply is believed after seconds, not minutes.
pub const USUAL: Patience = Patience {
    max_retries: 8,
    request_timeout: "60s",
    replication_timeout: Some("4s"),
};

/// As users have it.
#[allow(dead_code, reason = "not every test has lag")]
pub const WITH_LAG: Patience = Patience {
    replication_timeout: None,
    ..USUAL
};

/// A client for this machine only: reading the certificate authorities is what makes one slow to build.
fn http() -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy();
    builder.tls_certs_only([]).build().unwrap()
}

/// An emulator in this process.
pub struct Stage {
    running: Running,
    seed: Json,
    http: reqwest::Client,
}

impl Stage {
    pub async fn open(seed: Json) -> Self {
        let mut options = Options::new(seed.to_string());
        options.first_cycle = std::time::Duration::from_secs(3_600);
        Self::with(seed, options).await
    }

    /// With options of its own; they have the text of `seed`.
    #[allow(dead_code, reason = "not every test needs other options")]
    pub async fn with(seed: Json, options: Options) -> Self {
        Self {
            running: emulator::start(options).await.unwrap(),
            seed,
            http: http(),
        }
    }

    pub fn graph_url(&self) -> String {
        self.running.graph_url()
    }

    /// Where the side's application signs in, and as whom.
    pub fn settings(&self, side: Side) -> [(&'static str, String); 5] {
        let app = &self.seed["tenants"][side as usize]["apps"][0];
        let text = |json: &Json| json.as_str().unwrap().to_owned();
        [
            ("tenant_id", side.tenant_id().to_owned()),
            ("client_id", text(&app["clientId"])),
            ("client_secret", text(&app["secrets"][0])),
            ("graph_endpoint", self.running.graph_url()),
            ("login_endpoint", self.running.login_url()),
        ]
    }

    /// A provider of its own, as each run of the CLI has one.
    pub async fn provider(&self, side: Side, patience: Patience) -> CrossTenant {
        let mut settings = json!({
            "max_retries": patience.max_retries,
            "request_timeout": patience.request_timeout,
            "replication_timeout": patience.replication_timeout,
        });
        for (name, value) in self.settings(side) {
            settings[name] = json!(value);
        }
        configured(&settings).await
    }

    /// An access token of the side's application.
    pub async fn token(&self, side: Side) -> String {
        let app = &self.seed["tenants"][side as usize]["apps"][0];
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", app["clientId"].as_str().unwrap()),
            ("client_secret", app["secrets"][0].as_str().unwrap()),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        let root = self.running.graph_url();
        let url = format!("{root}/{}/oauth2/v2.0/token", side.tenant_id());
        let answer = self.http.post(url).form(&form).send().await.unwrap();
        let token: Json = answer.json().await.unwrap();
        token["access_token"].as_str().unwrap().to_owned()
    }

    /// Deletes an object of Graph, as somebody outside who may do everything, as soon as a replica that answers knows it.
    pub async fn delete(&self, side: Side, path: &str) {
        let token = self.token(side).await;
        let url = format!("{}{path}", self.running.graph_url());
        for left in (0..600).rev() {
            let request = self.http.delete(&url).bearer_auth(&token);
            let answer = request.send().await.unwrap();
            if answer.status().is_success() {
                return;
            }
            assert!(answer.status() == 404 && left > 0, "{path}: {answer:?}");
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    }

    /// Calls a control path; patient, because the emulator may just refuse connections.
    pub async fn control(&self, method: &str, path: &str, body: &Json) -> Json {
        let url = format!("{}/_emulator/{path}", self.running.graph_url());
        for _ in 0..200 {
            let mut request = self.http.request(method.parse().unwrap(), &url);
            if !body.is_null() {
                request = request.json(body);
            }
            let Ok(answer) = request.send().await else {
                tokio::time::sleep(std::time::Duration::from_millis(25)).await;
                continue;
            };
            let status = answer.status();
            let text = answer.text().await.unwrap();
            assert!(status.is_success(), "{method} {path}: {status} {text}");
            return serde_json::from_str(&text).unwrap_or(Json::Null);
        }
        panic!("the emulator is not there any more");
    }

    pub async fn fault(&self, order: &Json) {
        self.control("POST", "faults", order).await;
    }

    pub async fn heal(&self) {
        self.control("DELETE", "faults", &Json::Null).await;
    }

    /// The exchanges since the journal was last emptied.
    pub async fn journal(&self) -> Vec<Json> {
        let journal = self.control("GET", "requests", &Json::Null).await;
        journal.as_array().cloned().unwrap_or_default()
    }

    pub async fn forget(&self) {
        self.control("DELETE", "requests", &Json::Null).await;
    }

    pub async fn tenant(&self, side: Side) -> Json {
        let path = format!("tenants/{}", side.tenant_id());
        self.control("GET", &path, &Json::Null).await
    }

    /// Both tenants without what differs from run to run: ids that were made up, moments, and what is only history.
    pub async fn essence(&self) -> Json {
        let known = self.seed.to_string();
        let mut essence = Vec::new();
        for side in [Side::Source, Side::Target] {
            let mut tenant = self.tenant(side).await;
            let members = tenant.as_object_mut().unwrap();
            for history in [
                "directoryAudits",
                "provisioningLog",
                "deletedItems",
                "deletedPartners",
                "deletedSyncPolicies",
            ] {
                members.remove(history);
            }
            essence.push(scrubbed(&tenant, &known));
        }
        Json::Array(essence)
    }
}

/// A provider with these settings; nothing of the environment.
pub async fn configured(settings: &Json) -> CrossTenant {
    let provider = CrossTenant::default();
    let config = object(&provider.schema().attributes, settings);
    let diagnostics = provider.configure(config, "0.0.0".to_owned()).await;
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    provider
}

/// Whether `text` begins with a GUID, dashes or not; its length.
fn guid(text: &str) -> Option<usize> {
    let is_hex = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_hexdigit);
    let bytes = text.as_bytes();
    if bytes.len() >= 36
        && [8, 13, 18, 23].iter().all(|at| bytes[*at] == b'-')
        && [0..8, 9..13, 14..18, 19..23, 24..36]
            .into_iter()
            .all(|part| is_hex(&bytes[part]))
    {
        return Some(36);
    }
    (bytes.len() >= 32 && is_hex(&bytes[..32])).then_some(32)
}

fn scrubbed_text(text: &str, known: &str) -> String {
    let is_moment = text.len() >= 20
        && text.as_bytes()[10] == b'T'
        && text.ends_with('Z')
        && text.starts_with('2');
    if is_moment {
        return "TIME".to_owned();
    }
    let mut scrubbed = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match guid(rest) {
            Some(length) if !known.contains(&rest[..length]) => {
                scrubbed.push_str("ID");
                rest = &rest[length..];
            }
            _ => {
                scrubbed.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    scrubbed
}

fn scrubbed(json: &Json, known: &str) -> Json {
    match json {
        Json::String(text) => Json::String(scrubbed_text(text, known)),
        Json::Array(items) => items.iter().map(|item| scrubbed(item, known)).collect(),
        // Ids of assignments are 43 characters of base64.
        Json::Object(members)
            if members
                .keys()
                .any(|key| key.len() == 43 || scrubbed_text(key, known) != *key) =>
        {
            let mut values: Vec<Json> = members
                .values()
                .map(|value| scrubbed(value, known))
                .collect();
            values.sort_by_key(Json::to_string);
            Json::Array(values)
        }
        Json::Object(members) => {
            let is_incidental = |name: &str| {
                [
                    "id",
                    "resourceId",
                    "nextRun",
                    "resourceDisplayName",
                    "allUsers",
                ]
                .contains(&name)
            };
            let mut kept: Vec<(String, Json)> = members
                .iter()
                .filter(|(name, value)| {
                    !value.is_null() && (!is_incidental(name) || value.is_object())
                })
                .map(|(name, value)| (name.clone(), scrubbed(value, known)))
                .collect();
            kept.sort_by(|one, other| one.0.cmp(&other.0));
            Json::Object(kept.into_iter().collect())
        }
        other => other.clone(),
    }
}

/// What the state file holds of one resource.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stored {
    /// Null where there is none.
    pub value: Value,
    pub private: Vec<u8>,
    pub tainted: bool,
}

/// What came of a step.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub stored: Stored,
    pub diagnostics: Diagnostics,
    /// Whether anything was to be done.
    pub changed: bool,
}

impl Outcome {
    pub fn failed(&self) -> bool {
        has_errors(&self.diagnostics)
    }

    /// Everything that was said.
    pub fn text(&self) -> String {
        let said = self
            .diagnostics
            .iter()
            .map(|said| format!("{}\n{}\n", said.summary, said.detail));
        said.collect()
    }

    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        let said = self.diagnostics.iter();
        said.filter(|said| said.severity == Severity::Error)
    }

    #[track_caller]
    pub fn succeeded(self) -> Stored {
        assert!(!self.failed(), "{}", self.text());
        self.stored
    }
}

/// A whole object of these attributes, from JSON that leaves some out.
pub fn object(attributes: &[Attribute], json: &Json) -> Value {
    for name in json.as_object().into_iter().flat_map(serde_json::Map::keys) {
        assert!(
            attributes.iter().any(|attribute| attribute.name == name),
            "{name} is not a standard attribute"
        );
    }
    let members = attributes.iter().map(|attribute| {
        let name = attribute.name;
        (name.to_owned(), value(&attribute.kind, &json[name]))
    });
    Value::Object(members.collect::<Object>())
}

fn value(kind: &Kind, json: &Json) -> Value {
    let elements = |of: &Kind| {
        let elements = json.as_array().into_iter().flatten();
        elements.map(|element| value(of, element)).collect()
    };
    match (kind, json) {
        (_, Json::Null) => Value::Null,
        (_, Json::Bool(truth)) => Value::Bool(*truth),
        (_, Json::String(text)) => Value::String(text.clone()),
        (_, Json::Number(number)) => Value::Number(Number::from(number.as_i64().unwrap())),
        (Kind::List(of), _) => Value::List(elements(of)),
        (Kind::Set(of), _) => Value::set(elements(of)),
        (Kind::Object(attributes), _) => object(attributes, json),
        (Kind::Map(of), _) => {
            let members = json.as_object().unwrap().iter();
            Value::Map(
                members
                    .map(|(key, json)| (key.clone(), value(of, json)))
                    .collect(),
            )
        }
        (Kind::Dynamic | Kind::Bool | Kind::Number | Kind::String, _) => {
            panic!("{json} for {kind:?}")
        }
    }
}

fn outcome(stored: Stored, diagnostics: Diagnostics, changed: bool) -> Outcome {
    assert!(stored.value.is_wholly_known(), "{:?}", stored.value);
    Outcome {
        stored,
        diagnostics,
        changed,
    }
}

/// Looks at the object as it is.
pub async fn refresh(provider: &CrossTenant, type_name: &str, stored: &Stored) -> Outcome {
    if stored.value.is_null() {
        return outcome(stored.clone(), Vec::new(), false);
    }
    let found = look(provider, type_name, stored).await;
    if found.failed() {
        assert_eq!(found.stored, *stored, "a failed read changes nothing");
    }
    found
}

/// A read, whatever comes of it.
async fn look(provider: &CrossTenant, type_name: &str, stored: &Stored) -> Outcome {
    let resource = provider.resource(type_name).unwrap();
    let request = ReadRequest {
        current: stored.value.clone(),
        private: stored.private.clone(),
    };
    let read = resource.read(request).await;
    let found = Stored {
        value: read.state,
        private: read.private,
        tainted: stored.tainted,
    };
    let changed = found.value != stored.value;
    outcome(found, read.diagnostics, changed)
}

/// Starts to manage an object that exists.
pub async fn import(provider: &CrossTenant, type_name: &str, id: &str) -> Outcome {
    let resource = provider.resource(type_name).unwrap();
    match resource.import(id.to_owned()).await {
        Err(diagnostics) => outcome(Stored::default(), diagnostics, false),
        Ok(imported) => {
            let stored = Stored {
                value: imported.state,
                private: imported.private,
                tainted: false,
            };
            let mut found = look(provider, type_name, &stored).await;
            if found.failed() {
                // The CLI keeps nothing of an import whose read failed.
                found.stored = Stored::default();
            }
            found
        }
    }
}

/// One run of the CLI for one resource: refresh, plan, apply. A null `config` destroys.
pub async fn apply(
    provider: &CrossTenant,
    type_name: &str,
    stored: &Stored,
    config: &Json,
) -> Outcome {
    let seen = refresh(provider, type_name, stored).await;
    if seen.failed() {
        return seen;
    }
    apply_unseen(provider, type_name, &seen.stored, config).await
}

/// The same without looking first, as when something happens between plan and apply.
pub async fn apply_unseen(
    provider: &CrossTenant,
    type_name: &str,
    stored: &Stored,
    config: &Json,
) -> Outcome {
    if config.is_null() {
        return destroy(provider, type_name, stored, None).await;
    }
    let resource = provider.resource(type_name).unwrap();
    let config = object(&resource.schema().attributes, config);
    let said = resource.validate(&config, Capabilities::default());
    assert!(!has_errors(&said), "{said:?}");
    let base = if stored.tainted {
        Stored::default()
    } else {
        stored.clone()
    };
    let plan = resource.plan(request(&base, &config)).await;
    if has_errors(&plan.diagnostics) {
        return outcome(stored.clone(), plan.diagnostics, false);
    }
    if plan.planned == base.value {
        return outcome(stored.clone(), plan.diagnostics, false);
    }
    let is_replaced =
        stored.tainted || (!base.value.is_null() && !plan.requires_replace.is_empty());
    if !is_replaced {
        return write(
            provider,
            type_name,
            &base,
            config,
            plan.planned,
            plan.private,
        )
        .await;
    }
    // The CLI hands on what the plan of the new object kept, although a tainted object exists.
    let private = stored.tainted.then_some(plan.private);
    let gone = destroy(provider, type_name, stored, private).await;
    if gone.failed() {
        return gone;
    }
    let plan = resource.plan(request(&Stored::default(), &config)).await;
    if has_errors(&plan.diagnostics) {
        return outcome(Stored::default(), plan.diagnostics, true);
    }
    let nothing = Stored::default();
    write(
        provider,
        type_name,
        &nothing,
        config,
        plan.planned,
        plan.private,
    )
    .await
}

fn request(stored: &Stored, config: &Value) -> PlanRequest {
    PlanRequest {
        prior: stored.value.clone(),
        config: config.clone(),
        private: stored.private.clone(),
    }
}

async fn write(
    provider: &CrossTenant,
    type_name: &str,
    prior: &Stored,
    config: Value,
    planned: Value,
    private: Vec<u8>,
) -> Outcome {
    let resource = provider.resource(type_name).unwrap();
    let applied = resource
        .apply(Apply {
            prior: prior.value.clone(),
            planned: planned.clone(),
            config,
            private,
        })
        .await;
    let failed = has_errors(&applied.diagnostics);
    if !failed {
        keeps(&planned, &applied.state, type_name);
    }
    let stored = Stored {
        tainted: failed && prior.value.is_null() && !applied.state.is_null(),
        value: applied.state,
        private: applied.private,
    };
    outcome(stored, applied.diagnostics, true)
}

async fn destroy(
    provider: &CrossTenant,
    type_name: &str,
    stored: &Stored,
    replaces_with: Option<Vec<u8>>,
) -> Outcome {
    if stored.value.is_null() {
        return outcome(stored.clone(), Vec::new(), false);
    }
    let resource = provider.resource(type_name).unwrap();
    let plan = resource.plan(request(stored, &Value::Null)).await;
    if has_errors(&plan.diagnostics) {
        return outcome(stored.clone(), plan.diagnostics, false);
    }
    let applied = resource
        .apply(Apply {
            prior: stored.value.clone(),
            planned: Value::Null,
            config: Value::Null,
            private: replaces_with.unwrap_or(plan.private),
        })
        .await;
    let stored = Stored {
        value: applied.state,
        private: applied.private,
        tainted: stored.tainted,
    };
    outcome(stored, applied.diagnostics, true)
}

/// What was planned and known is what is stored; the CLI insists on it.
fn keeps(planned: &Value, actual: &Value, at: &str) {
    match (planned, actual) {
        (Value::Unknown, _) => {}
        (Value::Object(planned), Value::Object(actual)) => {
            for (name, planned) in planned {
                keeps(planned, &actual[name], &format!("{at}.{name}"));
            }
        }
        (planned, actual) => {
            let same = planned == actual || !planned.is_wholly_known();
            assert!(same, "{at}: planned {planned:?}, stored {actual:?}");
        }
    }
}

/// The ID in the import block that a message dictates.
pub fn advised(text: &str) -> Option<String> {
    let (_, block) = text.split_once("import {")?;
    let (_, rest) = block.split_once("id = \"")?;
    Some(rest.split_once('"')?.0.to_owned())
}
