"""The number of an identity card, by GB 11643."""

from domain.refusal import Reason, refuses

BAD_ID_NUMBER = Reason(
    code="bad_id_number", zh="身份证号的校验位不符", en="The check digit of the identity number is wrong."
)
ID_NUMBER_LENGTH = 18
ID_NUMBER_LENGTH_WRONG = Reason(
    code=BAD_ID_NUMBER.code,
    zh="身份证号应为 18 位",
    en="An identity number must have 18 characters.",
)


@refuses(BAD_ID_NUMBER)
def id_number_fault(number: str) -> Reason | None:
    """Return what is wrong with an identity number in its normal form: its length, or what it is made of."""
    if is_id_number(number):
        return None
    return BAD_ID_NUMBER if len(number) == ID_NUMBER_LENGTH else ID_NUMBER_LENGTH_WRONG


def told_by(number: str) -> tuple[str, bool]:
    """Return what a valid number says: the birth date as eight digits, and whether its holder is male."""
    return number[6:14], int(number[16]) % 2 == 1


def is_id_number(number: str) -> bool:
    """Return whether a number has 17 digits and the check character that GB 11643 asks for."""
    if len(number) != ID_NUMBER_LENGTH or not number[:17].isdecimal() or not number.isascii():
        return False
    weighted = sum(int(digit) * pow(2, 17 - i, 11) for i, digit in enumerate(number[:17]))
    return "10X98765432"[weighted % 11] == number[17].upper()
