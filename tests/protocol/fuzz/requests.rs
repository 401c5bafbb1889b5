//! Every RPC, with valid and invalid values, states and identities. Graph refuses all requests, so that there are no waits.

use axum::body::Body;
use axum::http::Response;
use crosstenant::resources::CrossTenant;
use futures::FutureExt as _;
use serde_json::{Value as Json, json};

use crate::fuzz::answers::impatient;
use crate::fuzz::harness::{Attempt, Target};
use crate::fuzz::mutate::Form;
use crate::fuzz::rpc::{call, rpcs, runtime};
use crate::hostile::impostor::Impostor;

pub const REQUESTS: Target = Target {
    name: "requests",
    what: "every RPC of the plugin protocol: configurations, states, identities, private data, arguments",
    rounds: 1_200,
    form: Form::Json(""),
    open,
};

/// Graph's response to every request.
fn forbidden() -> Response<Body> {
    refusal(
        403,
        "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation.",
    )
}

/// An error in Graph's format.
pub fn refusal(status: u16, code: &str, message: &str) -> Response<Body> {
    let body = json!({ "error": { "code": code, "message": message } });
    let answer = Response::builder().status(status);
    let answer = answer.header("content-type", "application/json");
    answer.body(Body::from(body.to_string())).unwrap()
}

fn open() -> Attempt {
    let runtime = runtime("requests");
    let (graph, provider) = runtime.block_on(async {
        let graph = Impostor::start(|_| std::future::ready(forbidden()).boxed()).await;
        let provider = impatient(&graph.url).await;
        (graph, provider)
    });
    let configured = rpcs(provider);
    Box::new(move |input| {
        let Ok(request) = serde_json::from_slice::<Json>(input) else {
            return Ok(0);
        };
        // A configuration would affect all later inputs.
        let is_about_all = request["rpc"] == "configure";
        let tried = runtime.block_on(async {
            if is_about_all {
                call(&rpcs(CrossTenant::default()), &request).await
            } else {
                call(&configured, &request).await
            }
        });
        graph.forget();
        tried
    })
}
