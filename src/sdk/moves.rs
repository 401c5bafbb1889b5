//! Moves from other providers' resources: determines the object from their state, or the reason why it cannot be moved.

use super::PREFIX;
use super::facts::Facts;
use super::import::{self, ImportId};
use super::peer::{Peer, is_of};
use terraform::{Diagnostic, MoveSource};

/// Returns the identifying attributes of the object in `source`.
pub(crate) fn take(facts: &Facts, source: &MoveSource) -> Result<ImportId, Diagnostic> {
    let Some(peer) = facts.moves.iter().find(|peer| peer.is(source)) else {
        return Err(refused(facts, source, &unsupported(facts, source)));
    };
    if source.schema_version > peer.version {
        let reason = format!(
            "its state has schema version {}, and this provider supports versions up to {}",
            source.schema_version, peer.version
        );
        return Err(refused(facts, source, &reason));
    }
    let id = match peer.id {
        Some(id) => id(&source.state).map_err(|reason| refused(facts, source, &reason))?,
        None => path_of_settings(facts).to_owned(),
    };
    import::read(facts, &id).ok_or_else(|| {
        let reason = format!(
            "{id:?} names no such object: it must have {}",
            import::listed(facts.import)
        );
        refused(facts, source, &reason)
    })
}

/// Returns the path of settings in Graph: the first form of the import ID without attributes.
fn path_of_settings(facts: &Facts) -> &'static str {
    let mut forms = facts.import.iter();
    forms
        .find(|form| !form.contains('<'))
        .copied()
        .unwrap_or_default()
}

/// Returns the reason why a type cannot be moved, with the types that can be moved.
fn unsupported(facts: &Facts, source: &MoveSource) -> String {
    let reason = match facts.moves {
        [] => "no resource can be moved to it".to_owned(),
        peers => {
            let titles: Vec<String> = peers.iter().map(Peer::title).collect();
            format!(
                "only these resources can be moved to it: {}",
                titles.join(", ")
            )
        }
    };
    match unlike_anything(source) {
        Some(advice) => format!("{reason}. {advice}"),
        None => reason,
    }
}

/// Returns the reason for types that users may try, although no type of this provider corresponds to them.
fn unlike_anything(source: &MoveSource) -> Option<&'static str> {
    let is_secret = source.type_name == "azuread_synchronization_secret"
        && is_of(&source.provider_address, "hashicorp/azuread");
    is_secret.then_some(
        "it contains settings of a `crosstenant_provisioning_job`: move it to that resource, or, if the job is moved \
        or imported, remove it from the state, because the settings are read from Microsoft Graph",
    )
}

/// Returns the error, with the configuration to write instead of the `moved` block.
fn refused(facts: &Facts, source: &MoveSource, reason: &str) -> Diagnostic {
    let (old, new) = (&source.type_name, format!("{PREFIX}_{}", facts.name));
    let form = facts.import.first().copied().unwrap_or_default();
    let detail = format!(
        "{old} of {} cannot be moved to {new}: {reason}.\n\nInstead of the `moved` block, import the object and remove the old resource \
         from the state, which destroys nothing:\n\n  import {{\n    to = {new}.NAME\n    id = \"{form}\"\n  }}\n\n  removed {{\n    from \
         = {old}.NAME\n    lifecycle {{\n      destroy = false\n    }}\n  }}\n",
        source.provider_address
    );
    Diagnostic::error("Unsupported move", detail)
}
