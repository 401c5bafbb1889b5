//! The task that a page belongs to. The registries group pages of every kind by it.

const POLICIES: &str = "Policies";
const SYNCHRONIZATION: &str = "Synchronization";
const MONITORING: &str = "Monitoring";
const USERS: &str = "Users and Groups";
const ORGANIZATION: &str = "Multitenant Organization";

/// The subcategory of a type, whose name is without the prefix, or of a function. What has the same name belongs to the same task, except
/// the data source that shows how a job is doing.
pub(super) fn of(kind: &str, name: &str) -> &'static str {
    match name {
        "provisioning_job" if kind == "Data Source" => MONITORING,
        "access_policy"
        | "default_policy"
        | "deleted_policies"
        | "external_user_leave_settings"
        | "guest_invite_settings"
        | "partner_policies"
        | "partner_policy"
        | "restore_deleted_policy"
        | "restored_policy"
        | "sync_policies"
        | "sync_policy"
        | "tenant"
        | "trust_settings" => POLICIES,
        "app_role_assignment"
        | "app_role_assignments"
        | "deleted_configurations"
        | "evaluate_expression"
        | "expression_test"
        | "provision_on_demand"
        | "provisioning_job"
        | "provisioning_job_state"
        | "restart_provisioning_job"
        | "restore_deleted_configuration"
        | "restored_configuration"
        | "synchronization_configuration"
        | "synchronization_configurations"
        | "synchronization_schema"
        | "validate_connection"
        | "validate_expression" => SYNCHRONIZATION,
        "audit_logs"
        | "provisioning_logs"
        | "readiness"
        | "secure_defaults"
        | "synchronization_preview" => MONITORING,
        "deleted_users"
        | "disable_sms_sign_in"
        | "group"
        | "groups"
        | "leftover_users"
        | "pending_guests"
        | "restore_deleted_user"
        | "restored_user"
        | "sms_sign_in"
        | "sms_sign_in_users"
        | "synchronized_users"
        | "user"
        | "users" => USERS,
        name if name.starts_with("multi_tenant_organization") => ORGANIZATION,
        _ => "",
    }
}
