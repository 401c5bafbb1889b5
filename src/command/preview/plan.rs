//! The changes of a plan to synchronization, from the JSON of `terraform show -json` or `tofu show -json`.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;

use serde_json::Value as Json;

use super::super::Failure;
use preview::{Assignment, Principal, Scope};
use sdk::PREFIX;

/// The role of an assignment that the plan creates: the default one, whose ID is not known yet.
const PLANNED_ROLE: &str = "planned";

/// The changes of a plan, by type.
#[derive(Debug, Default)]
pub(super) struct Plan {
    changes: Vec<Change>,
}

/// One resource that changes.
#[derive(Debug)]
struct Change {
    kind: String,
    address: String,
    before: Json,
    after: Json,
    unknown: Json,
}

/// The configuration in question: one with the ID of its service principal, or one that the plan creates.
#[derive(Clone, Copy, Debug)]
pub(super) enum About<'a> {
    Existing(&'a str),
    New,
}

impl Plan {
    /// Reads a file, or standard input for `-`.
    pub(super) fn read(file: &Path) -> Result<Self, Failure> {
        let doing = |why: String| {
            Failure::new(format!(
                "The plan {} cannot be read\n\n{why}\n\nWrite it with: terraform show -json PLAN > plan.json",
                file.display()
            ))
        };
        let text = if file == Path::new("-") {
            let mut text = String::new();
            let read = std::io::stdin().read_to_string(&mut text);
            read.map(|_| text).map_err(|why| doing(why.to_string()))?
        } else {
            std::fs::read_to_string(file).map_err(|why| doing(why.to_string()))?
        };
        let json: Json = serde_json::from_str(&text)
            .map_err(|why| doing(format!("It is not the JSON of a plan: {why}.")))?;
        Self::of(&json).ok_or_else(|| {
            doing(
                "It has no resource_changes, so it is the JSON of a state or of something else."
                    .to_owned(),
            )
        })
    }

    fn of(json: &Json) -> Option<Self> {
        let changes = json["resource_changes"].as_array().or_else(|| {
            // A plan without resources has no list of changes.
            json["format_version"].as_str()?;
            json["planned_values"].is_object().then_some(())?;
            json["resource_changes"].is_null().then_some(EMPTY)
        })?;
        let change = |one: &Json| {
            let kind = one["type"]
                .as_str()?
                .strip_prefix(PREFIX)?
                .strip_prefix('_')?;
            let actions = one["change"]["actions"].as_array()?;
            let acts = actions
                .iter()
                .any(|action| action != "no-op" && action != "read");
            let managed = one["mode"] == "managed";
            (acts && managed).then(|| Change {
                kind: kind.to_owned(),
                address: one["address"].as_str().unwrap_or_default().to_owned(),
                before: one["change"]["before"].clone(),
                after: one["change"]["after"].clone(),
                unknown: one["change"]["after_unknown"].clone(),
            })
        };
        Some(Self {
            changes: changes.iter().filter_map(change).collect(),
        })
    }

