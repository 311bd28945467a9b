"""The WSGI application granian serves."""

import os

from django.core.wsgi import get_wsgi_application

from borging.web.server import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "borging.web.settings")
die_with_parent()
application = get_wsgi_application()
