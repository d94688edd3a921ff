std::fs::write("/tmp/written-by-a-cell", "x")?;
