//! Reads a certificate and its RSA key from PEM or PKCS#12, and signs assertions with it.
//!
//! Assertions are signed here because the certificate credential of the official library depends on OpenSSL.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair as _, RSA_PSS_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::{Timestamp, ToSpan as _};
use p12_keystore::Pkcs12Archive;
use pkcs8::{EncryptedPrivateKeyInfoRef, pkcs5};
use serde_json::json;

use super::x509;
use crate::Secret;

/// The reason why a certificate cannot be used to sign in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// There is no private key.
    #[error(
        "the client certificate has no private key: PEM needs both, the certificate and its key"
    )]
    NoKey,
    /// There is no certificate.
    #[error("the client certificate holds a private key but no certificate")]
    NoCertificate,
    /// It is encrypted, and there is no password.
    #[error("the client certificate is encrypted: its password is needed")]
    PasswordNeeded,
    /// The password is wrong.
    #[error("the password does not decrypt the client certificate")]
    WrongPassword,
    /// The key is not an RSA key of a supported size.
    #[error(
        "the key of the client certificate is not an RSA key of 2048 to 8192 bits; Microsoft Entra accepts no other keys"
    )]
    NotRsa,
    /// The key does not belong to any of the certificates.
    #[error("the private key matches none of the certificates")]
    Mismatch,
    /// It has expired.
    #[error("the client certificate expired on {0}")]
    Expired(Timestamp),
    /// It is not valid yet.
    #[error("the client certificate is not valid before {0}")]
    NotYetValid(Timestamp),
    /// It is neither PEM nor PKCS#12.
    #[error("the client certificate cannot be read: {0}")]
    Unreadable(String),
}

use CertificateError as E;

/// A signing key, and the fingerprint of its certificate.
#[derive(Clone)]
pub(super) struct Certificate {
    key: Arc<RsaKeyPair>,
    thumbprint: String,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.thumbprint)
    }
}

impl Certificate {
    /// Reads PEM or PKCS#12, optionally in base64, and checks that the certificate is valid at `now`.
    pub(super) fn read(bytes: &[u8], password: Option<&Secret>, now: Timestamp) -> Result<Self, E> {
        let (key, certificates) = match decode(bytes)? {
            Form::Pem(text) => pem(&text, password)?,
            Form::Pkcs12(der) => pkcs12(&der, password)?,
        };
        if certificates.is_empty() {
            return Err(E::NoCertificate);
        }
        let public = key.public_key().as_ref();
        let own =
            |der: &&Vec<u8>| x509::certificate(der).is_some_and(|parts| parts.public_key == public);
        let certificate = certificates.iter().find(own).ok_or(E::Mismatch)?;
        let parts = x509::certificate(certificate).ok_or(E::Mismatch)?;
        if now > parts.not_after {
            return Err(E::Expired(parts.not_after));
        }
        if now < parts.not_before {
            return Err(E::NotYetValid(parts.not_before));
        }
        let thumbprint = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, certificate));
        Ok(Self {
            key: Arc::new(key),
            thumbprint,
        })
    }

    /// Creates an assertion for `client_id` and the token endpoint `audience`, valid for ten minutes.
    pub(super) fn assertion(
        &self,
        client_id: &str,
        audience: &str,
        now: Timestamp,
    ) -> Result<String, E> {
        let header = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint});
        // Five minutes in the past, to allow for clock skew.
        let from = now.checked_sub(5.minutes()).unwrap_or(now).as_second();
        let claims = json!({
            "aud": audience,
            "iss": client_id,
            "sub": client_id,
            "jti": uuid::Uuid::new_v4().to_string(),
            "iat": now.as_second(),
            "nbf": from,
            "exp": now.as_second() + 600,
        });
        let encode = |json: &serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(
                &RSA_PSS_SHA256,
                &SystemRandom::new(),
                signed.as_bytes(),
                &mut signature,
            )
            .map_err(|_| E::NotRsa)?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

enum Form {
    Pem(String),
    Pkcs12(Vec<u8>),
}

fn decode(bytes: &[u8]) -> Result<Form, E> {
    if let Some(form) = recognize(bytes) {
        return Ok(form);
    }
    let plain: Vec<u8> = bytes
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let decoded = STANDARD.decode(plain).ok();
    decoded.and_then(|bytes| recognize(&bytes)).ok_or_else(|| {
        E::Unreadable("it is neither PEM nor PKCS#12 nor the base64 of either".to_owned())
    })
}

