# terraform query -generate-config-out=found.tf
list "crosstenant_synchronization_configuration" "all" {
  provider = crosstenant.source
}
