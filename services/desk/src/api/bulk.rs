//! Many commands in one request: each is decided alone, and answered alone.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use futures::StreamExt as _;
use rectify_case::{Happened, Late, Version};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::asked::{KEY, own_key};
use crate::api::commands::{self, Answer, Wanted, do_wanted};
use crate::api::input;
use crate::api::routes::Routes;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::problem::ProblemDocument;

/// The most commands one request carries.
const MOST: usize = 1000;

/// How many cases are worked on at once.
const AT_ONCE: usize = 32;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.post("/api/bulk", bulk, |o| {
        o.says("bulk", "Does many commands, each decided alone")
            .explains(
                "At most 1000. Commands on one case are done in their order; different cases at the same time. The \
                 results come in the order of the commands. A command without a key of its own has this request's \
                 key and its place.",
            )
            .keyed()
            .in_capacity()
            .takes::<Bulk>()
            .answers::<Results>(StatusCode::OK, "One result a command.")
    })
}

/// Many commands.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Bulk {
    /// The commands.
    #[schemars(length(max = 1000))]
    commands: Vec<Item>,
}

/// One command of many.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Item {
    /// The case's id or number.
    pub(crate) case: String,
    /// The command's name.
    pub(crate) command: String,
    /// Its fields.
    #[serde(default = "nothing")]
    pub(crate) data: Value,
    /// The version seen; none takes the case as it is.
    pub(crate) if_match: Option<Version>,
    /// The command's own key.
    pub(crate) key: Option<String>,
    /// When it really happened, where the office enters it later (补录).
    pub(crate) happened: Option<Happened>,
    /// The document that shows it.
    pub(crate) document: Option<String>,
}

fn nothing() -> Value {
    Value::Object(serde_json::Map::new())
}

/// The results, in the order of the commands.
#[derive(Debug, Serialize, JsonSchema)]
struct Results {
    /// One a command.
    results: Vec<Outcome>,
}

/// What came of one command.
#[derive(Debug, Serialize, JsonSchema)]
struct Outcome {
    /// The status it would have had alone.
    status: u16,
    /// What it led to.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Answer>,
    /// Why it was not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<ProblemDocument>,
}

async fn bulk(
    State(desk): State<Desk>,
    caller: Caller,
    headers: HeaderMap,
    input::Json(Bulk { commands }): input::Json<Bulk>,
) -> Result<Json<Results>, Error> {
    let key = headers.get(KEY).ok_or(Code::KeyMissing)?.to_str().map_err(|_| Code::BadKey)?;
    let outcomes = do_each(&desk, &caller, key, commands).await?;
    let results = outcomes.into_iter().map(|outcome| match outcome {
        Ok(answer) => Outcome { status: StatusCode::OK.as_u16(), answer: Some(answer), problem: None },
        Err(error) => {
            let problem = error.problem();
            let status = problem.status().as_u16();
            Outcome { status, answer: None, problem: Some(problem.document(caller.language)) }
        }
    });
    Ok(Json(Results { results: results.collect() }))
}

/// Does many commands, each decided alone, and returns what came of each in its place.
pub(crate) async fn do_each(
    desk: &Desk,
    caller: &Caller,
    key: &str,
    commands: Vec<Item>,
) -> Result<Vec<Result<Answer, Error>>, Error> {
    own_key(key, caller)?;
    if commands.len() > MOST {
        return Err(Error::Detailed(Code::TooLarge, format!("{} > {MOST}", commands.len())));
    }
    let mut by_case: BTreeMap<String, Vec<(usize, Item)>> = BTreeMap::new();
    for (place, item) in commands.into_iter().enumerate() {
        by_case.entry(item.case.clone()).or_default().push((place, item));
    }
    let one_case = async |items: Vec<(usize, Item)>| {
        let mut outcomes = Vec::new();
        for (place, item) in items {
            outcomes.push((place, do_one(desk, caller, &format!("{key}/{place}"), item).await));
        }
        outcomes
    };
    let done = futures::stream::iter(by_case.into_values().map(one_case)).buffer_unordered(AT_ONCE);
    let mut outcomes: Vec<(usize, Result<Answer, Error>)> =
        done.collect::<Vec<_>>().await.into_iter().flatten().collect();
    outcomes.sort_by_key(|(place, _)| *place);

    let done = outcomes.iter().filter_map(|(_, outcome)| outcome.as_ref().ok());
    let listed = desk.shows(done.map(commands::position).max().unwrap_or(0)).await?;
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome.map(|answer| Answer { listed, ..answer })).collect())
}

async fn do_one(desk: &Desk, caller: &Caller, key: &str, item: Item) -> Result<Answer, Error> {
    let Item { case, command, data, if_match, key: own, happened, document } = item;
    let key = own_key(own.as_deref().unwrap_or(key), caller)?;
    let late = match (happened, document) {
        (Some(happened), document) => Some(Late { happened, document: document.unwrap_or_default() }),
        (None, Some(_)) => return Err(Error::Detailed(Code::BadBody, "document without happened".to_owned())),
        (None, None) => None,
    };
    let wanted = Wanted { case, name: &command, data, key: Some(key), seen: if_match, late };
    do_wanted(desk, caller, wanted).await
}
