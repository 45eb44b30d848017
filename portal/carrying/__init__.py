"""How work at an application is carried out, whatever it is about: claimed, journaled, retried, resumed, finished."""
