//! Responses on the wire: the headers that every response has, and the faults that corrupt a body.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use uuid::Uuid;

use super::connection::ConnectionHandle;
use super::faults::{Fault, Kind};
use super::reply::{Answer, Refusal};

/// A response before it is written.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub(super) status: u16,
    /// Null if there is no body.
    pub(super) body: Value,
    /// Headers other than the content type.
    pub(super) headers: Vec<(&'static str, String)>,
}

impl Outcome {
    pub(super) fn new(status: u16, body: Value) -> Self {
        Self {
            status,
            body,
            headers: Vec::new(),
        }
    }

    /// The response to a request whose connection is reset; it is never sent.
    pub(super) fn nothing() -> Self {
        Self::new(0, Value::Null)
    }

    /// The result of a handler, with the headers that Graph adds.
    pub(super) fn of(answer: &Answer, date: &str, client_request_id: &str) -> Self {
        match answer {
            Ok(reply) => {
                let mut outcome = Self::new(reply.status, reply.body.clone());
                outcome.identify(&Uuid::new_v4().to_string(), client_request_id);
                outcome
            }
            Err(refusal) => Self::refused(refusal, date, client_request_id),
        }
    }

    /// An error in Graph's envelope.
    pub(super) fn refused(refusal: &Refusal, date: &str, client_request_id: &str) -> Self {
        let request_id = Uuid::new_v4().to_string();
        let client_request_id = if client_request_id.is_empty() {
            request_id.as_str()
        } else {
            client_request_id
        };
        let mut outcome = Self::new(
            refusal.status,
            refusal.envelope(date, &request_id, client_request_id),
        );
        outcome.identify(&request_id, client_request_id);
        if let Some(wait) = &refusal.retry_after {
            outcome.headers.push(("retry-after", wait.clone()));
        }
        if refusal.status == 401 {
            outcome.headers.push((
                "www-authenticate",
                "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", client_id=\"00000003-0000-0000-c000-000000000000\"".to_owned(),
            ));
        }
        outcome
    }

    fn identify(&mut self, request_id: &str, client_request_id: &str) {
        let client = if client_request_id.is_empty() {
            request_id
        } else {
            client_request_id
        };
        self.headers.push(("request-id", request_id.to_owned()));
        self.headers.push(("client-request-id", client.to_owned()));
    }
}

/// Writes the response, corrupted if a fault requires it.
pub(super) fn response(outcome: Outcome, fault: Option<(&Fault, &ConnectionHandle)>) -> Response {
    let kind = fault.map(|(fault, _)| fault.kind);
    let text = if outcome.body.is_null() {
        String::new()
    } else {
        outcome.body.to_string()
    };
    let mut content_type = "application/json; odata.metadata=minimal; odata.streaming=true; IEEE754Compatible=false; charset=utf-8";
    let length = text.len();
    let body = match (kind, fault) {
        (Some(Kind::Empty), _) => Body::empty(),
        (Some(Kind::NotJson), _) => {
            content_type = "text/html";
            Body::from("<html><body><h1>Service Unavailable</h1></body></html>")
        }
        (Some(Kind::HalfJson), _) => Body::from(text[..middle(&text)].to_owned()),
        (Some(Kind::ContentType), _) => {
            content_type = "text/plain";
            Body::from(text)
        }
        (Some(Kind::Truncate), _) if length > 1 => half(&text, None),
        (Some(Kind::ResetDuring), Some((_, connection))) => half(&text, Some(connection.clone())),
        (Some(Kind::Trickle), Some((fault, _))) => trickle(text, fault.extent()),
        _ => Body::from(text),
    };
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(outcome.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if length > 0 {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    if matches!(kind, Some(Kind::Truncate | Kind::ResetDuring)) && length > 1 {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    for (name, value) in outcome.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// The first half of a body whose `Content-Length` covers all of it; then the connection ends. The pause lets the first half reach the
/// client before the end of the connection discards it. With a `connection`, the connection is reset rather than closed.
fn half(text: &str, connection: Option<ConnectionHandle>) -> Body {
    let bytes = Bytes::copy_from_slice(&text.as_bytes()[..text.len() / 2]);
    let end = stream::once(async move {
        tokio::time::sleep(Duration::from_millis(20)).await;
        if let Some(connection) = connection {
            connection.cut();
        }
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    Body::from_stream(stream::iter([Ok(bytes)]).chain(end))
}

/// The byte index of a character boundary at or before the middle of a text.
fn middle(text: &str) -> usize {
    let half = text.len() / 2;
    (0..=half)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}

/// Interval between the chunks of a body that is sent slowly.
const DRIP: Duration = Duration::from_millis(5);

/// A body that is sent in chunks of a few bytes over `extent`.
fn trickle(text: String, extent: Duration) -> Body {
    let drips = usize::try_from(extent.as_millis() / DRIP.as_millis())
        .unwrap_or(usize::MAX)
        .max(1);
    let size = text.len().div_ceil(drips).max(1);
    let bytes = Bytes::from(text);
    let pieces = (0..bytes.len())
        .step_by(size)
        .map(move |at| bytes.slice(at..bytes.len().min(at + size)));
    let pieces: Vec<Bytes> = pieces.collect();
    Body::from_stream(stream::iter(pieces).then(|piece| async move {
        tokio::time::sleep(DRIP).await;
        Ok::<_, io::Error>(piece)
    }))
}

/// A plain-text response of a control path.
pub(super) fn plain(status: u16, text: &str) -> Response {
    json(status, &json!({ "error": text }))
}

/// A JSON response of a control path.
pub(super) fn json(status: u16, body: &Value) -> Response {
    response(Outcome::new(status, body.clone()), None)
}
