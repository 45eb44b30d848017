"""What an organisation has chosen for its timelines: the versions of its templates, and which kinds are on."""

from peewee import CharField, ForeignKeyField, IntegerField, JSONField

from portal.database import BaseModel, UtcDateTimeField, now
from portal.languages import gettext as _
from portal.organisations.models import Organisation

# The fields of the HR record that a template of its own can be for -> the label of the page.
OWN_FOR = {"employment_type": _("Employment type"), "country": _("Country")}


class Template(BaseModel):
    """One version of the steps of a kind. The newest one counts; earlier ones tell which version made a timeline.

    kind: a steps.Kind. field, value: those it is for, by a key of OWN_FOR; both empty for everybody else. chosen: key
    of a step -> {"on", "days", "hour", "at"}, as TemplateStep has them. texts: {"inside", "outside"} of the automatic
    reply, as far as they differ from ours, and "forward_to". removed_at: of a template that is no longer used.
    """

    organisation_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    kind = CharField(max_length=20)
    field = CharField(max_length=20, default="")
    value = CharField(max_length=200, default="")
    version = IntegerField(default=1)
    chosen = JSONField(default=dict)
    texts = JSONField(default=dict)
    by_name = CharField(max_length=320, default="")
    made_at = UtcDateTimeField(default=now)
    removed_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("organisation", "kind", "field", "value", "version"), True),)


class KindInUse(BaseModel):
    """An organisation makes timelines of this kind since that moment."""

    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    kind = CharField(max_length=20)
    by_name = CharField(max_length=320, default="")
    since = UtcDateTimeField(default=now)

    class Meta:
        indexes = ((("organisation", "kind"), True),)
