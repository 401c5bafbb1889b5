//! The source users and groups to which users and groups of the target belong.

use super::super::{Failure, Pair};
use super::gather::{Job, or_failure};
use preview::{Configuration, Copy, Group};
use resources::previewing;
use resources::previewing::{KnownUsers, Links};
use sdk::{Context, Problem};

/// The target users that are known from the provisioning log and the mappings. If something cannot be read, fewer are known.
pub(super) async fn users(source: &Context, job: &Job, notes: &mut Vec<String>) -> KnownUsers {
    let Some(settings) = &job.settings else {
        return KnownUsers::default();
    };
    let links = match previewing::links(source, &job.principal).await {
        Ok(links) => links,
        Err(why) => {
            let needed = match why {
                Problem::Graph(why) if why.status() == Some(403) => {
                    " (that needs the permission ProvisioningLog.Read.All)"
                }
                _ => "",
            };
            notes.push(format!(
                "The provisioning log was not read{needed}, so that target users are recognized by an attribute or by name."
            ));
            Links::default()
        }
    };
    KnownUsers {
        links,
        attribute: settings.source_object_id_attribute(),
        domains: previewing::domains(source).await,
    }
}

/// The copies of groups, if groups are synchronized.
pub(super) async fn copies(
    pair: &Pair,
    target: &Context,
    configuration: &Configuration,
    links: &Links,
    groups: &[Group],
    notes: &mut Vec<String>,
) -> Result<Vec<Copy>, Failure> {
    if !configuration.copies_groups() || configuration.group_sync == Some(false) {
        return Ok(Vec::new());
    }
    match previewing::copies(target, configuration, links, groups).await {
        Err(Problem::Graph(why)) if why.status() == Some(403) => {
            notes.push(
                "The groups of the target tenant were not read, so that every group seems to be created: that needs the permission \
                 GroupMember.Read.All there."
                    .to_owned(),
            );
            Ok(Vec::new())
        }
        outcome => or_failure(&pair.target, target, "read the copies of groups", outcome),
    }
}
