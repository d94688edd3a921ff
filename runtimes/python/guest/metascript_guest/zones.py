"""The time zones of `zoneinfo`, read while the runtime is built: at run time there is no file to read."""

import importlib.resources
import io


def install():
    """Keeps every zone's data in memory and lets `zoneinfo` find it there."""
    import zoneinfo
    import zoneinfo._common
    import zoneinfo._tzpath

    package = importlib.resources.files("tzdata")
    names = package.joinpath("zones").read_text(encoding="utf-8").split()
    data = {name: package.joinpath("zoneinfo", *name.split("/")).read_bytes() for name in names}

    def load(key):
        if key not in data:
            raise zoneinfo.ZoneInfoNotFoundError(f"No time zone found with key {key}")
        return io.BytesIO(data[key])

    zoneinfo._common.load_tzdata = load
    zoneinfo._tzpath.find_tzfile = lambda key: None
    zoneinfo.available_timezones = zoneinfo._tzpath.available_timezones = lambda: set(data)
    zoneinfo._zoneinfo._common = zoneinfo._common if hasattr(zoneinfo, "_zoneinfo") else None
