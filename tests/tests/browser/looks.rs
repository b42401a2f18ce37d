//! How the main pages look: on a phone, in the dark, and in the pictures of the documentation.

use std::path::Path;

use rectify_tests::bed::{CIVIL_AFFAIRS, finding};
use rectify_tests::browser::updates_docs;
use serde_json::json;

use crate::browser::{Browser, SCREEN};
use crate::place::Place;

const OFFICE: &str = "舟曲经办";

/// The narrowest screen that is looked at, in CSS pixels.
const PHONE: (u32, u32) = (390, 844);

pub async fn on_a_phone_and_in_the_dark_everything_can_be_read_and_reached(language: &'static str) {
    let place = Place::new(language, &[OFFICE]).await;
    let pages = pages(&place).await;
    let seat = place.browser_of(OFFICE).await;
    takes_pictures(&seat, &pages).await;
    for scheme in ["light", "dark"] {
        prefers(&seat, scheme).await;
        resizes(&seat, PHONE).await;
        for (_, path) in &pages {
            seat.opens(path).await;
            let beyond = seat.tab.execute("return document.documentElement.scrollWidth - innerWidth", Vec::new()).await;
            assert!(beyond.unwrap().json().as_i64().unwrap() <= 0, "{path} is wider than a phone");
        }
        resizes(&seat, SCREEN).await;
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

/// Takes the pictures of the documentation anew, where that is asked for.
async fn takes_pictures(seat: &Browser<'_>, pages: &[(&str, String)]) {
    if !updates_docs() {
        return;
    }
    prefers(seat, "light").await;
    resizes(seat, SCREEN).await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, path) in pages {
        seat.opens(path).await;
        let file = folder.join(format!("{name}.{}.png", seat.place.words.language));
        std::fs::write(file, seat.tab.screenshot_as_png().await.unwrap()).unwrap();
    }
}

async fn prefers(seat: &Browser<'_>, scheme: &str) {
    let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
    seat.tab.cdp().send_raw("Emulation.setEmulatedMedia", features).await.unwrap();
}

async fn resizes(seat: &Browser<'_>, (width, height): (u32, u32)) {
    let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < SCREEN.0 });
    seat.tab.cdp().send_raw("Emulation.setDeviceMetricsOverride", metrics).await.unwrap();
}
