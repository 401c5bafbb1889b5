//! Authentication methods. The official Azure identity library implements the protocols; this module adds what it lacks:
//! certificates without OpenSSL, tokens of other issuers, and plain http to this machine.

mod azure_cli;
mod certificate;
mod credential;
mod failure;
mod identity_transport;
mod lifetime;
mod oidc;
mod token;
mod x509;

use std::fmt;
use std::path::PathBuf;

use url::Url;

use super::Secret;
pub use certificate::CertificateError;
pub(super) use token::{Token, Tokens};

/// An authentication method.
#[derive(Clone)]
pub enum SignIn {
    /// A client secret.
    ClientSecret {
        /// The secret.
        secret: Secret,
    },
    /// A client certificate.
    ClientCertificate {
        /// PEM with key and certificate, or PKCS#12, the latter also in base64.
        bytes: Vec<u8>,
        /// The password of the key or the archive.
        password: Option<Secret>,
    },
    /// Workload identity federation with the tokens of another issuer.
    Oidc(Oidc),
    /// The managed identity of the machine, system-assigned or user-assigned.
    ManagedIdentity {
        /// The client ID of a user-assigned identity.
        client_id: Option<String>,
    },
    /// Workload identity of the Kubernetes cluster (AKS).
    AksWorkloadIdentity {
        /// The token file of the cluster. Defaults to the one that the environment names.
        token_file: Option<PathBuf>,
    },
    /// The account that is signed in to the Azure CLI.
    AzureCli,
}

/// The source of the other issuer's token.
#[derive(Clone)]
pub enum Oidc {
    /// A given token.
    Token(Secret),
    /// A file, which is read whenever a token is needed.
    TokenFile(PathBuf),
    /// The GitHub Actions runner.
    GitHub {
        /// The runner's URL for tokens.
        url: Url,
        /// The runner's request token.
        token: Secret,
    },
    /// Azure DevOps.
    AzureDevOps {
        /// The pipeline's URL for tokens.
        url: Url,
        /// The pipeline's access token.
        token: Secret,
        /// The service connection of the token.
        service_connection_id: String,
    },
}

impl SignIn {
    /// The name in messages.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::ClientSecret { .. } => "a client secret",
            Self::ClientCertificate { .. } => "a client certificate",
            Self::Oidc(_) => "OIDC",
            Self::ManagedIdentity { .. } => "a managed identity",
            Self::AksWorkloadIdentity { .. } => "AKS workload identity",
            Self::AzureCli => "the Azure CLI",
        }
    }
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Oidc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "given token",
            Self::TokenFile(_) => "token file",
            Self::GitHub { .. } => "GitHub Actions",
            Self::AzureDevOps { .. } => "Azure DevOps",
        })
    }
}
