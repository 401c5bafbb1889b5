terraform import crosstenant_restored_user.nadia f1000000-0000-4000-8000-000000000001
