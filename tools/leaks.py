"""No secret, registry address or machine path in any committed file."""

import re
import subprocess
import sys

from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import default_settings

REGISTRY = re.compile(
    r"https?://[^\s\"')]*(pypi|pythonhosted|npmjs|debian)\.(org|com)|(?<![\w/.-])/(tmp|work|root|home)/[a-z]\w+/"
)


def main() -> int:
    """1 when something is found, each with its file and line."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True, check=True
    )
    files = [name for name in listed.stdout.splitlines() if not name.startswith(("requirements/", "package-lock"))]
    found: list[str] = []
    secrets = SecretsCollection()
    with default_settings():
        for name in files:
            if not name.startswith("tests/data/"):
                secrets.scan_file(name)
    for name, secret in secrets:
        if not (name.startswith("tests/") and secret.type == "Secret Keyword"):  # made-up passwords of made-up people
            found.append(f"{name}:{secret.line_number}: {secret.type}")
    for name in files:
        try:
            with open(name, encoding="utf-8") as file:
                found += [f"{name}:{n}: address or path" for n, line in enumerate(file, 1) if REGISTRY.search(line)]
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
    print("\n".join(found) or "No secrets, registry addresses or machine paths.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
