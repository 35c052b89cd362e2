"""The farm: keeps tasks, decides, renders and serves. It never imports the client."""
