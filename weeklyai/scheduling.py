"""The weekly build by the machine's own clock: systemd units, a crontab, or the workflow that `weeklyai init` writes.

Both alternatives call `fetch` and `build` every day and once more at the moment of publication. A published week is left
alone, so a run that was missed is made up for by the next one, whatever the machine's time zone does.
"""

import re
import shlex
import sys
from datetime import datetime
from pathlib import Path

from weeklyai.config import Settings
from weeklyai.dates import DAYS
from weeklyai.errors import UserError
from weeklyai.publish import scaffold, templates

SYSTEMD = """\
# --- 1. /etc/systemd/system/{unit}.service
# Runs as {user}; change User= where the site belongs to another.
[Unit]
Description=Build the weekly newsletter in {description}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
User={user}
WorkingDirectory={folder}
# A round in which every feed failed must not keep a build from finishing what it has.
ExecStart=-{command} fetch
ExecStart={command} build
TimeoutStartSec=3h
Nice=10
UMask=0022
# It reads the whole machine's files at most, writes into the site alone, and speaks HTTP and DNS.
ReadWritePaths={quoted}
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
NoNewPrivileges=yes
CapabilityBoundingSet=
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service

# --- 2. /etc/systemd/system/{unit}.timer
[Unit]
Description=When the weekly newsletter in {description} is built

[Timer]
OnCalendar={moment}
OnCalendar=*-*-* 05:41:00 {zone}
RandomizedDelaySec=15min
# A run that fell into a time when the machine was off is made up for at the next start.
Persistent=true

[Install]
WantedBy=timers.target

# To install: put the two parts into the two files named above, then
#   sudo systemctl daemon-reload && sudo systemctl enable --now {unit}.timer
# To look: systemctl list-timers {unit}.timer; journalctl -u {unit}.service
"""

CRON = """\
# To install: 'crontab -e' and put these lines in. Times are those of this machine ({here}); {publish_at} in
# {zone} was reckoned over for today. Where the two change their clocks on different days, the daily line makes up for
# the hour. A machine that is off at that time builds a day later. The log grows by a few lines a day.
{weekly}  {line}
41 5 * * *  {line}
"""


def systemd(settings: Settings, user: str) -> str:
    """Return a service and a timer of systemd, with how to install them."""
    _check(settings.folder)
    moment = settings.site.publish_time
    day = DAYS[moment.weekday - 1][:3].title()
    folder = str(settings.folder.resolve())
    return SYSTEMD.format(
        unit=_unit(settings.folder),
        user=user,
        description=folder.replace("%", "%%"),
        folder=folder.replace("%", "%%"),
        quoted=_systemd_quoted(folder),
        command=" ".join(_systemd_quoted(word, command=True) for word in _command(settings)),
        moment=f"{day} *-*-* {moment.hour:02}:{moment.minute:02}:00 {moment.zone.key}",
        zone=moment.zone.key,
    )


def cron(settings: Settings, now: datetime) -> str:
    """Return two lines for a crontab, with how to install them.

    Args:
        settings: the site.
        now: the clock, in the machine's own zone.
    """
    _check(settings.folder)
    publish = settings.site.publish_time
    there = publish.in_week(publish.latest(now)).astimezone(now.tzinfo)
    lock, log = (settings.state.resolve() / name for name in ("cron.lock", "cron.log"))
    command = " ".join(shlex.quote(word) for word in _command(settings))
    # One lock for both lines; cron reads % as the end of the line.
    inner = f"{command} fetch; {command} build"
    line = f"mkdir -p {shlex.quote(str(lock.parent))} && flock --nonblock {shlex.quote(str(lock))} sh -c {shlex.quote(inner)} >>{shlex.quote(str(log))} 2>&1"
    return CRON.format(
        here=now.tzname(),
        publish_at=settings.site.publish_at,
        zone=settings.site.timezone,
        weekly=f"{there.minute} {there.hour} * * {there.isoweekday() % 7}",
        line=line.replace("%", "\\%"),
    )


def github(settings: Settings) -> str:
    """Return the workflow of a new site, its clock set to this site's moment of publication."""
    values = scaffold.clock_values(settings.site.publish_time)
    return templates.fill(templates.environment(settings.folder), scaffold.WORKFLOW, **values)


def _command(settings: Settings) -> list[str]:
    return [sys.executable, "-m", "weeklyai", "--site", str(settings.folder.resolve())]


def _unit(folder: Path) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-")
    return f"weeklyai-{name or 'site'}"


def _systemd_quoted(text: str, *, command: bool = False) -> str:
    """Return `text` as one word of a unit file (systemd.syntax(7)); in a command `$` wants doubling too."""
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return '"' + (text.replace("$", "$$") if command else text) + '"'


def _check(folder: Path) -> None:
    if re.search(r"[\x00-\x1f\x7f]", str(folder.resolve())):
        raise UserError(f"{str(folder)!r} holds control characters, which no timer can name")
