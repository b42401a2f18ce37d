//! A browser: keeps its cookies, reads the forms of a page, fills them in and sends them.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, StatusCode, header};
use rectify_accounts::Login;
use rectify_case::PersonId;
use uuid::Uuid;

use crate::client::{Answer, Caller};
use crate::office::Office;

/// The password of everybody in these tests.
pub const PASSWORD: &str = "黄河首曲草原 2020";

/// A browser.
#[derive(Clone)]
pub struct Browser {
    routes: Router,
    cookies: BTreeMap<String, String>,
    /// What it prefers to read.
    pub language: &'static str,
}

/// A form of a page.
#[derive(Clone, Debug)]
pub struct Form {
    /// Where it is sent.
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl Office {
    /// Returns a browser of nobody.
    pub fn browser(&self) -> Browser {
        Browser { routes: self.routes.clone(), cookies: BTreeMap::new(), language: "zh-CN" }
    }

    /// Lets a person sign in by a name.
    pub async fn enrol(&self, person: u128, login: &str) {
        let login: Login = login.parse().unwrap();
        let now = self.desk.frame.clock.now();
        let person = PersonId(Uuid::from_u128(person));
        self.desk.accounts.set_password(person, &login, &PASSWORD.into(), now).await.unwrap();
    }

    /// Returns a browser in which a person has signed in.
    pub async fn signed_in(&self, person: u128) -> Browser {
        let login = format!("person{person}");
        self.enrol(person, &login).await;
        let mut browser = self.browser();
        let answer = browser.sign_in(&login, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        browser
    }
}

impl Answer {
    /// Returns the page.
    pub fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }

    /// Returns where it leads.
    #[track_caller]
    pub fn leads_to(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text());
        self.headers[header::LOCATION].to_str().unwrap()
    }

    /// Returns the form that is sent to an address.
    #[track_caller]
    pub fn form(&self, action: &str) -> Form {
        let text = self.text();
        let opening = format!("action=\"{action}\"");
        let at = text.find(&opening).unwrap_or_else(|| panic!("no form is sent to {action}: {text}"));
        let form = &text[at..];
        let form = &form[..form.find("</form>").unwrap()];
        Form { action: action.to_owned(), fields: fields(form) }
    }
}

impl Form {
    /// Fills a field in.
    pub fn with(mut self, name: &str, value: &str) -> Form {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Returns what stands in a field.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Returns the fields of a form with what stands in them: of a choice, what is chosen.
fn fields(form: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for piece in form.split('<').skip(1) {
        let (tag, inside) = piece.split_once('>').unwrap_or((piece, ""));
        let Some(name) = attribute(tag, "name") else {
            if tag.starts_with("option")
                && tag.ends_with(" selected")
                && let Some((_, value)) = fields.last_mut()
            {
                *value = attribute(tag, "value").unwrap_or_default();
            }
            continue;
        };
        let value = if tag.starts_with("textarea") { Some(plain(inside)) } else { attribute(tag, "value") };
        fields.push((name, value.unwrap_or_default()));
    }
    fields
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let value = &rest[..rest.find('"')?];
    Some(plain(value))
}

/// Returns what is meant by a text of a page.
fn plain(text: &str) -> String {
    text.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"").replace("&#38;", "&")
}

impl Browser {
    /// Returns the same browser, which prefers English.
    pub fn in_english(&self) -> Browser {
        Browser { language: "en", ..self.clone() }
    }

    /// Opens an address.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Body::empty()).await
    }

    /// Opens an address and returns the page, which must be there.
    #[track_caller]
    pub fn page(&mut self, path: &str) -> impl Future<Output = Answer> {
        let asked = path.to_owned();
        async move {
            let answer = self.get(&asked).await;
            assert_eq!(answer.status, StatusCode::OK, "{asked}: {}", answer.text());
            answer
        }
    }

    /// Sends a form.
    pub async fn submit(&mut self, form: &Form) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.fields).finish();
        self.post(&form.action, body).await
    }

    /// Sends a form with files in a field of it.
    pub async fn submit_with(&mut self, form: &Form, field: &str, files: &[(&str, &[u8])]) -> Answer {
        let mut body = Vec::new();
        for (name, value) in form.fields.iter().filter(|(name, _)| name != field) {
            let part = format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        for (name, bytes) in files {
            let part =
                format!("--edge\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n");
            body.extend_from_slice(part.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--edge--\r\n");
        let length = body.len().to_string();
        let headers = [("content-type", "multipart/form-data; boundary=edge"), ("content-length", length.as_str())];
        self.send(Method::POST, &form.action, &headers, body.into()).await
    }

    /// Posts fields as they are given.
    pub async fn post(&mut self, path: &str, body: String) -> Answer {
        self.send(Method::POST, path, &[("content-type", "application/x-www-form-urlencoded")], body.into()).await
    }

    /// Sends a form with a file.
    pub async fn hand_in(&mut self, form: &Form, name: &str, bytes: &[u8]) -> Answer {
        let mut body = Vec::new();
        for (field, value) in form.fields.iter().filter(|(field, _)| field != "file") {
            let part = format!("--part\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        let head = format!("--part\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--part--\r\n");
        let kind = [("content-type", "multipart/form-data; boundary=part")];
        self.send(Method::POST, &form.action, &kind, body.into()).await
    }

    /// Signs in by name and password.
    pub async fn sign_in(&mut self, login: &str, password: &str) -> Answer {
        let form = self.page("/sign-in").await.form("/sign-in");
        self.submit(&form.with("login", login).with("password", password)).await
    }

    /// Forgets whatever it keeps.
    pub fn forget(&mut self) {
        self.cookies.clear();
    }

    async fn send(&mut self, method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> Answer {
        let mut sent = HeaderMap::new();
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            sent.insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        sent.insert(header::ACCEPT_LANGUAGE, self.language.parse().unwrap());
        sent.insert(header::HOST, "rectify.test".parse().unwrap());
        let caller = Caller { routes: self.routes.clone(), token: String::new(), headers: sent };
        let answer = caller.send(method, path, headers, body).await;
        for kept in answer.headers.get_all(header::SET_COOKIE) {
            let kept = kept.to_str().unwrap();
            let (name, rest) = kept.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap().to_owned();
            if kept.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value);
            }
        }
        answer
    }
}
