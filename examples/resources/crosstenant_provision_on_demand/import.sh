# Records that the user was provisioned and does not provision again.
terraform import crosstenant_provision_on_demand.ada 5d6c2f0e-7a41-4b5e-9f3a-1c8e4d2b6a70/Azure2Azure.3f1c8a526d0b4c1e9c550a7d2b9e4f10.7c0a9d1e-2b3f-4a5c-8d6e-9f0a1b2c3d4e/a1000000-0000-4000-8000-000000000001
