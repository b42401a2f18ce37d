//! Views of the ledger: conditions, order and columns under a name, each its owner's.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use rectify_accounts::{AccountsError, Habits, View, ViewId};
use rectify_case::PersonId;

use super::columns::{self, CHOOSING, COLUMNS, joined};
use super::{address, filter, ledger, sort};
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::pages::as_of::{AS_OF, Book};
use crate::pages::entry::is_shown_first;
use crate::pages::form::Fields;
use crate::pages::page::{Page, shown};
use crate::pages::visitor::{Away, Posted, Visitor};

/// What an address says a view under.
pub(super) const VIEW: &str = "view";

/// The most characters that the name of a view has.
const LONGEST_NAME: usize = 30;

/// The most bytes that a view asks with.
const LONGEST_QUERY: usize = 4_000;

/// The most views that somebody has.
const MOST: usize = 30;

/// How whoever looks has the ledger.
pub(super) struct Own {
    pub(super) views: Vec<View>,
    pub(super) habits: Habits,
}

impl Own {
    pub(super) async fn of(desk: &Desk, person: PersonId) -> Result<Own, Error> {
        let (views, habits) = tokio::try_join!(desk.accounts.views(person), desk.accounts.habits(person))?;
        Ok(Own { views, habits })
    }

    /// Returns the view that comes first.
    pub(super) fn first(&self) -> Option<&View> {
        self.views.iter().find(|view| Some(view.id) == self.habits.opens)
    }

    /// Returns the view that an address names.
    pub(super) fn named(&self, asked: &Fields) -> Option<&View> {
        let id: ViewId = asked.text(VIEW).parse().ok()?;
        self.views.iter().find(|view| view.id == id)
    }
}

/// Returns the address of a view.
pub(super) fn address_of(view: &View) -> String {
    address(&Fields::read(view.query.as_bytes()), &[VIEW], &[(VIEW, &view.id.to_string())])
}

/// Returns what a view keeps of an address.
fn kept(asked: &Fields, shown: &[columns::Column]) -> String {
    let [as_of, position, happened, clock] = AS_OF;
    let without = [COLUMNS, CHOOSING, VIEW, "cursor", as_of, position, happened, clock];
    let address = address(asked, &without, &[(COLUMNS, &joined(shown))]);
    address.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default()
}

/// Returns whether two queries ask for the same, in whatever order.
fn is_same(one: &str, other: &str) -> bool {
    let sorted = |query: &str| {
        let mut fields = Fields::read(query.as_bytes()).0;
        fields.sort();
        fields
    };
    sorted(one) == sorted(other)
}

/// The views above the ledger.
pub(super) struct Strip {
    pub(super) is_all: bool,
    pub(super) tabs: Vec<Tab>,
    pub(super) open: Option<Open>,
    /// What would be kept, and where its forms come back to.
    pub(super) query: String,
    pub(super) again: Again,
}

/// A view as one can turn to it.
pub(super) struct Tab {
    pub(super) name: String,
    pub(super) href: String,
    pub(super) is_open: bool,
    pub(super) is_first: bool,
}

/// The view that is open.
pub(super) struct Open {
    pub(super) id: ViewId,
    pub(super) name: String,
    pub(super) is_first: bool,
    /// Whether what is shown is no longer what was kept.
    pub(super) is_changed: bool,
}

/// A form about views that is shown again, with what was typed.
#[derive(Clone, Debug, Default)]
pub(super) struct Again {
    /// Which: `name` or `rename`; none where nothing was sent.
    pub(super) form: &'static str,
    pub(super) name: String,
    pub(super) wrong: Option<String>,
}

