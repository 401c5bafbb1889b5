//! The origin of a configuration, so that an error names the argument and the environment variable to change.

use std::collections::{BTreeMap, BTreeSet};

use super::method::{named, variables};
use graph::{self, Service, SignInFailure, Unreachable};

/// The arguments that are set, and the environment variables that set them.
#[derive(Debug)]
pub struct Origin {
    prefix: String,
    set: BTreeSet<&'static str>,
    sources: BTreeMap<&'static str, String>,
    /// No credentials are configured, so that the Azure CLI is used.
    is_default_cli: bool,
}

impl Default for Origin {
    fn default() -> Self {
        Self::new("ARM", [].into_iter(), false)
    }
}

/// The arguments that an error code of the sign-in service refers to.
const CODES: &[(&str, &[&str])] = &[
    ("AADSTS7000215", &["client_secret"]),
    ("AADSTS7000222", &["client_secret"]),
    ("AADSTS7000216", &["client_secret"]),
    ("AADSTS700016", &["client_id", "tenant_id"]),
    ("AADSTS70001", &["client_id", "tenant_id"]),
    ("AADSTS700027", &["client_certificate_path"]),
    ("AADSTS1000502", &["client_certificate_path"]),
    ("AADSTS90002", &["tenant_id", "environment"]),
    ("AADSTS900023", &["tenant_id"]),
    ("AADSTS900382", &["environment", "tenant_id"]),
    ("AADSTS900439", &["environment", "tenant_id"]),
    ("AADSTS50049", &["environment"]),
    ("AADSTS500011", &["environment"]),
    ("AADSTS70011", &["environment"]),
];

impl Origin {
    pub(super) fn new(
        prefix: &str,
        set: impl Iterator<Item = &'static str>,
        is_default_cli: bool,
    ) -> Self {
        Self {
            prefix: prefix.to_owned(),
            set: set.collect(),
            sources: BTreeMap::new(),
            is_default_cli,
        }
    }

    /// Returns the origin with the environment variables that set arguments.
    pub(super) fn with_sources(mut self, sources: BTreeMap<&'static str, String>) -> Self {
        self.sources = sources;
        self
    }

    /// Returns advice about the provider's configuration; `None` if the error has another cause.
    pub fn advice(&self, error: &graph::Error) -> Option<String> {
        match error {
            graph::Error::Unreachable(lost) => Some(self.unreachable(lost)),
            graph::Error::SignIn(failure) => self.sign_in(failure),
            graph::Error::Refused(refusal) if refusal.code.is_empty() && refusal.status < 500 => {
                self.not_graph()
            }
            graph::Error::Unexpected { .. } => self.not_graph(),
            _ => None,
        }
    }

    /// Formats an argument with its environment variable and the place where it is set.
    fn place(&self, argument: &'static str) -> String {
        match self.sources.get(argument) {
            Some(variable) => {
                format!("`{argument}`, which the environment variable {variable} sets")
            }
            None => format!(
                "`{argument}`, which the provider's configuration sets (environment variable: {})",
                variables(&self.prefix, argument)[0]
            ),
        }
    }

    fn not_graph(&self) -> Option<String> {
        self.set.contains("graph_endpoint").then(|| {
            format!(
                "The server may not be Microsoft Graph. Check {}. It must be the URL of Microsoft Graph without a \
                version; if it is omitted, the provider uses the endpoint of the cloud.",
                self.place("graph_endpoint")
            )
        })
    }

    fn unreachable(&self, lost: &Unreachable) -> String {
        if lost.untrusted {
            return format!(
                "The connection was not retried, because another attempt would fail in the same way. Install the \
                certificate authorities of this machine (usually the package `ca-certificates`), or set SSL_CERT_FILE \
                to a file that contains them. If a proxy inspects connections, its own certificate authority must be \
                among them{}.",
                self.endpoint_of(lost.service)
                    .map_or_else(String::new, |place| {
                        format!("; so must the certificate authority of the server in {place}")
                    })
            );
        }
        if lost.service == Service::Metadata {
            return format!(
                "Only machines in Azure have a metadata service. {} selects the managed identity of the machine; on \
                other machines, use another authentication method.",
                named(&self.prefix, "use_msi")
            );
        }
        let again = if lost.maybe_done {
            " Then apply again: before creating an object, the provider looks for an existing one."
        } else {
            ""
        };
        match self.endpoint_of(lost.service) {
            Some(place) => {
                format!("Check {place}, then the network and the proxy (HTTPS_PROXY).{again}")
            }
            None => format!("Check the network and the proxy (HTTPS_PROXY, NO_PROXY).{again}"),
        }
    }

