//! A browser, and what somebody does with it: opens, follows, fills in, presses, reads.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rectify_tests::{TempFolder, folder, until};
use serde_json::json;
use thirtyfour::error::WebDriverResult;
use thirtyfour::prelude::*;

use crate::accessibility;
use crate::place::{PASSWORD, Place};

pub const LIMIT: Duration = Duration::from_secs(30);

/// The screens of office PCs.
pub const SCREEN: (u32, u32) = (1366, 768);

/// The narrowest screen that is looked at, in CSS pixels.
pub const PHONE: (u32, u32) = (390, 844);

/// Whether pages may run scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    On,
    Off,
}

/// One browser with a profile of its own.
pub struct Browser<'a> {
    pub place: &'a Place,
    pub tab: WebDriver,
    script: Script,
    downloads: PathBuf,
    _profile: TempFolder,
}

impl<'a> Browser<'a> {
    pub async fn open(place: &'a Place, script: Script) -> Self {
        let profile = folder();
        let downloads = profile.path().join("downloads");
        let mut wanted = DesiredCapabilities::chrome();
        for flag in FLAGS {
            wanted.add_arg(flag).unwrap();
        }
        wanted.add_arg(&format!("--window-size={},{}", SCREEN.0, SCREEN.1)).unwrap();
        wanted.add_arg(&format!("--user-data-dir={}", profile.path().join("profile").display())).unwrap();
        let mut preferences = json!({
            "download.default_directory": downloads,
            "intl.accept_languages": place.words.language,
        });
        if script == Script::Off {
            preferences["profile.managed_default_content_settings.javascript"] = 2.into();
        }
        wanted.add_experimental_option("prefs", preferences).unwrap();
        wanted.set("goog:loggingPrefs", json!({ "browser": "ALL" })).unwrap();
        let tab = WebDriver::new(place.driver.url(), wanted).await.unwrap();
        Self { place, tab, script, downloads, _profile: profile }
    }

    /// Opens an address of the place.
    pub async fn opens(&self, path: &str) {
        self.comes_to(&self.place.url(path)).await;
    }

    /// Signs in: the first time by the one-time link.
    pub async fn signs_in(&self, name: &str) {
        if let Some(link) = self.place.link_of(name) {
            self.sets_password(&link, name).await;
        } else {
            self.opens("/sign-in").await;
            self.gives_password(name, PASSWORD).await;
        }
    }

    /// Opens a whole address, wherever it is.
    pub async fn comes_to(&self, url: &str) {
        self.tab.goto(url).await.unwrap();
        self.arrived().await;
    }

    /// Opens a one-time link, and signs in by choosing an account and a password.
    pub async fn sets_password(&self, link: &str, login: &str) {
        self.comes_to(link).await;
        for (field, text) in [("login", login), ("password", PASSWORD), ("again", PASSWORD)] {
            self.fills(field, text).await;
        }
        self.presses("link-set").await;
    }

    /// Fills in the form that asks who somebody is.
    pub async fn gives_password(&self, name: &str, password: &str) {
        self.fills("login", name).await;
        self.fills("password", password).await;
        self.presses("sign-in").await;
    }

    /// Signs out, for somebody else to take the seat.
    pub async fn signs_out(&self) {
        self.presses("sign-out").await;
    }

    /// Follows the link that is called so in the catalogue, also where it is folded away.
    pub async fn follows(&self, name: &str) {
        let said = self.place.words.say(name);
        let link = self.one(By::XPath(format!("//a[normalize-space()='{said}']"))).await;
        if !link.is_displayed().await.unwrap() {
            self.one(By::XPath(format!("//details[.//a[normalize-space()='{said}']]/summary")))
                .await
                .click()
                .await
                .unwrap();
        }
        self.leaves_by(&link).await;
    }

    /// Follows the link with a text.
    pub async fn follows_text(&self, text: &str) {
        self.leaves_by(&self.one(By::XPath(format!("//main//a[contains(., '{text}')]"))).await).await;
    }

