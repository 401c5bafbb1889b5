//! Creates the credential of the identity library for an authentication method.

use std::path::PathBuf;
use std::sync::Arc;

use azure_core::credentials::TokenCredential;
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, ClientAssertionCredential,
    ClientAssertionCredentialOptions, ClientSecretCredential, ClientSecretCredentialOptions,
    Executor, ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
    WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};
use jiff::Timestamp;

use super::azure_cli::Process;
use super::certificate::Certificate;
use super::oidc::{Assertions, Source};
use super::token::Tokens;
use super::{CertificateError, Oidc, SignIn};
use crate::{Options, Secret};

/// The variable in which AKS passes the path of the token file.
const AKS_TOKEN_FILE: &str = "AZURE_FEDERATED_TOKEN_FILE";

/// An authentication method, with all its files read that can be read at once.
pub(super) enum AuthMethod {
    ClientSecret(Secret),
    Certificate(Certificate),
    Oidc(Oidc, &'static str),
    ManagedIdentity(Option<String>),
    AksWorkloadIdentity(Option<PathBuf>),
    AzureCli(Arc<dyn Executor>),
}

impl AuthMethod {
    /// Reads the files, and registers the secrets with the redactor.
    pub(super) fn new(options: &Options) -> Result<Self, CertificateError> {
        let redactor = &options.redactor;
        Ok(match options.sign_in.clone() {
            SignIn::ClientSecret { secret } => {
                redactor.learn(&secret);
                AuthMethod::ClientSecret(secret)
            }
            SignIn::ClientCertificate { bytes, password } => {
                if let Some(password) = &password {
                    redactor.learn(password);
                }
                AuthMethod::Certificate(Certificate::read(
                    &bytes,
                    password.as_ref(),
                    Timestamp::now(),
                )?)
            }
            SignIn::Oidc(oidc) => {
                if let Oidc::Token(token)
                | Oidc::GitHub { token, .. }
                | Oidc::AzureDevOps { token, .. } = &oidc
                {
                    redactor.learn(token);
                }
                AuthMethod::Oidc(oidc, options.endpoints.cloud.exchange_audience())
            }
            SignIn::ManagedIdentity { client_id } => {
                // The secret of the local identity endpoint, which the library reads itself.
                for name in ["IDENTITY_HEADER", "MSI_SECRET"] {
                    if let Ok(secret) = std::env::var(name) {
                        redactor.learn(&Secret::from(secret));
                    }
                }
                AuthMethod::ManagedIdentity(client_id)
            }
            SignIn::AksWorkloadIdentity { token_file } => AuthMethod::AksWorkloadIdentity(
                token_file.or_else(|| std::env::var_os(AKS_TOKEN_FILE).map(PathBuf::from)),
            ),
            SignIn::AzureCli => AuthMethod::AzureCli(Arc::new(Process)),
        })
    }
}

impl Tokens {
    /// Creates the library's credential, anew for every token, because its own cache would be independent of ours.
    pub(super) fn credential(&self) -> azure_core::Result<Arc<dyn TokenCredential>> {
        let client_options = self.transport.client_options();
        let (tenant_id, client_id) = (self.tenant_id.clone(), self.client_id.clone());
        let asserting = |source| {
            let assertions = Assertions {
                source,
                redactor: self.redactor.clone(),
            };
            let options = ClientAssertionCredentialOptions {
                client_options: client_options.clone(),
            };
            ClientAssertionCredential::new(
                tenant_id.clone(),
                client_id.clone(),
                assertions,
                Some(options),
            )
        };
        Ok(match &self.auth_method {
            AuthMethod::ClientSecret(secret) => {
                let secret = azure_core::credentials::Secret::new(secret.reveal().to_owned());
                let options = ClientSecretCredentialOptions { client_options };
                ClientSecretCredential::new(&tenant_id, client_id, secret, Some(options))?
            }
            AuthMethod::Certificate(certificate) => asserting(Source::Certificate {
                certificate: certificate.clone(),
                client_id: client_id.clone(),
                audience: self.token_endpoint(),
            })?,
            AuthMethod::Oidc(oidc, audience) => asserting(Source::Issuer {
                oidc: oidc.clone(),
                audience,
                transport: Box::new(self.transport.clone()),
            })?,
            AuthMethod::ManagedIdentity(id) => {
                ManagedIdentityCredential::new(Some(ManagedIdentityCredentialOptions {
                    user_assigned_id: id.clone().map(UserAssignedId::ClientId),
                    client_options,
                }))?
            }
            // The file is read here so that the redactor learns the token. If something is missing, the library reports it.
            AuthMethod::AksWorkloadIdentity(Some(file)) if !client_id.is_empty() => {
                asserting(Source::Issuer {
                    oidc: Oidc::TokenFile(file.clone()),
                    audience: "",
                    transport: Box::new(self.transport.clone()),
                })?
            }
            AuthMethod::AksWorkloadIdentity(file) => {
                WorkloadIdentityCredential::new(Some(WorkloadIdentityCredentialOptions {
                    credential_options: ClientAssertionCredentialOptions { client_options },
                    client_id: (!client_id.is_empty()).then_some(client_id),
                    tenant_id: Some(tenant_id),
                    token_file_path: file.clone(),
                }))?
            }
            AuthMethod::AzureCli(executor) => {
                AzureCliCredential::new(Some(AzureCliCredentialOptions {
                    tenant_id: Some(tenant_id),
                    executor: Some(Arc::clone(executor)),
                    ..AzureCliCredentialOptions::default()
                }))?
            }
        })
    }

    fn token_endpoint(&self) -> String {
        let login = self.transport.login.as_str().trim_end_matches('/');
        format!("{login}/{}/oauth2/v2.0/token", self.tenant_id)
    }
}

#[cfg(test)]
mod tests;
