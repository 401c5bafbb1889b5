//! A certificate and its RSA key, from PEM or PKCS#12, and the assertions it signs.
//!
//! Signing is done here because the official library's own certificate sign-in would bring OpenSSL along.

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

use super::der;
use crate::graph::Secret;

/// Why a certificate cannot be signed in with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// There is no key.
    #[error(
        "the client certificate has no private key: PEM needs both, the certificate and its key"
    )]
    NoKey,
    /// There is no certificate.
    #[error("the client certificate holds a private key but no certificate")]
    NoCertificate,
    /// It is encrypted, and no password is given.
    #[error("the client certificate is encrypted: its password is needed")]
    PasswordNeeded,
    /// The password does not open it.
    #[error("the password does not open the client certificate")]
    WrongPassword,
    /// The key is of another kind.
    #[error(
        "the client certificate's key is no RSA key of 2048 to 8192 bits, the only kind Microsoft Entra takes"
    )]
    NotRsa,
    /// The key belongs to none of the certificates.
    #[error("the private key belongs to none of the certificates that come with it")]
    Mismatch,
    /// Its time is over.
    #[error("the client certificate expired on {0}")]
    Expired(Timestamp),
    /// Its time has not come.
    #[error("the client certificate is not valid before {0}")]
    NotYetValid(Timestamp),
    /// It is neither PEM nor PKCS#12.
    #[error("the client certificate cannot be read: {0}")]
    Unreadable(String),
}

use CertificateError as E;

/// A key that can sign and the fingerprint of its certificate.
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
    /// Reads PEM or PKCS#12, either of them also as base64, and checks that it is good at `now`.
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
            |der: &&Vec<u8>| der::certificate(der).is_some_and(|parts| parts.public_key == public);
        let certificate = certificates.iter().find(own).ok_or(E::Mismatch)?;
        let parts = der::certificate(certificate).ok_or(E::Mismatch)?;
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

    /// A fresh assertion that we are `client_id`, for the token endpoint `audience`, good for ten minutes.
    pub(super) fn assertion(
        &self,
        client_id: &str,
        audience: &str,
        now: Timestamp,
    ) -> Result<String, E> {
        let header = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint});
        // Five minutes back, for clocks that are not quite the same.
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
    let is_sequence = bytes.first() == Some(&0x30) && der::is_whole(bytes);
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
                .map_err(|_| E::Unreadable(format!("its block {label} is no base64")))
        };
        match label {
            "CERTIFICATE" => certificates.push(der()?),
            "PRIVATE KEY" => key = Some(RsaKeyPair::from_pkcs8(&der()?).map_err(|_| E::NotRsa)?),
            "ENCRYPTED PRIVATE KEY" => key = Some(encrypted(&der()?, password)?),
            "RSA PRIVATE KEY" if body.contains("ENCRYPTED") => {
                return Err(E::Unreadable(
                    "its key is encrypted in the old PEM way; convert it with \"openssl pkcs8 -topk8\"".to_owned(),
                ));
            }
            "RSA PRIVATE KEY" => key = Some(RsaKeyPair::from_der(&der()?).map_err(|_| E::NotRsa)?),
            "EC PRIVATE KEY" | "DSA PRIVATE KEY" => return Err(E::NotRsa),
            _ => {}
        }
    }
    Ok((key.ok_or(E::NoKey)?, certificates))
}

