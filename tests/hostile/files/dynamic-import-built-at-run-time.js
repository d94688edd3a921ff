// hides: root:
await new Function('return import("/etc/passwd")')()
