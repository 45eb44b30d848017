"""The tables that the pages of the portal show most of. Nothing is made or changed: they are the portal's."""

from typing import Any

from django.contrib import admin
from django.db import models


class Employee(models.Model):
    organisation_id = models.IntegerField()
    employee_number = models.CharField(max_length=40)
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100)
    job_title = models.CharField(max_length=200)
    department = models.CharField(max_length=200)
    location = models.CharField(max_length=200)
    manager = models.ForeignKey("self", null=True, on_delete=models.DO_NOTHING)
    personal_email = models.CharField(max_length=254)
    company_email = models.CharField(max_length=254)
    start_date = models.DateField(null=True)
    end_date = models.DateField(null=True)
    sort_name = models.CharField(max_length=220)
    search_text = models.TextField()

    class Meta:
        app_label, managed, db_table = "django_admin", False, "employee"


class Operation(models.Model):
    organisation_id = models.IntegerField()
    employee = models.ForeignKey(Employee, on_delete=models.DO_NOTHING)
    verb = models.CharField(max_length=20)
    state = models.CharField(max_length=20)
    by_name = models.CharField(max_length=320)
    message = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        app_label, managed, db_table = "django_admin", False, "operation"


class AuditEntry(models.Model):
    organisation_id = models.IntegerField()
    number = models.IntegerField()
    at = models.DateTimeField()
    by_name = models.CharField(max_length=320)
    action = models.CharField(max_length=60)
    subject_name = models.CharField(max_length=320)

    class Meta:
        app_label, managed, db_table = "django_admin", False, "audit_entry"


class OfOneOrganisation(admin.ModelAdmin):
    """As the portal's pages: the rows of the first organisation."""

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).filter(organisation_id=1)


@admin.register(Employee)
class Employees(OfOneOrganisation):
    list_display = ("first_name", "last_name", "job_title", "employee_number", "department", "start_date")
    list_per_page, ordering, search_fields, raw_id_fields = 25, ("sort_name", "id"), ("search_text",), ("manager",)
    exclude = ("search_text", "sort_name", "organisation_id")


@admin.register(Operation)
class Operations(OfOneOrganisation):
    list_display = ("created_at", "employee_id", "verb", "state", "by_name", "message")
    list_per_page, ordering = 50, ("-id",)


@admin.register(AuditEntry)
class AuditEntries(OfOneOrganisation):
    list_display = ("at", "by_name", "action", "subject_name", "number")
    list_per_page, ordering = 50, ("-number",)
