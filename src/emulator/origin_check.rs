//! Refuses requests that web pages of other origins make, and requests for host names that others control.
//!
//! A browser sends requests to this machine for any page, and the page's own host name can resolve to this machine (DNS rebinding).

use std::net::IpAddr;

use axum::http::{HeaderMap, Uri};

/// Suffixes of host names that only a local network assigns.
const INSIDE: [&str; 4] = [".localhost", ".local", ".internal", ".svc"];

/// The reason for refusing a request, if any.
pub(super) fn refused(headers: &HeaderMap, uri: &Uri, is_remote: bool) -> Option<&'static str> {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let host = uri.authority().map(axum::http::uri::Authority::as_str);
    let Some(host) = host.or_else(|| header("host")) else {
        return Some("the header Host is missing");
    };
    if !is_ours(host, is_remote) {
        return Some(if is_remote {
            "the header Host must be an IP address or a name of the local network"
        } else {
            "the header Host must name this machine; --allow-remote lets others in"
        });
    }
    if header("origin").is_some_and(|origin| origin.strip_prefix("http://") != Some(host)) {
        return Some("requests from web pages are refused");
    }
    // Following a link to the page changes nothing, and the linking page cannot read the response.
    let is_visit = uri.path() == "/"
        && header("sec-fetch-mode") == Some("navigate")
        && header("sec-fetch-dest") == Some("document");
    if is_visit {
        return None;
    }
    let site = header("sec-fetch-site");
    if site.is_some_and(|site| matches!(site, "cross-site" | "same-site")) {
        return Some("requests from web pages are refused");
    }
    None
}

/// Whether a host name, with or without a port, can only mean this machine or, with `is_remote`, a machine of the local network.
fn is_ours(authority: &str, is_remote: bool) -> bool {
    let Ok(authority) = authority.parse::<axum::http::uri::Authority>() else {
        return false;
    };
    if authority.as_str().contains('@') {
        return false;
    }
    let host = authority.host().to_ascii_lowercase();
    let plain = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = plain.parse::<IpAddr>() {
        return is_remote || address.to_canonical().is_loopback();
    }
    if host == "localhost" || host.ends_with(".localhost") {
        return true;
    }
    is_remote && (!host.contains('.') || INSIDE.iter().any(|end| host.ends_with(end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(headers: &[(&'static str, &str)], is_remote: bool) -> Option<&'static str> {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        refused(&headers, &Uri::from_static("/v1.0/users"), is_remote)
    }

    #[test]
    fn only_local_host_names_are_accepted() {
        for host in [
            "127.0.0.1:8080",
            "[::1]:8080",
            "localhost",
            "LOCALHOST:1",
            "a.localhost",
        ] {
            assert_eq!(asked(&[("host", host)], false), None, "{host}");
        }
        for host in [
            "evil.example:8080",
            "10.0.0.1",
            "graph",
            "localhost.evil.example",
            "u@localhost",
            "",
        ] {
            assert!(asked(&[("host", host)], false).is_some(), "{host}");
        }
        for host in ["10.0.0.1:80", "graph:8080", "graph.internal", "[fe80::1]"] {
            assert_eq!(asked(&[("host", host)], true), None, "{host}");
        }
        assert!(asked(&[("host", "evil.example")], true).is_some());
        assert!(asked(&[], true).is_some());
    }

    #[test]
    fn web_pages_are_refused() {
        let here = ("host", "127.0.0.1:8080");
        for other in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("origin", "http://127.0.0.1:9999"),
            ("sec-fetch-site", "cross-site"),
        ] {
            assert!(asked(&[here, other], false).is_some(), "{other:?}");
        }
        assert_eq!(
            asked(&[here, ("origin", "http://127.0.0.1:8080")], false),
            None
        );
        assert_eq!(asked(&[here, ("sec-fetch-site", "none")], false), None);
    }

    #[test]
    fn a_link_leads_to_the_page_and_nowhere_else() {
        let visit = |path: &'static str, dest: &str, more: Option<(&str, &str)>| {
            let mut headers = HeaderMap::new();
            let all = [
                ("host", "127.0.0.1:8080"),
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", dest),
            ];
            for (name, value) in all.into_iter().chain(more) {
                let name: axum::http::HeaderName = name.parse().unwrap();
                headers.insert(name, value.parse().unwrap());
            }
            refused(&headers, &Uri::from_static(path), false)
        };
        assert_eq!(visit("/", "document", None), None);
        assert!(visit("/", "iframe", None).is_some());
        assert!(visit("/_emulator/tenants", "document", None).is_some());
        let origin = Some(("origin", "https://evil.example"));
        assert!(visit("/", "document", origin).is_some(), "a form");
        let host = Some(("host", "evil.example"));
        assert!(visit("/", "document", host).is_some(), "rebinding");
    }
}
