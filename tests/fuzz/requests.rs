//! Every RPC, with values, states and identities that fit or do not. Graph has nothing of what is asked for.

use axum::body::Body;
use axum::http::Response;
use crosstenant::resources::CrossTenant;
use futures::FutureExt as _;
use serde_json::{Value as Json, json};

use crate::answers::impatient;
use crate::harness::{Target, Tried};
use crate::impostor::Impostor;
use crate::mutate::Form;
use crate::rpc::{call, rpcs, runtime};

pub const REQUESTS: Target = Target {
    name: "requests",
    what: "every RPC of the plugin protocol: configurations, states, identities, private data, arguments",
    rounds: 1_200,
    form: Form::Json(""),
    open,
};

/// Graph's answer to everything.
pub fn nothing() -> Response<Body> {
    let body = json!({ "error": { "code": "Request_ResourceNotFound", "message": "It does not exist." } });
    let answer = Response::builder().status(404);
    let answer = answer.header("content-type", "application/json");
    answer.body(Body::from(body.to_string())).unwrap()
}

fn open() -> Box<dyn FnMut(&[u8]) -> Tried> {
    let runtime = runtime("requests");
    let (graph, provider) = runtime.block_on(async {
        let graph = Impostor::start(|_| std::future::ready(nothing()).boxed()).await;
        let provider = impatient(&graph.url).await;
        (graph, provider)
    });
    let configured = rpcs(provider);
    Box::new(move |input| {
        let Ok(request) = serde_json::from_slice::<Json>(input) else {
            return Ok(0);
        };
        // Settings would count for all later inputs, and what was kept here may not go to whom they name.
        let is_about_all = matches!(request["rpc"].as_str(), Some("configure"));
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
