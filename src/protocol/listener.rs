//! The listener for the host: a Unix socket that only its owner can access, or TCP on the loopback address on Windows.
//!
//! Each connection does its handshake in its own task, so that one that never completes does not block the others.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{mpsc, watch};
use tokio_rustls::TlsAcceptor;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::Connected;

use super::handshake::HandshakeOptions;
use super::instances::ServerCell;

/// The timeout of a TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a host may be disconnected before the process ends.
const RECONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// How long a host may take to connect at first: as long as it waits for the handshake line.
const FIRST_CONNECTION_TIMEOUT: Duration = Duration::from_secs(60);

/// The address to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(not(unix), expect(dead_code, reason = "there are no Unix sockets"))]
pub(super) enum Address {
    /// The path of a socket.
    Unix(PathBuf),
    /// A TCP address on the loopback interface.
    #[cfg_attr(
        all(unix, not(test)),
        expect(dead_code, reason = "only where there are no Unix sockets")
    )]
    Tcp(SocketAddr),
}

impl Address {
    /// The kind of address, in go-plugin's terms.
    pub(super) fn network(&self) -> &'static str {
        match self {
            Self::Unix(_) => "unix",
            Self::Tcp(_) => "tcp",
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(formatter, "{}", path.display()),
            Self::Tcp(address) => write!(formatter, "{address}"),
        }
    }
}

#[cfg(windows)]
pub(super) use tcp::Listener;
#[cfg(unix)]
pub(super) use unix::Listener;

#[cfg(unix)]
mod unix {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt as _, chown};
    use std::path::Path;

    use tempfile::TempDir;
    use tokio::net::{UnixListener, UnixStream};

    use super::{Address, HandshakeOptions, PathBuf, io};
    use crate::leftovers;

    /// The directory of the socket, removed on drop.
    pub(crate) type SocketDirectory = TempDir;

    /// A socket in its own directory.
    pub(crate) struct Listener {
        socket: UnixListener,
        path: PathBuf,
    }

    impl Listener {
        /// Opens the socket. Dropping the directory removes both.
        pub(crate) fn bind(options: &HandshakeOptions) -> io::Result<(Self, SocketDirectory)> {
            let prefix = leftovers::prefix();
            let mut builder = tempfile::Builder::new();
            // The directory is created private, so that no other user can connect before the socket is private.
            builder
                .prefix(&prefix)
                .permissions(Permissions::from_mode(0o700));
            let directory = options.socket_directory.clone();
            let directory = directory.unwrap_or_else(std::env::temp_dir);
            leftovers::remove(&directory, std::time::SystemTime::now());
            let home = builder.tempdir_in(directory)?;
            // A short name, because some systems limit paths of sockets to 104 bytes.
            let path = home.path().join("s");
            let socket = UnixListener::bind(&path)?;
            fs::set_permissions(&path, Permissions::from_mode(0o600))?;
            if let Some(group) = &options.socket_group {
                admit(home.path(), &path, group_id(group)?)?;
            }
            Ok((Self { socket, path }, home))
        }

        /// Returns the address.
        #[expect(clippy::unnecessary_wraps, reason = "as for TCP, where it can fail")]
        pub(crate) fn address(&self) -> io::Result<Address> {
            Ok(Address::Unix(self.path.clone()))
        }

        pub(super) async fn accept(&self) -> io::Result<UnixStream> {
            Ok(self.socket.accept().await?.0)
        }
    }

    fn admit(home: &Path, socket: &Path, group: u32) -> io::Result<()> {
        chown(home, None, Some(group))?;
        chown(socket, None, Some(group))?;
        fs::set_permissions(home, Permissions::from_mode(0o710))?;
        fs::set_permissions(socket, Permissions::from_mode(0o660))
    }

    fn group_id(group: &str) -> io::Result<u32> {
        if let Ok(id) = group.parse() {
            return Ok(id);
        }
        let groups = fs::read_to_string("/etc/group")?;
        let id = groups.lines().find_map(|line| {
            let mut fields = line.split(':');
            (fields.next() == Some(group)).then(|| fields.nth(1)?.parse().ok())?
        });
        id.ok_or_else(|| io::Error::other(format!("there is no group {group:?}")))
    }
}

