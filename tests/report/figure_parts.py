"""Parts of a drawn figure, for the tests."""

NBSP = "\N{NO-BREAK SPACE}"


def lines(ax, gid):
    return [line for line in ax.lines if line.get_gid() == gid]


def named_line(ax, name):
    return next(line for line in ax.lines if line.get_label() == name)


def texts(ax):
    return " ".join(text.get_text() for text in ax.texts).replace(NBSP, " ").replace("\n", " ")


def heading(ax):
    return ax.get_title(loc="left").replace("\n", " ").replace(NBSP, " ")
