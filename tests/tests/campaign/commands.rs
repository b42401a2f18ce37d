//! What somebody would ask of a case as it stands: most often what takes it on, now and then something else.

use rectify_tests::bed::{person, unit};
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::hand_in::households;
use crate::told::{Caller, Handler};
use crate::world::World;

/// A command that somebody wants to ask.
#[derive(Debug)]
pub struct Wanted {
    /// Who.
    pub caller: Caller,
    /// Which.
    pub command: &'static str,
    /// With what.
    pub data: Value,
    /// What is done before.
    pub first: First,
}

/// What is done before a command.
#[derive(Debug)]
pub enum First {
    /// Nothing.
    Nothing,
    /// A file is uploaded, and named in the command as its evidence, in a list or alone.
    Upload {
        /// Whether the command takes a list.
        listed: bool,
    },
    /// Files are opened.
    Open(Vec<String>),
}

/// A case as it stands, and who may have to do with it.
struct Standing<'a> {
    world: &'a World,
    case: &'a Value,
}

/// Returns what somebody wants to ask of a case; nothing where they would only look.
pub fn wanted(world: &World, case: &Value, others: &[String], chance: &mut Chance) -> Option<Wanted> {
    let standing = Standing { world, case };
    if chance.percent(6) {
        return Some(standing.out_of_place(chance));
    }
    if chance.percent(12) {
        return Some(standing.note(chance));
    }
    let on = chance.percent(72);
    match case["stage"].as_str()? {
        "discovered" => Some(standing.discovered(on, others, chance)),
        "registered" => Some(standing.registered(on, chance)),
        "assigned" => Some(standing.assigned(on, chance)),
        "rectifying" => Some(standing.rectifying(on, others, chance)),
        "reported" => Some(standing.reported(on, chance)),
        "verified" => Some(standing.verified(on, chance)),
        "closed" => standing.closed(on, chance),
        "dismissed" | "transferred" => Some(standing.by_office("revive", json!({ "reason": "发现新情况" }), chance)),
        "merged" => Some(standing.by_office("unmerge", json!({ "reason": "经核实为两个问题" }), chance)),
        _ => None,
    }
}

