"""The addresses of the four HR systems, on one port."""

from typing import Any

from flask import Flask, Response, jsonify, request

from portal.sandbox.hr.company import Company, Worker

STATUS = {"active": ("Active", "active"), "leave": ("Active", "leave"), "left": ("Inactive", "inactive")}


def make(company: Company) -> Flask:
    """The application. Each answer may be a fault of the company instead."""
    app = Flask(__name__)
    app.config["company"] = company

    @app.before_request
    def in_bad_mood() -> Any:
        company.seen.append(f"{request.method} {request.full_path.rstrip('?')}")
        if company.faults:
            status, headers = company.faults.popleft()
            return Response("", status, headers)
        return None

    _bamboohr(app, company)
    _personio(app, company)
    _hibob(app, company)
    _employment_hero(app, company)
    return app


def _bamboohr(app: Flask, company: Company) -> None:
    """https://documentation.bamboohr.com/reference/request-custom-report-1"""

    @app.post("/bamboohr/<name>/v1/reports/custom")
    def report(name: str) -> Any:
        if name == "nobody":
            return Response("", 404)
        if request.authorization is None or request.authorization.username != company.key:
            return Response("", 401)
        if company.locked:
            return Response("", 403)
        shown = company.shown(request.json["fields"])
        people = [
            {name: value for name, value in _bamboo(company, one).items() if name in shown} for one in company.workers
        ]
        return jsonify(
            title=request.json["title"], employees=people,
            fields=[{"id": name, "type": "text", "name": name} for name in shown if name != "id"],
        )  # fmt: skip


def _bamboo(company: Company, one: Worker) -> dict[str, Any]:
    return {
        "id": str(one.id), "employeeNumber": one.number or None, "firstName": one.first, "lastName": one.last,
        "preferredName": one.preferred or None, "jobTitle": one.title or None, "department": one.department or None,
        "supervisorEId": str(one.manager) if one.manager else None, "homeEmail": one.home or None,
        "workEmail": one.work or None, "mobilePhone": one.mobile or None, "country": one.country or None,
        "hireDate": one.start or "0000-00-00", "terminationDate": one.end or "0000-00-00",
        "location": one.location or None, "status": STATUS[one.status][0],
    }  # fmt: skip


