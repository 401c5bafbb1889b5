//! Sends one request and returns the exchange as it is, to study Graph's responses rather than to use them.

use reqwest::Method;
use serde_json::Value as Json;

use super::client::Client;
use super::record::{Exchange, Recorder};
use super::{Error, Resend};

impl Client {
    /// Sends one request and returns the exchange as it is. Transient faults are retried as in any other call.
    ///
    /// # Errors
    ///
    /// If there is no response: sign-in or connection failed, or the time is over.
    pub async fn ask(
        &self,
        method: &str,
        path: &str,
        body: Option<&Json>,
    ) -> Result<Exchange, Error> {
        let recorder = Recorder::default();
        let mut client = self.clone();
        client.recorder = Some(recorder.clone());
        let method = method.parse::<Method>().map_err(|_| Error::BadPath {
            path: path.to_owned(),
            what: format!("{method} is not a method"),
        })?;
        let resend = if method == Method::POST {
            Resend::Never
        } else {
            Resend::Safe
        };
        match client.call(method, path, body, resend).await {
            Ok(_) | Err(Error::Refused(_) | Error::Throttled(_) | Error::Unexpected { .. }) => {}
            Err(error) => return Err(error),
        }
        recorder.last().ok_or_else(|| Error::Unexpected {
            method: String::new(),
            path: path.to_owned(),
            what: "nothing was exchanged".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{Script, empty, refuse, reply};

    #[tokio::test(start_paused = true)]
    async fn a_response_is_returned_unchanged() {
        let script = Script::of([
            reply(200, &json!({ "value": [] })),
            refuse(409, "Conflict"),
            refuse(429, "TooManyRequests"),
            empty(204),
        ]);
        let client = script.client();
        let read = client.ask("GET", "/users?$top=1", None).await.unwrap();
        assert_eq!(
            (read.path.as_str(), read.query.as_str()),
            ("/v1.0/users", "$top=1")
        );
        assert!(read.succeeded() && read.response == json!({ "value": [] }));
        let body = json!({ "a": 1 });
        let refused = client.ask("PUT", "beta:/x", Some(&body)).await.unwrap();
        assert_eq!((refused.status, refused.code()), (409, "Conflict"));
        assert_eq!(
            (refused.path.as_str(), &refused.request),
            ("/beta/x", &body)
        );
        let done = client.ask("PATCH", "/y", Some(&body)).await.unwrap();
        assert_eq!(done.status, 204, "what passes is waited for");
        assert_eq!(done.response, Json::Null);
        assert!(client.recorder.is_none(), "other calls are not recorded");
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_response_is_an_error() {
        let script = Script::new(|_| crate::testing::lost());
        let error = script.client().ask("POST", "/x", Some(&json!({}))).await;
        assert!(matches!(error, Err(Error::AnswerLost(_))), "{error:?}");
        assert!(script.client().ask("A B", "/x", None).await.is_err());
    }
}
