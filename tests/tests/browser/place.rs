//! Where people sit down: an installation of its own with its prefecture, and a browser for whoever asks.

use std::cell::RefCell;
use std::collections::BTreeMap;

use rectify_tests::bed::{Bed, Shape};
use rectify_tests::browser::{Driver, axe_core};

use crate::browser::{Browser, Script};
use crate::words::Words;

/// What everybody sets as their password.
pub const PASSWORD: &str = "every repair is seen before it is struck off";

/// An installation, and what is needed to look at it.
pub struct Place {
    pub bed: Bed,
    pub words: Words,
    pub axe: String,
    pub driver: Driver,
    /// The one-time links of those who have not used theirs.
    links: RefCell<BTreeMap<&'static str, String>>,
}

impl Place {
    /// Sets up the prefecture, with a link for each of the people named.
    pub async fn new(language: &'static str, people: &[&'static str]) -> Self {
        let mut bed = Bed::new(Shape::Embedded).await;
        // Tools write while no server runs.
        bed.installation.terminate("up").await;
        let mut links = BTreeMap::new();
        for name in people {
            let link = bed.installation.tool(&["person", "link", name]).await;
            links.insert(*name, link.trim().to_owned());
        }
        bed.installation.start_all().await;
        let (words, axe, driver) = (Words::of(language), axe_core(), Driver::start().await);
        Self { bed, words, axe, driver, links: RefCell::new(links) }
    }

    /// Returns a page's whole address.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.bed.installation.url("desk"))
    }

    /// Returns the link of somebody who has not used it; from then on they have.
    pub fn link_of(&self, name: &str) -> Option<String> {
        self.links.borrow_mut().remove(name)
    }

    /// Opens a browser in the language of the place.
    pub async fn browser(&self) -> Browser<'_> {
        let browser = Browser::open(self, Script::On).await;
        browser.opens(&format!("/language?to={}&next=/sign-in", self.words.language)).await;
        browser
    }

    /// Opens a browser, in which somebody signs in.
    pub async fn browser_of(&self, name: &str) -> Browser<'_> {
        let browser = self.browser().await;
        browser.signs_in(name).await;
        browser
    }

    /// Opens a browser that runs no script.
    pub async fn browser_without_script(&self) -> Browser<'_> {
        let browser = Browser::open(self, Script::Off).await;
        browser.opens(&format!("/language?to={}&next=/sign-in", self.words.language)).await;
        browser
    }
}
