"""A planned move: another job, department, place or manager from a day on, kept until then in a mover's timeline."""
