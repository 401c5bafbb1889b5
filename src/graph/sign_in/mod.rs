//! Ways to sign in. The official Azure identity library does the talking; what it lacks (certificates without
//! OpenSSL, tokens of other issuers, plain http to this machine) is handed to it from here.

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

/// How to sign in.
#[derive(Clone)]
pub enum SignIn {
    /// An application with its secret.
    ClientSecret {
        /// The secret.
        secret: Secret,
    },
    /// An application with its certificate.
    ClientCertificate {
        /// PEM with key and certificate, or PKCS#12, the latter also as base64.
        bytes: Vec<u8>,
        /// What the key or the archive is encrypted with.
        password: Option<Secret>,
    },
    /// An application that trusts the tokens of another issuer.
    Oidc(Oidc),
    /// The identity of the machine we run on, or one assigned to it.
    ManagedIdentity {
        /// The client ID of an assigned identity.
        client_id: Option<String>,
    },
    /// An application that trusts the Kubernetes cluster we run in.
    AksWorkloadIdentity {
        /// The file the cluster keeps its token in; by default the one the environment names.
        token_file: Option<PathBuf>,
    },
    /// The account of the Azure CLI.
    AzureCli,
}

/// Where the other issuer's token comes from.
#[derive(Clone)]
pub enum Oidc {
    /// It is given.
    Token(Secret),
    /// From a file, read anew whenever it is needed.
    TokenFile(PathBuf),
    /// From the GitHub Actions runner.
    GitHub {
        /// The runner's address for tokens.
        url: Url,
        /// What the runner wants to see before it gives one.
        token: Secret,
    },
    /// From Azure DevOps.
    AzureDevOps {
        /// The pipeline's address for tokens.
        url: Url,
        /// The pipeline's access token.
        token: Secret,
        /// The service connection the token is for.
        service_connection_id: String,
    },
}

impl SignIn {
    /// What it is called in messages.
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
