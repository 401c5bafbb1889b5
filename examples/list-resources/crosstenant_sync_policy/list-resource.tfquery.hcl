# terraform query -generate-config-out=found.tf
list "crosstenant_sync_policy" "partners" {
  provider = crosstenant.target
}
