//! Settings of the default policy and of partners beyond B2B: Microsoft 365 across tenants, and calls of applications.
//!
//! They are also changed in the Microsoft 365 and Entra admin centers, so omitting them in a configuration causes only a warning.

use super::m365_capabilities;
use super::partner_policy::TargetConfiguration;
use sdk::observed::Finding;
use sdk::prelude::*;

attributes! {
    /// Users of the other tenant who may use Microsoft 365 features across tenants.
    pub struct M365CollaborationInbound {
        /// Users and groups that are allowed or blocked. Their IDs are those of the partner's tenant.
        users: TargetConfiguration,
    }

    /// Users of this tenant who may use Microsoft 365 features of other tenants.
    pub struct M365CollaborationOutbound {
        /// The users and groups that are allowed or blocked.
        users_and_groups: TargetConfiguration,
    }

    /// Applications of the other tenant that may call this tenant's applications.
    pub struct AppServiceConnect {
        /// The applications that are allowed or blocked.
        applications: TargetConfiguration,
    }
}

/// A setting, identified by its attribute.
struct Setting {
    attribute: &'static str,
    /// The only member of the block.
    part: &'static str,
    /// The target that stands for all, and its type.
    all: (&'static str, &'static str),
    /// The value in Microsoft's default policy.
    default: &'static str,
    /// Resources that it gives access to.
    what: &'static str,
}

const SETTINGS: [Setting; 3] = [
    Setting {
        attribute: "m365_collaboration_inbound",
        part: "users",
        all: ("AllUsers", "user"),
        default: "blocked",
        what: "Microsoft 365 features of this tenant",
    },
    Setting {
        attribute: "m365_collaboration_outbound",
        part: "users_and_groups",
        all: ("AllUsers", "user"),
        default: "allowed",
        what: "Microsoft 365 features of other tenants",
    },
    Setting {
        attribute: "app_service_connect_inbound",
        part: "applications",
        all: ("AllApplications", "application"),
        default: "blocked",
        what: "applications of this tenant",
    },
];

impl Setting {
    /// Formats the block as HCL, for all of the kind.
    fn hcl(&self, access: &str) -> String {
        let (target, target_type) = self.all;
        format!(
            "{} = {{ {} = {{ access_type = {access:?}, targets = [{{ target = {target:?}, target_type = {target_type:?} }}] }} }}",
            self.attribute, self.part
        )
    }

    /// Returns the block as a value, for all of the kind.
    fn value(&self) -> Value {
        let (target, target_type) = self.all;
        object([(
            self.part,
            object([
                ("access_type", self.default.into()),
                (
                    "targets",
                    Value::set(vec![object([
                        ("target", target.into()),
                        ("target_type", target_type.into()),
                    ])]),
                ),
            ]),
        )])
    }

    /// Describes the effect of a block that was set outside Terraform. `whose` is the subject of the sentence.
    fn finding(&self, block: &Value, whose: &str) -> Finding {
        let configuration = block.member(self.part);
        let access = configuration
            .member("access_type")
            .as_str()
            .unwrap_or("allowed");
        let targets = configuration.member("targets").as_elements();
        let named: Vec<&str> = targets
            .into_iter()
            .flatten()
            .filter_map(|target| target.member("target").as_str())
            .collect();
        Finding {
            attribute: self.attribute,
            allows: access == "allowed" && self.default != "allowed",
            what: format!(
                "Access of {whose} to {} is `{access}` ({}). Microsoft's default policy says `{}`.",
                self.what,
                named.join(", "),
                self.default
            ),
            fix: self.hcl(self.default),
        }
    }
}

/// Returns the default of `attribute` in the default policy, as Microsoft documents it; null for other attributes.
pub(super) fn service_default(attribute: &str) -> Value {
    SETTINGS
        .iter()
        .find(|setting| setting.attribute == attribute)
        .map_or(Value::Null, Setting::value)
}

/// Returns the settings of a policy that are not Microsoft's default; `partner` is null for the default policy.
pub(super) fn findings(tenant_id: &str, policy: &Value, partner: Option<&str>) -> Vec<Finding> {
    let open = SETTINGS.into_iter().filter_map(|setting| {
        let found = policy.member(setting.attribute);
        // An import stores the complete default policy.
        let is_default = partner.is_none() && *found == setting.value();
        let whose = whose(&setting, tenant_id, partner);
        (!found.is_null() && !is_default).then(|| setting.finding(found, &whose))
    });
    let whose = other(partner);
    let features = m365_capabilities::finding(policy.member(m365_capabilities::ATTRIBUTE), &whose);
    open.chain(features).collect()
}

/// Formats the tenants that a policy applies to.
fn other(partner: Option<&str>) -> String {
    partner.map_or_else(
        || "every other organization".to_owned(),
        |partner| format!("tenant {partner}"),
    )
}

/// Returns the subject of the sentence that describes a setting.
fn whose(setting: &Setting, tenant_id: &str, partner: Option<&str>) -> String {
    let kind = if setting.part == "applications" {
        "applications"
    } else {
        "users"
    };
    let other = other(partner);
    match setting.part {
        "users_and_groups" => format!("{kind} of tenant {tenant_id}, towards {other},"),
        _ => format!("{kind} of {other}, in tenant {tenant_id},"),
    }
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.map(|(name, value)| (name.to_owned(), value)).into())
}