    /// Returns the argument that sets the endpoint of a service, if any.
    fn endpoint_of(&self, service: Service) -> Option<String> {
        let argument = match service {
            Service::Graph => "graph_endpoint",
            Service::Login => "login_endpoint",
            Service::Issuer => "oidc_request_url",
            Service::Metadata => return None,
        };
        self.set.contains(argument).then(|| self.place(argument))
    }

    fn sign_in(&self, failure: &SignInFailure) -> Option<String> {
        if let Some(code) = &failure.code {
            let (_, arguments) = CODES.iter().find(|(known, _)| known == code)?;
            let all: Vec<String> = arguments
                .iter()
                .map(|argument| named(&self.prefix, argument))
                .collect();
            return Some(format!("Check {}.", all.join(" and ")));
        }
        if failure.status.is_some() && self.set.contains("login_endpoint") {
            return Some(format!(
                "The server may not be Microsoft's sign-in service. Check {}. It must be the URL of the sign-in \
                service without a tenant; if it is omitted, the provider uses the endpoint of the cloud.",
                self.place("login_endpoint")
            ));
        }
        self.is_default_cli.then(|| self.nothing_configured())
    }

    fn nothing_configured(&self) -> String {
        let name = |argument| named(&self.prefix, argument);
        format!(
            "No credentials are configured, so the Azure CLI was used, which is the last of the authentication methods: client secret, \
             client certificate, OIDC, managed identity, AKS workload identity, Azure CLI. To sign in as an application, set {} and {}. To \
             use the Azure CLI, install it and run `az login`.",
            name("client_id"),
            name("client_secret")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(code: Option<&str>, status: Option<u16>) -> graph::Error {
        graph::Error::SignIn(Box::new(SignInFailure {
            tenant_id: "t".to_owned(),
            with: "a client secret",
            code: code.map(str::to_owned),
            meaning: None,
            message: String::new(),
            status,
            definite: true,
            repeated: false,
        }))
    }

    fn unreachable(service: Service, untrusted: bool) -> graph::Error {
        graph::Error::Unreachable(Box::new(Unreachable {
            service,
            method: "GET".to_owned(),
            path: "/".to_owned(),
            host: "host".to_owned(),
            attempts: 1,
            elapsed: std::time::Duration::ZERO,
            fault: "refused".to_owned(),
            untrusted,
            maybe_done: false,
        }))
    }

    #[test]
    fn argument_and_variable_are_named() {
        let sources = BTreeMap::from([("login_endpoint", "SOURCE_LOGIN_ENDPOINT".to_owned())]);
        let set = ["graph_endpoint", "login_endpoint"].into_iter();
        let origin = Origin::new("SOURCE", set, false).with_sources(sources);
        for (error, expected) in [
            (
                failure(Some("AADSTS7000215"), Some(401)),
                &["client_secret", "SOURCE_CLIENT_SECRET"][..],
            ),
            (
                failure(Some("AADSTS900382"), Some(400)),
                &["environment", "SOURCE_ENVIRONMENT"],
            ),
            (
                failure(None, Some(404)),
                &["login_endpoint", "variable SOURCE_LOGIN_ENDPOINT sets"],
            ),
            (
                unreachable(Service::Login, false),
                &["login_endpoint", "variable SOURCE_LOGIN_ENDPOINT sets"],
            ),
            (
                unreachable(Service::Graph, false),
                &["graph_endpoint", "SOURCE_GRAPH_ENDPOINT"],
            ),
            (
                unreachable(Service::Issuer, true),
                &["ca-certificates", "SSL_CERT_FILE", "not retried"],
            ),
            (
                unreachable(Service::Metadata, false),
                &["use_msi", "SOURCE_USE_MSI", "Azure"],
            ),
        ] {
            let text = origin.advice(&error).unwrap();
            for part in expected {
                assert!(text.contains(part), "{part}: {text}");
            }
        }
    }

    #[test]
    fn without_credentials_it_says_what_was_tried() {
        let text = Origin::new("ARM", [].into_iter(), true)
            .advice(&failure(None, None))
            .unwrap();
        for part in ["ARM_CLIENT_ID", "ARM_CLIENT_SECRET", "az login", "last"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let configured = Origin::default();
        assert_eq!(configured.advice(&failure(None, None)), None);
    }
}
