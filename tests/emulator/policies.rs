//! Cross-tenant access: partners, synchronization policies, defaults, templates, organizations.

use serde_json::{Value, json};

use crate::client::{CONTOSO, Desk, FABRIKAM, NOBODY, PARTNERS, code, column, seed};

const ROOT: &str = "/v1.0/policies/crossTenantAccessPolicy";

fn partner() -> String {
    format!("{PARTNERS}/{CONTOSO}")
}

fn side(access: &str, targets: &[(&str, &str)]) -> Value {
    let targets: Vec<Value> = targets
        .iter()
        .map(|(target, kind)| json!({ "target": target, "targetType": kind }))
        .collect();
    json!({ "accessType": access, "targets": targets })
}

#[tokio::test]
async fn a_partner_lives_as_documented() {
    let desk = Desk::open().await;
    let caller = desk.fabrikam().await;
    assert_eq!(
        code(&caller.get(&partner()).await),
        (404, "Request_ResourceNotFound")
    );
    let (status, body) = caller.post(PARTNERS, json!({ "tenantId": CONTOSO })).await;
    assert_eq!(
        (status, &body["tenantId"], &body["inboundTrust"]),
        (201, &json!(CONTOSO), &Value::Null)
    );
    assert_eq!(body["isInMultiTenantOrganization"], json!(false));
    let again = caller
        .post(PARTNERS, json!({ "tenantId": CONTOSO.to_uppercase() }))
        .await;
    assert_eq!(
        code(&again),
        (409, "Request_MultipleObjectsWithSameKeyValue")
    );
    assert_eq!(again.1["error"]["details"][0]["code"], "ConflictingObjects");
    let change = json!({ "inboundTrust": { "isMfaAccepted": true }, "automaticUserConsentSettings": { "inboundAllowed": true } });
    assert_eq!(caller.patch(&partner(), change).await, (204, Value::Null));
    let (_, body) = caller.get(&partner()).await;
    let trust = json!({ "isMfaAccepted": true, "isCompliantDeviceAccepted": null, "isHybridAzureADJoinedDeviceAccepted": null });
    assert_eq!(body["inboundTrust"], trust);
    // A complex value is replaced as a whole; null restores inheritance.
    caller.patch(&partner(), json!({ "inboundTrust": { "isCompliantDeviceAccepted": true }, "automaticUserConsentSettings": null })).await;
    let (_, body) = caller.get(&partner()).await;
    assert_eq!(
        (
            &body["inboundTrust"]["isMfaAccepted"],
            &body["automaticUserConsentSettings"]
        ),
        (
            &Value::Null,
            &json!({ "inboundAllowed": null, "outboundAllowed": null })
        ),
        "automatic redemption is an object also where nothing of it is set"
    );
    assert_eq!(caller.delete(&partner()).await.0, 204);
    assert_eq!(caller.delete(&partner()).await.0, 404);
    assert_eq!(caller.get(PARTNERS).await.1["value"], json!([]));
}

#[tokio::test]
async fn targets_come_back_in_the_servers_order() {
    let desk = Desk::open().await;
    let caller = desk.fabrikam().await;
    let (one, two) = (
        "11111111-1111-4111-8111-111111111111",
        "22222222-2222-4222-8222-222222222222",
    );
    let users = side("allowed", &[(two, "user"), (one, "group")]);
    let body =
        json!({ "tenantId": CONTOSO, "b2bCollaborationInbound": { "usersAndGroups": users } });
    let (status, body) = caller.post(PARTNERS, body).await;
    assert_eq!(status, 201, "{body}");
    let inbound = &body["b2bCollaborationInbound"];
    assert_eq!(inbound["usersAndGroups"]["targets"][0]["target"], one);
    assert_eq!(inbound["applications"], Value::Null);
}

