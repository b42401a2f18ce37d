//! What may be shown of a value.

use super::key::Kind;

/// Returns a value as it may be shown. Rather too little than too much: a URL with an odd password hides all of it.
pub(super) fn redacted(kind: Kind, text: &str) -> String {
    match kind {
        Kind::Text | Kind::Number => text.to_owned(),
        Kind::Secret => "***".to_owned(),
        Kind::Url => text.split("://").map(authority).collect::<Vec<_>>().join("://"),
    }
}

/// Hides what stands before the last `@`, but for a user's name, and the values of a query that speak of passwords.
fn authority(text: &str) -> String {
    let shown = match text.rsplit_once('@') {
        None => text.to_owned(),
        Some((userinfo, rest)) => match userinfo.split_once(':') {
            Some((user, _)) => format!("{user}:***@{rest}"),
            None => format!("***@{rest}"),
        },
    };
    let Some((path, query)) = shown.split_once('?') else { return shown };
    let pairs: Vec<String> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) if name.contains("pass") => format!("{name}=***"),
            _ => pair.to_owned(),
        })
        .collect();
    format!("{path}?{}", pairs.join("&"))
}
