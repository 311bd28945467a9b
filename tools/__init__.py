"""Scripts of the build; not part of the package."""