#[tokio::test]
async fn wrong_partner_bodies_are_refused() {
    let desk = Desk::open().await;
    let caller = desk.fabrikam().await;
    for body in [
        json!({}),
        json!({ "tenantId": 7 }),
        json!({ "tenantId": "contoso" }),
        json!({ "tenantId": FABRIKAM }),
        json!({ "tenantId": CONTOSO, "nonsense": 1 }),
        json!({ "tenantId": CONTOSO, "isInMultiTenantOrganization": true }),
        json!({ "tenantId": CONTOSO, "inboundTrust": { "isMfaAccepted": "yes" } }),
        json!({ "tenantId": CONTOSO, "inboundTrust": { "mfa": true } }),
        json!({ "tenantId": CONTOSO, "blockServiceProviderOutboundAccess": true }),
        json!({ "tenantId": CONTOSO, "b2bDirectConnectInbound": { "usersAndGroups": side("maybe", &[("AllUsers", "user")]) } }),
        json!({ "tenantId": CONTOSO, "b2bDirectConnectInbound": { "usersAndGroups": side("allowed", &[("AllUsers", "application")]) } }),
        json!({ "tenantId": CONTOSO, "b2bDirectConnectInbound": { "usersAndGroups": side("allowed", &[]) } }),
        json!({ "tenantId": CONTOSO, "b2bDirectConnectInbound": { "applications": side("allowed", &[("somebody", "user")]) } }),
    ] {
        let answer = caller.post(PARTNERS, body.clone()).await;
        assert_eq!(code(&answer), (400, "Request_BadRequest"), "{body}");
    }
    caller.post(PARTNERS, json!({ "tenantId": CONTOSO })).await;
    assert_eq!(
        caller
            .patch(&partner(), json!({ "tenantId": NOBODY }))
            .await
            .0,
        400
    );
    assert_eq!(caller.get(&format!("{PARTNERS}/contoso")).await.0, 400);
    let malformed = caller
        .request("PATCH", &partner())
        .header("content-type", "application/json")
        .body("{")
        .send()
        .await
        .unwrap();
    assert_eq!(malformed.status(), 400);
    let untyped = caller
        .request("PATCH", &partner())
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(untyped.status(), 400);
}

#[tokio::test]
async fn a_sync_policy_is_put_once_and_patched_afterwards() {
    let desk = Desk::open().await;
    let caller = desk.fabrikam().await;
    let path = format!("{}/identitySynchronization", partner());
    let body = json!({ "displayName": "Contoso", "userSyncInbound": { "isSyncAllowed": true } });
    assert_eq!(
        caller.put(&path, body.clone()).await.0,
        404,
        "no partner yet"
    );
    caller.post(PARTNERS, json!({ "tenantId": CONTOSO })).await;
    assert_eq!(
        code(&caller.get(&path).await),
        (404, "Directory_ObjectNotFound")
    );
    assert_eq!(
        code(&caller.patch(&path, body.clone()).await),
        (404, "Directory_ObjectNotFound")
    );
    assert_eq!(caller.put(&path, body.clone()).await, (204, Value::Null));
    let again = caller.put(&path, body).await;
    assert_eq!(
        code(&again),
        (409, "Request_MultipleObjectsWithSameKeyValue")
    );
    let expected = json!({ "tenantId": CONTOSO, "displayName": "Contoso", "userSyncInbound": { "isSyncAllowed": true } });
    let (_, mut read) = caller.get(&path).await;
    read.as_object_mut().unwrap().remove("@odata.context");
    assert_eq!(read, expected);
    assert_eq!(
        caller
            .patch(
                &path,
                json!({ "userSyncInbound": { "isSyncAllowed": false } })
            )
            .await
            .0,
        204
    );
    assert_eq!(
        caller.get(&path).await.1["userSyncInbound"]["isSyncAllowed"],
        false
    );
    let expanded = caller
        .get(&format!("{PARTNERS}?$expand=identitySynchronization"))
        .await
        .1;
    assert_eq!(
        expanded["value"][0]["identitySynchronization"]["displayName"],
        "Contoso"
    );
    let refused = caller.delete(&partner()).await;
    assert_eq!(
        code(&refused),
        (400, "Request_BadRequest"),
        "the policy must go first"
    );
    assert_eq!(caller.delete(&path).await.0, 204);
    assert_eq!(caller.delete(&path).await.0, 404);
    assert_eq!(caller.delete(&partner()).await.0, 204);
}

#[tokio::test]
async fn group_sync_exists_in_beta_only() {
    let desk = Desk::open().await;
    let caller = desk.fabrikam().await;
    caller.post(PARTNERS, json!({ "tenantId": CONTOSO })).await;
    let path = format!("{}/identitySynchronization", partner());
    let body = json!({ "groupSyncInbound": { "isSyncAllowed": true } });
    assert_eq!(caller.put(&path, body.clone()).await.0, 400);
    let beta = path.replace("v1.0", "beta");
    assert_eq!(caller.put(&beta, body).await.0, 204);
    assert_eq!(
        caller.get(&beta).await.1["groupSyncInbound"]["isSyncAllowed"],
        true
    );
    assert!(caller.get(&path).await.1.get("groupSyncInbound").is_none());
}

