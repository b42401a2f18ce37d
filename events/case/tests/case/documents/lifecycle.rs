//! The lifecycle: its stages, its arrows, and who may ask what, and when.

use std::fmt::Write;

use rectify_case::{CaseEvent, Command, Role, Stage};
use schemars::schema_for;
use serde_json::Value;

use crate::matrix::{arrows, matrix, stages};

const HEAD: &str = "\
# The life of a case 整改事项的环节

Made by a test from `Stage::after`, the commands and `decide`; `cargo test -p rectify-case --test case -- --ignored` makes it anew.
";

const WHO: &str = "
## Who may ask what, and when 谁、何时、可办何事

A letter stands where `decide` hears the role in that stage, for a case of its own office, unit or division. The firewall
and the seven rules may still refuse. What a unit did earlier the office enters for it, with a document (补录).
";

/// Returns the whole document.
pub fn document() -> String {
    let mut text = HEAD.to_owned();
    stage_table(&mut text).unwrap();
    diagram(&mut text).unwrap();
    arrow_table(&mut text).unwrap();
    command_table(&mut text).unwrap();
    text
}

fn stage_table(text: &mut String) -> std::fmt::Result {
    writeln!(text, "\n## Stages 环节\n\n| Stage | 环节 | |\n|---|---|---|")?;
    for (name, says) in described(schema_for!(Stage).as_value(), |stage| &stage["const"]) {
        let stage = Stage::ALL.into_iter().find(|stage| stage.name() == name).unwrap();
        let says = says.strip_prefix(stage.chinese()).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(&says);
        let (first, rest) = says.split_at(1);
        writeln!(text, "| `{name}` | {} | {}{rest} |", stage.chinese(), first.to_uppercase())?;
    }
    Ok(())
}

fn diagram(text: &mut String) -> std::fmt::Result {
    writeln!(text, "\n## Arrows 流转\n\n```mermaid\nstateDiagram-v2")?;
    for stage in Stage::ALL {
        writeln!(text, "    state \"{} {}\" as {}", stage.chinese(), stage.name(), stage.name())?;
    }
    for (from, event, to) in arrows() {
        writeln!(text, "    {} --> {} : {event}", from.map_or("[*]", Stage::name), to.name())?;
    }
    for stage in Stage::ALL.into_iter().filter(|stage| stage.is_final()) {
        writeln!(text, "    {} --> [*]", stage.name())?;
    }
    writeln!(text, "```")
}

fn arrow_table(text: &mut String) -> std::fmt::Result {
    writeln!(text, "\n| From 自 | To 至 | Event | Command 办理 |\n|---|---|---|---|")?;
    for arrow in arrows() {
        let commands = matrix().taken.get(&arrow).into_iter().flatten();
        let commands: Vec<String> = commands.map(|name| format!("`{name}` {}", chinese(name))).collect();
        let (from, event, to) = arrow;
        let from = from.map_or("（无）", Stage::chinese);
        writeln!(text, "| {from} | {} | `{event}` | {} |", to.chinese(), commands.join(", "))?;
    }
    Ok(())
}

fn command_table(text: &mut String) -> std::fmt::Result {
    writeln!(text, "{WHO}")?;
    let asking =
        Role::ALL.into_iter().filter(|role| Command::NAMES.iter().any(|n| Command::roles_of(n).contains(role)));
    for role in asking {
        let (letter, name) = role_in_chinese(role);
        writeln!(text, "- {letter}: {name}, {}", in_words(role))?;
    }
    let heads: Vec<&str> = stages().map(|stage| stage.map_or("（无）", Stage::chinese)).collect();
    writeln!(text, "\n| Command | 办理 | {} |\n|---|---|{}", heads.join(" | "), "---|".repeat(heads.len()))?;
    for name in Command::NAMES {
        let cells = stages().map(|stage| {
            let roles = matrix().done.get(&(*name, stage)).into_iter().flatten();
            roles.map(|role| role_in_chinese(*role).0).collect::<Vec<_>>().join("")
        });
        writeln!(text, "| `{name}` | {} | {} |", chinese(name), cells.collect::<Vec<_>>().join(" | "))?;
    }
    writeln!(text, "\n## Commands 办理事项\n\n| Command | |\n|---|---|")?;
    for (name, says) in described(schema_for!(Command).as_value(), |command| &command["properties"]["type"]["const"]) {
        writeln!(text, "| `{name}` | {says} |")?;
    }
    let facets: Vec<String> = facets().map(|name| format!("`{name}`")).collect();
    writeln!(text, "\nEvery other event is a facet and moves no case: {}.", facets.join(", "))
}

