use std::net::{Ipv4Addr, TcpListener};

/// Returns a port of the loopback interface that nobody listened on a moment ago.
pub fn free() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .expect("the loopback interface has a free port")
        .port()
}
