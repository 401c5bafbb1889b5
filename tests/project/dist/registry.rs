//! A provider registry on this machine: the protocol of registries over TLS, with the files of a release.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value as Json, json};

use super::release::NAME;

/// A registry that serves until the process ends.
pub struct Registry {
    pub port: u16,
    /// File with the certificate that a CLI has to trust.
    pub certificate: PathBuf,
}

/// The content of the registry.
pub struct Offer {
    /// The folder of a release.
    pub folder: PathBuf,
    pub version: String,
    pub platform: String,
    /// Armored public key, and its ID.
    pub key: (String, String),
}

impl Registry {
    pub fn start(offer: Offer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let certificate = offer.folder.join("registry.pem");
        std::fs::write(&certificate, own.cert.pem()).unwrap();
        let key =
            PrivateKeyDer::from_pem_slice(own.signing_key.serialize_pem().as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key)
            .unwrap();
        let (config, offer) = (Arc::new(config), Arc::new(offer));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (config, offer) = (Arc::clone(&config), Arc::clone(&offer));
                std::thread::spawn(move || serve(stream.unwrap(), config, &offer));
            }
        });
        Self { port, certificate }
    }
}

/// One request for each connection. A client that disconnects is not a failure of the registry.
fn serve(stream: TcpStream, config: Arc<ServerConfig>, offer: &Offer) {
    let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
    let Some(path) = requested(&mut stream) else {
        return;
    };
    let (status, body) = match answer(&path, offer) {
        Some(body) => ("200 OK", body),
        None => ("404 Not Found", Vec::new()),
    };
    let kind = if path.contains("/files/") {
        "application/octet-stream"
    } else {
        "application/json"
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(&body);
    stream.conn.send_close_notify();
    let _ = stream.flush();
}

/// The path of a request, once it has arrived completely.
fn requested(stream: &mut impl Read) -> Option<String> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    while !lines.next()?.ok()?.is_empty() {}
    first.split(' ').nth(1).map(str::to_owned)
}

fn answer(path: &str, offer: &Offer) -> Option<Vec<u8>> {
    let own = "/v1/providers/crosstenant/crosstenant/";
    if let Some(name) = path.strip_prefix("/files/") {
        return std::fs::read(offer.folder.join(name)).ok();
    }
    let (os, arch) = offer.platform.split_once('_')?;
    let json = match path.strip_prefix(own) {
        None if path == "/.well-known/terraform.json" => {
            json!({ "providers.v1": "/v1/providers/" })
        }
        Some("versions") => json!({ "versions": [{
            "version": offer.version,
            "protocols": protocols(&offer.folder, &offer.version),
            "platforms": [{ "os": os, "arch": arch }],
        }]}),
        Some(rest) if rest == format!("{}/download/{os}/{arch}", offer.version) => {
            download(offer, os, arch)
        }
        _ => return None,
    };
    Some(json.to_string().into_bytes())
}

/// The protocols that a registry reads from the manifest of a release.
fn protocols(folder: &Path, version: &str) -> Json {
    let manifest = folder.join(format!("{NAME}_{version}_manifest.json"));
    let manifest: Json = serde_json::from_slice(&std::fs::read(manifest).unwrap()).unwrap();
    manifest["metadata"]["protocol_versions"].clone()
}

fn download(offer: &Offer, os: &str, arch: &str) -> Json {
    let asset = |ending: &str| format!("{NAME}_{}_{ending}", offer.version);
    let archive = asset(&format!("{}.zip", offer.platform));
    let sums = std::fs::read_to_string(offer.folder.join(asset("SHA256SUMS"))).unwrap();
    let line = sums.lines().find(|line| line.ends_with(&archive)).unwrap();
    let (armored, id) = &offer.key;
    json!({
        "protocols": protocols(&offer.folder, &offer.version),
        "os": os,
        "arch": arch,
        "filename": archive,
        "download_url": format!("/files/{archive}"),
        "shasum": line.split(' ').next(),
        "shasums_url": format!("/files/{}", asset("SHA256SUMS")),
        "shasums_signature_url": format!("/files/{}", asset("SHA256SUMS.sig")),
        "signing_keys": { "gpg_public_keys": [{ "key_id": id, "ascii_armor": armored }] },
    })
}
