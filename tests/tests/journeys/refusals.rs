//! Every refusal of the rules that no path may break, as a client meets it.

use std::cell::RefCell;
use std::collections::BTreeSet;

use rectify_tests::bed::{
    Bed, CIVIL_AFFAIRS, CaseFile, WATER, accusation_against, finding, passing, person, reporting, request_against, unit,
};
use serde_json::{Value, json};

/// Where each refusal is defined, under the rule it belongs to.
const REFUSALS: &str = include_str!("../../../events/case/src/refusal.rs");

/// What nobody meets here: a row of an older ledger is refused where it is read, with the column to fill.
const BEFORE: [&str; 1] = ["whereabouts_missing"];

const FAR: &str = "2099-12-31";

pub async fn every_refusal_of_rules_1_to_4_and_7_is_told_by_its_code(bed: &Bed) {
    let told = Told { bed, codes: RefCell::default() };
    told.levels_and_evidence().await;
    told.a_grave_closure().await;
    told.joint_leads_and_extensions().await;
    told.severity().await;
    told.a_level_nobody_can_hold().await;
    told.the_firewall().await;
    told.a_subject_who_would_verify().await;
    told.nothing_disappears().await;
    told.quantities().await;

    let missing: Vec<_> =
        defined().into_iter().filter(|code| !told.codes.borrow().contains(*code) && !BEFORE.contains(code)).collect();
    assert!(missing.is_empty(), "nobody was refused with {missing:?}");
}

/// Returns the codes of the refusals of rules 1 to 4 and 7.
fn defined() -> Vec<&'static str> {
    let rule = |number| REFUSALS.find(&format!("    // Rule {number}.")).unwrap();
    let sections = [&REFUSALS[rule(1)..rule(5)], &REFUSALS[rule(7)..]];
    let lines = sections.into_iter().flat_map(str::lines).take_while(|line| *line != "}");
    let codes = lines.filter_map(|line| line.split_once(" = \"")?.1.split_once("\", "));
    codes.map(|(code, _)| code).collect()
}

/// The refusals that were met.
struct Told<'a> {
    bed: &'a Bed,
    codes: RefCell<BTreeSet<String>>,
}

