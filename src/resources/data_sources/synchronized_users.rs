//! External users of the target tenant, each with its source user and the evidence for it.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde_json::Value as Json;

use super::origins::{self, Link};
use super::prelude::*;
use super::timestamp::{instant, timestamp};
use super::{directory_search, external};

attributes! {
    /// Lists the external users of the target tenant with their source users and the evidence for each link. Configure this data
    /// source in the target tenant.
    ///
    /// Microsoft Graph does not show the link between a synchronized user and its source user. `known_by` names the evidence that the
    /// provider uses instead. An entry of the provisioning log (`provisioning_log`) and an attribute that contains the object ID of
    /// the source user (`attribute`) are exact. The profile of the user (`profile`) can name an origin, but whether it does for
    /// synchronized users is UNVERIFIED. The user principal name and the email address (`user_principal_name`, `mail`) are guesses:
    /// the address may have changed since, and the user may have been invited manually. Do not delete a user because of a guess.
    pub struct SynchronizedUsers {
        /// Domains of the source tenant, for example `contoso.com`. Returns users whose user principal name or email address in the
        /// home tenant is in one of these domains, and users in `provisioning_links`. Optional; if omitted, all external users are
        /// returned.
        home_domains: Option<Vec<String>> = optional().check(Check::That(domains)),
        /// Attribute of users in this tenant that holds the object ID of the source user, for example `extensionAttribute15` or
        /// `extension_<client ID>_sourceObjectId`. The modules of this provider map it. Optional; if omitted, no attribute is read.
        source_object_id_attribute: Option<String> = optional().check(Check::That(attribute)),
        /// Object IDs of source users by the object ID of the target user: `links` of `crosstenant_provisioning_logs` in the source
        /// tenant.
        provisioning_links: Option<BTreeMap<String, String>> = optional(),
        /// Whether to read the origin from the profiles of users without exact evidence. This takes one request to Microsoft Graph
        /// beta for each of these users. Whether the profile of synchronized users contains an origin is UNVERIFIED. Optional;
        /// defaults to `false`.
        include_profiles: Option<bool> = optional(),
        /// Whether to read when the users last signed in. This needs the permission `AuditLog.Read.All` and a P1 license; without them
        /// the times are null and `sign_in_activity_available` is `false`. Optional; defaults to `false`.
        include_sign_in_activity: Option<bool> = optional(),
        /// External users, in the order of their user principal names.
        users: Option<Vec<SynchronizedUser>> = read_only(),
        /// Object IDs of the users in this tenant.
        ids: Option<Vec<String>> = read_only(),
        /// Whether the times of sign-ins could be read. Null if `include_sign_in_activity` is not set.
        sign_in_activity_available: Option<bool> = read_only(),
        /// Tenant ID of the tenant that the users belong to.
        tenant_id: Option<String> = read_only(),
    }

    /// One external user.
    pub struct SynchronizedUser {
        /// Object ID of the user in this tenant.
        id: Option<String> = read_only(),
        /// User principal name in this tenant.
        user_principal_name: Option<String> = read_only(),
        /// Display name of the user.
        display_name: Option<String> = read_only(),
        /// Email address of the user.
        mail: Option<String> = read_only(),
        /// `Member` or `Guest`.
        user_type: Option<String> = read_only(),
        /// Whether the user can sign in.
        account_enabled: Option<bool> = read_only(),
        /// Object ID of the source user. Null if it is only guessed or not known.
        source_object_id: Option<String> = read_only().local(),
        /// Tenant ID of the source user's tenant, if the profile contains it.
        source_tenant_id: Option<String> = read_only().local(),
        /// User principal name in the source tenant, derived from the user principal name in this tenant, or otherwise the email address.
        home_user_principal_name: Option<String> = read_only().local(),
        /// Evidence for the source user: `provisioning_log`, `attribute`, `profile`, `user_principal_name` or `mail`. Null if there is
        /// none.
        known_by: Option<String> = read_only().local(),
        /// Whether the link to the source user is exact: `known_by` is `provisioning_log` or `attribute`.
        exact: Option<bool> = read_only().local(),
        /// Whether the invitation was redeemed: `Accepted` or `PendingAcceptance`.
        state: Option<String> = read_only().named("externalUserState"),
        /// Time of the last change of `state`.
        state_since: Option<String> = read_only().named("externalUserStateChangeDateTime"),
        /// Time at which the user was created.
        created: Option<String> = read_only().named("createdDateTime"),
        /// Number of full days since the user was created. The value changes every day, so an output that contains it changes every day
        /// too.
        age_days: Option<i64> = read_only().local(),
        /// Time of the last sign-in attempt, successful or not. Null if it is not known or there was none.
        last_sign_in: Option<String> = read_only().local(),
        /// Time of the last successful sign-in. Available since December 2023.
        last_successful_sign_in: Option<String> = read_only().local(),
    }
}

