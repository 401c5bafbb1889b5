//! The go-plugin handshake: the environment variables of the host, and the one line on standard output in response.
//!
//! Only this file writes to standard output. One stray line before the handshake makes the host give up.

use std::env;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::json;

use super::listener::Address;

const COOKIE: (&str, &str) = (
    "TF_PLUGIN_MAGIC_COOKIE",
    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
);

/// The versions of go-plugin's protocol and of Terraform's. A host that does not support version 6 reports that itself.
const VERSIONS: (u8, u8) = (1, 6);

/// The default registry host of each CLI, for a source address without a host.
const DEFAULT_HOSTS: [(&str, &str); 2] = [
    ("Terraform", "registry.terraform.io"),
    ("OpenTofu", "registry.opentofu.org"),
];

/// Whether Terraform or OpenTofu started this process, rather than a user.
#[must_use]
pub fn started_by_cli() -> bool {
    env::var_os(COOKIE.0).is_some_and(|value| value == COOKIE.1)
}

/// The requests of the host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct HandshakeOptions {
    /// The only client certificate to accept, in PEM. Without one, there is no TLS.
    pub(super) client_certificate: Option<String>,
    /// The directory of the socket.
    pub(super) socket_directory: Option<PathBuf>,
    /// The group that may connect to the socket as well, by number or name.
    pub(super) socket_group: Option<String>,
    /// The first and last port, for systems without Unix sockets.
    pub(super) ports: Option<(u16, u16)>,
    /// Whether the line needs its seventh field.
    pub(super) multiplex: bool,
}

impl HandshakeOptions {
    /// Reads the requests from the environment.
    pub(super) fn from_environment() -> Self {
        Self::from(|name| env::var(name).ok())
    }

    fn from(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let lookup = |name| lookup(name).filter(|value| !value.is_empty());
        let port = |name| lookup(name).and_then(|port| port.parse().ok());
        Self {
            client_certificate: lookup("PLUGIN_CLIENT_CERT"),
            socket_directory: lookup("PLUGIN_UNIX_SOCKET_DIR").map(PathBuf::from),
            socket_group: lookup("PLUGIN_UNIX_SOCKET_GROUP"),
            ports: port("PLUGIN_MIN_PORT").zip(port("PLUGIN_MAX_PORT")),
            multiplex: lookup("PLUGIN_MULTIPLEX_GRPC").is_some(),
        }
    }
}

/// Prints the handshake line for the host. `certificate` is in DER.
pub(super) fn announce(
    address: &Address,
    certificate: Option<&[u8]>,
    multiplex: bool,
) -> io::Result<()> {
    print(&line(address, certificate, multiplex))
}

fn line(address: &Address, certificate: Option<&[u8]>, multiplex: bool) -> String {
    let (core, app) = VERSIONS;
    let network = address.network();
    let certificate = certificate.map_or_else(String::new, |der| STANDARD_NO_PAD.encode(der));
    let multiplex = if multiplex { "|false" } else { "" };
    format!("{core}|{app}|{network}|{address}|grpc|{certificate}{multiplex}\n")
}

/// Prints instructions for a user to make either CLI use this process.
pub(super) fn announce_to_user(address: &Address, provider: &str) -> io::Result<()> {
    let mut text = String::from("Waiting. Run the CLI with one of these in its environment:\n");
    for (cli, host) in DEFAULT_HOSTS {
        let value = reattach(address, &format!("{host}/{provider}")).to_string();
        let lines = [
            "\n# ",
            cli,
            "\nexport TF_REATTACH_PROVIDERS='",
            &value,
            "'\n",
        ];
        text.extend(lines);
    }
    print(&text)
}

fn reattach(address: &Address, provider: &str) -> serde_json::Value {
    json!({ provider: {
        "Protocol": "grpc",
        "ProtocolVersion": VERSIONS.1,
        "Pid": process::id(),
        // The process outlives the run of the CLI.
        "Test": true,
        "Addr": { "Network": address.network(), "String": address.to_string() },
    } })
}

fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn socket() -> Address {
        Address::Unix(PathBuf::from("/tmp/plugin1/s"))
    }

    #[test]
    fn the_line_has_six_fields_and_a_seventh_on_request() {
        assert_eq!(
            line(&socket(), None, false),
            "1|6|unix|/tmp/plugin1/s|grpc|\n"
        );
        let certificate = [0_u8, 1, 2, 3];
        assert_eq!(
            line(&socket(), Some(&certificate), true),
            "1|6|unix|/tmp/plugin1/s|grpc|AAECAw|false\n"
        );
        let tcp = Address::Tcp(([127, 0, 0, 1], 10_000).into());
        assert_eq!(line(&tcp, None, false), "1|6|tcp|127.0.0.1:10000|grpc|\n");
    }

    #[test]
    fn options_are_read_from_the_environment() {
        assert_eq!(
            HandshakeOptions::from(|_| None),
            HandshakeOptions::default()
        );
        assert_eq!(
            HandshakeOptions::from(|_| Some(String::new())),
            HandshakeOptions::default()
        );
        let options = HandshakeOptions::from(|name| {
            let value = match name {
                "PLUGIN_MIN_PORT" => "10000",
                "PLUGIN_MAX_PORT" => "25000",
                "PLUGIN_UNIX_SOCKET_DIR" => "/run/x",
                "PLUGIN_MULTIPLEX_GRPC" => "true",
                _ => return None,
            };
            Some(value.to_owned())
        });
        assert_eq!(options.ports, Some((10_000, 25_000)));
        assert_eq!(options.socket_directory, Some(PathBuf::from("/run/x")));
        assert!(options.multiplex);
    }

    #[test]
    fn reattaching_needs_the_whole_address() {
        let value = reattach(&socket(), "registry.terraform.io/crosstenant/crosstenant");
        let entry = &value["registry.terraform.io/crosstenant/crosstenant"];
        assert_eq!(entry["ProtocolVersion"], 6);
        assert_eq!(entry["Test"], true);
        assert_eq!(entry["Addr"]["String"], "/tmp/plugin1/s");
    }
}
