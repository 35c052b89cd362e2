"""``render``: a scene in, pictures out."""

from __future__ import annotations

from pathlib import Path

import click

from renderbus_cli import options, ordering
from renderbus_cli.problems import EXIT_HELP

SCENE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(epilog=EXIT_HELP)
@click.argument("scene", type=SCENE)
@click.option(
    "--frames", metavar="RANGE", callback=options.frames, help="Only these, e.g. 1-10[2] or 1,5,8-10."
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("frames"),
    show_default=True,
    help="Pictures go to OUTPUT/{task}_{scene}/.",
)
@click.option("--scene-name", metavar="NAME", help="The scene inside the file, where it has several.")
@click.option(
    "--layer", "layers", metavar="NAME", multiple=True, help="Only this view layer; may be repeated."
)
@click.option("--camera", metavar="NAME", help="Render through this camera.")
@click.option(
    "--resolution", metavar="WxH", callback=options.resolution, help="Size of the pictures, e.g. 1920x1080."
)
@click.option("--format", "image_format", type=click.Choice(["png", "exr"]), help="Format of the pictures.")
@click.option("--samples", type=click.IntRange(1, 2**24), metavar="N", help="Cycles samples per pixel.")
@click.option("--allow-missing", is_flag=True, help="Render although files that the scene names are missing.")
@options.where_files_are
@click.option(
    "--test-frames",
    metavar="WHICH",
    callback=options.test_frames,
    help="Render these first, then suspend: 100 is the first frame, 000:1,3-4[1] are 1, 3 and 4.",
)
@ordering.order_options
@click.option("--project", metavar="NAME", help="Put the task under this label.")
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    help="Wait no longer than this for the frames; the task goes on.",
)
@click.option(
    "--frame-timeout",
    type=click.IntRange(1, 2**31 - 1),
    metavar="SECONDS",
    help="Give a frame up that renders longer than this.  [default: a day]",
)
@options.farm_options
@options.json_option
def render(
    scene: Path,
    frames: str | None,
    output: Path,
    scene_name: str | None,
    layers: tuple[str, ...],
    camera: str | None,
    resolution: tuple[int, int] | None,
    image_format: str | None,
    samples: int | None,
    allow_missing: bool,
    search: tuple[Path, ...],
    mapping: dict[str, str],
    test_frames: str | None,
    project: str | None,
    timeout: float | None,
    frame_timeout: int | None,
    as_json: bool,
) -> int:
    """Render SCENE on a farm and download each frame as it is done.

    Without a farm in the configuration this machine renders: an embedded farm is started, or joined where it
    runs already.
    """
    from renderbus_cli.display import shown
    from renderbus_cli.interrupt import Interrupt
    from renderbus_cli.job import Job
    from renderbus_cli.session import choose
    from renderbus_cli.wish import Wish

    wish = Wish(
        scene=scene.absolute(),
        output=output.absolute(),
        frames=frames,
        scene_name=scene_name,
        layers=layers,
        camera=camera,
        resolution=resolution,
        image_format=image_format,
        samples=samples,
        allow_missing=allow_missing,
        search=tuple(str(folder.absolute()) for folder in search),
        mapping=mapping,
        test_frames=test_frames,
        project=project,
        timeout_s=timeout,
        frame_timeout_s=frame_timeout,
        ordering=ordering.chosen_order(),
    )
    chosen = options.chosen_farm()
    farm = choose(chosen)
    with Interrupt() as interrupt, shown(as_json=as_json) as show:
        finished = Job(wish, farm, show, interrupt, same_farm=chosen.again()).run()
    if not as_json and finished.folder:
        click.echo(finished.folder)
    return finished.exit
