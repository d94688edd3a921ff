// grants: folder
tars.fs.write('audit/audit.jsonl', '')