const FILTER: &str = "creationType eq 'Invitation'";
const SELECT: &str = "id,userPrincipalName,displayName,mail,userType,accountEnabled,creationType,externalUserState,\
                      externalUserStateChangeDateTime,createdDateTime";
const ACTIVITY: &str = "signInActivity";

impl DataSource for SynchronizedUsers {
    const NAME: &'static str = "synchronized_users";
    const TASK: Task = Task::UsersAndGroups;
    const CALLS: Calls = &["GET /users", "GET /users/{id}/profile/accounts"];

    async fn read(context: &Context, config: &Self) -> Result<Self> {
        let (mut found, available) = config.external_users(context).await?;
        let logged = config.logged();
        found.retain(|user| config.wants(user, &logged));
        found.sort_by_cached_key(|user| text(user, "userPrincipalName").unwrap_or_default());
        let mut links: Vec<Link> = found
            .iter()
            .map(|user| config.link(user, &logged))
            .collect();
        if config.include_profiles == Some(true) {
            origins::complete(context, &found, &mut links).await?;
        }
        let now = Timestamp::now();
        let users = found.iter().zip(links);
        Ok(Self {
            ids: Some(directory_search::ids(&found)),
            users: Some(
                users
                    .map(|(user, link)| described(user, link, now))
                    .collect::<Result<_, _>>()?,
            ),
            sign_in_activity_available: available,
            tenant_id: Some(context.tenant_id().to_owned()),
            ..config.clone()
        })
    }
}

impl SynchronizedUsers {
    /// Reads all invited users, and returns whether their sign-ins could be read.
    async fn external_users(&self, context: &Context) -> Result<(Vec<Json>, Option<bool>)> {
        let path = |more: &str, top: u16| {
            let held = self.source_object_id_attribute.as_deref();
            let held = held.map(|name| format!(",{}", origins::property(name)));
            format!(
                "/users?$filter={}&$select={SELECT}{}{more}&$top={top}",
                graph::segment(FILTER),
                held.unwrap_or_default()
            )
        };
        let mut available = None;
        if self.include_sign_in_activity == Some(true) {
            // With this property, a page has at most 500 users.
            match context
                .graph
                .list(&path(&format!(",{ACTIVITY}"), 500))
                .await
            {
                Ok(found) => return Ok((found, Some(true))),
                Err(error) if error.status() == Some(403) => available = Some(false),
                Err(error) => return Err(error.into()),
            }
        }
        Ok((context.graph.list(&path("", 999)).await?, available))
    }

    /// Returns the source users in the provisioning log, by target user.
    fn logged(&self) -> HashMap<String, &str> {
        let links = self.provisioning_links.iter().flatten();
        links
            .map(|(target, source)| (target.to_lowercase(), source.as_str()))
            .collect()
    }

    fn wants(&self, user: &Json, logged: &HashMap<String, &str>) -> bool {
        let Some(domains) = &self.home_domains else {
            return true;
        };
        let comes = domains.iter().any(|domain| {
            let mail = text(user, "mail");
            let mail = mail.as_deref().and_then(|mail| mail.rsplit_once('@'));
            external::comes_from(user, domain)
                || mail.is_some_and(|(_, end)| end.eq_ignore_ascii_case(domain))
        });
        comes || of(logged, user).is_some()
    }

    /// Determines the source user from the most reliable evidence.
    fn link(&self, user: &Json, logged: &HashMap<String, &str>) -> Link {
        let held = || {
            let name = self.source_object_id_attribute.as_deref()?;
            origins::held(user, name)
        };
        if let Some(source) = of(logged, user) {
            return Link::exact("provisioning_log", source);
        }
        match held() {
            Some(source) => Link::exact("attribute", &source),
            None => Link::guess(user),
        }
    }
}

/// Returns the source user of a target user according to the log.
fn of<'l>(logged: &HashMap<String, &'l str>, user: &Json) -> Option<&'l str> {
    logged.get(&text(user, "id")?.to_lowercase()).copied()
}

fn described(user: &Json, link: Link, now: Timestamp) -> Result<SynchronizedUser> {
    let created = timestamp(&user["createdDateTime"]);
    let age = created.as_deref().and_then(instant);
    let age = age.map(|created| (now.as_second() - created.as_second()).max(0) / 86_400);
    let activity = &user[ACTIVITY];
    Ok(SynchronizedUser {
        exact: Some(link.is_exact()),
        known_by: link.known_by.map(str::to_owned),
        source_object_id: link.source,
        source_tenant_id: link.tenant,
        home_user_principal_name: external::home_name(user).or_else(|| text(user, "mail")),
        age_days: age,
        last_sign_in: timestamp(&activity["lastSignInDateTime"]),
        last_successful_sign_in: timestamp(&activity["lastSuccessfulSignInDateTime"]),
        ..model(user)?
    })
}

