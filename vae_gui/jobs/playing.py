"""The job that hides digits for the game, and plays them as the model would."""

from PySide6.QtCore import QObject, Signal

from model.latent.decode_table import Floats
from vae_gui.jobs.loading_digits import LoadingDigits
from vae_gui.jobs.playing_steps import play, player_map
from vae_gui.jobs.worker import Worker
from vae_gui.state.game import Game, ModelPlay
from vae_gui.state.guessing_round import Hidden
from vae_gui.state.pixel_map import PixelInformation
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.state.workspace import Workspace


class Playing(QObject):
    """Hides a test digit when the game asks for one; then two workers do the rest.

    One plays the round as the model would, as soon as its plane is decoded; the other sums the map
    of what the player has seen, while that is wanted. Another model begins the game anew.

    Signals:
        failed (str, Exception): a sentence for the user, and what is behind it.
    """

    failed = Signal(str, Exception)

    def __init__(
        self,
        workspace: Workspace,
        viewpoint: Viewpoint,
        loading: LoadingDigits,
        game: Game,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._pending = workspace.pending
        self._document = viewpoint.document
        self._inference = viewpoint.inference
        self._loading = loading
        self._game = game
        self._player, self._maps = Worker(self), Worker(self)
        self._is_closed = False
        for worker in (self._player, self._maps):
            worker.busy_changed.connect(self._tell_whether_working)
        game.asked.connect(self._hide)
        game.pixel_map.switched.connect(self._sum_map)
        game.changed.connect(self._follow)
        self._inference.table_changed.connect(self._take_table)
        self._document.opened.connect(lambda: game.begin(game.number))
        for signal in (self._document.model_changed, self._document.test_changed):
            signal.connect(self._hide)

    def close(self) -> None:
        """The window goes."""
        self._is_closed = True
        self._pending.set_working(self, False)

    def _hide(self) -> None:
        """Hide a digit, or say why there is none to hide."""
        game, test = self._game, self._document.test
        game.tell(self._why_not())
        if game.round is not None or game.status or not game.is_seen or test is None:
            return
        number, at, index = game.number, game.at, game.index_of(len(test))

        def take(pixels: Floats) -> None:
            if (number, at) == (game.number, game.at) and game.round is None:
                game.hide(Hidden(pixels, int(test.labels[index]), index))
                self._play()

        self._loading.fetch(index, take)

    def _why_not(self) -> str:
        model = self._document.model
        if model is None:
            return "Open a model to play against."
        if model.latent_dim != 2:
            return (
                "The model chooses its pixels by sums over a plane: open one of two latent "
                "dimensions to play against."
            )
        if model.label is not None:
            return (
                "The game is for models without classes: here the plane is that of one class, and "
                "the hidden digit may be of any."
            )
        return "" if self._document.test is not None else "The test digits are on their way …"

    def _take_table(self) -> None:
        if self._inference.table is None:  # the weights are others
            for worker in (self._player, self._maps):
                worker.cancel()
            self._game.forget_play()
        else:
            self._play()
            self._sum_map()

    def _play(self) -> None:
        """Play as the model would, once its whole table is there."""
        game, table, test = self._game, self._inference.table, self._document.test
        if game.round is None or game.play is not None or test is None or self._is_closed:
            return
        if table is None or not self._inference.has_whole_table:
            return
        hidden, training = game.round.hidden, self._document.training
        images = test if training is None else training
        self._player.start(lambda: play(table, images, hidden), self._take, self._fail)

    def _follow(self) -> None:
        if self._game.pixel_map.is_on and self._game.told is None:
            self._sum_map()

    def _sum_map(self) -> None:
        game, table = self._game, self._inference.table
        if not game.pixel_map.is_on or game.round is None or table is None or self._is_closed:
            self._maps.cancel()
            return
        evidence = game.round.evidence
        self._maps.start(lambda: player_map(table, evidence), self._take, self._fail)

    def _take(self, result: object) -> None:
        if isinstance(result, ModelPlay):
            self._game.show_play(result)
        elif isinstance(result, PixelInformation):
            self._game.pixel_map.show(result)

    def _fail(self, error: Exception) -> None:
        self.failed.emit(f"The model cannot play this round: {error}.", error)

    def _tell_whether_working(self) -> None:
        self._pending.set_working(self, self._player.busy or self._maps.busy)
