//! How the main pages look: on a phone, in the dark, and in the pictures of the documentation.

use std::path::Path;

use rectify_tests::bed::{CIVIL_AFFAIRS, finding};
use rectify_tests::browser::updates_docs;

use crate::browser::{Browser, PHONE, SCREEN};
use crate::pictures::with_few_colours;
use crate::place::Place;

const OFFICE: &str = "舟曲经办";

/// The most bytes that a picture of the documentation has.
const LARGEST: usize = 100_000;

pub async fn on_a_phone_and_in_the_dark_everything_can_be_read_and_reached(language: &'static str) {
    let place = Place::new(language, &[OFFICE]).await;
    let pages = pages(&place).await;
    let seat = place.browser_of(OFFICE).await;
    takes_pictures(&seat, &pages).await;
    for scheme in ["light", "dark"] {
        seat.prefers(scheme).await;
        seat.resizes(PHONE).await;
        for (_, path) in &pages {
            seat.opens(path).await;
            seat.fits().await;
        }
        seat.resizes(SCREEN).await;
        if scheme == "dark" {
            for (_, path) in &pages {
                seat.opens(path).await;
            }
        }
    }
}

/// Sets cases up at several stages, and returns the main pages, each with what its picture is called.
async fn pages(place: &Place) -> Vec<(&'static str, String)> {
    let report = async |text, households| place.bed.site.report(OFFICE, &finding(text, households)).await;
    report("危房改造补助名单与实际不符", 6).await;
    report("扶贫车间闲置", 0).await.register("ordinary").await;
    report("安全饮水工程未通水", 40).await.register("serious").await.assign(&["舟曲县水务局"]).await;
    let case = report("低保资金未发放到户", 12).await.register("serious").await.assign(&[CIVIL_AFFAIRS.unit]).await;
    let case = case.accept(CIVIL_AFFAIRS).await;
    case.report_completion(CIVIL_AFFAIRS, 12).await;
    let registered = report("村级光伏电站收益未分配", 0).await.register("ordinary").await;
    vec![
        ("work", "/".to_owned()),
        ("ledger", "/ledger".to_owned()),
        ("case", format!("/cases/{}", case.id)),
        ("form", format!("/cases/{}/assign", registered.id)),
        ("overview", "/overview".to_owned()),
        ("account", "/account".to_owned()),
    ]
}

/// Takes the pictures of the documentation, and keeps them where that is asked for.
async fn takes_pictures(seat: &Browser<'_>, pages: &[(&str, String)]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/screenshots");
    seat.prefers("light").await;
    seat.resizes(SCREEN).await;
    for (name, path) in pages {
        seat.opens(path).await;
        let picture = with_few_colours(&seat.tab.screenshot_as_png().await.unwrap());
        assert!(picture.len() < LARGEST, "the picture of {path} has {} bytes", picture.len());
        if updates_docs() {
            std::fs::write(folder.join(format!("{name}.{}.png", seat.place.words.language)), picture).unwrap();
        }
    }
}
