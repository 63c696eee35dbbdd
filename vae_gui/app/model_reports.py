"""What the jobs of the window's model report, and where one reads it."""

from vae_gui.app.message_bar import MessageBar
from vae_gui.app.model_jobs import ModelJobs
from vae_gui.app.status_line import StatusLine
from vae_gui.panels.colour_key import ColourKey
from vae_gui.plane.notice import PlaneNotice

REPORTERS = ("opening", "training", "measuring")  # the most important one first


def show_reports(
    jobs: ModelJobs,
    status: StatusLine,
    messages: MessageBar,
    notice: PlaneNotice,
    colours: ColourKey,
) -> None:
    """Show progress at the foot of the window and where one waits for it, and failures in the bar.

    The status line knows all `REPORTERS`.
    """
    progressed = (
        jobs.opening.progressed,
        jobs.training_encoding.progressed,
        jobs.measuring.progressed,
    )
    for who, signal in zip(REPORTERS, progressed, strict=True):
        signal.connect(lambda text, who=who: status.report(who, text))
    jobs.opening.progressed.connect(notice.set_progress)
    jobs.measuring.progressed.connect(colours.set_progress)
    for failing in (jobs.opening, jobs.showing, jobs.measuring, jobs.classes):
        failing.failed.connect(messages.show_error)
