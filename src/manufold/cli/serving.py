"""The verb that serves a world to programs and to people."""

from typing import Annotated

import typer

from manufold.answering import opened, print_json
from manufold.cli.root import AsJson, Home, Language, app

__all__: list[str] = []


@app.command()
def serve(
    port: Annotated[int, typer.Option("--port", help="0 = any that is free.")] = 8000,
    host: Annotated[str, typer.Option("--host", help="Who may reach it.")] = "127.0.0.1",
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Serve the world: pages for visitors, the board, and the API; until it is asked to end."""
    with opened(home, as_json, language, make=True) as m:
        import sys

        from manufold.model.errors import Reason
        from manufold.serving import serve_forever
        from manufold.words import word

        def told(url: str) -> None:
            def say(code: str) -> str:
                return word(Reason(code, {"url": url, "home": str(m.home.path)}), m.language)

            lines = [say(f"serve.world_{m.world}"), say("serve.where")]
            if m.world == "sim":
                lines.append(say("serve.key"))
            if host not in ("127.0.0.1", "::1", "localhost"):
                lines.append(say("serve.open"))
            if as_json:
                print_json({"schema": "manufold/serve_answer/1", "url": url, "world": m.world})
                sys.stdout.flush()
            for line in lines:
                typer.echo(line, err=as_json)

        serve_forever(m, host, port, told)
