"""The kho's object store: one small protocol, a folder by default, any S3 server by settings."""
