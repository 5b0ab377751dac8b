"""Finding a Prefect server, starting a private one, playing the flow."""