impl Strip {
    /// Returns the views as they stand above what is asked for.
    pub(super) fn of(own: &Own, asked: &Fields, columns: &[columns::Column], is_filtered: bool, again: Again) -> Strip {
        let open = own.named(asked);
        let tab = |view: &View| Tab {
            name: view.name.clone(),
            href: address_of(view),
            is_open: open.is_some_and(|open| open.id == view.id),
            is_first: own.habits.opens == Some(view.id),
        };
        Strip {
            is_all: open.is_none() && !is_filtered,
            tabs: own.views.iter().map(tab).collect(),
            open: open.map(|view| Open {
                id: view.id,
                name: view.name.clone(),
                is_first: own.habits.opens == Some(view.id),
                is_changed: !is_same(&kept(asked, columns), &view.query),
            }),
            query: query_of(asked),
            again,
        }
    }

    /// Returns whether a form is shown again.
    pub(super) fn is_again(&self, form: &str) -> bool {
        self.again.form == form
    }
}

/// Returns the name of the view that is open, where what is asked for is what it asks for.
pub(super) fn name_of(own: &Own, asked: &Fields) -> Option<String> {
    let view = own.named(asked)?;
    let conditions =
        |query: &str| kept(&Fields(Fields::read(query.as_bytes()).without(&["sort"]).cloned().collect()), &[]);
    is_same(&conditions(&query_of(asked)), &conditions(&view.query)).then(|| view.name.clone())
}

/// Returns what is asked for as a query.
fn query_of(asked: &Fields) -> String {
    let address = address(asked, &["cursor"], &[]);
    address.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default()
}

/// Gives a name to what is shown.
pub(super) async fn name(State(desk): State<Desk>, Posted { visitor, fields }: Posted) -> Result<Response, Away> {
    let asked = Fields::read(fields.text("query").as_bytes());
    let person = visitor.caller.who.person;
    let own = Own::of(&desk, person).await?;
    let kept = checked(&asked, &own, &visitor.page)?;
    let name = fields.text("name").to_owned();
    let again = |wrong| Again { form: "name", name: name.clone(), wrong };
    if is_shown_first(&fields) {
        return show_again(&desk, visitor, asked, own, again(None)).await;
    }
    let wrong = if own.views.len() >= MOST { Some("view-too-many") } else { complaint(&name) };
    if let Some(wrong) = wrong {
        let wrong = visitor.page.say(wrong);
        return show_again(&desk, visitor, asked, own, again(Some(wrong))).await;
    }
    let id = match desk.accounts.name_view(person, &name, &kept, visitor.caller.now).await {
        Err(AccountsError::ViewNameTaken) => {
            let wrong = visitor.page.say("view-name-taken");
            return show_again(&desk, visitor, asked, own, again(Some(wrong))).await;
        }
        id => id?,
    };
    if fields.get("first").is_some() {
        desk.accounts.open_with(person, Some(id)).await?;
    }
    Ok(Redirect::to(&address_of(&View { id, name, query: kept })).into_response())
}

/// Calls a view otherwise.
pub(super) async fn rename(
    State(desk): State<Desk>,
    Path(view): Path<String>,
    Posted { visitor, fields }: Posted,
) -> Result<Response, Away> {
    let asked = Fields::read(fields.text("query").as_bytes());
    let view = known(&view)?;
    let person = visitor.caller.who.person;
    let name = fields.text("name").to_owned();
    let wrong = if is_shown_first(&fields) {
        None
    } else {
        match complaint(&name) {
            Some(wrong) => Some(visitor.page.say(wrong)),
            None => match desk.accounts.rename_view(person, view, &name).await {
                Err(AccountsError::ViewNameTaken) => Some(visitor.page.say("view-name-taken")),
                renamed => return back(renamed?, &asked),
            },
        }
    };
    let own = Own::of(&desk, person).await?;
    show_again(&desk, visitor, asked, own, Again { form: "rename", name, wrong }).await
}

/// Keeps what is shown under the name of the view that is open.
pub(super) async fn keep(
    State(desk): State<Desk>,
    Path(view): Path<String>,
    Posted { visitor, fields }: Posted,
) -> Result<Response, Away> {
    let asked = Fields::read(fields.text("query").as_bytes());
    let view = known(&view)?;
    if is_shown_first(&fields) {
        return back(true, &asked);
    }
    let person = visitor.caller.who.person;
    let own = Own::of(&desk, person).await?;
    let kept = checked(&asked, &own, &visitor.page)?;
    back(desk.accounts.change_view(person, view, &kept).await?, &asked)
}

