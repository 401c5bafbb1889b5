//! Responses of Graph with one mutated part, for every read. Each input contains the request to the provider, and a response to each
//! resulting request.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::Response;
use crosstenant::resources::CrossTenant;
use futures::FutureExt as _;
use serde_json::{Value as Json, json};

use crate::engine::{CONTOSO, configured};
use crate::fuzz::harness::{Attempt, Target};
use crate::fuzz::mutate::Form;
use crate::fuzz::requests::refusal;
use crate::fuzz::rpc::{call, raw, rpcs, runtime};
use crate::hostile::impostor::{Asked, Impostor, text_answer};

pub const ANSWERS: Target = Target {
    name: "answers",
    what: "the reads of every resource and data source: answers of Graph",
    rounds: 400,
    form: Form::Json("/answers"),
    open,
};

/// A provider without retries.
pub async fn impatient(graph: &str) -> CrossTenant {
    configured(&json!({
        "tenant_id": CONTOSO,
        "client_id": "c0a7e1d4-52b8-4f0e-8a3b-6d9f1e2c7b01",
        "client_secret": "planted-secret",
        "graph_endpoint": graph,
        "login_endpoint": graph,
        "max_retries": 0,
        "request_timeout": "20s",
    }))
    .await
}

fn answer(answers: &Json, asked: &Asked) -> Response<Body> {
    let path = asked.path.split('?').next().unwrap_or_default();
    let exact = format!("{} {}", asked.method, asked.path);
    let plain = format!("{} {path}", asked.method);
    match answers.get(&exact).or_else(|| answers.get(&plain)) {
        Some(body) => text_answer("application/json", raw(body)),
        None => refusal(404, "Request_ResourceNotFound", "It does not exist."),
    }
}

fn open() -> Attempt {
    let runtime = runtime("answers");
    let current = Arc::new(Mutex::new(Json::Null));
    let answers = Arc::clone(&current);
    let graph = runtime.block_on(Impostor::start(move |asked| {
        let answer = answer(&answers.lock().unwrap(), &asked);
        std::future::ready(answer).boxed()
    }));
    Box::new(move |input| {
        let Ok(mut input) = serde_json::from_slice::<Json>(input) else {
            return Ok(0);
        };
        let answers = input.get_mut("answers").map(Json::take);
        *current.lock().unwrap() = answers.unwrap_or_default();
        // A separate provider, so that earlier responses have no effect.
        let tried = runtime.block_on(async {
            let rpcs = rpcs(impatient(&graph.url).await);
            call(&rpcs, &input["ask"]).await
        });
        graph.forget();
        tried
    })
}
