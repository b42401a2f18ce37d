use std::collections::BTreeMap;

use futures::future::join_all;
use rectify_log::{AppendError, Expected};

use crate::bed::{Bed, case, note, registered, to, whole};

pub async fn numbers_are_gap_free_in_each_series_and_losers_take_none(bed: &Bed) {
    let log = bed.log().await;
    log.append(to(case(0), Expected::Any, [note("已有")])).await.unwrap();
    let appends = (0..90).map(|n| {
        let source = if n % 2 == 0 { "审计" } else { "信访" };
        // Every third expects a stream to be new that is not.
        let stream = if n % 3 == 0 { case(0) } else { case(n) };
        let events = [registered(source), note("一"), registered("成效考核")];
        log.append(to(stream, Expected::Exactly(0), events))
    });
    let mut given: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for answer in join_all(appends).await {
        match answer {
            Ok(written) => {
                for number in written.events.into_iter().filter_map(|event| event.number) {
                    given.entry(number.series.to_string()).or_default().push(number.serial);
                }
            }
            Err(AppendError::Conflict { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    for serials in given.values_mut() {
        serials.sort_unstable();
    }
    let to = |last| (1..=last).collect::<Vec<u64>>();
    let expected = [("信访-2020", to(30)), ("审计-2020", to(30)), ("成效考核-2020", to(60))];
    assert_eq!(given, expected.map(|(series, serials)| (series.to_owned(), serials)).into());

    // The number stands in the event itself.
    for recorded in whole(&log).await {
        let mut event = recorded.envelope.event;
        assert!(event.number_mut().is_none_or(|number| number.serial > 0));
    }
}