#[tokio::test]
async fn deleted_policies_come_back_in_beta() {
    let desk = Desk::open().await;
    let caller = desk.fabrikam().await;
    caller.post(PARTNERS, json!({ "tenantId": CONTOSO })).await;
    caller.delete(&partner()).await;
    let deleted = "/beta/policies/deletedItems/crossTenantPartners";
    assert_eq!(column(&caller.get(deleted).await, "tenantId"), [CONTOSO]);
    assert_eq!(
        caller.act(&format!("{deleted}/{CONTOSO}/restore")).await.0,
        200
    );
    assert_eq!(caller.get(&partner()).await.0, 200);
    assert_eq!(caller.get(&deleted.replace("beta", "v1.0")).await.0, 400);
}

#[tokio::test]
async fn the_default_policy_is_changed_and_reset() {
    let desk = Desk::open().await;
    let caller = desk.fabrikam().await;
    let path = format!("{ROOT}/default");
    let (_, before) = caller.get(&path).await;
    assert_eq!(
        (
            &before["isServiceDefault"],
            &before["inboundTrust"]["isMfaAccepted"]
        ),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        before["b2bCollaborationInbound"]["usersAndGroups"],
        side("allowed", &[("AllUsers", "user")])
    );
    assert_eq!(
        before["b2bDirectConnectOutbound"]["applications"],
        side("blocked", &[("AllApplications", "application")])
    );
    let trust = json!({ "isMfaAccepted": true, "isCompliantDeviceAccepted": false, "isHybridAzureADJoinedDeviceAccepted": false });
    assert_eq!(
        caller
            .patch(&path, json!({ "inboundTrust": trust }))
            .await
            .0,
        204
    );
    let (_, changed) = caller.get(&path).await;
    assert_eq!(
        (&changed["isServiceDefault"], &changed["inboundTrust"]),
        (&json!(false), &trust)
    );
    assert_eq!(
        caller
            .patch(
                &path,
                json!({ "automaticUserConsentSettings": { "inboundAllowed": true } })
            )
            .await
            .0,
        400
    );
    assert_eq!(
        caller.act(&format!("{path}/resetToSystemDefault")).await.0,
        204
    );
    assert_eq!(
        caller.get(&path).await.1["inboundTrust"],
        before["inboundTrust"]
    );
}

#[tokio::test]
async fn clouds_templates_and_authorization_are_kept() {
    let desk = Desk::open().await;
    let caller = desk.fabrikam().await;
    assert_eq!(caller.get(ROOT).await.1["allowedCloudEndpoints"], json!([]));
    assert_eq!(
        caller
            .patch(
                ROOT,
                json!({ "allowedCloudEndpoints": ["microsoftonline.us"] })
            )
            .await
            .0,
        204
    );
    assert_eq!(
        caller.get(ROOT).await.1["allowedCloudEndpoints"],
        json!(["microsoftonline.us"])
    );
    assert_eq!(
        caller
            .patch(ROOT, json!({ "allowedCloudEndpoints": ["example.org"] }))
            .await
            .0,
        400
    );
    let template = format!("{ROOT}/templates/multiTenantOrganizationIdentitySynchronization");
    let body = json!({ "templateApplicationLevel": "newPartners,existingPartners", "userSyncInbound": { "isSyncAllowed": true } });
    assert_eq!(caller.patch(&template, body).await.0, 204);
    assert_eq!(
        caller.get(&template).await.1["userSyncInbound"]["isSyncAllowed"],
        true
    );
    assert_eq!(
        caller
            .act(&format!("{template}/resetToDefaultSettings"))
            .await
            .0,
        204
    );
    assert_eq!(
        caller.get(&template).await.1["templateApplicationLevel"],
        "newPartners,existingPartners"
    );
    let policy = "/v1.0/policies/authorizationPolicy";
    assert_eq!(
        caller
            .patch(policy, json!({ "allowInvitesFrom": "none" }))
            .await
            .0,
        204
    );
    assert_eq!(caller.get(policy).await.1["allowInvitesFrom"], "none");
    assert_eq!(
        caller
            .patch(policy, json!({ "allowInvitesFrom": "friends" }))
            .await
            .0,
        400
    );
    let beta = "/beta/policies/authorizationPolicy";
    assert_eq!(
        caller.get(beta).await.1["value"][0]["allowInvitesFrom"],
        "none"
    );
    assert_eq!(
        caller
            .patch(
                &format!("{beta}/authorizationPolicy"),
                json!({ "allowInvitesFrom": "everyone" })
            )
            .await
            .0,
        204
    );
    let external = "/beta/policies/externalIdentitiesPolicy";
    assert_eq!(
        caller
            .patch(external, json!({ "allowExternalIdentitiesToLeave": false }))
            .await
            .0,
        204
    );
    assert_eq!(
        caller.get(external).await.1["allowExternalIdentitiesToLeave"],
        false
    );
}

