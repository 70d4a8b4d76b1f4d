"""The peer: Flask-Admin's own CSV export of one flat table of 20 columns. Run with a Python that has flask-admin and flask-sqlalchemy.

python flask_admin_export.py TABLE.sqlite PORT
"""

import logging
import sys

from flask import Flask
from flask_admin import Admin  # type: ignore[import-not-found]
from flask_admin.contrib.sqla import ModelView  # type: ignore[import-not-found]
from flask_sqlalchemy import SQLAlchemy  # type: ignore[import-not-found]

file, port = sys.argv[1], int(sys.argv[2])
app = Flask(__name__)
app.config.update(SECRET_KEY="benchmark", SQLALCHEMY_DATABASE_URI=f"sqlite:///{file}")
db = SQLAlchemy(app)


class Flat(db.Model):  # type: ignore[misc, name-defined]
    __tablename__ = "flat"
    id = db.Column(db.Integer, primary_key=True)


with app.app_context():
    columns = [row[1] for row in db.session.execute(db.text("PRAGMA table_info(flat)")) if row[1] != "id"]
for column in columns:
    setattr(Flat, column, db.Column(db.Text))


class Export(ModelView):  # type: ignore[misc]
    can_export = True
    export_max_rows = 0
    column_export_list = columns


Admin(app, name="peer").add_view(Export(Flat, db))
logging.getLogger("werkzeug").setLevel(logging.ERROR)
app.run(host="127.0.0.1", port=port, threaded=True)
