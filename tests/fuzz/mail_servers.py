"""What a mail server may say by chance: refusals, nonsense, too much, too little, nothing."""

from random import Random

from tests.mail.server import POLITE

# The later, the more often: a server that never gets so far shows nothing of what comes then.
STAGES = ("greeting", "ehlo", "mail", "rcpt", "rcpt", "data", "data", "dot", "dot", "dot", "dot", "quit")
LATER = ("421 4.3.2 closing", "450 4.2.1 busy", "451 4.7.1 greylisted", "452 4.2.2 full", "499 what")
NEVER = ("500 what?", "530 5.7.0 sign in first", "550 5.1.1 no such person", "552 5.2.2 full", "554 5.7.1 no", "599 no")
NONSENSE: tuple[str | bytes, ...] = (
    "", "hello", "25", "999 x", "000 x", "2500 x", "-250 x", "٢٥٠ ok", "250\tok", "150 wait", "354 go on",
    "334 VXNlcg==", "\0", "250 \0", b"\xff\xfe2\x005\x000", "HTTP/1.1 200 OK", "<html>", "250", "2 5 0", "451",
    "+250 x", "2_0 x", "1e2 x",
)  # fmt: skip
WORDS: tuple[bytes, ...] = (
    "später, Zürich".encode("latin-1"), "позже".encode("koi8_r"), "後で".encode("shift_jis"), b"\xff\xfe\x00",
    b"\x1b[31mred", "\u202e<script>alert(1)</script>".encode(), b"%s %n {0}", b"x" * 400,
)  # fmt: skip
SILENCE = ("drop", "drop", "stall", "drip", "no answer at all")


def answer(rng: Random, stage: str) -> str | bytes:
    """One answer at this point of the conversation."""
    polite = POLITE[stage].format(extensions="8BITMIME").split("\r\n")[-1]
    kind = rng.randrange(9)
    if kind < 2:
        return rng.choice(LATER)
    if kind == 2:
        return rng.choice(NEVER)
    if kind == 3:
        return rng.choice(NONSENSE)
    if kind == 4:
        return rng.choice(SILENCE)
    code = rng.choice((polite[:3], "451", "550"))
    if kind == 5:
        return code.encode() + b" " + rng.choice(WORDS)
    if kind == 6:
        lines = [f"{code}-{'y' * rng.choice((0, 10, 500))}" for _ in range(rng.choice((1, 5, 300)))]
        return "\r\n".join([*lines, rng.choice((f"{code} end", f"{code}-", "451 end", "", "end"))])
    return f"{code} {'x' * 9_000}" if kind == 7 else polite


def rude(rng: Random) -> dict[str, list[str | bytes]]:
    """What it says at some stages, one answer after the other, the last one for ever; elsewhere it is polite."""
    stages = {rng.choice(STAGES) for _ in range(rng.randint(1, 3))}
    said = {stage: [answer(rng, stage) for _ in range(rng.randint(1, 3))] for stage in sorted(stages)}
    return said | ({"body": ["drop"]} if rng.random() < 0.1 else {})


def refuses(said: str | bytes) -> bool:
    """Whether this answer to the last dot says for certain that the mail was not taken."""
    last = (said.encode() if isinstance(said, str) else said).split(b"\r\n")[-1]
    return last[:1] in (b"4", b"5") and last[:3].isdigit() and last[3:4] in (b"", b" ")
