//! What passes over one connection, as far as it tells the steps of whoever opened it.

use std::collections::{BTreeMap, VecDeque};

use super::Side;

/// The protocol that a line speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Postgres,
    Nats,
}

/// One connection, followed.
#[derive(Debug)]
pub(super) enum Talk {
    Postgres(Statements),
    Nats(Requests),
}

impl Talk {
    pub(super) fn of(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Postgres => Talk::Postgres(Statements::default()),
            Protocol::Nats => Talk::Nats(Requests::default()),
        }
    }

    /// Returns the length of the first frame of these bytes, once it is whole.
    pub(super) fn frame(&mut self, side: Side, bytes: &[u8]) -> Option<usize> {
        let length = match self {
            Talk::Postgres(statements) => statements.frame(side, bytes),
            Talk::Nats(_) => message(bytes),
        };
        length.filter(|length| *length <= bytes.len())
    }

    /// Takes a frame in, and returns what is asked or answered by it, where that changes anything.
    pub(super) fn heard(&mut self, side: Side, frame: &[u8]) -> Option<String> {
        match (self, side) {
            (Talk::Postgres(statements), Side::Asked) => statements.asked(frame),
            (Talk::Postgres(statements), Side::Answered) => statements.answered(frame),
            (Talk::Nats(requests), Side::Asked) => requests.asked(frame),
            (Talk::Nats(requests), Side::Answered) => requests.answered(frame),
        }
    }
}

/// The statements of a connection to PostgreSQL.
#[derive(Debug, Default)]
pub(super) struct Statements {
    has_begun: bool,
    asks_for_tls: bool,
    prepared: BTreeMap<Vec<u8>, String>,
    bound: BTreeMap<Vec<u8>, String>,
    /// Those that are not answered yet; nothing for one that only reads.
    under_way: VecDeque<Option<String>>,
    /// What the open transaction wrote last.
    written: Option<String>,
}

/// The codes of what a client sends before it begins: it asks for TLS, or for GSSAPI.
const ASKS_FOR_TLS: [u32; 2] = [80_877_103, 80_877_104];

impl Statements {
    fn frame(&mut self, side: Side, bytes: &[u8]) -> Option<usize> {
        match side {
            Side::Answered if self.asks_for_tls => {
                self.asks_for_tls = bytes.is_empty();
                (!bytes.is_empty()).then_some(1)
            }
            Side::Asked if !self.has_begun => number(bytes, 0).map(|length| length as usize),
            Side::Asked | Side::Answered => number(bytes, 1).map(|length| 1 + length as usize),
        }
    }

    fn asked(&mut self, frame: &[u8]) -> Option<String> {
        if !self.has_begun {
            self.asks_for_tls = number(frame, 4).is_some_and(|code| ASKS_FOR_TLS.contains(&code));
            self.has_begun = !self.asks_for_tls;
            return None;
        }
        let (kind, mut rest) = (frame[0], frame.get(5..)?.split(|byte| *byte == 0));
        let statement = match kind {
            b'P' => {
                let name = rest.next()?.to_vec();
                self.prepared.insert(name, String::from_utf8_lossy(rest.next()?).into_owned());
                return None;
            }
            b'B' => {
                let (portal, name) = (rest.next()?.to_vec(), rest.next()?);
                self.bound.insert(portal, self.prepared.get(name).cloned().unwrap_or_default());
                return None;
            }
            b'E' => self.bound.get(rest.next()?).cloned().unwrap_or_default(),
            b'Q' => String::from_utf8_lossy(rest.next()?).into_owned(),
            _ => return None,
        };
        let what = self.writes(&statement);
        self.under_way.push_back(what.clone());
        what
    }

    fn answered(&mut self, frame: &[u8]) -> Option<String> {
        match frame[0] {
            // Complete, suspended, empty, failed.
            b'C' | b's' | b'I' | b'E' => self.under_way.pop_front().flatten(),
            _ => None,
        }
    }

    /// Returns the beginning of a statement that writes.
    fn writes(&mut self, statement: &str) -> Option<String> {
        let words: Vec<&str> = statement.split_whitespace().take(6).collect();
        match words.first()?.to_uppercase().as_str() {
            "BEGIN" | "ROLLBACK" => {
                self.written = None;
                None
            }
            "COMMIT" => self.written.take().map(|last| format!("COMMIT after {last}")),
            "INSERT" | "UPDATE" | "DELETE" | "WITH" | "COPY" | "CREATE" | "DROP" => {
                let what = words.join(" ");
                self.written = Some(what.clone());
                Some(what)
            }
            _ => None,
        }
    }
}

