//! TLS connections to the provider: certificates, versions and refusals.

use rustls::ProtocolVersion;
use rustls::version::{TLS12, TLS13};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio_rustls::client::TlsStream;

use crate::host::{Identity, Launch, PATIENCE, Plugin};

/// Whether the server accepts this connection. With TLS 1.3, a refusal shows only after the handshake.
async fn is_let_in(stream: std::io::Result<TlsStream<UnixStream>>) -> bool {
    let Ok(mut stream) = stream else { return false };
    // The HTTP/2 preface and empty settings; an HTTP/2 server responds with its own settings.
    let hello = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    if stream.write_all(hello).await.is_err() {
        return false;
    }
    let mut frame = [0; 9];
    let read = tokio::time::timeout(PATIENCE, stream.read_exact(&mut frame)).await;
    read.expect("an answer").is_ok() && frame[3] == 4
}

#[tokio::test]
async fn the_certificate_is_for_localhost_and_unpadded() {
    let plugin = Launch::provider().start().await;
    let field = plugin.field(5);
    assert!(field.len() > 50 && !field.contains('='), "{field}");
    // Verified for this name against exactly this certificate.
    assert!(plugin.tls(&[&TLS13], Some(plugin.identity())).await.is_ok());
}

#[tokio::test]
async fn every_process_has_a_certificate_of_its_own() {
    let (one, other) = tokio::join!(Launch::provider().start(), Launch::provider().start());
    assert_ne!(one.certificate(), other.certificate());
}

#[tokio::test]
async fn only_tls_1_3_and_1_2_are_supported() {
    let plugin = Launch::provider().start().await;
    for (version, number) in [
        (&TLS13, ProtocolVersion::TLSv1_3),
        (&TLS12, ProtocolVersion::TLSv1_2),
    ] {
        let stream = plugin
            .tls(&[version], Some(plugin.identity()))
            .await
            .unwrap();
        assert_eq!(stream.get_ref().1.protocol_version(), Some(number));
        assert!(is_let_in(Ok(stream)).await);
    }
    assert_eq!(
        answer_to_tls_1_1(&plugin).await,
        (21, 70),
        "an alert: protocol version"
    );
}

/// Sends a ClientHello of TLS 1.1, and returns the type of the response and its alert.
async fn answer_to_tls_1_1(plugin: &Plugin) -> (u8, u8) {
    let mut hello = vec![3, 2];
    hello.extend([7; 32]);
    // No session; ECDHE-ECDSA with AES-128; no compression; P-256, uncompressed, ECDSA with SHA-256.
    hello.extend([0, 0, 2, 0xc0, 0x09, 1, 0]);
    hello.extend([0, 22, 0, 10, 0, 4, 0, 2, 0, 23, 0, 11, 0, 2, 1, 0]);
    hello.extend([0, 13, 0, 4, 0, 2, 4, 3]);
    let length = u8::try_from(hello.len()).unwrap();
    let mut record = vec![22, 3, 1, 0, length + 4, 1, 0, 0, length];
    record.extend(hello);
    let mut stream = UnixStream::connect(plugin.socket()).await.unwrap();
    stream.write_all(&record).await.unwrap();
    let mut answer = [0; 7];
    let read = stream.read_exact(&mut answer);
    tokio::time::timeout(PATIENCE, read).await.unwrap().unwrap();
    (answer[0], answer[6])
}

#[tokio::test]
async fn http_2_is_negotiated() {
    let plugin = Launch::provider().start().await;
    let stream = plugin
        .tls(&[&TLS13, &TLS12], Some(plugin.identity()))
        .await
        .unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
}

#[tokio::test]
async fn strangers_are_refused() {
    let plugin = Launch::provider().start().await;
    let stranger = Identity::new();
    for version in [&TLS13, &TLS12] {
        assert!(!is_let_in(plugin.tls(&[version], None).await).await);
        assert!(!is_let_in(plugin.tls(&[version], Some(&stranger)).await).await);
    }
    let stream = plugin.tls(&[&TLS13], Some(plugin.identity())).await;
    assert!(is_let_in(stream).await, "and the host is still welcome");
}

#[tokio::test]
async fn a_client_without_a_handshake_does_not_block_others() {
    let plugin = Launch::provider().start().await;
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(UnixStream::connect(plugin.socket()).await.unwrap());
    }
    let stream = plugin.tls(&[&TLS13], Some(plugin.identity())).await;
    assert!(is_let_in(stream).await);
}
