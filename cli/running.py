def serve():
    pass


def worker():
    pass


def up():
    pass