/// The requests of a connection to NATS.
#[derive(Debug, Default)]
pub(super) struct Requests(BTreeMap<String, &'static str>);

impl Requests {
    fn asked(&mut self, frame: &[u8]) -> Option<String> {
        let line = first_line(frame)?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let (subject, reply) = match words.as_slice() {
            ["PUB", subject, reply, _] | ["HPUB", subject, reply, _, _] => (*subject, Some(*reply)),
            ["PUB", subject, _] | ["HPUB", subject, _, _] => (*subject, None),
            _ => return None,
        };
        let kinds =
            [("findings.", "hand in"), ("log.", "mirror"), ("set_aside.", "set aside"), ("$JS.ACK.FINDINGS.", "ack")];
        let (_, what) = kinds.into_iter().find(|(root, _)| subject.starts_with(root))?;
        if let Some(reply) = reply {
            self.0.insert(reply.to_owned(), what);
        }
        Some(what.to_owned())
    }

    fn answered(&mut self, frame: &[u8]) -> Option<String> {
        let line = first_line(frame)?;
        let mut words = line.split_whitespace();
        match words.next()? {
            "MSG" | "HMSG" => self.0.remove(words.next()?).map(str::to_owned),
            _ => None,
        }
    }
}

/// Returns the length of a message to or from NATS.
fn message(bytes: &[u8]) -> Option<usize> {
    let line = first_line(bytes)?;
    let mut words = line.split_whitespace();
    let payload = match words.next().unwrap_or_default() {
        "PUB" | "HPUB" | "MSG" | "HMSG" => words.last().and_then(|length| length.parse::<usize>().ok()),
        _ => None,
    };
    Some(line.len() + 2 + payload.map_or(0, |payload| payload + 2))
}

fn first_line(bytes: &[u8]) -> Option<&str> {
    let end = bytes.windows(2).position(|two| two == b"\r\n")?;
    Some(std::str::from_utf8(&bytes[..end]).expect("NATS speaks in lines of text"))
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?;
    Some(u32::from_be_bytes(bytes.try_into().expect("four bytes are four")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap();
        [&[kind][..], &length.to_be_bytes(), body].concat()
    }

    fn through(talk: &mut Talk, side: Side, mut bytes: &[u8]) -> Vec<String> {
        let mut heard = Vec::new();
        while let Some(length) = talk.frame(side, bytes) {
            heard.extend(talk.heard(side, &bytes[..length]));
            bytes = &bytes[length..];
        }
        assert!(bytes.is_empty(), "{bytes:?} is no frame");
        heard
    }

    #[test]
    fn what_a_statement_writes_is_a_step_when_asked_and_when_answered() {
        let mut talk = Talk::of(Protocol::Postgres);
        let tls = [8_u32.to_be_bytes(), ASKS_FOR_TLS[0].to_be_bytes()].concat();
        let start = [8_u32.to_be_bytes(), 196_608_u32.to_be_bytes()].concat();
        assert!(through(&mut talk, Side::Asked, &tls).is_empty());
        assert!(through(&mut talk, Side::Answered, b"N").is_empty());
        assert!(through(&mut talk, Side::Asked, &start).is_empty());
        let asked = [
            frame(b'Q', b"BEGIN\0"),
            frame(b'P', b"s1\0INSERT INTO events\n(a)\0"),
            frame(b'B', b"\0s1\0"),
            frame(b'E', b"\0"),
            frame(b'S', b""),
            frame(b'Q', b"SELECT 1\0"),
            frame(b'Q', b"COMMIT\0"),
        ];
        let steps = ["INSERT INTO events (a)", "COMMIT after INSERT INTO events (a)"];
        assert_eq!(through(&mut talk, Side::Asked, &asked.concat()), steps);
        let done = frame(b'C', b"DONE\0").repeat(4);
        assert_eq!(through(&mut talk, Side::Answered, &done), steps);
    }

    #[test]
    fn what_is_published_is_a_step_when_asked_and_when_answered() {
        let mut talk = Talk::of(Protocol::Nats);
        let asked =
            b"PING\r\nHPUB findings.audit.623023 _INBOX.a.1 2 4\r\nabcd\r\nPUB $JS.API.INFO _INBOX.a.2 0\r\n\r\n";
        assert_eq!(through(&mut talk, Side::Asked, asked), ["hand in"]);
        let answers = b"PONG\r\nMSG _INBOX.a.2 1 2\r\n{}\r\nMSG _INBOX.a.1 1 2\r\n{}\r\n";
        assert_eq!(through(&mut talk, Side::Answered, answers), ["hand in"]);
    }
}
