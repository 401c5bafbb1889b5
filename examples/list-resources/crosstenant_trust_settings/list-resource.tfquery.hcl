# terraform query -generate-config-out=found.tf
list "crosstenant_trust_settings" "partners" {
  provider = crosstenant.target
}
