"""The plane as an instrument: layers, colours, classes and the inspector, under a real X server."""

import numpy as np
import pytest
from x11_program import MAIN, Explorer, StartExplorer

pytestmark = pytest.mark.x11


def open_and_click_into_the_plane(explorer: Explorer) -> None:
    explorer.wait_until_open()
    explorer.look_to(MAIN)
    position = explorer.in_plot(0.5, 0.5)
    expected = explorer.latent_at(position)
    explorer.hand.click(position)
    explorer.wait(  # it may have the keyboard before the click has come
        "the plane has the keyboard and the probe is where the click was",
        lambda state: (
            state["focus"] == "Latent plane"
            and np.abs(np.array(state["probe"]) - expected).max() <= explorer.pixel
        ),
    )


def see_plane(explorer: Explorer) -> np.ndarray:
    return explorer.desktop.look_at(explorer.state["rectangles"]["plot"]).astype(int)


def share_that_differs(explorer: Explorer, before: np.ndarray) -> float:
    return float((np.abs(see_plane(explorer) - before).max(axis=2) > 24).mean())


def test_layers_by_key_and_by_hand(start: StartExplorer) -> None:
    explorer = start()
    open_and_click_into_the_plane(explorer)
    explorer.wait("the training digits are encoded", lambda state: state["training"])
    explorer.desktop.put_the_hand_away()
    before = see_plane(explorer)
    explorer.hand.key("g")
    explorer.wait("G shows the manifold", lambda state: state["layers"]["manifold"])
    explorer.wait("it is painted", lambda _: share_that_differs(explorer, before) > 0.02)
    explorer.wait("cells are decoded", lambda state: state["settled"])
    explorer.hand.key("g")
    explorer.wait("G hides it", lambda state: not state["layers"]["manifold"])
    explorer.wait("the plane is as before", lambda _: share_that_differs(explorer, before) < 0.01)
    explorer.click_widget("layer regions", across=0.1)
    explorer.wait("the box shows the regions", lambda state: state["layers"]["regions"])
    explorer.wait("they are painted", lambda _: share_that_differs(explorer, before) > 0.05)
    explorer.click_widget("layer test", across=0.1)
    explorer.wait("the points are hidden", lambda state: not state["layers"]["test"])
    explorer.quit()


def test_colours_and_classes(start: StartExplorer) -> None:
    explorer = start()
    open_and_click_into_the_plane(explorer)
    before = see_plane(explorer)
    explorer.hand.key("c")
    explorer.wait("C colours by the next number", lambda state: state["colouring"] == "elbo")
    explorer.wait("the points change", lambda _: share_that_differs(explorer, before) > 0.05)
    explorer.hand.key("c", "c")
    explorer.wait("C goes on", lambda state: state["colouring"] == "kl")
    explorer.click_widget("colour by")
    explorer.hand.key("Home", "Return")
    explorer.wait("the list goes back to classes", lambda state: state["colouring"] is None)

    explorer.click_widget("class 3")
    explorer.wait("a click hides a class", lambda state: state["hidden"] == [3])
    explorer.hand.click(explorer.in_plot(0.5, 0.5))
    explorer.hand.key("alt+7")
    others = [label for label in range(10) if label != 7]
    explorer.wait("Alt+7 shows 7 alone", lambda state: state["hidden"] == others)
    explorer.hand.key("a")
    explorer.wait("A shows all", lambda state: state["hidden"] == [])
    explorer.quit()


def test_the_inspector(start: StartExplorer) -> None:
    explorer = start()
    open_and_click_into_the_plane(explorer)
    explorer.desktop.put_the_hand_away()
    explorer.hand.key("s")
    explorer.wait("S draws", lambda state: "One draw" in state["where"])
    explorer.wait("pixels are on or off", lambda _: np.isin(explorer.see_digit(), (0, 255)).all())
    explorer.hand.key("h")
    explorer.wait("H takes the likeliest", lambda state: "likeliest" in state["where"])
    explorer.hand.key("m")
    explorer.wait("M shows the mean", lambda state: "mean" in state["where"])
    near = explorer.state["nearest"]
    explorer.click_widget("nearest 2")
    explorer.wait("a click chooses", lambda state: state["selected"] == near[2])

    explorer.hand.key("ctrl+g")
    name = "Index of the chosen test digit"
    explorer.wait("Ctrl+G asks for an index", lambda state: state["focus"] == name)
    explorer.hand.type("4321")
    explorer.hand.key("Return")
    explorer.wait("it is chosen", lambda state: state["selected"] == 4321)
    explorer.hand.click(explorer.in_plot(0.5, 0.5))
    explorer.wait("all digits are measured", lambda state: state["settled"])
    explorer.hand.key("n")
    explorer.wait(
        "N chooses the worst",
        lambda state: state["ranked"] and state["selected"] == state["ranked"][0],
    )
    explorer.hand.key("n")
    explorer.wait(
        "N walks along the ranking",
        lambda state: state["selected"] == state["ranked"][1],
    )
    explorer.quit()


def test_undo_and_redo(start: StartExplorer) -> None:
    explorer = start()
    open_and_click_into_the_plane(explorer)
    first = explorer.state["probe"]
    path = [explorer.in_plot(0.6 + 0.02 * step, 0.5 + 0.01 * step) for step in range(15)]
    explorer.hand.drag(*path)
    explorer.hand.release()
    end = explorer.latent_at(path[-1])
    last = explorer.wait(
        "the drag has ended",  # on a busy machine the window lags behind the hand
        lambda state: np.abs(np.array(state["probe"]) - end).max() <= explorer.pixel,
    )["probe"]
    explorer.hand.key("r")
    explorer.wait("R shows the regions", lambda state: state["layers"]["regions"])
    explorer.hand.key("ctrl+z")
    explorer.wait("the layer goes", lambda state: not state["layers"]["regions"])
    explorer.hand.key("ctrl+z")
    explorer.wait("one step undoes the whole drag", lambda state: state["probe"] == first)
    explorer.hand.key("ctrl+shift+z", "ctrl+shift+z")
    explorer.wait(
        "both come back",
        lambda state: state["probe"] == last and state["layers"]["regions"],
    )
    explorer.quit()


def test_a_restart_finds_what_was_left(start: StartExplorer) -> None:
    explorer = start()
    open_and_click_into_the_plane(explorer)
    explorer.hand.key("p", "c", "ctrl+l")
    explorer.wait(
        "layers, colours and a panel are changed",
        lambda state: (
            not state["layers"]["prior"]
            and state["colouring"] == "elbo"
            and not state["layers panel"]
        ),
    )
    explorer.quit()
    again = start()
    again.wait_until_open()
    again.wait(
        "they are as they were left",
        lambda state: (
            not state["layers"]["prior"]
            and state["colouring"] == "elbo"
            and not state["layers panel"]
        ),
    )
    again.quit()
    fresh = start("--reset-settings")
    fresh.wait_until_open()
    fresh.wait(
        "--reset-settings forgets them",
        lambda state: (
            state["layers"]["prior"] and state["colouring"] is None and state["layers panel"]
        ),
    )
