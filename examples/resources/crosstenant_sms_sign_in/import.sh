terraform import crosstenant_sms_sign_in.edsger a1000000-0000-4000-8000-000000000005
