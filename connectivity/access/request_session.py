"""The database session of the current request, opened on first use and closed when the request ends."""

from flask_sqlalchemy_lite import SQLAlchemy

db = SQLAlchemy()
