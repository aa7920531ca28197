"""The carer file: vetting, training and leave of a carer. Its pairings stand on the stream of the carer."""

from domain.ledger.kind import StreamKind, types_beside
from domain.refusal import Text
from domain.streams.carer_files.carer_file import CarerFile
from domain.streams.carer_files.opened import CarerFileOpened

KIND = StreamKind(
    name="carer_file",
    plural="carer-files",
    label=Text(zh="帮扶人档案", en="Carer file"),
    types=types_beside(__name__),
    opens=(CarerFileOpened,),
    view=CarerFile,
    served=True,
)