/// The events that are no arrow.
fn facets() -> impl Iterator<Item = &'static str> {
    let spine: Vec<&str> = arrows().into_iter().map(|(_, event, _)| event).collect();
    CaseEvent::NAMES.iter().copied().filter(move |name| !spine.contains(name))
}

/// The names and descriptions of the choices of a schema.
fn described(schema: &Value, name: impl Fn(&Value) -> &Value) -> Vec<(String, String)> {
    let choices = schema["oneOf"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().replace('\n', " ");
    choices.iter().map(|choice| (text(name(choice)), text(&choice["description"]))).collect()
}

fn in_words(role: Role) -> String {
    let schema = schema_for!(Role).to_value();
    let written = serde_json::to_value(role).unwrap();
    let known = described(&schema, |role| &role["const"]);
    let says = known.into_iter().find(|(name, _)| written == name.as_str()).unwrap().1;
    format!(
        "`{}`{}",
        written.as_str().unwrap(),
        says.split_once(": ").map_or(String::new(), |(_, says)| format!(": {says}"))
    )
}

/// A letter for a role, and what the office calls it.
fn role_in_chinese(role: Role) -> (&'static str, &'static str) {
    match role {
        Role::Officer => ("办", "整改办经办人"),
        Role::Handler => ("承", "责任单位经办人"),
        Role::Verifier => ("核", "核验人"),
        Role::ResponsibleLeader => ("责", "责任领导"),
        Role::ClosingLeader => ("审", "审签领导"),
        Role::Auditor => ("督", "审计督查"),
        Role::Administrator => ("管", "系统管理员"),
        Role::SourceSystem => ("源", "来源系统"),
    }
}

/// What the office calls a command.
fn chinese(command: &str) -> &'static str {
    match command {
        "report" => "报送问题",
        "carry_over" => "承前",
        "amend" => "更新问题",
        "corroborate" => "同源佐证",
        "flag_likely_duplicate" => "标记疑似重复",
        "register" => "登记",
        "assign" => "交办",
        "reassign" => "改派",
        "split" => "拆分",
        "merge" => "并案",
        "unmerge" => "撤销并案",
        "dismiss" => "不予立案",
        "transfer" => "移送",
        "revive" => "恢复立案",
        "accept" => "签收",
        "return" => "退回",
        "hand_back" => "交回",
        "submit_plan" => "报送方案",
        "approve_plan" => "同意方案",
        "return_plan" => "退回方案",
        "report_progress" => "报送进展",
        "press" => "催办",
        "request_extension" => "申请延期",
        "grant_extension" => "同意延期",
        "refuse_extension" => "不同意延期",
        "change_deadline" => "调整时限",
        "file_evidence" => "提交佐证",
        "withdraw_evidence" => "撤回佐证",
        "report_completion" => "申请销号",
        "pass_level" => "核验通过",
        "fail_verification" => "核验不通过",
        "designate_verifier" => "指定核验",
        "approve_closure" => "审签同意",
        "decline_closure" => "审签不同意",
        "set_aside" => "退回整改",
        "close" => "销号",
        "reopen" => "恢复整改",
        "look_back" => "回头看",
        "hand_up" => "提请上级办理",
        "raise_severity" => "提高等级",
        "propose_lower_severity" => "申请降级",
        "lower_severity" => "同意降级",
        "name_subjects" => "补充被反映对象",
        "recuse" => "回避",
        "list" => "挂牌督办",
        "review_listing" => "月度调度",
        "delist" => "摘牌",
        "restate_quantities" => "重新核定数量",
        "split_off_rest" => "余项另立",
        "link" => "关联",
        "unlink" => "取消关联",
        "pass_on_clue" => "移送线索",
        "add_note" => "备注",
        "correct" => "更正",
        unknown => panic!("{unknown} has no Chinese name: give it one in documents/lifecycle.rs"),
    }
}
