# The second part is the ID of the assignment, or the object ID of the assigned user or group.
terraform import crosstenant_app_role_assignment.ada 5d6c2f0e-7a41-4b5e-9f3a-1c8e4d2b6a70/a1000000-0000-4000-8000-000000000001
