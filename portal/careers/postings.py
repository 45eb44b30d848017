"""A vacancy as search engines read it. https://schema.org/JobPosting and
https://developers.google.com/search/docs/appearance/structured-data/job-posting
"""

from typing import Any

from portal.plain_text import paragraphs
from portal.recruitment.models import Vacancy

# What we call it -> schema.org.
HOURS = {"Full time": "FULL_TIME", "Part time": "PART_TIME"}
KINDS = {"Contract": "CONTRACTOR", "Casual": "PER_DIEM"}


def posting(vacancy: Vacancy, address: str) -> dict[str, Any]:
    """The data block of the vacancy's page. address: of that page."""
    place = {"addressLocality": vacancy.place, "addressCountry": vacancy.country}
    told = {name: value for name, value in place.items() if value}
    employment = [word for word in (HOURS.get(vacancy.hours), KINDS.get(vacancy.kind)) if word]
    values = {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": vacancy.title,
        "description": str(paragraphs(vacancy.description)),
        "datePosted": vacancy.published_at.date().isoformat() if vacancy.published_at else None,
        "validThrough": f"{vacancy.closes_on.isoformat()}T23:59:59" if vacancy.closes_on else None,
        "employmentType": employment,
        "hiringOrganization": {"@type": "Organization", "name": vacancy.organisation.name},
        "jobLocation": {"@type": "Place", "address": {"@type": "PostalAddress", **told}} if told else None,
        "directApply": True,
        "url": address,
    }
    return {name: value for name, value in values.items() if value}
