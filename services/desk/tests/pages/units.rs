//! The units, as an administrator keeps them on pages.

use axum::http::StatusCode;
use serde_json::Value;

use crate::office::{ADMINISTRATOR, CIVIL_AFFAIRS, COUNTY, COUNTY_OFFICE, HANDLER, Office, PREFECTURE, WATER, id};

/// Returns a unit of the directory by its name.
async fn unit(office: &Office, name: &str) -> Option<Value> {
    let directory = office.caller(HANDLER).await.get("/api/directory").await.good();
    directory["units"].as_array().unwrap().iter().find(|unit| unit["name"] == name).cloned()
}

#[tokio::test]
async fn a_unit_is_added_changed_and_abolished_by_forms() {
    let office = Office::open().await;
    let mut admin = office.signed_in(ADMINISTRATOR).await;
    let form = admin.page("/admin/units").await.form("/admin/units");
    let filled = form
        .with("name", "州住建局")
        .with("kind", "department")
        .with("parent", &id(PREFECTURE))
        .with("division", "623000");
    assert_eq!(admin.submit(&filled).await.leads_to(), "/admin/units");
    let added = unit(&office, "州住建局").await.unwrap();
    assert_eq!((&added["kind"], &added["parent"]), (&"department".into(), &id(PREFECTURE).into()));
    // Sent twice, it is one unit.
    assert_eq!(admin.submit(&filled).await.leads_to(), "/admin/units");
    assert_eq!(admin.page("/admin/units").await.text().matches(">州住建局</a>").count(), 1);

    let path = format!("/admin/units/{}", added["id"].as_str().unwrap());
    let form = admin.page(&path).await.form(&path);
    assert_eq!((form.value("name"), form.value("kind")), (Some("州住建局"), Some("department")));
    let same = admin.submit(&form).await;
    assert_eq!(same.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(same.text().contains("与原来相同"));
    let form = same.form(&path).with("name", "州住房和城乡建设局");
    assert_eq!(admin.submit(&form).await.leads_to(), "/admin/units");
    assert!(unit(&office, "州住建局").await.is_none());

    let abolish = format!("{path}/abolish");
    let form = admin.page(&path).await.form(&abolish).with("successor", &id(WATER));
    assert_eq!(admin.submit(&form).await.leads_to(), "/admin/units");
    assert_eq!(unit(&office, "州住房和城乡建设局").await.unwrap()["abolished"], true);
    assert!(!admin.page(&path).await.text().contains(&abolish));
}

#[tokio::test]
async fn what_is_wrong_with_a_unit_is_said_at_its_field_and_what_was_typed_stays() {
    let office = Office::open().await;
    let mut admin = office.signed_in(ADMINISTRATOR).await;
    let form = admin.page("/admin/units").await.form("/admin/units");
    let filled = form.with("name", "临潭县住建局").with("division", "62").with("kind", "department");
    let answer = admin.submit(&filled).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let again = answer.form("/admin/units");
    assert_eq!((again.value("name"), again.value("division")), (Some("临潭县住建局"), Some("62")));
    assert_eq!(again.value("kind"), Some("department"));
    assert!(answer.text().contains("id=\"add-division-wrong\""));
    let filled = again.with("division", "623021").with("prefix", "临-潭");
    let answer = admin.submit(&filled).await;
    assert!(answer.text().contains("id=\"add-prefix-wrong\""), "{}", answer.text());
    assert!(unit(&office, "临潭县住建局").await.is_none());
    let empty = admin.submit(&answer.form("/admin/units").with("name", " ")).await;
    assert!(empty.text().contains("请填写此项。"));

    let path = format!("/admin/units/{}", id(COUNTY));
    let form = admin.page(&path).await.form(&path).with("parent", &id(COUNTY_OFFICE));
    let answer = admin.submit(&form).await;
    assert!(answer.text().contains("单位不能隶属于自身或其下级。"));
    assert!(answer.text().contains("id=\"change-parent-wrong\""));
    assert_eq!(answer.form(&path).value("parent"), Some(id(COUNTY_OFFICE).as_str()));
}

#[tokio::test]
async fn units_stand_in_their_tree_and_are_found_by_name_and_division() {
    let office = Office::open().await;
    let mut admin = office.signed_in(ADMINISTRATOR).await;
    let text = admin.page("/admin/units").await.text();
    let at = |name: &str| text.find(&format!(">{name}</a>")).unwrap();
    assert!(at("甘南藏族自治州") < at("州整改办") && at("州水务局") < at("舟曲县"));
    assert!(at("舟曲县") < at("舟曲县整改办") && at("舟曲县整改办") < at("舟曲县民政局"));
    let found = admin.page("/admin/units?text=民政").await.text();
    assert!(found.contains(">舟曲县民政局</a>") && !found.contains(">州水务局</a>"));
    assert!(found.contains("甘南藏族自治州 / 舟曲县"));
    let none = admin.page("/admin/units?text=没有").await.text();
    assert!(none.contains("没有符合条件的单位。"));
    let one = admin.page(&format!("/admin/units/{}", id(CIVIL_AFFAIRS))).await.text();
    assert!(one.contains("赵民政"));
    assert_eq!(admin.get(&format!("/admin/units/{}", id(999))).await.status, StatusCode::NOT_FOUND);
    assert_eq!(admin.get("/admin/units/nonsense").await.status, StatusCode::NOT_FOUND);
}
