# terraform query -generate-config-out=found.tf
list "crosstenant_partner_policy" "contoso" {
  provider         = crosstenant.target
  include_resource = true
}
