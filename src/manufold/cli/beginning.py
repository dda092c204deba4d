"""The first command: the whole stream on a simulated network."""

from typing import Annotated

import typer

from manufold.answering import answering, print_json
from manufold.cli.root import AsJson, Home, Language, app

__all__: list[str] = []


@app.command()
def demo(
    home: Home = None,
    as_json: AsJson = False,
    seed: Annotated[int, typer.Option(help="The simulated world's luck.")] = 1,
    language: Language = None,
) -> None:
    """Show the whole stream on a simulated network, in a minute."""
    from manufold.demo.story import play

    with answering(as_json, language):
        answer = play(home, seed=seed, language=language or "en", quiet=as_json)
        if as_json:
            print_json(answer)