/// The labels and bodies of a PEM text.
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
            ) => E::Unreadable(format!(
                "its key is encrypted in a way we do not know: {error}"
            )),
            // Also what was decrypted to nonsense.
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
mod tests {
    use super::*;
    use aws_lc_rs::signature::{RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
    use p12_keystore::{KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
    use pkcs8::PrivateKeyInfoRef;
    use std::sync::LazyLock;

    /// Written by OpenSSL 3 for a hundred years; the password is the word horse:
    /// `openssl req -x509 -newkey rsa:2048 …`, `openssl pkcs12 -export [-legacy] …`.
    const OPENSSL: [&[u8]; 3] = [
        include_bytes!("samples/openssl.pem"),
        include_bytes!("samples/openssl.p12"),
        include_bytes!("samples/openssl-legacy.p12"),
    ];

    struct Sample {
        /// PKCS#8.
        key: Vec<u8>,
        certificate: Vec<u8>,
    }

    /// Valid from 2020 to 2040.
    fn sample(key: &rcgen::KeyPair) -> Sample {
        let mut params = rcgen::CertificateParams::new(["test".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2040, 1, 1);
        Sample {
            certificate: params.self_signed(key).unwrap().der().to_vec(),
            key: key.serialize_der(),
        }
    }

    fn rsa() -> rcgen::KeyPair {
        rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).unwrap()
    }

    static SAMPLE: LazyLock<Sample> = LazyLock::new(|| sample(&rsa()));

    fn now() -> Timestamp {
        "2030-01-01T00:00:00Z".parse().unwrap()
    }

    fn block(label: &str, der: &[u8]) -> String {
        let text = STANDARD.encode(der);
        let lines: Vec<_> = text
            .as_bytes()
            .chunks(64)
            .map(|line| std::str::from_utf8(line).unwrap())
            .collect();
        format!(
            "-----BEGIN {label}-----\r\n{}\r\n-----END {label}-----\r\n",
            lines.join("\r\n")
        )
    }

    fn read(bytes: &[u8], password: Option<&str>) -> Result<Certificate, E> {
        Certificate::read(bytes, password.map(Secret::from).as_ref(), now())
    }

    fn encrypted_key(password: &str) -> Vec<u8> {
        let parameters =
            pkcs5::pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(1000, b"saltsalt", [7; 16]);
        let info = PrivateKeyInfoRef::try_from(SAMPLE.key.as_slice()).unwrap();
        info.encrypt_with_params(parameters.unwrap(), password)
            .unwrap()
            .as_bytes()
            .to_vec()
    }

    fn archive(password: &str, certificates: &[&[u8]]) -> Vec<u8> {
        let certificates = certificates
            .iter()
            .map(|der| p12_keystore::Certificate::from_der(der).unwrap());
        let key = PrivateKey::from_der(&SAMPLE.key).unwrap();
        let mut store = KeyStore::new();
        store.add_entry(
            "one",
            KeyStoreEntry::PrivateKeyChain(PrivateKeyChain::new("id", key, certificates)),
        );
        store
            .writer(password)
            .encryption_iterations(100)
            .mac_iterations(100)
            .write()
            .unwrap()
    }

    #[test]
    fn every_form_is_read() {
        let certificate = block("CERTIFICATE", &SAMPLE.certificate);
        let info = PrivateKeyInfoRef::try_from(SAMPLE.key.as_slice()).unwrap();
        let forms = [
            (
                certificate.clone() + &block("PRIVATE KEY", &SAMPLE.key),
                None,
            ),
            (
                block("RSA PRIVATE KEY", info.private_key.as_bytes()) + &certificate,
                None,
            ),
            (
                block("ENCRYPTED PRIVATE KEY", &encrypted_key("horse")) + &certificate,
                Some("horse"),
            ),
        ];
        let thumbprint = read(forms[0].0.as_bytes(), None).unwrap().thumbprint;
        for (text, password) in &forms {
            assert_eq!(
                read(text.as_bytes(), *password).unwrap().thumbprint,
                thumbprint
            );
            let base64 = STANDARD.encode(text);
            assert_eq!(
                read(base64.as_bytes(), *password).unwrap().thumbprint,
                thumbprint
            );
        }
        for password in ["horse", ""] {
            let archive = archive(password, &[&SAMPLE.certificate]);
            let password = (!password.is_empty()).then_some(password);
            assert_eq!(read(&archive, password).unwrap().thumbprint, thumbprint);
            let base64 = STANDARD.encode(archive) + "\n";
            assert_eq!(
                read(base64.as_bytes(), password).unwrap().thumbprint,
                thumbprint
            );
        }
    }

    #[test]
    fn what_openssl_writes_is_read() {
        for (index, bytes) in OPENSSL.into_iter().enumerate() {
            assert!(
                read(bytes, Some("horse")).is_ok(),
                "{index}: {:?}",
                read(bytes, Some("horse"))
            );
            assert_eq!(
                read(bytes, Some("donkey")).unwrap_err(),
                E::WrongPassword,
                "{index}"
            );
            assert_eq!(read(bytes, None).unwrap_err(), E::PasswordNeeded, "{index}");
        }
    }

    #[test]
    fn the_certificate_of_the_key_is_chosen_among_many() {
        let other = sample(&rsa());
        let pem = block("CERTIFICATE", &other.certificate)
            + &block("CERTIFICATE", &SAMPLE.certificate)
            + &block("PRIVATE KEY", &SAMPLE.key);
        let expected = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, &SAMPLE.certificate));
        assert_eq!(read(pem.as_bytes(), None).unwrap().thumbprint, expected);
        let archive = archive("x", &[&SAMPLE.certificate, &other.certificate]);
        assert_eq!(read(&archive, Some("x")).unwrap().thumbprint, expected);

        let mismatched =
            block("CERTIFICATE", &other.certificate) + &block("PRIVATE KEY", &SAMPLE.key);
        assert_eq!(read(mismatched.as_bytes(), None).unwrap_err(), E::Mismatch);
    }