#[tokio::test]
async fn tenants_find_each_other() {
    let desk = Desk::open().await;
    let caller = desk.fabrikam().await;
    let by = |function: &str, name: &str, value: &str| {
        format!("/v1.0/tenantRelationships/{function}({name}='{value}')")
    };
    let domain = by(
        "findTenantInformationByDomainName",
        "domainName",
        "contoso.example",
    );
    let (status, body) = caller.get(&domain).await;
    assert_eq!(
        (status, &body["tenantId"], &body["displayName"]),
        (200, &json!(CONTOSO), &json!("Contoso"))
    );
    let encoded = domain
        .replace('(', "%28")
        .replace(')', "%29")
        .replace('\'', "%27");
    assert_eq!(caller.get(&encoded).await.0, 200);
    let id = by("findTenantInformationByTenantId", "tenantId", CONTOSO);
    assert_eq!(
        caller.get(&id).await.1["defaultDomainName"],
        "contoso.example"
    );
    assert_eq!(
        caller
            .get(&by("findTenantInformationByTenantId", "tenantId", NOBODY))
            .await
            .0,
        404
    );
    assert_eq!(
        caller
            .get(&by("findTenantInformationByTenantId", "tenantId", "x"))
            .await
            .0,
        400
    );
    assert_eq!(
        caller
            .get(&by(
                "findTenantInformationByDomainName",
                "domainName",
                "nowhere.example"
            ))
            .await
            .0,
        404
    );
}

#[tokio::test]
async fn two_tenants_form_an_organization() {
    let desk = Desk::open().await;
    let (owner, member) = (desk.contoso().await, desk.fabrikam().await);
    let path = "/v1.0/tenantRelationships/multiTenantOrganization";
    assert_eq!(owner.get(path).await.1["state"], "inactive");
    let nameless = owner.put(path, json!({ "description": "x" })).await;
    assert_eq!(nameless.0, 400, "an organization needs a name");
    assert_eq!(
        owner.put(path, json!({ "displayName": "Both" })).await.0,
        201
    );
    let (status, body) = owner
        .post(&format!("{path}/tenants"), json!({ "tenantId": FABRIKAM }))
        .await;
    assert_eq!(
        (status, &body["state"], &body["role"]),
        (201, &json!("pending"), &json!("member"))
    );
    let again = owner
        .post(&format!("{path}/tenants"), json!({ "tenantId": FABRIKAM }))
        .await;
    assert_eq!(again.0, 409);
    let renamed = owner
        .patch(
            &format!("{path}/tenants/{FABRIKAM}"),
            json!({ "displayName": "Fabrikam" }),
        )
        .await;
    assert_eq!(renamed.0, 400, "only the role of a member can change");
    let template = format!("{ROOT}/templates/multiTenantOrganizationIdentitySynchronization");
    let sync = json!({ "templateApplicationLevel": "newPartners", "userSyncInbound": { "isSyncAllowed": true } });
    assert_eq!(owner.patch(&template, sync).await.0, 204);
    let join = format!("{path}/joinRequest");
    assert_eq!(
        member.get(&join).await.1["transitionDetails"]["status"],
        "notStarted"
    );
    assert_eq!(
        member
            .patch(&join, json!({ "addedByTenantId": CONTOSO }))
            .await
            .0,
        204
    );
    assert_eq!(member.get(&join).await.1["memberState"], "active");
    assert_eq!(
        owner.get(&format!("{path}/tenants/{FABRIKAM}")).await.1["state"],
        "active"
    );
    // Members become partners, and the owner's template allows them to synchronize.
    let (_, partner) = owner.get(&format!("{PARTNERS}/{FABRIKAM}")).await;
    assert_eq!(partner["isInMultiTenantOrganization"], true);
    let policy = format!("{PARTNERS}/{FABRIKAM}/identitySynchronization");
    assert_eq!(
        owner.get(&policy).await.1["userSyncInbound"]["isSyncAllowed"],
        true
    );
    assert_eq!(
        member
            .get(&format!("{PARTNERS}/{CONTOSO}/identitySynchronization"))
            .await
            .0,
        404
    );
    assert_eq!(member.get(path).await.1["displayName"], "Both");
    // Members can remove only themselves, and the last owner leaves last.
    let contoso = format!("{path}/tenants/{CONTOSO}");
    assert_eq!(member.delete(&contoso).await.0, 403);
    assert_eq!(owner.delete(&contoso).await.0, 400);
    assert_eq!(
        owner.delete(&format!("{path}/tenants/{FABRIKAM}")).await.0,
        204
    );
    assert_eq!(member.get(path).await.1["state"], "inactive");
    let tenants = member.get(&format!("{path}/tenants")).await;
    assert_eq!(tenants.0, 404);
    assert_eq!(
        owner.get(&format!("{PARTNERS}/{FABRIKAM}")).await.1["isInMultiTenantOrganization"],
        false
    );
    assert_eq!(owner.delete(&contoso).await.0, 204);
    assert_eq!(owner.get(path).await.1["state"], "inactive");
}

