# The service principal, optionally with the app role.
terraform import crosstenant_app_role_assignments.fabrikam 5d6c2f0e-7a41-4b5e-9f3a-1c8e4d2b6a70
