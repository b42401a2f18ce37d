use std::net::{Ipv4Addr, TcpListener};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU16, Ordering};

use crate::folder::random_digits;

/// Below the ports that Linux gives to outgoing connections: what was free a moment ago is still free when a server
/// comes to listen on it.
const FIRST: u16 = 10_000;
const COUNT: u16 = 20_000;

/// Returns a port of the loopback interface that nobody listened on a moment ago, and another at each call.
pub fn free() -> u16 {
    static NEXT: LazyLock<AtomicU16> = LazyLock::new(|| AtomicU16::new(start()));
    (0..COUNT)
        .map(|_| FIRST + NEXT.fetch_add(1, Ordering::Relaxed) % COUNT)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .expect("the loopback interface has a free port")
}

/// Processes that look at the same time begin in different places.
fn start() -> u16 {
    u16::from_str_radix(&random_digits()[..4], 16).expect("four hexadecimal digits are a number")
}
