"""Shows real requests being cached in SQLite: `hatch run demo`, or `hatch run demo URL...`."""
