# hides: hmac
# grants: folder
for path in ('../audit/audit.jsonl', 'audit/audit.jsonl', 'granted/up/audit/audit.jsonl'):
    print(tars.fs.read(path))
