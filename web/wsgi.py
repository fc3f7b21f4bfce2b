"""For a WSGI server: `waitress-serve web.wsgi:app`."""

from kb.bootstrap import open_knowledge_base
from kb.settings import Settings
from web import create_app

app = create_app(open_knowledge_base(Settings.from_environment()))
