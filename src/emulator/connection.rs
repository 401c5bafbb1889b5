//! Numbered TCP connections that can be reset on request, and outages during which new connections are refused.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Notify;

/// The number of a connection and the switch that resets it.
#[derive(Clone, Debug)]
pub(super) struct ConnectionHandle {
    pub(super) number: u64,
    /// Whether the other end is this machine.
    pub(super) local: bool,
    cut: Arc<AtomicBool>,
}

impl ConnectionHandle {
    /// Resets the connection: nothing is read or written from now on.
    pub(super) fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
    }
}

/// A simulated outage: every connection is reset and new ones are refused until it ends.
#[derive(Debug, Default)]
pub(super) struct Outage {
    requested: Mutex<Option<Duration>>,
    notify: Notify,
    /// Number of outages so far. Connections accepted before the latest one are dead.
    count: AtomicU64,
}

impl Outage {
    pub(super) fn begin(&self, duration: Duration) {
        *self
            .requested
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(duration);
        self.count.fetch_add(1, Ordering::SeqCst);
        self.notify.notify_one();
    }

    async fn requested(&self) -> Duration {
        loop {
            let requested = self
                .requested
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            if let Some(duration) = requested {
                return duration;
            }
            self.notify.notified().await;
        }
    }
}

/// Accepts connections and numbers them from 1.
pub(super) struct ConnectionListener {
    listener: Option<TcpListener>,
    address: SocketAddr,
    count: AtomicU64,
    outage: Arc<Outage>,
}

impl ConnectionListener {
    pub(super) fn new(listener: TcpListener, outage: Arc<Outage>) -> io::Result<Self> {
        Ok(Self {
            address: listener.local_addr()?,
            listener: Some(listener),
            count: AtomicU64::new(0),
            outage,
        })
    }

    /// Stops listening for `duration`. A socket that is bound but does not listen keeps the port from other programs and refuses
    /// connections.
    async fn refuse_connections(&mut self, duration: Duration) -> io::Result<()> {
        #[cfg(unix)]
        let placeholder = bound(self.address)?;
        drop(self.listener.take());
        #[cfg(not(unix))]
        let placeholder = bound(self.address)?;
        tokio::time::sleep(duration).await;
        #[cfg(unix)]
        placeholder.set_reuseaddr(true)?;
        self.listener = Some(placeholder.listen(BACKLOG)?);
        Ok(())
    }
}

const BACKLOG: u32 = 1_024;

/// Listens on an address on which no other socket listens.
pub(super) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    // With SO_REUSEPORT, two emulators could share a port, and each would receive half of the requests.
    drop(std::net::TcpListener::bind(address)?);
    let socket = bound(address)?;
    // Lets the next listener bind this address while old connections are in TIME_WAIT.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.listen(BACKLOG)
}

/// A socket bound to an address that another socket of this process may still hold while one takes over from the other.
fn bound(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    #[cfg(unix)]
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    Ok(socket)
}

impl Listener for ConnectionListener {
    type Io = Connection;
    type Addr = ConnectionHandle;

    async fn accept(&mut self) -> (Connection, ConnectionHandle) {
        loop {
            let Some(listener) = &self.listener else {
                // Listening again has failed, so no more connections can arrive.
                return std::future::pending().await;
            };
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                duration = self.outage.requested() => {
                    if let Err(why) = self.refuse_connections(duration).await {
                        tracing::error!(%why, "the port cannot be listened on again");
                    }
                    continue;
                }
            };
            let Ok((stream, address)) = accepted else {
                // Most likely out of file descriptors; retry when other connections have closed.
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                continue;
            };
            let _ = stream.set_nodelay(true);
            let cut = Arc::new(AtomicBool::new(false));
            let number = self.count.fetch_add(1, Ordering::SeqCst) + 1;
            let connection = ConnectionHandle {
                number,
                local: is_local(&address),
                cut: Arc::clone(&cut),
            };
            let stream = Connection {
                stream,
                cut,
                outage: Arc::clone(&self.outage),
                outages_before: self.outage.count.load(Ordering::SeqCst),
            };
            return (stream, connection);
        }
    }

    fn local_addr(&self) -> io::Result<ConnectionHandle> {
        Ok(ConnectionHandle {
            number: 0,
            local: true,
            cut: Arc::new(AtomicBool::new(false)),
        })
    }
}

fn is_local(address: &SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

impl Connected<IncomingStream<'_, ConnectionListener>> for ConnectionHandle {
    fn connect_info(stream: IncomingStream<'_, ConnectionListener>) -> Self {
        stream.remote_addr().clone()
    }
}

/// A TCP stream that can be reset.
pub(super) struct Connection {
    stream: TcpStream,
    cut: Arc<AtomicBool>,
    outage: Arc<Outage>,
    outages_before: u64,
}

impl Connection {
    fn check(&self) -> io::Result<()> {
        let is_dead = self.outage.count.load(Ordering::SeqCst) != self.outages_before;
        if is_dead || self.cut.load(Ordering::SeqCst) {
            Err(io::ErrorKind::ConnectionReset.into())
        } else {
            Ok(())
        }
    }
}

impl Drop for Connection {
    /// Closes a reset connection with RST instead of FIN.
    fn drop(&mut self) {
        if self.check().is_err() {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_outage_refuses_connections_and_keeps_the_address() {
        let first = listen(([127, 0, 0, 1], 0).into()).unwrap();
        let address = first.local_addr().unwrap();
        let taken =
            |why: io::Result<TcpListener>| why.unwrap_err().kind() == io::ErrorKind::AddrInUse;
        assert!(taken(listen(address)));
        let mut listener = ConnectionListener::new(first, Arc::default()).unwrap();
        let away = tokio::spawn(async move {
            listener
                .refuse_connections(Duration::from_millis(300))
                .await
                .unwrap();
            listener
        });
        tokio::time::sleep(Duration::from_millis(100)).await;
        let refused = TcpStream::connect(address).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
        assert!(taken(listen(address)));
        let listener = away.await.unwrap();
        assert!(listener.listener.is_some());
        TcpStream::connect(address).await.unwrap();
    }
}
