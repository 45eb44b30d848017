"""The invented organisations and people of the demo; made once, and only what is missing."""

import csv
import tempfile
from datetime import date, timedelta
from pathlib import Path

from portal import database
from portal.auth import actions as auth_actions
from portal.auth.models import AccessLevel, User
from portal.config import settings
from portal.demo import doors, feeds, pushing, vacancies
from portal.imports import importing
from portal.organisations import setup
from portal.organisations.models import Organisation
from portal.timeline_templates import saving
from portal.timeline_templates.steps import Kind

ADMIN, MANAGER, EMPLOYEE = "alice@acme.example", "bob@acme.example", "carol@acme.example"
SECOND_ADMIN = "ada@acme.example"
STANDARD = "stan@globex.example"
PASSWORD = "welcome-to-the-demo"  # noqa: S105

# number, first name, last name, preferred name, job title, department, manager's number, country, start and end in days
# from today ("" for none). "-" as preferred name: no personal email.
STAFF = """
1,Amara,Okafor,,Managing Director,Board,,NG,-3000,
2,Bob,Barker,,Head of Sales,Sales,1,GB,-2500,
3,Ingrid,Østergård,,Head of Finance,Finance,1,DK,-2400,
4,Kenji,Tanaka,,Head of Engineering,Engineering,1,JP,-2300,
5,Mary,O’Brien,Molly,Head of People,People,1,IE,-2200,
6,Carol,Cole,,Sales Assistant,Sales,2,GB,-900,
7,Wei,Zhang,,Buyer,Purchasing,3,CN,-800,
8,Wei,Zhang,,Support Engineer,Engineering,4,SG,-200,
9,Jürgen,Größmann,,Accountant,Finance,3,DE,-1500,
10,Łukasz,Wójcik,,Developer,Engineering,4,PL,-700,
11,Zoë,D’Angelo,,Designer,Engineering,4,IT,-600,
12,Sukarno,,,Driver,Logistics,2,ID,-500,
13,محمد,الأحمد,,Developer,Engineering,4,JO,-400,
14,李,小龍,,Analyst,Finance,3,TW,-300,
15,Νίκος,Παπαδόπουλος,,Developer,Engineering,4,GR,-250,
16,Ольга,Иванова,,Translator,People,5,KZ,-240,
17,María José,de la Cruz Santos y Hernández,Majo,Account Manager,Sales,2,MX,-1100,
18,Nguyễn,Thị Hồng Nhung,,Tester,Engineering,4,VN,-350,
19,Siobhán,Ní Dhomhnaill,,Recruiter,People,5,IE,-450,
20,Håkon,Ødegaard,,Controller,Finance,3,NO,-950,
21,Çağla,Yıldız,,Product Manager,Engineering,4,TR,-820,
22,Þórdís,Jónsdóttir,,Office Manager,People,5,IS,-640,
23,João,Gonçalves,,Sales Manager,Sales,2,BR,-720,
24,Anaïs,Lefèvre-Moreau,,Account Manager,Sales,23,FR,-410,
25,Priya,Raghunathan,,Developer,Engineering,4,IN,-390,
26,Tom,Fischer,,Buyer,Purchasing,7,AT,-380,
27,Grace,Mwangi,,Support Engineer,Engineering,8,KE,-370,
28,Ahmed,El-Sayed,,Sales Manager,Sales,2,EG,-360,
29,Yuki,Sato,,Tester,Engineering,18,JP,-355,
30,Ana,Kovač,,Accountant,Finance,9,HR,-345,
31,Piotr,Nowak,,Warehouse Lead,Logistics,2,PL,-340,
32,Liam,Murphy,,Picker,Logistics,31,IE,-335,
33,Chloé,Dubois,-,Picker,Logistics,31,BE,-330,
34,Matteo,Rossi,,Designer,Engineering,11,IT,-325,
35,Sofía,Núñez,,Account Manager,Sales,23,ES,-320,
36,Björn,Åkesson,,Developer,Engineering,10,SE,-315,
37,Eszter,Szőke,,Developer,Engineering,10,HU,-310,
38,Radu,Țepeș,,Developer,Engineering,10,RO,-305,
39,Jan,Novák,,Controller,Finance,20,CZ,-295,
40,Emma,Virtanen,,Recruiter,People,19,FI,-290,
41,Oluwaseun,Adeyemi,Seun,Account Manager,Sales,28,NG,-285,
42,Fatima,Zahra Benali,,Translator,People,5,MA,-280,
43,Kim,Min-jun,,Developer,Engineering,4,KR,-275,
44,Noah,van der Berg,,Buyer,Purchasing,7,NL,-270,
45,Aroha,Ngata,,Support Engineer,Engineering,8,NZ,-265,
46,Mona,Manager,,Office Manager,Operations,1,GB,-260,
47,Lucía,Fernández,,Sales Assistant,Sales,28,AR,-255,
48,Dmytro,Shevchenko,,Tester,Engineering,18,UA,-245,
49,Leila,Haddad,,Accountant,Finance,9,LB,-235,
50,Oliver,Smith,,Sales Assistant,Sales,2,GB,3,
51,Isla,Campbell,,Developer,Engineering,10,GB,7,
52,Hana,Kimura,,Designer,Engineering,11,JP,14,
53,Mateusz,Zieliński,-,Picker,Logistics,31,PL,21,
54,Nadia,Petrova,,Analyst,Finance,3,BG,30,
55,Samuel,Asante,,Account Manager,Sales,28,GH,45,
56,Peter,Leaving,,Buyer,Purchasing,7,GB,-1200,-20
57,Ruth,Goldberg,,Accountant,Finance,9,US,-1300,-3
58,Ivan,Horvat,,Driver,Logistics,31,HR,-1400,-60
59,Elena,Popescu,,Recruiter,People,19,RO,-600,12
60,Hugo,Martin,,Developer,Engineering,10,FR,-700,30
"""


