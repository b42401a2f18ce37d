use std::fmt;
use std::str::FromStr;

/// Where a message stands in a distributed trace: a `traceparent` of W3C Trace Context, version 00.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceParent(String);

/// A text that is no `traceparent`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no W3C traceparent")]
pub struct NoTraceParent(String);

impl TraceParent {
    /// Returns it as it is written in headers.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for TraceParent {
    type Err = NoTraceParent;

    fn from_str(text: &str) -> Result<Self, NoTraceParent> {
        let digits = |part: &str, length: usize| {
            part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let named = |part: &str| part.bytes().any(|byte| byte != b'0');
        let parts: Vec<&str> = text.split('-').collect();
        match parts[..] {
            ["00", trace, parent, flags]
                if digits(trace, 32) && named(trace) && digits(parent, 16) && named(parent) && digits(flags, 2) =>
            {
                Ok(Self(text.to_owned()))
            }
            _ => Err(NoTraceParent(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_w3c_calls_a_traceparent_is_one() {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(text.parse::<TraceParent>().unwrap().as_str(), text);
        for other in [
            "",
            "4bf92f3577b34da6a3ce929d0e0e4736",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\nNats-Expected-Last-Sequence: 1",
        ] {
            assert_eq!(other.parse::<TraceParent>(), Err(NoTraceParent(other.to_owned())));
        }
    }
}
