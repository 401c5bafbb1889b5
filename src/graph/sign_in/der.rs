//! Just enough DER to see how long a certificate is valid and whose key it certifies.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const VERSION: u8 = 0xA0;

/// What we read from a certificate.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    /// Its first moment.
    pub(super) not_before: Timestamp,
    /// Its last moment.
    pub(super) not_after: Timestamp,
    /// The key it certifies; for RSA, modulus and exponent as PKCS#1 writes them.
    pub(super) public_key: &'a [u8],
}

/// Reads an X.509 certificate.
pub(super) fn certificate(der: &[u8]) -> Option<Parts<'_>> {
    let (certificate, _) = expect(der, SEQUENCE)?;
    let (body, _) = expect(certificate, SEQUENCE)?;
    let rest = match next(body)? {
        (VERSION, _, rest) => rest,
        _ => body,
    };
    let (_, _, rest) = next(rest)?; // serial number
    let (_, _, rest) = next(rest)?; // signature algorithm
    let (_, _, rest) = next(rest)?; // issuer
    let (validity, rest) = expect(rest, SEQUENCE)?;
    let (_, _, rest) = next(rest)?; // subject
    let (info, _) = expect(rest, SEQUENCE)?;
    let (_, _, key) = next(info)?; // key algorithm
    let (key, _) = expect(key, BIT_STRING)?;
    let (from, until) = {
        let (tag, from, rest) = next(validity)?;
        let (tag_until, until, _) = next(rest)?;
        (time(tag, from)?, time(tag_until, until)?)
    };
    Some(Parts {
        not_before: from,
        not_after: until,
        // The first byte counts unused bits; there are none in a key.
        public_key: key.split_first()?.1,
    })
}

/// Whether `der` is one value from its first to its last byte.
pub(super) fn is_whole(der: &[u8]) -> bool {
    next(der).is_some_and(|(_, _, rest)| rest.is_empty())
}

fn expect(der: &[u8], wanted: u8) -> Option<(&[u8], &[u8])> {
    let (tag, content, rest) = next(der)?;
    (tag == wanted).then_some((content, rest))
}

/// The first value's tag and content, and what follows it.
fn next(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let mut length = usize::from(first);
    if first >= 0x80 {
        let bytes = usize::from(first & 0x7F);
        if bytes == 0 || bytes > 4 || rest.len() < bytes {
            return None;
        }
        let (digits, after) = rest.split_at(bytes);
        length = digits
            .iter()
            .fold(0, |sum, &byte| sum << 8 | usize::from(byte));
        rest = after;
    }
    if rest.len() < length {
        return None;
    }
    let (content, rest) = rest.split_at(length);
    Some((tag, content, rest))
}

fn time(tag: u8, content: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(content).ok()?.strip_suffix('Z')?;
    let text = match tag {
        // Two digits of the year; RFC 5280 puts 50 to 99 into the last century.
        UTC_TIME if text.get(..2)? < "50" => format!("20{text}"),
        UTC_TIME => format!("19{text}"),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let moment = DateTime::strptime("%Y%m%d%H%M%S", &text).ok()?;
    Some(moment.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_time_are_read() {
        let at = |tag, text: &str| time(tag, text.as_bytes()).map(|moment| moment.to_string());
        assert_eq!(
            at(UTC_TIME, "261021072800Z").as_deref(),
            Some("2026-10-21T07:28:00Z")
        );
        assert_eq!(
            at(UTC_TIME, "500101000000Z").as_deref(),
            Some("1950-01-01T00:00:00Z")
        );
        assert_eq!(
            at(GENERALIZED_TIME, "20500101000000Z").as_deref(),
            Some("2050-01-01T00:00:00Z")
        );
        assert_eq!(at(UTC_TIME, "261321072800Z"), None);
        assert_eq!(at(SEQUENCE, "261021072800Z"), None);
    }

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
            assert!(next(der).is_none(), "{der:?}");
            assert!(certificate(der).is_none());
        }
        assert!(is_whole(&[0x30, 1, 0]));
        assert!(!is_whole(&[0x30, 1, 0, 0]));
    }
}
