"""``python -m renderbus_cli`` is ``renderbus``."""

from renderbus_cli.program import main

main()
