#!/usr/bin/env python
"""Hindsight's command line: `python manage.py help` lists what it can do."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        settings.DATA_DIR  # noqa: B018  (reads the settings: a bad one is told in one sentence, without a traceback)
    except ImproperlyConfigured as error:
        sys.exit(f"Hindsight can't start. {error}")
    execute_from_command_line(sys.argv)
