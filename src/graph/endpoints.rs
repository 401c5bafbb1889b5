//! Custom addresses of Microsoft Graph and its sign-in service.

use url::{Host, Url};

use super::cloud::Cloud;

/// The two services a [`Client`](super::Client) talks to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// The address of Graph, without a version.
    pub graph: Url,
    /// The address of the sign-in service, without a tenant.
    pub login: Url,
    /// The cloud that they belong to. It determines the token audience, also with custom addresses.
    pub cloud: Cloud,
}

/// Identifies which of the two addresses is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// [`Endpoints::graph`].
    Graph,
    /// [`Endpoints::login`].
    Login,
}

/// An address that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct EndpointError {
    /// The address.
    pub endpoint: Endpoint,
    /// The reason.
    pub what: String,
}

impl Endpoints {
    /// Returns the addresses of `cloud`, with either of them replaced. Custom addresses must use https; http is allowed for this
    /// machine only (127.0.0.0/8, `::1`, localhost).
    pub fn new(
        cloud: Cloud,
        graph: Option<&str>,
        login: Option<&str>,
    ) -> Result<Self, EndpointError> {
        let graph = graph.unwrap_or(cloud.graph_url());
        let login = login.unwrap_or(cloud.login_url());
        Ok(Self {
            graph: endpoint(Endpoint::Graph, graph)?,
            login: endpoint(Endpoint::Login, login)?,
            cloud,
        })
    }

    /// The OAuth scope of the requested tokens.
    #[must_use]
    pub fn scope(&self) -> String {
        format!("{}/.default", self.cloud.graph_url())
    }

    /// Returns the first address that is Microsoft's but belongs to another cloud.
    #[must_use]
    pub fn mismatch(&self) -> Option<EndpointError> {
        let both = [
            (Endpoint::Graph, &self.graph),
            (Endpoint::Login, &self.login),
        ];
        both.into_iter().find_map(|(endpoint, url)| {
            let host = url.host_str().unwrap_or_default();
            let of = |cloud: Cloud| match endpoint {
                Endpoint::Graph => cloud.graph_url(),
                Endpoint::Login => cloud.login_url(),
            };
            let is_of = |cloud: Cloud| of(cloud).strip_prefix("https://") == Some(host);
            let (_, other) = Cloud::NAMES.into_iter().find(|(_, cloud)| is_of(*cloud))?;
            (!is_of(self.cloud)).then(|| EndpointError {
                endpoint,
                what: format!(
                    "is the address of the cloud \"{other}\", but `environment` selects the cloud \"{}\". Set `environment` to \
                     \"{other}\", or leave the address out",
                    self.cloud
                ),
            })
        })
    }
}

fn endpoint(endpoint: Endpoint, text: &str) -> Result<Url, EndpointError> {
    check(endpoint, text).map_err(|what| EndpointError { endpoint, what })
}

/// Returns the reason why an address is invalid, as the end of a sentence that begins with its name. The text never quotes the
/// address, which may be a misplaced secret.
fn check(endpoint: Endpoint, text: &str) -> Result<Url, String> {
    let example = match endpoint {
        Endpoint::Graph => Cloud::Global.graph_url(),
        Endpoint::Login => Cloud::Global.login_url(),
    };
    let Ok(mut url) = Url::parse(text.trim()) else {
        return Err(format!(
            "must be a URL such as {example}. The value is not shown, because it may be a secret for another variable"
        ));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not contain a user name or a password".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(
            "must end with its path, without a query (?) and without a fragment (#)".to_owned(),
        );
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => {
            return Err(
                "must be an https URL; http is accepted for loopback addresses only".to_owned(),
            );
        }
        _ => return Err(format!("must be an https URL such as {example}")),
    }
    misplaced(endpoint, &url).map_or(Ok(()), Err)?;
    // Paths are easier to append to a base without a trailing slash.
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// Addresses of Microsoft that belong to other services.
const OTHERS: [&str; 6] = [
    "graph.windows.net",
    "management.azure.com",
    "portal.azure.com",
    "entra.microsoft.com",
    "aad.portal.azure.com",
    "developer.microsoft.com",
];

/// Suggests the intended value if the address belongs to another service or contains too much of a path.
fn misplaced(endpoint: Endpoint, url: &Url) -> Option<String> {
    let host = url.host_str().unwrap_or_default();
    let is = |address: fn(Cloud) -> &'static str| {
        Cloud::NAMES
            .iter()
            .any(|(_, cloud)| address(*cloud).strip_prefix("https://") == Some(host))
    };
    match endpoint {
        Endpoint::Graph if is(Cloud::login_url) => {
            return Some(
                "is the address of the sign-in service, which belongs in `login_endpoint`"
                    .to_owned(),
            );
        }
        Endpoint::Login if is(Cloud::graph_url) => {
            return Some(
                "is the address of Microsoft Graph, which belongs in `graph_endpoint`".to_owned(),
            );
        }
        _ if OTHERS.contains(&host) => {
            return Some(format!(
                "names {host}, which is neither Microsoft Graph nor the sign-in service. In most cases the argument can be left out"
            ));
        }
        _ => {}
    }
    let mut segments = url.path_segments().into_iter().flatten();
    let wrong = segments.find(|segment| goes_too_far(endpoint, segment))?;
    Some(match (endpoint, wrong.to_ascii_lowercase().as_str()) {
        (Endpoint::Graph, "v1.0" | "beta") => {
            "must not end with a version such as /v1.0 or /beta, which the provider adds itself".to_owned()
        }
        (Endpoint::Graph, _) => "must not contain a tenant, which `tenant_id` takes".to_owned(),
        (Endpoint::Login, _) => {
            "must not contain a tenant or what follows it, which the provider adds itself from `tenant_id`".to_owned()
        }
    })
}