/// Has the ledger open with a view, or with the whole of it again.
pub(super) async fn first(
    State(desk): State<Desk>,
    Path(view): Path<String>,
    Posted { visitor, fields }: Posted,
) -> Result<Response, Away> {
    let asked = Fields::read(fields.text("query").as_bytes());
    let view = known(&view)?;
    if is_shown_first(&fields) {
        return back(true, &asked);
    }
    let person = visitor.caller.who.person;
    let own = Own::of(&desk, person).await?;
    let is_there = own.views.iter().any(|known| known.id == view);
    if is_there {
        let opens = Some(view).filter(|_| own.habits.opens != Some(view));
        desk.accounts.open_with(person, opens).await?;
    }
    back(is_there, &asked)
}

/// Forgets a view. What it showed stays on the page.
pub(super) async fn forget(
    State(desk): State<Desk>,
    Path(view): Path<String>,
    Posted { visitor, fields }: Posted,
) -> Result<Response, Away> {
    let asked = Fields::read(fields.text("query").as_bytes());
    let view = known(&view)?;
    if is_shown_first(&fields) {
        return back(true, &asked);
    }
    let is_gone = desk.accounts.forget_view(visitor.caller.who.person, view).await?;
    back(is_gone, &Fields(asked.without(&[VIEW]).cloned().collect()))
}

/// Leads back to the ledger from an address that only takes forms.
pub(super) async fn leave() -> Redirect {
    Redirect::to("/ledger")
}

fn known(view: &str) -> Result<ViewId, Code> {
    view.parse().map_err(|_| Code::NotFound)
}

fn back(is_known: bool, asked: &Fields) -> Result<Response, Away> {
    if is_known { Ok(Redirect::to(&address(asked, &[], &[])).into_response()) } else { Err(Code::NotFound.into()) }
}

/// Returns why something is no name of a view.
fn complaint(name: &str) -> Option<&'static str> {
    match name.chars().count() {
        0 => Some("field-missing"),
        1..=LONGEST_NAME => None,
        _ => Some("view-name-long"),
    }
}

/// Returns what a view would keep, once it can be asked for.
fn checked(asked: &Fields, own: &Own, page: &Page) -> Result<String, Error> {
    filter(asked, page)?;
    sort(asked)?;
    let kept = kept(asked, &columns::shown(asked, own)?);
    if kept.len() > LONGEST_QUERY {
        return Err(Error::Detailed(Code::TooLarge, format!("{} > {LONGEST_QUERY}", kept.len())));
    }
    Ok(kept)
}

/// Shows the ledger with a form that is to be looked at again.
async fn show_again(desk: &Desk, visitor: Visitor, asked: Fields, own: Own, again: Again) -> Result<Response, Away> {
    let status = if again.wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = Page { path: address(&asked, &[], &[]), ..visitor.page };
    let book = Book::now(desk, &visitor.caller, &page);
    let ledger = ledger(desk, &visitor.caller, page, &book, asked, &own, again).await?;
    Ok(shown(status, &ledger)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_keeps_conditions_order_and_columns_and_no_place() {
        let asked = Fields::read(b"stage=assigned&text=&cursor=7b&sort=-due&view=all&columns=lead,due");
        assert_eq!(kept(&asked, &columns::USUAL[..1]), "stage=assigned&sort=-due&columns=source");
    }

    #[test]
    fn in_which_order_conditions_are_said_is_no_difference() {
        assert!(is_same("stage=assigned&sort=due", "sort=due&stage=assigned"));
        assert!(!is_same("stage=assigned&columns=lead%2Cdue", "stage=assigned&columns=due%2Clead"));
    }
}
