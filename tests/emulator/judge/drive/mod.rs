//! Sends requests to every operation of the emulator, in both versions of Graph, and judges its journal: every response matches the
//! description, and every request that the description does not allow is refused.

mod applications;
mod directory;
mod mistakes;
mod policies;
mod synchronization;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use crosstenant::emulator::{self, Options, Running};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::openapi::{Description, report};

const CONTOSO: &str = "3f1c8a52-6d0b-4c1e-9c55-0a7d2b9e4f10";
const FABRIKAM: &str = "8b2e6d17-4f93-4a5c-b1d8-5e0c3a7f9264";
const NORTHWIND: &str = "5d9f0c3e-7a14-4e2b-8f60-1c2d3e4f5a6b";
const ALL: &str = "c0a7e1d4-52b8-4f0e-8a3b-6d9f1e2c7b01";
const NONE: &str = "fab51c20-9d3e-4b67-a0c4-2e8d7f5b3a02";
/// Operations that the emulator always refuses, by parts of their names: the provider does not need them.
const NOT_SERVED: [(&str, &str); 1] = [("GET", "/directory/deletedItems")];
const NOBODY: &str = "00000000-0000-4000-8000-00000000dead";

/// Three tenants, each with an application that has all permissions and one that has none.
fn seed() -> String {
    let tenant = |id: &str, name: &str, rest: Value| {
        let domain = format!("{name}.example");
        let mut tenant = json!({
            "tenantId": id, "displayName": name, "domains": [domain],
            "apps": [
                { "clientId": ALL, "displayName": "May all", "secrets": ["s"], "permissions": "*" },
                { "clientId": NONE, "displayName": "May nothing", "secrets": ["s"], "permissions": [] },
            ],
        });
        for (name, value) in rest.as_object().unwrap() {
            tenant[name] = value.clone();
        }
        tenant
    };
    let users: Vec<Value> = ["ada", "alan", "edsger", "grace"]
        .iter()
        .map(|name| user(name))
        .collect();
    let groups = json!([{ "displayName": "Everyone", "description": "All of them",
        "members": ["ada@contoso.example", "alan@contoso.example"] }]);
    let contoso = tenant(
        CONTOSO,
        "contoso",
        json!({ "users": users, "groups": groups }),
    );
    let fabrikam = tenant(FABRIKAM, "fabrikam", json!({}));
    let northwind = tenant(NORTHWIND, "northwind", json!({}));
    json!({ "tenants": [contoso, fabrikam, northwind], "settings": { "limits": false } })
        .to_string()
}

fn user(name: &str) -> Value {
    let mut user = json!({ "userPrincipalName": format!("{name}@contoso.example"),
        "displayName": name, "mail": format!("{name}@contoso.example") });
    match name {
        "edsger" => user["smsSignIn"] = json!(true),
        "ada" => user["manager"] = json!("grace@contoso.example"),
        _ => {}
    }
    user
}

/// An application that is signed in to one tenant and uses one version of Graph.
pub(super) struct Caller {
    http: Client,
    /// The emulator's URL with the version.
    root: String,
    token: String,
    pub(super) beta: bool,
    surprises: Surprises,
}

/// Unexpected responses, collected so that one run shows all of them.
type Surprises = Arc<Mutex<Vec<String>>>;

impl Caller {
    async fn sign_in(
        emulator: &Running,
        version: &str,
        tenant: &str,
        app: &str,
        surprises: &Surprises,
    ) -> Self {
        let http = Client::new();
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", app),
            ("client_secret", "s"),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        let login = format!("{}/{tenant}/oauth2/v2.0/token", emulator.login_url());
        let answer = http.post(login).form(&form).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        Self {
            http,
            root: format!("{}/{version}", emulator.graph_url()),
            token: answer["access_token"].as_str().unwrap().to_owned(),
            beta: version == "beta",
            surprises: Arc::clone(surprises),
        }
    }

