"""A random typist: somebody who types on three pages at once, whatever travels, breaks or ends meanwhile, and a model of what must not be lost.

    python -m tests.browser.typist --seed 7 --minutes 2 [--database postgresql]
    python -m tests.browser.typist --replay script.json

A run is made of rounds. Each has an account and a listing of its own, and a script: a list of actions, from the seed alone (`script.py`). Two tabs
of one browser and a second device do them (`person.py`, `device.py`), on a line that does what the script says (tests/servers/line.py) before a
server that can be killed (`world.py`, `server.py`). Nobody waits for an answer before the next action. Each word that is typed is unlike any other,
so the model (`model.py`) knows them all, and those that the person took away on purpose. In the end everything is mended, every question that is
shown is answered (`settling.py`), and every word must be there (`judging.py`). A script that shows a difference is made as short as it can be
(`shrinking.py`). What is driven, and what is read, is what a person sees; nothing here knows a script of the product.
"""
