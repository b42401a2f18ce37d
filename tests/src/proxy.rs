//! A line that can be cut: a TCP proxy before a broker or a database.

use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, tcp};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What the line does with what is sent over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// Passes it on after the delay.
    Open(Duration),
    /// Keeps it until the line is restored.
    Frozen,
    /// Drops open connections and closes new ones at once.
    Cut,
}

/// A proxy on a port of its own, gone when dropped. It runs on the runtime of the test that started it.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    line: watch::Sender<Line>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy before a port of the loopback interface.
    pub async fn before(target: u16) -> Self {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("the loopback interface has a free port");
        let port = listener.local_addr().expect("a listener has an address").port();
        let (line, state) = watch::channel(Line::Open(Duration::ZERO));
        let accepting = tokio::spawn(accept(listener, target, state));
        Self { port, line, accepting }
    }

    /// Returns the port to connect to instead.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Cuts the line: open connections end, new ones are closed at once.
    pub fn cut(&self) {
        self.line.send_replace(Line::Cut);
    }

    /// Freezes the line: connections stay open and nothing arrives.
    pub fn freeze(&self) {
        self.line.send_replace(Line::Frozen);
    }

    /// Delays whatever is sent, in both directions.
    pub fn delay(&self, by: Duration) {
        self.line.send_replace(Line::Open(by));
    }

    /// Restores the line; what a frozen one kept arrives.
    pub fn restore(&self) {
        self.line.send_replace(Line::Open(Duration::ZERO));
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        // Connections end on a cut line.
        self.cut();
    }
}

async fn accept(listener: TcpListener, target: u16, state: watch::Receiver<Line>) {
    while let Ok((client, _)) = listener.accept().await {
        tokio::spawn(carry(client, target, state.clone()));
    }
}

async fn carry(client: TcpStream, target: u16, state: watch::Receiver<Line>) {
    if *state.borrow() == Line::Cut {
        return;
    }
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, target)).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (client_read, client_write) = client.into_split();
    let (server_read, server_write) = server.into_split();
    let mut cut = state.clone();
    tokio::select! {
        () = async { tokio::join!(pass(client_read, server_write, state.clone()), pass(server_read, client_write, state)); } => {}
        _ = cut.wait_for(|line| *line == Line::Cut) => {}
    }
}

/// Passes on what is read until one side closes, as the line allows.
async fn pass(mut from: tcp::OwnedReadHalf, mut to: tcp::OwnedWriteHalf, mut state: watch::Receiver<Line>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let delay = match state.wait_for(|line| matches!(line, Line::Open(_))).await.map(|line| *line) {
            Ok(Line::Open(delay)) => delay,
            Ok(Line::Frozen | Line::Cut) | Err(_) => return,
        };
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
    let _ = to.shutdown().await;
}
