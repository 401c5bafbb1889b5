//! The row `no_collisions`: whether an object in the target tenant conflicts with users in scope. It requires both tenants.

use super::super::collisions::Collisions;
use super::super::{Failure, Pair, preview};
use super::report::{Report, Row, State};
use resources::previewing::Contact;

/// Adds the row to each configuration.
pub(super) async fn add(pair: &Pair, report: &mut Report) {
    let contacts = preview::contacts(&pair.target).await;
    for (configuration, part) in &mut report.configurations {
        if let Ok(rows) = &mut part.rows
            && !configuration.id.is_empty()
        {
            let looked = match &contacts {
                Ok(contacts) => look(pair, &configuration.id, contacts.as_deref()).await,
                Err(why) => Err(Failure::new(why.to_string())),
            };
            rows.push(looked.unwrap_or_else(|why| {
                row(
                    State::Hidden,
                    format!("This cannot be determined: {why}"),
                    None,
                )
            }));
        }
    }
}

/// `contacts` are those of the target tenant; `None` if they cannot be read.
async fn look(pair: &Pair, id: &str, contacts: Option<&[Contact]>) -> Result<Row, Failure> {
    let known = contacts.unwrap_or_default();
    let (mut sentences, mut clear) = (Vec::new(), true);
    let (mut in_scope, mut adopted) = (0, 0);
    for live in preview::live(pair, id, known).await? {
        let found = Collisions::of(&live.configuration, &live.preview, known, live.is_first);
        clear &= found.is_none();
        in_scope += found.in_scope;
        adopted += found.adopted;
        sentences.extend(found.sentences());
    }
    Ok(judged(
        clear,
        sentences,
        contacts.is_some(),
        (in_scope, adopted),
    ))
}

fn judged(
    clear: bool,
    mut sentences: Vec<String>,
    sees_contacts: bool,
    (in_scope, adopted): (usize, usize),
) -> Row {
    if clear {
        sentences.push(format!(
            "No collisions were found for {in_scope} users in scope."
        ));
    }
    if adopted > 0 {
        sentences.push(format!(
            "{adopted} of them already exist as external users of the target tenant and are matched."
        ));
    }
    if !sees_contacts {
        sentences.push(
            "Contacts cannot be read without the permission OrgContact.Read.All in the target tenant.".to_owned(),
        );
    }
    let state = match (clear, sees_contacts) {
        (false, _) => State::Unmet,
        (true, true) => State::Met,
        (true, false) => State::Hidden,
    };
    let fix = (!clear).then(|| {
        "In the target tenant, change the name or email address of the colliding object, remove the object, or restore \
        the deleted user. Alternatively, remove the source user from the scope."
            .to_owned()
    });
    row(state, sentences.join(" "), fix)
}

fn row(state: State, detail: String, fix: Option<String>) -> Row {
    Row {
        check: "no_collisions".to_owned(),
        state,
        detail,
        fix,
        expected: None,
        why: None,
        baselines: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_that_cannot_be_seen_leave_it_open() {
        let state = |clear, sees| judged(clear, vec![], sees, (3, 1)).state;
        assert_eq!(state(true, true), State::Met);
        assert_eq!(state(true, false), State::Hidden);
        assert_eq!(state(false, false), State::Unmet);
        let row = judged(true, vec![], true, (3, 1));
        assert!(
            row.fix.is_none() && row.detail.contains("1 of them"),
            "{}",
            row.detail
        );
    }
}
