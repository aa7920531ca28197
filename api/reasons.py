"""The reasons that more than one module of the API gives for a refusal."""

from domain.refusal import Reason

CUT_SHORT = Reason(code="body_cut_short", zh="请求内容不完整", en="The body ended too early.")
GIVEN_TWICE = Reason(code="given_twice", zh="同一参数只能写一次", en="The parameter is given more than once.")
TOO_MANY_REQUESTS = Reason(
    code="too_many_requests",
    zh="此密钥的请求过于频繁，请稍后原样重发",
    en="Too many requests with this key. Send the same again a little later.",
)
UNAVAILABLE = Reason(
    code="unavailable",
    zh="服务暂时不可用，请稍后原样重发",
    en="The service is temporarily unavailable. Send the same again later.",
)
FOREIGN_FORM = Reason(
    code="foreign_form",
    zh="表单须由本站页面提交",
    en="The form must be sent from a page of this host.",
)
TOO_MANY_UPLOADS = Reason(
    code="too_many_uploads",
    zh="正在处理的上传过多，请稍后重发",
    en="Too many uploads at once. Send it again a little later.",
)
TOO_BIG = Reason(code="body_too_large", zh="请求内容过大", en="The body is larger than allowed.")
WRONG_MEDIA_TYPE = Reason(
    code="wrong_media_type",
    zh="请求内容须为 application/json",
    en="The body must be application/json.",
)
