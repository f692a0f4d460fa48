"""The models that this repository ships and tests with: trained here, with fixed seeds."""
