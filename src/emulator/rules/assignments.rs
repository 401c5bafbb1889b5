//! App role assignments, addressed by the application or by the user or group.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{applications, users};
use crate::call::{Call, audit_target};
use crate::odata::{self, Entity};
use crate::properties::{Access, Field, Kind, ruled};
use crate::reply::{Answer, Refusal, Reply};

const ASSIGNMENT: &[Field] = &[
    ruled("id", Kind::Text, Access::ReadOnly),
    ruled("createdDateTime", Kind::Time, Access::ReadOnly),
    ruled("principalType", Kind::Text, Access::ReadOnly),
    ruled("principalDisplayName", Kind::Text, Access::ReadOnly),
    ruled("resourceDisplayName", Kind::Text, Access::ReadOnly),
    ruled("principalId", Kind::Guid, Access::Required),
    ruled("resourceId", Kind::Guid, Access::Required),
    ruled("appRoleId", Kind::Guid, Access::Required),
];

const ENTITY: Entity = Entity {
    name: "appRoleAssignment",
    properties: &[
        "id",
        "deletedDateTime",
        "appRoleId",
        "createdDateTime",
        "creationTimestamp",
        "principalDisplayName",
        "principalId",
        "principalType",
        "resourceDisplayName",
        "resourceId",
    ],
    usual: &[],
    directory: true,
};

/// Default access, the role of applications that declare no roles.
const NO_ROLE: &str = "00000000-0000-0000-0000-000000000000";

/// The object by which the path addresses assignments.
#[derive(Clone, Copy)]
enum Side {
    /// `/servicePrincipals/{id}/appRoleAssignedTo`
    Resource,
    /// `/users/{id}/appRoleAssignments`
    User,
    /// `/groups/{id}/appRoleAssignments`
    Group,
    /// `/servicePrincipals/{id}/appRoleAssignments`
    ServicePrincipal,
}

impl Side {
    /// The ID of the object in the path, and the property of assignments that contains it.
    fn owner(self, call: &Call) -> Result<(String, &'static str), Refusal> {
        match self {
            Self::Resource => Ok((applications::service_principal(call)?, "resourceId")),
            Self::ServicePrincipal => Ok((applications::service_principal(call)?, "principalId")),
            Self::User => Ok((users::existing(call)?, "principalId")),
            Self::Group => {
                let id = call.arg(0).to_lowercase();
                let known = call.tenant().groups.contains_key(&id);
                if known && !call.hides(&format!("groups/{id}")) {
                    Ok((id, "principalId"))
                } else {
                    Err(Refusal::absent(call.arg(0)))
                }
            }
        }
    }

    fn list(self, call: &Call) -> Answer {
        let (owner, property) = self.owner(call)?;
        let assignments = call.tenant().assignments.iter();
        let mine = assignments.filter(|(id, assignment)| {
            assignment[property] == *owner && !call.hides(&format!("assignments/{id}"))
        });
        if call.beta {
            let renamed: Vec<Value> = mine
                .map(|(_, assignment)| rendered(assignment, true))
                .collect();
            return odata::list(call, renamed.iter(), &ENTITY, "appRoleAssignments");
        }
        odata::list(
            call,
            mine.map(|(_, assignment)| assignment),
            &ENTITY,
            "appRoleAssignments",
        )
    }

    fn get(self, call: &Call) -> Answer {
        let id = self.existing(call)?;
        odata::single(
            call,
            &rendered(&call.tenant().assignments[&id], call.beta),
            &ENTITY,
            "appRoleAssignments",
        )
    }

    fn existing(self, call: &Call) -> Result<String, Refusal> {
        let (owner, property) = self.owner(call)?;
        let id = call.arg(1);
        let found = call
            .tenant()
            .assignments
            .get(id)
            .filter(|assignment| assignment[property] == owner);
        if found.is_none() && call.still_exists(&format!("assignments/{id}")) {
            return Err(Refusal::bad(
                "The resource being updated or deleted is not found.",
            ));
        }
        if found.is_none() || call.hides(&format!("assignments/{id}")) {
            return Err(Refusal::absent(id));
        }
        Ok(id.to_owned())
    }

    fn create(self, call: &mut Call) -> Answer {
        let (owner, property) = self.owner(call)?;
        let body = call.body(ASSIGNMENT, true)?;
        let part = |name: &str| body[name].as_str().unwrap_or_default().to_lowercase();
        if part(property) != owner {
            return Err(Refusal::bad(format!(
                "The property '{property}' must name the object in the request's path."
            )));
        }
        let assignment = assignment(
            call,
            &part("principalId"),
            &part("resourceId"),
            &part("appRoleId"),
        )?;
        let id = assignment["id"].as_str().unwrap_or_default().to_owned();
        if call.tenant().assignments.contains_key(&id) {
            return Err(Refusal::bad(
                "Permission being assigned already exists on the object",
            ));
        }
        call.tenant_mut()
            .assignments
            .insert(id.clone(), assignment.clone());
        call.created(&format!("assignments/{id}"));
        let activity = if assignment["principalType"] == "Group" {
            "Add app role assignment to group"
        } else {
            "Add app role assignment grant to user"
        };
        let target = audit_target(
            "ServicePrincipal",
            &part("resourceId"),
            &assignment["resourceDisplayName"],
        );
        call.audit("UserManagement", activity, "Assign", &target);
        Ok(Reply::created(odata::with_context(
            call,
            rendered(&assignment, call.beta),
            "appRoleAssignments/$entity",
        )))
    }

