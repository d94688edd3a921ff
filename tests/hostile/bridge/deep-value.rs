let mut value = Value::Null;
for _ in 0..5000 { value = Value::List(vec![value]) }
metascript::set("deep", &value)?;
