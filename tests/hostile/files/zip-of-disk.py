import zipfile
zipfile.ZipFile('/etc/passwd')
