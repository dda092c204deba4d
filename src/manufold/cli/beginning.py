"""The first command: the whole stream on a simulated network."""

from typing import TYPE_CHECKING, Annotated

import typer

from manufold.answering import answering, print_json
from manufold.cli.root import AsJson, Home, Language, app
from manufold.model.errors import InputFault

if TYPE_CHECKING:
    from manufold.app import Manufold

__all__: list[str] = []

_PORT = 8000


@app.command()
def demo(
    home: Home = None,
    as_json: AsJson = False,
    seed: Annotated[int, typer.Option(help="The simulated world's luck.")] = 1,
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Serve its pages at the end.")
    ] = True,
    port: Annotated[
        int | None, typer.Option("--port", help="Of the pages; 8000, or any where that is taken.")
    ] = None,
    language: Language = None,
) -> None:
    """Show the whole stream on a simulated network, in a minute; then serve its pages.

    With --json nothing is served.
    """
    from manufold.demo.story import play

    def served(m: "Manufold") -> None:
        from manufold.serving import serve_forever

        def told(url: str) -> None:
            typer.echo(f"\nnow you: {url} to order, {url}/board to plan, {url}/docs for programs")
            typer.echo("this world is simulated; Ctrl-C ends")

        try:
            serve_forever(m, port=_PORT if port is None else port, told=told)
        except InputFault as fault:
            if port is not None or fault.code != "serve.port_busy":
                raise
            serve_forever(m, port=0, told=told)

    with answering(as_json, language):
        answer = play(
            home,
            seed=seed,
            language=language or "en",
            quiet=as_json,
            served=served if serve and not as_json else None,
        )
        if as_json:
            print_json(answer)
