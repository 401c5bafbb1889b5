//! The subset of X.509 that verification of a signed assertion needs: the public key and the thumbprints of a certificate.

use aws_lc_rs::{digest, signature};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// A certificate whose key may sign assertions.
pub(super) struct Certificate {
    der: Vec<u8>,
}

impl Certificate {
    /// Reads the first PEM block, either a certificate or a bare public key.
    pub(super) fn from_pem(pem: &str) -> Option<Self> {
        let begin = pem.find("-----BEGIN ")?;
        let (_, body) = pem[begin + 11..].split_once("-----")?;
        let (body, _) = body.split_once("-----END ")?;
        let text: String = body.split_whitespace().collect();
        Some(Self {
            der: STANDARD.decode(text).ok()?,
        })
    }

    /// Whether the `x5t` or `x5t#S256` of a JWT header identifies this certificate. True if the header has neither.
    pub(super) fn is_named_by(&self, header: &serde_json::Value) -> bool {
        let fits = |name: &str, algorithm: &'static digest::Algorithm| {
            let wanted = header[name]
                .as_str()
                .map(|text| text.trim_end_matches('=').to_owned());
            let own = URL_SAFE_NO_PAD.encode(digest::digest(algorithm, &self.der).as_ref());
            wanted.is_none_or(|wanted| wanted == own)
        };
        fits("x5t#S256", &digest::SHA256) && fits("x5t", &digest::SHA1_FOR_LEGACY_USE_ONLY)
    }

    /// Whether the JWT was signed with the key of this certificate, using RS256 or PS256.
    pub(super) fn verifies(&self, jwt: &str, algorithm: &str) -> bool {
        let algorithm: &'static signature::RsaParameters = match algorithm {
            "RS256" => &signature::RSA_PKCS1_2048_8192_SHA256,
            "PS256" => &signature::RSA_PSS_2048_8192_SHA256,
            _ => return false,
        };
        let Some((signed, tag)) = jwt.rsplit_once('.') else {
            return false;
        };
        let Ok(tag) = URL_SAFE_NO_PAD.decode(tag) else {
            return false;
        };
        let key = public_key(&self.der).unwrap_or(&self.der);
        signature::UnparsedPublicKey::new(algorithm, key)
            .verify(signed.as_bytes(), &tag)
            .is_ok()
    }
}

/// The `SubjectPublicKeyInfo` of a certificate, which follows version, serial number, algorithm, issuer, validity and subject.
fn public_key(certificate: &[u8]) -> Option<&[u8]> {
    let (_, outer, _) = element(certificate)?;
    let (_, mut fields, _) = element(outer)?;
    let mut skip = 5;
    if fields.first() == Some(&0xa0) {
        skip += 1;
    }
    for _ in 0..skip {
        let (_, _, rest) = element(fields)?;
        fields = rest;
    }
    let (whole, _, _) = element(fields)?;
    Some(whole)
}

/// Splits off one DER element: the whole element, its content, and the bytes that follow it.
fn element(der: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let first = *der.get(1)?;
    let (length, header) = if first < 0x80 {
        (usize::from(first), 2)
    } else {
        let octets = usize::from(first & 0x7f);
        if octets > 4 {
            return None;
        }
        let length = der
            .get(2..2 + octets)?
            .iter()
            .fold(0, |length, octet| (length << 8) | usize::from(*octet));
        (length, 2 + octets)
    };
    let end = header + length;
    Some((der.get(..end)?, der.get(header..end)?, der.get(end..)?))
}
