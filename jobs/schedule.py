"""Every cron line (see `man 5 crontab`; the machine's local time), and nothing else. A run that was missed is made up for by the next one."""

SCHEDULE: dict[str, str] = {
    "media.sweep": "*/2 * * * *",
}