#[cfg(any(windows, test))]
mod tcp {
    use tokio::net::TcpListener;
    #[cfg(windows)]
    use tokio::net::TcpStream;

    use super::{Address, HandshakeOptions, io};

    /// TCP needs no directory.
    pub(crate) struct SocketDirectory;

    /// A port on the loopback address.
    pub(crate) struct Listener(TcpListener);

    impl Listener {
        /// Takes the first free port of the range that the host allows.
        pub(crate) fn bind(options: &HandshakeOptions) -> io::Result<(Self, SocketDirectory)> {
            let (first, last) = options.ports.unwrap_or((0, 0));
            let mut outcome = Err(io::Error::other("PLUGIN_MIN_PORT is above PLUGIN_MAX_PORT"));
            for port in first..=last {
                outcome = std::net::TcpListener::bind(("127.0.0.1", port));
                if outcome.is_ok() {
                    break;
                }
            }
            let socket = outcome?;
            socket.set_nonblocking(true)?;
            Ok((Self(TcpListener::from_std(socket)?), SocketDirectory))
        }

        /// Returns the address.
        pub(crate) fn address(&self) -> io::Result<Address> {
            Ok(Address::Tcp(self.0.local_addr()?))
        }

        #[cfg(windows)]
        pub(super) async fn accept(&self) -> io::Result<TcpStream> {
            Ok(self.0.accept().await?.0)
        }
    }
}

/// A connection after its handshake; dropping it closes it and updates the count.
pub(super) struct Connection {
    bytes: Pin<Box<dyn Bytes>>,
    counts: watch::Sender<ConnectionCounts>,
    cell: ServerCell,
}

/// The total and current number of connections. The total reveals a host that disconnected before the number was read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ConnectionCounts {
    total: u64,
    open: usize,
}

trait Bytes: AsyncRead + AsyncWrite + Send {}
impl<T: AsyncRead + AsyncWrite + Send> Bytes for T {}

impl Connection {
    fn new(bytes: impl Bytes + 'static, counts: &watch::Sender<ConnectionCounts>) -> Self {
        counts.send_modify(|counts| {
            counts.total += 1;
            counts.open += 1;
        });
        Self {
            bytes: Box::pin(bytes),
            counts: counts.clone(),
            cell: ServerCell::default(),
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.counts.send_modify(|counts| counts.open -= 1);
    }
}

impl Connected for Connection {
    type ConnectInfo = ServerCell;

