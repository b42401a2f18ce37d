//! The columns of a ledger (台账) as offices keep it in a workbook.

use crate::column::{Column, Kind, Need, SEVERITY};

const CLASS: Kind = Kind::Choice(&[
    ("request", &["申诉求决", "求决", "申诉"]),
    ("suggestion", &["建议意见", "意见建议", "建议"]),
    ("accusation", &["检举控告", "检举", "控告", "举报"]),
]);

/// Returns the columns that a ledger may have, each with the headers it is known by.
pub fn columns() -> Vec<Column> {
    use Kind::{Count, List, Moment, Text, Yuan};
    vec![
        Column::new("old_number", &["编号", "台账编号", "原编号", "问题编号", "整改编号", "事项编号"], Text),
        Column::new("ordinal", &["序号", "no."], Text),
        Column::new("source", &["来源", "问题来源"], Text).needed(Need::UnlessGiven),
        Column::new("issuing_body", &["发文单位", "反馈单位", "来源单位"], Text),
        Column::new("document", &["来源文号", "文号", "文件编号"], Text),
        Column::new("item", &["来源条目", "来源序号", "原文序号", "问题序号"], Text),
        Column::new("discovered", &["反馈日期", "反馈时间", "发现日期", "发现时间", "问题发现时间"], Moment)
            .needed(Need::UnlessGiven),
        Column::new("registered", &["登记日期", "登记时间", "建账时间", "立账日期"], Moment),
        Column::new("category", &["问题类别", "问题类型", "类别"], Text),
        Column::new("title", &["问题标题", "标题", "问题概述", "事项名称"], Text),
        Column::new("text", &["具体问题", "问题描述", "存在问题", "问题", "问题内容", "存在的问题"], Text)
            .needed(Need::Always),
        Column::new("division", &["涉及县市", "县市", "所属县市", "涉及县", "行政区划"], Text)
            .needed(Need::UnlessGiven),
        Column::new("place", &["涉及乡村", "涉及县乡村", "涉及乡镇", "涉及村", "地点"], Text),
        SEVERITY,
        Column::new("money_fen", &["涉及资金(元)", "涉及金额(元)", "涉及资金", "涉及金额", "资金", "金额"], Yuan),
        Column::new("households", &["涉及户数", "涉及户", "户数", "涉及户数(户)"], Count),
        Column::new("persons", &["涉及人数", "涉及人", "人数", "涉及人数(人)"], Count),
        Column::new("records", &["涉及条数", "条数"], Count),
        Column::new("class", &["信访类别", "信访目的"], CLASS),
        Column::new("subjects", &["被反映对象", "被反映单位", "被举报对象"], List),
        Column::new("leader", &["责任领导", "整改责任领导", "包抓领导", "责任人"], Text),
        Column::new("leads", &["牵头单位", "牵头部门", "整改牵头单位"], List),
        Column::new("responsible", &["责任单位", "配合单位", "责任部门", "整改责任单位"], List),
        Column::new("goal", &["整改目标", "目标"], Text),
        Column::new("measures", &["整改措施", "措施"], Text),
        Column::new("kind", &["整改类型", "整改方式", "整改性质"], Text),
        Column::new("deadline", &["整改时限", "完成时限", "整改期限", "时限"], Text),
        Column::new(
            "progress",
            &["进展情况", "整改进展", "整改进展情况", "整改情况", "目前进展", "整改落实情况"],
            Text,
        ),
        Column::new("completed", &["完成时间", "整改完成时间", "完成日期", "实际完成时间"], Moment),
        Column::new("status", &["整改状态", "整改状态/是否销号", "状态", "完成情况", "是否完成整改"], Text),
        Column::new("struck_off", &["是否销号", "销号情况", "销号状态"], Text),
        Column::new("evidence", &["佐证材料", "佐证资料", "印证资料"], Text),
        Column::new("opinion", &["核验意见", "验收意见", "核查意见", "核验情况"], Text),
        Column::new("closed", &["销号时间", "销号日期"], Moment),
        Column::new("review", &["复查时间", "复查日期", "下次复查时间"], Moment),
        Column::new("ground", &["不予立案理由", "不予立案原因", "不予受理理由", "不予立案的理由"], Text),
        Column::new("target", &["并入编号", "并入事项编号", "并案编号", "并入", "并案至"], Text),
        Column::new("receiver", &["移送单位", "接收单位", "移送去向", "移送至", "受移送单位"], Text),
        Column::new("receipt", &["移送回执", "回执", "移送文号", "移送函号"], Text),
        Column::new("left", &["离账时间", "移送时间", "移送日期", "并案时间", "不予立案时间", "不予立案日期"], Moment),
        Column::new("remarks", &["备注", "说明"], Text),
    ]
}
