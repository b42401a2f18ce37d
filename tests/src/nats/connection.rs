use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::folder::random_digits;
use crate::nats::password_of;

const LIMIT: Duration = Duration::from_secs(10);

/// A connection of the test's own, so that what a server holds is judged without the client that put it there.
#[derive(Debug)]
pub struct Connection {
    stream: BufReader<TcpStream>,
    inbox: String,
    asked: u64,
}

/// A message of a stream, as it was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its subject.
    pub subject: String,
    /// Its headers, a line each; empty where it has none.
    pub headers: String,
    /// What it carries.
    pub bytes: Vec<u8>,
}

impl Connection {
    /// Connects to a server on the loopback interface, as a user of its accounts where it has any.
    pub async fn open(port: u16, user: Option<&str>) -> Self {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.expect("the server takes connections");
        let inbox = user.map_or("_INBOX".to_owned(), |user| format!("_INBOX.{user}"));
        let inbox = format!("{inbox}.{}", random_digits());
        let mut connection = Self { stream: BufReader::new(stream), inbox, asked: 0 };
        let mut options = json!({ "verbose": false, "pedantic": false, "headers": true, "no_responders": true });
        if let Some(user) = user {
            options["user"] = json!(user);
            options["pass"] = json!(password_of(user));
        }
        let hello = format!("CONNECT {options}\r\nSUB {}.* 1\r\n", connection.inbox);
        connection.write(hello.as_bytes()).await;
        connection
    }

    /// Publishes a message to a stream, and returns what JetStream says to it.
    pub async fn publish(&mut self, subject: &str, headers: &[(&str, &str)], bytes: &[u8]) -> Value {
        let mut head = String::from("NATS/1.0\r\n");
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n").expect("a string takes everything");
        }
        head.push_str("\r\n");
        self.asked += 1;
        let (length, all) = (head.len(), head.len() + bytes.len());
        let mut message = format!("HPUB {subject} {}.{} {length} {all}\r\n{head}", self.inbox, self.asked).into_bytes();
        message.extend_from_slice(bytes);
        message.extend_from_slice(b"\r\n");
        self.write(&message).await;
        self.answer().await
    }

    /// Asks JetStream something, such as `STREAM.INFO.LOG`, and returns the answer.
    pub async fn ask(&mut self, what: &str, body: &Value) -> Value {
        self.asked += 1;
        let body = body.to_string();
        let (inbox, asked, length) = (&self.inbox, self.asked, body.len());
        let request = format!("PUB $JS.API.{what} {inbox}.{asked} {length}\r\n{body}\r\n");
        self.write(request.as_bytes()).await;
        self.answer().await
    }

    /// Returns the message of a stream at a sequence; nothing where there is none.
    pub async fn stored(&mut self, stream: &str, sequence: u64) -> Option<Stored> {
        let answer = self.ask(&format!("STREAM.MSG.GET.{stream}"), &json!({ "seq": sequence })).await;
        let message = answer.get("message")?;
        let text = |field: &str| from_base64(message[field].as_str().unwrap_or_default());
        let headers = String::from_utf8(text("hdrs")).expect("headers are text");
        let subject = message["subject"].as_str().expect("a message has a subject").to_owned();
        Some(Stored { subject, headers, bytes: text("data") })
    }

    async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("the server reads");
    }

    /// Waits for the message that answers what was asked last.
    async fn answer(&mut self) -> Value {
        let answered = tokio::time::timeout(LIMIT, self.read_answer()).await;
        answered.unwrap_or_else(|_| panic!("the NATS server did not answer within {LIMIT:?}"))
    }

    async fn read_answer(&mut self) -> Value {
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).await.expect("the server writes lines");
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["PING"] => self.write(b"PONG\r\n").await,
                ["MSG", subject, _, length] => {
                    let bytes = self.payload(length).await;
                    if self.is_asked(subject) {
                        return serde_json::from_slice(&bytes).expect("JetStream answers in JSON");
                    }
                }
                ["HMSG", subject, _, _, length] => {
                    let bytes = self.payload(length).await;
                    // Only headers: nobody listens to what was asked.
                    if self.is_asked(subject) {
                        return json!({ "error": { "description": String::from_utf8_lossy(&bytes) } });
                    }
                }
                ["-ERR", ..] => panic!("the NATS server says {line}"),
                [] => panic!("the NATS server closed the connection"),
                _ => {}
            }
        }
    }

    fn is_asked(&self, subject: &str) -> bool {
        subject.rsplit_once('.').is_some_and(|(_, number)| number == self.asked.to_string())
    }

    async fn payload(&mut self, length: &str) -> Vec<u8> {
        let length: usize = length.parse().expect("a message tells its length");
        let mut bytes = vec![0; length + 2];
        self.stream.read_exact(&mut bytes).await.expect("a message is whole");
        bytes.truncate(length);
        bytes
    }
}

fn from_base64(text: &str) -> Vec<u8> {
    let digit = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => panic!("{text} is no base64"),
    };
    let digits: Vec<u8> = text.trim_end_matches('=').bytes().map(digit).collect();
    let mut bytes = Vec::with_capacity(digits.len() * 3 / 4);
    for four in digits.chunks(4) {
        let number = four.iter().fold(0_u32, |number, digit| (number << 6) | u32::from(*digit));
        let number = number << (6 * (4 - four.len()));
        bytes.extend_from_slice(&number.to_be_bytes()[1..four.len()]);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::from_base64;

    #[test]
    fn base64_is_read() {
        for (text, bytes) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob")] {
            assert_eq!(from_base64(text), bytes.as_bytes());
        }
        assert_eq!(from_base64("+/8A"), [0xfb, 0xff, 0x00]);
    }
}
