use rectify_log::{Append, AppendError, Expected};

use crate::bed::{Bed, case, keyed, note, notes, registered, to, whole};

pub async fn the_same_key_and_content_is_answered_again_even_if_the_stream_moved_on(bed: &Bed) {
    let log = bed.log().await;
    let append = || keyed("k1", to(case(1), Expected::Exactly(0), [registered("审计"), note("一")]));
    let first = log.append(append()).await.unwrap();
    log.append(to(case(1), Expected::Any, [note("其间")])).await.unwrap();

    // Asked again, through another process, having looked the directory up later.
    let again = bed.log().await.append(Append { facts_at: 3, ..append() }).await.unwrap();
    assert!(!first.repeated && again.repeated);
    assert_eq!(first.events, again.events);
    assert_eq!(again.events[0].number.as_ref().unwrap().to_string(), "审计-2020-0001");
    assert_eq!(whole(&log).await.len(), 3);
}

pub async fn the_same_key_with_other_content_is_refused(bed: &Bed) {
    let log = bed.log().await;
    log.append(to(case(1), Expected::Any, [note("在先")])).await.unwrap();
    let append = |stream, text: &str| keyed("k1", to(case(stream), Expected::Any, [note(text)]));
    log.append(append(1, "一")).await.unwrap();
    let mut by_another = append(1, "一");
    by_another.actor.person.0 = uuid::Uuid::from_u128(7);
    let mut on_a_document = append(1, "一");
    on_a_document.writes[0].events[0].cause = Some(rectify_case::Cause::Document("补录".into()));
    for other in [append(1, "二"), append(2, "一"), by_another, on_a_document] {
        let refused = log.append(other).await.unwrap_err();
        assert!(matches!(refused, AppendError::KeyReused { first: 2, .. }), "{refused}");
    }
    assert_eq!(notes(&whole(&log).await), ["在先", "一"]);
}

pub async fn a_key_whose_append_lost_is_free(bed: &Bed) {
    let log = bed.log().await;
    let append = |expected| keyed("k1", to(case(1), Expected::Exactly(expected), [note("一")]));
    log.append(append(1)).await.unwrap_err();
    assert!(!log.append(append(0)).await.unwrap().repeated);
    assert!(log.append(append(1)).await.unwrap().repeated);
    assert_eq!(whole(&log).await.len(), 1);
}

pub async fn what_a_key_wrote_can_be_asked_for(bed: &Bed) {
    let log = bed.log().await;
    assert_eq!(log.appended_under("键").await.unwrap(), None);
    log.append(to(case(2), Expected::Any, [note("在先")])).await.unwrap();
    let written = log.append(keyed("键", to(case(1), Expected::Any, [note("一"), registered("信访")]))).await.unwrap();
    let found = log.appended_under("键").await.unwrap().unwrap();
    assert_eq!((found.events, found.repeated), (written.events, true));
}

pub async fn the_same_request_is_answered_again_even_if_it_would_lead_elsewhere(bed: &Bed) {
    let log = bed.log().await;
    let led_to = |text: &str| keyed("k1", to(case(1), Expected::Any, [note(text)]));
    let (request, other) = ([1; 32], [2; 32]);
    assert_eq!(log.appended_for(request, "k1").await.unwrap(), None);
    let first = log.append_for(request, led_to("一")).await.unwrap();
    let again = log.append_for(request, led_to("二")).await.unwrap();
    assert!(again.repeated);
    assert_eq!(first.events, again.events);
    assert_eq!(log.appended_for(request, "k1").await.unwrap().unwrap(), again);
    assert!(matches!(log.append_for(other, led_to("一")).await, Err(AppendError::KeyReused { first: 1, .. })));
    assert!(matches!(log.appended_for(other, "k1").await, Err(AppendError::KeyReused { first: 1, .. })));
    assert_eq!(notes(&whole(&log).await), ["一"]);
}
