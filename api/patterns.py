"""What a schema can say of texts, days and moments beyond their type, as regular expressions of JSON Schema.

They refuse nothing by themselves: they tell clients what the fields refuse. Of blank texts they tell those of
the basic plane; what has no shape beyond it is refused all the same.
"""

# All but newline and tab; see `domain.fields.text_faults`.
CONTROL = r"\u0000-\u0008\u000b-\u001f\u007f-\u009f"
# See `domain.normal.is_blank`.
UNSEEN = (
    r"\t\n \u00a0\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680\u17b4\u17b5"
    r"\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0"
    r"\ufff0-\ufffb"
)
YEAR = "(19|2[01])[0-9]{2}"
# See `domain.days.PLAUSIBLE_YEARS`.
YEAR_OF_CARE = "(199[0-9]|2[01][0-9]{2})"
TEXT = f"^[^{CONTROL}]*$"
SEEN_TEXT = f"^[^{CONTROL}]*[^{CONTROL}{UNSEEN}][^{CONTROL}]*$"
DAY = f"^{YEAR}-[0-9]{{2}}-[0-9]{{2}}$"
DAY_OF_CARE = f"^{YEAR_OF_CARE}-[0-9]{{2}}-[0-9]{{2}}$"
_TIME = (
    "-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-5][0-9](\\.[0-9]{1,6})?([Zz]|[+-](0[0-9]|1[0-4]):[0-5][0-9])"
)
MOMENT = f"^{YEAR}{_TIME}$"
MOMENT_OF_CARE = f"^{YEAR_OF_CARE}{_TIME}$"
_NAME = f"[^/{CONTROL}]*[^/{CONTROL}{UNSEEN}][^/{CONTROL}]*"
# County, township, school, grade and class.
PATH = f"^{_NAME}(/{_NAME}){{0,4}}$"
PATH_OR_ALL = f"^({PATH[1:-1]})?$"
