//! Connections that know their number and can be cut on request, and a door that can be closed for a while.

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

/// Number of a connection, and the switch that cuts it.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    pub(super) number: u64,
    /// Whether the other end is this machine.
    pub(super) local: bool,
    cut: Arc<AtomicBool>,
}

impl Wire {
    /// From now on nothing is read or written: the other end sees the connection close.
    pub(super) fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
    }
}

/// The door: closing it ends every connection and lets nobody in for a while.
#[derive(Debug, Default)]
pub(super) struct Gate {
    closed_for: Mutex<Option<Duration>>,
    closing: Notify,
    /// How often it was closed. Connections of earlier times are dead.
    times: AtomicU64,
}

impl Gate {
    pub(super) fn close(&self, duration: Duration) {
        *self
            .closed_for
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(duration);
        self.times.fetch_add(1, Ordering::SeqCst);
        self.closing.notify_one();
    }

    async fn closed(&self) -> Duration {
        loop {
            let closed_for = self
                .closed_for
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            if let Some(duration) = closed_for {
                return duration;
            }
            self.closing.notified().await;
        }
    }
}

/// Accepts connections and numbers them from 1.
pub(super) struct Switchboard {
    listener: Option<TcpListener>,
    address: SocketAddr,
    count: AtomicU64,
    gate: Arc<Gate>,
}

impl Switchboard {
    pub(super) fn new(listener: TcpListener, gate: Arc<Gate>) -> io::Result<Self> {
        Ok(Self {
            address: listener.local_addr()?,
            listener: Some(listener),
            count: AtomicU64::new(0),
            gate,
        })
    }

    /// Stops listening for so long. The port stays taken meanwhile, so that nobody else can have it: a socket that is bound but
    /// does not listen refuses connections.
    async fn stay_away(&mut self, duration: Duration) -> io::Result<()> {
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

/// Listens on an address that nobody else listens on.
pub(super) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    // Two of ours could share a port, and each would get half of the requests.
    drop(std::net::TcpListener::bind(address)?);
    let socket = bound(address)?;
    // For the next listener at this address, while connections of ours linger.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.listen(BACKLOG)
}

/// A socket on an address that may have another of ours already, while one takes over from the other.
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

impl Listener for Switchboard {
    type Io = Line;
    type Addr = Wire;

    async fn accept(&mut self) -> (Line, Wire) {
        loop {
            let Some(listener) = &self.listener else {
                // Nobody will come any more.
                return std::future::pending().await;
            };
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                duration = self.gate.closed() => {
                    if let Err(why) = self.stay_away(duration).await {
                        tracing::error!(%why, "the port cannot be listened on again");
                    }
                    continue;
                }
            };
            let Ok((stream, address)) = accepted else {
                // Out of file descriptors, most likely; others will close.
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                continue;
            };
            let _ = stream.set_nodelay(true);
            let cut = Arc::new(AtomicBool::new(false));
            let number = self.count.fetch_add(1, Ordering::SeqCst) + 1;
            let wire = Wire {
                number,
                local: is_local(&address),
                cut: Arc::clone(&cut),
            };
            let line = Line {
                stream,
                cut,
                gate: Arc::clone(&self.gate),
                born: self.gate.times.load(Ordering::SeqCst),
            };
            return (line, wire);
        }
    }

    fn local_addr(&self) -> io::Result<Wire> {
        Ok(Wire {
            number: 0,
            local: true,
            cut: Arc::new(AtomicBool::new(false)),
        })
    }
}

fn is_local(address: &SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

impl Connected<IncomingStream<'_, Switchboard>> for Wire {
    fn connect_info(stream: IncomingStream<'_, Switchboard>) -> Self {
        stream.remote_addr().clone()
    }
}

/// A TCP stream with a switch.
pub(super) struct Line {
    stream: TcpStream,
    cut: Arc<AtomicBool>,
    gate: Arc<Gate>,
    born: u64,
}

impl Line {
    fn check(&self) -> io::Result<()> {
        let is_dead = self.gate.times.load(Ordering::SeqCst) != self.born;
        if is_dead || self.cut.load(Ordering::SeqCst) {
            Err(io::ErrorKind::ConnectionReset.into())
        } else {
            Ok(())
        }
    }
}

impl Drop for Line {
    /// A client that is cut off sees a reset, not an orderly end.
    fn drop(&mut self) {
        if self.check().is_err() {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
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
    async fn an_address_is_listened_on_once_and_a_closed_door_keeps_it() {
        let first = listen(([127, 0, 0, 1], 0).into()).unwrap();
        let address = first.local_addr().unwrap();
        let taken =
            |why: io::Result<TcpListener>| why.unwrap_err().kind() == io::ErrorKind::AddrInUse;
        assert!(taken(listen(address)));
        let mut board = Switchboard::new(first, Arc::default()).unwrap();
        let away = tokio::spawn(async move {
            board.stay_away(Duration::from_millis(300)).await.unwrap();
            board
        });
        tokio::time::sleep(Duration::from_millis(100)).await;
        let refused = TcpStream::connect(address).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
        assert!(taken(listen(address)));
        let board = away.await.unwrap();
        assert!(board.listener.is_some());
        TcpStream::connect(address).await.unwrap();
    }
}
