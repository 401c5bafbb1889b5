//! An emulator with the two tenants of the demo, and a client that is signed in to each.

use crosstenant::emulator::{self, Options, Running};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) const CONTOSO: &str = "3f1c8a52-6d0b-4c1e-9c55-0a7d2b9e4f10";
pub(crate) const FABRIKAM: &str = "8b2e6d17-4f93-4a5c-b1d8-5e0c3a7f9264";
pub(crate) const NOBODY: &str = "00000000-0000-4000-8000-00000000dead";
pub(crate) const CONTOSO_APP: &str = "c0a7e1d4-52b8-4f0e-8a3b-6d9f1e2c7b01";
pub(crate) const FABRIKAM_APP: &str = "fab51c20-9d3e-4b67-a0c4-2e8d7f5b3a02";
pub(crate) const CONTOSO_SECRET: &str = "emulator-only-contoso-secret";
pub(crate) const FABRIKAM_SECRET: &str = "emulator-only-fabrikam-secret";
pub(crate) const GALLERY: &str = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7";
pub(crate) const PARTNERS: &str = "/v1.0/policies/crossTenantAccessPolicy/partners";

/// A user of the demo seed by its number.
pub(crate) fn user(number: u8) -> String {
    format!("a1000000-0000-4000-8000-00000000000{number}")
}

pub(crate) const ADA: u8 = 1;
pub(crate) const GRACE: u8 = 2;
pub(crate) const EDSGER_SMS: u8 = 5;
pub(crate) const LINUS_GUEST: u8 = 6;
pub(crate) const COLLABORATORS: &str = "b1000000-0000-4000-8000-000000000001";

/// The demo seed, with every permission granted and no published limits.
pub(crate) fn seed() -> Value {
    let text = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/two-tenants/seed.json"
    ));
    let mut seed: Value = serde_json::from_str(text).unwrap();
    for tenant in seed["tenants"].as_array_mut().unwrap() {
        tenant["apps"][0]["permissions"] = json!("*");
    }
    seed["settings"] = json!({ "limits": false });
    seed
}

/// Options under which nothing happens automatically.
pub(crate) fn quiet(seed: &Value) -> Options {
    let mut options = Options::new(seed.to_string());
    options.first_cycle = Duration::from_secs(3_600);
    options
}

/// A client for this machine only: reading the certificate authorities is what makes a client slow to create.
pub(crate) fn http() -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy();
    builder.tls_certs_only([]).build().unwrap()
}

/// A running emulator.
pub(crate) struct Desk {
    pub(crate) running: Running,
    pub(crate) http: reqwest::Client,
}

/// A client with a token.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) root: String,
    pub(crate) token: String,
    http: reqwest::Client,
}

/// Status and body of a response.
pub(crate) type Answer = (u16, Value);

impl Desk {
    pub(crate) async fn open() -> Self {
        Self::with(quiet(&seed())).await
    }

    pub(crate) async fn seeded(seed: &Value) -> Self {
        Self::with(quiet(seed)).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        Self {
            running: emulator::start(options).await.unwrap(),
            http: http(),
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.running.graph_url())
    }

    /// Signs in with a secret, and returns the response of the token endpoint.
    pub(crate) async fn sign_in(&self, tenant: &str, client: &str, secret: &str) -> Answer {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client),
            ("client_secret", secret),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        self.form(tenant, &form).await
    }

    pub(crate) async fn form(&self, tenant: &str, form: &[(&str, &str)]) -> Answer {
        let url = self.url(&format!("/{tenant}/oauth2/v2.0/token"));
        answer(self.http.post(url).form(form)).await
    }

    pub(crate) async fn caller(&self, tenant: &str, client: &str, secret: &str) -> Caller {
        let (status, body) = self.sign_in(tenant, client, secret).await;
        assert_eq!(status, 200, "{body}");
        Caller {
            root: self.running.graph_url(),
            token: body["access_token"].as_str().unwrap().to_owned(),
            http: self.http.clone(),
        }
    }

    pub(crate) async fn contoso(&self) -> Caller {
        self.caller(CONTOSO, CONTOSO_APP, CONTOSO_SECRET).await
    }

    pub(crate) async fn fabrikam(&self) -> Caller {
        self.caller(FABRIKAM, FABRIKAM_APP, FABRIKAM_SECRET).await
    }

    /// Calls a control path.
    pub(crate) async fn control(&self, method: &str, path: &str, body: Value) -> Answer {
        let request = self.http.request(
            method.parse().unwrap(),
            self.url(&format!("/_emulator/{path}")),
        );
        answer(if body.is_null() {
            request
        } else {
            request.json(&body)
        })
        .await
    }

    pub(crate) async fn cycle(&self) -> Value {
        self.control("POST", "cycle", Value::Null).await.1
    }

    pub(crate) async fn journal(&self) -> Vec<Value> {
        self.control("GET", "requests", Value::Null)
            .await
            .1
            .as_array()
            .unwrap()
            .clone()
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

impl Caller {
    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method: Method = method.parse().unwrap();
        self.http
            .request(method, format!("{}{path}", self.root))
            .bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        answer(self.request("GET", path)).await
    }

    /// A GET of a directory collection with advanced query options.
    pub(crate) async fn eventual(&self, path: &str) -> Answer {
        answer(
            self.request("GET", path)
                .header("ConsistencyLevel", "eventual"),
        )
        .await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        answer(self.request("DELETE", path)).await
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: Value) -> Answer {
        answer(self.request(method, path).json(&body)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, body).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send("PATCH", path, body).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send("PUT", path, body).await
    }

    /// Calls an action without a body.
    pub(crate) async fn act(&self, path: &str) -> Answer {
        answer(self.request("POST", path)).await
    }
}

/// The status and error code of a response.
pub(crate) fn code(answer: &Answer) -> (u16, &str) {
    (
        answer.0,
        answer.1["error"]["code"].as_str().unwrap_or_default(),
    )
}

/// One property of every object of a collection.
pub(crate) fn column(answer: &Answer, name: &str) -> Vec<String> {
    let values = answer.1["value"]
        .as_array()
        .unwrap_or_else(|| panic!("no collection: {}", answer.1));
    values
        .iter()
        .map(|value| value[name].as_str().unwrap_or_default().to_owned())
        .collect()
}
