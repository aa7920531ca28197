"""The closed lists of words in which more than one module speaks; each with its labels."""

from domain.fields import Choice


class ActivityKind(Choice):
    """What was held."""

    LECTURE = "lecture", "讲座", "lecture"
    THEME_MEETING = "theme_meeting", "主题班会", "theme meeting"
    SPORTS = "sports", "文体活动", "sports"
    READING = "reading", "阅读", "reading"
    TRIP = "trip", "参观出游", "trip"
    CAMP = "camp", "夏令营", "camp"
    CONTEST = "contest", "比赛", "contest"
    FESTIVAL = "festival", "节日活动", "festival"
    SYMPOSIUM = "symposium", "座谈会", "symposium"
    GUARDIANS_MEETING = "guardians_meeting", "家长会", "guardians' meeting"
    TRAINING = "training", "培训", "training"
    HOME_SESSION = "home_session", "留守儿童之家活动", "session at the children's home"
    SURVEY = "survey", "问卷调查", "survey"
    VISIT_DAY = "visit_day", "集中家访日", "collective visit day"


class Capability(Choice):
    """How well somebody can look after a child."""

    GOOD = "good", "较好", "good"
    FAIR = "fair", "一般", "fair"
    POOR = "poor", "较差", "poor"


class CarerKind(Choice):
    """What a carer is to the child in this pairing."""

    PROXY_PARENT = "proxy_parent", "代管家长", "proxy parent"
    PROXY_MOTHER = "proxy_mother", "代理妈妈", "proxy mother"
    LOVE_MOTHER = "love_mother", "爱心妈妈", "love mother"
    LOVE_FATHER = "love_father", "爱心爸爸", "love father"
    TEACHER_MOTHER = "teacher_mother", "教师妈妈", "teacher mother"
    TEMPORARY_FATHER = "temporary_father", "临时爸爸", "temporary father"
    HELPER_TEACHER = "helper_teacher", "帮扶教师", "helper teacher"
    CARE_COUNSELLOR = "care_counsellor", "爱心辅导员", "care counsellor"
    PARTY_MEMBER = "party_member", "党员", "party member"
    VOLUNTEER = "volunteer", "志愿者", "volunteer"
    CADRE = "cadre", "村干部", "cadre"
    RETIRED_TEACHER = "retired_teacher", "退休教师", "retired teacher"
    CLASS_CADRE = "class_cadre", "班干部", "class cadre"
    TOP_STUDENT = "top_student", "优秀学生", "top student"
    NEIGHBOUR = "neighbour", "邻居", "neighbour"
    HAND_IN_HAND = "hand_in_hand", "手拉手", "hand in hand"
    LOVE_CLASSMATE = "love_classmate", "爱心同学", "love classmate"


# Classmates and other pupils: they help, and answer for nobody.
PEERS = frozenset(
    {CarerKind.CLASS_CADRE, CarerKind.TOP_STUDENT, CarerKind.HAND_IN_HAND, CarerKind.LOVE_CLASSMATE}
)


class GuardianKind(Choice):
    """On what footing somebody is guardian."""

    LEGAL = "legal", "法定", "legal"
    DELEGATED = "delegated", "委托", "delegated"
    TEMPORARY = "temporary", "临时", "temporary"


class HowFar(Choice):
    """How far away somebody works: which border lies between."""

    TOWNSHIP = "township", "本乡镇", "within the township"
    COUNTY = "county", "县内跨乡镇", "in another township of the county"
    PROVINCE = "province", "省内跨县", "in another county of the province"
    BEYOND = "beyond", "跨省或境外", "in another province, or abroad"


class HukouType(Choice):
    """The kind of household registration."""

    RURAL = "rural", "农业", "rural"
    URBAN = "urban", "非农业", "urban"


class LifeSide(Choice):
    """A side of the life of a child."""

    STUDY = "study", "学习", "study"
    LIFE = "life", "生活", "daily life"
    THOUGHT = "thought", "思想", "thought"
    HEALTH = "health", "身体", "health"
    FAMILY = "family", "家庭", "family"
    CONDUCT = "conduct", "日常行为", "conduct"
    INTERESTS = "interests", "兴趣", "interests"
    RESULTS = "results", "学业成绩", "results at school"
    FEELINGS = "feelings", "情感", "feelings"


