//! Speaks HTTP to Microsoft Graph: signs in, sends, repeats what may be repeated, and says what went wrong.
//!
//! It knows paths, JSON and refusals, and no more about what they mean than which permission a call needs.
//! A path below v1.0 starts with a slash; one below beta starts with `beta:/` (see [`beta`]).
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
mod graph_error;
mod hosts;
mod operation;
mod page;
mod path;
mod patience;
pub mod permissions;
mod rate_limiter;
mod read_batcher;
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

/// JSON as Graph speaks it: numbers keep their digits, objects their order.
pub type Json = serde_json::Value;

/// What a [`Client`] has to know.
#[derive(Clone, Debug)]
pub struct Options {
    /// The tenant, as a GUID or one of its domain names.
    pub tenant_id: String,
    /// The application to sign in as; unused with the Azure CLI and a managed identity of the machine.
    pub client_id: String,
    /// How to sign in.
    pub sign_in: SignIn,
    /// Where Graph and the sign-in service are.
    pub endpoints: Endpoints,
    /// How often a request is repeated at most.
    pub max_retries: u32,
    /// How long one exchange may take.
    pub request_timeout: Duration,
    /// How long replicas may disagree about a write, in place of what is assumed for each kind of object.
    pub replication_timeout: Option<Duration>,
    /// How we introduce ourselves.
    pub user_agent: String,
    /// Learns every secret and token that the client uses.
    pub redactor: Redactor,
}
