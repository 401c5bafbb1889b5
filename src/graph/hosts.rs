//! Tracks which hosts have responded. A host that never did is probably misspelled, and is given up sooner.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use url::Url;

use super::cloud::Cloud;
use super::endpoints::Endpoints;
use super::transport::Fault;

/// How long a host that has never responded is retried.
const UNKNOWN_HOST_TIMEOUT: Duration = Duration::from_secs(3);

/// The hosts that have responded to a client.
#[derive(Default)]
pub(super) struct Hosts {
    answered: Mutex<HashSet<String>>,
    /// Microsoft's own hosts: if a connection fails, the cause is the network, and a retry makes sense.
    known: Vec<String>,
}

impl Hosts {
    /// Returns the state before any host has responded.
    pub(super) fn of(endpoints: &Endpoints) -> Self {
        let is_microsofts = |url: &&Url| {
            let host = url.host_str().unwrap_or_default();
            Cloud::NAMES.iter().any(|(_, cloud)| {
                [cloud.graph_url(), cloud.login_url()]
                    .iter()
                    .any(|known| known.strip_prefix("https://") == Some(host))
            })
        };
        let both = [&endpoints.graph, &endpoints.login];
        Self {
            answered: Mutex::default(),
            known: both
                .into_iter()
                .filter(is_microsofts)
                .map(authority)
                .collect(),
        }
    }

    /// Records that a host has responded.
    pub(super) fn note(&self, url: &Url) {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        if !answered.contains(&authority(url)) {
            answered.insert(authority(url));
        }
    }

    /// Whether to stop retrying a host, after `fault` at `elapsed` and with the next attempt in `wait`.
    pub(super) fn is_hopeless(
        &self,
        url: &Url,
        fault: &Fault,
        elapsed: Duration,
        wait: Duration,
    ) -> bool {
        let host = authority(url);
        let answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let is_doubtful = match fault {
            Fault::Unresolved(_) => true,
            Fault::NotSent(_) => !self.known.contains(&host),
            _ => false,
        };
        is_doubtful && !answered.contains(&host) && elapsed + wait > UNKNOWN_HOST_TIMEOUT
    }
}

/// Returns the host and port of a URL, without the user and password that it may contain.
pub(super) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_never_responded_is_given_up_soon() {
        let endpoints =
            Endpoints::new(Cloud::Global, Some("https://graph.example:444"), None).unwrap();
        let hosts = Hosts::of(&endpoints);
        let refused = Fault::NotSent("refused".to_owned());
        let unresolved = Fault::Unresolved("no such name".to_owned());
        let late = UNKNOWN_HOST_TIMEOUT;
        let second = Duration::from_secs(1);
        let at = |url: &Url, fault: &Fault, elapsed| hosts.is_hopeless(url, fault, elapsed, second);

        assert!(at(&endpoints.graph, &refused, late));
        assert!(!at(&endpoints.graph, &refused, second));
        assert!(!at(&endpoints.graph, &Fault::Lost(String::new()), late));
        assert!(!at(&endpoints.login, &refused, late), "the network is down");
        assert!(at(&endpoints.login, &unresolved, late));
        hosts.note(&endpoints.graph);
        assert!(!at(&endpoints.graph, &refused, late));
    }

    #[test]
    fn an_authority_contains_no_user() {
        let url = Url::parse("https://user:word@host.example:8443/a?b=c").unwrap();
        assert_eq!(authority(&url), "host.example:8443");
    }
}
