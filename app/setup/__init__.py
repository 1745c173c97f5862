"""From a fresh clone to a ready folder: environment, packages, front end. Standard library alone, but for `bundle`."""
