# terraform query -generate-config-out=found.tf
list "crosstenant_synchronization_schema" "customized" {
  provider = crosstenant.source

  config {
    service_principal_id = "5d6c2f0e-7a41-4b5e-9f3a-1c8e4d2b6a70"
  }
}
