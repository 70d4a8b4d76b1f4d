"""Forms: whom letters go to, and the button that makes them."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField

from connectivity.casework.fields import ChoiceField, YearField
from connectivity.casework.labels import LANGUAGES
from connectivity.register import ProgramYear
from connectivity.service.letters.chosen import Wanted
from connectivity.service.progress.narrowing import Offered

ALL = ("", _l("All"))


class WhoForm(FlaskForm):
    """Which households. Sent in the address: it names no person."""

    class Meta:
        csrf = False

    year = YearField(_l("Program year"))
    area = ChoiceField(_l("Community area"), [ALL])
    school = ChoiceField(_l("School"), [ALL])
    language = ChoiceField(_l("Language of the family"), [ALL])
    in_english = BooleanField(_l("Families whose language has no letter get the English one"))
    again = BooleanField(_l("Also those whose letter was made before"))

    def offer(self, years: Sequence[ProgramYear], offered: Offered) -> None:
        """Fills the lists."""
        self.year.offer_years(years)
        self.area.offer(offered.areas.items())
        self.school.offer(offered.schools.items())
        self.language.offer(LANGUAGES.items())

    @property
    def wanted(self) -> Wanted:
        """What was chosen, once the form is valid."""
        return Wanted(
            year_id=int(self.year.data),
            area=int(self.area.data) if self.area.data else None,
            school_id=self.school.data or None,
            language=self.language.data or "",
            in_english=bool(self.in_english.data),
            again=bool(self.again.data),
        )


class MakeForm(FlaskForm):
    """Does what the page showed. `seen`: how many letters it promised."""

    seen = HiddenField()