    fn of_kind<'p>(
        &'p self,
        kind: &'p str,
        member: &'p str,
        about: About<'p>,
    ) -> impl Iterator<Item = &'p Change> {
        self.changes
            .iter()
            .filter(move |change| change.kind == kind && change.is_about(member, about))
    }

    /// Whether the plan creates a configuration.
    pub(super) fn creates_configuration(&self) -> bool {
        let mut all = self.changes.iter();
        all.any(|change| change.kind == "synchronization_configuration" && change.before.is_null())
    }

    /// The name of the configuration that the plan creates.
    pub(super) fn new_name(&self) -> String {
        let mut all = self.changes.iter();
        let found = all.find(|change| {
            change.kind == "synchronization_configuration" && change.before.is_null()
        });
        let name = found.and_then(|change| change.after["display_name"].as_str());
        name.unwrap_or("(new)").to_owned()
    }

    /// The assignments after the plan. Which of its principals are groups is determined later.
    pub(super) fn assignments(&self, live: &[Assignment], about: About) -> Vec<Assignment> {
        let mut now = live.to_vec();
        for change in self.of_kind("app_role_assignment", "resource_object_id", about) {
            let principal = |side: &Json| side["principal_object_id"].as_str().map(str::to_owned);
            replace(
                &mut now,
                principal(&change.before),
                principal(&change.after),
            );
        }
        for change in self.of_kind("app_role_assignments", "resource_object_id", about) {
            let all = |side: &Json| -> BTreeSet<String> {
                let principals = side["principals"].as_object();
                let ids = principals.into_iter().flatten().map(|(id, _)| id);
                ids.map(|id| id.to_lowercase()).collect()
            };
            let (before, after) = (all(&change.before), all(&change.after));
            for gone in before.difference(&after) {
                replace(&mut now, Some(gone.clone()), None);
            }
            for new in after {
                replace(&mut now, None, Some(new));
            }
        }
        now
    }

    /// The scope after the plan.
    pub(super) fn scope(&self, live: Scope, about: About) -> Scope {
        let mut jobs = self.of_kind("provisioning_job", "service_principal_id", about);
        let planned = jobs.find_map(|change| change.after["scope"].as_str().map(str::to_owned));
        match planned.as_deref() {
            Some("all") => Scope::All,
            Some(_) => Scope::Assigned,
            None => live,
        }
    }

    /// The schema before and after the plan.
    pub(super) fn schema<'p>(&'p self, about: About<'p>) -> Option<(&'p Json, &'p Json)> {
        let mut schemas = self.of_kind("synchronization_schema", "service_principal_id", about);
        let change = schemas.next()?;
        Some((&change.before, &change.after))
    }

    /// Notes about other changes of the plan.
    pub(super) fn notes(&self, about: About) -> Vec<String> {
        let mut notes = Vec::new();
        for change in &self.changes {
            let is_destroyed = change.after.is_null();
            let severs = match change.kind.as_str() {
                "provisioning_job" | "synchronization_configuration" => {
                    is_destroyed && change.is_about_any(about)
                }
                "sync_policy" | "partner_policy" => is_destroyed,
                _ => false,
            };
            if severs {
                notes.push(format!(
                    "{} is destroyed: synchronization stops, and users who are in the target tenant stay there.",
                    change.address
                ));
            }
            // Either the keys of a map are known, or the whole map is unknown.
            let is_unknown = change.unknown["principal_object_id"] == true
                || change.unknown["principals"] == true;
            if is_unknown {
                notes.push(format!(
                    "{} assigns principals whose object IDs are known only after apply; they are not in this preview.",
                    change.address
                ));
            }
        }
        notes
    }

    /// Whether the plan changes the policy of the target tenant.
    pub(super) fn changes_policy(&self) -> bool {
        let mut all = self.changes.iter();
        all.any(|change| change.kind == "sync_policy")
    }

    /// Whether the plan ends synchronization, so that no cycle follows.
    pub(super) fn ends(&self, about: About) -> bool {
        let mut all = self.changes.iter();
        all.any(|change| {
            let is_job = matches!(
                change.kind.as_str(),
                "provisioning_job" | "synchronization_configuration"
            );
            is_job && change.after.is_null() && change.is_about_any(about)
        })
    }
}

const EMPTY: &Vec<Json> = &Vec::new();

impl Change {
    fn is_about(&self, member: &str, about: About) -> bool {
        let known = self.before[member].as_str().or(self.after[member].as_str());
        match (about, known) {
            (About::Existing(id), Some(known)) => known.eq_ignore_ascii_case(id),
            (About::New, None) => self.unknown[member] == true,
            _ => false,
        }
    }

    fn is_about_any(&self, about: About) -> bool {
        self.is_about("service_principal_id", about)
    }
}

/// Replaces one principal with another.
fn replace(assignments: &mut Vec<Assignment>, gone: Option<String>, new: Option<String>) {
    let same = |one: &Assignment, id: &str| one.principal.eq_ignore_ascii_case(id);
    if let Some(gone) = gone.filter(|gone| Some(gone) != new.as_ref()) {
        assignments.retain(|one| !same(one, &gone));
    }
    let Some(new) = new else { return };
    if !assignments.iter().any(|one| same(one, &new)) {
        assignments.push(Assignment {
            principal: new.to_lowercase(),
            kind: Principal::User,
            role: PLANNED_ROLE.to_owned(),
        });
    }
}

