//! Changes as in the portal: made through Graph and not through the provider.

use serde_json::{Value as Json, json};

use crate::support::{CONTOSO, Emulator};

/// The gallery application of cross-tenant synchronization.
const TEMPLATE: &str = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7";
pub const PARTNERS: &str = "/v1.0/policies/crossTenantAccessPolicy/partners";

/// Sends one request, which must succeed.
#[track_caller]
pub fn send(emulator: &Emulator, tenant: &str, method: &str, path: &str, body: &Json) -> Json {
    let body = (!body.is_null()).then_some(body);
    let (status, answer) = emulator.as_admin(tenant, method, path, body);
    assert!(
        (200..300).contains(&status),
        "{method} {path}: {status} {answer}"
    );
    answer
}

/// A configuration in Contoso.
pub struct Configuration {
    /// Object ID of its service principal.
    pub id: String,
    /// The role for users.
    pub role: String,
    /// A second role for users.
    pub other_role: String,
}

impl Configuration {
    pub fn make(emulator: &Emulator, name: &str) -> Self {
        let path = format!("/v1.0/applicationTemplates/{TEMPLATE}/instantiate");
        let made = send(
            emulator,
            CONTOSO,
            "POST",
            &path,
            &json!({ "displayName": name }),
        );
        let principal = &made["servicePrincipal"];
        let id = principal["id"].as_str().unwrap().to_owned();
        let live = send(
            emulator,
            CONTOSO,
            "GET",
            &format!("/v1.0/servicePrincipals/{id}"),
            &Json::Null,
        );
        let roles = live["appRoles"].as_array().unwrap();
        let role = |is_usual: bool| {
            let mut roles = roles.iter();
            let found = roles.find(|role| (role["displayName"] == "msiam_access") == is_usual);
            found
                .map_or("00000000-0000-0000-0000-000000000000", |role| {
                    role["id"].as_str().unwrap()
                })
                .to_owned()
        };
        Self {
            role: role(true),
            other_role: role(false),
            id,
        }
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1.0/servicePrincipals/{}/{rest}", self.id)
    }

    /// A job without a target tenant.
    pub fn bare_job(&self, emulator: &Emulator) -> String {
        let path = self.path("synchronization/jobs");
        let job = send(
            emulator,
            CONTOSO,
            "POST",
            &path,
            &json!({ "templateId": "Azure2Azure" }),
        );
        format!("{path}/{}", job["id"].as_str().unwrap())
    }

    /// A job to `target`, as the portal creates it.
    pub fn job(
        &self,
        emulator: &Emulator,
        target: &str,
        all: bool,
        notifications: &Json,
    ) -> String {
        let job = self.bare_job(emulator);
        let pairs = json!({ "value": [
            { "key": "CompanyId", "value": target },
            { "key": "AuthenticationType", "value": "SyncPolicy" },
            { "key": "SyncAll", "value": if all { "True" } else { "False" } },
            { "key": "SyncNotificationSettings", "value": notifications.to_string() },
        ] });
        send(
            emulator,
            CONTOSO,
            "PUT",
            &self.path("synchronization/secrets"),
            &pairs,
        );
        job
    }

    pub fn assign(&self, emulator: &Emulator, principal: &str, role: &str) {
        let body = json!({ "principalId": principal, "resourceId": self.id, "appRoleId": role });
        send(
            emulator,
            CONTOSO,
            "POST",
            &self.path("appRoleAssignedTo"),
            &body,
        );
    }
}

/// Changes the schema of a job.
pub fn customize(emulator: &Emulator, job: &str, change: impl FnOnce(&mut Json)) {
    let path = format!("{job}/schema");
    let mut schema = send(emulator, CONTOSO, "GET", &path, &Json::Null);
    schema
        .as_object_mut()
        .unwrap()
        .shift_remove("@odata.context");
    let rule = &mut schema["synchronizationRules"][0];
    let mappings = rule["objectMappings"].as_array_mut().unwrap();
    let users = mappings
        .iter_mut()
        .find(|mapping| mapping["sourceObjectName"] == "User");
    change(users.unwrap());
    send(emulator, CONTOSO, "PUT", &path, &schema);
}

/// Maps a target attribute to the same constant for every user.
pub fn constant(users: &mut Json, target: &str, text: &str) {
    let mappings = users["attributeMappings"].as_array_mut().unwrap();
    let mapping = mappings
        .iter_mut()
        .find(|mapping| mapping["targetAttributeName"] == target);
    let expression = format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    mapping.unwrap()["source"] =
        json!({ "type": "Constant", "name": text, "expression": expression, "parameters": [] });
}

/// Limits the scope to users who meet a clause.
pub fn filter(users: &mut Json, name: &str, value: &str) {
    users["scope"] = json!({ "categoryFilterGroups": [], "inputFilterGroups": [], "groups": [{ "name": name, "clauses": [{
        "sourceOperandName": "department", "operatorName": "EQUALS", "targetOperand": { "values": [value] } }] }] });
}
