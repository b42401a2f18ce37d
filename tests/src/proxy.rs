//! A line that can be cut: a TCP proxy before a broker or a database.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
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
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

#[derive(Debug)]
struct State {
    line: watch::Sender<Line>,
    /// The number of the next connection, and the first that is not silent.
    next: AtomicU64,
    heard_from: watch::Sender<u64>,
    /// How many bytes pass until the line is cut.
    left: Mutex<Option<usize>>,
}

impl Proxy {
    /// Starts a proxy before a port of the loopback interface.
    pub async fn before(target: u16) -> Self {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("the loopback interface has a free port");
        let port = listener.local_addr().expect("a listener has an address").port();
        let state = Arc::new(State {
            line: watch::Sender::new(Line::Open(Duration::ZERO)),
            next: AtomicU64::new(0),
            heard_from: watch::Sender::new(0),
            left: Mutex::new(None),
        });
        let accepting = tokio::spawn(accept(listener, target, Arc::clone(&state)));
        Self { port, state, accepting }
    }

    /// Returns the port to connect to instead.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Cuts the line: open connections end, new ones are closed at once.
    pub fn cut(&self) {
        self.state.line.send_replace(Line::Cut);
    }

    /// Cuts the line once so many bytes more have passed, in both directions together: in the middle of a message.
    pub fn cut_after(&self, bytes: usize) {
        *self.state.left.lock().expect("nothing panics while it counts") = Some(bytes);
    }

    /// Waits until the line is cut.
    pub async fn is_cut(&self) {
        let cut = self.state.line.subscribe().wait_for(|line| *line == Line::Cut).await.map(drop);
        cut.expect("the line lives as long as the proxy");
    }

    /// Freezes the line: connections stay open and nothing arrives.
    pub fn freeze(&self) {
        self.state.line.send_replace(Line::Frozen);
    }

    /// Silences the connections that are open, for good: neither end learns that the other is gone, as when a router
    /// between them has forgotten the connection. New ones pass.
    pub fn silence(&self) {
        self.state.heard_from.send_replace(self.state.next.load(Ordering::SeqCst));
    }

    /// Returns whether somebody has connected since the line fell silent.
    pub fn is_used_again(&self) -> bool {
        self.state.next.load(Ordering::SeqCst) > *self.state.heard_from.borrow()
    }

    /// Delays whatever is sent, in both directions.
    pub fn delay(&self, by: Duration) {
        self.state.line.send_replace(Line::Open(by));
    }

    /// Restores the line; what a frozen one kept arrives.
    pub fn restore(&self) {
        *self.state.left.lock().expect("nothing panics while it counts") = None;
        self.state.line.send_replace(Line::Open(Duration::ZERO));
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        // Connections end on a cut line.
        self.cut();
    }
}

impl State {
    /// Returns how many of so many bytes may pass.
    fn take(&self, length: usize) -> usize {
        let mut left = self.left.lock().expect("nothing panics while it counts");
        match &mut *left {
            None => length,
            Some(left) => {
                let taken = length.min(*left);
                *left -= taken;
                taken
            }
        }
    }
}

async fn accept(listener: TcpListener, target: u16, state: Arc<State>) {
    while let Ok((client, _)) = listener.accept().await {
        tokio::spawn(carry(client, target, Arc::clone(&state)));
    }
}

async fn carry(client: TcpStream, target: u16, state: Arc<State>) {
    if *state.line.borrow() == Line::Cut {
        return;
    }
    let number = state.next.fetch_add(1, Ordering::SeqCst);
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, target)).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (client_read, client_write) = client.into_split();
    let (server_read, server_write) = server.into_split();
    let mut cut = state.line.subscribe();
    tokio::select! {
        () = async {
            tokio::join!(
                pass(client_read, server_write, &state, number),
                pass(server_read, client_write, &state, number),
            );
        } => {}
        _ = cut.wait_for(|line| *line == Line::Cut) => {}
    }
}

/// Passes on what is read until one side closes, as the line allows.
async fn pass(mut from: tcp::OwnedReadHalf, mut to: tcp::OwnedWriteHalf, state: &State, number: u64) {
    let (mut line, mut heard_from) = (state.line.subscribe(), state.heard_from.subscribe());
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = tokio::select! {
            biased;
            () = async { heard_from.wait_for(|first| *first > number).await.map_or((), drop) } => None,
            read = from.read(&mut buffer) => Some(read),
        };
        let length = match length {
            // A silent connection does not even tell that one side has closed it.
            None => std::future::pending().await,
            Some(Ok(length @ 1..)) => length,
            Some(Ok(0) | Err(_)) => break,
        };
        let delay = match line.wait_for(|line| matches!(line, Line::Open(_))).await.map(|line| *line) {
            Ok(Line::Open(delay)) => delay,
            Ok(Line::Frozen | Line::Cut) | Err(_) => return,
        };
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let passing = state.take(length);
        if to.write_all(&buffer[..passing]).await.is_err() {
            return;
        }
        if passing < length {
            state.line.send_replace(Line::Cut);
            return;
        }
    }
    let _ = to.shutdown().await;
}