#[tokio::test]
async fn a_tenant_joins_one_organization_only() {
    let desk = Desk::open().await;
    let (owner, member) = (desk.contoso().await, desk.fabrikam().await);
    let path = "/v1.0/tenantRelationships/multiTenantOrganization";
    for tenant in [&owner, &member] {
        let made = tenant.put(path, json!({ "displayName": "Ours" })).await;
        assert_eq!(made.0, 201);
    }
    let tenants = format!("{path}/tenants");
    let added = owner.post(&tenants, json!({ "tenantId": FABRIKAM })).await;
    assert_eq!(added.0, 201);
    let join = json!({ "addedByTenantId": CONTOSO });
    let joined = member.patch(&format!("{path}/joinRequest"), join).await;
    assert_eq!(joined.0, 400, "{}", joined.1);
    assert_eq!(member.get(path).await.1["displayName"], "Ours");
}

#[tokio::test]
async fn ids_of_deleted_policies_are_compared_without_case() {
    let desk = Desk::open().await;
    let caller = desk.fabrikam().await;
    caller.post(PARTNERS, json!({ "tenantId": CONTOSO })).await;
    let policy = format!("{}/identitySynchronization", partner());
    caller.put(&policy, json!({ "displayName": "x" })).await;
    assert_eq!(caller.delete(&policy).await.0, 204);
    assert_eq!(caller.delete(&partner()).await.0, 204);
    let id = CONTOSO.to_uppercase();
    for collection in ["crossTenantPartners", "crossTenantSyncPolicyPartners"] {
        let path = format!("/beta/policies/deletedItems/{collection}/{id}");
        assert_eq!(caller.get(&path).await.0, 200, "{collection}");
        assert_eq!(caller.act(&format!("{path}/restore")).await.0, 200);
    }
    assert_eq!(caller.get(&policy).await.0, 200);
    caller.delete(&policy).await;
    let path = format!("/beta/policies/deletedItems/crossTenantSyncPolicyPartners/{id}");
    assert_eq!(caller.delete(&path).await.0, 204);
}

