//! How long a certificate is valid, and whose key it certifies.

use jiff::Timestamp;
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::der::{AnyRef, Decode as _};
use x509_cert::time::Time;

/// What a certificate says.
#[derive(Debug)]
pub(super) struct Parts {
    /// Its first moment.
    pub(super) not_before: Timestamp,
    /// Its last moment.
    pub(super) not_after: Timestamp,
    /// The key it certifies; for RSA, modulus and exponent as PKCS#1 writes them.
    pub(super) public_key: Vec<u8>,
}

/// Reads an X.509 certificate. Serial numbers that RFC 5280 does not allow are common, and make no difference here.
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

/// Whether `der` is one value from its first to its last byte.
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
    fn broken_lengths_are_refused() {
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
