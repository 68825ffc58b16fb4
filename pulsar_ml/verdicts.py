"""The labels that tables give to candidates, and the class that each teaches."""

# What the column of labels is called, besides `class` and its like.
NAME = "verdict"
# CandyJar's words for what a person said, and which class they teach.
TAUGHT = {
    "T1_CAND": 1,
    "T2_CAND": 1,
    "KNOWN_PSR": 1,
    "NB_PSR": 1,
    "RFI": 0,
    "NOISE": 0,
}
# As tables of numbers and of truth values write the two classes.
_PLAIN = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "FALSE": 0, "TRUE": 1}
UNKNOWN = f"is no label: 0, 1, or one of {', '.join(TAUGHT)}"


def teaches(label: str) -> int | None:
    """Say which class a label teaches.

    Parameters
    ----------
    label : str
        As a table has it; case and blanks around it play no part.

    Returns
    -------
    int or None
        1 for a pulsar, 0 for anything else, None if it is no label.
    """
    word = label.strip().upper()
    return TAUGHT.get(word, _PLAIN.get(word))


def spoken(label: str) -> str:
    """Give the label as the field writes it.

    Parameters
    ----------
    label : str
        As a table has it.

    Returns
    -------
    str
        One of `TAUGHT`; empty where the table has only told the class.
    """
    word = label.strip().upper()
    return word if word in TAUGHT else ""
