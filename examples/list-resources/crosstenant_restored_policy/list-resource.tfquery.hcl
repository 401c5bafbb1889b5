# terraform query
# To restore a policy, write a crosstenant_restored_policy without an import block: a deleted policy cannot be imported.
list "crosstenant_restored_policy" "deleted" {
  provider = crosstenant.target

  config {
    kind = "partner"
  }
}
