//! The configuration for Terraform: a block for each provider, partner and synchronization.

use std::fmt::Write as _;

use super::topology::{Side, Topology};
use super::{list, module, quoted};

/// The whole file.
pub(super) fn configuration(topology: &Topology, modules: &str) -> String {
    let mut text = super::HEAD.replace("{version}", "1.8");
    for (label, tenant) in &topology.tenants {
        let _ = write!(
            text,
            "\nprovider \"crosstenant\" {{\n  alias              = {}\n  tenant_id          = {}\n  environment_prefix = {}\n}}\n",
            quoted(label),
            quoted(&tenant.id),
            quoted(&tenant.prefix(label)),
        );
    }
    text.push_str("\n# Groups whose direct members are synchronized.\n");
    for label in topology.senders() {
        groups(&mut text, topology, label);
    }
    text.push_str("\n# The settings of each tenant for each partner.\n");
    for ((label, partner), side) in topology.sides() {
        partner_module(&mut text, topology, modules, (label, partner), side);
    }
    text.push_str("\n# Synchronizations between the tenants.\n");
    for (from, to) in &topology.ways {
        synchronization(&mut text, topology, modules, (from, to));
    }
    text
}

fn groups(text: &mut String, topology: &Topology, label: &str) {
    let names = list(topology.tenant(label).groups.iter().map(String::as_str));
    let _ = write!(
        text,
        "\ndata \"crosstenant_group\" {} {{\n  provider     = crosstenant.{label}\n  for_each     = toset({names})\n  display_name = \
         each.key\n}}\n",
        quoted(label),
    );
}

fn partner_module(
    text: &mut String,
    topology: &Topology,
    modules: &str,
    (label, partner): (&str, &str),
    side: Side,
) {
    let _ = write!(
        text,
        "\nmodule \"{label}_with_{partner}\" {{\n  source = {}\n\n  partner_tenant_id = {}\n  display_name      = {}\n  sends_users       = \
         {}\n  receives_users    = {}\n\n  providers = {{\n    crosstenant = crosstenant.{label}\n  }}\n}}\n",
        module(modules, "partner"),
        quoted(&topology.tenant(partner).id),
        quoted(topology.name(partner)),
        side.sends,
        side.receives,
    );
}

fn synchronization(
    text: &mut String,
    topology: &Topology,
    modules: &str,
    (from, to): (&str, &str),
) {
    let name = format!("{} to {}", topology.name(from), topology.name(to));
    let _ = write!(
        text,
        "\nmodule \"{from}_to_{to}\" {{\n  source = {}\n\n  target_tenant_id     = {}\n  display_name         = {}\n  principal_object_ids = \
         [for group in data.crosstenant_group.{from} : group.id]\n\n  providers = {{\n    crosstenant = crosstenant.{from}\n  }}\n\n  \
         depends_on = [module.{from}_with_{to}, module.{to}_with_{from}]\n}}\n",
        module(modules, "synchronization"),
        quoted(&topology.tenant(to).id),
        quoted(&name),
    );
}