impl Standing<'_> {
    fn discovered(&self, on: bool, others: &[String], chance: &mut Chance) -> Wanted {
        if on {
            let severity = chance.weighted(&[(60, "ordinary"), (25, "serious"), (15, "grave")]);
            return self.by_office("register", json!({ "severity": severity }), chance);
        }
        match chance.below(6) {
            0 => self.by_office("dismiss", json!({ "reason": "不属受理范围" }), chance),
            1 => self.transfer(chance),
            2 => self.merge(others, chance),
            3 => self.by_office("name_subjects", subjects(chance), chance),
            4 => self.by_office("recuse", recusal(chance), chance),
            _ => self.link(others, chance),
        }
    }

    fn registered(&self, on: bool, chance: &mut Chance) -> Wanted {
        if on {
            return self.by_office("assign", self.assignment(chance, false), chance);
        }
        match chance.below(7) {
            0 => self.split(chance),
            1 => self.by_office("dismiss", json!({ "reason": "重复登记" }), chance),
            2 => self.transfer(chance),
            3 => self.by_office("raise_severity", json!({ "to": "grave", "reason": "影响面大" }), chance),
            4 => {
                let found = households(chance.below(25));
                self.by_office("restate_quantities", json!({ "found": found, "reason": "核实户数" }), chance)
            }
            5 => self.by_office("list", listing(), chance),
            _ => self.by_office("change_deadline", suspension(), chance),
        }
    }

    fn assigned(&self, on: bool, chance: &mut Chance) -> Wanted {
        let lead = self.lead(chance);
        if on {
            return by(&lead.caller, "accept", json!({ "unit": lead.unit }));
        }
        match chance.below(6) {
            0 => by(&lead.caller, "return", json!({ "unit": lead.unit, "reason": "不属本单位职责" })),
            1 => self.by_office("reassign", self.assignment(chance, true), chance),
            2 => self.by_office("press", json!({ "message": "请尽快签收" }), chance),
            3 => by(&lead.caller, "request_extension", extension(&lead)),
            4 => self.split(chance),
            _ => self.by_office("name_subjects", subjects(chance), chance),
        }
    }

    fn rectifying(&self, on: bool, others: &[String], chance: &mut Chance) -> Wanted {
        if self.case["extension"].is_object() {
            return if chance.percent(60) {
                self.by_office("grant_extension", json!({}), chance)
            } else {
                self.by_office("refuse_extension", json!({ "reason": "仍须按期完成" }), chance)
            };
        }
        if let Some(planned) = self.planned() {
            return if chance.percent(80) {
                self.by_office("approve_plan", json!({ "unit": planned }), chance)
            } else {
                self.by_office("return_plan", json!({ "unit": planned, "reason": "措施不具体" }), chance)
            };
        }
        let lead = if on { self.next_to_report() } else { None }.unwrap_or_else(|| self.lead(chance));
        if on {
            return self.report(&lead);
        }
        match chance.below(9) {
            0 | 1 => by(&lead.caller, "submit_plan", self.plan(&lead)),
            2 => {
                let fixed = households(chance.below(self.found() + 1));
                by(&lead.caller, "report_progress", json!({ "unit": lead.unit, "text": "已过半", "fixed": fixed }))
            }
            3 => by(&lead.caller, "request_extension", extension(&lead)),
            4 => by(&lead.caller, "hand_back", json!({ "unit": lead.unit, "reason": "需上级牵头" })),
            5 => {
                let first = First::Upload { listed: false };
                Wanted { first, ..by(&lead.caller, "file_evidence", json!({ "unit": lead.unit })) }
            }
            6 => self.by_office("list", listing(), chance),
            7 => self.merge(others, chance),
            _ => self.by_office("raise_severity", json!({ "to": "serious", "reason": "影响面大" }), chance),
        }
    }

    fn reported(&self, on: bool, chance: &mut Chance) -> Wanted {
        let level = self.case["passed"].as_array().map_or(0, Vec::len);
        let owed = &self.case["assignment"]["levels"][level];
        let verifier = self.verifier(owed["holder"].as_str(), chance);
        if !on {
            return match chance.below(3) {
                0 => by(&verifier, "fail_verification", json!({ "level": level, "reason": "仍有两户未落实" })),
                1 => self.by_office("press", json!({ "message": "请抓紧核验" }), chance),
                _ => self.by_office("name_subjects", subjects(chance), chance),
            };
        }
        let gathered = |file: &&(String, &Value)| file.1["side"] == "verifier" && file.1["by"] == verifier.person;
        let files = self.on_file();
        if owed["method"] == "on_site" && !files.iter().any(|file| gathered(&file)) {
            let holder = owed["holder"].as_str().map_or_else(|| unit("州整改办"), str::to_owned);
            let first = First::Upload { listed: false };
            return Wanted { first, ..by(&verifier, "file_evidence", json!({ "unit": holder })) };
        }
        let relied_on: Vec<String> = files.iter().take(2).map(|(digest, _)| digest.clone()).collect();
        let fixed = households(self.quantity("fixed"));
        let data = json!({ "level": level, "relied_on": relied_on, "verified": fixed, "opinion": "核验属实" });
        Wanted { first: First::Open(relied_on), ..by(&verifier, "pass_level", data) }
    }

    fn verified(&self, on: bool, chance: &mut Chance) -> Wanted {
        if self.case["listing"].is_object() {
            return self.by_office("delist", json!({ "reason": "目标已达到" }), chance);
        }
        let leader = self.world.caller("审签领导");
        let grave = self.case["owed"] == "grave" || self.case["severity"] == "grave";
        if on && grave && self.case["approval"].is_null() {
            return by(&leader, "approve_closure", json!({ "opinion": "同意" }));
        }
        let left = self.quantity("found").saturating_sub(self.quantity("verified"));
        if on && left > 0 {
            let rest = json!({ "id": self.fresh(), "amounts": households(left), "reason": "另案整改" });
            return self.by_office("split_off_rest", rest, chance);
        }
        if on {
            return self.by_office("close", json!({}), chance);
        }
        match chance.below(3) {
            0 => self.by_office("set_aside", json!({ "ground": "new_fact", "reason": "出现新情况" }), chance),
            1 => by(&leader, "decline_closure", json!({ "reason": "证据不足" })),
            _ => self.by_office("raise_severity", json!({ "to": "grave", "reason": "影响面大" }), chance),
        }
    }

    fn closed(&self, on: bool, chance: &mut Chance) -> Option<Wanted> {
        if on {
            let auditor = self.world.caller("州审计");
            return chance.percent(40).then(|| by(&auditor, "look_back", json!({ "held": true, "note": "抽查属实" })));
        }
        let term = json!({ "ends": { "after": { "working": 20 } } });
        Some(self.by_office("reopen", json!({ "reason": "回头看发现反弹", "term": term }), chance))
    }

    /// Whatever somebody may hit upon, fitting or not.
    fn out_of_place(&self, chance: &mut Chance) -> Wanted {
        let who = *chance.pick(&["民政经办", "供水经办", "临潭经办", "州审计", "审签领导", "舟曲核验", "既办又验"]);
        let caller = self.world.caller(who);
        let own = unit("舟曲县民政局");
        let (command, data) = match chance.below(7) {
            0 => ("close", json!({})),
            1 => ("accept", json!({ "unit": own })),
            2 => ("register", json!({ "severity": "grave" })),
            3 => ("pass_level", json!({ "level": 0, "relied_on": [], "opinion": "属实" })),
            4 => ("dismiss", json!({ "reason": " " })),
            5 => ("assign", json!({ "leads": [], "goal": "整改" })),
            _ => ("report_completion", json!({ "unit": own, "outcome": { "kind": "rectified" }, "account": "已整改" })),
        };
        by(&caller, command, data)
    }

    fn note(&self, chance: &mut Chance) -> Wanted {
        let who = *chance.pick(&["舟曲经办", "舟曲副手", "州办经办", "州审计", "民政经办", "舟曲核验"]);
        let text = format!("已核对第{}次", self.world.number());
        by(&self.world.caller(who), "add_note", json!({ "text": text }))
    }

    fn by_office(&self, command: &'static str, data: Value, chance: &mut Chance) -> Wanted {
        let officers: &[&str] = match self.case["division"].as_str() {
            Some("623023") => &["舟曲经办", "舟曲副手", "舟曲副手", "舟曲经办", "州办经办"],
            Some("623021") => &["临潭经办"],
            _ => &["州办经办"],
        };
        by(&self.world.caller(*chance.pick(officers)), command, data)
    }

    fn assignment(&self, chance: &mut Chance, again: bool) -> Value {
        let told = self.world.told.borrow();
        let first = chance.pick(&told.handlers).unit.clone();
        let mut leads = vec![first];
        if chance.percent(20) {
            let second = chance.pick(&told.handlers).unit.clone();
            leads.extend(Some(second).filter(|second| *second != leads[0]));
        }
        let mut data = json!({ "leads": leads, "goal": "按期整改到位" });
        if chance.percent(20) {
            data["responsible_leader"] = person("民政领导").into();
        }
        if again {
            data["reason"] = "职责调整".into();
        } else {
            let after = json!({ "after": { "calendar": 60 } });
            let ends = if chance.percent(50) { after } else { json!({ "on": "2099-12-31" }) };
            data["term"] = json!({ "ends": ends });
        }
        data
    }

    fn split(&self, chance: &mut Chance) -> Wanted {
        let left = self.quantity("found").saturating_sub(self.quantity("fixed"));
        let share = chance.below(left + 1);
        let part = |title: &str, share| json!({ "id": self.fresh(), "title": title, "found": households(share) });
        let parts = [part("第一部分", share), part("第二部分", left - share)];
        self.by_office("split", json!({ "parts": parts, "reason": "分别牵头" }), chance)
    }

    fn merge(&self, others: &[String], chance: &mut Chance) -> Wanted {
        self.by_office("merge", json!({ "into": chance.pick(others), "reason": "同一问题" }), chance)
    }

    fn link(&self, others: &[String], chance: &mut Chance) -> Wanted {
        self.by_office("link", json!({ "other": chance.pick(others), "relation": "related_to" }), chance)
    }

    fn transfer(&self, chance: &mut Chance) -> Wanted {
        let data = json!({ "receiver": "州纪委监委", "receipt": "收字17号", "reason": "超出职权" });
        self.by_office("transfer", data, chance)
    }

    fn report(&self, lead: &Handler) -> Wanted {
        let data = json!({
            "unit": lead.unit, "outcome": { "kind": "rectified" }, "account": "问题已整改",
            "fixed": households(self.found()),
        });
        Wanted { first: First::Upload { listed: true }, ..by(&lead.caller, "report_completion", data) }
    }

    fn plan(&self, lead: &Handler) -> Value {
        let by = &self.case["deadline"]["last_day"];
        json!({ "unit": lead.unit, "plan": { "measures": [{ "text": "逐户落实", "unit": lead.unit, "by": by }] } })
    }

    /// Returns the unit whose plan waits for the office.
    fn planned(&self) -> Option<String> {
        let plans = self.case["plans"].as_object()?;
        plans.iter().find(|(_, plan)| plan["standing"] == "submitted").map(|(unit, _)| unit.clone())
    }

    /// Returns one of the leads.
    fn lead(&self, chance: &mut Chance) -> Handler {
        let leads = self.leads();
        if leads.is_empty() { self.world.told.borrow().handlers[0].clone() } else { chance.pick(&leads).clone() }
    }

    /// Returns the lead whose turn it is to report: the first speaks last.
    fn next_to_report(&self) -> Option<Handler> {
        let leads = self.leads();
        let reported = |lead: &Handler| {
            let reported = self.case["joint_reports"].as_array().into_iter().flatten();
            reported.into_iter().any(|unit| unit.as_str() == Some(&lead.unit))
        };
        leads.iter().skip(1).find(|lead| !reported(lead)).or(leads.first()).cloned()
    }

    fn leads(&self) -> Vec<Handler> {
        let leads = self.case["assignment"]["leads"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let told = self.world.told.borrow();
        leads.filter_map(|lead| told.handlers.iter().find(|handler| handler.unit == lead).cloned()).collect()
    }

    /// Returns somebody who verifies for the unit that holds a level.
    fn verifier(&self, holder: Option<&str>, chance: &mut Chance) -> Caller {
        let prefecture = ["州办核验", "核验兼审签"];
        let name = match holder {
            Some(held) if held == unit("舟曲县整改办") => {
                *chance.pick(&["舟曲核验", "舟曲核验", "代办核验", "舟曲副手"])
            }
            Some(held) if held == unit("临潭县整改办") => "临潭核验",
            _ => *chance.pick(&prefecture),
        };
        self.world.caller(name)
    }

    /// Returns what is on file, the last filed first.
    fn on_file(&self) -> Vec<(String, &Value)> {
        let evidence = self.case["evidence"].as_object().into_iter().flatten();
        let mut files: Vec<(String, &Value)> = evidence
            .filter(|(_, file)| file["withdrawn"].is_null())
            .map(|(digest, file)| (digest.clone(), file))
            .collect();
        files.sort_by_key(|(_, file)| std::cmp::Reverse(file["filed"].as_u64()));
        let last = files.first().and_then(|(_, file)| file["filed"].as_u64()).unwrap_or_default();
        let reported = self.case["report"]["version"].as_u64().unwrap_or(last);
        files.retain(|(_, file)| file["filed"].as_u64().unwrap_or_default() + 2 > reported);
        files
    }

    fn found(&self) -> usize {
        self.quantity("found")
    }

    fn quantity(&self, of: &str) -> usize {
        let count = self.case["quantities"]["households"][of].as_u64().unwrap_or_default();
        usize::try_from(count).unwrap_or_default()
    }

    /// Returns an id for a case that a command begins.
    fn fresh(&self) -> String {
        format!("00000000-0000-4000-a000-{:012}", self.world.number())
    }
}

fn by(caller: &Caller, command: &'static str, data: Value) -> Wanted {
    Wanted { caller: caller.clone(), command, data, first: First::Nothing }
}

fn subjects(chance: &mut Chance) -> Value {
    let subject = unit(*chance.pick(&["舟曲县民政局", "舟曲县水务局", "峰迭镇"]));
    json!({ "subjects": [{ "unit": subject }], "reason": "来信指明" })
}

fn recusal(chance: &mut Chance) -> Value {
    let recused = person(*chance.pick(&["舟曲副手", "舟曲核验", "州办核验"]));
    json!({ "person": recused, "reason": "与当事人有利害关系" })
}

fn listing() -> Value {
    json!({ "target": "年底前清零", "leader": person("民政领导") })
}

fn suspension() -> Value {
    json!({ "change": { "suspend": { "from": "2099-01-01", "to": "2099-01-10", "reason": "冬休" } }, "reason": "冬休" })
}

fn extension(lead: &Handler) -> Value {
    json!({ "unit": lead.unit, "until": "2099-12-31", "reason": "冬季无法施工" })
}
