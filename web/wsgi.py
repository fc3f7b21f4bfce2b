"""For a WSGI server: `waitress-serve web.wsgi:app`."""

from kb.bootstrap import open_knowledge_base
from kb.logs import configure
from kb.settings import Settings
from web import create_app

settings = Settings.from_environment()
configure(settings.log_level or "INFO")
knowledge_base = open_knowledge_base(settings)
knowledge_base.uploads.resume()
app = create_app(knowledge_base, hosts=settings.hosts)
