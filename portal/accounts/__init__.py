"""The accounts that employees have at connected applications: their names, licences and fields."""