#[tokio::test]
async fn other_clouds_do_not_know_microsoft_365_across_tenants() {
    let mut seed = seed();
    seed["tenants"][1]["cloud"] = json!("microsoftonline.us");
    let desk = Desk::seeded(&seed).await;
    let (here, there) = (desk.contoso().await, desk.fabrikam().await);
    let path = format!("{ROOT}/default");
    let everybody = side("allowed", &[("AllUsers", "user")]);
    let change = json!({ "m365CollaborationInbound": { "users": everybody } });
    assert_eq!(here.patch(&path, change.clone()).await.0, 204);
    let (_, known) = here.get(&path).await;
    assert_eq!(known["m365CollaborationInbound"]["users"], everybody);
    assert_eq!(
        known["appServiceConnectInbound"]["applications"]["accessType"],
        "blocked"
    );
    assert_eq!(there.patch(&path, change.clone()).await.0, 400);
    let (_, unknown) = there.get(&path).await;
    assert_eq!(unknown.get("m365CollaborationInbound"), None, "{unknown}");
    there.post(PARTNERS, json!({ "tenantId": CONTOSO })).await;
    assert_eq!(there.patch(&partner(), change).await.0, 400);
    let (_, bare) = there.get(&partner()).await;
    assert_eq!(bare.get("m365CollaborationOutbound"), None, "{bare}");
}

#[tokio::test]
async fn microsoft_365_features_belong_to_their_policy_and_to_one_cloud() {
    let mut seed = seed();
    seed["tenants"][0]["cloud"] = json!("microsoftonline.us");
    let desk = Desk::seeded(&seed).await;
    let (government, caller) = (desk.contoso().await, desk.fabrikam().await);
    caller.post(PARTNERS, json!({ "tenantId": CONTOSO })).await;
    let features = |policy: &str| format!("{}/m365Capabilities", policy.replace("v1.0", "beta"));
    let card = |scopes: Value| {
        let access = json!({ "isAllowed": true, "resourceScopes": scopes });
        json!({ "@odata.type": "#microsoft.graph.crossTenantOpenProfileCard", "inboundAccess": access })
    };
    let everyone =
        json!({ "included": [{ "resourceId": "All", "resourceType": "user" }], "excluded": [] });
    let of_partner = features(&partner());
    let (status, made) = caller.post(&of_partner, card(everyone.clone())).await;
    assert_eq!(
        (status, &made["name"]),
        (201, &json!("crossTenantOpenProfileCard"))
    );
    let nobody = json!({ "included": [], "excluded": [] });
    assert_eq!(caller.post(&of_partner, card(nobody)).await.0, 400);
    let of_default = features(&format!("{ROOT}/default"));
    let listed = async |path: &str| caller.get(path).await.1["value"].as_array().unwrap().len();
    assert_eq!(
        (listed(&of_partner).await, listed(&of_default).await),
        (1, 0)
    );
    assert_eq!(
        caller.get(&of_partner.replace("beta", "v1.0")).await.0,
        400,
        "the metadata of v1.0 does not have them"
    );
    assert_eq!(government.get(&of_default).await.0, 400);
    // They are deleted and restored together with their partner.
    assert_eq!(caller.delete(&partner()).await.0, 204);
    assert_eq!(caller.get(&of_partner).await.0, 404);
    let restore = format!("/beta/policies/deletedItems/crossTenantPartners/{CONTOSO}/restore");
    assert_eq!(caller.act(&restore).await.0, 200);
    assert_eq!(listed(&of_partner).await, 1);
}

#[tokio::test]
async fn role_enabled_groups_need_groups() {
    let desk = Desk::open().await;
    let caller = desk.fabrikam().await;
    caller.post(PARTNERS, json!({ "tenantId": CONTOSO })).await;
    let policy = format!("{}/identitySynchronization", partner());
    let beta = policy.replace("v1.0", "beta");
    caller.put(&policy, json!({ "displayName": "x" })).await;
    let allowed = json!({ "isSyncAllowed": true });
    let role_enabled = json!({ "roleEnabledGroupSyncInbound": allowed });
    assert_eq!(caller.patch(&beta, role_enabled.clone()).await.0, 400);
    assert_eq!(caller.patch(&policy, role_enabled).await.0, 400, "v1.0");
    let both = json!({ "groupSyncInbound": allowed, "roleEnabledGroupSyncInbound": allowed });
    assert_eq!(caller.patch(&beta, both).await.0, 204);
}

#[tokio::test]
async fn tenants_of_other_clouds_are_not_found() {
    let mut seed = seed();
    seed["tenants"][1]["cloud"] = json!("microsoftonline.us");
    let desk = Desk::seeded(&seed).await;
    let path =
        format!("/v1.0/tenantRelationships/findTenantInformationByTenantId(tenantId='{FABRIKAM}')");
    assert_eq!(desk.contoso().await.get(&path).await.0, 404);
}