def _personio(app: Flask, company: Company) -> None:
    """https://developer.personio.de/reference/post_auth, https://developer.personio.de/reference/get_company-employees"""

    @app.post("/personio/v1/auth")
    def auth() -> Any:
        if request.json.get("client_secret") != company.key:
            return jsonify(success=False, error={"code": 0, "message": "Wrong credentials"}), 403
        return jsonify(success=True, data={"token": company.new_token()})

    @app.get("/personio/v1/company/employees")
    def employees() -> Any:
        if not _has_token(company):
            return jsonify(success=False, error={"code": 401, "message": "Token has expired"}), 401
        if company.locked:
            return jsonify(success=False, error={"code": 403, "message": "Missing permission"}), 403
        limit, offset = min(int(request.args.get("limit", 50)), 100), int(request.args.get("offset", 0))
        page = company.page(offset // limit, limit)
        pages = -(-len(company.workers) // limit)
        return jsonify(
            success=True, offset=offset, limit=limit,
            metadata={
                "total_elements": len(company.workers), "current_page": offset // limit, "total_pages": pages
            },
            data=[{"type": "Employee", "attributes": _attributes(company, one)} for one in page],
        )  # fmt: skip


def _attributes(company: Company, one: Worker) -> dict[str, Any]:
    boss = company.by_id(one.manager)
    values: dict[str, Any] = {
        "id": one.id, "first_name": one.first, "last_name": one.last, "preferred_name": one.preferred,
        "email": one.work,
        "position": one.title, "hire_date": f"{one.start}T00:00:00+01:00" if one.start else None,
        "termination_date": f"{one.end}T00:00:00+01:00" if one.end else None, "status": STATUS[one.status][1],
        "department": {"type": "Department", "attributes": {"id": 1, "name": one.department}}
        if one.department else None,
        "office": {"type": "Office", "attributes": {"id": 1, "name": one.location}} if one.location else None,
        "supervisor": {"type": "Employee", "attributes": {
            "id": {"label": "ID", "value": boss.id}, "first_name": {"label": "First name", "value": boss.first},
        }} if boss else None,
        "dynamic_1": one.number,
    }  # fmt: skip
    labels = {"id": "ID", "dynamic_1": "Personnel number"}
    shown = {
        name: {"label": labels.get(name, name.replace("_", " ").capitalize()), "value": value, "universal_id": name}
        for name, value in values.items()
    }
    # What was not released to the credential comes as an empty list.
    return {name: [] if name in company.hidden else attribute for name, attribute in shown.items()}


def _hibob(app: Flask, company: Company) -> None:
    """https://apidocs.hibob.com/reference/post_people-search"""

    @app.post("/hibob/v1/people/search")
    def search() -> Any:
        if request.authorization is None or request.authorization.password != company.key:
            return Response("", 401)
        if company.locked:
            return Response("", 403)
        wanted = set(company.shown(name.removeprefix("root.") for name in request.json["fields"]))
        return jsonify(employees=[_bob(company, one, wanted) for one in company.workers])


def _bob(company: Company, one: Worker, wanted: set[str]) -> dict[str, Any]:
    boss = company.by_id(one.manager)
    values: dict[str, Any] = {
        "id": f"bob-{one.id}", "firstName": one.first, "surname": one.last, "email": one.work,
        "work.title": one.title, "work.department": one.department, "work.startDate": one.start or None,
        "work.reportsTo": {"id": f"bob-{boss.id}", "firstName": boss.first, "surname": boss.last} if boss else None,
        "work.employeeIdInCompany": one.number, "work.site": one.location, "home.privateEmail": one.home or None,
        "home.mobilePhone": one.mobile or None, "internal.status": STATUS[one.status][0],
        "internal.terminationDate": one.end or None,
    }  # fmt: skip
    person: dict[str, Any] = {}
    for name, value in values.items():
        # What the service user may not see is left out without a word.
        if name in wanted:
            *path, last = name.split(".")
            place = person
            for part in path:
                place = place.setdefault(part, {})
            place[last] = value
    return person


def _employment_hero(app: Flask, company: Company) -> None:
    """https://developer.employmenthero.com/api-references"""

    @app.get("/employment-hero/oauth2/authorize")
    def authorise() -> Any:
        back, state = request.args["redirect_uri"], request.args["state"]
        return Response("", 302, {"Location": f"{back}?code=code-1&state={state}"})

    @app.post("/employment-hero/oauth2/token")
    def token() -> Any:
        asked = request.json
        is_code = asked.get("grant_type") == "authorization_code" and asked.get("code") == "code-1"
        is_refresh = asked.get("grant_type") == "refresh_token" and asked.get("refresh_token") == company.refresh
        if asked.get("client_secret") != company.key or not (is_code or is_refresh):
            return jsonify(error="invalid_grant"), 400
        fresh = company.new_token()
        # A refresh token counts once.
        company.refresh = f"refresh-{company.given}"
        return jsonify(access_token=fresh, refresh_token=company.refresh, expires_in=900, token_type="bearer")

    @app.get("/employment-hero/api/v1/organisations/<name>/employees")
    def staff(name: str) -> Any:
        if not _has_token(company):
            return jsonify(message="Unauthorized"), 401
        if company.locked:
            return jsonify(message="Forbidden"), 403
        number, size = int(request.args.get("page_index", 1)), int(request.args.get("item_per_page", 20))
        page = company.page(number - 1, size)
        items = [
            {name: value for name, value in _hero(company, one).items() if name not in company.hidden} for one in page
        ]
        pages = -(-len(company.workers) // size)
        return jsonify(
            data={"items": items, "page_index": number, "item_per_page": size, "total_items": len(company.workers),
                  "total_pages": pages}
        )  # fmt: skip


def _hero(company: Company, one: Worker) -> dict[str, Any]:
    boss = company.by_id(one.manager)
    return {
        "id": f"hero-{one.id}", "code": one.number, "first_name": one.first, "last_name": one.last,
        "known_as": one.preferred,
        "job_title": one.title, "company_email": one.work, "personal_email": one.home,
        "personal_mobile_number": one.mobile, "location": one.location, "country": one.country,
        "primary_manager": {"id": f"hero-{boss.id}", "name": f"{boss.first} {boss.last}"} if boss else None,
        "start_date": f"{one.start}T00:00:00.000Z" if one.start else None, "termination_date": one.end or None,
    }  # fmt: skip


def _has_token(company: Company) -> bool:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return kind == "Bearer" and token in company.tokens
