"""The API: routes by resource, what a request may say, and how a refusal looks."""
