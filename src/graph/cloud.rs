//! Where Microsoft Graph and its sign-in service live in each cloud, and which
//! other addresses a caller may name instead of them.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// A Microsoft cloud. Tokens of one are worthless in another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cloud {
    /// The worldwide cloud, which also serves US Government GCC.
    #[default]
    Global,
    /// US Government L4 (GCC High).
    UsGovernmentL4,
    /// US Government L5 (Department of Defense).
    UsGovernmentL5,
    /// Operated by 21Vianet in China.
    China,
}

impl Cloud {
    /// Every spelling [`Cloud::from_str`] takes, the preferred one of each cloud first.
    pub const NAMES: [(&str, Cloud); 7] = [
        ("global", Cloud::Global),
        ("public", Cloud::Global),
        ("usgovernmentl4", Cloud::UsGovernmentL4),
        ("usgovernment", Cloud::UsGovernmentL4),
        ("usgovernmentl5", Cloud::UsGovernmentL5),
        ("dod", Cloud::UsGovernmentL5),
        ("china", Cloud::China),
    ];

    /// Graph's address, without a version and without a trailing slash.
    #[must_use]
    pub fn graph_url(self) -> &'static str {
        match self {
            Self::Global => "https://graph.microsoft.com",
            Self::UsGovernmentL4 => "https://graph.microsoft.us",
            Self::UsGovernmentL5 => "https://dod-graph.microsoft.us",
            Self::China => "https://microsoftgraph.chinacloudapi.cn",
        }
    }

    /// The sign-in service's address, without a trailing slash.
    #[must_use]
    pub fn login_url(self) -> &'static str {
        match self {
            Self::Global => "https://login.microsoftonline.com",
            Self::UsGovernmentL4 | Self::UsGovernmentL5 => "https://login.microsoftonline.us",
            Self::China => "https://login.chinacloudapi.cn",
        }
    }

    /// The audience an external identity's token has to name to be exchanged in this cloud.
    #[must_use]
    pub fn exchange_audience(self) -> &'static str {
        match self {
            Self::Global => "api://AzureADTokenExchange",
            Self::UsGovernmentL4 | Self::UsGovernmentL5 => "api://AzureADTokenExchangeUSGov",
            Self::China => "api://AzureADTokenExchangeChina",
        }
    }
}

impl fmt::Display for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::NAMES.iter().find(|(_, cloud)| cloud == self);
        f.write_str(name.map_or("", |(name, _)| name))
    }
}

/// The name of a cloud that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no cloud: use global, usgovernmentl4, usgovernmentl5 or china")]
pub struct UnknownCloud(pub String);

impl FromStr for Cloud {
    type Err = UnknownCloud;

    fn from_str(name: &str) -> Result<Self, UnknownCloud> {
        let found = Self::NAMES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found
            .map(|(_, cloud)| *cloud)
            .ok_or_else(|| UnknownCloud(name.to_owned()))
    }
}

/// The two services a [`Client`](super::Client) talks to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// Graph's address without a version.
    pub graph: Url,
    /// The sign-in service's address without a tenant.
    pub login: Url,
    /// The cloud they belong to: it decides for whom tokens are asked, also where the addresses are others.
    pub cloud: Cloud,
}

/// Which of the two addresses was wrong.
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
    /// Which address it is.
    pub endpoint: Endpoint,
    /// What is wrong with it.
    pub what: String,
}

impl Endpoints {
    /// The addresses of `cloud`, with either of them replaced. Other addresses must be https;
    /// http is taken for this machine itself (127.0.0.0/8, `::1`, localhost).
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

    /// The OAuth scope tokens are asked for.
    #[must_use]
    pub fn scope(&self) -> String {
        format!("{}/.default", self.cloud.graph_url())
    }
}

fn endpoint(endpoint: Endpoint, text: &str) -> Result<Url, EndpointError> {
    check(text).map_err(|what| EndpointError { endpoint, what })
}

fn check(text: &str) -> Result<Url, String> {
    let mut url = Url::parse(text).map_err(|error| format!("\"{text}\" is no URL: {error}"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the URL must not carry a user name or password".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("\"{text}\" must end with its path: no ?, no #"));
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => {
            return Err(format!(
                "\"{text}\" must be https; http is accepted for loopback addresses only"
            ));
        }
        _ => return Err(format!("\"{text}\" must be an https URL")),
    }
    // A base without its trailing slash is easier to append paths to.
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// Whether `url` names this very machine.
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
    fn every_name_leads_to_its_cloud() {
        for (name, cloud) in Cloud::NAMES {
            assert_eq!(name.parse(), Ok(cloud));
            assert_eq!(name.to_uppercase().parse(), Ok(cloud));
        }
        assert_eq!(Cloud::UsGovernmentL5.to_string(), "usgovernmentl5");
        let error = "germany".parse::<Cloud>().unwrap_err();
        assert!(error.to_string().contains("\"germany\" is no cloud"));
    }

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
}
