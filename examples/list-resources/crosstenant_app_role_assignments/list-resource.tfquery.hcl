# terraform query -generate-config-out=found.tf
list "crosstenant_app_role_assignments" "configurations" {
  provider = crosstenant.source
}
