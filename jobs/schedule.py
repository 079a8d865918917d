"""Every cron line (see `man 5 crontab`; the machine's local time), and nothing else. A run that was missed is made up for by the next one."""

SCHEDULE = {
    "drafts.warn": "*/10 * * * *",
    "drafts.expire": "5-59/15 * * * *",
    "drafts.purge": "*/5 * * * *",
    "drafts.tidy": "20 4 * * *",
    "media.sweep": "*/2 * * * *",
    "media.reconcile": "40 3 * * *",
}