def rows(today: date) -> list[dict[str, str]]:
    """The invented employees as lines of an import, dated around today."""
    found = []
    for line in csv.reader(STAFF.strip().splitlines()):
        number, first, last, preferred, title, department, manager, country, start, end = line
        found.append({
            "employee_number": f"A{int(number):04}",
            "first_name": first,
            "last_name": last,
            "preferred_name": preferred.replace("-", ""),
            "job_title": title,
            "department": department,
            "manager_employee_number": f"A{int(manager):04}" if manager else "",
            "personal_email": "" if preferred == "-" else f"person{number}@home.example",
            "company_email": {"2": MANAGER, "6": EMPLOYEE}.get(number, ""),
            "mobile": "",
            "country": country,
            "start_date": (today + timedelta(days=int(start))).isoformat(),
            "end_date": (today + timedelta(days=int(end))).isoformat() if end else "",
        })  # fmt: skip
    return found


def make() -> None:
    """Make the demo's organisations, employees and users, unless they are there."""
    if Organisation.select().exists():
        return
    acme = setup.create_organisation("Acme", plan="Platinum", time_zone="Europe/London", country="GB")
    globex = setup.create_organisation("Globex", plan="Standard", time_zone="America/New_York", country="US")
    today = database.now().date()
    setup.set_trial_period(acme, True, ends=today + timedelta(days=30))
    lines = rows(today)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "staff.csv"
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(lines[0]))
            writer.writeheader()
            writer.writerows(lines)
        importing.import_file(file, acme)
    for kind in (Kind.MOVER, Kind.LEAVER, Kind.LEAVE):
        saving.switch_on(acme, kind, by="demo")
    for email, name, organisation, level in (
        (ADMIN, "Alice Admin", acme, AccessLevel.ADMIN),
        (SECOND_ADMIN, "Ada Admin", acme, AccessLevel.ADMIN),
        (MANAGER, "", acme, AccessLevel.MANAGER),
        (EMPLOYEE, "", acme, AccessLevel.EMPLOYEE),
        (STANDARD, "Stan Standard", globex, AccessLevel.ADMIN),
    ):
        user = auth_actions.create_user(organisation, email, PASSWORD, level)
        if name:
            User.update(name=name).where(User.id == user.id).execute()
        if email == ADMIN:
            feeds.make(acme, User.get_by_id(user.id))
    vacancies.make(acme, User.get(User.email == ADMIN))
    pushing.make(acme, User.get(User.email == ADMIN))


if __name__ == "__main__":
    database.initialise(settings().database)
    with database.connection():
        make()
        doors.make(
            Organisation.get(Organisation.name == "Acme"), User.get(User.email == ADMIN), settings().instance_dir
        )
