"""Starlette's test client, without what it says of itself at import."""

import warnings

with warnings.catch_warnings():
    # It says that another client than httpx is coming; httpx is what this project has.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient  # noqa: F401 - this is where tests have it from
