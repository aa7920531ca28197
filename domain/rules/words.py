"""The closed lists of words in which rules are written; each with its labels."""

from domain.fields import Choice


class Subject(Choice):
    """Whom a duty is about."""

    CHILD = "child", "儿童", "child"
    PAIRING = "pairing", "结对", "pairing"
    CARER = "carer", "帮扶人", "carer"
    CLASS = "class", "班级", "class"
    SCHOOL = "school", "学校", "school"
    HOME = "home", "留守儿童之家", "children's home"
    HOUSEHOLD = "household", "家庭", "household"
    VILLAGE = "village", "村（居）", "village"
    TOWNSHIP = "township", "乡镇", "township"


class Severity(Choice):
    """How bad it is to fall short."""

    INFO = "info", "提示", "info"
    WARNING = "warning", "警告", "warning"
    HIGH = "high", "严重", "high"
    CRITICAL = "critical", "紧急", "critical"


class Op(Choice):
    """How the number of a requirement is meant."""

    AT_LEAST = "at_least", "不少于", "at least"
    EXACTLY = "exactly", "恰好", "exactly"
    AT_MOST = "at_most", "不超过", "at most"
    EVERY = "every", "每次均须", "every one"


class During(Choice):
    """On which days a duty exists at all."""

    TERM = "term", "学期内", "in term"
    HOLIDAY = "holiday", "假期内", "in the holidays"
    SUMMER = "summer", "暑假内", "in the summer holidays"
    WINTER = "winter", "寒假内", "in the winter holidays"


class EachOf(Choice):
    """In each of what a requirement must hold by itself."""

    SCHOOLDAY = "schoolday", "上学日", "schoolday"
    WEEK = "week", "周", "week"
    MONTH = "month", "月", "month"
    PHASE = "phase", "期初、期中、期末", "phase of a term"
    EVE = "eve", "节日前一天", "eve of a festival"
    PARENT_HOME = "parent_home", "父母在家期间", "stay of a parent at home"
    TRIGGER = "trigger", "出现某一情形之后", "time after something that calls for it"


class Festival(Choice):
    """A day that is kept each year, by the calendar or by the moon."""

    NEW_YEAR = "new_year", "元旦", "New Year's Day"
    SPRING_FESTIVAL = "spring_festival", "春节", "Spring Festival"
    WOMENS_DAY = "womens_day", "三八妇女节", "Women's Day"
    QINGMING = "qingming", "清明节", "Qingming"
    LABOUR_DAY = "labour_day", "劳动节", "Labour Day"
    CHILDRENS_DAY = "childrens_day", "六一儿童节", "Children's Day"
    DRAGON_BOAT = "dragon_boat", "端午节", "Dragon Boat Festival"
    TEACHERS_DAY = "teachers_day", "教师节", "Teachers' Day"
    MID_AUTUMN = "mid_autumn", "中秋节", "Mid-Autumn Festival"
    NATIONAL_DAY = "national_day", "国庆节", "National Day"


class Weekday(Choice):
    """A day of the week."""

    MONDAY = "monday", "周一", "Monday"
    TUESDAY = "tuesday", "周二", "Tuesday"
    WEDNESDAY = "wednesday", "周三", "Wednesday"
    THURSDAY = "thursday", "周四", "Thursday"
    FRIDAY = "friday", "周五", "Friday"
    SATURDAY = "saturday", "周六", "Saturday"
    SUNDAY = "sunday", "周日", "Sunday"


class Predicate(Choice):
    """What must be true of the child on the day of an event; see `domain.rules.predicates`."""

    READER_CAN_READ = "reader_can_read", "收信人识字", "its reader can read"
    PARENT_HOME = "parent_home", "父母在家", "a parent is at home"


class Untold(Choice):
    """Why nobody can say how it stands."""

    NO_ENTRIES = "no_entries", "系统没有这类记录", "no entries of this are kept"
    POPULATION = "population", "无法判断是否属于适用范围", "whether it is in the population is not known"


class Status(Choice):
    """What a verdict says."""

    MET = "met", "达标", "met"
    SHORT = "short", "未达标", "short"
    PENDING = "pending", "进行中", "pending"
    NOT_APPLICABLE = "not_applicable", "不适用", "not applicable"
    UNSPECIFIED = "unspecified", "未定次数", "unspecified"
    UNEVALUABLE = "unevaluable", "无法评定", "cannot be evaluated"


class Why(Choice):
    """Why an event did not count.

    In order: an event is given the first that applies. `no_record` comes after all that filing a
    record can't mend, so that it says: with its record this passes.
    """

    VOIDED = "voided", "已作废", "void"
    NOT_MET = "not_met", "未见到人", "nobody was met"
    NOT_CONNECTED = "not_connected", "未接通", "did not get through"
    WRONG_OUTCOME = "wrong_outcome", "结果不符", "other outcome"
    TOO_SHORT = "too_short", "时长不足", "too short"
    TOO_FEW = "too_few_there", "人数或数量不足", "too few"
    WRONG_PARTY = "wrong_party", "对象不符", "with somebody else"
    PARTY_MISSING = "party_missing", "到会各方不齐", "not all of them were there"
    WRONG_KIND = "wrong_kind", "类型不符", "of another kind"
    NOT_FILLED = "not_filled", "未填写所需内容", "what is asked for is not filled in"
    WRONG_HOURS = "wrong_hours", "时段不符，或未记时刻", "at other hours, or at an unknown time"
    WRONG_DAY = "wrong_day", "日期不符", "on another day"
    CANNOT_READ = "cannot_read", "收信人不识字", "its reader can't read"
    PARENT_AWAY = "parent_away", "当日没有父母在家", "no parent was at home that day"
    WRONG_ACTOR = "wrong_actor", "非结对帮扶人", "not by the paired carer"
    BEFORE_TRIGGER = "before_trigger", "早于所针对的情形", "before what called for it"
    OUTSIDE = "outside", "不在规定的时间内", "not within the days that count"
    NO_RECORD = "no_record", "没有记录内容", "no record"
    SAME_DAY = "same_day", "当日已计一次", "another one counted on that day"
