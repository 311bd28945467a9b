"""The pages of a programme for the L&D professional: programmes, transfer actions and what a cohort can prove meet here."""