    #[test]
    fn what_cannot_be_used_is_told_apart() {
        let key = block("PRIVATE KEY", &SAMPLE.key);
        let certificate = block("CERTIFICATE", &SAMPLE.certificate);
        let both = format!("{key}{certificate}");
        let elliptic = sample(&rcgen::KeyPair::generate().unwrap());
        let elliptic =
            block("CERTIFICATE", &elliptic.certificate) + &block("PRIVATE KEY", &elliptic.key);
        let old = certificate.clone()
            + "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----";
        let fails = |text: &str| read(text.as_bytes(), None).unwrap_err();
        assert_eq!(fails(&key), E::NoCertificate);
        assert_eq!(fails(&certificate), E::NoKey);
        assert_eq!(fails(&elliptic), E::NotRsa);
        assert!(matches!(fails(&old), E::Unreadable(what) if what.contains("openssl pkcs8")));
        for nonsense in ["", "nonsense", "AAAA", "-----BEGIN X-----", "MAA="] {
            assert!(
                matches!(fails(nonsense), E::Unreadable(_) | E::NoKey),
                "{nonsense}"
            );
        }
        let at = |now: &str| {
            Certificate::read(both.as_bytes(), None, now.parse().unwrap())
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            at("2041-01-01T00:00:00Z"),
            "the client certificate expired on 2040-01-01T00:00:00Z"
        );
        assert_eq!(
            at("2019-01-01T00:00:00Z"),
            "the client certificate is not valid before 2020-01-01T00:00:00Z"
        );
    }

    #[test]
    fn an_assertion_is_signed_by_the_key_and_names_the_certificate() {
        let pem = block("CERTIFICATE", &SAMPLE.certificate) + &block("PRIVATE KEY", &SAMPLE.key);
        let certificate = read(pem.as_bytes(), None).unwrap();
        let assertion = certificate
            .assertion("app", "https://login.example/t/oauth2/v2.0/token", now())
            .unwrap();
        let (signed, signature) = assertion.rsplit_once('.').unwrap();
        let public = certificate.key.public_key().as_ref();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let key = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, public);
        assert!(key.verify(signed.as_bytes(), &signature).is_ok());

        let part = |index| -> serde_json::Value {
            let text = signed.split('.').nth(index).unwrap();
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
        };
        assert_eq!(
            part(0),
            json!({"alg": "PS256", "typ": "JWT", "x5t#S256": certificate.thumbprint})
        );
        let claims = part(1);
        assert_eq!(
            (&claims["iss"], &claims["sub"]),
            (&json!("app"), &json!("app"))
        );
        assert_eq!(claims["aud"], "https://login.example/t/oauth2/v2.0/token");
        assert_eq!(claims["exp"], now().as_second() + 600);
        assert!(!format!("{certificate:?}").contains("RsaKeyPair"));
    }
}
