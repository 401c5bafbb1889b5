//! Parses the validity and the public key of a certificate.

use jiff::Timestamp;
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::der::{AnyRef, Decode as _};
use x509_cert::time::Time;

/// The relevant parts of a certificate.
#[derive(Debug)]
pub(super) struct Parts {
    /// The start of the validity.
    pub(super) not_before: Timestamp,
    /// The end of the validity.
    pub(super) not_after: Timestamp,
    /// The public key; for RSA, modulus and exponent as in PKCS#1.
    pub(super) public_key: Vec<u8>,
}

/// Parses an X.509 certificate. Serial numbers that RFC 5280 does not allow are common, and irrelevant here.
pub(super) fn certificate(der: &[u8]) -> Option<Parts> {
    let certificate = CertificateInner::<Raw>::from_der(der).ok()?;
    let content = certificate.tbs_certificate();
    let validity = content.validity();
    let key = content.subject_public_key_info();
    Some(Parts {
        not_before: moment(validity.not_before)?,
        not_after: moment(validity.not_after)?,
        public_key: key.subject_public_key.as_bytes()?.to_vec(),
    })
}

/// Whether `der` is exactly one value, from its first to its last byte.
pub(super) fn is_whole(der: &[u8]) -> bool {
    AnyRef::from_der(der).is_ok()
}

fn moment(time: Time) -> Option<Timestamp> {
    Timestamp::UNIX_EPOCH
        .checked_add(time.to_unix_duration())
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_lengths_are_rejected() {
        for der in [
            &b""[..],
            &[0x30],
            &[0x30, 5, 1],
            &[0x30, 0x85, 1, 1, 1, 1, 1],
            &[0x30, 0x80],
            &[0x30, 0x82, 1],
        ] {
            assert!(!is_whole(der), "{der:?}");
            assert!(certificate(der).is_none());
        }
        assert!(is_whole(&[0x30, 1, 0]));
        assert!(!is_whole(&[0x30, 1, 0, 0]));
    }
}
