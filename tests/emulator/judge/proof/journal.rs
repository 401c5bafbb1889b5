//! Whole journals.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{DESCRIPTION, PARTNER, clean, exchange, got, sent};

#[test]
fn violations_are_counted_and_an_empty_journal_proves_nothing() {
    let description = &*DESCRIPTION;
    let bad = sent("PATCH", PARTNER, json!({ "inboundTrusts": null }));
    let good = sent("PATCH", PARTNER, json!({ "inboundTrust": null }));
    description.assert_clean(std::slice::from_ref(&good));
    let journal = vec![bad.clone(), good, bad];
    let text = crate::openapi::report(
        journal
            .iter()
            .flat_map(|entry| description.violations(entry)),
    );
    assert!(
        text.contains("2 × PATCH") && text.lines().count() == 1,
        "{text}"
    );
    let sign_in = exchange("POST", "/contoso/oauth2/v2.0/token", 200);
    for journal in [journal, vec![sign_in], Vec::new()] {
        let outcome = std::panic::catch_unwind(|| description.assert_clean(&journal));
        assert!(outcome.is_err(), "{journal:?}");
    }
}

#[test]
fn thousands_of_exchanges_take_seconds() {
    let description = &*DESCRIPTION;
    let began = Instant::now();
    for _ in 0..3_000 {
        clean(&sent(
            "PATCH",
            PARTNER,
            json!({ "inboundTrust": { "isMfaAccepted": true } }),
        ));
        clean(&got(
            "/beta/users/u",
            json!({ "id": "u", "displayName": "U" }),
        ));
    }
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
    description.assert_clean(&[got(PARTNER, json!({}))]);
}
