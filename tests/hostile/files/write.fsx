File.WriteAllText("hostile.txt", "was here")
