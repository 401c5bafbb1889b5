use super::*;
use aws_lc_rs::signature::{RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
use p12_keystore::{KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use pkcs8::PrivateKeyInfoRef;
use std::sync::LazyLock;

/// Made with OpenSSL 3, valid for a hundred years; the password is `horse`: `openssl req -x509 -newkey rsa:2048 …`, `openssl
/// pkcs12 -export [-legacy] …`.
const OPENSSL: [&[u8]; 3] = [
    include_bytes!("../samples/openssl.pem"),
    include_bytes!("../samples/openssl.p12"),
    include_bytes!("../samples/openssl-legacy.p12"),
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
fn files_of_openssl_are_read() {
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

    let mismatched = block("CERTIFICATE", &other.certificate) + &block("PRIVATE KEY", &SAMPLE.key);
    assert_eq!(read(mismatched.as_bytes(), None).unwrap_err(), E::Mismatch);
}

#[test]
fn unusable_certificates_are_distinguished() {
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
fn an_assertion_is_signed_by_the_key_and_contains_the_thumbprint() {
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
