//! HTTP client for Microsoft Graph: sign-in, requests, retries and errors.
//!
//! It handles paths, JSON and errors, but not their meaning, except for the permission that each call requires. A path of v1.0
//! starts with a slash; one of beta starts with `beta:/` (see [`beta`]).
#![cfg_attr(test, allow(clippy::unwrap_used, missing_docs, unreachable_pub))]

mod answer;
mod ask;
mod batch;
mod batched_reads;
mod call;
mod client;
mod cloud;
mod collection;
mod collection_cache;
mod endpoints;
mod error;
mod exchange;
mod files;
mod gatherer;
mod graph_error;
mod hosts;
mod operation;
mod page;
mod path;
mod patience;
pub mod permissions;
mod rate_limiter;
mod record;
mod redactor;
mod replication;
mod retry;
mod secret;
mod sign_in;
pub mod testing;
mod transport;
mod verbs;
mod visibility;

use std::time::Duration;

pub use batch::Write;
pub use client::Client;
pub use cloud::{Cloud, UnknownCloud};
pub use collection_cache::Member;
pub use endpoints::{Endpoint, EndpointError, Endpoints};
pub use error::{AnswerLost, Error, Service, SignInFailure, Throttled, Unreachable};
pub use files::path_problem;
pub use graph_error::{Detail, GraphError};
pub use page::{Pages, has_next_page};
pub use path::{beta, quoted, segment, user};
pub use permissions::Access;
pub use record::Exchange;
pub use redactor::{Redactor, printable};
pub use retry::Resend;
pub use secret::Secret;
pub use sign_in::{CertificateError, Oidc, SignIn};
pub use transport::{Fault, Reply, Request, Transport};
pub use verbs::Deleted;
pub use visibility::{Change, FOR_OTHERS, Written};

/// JSON of Graph: numbers keep their digits, and objects their order.
pub type Json = serde_json::Value;

/// The options of a [`Client`].
#[derive(Clone, Debug)]
pub struct Options {
    /// The tenant, as a GUID or one of its domain names.
    pub tenant_id: String,
    /// The application to sign in as. Unused with the Azure CLI and a system-assigned managed identity.
    pub client_id: String,
    /// The authentication method.
    pub sign_in: SignIn,
    /// The addresses of Graph and the sign-in service.
    pub endpoints: Endpoints,
    /// The maximum number of retries of a request.
    pub max_retries: u32,
    /// The timeout of one exchange.
    pub request_timeout: Duration,
    /// How long replicas may differ after a write; overrides the default of each object type.
    pub replication_timeout: Option<Duration>,
    /// The User-Agent header.
    pub user_agent: String,
    /// Receives every secret and token that the client uses.
    pub redactor: Redactor,
}
