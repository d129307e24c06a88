"""Known weaknesses of what the app installs: `python -m tests.audit`, part of `make check`.

It asks PyPI's advisories about every version in requirements.txt, by pip-audit. A weakness that is not in
tests/advisories.toml fails. Where the advisories cannot be reached it says so, plainly, and does not fail: a
check without an answer is no reason to hold up a mend.
"""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ACCEPTED = Path(__file__).with_name("advisories.toml")


def main() -> int:
    """Print what was found; 1 where something has to be done."""
    command = [
        sys.executable, "-m", "pip_audit", "--requirement", str(ROOT / "requirements.txt"), "--no-deps",
        "--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "15",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    words, failed = verdict(done.stdout, done.stderr, accepted())
    print(words)
    return int(failed)


def accepted() -> dict[str, str]:
    """Advisories that we know of and live with, and why."""
    found = tomllib.loads(ACCEPTED.read_text())
    return {one["id"]: one["reason"] for one in found.get("accepted", [])}


def verdict(report: str, complaint: str, known: dict[str, str]) -> tuple[str, bool]:
    """What there is to say, and whether it is a failure.

    Args:
        report: What pip-audit found, in its JSON.
        complaint: What it wrote on standard error.
        known: Accepted advisories with their reasons.
    """
    try:
        packages: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, KeyError):
        last = (complaint.strip().splitlines() or ["no answer"])[-1]
        return f"The advisories could not be reached, so NOTHING was audited: {last}", False
    asked = [package for package in packages if "skip_reason" not in package]
    if len(asked) < len(packages) / 2:
        return f"The advisories know {len(asked)} of {len(packages)} packages: NOTHING was audited.", False
    lines, failed, seen = [], False, set[str]()
    for package in asked:
        for weakness in package["vulns"]:
            names = {weakness["id"], *weakness.get("aliases", ())}
            seen |= names
            reasons = [known[name] for name in sorted(names & known.keys())]
            what = f"{package['name']} {package['version']}: {weakness['id']}"
            mended = ", ".join(weakness.get("fix_versions", ())) or "no version yet"
            failed = failed or not reasons
            lines.append(f"{what}, accepted: {reasons[0]}" if reasons else f"{what}; mended in {mended}")
    lines += [f"{name} is accepted, but was not found any more" for name in known if name not in seen]
    lines.append(f"{len(asked)} packages were audited, {len(packages) - len(asked)} could not be.")
    return "\n".join(lines), failed


if __name__ == "__main__":
    sys.exit(main())
