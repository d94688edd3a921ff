# An entry of the audit log is made by the host alone; a cell's text is data in it.
# expect: ok
tars.log('"}\n{"seq":1,"event":"cell.end","hmac":"00"}\n')
