//! Connections that know their number and can be cut on request.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

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

/// Accepts connections and numbers them from 1.
pub(super) struct Switchboard {
    listener: TcpListener,
    count: AtomicU64,
}

impl Switchboard {
    pub(super) fn new(listener: TcpListener) -> Self {
        Self {
            listener,
            count: AtomicU64::new(0),
        }
    }
}

impl Listener for Switchboard {
    type Io = Line;
    type Addr = Wire;

    async fn accept(&mut self) -> (Line, Wire) {
        loop {
            let Ok((stream, address)) = self.listener.accept().await else {
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
            return (Line { stream, cut }, wire);
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
}

impl Line {
    fn check(&self) -> io::Result<()> {
        if self.cut.load(Ordering::SeqCst) {
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
