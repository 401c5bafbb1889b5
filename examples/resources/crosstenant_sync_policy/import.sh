terraform import crosstenant_sync_policy.contoso 3f1c8a52-6d0b-4c1e-9c55-0a7d2b9e4f10
