//! The configuration for OpenTofu: one block of each kind, repeated for each tenant, partner and synchronization.

use std::fmt::Write as _;

use super::topology::Topology;
use super::{list, module, quoted};

/// The whole file.
pub(super) fn configuration(topology: &Topology, modules: &str) -> String {
    let mut text = super::HEAD.replace("{version}", "1.9");
    text.push_str("\nlocals {\n  tenants = {\n");
    for (label, tenant) in &topology.tenants {
        let _ = writeln!(
            text,
            "    {label} = {{ tenant_id = {}, name = {}, environment_prefix = {}, groups = {} }}",
            quoted(&tenant.id),
            quoted(topology.name(label)),
            quoted(&tenant.prefix(label)),
            list(tenant.groups.iter().map(String::as_str)),
        );
    }
    text.push_str("  }\n\n  # The tenants that each tenant sends users to.\n  receivers = {\n");
    for label in topology.tenants.keys() {
        let ways = topology.ways.iter().filter(|(from, _)| from == label);
        let _ = writeln!(
            text,
            "    {label} = {}",
            list(ways.map(|(_, to)| to.as_str()))
        );
    }
    let rest = REST.replace("{partner}", &module(modules, "partner"));
    text.push_str(&rest.replace("{synchronization}", &module(modules, "synchronization")));
    text
}

/// The rest of the file, which is derived from the two maps.
const REST: &str = r#"  }

  ways = merge([
    for from, all in local.receivers : { for to in all : "${from}_to_${to}" => { from = from, to = to } }
  ]...)

  # The settings of each tenant for each partner. One policy covers both directions.
  sides = {
    for side in distinct(flatten([
      for way in local.ways : [{ tenant = way.from, partner = way.to }, { tenant = way.to, partner = way.from }]
    ])) : "${side.tenant}_with_${side.partner}" => side
  }

  groups = merge([
    for label, tenant in local.tenants : {
      for name in tenant.groups : "${label}/${name}" => { tenant = label, name = name }
    } if length(local.receivers[label]) > 0
  ]...)
}

# Before you take a tenant out of `tenants`, take it out of `receivers` and apply: its provider is needed to remove what it has.
provider "crosstenant" {
  alias    = "of"
  for_each = local.tenants

  tenant_id          = each.value.tenant_id
  environment_prefix = each.value.environment_prefix
}

# Groups whose direct members are synchronized.
data "crosstenant_group" "sent" {
  for_each = local.groups
  provider = crosstenant.of[each.value.tenant]

  display_name = each.value.name
}

# The settings of each tenant for each partner.
module "partner" {
  source   = {partner}
  for_each = local.sides

  partner_tenant_id = local.tenants[each.value.partner].tenant_id
  display_name      = local.tenants[each.value.partner].name
  sends_users       = contains(local.receivers[each.value.tenant], each.value.partner)
  receives_users    = contains(local.receivers[each.value.partner], each.value.tenant)

  providers = {
    crosstenant = crosstenant.of[each.value.tenant]
  }
}

# Synchronizations between the tenants.
module "synchronization" {
  source   = {synchronization}
  for_each = local.ways

  target_tenant_id = local.tenants[each.value.to].tenant_id
  display_name     = "${local.tenants[each.value.from].name} to ${local.tenants[each.value.to].name}"
  principal_object_ids = [
    for key, group in data.crosstenant_group.sent : group.id if local.groups[key].tenant == each.value.from
  ]

  providers = {
    crosstenant = crosstenant.of[each.value.from]
  }

  depends_on = [module.partner]
}
"#;
