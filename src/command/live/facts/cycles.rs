//! The effects of a cycle on users, which the preview assumes.

use crate::live::fact::facts;

facts! {
    "internal-guests"
        "An internal guest of the source tenant is skipped."
        cannot "the run synchronizes no users";
    "disabled-and-unassigned"
        "A user who is disabled in both tenants and then unassigned stays in the target tenant."
        cannot "the run synchronizes no users";
    "match-by-name"
        "The service matches a source user with the external user that has its name."
        cannot "the run synchronizes no users";
    "managed-by-job"
        "An external user who was in scope before is managed by the job."
        cannot "the run synchronizes no users";
    "changed-since-cycle"
        "A difference in the target is written after a change of the source user only."
        cannot "the run synchronizes no users";
    "dialect-of-patterns"
        "Regular expressions in filters have the syntax of .NET and match anywhere in the value."
        cannot "the run synchronizes no users";
    "taken-address"
        "A user whose mail address is taken in the target is not created."
        cannot "the run synchronizes no users";
    "other-flow-types"
        "The less common flow types work as their names indicate."
        cannot "the run synchronizes no users";
    "expression-of-service"
        "Some functions can only be evaluated by the service."
        cannot "the run synchronizes no users";
    "group-without-security"
        "Members of a group that is not enabled for security are not in scope."
        cannot "the run synchronizes no users";
    "group-leaves-scope"
        "The copy of a group that leaves the scope is removed."
        cannot "the run synchronizes no users";
    "deleted-by-whom"
        "A soft-deleted user of the target tenant who is in scope again is restored."
        cannot "the run synchronizes no users";
    "pending-invitation"
        "A full cycle redeems a pending invitation."
        cannot "the run synchronizes no users";
    "order-in-cycle"
        "A cycle deletes before it creates."
        cannot "the run synchronizes no users";
    "users-without-license"
        "A user without a license with Microsoft Entra ID P1 is synchronized nevertheless."
        cannot "the run synchronizes no users";
    "copy-by-name"
        "The security group that has the name of an assigned group is its copy."
        cannot "the run synchronizes no users";
    "sms-sign-in"
        "Users with SMS sign-in are not synchronized."
        cannot "the run synchronizes no users";
}
