"""Which groups people join by department, country or job title, and what changes in groups consist of."""
