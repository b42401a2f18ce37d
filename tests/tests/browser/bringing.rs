//! Files that are brought: looked at first, and taken when somebody says so.

use rectify_tests::folder;

use crate::place::Place;

const OFFICER: &str = "舟曲经办";

const LIST: &str = "序号,问题来源,发文单位,来源文号,具体问题,涉及县市,反馈日期\n\
    1,巡查检查,省巡查组,省巡查〔2020〕3号,安全饮水工程未通水,舟曲县,2020-04-15\n\
    2,巡查检查,省巡查组,省巡查〔2020〕3号,扶贫车间闲置,火星,2020-04-15\n";

pub async fn a_list_with_one_bad_row_is_imported(language: &'static str) {
    let place = Place::new(language, &[OFFICER]).await;
    let folder = folder();
    let file = folder.path().join("清单.csv");
    std::fs::write(&file, LIST).unwrap();
    let seat = place.browser_of(OFFICER).await;
    seat.follows("nav-import").await;
    seat.picks("kind", "inspection").await;
    seat.attaches("files", &file).await;
    seat.presses_until("import-look", "import-preview").await;
    seat.reads("火星").await;
    seat.is_told("import-refused").await;
    seat.presses_until("import-take", "import-result").await;
    seat.is_told("import-errors").await;
    seat.follows("import-to-ledger").await;
    seat.reads("安全饮水工程未通水").await;
}
