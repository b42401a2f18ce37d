//! The steps of a process, as its lines to the database and to the broker show them: what it writes, and that it was
//! answered. Between two of them the process changes nothing that outlives it; so whoever kills it before each step
//! passes has killed it everywhere.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

mod talk;

use talk::{Protocol, Talk};

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// What is asked: the beginning of a statement, or the kind of a message.
    pub what: String,
    /// Whether it is the asking, or the answer.
    pub side: Side,
}

/// Which half of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// It is on its way to the server.
    Asked,
    /// The server has done it, and its answer is on its way back.
    Answered,
}

/// Watches the lines of one process. It runs on the runtime of the test that made it, and is gone when dropped.
#[derive(Debug)]
pub struct Steps {
    state: Arc<State>,
    lines: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct State {
    noted: Mutex<Noted>,
    gate: watch::Sender<Gate>,
}

#[derive(Debug, Default)]
struct Noted {
    steps: Vec<Step>,
    awaited: Option<Step>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Gate {
    /// Which process is watched: the first, or one that was started later.
    process: u64,
    /// Whether the awaited step has come: then nothing passes any more.
    held: bool,
}

impl Steps {
    /// Begins to watch; the process is to connect to the ports of the lines that are then added.
    #[expect(clippy::new_without_default, reason = "as the other fixtures are made")]
    pub fn new() -> Self {
        let state = State { noted: Mutex::default(), gate: watch::Sender::new(Gate::default()) };
        Self { state: Arc::new(state), lines: Vec::new() }
    }

    /// Adds a line to a database on a port of the loopback interface, and returns the port to connect to instead.
    pub async fn before_postgres(&mut self, target: u16) -> u16 {
        self.before(target, Protocol::Postgres).await
    }

    /// Adds a line to a broker on a port of the loopback interface, and returns the port to connect to instead.
    pub async fn before_nats(&mut self, target: u16) -> u16 {
        self.before(target, Protocol::Nats).await
    }

    /// Returns the steps that were taken since they were asked for last, each once, in the order they were first taken.
    pub fn taken(&self) -> Vec<Step> {
        let mut once: Vec<Step> = Vec::new();
        for step in std::mem::take(&mut self.state.noted().steps) {
            if !once.contains(&step) {
                once.push(step);
            }
        }
        once
    }

    /// Holds all lines when the step comes next, before it passes.
    pub fn hold_at(&self, step: &Step) {
        self.state.noted().awaited = Some(step.clone());
    }

    /// Waits until the step has come.
    pub async fn held(&self, limit: Duration) {
        let mut gate = self.state.gate.subscribe();
        let held = tokio::time::timeout(limit, gate.wait_for(|gate| gate.held)).await.is_ok();
        assert!(held, "waited {limit:?} in vain for {:?}", self.state.noted().awaited);
    }

    /// Drops what is open, for the process is gone, and lets the next one pass.
    pub fn release(&self) {
        self.state.noted().awaited = None;
        self.state.gate.send_modify(|gate| *gate = Gate { process: gate.process + 1, held: false });
    }

    async fn before(&mut self, target: u16, protocol: Protocol) -> u16 {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("the loopback interface has a free port");
        let port = listener.local_addr().expect("a listener has an address").port();
        self.lines.push(tokio::spawn(accept(listener, target, protocol, Arc::clone(&self.state))));
        port
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        self.lines.iter().for_each(JoinHandle::abort);
        self.release();
    }
}

impl State {
    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().expect("nothing panics while it notes")
    }

    /// Notes the step, and closes the gate when it is the awaited one.
    fn note(&self, step: Step) {
        let mut noted = self.noted();
        if noted.awaited.as_ref() == Some(&step) {
            noted.awaited = None;
            self.gate.send_modify(|gate| gate.held = true);
        }
        noted.steps.push(step);
    }
}

async fn accept(listener: TcpListener, target: u16, protocol: Protocol, state: Arc<State>) {
    while let Ok((client, _)) = listener.accept().await {
        tokio::spawn(carry(client, target, protocol, Arc::clone(&state)));
    }
}

async fn carry(client: TcpStream, target: u16, protocol: Protocol, state: Arc<State>) {
    let process = state.gate.borrow().process;
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, target)).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (client_read, client_write) = client.into_split();
    let (server_read, server_write) = server.into_split();
    let talk = Mutex::new(Talk::of(protocol));
    let mut gone = state.gate.subscribe();
    tokio::select! {
        () = pass(client_read, server_write, Side::Asked, &talk, &state) => {}
        () = pass(server_read, client_write, Side::Answered, &talk, &state) => {}
        _ = gone.wait_for(|gate| gate.process != process) => {}
    }
}

/// Passes on frame by frame until one side closes, as the gate allows.
async fn pass<R, W>(mut from: R, mut to: W, side: Side, talk: &Mutex<Talk>, state: &State)
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut gate = state.gate.subscribe();
    let mut held = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        held.extend_from_slice(&buffer[..length]);
        loop {
            let frame = {
                let mut talk = talk.lock().expect("nothing panics while it listens");
                let Some(length) = talk.frame(side, &held) else { break };
                let frame: Vec<u8> = held.drain(..length).collect();
                if let Some(what) = talk.heard(side, &frame) {
                    state.note(Step { what, side });
                }
                frame
            };
            if gate.wait_for(|gate| !gate.held).await.is_err() || to.write_all(&frame).await.is_err() {
                return;
            }
        }
    }
    let _ = to.shutdown().await;
}