    fn delete(self, call: &mut Call) -> Answer {
        let id = self.existing(call)?;
        let removed = call
            .tenant_mut()
            .assignments
            .remove(&id)
            .unwrap_or_default();
        let resource = removed["resourceId"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let target = audit_target(
            "ServicePrincipal",
            &resource,
            &removed["resourceDisplayName"],
        );
        call.audit(
            "UserManagement",
            "Remove app role assignment from user",
            "Unassign",
            &target,
        );
        Ok(Reply::no_content())
    }
}

/// Beta names the time `creationTimestamp`.
fn rendered(assignment: &Value, beta: bool) -> Value {
    let mut copy = assignment.clone();
    if let (true, Some(members)) = (beta, copy.as_object_mut()) {
        let created = members.shift_remove("createdDateTime").unwrap_or_default();
        members.insert("creationTimestamp".to_owned(), created);
    }
    copy
}

/// A checked assignment. Its ID is a digest of what it connects: IDs of Graph are opaque as well, and a duplicate is found by its ID.
fn assignment(call: &Call, principal: &str, resource: &str, role: &str) -> Result<Value, Refusal> {
    let tenant = call.tenant();
    let application = tenant
        .service_principals
        .get(resource)
        .filter(|_| !call.hides(&format!("servicePrincipals/{resource}")));
    let application = application.ok_or_else(|| Refusal::absent(resource))?;
    let (kind, object) = if let Some(user) = tenant.users.get(principal) {
        ("User", user)
    } else if let Some(group) = tenant.groups.get(principal) {
        ("Group", group)
    } else if let Some(other) = tenant.service_principals.get(principal) {
        ("ServicePrincipal", other)
    } else {
        return Err(Refusal::bad("Not a valid reference update."));
    };
    let kinds = ["users", "groups", "servicePrincipals"];
    if kinds
        .iter()
        .any(|kind| call.hides(&format!("{kind}/{principal}")))
    {
        return Err(Refusal::bad("Not a valid reference update."));
    }
    check_role(application, role, kind)?;
    let digest = digest::digest(
        &digest::SHA256,
        format!("{principal}/{resource}/{role}").as_bytes(),
    );
    Ok(json!({
        "id": URL_SAFE_NO_PAD.encode(digest.as_ref()),
        "deletedDateTime": null,
        "appRoleId": role,
        "createdDateTime": call.now(),
        "principalDisplayName": object["displayName"],
        "principalId": principal,
        "principalType": kind,
        "resourceDisplayName": application["displayName"],
        "resourceId": resource,
    }))
}

fn check_role(application: &Value, role: &str, kind: &str) -> Result<(), Refusal> {
    let roles = application["appRoles"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let wanted = if kind == "ServicePrincipal" {
        "Application"
    } else {
        "User"
    };
    let usable = |candidate: &&Value| {
        candidate["isEnabled"] == true
            && candidate["allowedMemberTypes"]
                .as_array()
                .is_some_and(|types| types.iter().any(|kind| kind == wanted))
    };
    let fits = if role == NO_ROLE {
        !roles.iter().any(|role| usable(&role))
    } else {
        roles.iter().filter(usable).any(|known| known["id"] == role)
    };
    if fits {
        Ok(())
    } else {
        Err(Refusal::bad(
            "Permission being assigned was not found on application",
        ))
    }
}

pub(crate) fn list(call: &mut Call) -> Answer {
    Side::Resource.list(call)
}
pub(crate) fn get(call: &mut Call) -> Answer {
    Side::Resource.get(call)
}
pub(crate) fn create(call: &mut Call) -> Answer {
    Side::Resource.create(call)
}
pub(crate) fn delete(call: &mut Call) -> Answer {
    Side::Resource.delete(call)
}
pub(crate) fn list_of_user(call: &mut Call) -> Answer {
    Side::User.list(call)
}
pub(crate) fn get_of_user(call: &mut Call) -> Answer {
    Side::User.get(call)
}
pub(crate) fn create_of_user(call: &mut Call) -> Answer {
    Side::User.create(call)
}
pub(crate) fn delete_of_user(call: &mut Call) -> Answer {
    Side::User.delete(call)
}
pub(crate) fn list_of_group(call: &mut Call) -> Answer {
    Side::Group.list(call)
}
pub(crate) fn get_of_group(call: &mut Call) -> Answer {
    Side::Group.get(call)
}
pub(crate) fn create_of_group(call: &mut Call) -> Answer {
    Side::Group.create(call)
}
pub(crate) fn delete_of_group(call: &mut Call) -> Answer {
    Side::Group.delete(call)
}
pub(crate) fn list_of_principal(call: &mut Call) -> Answer {
    Side::ServicePrincipal.list(call)
}
