# terraform query -generate-config-out=found.tf
list "crosstenant_multi_tenant_organization_tenant" "others" {
  provider = crosstenant.source
}
