//! The authentication methods: the settings that each one needs, and the error if one is missing.

use std::path::Path as File;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::method::{Method, PARTS, truth};
use super::mistakes;
use super::settings::Settings;
use crate::prelude::*;
use graph::{Oidc, Secret, SignIn};

impl Settings {
    /// Returns the configured sign-in.
    pub(super) fn sign_in(&self) -> Result<SignIn, Diagnostic> {
        match self.method {
            Some(Method::Secret) => Ok(SignIn::ClientSecret {
                secret: self.secret()?,
            }),
            Some(Method::Certificate) => self.certificate(),
            Some(Method::Oidc) => self.oidc().map(SignIn::Oidc),
            Some(Method::Msi) => Ok(SignIn::ManagedIdentity {
                client_id: self.guid("client_id")?,
            }),
            Some(Method::Aks) => Ok(SignIn::AksWorkloadIdentity {
                token_file: self.get("oidc_token_file_path").map(Into::into),
            }),
            None => self.azure_cli(),
        }
    }

    /// Returns the default sign-in, unless another method is configured incompletely.
    fn azure_cli(&self) -> Result<SignIn, Diagnostic> {
        let wanted = self.get("use_cli").map(truth);
        match wanted {
            Some(None) => return Err(self.invalid("use_cli", "true or false")),
            Some(Some(true)) => return Ok(SignIn::AzureCli),
            _ => {}
        }
        let half = PARTS.iter().find(|(part, _)| self.get(part).is_some());
        match half {
            Some((part, needed)) => {
                let why = format!(
                    "`{part}` is set, but no authentication method that uses it is configured."
                );
                Err(self.missing(needed, &why))
            }
            None if wanted.is_none() => Ok(SignIn::AzureCli),
            None => Err(self.missing("client_secret", "No authentication method is configured.")),
        }
    }

    fn secret(&self) -> Result<Secret, Diagnostic> {
        let from_file = self.file("client_secret_file_path")?;
        match (self.get("client_secret"), from_file) {
            (Some(secret), Some(other)) if secret != other => Err(mistakes::two_values(
                "client_secret",
                "client_secret_file_path",
            )),
            (Some(secret), _) => Ok(Secret::from(secret)),
            (None, Some(secret)) => Ok(Secret::from(secret)),
            (None, None) => Err(self.missing("client_secret", "The client secret is not known.")),
        }
    }

    fn certificate(&self) -> Result<SignIn, Diagnostic> {
        let bytes = match (
            self.get("client_certificate"),
            self.get("client_certificate_path"),
        ) {
            (Some(text), _) if text.contains("-----BEGIN") => text.as_bytes().to_vec(),
            (Some(text), _) => {
                let compact: String = text.split_whitespace().collect();
                STANDARD.decode(compact).map_err(|_| {
                    self.invalid(
                        "client_certificate",
                        "PEM or a base64-encoded PKCS#12 file; to name a file, use `client_certificate_path`",
                    )
                })?
            }
            (None, Some(path)) => std::fs::read(path)
                .map_err(|error| self.unreadable("client_certificate_path", path, &error))?,
            (None, None) => {
                return Err(self.missing(
                    "client_certificate_path",
                    "The client certificate is not known.",
                ));
            }
        };
        let password = self.get("client_certificate_password").map(Secret::from);
        Ok(SignIn::ClientCertificate { bytes, password })
    }

    fn oidc(&self) -> Result<Oidc, Diagnostic> {
        if let Some(token) = self.get("oidc_token") {
            return Ok(Oidc::Token(Secret::from(token)));
        }
        if let Some(path) = self.get("oidc_token_file_path") {
            return Ok(Oidc::TokenFile(File::new(path).to_path_buf()));
        }
        let (url, token) = match (self.get("oidc_request_url"), self.get("oidc_request_token")) {
            (Some(url), Some(token)) => (url, Secret::from(token)),
            (Some(_), None) => return Err(self.half_an_issuer("oidc_request_token")),
            (None, Some(_)) => return Err(self.half_an_issuer("oidc_request_url")),
            (None, None) => {
                let why = "`use_oidc` is set. The provider reads the token from `oidc_token`, then from the file in \
                    `oidc_token_file_path`, and then requests it with `oidc_request_url` and `oidc_request_token`, \
                    which GitHub Actions sets if the workflow has the permission `id-token: write`.";
                return Err(self.missing("oidc_token", why));
            }
        };
        let url = url
            .parse()
            .map_err(|_| self.invalid("oidc_request_url", "an https URL"))?;
        let is_azure_devops = self
            .sources
            .get("oidc_request_url")
            .is_some_and(|variable| variable == "SYSTEM_OIDCREQUESTURI");
        match self.get("ado_pipeline_service_connection_id") {
            Some(id) => Ok(Oidc::AzureDevOps {
                url,
                token,
                service_connection_id: id.to_owned(),
            }),
            None if is_azure_devops => Err(self.missing(
                "ado_pipeline_service_connection_id",
                "Azure DevOps pipelines issue tokens only for a service connection.",
            )),
            None => Ok(Oidc::GitHub { url, token }),
        }
    }

    fn half_an_issuer(&self, missing: &'static str) -> Diagnostic {
        let why = "To request a token, set both `oidc_request_url` and `oidc_request_token`.";
        self.missing(missing, why)
    }
}