impl Told<'_> {
    /// Asks what is to be refused, and checks how.
    async fn refused(&self, case: &CaseFile, who: &str, command: &str, data: Value, code: &str) {
        self.refused_with(case, who, command, data, &[], code).await;
    }

    async fn refused_with(
        &self,
        case: &CaseFile,
        who: &str,
        command: &str,
        data: Value,
        headers: &[(&str, &str)],
        code: &str,
    ) {
        let before = case.state().await["version"].clone();
        let answer = case.ask(who, command, &data, headers).await;
        assert_eq!(answer.body["code"], code, "{who} asked {command} with {data}: {}", answer.body);
        assert_eq!(answer.status, 422, "{}", answer.body);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert_eq!(answer.body["type"], format!("urn:rectify:problem:{code}"));
        assert_eq!(case.state().await["version"], before, "what is refused writes nothing");
        self.codes.borrow_mut().insert(code.to_owned());
    }

    async fn discovered(&self) -> CaseFile {
        self.bed.site.report("舟曲经办", &finding("低保金发放不及时", 10)).await
    }

    async fn rectifying(&self, severity: &str) -> CaseFile {
        let case = self.discovered().await.register(severity).await;
        case.assign(&[CIVIL_AFFAIRS.unit]).await.accept(CIVIL_AFFAIRS).await
    }

    async fn levels_and_evidence(&self) {
        let case = self.rectifying("serious").await;
        let own = unit(CIVIL_AFFAIRS.unit);
        let on_file = |file: &Value| json!({ "unit": own, "evidence": file });
        let early = case.upload("民政经办", "早先材料.txt", "报送前的材料").await;
        case.act("民政经办", "file_evidence", on_file(&early)).await;

        // Somebody who verifies elsewhere plans on behalf of the handler.
        let delegation = json!({ "person": person("代办核验"), "on_behalf_of": person("民政经办"), "until": "2099-01-01T00:00:00Z" });
        let delegate = self.bed.site.administrator();
        let key = self.bed.site.key();
        delegate.post("/api/directory/delegations", &[("Idempotency-Key", &key)], &delegation).await.expect(201);
        let by = case.state().await["deadline"]["last_day"].clone();
        let plan = json!({ "unit": own, "plan": { "measures": [{ "text": "补发", "unit": own, "by": by }] } });
        let for_another = [("Rectify-On-Behalf-Of", person("民政经办"))];
        let for_another = for_another.each_ref().map(|(name, value)| (*name, value.as_str()));
        let planned = case.ask("代办核验", "submit_plan", &plan, &for_another).await;
        assert_eq!(planned.status, 200, "{}", planned.body);

        let report = |fixed| reporting(CIVIL_AFFAIRS, &[], fixed);
        self.refused(&case, "民政经办", "report_completion", report(10), "plan_not_approved").await;
        case.act("舟曲经办", "approve_plan", json!({ "unit": own })).await;
        let file = case.report_completion(CIVIL_AFFAIRS, 10).await;
        let withdrawn = case.upload("民政经办", "误传.txt", "传错了").await;
        case.act("民政经办", "file_evidence", on_file(&withdrawn)).await;
        let withdrawal = |file: &Value| json!({ "digest": file["digest"], "reason": "有误" });
        case.act("民政经办", "withdraw_evidence", withdrawal(&withdrawn)).await;

        let pass = async |who: &str, level, files: &[&Value], fixed, code| {
            self.refused(&case, who, "pass_level", passing(level, files, fixed), code).await;
        };
        pass("州办核验", 1, &[&file], 10, "level_out_of_order").await;
        pass("州办经办", 0, &[&file], 10, "not_the_verifying_unit").await;
        pass("既办又验", 0, &[&file], 10, "verified_by_responsible_unit").await;
        pass("代办核验", 0, &[&file], 10, "verifier_planned_or_reported").await;
        pass("舟曲核验", 0, &[], 10, "evidence_not_named").await;
        pass("舟曲核验", 0, &[&file], 10, "evidence_not_opened").await;
        pass("舟曲核验", 0, &[&early], 10, "evidence_not_of_this_round").await;
        pass("舟曲核验", 0, &[&withdrawn], 10, "evidence_withdrawn").await;
        case.open("舟曲核验", &file).await;
        pass("舟曲核验", 0, &[&file], 11, "fixed_exceeds_found").await;
        let designation = json!({ "level": 0, "unit": own, "reason": "就近" });
        self.refused(&case, "舟曲经办", "designate_verifier", designation, "holder_not_eligible").await;

        case.act("舟曲核验", "pass_level", passing(0, &[&file], 10)).await;
        self.refused(&case, "民政经办", "withdraw_evidence", withdrawal(&file), "evidence_relied_on").await;
        case.pass("州办核验", 1, &file, 10).await;
        self.refused(&case, "审签领导", "approve_closure", json!({ "opinion": "同意" }), "approval_not_owed").await;
    }

    async fn a_grave_closure(&self) {
        let case = self.discovered().await.register("grave").await;
        let assignment = json!({
            "leads": [unit(CIVIL_AFFAIRS.unit)], "responsible_leader": person("责任兼审签"), "goal": "整改到位",
            "term": { "ends": { "on": FAR } },
        });
        case.act("舟曲经办", "assign", assignment).await;
        let case = case.accept(CIVIL_AFFAIRS).await;
        let file = case.report_completion(CIVIL_AFFAIRS, 8).await;
        let listing = json!({ "target": "清零", "leader": person("民政领导") });
        case.act("舟曲经办", "list", listing).await;
        // An officer may hold the first level, and then does not close.
        case.pass("舟曲经办", 0, &file, 8).await;
        case.open("核验兼审签", &file).await;
        let on_file = passing(1, &[&file], 8);
        self.refused(&case, "核验兼审签", "pass_level", on_file, "nothing_gathered_on_site").await;
        let photo = case.upload("核验兼审签", "现场记录.txt", "入户核查八户").await;
        case.act("核验兼审签", "file_evidence", json!({ "unit": unit("州整改办"), "evidence": photo })).await;
        case.act("核验兼审签", "pass_level", passing(1, &[&file, &photo], 8)).await;

        let close = async |who: &str, code| self.refused(&case, who, "close", json!({}), code).await;
        close("舟曲副手", "approval_missing").await;
        let opinion = json!({ "opinion": "同意" });
        for (who, code) in [("责任兼审签", "approver_is_responsible_leader"), ("核验兼审签", "approver_verified")]
        {
            self.refused(&case, who, "approve_closure", opinion.clone(), code).await;
        }
        case.act("审签领导", "approve_closure", opinion).await;
        close("舟曲经办", "closer_verified").await;
        close("舟曲副手", "still_outstanding").await;
        let rest =
            |id: &str, households| json!({ "id": id, "amounts": { "households": households }, "reason": "另案整改" });
        let id = "00000000-0000-4000-9000-000000000011";
        self.refused(&case, "舟曲副手", "split_off_rest", rest(id, 3), "rest_exceeds_outstanding").await;
        case.act("舟曲副手", "split_off_rest", rest(id, 2)).await;
        close("舟曲副手", "listing_open").await;
        case.act("舟曲副手", "delist", json!({ "reason": "已达目标" })).await;
        let kept_up = json!({ "outcome": { "kind": "done_and_kept_up", "review": "2020-12-31" } });
        self.refused(&case, "舟曲副手", "close", kept_up, "review_not_in_future").await;
        case.act("舟曲副手", "close", json!({})).await;
    }

    async fn joint_leads_and_extensions(&self) {
        let case = self.discovered().await.register("ordinary").await;
        let case = case.assign(&[CIVIL_AFFAIRS.unit, WATER.unit]).await.accept(CIVIL_AFFAIRS).await;
        let report = reporting(CIVIL_AFFAIRS, &[], 10);
        self.refused(&case, "民政经办", "report_completion", report, "joint_leads_not_reported").await;

        let today = case.state().await["deadline"]["from"].as_str().unwrap().to_owned();
        let asked = json!({ "unit": unit(CIVIL_AFFAIRS.unit), "until": FAR, "reason": "冬季无法施工" });
        case.enter_late("舟曲经办", &today, "request_extension", asked).await;
        self.refused(&case, "舟曲经办", "grant_extension", json!({}), "granter_asked").await;
        case.act("舟曲副手", "grant_extension", json!({})).await;
        let handed = json!({ "act": "extension" });
        self.refused(&case, "州办经办", "hand_up", handed, "no_superior_office").await;
    }

    async fn severity(&self) {
        let case = self.discovered().await.register("serious").await;
        let to = |severity| json!({ "to": severity, "reason": "经复核" });
        self.refused(&case, "舟曲经办", "raise_severity", to("ordinary"), "not_higher").await;
        self.refused(&case, "舟曲经办", "propose_lower_severity", to("grave"), "not_lower").await;
        self.refused(&case, "舟曲经办", "lower_severity", json!({}), "no_lowering").await;
        case.act("舟曲经办", "propose_lower_severity", to("ordinary")).await;
        self.refused(&case, "舟曲经办", "lower_severity", json!({}), "second_person_needed").await;
        case.act("舟曲副手", "lower_severity", json!({})).await;
    }

    /// The prefecture itself leads, and no office stands above it.
    async fn a_level_nobody_can_hold(&self) {
        let case = self.bed.site.report("州办经办", &finding("州级统筹不力", 0)).await;
        case.act("州办经办", "register", json!({})).await;
        let top = unit("甘南州");
        let assignment = json!({ "leads": [top], "goal": "整改到位", "term": { "ends": { "on": FAR } } });
        case.act("州办经办", "assign", assignment).await;
        case.act("州直经办", "accept", json!({ "unit": top })).await;
        let file = case.upload("州直经办", "报告.txt", "已统筹").await;
        let report =
            json!({ "unit": top, "outcome": { "kind": "rectified" }, "account": "已统筹", "evidence": [file] });
        case.act("州直经办", "report_completion", report).await;
        self.refused(&case, "州办经办", "pass_level", passing(0, &[&file], 0), "level_has_no_holder").await;
    }

    async fn the_firewall(&self) {
        let site = &self.bed.site;
        let accused = json!([{ "unit": unit(CIVIL_AFFAIRS.unit) }]);
        let secret = site.report("州办经办", &accusation_against(&accused)).await.register("ordinary").await;
        let term = json!({ "ends": { "on": FAR } });
        let lead = json!({ "leads": [unit(CIVIL_AFFAIRS.unit)], "goal": "查清", "term": term });
        self.refused(&secret, "舟曲经办", "assign", lead, "subject_would_handle").await;
        let open = self.discovered().await;
        let link = json!({ "other": secret.id, "relation": "related_to" });
        self.refused(&open, "舟曲经办", "link", link, "would_reveal_accusation").await;

        // For who is accused, below who is accused, or recused, there is no such case, whatever they try.
        case_is_hidden(self.bed, &secret, "民政经办").await;
        secret.act("舟曲经办", "recuse", json!({ "person": person("舟曲副手"), "reason": "与当事人有利害关系" })).await;
        case_is_hidden(self.bed, &secret, "舟曲副手").await;

        // Naming a responsible unit takes the case back in the same append, and tells what the unit had read.
        let case = site.report("州办经办", &accusation_against(&json!([]))).await.register("ordinary").await;
        let case = case.assign(&[WATER.unit]).await.accept(WATER).await;
        let naming = json!({ "subjects": [{ "unit": unit(WATER.unit) }], "reason": "来信指明" });
        let named = case.act("舟曲经办", "name_subjects", naming).await;
        let types: Vec<_> = named["events"].as_array().unwrap().iter().map(|event| event["type"].clone()).collect();
        assert_eq!(types, ["subjects_named", "taken_back"]);
        assert_eq!(named["events"][1]["data"]["had_read"], json!([1, 2, 3, 4]));
        assert_eq!(case.stage().await, "registered");
        for kept_out in ["水务经办", "供水经办"] {
            case_is_hidden(self.bed, &case, kept_out).await;
        }
    }

    async fn a_subject_who_would_verify(&self) {
        let subject = json!([{ "unit": unit(WATER.unit) }]);
        let case = self.bed.site.report("州办经办", &request_against(&subject)).await.register("ordinary").await;
        let case = case.assign(&[CIVIL_AFFAIRS.unit]).await.accept(CIVIL_AFFAIRS).await;
        let file = case.report_completion(CIVIL_AFFAIRS, 0).await;
        self.refused(&case, "水务兼核验", "pass_level", passing(0, &[&file], 0), "subject_would_verify").await;
    }

    async fn nothing_disappears(&self) {
        let (one, two, three) = (self.discovered().await, self.discovered().await, self.discovered().await);
        let receiver = json!({ "receiver": "州纪委监委", "receipt": " ", "reason": "超出职权" });
        self.refused(&one, "舟曲经办", "transfer", receiver, "receipt_missing").await;
        let same = json!({ "from": two.id, "finding": two.id });
        one.act("舟曲经办", "corroborate", same.clone()).await;
        self.refused(&one, "舟曲经办", "corroborate", same, "finding_already_here").await;
        let into = |target: &CaseFile| json!({ "into": target.id, "reason": "同一问题" });
        two.act("舟曲经办", "merge", into(&one)).await;
        self.refused(&one, "舟曲经办", "merge", into(&three), "number_would_be_lost").await;
        self.refused(&two, "舟曲经办", "revive", json!({ "reason": "仍须整改" }), "merged_elsewhere").await;
    }

    async fn quantities(&self) {
        let case = self.rectifying("ordinary").await;
        let progress =
            |fixed| json!({ "unit": unit(CIVIL_AFFAIRS.unit), "text": "过半", "fixed": { "households": fixed } });
        self.refused(&case, "民政经办", "report_progress", progress(11), "fixed_exceeds_found").await;
        case.act("民政经办", "report_progress", progress(5)).await;
        let restated = json!({ "found": { "households": 4 }, "reason": "重复计算" });
        self.refused(&case, "舟曲经办", "restate_quantities", restated, "found_below_fixed").await;
        let part = |id: &str, share| json!({ "id": id, "title": "部分", "found": { "households": share } });
        let parts =
            json!([part("00000000-0000-4000-9000-000000000021", 6), part("00000000-0000-4000-9000-000000000022", 5),]);
        let split = json!({ "parts": parts, "reason": "分别牵头" });
        self.refused(&case, "舟曲经办", "split", split, "parts_do_not_add_up").await;
    }
}

/// Checks that a person meets the same answer as for a case that never was, wherever the case could show.
async fn case_is_hidden(bed: &Bed, case: &CaseFile, who: &str) {
    let client = bed.site.desk(who);
    let nowhere = "00000000-0000-4000-9000-00000000ffff";
    let (hidden, absent) =
        (client.get(&format!("/api/cases/{}", case.id)).await, client.get(&format!("/api/cases/{nowhere}")).await);
    assert_eq!((hidden.status, &hidden.body), (404, &absent.body), "{who} can tell that there is something");
    assert_eq!(hidden.body["code"], "no_such_case");
    let acted = case.ask(who, "add_note", &json!({ "text": "试探" }), &[]).await;
    assert_eq!((acted.status, &acted.body["code"]), (404, &json!("no_such_case")));
    let listed = client.get("/api/cases?limit=500&total=true").await.expect(200);
    assert!(!listed.to_string().contains(&case.id), "a list shows {who} the case");
}
