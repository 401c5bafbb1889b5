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
#[cfg(unix)]
use socket2::SockRef;
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

    /// Stops listening for so long. The port stays taken all the while, so that nobody else can have it: a socket that is bound
    /// and does not listen refuses connections, and it is bound before the one that listens is closed.
    async fn stay_away(&mut self, duration: Duration) -> io::Result<()> {
        let Some(listener) = &self.listener else {
            return Ok(());
        };
        let place = place_beside(listener, self.address)?;
        self.listener = None;
        tokio::time::sleep(duration).await;
        // Connections of before may still linger on the port.
        place.set_reuseaddr(true)?;
        self.listener = Some(place.listen(1_024)?);
        Ok(())
    }
}

/// A socket bound to the address at which `listener` listens. Both permit it for this moment only: at any other time a second
/// emulator on the same port has to fail.
fn place_beside(listener: &TcpListener, address: SocketAddr) -> io::Result<TcpSocket> {
    let place = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    place.set_reuseaddr(true)?;
    #[cfg(unix)]
    {
        SockRef::from(listener).set_reuse_port(true)?;
        place.set_reuseport(true)?;
    }
    place.bind(address)?;
    #[cfg(unix)]
    place.set_reuseport(false)?;
    place.set_reuseaddr(false)?;
    Ok(place)
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
                        // Nobody may be listening to logs, and whoever waits here would wait in vain.
                        eprintln!("graph-emulator: the port cannot be listened on again: {why}");
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