    fn connect_info(&self) -> ServerCell {
        Arc::clone(&self.cell)
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.bytes.as_mut().poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.bytes.as_mut().poll_write(context, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.bytes.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.bytes.as_mut().poll_shutdown(context)
    }
}

/// Accepts connections and counts them.
pub(super) fn connections(
    listener: Listener,
    tls: Option<TlsAcceptor>,
) -> (
    ReceiverStream<io::Result<Connection>>,
    watch::Receiver<ConnectionCounts>,
) {
    let (sender, receiver) = mpsc::channel(16);
    let (counts, counted) = watch::channel(ConnectionCounts::default());
    tokio::spawn(accept_all(listener, tls, sender, counts));
    (ReceiverStream::new(receiver), counted)
}

async fn accept_all(
    listener: Listener,
    tls: Option<TlsAcceptor>,
    sender: mpsc::Sender<io::Result<Connection>>,
    counts: watch::Sender<ConnectionCounts>,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = sender.closed() => return,
        };
        let Ok(stream) = accepted else {
            // Out of file descriptors: wait for one to be closed rather than spin.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let (tls, sender, counts) = (tls.clone(), sender.clone(), counts.clone());
        tokio::spawn(async move {
            let connection = match tls {
                None => Connection::new(stream, &counts),
                Some(tls) => {
                    match tokio::time::timeout(HANDSHAKE_TIMEOUT, tls.accept(stream)).await {
                        Ok(Ok(stream)) => Connection::new(stream, &counts),
                        Ok(Err(error)) => return tracing::warn!(%error, "Refused a connection"),
                        Err(_) => {
                            return tracing::warn!("Gave up on a connection without a handshake");
                        }
                    }
                }
            };
            // This fails only if the server has ended, and then the connection is closed.
            let _ = sender.send(Ok(connection)).await;
        });
    }
}

/// Completes when all connections have closed, or if there never was one.
pub(super) async fn all_disconnected(mut counts: watch::Receiver<ConnectionCounts>) {
    let first = counts.wait_for(|counts| counts.total > 0);
    if tokio::time::timeout(FIRST_CONNECTION_TIMEOUT, first)
        .await
        .is_err()
    {
        return;
    }
    let nobody = |counts: &ConnectionCounts| counts.open == 0;
    while let Ok(before) = counts.wait_for(nobody).await.map(|counts| counts.total) {
        let back = counts.wait_for(|counts| counts.total > before);
        if tokio::time::timeout(RECONNECT_TIMEOUT, back).await.is_err() {
            return;
        }
    }
    // The server has ended, so no connection can come.
    std::future::pending::<()>().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tcp_stays_in_the_range_of_the_host() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let first = taken.local_addr().unwrap().port();
        let options = HandshakeOptions {
            ports: Some((first, first.saturating_add(50))),
            ..HandshakeOptions::default()
        };
        let (listener, _home) = tcp::Listener::bind(&options).unwrap();
        let Address::Tcp(address) = listener.address().unwrap() else {
            panic!("no TCP address")
        };
        assert!(address.ip().is_loopback());
        assert!(address.port() > first && address.port() <= first + 50);
        let full = HandshakeOptions {
            ports: Some((first, first)),
            ..HandshakeOptions::default()
        };
        assert!(tcp::Listener::bind(&full).is_err());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_group_may_be_admitted() {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
        let directory = tempfile::tempdir().unwrap();
        let own = std::fs::metadata(directory.path()).unwrap().gid();
        let options = HandshakeOptions {
            socket_directory: Some(directory.path().to_owned()),
            socket_group: Some(own.to_string()),
            ..HandshakeOptions::default()
        };
        let (listener, home) = Listener::bind(&options).unwrap();
        let path = listener.address().unwrap().to_string();
        let socket = std::fs::metadata(&path).unwrap();
        assert_eq!(socket.permissions().mode() & 0o777, 0o660);
        assert_eq!(socket.gid(), own);
        drop(home);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
        let nobody = HandshakeOptions {
            socket_group: Some("no such group".to_owned()),
            ..options
        };
        assert!(Listener::bind(&nobody).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_may_reconnect_in_time() {
        let (counts, counted) = watch::channel(ConnectionCounts::default());
        let gone = tokio::spawn(all_disconnected(counted));
        for _ in 0..2 {
            let connection = Connection::new(tokio::io::empty(), &counts);
            tokio::time::sleep(Duration::from_secs(600)).await;
            drop(connection);
            tokio::time::sleep(RECONNECT_TIMEOUT / 2).await;
        }
        assert!(!gone.is_finished());
        tokio::time::sleep(RECONNECT_TIMEOUT).await;
        assert!(gone.is_finished());
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_connected_briefly_is_noticed() {
        let (counts, counted) = watch::channel(ConnectionCounts::default());
        // The connection closes before the count is read.
        drop(Connection::new(tokio::io::empty(), &counts));
        let gone = tokio::spawn(all_disconnected(counted));
        tokio::time::sleep(RECONNECT_TIMEOUT * 2).await;
        assert!(gone.is_finished());
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_never_connects_ends_the_wait() {
        let (_counts, counted) = watch::channel(ConnectionCounts::default());
        let gone = tokio::spawn(all_disconnected(counted));
        tokio::time::sleep(FIRST_CONNECTION_TIMEOUT / 2).await;
        assert!(!gone.is_finished());
        tokio::time::sleep(FIRST_CONNECTION_TIMEOUT).await;
        assert!(gone.is_finished());
    }
}
