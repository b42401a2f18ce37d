//! From where a request comes.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap};

/// Returns from where somebody comes: what the proxy says where it is the one we know, else the other end of the line.
pub fn client(proxy: Option<IpAddr>, headers: &HeaderMap, extensions: &Extensions) -> String {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let forwarded = headers.get("x-forwarded-for").and_then(|value| value.to_str().ok());
    match (peer, forwarded.and_then(|text| text.rsplit(',').next())) {
        (Some(peer), Some(client)) if proxy == Some(peer) => client.trim().to_owned(),
        (Some(peer), _) => peer.to_string(),
        (None, _) => "?".to_owned(),
    }
}