fn recognize(bytes: &[u8]) -> Option<Form> {
    if let Ok(text) = std::str::from_utf8(bytes)
        && text.contains("-----BEGIN ")
    {
        return Some(Form::Pem(text.to_owned()));
    }
    let is_sequence = bytes.first() == Some(&0x30) && x509::is_whole(bytes);
    is_sequence.then(|| Form::Pkcs12(bytes.to_vec()))
}

type Parts = (RsaKeyPair, Vec<Vec<u8>>);

fn pem(text: &str, password: Option<&Secret>) -> Result<Parts, E> {
    let mut key = None;
    let mut certificates = Vec::new();
    for (label, body) in blocks(text) {
        let der = || {
            let plain: String = body.split_whitespace().collect();
            STANDARD
                .decode(plain)
                .map_err(|_| E::Unreadable(format!("its block {label} is not base64")))
        };
        match label {
            "CERTIFICATE" => certificates.push(der()?),
            "PRIVATE KEY" => key = Some(RsaKeyPair::from_pkcs8(&der()?).map_err(|_| E::NotRsa)?),
            "ENCRYPTED PRIVATE KEY" => key = Some(encrypted(&der()?, password)?),
            "RSA PRIVATE KEY" if body.contains("ENCRYPTED") => {
                return Err(E::Unreadable(
                    "its key has the legacy PEM encryption; convert it with \"openssl pkcs8 -topk8\"".to_owned(),
                ));
            }
            "RSA PRIVATE KEY" => key = Some(RsaKeyPair::from_der(&der()?).map_err(|_| E::NotRsa)?),
            "EC PRIVATE KEY" | "DSA PRIVATE KEY" => return Err(E::NotRsa),
            _ => {}
        }
    }
    Ok((key.ok_or(E::NoKey)?, certificates))
}

/// Returns the labels and bodies in a PEM text.
fn blocks(text: &str) -> Vec<(&str, &str)> {
    let mut blocks = Vec::new();
    for part in text.split("-----BEGIN ").skip(1) {
        let Some((label, rest)) = part.split_once("-----") else {
            continue;
        };
        if let Some((body, _)) = rest.split_once("-----END ") {
            blocks.push((label, body));
        }
    }
    blocks
}

fn encrypted(der: &[u8], password: Option<&Secret>) -> Result<RsaKeyPair, E> {
    let password = password.ok_or(E::PasswordNeeded)?;
    let info = EncryptedPrivateKeyInfoRef::try_from(der)
        .map_err(|error| E::Unreadable(format!("its encrypted key is malformed: {error}")))?;
    let plain = info
        .decrypt(password.reveal())
        .map_err(|error| match error {
            pkcs8::Error::EncryptedPrivateKey(
                error @ (pkcs5::Error::UnsupportedAlgorithm { .. }
                | pkcs5::Error::NoPbes1CryptSupport),
            ) => E::Unreadable(format!("its key has an unsupported encryption: {error}")),
            // This includes data that was decrypted to garbage.
            _ => E::WrongPassword,
        })?;
    RsaKeyPair::from_pkcs8(plain.as_bytes()).map_err(|_| E::NotRsa)
}

fn pkcs12(der: &[u8], password: Option<&Secret>) -> Result<Parts, E> {
    let archive =
        Pkcs12Archive::from_pkcs12(der, password.map_or("", Secret::reveal)).map_err(|error| {
            match error {
                p12_keystore::error::Error::MacError(_) if password.is_none() => E::PasswordNeeded,
                p12_keystore::error::Error::MacError(_) => E::WrongPassword,
                other => E::Unreadable(format!("as PKCS#12: {other}")),
            }
        })?;
    let key = archive.keys.first().ok_or(E::NoKey)?;
    let key = RsaKeyPair::from_pkcs8(key.key.as_der()).map_err(|_| E::NotRsa)?;
    let certificates = archive
        .certs
        .iter()
        .map(|entry| entry.cert.as_der().to_vec());
    Ok((key, certificates.collect()))
}

#[cfg(test)]
mod tests;
