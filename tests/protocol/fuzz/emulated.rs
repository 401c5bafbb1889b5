//! Requests to the emulator: its own expression parser, its filters, its paths. The first line is method and path, the rest is the body;
//! `{job}` stands for the path of a job.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::engine::scenarios::{Made, all};
use crate::engine::{Side, Stage, USUAL, apply, seed};
use crate::fuzz::harness::{Attempt, Target};
use crate::fuzz::mutate::Form;
use crate::fuzz::rpc::runtime;

pub const REQUESTS: Target = Target {
    name: "emulator",
    what: "the emulator: expressions, filters, paths and bodies of requests",
    rounds: 600,
    form: Form::Text(&[
        "$filter=",
        "$select=id",
        "$expand=manager",
        "$top=999",
        "$skiptoken=",
        " eq ",
        " and not ",
        "startsWith(",
        "any(a:a/b eq 'c')",
        "'",
        "''",
        "(",
        ")",
        "/",
        "%27",
        "%",
        "Join(",
        "[mail]",
        "\\\"",
        "{job}",
    ]),
    open,
};

/// Clients send no longer URL.
const LONGEST_URL: usize = 32_000;

/// A tenant with a job; the token of its application, and the job's path.
async fn scene() -> (Stage, String, String) {
    let stage = Stage::open(seed()).await;
    let all = all();
    let of_job =
        |one: &&crate::engine::scenarios::Scenario| one.type_name == "crosstenant_provisioning_job";
    let scenario = all.iter().find(of_job).unwrap();
    let made = Made::on(&stage, scenario).await;
    let provider = stage.provider(Side::Source, USUAL).await;
    let config = made.fill(&scenario.config);
    let job = apply(
        &provider,
        scenario.type_name,
        &crate::engine::Stored::default(),
        &config,
    )
    .await;
    let job = job.succeeded().value;
    let member = |name: &str| job.member(name).as_str().unwrap().to_owned();
    let path = format!(
        "/v1.0/servicePrincipals/{}/synchronization/jobs/{}",
        member("service_principal_id"),
        member("id")
    );
    let token = stage.token(Side::Source).await;
    (stage, token, path)
}

fn open() -> Attempt {
    let runtime = runtime("emulator");
    let (stage, token, job) = runtime.block_on(scene());
    let http = reqwest::Client::new();
    Box::new(move |input| {
        let text = String::from_utf8_lossy(input).replace("{job}", &job);
        let (head, body) = text.split_once('\n').unwrap_or((&text, ""));
        let (method, path) = head.split_once(' ').unwrap_or(("GET", head));
        let Ok(method) = Method::from_bytes(method.as_bytes()) else {
            return Ok(0);
        };
        // Changes and deletions persist for the next input.
        let url = format!("{}{path}", stage.graph_url());
        if !matches!(method, Method::GET | Method::POST) {
            return Ok(0);
        }
        let request = http.request(method.clone(), url).bearer_auth(&token);
        let request = match serde_json::from_str::<Json>(body) {
            Ok(json) => request.json(&json),
            Err(_) if body.is_empty() => request,
            Err(_) => request
                .header("content-type", "application/json")
                .body(body.to_owned()),
        };
        // A request that no client can send does not need to be handled.
        let Ok(request) = request.build() else {
            return Ok(0);
        };
        // The control paths are for the user who runs the emulator; dot segments may lead there.
        let url = request.url();
        if url.as_str().len() > LONGEST_URL || !url.path().starts_with("/v1.0/") {
            return Ok(0);
        }
        runtime.block_on(async {
            let answer = http.execute(request).await;
            let answer = answer.map_err(|error| format!("no answer: {error:?}"))?;
            let status = answer.status();
            let text = answer.text().await.map_err(|error| error.to_string())?;
            if status.is_server_error() {
                return Err(format!("{status}: {text}"));
            }
            if status.is_client_error() {
                let error: Json = serde_json::from_str(&text).unwrap_or_default();
                if error["error"]["code"].as_str().is_none() {
                    return Err(format!("{status} without Graph's form of an error: {text}"));
                }
                return Ok(text.len());
            }
            stage.control("DELETE", "requests", &json!(null)).await;
            Ok(0)
        })
    })
}