    /// Presses the button that is called so in the catalogue.
    pub async fn presses(&self, name: &str) {
        let said = self.place.words.say(name);
        self.leaves_by(&self.one(By::XPath(format!("//button[normalize-space()='{said}']"))).await).await;
    }

    /// Presses the button that is called so in the catalogue, and waits until the work that begins so is done and the page tells it.
    pub async fn presses_until(&self, name: &str, told: &str) {
        let button = self.place.words.say(name);
        self.one(By::XPath(format!("//button[normalize-space()='{button}']"))).await.click().await.unwrap();
        self.waits_for(told).await;
    }

    /// Waits until the page, which comes anew by itself, says what is called so in the catalogue.
    pub async fn waits_for(&self, name: &str) {
        let told = self.place.words.begins(name);
        until(LIMIT, &format!("the page tells {told:?}"), async || match self.tab.find(By::Css("main")).await {
            Ok(main) => main.text().await.is_ok_and(|text| text.contains(told)),
            Err(_) => false,
        })
        .await;
        self.arrived().await;
    }

    /// Unfolds what is called so in the catalogue.
    pub async fn unfolds(&self, name: &str) {
        let said = self.place.words.say(name);
        self.one(By::XPath(format!("//summary[normalize-space()='{said}']"))).await.click().await.unwrap();
    }

    /// Picks one of several by what it is sent as.
    pub async fn picks(&self, field: &str, value: &str) {
        let css = format!("input[name='{field}'][value='{value}'], select[name='{field}'] option[value='{value}']");
        self.one(By::Css(css)).await.click().await.unwrap();
    }

    /// Types into a field, instead of what it holds.
    pub async fn fills(&self, field: &str, text: &str) {
        let input = self.one(By::Name(field)).await;
        if input.tag_name().await.unwrap() == "input" && input.attr("type").await.unwrap().as_deref() == Some("date") {
            // In which order a day is typed depends on where the browser believes to be.
            let set =
                "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))";
            self.tab.execute(set, vec![input.to_json().unwrap(), json!(text)]).await.unwrap();
        } else {
            input.clear().await.unwrap();
            input.send_keys(text).await.unwrap();
        }
    }

    /// Gives a field for files one of these.
    pub async fn attaches(&self, field: &str, file: &Path) {
        let input = self.one(By::Css(format!("input[type=file][name='{field}']"))).await;
        input.send_keys(file.display().to_string()).await.unwrap();
    }

    /// Chooses an option of a field by what it says.
    pub async fn chooses(&self, field: &str, said: &str) {
        let path = format!("//select[@name='{field}']/option[normalize-space()='{said}']");
        self.one(By::XPath(path)).await.click().await.unwrap();
    }

    /// Returns what a field holds.
    pub async fn holds(&self, field: &str) -> String {
        self.one(By::Name(field)).await.value().await.unwrap().unwrap_or_default()
    }

    /// Returns all that can be read on the page.
    pub async fn text(&self) -> String {
        self.one(By::Css("main")).await.text().await.unwrap()
    }

    /// Checks that the page says something.
    #[track_caller]
    pub fn reads<'b>(&'b self, text: &'b str) -> impl Future<Output = ()> + 'b {
        let place = std::panic::Location::caller();
        async move {
            let said = self.text().await;
            assert!(said.contains(text), "{place}: {text:?} is not on the page:\n{said}");
        }
    }

