"""Where rooms meet for the eye: settings, addresses, base templates, the design system, pages that mix rooms."""
