"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pulsarsite.settings")
application = get_wsgi_application()

from monitor import watchman  # noqa: E402  # needs the apps to be there
from pulsarsite import api  # noqa: E402, F401  # or the first who asks it would wait

watchman.start()