/// Whether it is not known yet if this is a user or a group.
pub(super) fn is_planned(assignment: &Assignment) -> bool {
    assignment.role == PLANNED_ROLE
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[expect(
        clippy::needless_pass_by_value,
        reason = "a test writes its values in place"
    )]
    fn change(kind: &str, before: Json, after: Json, unknown: Json) -> Json {
        let actions = match (before.is_null(), after.is_null()) {
            (true, _) => json!(["create"]),
            (_, true) => json!(["delete"]),
            _ => json!(["update"]),
        };
        json!({ "address": format!("crosstenant_{kind}.it"), "mode": "managed", "type": format!("crosstenant_{kind}"),
            "change": { "actions": actions, "before": before, "after": after, "after_unknown": unknown } })
    }

    fn plan(changes: &[Json]) -> Plan {
        Plan::of(&json!({ "format_version": "1.2", "resource_changes": changes })).unwrap()
    }

    fn principals(plan: &Plan, live: &[&str], about: About) -> Vec<String> {
        let live: Vec<Assignment> = live
            .iter()
            .map(|id| Assignment {
                principal: (*id).to_owned(),
                kind: Principal::User,
                role: "role".to_owned(),
            })
            .collect();
        let mut now: Vec<String> = plan
            .assignments(&live, about)
            .into_iter()
            .map(|one| one.principal)
            .collect();
        now.sort();
        now
    }

    #[test]
    fn single_assignments_come_and_go() {
        let plan = plan(&[
            change(
                "app_role_assignment",
                json!({ "resource_object_id": "sp", "principal_object_id": "ada" }),
                Json::Null,
                json!({}),
            ),
            change(
                "app_role_assignment",
                Json::Null,
                json!({ "resource_object_id": "SP", "principal_object_id": "alan" }),
                json!({}),
            ),
            change(
                "app_role_assignment",
                Json::Null,
                json!({ "resource_object_id": "other", "principal_object_id": "x" }),
                json!({}),
            ),
        ]);
        assert_eq!(
            principals(&plan, &["ada", "grace"], About::Existing("sp")),
            ["alan", "grace"]
        );
    }

    #[test]
    fn a_map_replaces_what_it_held() {
        let set = |ids: &[&str]| {
            let principals: serde_json::Map<String, Json> =
                ids.iter().map(|id| ((*id).to_owned(), json!({}))).collect();
            json!({ "resource_object_id": "sp", "principals": principals })
        };
        let plan = plan(&[change(
            "app_role_assignments",
            set(&["ada", "grace"]),
            set(&["grace", "alan"]),
            json!({}),
        )]);
        assert_eq!(
            principals(&plan, &["ada", "grace"], About::Existing("sp")),
            ["alan", "grace"]
        );
        let plan = self::plan(&[change(
            "app_role_assignments",
            set(&["ada"]),
            Json::Null,
            json!({}),
        )]);
        assert_eq!(
            principals(&plan, &["ada"], About::Existing("sp")),
            Vec::<String>::new()
        );
    }

    #[test]
    fn what_the_plan_creates_is_recognized_by_its_unknown_id() {
        let plan = plan(&[
            change(
                "synchronization_configuration",
                Json::Null,
                json!({ "display_name": "New" }),
                json!({}),
            ),
            change(
                "app_role_assignment",
                Json::Null,
                json!({ "principal_object_id": "ada" }),
                json!({ "resource_object_id": true }),
            ),
            change(
                "provisioning_job",
                Json::Null,
                json!({ "scope": "all" }),
                json!({ "service_principal_id": true }),
            ),
        ]);
        assert!(plan.creates_configuration());
        assert_eq!(plan.new_name(), "New");
        assert_eq!(principals(&plan, &[], About::New), ["ada"]);
        assert_eq!(plan.scope(Scope::Assigned, About::New), Scope::All);
    }

    #[test]
    fn destroying_a_job_ends_synchronization_and_deletes_no_users() {
        let plan = plan(&[change(
            "provisioning_job",
            json!({ "service_principal_id": "sp" }),
            Json::Null,
            json!({}),
        )]);
        assert!(plan.ends(About::Existing("sp")));
        assert!(
            plan.notes(About::Existing("sp"))[0]
                .contains("users who are in the target tenant stay")
        );
        assert!(Plan::of(&json!({ "values": {} })).is_none());
    }
}
