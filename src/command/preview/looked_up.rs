//! Lookups of one request per user, which are sent only if the users in question are few.

use std::collections::{BTreeSet, HashMap};

use super::super::{Failure, Pair};
use super::gather::or_failure;
use preview::{Configuration, Engine};
use resources::previewing;
use sdk::{Context, Problem};

/// Up to this number of users, SMS sign-in, licenses and managers are looked up one by one.
pub(super) const ASKED: usize = 200;

/// Users with SMS sign-in, if there are few enough to look up. Unknown if a permission is missing.
pub(super) async fn sms(
    pair: &Pair,
    source: &Context,
    ids: Option<&BTreeSet<String>>,
) -> Result<Option<BTreeSet<String>>, Failure> {
    let Some(ids) = ids.filter(|ids| ids.len() <= ASKED) else {
        return Ok(None);
    };
    let ids: Vec<String> = ids.iter().cloned().collect();
    match previewing::with_sms_sign_in(source, &ids).await {
        Ok(found) => Ok(Some(found)),
        Err(Problem::Graph(why)) if why.status() == Some(403) => Ok(None),
        outcome => or_failure(&pair.source, source, "read who has SMS sign-in", outcome).map(Some),
    }
}

/// The managers of source users, if the mappings use them.
pub(super) async fn managers(
    pair: &Pair,
    source: &Context,
    configuration: &Configuration,
    ids: Option<&BTreeSet<String>>,
) -> Result<Option<HashMap<String, String>>, Failure> {
    let Some(ids) = ids.filter(|ids| ids.len() <= ASKED && configuration.reads_managers()) else {
        return Ok(None);
    };
    let found = previewing::managers(source, ids).await;
    or_failure(&pair.source, source, "read the managers of users", found).map(Some)
}

/// The managers of copies, if the cycle compares them.
pub(super) async fn managers_of_copies(
    pair: &Pair,
    target: &Context,
    engine: &mut Engine<'_>,
) -> Result<(), Failure> {
    let copies: BTreeSet<String> = engine.referring().map(str::to_owned).collect();
    let found = previewing::managers(target, &copies).await;
    let doing = "read the managers of copies";
    engine.managers(or_failure(&pair.target, target, doing, found)?);
    Ok(())
}

/// A note if managers are mapped but were not looked up.
pub(super) fn without_managers(configuration: &Configuration, looked_up: bool) -> Option<String> {
    (configuration.reads_managers() && !looked_up).then(|| {
        format!("Managers are not in this preview: they are looked up for up to {ASKED} users.")
    })
}