/// Checks a list of domains.
fn domains(value: &Value) -> Result<(), String> {
    let elements = value.as_elements().unwrap_or_default();
    let mut known = elements.iter().filter_map(Value::as_str);
    match known.find(|domain| domain.contains('@') || !domain.contains('.')) {
        None => Ok(()),
        Some(wrong) => Err(format!(
            "a list of domain names such as \"contoso.com\"; {wrong:?} is not one"
        )),
    }
}

/// Checks the name of an attribute that can contain an object ID.
fn attribute(value: &Value) -> Result<(), String> {
    let Some(name) = value.as_str() else {
        return Ok(());
    };
    let plain = name
        .chars()
        .all(|it| it.is_ascii_alphanumeric() || it == '_');
    if plain && !name.is_empty() {
        return Ok(());
    }
    Err(format!(
        "the name of an attribute such as \"extensionAttribute15\", not {name:?}"
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SOURCE: &str = "a1000000-0000-4000-8000-000000000001";

    fn asked(change: impl FnOnce(&mut SynchronizedUsers)) -> SynchronizedUsers {
        let empty = terraform::Object::new();
        let mut config = SynchronizedUsers::from_object(&empty).unwrap();
        change(&mut config);
        config
    }

    #[test]
    fn the_surest_trace_counts() {
        let user = json!({ "id": "b1", "userPrincipalName": "ada_contoso.example#EXT#@fabrikam.example",
            "onPremisesExtensionAttributes": { "extensionAttribute15": SOURCE } });
        let known = |config: &SynchronizedUsers| {
            let link = config.link(&user, &config.logged());
            (link.known_by, link.source)
        };
        assert_eq!(
            known(&asked(|_| ())),
            (Some("user_principal_name"), None),
            "a guess names no object ID"
        );
        let mut config =
            asked(|it| it.source_object_id_attribute = Some("extensionAttribute15".into()));
        assert_eq!(known(&config), (Some("attribute"), Some(SOURCE.into())));
        config.provisioning_links = Some(BTreeMap::from([("B1".into(), "a2".into())]));
        assert_eq!(
            known(&config),
            (Some("provisioning_log"), Some("a2".into()))
        );
    }

    #[test]
    fn domains_limit_what_the_log_does_not_name() {
        let user =
            |name: &str, mail: &str| json!({ "id": "b1", "userPrincipalName": name, "mail": mail });
        let mut config = asked(|it| it.home_domains = Some(vec!["contoso.example".into()]));
        let wants = |config: &SynchronizedUsers, user: &Json| config.wants(user, &config.logged());
        assert!(wants(
            &config,
            &user("x_Contoso.example#EXT#@f.example", "")
        ));
        assert!(
            wants(
                &config,
                &user("x_old.example#EXT#@f.example", "x@contoso.example")
            ),
            "the address has changed since"
        );
        let other = user("x_other.example#EXT#@f.example", "x@other.example");
        assert!(!wants(&config, &other));
        config.provisioning_links = Some(BTreeMap::from([("b1".into(), "a1".into())]));
        assert!(wants(&config, &other));
    }

    #[test]
    fn an_age_is_in_full_days() {
        let user = json!({ "id": "b1", "createdDateTime": "2026-02-01T10:00:00Z",
            "signInActivity": { "lastSignInDateTime": "0001-01-01T00:00:00Z",
                "lastSuccessfulSignInDateTime": "2026-02-02T10:00:00Z" } });
        let at = |now: &str| described(&user, Link::guess(&user), now.parse().unwrap()).unwrap();
        assert_eq!(at("2026-02-03T09:59:59Z").age_days, Some(1));
        assert_eq!(at("2026-02-03T10:00:00Z").age_days, Some(2));
        assert_eq!(at("2026-01-31T10:00:00Z").age_days, Some(0));
        let one = at("2026-02-03T10:00:00Z");
        assert_eq!(one.last_sign_in, None, "Graph has no \"never\"");
        assert_eq!(
            one.last_successful_sign_in.as_deref(),
            Some("2026-02-02T10:00:00Z")
        );
        assert_eq!((one.known_by, one.exact), (None, Some(false)));
    }

    #[test]
    fn names_that_would_break_the_request_are_refused() {
        assert!(attribute(&"extension_0f8f_sourceObjectId".into()).is_ok());
        assert!(attribute(&"a,b&$top=1".into()).is_err());
        assert!(domains(&Value::List(vec!["contoso.example".into()])).is_ok());
        assert!(domains(&Value::List(vec!["ada@contoso.example".into()])).is_err());
    }
}