/// Whether a path segment is one that the provider adds itself.
fn goes_too_far(endpoint: Endpoint, segment: &str) -> bool {
    let segment = segment.to_ascii_lowercase();
    let is_guid = uuid::Uuid::try_parse(&segment).is_ok();
    let is_tenant = is_guid || segment.ends_with(".onmicrosoft.com");
    let more: &[&str] = match endpoint {
        Endpoint::Graph => &["v1.0", "beta"],
        Endpoint::Login => &["common", "organizations", "consumers", "oauth2", "v2.0"],
    };
    is_tenant || more.contains(&segment.as_str())
}

/// Whether `url` is on this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cloud_brings_its_addresses() {
        let endpoints = Endpoints::new(Cloud::China, None, None).unwrap();
        assert_eq!(
            endpoints.graph.host_str(),
            Some("microsoftgraph.chinacloudapi.cn")
        );
        assert_eq!(endpoints.login.host_str(), Some("login.chinacloudapi.cn"));
        assert_eq!(
            endpoints.scope(),
            "https://microsoftgraph.chinacloudapi.cn/.default"
        );
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        let accepted = [
            "http://127.0.0.1:8080",
            "http://127.8.9.1",
            "http://[::1]:1",
            "http://localhost:9",
        ];
        for text in accepted {
            assert!(
                Endpoints::new(Cloud::Global, Some(text), Some(text)).is_ok(),
                "{text}"
            );
        }
        for text in [
            "http://graph.microsoft.com",
            "http://10.0.0.1",
            "http://localhost.example.com",
            "http://128.0.0.1",
            "http://[::2]",
            "ftp://localhost",
            "localhost:8080",
            "https://user:pass@graph.example",
            "https://graph.example/?a=b",
            "not a url",
        ] {
            let error = Endpoints::new(Cloud::Global, Some(text), None).unwrap_err();
            assert_eq!(error.endpoint, Endpoint::Graph, "{text}");
            let error = Endpoints::new(Cloud::Global, None, Some(text)).unwrap_err();
            assert_eq!(error.endpoint, Endpoint::Login, "{text}");
        }
    }

    #[test]
    fn an_address_of_another_service_is_recognized() {
        let tenant = "11111111-2222-3333-4444-555555555555";
        for (graph, expected) in [
            ("https://login.microsoftonline.com", "login_endpoint"),
            ("https://graph.microsoft.com/v1.0", "version"),
            ("https://graph.microsoft.com/beta/", "version"),
            (
                &format!("https://graph.microsoft.com/{tenant}"),
                "tenant_id",
            ),
            ("https://graph.windows.net", "neither"),
            ("Ab8Q~planted.secret", "must be a URL"),
            ("https://planted:secret@graph.example", "password"),
            ("https://graph.example/?planted=secret", "query"),
        ] {
            let error = Endpoints::new(Cloud::Global, Some(graph), None).unwrap_err();
            assert!(error.what.contains(expected), "{graph}: {error}");
            assert!(!error.what.contains("planted"), "{error}");
        }
        for (login, expected) in [
            ("https://graph.microsoft.com", "graph_endpoint"),
            (
                &format!("https://login.microsoftonline.com/{tenant}"),
                "tenant_id",
            ),
            (
                "https://login.microsoftonline.com/common/oauth2/v2.0",
                "tenant_id",
            ),
            (
                "https://login.microsoftonline.com/contoso.onmicrosoft.com",
                "tenant_id",
            ),
        ] {
            let error = Endpoints::new(Cloud::Global, None, Some(login)).unwrap_err();
            assert!(error.what.contains(expected), "{login}: {error}");
        }
        let proxy = Endpoints::new(Cloud::Global, Some("https://proxy.example/graph"), None);
        assert!(proxy.is_ok(), "a path of a proxy");
    }

    #[test]
    fn an_address_of_another_cloud_is_recognized() {
        let error = |cloud, graph| Endpoints::new(cloud, Some(graph), None).unwrap().mismatch();
        let found = error(Cloud::China, "https://graph.microsoft.us").unwrap();
        assert!(
            found.what.contains("\"usgovernmentl4\"") && found.what.contains("\"china\""),
            "{found}"
        );
        assert_eq!(
            error(Cloud::UsGovernmentL4, "https://graph.microsoft.us"),
            None
        );
        assert_eq!(error(Cloud::China, "https://proxy.example"), None);
        let login = Some("https://login.microsoftonline.us");
        let both = |cloud| Endpoints::new(cloud, None, login).unwrap().mismatch();
        assert_eq!(both(Cloud::UsGovernmentL5), None);
        assert_eq!(both(Cloud::Global).unwrap().endpoint, Endpoint::Login);
    }
}
