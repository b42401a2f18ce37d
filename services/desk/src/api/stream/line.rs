//! An event as a line of text.

use rectify_case::CaseNumber;

use crate::pages::page::Page;
use crate::shown::ShownEvent;

/// How many characters of an id stand for a case without a number.
const ID_PREFIX: usize = 8;

/// Returns an event as a line: where, when it was written, of which case, what, by whom, and when it happened where that was
/// another day.
pub(super) fn line(told: &ShownEvent, number: Option<&CaseNumber>, page: &Page) -> String {
    let case = number.map_or_else(|| format!("{:.*}", ID_PREFIX, told.case.to_string()), ToString::to_string);
    let recorded = page.zone.at(told.recorded).format("%Y-%m-%d %H:%M:%S");
    let (event, who) = (page.event(&told.event), page.somebody(&told.who));
    let line = format!("#{}  {recorded}  {case}  {event}  {who}", told.position);
    let happened = told.happened.day(page.zone);
    if happened == page.zone.day_of(told.recorded) {
        return line + "\n";
    }
    let happened = page.say_of("event-happened", "day", happened.to_string());
    let late = if told.late { page.bracketed("", &page.say("tag-late")) } else { String::new() };
    format!("{line}  {happened}{late}\n")
}