    /// Status and body; null for no body and for no request body.
    async fn ask(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.http.request(method, format!("{}{path}", self.root));
        request = request
            .bearer_auth(&self.token)
            .header("ConsistencyLevel", "eventual");
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        let body = if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap()
        };
        (status, body)
    }

    /// Sends a request that must succeed.
    async fn yes(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask(method, path, body).await;
        if status >= 300 {
            self.surprised(method, path, status, &answer);
        }
        answer
    }

    fn surprised(&self, method: &str, path: &str, status: u16, answer: &Value) {
        let error = answer.pointer("/error/message").unwrap_or(&Value::Null);
        let surprise = format!("not expected: {method} {path}: {status} {error}");
        self.surprises.lock().unwrap().push(surprise);
    }

    async fn get(&self, path: &str) -> Value {
        self.yes("GET", path, Value::Null).await
    }

    async fn patch(&self, path: &str, body: Value) -> Value {
        self.yes("PATCH", path, body).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.yes("POST", path, body).await
    }

    async fn delete(&self, path: &str) -> Value {
        self.yes("DELETE", path, Value::Null).await
    }

    /// Sends a request that must be refused with this status.
    async fn no(&self, status: u16, method: &str, path: &str, body: Value) {
        let (actual, answer) = self.ask(method, path, body).await;
        if actual != status {
            self.surprised(method, path, actual, &answer);
        }
    }

    /// Sends a request that must be refused with any of several statuses.
    async fn refused(&self, method: &str, path: &str, body: Value) {
        let (status, answer) = self.ask(method, path, body).await;
        if !(400..500).contains(&status) {
            self.surprised(method, path, status, &answer);
        }
    }
}

async fn journal(emulator: &Running) -> Vec<Value> {
    let address = format!("{}/_emulator/requests", emulator.graph_url());
    reqwest::get(address).await.unwrap().json().await.unwrap()
}

/// Sends all requests in one version, and returns the violations.
async fn drive(description: &Description, version: &str) {
    let emulator = emulator::start(Options::new(seed())).await.unwrap();
    let surprises = Surprises::default();
    let contoso = Caller::sign_in(&emulator, version, CONTOSO, ALL, &surprises).await;
    let fabrikam = Caller::sign_in(&emulator, version, FABRIKAM, ALL, &surprises).await;
    let powerless = Caller::sign_in(&emulator, version, CONTOSO, NONE, &surprises).await;
    policies::drive(&contoso).await;
    synchronization::drive(&emulator, &contoso, &fabrikam).await;
    policies::multi_tenant(&contoso, &fabrikam).await;
    directory::drive(&contoso).await;
    applications::drive(&contoso).await;
    mistakes::drive(&emulator, &contoso, powerless).await;
    let journal = journal(&emulator).await;
    let mut wrong = judge(description, &journal);
    wrong.extend(untried(description, version, &journal));
    wrong.append(&mut surprises.lock().unwrap());
    let report = report(wrong.into_iter());
    assert!(report.is_empty(), "\n{report}");
}

/// Responses that do not match the description, and undescribed requests that were not refused.
fn judge(description: &Description, journal: &[Value]) -> Vec<String> {
    let answers = journal
        .iter()
        .flat_map(|entry| description.answer_violations(entry));
    let accepted = journal
        .iter()
        .filter(|entry| entry["status"].as_u64() < Some(400));
    let lax = accepted.flat_map(|entry| description.request_violations(entry));
    answers
        .chain(lax.map(|violation| format!("accepted: {violation}")))
        .collect()
}

/// Operations of the description that never succeeded in this run, so that no supported operation stays untested.
fn untried(description: &Description, version: &str, journal: &[Value]) -> Vec<String> {
    let succeeded = journal.iter().filter(|entry| {
        entry["status"]
            .as_u64()
            .is_some_and(|status| (200..300).contains(&status))
    });
    let tried: BTreeSet<String> = succeeded
        .filter_map(|entry| description.operation(entry))
        .collect();
    let left_out = |operation: &str| {
        let fits =
            |(verb, end): &(&str, &str)| operation.starts_with(verb) && operation.ends_with(end);
        NOT_SERVED.iter().any(fits)
    };
    let all = description.operations(&format!("/{version}"));
    let open = all.difference(&tried);
    open.filter(|operation| !left_out(operation))
        .map(|operation| format!("never succeeded: {operation}"))
        .collect()
}

#[tokio::test]
async fn the_emulator_keeps_to_the_description_of_v1() {
    drive(&Description::load(), "v1.0").await;
}

#[tokio::test]
async fn the_emulator_keeps_to_the_description_of_beta() {
    drive(&Description::load(), "beta").await;
}
