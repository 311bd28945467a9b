"""The pages of a programme for L&D: programmes, transfer actions and what a cohort can prove meet here."""