    /// Checks that the page says what is called so in the catalogue, up to its first value.
    #[track_caller]
    pub fn is_told<'b>(&'b self, name: &str) -> impl Future<Output = ()> + 'b {
        self.reads(self.place.words.begins(name))
    }

    /// Returns how many things there are of a kind.
    pub async fn count(&self, css: &str) -> usize {
        self.tab.find_all(By::Css(css)).await.unwrap().len()
    }

    /// Returns the path and query of the page.
    pub async fn address(&self) -> String {
        let url = self.tab.current_url().await.unwrap();
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    /// Downloads the file behind a link with a text, and returns its bytes.
    pub async fn downloads(&self, text: &str) -> Vec<u8> {
        self.one(By::XPath(format!("//a[@download][contains(., '{text}')]"))).await.click().await.unwrap();
        until(LIMIT, &format!("{text:?} is downloaded"), async || self.downloaded().is_some()).await;
        let file = self.downloaded().unwrap();
        let bytes = std::fs::read(&file).unwrap();
        // The next one is another.
        std::fs::remove_file(&file).unwrap();
        bytes
    }

    /// Returns the file that is downloaded, once it is whole: until then its name says that it is not.
    fn downloaded(&self) -> Option<PathBuf> {
        let files = std::fs::read_dir(&self.downloads).ok()?.map(|entry| entry.unwrap().path());
        files.into_iter().find(|file| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            !name.starts_with('.') && !name.ends_with(".crdownload")
        })
    }

    /// Makes the browser prefer light pages, or dark ones; both at rest, for colours on their way to others are none to be read.
    pub async fn prefers(&self, scheme: &str) {
        let wanted = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        self.tab.cdp().send_raw("Emulation.setEmulatedMedia", wanted).await.unwrap();
    }

    /// Makes the screen as wide and as high as this, in CSS pixels.
    pub async fn resizes(&self, (width, height): (u32, u32)) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < SCREEN.0 });
        self.tab.cdp().send_raw("Emulation.setDeviceMetricsOverride", metrics).await.unwrap();
    }

    /// Checks that the page is no wider than the screen.
    pub async fn fits(&self) {
        let beyond = self.tab.execute("return document.documentElement.scrollWidth - innerWidth", Vec::new()).await;
        assert!(beyond.unwrap().json().as_i64().unwrap() <= 0, "{} is wider than the screen", self.address().await);
    }

    /// Does what leads to another page, and waits until that has come.
    pub async fn leaves_by(&self, element: &WebElement) {
        self.leaves(element.click()).await;
    }

    /// Awaits what leads to another page, and waits until that has come.
    pub async fn leaves(&self, act: impl Future<Output = WebDriverResult<()>>) {
        let before = self.one(By::Css("html")).await;
        act.await.unwrap();
        until(LIMIT, "another page comes", async || matches!(before.is_present().await, Ok(false))).await;
        self.arrived().await;
    }

    /// Returns the first thing that a selector finds.
    pub async fn one(&self, by: By) -> WebElement {
        let asked = format!("{by:?}");
        match self.tab.find(by).await {
            Ok(element) => element,
            Err(error) => {
                let page = self.tab.find(By::Css("body")).await.unwrap().text().await.unwrap_or_default();
                panic!("there is no {asked} at {}: {error}\n{page}", self.address().await)
            }
        }
    }

    /// Waits until a page is whole, and looks at it as axe-core does.
    async fn arrived(&self) {
        if self.script == Script::Off {
            return;
        }
        until(LIMIT, "the page is whole", async || {
            let state = self.tab.execute("return document.readyState", Vec::new()).await;
            state.is_ok_and(|state| state.json() == "complete")
        })
        .await;
        let language = self.one(By::Css("html")).await.attr("lang").await.unwrap();
        let asked = self.place.words.language;
        if !self.tab.current_url().await.unwrap().path().starts_with("/link/") {
            assert_eq!(language.as_deref(), Some(asked), "{}", self.address().await);
        }
        accessibility::check(self).await;
    }
}

impl Drop for Browser<'_> {
    /// Asks nobody to close it, for nobody can be waited for here: it ends with its driver.
    fn drop(&mut self) {
        let _ = self.tab.clone().leak();
    }
}

/// Nothing is fetched that the pages do not ask for. Over a pipe a browser notices when its driver is gone.
const FLAGS: [&str; 10] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
];
