//! Checks whether the permissions of an application allow a request.
//!
//! A rule is text: spaces separate alternatives, `+` separates groups that are all required, and an empty rule accepts every token.

use super::reply::Refusal;
use super::store::App;

/// Returns Graph's 403 unless the app has the permissions of the rule.
pub(super) fn check(app: &App, rule: &str) -> Result<(), Refusal> {
    let granted = rule
        .split('+')
        .map(str::trim)
        .filter(|group| !group.is_empty())
        .all(|group| {
            group
                .split_whitespace()
                .any(|permission| app.may(permission))
        });
    if granted {
        Ok(())
    } else {
        Err(Refusal::forbidden())
    }
}

/// Whether the app may write only applications that it owns.
pub(super) fn only_owned(app: &App, rule: &str) -> bool {
    let others = rule.split(['+', ' ']).filter(|permission| {
        !permission.is_empty() && *permission != "Application.ReadWrite.OwnedBy"
    });
    app.may("Application.ReadWrite.OwnedBy")
        && !others.into_iter().any(|permission| app.may(permission))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Permissions;

    fn app(names: &[&str]) -> App {
        App {
            permissions: Permissions::Some(names.iter().map(|name| (*name).to_owned()).collect()),
            ..App::default()
        }
    }

    #[test]
    fn one_alternative_of_each_group_is_enough() {
        let rule = "A B + C D";
        assert!(check(&app(&["A", "D"]), rule).is_ok());
        assert!(check(&app(&["A", "B"]), rule).is_err());
        assert!(check(&app(&[]), "").is_ok());
        assert!(
            check(
                &App {
                    permissions: Permissions::All("*".to_owned()),
                    ..App::default()
                },
                rule
            )
            .is_ok()
        );
    }

    #[test]
    fn owned_by_counts_only_when_nothing_wider_is_held() {
        let rule = "Application.ReadWrite.OwnedBy Application.ReadWrite.All";
        assert!(only_owned(&app(&["Application.ReadWrite.OwnedBy"]), rule));
        assert!(!only_owned(
            &app(&["Application.ReadWrite.OwnedBy", "Application.ReadWrite.All"]),
            rule
        ));
    }
}
