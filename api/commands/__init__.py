"""One module per command of `hoso`; each is imported only when its command is typed."""
