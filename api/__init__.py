"""The doors: command line, HTTP API and web pages. They translate requests; they decide nothing."""
