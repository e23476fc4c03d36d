"""A filed dossier as a package that an archive takes in: BagIt outside, METS, PREMIS and EAD inside.

`contents` says what goes in, `premis`, `mets` and `ead` describe it, `make` writes it to a folder or a zip file;
`unpack`, `bag`, `check_mets`, `check_premis`, `check_record` and `check` judge a package that came from anywhere.
Making needs the kho; checking needs nothing but the package and the root certificates.
"""
