//! The operation that a path refers to.

use serde_json::json;

use super::{JOBS, PARTNER, asked, clean, exchange, got, sent, wrong};

#[test]
fn unknown_paths_and_verbs() {
    let nowhere = exchange("GET", "/v1.0/policies/crossTenantAccessPolicies", 0);
    wrong(&nowhere, &["unknown path"]);
    wrong(&exchange("GET", "/v1.0/users/", 0), &["unknown path"]);
    wrong(&exchange("GET", "/v1.0/users/$ref", 0), &["unknown path"]);
    wrong(&exchange("GET", "/v1.0", 0), &["neither"]);
    wrong(
        &exchange("GET", "/v2.0/users", 0),
        &["neither v1.0 nor beta"],
    );
    wrong(
        &exchange("PUT", PARTNER, 0),
        &["unknown verb", "-tenantId}"],
    );
    clean(&exchange("POST", "/contoso/oauth2/v2.0/token", 200));
}

#[test]
fn a_path_of_beta_is_unknown_in_v1() {
    let path = "policies/externalIdentitiesPolicy";
    clean(&got(
        &format!("/beta/{path}"),
        json!({ "id": "externalIdentitiesPolicy" }),
    ));
    wrong(
        &exchange("GET", &format!("/v1.0/{path}"), 0),
        &["unknown path"],
    );
    let group = json!({ "groupSyncInbound": { "isSyncAllowed": true } });
    let path = PARTNER.replace("v1.0", "beta") + "/identitySynchronization";
    clean(&sent("PATCH", &path, group.clone()));
    let path = format!("{PARTNER}/identitySynchronization");
    wrong(&sent("PATCH", &path, group), &["groupSyncInbound"]);
}

#[test]
fn functions_and_alternate_keys_plain_and_encoded() {
    let find = "/v1.0/tenantRelationships/findTenantInformationByDomainName";
    let answer = json!({ "tenantId": "t", "displayName": "d", "defaultDomainName": "c.example" });
    clean(&got(
        &format!("{find}(domainName='c.example')"),
        answer.clone(),
    ));
    clean(&got(
        &format!("{find}%28domainName=%27c.example%27%29"),
        answer,
    ));
    clean(&got("/v1.0/servicePrincipals(appId='o''hara')", json!({})));
    wrong(
        &exchange("GET", &format!("{find}(domainName='')"), 0),
        &["unknown path"],
    );
    wrong(
        &exchange("GET", &format!("{find}(domain='c')"), 0),
        &["unknown path"],
    );
    wrong(
        &exchange("GET", &format!("{find}(domainName=c)"), 0),
        &["unknown path"],
    );
    wrong(
        &exchange("GET", "/v1.0/servicePrincipals(appId='o'hara')", 0),
        &["unknown path"],
    );
}

#[test]
fn literal_segments_come_before_parameters() {
    // As the name of a job, this would have the wrong method.
    let body = json!({ "useSavedCredentials": false, "templateId": "Azure2Azure",
        "credentials": [{ "key": "CompanyId", "value": "t" }] });
    clean(&sent("POST", &format!("{JOBS}/validateCredentials"), body));
    // A user in this list has properties that other deleted objects lack.
    let users = "/v1.0/directory/deletedItems/microsoft.graph.user";
    clean(&asked(users, "$select=userPrincipalName"));
    let answer = got(users, json!({ "value": [{ "accountEnabled": "yes" }] }));
    wrong(&answer, &["/value/0/accountEnabled"]);
    wrong(
        &exchange(
            "GET",
            "/v1.0/directory/deletedItems/microsoft.graph.device",
            0,
        ),
        &["unknown"],
    );
}
