"""The kho: write-once objects behind one small protocol; a folder, any S3 server, or a supervised SeaweedFS."""
