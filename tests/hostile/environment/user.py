import getpass
getpass.getuser()
