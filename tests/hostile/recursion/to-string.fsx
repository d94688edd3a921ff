type Loop() =
    override this.ToString() = "again " + string this
string (Loop())
