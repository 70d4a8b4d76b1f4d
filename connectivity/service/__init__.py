"""From eligible to online: program years, eligibility, codes, the steps of an enrollment, providers' files and bills."""
