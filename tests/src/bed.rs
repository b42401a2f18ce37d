//! The whole system as its users have it: the program running in one of its two shapes, a small prefecture in its
//! directory, people who call its API. Read in this order:

mod installation;
mod servers;

mod prefecture;

mod site;

mod case;
mod finding;

mod load;

mod promises;

pub use case::{CIVIL_AFFAIRS, CaseFile, Lead, WATER, passing, percent_encoded, reporting};
pub use finding::{accusation_against, finding, request_against};
pub use installation::{Installation, SERVICES, Shape};
pub use load::{Load, patiently};
pub use prefecture::{PEOPLE, Person, Unit, person, unit};
pub use promises::{every_event, every_row, position};
pub use servers::{Lines, Servers};
pub use site::Site;

use crate::client::Client;

/// A running installation with its prefecture.
#[derive(Debug)]
pub struct Bed {
    /// The processes and the servers they use.
    pub installation: Installation,
    /// Where it is reached, and by whom.
    pub site: Site,
}

impl Bed {
    /// Installs the program in one of its shapes, starts it, and sets up the prefecture.
    pub async fn new(shape: Shape) -> Self {
        Self::logging(shape, "warn").await
    }

    /// Does the same with processes whose log lines are of this level or above.
    pub async fn logging(shape: Shape, level: &'static str) -> Self {
        Self::in_place(Installation::logging(shape, level).await).await
    }

    /// Starts an installation that is prepared, and sets up the prefecture.
    pub async fn in_place(mut installation: Installation) -> Self {
        let administrator = installation.first_administrator().await;
        installation.start_all().await;
        let desk = Client::anonymous(&installation.url("desk"));
        let tokens = prefecture::set_up(&desk.with_token(&administrator)).await;
        let site = Site::new(&installation, administrator, tokens);
        Self { installation, site }
    }

    /// Checks at the end of a test what holds whatever happened.
    pub async fn keeps_its_promises(&self) {
        self.replays_every_case().await;
        self.shows_what_a_rebuilt_ledger_shows().await;
        self.holds_the_rows_of_a_rebuilt_ledger().await;
        self.mirrors_the_log().await;
        self.satisfies_the_doctor().await;
    }

    /// Checks the same, but does not replay each case at each of its positions: of many cases that takes long.
    pub async fn keeps_its_promises_to_many(&self) {
        self.shows_what_a_rebuilt_ledger_shows().await;
        self.holds_the_rows_of_a_rebuilt_ledger().await;
        self.mirrors_the_log().await;
        self.satisfies_the_doctor().await;
    }
}
