"""Names for invented people."""

FIRST = [
    "Ada", "Bo", "Chloe", "Dev", "Elif", "Femi", "Gita", "Hugo", "Ines", "Jonas", "Kira", "Luca", "Mina", "Noah",
    "Olga", "Pia", "Quinn", "Ravi", "Sara", "Tom", "Uma", "Vera", "Wim", "Yara", "Zoe", "Aïsha", "Björn", "Léa",
    "Paweł", "Søren",
]  # fmt: skip
LAST = [
    "Abe", "Berg", "Costa", "Diaz", "Egan", "Fox", "Grau", "Hill", "Ito", "Jung", "Khan", "Lund", "Mora", "Nys",
    "Okoye", "Park", "Quist", "Rao", "Silva", "Toth", "Urban", "Vogt", "Wolf", "Yang", "Zhu", "O'Neill", "Müller",
    "Nuñez", "Čapek",
]  # fmt: skip
DEPARTMENTS = ("Sales", "Finance", "IT", "Operations", "Legal", "Research")
TITLES = ("Clerk", "Buyer", "Engineer", "Analyst", "Driver", "Adviser")
PLAIN = str.maketrans("ïöéłøüñČ'", "ioelounC\0")