class Line(Choice):
    """By which of its offices a child is looked after; on each line it has one place at a time."""

    SCHOOL = "school", "学校", "school"
    VILLAGE = "village", "村居", "village"


class Met(Choice):
    """Who was met."""

    CHILD = "child", "儿童", "child"
    GUARDIAN = "guardian", "监护人", "guardian"
    PARENT = "parent", "父母", "parent"


class Parent(Choice):
    """Which parent."""

    FATHER = "father", "父亲", "father"
    MOTHER = "mother", "母亲", "mother"


class ParentStatus(Choice):
    """How it stands with a parent."""

    LIVING_TOGETHER = "living_together", "与配偶同住", "living with the other parent"
    DIVORCED = "divorced", "离异", "divorced"
    REMARRIED = "remarried", "再婚", "remarried"
    MISSING = "missing", "失联", "missing"
    DETAINED = "detained", "服刑或羁押", "detained"
    INCAPABLE = "incapable", "无监护能力", "unable to care"
    DEAD = "dead", "死亡", "dead"


class Party(Choice):
    """One end of a line, a letter or a message."""

    CHILD = "child", "儿童", "child"
    FATHER = "father", "父亲", "father"
    MOTHER = "mother", "母亲", "mother"
    GUARDIAN = "guardian", "监护人", "guardian"
    CARER = "carer", "帮扶人", "carer"
    SCHOOL = "school", "学校", "school"
    OTHER = "other", "其他", "other"


class Payer(Choice):
    """Who pays."""

    SCHOOL = "school", "学校", "school"
    CARER = "carer", "帮扶人", "carer"
    FAMILY = "family", "家庭", "family"
    INSURANCE = "insurance", "医保或保险", "insurance"
    GOVERNMENT = "government", "政府", "government"
    DONOR = "donor", "捐赠方", "donor"
    OTHER = "other", "其他", "other"


class Precision(Choice):
    """How exactly it is known when something happened."""

    DAY = "day", "日", "day"
    MOMENT = "moment", "时刻", "moment"


class Role(Choice):
    """As what the child took part."""

    PARTICIPANT = "participant", "参加", "participant"
    SPEAKER = "speaker", "发言", "speaker"
    PERFORMER = "performer", "表演", "performer"
    HELPER = "helper", "协助", "helper"
    WINNER = "winner", "获奖", "winner"
    REPRESENTED = "represented", "由监护人代表", "represented by a guardian"


class Sex(Choice):
    """The sex on the child's papers."""

    MALE = "male", "男", "male"
    FEMALE = "female", "女", "female"


class SurveyDomain(Choice):
    """What a questionnaire is about."""

    STUDY = "study", "学习", "study"
    LIFE = "life", "生活", "daily life"
    PSYCHOLOGY = "psychology", "心理", "psychology"
    SAFETY = "safety", "安全", "safety"
    HEALTH = "health", "身体", "health"
    NEEDS = "needs", "成长需求", "needs"
    FAMILY = "family", "家庭", "family"
    PARENTS_WORK = "parents_work", "父母务工", "parents' work"


class Tag(Choice):
    """A group that a child is counted in for special attention."""

    SPECIAL_GROUP = "special_group", "特殊群体", "special group"
    DISTRESSED = "distressed", "困境", "distressed"
    POOR = "poor", "贫困", "poor"
    MIGRANT = "migrant", "流动", "migrant"
    KEY_TARGET = "key_target", "重点帮扶", "key target"


class VerifiedBy(Choice):
    """How a profile is verified."""

    VISIT = "visit", "入户", "at home"
    PHONE = "phone", "电话", "by telephone"
    SCHOOL = "school", "在校", "at school"
    REGISTER = "register", "比对名册", "against a register"


class VettingResult(Choice):
    """What a query on somebody came to; never what it rests on."""

    CLEAR = "clear", "未发现不宜情形", "clear"
    NOT_CLEAR = "not_clear", "不宜担任", "not clear"
    NO_ANSWER = "no_answer", "未答复", "no answer"


class VisitOutcome(Choice):
    """Whether anybody was met."""

    MET = "met", "见到", "met"
    NOBODY_HOME = "nobody_home", "无人在家", "nobody home"
    REFUSED = "refused", "拒绝", "refused"
