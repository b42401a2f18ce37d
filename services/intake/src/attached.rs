//! What is handed in with one petition: a form with the document and the files that came with it.

use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::StatusCode;
use rectify_keys::{Attachment, NotTaken};
use rectify_kit::Store;
use serde_json::Value;

use crate::problem::Problem;

/// The part of a form that is the document; every other part is an attachment of it.
const DOCUMENT: &str = "finding";

/// Files that belong to the one finding that is handed in, and where their sealed bytes are kept.
#[derive(Clone, Debug)]
pub struct Attachments {
    /// Where.
    pub store: Store,
    /// Which.
    pub files: Vec<Attachment>,
}

/// Reads a form: one document, and its attachments. A file that is not taken refuses the whole.
pub(crate) async fn by_form(store: Option<&Store>, request: Request) -> Result<(Value, Attachments), Problem> {
    let store = store.cloned().ok_or_else(no_store)?;
    let unreadable = |error: &dyn std::error::Error| Problem::bad_request("unreadable_form", "表单无法读取", error);
    let mut form = Multipart::from_request(request, &()).await.map_err(|error| unreadable(&error))?;
    let (mut document, mut files) = (None, Vec::new());
    while let Some(field) = form.next_field().await.map_err(|error| unreadable(&error))? {
        if field.name() == Some(DOCUMENT) {
            let text = field.bytes().await.map_err(|error| unreadable(&error))?;
            let value: Value = serde_json::from_slice(&text)
                .map_err(|error| Problem::bad_request("not_json", "finding 不是 JSON", &error))?;
            if !value.is_object() || document.replace(value).is_some() {
                return Err(not_one());
            }
            continue;
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(|error| unreadable(&error))?;
        files.push(Attachment::checked(&name, bytes.to_vec(), store.most()).map_err(|why| not_taken(&name, why))?);
    }
    Ok((document.ok_or_else(not_one)?, Attachments { store, files }))
}

fn not_one() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "not_one_finding",
        "表单须含一个名为 finding 的部分，为一件信访件的 JSON；其余部分为其附件",
        "a form has one part named `finding`, the JSON of one petition; the other parts are its attachments",
    )
}

fn no_store() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "no_store",
        "这里没有存放附件的地方（evidence.store），附件未接收",
        "there is no place for attachments here (evidence.store): nothing was taken",
    )
}

/// Says which file is not taken, and why. Its name goes back to whoever sent it, and nowhere else.
fn not_taken(name: &str, why: NotTaken) -> Problem {
    let status = match why {
        NotTaken::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        NotTaken::UnsupportedType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        NotTaken::Unnamed | NotTaken::Empty | NotTaken::Marked => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Problem::new(status, why.code(), &format!("{name}：{}", why.chinese()), &format!("{name}: {why}"))
}
